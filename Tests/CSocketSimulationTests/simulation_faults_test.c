// SPDX-License-Identifier: MIT
//
// Calls that fail on request, each kind of chaos alone, and regressions that only these tests have
// found.
#include "simulated_hosts.h"

START_TEST(one_call_fails) {
    const uint64_t sends = sps_simulation_count_calls(simulation, SPS_CALL_SEND);
    OK(sps_simulation_fail_call(simulation, SPS_CALL_SEND, sends + 2, SPS_FAULT_RESET));
    OK(sps_stream_put_u8(ends.client, 1));
    ck_assert(!sps_simulation_has_failed_call(simulation));
    IS(sps_stream_put_u8(ends.client, 2), SPS_FAILED);
    ck_assert(sps_simulation_has_failed_call(simulation));
    expect_reason(ends.client, SPS_CLOSE_RESET);
    advance_ms(10);
    uint8_t value;
    OK(sps_stream_get_u8(ends.peer, &value));
    ck_assert_int_eq(polled_status(ends.peer), SPS_STATUS_ERROR);
    expect_reason(ends.peer, SPS_CLOSE_RESET);
    IS(sps_simulation_fail_call(simulation, SPS_CALL_CLOSE, 1, SPS_FAULT_FAILED),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_fail_call(simulation, SPS_CALL_SEND, 1, SPS_FAULT_NO_HANDLES),
       SPS_ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(handles_have_a_limit) {
    OK(sps_simulated_host_set_handle_limit(client_host, 1));
    sps_stream *one = stream_at(client_host), *other = stream_at(client_host);
    OK(sps_tcp_bind(one, 0, "*"));
    ck_assert_uint_eq(sps_simulated_host_open_handles(client_host), 1);
    IS(sps_tcp_bind(other, 0, "*"), SPS_ERR_CANT_ACQUIRE_RESOURCE);
    sps_stream_destroy(one);
    OK(sps_tcp_bind(other, 0, "*"));
    sps_stream_destroy(other);
}
END_TEST

// A waiting get has some of its bytes when the OS runs out of memory. Later bytes must not overtake
// them. (Simulated seed 1794.)
START_TEST(a_get_that_runs_out_of_memory_keeps_the_order) {
    uint8_t bytes[1000], got[800];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(ends.peer, bytes, 500, NULL));
    advance_ms(10);
    const uint64_t receives = sps_simulation_count_calls(simulation, SPS_CALL_RECEIVE);
    OK(sps_simulation_fail_call(simulation, SPS_CALL_RECEIVE, receives + 2, SPS_FAULT_NO_MEMORY));
    OK(sps_stream_put_data(ends.peer, bytes + 500, 500, NULL));
    OK(sps_stream_get_data(ends.client, got, sizeof got, NULL));
    ck_assert(sps_simulation_has_failed_call(simulation));
    ck_assert(is_pattern(got, sizeof got, 0));
    OK(sps_stream_get_data(ends.client, got, 200, NULL));
    ck_assert(is_pattern(got, 200, 800));
}
END_TEST

// The batch has left, and the OS has no memory to send the end. A closing stream must not accept
// puts, although its write buffer has room. (Found by the fuzzer of the API.)
START_TEST(a_graceful_close_that_is_short_of_memory_takes_no_more) {
    OK(sps_stream_set_write_batching(ends.client, true));
    OK(sps_stream_put_u8(ends.client, 1));
    const uint64_t before = sps_simulation_count_calls(simulation, SPS_CALL_SHUTDOWN_WRITE);
    OK(sps_simulation_fail_call(simulation, SPS_CALL_SHUTDOWN_WRITE, before + 1,
                                SPS_FAULT_NO_MEMORY));
    OK(sps_socket_close_gracefully(ends.client, 1000));
    ck_assert(sps_simulation_has_failed_call(simulation));
    IS(sps_stream_put_u8(ends.client, 2), SPS_FAILED);
    size_t count;
    uint8_t got[2];
    OK(sps_socket_poll(ends.client));
    advance_ms(10);
    OK(sps_stream_get_partial_data(ends.peer, got, sizeof got, &count));
    ck_assert_uint_eq(count, 1);
}
END_TEST

// ---- Each kind of chaos alone

static void set_chaos(sps_simulation_chaos chaos) {
    chaos.struct_size = sizeof chaos;
    OK(sps_simulation_set_chaos(simulation, &chaos));
}

enum { CHUNK = 1000 };

// Puts a chunk. Returns how many of its bytes arrive at first.
static size_t first_bytes_of_a_chunk(link_pair *pair) {
    uint8_t bytes[CHUNK];
    size_t count = 0;
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(pair->client, bytes, sizeof bytes, NULL));
    while (count == 0) {
        OK(sps_simulation_advance(simulation, 10));
        OK(sps_stream_get_partial_data(pair->peer, bytes, sizeof bytes, &count));
    }
    ck_assert(is_pattern(bytes, count, 0));
    return count;
}

START_TEST(reads_writes_and_deliveries_may_be_short) {
    static const sps_simulation_chaos kinds[] = {
        {.short_reads = 1000}, {.short_writes = 1000}, {.cut_deliveries = 1000}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        begin_hosts();
        link_pair pair = connect_hosts();
        ck_assert_uint_eq(first_bytes_of_a_chunk(&pair), CHUNK);
        set_chaos(kinds[i]);
        ck_assert_uint_lt(first_bytes_of_a_chunk(&pair), CHUNK);
        close_hosts(&pair);
        end_hosts();
    }
}
END_TEST

START_TEST(deliveries_may_be_late) {
    set_chaos((sps_simulation_chaos){.late_deliveries = 1000, .late_us = 10000000});
    const uint64_t start_us = simulated_us();
    first_bytes_of_a_chunk(&ends);
    ck_assert_uint_gt(simulated_us() - start_us, 10000);
}
END_TEST

START_TEST(calls_may_claim_that_they_would_block) {
    OK(sps_stream_put_u8(ends.client, 7));
    advance_ms(10);
    set_chaos((sps_simulation_chaos){.false_again = 1000});
    size_t count = 9;
    uint8_t value;
    OK(sps_stream_put_partial_data(ends.client, "x", 1, &count));
    ck_assert_uint_eq(count, 0);
    IS(sps_stream_try_get_u8(ends.peer, &value), SPS_ERR_BUSY);
    OK(sps_simulation_set_chaos(simulation, NULL));
    OK(sps_stream_try_get_u8(ends.peer, &value));
}
END_TEST

START_TEST(connections_may_be_refused_or_reset) {
    set_chaos((sps_simulation_chaos){.resets = 1000});
    OK(sps_stream_put_u8(ends.client, 1));
    advance_ms(10);
    polled_status(ends.peer);
    expect_reason(ends.peer, SPS_CLOSE_RESET);
    OK(sps_socket_disconnect(ends.client));
    set_chaos((sps_simulation_chaos){.refused_connects = 1000});
    expect_no_connection(ends.client, "10.0.0.1", SPS_CLOSE_REFUSED);
    set_chaos((sps_simulation_chaos){.failed_lookups = 1000});
    expect_no_connection(ends.client, "server", SPS_CLOSE_NAME_NOT_FOUND);
}
END_TEST

START_TEST(the_os_may_have_no_handles_and_no_memory) {
    sps_stream *stream = stream_at(client_host);
    set_chaos((sps_simulation_chaos){.no_handles = 1000});
    IS(sps_tcp_bind(stream, 0, "*"), SPS_ERR_CANT_ACQUIRE_RESOURCE);
    set_chaos((sps_simulation_chaos){.no_memory = 1000});
    IS(sps_tcp_bind(stream, 0, "*"), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_simulation_set_chaos(simulation, NULL));
    OK(sps_tcp_bind(stream, 0, "*"));
    sps_stream_destroy(stream);
}
END_TEST

// Two values arrive in the same microsecond. The seed's random numbers decide their order.
static uint64_t hash_of_a_race(uint64_t seed, bool shuffled) {
    const sps_simulation_options options = {.struct_size = sizeof options, .seed = seed};
    const sps_link_options link = {.struct_size = sizeof link, .latency_us = 499};
    sps_simulated_host *nearer;
    begin_hosts_with(&options);
    OK(sps_simulation_add_host(simulation, "nearer", "10.0.0.3", &nearer));
    OK(sps_simulation_set_link(server_host, nearer, &link));
    link_pair pair = connect_hosts();
    sps_stream *other = stream_at(nearer);
    OK(sps_tcp_connect(other, "10.0.0.1", 4000));
    ck_assert_int_eq(connected_status(other), SPS_STATUS_CONNECTED);
    set_chaos((sps_simulation_chaos){.shuffled = shuffled});
    OK(sps_stream_put_u8(pair.client, 1));
    OK(sps_stream_put_u16(other, 2)); // sent a microsecond later, with a microsecond less delay
    advance_ms(10);
    const uint64_t hash = sps_simulation_get_trace_hash(simulation);
    sps_stream_destroy(other);
    close_hosts(&pair);
    end_hosts();
    return hash;
}

START_TEST(simultaneous_events_may_be_shuffled) {
    int different = 0;
    for (uint64_t seed = 0; seed < 8; seed++) {
        const uint64_t hash = hash_of_a_race(seed, true);
        ck_assert_uint_eq(hash, hash_of_a_race(seed, true));
        different += hash != hash_of_a_race(seed, false);
    }
    ck_assert_int_gt(different, 0);
}
END_TEST

Suite *simulation_faults_suite(void) {
    Suite *suite = suite_create("simulation_faults");
    TCase *linked = add_linked_case(suite, "linked");
    tcase_add_test(linked, one_call_fails);
    tcase_add_test(linked, a_get_that_runs_out_of_memory_keeps_the_order);
    tcase_add_test(linked, a_graceful_close_that_is_short_of_memory_takes_no_more);
    tcase_add_test(linked, deliveries_may_be_late);
    tcase_add_test(linked, calls_may_claim_that_they_would_block);
    tcase_add_test(linked, connections_may_be_refused_or_reset);
    TCase *hosts = add_hosts_case(suite, "hosts");
    tcase_add_test(hosts, handles_have_a_limit);
    tcase_add_test(hosts, the_os_may_have_no_handles_and_no_memory);
    TCase *bare = add_bare_case(suite, "bare");
    tcase_add_test(bare, reads_writes_and_deliveries_may_be_short);
    tcase_add_test(bare, simultaneous_events_may_be_shuffled);
    return suite;
}
