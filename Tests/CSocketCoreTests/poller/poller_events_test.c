// SPDX-License-Identifier: MIT
//
// The events of a poller. It loses none.
#include <pthread.h>

#include "support/pollers.h"

// ---- Events

START_TEST(without_activity_there_is_no_event) {
    pair pair = connect_pair(_i);
    pair.poller = make_poller(NULL);
    expect_nothing(pair.poller);
    OK(sps_poller_add(pair.poller, pair.client, NULL));
    OK(sps_poller_add(pair.poller, pair.peer, NULL));
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

START_TEST(a_connection_is_reported_from_begin_to_end) {
    pair pair = prepare_pair(_i, NULL);
    sps_poller *poller = pair.poller = make_poller(NULL);
    int mark;
    OK(sps_poller_add(poller, pair.client, &mark));
    OK(connect_to(pair.client, &pair.place));
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CONNECTED);
    ck_assert_ptr_eq(event.user_data, &mark);
    pair.peer = take_from(pair.server);
    expect_nothing(poller);
    OK(sps_stream_put_u32(pair.peer, 1));
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    expect_nothing(poller); // not reported again
    OK(sps_stream_put_u32(pair.peer, 2));
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    expect_u32_now(pair.client, 1);
    OK(sps_socket_disconnect(pair.peer));
    expect_event(poller, pair.client, SPS_EVENT_FINISHED);
    expect_nothing(poller);
    expect_u32_now(pair.client, 2);
    expect_closed(poller, pair.client, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_nothing(poller);
    close_pair(&pair);
}
END_TEST

START_TEST(a_closed_stream_may_connect_again) {
    pair pair = connect_watched(_i);
    for (int i = 0; i < 3; i++) {
        sps_stream_destroy(pair.peer);
        expect_event(pair.poller, pair.client, SPS_EVENT_CLOSED);
        OK(connect_to(pair.client, &pair.place));
        expect_event(pair.poller, pair.client, SPS_EVENT_CONNECTED);
        pair.peer = take_from(pair.server);
        OK(sps_stream_put_u8(pair.peer, 1));
        expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
        expect_u8_now(pair.client, 1);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(a_refused_connection_is_reported) {
    sps_poller *poller = make_poller(NULL);
    sps_stream *client = make_stream(TCP, NULL);
    const place place = unused_place(TCP);
    OK(sps_poller_add(poller, client, NULL));
    if (connect_to(client, &place) == SPS_OK) {
        expect_closed(poller, client, SPS_CLOSE_REFUSED);
        ck_assert_int_eq(status_of(client), SPS_STATUS_ERROR);
    }
    expect_nothing(poller);
    sps_stream_destroy(client);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(the_callers_own_actions_are_not_reported) {
    pair pair = connect_watched(_i);
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(pair.poller, 20000), 1); // the caller does not take it
    OK(sps_socket_disconnect(pair.client));
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

START_TEST(an_end_that_a_get_finds_is_reported) {
    pair pair = connect_watched(_i);
    drop_peer(&pair);
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
    expect_event(pair.poller, pair.client, SPS_EVENT_CLOSED);
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

START_TEST(bytes_from_before_the_add_are_reported) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 1));
    uint16_t half;
    OK(sps_stream_get_u16(pair.client, &half)); // the other half is buffered
    watch_pair(&pair, NULL);
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    OK(sps_stream_try_get_u16(pair.client, &half));
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

// Bytes and the end arrive together. Nothing new comes after the first read.
START_TEST(bytes_and_the_end_at_once) {
    sps_poller *poller = make_poller(NULL);
    for (int i = 0; i < 50; i++) {
        pair pair = connect_pair(_i);
        OK(sps_stream_put_u32(pair.peer, 1));
        drop_peer(&pair);
        OK(sps_poller_add(poller, pair.client, NULL));
        gather_events(poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
        expect_u32_now(pair.client, 1);
        expect_event(poller, pair.client, SPS_EVENT_CLOSED);
        close_pair(&pair);
    }
    sps_poller_destroy(poller);
}
END_TEST

// A connection breaks inside a value. The poller reports that the rest will not come.
START_TEST(an_end_inside_a_value_is_reported) {
    pair pair = connect_watched(_i % TRANSPORTS);
    const bool silent = _i / TRANSPORTS == 1;
    if (silent) {
        OK(sps_socket_set_idle_timeout(pair.client, 100));
    }
    uint32_t value;
    OK(sps_stream_put_u8(pair.peer, 1));
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    IS(sps_stream_try_get_u32(pair.client, &value), SPS_ERR_BUSY);
    if (!silent) {
        OK(sps_stream_put_u8(pair.client, 1)); // unread by the peer, so TCP's close is a reset
        size_t there;
        WAIT_UNTIL((wait_once(pair.poller, 0), sps_stream_get_available_bytes(pair.peer, &there),
                    there == 1));
        drop_peer(&pair);
    }
    const sps_close_reason reason = silent ? SPS_CLOSE_IDLE : SPS_CLOSE_RESET;
    const sps_event finished = wait_for_event(pair.poller);
    ck_assert_uint_eq(finished.kinds, SPS_EVENT_FINISHED);
    // for a caller that does not wait for the close
    ck_assert_int_eq(finished.close_reason, reason);
    expect_reason(pair.client, SPS_CLOSE_NONE);
    ck_assert_int_ne(sps_stream_try_get_u32(pair.client, &value), SPS_ERR_BUSY);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    expect_u8_now(pair.client, 1);
    expect_closed(pair.poller, pair.client, reason);
    close_pair(&pair);
}
END_TEST

// More bytes than a first read takes, and then the end.
START_TEST(many_bytes_and_the_end_at_once) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_read_bytes = 100};
    pair pair = connect_pair(_i);
    uint8_t bytes[1450];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    drop_peer(&pair);
    watch_pair(&pair, &options);
    size_t total = 0;
    for (uint32_t reported = 0; !(reported & SPS_EVENT_CLOSED);) {
        reported = wait_for_event(pair.poller).kinds;
        const uint8_t *span;
        size_t count;
        sps_stream_peek(pair.client, 0, &span, &count);
        ck_assert_uint_le(count, 100);
        ck_assert(is_pattern(span, count, total));
        OK(sps_stream_consume(pair.client, count));
        total += count;
    }
    ck_assert_uint_eq(total, sizeof bytes);
    close_pair(&pair);
}
END_TEST

START_TEST(events_that_are_not_taken_are_kept) {
    pair pair = connect_watched(_i);
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(pair.poller, 20000), 1);
    const uint64_t start = now_ms();
    ck_assert_uint_eq(wait_once(pair.poller, 20000), 1);
    ck_assert_uint_lt(now_ms() - start, 10000);
    drop_peer(&pair);
    gather_events(pair.poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    close_pair(&pair);
}
END_TEST

START_TEST(bytes_read_before_their_event_are_not_reported) {
    pair pair = connect_watched(_i);
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(pair.poller, 20000), 1);
    expect_u8_now(pair.client, 1);
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

// The same behind another event, with more bytes than the queue holds. The poller reports the rest
// once there is room.
START_TEST(bytes_after_unreported_bytes_are_reported) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 2000};
    pair full = connect_watched_with(_i, &options), other = connect_pair(_i);
    static uint8_t bytes[10000];
    OK(sps_stream_put_data(full.peer, bytes, sizeof bytes, NULL));
    WAIT_UNTIL((wait_once(full.poller, 10), buffered(full.client)) == 2000);
    OK(sps_poller_add(full.poller, other.client, NULL));
    OK(sps_stream_put_u8(other.peer, 1));
    WAIT_UNTIL(wait_once(full.poller, 10) == 2);
    OK(sps_stream_consume(full.client, 2000));
    expect_event(full.poller, other.client, SPS_EVENT_READABLE);
    expect_event(full.poller, full.client, SPS_EVENT_READABLE);
    close_pair(&full);
    close_pair(&other);
}
END_TEST

// A waiting get may read more than it needs. Only the poller can report the extra bytes.
START_TEST(bytes_that_a_get_has_read_ahead_are_reported) {
    pair pair = connect_watched(_i);
    OK(sps_stream_put_u16(pair.peer, 1));
    expect_u8(pair.client, 1);
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

// Bytes arrive through a call of the stream while another of its events is pending.
START_TEST(bytes_are_reported_with_a_pending_event) {
    pair pair = prepare_pair(_i, NULL);
    watch_pair(&pair, NULL);
    OK(connect_to(pair.client, &pair.place));
    ck_assert_uint_eq(wait_once(pair.poller, 20000), 1); // CONNECTED
    pair.peer = take_from(pair.server);
    OK(sps_stream_put_u32(pair.peer, 7));
    await_bytes(pair.client, 4);
    OK(sps_socket_poll(pair.client));
    expect_event(pair.poller, pair.client, SPS_EVENT_CONNECTED | SPS_EVENT_READABLE);
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

static const sps_stream_options impatient = {
    .struct_size = sizeof impatient, .io_timeout_ms = 50, .os_send_buffer_bytes = 4096};

// A value arrives at the impatient client, whose next put fails.
static void fail_to_put(pair *pair) {
    static char large[8 * 1024 * 1024];
    OK(sps_stream_put_u32(pair->peer, 5));
    await_bytes(pair->client, 4);
    IS(sps_stream_put_utf8_string(pair->client, large, sizeof large), SPS_FAILED);
}

// The write has failed before the caller adds the stream. The earlier bytes are still readable.
START_TEST(a_failed_write_before_it_was_added) {
    pair pair = connect_pair_with(_i, &impatient);
    fail_to_put(&pair);
    watch_pair(&pair, NULL);
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    expect_u32_now(pair.client, 5);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_PUT_TIMED_OUT);
    close_pair(&pair);
}
END_TEST

// The same in the poller. It reports the bytes that the failed put has read, and then the end.
START_TEST(a_failed_write_with_bytes_to_be_read) {
    pair pair = connect_watched_with(_i, &impatient);
    expect_nothing(pair.poller);
    OK(sps_stream_set_write_batching(pair.client, false));
    fail_to_put(&pair);
    gather_events(pair.poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    expect_u32_now(pair.client, 5);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_PUT_TIMED_OUT);
    close_pair(&pair);
}
END_TEST

START_TEST(an_object_answers_poll_by_itself) {
    pair pair = connect_watched(_i);
    OK(sps_stream_put_u32(pair.peer, 7));
    uint32_t value = 0;
    WAIT_UNTIL((OK(sps_socket_poll(pair.client)), sps_stream_try_get_u32(pair.client, &value)) ==
               SPS_OK);
    ck_assert_uint_eq(value, 7);
    OK(sps_stream_put_u32(pair.client, 8));
    OK(sps_socket_poll(pair.client)); // sends it
    expect_u32(pair.peer, 8);
    expect_nothing(pair.poller);
    OK(sps_stream_put_u32(pair.peer, 9));
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    close_pair(&pair);
}
END_TEST

// ---- Waking

static void *wake_from_thread(void *poller) {
    pause_briefly();
    OK(sps_poller_wake(poller));
    return NULL;
}

START_TEST(a_wake_ends_the_wait) {
    NEEDS_THE_MACHINE
    sps_poller *poller = make_poller(NULL);
    OK(sps_poller_wake(poller));
    OK(sps_poller_wake(poller));
    ck_assert_uint_eq(wait_once(poller, -1), 0); // the wake ends the next wait, once
    for (int i = 0; i < 100; i++) {
        pthread_t thread;
        ck_assert_int_eq(pthread_create(&thread, NULL, wake_from_thread, poller), 0);
        ck_assert_uint_eq(wait_once(poller, -1), 0);
        pthread_join(thread, NULL);
    }
    const uint64_t start = now_ms();
    ck_assert_uint_eq(wait_once(poller, 50), 0); // no wake is left
    ck_assert_uint_ge(now_ms() - start, 49);
    sps_poller_destroy(poller);
}
END_TEST

Suite *poller_events_suite(void) {
    Suite *suite = suite_create("poller_events");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, without_activity_there_is_no_event, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_connection_is_reported_from_begin_to_end, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_closed_stream_may_connect_again, 0, TRANSPORTS);
    tcase_add_test(all, a_refused_connection_is_reported);
    tcase_add_loop_test(all, the_callers_own_actions_are_not_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_end_that_a_get_finds_is_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_from_before_the_add_are_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_and_the_end_at_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_end_inside_a_value_is_reported, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, many_bytes_and_the_end_at_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, events_that_are_not_taken_are_kept, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_read_before_their_event_are_not_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_after_unreported_bytes_are_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_that_a_get_has_read_ahead_are_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_are_reported_with_a_pending_event, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_failed_write_before_it_was_added, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_failed_write_with_bytes_to_be_read, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_object_answers_poll_by_itself, 0, TRANSPORTS);
    TCase *waking = add_case(suite, "waking");
    tcase_add_test(waking, a_wake_ends_the_wait);
    return suite;
}
