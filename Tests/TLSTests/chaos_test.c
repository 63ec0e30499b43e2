// SPDX-License-Identifier: MIT
//
// TLS over a simulated network in chaos: short and late pieces, false readiness, resets. In
// every case each side reads a prefix of the other's bytes, and knows whether it is all of them.
#include "streampeersocket_testing/simulation.h"
#include "support/links.h"

enum { TOTAL_BYTES = 60000 };

typedef struct side {
    sps_simulated_host *host;
    sps_poller *poller;
    sps_stream *tcp, *tls;
    uint64_t sent, received;
    bool has_opened, has_finished;
} side;

typedef struct network {
    sps_simulation *simulation;
    sps_server *server;
    side sides[2]; // the client, the server
    sps_tls_options *client, *accepting;
} network;

// tls_seed: 0, or the seed of the random numbers of TLS.
static network make_network(uint64_t seed, const sps_simulation_chaos *chaos, uint64_t tls_seed) {
    const sps_tls_settings settings = {.struct_size = sizeof settings, .insecure_seed = tls_seed};
    network made = {0};
    const sps_simulation_options options = {.struct_size = sizeof options, .seed = seed};
    OK(sps_simulation_create(&options, &made.simulation));
    OK(sps_simulation_add_host(made.simulation, "client", "10.0.0.2", &made.sides[0].host));
    OK(sps_simulation_add_host(made.simulation, "server", "10.0.0.1", &made.sides[1].host));
    for (int i = 0; i < 2; i++) {
        const sps_platform *platform = sps_simulated_host_platform(made.sides[i].host);
        const sps_poller_options of_poller = {.struct_size = sizeof of_poller,
                                              .platform = platform};
        OK(sps_poller_create(&of_poller, &made.sides[i].poller));
        OK(sps_tls_create(NULL, &made.sides[i].tls));
        OK(sps_poller_add(made.sides[i].poller, made.sides[i].tls, NULL));
    }
    const sps_stream_options of_client = {.struct_size = sizeof of_client,
                                          .platform =
                                              sps_simulated_host_platform(made.sides[0].host)};
    const sps_stream_options of_server = {.struct_size = sizeof of_server,
                                          .platform =
                                              sps_simulated_host_platform(made.sides[1].host)};
    const sps_server_options listening = {.struct_size = sizeof listening, .stream = &of_server};
    OK(sps_tcp_server_create(&listening, &made.server));
    OK(sps_tcp_server_listen(made.server, 4000, "*"));
    OK(sps_tcp_create(&of_client, &made.sides[0].tcp));
    made.client = client_options(&settings);
    made.accepting = server_options(&settings);
    OK(sps_simulation_set_chaos(made.simulation, chaos));
    return made;
}

static void drop_network(network *network) {
    for (int i = 0; i < 2; i++) {
        sps_stream_destroy(network->sides[i].tls);
        sps_stream_destroy(network->sides[i].tcp);
        sps_poller_destroy(network->sides[i].poller);
    }
    sps_server_destroy(network->server);
    ck_assert_uint_eq(sps_simulation_count_mistakes(network->simulation), 0);
    sps_simulation_destroy(network->simulation);
    sps_tls_options_destroy(network->client);
    sps_tls_options_destroy(network->accepting);
}

static void move(side *side) {
    static uint8_t bytes[7000];
    sps_poller_wait(side->poller, 1, NULL);
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(side->poller, &event) == SPS_OK) {
    }
    if (tls_status(side->tls) != SPS_TLS_STATUS_CONNECTED) {
        return;
    }
    const uint64_t left = TOTAL_BYTES - side->sent;
    const size_t size = left < sizeof bytes ? (size_t)left : sizeof bytes;
    size_t count = 0;
    fill_pattern(bytes, size, side->sent);
    sps_stream_put_partial_data(side->tls, bytes, size, &count);
    side->sent += count;
    sps_stream_get_partial_data(side->tls, bytes, sizeof bytes, &count);
    ck_assert(is_pattern(bytes, count, side->received));
    side->received += count;
    if (side->sent == TOTAL_BYTES && side->received == TOTAL_BYTES && !side->has_finished) {
        side->has_finished = sps_tls_shutdown_write(side->tls) == SPS_OK;
    }
}

static bool is_over(const side *side) {
    const sps_tls_status status = tls_status(side->tls);
    return status != SPS_TLS_STATUS_HANDSHAKING && status != SPS_TLS_STATUS_CONNECTED;
}

// Runs a connection to its end on both sides. False if it was never established.
static bool run_connection(network *network) {
    side *client = &network->sides[0], *server = &network->sides[1];
    if (sps_tcp_connect(client->tcp, "10.0.0.1", 4000) != SPS_OK ||
        sps_tls_connect_to_stream(client->tls, client->tcp, "game.test", network->client) !=
            SPS_OK) {
        return false;
    }
    for (int turn = 0; !is_over(client) || (server->tcp != NULL && !is_over(server)); turn++) {
        ck_assert_msg(turn < 200000, "it never ends");
        if (server->tcp == NULL &&
            sps_server_take_connection(network->server, &server->tcp) == SPS_OK) {
            // The connection may be broken already.
            server->has_opened =
                sps_tls_accept_stream(server->tls, server->tcp, network->accepting) == SPS_OK;
        }
        move(client);
        move(server);
        sps_simulation_advance(network->simulation, 100);
    }
    return true;
}

static void expect_end(const side *side) {
    ck_assert_uint_le(side->received, TOTAL_BYTES);
    sps_tls_failure failure;
    OK(sps_tls_get_failure(side->tls, &failure));
    if (tls_status(side->tls) == SPS_TLS_STATUS_DISCONNECTED) {
        ck_assert_uint_eq(side->received, TOTAL_BYTES); // an orderly end is all of it
        ck_assert_int_eq(failure, SPS_TLS_FAILURE_NONE);
    } else {
        ck_assert_int_ne(failure, SPS_TLS_FAILURE_NONE);
    }
}

enum { SEEDS_A_TEST = 25 };

static uint64_t first_seed(void) {
    const char *text = getenv("SPS_SEED");
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

START_TEST(pieces_and_delays_lose_nothing) {
    const sps_simulation_chaos chaos = {.struct_size = sizeof chaos,
                                        .short_reads = 300,
                                        .short_writes = 300,
                                        .cut_deliveries = 300,
                                        .late_deliveries = 300,
                                        .late_us = 30000,
                                        .false_readiness = 100,
                                        .false_again = 100,
                                        .shuffled = 1};
    for (uint64_t i = 0; i < SEEDS_A_TEST; i++) {
        const uint64_t seed = first_seed() + (uint64_t)_i * SEEDS_A_TEST + i;
        network network = make_network(seed, &chaos, 0);
        ck_assert_msg(run_connection(&network), "seed %u", (unsigned)seed);
        for (int side = 0; side < 2; side++) {
            expect_end(&network.sides[side]);
            ck_assert_msg(tls_status(network.sides[side].tls) == SPS_TLS_STATUS_DISCONNECTED,
                          "seed %u", (unsigned)seed);
        }
        drop_network(&network);
    }
}
END_TEST

START_TEST(breaks_are_noticed) {
    const sps_simulation_chaos chaos = {.struct_size = sizeof chaos,
                                        .short_reads = 200,
                                        .short_writes = 200,
                                        .cut_deliveries = 200,
                                        .late_deliveries = 200,
                                        .late_us = 10000,
                                        .refused_connects = 50,
                                        .resets = 10,
                                        .no_memory = 20,
                                        .shuffled = 1};
    for (uint64_t i = 0; i < SEEDS_A_TEST; i++) {
        const uint64_t seed = first_seed() + (uint64_t)_i * SEEDS_A_TEST + i;
        network network = make_network(seed, &chaos, 0);
        if (run_connection(&network)) {
            expect_end(&network.sides[0]);
            if (network.sides[1].has_opened) {
                expect_end(&network.sides[1]);
            }
        }
        drop_network(&network);
    }
}
END_TEST

// The network alone does not repeat a run: the sizes of signatures are random too.
START_TEST(a_run_replays) {
    const sps_simulation_chaos chaos = {.struct_size = sizeof chaos,
                                        .short_reads = 300,
                                        .short_writes = 300,
                                        .cut_deliveries = 300,
                                        .late_deliveries = 300,
                                        .late_us = 10000,
                                        .shuffled = 1};
    for (uint64_t seed = first_seed(); seed < first_seed() + 5; seed++) {
        uint64_t hashes[2];
        for (int i = 0; i < 2; i++) {
            network network = make_network(seed, &chaos, seed + 1);
            ck_assert(run_connection(&network));
            hashes[i] = sps_simulation_get_trace_hash(network.simulation);
            drop_network(&network);
        }
        ck_assert_uint_eq(hashes[0], hashes[1]);
    }
}
END_TEST

Suite *tls_chaos_suite(void) {
    Suite *suite = suite_create("tls_chaos");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, pieces_and_delays_lose_nothing, 0, 8);
    tcase_add_loop_test(all, breaks_are_noticed, 0, 8);
    tcase_add_test(all, a_run_replays);
    return suite;
}
