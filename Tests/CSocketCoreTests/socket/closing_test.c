// SPDX-License-Identifier: MIT
//
// This side ends the connection, gracefully or by a reset.
#include <string.h>

#include "support/sockets.h"
#include "support/support.h"

enum { LARGE = 4 * 1024 * 1024 };

// The peer must get `size` bytes of the pattern, and then the end, while poll sends them.
static void expect_pattern(pair *pair, size_t size) {
    uint64_t received = 0;
    sps_error error;
    do {
        error = get_pattern(pair->peer, &received);
        OK(sps_socket_poll(pair->client));
    } while (error == SPS_OK);
    IS(error, SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(received, size);
}

// Waits until the client has seen the peer's end. A byte before it stays unread.
static void await_end(sps_stream *client) {
    const uint8_t *data;
    size_t count;
    WAIT_UNTIL(sps_stream_peek(client, 2, &data, &count) == SPS_ERR_FILE_EOF);
}

// The client has closed, and has no more work to do.
static void expect_closed_by_client(pair *pair) {
    WAIT_UNTIL(polled_status(pair->client) == SPS_STATUS_NONE);
    expect_reason(pair->client, SPS_CLOSE_LOCAL);
}

START_TEST(all_puts_arrive_and_both_sides_close) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.client, 42));
    OK(sps_socket_close_gracefully(pair.client, 0));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED); // the peer has not finished
    expect_reason(pair.client, SPS_CLOSE_NONE);
    expect_u32(pair.peer, 42);
    WAIT_UNTIL(polled_status(pair.peer) == SPS_STATUS_NONE);
    expect_reason(pair.peer, SPS_CLOSE_PEER_FINISHED);
    expect_closed_by_client(&pair);
    close_pair(&pair);
}
END_TEST

// The OS's buffers must not grow to hold all puts, or the close would find nothing to send.
static const sps_stream_options holds_large = {.struct_size = sizeof holds_large,
                                               .write_buffer_bytes = LARGE,
                                               .os_send_buffer_bytes = 65536,
                                               .os_receive_buffer_bytes = 65536};

// Puts a batch larger than the OS takes at once, and begins to close.
static void close_with_large_batch(pair *pair) {
    static uint8_t bytes[LARGE];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_set_write_batching(pair->client, true));
    OK(sps_stream_put_data(pair->client, bytes, sizeof bytes, NULL));
    OK(sps_socket_close_gracefully(pair->client, 0));
    size_t pending;
    OK(sps_stream_get_pending_write_bytes(pair->client, &pending));
    ck_assert_uint_gt(pending, 0);
}

// The OS does not take the whole batch at once. Polls send the rest, and then the end.
START_TEST(a_large_batch_leaves_first) {
    pair pair = connect_pair_with(_i, &holds_large);
    close_with_large_batch(&pair);
    expect_pattern(&pair, LARGE);
    expect_closed_by_client(&pair);
    close_pair(&pair);
}
END_TEST

// The client has already seen the peer's end.
START_TEST(a_large_batch_leaves_although_the_peer_has_finished) {
    pair pair = connect_pair_with(_i, &holds_large);
    OK(sps_stream_put_u8(pair.peer, 1));
    OK(sps_socket_shutdown_write(pair.peer));
    await_end(pair.client);
    close_with_large_batch(&pair);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    expect_pattern(&pair, LARGE);
    expect_closed_by_client(&pair);
    close_pair(&pair);
}
END_TEST

// With unread bytes, close() makes TCP send a reset, and the client's own bytes would be lost.
START_TEST(late_bytes_of_the_peer_are_drained) {
    static uint8_t bytes[LARGE];
    fill_pattern(bytes, sizeof bytes, 0);
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u8(pair.peer, 1)); // unread when the close begins
    OK(sps_stream_put_data(pair.client, bytes, 1000, NULL));
    OK(sps_socket_close_gracefully(pair.client, 0));
    size_t sent = 0, count;
    while (sent < sizeof bytes) { // more than the OS holds
        OK(sps_stream_put_partial_data(pair.peer, bytes, sizeof bytes - sent, &count));
        sent += count;
        OK(sps_socket_poll(pair.client));
    }
    uint64_t received = 0;
    BECOMES(get_pattern(pair.peer, &received), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(received, 1000);
    expect_closed_by_client(&pair);
    close_pair(&pair);
}
END_TEST

START_TEST(while_closing_nothing_is_got_or_put) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u8(pair.peer, 7));
    uint8_t value;
    size_t count;
    await_bytes(pair.client, 1);
    OK(sps_socket_close_gracefully(pair.client, 0));
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    IS(sps_stream_try_get_u8(pair.client, &value), SPS_FAILED);
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    IS(sps_stream_get_available_bytes(pair.client, &count), SPS_FAILED);
    IS(sps_socket_shutdown_write(pair.client), SPS_FAILED);
    OK(sps_stream_set_write_batching(pair.client, true));
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    OK(sps_socket_disconnect(pair.client)); // closes it at once
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    close_pair(&pair);
}
END_TEST

START_TEST(after_a_graceful_close_it_connects_again) {
    pair pair = connect_pair(_i);
    OK(sps_socket_disconnect(pair.peer));
    OK(sps_socket_close_and_wait(pair.client, 0));
    sps_stream_destroy(pair.peer);
    OK(connect_to(pair.client, &pair.place));
    complete_pair(&pair);
    OK(sps_stream_put_u8(pair.client, 1));
    expect_u8(pair.peer, 1);
    close_pair(&pair);
}
END_TEST

START_TEST(a_peer_that_never_finishes_times_out) {
    pair pair = connect_pair(_i);
    const uint64_t begin = now_ms();
    OK(sps_socket_close_gracefully(pair.client, 50));
    BECOMES(sps_socket_poll(pair.client), SPS_ERR_TIMEOUT);
    ck_assert_uint_ge(now_ms() - begin, 49);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_GRACE_TIMED_OUT);
    close_pair(&pair);
}
END_TEST

START_TEST(another_time_may_be_set) {
    pair pair = connect_pair(_i);
    OK(sps_socket_close_gracefully(pair.client, 0));
    const sps_error error = sps_socket_close_gracefully(pair.client, 1);
    if (error == SPS_OK) { // else the millisecond is over already
        BECOMES(sps_socket_poll(pair.client), SPS_ERR_TIMEOUT);
    } else {
        IS(error, SPS_ERR_TIMEOUT);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(a_wait_ends_with_the_time) {
    pair pair = connect_pair(_i);
    const uint64_t begin = now_ms();
    IS(sps_socket_close_and_wait(pair.client, 50), SPS_ERR_TIMEOUT);
    ck_assert_uint_ge(now_ms() - begin, 49);
    expect_reason(pair.client, SPS_CLOSE_GRACE_TIMED_OUT);
    close_pair(&pair);
}
END_TEST

START_TEST(a_wait_ends_with_the_peer) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u8(pair.client, 9));
    OK(sps_socket_shutdown_write(pair.peer));
    OK(sps_socket_close_and_wait(pair.client, 0));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    expect_u8(pair.peer, 9);
    close_pair(&pair);
}
END_TEST

START_TEST(a_reset_while_closing_is_an_error) {
    pair pair = connect_pair(TCP);
    OK(sps_socket_close_gracefully(pair.client, 0));
    OK(sps_tcp_close_reset(pair.peer));
    BECOMES(sps_socket_poll(pair.client), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    IS(sps_socket_close_and_wait(pair.client, 0), SPS_FAILED);
    close_pair(&pair);
}
END_TEST

// The client has seen the peer's end, and pending bytes cannot leave. This is not a graceful close.
START_TEST(unsent_bytes_are_not_a_graceful_close) {
    NEEDS_UNIX_SOCKETS
    pair pair = connect_pair(UDS);
    OK(sps_stream_put_u8(pair.peer, 1));
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 1));
    OK(sps_socket_disconnect(pair.peer));
    await_end(pair.client);
    IS(sps_socket_close_and_wait(pair.client, 0), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// After a reset shutdown(2) fails, too. The reset is the reported reason.
START_TEST(shutting_down_after_a_reset_is_a_reset) {
    pair pair = connect_pair(TCP);
    OK(sps_tcp_close_reset(pair.peer));
    WAIT_UNTIL(sps_socket_shutdown_write(pair.client) == SPS_FAILED ||
               status_of(pair.client) != SPS_STATUS_CONNECTED);
    WAIT_UNTIL(polled_status(pair.client) != SPS_STATUS_CONNECTED);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

START_TEST(closing_after_a_reset_is_a_reset) {
    pair pair = connect_pair(TCP);
    OK(sps_tcp_close_reset(pair.peer));
    WAIT_UNTIL(sps_socket_close_gracefully(pair.client, 0) != SPS_OK ||
               polled_status(pair.client) == SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// This includes puts that check only the write queue, which has room.
START_TEST(nothing_overtakes_waiting_bytes) {
    pair pair = connect_pair(_i);
    uint64_t sent = put_until_full(pair.client, 0), received = 0;
    OK(sps_stream_set_write_batching(pair.client, true));
    sent = put_pattern(pair.client, 4, sent);
    OK(sps_socket_close_gracefully(pair.client, 0));
    sps_error error;
    do {
        if (status_of(pair.client) == SPS_STATUS_CONNECTED) {
            IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
            IS(sps_stream_put_u32(pair.client, 1), SPS_FAILED);
        }
        error = get_pattern(pair.peer, &received);
        ck_assert_uint_le(received, sent);
        OK(sps_socket_poll(pair.client));
    } while (error == SPS_OK);
    IS(error, SPS_ERR_FILE_EOF);
    close_pair(&pair);
}
END_TEST

START_TEST(a_graceful_close_has_its_own_time) {
    pair pair = connect_pair(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 20));
    IS(sps_socket_close_and_wait(pair.client, 60), SPS_ERR_TIMEOUT);
    expect_reason(pair.client, SPS_CLOSE_GRACE_TIMED_OUT);
    close_pair(&pair);
}
END_TEST

START_TEST(only_a_connection_closes_gracefully) {
    sps_stream *stream = make_stream(_i, NULL);
    IS(sps_socket_close_gracefully(stream, 0), SPS_FAILED);
    IS(sps_socket_close_and_wait(stream, 0), SPS_FAILED);
    sps_stream_destroy(stream);
    pair pair = connect_pair(_i);
    IS(sps_socket_close_gracefully(pair.client, (uint32_t)-1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_close_and_wait(pair.client, (uint32_t)-1), SPS_ERR_INVALID_PARAMETER);
    OK(sps_stream_put_u8(pair.client, 1)); // the stream is unchanged
    close_pair(&pair);
}
END_TEST

START_TEST(a_hard_close_is_a_reset) {
    pair pair = connect_pair(TCP);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1)); // is lost, as documented
    OK(sps_tcp_close_reset(pair.client));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    WAIT_UNTIL(polled_status(pair.peer) == SPS_STATUS_ERROR);
    expect_reason(pair.peer, SPS_CLOSE_RESET);
    OK(sps_tcp_close_reset(pair.client)); // there is nothing to reset
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
    sps_stream *other = make_stream(UDS, NULL);
    IS(sps_tcp_close_reset(other), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(other);
}
END_TEST

Suite *closing_suite(void) {
    Suite *suite = suite_create("closing");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, all_puts_arrive_and_both_sides_close, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_large_batch_leaves_first, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_large_batch_leaves_although_the_peer_has_finished, 0, TRANSPORTS);
    tcase_add_loop_test(all, late_bytes_of_the_peer_are_drained, 0, TRANSPORTS);
    tcase_add_loop_test(all, while_closing_nothing_is_got_or_put, 0, TRANSPORTS);
    tcase_add_loop_test(all, after_a_graceful_close_it_connects_again, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_peer_that_never_finishes_times_out, 0, TRANSPORTS);
    tcase_add_loop_test(all, another_time_may_be_set, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_wait_ends_with_the_time, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_wait_ends_with_the_peer, 0, TRANSPORTS);
    tcase_add_test(all, a_reset_while_closing_is_an_error);
    tcase_add_loop_test(all, only_a_connection_closes_gracefully, 0, TRANSPORTS);
    tcase_add_test(all, a_hard_close_is_a_reset);
    tcase_add_test(all, unsent_bytes_are_not_a_graceful_close);
    tcase_add_test(all, shutting_down_after_a_reset_is_a_reset);
    tcase_add_test(all, closing_after_a_reset_is_a_reset);
    tcase_add_loop_test(all, nothing_overtakes_waiting_bytes, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_graceful_close_has_its_own_time, 0, TRANSPORTS);
    return suite;
}
