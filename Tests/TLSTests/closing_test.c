// SPDX-License-Identifier: MIT
//
// How a TLS stream ends: in order, by this side or the peer, or broken.
#include <string.h>

#include "streampeersocket/custom.h"
#include "support/hand.h"

static sps_close_reason reason_of(const sps_stream *tls) {
    sps_close_reason reason;
    OK(sps_socket_get_close_reason(tls, &reason));
    return reason;
}

START_TEST(a_peer_that_finishes_in_order) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    OK(sps_stream_set_write_batching(link.server, true));
    OK(sps_stream_put_data(link.server, "bye", 3, NULL)); // leaves with the disconnect
    OK(sps_tls_disconnect_from_stream(link.server));
    ck_assert_int_eq(tls_status(link.server), SPS_TLS_STATUS_DISCONNECTED);
    sps_stream *base;
    OK(sps_tls_get_stream(link.server, &base));
    ck_assert_ptr_null(base);
    char got[4] = "";
    for (size_t i = 0; i < 3; i++) {
        DRIVE_UNTIL(&link, sps_stream_try_get_u8(link.client, (uint8_t *)&got[i]) == SPS_OK);
        ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    }
    ck_assert_str_eq(got, "bye");
    uint8_t byte;
    BECOMES(sps_stream_get_partial_data(link.client, &byte, 1, NULL), SPS_ERR_FILE_EOF);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_DISCONNECTED);
    ck_assert_int_eq(reason_of(link.client), SPS_CLOSE_PEER_FINISHED);
    sps_tls_failure failure;
    OK(sps_tls_get_failure(link.client, &failure));
    ck_assert_int_eq(failure, SPS_TLS_FAILURE_NONE);
    drop_link(&link);
}
END_TEST

START_TEST(a_poll_finds_the_end) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    OK(sps_tls_disconnect_from_stream(link.server));
    DRIVE_UNTIL(&link, tls_status(link.client) == SPS_TLS_STATUS_DISCONNECTED);
    IS(sps_stream_put_u8(link.client, 1), SPS_FAILED);
    drop_link(&link);
}
END_TEST

// The stream below stays open, in both programs, and carries on without TLS.
START_TEST(the_stream_below_stays_open) {
    tls_link link = connect_link(OVER_TCP, NULL, NULL);
    OK(sps_tls_disconnect_from_stream(link.server));
    DRIVE_UNTIL(&link, tls_status(link.client) == SPS_TLS_STATUS_DISCONNECTED);
    ck_assert_int_eq(status_of(link.client_base), SPS_STATUS_CONNECTED);
    uint8_t skipped[64];
    pause_briefly();
    sps_socket_poll(link.server_base);
    OK(sps_stream_get_partial_data(link.server_base, skipped, sizeof skipped, NULL)); // its alert
    OK(sps_stream_put_u32(link.client_base, 0xfeed));
    expect_u32(link.server_base, 0xfeed);
    drop_link(&link);
}
END_TEST

START_TEST(one_object_connects_again) {
    tls_link link = make_link((base_kind)_i);
    sps_tls_options *client = client_options(NULL), *server = server_options(NULL);
    for (int i = 0; i < 3; i++) {
        begin_link(&link, client, "game.test", server);
        IS(sps_tls_connect_to_stream(link.client, link.client_base, "game.test", client),
           SPS_ERR_ALREADY_IN_USE);
        finish_handshakes(&link);
        expect_delivery(&link, link.client, link.server, "again");
        OK(sps_tls_disconnect_from_stream(link.client));
        DRIVE_UNTIL(&link, tls_status(link.server) == SPS_TLS_STATUS_DISCONNECTED);
        uint8_t alert[64];
        size_t count = 1;
        while (count > 0) { // the server's last records
            pause_briefly();
            OK(sps_stream_get_partial_data(link.client_base, alert, sizeof alert, &count));
        }
    }
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    drop_link(&link);
}
END_TEST

// ---- Half-close

START_TEST(one_side_finishes_and_still_reads) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    OK(sps_stream_set_write_batching(link.server, true));
    OK(sps_stream_put_u8(link.client, 'q'));
    sps_error error = SPS_ERR_BUSY;
    DRIVE_UNTIL(&link, (error = sps_tls_shutdown_write(link.client)) != SPS_ERR_BUSY);
    OK(error);
    OK(sps_tls_shutdown_write(link.client));
    IS(sps_stream_put_u8(link.client, 1), SPS_FAILED);
    uint8_t byte = 0;
    WAIT_UNTIL(sps_stream_try_get_u8(link.server, &byte) == SPS_OK);
    ck_assert_uint_eq(byte, 'q');
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    OK(sps_stream_put_u8(link.server, 'a')); // before it meets the end
    OK(sps_tls_disconnect_from_stream(link.server));
    DRIVE_UNTIL(&link, sps_stream_try_get_u8(link.client, &byte) == SPS_OK);
    ck_assert_uint_eq(byte, 'a');
    DRIVE_UNTIL(&link, tls_status(link.client) == SPS_TLS_STATUS_DISCONNECTED);
    ck_assert_int_eq(reason_of(link.client), SPS_CLOSE_PEER_FINISHED);
    drop_link(&link);
}
END_TEST

START_TEST(a_graceful_close_awaits_the_peer) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    OK(sps_stream_set_write_batching(link.client, true));
    OK(sps_stream_put_data(link.client, "the end", 7, NULL));
    OK(sps_stream_set_write_batching(link.server, true));
    OK(sps_stream_put_data(link.server, "dropped", 7, NULL));
    OK(sps_stream_flush(link.server));
    OK(sps_tls_close_gracefully(link.client, 0));
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    char got[8] = "";
    for (size_t i = 0; i < 7; i++) {
        DRIVE_UNTIL(&link, sps_stream_try_get_u8(link.server, (uint8_t *)&got[i]) == SPS_OK);
    }
    ck_assert_str_eq(got, "the end");
    DRIVE_UNTIL(&link, tls_status(link.client) == SPS_TLS_STATUS_DISCONNECTED);
    ck_assert_int_eq(reason_of(link.client), SPS_CLOSE_LOCAL);
    DRIVE_UNTIL(&link, tls_status(link.server) == SPS_TLS_STATUS_DISCONNECTED);
    ck_assert_int_eq(reason_of(link.server), SPS_CLOSE_PEER_FINISHED);
    drop_link(&link);
}
END_TEST

START_TEST(a_graceful_close_ends_at_its_deadline) {
    tls_link link = connect_link(OVER_TCP, NULL, NULL);
    IS(sps_tls_close_gracefully(link.client, 0x80000000u), SPS_ERR_INVALID_PARAMETER);
    OK(sps_tls_close_gracefully(link.client, 20));
    WAIT_UNTIL((sps_tls_poll(link.client), tls_status(link.client)) == SPS_TLS_STATUS_ERROR);
    expect_failure(link.client, SPS_TLS_FAILURE_TIMED_OUT, "20 ms", NULL);
    ck_assert_int_eq(reason_of(link.client), SPS_CLOSE_GRACE_TIMED_OUT);
    drop_link(&link);
}
END_TEST

// A peer that floods a graceful close does not keep a call busy.
START_TEST(a_flood_does_not_hold_a_graceful_close) {
    hand peer = make_hand(true);
    sps_tls_options *options = client_options(NULL);
    connect_hand(&peer, options);
    static uint8_t bytes[16384];
    for (int i = 0; i < 300; i++) {
        hand_write(&peer, bytes, sizeof bytes);
    }
    OK(sps_tls_close_gracefully(peer.tls, 0));
    ck_assert_uint_gt(peer.pipe->lanes[0].size, 0); // not all at once
    SSL_shutdown(peer.ssl);
    DRIVE_HAND_UNTIL(&peer, tls_status(peer.tls) == SPS_TLS_STATUS_DISCONNECTED);
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

// ---- Broken

START_TEST(a_handshake_that_is_cut) {
    tls_link link = make_link(OVER_TCP);
    sps_tls_options *client = client_options(NULL);
    OK(sps_tls_connect_to_stream(link.client, link.client_base, "game.test", client));
    OK(sps_socket_disconnect(link.server_base));
    BECOMES(sps_tls_poll(link.client), SPS_ERR_CONNECTION_ERROR);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_ERROR);
    expect_failure(link.client, SPS_TLS_FAILURE_HANDSHAKE_CUT, "during the handshake", NULL);
    sps_tls_options_destroy(client);
    drop_link(&link);
}
END_TEST

START_TEST(a_handshake_has_a_deadline) {
    const sps_stream_options options = {.struct_size = sizeof options, .connect_timeout_ms = 20};
    tls_link link = make_link(OVER_TCP);
    sps_tls_options *server = server_options(NULL);
    sps_stream *tls;
    OK(sps_tls_create(&options, &tls));
    OK(sps_tls_accept_stream(tls, link.server_base, server)); // the client is silent
    BECOMES(sps_tls_poll(tls), SPS_ERR_CONNECTION_ERROR);
    expect_failure(tls, SPS_TLS_FAILURE_TIMED_OUT, "20 ms", NULL);
    ck_assert_int_eq(reason_of(tls), SPS_CLOSE_CONNECT_TIMED_OUT);
    sps_stream_destroy(tls);
    sps_tls_options_destroy(server);
    drop_link(&link);
}
END_TEST

// A stream below that connects for as long as a test wants.
static sps_error poll_slowly(void *user_data) {
    const bool *is_connected = user_data;
    return *is_connected ? SPS_OK : SPS_ERR_BUSY;
}

static sps_error get_nothing(void *user_data, uint8_t *buffer, size_t byte_count,
                             size_t *out_received) {
    (void)user_data, (void)buffer, (void)byte_count;
    *out_received = 0;
    return SPS_OK;
}

static sps_error put_away(void *user_data, const uint8_t *data, size_t byte_count,
                          size_t *out_sent) {
    (void)user_data, (void)data;
    *out_sent = byte_count;
    return SPS_OK;
}

START_TEST(a_connect_below_has_its_own_time) {
    static const sps_custom_operations operations = {.struct_size = sizeof operations,
                                                     .get_partial_data = get_nothing,
                                                     .put_partial_data = put_away,
                                                     .poll = poll_slowly};
    const sps_stream_options quick = {.struct_size = sizeof quick, .connect_timeout_ms = 1};
    sps_tls_options *options = client_options(NULL);
    sps_stream *base, *tls;
    bool is_connected = false;
    OK(sps_custom_create(&operations, &is_connected, NULL, &base));
    OK(sps_custom_open(base, NULL));
    OK(sps_tls_create(&quick, &tls));
    OK(sps_tls_connect_to_stream(tls, base, "game.test", options));
    for (int i = 0; i < 5; i++) { // longer than the handshake may take
        pause_briefly();
        OK(sps_tls_poll(tls));
    }
    ck_assert_int_eq(tls_status(tls), SPS_TLS_STATUS_HANDSHAKING);
    is_connected = true;
    BECOMES(sps_tls_poll(tls), SPS_ERR_CONNECTION_ERROR);
    expect_failure(tls, SPS_TLS_FAILURE_TIMED_OUT, "1 ms", NULL);
    sps_stream_destroy(tls);
    sps_stream_destroy(base);
    sps_tls_options_destroy(options);
}
END_TEST

// The bytes from before a reset stay readable.
START_TEST(a_reset_keeps_the_bytes_before_it) {
    tls_link link = connect_link(OVER_TCP, NULL, NULL);
    OK(sps_stream_put_data(link.client, "unread", 6, NULL)); // makes the end a reset
    OK(sps_stream_put_data(link.server, "data", 4, NULL));
    await_bytes(link.client, 4);
    OK(sps_socket_shutdown_write(link.server_base)); // so that no close_notify leaves
    drop_peer(&link.sockets);
    char got[5] = "";
    size_t count;
    OK(sps_stream_get_partial_data(link.client, got, 4, &count));
    ck_assert_str_eq(got, "data");
    WAIT_UNTIL(sps_tls_poll(link.client) != SPS_OK ||
               tls_status(link.client) == SPS_TLS_STATUS_ERROR);
    expect_failure(link.client, SPS_TLS_FAILURE_TRUNCATED, NULL, NULL);
    drop_link(&link);
}
END_TEST

// Puts fail once nothing can leave. Bytes from before stay readable.
START_TEST(a_broken_write_side) {
    tls_link link = connect_link(OVER_PIPE, NULL, NULL);
    OK(sps_stream_put_data(link.server, "data", 4, NULL));
    link.pipe->lanes[1].ending = SPS_ERR_FILE_EOF; // the client's puts fail
    IS(sps_stream_put_data(link.client, "x", 1, NULL), SPS_FAILED);
    char got[5] = "";
    OK(sps_stream_get_partial_data(link.client, got, 4, NULL));
    ck_assert_str_eq(got, "data");
    drop_link(&link);
}
END_TEST

START_TEST(the_stream_below_is_destroyed_first) {
    tls_link link = connect_link(OVER_TCP, NULL, NULL);
    OK(sps_stream_put_data(link.server, "data", 4, NULL));
    await_bytes(link.client, 4);
    sps_tls_poll(link.client);
    sps_stream_destroy(link.sockets.client);
    link.sockets.client = NULL;
    char got[5] = "";
    OK(sps_stream_get_partial_data(link.client, got, 4, NULL));
    ck_assert_str_eq(got, "data");
    IS(sps_stream_put_u8(link.client, 1), SPS_FAILED);
    sps_tls_poll(link.client);
    sps_tls_status status = tls_status(link.client);
    ck_assert(status == SPS_TLS_STATUS_ERROR || status == SPS_TLS_STATUS_DISCONNECTED);
    drop_link(&link);
}
END_TEST

Suite *tls_closing_suite(void) {
    Suite *suite = suite_create("tls_closing");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, a_peer_that_finishes_in_order, 0, BASES);
    tcase_add_loop_test(all, a_poll_finds_the_end, 0, BASES);
    tcase_add_test(all, the_stream_below_stays_open);
    tcase_add_loop_test(all, one_object_connects_again, 0, BASES);
    tcase_add_loop_test(all, one_side_finishes_and_still_reads, 0, BASES);
    tcase_add_loop_test(all, a_graceful_close_awaits_the_peer, 0, BASES);
    tcase_add_test(all, a_graceful_close_ends_at_its_deadline);
    tcase_add_test(all, a_flood_does_not_hold_a_graceful_close);
    tcase_add_test(all, a_handshake_that_is_cut);
    tcase_add_test(all, a_handshake_has_a_deadline);
    tcase_add_test(all, a_connect_below_has_its_own_time);
    tcase_add_test(all, a_reset_keeps_the_bytes_before_it);
    tcase_add_test(all, a_broken_write_side);
    tcase_add_test(all, the_stream_below_is_destroyed_first);
    return suite;
}
