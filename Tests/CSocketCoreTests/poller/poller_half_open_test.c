// SPDX-License-Identifier: MIT
//
// A half-open stream in a poller: one event for the end, no busy wait, and a late failure shows.
#include "support/pollers.h"

// Small OS buffers of a fixed size.
static const sps_stream_options half_open = {.struct_size = sizeof half_open,
                                             .os_send_buffer_bytes = 16384,
                                             .os_receive_buffer_bytes = 16384,
                                             .half_open = 1};

static void expect_finished(sps_poller *poller, const sps_stream *stream, sps_close_reason reason) {
    const sps_event event = wait_for_event(poller);
    ck_assert_ptr_eq(event.stream, stream);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_FINISHED);
    ck_assert_str_eq(sps_close_reason_name(event.close_reason), sps_close_reason_name(reason));
}

// A watched client whose peer has finished. The end is reported, and the client is at rest.
static pair half_open_watched(transport transport) {
    pair pair = connect_watched_with(transport, &half_open);
    OK(sps_socket_shutdown_write(pair.peer));
    expect_finished(pair.poller, pair.client, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    return pair;
}

// The same with one unread byte before the end.
static pair half_open_with_a_byte(transport transport, uint8_t byte) {
    pair pair = connect_watched_with(transport, &half_open);
    OK(sps_stream_put_u8(pair.peer, byte));
    OK(sps_socket_shutdown_write(pair.peer));
    gather_events(pair.poller, pair.client, SPS_EVENT_READABLE | SPS_EVENT_FINISHED);
    return pair;
}

static void expect_no_spin(const pair *pair) {
    expect_nothing(pair->poller);
    expect_rest(pair->poller, 300);
    ck_assert_int_eq(status_of(pair->client), SPS_STATUS_CONNECTED);
}

START_TEST(the_end_is_reported_once) {
    pair pair = half_open_watched(_i);
    for (int i = 0; i < 3; i++) {
        uint8_t value;
        IS(sps_stream_try_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
        OK(sps_socket_poll(pair.client));
        expect_no_spin(&pair);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(the_end_follows_the_bytes) {
    pair pair = half_open_with_a_byte(_i, 7);
    expect_no_spin(&pair); // although the byte is unread
    expect_u8_now(pair.client, 7);
    expect_no_spin(&pair);
    close_pair(&pair);
}
END_TEST

// Puts the rest of the reply until one put is refused.
static uint64_t reply_on(sps_stream *stream, uint64_t offset, uint64_t total) {
    static uint8_t bytes[4000];
    while (offset < total) {
        const size_t piece =
            total - offset < sizeof bytes ? (size_t)(total - offset) : sizeof bytes;
        fill_pattern(bytes, piece, offset);
        const sps_error error = sps_stream_put_data(stream, bytes, piece, NULL);
        if (error == SPS_ERR_BUSY) {
            break;
        }
        OK(error);
        offset += piece;
    }
    return offset;
}

// The reply is larger than all buffers, and the peer reads slowly.
START_TEST(a_reply_follows_the_end) {
    enum { TOTAL = 400000 };
    pair pair = half_open_watched(_i);
    uint64_t offset = reply_on(pair.client, 0, TOTAL), received = 0;
    ck_assert_uint_lt(offset, TOTAL);
    while (offset < TOTAL) {
        received = drain_until_reported(&pair, received);
        expect_event_now(pair.poller, pair.client, SPS_EVENT_WRITABLE);
        offset = reply_on(pair.client, offset, TOTAL);
    }
    while (sps_socket_shutdown_write(pair.client) == SPS_ERR_BUSY) {
        received = drain_until_reported(&pair, received);
        expect_event_now(pair.poller, pair.client, SPS_EVENT_WRITABLE);
    }
    expect_closed(pair.poller, pair.client, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    BECOMES(get_pattern(pair.peer, &received), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(received, TOTAL);
    close_pair(&pair);
}
END_TEST

// A stream whose peer does not read waits for room, and only for that.
START_TEST(a_blocked_reply_does_not_spin) {
    pair pair = half_open_watched(_i);
    uint64_t offset = fill(pair.poller, pair.client, 4000, 0);
    expect_no_spin(&pair);
    for (uint64_t received = 0; received < offset;) {
        received = drain(pair.peer, received);
        wait_once(pair.poller, 0);
    }
    gather_until(pair.poller, SPS_EVENT_WRITABLE);
    expect_no_spin(&pair);
    close_pair(&pair);
}
END_TEST

static void reset_peer(pair *pair) {
    if (pair->place.transport == TCP) {
        OK(sps_tcp_close_reset(pair->peer));
    }
    drop_peer(pair); // a Unix socket resets, because its peer has unread bytes
}

// Sends a byte that the peer leaves unread.
static void put_unread(const pair *pair) {
    OK(sps_stream_put_u8(pair->client, 1));
    wait_once(pair->poller, 0);
    await_bytes(pair->peer, 1);
}

START_TEST(a_reset_is_reported) {
    pair pair = half_open_watched(_i);
    put_unread(&pair);
    expect_no_spin(&pair);
    reset_peer(&pair);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_RESET);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    close_pair(&pair);
}
END_TEST

START_TEST(a_reset_of_a_blocked_reply_is_reported) {
    pair pair = half_open_watched(_i);
    fill(pair.poller, pair.client, 4000, 0);
    reset_peer(&pair);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_RESET);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    close_pair(&pair);
}
END_TEST

START_TEST(a_reset_is_reported_before_the_bytes_are_read) {
    pair pair = half_open_with_a_byte(_i, 7);
    put_unread(&pair);
    reset_peer(&pair);
    expect_finished(pair.poller, pair.client, SPS_CLOSE_RESET);
    expect_no_spin(&pair);
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    expect_u8_now(pair.client, 7);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// A reset that came before the stream was added.
START_TEST(a_poller_reports_an_earlier_reset) {
    pair pair = half_open_watched(_i);
    put_unread(&pair);
    unwatch_pair(&pair);
    reset_peer(&pair);
    watch_pair(&pair, NULL);
    gather_until(pair.poller, SPS_EVENT_CLOSED);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

START_TEST(the_next_poller_reports_the_end_once) {
    pair pair = half_open_watched(_i);
    unwatch_pair(&pair);
    watch_pair(&pair, NULL);
    expect_finished(pair.poller, pair.client, SPS_CLOSE_PEER_FINISHED);
    expect_no_spin(&pair);
    close_pair(&pair);
}
END_TEST

// A Unix peer that has closed hangs up for good, and a TCP peer looks finished.
START_TEST(a_peer_that_has_gone_makes_no_spin) {
    pair pair = half_open_watched(_i);
    drop_peer(&pair);
    expect_no_spin(&pair);
    OK(sps_stream_put_u8(pair.client, 1));
    gather_until(pair.poller, SPS_EVENT_CLOSED);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

START_TEST(a_graceful_close_is_reported) {
    pair pair = half_open_watched(_i);
    OK(sps_stream_put_u8(pair.client, 7));
    OK(sps_socket_close_gracefully(pair.client, 0));
    expect_closed(pair.poller, pair.client, SPS_CLOSE_LOCAL);
    expect_u8(pair.peer, 7);
    close_pair(&pair);
}
END_TEST

START_TEST(unread_bytes_delay_the_close) {
    pair pair = half_open_with_a_byte(_i, 7);
    OK(sps_socket_shutdown_write(pair.client));
    expect_no_spin(&pair);
    expect_u8_now(pair.client, 7);
    expect_closed(pair.poller, pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

START_TEST(a_finished_peer_is_not_idle) {
    pair pair = connect_watched_with(_i, &half_open);
    OK(sps_socket_shutdown_write(pair.peer));
    expect_finished(pair.poller, pair.client, SPS_CLOSE_PEER_FINISHED);
    OK(sps_socket_set_idle_timeout(pair.client, 50));
    expect_no_spin(&pair);
    close_pair(&pair);
}
END_TEST

Suite *poller_half_open_suite(void) {
    Suite *suite = suite_create("poller_half_open");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, the_end_is_reported_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, the_end_follows_the_bytes, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_reply_follows_the_end, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_blocked_reply_does_not_spin, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_reset_is_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_reset_of_a_blocked_reply_is_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_reset_is_reported_before_the_bytes_are_read, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_poller_reports_an_earlier_reset, 0, TRANSPORTS);
    tcase_add_loop_test(all, the_next_poller_reports_the_end_once, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_peer_that_has_gone_makes_no_spin, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_graceful_close_is_reported, 0, TRANSPORTS);
    tcase_add_loop_test(all, unread_bytes_delay_the_close, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_finished_peer_is_not_idle, 0, TRANSPORTS);
    return suite;
}
