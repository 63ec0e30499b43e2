// SPDX-License-Identifier: MIT
//
// lobby [PORT]: a server for any number of players. It answers each u32 with the next number.
// A player that reads slowly holds up nobody and loses nothing. Port 0 lets the OS choose.
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <streampeersocket/streampeersocket.h>

struct player {
    sps_stream *stream;
    bool has_unsent; // the peer reads too slowly to take the value
    uint32_t unsent;
};

// Serves one player until nothing is left to read, or until its write buffer is full.
// Both end with ERR_BUSY, and the poller reports when the player can go on.
static sps_error serve(struct player *player) {
    sps_error error = SPS_OK;
    while (error == SPS_OK) {
        if (!player->has_unsent) {
            error = sps_stream_try_get_u32(player->stream, &player->unsent);
            player->has_unsent = error == SPS_OK;
        }
        if (player->has_unsent) {
            error = sps_stream_put_u32(player->stream, player->unsent + 1);
            player->has_unsent = error != SPS_OK;
        }
    }
    return error;
}

static void drop(struct player *player) {
    sps_stream_destroy(player->stream); // which takes it out of the poller
    free(player);
}

static void take_players(sps_poller *poller, sps_server *server) {
    sps_stream *stream;
    while (sps_server_take_connection(server, &stream) == SPS_OK) {
        struct player *player = calloc(1, sizeof *player);
        if (player == NULL) {
            sps_stream_destroy(stream);
            continue;
        }
        player->stream = stream;
        if (sps_poller_add(poller, stream, player) != SPS_OK) {
            drop(player);
        }
    }
}

static sps_error frame(sps_poller *poller, int32_t timeout_ms) {
    const sps_error error = sps_poller_wait(poller, timeout_ms, NULL);
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(poller, &event) == SPS_OK) {
        if (event.server != NULL) {
            take_players(poller, event.server);
            continue;
        }
        struct player *player = event.user_data;
        if (serve(player) != SPS_ERR_BUSY) { // the stream has closed, or ends inside a value
            printf("a player has left: %s\n", sps_close_reason_name(event.close_reason));
            drop(player);
        }
    }
    return error;
}

static sps_error run(sps_poller *poller, sps_server *server, int32_t port) {
    sps_error error = sps_tcp_server_listen(server, port, "*");
    if (error == SPS_OK) {
        error = sps_poller_add_server(poller, server, NULL);
    }
    if (error == SPS_OK) {
        error = sps_tcp_server_get_local_port(server, &port);
    }
    if (error == SPS_OK) {
        printf("listening on port %d\n", (int)port);
        fflush(stdout);
    }
    while (error == SPS_OK) {
        error = frame(poller, -1); // a game passes 0 here, once a frame
    }
    return error;
}

int main(int argc, char **argv) {
    sps_poller *poller = NULL;
    sps_server *server = NULL;
    sps_error error = sps_poller_create(NULL, &poller);
    if (error == SPS_OK) {
        error = sps_tcp_server_create(NULL, &server);
    }
    if (error == SPS_OK) {
        error = run(poller, server, argc > 1 ? atoi(argv[1]) : 7777);
    }
    fprintf(stderr, "lobby: %s\n", sps_error_message(error));
    sps_server_destroy(server);
    sps_poller_destroy(poller);
    return EXIT_FAILURE;
}
