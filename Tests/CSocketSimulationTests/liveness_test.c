// SPDX-License-Identifier: MIT
//
// The liveness of a poller: a server whose programs act only on events never gets stuck. Within one
// wait after a program has handled its last event, the poller reports each lost peer. The bytes of
// a program that puts as poller.h says arrive, or the poller reports a reason.
//
// The same programs run over filters, and over filters over filters.
//
// The programs never look at a stream without an event, so a missing event shows. SPS_SEED=n in the
// environment chooses the first seed; the default is 0.

#include "simulated_hosts.h"
#include "support/ciphers.h"

enum { MOST_LAYERS = 2 }; // filters over a socket
enum { PEERS = 8, PORT = 4100, MOST_BYTES = 300000, SEEDS_A_TEST = 25, TESTS = 12 };

// ---- A seed

typedef enum program { ECHO, ANSWER, RELAY, PROGRAMS } program;
typedef enum reading { NEVER, SLOWLY, FAST, READINGS } reading;
typedef enum ending { HALF_CLOSE, CLOSE, RESET, ENDINGS } ending;

// A peer with random behaviour, and the stream at the server that is connected to it.
typedef struct peer {
    sps_stream *client; // NULL: it is gone
    sps_stream *served; // NULL: its program is done with it
    sps_stream *below_client[MOST_LAYERS], *below_served[MOST_LAYERS]; // the lowest first
    struct peer *next;                                                 // a relay's target
    program program;
    reading reading;
    ending ending;
    bool is_half_closed, is_relay_end;
    uint32_t asked;         // of ANSWER
    uint64_t to_send, sent; // by the peer
    uint64_t expected, got; // by the peer, from a program that answers
    uint64_t answered;      // by the program
    unsigned idle_turns;
} peer;

typedef struct world {
    sps_poller *poller;
    sps_server *server;
    peer peers[PEERS];
    uint64_t seed;
    int layers;
    sps_stream_options streams; // of filters
} world;

static uint32_t draw(uint32_t below) {
    return (uint32_t)(sps_simulation_random(simulation) % below);
}

static void give_up(const world *world, const peer *peer, const char *what) {
    ck_abort_msg(
        "seed %u, %d layers, peer %d (program %d, reading %d, ending %d): %s; sent %u of %u, got "
        "%u of %u, answered %u",
        (unsigned)world->seed, world->layers, (int)(peer - world->peers), peer->program,
        peer->reading, peer->ending, what, (unsigned)peer->sent, (unsigned)peer->to_send,
        (unsigned)peer->got, (unsigned)peer->expected, (unsigned)peer->answered);
}

// ---- Filters

static sps_stream *cover(const world *world, sps_stream *stream, sps_stream *below[MOST_LAYERS]) {
    for (int i = 0; i < world->layers; i++) {
        cipher *cipher = make_cipher(&world->streams);
        OK(open_cipher(cipher, stream));
        below[i] = stream;
        stream = cipher->stream;
    }
    return stream;
}

// Destroys a stream and those below it.
static void drop(sps_stream **stream, sps_stream *below[MOST_LAYERS]) {
    sps_stream_destroy(*stream);
    *stream = NULL;
    for (int i = MOST_LAYERS - 1; i >= 0; i--) {
        sps_stream_destroy(below[i]);
        below[i] = NULL;
    }
}

// ---- The server's programs

static void leave(peer *peer) {
    drop(&peer->served, peer->below_served);
}

// Moves available bytes from one stream to another. Bytes without room stay in the read buffer.
static sps_error pass_on(sps_stream *from, sps_stream *to, size_t most) {
    for (;;) {
        const uint8_t *span;
        size_t count, sent = 0;
        const sps_error error = sps_stream_peek(from, 1, &span, &count);
        if (count == 0) {
            return error == SPS_OK ? SPS_ERR_BUSY : error;
        }
        count = count < most ? count : most;
        const sps_error put = sps_stream_put_partial_data(to, span, count, &sent);
        OK(sps_stream_consume(from, sent));
        if (put != SPS_OK || sent < count) {
            return put == SPS_OK ? SPS_ERR_BUSY : put;
        }
    }
}

static void echo(peer *peer) {
    if (pass_on(peer->served, peer->served, 1 + draw(20000)) != SPS_ERR_BUSY) {
        leave(peer);
    }
}

static void drop_rest(sps_stream *stream) {
    const uint8_t *span;
    size_t count = 1;
    while (count > 0) {
        sps_stream_peek(stream, 1, &span, &count);
        OK(sps_stream_consume(stream, count));
    }
}

// Keeps the rest of its answer until there is room, and reads nothing meanwhile.
static void answer(peer *peer) {
    static uint8_t bytes[2000];
    if (peer->asked == 0) {
        const sps_error error = sps_stream_try_get_u32(peer->served, &peer->asked);
        if (error != SPS_OK && error != SPS_ERR_BUSY) {
            leave(peer);
            return;
        }
    }
    while (peer->answered < peer->asked) {
        const uint64_t left = peer->asked - peer->answered;
        const size_t piece = left < sizeof bytes ? (size_t)left : sizeof bytes;
        fill_pattern(bytes, piece, peer->answered);
        const sps_error error = sps_stream_put_data(peer->served, bytes, piece, NULL);
        if (error == SPS_ERR_BUSY) {
            return;
        }
        if (error != SPS_OK) {
            leave(peer);
            return;
        }
        peer->answered += piece;
    }
    if (peer->asked > 0) {
        drop_rest(peer->served);
    }
}

// Sends the bytes of one peer to the next.
static void relay(peer *from) {
    peer *to = from->next;
    if (from->served == NULL || to->served == NULL ||
        pass_on(from->served, to->served, 1 + draw(20000)) != SPS_ERR_BUSY) {
        leave(from);
        leave(to);
    }
}

static void run_program(peer *peer) {
    switch (peer->program) {
    case ECHO:
        echo(peer);
        break;
    case ANSWER:
        answer(peer);
        break;
    default:
        relay(peer->is_relay_end ? peer - 1 : peer);
    }
}

static void leave_all(peer *peer) {
    if (peer->program == RELAY) {
        leave(peer->is_relay_end ? peer - 1 : peer + 1);
    }
    leave(peer);
}

// Acts only on events. Returns whether there was one.
static bool act_on_events(world *world, int32_t timeout_ms) {
    size_t count;
    OK(sps_poller_wait(world->poller, timeout_ms, &count));
    sps_event event = {.struct_size = sizeof event};
    bool has_come = false;
    while (sps_poller_next_event(world->poller, &event) == SPS_OK) {
        peer *peer = event.user_data;
        has_come = true;
        ck_assert_ptr_eq(peer->served, event.stream);
        const bool is_broken = (event.kinds & SPS_EVENT_FINISHED) != 0 &&
                               event.close_reason != SPS_CLOSE_PEER_FINISHED;
        if ((event.kinds & SPS_EVENT_CLOSED) || is_broken) {
            leave_all(peer);
            continue;
        }
        run_program(peer);
    }
    return has_come;
}

// ---- The peers

static void go(peer *peer) {
    sps_stream *lowest = peer->below_client[0] != NULL ? peer->below_client[0] : peer->client;
    if (peer->ending == RESET && sps_tcp_close_reset(lowest) != SPS_ERR_UNAVAILABLE) {
        peer->idle_turns = 0;
    }
    drop(&peer->client, peer->below_client);
}

static void peer_sends(peer *peer) {
    static uint8_t bytes[40000];
    uint64_t left = peer->to_send - peer->sent;
    const size_t piece = (size_t)(left < sizeof bytes ? left : 1 + draw(sizeof bytes));
    size_t sent = 0;
    if (left == 0) {
        return;
    }
    if (peer->program == ANSWER && peer->sent < sizeof peer->asked) {
        if (sps_stream_put_u32(peer->client, (uint32_t)peer->expected) == SPS_OK) {
            peer->sent = sizeof peer->asked;
        }
        return;
    }
    fill_pattern(bytes, piece, peer->sent);
    if (sps_stream_put_partial_data(peer->client, bytes, piece, &sent) == SPS_OK) {
        peer->sent += sent;
    }
    peer->idle_turns = sent > 0 ? 0 : peer->idle_turns;
}

// Returns false at the end of the stream, or if the connection is broken.
static bool peer_reads(const world *world, peer *peer) {
    static uint8_t bytes[40000];
    const size_t most = peer->reading == SLOWLY ? 1 + draw(3000) : sizeof bytes;
    size_t count = 0;
    const sps_error error = sps_stream_get_partial_data(peer->client, bytes, most, &count);
    if (peer->program != RELAY && !is_pattern(bytes, count, peer->got)) {
        give_up(world, peer, "other bytes came");
    }
    peer->got += count;
    peer->idle_turns = count > 0 ? 0 : peer->idle_turns;
    return error == SPS_OK;
}

static bool wants_all(const peer *peer) {
    return peer->reading != NEVER && peer->ending == HALF_CLOSE && peer->program != RELAY;
}

static void end_of_stream(const world *world, peer *peer) {
    if (wants_all(peer) && peer->got != peer->expected) {
        give_up(world, peer, "the answer was cut off");
    }
    go(peer);
}

// One turn of a peer. The peer ends when it has sent everything, or cannot send more.
static void take_turn(const world *world, peer *peer) {
    const sps_status status = polled_status(peer->client);
    peer->idle_turns++;
    if (status == SPS_STATUS_CONNECTING) {
        if (peer->idle_turns > 3000) {
            give_up(world, peer, "the handshake never ends");
        }
        return;
    }
    if (status != SPS_STATUS_CONNECTED) {
        end_of_stream(world, peer);
        return;
    }
    if (!peer->is_half_closed) {
        peer_sends(peer);
    }
    if (peer->reading != NEVER && !peer_reads(world, peer)) {
        end_of_stream(world, peer);
        return;
    }
    const bool has_said_all = peer->sent == peer->to_send;
    if (peer->ending == HALF_CLOSE && wants_all(peer)) {
        if (has_said_all && !peer->is_half_closed) {
            peer->is_half_closed = sps_socket_shutdown_write(peer->client) == SPS_OK;
        }
        if (peer->idle_turns > 3000) {
            give_up(world, peer, "nothing comes any more, and no end");
        }
    } else if (peer->idle_turns > 30 || (has_said_all && draw(20) == 0)) {
        go(peer);
    }
}

// ---- The run

static void choose_chaos(void) {
    sps_simulation_chaos chaos = {.struct_size = sizeof chaos};
    chaos.short_reads = draw(2) * draw(300);
    chaos.short_writes = draw(2) * draw(300);
    chaos.cut_deliveries = draw(2) * draw(500);
    chaos.late_deliveries = draw(2) * draw(200);
    chaos.late_us = draw(30000);
    chaos.false_readiness = draw(2) * draw(100);
    chaos.false_again = draw(2) * draw(100);
    chaos.shuffled = draw(2);
    OK(sps_simulation_set_chaos(simulation, &chaos));
}

static void choose_peer(peer *peer, bool is_relay_end) {
    peer->program = is_relay_end ? RELAY : (program)draw(PROGRAMS);
    peer->is_relay_end = is_relay_end;
    peer->reading = (reading)draw(READINGS);
    peer->ending = (ending)draw(ENDINGS);
    peer->to_send = 8 + draw(MOST_BYTES);
    peer->expected = peer->to_send;
    if (peer->program == ANSWER) {
        peer->expected = 1 + draw(MOST_BYTES);
        peer->to_send = sizeof peer->asked + (wants_all(peer) ? 0 : draw(MOST_BYTES));
    }
}

static void connect_peer(world *world, peer *peer, const sps_simulated_host *host, bool is_uds) {
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .platform = sps_simulated_host_platform(host)};
    OK(is_uds ? sps_uds_create(&options, &peer->client) : sps_tcp_create(&options, &peer->client));
    OK(is_uds ? sps_uds_connect(peer->client, "/run/events")
              : sps_tcp_connect(peer->client, "10.0.0.1", PORT));
    ck_assert_int_eq(connected_status(peer->client), SPS_STATUS_CONNECTED);
    while (sps_server_take_connection(world->server, &peer->served) != SPS_OK) {
        advance_ms(1);
    }
    peer->client = cover(world, peer->client, peer->below_client);
    peer->served = cover(world, peer->served, peer->below_served);
    OK(sps_poller_add(world->poller, peer->served, peer));
    if (peer->program == ECHO && draw(4) == 0) {
        OK(sps_stream_set_write_batching(peer->served, false));
    }
}

static void begin_world(world *world) {
    const bool is_uds = draw(3) == 0;
    const sps_platform *platform = sps_simulated_host_platform(server_host);
    const sps_stream_options streams = {.struct_size = sizeof streams,
                                        .platform = platform,
                                        .read_buffer_bytes = 500 + draw(70000),
                                        .write_buffer_bytes = 2000 + draw(70000),
                                        .os_send_buffer_bytes = draw(20000),
                                        .os_receive_buffer_bytes = draw(20000)};
    world->streams = streams;
    const sps_server_options options = {.struct_size = sizeof options, .stream = &streams};
    const sps_poller_options limits = {.struct_size = sizeof limits,
                                       .max_events = draw(3) == 0 ? 1 + draw(3) : 0,
                                       .max_read_bytes = draw(3) == 0 ? 100 + draw(5000) : 0,
                                       .platform = platform};
    OK(sps_poller_create(&limits, &world->poller));
    OK(is_uds ? sps_uds_server_create(&options, &world->server)
              : sps_tcp_server_create(&options, &world->server));
    OK(is_uds ? sps_uds_server_listen(world->server, "/run/events")
              : sps_tcp_server_listen(world->server, PORT, "*"));
    bool is_relay_end = false;
    for (int i = 0; i < PEERS; i++) {
        peer *peer = &world->peers[i];
        choose_peer(peer, is_relay_end);
        peer->next = peer + 1;
        is_relay_end = peer->program == RELAY && !is_relay_end;
        if (is_relay_end && i == PEERS - 1) {
            peer->program = ECHO;
        }
        connect_peer(world, peer, is_uds ? server_host : client_host, is_uds);
    }
}

static bool is_anybody_there(const world *world) {
    bool is = false;
    for (int i = 0; i < PEERS; i++) {
        is = is || world->peers[i].client != NULL;
    }
    return is;
}

// All peers are gone. Their bytes arrive, and bytes to them cause a reset. After that there must be
// no more events.
static void expect_all_reported(world *world) {
    OK(sps_simulation_set_chaos(simulation, NULL));
    for (int quiet = 0; quiet < 3; quiet++) {
        advance_ms(300000);
        quiet = act_on_events(world, 0) ? 0 : quiet;
    }
    for (int i = 0; i < PEERS; i++) {
        if (world->peers[i].served != NULL) {
            give_up(world, &world->peers[i], "its peer is gone, and no event tells");
        }
    }
}

static void print_line(void *user_data, const char *line) {
    (void)user_data;
    puts(line);
    fflush(stdout);
}

// SPS_TRACE in the environment prints the network's trace.
static void run_seed(uint64_t seed, int layers) {
    world world = {.seed = seed, .layers = layers};
    const bool is_traced = getenv("SPS_TRACE") != NULL;
    const sps_simulation_options options = {
        .struct_size = sizeof options, .seed = seed, .trace = is_traced ? print_line : NULL};
    begin_hosts_with(&options);
    begin_world(&world);
    choose_chaos();
    while (is_anybody_there(&world)) {
        for (int i = 0; i < PEERS; i++) {
            if (world.peers[i].client != NULL && draw(3) != 0) {
                take_turn(&world, &world.peers[i]);
            }
        }
        act_on_events(&world, 0);
        advance_ms(1 + draw(10));
    }
    expect_all_reported(&world);
    sps_server_destroy(world.server);
    sps_poller_destroy(world.poller);
    expect_no_ciphers();
    end_hosts();
}

static uint64_t first_seed(int test) {
    const char *first = getenv("SPS_SEED");
    const uint64_t begin = first != NULL ? strtoull(first, NULL, 10) : 0;
    return begin + (uint64_t)test * SEEDS_A_TEST;
}

START_TEST(programs_that_act_on_events_only_are_never_stuck) {
    for (uint64_t i = 0; i < SEEDS_A_TEST; i++) {
        run_seed(first_seed(_i) + i, 0);
    }
}
END_TEST

START_TEST(programs_over_a_filter_are_never_stuck) {
    for (uint64_t i = 0; i < SEEDS_A_TEST; i++) {
        run_seed(first_seed(_i) + i, 1);
    }
}
END_TEST

START_TEST(programs_over_two_filters_are_never_stuck) {
    for (uint64_t i = 0; i < SEEDS_A_TEST; i++) {
        run_seed(first_seed(_i) + i, 2);
    }
}
END_TEST

Suite *liveness_suite(void) {
    Suite *suite = suite_create("liveness");
    tcase_add_loop_test(add_bare_case(suite, "seeds"),
                        programs_that_act_on_events_only_are_never_stuck, 0, TESTS);
    tcase_add_loop_test(add_bare_case(suite, "filter"), programs_over_a_filter_are_never_stuck, 0,
                        TESTS);
    tcase_add_loop_test(add_bare_case(suite, "filters"), programs_over_two_filters_are_never_stuck,
                        0, TESTS);
    return suite;
}
