// SPDX-License-Identifier: MIT
//
// The contract of the simulation itself: time, callbacks, randomness, memory and invalid arguments.
#include <stdlib.h>

#include "simulated_hosts.h"

// ---- Time

START_TEST(a_wait_costs_simulated_time_only) {
    OK(sps_socket_set_io_timeout(ends.client, 20 * 60 * 1000));
    const uint64_t start_us = simulated_us();
    uint8_t value;
    IS(sps_stream_get_u8(ends.client, &value), SPS_ERR_TIMEOUT);
    ck_assert_uint_ge(simulated_us() - start_us, UINT64_C(20 * 60) * 1000000);
    ck_assert_uint_lt(simulated_us() - start_us, UINT64_C(20 * 60) * 1000000 + 1000);
}
END_TEST

START_TEST(bytes_take_the_latency) {
    const sps_link_options link = {.struct_size = sizeof link, .latency_us = 80000};
    OK(sps_simulation_set_link(server_host, client_host, &link));
    link_pair pair = connect_hosts();
    const uint64_t start_us = simulated_us();
    OK(sps_stream_put_u32(pair.client, 7));
    uint32_t value;
    OK(sps_stream_get_u32(pair.peer, &value));
    ck_assert_uint_eq(value, 7);
    ck_assert_uint_ge(simulated_us() - start_us, 80000);
    ck_assert_uint_lt(simulated_us() - start_us, 80100);
    close_hosts(&pair);
}
END_TEST

START_TEST(bandwidth_is_a_limit) {
    const sps_link_options link = {.struct_size = sizeof link, .bytes_per_second = 10000};
    OK(sps_simulation_set_link(server_host, client_host, &link));
    link_pair pair = connect_hosts();
    static uint8_t bytes[50000];
    const uint64_t start_us = simulated_us();
    OK(sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL));
    OK(sps_stream_get_data(pair.peer, bytes, sizeof bytes, NULL));
    ck_assert_uint_ge(simulated_us() - start_us, 5000000);
    ck_assert_uint_lt(simulated_us() - start_us, 5010000);
    close_hosts(&pair);
}
END_TEST

START_TEST(a_deadlock_fails_at_once) {
    uint8_t value;
    IS(sps_stream_get_u8(ends.client, &value), SPS_FAILED);
    ck_assert_uint_eq(sps_simulation_count_deadlocks(simulation), 1);
}
END_TEST

START_TEST(a_delay_beyond_the_clock_never_ends) {
    const sps_link_options link = {.struct_size = sizeof link, .latency_us = UINT64_MAX};
    OK(sps_simulation_set_link(server_host, client_host, &link));
    sps_stream *stream = stream_at(client_host);
    OK(sps_tcp_connect(stream, "10.0.0.1", 4000));
    advance_ms(1000);
    OK(sps_socket_poll(stream));
    sps_status status;
    OK(sps_socket_get_status(stream, &status));
    ck_assert_int_eq(status, SPS_STATUS_CONNECTING);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(the_clock_stops_at_its_last_time) {
    OK(sps_simulation_advance(simulation, UINT64_MAX));
    const uint64_t last_us = simulated_us();
    sps_stream *stream = stream_at(client_host);
    OK(sps_tcp_bind(stream, 4000, "*"));
    sps_stream_destroy(stream);
    ck_assert_uint_eq(simulated_us(), last_us);
}
END_TEST

// ---- Callbacks

typedef struct ticker {
    int count, depth, deepest;
} ticker;

static void tick(void *user_data) {
    ticker *own = user_data;
    own->count++;
    own->depth++;
    own->deepest = own->depth > own->deepest ? own->depth : own->deepest;
    OK(sps_simulation_advance(simulation, 25000)); // longer than the interval
    own->depth--;
}

START_TEST(a_callback_is_never_inside_itself) {
    ticker own = {0};
    OK(sps_simulation_every(simulation, 10000, tick, &own));
    IS(sps_simulation_every(simulation, 10000, tick, &own), SPS_ERR_ALREADY_EXISTS);
    advance_ms(100);
    ck_assert_int_ge(own.count, 3);
    ck_assert_int_eq(own.deepest, 1);
    OK(sps_simulation_stop_every(simulation, tick, &own));
    const int count = own.count;
    advance_ms(100);
    ck_assert_int_eq(own.count, count);
    IS(sps_simulation_stop_every(simulation, tick, &own), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_simulation_step(simulation), SPS_ERR_DOES_NOT_EXIST);
}
END_TEST

static uint64_t next_event_us(void) {
    uint64_t time_us = 99;
    OK(sps_simulation_next_event_us(simulation, &time_us));
    return time_us;
}

static void expect_no_event(void) {
    uint64_t time_us = 99;
    IS(sps_simulation_next_event_us(simulation, &time_us), SPS_ERR_DOES_NOT_EXIST);
    ck_assert_uint_eq(time_us, 0);
}

static void settle(void) {
    while (sps_simulation_step(simulation) == SPS_OK) {
    }
    expect_no_event();
}

// Asking changes nothing.
START_TEST(the_next_event_is_known) {
    settle();
    OK(sps_stream_put_u8(ends.client, 7));
    const uint64_t now_us = simulated_us(), hash = sps_simulation_get_trace_hash(simulation);
    const uint64_t arrival_us = next_event_us();
    ck_assert_uint_gt(arrival_us, now_us);
    ck_assert_uint_le(arrival_us, now_us + 500);
    ck_assert_uint_eq(next_event_us(), arrival_us);
    ck_assert_uint_eq(simulated_us(), now_us);
    ck_assert_uint_eq(sps_simulation_get_trace_hash(simulation), hash);
    uint8_t value;
    OK(sps_simulation_advance(simulation, arrival_us - now_us - 1));
    ck_assert_uint_eq(next_event_us(), arrival_us);
    OK(sps_simulation_advance(simulation, 1));
    OK(sps_stream_try_get_u8(ends.peer, &value));
    ck_assert_uint_eq(value, 7);
    settle();
}
END_TEST

START_TEST(callbacks_and_answers_are_events) {
    ticker own = {0};
    OK(sps_simulation_set_name_answer(simulation, "late.test", SPS_NAME_ANSWER_UNKNOWN, 3000));
    sps_stream *stream = stream_at(client_host);
    OK(sps_tcp_connect(stream, "late.test", 80));
    const uint64_t answer_us = next_event_us();
    ck_assert_uint_gt(answer_us, simulated_us() + 2900);
    ck_assert_uint_le(answer_us, simulated_us() + 3000);
    OK(sps_simulation_every(simulation, 1000, tick, &own));
    ck_assert_uint_eq(next_event_us(), simulated_us() + 1000);
    OK(sps_simulation_stop_every(simulation, tick, &own));
    ck_assert_uint_eq(next_event_us(), answer_us);
    OK(sps_simulation_advance(simulation, answer_us - simulated_us()));
    IS(sps_socket_poll(stream), SPS_ERR_CANT_RESOLVE);
    sps_stream_destroy(stream);
}
END_TEST

// Calls take time, but run no callback.
START_TEST(an_overdue_event_happens_now) {
    ticker own = {0};
    OK(sps_simulation_every(simulation, 1, tick, &own));
    for (int i = 0; i < 10; i++) {
        OK(sps_socket_poll(ends.client));
    }
    ck_assert_int_eq(own.count, 0);
    ck_assert_uint_eq(next_event_us(), simulated_us());
    OK(sps_simulation_stop_every(simulation, tick, &own));
}
END_TEST

// A scheduler with tasks of its own. It waits for no poller, and advances to the next event when
// nobody has anything to do.
typedef struct program {
    sps_poller *poller;
    sps_stream *stream;
    int values;
} program;

static program program_at(const sps_simulated_host *host, sps_stream *stream) {
    const sps_poller_options options = {.struct_size = sizeof options,
                                        .platform = sps_simulated_host_platform(host)};
    program program = {.stream = stream};
    OK(sps_poller_create(&options, &program.poller));
    OK(sps_poller_add(program.poller, stream, NULL));
    return program;
}

// Answers each value with the next one. Returns whether there was an event.
static bool turn(program *program) {
    size_t count;
    OK(sps_poller_wait(program->poller, 0, &count));
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(program->poller, &event) == SPS_OK) {
        uint8_t value;
        while (sps_stream_try_get_u8(event.stream, &value) == SPS_OK) {
            program->values++;
            OK(sps_stream_put_u8(event.stream, (uint8_t)(value + 1)));
        }
    }
    return count > 0;
}

START_TEST(a_scheduler_drives_several_pollers) {
    program programs[] = {program_at(client_host, ends.client), program_at(server_host, ends.peer)};
    const uint64_t begin_us = simulated_us();
    OK(sps_stream_put_u8(ends.client, 1));
    while (programs[0].values < 50) {
        bool is_busy = false;
        for (int i = 0; i < 2; i++) {
            is_busy = turn(&programs[i]) || is_busy;
        }
        uint64_t next_us;
        if (!is_busy && sps_simulation_next_event_us(simulation, &next_us) == SPS_OK) {
            OK(sps_simulation_advance(simulation, next_us - simulated_us()));
        }
    }
    ck_assert_int_eq(programs[1].values, 50);
    const uint64_t took_us = simulated_us() - begin_us;
    ck_assert_uint_ge(took_us, 50 * 1000); // 100 one-way latencies
    ck_assert_uint_lt(took_us, 60 * 1000);
    for (int i = 0; i < 2; i++) {
        sps_poller_destroy(programs[i].poller);
    }
}
END_TEST

static void nothing(void *user_data) {
    (void)user_data;
}

// The library checks timeouts in its own calls. They are no events of the network.
START_TEST(a_tick_lets_timeouts_end_in_time) {
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .platform = sps_simulated_host_platform(client_host),
                                        .connect_timeout_ms = 50};
    sps_stream *stream;
    OK(sps_tcp_create(&options, &stream));
    program program = program_at(client_host, stream);
    OK(sps_simulation_cut_link(client_host, server_host, SPS_LINK_CUT_SILENT));
    OK(sps_tcp_connect(stream, "10.0.0.1", 4000));
    OK(sps_simulation_every(simulation, 1000, nothing, NULL));
    const uint64_t begin_us = simulated_us();
    while (!turn(&program)) {
        OK(sps_simulation_advance(simulation, next_event_us() - simulated_us()));
    }
    expect_reason(stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    ck_assert_uint_ge(simulated_us() - begin_us, 49000);
    ck_assert_uint_le(simulated_us() - begin_us, 52000);
    OK(sps_simulation_stop_every(simulation, nothing, NULL));
    sps_poller_destroy(program.poller);
    sps_stream_destroy(stream);
}
END_TEST

// Also one that waits without a limit. It costs one call, and no event runs.
START_TEST(a_wake_ends_the_next_wait_at_once) {
    program program = program_at(client_host, ends.client);
    turn(&program);
    settle();
    uint64_t before_us = simulated_us();
    OK(sps_poller_wait(program.poller, 0, NULL));
    ck_assert_uint_eq(simulated_us() - before_us, 1); // call_us
    OK(sps_poller_wake(program.poller));
    before_us = simulated_us();
    OK(sps_poller_wait(program.poller, -1, NULL));
    ck_assert_uint_eq(simulated_us() - before_us, 1);
    ck_assert_uint_eq(sps_simulation_count_deadlocks(simulation), 0);
    sps_poller_destroy(program.poller);
}
END_TEST

static void echo_byte(void *stream) {
    uint8_t value;
    if (sps_stream_try_get_u8(stream, &value) == SPS_OK) {
        OK(sps_stream_put_u8(stream, (uint8_t)(value + 1)));
    }
}

// A waiting client and the server's frames share one thread.
START_TEST(other_programs_run_while_one_waits) {
    OK(sps_simulation_every(simulation, 16667, echo_byte, ends.peer));
    for (uint8_t i = 0; i < 20; i++) {
        uint8_t value;
        OK(sps_stream_put_u8(ends.client, i));
        OK(sps_stream_get_u8(ends.client, &value));
        ck_assert_uint_eq(value, i + 1);
    }
    OK(sps_simulation_stop_every(simulation, echo_byte, ends.peer));
}
END_TEST

// A wait with no events except callbacks that do nothing is a deadlock.
START_TEST(callbacks_that_do_nothing_do_not_hide_a_deadlock) {
    const sps_simulation_options options = {.struct_size = sizeof options,
                                            .longest_wait_us = 5000000};
    begin_hosts_with(&options);
    link_pair pair = connect_hosts();
    OK(sps_simulation_every(simulation, 16667, echo_byte, pair.peer));
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    ck_assert_uint_eq(sps_simulation_count_deadlocks(simulation), 1);
    close_hosts(&pair);
    end_hosts();
}
END_TEST

// ---- The user's random source and memory

static uint64_t give(void *user_data) {
    return *(const uint64_t *)user_data;
}

START_TEST(the_user_may_supply_the_random_source) {
    uint64_t number = 999;
    const sps_simulation_options options = {
        .struct_size = sizeof options, .random = give, .random_user_data = &number};
    begin_hosts_with(&options);
    const sps_simulation_chaos chaos = {.struct_size = sizeof chaos, .refused_connects = 999};
    OK(sps_simulation_set_chaos(simulation, &chaos));
    link_pair pair = connect_hosts(); // 999 never passes a chance of 999 in 1,000
    sps_stream *other = stream_at(client_host);
    number = 998;
    expect_no_connection(other, "10.0.0.1", SPS_CLOSE_REFUSED);
    sps_stream_destroy(other);
    close_hosts(&pair);
    end_hosts();
}
END_TEST

// An allocator whose nth allocation fails.
typedef struct scarce {
    uint64_t count, fails_at;
    size_t held_bytes;
} scarce;

static void *reallocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    scarce *own = user_data;
    if (new_bytes > old_bytes && ++own->count == own->fails_at) {
        return NULL;
    }
    own->held_bytes += new_bytes - old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

static void count_tick(void *user_data) {
    ++*(int *)user_data;
}

// Makes one of each object, and an echo. Returns false if memory was missing.
static bool try_all(const sps_allocator *allocator) {
    const sps_simulation_options options = {.struct_size = sizeof options, .allocator = allocator};
    sps_simulated_host *hosts[2];
    int ticks = 0;
    if (sps_simulation_create(&options, &simulation) != SPS_OK) {
        return false;
    }
    bool good = sps_simulation_add_host(simulation, "server", "10.0.0.1", &hosts[0]) == SPS_OK &&
                sps_simulation_add_host(simulation, "client", "10.0.0.2", &hosts[1]) == SPS_OK &&
                sps_simulation_add_name(simulation, "game.example", "10.0.0.1") == SPS_OK &&
                sps_simulation_set_link(hosts[0], hosts[1], NULL) == SPS_OK &&
                sps_simulation_every(simulation, 1000, count_tick, &ticks) == SPS_OK;
    if (good) {
        sps_stream *client = stream_at(hosts[1]), *peer = NULL;
        sps_server *server = NULL;
        const sps_stream_options of_streams = {.struct_size = sizeof of_streams,
                                               .platform = sps_simulated_host_platform(hosts[0])};
        const sps_server_options of_server = {.struct_size = sizeof of_server,
                                              .stream = &of_streams};
        OK(sps_tcp_server_create(&of_server, &server));
        good = sps_tcp_server_listen(server, 4000, "*") == SPS_OK &&
               sps_tcp_connect(client, "game.example", 4000) == SPS_OK &&
               connected_status(client) == SPS_STATUS_CONNECTED;
        for (int i = 0; good && peer == NULL && i < 3; i++) {
            advance_ms(1);
            sps_server_take_connection(server, &peer);
        }
        uint32_t value = 0;
        good = good && peer != NULL && sps_stream_put_u32(client, 5) == SPS_OK &&
               sps_stream_get_u32(peer, &value) == SPS_OK && value == 5;
        sps_stream_destroy(client);
        sps_stream_destroy(peer);
        sps_server_destroy(server);
        ck_assert_uint_eq(sps_simulated_host_open_handles(hosts[0]), 0);
        ck_assert_uint_eq(sps_simulated_host_open_handles(hosts[1]), 0);
        ck_assert_uint_eq(sps_simulation_count_mistakes(simulation), 0);
    }
    sps_simulation_destroy(simulation);
    return good;
}

START_TEST(every_allocation_may_fail) {
    scarce memory = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), reallocate, &memory};
    ck_assert(try_all(&allocator));
    ck_assert_uint_eq(memory.held_bytes, 0);
    const uint64_t total = memory.count;
    ck_assert_uint_gt(total, 15);
    int failed = 0;
    for (uint64_t n = 1; n <= total; n++) {
        memory = (scarce){.fails_at = n};
        failed += !try_all(&allocator);
        ck_assert_uint_eq(memory.held_bytes, 0);
    }
    ck_assert_int_gt(failed, 10);
}
END_TEST

// ---- Bad input

START_TEST(bad_input_is_refused) {
    sps_simulated_host *host = client_host;
    IS(sps_simulation_add_host(simulation, "", "10.0.0.9", &host), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(host);
    IS(sps_simulation_add_host(simulation, "x", "10.0.0", &host), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_add_host(simulation, "client", "10.0.0.9", &host), SPS_ERR_ALREADY_EXISTS);
    IS(sps_simulation_add_host(simulation, "x", "10.0.0.2", &host), SPS_ERR_ALREADY_EXISTS);
    IS(sps_simulation_add_host(simulation, "x", "127.0.0.1", &host), SPS_ERR_ALREADY_EXISTS);
    IS(sps_simulation_add_host(NULL, "x", NULL, &host), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_create(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    const sps_simulation_chaos chaos = {.struct_size = sizeof chaos, .resets = 1001};
    IS(sps_simulation_set_chaos(simulation, &chaos), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_cut_link(client_host, NULL, SPS_LINK_CUT_SILENT), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_cut_link(client_host, server_host, 9), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_every(simulation, 0, tick, NULL), SPS_ERR_INVALID_PARAMETER);
    uint64_t time_us;
    IS(sps_simulation_next_event_us(NULL, &time_us), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_next_event_us(simulation, NULL), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(sps_simulated_host_platform(NULL));
    ck_assert_str_eq(sps_simulated_call_name(SPS_CALL_RECEIVE), "receive");
    ck_assert_str_eq(sps_simulated_call_name(99), "unknown");
    ck_assert_str_eq(sps_simulated_fault_name(SPS_FAULT_RESET), "reset");
    ck_assert_str_eq(sps_simulated_fault_name(-1), "unknown");
    sps_simulation_destroy(NULL);
}
END_TEST

Suite *simulation_suite(void) {
    Suite *suite = suite_create("simulation");
    TCase *linked = add_linked_case(suite, "linked");
    tcase_add_test(linked, a_wait_costs_simulated_time_only);
    tcase_add_test(linked, a_deadlock_fails_at_once);
    tcase_add_test(linked, the_next_event_is_known);
    tcase_add_test(linked, callbacks_and_answers_are_events);
    tcase_add_test(linked, an_overdue_event_happens_now);
    tcase_add_test(linked, a_scheduler_drives_several_pollers);
    tcase_add_test(linked, a_tick_lets_timeouts_end_in_time);
    tcase_add_test(linked, a_wake_ends_the_next_wait_at_once);
    tcase_add_test(linked, other_programs_run_while_one_waits);
    TCase *hosts = add_hosts_case(suite, "hosts");
    tcase_add_test(hosts, bytes_take_the_latency);
    tcase_add_test(hosts, bandwidth_is_a_limit);
    tcase_add_test(hosts, a_delay_beyond_the_clock_never_ends);
    tcase_add_test(hosts, the_clock_stops_at_its_last_time);
    tcase_add_test(hosts, a_callback_is_never_inside_itself);
    tcase_add_test(hosts, bad_input_is_refused);
    TCase *bare = add_bare_case(suite, "bare");
    tcase_add_test(bare, callbacks_that_do_nothing_do_not_hide_a_deadlock);
    tcase_add_test(bare, the_user_may_supply_the_random_source);
    tcase_add_test(bare, every_allocation_may_fail);
    return suite;
}
