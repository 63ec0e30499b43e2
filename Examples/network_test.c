// SPDX-License-Identifier: MIT
//
// network_test [SEED]: tests a small game protocol on a simulated network. A client sends its
// moves. A server with 60 frames a second answers each move with the place of the player. The test
// shows the client on a link that is slow, stalls or dies. It needs no cable to pull and no sleep.
// The same seed gives the same run.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <streampeersocket/streampeersocket.h>
#include <streampeersocket_testing/simulation.h>

enum { PORT = 7777, FRAME_US = 16667, SILENCE_MS = 5000, MOVES = 200 };

// ---- The game: a real program has it in other files

typedef struct game_server {
    sps_server *server;
    sps_stream *player; // NULL: nobody plays
    int32_t place;      // stays when the player's connection breaks
} game_server;

// A message is one byte for its kind, and a number.
enum { HELLO = 'h', MOVE = 'm', PLACE = 'p' };

static void tell_place(game_server *game) {
    sps_stream_put_u8(game->player, PLACE);
    sps_stream_put_32(game->player, game->place);
}

// Runs one frame of the server.
static void run_server(void *user_data) {
    game_server *game = user_data;
    sps_stream *newcomer;
    if (sps_server_take_connection(game->server, &newcomer) == SPS_OK) {
        sps_stream_destroy(game->player); // the same player, back again
        game->player = newcomer;
    }
    if (game->player == NULL) {
        return;
    }
    sps_socket_poll(game->player);
    const uint8_t *message;
    size_t size;
    while (sps_stream_peek(game->player, 5, &message, &size) == SPS_OK) { // whole messages only
        uint8_t kind;
        int32_t number;
        sps_stream_get_u8(game->player, &kind);
        sps_stream_get_32(game->player, &number);
        game->place += kind == MOVE ? number : 0;
        tell_place(game);
    }
}

typedef struct game_client {
    sps_stream *peer;
    int32_t place;    // as the server tells
    uint32_t answers; // of the server's so far
    uint32_t connects;
} game_client;

static sps_error say(game_client *client, uint8_t kind, int32_t number) {
    const sps_error error = sps_stream_put_u8(client->peer, kind);
    return error == SPS_OK ? sps_stream_put_32(client->peer, number) : error;
}

// Waits for the answer of the server.
static sps_error hear(game_client *client) {
    uint8_t kind;
    sps_error error = sps_stream_get_u8(client->peer, &kind);
    if (error == SPS_OK) {
        error = sps_stream_get_32(client->peer, &client->place);
    }
    client->answers += error == SPS_OK;
    return error;
}

// Connects, and asks where the player is.
static sps_error join(game_client *client, sps_simulation *simulation) {
    sps_socket_disconnect(client->peer);
    sps_error error = sps_tcp_connect(client->peer, "game.example", PORT);
    sps_status status = SPS_STATUS_CONNECTING;
    while (error == SPS_OK && status == SPS_STATUS_CONNECTING) {
        sps_simulation_advance(simulation, FRAME_US); // where a program would sleep a frame
        error = sps_socket_poll(client->peer);
        sps_socket_get_status(client->peer, &status);
    }
    client->connects++;
    error = error == SPS_OK ? say(client, HELLO, 0) : error;
    return error == SPS_OK ? hear(client) : error;
}

// Moves by one. If the server is silent for too long, the client leaves and joins again.
static sps_error move(game_client *client, sps_simulation *simulation) {
    sps_error error = say(client, MOVE, 1);
    error = error == SPS_OK ? hear(client) : error;
    for (int tries = 0; error != SPS_OK && tries < 5; tries++) {
        error = join(client, simulation);
    }
    return error;
}

// ---- The tests

typedef struct network {
    sps_simulation *simulation;
    sps_simulated_host *server_host, *client_host;
    game_server game;
    game_client client;
} network;

static void need(sps_error error, const char *what) {
    if (error != SPS_OK) {
        fprintf(stderr, "network_test: %s: %s\n", what, sps_error_message(error));
        exit(EXIT_FAILURE);
    }
}

static void open_server(network *net) {
    const sps_stream_options stream = {.struct_size = sizeof stream,
                                       .platform = sps_simulated_host_platform(net->server_host)};
    const sps_server_options options = {.struct_size = sizeof options, .stream = &stream};
    need(sps_tcp_server_create(&options, &net->game.server), "making the server");
    need(sps_tcp_server_listen(net->game.server, PORT, "*"), "listening");
    need(sps_simulation_every(net->simulation, FRAME_US, run_server, &net->game), "the frames");
}

static void open_client(network *net) {
    const sps_stream_options options = {
        .struct_size = sizeof options,
        .platform = sps_simulated_host_platform(net->client_host),
        .idle_timeout_ms = SILENCE_MS,
    };
    need(sps_tcp_create(&options, &net->client.peer), "making the client");
}

// Creates a server and a client, 40 ms from each other, with a random delay of up to 20 ms.
static network begin(uint64_t seed) {
    network net;
    memset(&net, 0, sizeof net);
    const sps_simulation_options options = {.struct_size = sizeof options, .seed = seed};
    need(sps_simulation_create(&options, &net.simulation), "making the network");
    need(sps_simulation_add_host(net.simulation, "server", "10.0.0.1", &net.server_host), "a host");
    need(sps_simulation_add_host(net.simulation, "client", "10.0.0.2", &net.client_host), "a host");
    need(sps_simulation_add_name(net.simulation, "game.example", "10.0.0.1"), "a name");
    const sps_link_options link = {
        .struct_size = sizeof link, .latency_us = 40000, .jitter_us = 20000};
    need(sps_simulation_set_link(net.server_host, net.client_host, &link), "the link");
    return net;
}

// Disturbs the network before a move.
typedef void (*disturbance)(network *net, int move);

static void nothing(network *net, int move) {
    (void)net;
    (void)move;
}

static void stalls(network *net, int move) {
    if (move % 50 == 25) {
        sps_simulation_stall_link(net->server_host, net->client_host, 2000000);
    }
}

static void dies_once(network *net, int move) {
    if (move == 100) { // for longer than the client is patient
        sps_simulation_stall_link(net->server_host, net->client_host, 12000000);
    }
}

static void loses_its_memory(network *net, int move) {
    if (move == 60 || move == 120) {
        sps_simulation_reset_link(net->server_host, net->client_host);
    }
}

static void is_chaotic(network *net, int move) {
    const sps_simulation_chaos chaos = {.struct_size = sizeof chaos,
                                        .short_reads = 200,
                                        .short_writes = 200,
                                        .cut_deliveries = 300,
                                        .late_deliveries = 100,
                                        .late_us = 300000,
                                        .false_again = 100};
    if (move == 0) {
        sps_simulation_set_chaos(net->simulation, &chaos);
    }
}

// Plays. Returns whether the player ends at the place that the server knows.
static bool play(const char *name, disturbance disturb, uint64_t seed) {
    network net = begin(seed);
    open_server(&net);
    open_client(&net);
    const uint64_t start_us = sps_simulation_now_us(net.simulation);
    sps_error error = join(&net.client, net.simulation);
    for (int i = 0; i < MOVES && error == SPS_OK; i++) {
        disturb(&net, i);
        error = move(&net.client, net.simulation);
    }
    const bool good = error == SPS_OK && net.client.place == net.game.place;
    printf("%-20s %s  %3" PRIu32 " answers, %" PRIu32 " connects, %5.1f s, run %016" PRIx64 "\n",
           name, good ? "passed" : "FAILED", net.client.answers, net.client.connects,
           (double)(sps_simulation_now_us(net.simulation) - start_us) / 1000000,
           sps_simulation_get_trace_hash(net.simulation));
    sps_stream_destroy(net.client.peer);
    sps_stream_destroy(net.game.player);
    sps_server_destroy(net.game.server);
    const bool leaks = sps_simulated_host_open_handles(net.server_host) +
                           sps_simulated_host_open_handles(net.client_host) !=
                       0;
    sps_simulation_destroy(net.simulation);
    return good && !leaks;
}

int main(int argc, char **argv) {
    const uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    int failed = 0;
    failed += !play("a slow link", nothing, seed);
    failed += !play("a link that stalls", stalls, seed);
    failed += !play("a link that dies", dies_once, seed);
    failed += !play("resets", loses_its_memory, seed);
    failed += !play("chaos", is_chaotic, seed);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
