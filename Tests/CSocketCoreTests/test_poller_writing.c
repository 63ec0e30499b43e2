// SPDX-License-Identifier: MIT
//
// A poller and what is put: it leaves at the wait, and room is told of when somebody was refused.
#include "poller_support.h"

START_TEST(puts_gather_and_leave_at_the_wait) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    bool batching = false;
    OK(sps_stream_is_write_batching(pair.client, &batching));
    ck_assert(batching);
    for (uint32_t frame = 0; frame < 5; frame++) {
        for (uint32_t i = 0; i < 1000; i++) {
            OK(sps_stream_put_u32(pair.client, frame + i));
        }
        ck_assert_uint_eq(pending(pair.client), 4000);
        wait_once(poller, 0);
        ck_assert_uint_eq(pending(pair.client), 0);
        for (uint32_t i = 0; i < 1000; i++) {
            uint32_t value;
            OK(sps_stream_get_u32(pair.peer, &value));
            ck_assert_uint_eq(value, frame + i);
        }
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// A large value leaves at once, and what is put behind it at the wait, be it in this frame or in the next.
START_TEST(puts_behind_a_large_one_leave_at_the_wait) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    static uint8_t bytes[20000];
    for (uint32_t frame = 0; frame < 4; frame++) {
        OK(sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL));
        ck_assert_uint_eq(pending(pair.client), 0);
        if (frame % 2 == 0) {
            wait_once(poller, 0);
        }
        OK(sps_stream_put_u32(pair.client, frame));
        wait_once(poller, 0);
        ck_assert_uint_eq(pending(pair.client), 0);
        uint32_t value;
        OK(sps_stream_get_data(pair.peer, bytes, sizeof bytes, NULL));
        OK(sps_stream_get_u32(pair.peer, &value));
        ck_assert_uint_eq(value, frame);
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(what_is_put_while_connecting_leaves_when_connected) {
    sps_poller *poller = make_poller(NULL);
    sps_server *server = make_server(_i, NULL);
    const place place = listen_somewhere(server, _i);
    sps_stream *client = make_stream(_i, NULL);
    OK(sps_poller_add(poller, client, NULL));
    OK(connect_to(client, &place));
    OK(sps_stream_put_u32(client, 11));
    sps_stream *peer = take_from(server);
    expect_event(poller, client, SPS_EVENT_CONNECTED);
    wait_once(poller, 0);
    uint32_t value;
    OK(sps_stream_get_u32(peer, &value));
    ck_assert_uint_eq(value, 11);
    sps_stream_destroy(peer);
    sps_stream_destroy(client);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

static const size_t pieces[] = {1, 700, 5000, 20000, 60000};

// A slow reader: the buffer keeps its bound, and the room is told once.
START_TEST(a_full_buffer_is_busy_and_then_writable_again) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i % TRANSPORTS);
    const size_t piece = pieces[_i / TRANSPORTS];
    OK(sps_poller_add(poller, pair.client, NULL));
    uint64_t sent = 0, received = 0;
    for (int i = 0; i < 3; i++) {
        sent = fill(poller, pair.client, piece, sent);
        ck_assert_uint_le(pending(pair.client), 65536);
        expect_nothing(poller);
        sps_event event = {.struct_size = sizeof event};
        WAIT_UNTIL((received = drain(pair.peer, received), wait_once(poller, 0)) > 0);
        ck_assert(next_event(poller, &event));
        ck_assert_uint_eq(event.kinds, SPS_EVENT_WRITABLE);
        ck_assert_uint_le(pending(pair.client), 32768);
        uint8_t bytes[70000];
        fill_pattern(bytes, piece, sent);
        OK(sps_stream_put_data(pair.client, bytes, piece, NULL)); // there is room, as was told
        sent += piece;
        expect_nothing(poller);
    }
    WAIT_UNTIL((wait_once(poller, 0), received = drain(pair.peer, received)) == sent);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// The event waits to be taken while the caller fills the room again: it would tell of room that is gone.
START_TEST(room_that_was_taken_again_is_not_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    uint64_t sent = fill(poller, pair.client, 5000, 0), received = 0;
    WAIT_UNTIL((received = drain(pair.peer, received), wait_once(poller, 0)) > 0);
    for (sps_error error = SPS_OK; error == SPS_OK;) {
        uint8_t bytes[5000];
        fill_pattern(bytes, sizeof bytes, sent);
        error = sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL);
        sent += error == SPS_OK ? sizeof bytes : 0;
    }
    sps_event event = {.struct_size = sizeof event};
    ck_assert(!next_event(poller, &event));
    WAIT_UNTIL((received = drain(pair.peer, received), wait_once(poller, 0)) > 0);
    ck_assert(next_event(poller, &event));
    ck_assert_uint_eq(event.kinds, SPS_EVENT_WRITABLE);
    expect_nothing(poller);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// The same, and then the stream goes to another poller: the room that the last put was refused counts.
START_TEST(room_that_was_taken_again_is_not_told_by_the_next_poller) {
    enum { PIECE = 60000 };
    const sps_stream_options options = {
        .struct_size = sizeof options, .write_buffer_bytes = 65536, .write_low_mark_bytes = 65536};
    sps_poller *pollers[] = {make_poller(NULL), make_poller(NULL)};
    pair pair = connect_pair_with(_i, &options);
    OK(sps_poller_add(pollers[0], pair.client, NULL));
    uint64_t sent = fill(pollers[0], pair.client, PIECE, 0), received = 0;
    WAIT_UNTIL((received = drain(pair.peer, received), wait_once(pollers[0], 0)) > 0);
    static uint8_t bytes[PIECE];
    for (sps_error error = SPS_OK; error != SPS_ERR_BUSY;) { // all the room, and the OS's
        fill_pattern(bytes, sizeof bytes, sent);
        error = sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL);
        sent += error == SPS_OK ? sizeof bytes : 0;
    }
    OK(sps_poller_remove(pollers[0], pair.client));
    OK(sps_poller_add(pollers[1], pair.client, NULL));
    sps_event event = {.struct_size = sizeof event};
    uint8_t few[1000];
    size_t count;
    while (wait_once(pollers[1], 0) == 0) {
        OK(sps_stream_get_partial_data(pair.peer, few, sizeof few, &count));
    }
    ck_assert(next_event(pollers[1], &event));
    ck_assert_uint_eq(event.kinds, SPS_EVENT_WRITABLE);
    OK(sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL)); // there is room, as was told
    close_pair(&pair);
    sps_poller_destroy(pollers[0]);
    sps_poller_destroy(pollers[1]);
}
END_TEST

// A put was refused, the room was told, and the connection ended before the event was taken: it is no room
// for a put. Of the next connection no put was refused.
START_TEST(room_ends_with_its_connection) {
    sps_poller *pollers[] = {make_poller(NULL), make_poller(NULL)};
    pair pair = connect_pair(_i % TRANSPORTS);
    OK(sps_poller_add(pollers[0], pair.client, NULL));
    fill(pollers[0], pair.client, 5000, 0);
    uint64_t received = 0;
    WAIT_UNTIL((received = drain(pair.peer, received), wait_once(pollers[0], 0)) > 0);
    OK(sps_socket_shutdown_write(pair.peer));
    WAIT_UNTIL((received = drain(pair.peer, received), wait_once(pollers[0], 0),
                status_of(pair.client)) == SPS_STATUS_NONE);
    if (_i / TRANSPORTS == 0) {
        sps_event event;
        ck_assert(next_event(pollers[0], &event));
        ck_assert_uint_eq(event.kinds & SPS_EVENT_WRITABLE, 0);
    }
    OK(sps_poller_remove(pollers[0], pair.client));
    sps_stream_destroy(pair.peer);
    OK(connect_to(pair.client, &pair.place));
    OK(sps_poller_add(pollers[1], pair.client, NULL));
    pair.peer = take_from(pair.server);
    WAIT_UNTIL((wait_once(pollers[1], 0), status_of(pair.client)) == SPS_STATUS_CONNECTED);
    for (int i = 0; i < 5; i++) {
        wait_once(pollers[1], 2);
        sps_event event;
        while (next_event(pollers[1], &event)) {
            ck_assert_uint_eq(event.kinds, SPS_EVENT_CONNECTED);
        }
    }
    close_pair(&pair);
    sps_poller_destroy(pollers[0]);
    sps_poller_destroy(pollers[1]);
}
END_TEST

// The room was told by a poller that the stream has left before the event was taken.
START_TEST(room_that_nobody_has_learned_of_is_told_by_the_next_poller) {
    sps_poller *pollers[] = {make_poller(NULL), make_poller(NULL)};
    pair pair = connect_pair(_i);
    OK(sps_poller_add(pollers[0], pair.client, NULL));
    fill(pollers[0], pair.client, 5000, 0);
    uint64_t received = 0;
    WAIT_UNTIL((received = drain(pair.peer, received), wait_once(pollers[0], 0)) > 0);
    OK(sps_poller_remove(pollers[0], pair.client));
    OK(sps_poller_add(pollers[1], pair.client, NULL));
    gather_until(pollers[1], SPS_EVENT_WRITABLE);
    expect_nothing(pollers[1]);
    close_pair(&pair);
    sps_poller_destroy(pollers[0]);
    sps_poller_destroy(pollers[1]);
}
END_TEST

// A request, the end of the peer's stream, and an answer that it reads slowly: all of it arrives, whoever
// meets the end.
START_TEST(what_was_put_leaves_after_the_peer_has_finished) {
    // The OS's buffers must not grow with what was put, or it all leaves at the end.
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .os_send_buffer_bytes = 16384,
                                        .os_receive_buffer_bytes = 16384};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i % TRANSPORTS, &options);
    const bool get_meets_the_end = _i / TRANSPORTS == 1;
    OK(sps_poller_add(poller, pair.client, NULL));
    const uint64_t sent = fill(poller, pair.client, 5000, 0);
    OK(sps_socket_shutdown_write(pair.peer));
    uint8_t byte;
    if (get_meets_the_end) {
        IS(sps_stream_get_u8(pair.client, &byte), SPS_ERR_FILE_EOF);
    }
    gather_until(poller, SPS_EVENT_FINISHED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    ck_assert_uint_gt(pending(pair.client), 0);
    uint64_t received = 0;
    uint8_t bytes[4096];
    for (sps_error error = SPS_OK; error == SPS_OK;) {
        wait_once(poller, 0);
        size_t count;
        error = sps_stream_get_partial_data(pair.peer, bytes, sizeof bytes, &count);
        ck_assert(is_pattern(bytes, count, received));
        received += count;
    }
    ck_assert_uint_eq(received, sent);
    gather_until(poller, SPS_EVENT_CLOSED);
    expect_reason(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// The same as fill() without batching: until the OS takes nothing for some time.
static uint64_t fill_os(sps_poller *poller, sps_stream *stream, uint64_t offset) {
    static uint8_t bytes[65536];
    for (int refused = 0; refused < 25;) {
        size_t count = 0;
        fill_pattern(bytes, sizeof bytes, offset);
        OK(sps_stream_put_partial_data(stream, bytes, sizeof bytes, &count));
        offset += count;
        refused = count > 0 ? 0 : refused + 1;
        sps_event event;
        wait_once(poller, count == sizeof bytes ? 0 : 10);
        while (next_event(poller, &event)) {
            ck_assert_uint_eq(event.kinds, SPS_EVENT_WRITABLE);
        }
    }
    return offset;
}

// Without batching a put that took only a part is told of when the OS takes more; also of a stream that has
// a full read queue, and bytes behind that.
START_TEST(a_partial_put_without_batching_is_told_of) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1000};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i % TRANSPORTS, &options);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_set_write_batching(pair.client, false));
    if (_i / TRANSPORTS == 1) {
        const uint8_t bytes[5000] = {0};
        OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
        expect_event(poller, pair.client, SPS_EVENT_READABLE);
        ck_assert_uint_eq(buffered(pair.client), 1000);
    }
    uint64_t sent = 0, received = 0;
    for (int i = 0; i < 3; i++) {
        sent = fill_os(poller, pair.client, sent);
        expect_nothing(poller);
        sps_event event = {.struct_size = sizeof event};
        WAIT_UNTIL((received = drain(pair.peer, received), wait_once(poller, 0)) > 0);
        ck_assert(next_event(poller, &event));
        ck_assert_uint_eq(event.kinds, SPS_EVENT_WRITABLE);
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// The OS has no room, and the times that the stream is looked at for its idle timeout change nothing.
START_TEST(room_does_not_come_with_time) {
    const sps_stream_options options = {.struct_size = sizeof options, .idle_timeout_ms = 100};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i, &options);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_set_write_batching(pair.client, false));
    static uint8_t bytes[65536];
    for (size_t count = sizeof bytes; count > 0;) {
        OK(sps_stream_put_partial_data(pair.client, bytes, sizeof bytes, &count));
    }
    const uint64_t start = now_ms();
    while (now_ms() - start < 250) { // signs of life
        OK(sps_stream_put_u8(pair.peer, 1));
        sps_event event;
        wait_once(poller, 20);
        while (next_event(poller, &event)) {
            ck_assert_uint_eq(event.kinds, SPS_EVENT_READABLE);
        }
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// Without batching the OS's room is nobody's business as long as no put was refused.
START_TEST(room_that_nobody_has_asked_for_is_not_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_set_write_batching(pair.client, false));
    for (uint32_t i = 0; i < 3; i++) {
        uint32_t value;
        OK(sps_stream_put_u32(pair.client, i));
        OK(sps_stream_get_u32(pair.peer, &value));
        OK(sps_socket_poll(pair.client)); // the poller looks at it
        expect_nothing(poller);
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// A put was refused, and then the connection broke: there is room, but never for a put.
START_TEST(a_broken_connection_is_not_writable_again) {
    const sps_stream_options options = {.struct_size = sizeof options, .write_buffer_bytes = 4096};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i, &options);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_u32(pair.peer, 1)); // unread, so that the stream stays
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    fill(poller, pair.client, 4096, 0);
    if (_i == TCP) {
        OK(sps_tcp_close_reset(pair.peer));
    } else {
        sps_stream_destroy(pair.peer);
        pair.peer = NULL;
    }
    for (int i = 0; i < 20; i++) {
        wait_once(poller, 5);
        sps_event event;
        while (next_event(poller, &event)) {
            ck_assert_uint_eq(event.kinds & SPS_EVENT_WRITABLE, 0);
        }
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_low_mark_is_the_callers) {
    const sps_stream_options options = {
        .struct_size = sizeof options, .write_buffer_bytes = 10000, .write_low_mark_bytes = 1};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i, &options);
    OK(sps_poller_add(poller, pair.client, NULL));
    const uint64_t sent = fill(poller, pair.client, 900, 0);
    uint64_t received = 0;
    WAIT_UNTIL((received = drain(pair.peer, received), wait_once(poller, 0)) > 0);
    ck_assert_uint_le(pending(pair.client), 1);
    WAIT_UNTIL((wait_once(poller, 0), received = drain(pair.peer, received)) == sent);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_shutdown_that_was_busy_is_told_when_it_can_be_done) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    const uint64_t sent = fill(poller, pair.client, 5000, 0);
    IS(sps_socket_shutdown_write(pair.client), SPS_ERR_BUSY);
    uint64_t received = 0;
    WAIT_UNTIL((received = drain(pair.peer, received), wait_once(poller, 0)) > 0);
    expect_event(poller, pair.client, SPS_EVENT_WRITABLE);
    OK(sps_socket_shutdown_write(pair.client));
    ck_assert_uint_eq(pending(pair.client), 0);
    static uint8_t rest[1 << 22];
    size_t count;
    ck_assert_uint_le(sent - received, sizeof rest);
    OK(sps_stream_get_data(pair.peer, rest, sent - received, &count));
    ck_assert(is_pattern(rest, count, received));
    IS(sps_stream_get_data(pair.peer, rest, 1, &count), SPS_ERR_FILE_EOF);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// A put was refused, and then there is room; but the caller has finished, and puts no more.
START_TEST(room_after_a_shutdown_is_not_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    fill(poller, pair.client, 5000, 0);
    uint64_t received = 0;
    WAIT_UNTIL((received = drain(pair.peer, received), sps_socket_shutdown_write(pair.client)) ==
               SPS_OK);
    expect_nothing(poller);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_write_that_fails_is_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    if (_i == TCP) {
        OK(sps_tcp_close_reset(pair.peer));
    } else {
        sps_stream_destroy(pair.peer);
        pair.peer = NULL;
    }
    sps_event event = {.struct_size = sizeof event};
    WAIT_UNTIL((sps_stream_put_u32(pair.client, 1), wait_once(poller, 0)) > 0);
    ck_assert(next_event(poller, &event));
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    expect_nothing(poller);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

Suite *poller_writing_suite(void) {
    Suite *suite = suite_create("poller_writing");
    TCase *writing = add_case(suite, "writing");
    tcase_add_loop_test(writing, puts_gather_and_leave_at_the_wait, 0, TRANSPORTS);
    tcase_add_loop_test(writing, puts_behind_a_large_one_leave_at_the_wait, 0, TRANSPORTS);
    tcase_add_loop_test(writing, what_is_put_while_connecting_leaves_when_connected, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_full_buffer_is_busy_and_then_writable_again, 0,
                        TRANSPORTS * sizeof pieces / sizeof pieces[0]);
    tcase_add_loop_test(writing, room_that_was_taken_again_is_not_told, 0, TRANSPORTS);
    tcase_add_loop_test(writing, room_that_was_taken_again_is_not_told_by_the_next_poller, 0,
                        TRANSPORTS);
    tcase_add_loop_test(writing, room_ends_with_its_connection, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(writing, room_that_nobody_has_learned_of_is_told_by_the_next_poller, 0,
                        TRANSPORTS);
    tcase_add_loop_test(writing, what_was_put_leaves_after_the_peer_has_finished, 0,
                        2 * TRANSPORTS);
    tcase_add_loop_test(writing, a_partial_put_without_batching_is_told_of, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(writing, room_does_not_come_with_time, 0, TRANSPORTS);
    tcase_add_loop_test(writing, room_that_nobody_has_asked_for_is_not_told, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_broken_connection_is_not_writable_again, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_low_mark_is_the_callers, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_shutdown_that_was_busy_is_told_when_it_can_be_done, 0,
                        TRANSPORTS);
    tcase_add_loop_test(writing, room_after_a_shutdown_is_not_told, 0, TRANSPORTS);
    tcase_add_loop_test(writing, a_write_that_fails_is_told, 0, TRANSPORTS);
    return suite;
}
