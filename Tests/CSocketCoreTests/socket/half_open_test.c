// SPDX-License-Identifier: MIT
//
// A stream with half_open stays open after the peer's end, and this side can still reply.
#include <string.h>

#include "support/support.h"

enum { LARGE = 400000 };

// Small OS buffers of a fixed size.
static const sps_stream_options half_open = {.struct_size = sizeof half_open,
                                             .write_buffer_bytes = LARGE,
                                             .os_send_buffer_bytes = 16384,
                                             .os_receive_buffer_bytes = 16384,
                                             .half_open = 1};

// A pair whose peer has sent these bytes and finished. The client has read up to the end.
static pair half_open_pair_with(transport transport, const sps_stream_options *options,
                                const void *bytes, size_t count) {
    pair pair = connect_pair_with(transport, options);
    const uint8_t *span;
    size_t seen;
    OK(sps_stream_put_data(pair.peer, bytes, count, NULL));
    OK(sps_socket_shutdown_write(pair.peer));
    WAIT_UNTIL(sps_stream_peek(pair.client, count + 1, &span, &seen) == SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(seen, count);
    return pair;
}

static pair half_open_pair(transport transport) {
    return half_open_pair_with(transport, &half_open, NULL, 0);
}

static void expect_connected(const sps_stream *stream) {
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_reason(stream, SPS_CLOSE_NONE);
}

static void expect_none(const sps_stream *stream, sps_close_reason reason) {
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    expect_reason(stream, reason);
}

// Each kind of get meets the end, and changes nothing.
static void expect_end(sps_stream *stream) {
    uint8_t bytes[4];
    uint32_t value;
    size_t count = 99;
    const uint8_t *span;
    const char *text;
    IS(sps_stream_get_u32(stream, &value), SPS_ERR_FILE_EOF);
    IS(sps_stream_try_get_u32(stream, &value), SPS_ERR_FILE_EOF);
    IS(sps_stream_get_data(stream, bytes, 4, &count), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(count, 0);
    IS(sps_stream_get_partial_data(stream, bytes, 4, &count), SPS_ERR_FILE_EOF);
    IS(sps_stream_peek(stream, 1, &span, &count), SPS_ERR_FILE_EOF);
    OK(sps_stream_peek(stream, 0, &span, &count));
    IS(sps_stream_get_utf8_string(stream, SPS_LENGTH_PREFIXED, &text, &count), SPS_ERR_FILE_EOF);
    IS(sps_stream_get_line(stream, 0, &text, &count), SPS_ERR_FILE_EOF);
    IS(sps_stream_try_get_line(stream, 0, &text, &count), SPS_ERR_FILE_EOF);
    OK(sps_stream_get_available_bytes(stream, &count));
    ck_assert_uint_eq(count, 0);
    OK(sps_socket_poll(stream));
    expect_connected(stream);
}

START_TEST(a_server_replies_after_the_end_of_the_request) {
    pair pair = half_open_pair_with(_i, &half_open, "\x2a\0\0\0", 4);
    expect_u32_now(pair.client, 42);
    for (int i = 0; i < 3; i++) {
        expect_end(pair.client);
    }
    OK(sps_stream_put_u32(pair.client, 43));
    OK(sps_stream_put_u32(pair.client, 44));
    expect_u32(pair.peer, 43);
    expect_u32(pair.peer, 44);
    OK(sps_socket_shutdown_write(pair.client));
    expect_none(pair.client, SPS_CLOSE_PEER_FINISHED);
    uint8_t value;
    IS(sps_stream_get_u8(pair.peer, &value), SPS_ERR_FILE_EOF);
    expect_none(pair.peer, SPS_CLOSE_PEER_FINISHED); // it had finished before
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    close_pair(&pair);
}
END_TEST

// shutdown(2) reports ENOTCONN then, and the socket has no pending failure left.
START_TEST(a_half_close_after_a_reset_reports_the_reset) {
    pair pair = half_open_pair(TCP);
    OK(sps_stream_put_u32(pair.client, 1)); // unread there, so closing resets
    await_bytes(pair.peer, 4);
    OK(sps_socket_disconnect(pair.peer));
    WAIT_UNTIL(sps_socket_shutdown_write(pair.client) == SPS_FAILED);
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    expect_none(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

START_TEST(without_the_option_the_end_closes) {
    pair pair = connect_pair(_i);
    uint8_t value;
    OK(sps_socket_shutdown_write(pair.peer));
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
    expect_none(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

// Older callers know fewer fields of the options.
START_TEST(an_older_caller_does_not_get_the_option) {
    sps_stream_options options = {.half_open = 1};
    options.struct_size = (uint32_t)offsetof(sps_stream_options, half_open);
    pair pair = connect_pair_with(_i, &options);
    uint8_t value;
    OK(sps_socket_shutdown_write(pair.peer));
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
    expect_none(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

START_TEST(a_partial_value_at_the_end) {
    pair pair = half_open_pair_with(_i, &half_open, "ab", 2);
    uint8_t bytes[4];
    uint32_t value;
    size_t count;
    IS(sps_stream_try_get_u32(pair.client, &value), SPS_ERR_FILE_EOF);
    OK(sps_stream_get_partial_data(pair.client, bytes, 1, &count));
    ck_assert_int_eq(bytes[0], 'a');
    expect_connected(pair.client);
    IS(sps_stream_get_u32(pair.client, &value), SPS_ERR_FILE_EOF); // drops the rest
    expect_end(pair.client);
    OK(sps_stream_put_u8(pair.client, 7));
    expect_u8(pair.peer, 7);
    close_pair(&pair);
}
END_TEST

static sps_packet_peer *packets_of(sps_stream *stream) {
    sps_packet_peer *packets;
    OK(sps_packet_stream_create(NULL, &packets));
    OK(sps_packet_peer_set_stream(packets, stream));
    return packets;
}

START_TEST(a_packet_at_the_end) {
    pair pair = half_open_pair_with(_i, &half_open, "\1\0\0\0x\1\0", 7);
    const uint8_t *data;
    size_t count;
    sps_packet_peer *packets = packets_of(pair.client);
    OK(sps_packet_peer_get_packet(packets, &data, &count));
    for (int i = 0; i < 2; i++) {
        IS(sps_packet_peer_get_packet(packets, &data, &count), SPS_ERR_FILE_EOF);
    }
    expect_end(pair.client);
    OK(sps_packet_peer_put_packet(packets, "reply", 5));
    expect_u32(pair.peer, 5);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// An invalid length still breaks the connection.
START_TEST(a_packet_that_is_too_long_closes) {
    pair pair = half_open_pair_with(_i, &half_open, "\xff\xff\xff\xff", 4);
    const uint8_t *data;
    size_t count;
    sps_packet_peer *packets = packets_of(pair.client);
    IS(sps_packet_peer_get_packet(packets, &data, &count), SPS_ERR_INVALID_DATA);
    expect_none(pair.client, SPS_CLOSE_LIMIT);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// ---- Closing

START_TEST(this_side_finishes_first) {
    pair pair = connect_pair_with(_i, &half_open);
    uint8_t value;
    OK(sps_socket_shutdown_write(pair.client));
    IS(sps_stream_get_u8(pair.peer, &value), SPS_ERR_FILE_EOF);
    OK(sps_stream_put_u8(pair.peer, 7));
    expect_u8(pair.client, 7);
    expect_connected(pair.client);
    OK(sps_socket_shutdown_write(pair.peer));
    expect_none(pair.peer, SPS_CLOSE_PEER_FINISHED);
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
    expect_none(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

START_TEST(unread_bytes_keep_a_finished_stream_open) {
    pair pair = half_open_pair_with(_i, &half_open, "x", 1);
    OK(sps_socket_shutdown_write(pair.client));
    OK(sps_socket_poll(pair.client));
    expect_connected(pair.client);
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    expect_u8_now(pair.client, 'x');
    OK(sps_socket_poll(pair.client));
    expect_none(pair.client, SPS_CLOSE_PEER_FINISHED);
    close_pair(&pair);
}
END_TEST

// Puts a batch larger than the OS takes at once.
static void put_large(sps_stream *stream) {
    static uint8_t bytes[LARGE];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_set_write_batching(stream, true));
    OK(sps_stream_put_data(stream, bytes, sizeof bytes, NULL));
}

START_TEST(a_large_batch_leaves_before_this_side_finishes) {
    pair pair = half_open_pair(_i);
    put_large(pair.client);
    IS(sps_socket_shutdown_write(pair.client), SPS_ERR_BUSY);
    expect_connected(pair.client);
    uint64_t received = 0;
    sps_error error;
    WAIT_UNTIL((get_pattern(pair.peer, &received),
                error = sps_socket_shutdown_write(pair.client)) != SPS_ERR_BUSY);
    OK(error);
    expect_none(pair.client, SPS_CLOSE_PEER_FINISHED);
    BECOMES(get_pattern(pair.peer, &received), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(received, LARGE);
    close_pair(&pair);
}
END_TEST

START_TEST(a_graceful_close_sends_what_is_pending) {
    pair pair = half_open_pair(_i);
    put_large(pair.client);
    OK(sps_socket_close_gracefully(pair.client, 0));
    uint64_t received = 0;
    sps_error error;
    do {
        error = get_pattern(pair.peer, &received);
        OK(sps_socket_poll(pair.client));
    } while (error == SPS_OK);
    IS(error, SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(received, LARGE);
    expect_none(pair.client, SPS_CLOSE_LOCAL);
    close_pair(&pair);
}
END_TEST

// The peer may wait for the batch. A waiting get sends it before it would wait, and so does a get
// that meets the end.
START_TEST(a_get_at_the_end_sends_the_batch) {
    pair pair = half_open_pair(_i);
    uint8_t value;
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 7));
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
    expect_u8(pair.peer, 7);
    expect_connected(pair.client);
    close_pair(&pair);
}
END_TEST

START_TEST(a_server_passes_the_option_on) {
    const sps_server_options options = {.struct_size = sizeof options, .stream = &half_open};
    sps_server *server = make_server(_i, &options);
    const place place = listen_somewhere(server, _i);
    sps_stream *client = make_stream(_i, NULL);
    OK(connect_to(client, &place));
    WAIT_UNTIL(polled_status(client) == SPS_STATUS_CONNECTED);
    sps_stream *peer = take_from(server);
    uint8_t value;
    OK(sps_socket_shutdown_write(client));
    IS(sps_stream_get_u8(peer, &value), SPS_ERR_FILE_EOF);
    OK(sps_stream_put_u8(peer, 7));
    expect_u8(client, 7);
    sps_stream_destroy(client);
    sps_stream_destroy(peer);
    sps_server_destroy(server);
}
END_TEST

START_TEST(the_next_connection_is_half_open_too) {
    pair pair = half_open_pair(_i);
    OK(sps_socket_disconnect(pair.client));
    expect_none(pair.client, SPS_CLOSE_LOCAL);
    sps_stream_destroy(pair.peer);
    OK(connect_to(pair.client, &pair.place));
    complete_pair(&pair);
    uint8_t value;
    OK(sps_stream_put_u8(pair.peer, 1));
    expect_u8(pair.client, 1);
    OK(sps_socket_shutdown_write(pair.peer));
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
    expect_end(pair.client);
    close_pair(&pair);
}
END_TEST

// ---- A broken connection

static void reset_peer(pair *pair) {
    if (pair->place.transport == TCP) {
        OK(sps_tcp_close_reset(pair->peer));
    }
    drop_peer(pair); // a Unix socket resets, because its peer has unread bytes
}

START_TEST(poll_notices_a_reset) {
    pair pair = half_open_pair(_i);
    OK(sps_stream_put_u8(pair.client, 1));
    await_bytes(pair.peer, 1);
    reset_peer(&pair);
    BECOMES(sps_socket_poll(pair.client), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

START_TEST(bytes_from_before_a_reset_stay_readable) {
    pair pair = half_open_pair_with(_i, &half_open, "x", 1);
    OK(sps_stream_put_u8(pair.client, 1));
    await_bytes(pair.peer, 1);
    reset_peer(&pair);
    WAIT_UNTIL((OK(sps_socket_poll(pair.client)), sps_stream_put_u8(pair.client, 1)) == SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    expect_u8_now(pair.client, 'x');
    IS(sps_socket_poll(pair.client), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// The peer cannot read any more, and only a put shows it.
START_TEST(a_put_notices_that_the_peer_has_gone) {
    pair pair = half_open_pair(_i);
    drop_peer(&pair);
    expect_end(pair.client);
    sps_error error;
    WAIT_UNTIL((error = sps_stream_put_u8(pair.client, 1)) != SPS_OK);
    IS(error, SPS_FAILED);
    expect_none(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

// ---- Timeouts

START_TEST(a_finished_peer_is_not_idle) {
    pair pair = half_open_pair(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 20));
    const uint64_t begin = now_ms();
    while (now_ms() - begin < 100) {
        OK(sps_socket_poll(pair.client));
        pause_briefly();
    }
    expect_end(pair.client);
    close_pair(&pair);
}
END_TEST

// A put that waits for room has its own timeout only.
START_TEST(a_put_to_a_finished_peer_times_out) {
    static uint8_t bytes[16 * 1024 * 1024];
    pair pair = half_open_pair(_i);
    OK(sps_socket_set_idle_timeout(pair.client, 20));
    OK(sps_socket_set_io_timeout(pair.client, 60));
    IS(sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL), SPS_ERR_TIMEOUT);
    expect_end(pair.client);
    close_pair(&pair);
}
END_TEST

Suite *half_open_suite(void) {
    Suite *suite = suite_create("half_open");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_server_replies_after_the_end_of_the_request, 0, TRANSPORTS);
    tcase_add_test(all, a_half_close_after_a_reset_reports_the_reset);
    tcase_add_loop_test(all, without_the_option_the_end_closes, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_older_caller_does_not_get_the_option, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_partial_value_at_the_end, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_packet_at_the_end, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_packet_that_is_too_long_closes, 0, TRANSPORTS);
    tcase_add_loop_test(all, this_side_finishes_first, 0, TRANSPORTS);
    tcase_add_loop_test(all, unread_bytes_keep_a_finished_stream_open, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_large_batch_leaves_before_this_side_finishes, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_graceful_close_sends_what_is_pending, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_get_at_the_end_sends_the_batch, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_server_passes_the_option_on, 0, TRANSPORTS);
    tcase_add_loop_test(all, the_next_connection_is_half_open_too, 0, TRANSPORTS);
    tcase_add_loop_test(all, poll_notices_a_reset, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_from_before_a_reset_stay_readable, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_put_notices_that_the_peer_has_gone, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_finished_peer_is_not_idle, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_put_to_a_finished_peer_times_out, 0, TRANSPORTS);
    return suite;
}
