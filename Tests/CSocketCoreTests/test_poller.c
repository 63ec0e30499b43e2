// SPDX-License-Identifier: MIT
//
// What a poller tells, and that it loses nothing.
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "support.h"

static sps_poller *make_poller(const sps_poller_options *options) {
    sps_poller *poller = NULL;
    OK(sps_poller_create(options, &poller));
    return poller;
}

static size_t wait_once(sps_poller *poller, int32_t timeout_ms) {
    size_t count = 99;
    OK(sps_poller_wait(poller, timeout_ms, &count));
    return count;
}

static bool next_event(sps_poller *poller, sps_event *event) {
    *event = (sps_event){.struct_size = sizeof *event};
    const sps_error error = sps_poller_next_event(poller, event);
    ck_assert(error == SPS_OK || error == SPS_ERR_BUSY);
    return error == SPS_OK;
}

// Waits for the next event, which must come.
static sps_event wait_for_event(sps_poller *poller) {
    sps_event event;
    if (!next_event(poller, &event)) {
        wait_once(poller, 20000);
        ck_assert_msg(next_event(poller, &event), "no event came");
    }
    return event;
}

// The next event must be of this stream, and of these kinds.
static void expect_event(sps_poller *poller, const sps_stream *stream, uint32_t kinds) {
    const sps_event event = wait_for_event(poller);
    ck_assert_ptr_eq(event.stream, stream);
    ck_assert_ptr_null(event.server);
    ck_assert_uint_eq(event.kinds, kinds);
}

// Everything that can happen has happened, and nothing of it is an event.
static void expect_nothing(sps_poller *poller) {
    for (int i = 0; i < 5; i++) {
        ck_assert_uint_eq(wait_once(poller, 2), 0);
    }
    sps_event event;
    ck_assert(!next_event(poller, &event));
}

// Gathers events of a stream until all of these kinds were told.
static void gather_events(sps_poller *poller, const sps_stream *stream, uint32_t kinds) {
    uint32_t told = 0;
    while ((told & kinds) != kinds) {
        const sps_event event = wait_for_event(poller);
        ck_assert_ptr_eq(event.stream, stream);
        ck_assert_uint_eq(event.kinds & ~kinds, 0);
        told |= event.kinds;
    }
}

// Takes events until one of them is of this kind.
static void gather_until(sps_poller *poller, uint32_t kind) {
    while (!(wait_for_event(poller).kinds & kind)) {
    }
}

static size_t pending(const sps_stream *stream) {
    size_t bytes = 99;
    OK(sps_stream_get_pending_write_bytes(stream, &bytes));
    return bytes;
}

static size_t buffered(sps_stream *stream) {
    const uint8_t *span;
    size_t count = 0;
    OK(sps_stream_peek(stream, 0, &span, &count));
    return count;
}

// ---- What is told

START_TEST(nothing_happens_and_nothing_is_told) {
    sps_poller *poller = make_poller(NULL);
    expect_nothing(poller);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_poller_add(poller, pair.peer, NULL));
    expect_nothing(poller);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_connection_is_told_from_its_begin_to_its_end) {
    sps_poller *poller = make_poller(NULL);
    sps_server *server = make_server(_i, NULL);
    const place place = listen_somewhere(server, _i);
    sps_stream *client = make_stream(_i, NULL);
    int mark;
    OK(sps_poller_add(poller, client, &mark));
    OK(connect_to(client, &place));
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CONNECTED);
    ck_assert_ptr_eq(event.user_data, &mark);
    sps_stream *peer = take_from(server);
    expect_nothing(poller);
    OK(sps_stream_put_u32(peer, 1));
    expect_event(poller, client, SPS_EVENT_READABLE);
    expect_nothing(poller); // it is not told again
    OK(sps_stream_put_u32(peer, 2));
    expect_event(poller, client, SPS_EVENT_READABLE);
    uint32_t value;
    OK(sps_stream_try_get_u32(client, &value));
    ck_assert_uint_eq(value, 1);
    OK(sps_socket_disconnect(peer));
    expect_event(poller, client, SPS_EVENT_FINISHED);
    expect_nothing(poller);
    OK(sps_stream_try_get_u32(client, &value));
    ck_assert_uint_eq(value, 2);
    const sps_event last = wait_for_event(poller);
    ck_assert_uint_eq(last.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(last.close_reason, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(status_of(client), SPS_STATUS_NONE);
    expect_nothing(poller);
    sps_stream_destroy(peer);
    sps_stream_destroy(client);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_closed_stream_may_connect_again) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    for (int i = 0; i < 3; i++) {
        sps_stream_destroy(pair.peer);
        expect_event(poller, pair.client, SPS_EVENT_CLOSED);
        OK(connect_to(pair.client, &pair.place));
        expect_event(poller, pair.client, SPS_EVENT_CONNECTED);
        pair.peer = take_from(pair.server);
        OK(sps_stream_put_u8(pair.peer, 1));
        expect_event(poller, pair.client, SPS_EVENT_READABLE);
        uint8_t value;
        OK(sps_stream_try_get_u8(pair.client, &value));
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_refused_connection_is_told) {
    sps_poller *poller = make_poller(NULL);
    sps_stream *client = make_stream(TCP, NULL);
    const place place = nowhere(TCP);
    OK(sps_poller_add(poller, client, NULL));
    if (connect_to(client, &place) == SPS_OK) {
        const sps_event event = wait_for_event(poller);
        ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
        ck_assert_int_eq(event.close_reason, SPS_CLOSE_REFUSED);
        ck_assert_int_eq(status_of(client), SPS_STATUS_ERROR);
    }
    expect_nothing(poller);
    sps_stream_destroy(client);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(what_the_caller_does_itself_is_not_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(poller, 20000), 1); // and not taken
    OK(sps_socket_disconnect(pair.client));
    expect_nothing(poller);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(an_end_that_a_get_meets_is_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    sps_stream_destroy(pair.peer);
    pair.peer = NULL;
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
    expect_event(poller, pair.client, SPS_EVENT_CLOSED);
    expect_nothing(poller);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(what_was_there_before_is_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 1));
    uint16_t half;
    OK(sps_stream_get_u16(pair.client, &half)); // the other half is buffered
    OK(sps_poller_add(poller, pair.client, NULL));
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    OK(sps_stream_try_get_u16(pair.client, &half));
    expect_nothing(poller);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// Bytes and the end in one go: nothing new comes after the first read.
START_TEST(bytes_and_the_end_at_once) {
    sps_poller *poller = make_poller(NULL);
    for (int i = 0; i < 50; i++) {
        pair pair = connect_pair(_i);
        OK(sps_stream_put_u32(pair.peer, 1));
        sps_stream_destroy(pair.peer);
        pair.peer = NULL;
        OK(sps_poller_add(poller, pair.client, NULL));
        gather_events(poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
        uint32_t value;
        OK(sps_stream_try_get_u32(pair.client, &value));
        expect_event(poller, pair.client, SPS_EVENT_CLOSED);
        close_pair(&pair);
    }
    sps_poller_destroy(poller);
}
END_TEST

// A connection that breaks in the middle of a value: who waits for the rest learns that it will not come.
START_TEST(an_end_in_the_middle_of_a_value_is_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i % TRANSPORTS);
    const bool silent = _i / TRANSPORTS == 1;
    OK(sps_poller_add(poller, pair.client, NULL));
    if (silent) {
        OK(sps_socket_set_idle_timeout(pair.client, 100));
    }
    uint32_t value;
    OK(sps_stream_put_u8(pair.peer, 1));
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    IS(sps_stream_try_get_u32(pair.client, &value), SPS_ERR_BUSY);
    if (!silent) {
        OK(sps_stream_put_u8(pair.client, 1)); // not read there: TCP's close is a reset
        size_t there;
        WAIT_UNTIL(
            (wait_once(poller, 0), sps_stream_get_available_bytes(pair.peer, &there), there == 1));
        sps_stream_destroy(pair.peer);
        pair.peer = NULL;
    }
    expect_event(poller, pair.client, SPS_EVENT_FINISHED);
    ck_assert_int_ne(sps_stream_try_get_u32(pair.client, &value), SPS_ERR_BUSY);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    uint8_t byte;
    OK(sps_stream_try_get_u8(pair.client, &byte));
    expect_event(poller, pair.client, SPS_EVENT_CLOSED);
    if (silent) {
        expect_reason(pair.client, SPS_CLOSE_IDLE);
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// More than a first read brings, and then the end.
START_TEST(many_bytes_and_the_end_at_once) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_read_bytes = 100};
    sps_poller *poller = make_poller(&options);
    pair pair = connect_pair(_i);
    uint8_t bytes[1450];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    sps_stream_destroy(pair.peer);
    pair.peer = NULL;
    OK(sps_poller_add(poller, pair.client, NULL));
    size_t total = 0;
    for (uint32_t told = 0; !(told & SPS_EVENT_CLOSED);) {
        told = wait_for_event(poller).kinds;
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
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(events_that_are_not_taken_are_kept) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(poller, 20000), 1);
    const uint64_t start = now_ms();
    ck_assert_uint_eq(wait_once(poller, 20000), 1);
    ck_assert_uint_lt(now_ms() - start, 10000);
    sps_stream_destroy(pair.peer);
    pair.peer = NULL;
    gather_events(poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(bytes_that_were_read_before_their_event_was_taken_are_not_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(poller, 20000), 1);
    uint8_t value;
    OK(sps_stream_try_get_u8(pair.client, &value));
    expect_nothing(poller);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// The same with another event behind it, and with more bytes than the queue had room for: these are told
// of once there is room.
START_TEST(bytes_behind_those_that_are_not_told_are_told) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 2000};
    sps_poller *poller = make_poller(NULL);
    pair full = connect_pair_with(_i, &options), other = connect_pair(_i);
    static uint8_t bytes[10000];
    OK(sps_poller_add(poller, full.client, NULL));
    OK(sps_stream_put_data(full.peer, bytes, sizeof bytes, NULL));
    WAIT_UNTIL((wait_once(poller, 10), buffered(full.client)) == 2000);
    OK(sps_poller_add(poller, other.client, NULL));
    OK(sps_stream_put_u8(other.peer, 1));
    WAIT_UNTIL(wait_once(poller, 10) == 2);
    OK(sps_stream_consume(full.client, 2000));
    expect_event(poller, other.client, SPS_EVENT_READABLE);
    expect_event(poller, full.client, SPS_EVENT_READABLE);
    close_pair(&full);
    close_pair(&other);
    sps_poller_destroy(poller);
}
END_TEST

// Bytes that came with what a waiting get wanted would be told by nobody else.
START_TEST(bytes_that_a_get_has_read_ahead_are_told) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_u16(pair.peer, 1));
    uint8_t value;
    OK(sps_stream_get_u8(pair.client, &value));
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    expect_nothing(poller);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// Another event of the stream waits to be taken when bytes come by a call of the stream's own.
START_TEST(bytes_are_told_with_an_event_that_waits) {
    sps_poller *poller = make_poller(NULL);
    sps_server *server = make_server(_i, NULL);
    const place place = listen_somewhere(server, _i);
    sps_stream *client = make_stream(_i, NULL);
    OK(sps_poller_add(poller, client, NULL));
    OK(connect_to(client, &place));
    ck_assert_uint_eq(wait_once(poller, 20000), 1); // CONNECTED
    sps_stream *peer = take_from(server);
    OK(sps_stream_put_u32(peer, 7));
    size_t available = 0;
    WAIT_UNTIL((OK(sps_stream_get_available_bytes(client, &available)), available) == 4);
    OK(sps_socket_poll(client));
    expect_event(poller, client, SPS_EVENT_CONNECTED | SPS_EVENT_READABLE);
    expect_nothing(poller);
    sps_stream_destroy(peer);
    sps_stream_destroy(client);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

// The write has failed before the stream is added, and the bytes that came before are still there.
START_TEST(a_failed_write_before_it_was_added) {
    const sps_stream_options options = {
        .struct_size = sizeof options, .io_timeout_ms = 50, .os_send_buffer_bytes = 4096};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i, &options);
    OK(sps_stream_put_u32(pair.peer, 5));
    size_t available = 0;
    WAIT_UNTIL((OK(sps_stream_get_available_bytes(pair.client, &available)), available) == 4);
    static char large[8 * 1024 * 1024];
    IS(sps_stream_put_utf8_string(pair.client, large, sizeof large), SPS_FAILED);
    OK(sps_poller_add(poller, pair.client, NULL));
    expect_event(poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    uint32_t value;
    OK(sps_stream_try_get_u32(pair.client, &value));
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_PUT_TIMED_OUT);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// The same in the poller: bytes that the failed put has read are told of, and then the end.
START_TEST(a_failed_write_with_bytes_to_be_read) {
    const sps_stream_options options = {
        .struct_size = sizeof options, .io_timeout_ms = 50, .os_send_buffer_bytes = 4096};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i, &options);
    OK(sps_poller_add(poller, pair.client, NULL));
    expect_nothing(poller);
    OK(sps_stream_set_write_batching(pair.client, false));
    OK(sps_stream_put_u32(pair.peer, 5));
    size_t available = 0;
    WAIT_UNTIL((OK(sps_stream_get_available_bytes(pair.client, &available)), available) == 4);
    static char large[8 * 1024 * 1024];
    IS(sps_stream_put_utf8_string(pair.client, large, sizeof large), SPS_FAILED);
    gather_events(poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    uint32_t value;
    OK(sps_stream_try_get_u32(pair.client, &value));
    const sps_event event = wait_for_event(poller);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_PUT_TIMED_OUT);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(an_object_answers_poll_by_itself) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_u32(pair.peer, 7));
    uint32_t value = 0;
    WAIT_UNTIL((OK(sps_socket_poll(pair.client)), sps_stream_try_get_u32(pair.client, &value)) ==
               SPS_OK);
    ck_assert_uint_eq(value, 7);
    OK(sps_stream_put_u32(pair.client, 8));
    OK(sps_socket_poll(pair.client)); // sends it
    OK(sps_stream_get_u32(pair.peer, &value));
    ck_assert_uint_eq(value, 8);
    expect_nothing(poller);
    OK(sps_stream_put_u32(pair.peer, 9));
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// ---- Writing

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

// Puts until ERR_BUSY; returns the bytes that were taken.
static uint64_t fill(sps_poller *poller, sps_stream *stream, size_t piece, uint64_t offset) {
    uint8_t bytes[70000];
    for (;;) {
        fill_pattern(bytes, piece, offset);
        const sps_error error = sps_stream_put_data(stream, bytes, piece, NULL);
        if (error == SPS_ERR_BUSY) {
            wait_once(poller, 0);
            if (sps_stream_put_data(stream, bytes, piece, NULL) == SPS_ERR_BUSY) {
                return offset;
            }
        } else {
            OK(error);
        }
        offset += piece;
    }
}

static uint64_t drain(sps_stream *stream, uint64_t offset) {
    uint8_t bytes[4096];
    size_t count = 1;
    while (count > 0) {
        OK(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count));
        ck_assert(is_pattern(bytes, count, offset));
        offset += count;
    }
    return offset;
}

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

// Without batching a put that took only a part is told of when the OS takes more; also of a stream that has
// a full read queue, and bytes behind that.
START_TEST(a_partial_put_without_batching_is_told_of) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1000};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i % TRANSPORTS, &options);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_set_write_batching(pair.client, false));
    static uint8_t bytes[65536];
    if (_i / TRANSPORTS == 1) {
        OK(sps_stream_put_data(pair.peer, bytes, 5000, NULL));
        expect_event(poller, pair.client, SPS_EVENT_READABLE);
        ck_assert_uint_eq(buffered(pair.client), 1000);
    }
    uint64_t sent = 0, received = 0;
    for (int i = 0; i < 3; i++) {
        size_t count = sizeof bytes;
        while (count == sizeof bytes) {
            fill_pattern(bytes, sizeof bytes, sent);
            OK(sps_stream_put_partial_data(pair.client, bytes, sizeof bytes, &count));
            sent += count;
        }
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

// ---- Reading

// A reader that takes its time: its queue fills, and it is read again as soon as there is room, without
// anything new from the peer.
START_TEST(a_full_queue_is_read_again_once_there_is_room) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 5000};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i, &options);
    enum { TOTAL = 100000 };
    static uint8_t bytes[TOTAL];
    fill_pattern(bytes, TOTAL, 0);
    OK(sps_stream_put_data(pair.peer, bytes, TOTAL, NULL));
    OK(sps_poller_add(poller, pair.client, NULL));
    size_t received = 0;
    const uint64_t deadline = now_ms() + 20000;
    while (received < TOTAL) {
        ck_assert_uint_lt(now_ms(), deadline);
        wait_once(poller, -1); // it never waits in vain
        const uint8_t *span;
        size_t count;
        OK(sps_stream_peek(pair.client, 0, &span, &count));
        ck_assert_uint_le(count, 5000);
        ck_assert(is_pattern(span, count, received));
        const size_t taken = count > 777 ? 777 : count; // and something is left mostly
        OK(sps_stream_consume(pair.client, taken));
        received += taken;
        sps_event event;
        while (next_event(poller, &event)) {
            ck_assert_uint_eq(event.kinds, SPS_EVENT_READABLE);
        }
        if (count == taken && received < TOTAL) {
            continue;
        }
        sps_poller_wake(poller); // there is more in the queue than was told of
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// No more is read ahead than was chosen, however little that is, and however much comes at once.
START_TEST(a_small_queue_is_not_overfilled) {
    static const uint32_t sizes[] = {100, 1024, 1500};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const sps_stream_options options = {.struct_size = sizeof options,
                                            .read_buffer_bytes = sizes[i]};
        sps_poller *poller = make_poller(NULL);
        pair pair = connect_pair_with(_i, &options);
        OK(sps_poller_add(poller, pair.client, NULL));
        static uint8_t bytes[3000];
        for (int round = 0; round < 3; round++) {
            expect_nothing(poller);
            OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
            for (size_t received = 0; received < sizeof bytes;) {
                expect_event(poller, pair.client, SPS_EVENT_READABLE);
                const size_t count = buffered(pair.client);
                ck_assert_uint_le(count, sizes[i]);
                OK(sps_stream_consume(pair.client, count));
                received += count;
            }
        }
        close_pair(&pair);
        sps_poller_destroy(poller);
    }
}
END_TEST

// A get that wanted more let the queue grow past its bound, so the peer was not listened to for a while.
// It is again once the queue is empty.
START_TEST(a_queue_that_was_too_full_is_read_again) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 1024};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i, &options);
    OK(sps_poller_add(poller, pair.client, NULL));
    const uint8_t *span;
    size_t count;
    IS(sps_stream_peek(pair.client, 4000, &span, &count), SPS_ERR_BUSY);
    static const uint8_t bytes[3000];
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    WAIT_UNTIL((wait_once(poller, 10), buffered(pair.client)) == sizeof bytes);
    OK(sps_stream_peek(pair.client, 1, &span, &count)); // the last that asks counts
    wait_once(poller, 0);
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    OK(sps_stream_consume(pair.client, sizeof bytes));
    OK(sps_stream_put_data(pair.peer, bytes, 10, NULL));
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    ck_assert_uint_eq(buffered(pair.client), 10);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// A full queue, and nobody who reads: the wait does not spin, though bytes, and then the end, wait in
// the OS.
START_TEST(a_full_queue_does_not_spin) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 2000};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i, &options);
    uint8_t bytes[10000] = {0};
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    OK(sps_poller_add(poller, pair.client, NULL));
    for (size_t count = 0; count < 2000;) {
        const uint8_t *span;
        expect_event(poller, pair.client, SPS_EVENT_READABLE);
        OK(sps_stream_peek(pair.client, 0, &span, &count));
    }
    for (int i = 0; i < 2; i++) {
        struct timespec before, after;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
        ck_assert_uint_eq(wait_once(poller, 300), 0);
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
        const int64_t used_ms =
            (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
        ck_assert_int_lt(used_ms, 100);
        sps_stream_destroy(pair.peer); // a second time: with the end behind the bytes
        pair.peer = NULL;
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// A value that is larger than what is read ahead is told of as it comes, once somebody has asked for it.
START_TEST(a_large_value_that_comes_in_parts_is_told_of) {
    static const size_t sizes[] = {3000, 5000, 100000};
    static char text[100000];
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        const size_t size = sizes[i];
        sps_poller *poller = make_poller(NULL);
        pair pair = connect_pair(_i);
        memset(text, 'x', size);
        OK(sps_poller_add(poller, pair.client, NULL));
        OK(sps_stream_put_u32(pair.peer, (uint32_t)size));
        OK(sps_stream_put_data(pair.peer, text, size * 7 / 10, NULL));
        size_t sent = size * 7 / 10;
        const char *got;
        size_t count = 0;
        sps_error error = SPS_ERR_BUSY;
        while (error == SPS_ERR_BUSY) { // only what is told of is looked at
            if (wait_once(poller, 50) == 0) {
                const size_t piece = size - sent < size / 50 ? size - sent : size / 50;
                ck_assert_uint_gt(piece, 0);
                OK(sps_stream_put_data(pair.peer, text, piece, NULL));
                sent += piece;
            }
            sps_event event;
            while (next_event(poller, &event)) {
                error =
                    sps_stream_try_get_utf8_string(pair.client, SPS_LENGTH_PREFIXED, &got, &count);
            }
        }
        OK(error);
        ck_assert_uint_eq(count, size);
        close_pair(&pair);
        sps_poller_destroy(poller);
    }
}
END_TEST

static int64_t processor_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// A peer that cannot be read is not idle, and its time does not make the wait spin: with a full queue,
// and with the end behind unread bytes.
START_TEST(a_peer_that_is_held_back_is_not_idle) {
    const sps_stream_options options = {
        .struct_size = sizeof options, .read_buffer_bytes = 1024, .idle_timeout_ms = 100};
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair_with(_i % TRANSPORTS, &options);
    const bool full = _i / TRANSPORTS == 0;
    static uint8_t bytes[5000];
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_data(pair.peer, bytes, full ? sizeof bytes : 10, NULL));
    if (!full) {
        OK(sps_socket_shutdown_write(pair.peer));
    }
    gather_until(poller, full ? SPS_EVENT_READABLE : SPS_EVENT_FINISHED);
    const int64_t before = processor_ms();
    ck_assert_uint_eq(wait_once(poller, 400), 0);
    ck_assert_int_lt(processor_ms() - before, 100);
    if (full) { // once it is read again, its time begins anew
        size_t count;
        OK(sps_stream_get_partial_data(pair.client, bytes, 1024, &count));
        gather_until(poller, SPS_EVENT_READABLE);
        ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    }
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// TCP's urgent data: a read stops at the mark, and what follows is not lost (tcp(7)).
START_TEST(bytes_behind_urgent_data_are_read) {
    NEEDS_THE_MACHINE
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(TCP);
    OK(sps_poller_add(poller, pair.client, NULL));
    intptr_t fd;
    OK(sps_tcp_release_fd(pair.peer, &fd));
    for (int i = 0; i < 50; i++) {
        ck_assert_int_eq(send((int)fd, "before", 6, 0), 6);
        ck_assert_int_eq(send((int)fd, "!", 1, MSG_OOB), 1);
        ck_assert_int_eq(send((int)fd, "behind", 6, 0), 6);
        char text[13] = "";
        for (size_t received = 0; received < 12;) {
            wait_once(poller, 20000);
            sps_event event;
            ck_assert(next_event(poller, &event));
            size_t count;
            OK(sps_stream_get_partial_data(pair.client, text + received, 12 - received, &count));
            received += count;
        }
        ck_assert_str_eq(text, "beforebehind");
    }
    close((int)fd);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// A read of a Unix socket stops at a descriptor that is sent along, and what follows is not lost.
START_TEST(bytes_behind_ancillary_data_are_read) {
    NEEDS_THE_MACHINE
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(UDS);
    OK(sps_poller_add(poller, pair.client, NULL));
    intptr_t fd;
    OK(sps_uds_release_fd(pair.peer, &fd));
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    const int passed = (int)fd;
    memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
    struct iovec piece = {"with", 4};
    const struct msghdr message = {.msg_iov = &piece,
                                   .msg_iovlen = 1,
                                   .msg_control = &control,
                                   .msg_controllen = sizeof control};
    ck_assert_int_eq(sendmsg((int)fd, &message, 0), 4);
    ck_assert_int_eq(send((int)fd, "behind", 6, 0), 6);
    char text[11] = "";
    for (size_t received = 0; received < 10;) {
        expect_event(poller, pair.client, SPS_EVENT_READABLE);
        size_t count;
        OK(sps_stream_get_partial_data(pair.client, text + received, 10 - received, &count));
        received += count;
    }
    ck_assert_str_eq(text, "withbehind");
    close((int)fd);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// One peer floods; another's single byte is told in the next wait, however much the flood has waiting.
START_TEST(a_flood_does_not_delay_the_others) {
    sps_poller *poller = make_poller(NULL);
    pair flood = connect_pair(_i), calm = connect_pair(_i);
    OK(sps_poller_add(poller, flood.client, NULL));
    OK(sps_poller_add(poller, calm.client, NULL));
    static uint8_t piece[65536], into[65536];
    for (int i = 0; i < 200; i++) {
        size_t count = 1;
        while (count > 0) { // the flood has all that the OS takes
            OK(sps_stream_put_partial_data(flood.peer, piece, sizeof piece, &count));
        }
        OK(sps_stream_put_u8(calm.peer, 1));
        size_t available = 0;
        WAIT_UNTIL((sps_stream_get_available_bytes(calm.client, &available), available) > 0);
        wait_once(poller, 0);
        bool calm_was_told = false;
        sps_event event;
        while (next_event(poller, &event)) {
            calm_was_told = calm_was_told || event.stream == calm.client;
        }
        ck_assert(calm_was_told);
        const uint8_t *span;
        OK(sps_stream_peek(flood.client, 0, &span, &count));
        ck_assert_uint_le(count, sizeof piece); // its share
        OK(sps_stream_get_partial_data(flood.client, into, sizeof into, &count));
        OK(sps_stream_try_get_u8(calm.client, into));
    }
    close_pair(&flood);
    close_pair(&calm);
    sps_poller_destroy(poller);
}
END_TEST

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

// ---- Servers

START_TEST(connections_are_told_while_some_are_left) {
    sps_poller *poller = make_poller(NULL);
    sps_server *server = make_server(_i, NULL);
    int mark;
    OK(sps_poller_add_server(poller, server, &mark)); // before it listens
    expect_nothing(poller);
    const place place = listen_somewhere(server, _i);
    expect_nothing(poller);
    sps_stream *clients[5], *peers[5];
    for (int i = 0; i < 5; i++) {
        clients[i] = make_stream(_i, NULL);
        OK(connect_to(clients[i], &place));
    }
    for (int i = 0; i < 5; i++) { // one at a time
        const sps_event event = wait_for_event(poller);
        ck_assert_uint_eq(event.kinds, SPS_EVENT_CONNECTION_AVAILABLE);
        ck_assert_ptr_eq(event.server, server);
        ck_assert_ptr_eq(event.user_data, &mark);
        ck_assert_ptr_null(event.stream);
        OK(sps_server_take_connection(server, &peers[i]));
    }
    expect_nothing(poller);
    OK(sps_server_stop(server));
    expect_nothing(poller);
    OK(listen_at(server, &place));
    OK(sps_socket_disconnect(clients[0]));
    OK(connect_to(clients[0], &place));
    ck_assert_ptr_eq(wait_for_event(poller).server, server);
    for (int i = 0; i < 5; i++) {
        sps_stream_destroy(clients[i]);
        sps_stream_destroy(peers[i]);
    }
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

// A stream's event comes first, but its bytes are read before it is taken: nothing of it is in the next.
START_TEST(a_servers_event_is_of_no_stream) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_poller_add_server(poller, pair.server, NULL));
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(poller, 20000), 1);
    sps_stream *other = make_stream(_i, NULL);
    OK(connect_to(other, &pair.place));
    WAIT_UNTIL(wait_once(poller, 0) == 2);
    uint8_t value;
    OK(sps_stream_try_get_u8(pair.client, &value));
    sps_event event;
    ck_assert(next_event(poller, &event));
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CONNECTION_AVAILABLE);
    ck_assert_ptr_eq(event.server, pair.server);
    ck_assert_ptr_null(event.stream);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_NONE);
    ck_assert(!next_event(poller, &event));
    sps_stream_destroy(other);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_server_that_is_removed_has_no_events) {
    sps_poller *poller = make_poller(NULL);
    sps_server *server = make_server(_i, NULL);
    const place place = listen_somewhere(server, _i);
    OK(sps_poller_add_server(poller, server, NULL));
    expect_nothing(poller); // it is watched from now on
    sps_stream *clients[2] = {make_stream(_i, NULL), make_stream(_i, NULL)};
    for (int i = 0; i < 2; i++) { // once before there is an event, and once with one
        OK(sps_poller_remove_server(poller, server));
        IS(sps_poller_remove_server(poller, server), SPS_ERR_DOES_NOT_EXIST);
        OK(connect_to(clients[i], &place));
        expect_nothing(poller);
        OK(sps_poller_add_server(poller, server, NULL)); // and it may come again
        ck_assert_uint_eq(wait_once(poller, 20000), 1);
    }
    ck_assert_ptr_eq(wait_for_event(poller).server, server);
    for (int i = 0; i < 2; i++) {
        sps_stream_destroy(take_from(server));
        sps_stream_destroy(clients[i]);
    }
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

// A server was told of, and left for the next wait; before that it stops, and listens anew.
START_TEST(what_was_told_of_a_server_ends_with_it) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_events = 1};
    sps_poller *poller = make_poller(&options);
    sps_server *servers[2];
    sps_stream *clients[2];
    place places[2];
    for (int i = 0; i < 2; i++) {
        servers[i] = make_server(_i, NULL);
        places[i] = listen_somewhere(servers[i], _i);
        OK(sps_poller_add_server(poller, servers[i], NULL));
    }
    wait_once(poller, 0); // both are watched from now on
    for (int i = 0; i < 2; i++) {
        clients[i] = make_stream(_i, NULL);
        OK(connect_to(clients[i], &places[i]));
        bool available = false;
        WAIT_UNTIL((OK(sps_server_is_connection_available(servers[i], &available)), available));
    }
    const sps_event event = wait_for_event(poller);
    const int other = event.server == servers[0] ? 1 : 0;
    sps_stream_destroy(take_from(event.server));
    OK(sps_server_stop(servers[other]));
    places[other] = listen_somewhere(servers[other], _i);
    expect_nothing(poller);
    for (int i = 0; i < 2; i++) {
        sps_stream_destroy(clients[i]);
        sps_server_destroy(servers[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

// Without descriptors the server rests and the wait does not spin; with some it goes on by itself.
START_TEST(a_server_without_descriptors_rests) {
    NEEDS_THE_MACHINE
    sps_poller *poller = make_poller(NULL);
    sps_server *server = make_server(_i, NULL);
    const place place = listen_somewhere(server, _i);
    OK(sps_poller_add_server(poller, server, NULL));
    sps_stream *client = make_stream(_i, NULL);
    OK(connect_to(client, &place));
    ck_assert_ptr_eq(wait_for_event(poller).server, server);
    struct rlimit before;
    getrlimit(RLIMIT_NOFILE, &before);
    const struct rlimit none = {3, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    sps_stream *peer = NULL;
    int rests = 0;
    const uint64_t start = now_ms();
    while (now_ms() - start < 550) {
        IS(sps_server_take_connection(server, &peer), SPS_ERR_CANT_ACQUIRE_RESOURCE);
        rests++;
        ck_assert_ptr_eq(wait_for_event(poller).server, server);
    }
    ck_assert_int_le(rests, 8);
    setrlimit(RLIMIT_NOFILE, &before);
    OK(sps_server_take_connection(server, &peer));
    expect_nothing(poller);
    sps_stream_destroy(peer);
    sps_stream_destroy(client);
    sps_server_destroy(server);
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
    ck_assert_uint_eq(wait_once(poller, -1), 0); // the next one, once
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

static sps_poller *woken_by_signal;
static volatile sig_atomic_t signals_to_ignore = 3;

static void on_alarm(int number) {
    (void)number;
    if (signals_to_ignore > 0) {
        signals_to_ignore--;
    } else {
        sps_poller_wake(woken_by_signal);
    }
}

// A signal alone does not end it; its handler does.
START_TEST(a_signals_handler_may_wake) {
    NEEDS_THE_MACHINE
    woken_by_signal = make_poller(NULL);
    const struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    const struct timespec interval = {0, 20000000};
    timer_t timer;
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    const struct itimerspec times = {interval, interval};
    ck_assert_int_eq(timer_settime(timer, 0, &times, NULL), 0);
    ck_assert_uint_eq(wait_once(woken_by_signal, -1), 0);
    ck_assert_int_eq(signals_to_ignore, 0);
    timer_delete(timer);
    sps_poller_destroy(woken_by_signal);
}
END_TEST

// ---- Adding and removing

START_TEST(what_is_removed_has_no_events) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(poller, 20000), 1);
    OK(sps_poller_remove(poller, pair.client));
    expect_nothing(poller);
    IS(sps_poller_remove(poller, pair.client), SPS_ERR_DOES_NOT_EXIST);
    uint8_t value;
    OK(sps_stream_get_u8(pair.client, &value)); // it works by itself
    OK(sps_stream_put_u8(pair.client, 2));      // and at once: batching is off again
    OK(sps_stream_get_u8(pair.peer, &value));
    ck_assert_uint_eq(value, 2);
    OK(sps_poller_add(poller, pair.client, NULL)); // and may come again
    OK(sps_stream_put_u8(pair.peer, 1));
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(what_is_removed_keeps_its_batching) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_stream_put_u8(pair.client, 2));
    OK(sps_poller_remove(poller, pair.client));
    ck_assert_uint_eq(pending(pair.client), 1);
    OK(sps_poller_add(poller, pair.client, NULL));
    wait_once(poller, 0);
    ck_assert_uint_eq(pending(pair.client), 0);
    OK(sps_stream_set_write_batching(pair.client, false)); // the caller's wish
    OK(sps_stream_put_u8(pair.client, 3));
    uint16_t value;
    OK(sps_stream_get_u16(pair.peer, &value));
    ck_assert_uint_eq(value, 0x0302);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// The events of a wait are of ten streams; the first one's handler ends all others.
START_TEST(peers_may_be_destroyed_inside_the_loop) {
    sps_poller *poller = make_poller(NULL);
    pair pairs[10];
    for (int i = 0; i < 10; i++) {
        pairs[i] = connect_pair(_i);
        OK(sps_poller_add(poller, pairs[i].client, &pairs[i]));
        OK(sps_stream_put_u8(pairs[i].peer, 1));
    }
    WAIT_UNTIL(wait_once(poller, 10) == 10);
    sps_event event;
    ck_assert(next_event(poller, &event));
    for (int i = 0; i < 10; i++) {
        if (&pairs[i] != event.user_data && i % 2 == 0) {
            sps_stream_destroy(pairs[i].client);
            pairs[i].client = NULL;
        } else if (&pairs[i] != event.user_data) {
            OK(sps_poller_remove(poller, pairs[i].client));
        }
    }
    expect_nothing(poller);
    const pair *last = event.user_data;
    OK(sps_stream_put_u8(last->peer, 1));
    expect_event(poller, event.stream, SPS_EVENT_READABLE);
    sps_stream_destroy(event.stream); // the one that the event is of
    expect_nothing(poller);
    for (int i = 0; i < 10; i++) {
        pairs[i].client = &pairs[i] == last ? NULL : pairs[i].client;
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(what_is_in_a_poller_outlives_it) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    sps_stream *connecting = make_stream(_i, NULL);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_poller_add_server(poller, pair.server, NULL));
    OK(sps_poller_add(poller, connecting, NULL));
    OK(connect_to(connecting, &pair.place));
    OK(sps_stream_put_u32(pair.peer, 1));
    WAIT_UNTIL(wait_once(poller, 20000) >= 2);
    OK(sps_stream_put_u32(pair.client, 2)); // in a buffer of the poller's
    sps_poller_destroy(poller);
    uint32_t value;
    OK(sps_stream_get_u32(pair.client, &value));
    OK(sps_stream_get_u32(pair.peer, &value));
    sps_stream *other = take_from(pair.server);
    WAIT_UNTIL(polled_status(connecting) == SPS_STATUS_CONNECTED);
    sps_stream_destroy(other);
    sps_stream_destroy(connecting);
    close_pair(&pair);
}
END_TEST

START_TEST(a_descriptor_comes_and_goes) {
    sps_poller *poller = make_poller(NULL);
    pair pair = connect_pair(_i);
    OK(sps_poller_add(poller, pair.client, NULL));
    expect_nothing(poller);
    intptr_t fd;
    OK(_i == TCP ? sps_tcp_release_fd(pair.client, &fd) : sps_uds_release_fd(pair.client, &fd));
    OK(sps_stream_put_u8(pair.peer, 1));
    expect_nothing(poller);
    OK(_i == TCP ? sps_tcp_adopt_fd(pair.client, fd) : sps_uds_adopt_fd(pair.client, fd));
    expect_event(poller, pair.client, SPS_EVENT_READABLE);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(without_descriptors_no_poller_is_made) {
    NEEDS_THE_MACHINE
    struct rlimit before;
    getrlimit(RLIMIT_NOFILE, &before);
    const int next = dup(0);
    close(next);
    sps_poller *poller = NULL;
    for (int spare = 0; spare < 2; spare++) { // it needs two
        const struct rlimit few = {(rlim_t)next + (rlim_t)spare, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        IS(sps_poller_create(NULL, &poller), SPS_ERR_CANT_ACQUIRE_RESOURCE);
        ck_assert_ptr_null(poller);
    }
    setrlimit(RLIMIT_NOFILE, &before);
    poller = make_poller(NULL);
    sps_poller_destroy(poller);
}
END_TEST

// ---- Bad input

START_TEST(bad_input_changes_nothing) {
    sps_poller *poller = make_poller(NULL), *other = make_poller(NULL);
    sps_stream *stream = make_stream(TCP, NULL);
    sps_server *server = make_server(TCP, NULL);
    sps_event event = {.struct_size = sizeof event};
    size_t count = 99;
    const sps_poller_options no_size = {.struct_size = 0};
    sps_poller *none = poller;
    IS(sps_poller_create(&no_size, &none), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(none);
    IS(sps_poller_create(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    sps_poller_destroy(NULL);
    IS(sps_poller_add(NULL, stream, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_add(poller, NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_add_server(NULL, server, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_add_server(poller, NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove(NULL, stream), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove(poller, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove_server(NULL, server), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove_server(poller, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove(poller, stream), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_poller_remove_server(poller, server), SPS_ERR_DOES_NOT_EXIST);
    OK(sps_poller_add(poller, stream, NULL));
    OK(sps_poller_add_server(poller, server, NULL));
    IS(sps_poller_add(poller, stream, NULL), SPS_ERR_ALREADY_IN_USE);
    IS(sps_poller_add(other, stream, NULL), SPS_ERR_ALREADY_IN_USE);
    IS(sps_poller_add_server(other, server, NULL), SPS_ERR_ALREADY_IN_USE);
    IS(sps_poller_remove(other, stream), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_poller_remove_server(other, server), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_poller_wait(NULL, 0, &count), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(count, 0);
    IS(sps_poller_wait(poller, 0, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_wait(poller, -2, &count), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_wake(NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_next_event(poller, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_next_event(poller, &event), SPS_ERR_BUSY);
    event.kinds = 1;
    IS(sps_poller_next_event(NULL, &event), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(event.kinds, 0);
    event.struct_size = 0;
    IS(sps_poller_next_event(poller, &event), SPS_ERR_INVALID_PARAMETER);
    OK(sps_poller_remove(poller, stream));
    OK(sps_poller_remove_server(poller, server));
    sps_stream_destroy(stream);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
    sps_poller_destroy(other);
}
END_TEST

Suite *poller_suite(void) {
    Suite *suite = suite_create("poller");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, nothing_happens_and_nothing_is_told, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_connection_is_told_from_its_begin_to_its_end, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_closed_stream_may_connect_again, 0, TRANSPORTS);
    tcase_add_test(all, a_refused_connection_is_told);
    tcase_add_loop_test(all, what_the_caller_does_itself_is_not_told, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_end_that_a_get_meets_is_told, 0, TRANSPORTS);
    tcase_add_loop_test(all, what_was_there_before_is_told, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_and_the_end_at_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_end_in_the_middle_of_a_value_is_told, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, many_bytes_and_the_end_at_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, events_that_are_not_taken_are_kept, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_that_were_read_before_their_event_was_taken_are_not_told, 0,
                        TRANSPORTS);
    tcase_add_loop_test(all, bytes_behind_those_that_are_not_told_are_told, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_that_a_get_has_read_ahead_are_told, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_are_told_with_an_event_that_waits, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_failed_write_before_it_was_added, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_failed_write_with_bytes_to_be_read, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_object_answers_poll_by_itself, 0, TRANSPORTS);
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
    TCase *reading = add_case(suite, "reading");
    tcase_add_loop_test(reading, a_full_queue_is_read_again_once_there_is_room, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_small_queue_is_not_overfilled, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_queue_that_was_too_full_is_read_again, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_full_queue_does_not_spin, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_large_value_that_comes_in_parts_is_told_of, 0, TRANSPORTS);
    tcase_add_loop_test(reading, a_peer_that_is_held_back_is_not_idle, 0, 2 * TRANSPORTS);
    tcase_add_test(reading, bytes_behind_urgent_data_are_read);
    tcase_add_test(reading, bytes_behind_ancillary_data_are_read);
    tcase_add_loop_test(reading, a_flood_does_not_delay_the_others, 0, TRANSPORTS);
    TCase *budgets = add_case(suite, "budgets");
    tcase_add_test(budgets, a_wait_tells_so_many_events_at_most);
    tcase_add_loop_test(budgets, a_wait_reads_so_many_bytes_at_most, 0, TRANSPORTS);
    tcase_add_test(budgets, a_wait_adds_no_events_to_enough);
    tcase_add_test(budgets, puts_leave_whatever_the_budget);
    tcase_add_test(budgets, a_wait_serves_all_for_whom_there_is_time);
    tcase_add_test(budgets, a_wait_ends_when_its_time_is_over);
    TCase *servers = add_case(suite, "servers");
    tcase_add_loop_test(servers, connections_are_told_while_some_are_left, 0, TRANSPORTS);
    tcase_add_loop_test(servers, a_servers_event_is_of_no_stream, 0, TRANSPORTS);
    tcase_add_loop_test(servers, a_server_that_is_removed_has_no_events, 0, TRANSPORTS);
    tcase_add_loop_test(servers, what_was_told_of_a_server_ends_with_it, 0, TRANSPORTS);
    tcase_add_loop_test(servers, a_server_without_descriptors_rests, 0, TRANSPORTS);
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
    TCase *waking = add_case(suite, "waking");
    tcase_add_test(waking, a_wake_ends_the_wait);
    tcase_add_test(waking, a_signals_handler_may_wake);
    TCase *members = add_case(suite, "members");
    tcase_add_loop_test(members, what_is_removed_has_no_events, 0, TRANSPORTS);
    tcase_add_loop_test(members, what_is_removed_keeps_its_batching, 0, TRANSPORTS);
    tcase_add_loop_test(members, peers_may_be_destroyed_inside_the_loop, 0, TRANSPORTS);
    tcase_add_loop_test(members, what_is_in_a_poller_outlives_it, 0, TRANSPORTS);
    tcase_add_loop_test(members, a_descriptor_comes_and_goes, 0, TRANSPORTS);
    tcase_add_test(members, without_descriptors_no_poller_is_made);
    tcase_add_test(members, bad_input_changes_nothing);
    return suite;
}
