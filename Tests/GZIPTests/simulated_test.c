// SPDX-License-Identifier: MIT
//
// Filters on the simulated network. Chaos cuts, delays and refuses, from a seed. Both ends still
// get every byte in order, and an orderly end.
#include <string.h>

#include <streampeersocket_testing/simulation.h>

#include "support/data.h"

enum { PORT = 7777, SEEDS = 50, MOST_STEPS = 1000000, STEP_US = 1000, MOST_BYTES = 60000 };

typedef struct side {
    sps_stream *socket, *filter;
    sps_poller *poller; // NULL: the test polls
    bytes plain;        // to send
    size_t sent;
    bytes received;
    size_t expected;
    bool has_finished, has_shut_down;
} side;

typedef struct world {
    sps_simulation *simulation;
    sps_simulated_host *hosts[2];
    sps_server *server;
    format format;
    side sides[2];
} world;

static size_t random_below(world *world, size_t limit) {
    return (size_t)(sps_simulation_random(world->simulation) % limit);
}

static void begin_world(world *world, uint64_t seed) {
    const sps_simulation_options options = {.struct_size = sizeof options, .seed = seed};
    const sps_link_options link = {
        .struct_size = sizeof link, .latency_us = 5000, .jitter_us = 4000};
    const char *const addresses[] = {"10.0.0.1", "10.0.0.2"};
    memset(world, 0, sizeof *world);
    world->format = (format)(seed % FORMATS);
    OK(sps_simulation_create(&options, &world->simulation));
    for (int i = 0; i < 2; i++) {
        OK(sps_simulation_add_host(world->simulation, i == 0 ? "server" : "client", addresses[i],
                                   &world->hosts[i]));
    }
    OK(sps_simulation_set_link(world->hosts[0], world->hosts[1], &link));
}

static void connect_sockets(world *world) {
    const sps_stream_options of_server = {.struct_size = sizeof of_server,
                                          .platform = sps_simulated_host_platform(world->hosts[0])};
    const sps_stream_options of_client = {.struct_size = sizeof of_client,
                                          .platform = sps_simulated_host_platform(world->hosts[1])};
    const sps_server_options options = {.struct_size = sizeof options, .stream = &of_server};
    OK(sps_tcp_server_create(&options, &world->server));
    OK(sps_tcp_server_listen(world->server, PORT, "*"));
    OK(sps_tcp_create(&of_client, &world->sides[1].socket));
    OK(sps_tcp_connect(world->sides[1].socket, "10.0.0.1", PORT));
    while (sps_server_take_connection(world->server, &world->sides[0].socket) != SPS_OK) {
        OK(sps_simulation_advance(world->simulation, STEP_US));
        OK(sps_socket_poll(world->sides[1].socket));
    }
}

static void open_side(world *world, int nth) {
    side *side = &world->sides[nth];
    const sps_gzip_options flushing = {.struct_size = sizeof flushing,
                                       .manual_flush = (uint32_t)random_below(world, 2)};
    const sps_gzip_options options = options_for(world->format, &flushing);
    OK(sps_gzip_filter_create(&options, &side->filter));
    OK(sps_gzip_connect_to_stream(side->filter, side->socket, world->format == ZLIB,
                                  1 + random_below(world, 5000)));
    const size_t size = random_below(world, MOST_BYTES);
    side->plain = random_below(world, 2) == 0 ? make_text(size) : make_noise(size);
    world->sides[1 - nth].expected = size;
    if (random_below(world, 2) == 0) {
        const sps_poller_options of_poller = {.struct_size = sizeof of_poller,
                                              .platform =
                                                  sps_simulated_host_platform(world->hosts[nth])};
        OK(sps_poller_create(&of_poller, &side->poller));
        OK(sps_poller_add(side->poller, side->filter, NULL));
    }
}

// Without no_memory: a socket breaks if the OS has none in the middle of a write.
static void begin_chaos(world *world) {
    const sps_simulation_chaos chaos = {.struct_size = sizeof chaos,
                                        .short_reads = 200,
                                        .short_writes = 200,
                                        .cut_deliveries = 300,
                                        .late_deliveries = 100,
                                        .late_us = 30000,
                                        .false_readiness = 100,
                                        .false_again = 100,
                                        .shuffled = 1};
    OK(sps_simulation_set_chaos(world->simulation, &chaos));
}

// Any call may have no memory or no room now.
static bool is_good(sps_error error, int line) {
    ck_assert_msg(error == SPS_OK || error == SPS_ERR_BUSY || error == SPS_ERR_OUT_OF_MEMORY,
                  "line %d: %s", line, sps_error_name(error));
    return error == SPS_OK;
}
#define is_done(call) is_good((call), __LINE__)

static void put_some(world *world, side *side) {
    const size_t left = side->plain.size - side->sent;
    const size_t piece = 1 + random_below(world, 3000);
    size_t count = 0;
    if (left > 0) {
        is_done(sps_stream_put_partial_data(side->filter, side->plain.data + side->sent,
                                            left < piece ? left : piece, &count));
        side->sent += count;
    } else {
        is_done(sps_gzip_flush(side->filter));
    }
}

static void get_some(world *world, side *side) {
    uint8_t buffer[3000];
    size_t count = 0;
    const size_t most = 1 + random_below(world, sizeof buffer);
    const sps_error error = sps_stream_get_partial_data(side->filter, buffer, most, &count);
    append(&side->received, buffer, count);
    ck_assert(error == SPS_ERR_FILE_EOF || is_done(error) || count == 0);
    ck_assert_uint_le(side->received.size, side->expected);
}

static void end_some(side *side) {
    if (!side->has_finished) {
        side->has_finished = is_done(sps_gzip_finish(side->filter));
    } else if (!side->has_shut_down && status_of(side->socket) == SPS_STATUS_CONNECTED) {
        side->has_shut_down = is_done(sps_socket_shutdown_write(side->socket));
    }
}

// The filter has closed. True until the socket has ended, too.
static bool end_socket(side *side) {
    is_done(sps_socket_poll(side->socket));
    if (side->has_shut_down || status_of(side->socket) != SPS_STATUS_CONNECTED) {
        return false;
    }
    side->has_shut_down = is_done(sps_socket_shutdown_write(side->socket));
    return true;
}

// One frame of one side. False: its filter has closed.
static bool run_side(world *world, side *side) {
    size_t events;
    if (side->poller != NULL) {
        is_done(sps_poller_wait(side->poller, 0, &events));
    } else {
        is_done(sps_socket_poll(side->filter));
    }
    if (status_of(side->filter) != SPS_STATUS_CONNECTED) {
        return end_socket(side);
    }
    get_some(world, side);
    if (status_of(side->filter) != SPS_STATUS_CONNECTED) {
        return end_socket(side);
    }
    if (side->sent == side->plain.size && side->received.size == side->expected) {
        end_some(side);
    } else {
        put_some(world, side);
    }
    return true;
}

static void close_side(side *side) {
    sps_stream_destroy(side->filter);
    sps_stream_destroy(side->socket);
    sps_poller_destroy(side->poller);
    free_bytes(&side->plain);
    free_bytes(&side->received);
}

static void end_world(world *world) {
    for (int i = 0; i < 2; i++) {
        ck_assert_msg(is_same(&world->sides[1 - i].plain, &world->sides[i].received), "side %d", i);
        expect_reason(world->sides[i].filter, SPS_CLOSE_PEER_FINISHED);
    }
    close_side(&world->sides[0]);
    close_side(&world->sides[1]);
    sps_server_destroy(world->server);
    ck_assert_uint_eq(sps_simulated_host_open_handles(world->hosts[0]), 0);
    ck_assert_uint_eq(sps_simulated_host_open_handles(world->hosts[1]), 0);
    sps_simulation_destroy(world->simulation);
}

static void run_seed(uint64_t seed) {
    world world;
    begin_world(&world, seed);
    connect_sockets(&world);
    open_side(&world, 0);
    open_side(&world, 1);
    begin_chaos(&world);
    bool runs[] = {true, true};
    for (size_t step = 0; runs[0] || runs[1]; step++) {
        ck_assert_msg(step < MOST_STEPS, "seed %llu does not end", (unsigned long long)seed);
        OK(sps_simulation_advance(world.simulation, STEP_US));
        for (int i = 0; i < 2; i++) {
            runs[i] = runs[i] && run_side(&world, &world.sides[i]);
        }
    }
    end_world(&world);
}

START_TEST(chaos_loses_nothing) {
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        run_seed((uint64_t)_i * SEEDS + seed);
    }
}
END_TEST

Suite *gzip_simulated_suite(void) {
    Suite *suite = suite_create("gzip_simulated");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, chaos_loses_nothing, 0, 4);
    return suite;
}
