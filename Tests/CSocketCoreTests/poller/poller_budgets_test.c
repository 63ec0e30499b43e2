// SPDX-License-Identifier: MIT
//
// The budgets of a wait, and the timeouts of the streams that it serves.
#include "support/pollers.h"

// ---- Budgets

enum { MANY = 20 };

static sps_poller *poller;
static pair pairs[MANY];

// Connects many clients to one poller. Each client has one byte to read.
static void connect_many(const sps_poller_options *options) {
    poller = make_poller(options);
    for (int i = 0; i < MANY; i++) {
        pairs[i] = connect_pair(TCP);
        OK(sps_poller_add(poller, pairs[i].client, &pairs[i]));
        OK(sps_stream_put_u8(pairs[i].peer, 1));
    }
    for (int i = 0; i < MANY; i++) {
        await_bytes(pairs[i].client, 1);
    }
}

static void close_many(void) {
    for (int i = 0; i < MANY; i++) {
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}

static void expect_all_in_turn(size_t at_once) {
    bool reported[MANY] = {false};
    for (int i = 0; i < MANY;) {
        const size_t count = wait_once(poller, -1);
        ck_assert_uint_ge(count, 1);
        ck_assert_uint_le(count, at_once);
        sps_event event;
        while (next_event(poller, &event)) {
            const size_t index = (size_t)((pair *)event.user_data - pairs);
            ck_assert(!reported[index]);
            reported[index] = true;
            i++;
        }
    }
}

START_TEST(a_wait_reports_a_bounded_number_of_events) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_events = 3};
    connect_many(&options);
    expect_all_in_turn(3);
    close_many();
}
END_TEST

START_TEST(a_wait_reads_a_bounded_number_of_bytes) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_read_bytes = 100};
    pair pair = connect_pair(_i);
    watch_pair(&pair, &options);
    expect_portions(&pair, 950, 100);
    close_pair(&pair);
}
END_TEST

// Events that the caller has not taken count. The wait serves no further stream until some are
// taken.
START_TEST(a_wait_adds_no_events_to_a_full_queue) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_events = 3};
    connect_many(&options);
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(wait_once(poller, -1), 3);
    }
    expect_all_in_turn(3);
    close_many();
}
END_TEST

// The budget left a stream for the next wait. A put to it still leaves at once.
START_TEST(puts_leave_with_any_budget) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_events = 1};
    connect_many(&options);
    ck_assert_uint_eq(wait_once(poller, -1), 1); // and the caller does not take the event
    for (int i = 0; i < MANY; i++) {
        OK(sps_stream_put_u32(pairs[i].client, 9));
    }
    wait_once(poller, 0);
    for (int i = 0; i < MANY; i++) {
        ck_assert_uint_eq(pending(pairs[i].client), 0);
    }
    close_many();
}
END_TEST

START_TEST(a_wait_serves_all_within_its_time) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_time_us = 60000000};
    connect_many(&options);
    ck_assert_uint_eq(wait_once(poller, -1), MANY);
    close_many();
}
END_TEST

START_TEST(a_wait_ends_when_its_time_is_over) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_time_us = 1};
    connect_many(&options);
    expect_all_in_turn(5); // a receive takes about a microsecond
    close_many();
}
END_TEST

// ---- The time until the next wait

static int64_t timeout_us(const sps_poller *of) {
    int64_t time_us = -2;
    OK(sps_poller_get_timeout_us(of, &time_us));
    return time_us;
}

START_TEST(work_is_due_now_and_then_never) {
    pair pair = connect_watched(_i);
    expect_nothing(pair.poller);
    ck_assert_int_eq(timeout_us(pair.poller), -1);
    OK(sps_stream_put_u8(pair.client, 1)); // to be sent
    ck_assert_int_eq(timeout_us(pair.poller), 0);
    expect_nothing(pair.poller);
    ck_assert_int_eq(timeout_us(pair.poller), -1);
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(pair.poller, -1), 1);
    ck_assert_int_eq(timeout_us(pair.poller), 0); // an event to be taken
    close_pair(&pair);
}
END_TEST

// A loop of the caller's own would spin.
START_TEST(unread_bytes_are_no_work) {
    pair pair = connect_watched(_i);
    OK(sps_stream_put_u16(pair.peer, 0x0102));
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    expect_u8_now(pair.client, 2);
    expect_nothing(pair.poller);
    ck_assert_int_eq(timeout_us(pair.poller), -1);
    expect_u8_now(pair.client, 1);
    ck_assert_int_eq(timeout_us(pair.poller), 0); // the buffer goes back
    expect_nothing(pair.poller);
    ck_assert_int_eq(timeout_us(pair.poller), -1);
    OK(sps_stream_put_u8(pair.peer, 3));
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    close_pair(&pair);
}
END_TEST

START_TEST(new_room_is_work) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1024};
    pair pair = connect_watched_with(_i, &options);
    static uint8_t bytes[1025];
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    while (buffered(pair.client) < 1024) {
        expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    }
    expect_nothing(pair.poller);
    ck_assert_int_eq(timeout_us(pair.poller), -1);
    OK(sps_stream_consume(pair.client, 24));
    ck_assert_int_eq(timeout_us(pair.poller), 0);
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE); // the last byte
    expect_nothing(pair.poller);
    ck_assert_int_eq(timeout_us(pair.poller), -1);
    close_pair(&pair);
}
END_TEST

// The caller takes as many events as the wait has announced, and no more.
START_TEST(new_room_after_the_last_event_is_work) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1024};
    pair pair = connect_watched_with(_i, &options);
    static uint8_t bytes[1025];
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    do {
        sps_event event = {.struct_size = sizeof event};
        ck_assert_uint_eq(wait_once(pair.poller, -1), 1);
        OK(sps_poller_next_event(pair.poller, &event));
    } while (buffered(pair.client) < 1024);
    OK(sps_stream_consume(pair.client, 512));
    ck_assert_int_eq(timeout_us(pair.poller), 0);
    close_pair(&pair);
}
END_TEST

START_TEST(a_timeout_of_a_stream_is_due_later) {
    pair pair = connect_watched(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 500));
    wait_once(pair.poller, 0);
    const int64_t time_us = timeout_us(pair.poller);
    ck_assert_int_gt(time_us, 0);
    ck_assert_int_le(time_us, 500000);
    ck_assert_uint_eq(wait_once(pair.poller, (int32_t)(time_us / 1000) + 1), 1);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_IDLE);
    close_pair(&pair);
}
END_TEST

// ---- Times

START_TEST(an_idle_peer_times_out) {
    pair pair = connect_watched(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 200));
    for (int i = 0; i < 4; i++) { // signs of life
        pause_briefly();
        OK(sps_stream_put_u8(pair.peer, 1));
        expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
        expect_u8_now(pair.client, 1);
    }
    const uint64_t start = now_ms();
    ck_assert_uint_eq(wait_once(pair.poller, -1), 1);
    ck_assert_uint_ge(now_ms() - start, 190);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_IDLE);
    close_pair(&pair);
}
END_TEST

// A peer that receives all the time and sends nothing is idle.
START_TEST(puts_are_no_sign_of_life) {
    pair pair = connect_pair(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 200));
    watch_pair(&pair, NULL);
    WAIT_UNTIL((OK(sps_stream_put_u8(pair.client, 1)), wait_once(pair.poller, 5)) > 0);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_IDLE);
    close_pair(&pair);
}
END_TEST

// With a full queue the library does not read, so the idle time stops. It starts again with new
// room, even if no byte comes.
START_TEST(an_idle_time_begins_when_there_is_room) {
    const sps_stream_options options = {
        .struct_size = sizeof options, .read_buffer_bytes = 1024, .idle_timeout_ms = 200};
    pair pair = connect_watched_with(_i, &options);
    static uint8_t bytes[1024];
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    while (buffered(pair.client) < sizeof bytes) {
        expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    }
    ck_assert_uint_eq(wait_once(pair.poller, 400), 0);
    OK(sps_stream_consume(pair.client, sizeof bytes));
    const uint64_t start = now_ms();
    expect_closed(pair.poller, pair.client, SPS_CLOSE_IDLE);
    ck_assert_uint_ge(now_ms() - start, 190);
    close_pair(&pair);
}
END_TEST

START_TEST(a_connect_timeout_is_reported) {
    backlog backlog = fill_backlog(_i, 30000);
    sps_poller *poller = make_poller(NULL);
    sps_stream *late = make_stream(_i, NULL);
    OK(sps_socket_set_connect_timeout(late, 150));
    OK(sps_poller_add(poller, late, NULL));
    OK(connect_to(late, &backlog.place));
    const uint64_t start = now_ms();
    ck_assert_uint_eq(wait_once(poller, -1), 1);
    ck_assert_uint_ge(now_ms() - start, 140);
    expect_closed(poller, late, SPS_CLOSE_CONNECT_TIMED_OUT);
    sps_stream_destroy(late);
    close_backlog(&backlog);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_connect_that_had_to_wait_is_reported) {
    NEEDS_UNIX_SOCKETS
    backlog backlog = fill_backlog(UDS, 30000);
    sps_poller *poller = make_poller(NULL);
    OK(sps_poller_add(poller, backlog.last, NULL)); // while it connects
    expect_nothing(poller);
    take_from_backlog(&backlog);
    expect_event(poller, backlog.last, SPS_EVENT_CONNECTED);
    close_backlog(&backlog);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_graceful_close_goes_on_in_the_wait) {
    pair pair = connect_watched(_i);
    OK(sps_stream_put_u32(pair.client, 5));
    OK(sps_socket_close_gracefully(pair.client, 20000));
    expect_nothing(pair.poller);
    expect_u32(pair.peer, 5);
    uint32_t value;
    IS(sps_stream_get_u32(pair.peer, &value), SPS_ERR_FILE_EOF); // closes
    expect_closed(pair.poller, pair.client, SPS_CLOSE_LOCAL);
    close_pair(&pair);
}
END_TEST

// The peer is slow, and the wait rests.
START_TEST(a_graceful_close_does_not_spin) {
    pair pair = connect_watched(_i);
    OK(sps_socket_close_gracefully(pair.client, 20000));
    expect_rest(pair.poller, 300);
    close_pair(&pair);
}
END_TEST

// The closing stream drops bytes that still come, however many.
START_TEST(a_graceful_close_reports_no_readable_bytes) {
    pair pair = connect_watched(_i);
    expect_nothing(pair.poller);
    OK(sps_socket_close_gracefully(pair.client, 20000));
    expect_nothing(pair.poller);
    static const uint8_t bytes[5000];
    static const size_t sizes[] = {1, 100, 1024, 1, sizeof bytes, 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        OK(sps_stream_put_data(pair.peer, bytes, sizes[i], NULL));
        expect_nothing(pair.poller);
    }
    OK(sps_socket_disconnect(pair.peer));
    expect_event(pair.poller, pair.client, SPS_EVENT_CLOSED);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    close_pair(&pair);
}
END_TEST

// The peer sends all the time. The closing stream drops it all, however much.
START_TEST(a_graceful_close_drops_a_flood) {
    pair pair = connect_watched(_i);
    OK(sps_socket_close_gracefully(pair.client, 20000));
    static uint8_t piece[65536];
    for (size_t total = 0; total < 8u * 1024 * 1024;) {
        size_t count;
        OK(sps_stream_put_partial_data(pair.peer, piece, sizeof piece, &count));
        total += count;
        ck_assert_uint_eq(wait_once(pair.poller, 0), 0);
    }
    OK(sps_socket_disconnect(pair.peer));
    expect_event(pair.poller, pair.client, SPS_EVENT_CLOSED);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    close_pair(&pair);
}
END_TEST

START_TEST(a_graceful_close_has_its_time) {
    pair pair = connect_watched(_i);
    OK(sps_socket_close_gracefully(pair.client, 150));
    ck_assert_uint_eq(wait_once(pair.poller, -1), 1);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_GRACE_TIMED_OUT);
    close_pair(&pair);
}
END_TEST

Suite *poller_budgets_suite(void) {
    Suite *suite = suite_create("poller_budgets");
    TCase *budgets = add_case(suite, "budgets");
    tcase_add_test(budgets, a_wait_reports_a_bounded_number_of_events);
    tcase_add_loop_test(budgets, a_wait_reads_a_bounded_number_of_bytes, 0, TRANSPORTS);
    tcase_add_test(budgets, a_wait_adds_no_events_to_a_full_queue);
    tcase_add_test(budgets, puts_leave_with_any_budget);
    tcase_add_test(budgets, a_wait_serves_all_within_its_time);
    tcase_add_test(budgets, a_wait_ends_when_its_time_is_over);
    TCase *next = add_case(suite, "next wait");
    tcase_add_loop_test(next, work_is_due_now_and_then_never, 0, TRANSPORTS);
    tcase_add_loop_test(next, unread_bytes_are_no_work, 0, TRANSPORTS);
    tcase_add_loop_test(next, new_room_is_work, 0, TRANSPORTS);
    tcase_add_loop_test(next, new_room_after_the_last_event_is_work, 0, TRANSPORTS);
    tcase_add_loop_test(next, a_timeout_of_a_stream_is_due_later, 0, TRANSPORTS);
    TCase *times = add_case(suite, "times");
    tcase_add_loop_test(times, an_idle_peer_times_out, 0, TRANSPORTS);
    tcase_add_loop_test(times, puts_are_no_sign_of_life, 0, TRANSPORTS);
    tcase_add_loop_test(times, an_idle_time_begins_when_there_is_room, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_connect_timeout_is_reported, 0, TRANSPORTS);
    tcase_add_test(times, a_connect_that_had_to_wait_is_reported);
    tcase_add_loop_test(times, a_graceful_close_goes_on_in_the_wait, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_graceful_close_does_not_spin, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_graceful_close_reports_no_readable_bytes, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_graceful_close_drops_a_flood, 0, TRANSPORTS);
    tcase_add_loop_test(times, a_graceful_close_has_its_time, 0, TRANSPORTS);
    return suite;
}
