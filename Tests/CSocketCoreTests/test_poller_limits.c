// SPDX-License-Identifier: MIT
//
// What a wait may use up, and the times of what it serves.
#include "poller_support.h"

// ---- Budgets

enum { MANY = 20 };

static void add_many(sps_poller *poller, pair *pairs) {
    for (int i = 0; i < MANY; i++) {
        pairs[i] = connect_pair(TCP);
        OK(sps_poller_add(poller, pairs[i].client, &pairs[i]));
        OK(sps_stream_put_u8(pairs[i].peer, 1));
    }
    for (int i = 0; i < MANY; i++) {
        size_t available = 0;
        WAIT_UNTIL((sps_stream_get_available_bytes(pairs[i].client, &available), available) > 0);
    }
}

static void expect_all_in_turn(sps_poller *poller, pair *pairs, size_t at_once) {
    bool told[MANY] = {false};
    for (int i = 0; i < MANY;) {
        const size_t count = wait_once(poller, -1);
        ck_assert_uint_ge(count, 1);
        ck_assert_uint_le(count, at_once);
        sps_event event;
        while (next_event(poller, &event)) {
            const size_t index = (size_t)((pair *)event.user_data - pairs);
            ck_assert(!told[index]);
            told[index] = true;
            i++;
        }
    }
}

START_TEST(a_wait_tells_so_many_events_at_most) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_events = 3};
    sps_poller *poller = make_poller(&options);
    pair pairs[MANY];
    add_many(poller, pairs);
    expect_all_in_turn(poller, pairs, 3);
    for (int i = 0; i < MANY; i++) {
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_wait_reads_so_many_bytes_at_most) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_read_bytes = 100};
    sps_poller *poller = make_poller(&options);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    for (int round = 0; round < 3; round++) {
        static uint8_t bytes[950];
        expect_nothing(poller); // it is at rest
        OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
        for (size_t received = 0; received < sizeof bytes;) {
            expect_event(poller, pair.client, SPS_EVENT_READABLE);
            const size_t count = buffered(pair.client);
            ck_assert_uint_le(count, 100);
            OK(sps_stream_consume(pair.client, count));
            received += count;
        }
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// Events that were not taken count: nobody else is served, nor told of, before some are.
START_TEST(a_wait_adds_no_events_to_enough) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_events = 3};
    sps_poller *poller = make_poller(&options);
    pair pairs[MANY];
    add_many(poller, pairs);
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(wait_once(poller, -1), 3);
    }
    expect_all_in_turn(poller, pairs, 3);
    for (int i = 0; i < MANY; i++) {
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

// What the budget has left for the next wait is put to meanwhile: that leaves at once.
START_TEST(puts_leave_whatever_the_budget) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_events = 1};
    sps_poller *poller = make_poller(&options);
    pair pairs[MANY];
    add_many(poller, pairs);
    ck_assert_uint_eq(wait_once(poller, -1), 1); // and nobody takes it
    for (int i = 0; i < MANY; i++) {
        OK(sps_stream_put_u32(pairs[i].client, 9));
    }
    wait_once(poller, 0);
    for (int i = 0; i < MANY; i++) {
        ck_assert_uint_eq(pending(pairs[i].client), 0);
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_wait_serves_all_for_whom_there_is_time) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_time_us = 60000000};
    sps_poller *poller = make_poller(&options);
    pair pairs[MANY];
    add_many(poller, pairs);
    size_t count;
    OK(sps_poller_wait(poller, -1, &count));
    ck_assert_uint_eq(count, MANY);
    for (int i = 0; i < MANY; i++) {
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_wait_ends_when_its_time_is_over) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_time_us = 1};
    sps_poller *poller = make_poller(&options);
    pair pairs[MANY];
    add_many(poller, pairs);
    expect_all_in_turn(poller, pairs, 5); // a receive takes a microsecond, or nearly so
    for (int i = 0; i < MANY; i++) {
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

// ---- Times

START_TEST(an_idle_peer_is_noticed) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_socket_set_idle_timeout(pair.client, 200));
    for (int i = 0; i < 4; i++) { // signs of life
        pause_briefly();
        OK(sps_stream_put_u8(pair.peer, 1));
        expect_event(poller, pair.client, SPS_EVENT_READABLE);
        uint8_t value;
        OK(sps_stream_try_get_u8(pair.client, &value));
    }
    const uint64_t start = now_ms();
    ck_assert_uint_eq(wait_once(poller, -1), 1);
    ck_assert_uint_ge(now_ms() - start, 190);
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_IDLE);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// Who is sent to all the while, and says nothing, is idle.
START_TEST(puts_are_no_sign_of_life) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 200));
    OK(sps_poller_add(poller, pair.client, NULL));
    WAIT_UNTIL((OK(sps_stream_put_u8(pair.client, 1)), wait_once(poller, 5)) > 0);
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_IDLE);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// With a full queue the peer is not listened to. Its time begins anew when it is, though nothing comes.
START_TEST(an_idle_time_begins_when_there_is_room) {
    const sps_stream_options options = {
        .struct_size = sizeof options, .read_buffer_bytes = 1024, .idle_timeout_ms = 200};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i, &options);
    static uint8_t bytes[1024];
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    while (buffered(pair.client) < sizeof bytes) {
        expect_event(poller, pair.client, SPS_EVENT_READABLE);
    }
    ck_assert_uint_eq(wait_once(poller, 400), 0);
    OK(sps_stream_consume(pair.client, sizeof bytes));
    const uint64_t start = now_ms();
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_ge(now_ms() - start, 190);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_IDLE);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_connect_that_is_out_of_time_is_told) {
    sps_poller *poller = make_poller(NULL);
    const sps_server_options options = {.struct_size = sizeof options, .backlog = 1};
    sps_server *server = make_server(_i, &options);
    const place place = listen_somewhere(server, _i);
    sps_stream *streams[64] = {NULL};
    const size_t count = fill_backlog(&place, streams, 64, 30000);
    sps_stream *late = make_stream(_i, NULL);
    OK(sps_socket_set_connect_timeout(late, 150));
    OK(sps_poller_add(poller, late, NULL));
    OK(connect_to(late, &place));
    const uint64_t start = now_ms();
    ck_assert_uint_eq(wait_once(poller, -1), 1);
    ck_assert_uint_ge(now_ms() - start, 140);
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_CONNECT_TIMED_OUT);
    sps_stream_destroy(late);
    for (size_t i = 0; i < count; i++) {
        sps_stream_destroy(streams[i]);
    }
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_connect_that_had_to_wait_is_told) {
    sps_poller *poller = make_poller(NULL);
    const sps_server_options options = {.struct_size = sizeof options, .backlog = 1};
    sps_server *server = make_server(UDS, &options);
    const place place = listen_somewhere(server, UDS);
    sps_stream *streams[64] = {NULL};
    const size_t count = fill_backlog(&place, streams, 64, 30000);
    sps_stream *held_back = streams[count - 1];
    OK(sps_poller_add(poller, held_back, NULL)); // while it is connecting
    expect_nothing(poller);
    sps_stream *peers[64] = {NULL};
    for (size_t i = 0; i + 1 < count; i++) {
        peers[i] = take_from(server);
    }
    expect_event(poller, held_back, SPS_EVENT_CONNECTED);
    for (size_t i = 0; i < count; i++) {
        sps_stream_destroy(streams[i]);
        sps_stream_destroy(peers[i]);
    }
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_graceful_close_goes_on_in_the_wait) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_u32(pair.client, 5));
    OK(sps_socket_close_gracefully(pair.client, 20000));
    expect_nothing(poller);
    uint32_t value;
    OK(sps_stream_get_u32(pair.peer, &value));
    IS(sps_stream_get_u32(pair.peer, &value), SPS_ERR_FILE_EOF); // closes
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_LOCAL);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// The peer takes its time, and the wait rests.
START_TEST(a_graceful_close_does_not_spin) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_socket_close_gracefully(pair.client, 20000));
    const int64_t before = processor_ms();
    ck_assert_uint_eq(wait_once(poller, 300), 0);
    ck_assert_int_lt(processor_ms() - before, 100);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// What still comes is for nobody, be it little or much.
START_TEST(a_graceful_close_tells_of_no_bytes) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    expect_nothing(poller);
    OK(sps_socket_close_gracefully(pair.client, 20000));
    expect_nothing(poller);
    static const uint8_t bytes[5000];
    static const size_t sizes[] = {1, 100, 1024, 1, sizeof bytes, 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        OK(sps_stream_put_data(pair.peer, bytes, sizes[i], NULL));
        expect_nothing(poller);
    }
    OK(sps_socket_disconnect(pair.peer));
    expect_event(poller, pair.client, SPS_EVENT_CLOSED);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// A peer that sends all the while: what it sends is dropped, however much.
START_TEST(a_graceful_close_drops_a_flood) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_socket_close_gracefully(pair.client, 20000));
    static uint8_t piece[65536];
    for (size_t total = 0; total < 8u * 1024 * 1024;) {
        size_t count;
        OK(sps_stream_put_partial_data(pair.peer, piece, sizeof piece, &count));
        total += count;
        ck_assert_uint_eq(wait_once(poller, 0), 0);
    }
    OK(sps_socket_disconnect(pair.peer));
    expect_event(poller, pair.client, SPS_EVENT_CLOSED);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_graceful_close_has_its_time) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_socket_close_gracefully(pair.client, 150));
    ck_assert_uint_eq(wait_once(poller, -1), 1);
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_GRACE_TIMED_OUT);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

Suite *poller_limits_suite(void) {
    Suite *suite = suite_create("poller_limits");
    TCase *budgets = add_case(suite, "budgets");
    tcase_add_test(budgets, a_wait_tells_so_many_events_at_most);
    tcase_add_loop_test(budgets, a_wait_reads_so_many_bytes_at_most, 0, TRANSPORTS);
    tcase_add_test(budgets, a_wait_adds_no_events_to_enough);
    tcase_add_test(budgets, puts_leave_whatever_the_budget);
    tcase_add_test(budgets, a_wait_serves_all_for_whom_there_is_time);
    tcase_add_test(budgets, a_wait_ends_when_its_time_is_over);
    TCase *times = add_case(suite, "times");
    tcase_add_loop_test(times, an_idle_peer_is_noticed, 0, TRANSPORTS);
    tcase_add_loop_test(times, puts_are_no_sign_of_life, 0, TRANSPORTS);
    tcase_add_loop_test(times, an_idle_time_begins_when_there_is_room, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_connect_that_is_out_of_time_is_told, 0, TRANSPORTS);
    tcase_add_test(times, a_connect_that_had_to_wait_is_told);
    tcase_add_loop_test(times, a_graceful_close_goes_on_in_the_wait, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_graceful_close_does_not_spin, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_graceful_close_tells_of_no_bytes, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_graceful_close_drops_a_flood, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_graceful_close_has_its_time, 0, TRANSPORTS);
    return suite;
}
