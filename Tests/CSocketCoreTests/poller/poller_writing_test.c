// SPDX-License-Identifier: MIT
//
// A poller and puts. Bytes leave at the wait, and the poller reports room after a refused put.
#include "support/pollers.h"

START_TEST(puts_gather_and_leave_at_the_wait) {
    pair pair = connect_watched(_i);
    bool batching = false;
    OK(sps_stream_is_write_batching(pair.client, &batching));
    ck_assert(batching);
    for (uint32_t frame = 0; frame < 5; frame++) {
        for (uint32_t i = 0; i < 1000; i++) {
            OK(sps_stream_put_u32(pair.client, frame + i));
        }
        ck_assert_uint_eq(pending(pair.client), 4000);
        wait_once(pair.poller, 0);
        ck_assert_uint_eq(pending(pair.client), 0);
        for (uint32_t i = 0; i < 1000; i++) {
            expect_u32(pair.peer, frame + i);
        }
    }
    close_pair(&pair);
}
END_TEST

// A large value leaves at once. Bytes put after it leave at the wait, in this frame or the next.
START_TEST(puts_behind_a_large_one_leave_at_the_wait) {
    pair pair = connect_watched(_i);
    static uint8_t bytes[20000];
    for (uint32_t frame = 0; frame < 4; frame++) {
        OK(sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL));
        ck_assert_uint_eq(pending(pair.client), 0);
        if (frame % 2 == 0) {
            wait_once(pair.poller, 0);
        }
        OK(sps_stream_put_u32(pair.client, frame));
        wait_once(pair.poller, 0);
        ck_assert_uint_eq(pending(pair.client), 0);
        OK(sps_stream_get_data(pair.peer, bytes, sizeof bytes, NULL));
        expect_u32(pair.peer, frame);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(puts_while_connecting_leave_once_connected) {
    pair pair = prepare_pair(_i, NULL);
    watch_pair(&pair, NULL);
    OK(connect_to(pair.client, &pair.place));
    OK(sps_stream_put_u32(pair.client, 11));
    pair.peer = take_from(pair.server);
    expect_event(pair.poller, pair.client, SPS_EVENT_CONNECTED);
    wait_once(pair.poller, 0);
    expect_u32(pair.peer, 11);
    close_pair(&pair);
}
END_TEST

static const size_t pieces[] = {1, 700, 5000, 20000, 60000};

// A slow reader: the buffer keeps its bound, and the poller reports the room once.
START_TEST(a_full_buffer_is_busy_and_then_writable_again) {
    pair pair = connect_watched(_i % TRANSPORTS);
    const size_t piece = pieces[_i / TRANSPORTS];
    uint64_t sent = 0, received = 0;
    for (int i = 0; i < 3; i++) {
        sent = fill(pair.poller, pair.client, piece, sent);
        ck_assert_uint_le(pending(pair.client), 65536);
        expect_nothing(pair.poller);
        received = drain_until_reported(&pair, received);
        expect_event_now(pair.poller, pair.client, SPS_EVENT_WRITABLE);
        ck_assert_uint_le(pending(pair.client), 32768);
        sent = put_pattern(pair.client, piece, sent); // there is room, as reported
        expect_nothing(pair.poller);
    }
    WAIT_UNTIL((wait_once(pair.poller, 0), received = drain(pair.peer, received)) == sent);
    close_pair(&pair);
}
END_TEST

// The caller fills the room again while the event is pending. The event would report room that is
// gone.
START_TEST(room_that_is_used_up_again_is_not_reported) {
    pair pair = connect_watched(_i);
    const uint64_t sent = fill(pair.poller, pair.client, 5000, 0);
    uint64_t received = drain_until_reported(&pair, 0);
    put_until_busy(pair.client, 5000, sent);
    sps_event event;
    ck_assert(!next_event(pair.poller, &event));
    drain_until_reported(&pair, received);
    expect_event_now(pair.poller, pair.client, SPS_EVENT_WRITABLE);
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

// The same, and then the stream moves to another poller. It reports room for the last refused put.
START_TEST(room_that_is_used_up_again_is_not_reported_by_the_next_poller) {
    enum { PIECE = 60000 };
    const sps_stream_options options = {
        .struct_size = sizeof options, .write_buffer_bytes = 65536, .write_low_mark_bytes = 65536};
    pair pair = connect_watched_with(_i, &options);
    const uint64_t sent = fill(pair.poller, pair.client, PIECE, 0);
    drain_until_reported(&pair, 0);
    put_until_busy(pair.client, PIECE, sent); // all the room, and the OS's
    unwatch_pair(&pair);
    watch_pair(&pair, NULL);
    static uint8_t bytes[PIECE];
    size_t count;
    while (wait_once(pair.poller, 0) == 0) {
        OK(sps_stream_get_partial_data(pair.peer, bytes, 1000, &count));
    }
    expect_event_now(pair.poller, pair.client, SPS_EVENT_WRITABLE);
    OK(sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL)); // there is room, as reported
    close_pair(&pair);
}
END_TEST

// A put was refused, and the connection ended before the caller took the event of new room. The
// event must not remain, because the next connection refused no put.
START_TEST(room_ends_with_its_connection) {
    pair pair = connect_watched(_i % TRANSPORTS);
    fill(pair.poller, pair.client, 5000, 0);
    drain_until_reported(&pair, 0);
    drop_peer(&pair);
    WAIT_UNTIL((wait_once(pair.poller, 0), status_of(pair.client)) == SPS_STATUS_ERROR);
    if (_i / TRANSPORTS == 0) {
        ck_assert_uint_eq(take_events(pair.poller, ~(uint32_t)SPS_EVENT_WRITABLE), 1);
    }
    unwatch_pair(&pair);
    OK(sps_socket_disconnect(pair.client));
    OK(connect_to(pair.client, &pair.place));
    watch_pair(&pair, NULL);
    pair.peer = take_from(pair.server);
    WAIT_UNTIL((wait_once(pair.poller, 0), status_of(pair.client)) == SPS_STATUS_CONNECTED);
    for (int i = 0; i < 5; i++) {
        wait_once(pair.poller, 2);
        take_events(pair.poller, SPS_EVENT_CONNECTED);
    }
    close_pair(&pair);
}
END_TEST

// The stream left its poller before the caller took the event of new room.
START_TEST(unreported_room_is_reported_by_the_next_poller) {
    pair pair = connect_watched(_i);
    fill(pair.poller, pair.client, 5000, 0);
    drain_until_reported(&pair, 0);
    unwatch_pair(&pair);
    watch_pair(&pair, NULL);
    gather_until(pair.poller, SPS_EVENT_WRITABLE);
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

// A peer sends a request and its end, and reads the answer slowly. The whole answer arrives,
// whichever call meets the end.
START_TEST(puts_leave_after_the_peer_has_finished) {
    // The OS's buffers must not grow with the puts, or all bytes would leave at the end.
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .os_send_buffer_bytes = 16384,
                                        .os_receive_buffer_bytes = 16384};
    pair pair = connect_watched_with(_i % TRANSPORTS, &options);
    const bool get_meets_the_end = _i / TRANSPORTS == 1;
    const uint64_t sent = fill(pair.poller, pair.client, 5000, 0);
    OK(sps_socket_shutdown_write(pair.peer));
    uint8_t byte;
    if (get_meets_the_end) {
        IS(sps_stream_get_u8(pair.client, &byte), SPS_ERR_FILE_EOF);
    }
    gather_until(pair.poller, SPS_EVENT_FINISHED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    ck_assert_uint_gt(pending(pair.client), 0);
    uint64_t received = 0;
    uint8_t bytes[4096];
    uint32_t reported = 0;
    for (sps_error error = SPS_OK; error == SPS_OK;) {
        wait_once(pair.poller, 0);
        for (sps_event event; next_event(pair.poller, &event);) {
            reported |= event.kinds; // room, which this stream does not need
        }
        size_t count;
        error = sps_stream_get_partial_data(pair.peer, bytes, sizeof bytes, &count);
        ck_assert(is_pattern(bytes, count, received));
        received += count;
    }
    ck_assert_uint_eq(received, sent);
    if (!(reported & SPS_EVENT_CLOSED)) {
        gather_until(pair.poller, SPS_EVENT_CLOSED);
    }
    expect_reason(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

// Like fill(), without batching: puts until the OS accepts nothing for some time.
static uint64_t fill_os(const pair *pair, uint64_t offset) {
    for (int refused = 0; refused < 25;) {
        const uint64_t before = offset;
        offset = put_until_full(pair->client, offset);
        refused = offset > before ? 0 : refused + 1;
        wait_once(pair->poller, 10);
        take_events(pair->poller, SPS_EVENT_WRITABLE);
    }
    return offset;
}

// Without batching a put was partial. The poller reports when the OS accepts more, even if the
// stream has a full read queue and more bytes behind it.
START_TEST(room_after_a_partial_put_is_reported) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1000};
    pair pair = connect_watched_with(_i % TRANSPORTS, &options);
    OK(sps_stream_set_write_batching(pair.client, false));
    if (_i / TRANSPORTS == 1) {
        const uint8_t bytes[5000] = {0};
        OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
        expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
        ck_assert_uint_eq(buffered(pair.client), 1000);
    }
    uint64_t sent = 0, received = 0;
    for (int i = 0; i < 3; i++) {
        sent = fill_os(&pair, sent);
        expect_nothing(pair.poller);
        received = drain_until_reported(&pair, received);
        expect_event_now(pair.poller, pair.client, SPS_EVENT_WRITABLE);
    }
    close_pair(&pair);
}
END_TEST

// The OS has no room. The checks of the stream's idle timeout report none.
START_TEST(room_does_not_come_with_time) {
    pair pair = connect_watched(_i);
    OK(sps_stream_set_write_batching(pair.client, false));
    put_until_full(pair.client, 0);
    OK(sps_socket_set_idle_timeout(pair.client, 100));
    const uint64_t start = now_ms();
    while (now_ms() - start < 250) { // signs of life
        OK(sps_stream_put_u8(pair.peer, 1));
        wait_once(pair.poller, 20);
        take_events(pair.poller, SPS_EVENT_READABLE);
    }
    close_pair(&pair);
}
END_TEST

// Without batching the poller reports no room as long as no put was refused.
START_TEST(room_without_a_refused_put_is_not_reported) {
    pair pair = connect_watched(_i);
    OK(sps_stream_set_write_batching(pair.client, false));
    for (uint32_t i = 0; i < 3; i++) {
        OK(sps_stream_put_u32(pair.client, i));
        expect_u32(pair.peer, i);
        OK(sps_socket_poll(pair.client)); // the poller checks it
        expect_nothing(pair.poller);
    }
    close_pair(&pair);
}
END_TEST

// The peer breaks the connection midway.
static void break_pair(pair *pair) {
    if (pair->place.transport == TCP) {
        OK(sps_tcp_close_reset(pair->peer));
    } else {
        drop_peer(pair);
    }
}

// A put was refused, and then the connection broke. There is room, but a put would fail.
START_TEST(a_broken_connection_is_not_writable_again) {
    const sps_stream_options options = {.struct_size = sizeof options, .write_buffer_bytes = 4096};
    pair pair = connect_watched_with(_i, &options);
    OK(sps_stream_put_u32(pair.peer, 1)); // unread, so the stream stays open
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    fill(pair.poller, pair.client, 4096, 0);
    break_pair(&pair);
    for (int i = 0; i < 20; i++) {
        wait_once(pair.poller, 5);
        take_events(pair.poller, ~(uint32_t)SPS_EVENT_WRITABLE);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(a_low_mark_is_the_callers) {
    const sps_stream_options options = {
        .struct_size = sizeof options, .write_buffer_bytes = 10000, .write_low_mark_bytes = 1};
    pair pair = connect_watched_with(_i, &options);
    const uint64_t sent = fill(pair.poller, pair.client, 900, 0);
    uint64_t received = drain_until_reported(&pair, 0);
    ck_assert_uint_le(pending(pair.client), 1);
    WAIT_UNTIL((wait_once(pair.poller, 0), received = drain(pair.peer, received)) == sent);
    close_pair(&pair);
}
END_TEST

START_TEST(a_busy_shutdown_is_reported_when_it_is_possible) {
    pair pair = connect_watched(_i);
    const uint64_t sent = fill(pair.poller, pair.client, 5000, 0);
    IS(sps_socket_shutdown_write(pair.client), SPS_ERR_BUSY);
    uint64_t received = drain_until_reported(&pair, 0);
    expect_event(pair.poller, pair.client, SPS_EVENT_WRITABLE);
    OK(sps_socket_shutdown_write(pair.client));
    ck_assert_uint_eq(pending(pair.client), 0);
    static uint8_t rest[1 << 22];
    size_t count;
    ck_assert_uint_le(sent - received, sizeof rest);
    OK(sps_stream_get_data(pair.peer, rest, sent - received, &count));
    ck_assert(is_pattern(rest, count, received));
    IS(sps_stream_get_data(pair.peer, rest, 1, &count), SPS_ERR_FILE_EOF);
    close_pair(&pair);
}
END_TEST

// A put was refused, and then there is room. But the caller has finished, and puts nothing more.
START_TEST(room_after_a_shutdown_is_not_reported) {
    pair pair = connect_watched(_i);
    fill(pair.poller, pair.client, 5000, 0);
    uint64_t received = 0;
    WAIT_UNTIL((received = drain(pair.peer, received), sps_socket_shutdown_write(pair.client)) ==
               SPS_OK);
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

START_TEST(a_write_that_fails_is_reported) {
    pair pair = connect_watched(_i);
    break_pair(&pair);
    WAIT_UNTIL((sps_stream_put_u32(pair.client, 1), wait_once(pair.poller, 0)) > 0);
    expect_event_now(pair.poller, pair.client, SPS_EVENT_CLOSED);
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

Suite *poller_writing_suite(void) {
    Suite *suite = suite_create("poller_writing");
    TCase *writing = add_case(suite, "writing");
    tcase_add_loop_test(writing, puts_gather_and_leave_at_the_wait, 0, TRANSPORTS);
    tcase_add_loop_test(writing, puts_behind_a_large_one_leave_at_the_wait, 0, TRANSPORTS);
    tcase_add_loop_test(writing, puts_while_connecting_leave_once_connected, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_full_buffer_is_busy_and_then_writable_again, 0,
                        TRANSPORTS * sizeof pieces / sizeof pieces[0]);
    tcase_add_loop_test(writing, room_that_is_used_up_again_is_not_reported, 0, TRANSPORTS);
    tcase_add_loop_test(writing, room_that_is_used_up_again_is_not_reported_by_the_next_poller, 0,
                        TRANSPORTS);
    tcase_add_loop_test(writing, room_ends_with_its_connection, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(writing, unreported_room_is_reported_by_the_next_poller, 0, TRANSPORTS);
    tcase_add_loop_test(writing, puts_leave_after_the_peer_has_finished, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(writing, room_after_a_partial_put_is_reported, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(writing, room_does_not_come_with_time, 0, TRANSPORTS);
    tcase_add_loop_test(writing, room_without_a_refused_put_is_not_reported, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_broken_connection_is_not_writable_again, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_low_mark_is_the_callers, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_busy_shutdown_is_reported_when_it_is_possible, 0, TRANSPORTS);
    tcase_add_loop_test(writing, room_after_a_shutdown_is_not_reported, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_write_that_fails_is_reported, 0, TRANSPORTS);
    return suite;
}
