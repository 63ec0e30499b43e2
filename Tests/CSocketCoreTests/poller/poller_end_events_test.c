// SPDX-License-Identifier: MIT
//
// A poller reports the end of every stream, whatever is full. A stream whose peer has finished
// closes only once no refused put remains.
#include "support/pollers.h"

// Small OS buffers of a fixed size.
static const sps_stream_options small = {
    .struct_size = sizeof small, .os_send_buffer_bytes = 16384, .os_receive_buffer_bytes = 16384};

// ---- Behind a full read buffer

// The peer sends until the client's read buffer stays full.
static void fill_read_buffer(const pair *pair) {
    uint64_t sent = 0;
    WAIT_UNTIL((sent = put_until_full(pair->peer, sent), wait_once(pair->poller, 0),
                take_events(pair->poller, SPS_EVENT_READABLE), buffered(pair->client) >= 65536));
}

static void reset_peer(pair *pair) {
    if (pair->place.transport == TCP) {
        OK(sps_tcp_close_reset(pair->peer));
    }
    drop_peer(pair); // a Unix socket resets, because its peer has unread bytes
}

static void expect_finished(const pair *pair, sps_close_reason reason) {
    sps_event event;
    do {
        event = wait_for_event(pair->poller);
    } while (!(event.kinds & SPS_EVENT_FINISHED));
    ck_assert_ptr_eq(event.stream, pair->client);
    ck_assert_str_eq(sps_close_reason_name(event.close_reason), sps_close_reason_name(reason));
}

// If the caller reads on as the poller asks, the stream closes with its reason.
static void expect_readable_to_the_end(pair *pair) {
    uint64_t received = 0;
    while (get_pattern(pair->client, &received) == SPS_OK && received > 0) {
        wait_once(pair->poller, 0);
        if (status_of(pair->client) != SPS_STATUS_CONNECTED) {
            break;
        }
    }
    ck_assert_uint_ge(received, 65536);
    expect_reason(pair->client, SPS_CLOSE_RESET);
}

// A relay with back-pressure. Its put was refused, so it stops reading until the poller reports
// room.
START_TEST(a_reset_is_reported_to_a_stream_that_waits_for_room) {
    pair pair = connect_watched_with(_i, &small);
    fill(pair.poller, pair.client, 4096, 0);
    fill_read_buffer(&pair);
    reset_peer(&pair);
    expect_finished(&pair, SPS_CLOSE_RESET);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    expect_readable_to_the_end(&pair);
    close_pair(&pair);
}
END_TEST

// The relay stops reading because of another stream, and has nothing to send.
START_TEST(a_reset_is_reported_to_a_stream_that_does_not_read) {
    pair pair = connect_watched_with(_i, &small);
    OK(sps_stream_put_u8(pair.client, 1)); // unread, so a Unix socket resets, too
    wait_once(pair.poller, 0);
    fill_read_buffer(&pair);
    reset_peer(&pair);
    expect_finished(&pair, SPS_CLOSE_RESET);
    expect_readable_to_the_end(&pair);
    close_pair(&pair);
}
END_TEST

// The poller reports the failure even if the caller ignores the put's error.
START_TEST(a_failed_put_is_reported) {
    pair pair = connect_watched_with(_i, &small);
    fill_read_buffer(&pair);
    OK(sps_stream_put_u8(pair.client, 1));
    reset_peer(&pair);
    WAIT_UNTIL(sps_stream_flush(pair.client) == SPS_FAILED ||
               (sps_stream_put_u8(pair.client, 1), false));
    expect_finished(&pair, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// ---- After the peer has finished

typedef struct answer {
    const pair *pair;
    uint64_t offset, total;
    bool in_parts;
} answer;

// Puts until all is done or a put is refused. Returns true if one was refused.
static bool put_on(answer *answer) {
    static uint8_t bytes[4000];
    while (answer->offset < answer->total) {
        const uint64_t left = answer->total - answer->offset;
        const size_t piece = left < sizeof bytes ? (size_t)left : sizeof bytes;
        size_t sent = 0;
        fill_pattern(bytes, piece, answer->offset);
        const sps_error error =
            answer->in_parts
                ? sps_stream_put_partial_data(answer->pair->client, bytes, piece, &sent)
                : sps_stream_put_data(answer->pair->client, bytes, piece, &sent);
        answer->offset += sent;
        if (error == SPS_ERR_BUSY || (error == SPS_OK && sent < piece)) {
            return true;
        }
        OK(error);
    }
    return false;
}

// The loop of poller.h: first gets, then the refused put.
static void act_on_events(answer *answer) {
    sps_event event;
    while (next_event(answer->pair->poller, &event)) {
        uint8_t unused;
        if (event.kinds & SPS_EVENT_CLOSED) {
            continue;
        }
        IS(sps_stream_try_get_u8(event.stream, &unused), SPS_ERR_BUSY);
        if (event.kinds & SPS_EVENT_WRITABLE) {
            put_on(answer);
        }
    }
}

static bool peer_reads_on(const pair *pair, uint64_t *received) {
    return get_pattern(pair->peer, received) == SPS_OK;
}

// A peer asks, finishes, and reads slowly. It gets the whole answer, which is larger than all
// buffers.
START_TEST(a_refused_put_succeeds_after_the_peer_has_finished) {
    pair pair = connect_watched_with(_i % TRANSPORTS, &small);
    answer answer = {.pair = &pair, .total = 400000, .in_parts = _i >= TRANSPORTS};
    OK(sps_socket_shutdown_write(pair.peer));
    ck_assert(put_on(&answer));
    uint64_t received = 0;
    WAIT_UNTIL(
        (wait_once(pair.poller, 0), act_on_events(&answer), !peer_reads_on(&pair, &received)));
    ck_assert_uint_eq(answer.offset, answer.total);
    ck_assert_uint_eq(received, answer.total);
    expect_reason(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

// The same without a poller: each poll gives one chance to put again.
START_TEST(a_refused_put_succeeds_after_the_peer_has_finished_without_a_poller) {
    pair pair = connect_pair_with(_i % TRANSPORTS, &small);
    answer answer = {.pair = &pair, .total = 400000, .in_parts = true};
    OK(sps_stream_set_write_batching(pair.client, _i >= TRANSPORTS));
    OK(sps_socket_shutdown_write(pair.peer));
    ck_assert(put_on(&answer));
    uint64_t received = 0;
    while (answer.offset < answer.total) {
        peer_reads_on(&pair, &received);
        OK(sps_socket_poll(pair.client));
        ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
        put_on(&answer);
    }
    WAIT_UNTIL((polled_status(pair.client), !peer_reads_on(&pair, &received)));
    ck_assert_uint_eq(received, answer.total);
    WAIT_UNTIL(polled_status(pair.client) == SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

// If the caller puts nothing after a report of room, it has used its chance.
START_TEST(a_turn_that_is_not_used_ends_the_stream) {
    pair pair = connect_watched_with(_i, &small);
    fill(pair.poller, pair.client, 4000, 0);
    OK(sps_socket_shutdown_write(pair.peer));
    uint64_t received = 0;
    uint32_t reported = 0;
    WAIT_UNTIL((peer_reads_on(&pair, &received), wait_once(pair.poller, 0)));
    while (!(reported & SPS_EVENT_CLOSED)) {
        peer_reads_on(&pair, &received);
        wait_once(pair.poller, 0);
        for (sps_event event; next_event(pair.poller, &event);) {
            reported |= event.kinds;
        }
    }
    ck_assert_uint_ne(reported & SPS_EVENT_WRITABLE, 0);
    expect_reason(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

// The peer finishes in order, and resets before the answer arrives. This is not an orderly end.
START_TEST(a_lost_answer_is_not_an_orderly_end) {
    pair pair = connect_watched_with(_i, &small);
    fill(pair.poller, pair.client, 4000, 0);
    OK(sps_socket_shutdown_write(pair.peer));
    gather_until(pair.poller, SPS_EVENT_FINISHED);
    reset_peer(&pair);
    gather_until(pair.poller, SPS_EVENT_CLOSED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// The connection breaks between the report of an orderly end and its event, which says so.
START_TEST(an_end_that_breaks_before_its_event_is_reported_once) {
    pair pair = connect_watched_with(_i, &small);
    const uint8_t *span;
    size_t count;
    OK(sps_stream_put_u8(pair.client, 1));
    wait_once(pair.poller, 0);
    await_bytes(pair.peer, 1); // unread, so a Unix socket resets, too
    OK(sps_stream_put_u8(pair.peer, 7));
    OK(sps_socket_shutdown_write(pair.peer));
    WAIT_UNTIL((wait_once(pair.poller, 0), sps_stream_peek(pair.client, 2, &span, &count)) ==
               SPS_ERR_FILE_EOF);
    wait_once(pair.poller, 0);
    reset_peer(&pair);
    WAIT_UNTIL(sps_stream_put_u8(pair.client, 1) == SPS_FAILED ||
               sps_stream_flush(pair.client) == SPS_FAILED);
    sps_event event;
    ck_assert(next_event(pair.poller, &event));
    ck_assert_uint_ne(event.kinds & SPS_EVENT_FINISHED, 0);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_RESET);
    expect_nothing(pair.poller);
    expect_u8_now(pair.client, 7);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// The caller's get finds the end before the caller takes the event.
START_TEST(an_end_that_closed_the_stream_before_its_event_has_a_reason) {
    pair pair = connect_watched_with(_i, NULL);
    OK(sps_stream_put_u8(pair.peer, 1));
    drop_peer(&pair);
    WAIT_UNTIL(wait_once(pair.poller, 10) == 1);
    wait_once(pair.poller, 10); // poll(2) shows the end after the byte was read
    expect_u8_now(pair.client, 1);
    uint8_t value;
    sps_error error;
    WAIT_UNTIL((error = sps_stream_try_get_u8(pair.client, &value)) != SPS_ERR_BUSY ||
               (wait_once(pair.poller, 10), false));
    IS(error, SPS_ERR_FILE_EOF);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    for (unsigned kinds = 0; !(kinds & SPS_EVENT_CLOSED);) {
        sps_event event = {.struct_size = sizeof event};
        while (sps_poller_next_event(pair.poller, &event) == SPS_OK) {
            kinds |= event.kinds;
            if (event.kinds & (SPS_EVENT_FINISHED | SPS_EVENT_CLOSED)) {
                ck_assert_int_eq(event.close_reason, SPS_CLOSE_PEER_FINISHED);
            }
        }
        wait_once(pair.poller, 10);
    }
    close_pair(&pair);
}
END_TEST

Suite *poller_end_events_suite(void) {
    Suite *suite = suite_create("poller_end_events");
    TCase *ends = add_case(suite, "ends");
    tcase_add_loop_test(ends, a_reset_is_reported_to_a_stream_that_waits_for_room, 0, TRANSPORTS);
    tcase_add_loop_test(ends, a_reset_is_reported_to_a_stream_that_does_not_read, 0, TRANSPORTS);
    tcase_add_loop_test(ends, a_failed_put_is_reported, 0, TRANSPORTS);
    tcase_add_loop_test(ends, a_refused_put_succeeds_after_the_peer_has_finished, 0,
                        2 * TRANSPORTS);
    tcase_add_loop_test(ends, a_refused_put_succeeds_after_the_peer_has_finished_without_a_poller,
                        0, 2 * TRANSPORTS);
    tcase_add_loop_test(ends, a_turn_that_is_not_used_ends_the_stream, 0, TRANSPORTS);
    tcase_add_loop_test(ends, an_end_that_breaks_before_its_event_is_reported_once, 0, TRANSPORTS);
    tcase_add_loop_test(ends, an_end_that_closed_the_stream_before_its_event_has_a_reason, 0,
                        TRANSPORTS);
    tcase_add_loop_test(ends, a_lost_answer_is_not_an_orderly_end, 0, TRANSPORTS);
    return suite;
}
