// SPDX-License-Identifier: MIT
//
// The result of each call in each status, as in Godot, over TCP and UDS. The loop index _i is the
// transport.
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "support/sockets.h"
#include "support/support.h"

// ---- connect

START_TEST(connect_from_none_leads_to_connected) {
    pair pair = connect_pair(_i);
    close_pair(&pair);
}
END_TEST

START_TEST(connect_refused_at_once_is_failed_and_stays_none) {
    const place place = unused_place(_i);
    sps_stream *stream = make_stream(_i, NULL);
    const sps_error error = connect_to(stream, &place);
    if (error == SPS_OK) { // TCP may report the refusal a moment later
        ck_assert_int_eq(_i, TCP);
        BECOMES(sps_socket_poll(stream), SPS_ERR_CONNECTION_ERROR);
        ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    } else {
        IS(error, SPS_FAILED);
        ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    }
    int32_t os_error;
    OK(sps_socket_get_os_error(stream, &os_error));
    ck_assert_int_eq(os_error, _i == TCP ? OS_ERROR(ECONNREFUSED) : ENOENT);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(connect_in_connected_is_already_in_use) {
    pair pair = connect_pair(_i);
    IS(connect_to(pair.client, &pair.place), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    OK(sps_stream_put_u8(pair.client, 7));
    expect_u8(pair.peer, 7);
    close_pair(&pair);
}
END_TEST

START_TEST(connect_in_connecting_is_already_in_use) {
    backlog backlog = fill_backlog(_i, 30000);
    IS(connect_to(backlog.last, &backlog.place), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(status_of(backlog.last), SPS_STATUS_CONNECTING);
    close_backlog(&backlog);
}
END_TEST

// ERROR needs a connect that fails in a poll: an unknown name, or a deadline.
static sps_stream *stream_in_error(void) {
    const place place = unused_place(TCP);
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_connect(stream, "localhost", place.port));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
    BECOMES(sps_socket_poll(stream), SPS_ERR_CONNECTION_ERROR);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    return stream;
}

START_TEST(connect_in_error_is_already_in_use) {
    sps_stream *stream = stream_in_error();
    IS(sps_tcp_connect(stream, "127.0.0.1", 80), SPS_ERR_ALREADY_IN_USE);
    IS(sps_tcp_bind(stream, 0, "*"), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_name_connects_without_blocking) {
    pair pair = prepare_pair(TCP, NULL);
    OK(sps_tcp_connect(pair.client, "localhost",
                       pair.place.port)); // ::1 may be first, and refuses
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTING);
    complete_pair(&pair);
    char host[SPS_HOST_TEXT_BYTES];
    OK(sps_tcp_get_connected_host(pair.client, host, sizeof host, NULL));
    ck_assert_str_eq(host, "127.0.0.1");
    close_pair(&pair);
}
END_TEST

START_TEST(an_unknown_name_is_an_error_of_poll) {
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_connect(stream, "no-such-host.invalid", 80)); // RFC 6761: never resolves
    BECOMES(sps_socket_poll(stream), SPS_ERR_CANT_RESOLVE);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    sps_stream_destroy(stream);
}
END_TEST

// However many names are looked up, only a few threads do it, and they end.
START_TEST(look_ups_are_bounded) {
    // Sixteen run, and as many may be about to end.
    enum { NAMES = 200, MOST_THREADS = 32 };
    // The names wait for each other. On a loaded machine this takes longer than the connect
    // timeout.
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .connect_timeout_ms = 600000};
    const int before = count_threads();
    sps_stream *streams[NAMES];
    for (int i = 0; i < NAMES; i++) {
        char name[32];
        snprintf(name, sizeof name, "host-%d.invalid", i / 2); // each name twice
        streams[i] = make_stream(TCP, &options);
        OK(sps_tcp_connect(streams[i], name, 80));
        ck_assert_int_le(count_threads() - before, MOST_THREADS);
    }
    for (int i = 0; i < NAMES; i++) {
        if (i % 3 == 0) { // some streams give up before the result
            sps_stream_destroy(streams[i]);
            continue;
        }
        BECOMES(sps_socket_poll(streams[i]), SPS_ERR_CANT_RESOLVE);
        sps_stream_destroy(streams[i]);
    }
    WAIT_UNTIL(count_threads() <= before + 1); // a sanitizer may have started one of its own
}
END_TEST

// ---- poll

START_TEST(poll_in_none_and_error_does_nothing) {
    sps_stream *stream = make_stream(_i, NULL);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    sps_stream_destroy(stream);
    stream = stream_in_error();
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(poll_past_the_deadline_is_connection_error) {
    const uint64_t begin = now_ms();
    backlog backlog = fill_backlog(_i, 300);
    BECOMES(sps_socket_poll(backlog.last), SPS_ERR_CONNECTION_ERROR);
    ck_assert_uint_ge(now_ms() - begin, 300);
    ck_assert_int_eq(status_of(backlog.last), SPS_STATUS_ERROR);
    close_backlog(&backlog);
}
END_TEST

START_TEST(a_full_backlog_is_waited_for) {
    backlog backlog = fill_backlog(_i, 30000);
    take_from_backlog(&backlog);
    WAIT_UNTIL(polled_status(backlog.last) == SPS_STATUS_CONNECTED);
    OK(sps_stream_put_u8(backlog.last, 9));
    sps_stream *peer = take_from(backlog.server);
    expect_u8(peer, 9);
    sps_stream_destroy(peer);
    close_backlog(&backlog);
}
END_TEST

START_TEST(poll_after_the_peer_finished_and_all_was_read_is_none) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 42));
    OK(sps_socket_disconnect(pair.peer));
    uint32_t value;
    WAIT_UNTIL(sps_stream_try_get_u32(pair.client, &value) == SPS_OK);
    ck_assert_uint_eq(value, 42);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED); // until the next poll
    WAIT_UNTIL((sps_socket_poll(pair.client), status_of(pair.client)) == SPS_STATUS_NONE);
    OK(sps_socket_poll(pair.client));
    expect_reason(pair.client, SPS_CLOSE_PEER_FINISHED);
    expect_reason(pair.peer, SPS_CLOSE_LOCAL);
    close_pair(&pair);
}
END_TEST

START_TEST(poll_keeps_unread_bytes_after_the_peer_finished) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 42));
    OK(sps_socket_disconnect(pair.peer));
    for (int i = 0; i < 20; i++) {
        OK(sps_socket_poll(pair.client));
        ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
        pause_briefly();
    }
    expect_u32(pair.client, 42);
    OK(sps_socket_poll(pair.client));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

// Closing with unread bytes resets the connection, on TCP and on UDS.
static void reset_by_peer(pair *pair) {
    OK(sps_stream_put_u8(pair->client, 1));
    await_bytes(pair->peer, 1);
    OK(sps_socket_disconnect(pair->peer));
}

START_TEST(poll_on_a_broken_connection_is_failed_and_error) {
    pair pair = connect_pair(_i);
    reset_by_peer(&pair);
    BECOMES(sps_socket_poll(pair.client), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    int32_t os_error;
    OK(sps_socket_get_os_error(pair.client, &os_error));
    ck_assert_int_eq(os_error, OS_ERROR(ECONNRESET));
    expect_reason(pair.client, SPS_CLOSE_RESET);
    OK(sps_socket_disconnect(pair.client));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

START_TEST(get_on_a_broken_connection_is_failed_and_none) {
    pair pair = connect_pair(_i);
    reset_by_peer(&pair);
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

START_TEST(bytes_before_a_reset_stay_readable) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 77));
    reset_by_peer(&pair);
    for (int i = 0; i < 5; i++) {
        OK(sps_socket_poll(pair.client));
        pause_briefly();
    }
    expect_u32(pair.client, 77);
    BECOMES(sps_socket_poll(pair.client), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_ERROR);
    close_pair(&pair);
}
END_TEST

// ---- disconnect

START_TEST(disconnect_leads_to_none_and_it_connects_again) {
    pair pair = prepare_pair(_i, NULL);
    OK(sps_socket_disconnect(pair.client)); // NONE
    for (uint8_t round = 0; round < 3; round++) {
        OK(connect_to(pair.client, &pair.place));
        complete_pair(&pair);
        OK(sps_stream_put_u8(pair.peer, round));
        expect_u8(pair.client, round);
        OK(sps_socket_disconnect(pair.client));
        ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
        uint8_t value;
        IS(sps_stream_get_u8(pair.peer, &value), SPS_ERR_FILE_EOF);
        drop_peer(&pair);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(disconnect_ends_connecting) {
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_connect(stream, "no-such-host.invalid", 80));
    OK(sps_socket_disconnect(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    OK(sps_tcp_connect(stream, "no-such-host.invalid", 80));
    sps_stream_destroy(stream);
    stream = stream_in_error();
    OK(sps_socket_disconnect(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(shutdown_write_ends_one_direction) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u8(pair.client, 1));
    OK(sps_socket_shutdown_write(pair.client));
    OK(sps_socket_shutdown_write(pair.client));
    IS(sps_stream_put_u8(pair.client, 2), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    uint8_t bytes[2];
    size_t received;
    OK(sps_stream_put_u8(pair.peer, 3));
    IS(sps_stream_get_data(pair.peer, bytes, 2, &received), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(received, 1);
    ck_assert_int_eq(status_of(pair.peer), SPS_STATUS_NONE);
    OK(sps_stream_get_u8(pair.client, bytes));
    ck_assert_uint_eq(bytes[0], 3);
    IS(sps_socket_shutdown_write(pair.peer), SPS_FAILED);
    close_pair(&pair);
}
END_TEST

// ---- get and put

static void check_not_connected(sps_stream *stream) {
    uint8_t bytes[4];
    size_t count = 99;
    IS(sps_stream_get_data(stream, bytes, 4, &count), SPS_FAILED);
    ck_assert_uint_eq(count, 0);
    IS(sps_stream_get_data(stream, bytes, 0, &count), SPS_FAILED);
    IS(sps_stream_get_partial_data(stream, bytes, 4, &count), SPS_FAILED);
    IS(sps_stream_put_data(stream, bytes, 4, &count), SPS_FAILED);
    IS(sps_stream_put_data(stream, bytes, 0, &count), SPS_FAILED);
    IS(sps_stream_put_partial_data(stream, bytes, 4, &count), SPS_FAILED);
    const uint8_t *span = bytes;
    IS(sps_stream_peek(stream, 1, &span, &count), SPS_FAILED);
    ck_assert_ptr_null(span);
    IS(sps_stream_consume(stream, 1), SPS_ERR_PARAMETER_RANGE_ERROR);
    uint64_t value = 99;
    IS(sps_stream_get_u64(stream, &value), SPS_FAILED);
    ck_assert_uint_eq(value, 0);
    IS(sps_stream_try_get_u64(stream, &value), SPS_FAILED);
    IS(sps_stream_put_u64(stream, 1), SPS_FAILED);
    const char *text;
    IS(sps_stream_get_string(stream, SPS_LENGTH_PREFIXED, &text, &count), SPS_FAILED);
    ck_assert_ptr_null(text);
    IS(sps_stream_get_utf8_string(stream, 4, &text, &count), SPS_FAILED);
    IS(sps_stream_put_utf8_string(stream, "a", 1), SPS_FAILED);
    IS(sps_stream_flush(stream), SPS_FAILED);
    IS(sps_socket_shutdown_write(stream), SPS_FAILED);
    const bool connects = status_of(stream) == SPS_STATUS_CONNECTING;
    IS(sps_stream_get_available_bytes(stream, &count), connects ? SPS_OK : SPS_FAILED);
    ck_assert_uint_eq(count, 0);
}

START_TEST(get_and_put_when_not_connected_are_failed) {
    sps_stream *stream = make_stream(_i, NULL);
    check_not_connected(stream);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    sps_stream_destroy(stream);
    stream = stream_in_error();
    check_not_connected(stream);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    OK(sps_socket_disconnect(stream));
    OK(sps_tcp_connect(stream, "localhost", 9));
    check_not_connected(stream);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(get_data_at_the_end_reports_the_count_and_leads_to_none) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_data(pair.peer, "abc", 3, NULL));
    OK(sps_socket_disconnect(pair.peer));
    char bytes[8];
    size_t received;
    IS(sps_stream_get_data(pair.client, bytes, sizeof bytes, &received), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(received, 3);
    ck_assert_mem_eq(bytes, "abc", 3);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

START_TEST(get_partial_data_gives_the_available_bytes) {
    pair pair = connect_pair(_i);
    char bytes[16];
    size_t received = 99;
    OK(sps_stream_get_partial_data(pair.client, bytes, sizeof bytes, &received));
    ck_assert_uint_eq(received, 0);
    OK(sps_stream_put_data(pair.peer, "abcde", 5, NULL));
    await_bytes(pair.client, 5);
    OK(sps_stream_get_partial_data(pair.client, bytes, 2, &received));
    ck_assert_uint_eq(received, 2);
    size_t available = 0;
    OK(sps_stream_get_available_bytes(pair.client, &available));
    ck_assert_uint_eq(available, 3);
    OK(sps_stream_get_partial_data(pair.client, bytes + 2, 14, &received));
    ck_assert_uint_eq(received, 3);
    ck_assert_mem_eq(bytes, "abcde", 5);
    OK(sps_socket_disconnect(pair.peer));
    BECOMES(sps_stream_get_partial_data(pair.client, bytes, 1, &received), SPS_ERR_FILE_EOF);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

START_TEST(available_bytes_counts_buffered_and_waiting_bytes) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 4};
    pair pair = connect_pair_with(_i, &options);
    uint8_t bytes[100];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    await_bytes(pair.client, 100);
    OK(sps_socket_poll(pair.client)); // four of them are buffered now
    size_t available = 0;
    OK(sps_stream_get_available_bytes(pair.client, &available));
    ck_assert_uint_eq(available, 100);
    uint8_t got[100];
    size_t received;
    OK(sps_stream_get_partial_data(pair.client, got, sizeof got, &received));
    ck_assert_uint_eq(received, 100);
    ck_assert(is_pattern(got, 100, 0));
    close_pair(&pair);
}
END_TEST

START_TEST(put_after_the_peer_left_is_failed_and_none) {
    pair pair = connect_pair(_i);
    OK(sps_socket_disconnect(pair.peer));
    BECOMES(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

START_TEST(bytes_before_a_failed_put_stay_readable) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 4711));
    OK(sps_socket_disconnect(pair.peer));
    BECOMES(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    IS(sps_stream_put_u8(pair.client, 1), SPS_FAILED);
    expect_u32(pair.client, 4711);
    uint32_t value;
    expect_reason(pair.client, SPS_CLOSE_NONE); // only after everything was read
    IS(sps_stream_get_u32(pair.client, &value), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_pair(&pair);
}
END_TEST

START_TEST(put_partial_data_takes_as_much_as_the_os) {
    pair pair = connect_pair(_i);
    static uint8_t chunk[1 << 20];
    uint64_t sent_total = 0;
    size_t sent = 1;
    while (sent > 0) { // until the socket is full
        fill_pattern(chunk, sizeof chunk, sent_total);
        OK(sps_stream_put_partial_data(pair.client, chunk, sizeof chunk, &sent));
        sent_total += sent;
    }
    ck_assert_uint_gt(sent_total, 0);
    uint64_t received_total = 0;
    while (received_total < sent_total) {
        size_t received;
        const uint64_t left = sent_total - received_total;
        const size_t want = left < sizeof chunk ? left : sizeof chunk;
        OK(sps_stream_get_data(pair.peer, chunk, want, &received));
        ck_assert(is_pattern(chunk, received, received_total));
        received_total += received;
    }
    close_pair(&pair);
}
END_TEST

// ---- Names of both ends

START_TEST(names_of_the_ends) {
    sps_stream *stream = make_stream(TCP, NULL);
    char text[SPS_PATH_TEXT_BYTES] = "x";
    int32_t port = 99;
    size_t length = 99;
    OK(sps_tcp_get_connected_host(stream, text, sizeof text, &length));
    ck_assert_str_eq(text, "");
    ck_assert_uint_eq(length, 0);
    OK(sps_tcp_get_connected_port(stream, &port));
    ck_assert_int_eq(port, 0);
    OK(sps_tcp_get_local_port(stream, &port));
    ck_assert_int_eq(port, 0);
    sps_stream_destroy(stream);
    stream = make_stream(UDS, NULL);
    OK(sps_uds_get_connected_path(stream, text, sizeof text, &length));
    ck_assert_str_eq(text, "");
    sps_stream_destroy(stream);

    pair pair = connect_pair(TCP);
    OK(sps_tcp_get_connected_host(pair.client, text, sizeof text, &length));
    ck_assert_str_eq(text, "127.0.0.1");
    ck_assert_uint_eq(length, 9);
    OK(sps_tcp_get_connected_port(pair.client, &port));
    ck_assert_int_eq(port, pair.place.port);
    OK(sps_tcp_get_local_port(pair.peer, &port));
    ck_assert_int_eq(port, pair.place.port);
    int32_t client_port;
    OK(sps_tcp_get_local_port(pair.client, &client_port));
    OK(sps_tcp_get_connected_port(pair.peer, &port));
    ck_assert_int_eq(port, client_port);
    OK(sps_socket_disconnect(pair.client));
    OK(sps_tcp_get_connected_host(pair.client, text, sizeof text, NULL));
    ck_assert_str_eq(text, "");
    OK(sps_tcp_get_connected_port(pair.client, &port));
    ck_assert_int_eq(port, 0);
    close_pair(&pair);
}
END_TEST

START_TEST(ipv6_and_dual_stack) {
    sps_server *server = make_server(TCP, NULL);
    OK(sps_tcp_server_listen(server, 0, "*"));
    int32_t port;
    OK(sps_tcp_server_get_local_port(server, &port));
    static const char *const hosts[] = {"127.0.0.1", "::1"};
    for (size_t i = 0; i < 2; i++) {
        sps_stream *stream = make_stream(TCP, NULL);
        OK(sps_tcp_connect(stream, hosts[i], port));
        WAIT_UNTIL(polled_status(stream) == SPS_STATUS_CONNECTED);
        sps_stream *peer = take_from(server);
        char host[SPS_HOST_TEXT_BYTES];
        OK(sps_tcp_get_connected_host(peer, host, sizeof host, NULL));
        ck_assert_str_eq(host, hosts[i]); // not ::ffff:127.0.0.1
        sps_stream_destroy(stream);
        sps_stream_destroy(peer);
    }
    sps_server_destroy(server);
}
END_TEST

Suite *calls_by_status_suite(void) {
    Suite *suite = suite_create("calls_by_status");
    TCase *both = add_case(suite, "both");
    tcase_add_loop_test(both, connect_from_none_leads_to_connected, 0, TRANSPORTS);
    tcase_add_loop_test(both, connect_refused_at_once_is_failed_and_stays_none, 0, TRANSPORTS);
    tcase_add_loop_test(both, connect_in_connected_is_already_in_use, 0, TRANSPORTS);
    tcase_add_loop_test(both, connect_in_connecting_is_already_in_use, 0, TRANSPORTS);
    tcase_add_loop_test(both, poll_in_none_and_error_does_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(both, poll_past_the_deadline_is_connection_error, 0, TRANSPORTS);
    tcase_add_loop_test(both, a_full_backlog_is_waited_for, 0, TRANSPORTS);
    tcase_add_loop_test(both, poll_after_the_peer_finished_and_all_was_read_is_none, 0, TRANSPORTS);
    tcase_add_loop_test(both, poll_keeps_unread_bytes_after_the_peer_finished, 0, TRANSPORTS);
    tcase_add_loop_test(both, poll_on_a_broken_connection_is_failed_and_error, 0, TRANSPORTS);
    tcase_add_loop_test(both, get_on_a_broken_connection_is_failed_and_none, 0, TRANSPORTS);
    tcase_add_loop_test(both, bytes_before_a_reset_stay_readable, 0, TRANSPORTS);
    tcase_add_loop_test(both, disconnect_leads_to_none_and_it_connects_again, 0, TRANSPORTS);
    tcase_add_loop_test(both, shutdown_write_ends_one_direction, 0, TRANSPORTS);
    tcase_add_loop_test(both, get_and_put_when_not_connected_are_failed, 0, TRANSPORTS);
    tcase_add_loop_test(both, get_data_at_the_end_reports_the_count_and_leads_to_none, 0,
                        TRANSPORTS);
    tcase_add_loop_test(both, get_partial_data_gives_the_available_bytes, 0, TRANSPORTS);
    tcase_add_loop_test(both, available_bytes_counts_buffered_and_waiting_bytes, 0, TRANSPORTS);
    tcase_add_loop_test(both, put_after_the_peer_left_is_failed_and_none, 0, TRANSPORTS);
    tcase_add_loop_test(both, bytes_before_a_failed_put_stay_readable, 0, TRANSPORTS);
    tcase_add_loop_test(both, put_partial_data_takes_as_much_as_the_os, 0, TRANSPORTS);
    TCase *one = add_case(suite, "one");
    tcase_add_test(one, connect_in_error_is_already_in_use);
    tcase_add_test(one, a_name_connects_without_blocking);
    tcase_add_test(one, an_unknown_name_is_an_error_of_poll);
    tcase_add_test(one, look_ups_are_bounded);
    tcase_add_test(one, disconnect_ends_connecting);
    tcase_add_test(one, names_of_the_ends);
    tcase_add_test(one, ipv6_and_dual_stack);
    return suite;
}
