// SPDX-License-Identifier: MIT
//
// The protocol in its corners: HelloRetryRequest, new keys, the largest records, renegotiation, and
// bytes that are not TLS.
#include <string.h>

#include "support/hand.h"

// A server that wants another group answers with a HelloRetryRequest.
START_TEST(a_hello_retry_request) {
    hand peer = make_hand(_i == 0);
    ck_assert_int_eq(SSL_CTX_set1_groups_list(peer.context, _i == 0 ? "P-521" : "P-521:X25519"), 1);
    if (_i == 1) { // the library's server chooses: its first common group is not the offered one
        SSL_CTX_set1_groups_list(peer.context, "ffdhe2048:X25519");
    }
    set_piece(peer.pipe, 1000);
    sps_tls_options *options = _i == 0 ? client_options(NULL) : server_options(NULL);
    connect_hand(&peer, options);
    if (_i == 0) {
        ck_assert_str_eq(tls_info(peer.tls).group, "secp521r1");
    }
    hand_write(&peer, "x", 1);
    uint8_t byte;
    DRIVE_HAND_UNTIL(&peer, sps_stream_try_get_u8(peer.tls, &byte) == SPS_OK);
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

START_TEST(new_keys) {
    hand peer = make_hand(_i % 2 == 0);
    sps_tls_options *options = _i % 2 == 0 ? client_options(NULL) : server_options(NULL);
    connect_hand(&peer, options);
    for (int i = 0; i < 50; i++) {
        const int kind = i % 2 == 0 ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED;
        ck_assert_int_eq(SSL_key_update(peer.ssl, kind), 1);
        hand_write(&peer, "new", 3);
        char got[4] = "";
        size_t count = 0;
        DRIVE_HAND_UNTIL(&peer,
                         (OK(sps_stream_get_partial_data(peer.tls, got, 3, &count)), count == 3));
        ck_assert_str_eq(got, "new");
        OK(sps_stream_put_data(peer.tls, "keys", 4, NULL));
        char back[5] = "";
        DRIVE_HAND_UNTIL(&peer, hand_read(&peer, back, 4) == 4);
        ck_assert_str_eq(back, "keys");
    }
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

// A peer that asks for new keys for ever, and reads nothing, does not fill the memory.
START_TEST(answers_that_nobody_reads_are_bounded) {
    hand peer = make_hand(true);
    sps_tls_options *options = client_options(NULL);
    connect_hand(&peer, options);
    peer.pipe->lanes[1].most = 0; // nothing leaves the client
    uint8_t bytes[64];
    for (int i = 0; i < 20000; i++) {
        ck_assert_int_eq(SSL_key_update(peer.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
        size_t written;
        SSL_write_ex(peer.ssl, "x", 1, &written);
        for (int count; (count = BIO_read(peer.out, bytes, sizeof bytes)) > 0;) {
            OK(sps_stream_put_data(peer.base, bytes, (size_t)count, NULL));
        }
    }
    static uint8_t got[20000];
    size_t count = 0;
    for (int i = 0; i < 100; i++) {
        OK(sps_stream_get_partial_data(peer.tls, got, sizeof got, &count));
        sps_tls_poll(peer.tls);
    }
    // OpenSSL answers several requests once. It stops to read when an answer does not fit.
    peer.pipe->lanes[1].most = SIZE_MAX;
    sps_tls_poll(peer.tls);
    ck_assert_int_eq(tls_status(peer.tls), SPS_TLS_STATUS_CONNECTED);
    ck_assert_uint_lt(peer.pipe->lanes[1].size, 256 * 1024);
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

static const sps_tls_version versions[] = {SPS_TLS_VERSION_1_2, SPS_TLS_VERSION_1_3};

START_TEST(the_largest_records) {
    static uint8_t bytes[16384], got[16384];
    hand peer = make_hand(true);
    const sps_tls_settings settings = {.struct_size = sizeof settings, .max_version = versions[_i]};
    sps_tls_options *options = client_options(&settings);
    set_piece(peer.pipe, 777);
    connect_hand(&peer, options);
    for (uint64_t at = 0; at < 10 * sizeof bytes; at += sizeof bytes) {
        fill_pattern(bytes, sizeof bytes, at);
        hand_write(&peer, bytes, sizeof bytes);
        size_t received = 0, count;
        DRIVE_HAND_UNTIL(&peer, (OK(sps_stream_get_partial_data(peer.tls, got + received,
                                                                sizeof got - received, &count)),
                                 (received += count) == sizeof got));
        ck_assert(is_pattern(got, sizeof got, at));
    }
    size_t sent = 0, received = 0;
    fill_pattern(bytes, sizeof bytes, 0);
    while (received < sizeof bytes) {
        size_t count;
        OK(sps_stream_put_partial_data(peer.tls, bytes + sent, sizeof bytes - sent, &count));
        sent += count;
        received += hand_read(&peer, got + received, sizeof got - received);
        drive_hand(&peer);
    }
    ck_assert(is_pattern(got, sizeof got, 0));
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

static int handshakes, last_alert;

static void observe(const SSL *ssl, int where, int value) {
    (void)ssl;
    handshakes += where == SSL_CB_HANDSHAKE_DONE;
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
        last_alert = value & 0xff;
    }
}

START_TEST(renegotiation_is_refused) {
    hand peer = make_hand(_i == 0);
    SSL_CTX_set_max_proto_version(peer.context, TLS1_2_VERSION);
    SSL_CTX_set_info_callback(peer.context, observe);
    sps_tls_options *options = _i == 0 ? client_options(NULL) : server_options(NULL);
    connect_hand(&peer, options);
    ck_assert_int_eq(tls_info(peer.tls).version, SPS_TLS_VERSION_1_2);
    ck_assert_int_eq(handshakes, 1);
    SSL_renegotiate(peer.ssl);
    for (int i = 0; i < 10; i++) {
        uint8_t byte;
        SSL_do_handshake(peer.ssl);
        hand_read(&peer, &byte, 1);
        drive_hand(&peer);
    }
    ck_assert_int_eq(handshakes, _i == 0 ? 2 : 1); // OpenSSL counts a HelloRequest
    ck_assert_int_eq(last_alert, SSL_AD_NO_RENEGOTIATION);
    // The library only warns (RFC 5246, 7.2.2). OpenSSL gives up at the warning.
    expect_failure(peer.tls, SPS_TLS_FAILURE_PEER_ALERT, "alert 40", NULL);
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

// ---- Hostile bytes

static void expect_refused(const void *bytes, size_t size, bool is_server,
                           sps_tls_failure failure) {
    tls_link link = make_link(OVER_PIPE);
    sps_tls_options *options = is_server ? server_options(NULL) : client_options(NULL);
    sps_stream *tls = is_server ? link.server : link.client;
    OK(sps_stream_put_data(is_server ? link.client_base : link.server_base, bytes, size, NULL));
    const sps_error error =
        is_server ? sps_tls_accept_stream(tls, link.server_base, options)
                  : sps_tls_connect_to_stream(tls, link.client_base, "game.test", options);
    if (error == SPS_OK) {
        sps_tls_poll(tls);
    } else {
        ck_assert_int_eq(error, SPS_ERR_CONNECTION_ERROR);
    }
    ck_assert_int_eq(tls_status(tls), SPS_TLS_STATUS_ERROR);
    expect_failure(tls, failure, NULL, NULL);
    sps_tls_options_destroy(options);
    drop_link(&link);
}

START_TEST(peers_that_do_not_speak_tls) {
    static const char request[] = "GET / HTTP/1.1\r\nHost: game.test\r\n\r\n";
    static const char answer[] = "HTTP/1.1 400 Bad Request\r\n\r\n";
    static const char greeting[] = "220 mail.test ESMTP ready\r\n";
    expect_refused(request, sizeof request - 1, true, SPS_TLS_FAILURE_NOT_TLS);
    expect_refused(answer, sizeof answer - 1, false, SPS_TLS_FAILURE_NOT_TLS);
    expect_refused(greeting, sizeof greeting - 1, false, SPS_TLS_FAILURE_NOT_TLS);
}
END_TEST

START_TEST(bytes_that_were_changed) {
    tls_link link = connect_link(OVER_PIPE, NULL, NULL);
    drive(&link);
    OK(sps_stream_put_data(link.server, "good", 4, NULL));
    uint8_t got[8];
    OK(sps_stream_get_data(link.client, got, 4, NULL));
    OK(sps_stream_put_data(link.server, "data", 4, NULL));
    link.pipe->lanes[0].bytes[link.pipe->lanes[0].size - 1] ^= 1;
    BECOMES(sps_tls_poll(link.client), SPS_FAILED);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_ERROR);
    expect_failure(link.client, SPS_TLS_FAILURE_BAD_RECORD, NULL, NULL);
    BECOMES(sps_tls_poll(link.server), SPS_FAILED);
    expect_failure(link.server, SPS_TLS_FAILURE_PEER_ALERT, "alert 20", "bad_record_mac");
    drop_link(&link);
}
END_TEST

// ---- Nothing in common

START_TEST(no_common_version) {
    const sps_tls_settings old = {.struct_size = sizeof old, .max_version = SPS_TLS_VERSION_1_2};
    const sps_tls_settings new = {.struct_size = sizeof new, .min_version = SPS_TLS_VERSION_1_3};
    sps_tls_options *client = client_options(_i == 0 ? &old : &new);
    sps_tls_options *server = server_options(_i == 0 ? &new : &old);
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, "game.test", server);
    finish_handshakes(&link);
    expect_failure(link.client, SPS_TLS_FAILURE_PROTOCOL_VERSION, "version", NULL);
    expect_failure(link.server, SPS_TLS_FAILURE_PROTOCOL_VERSION, "version", NULL);
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}
END_TEST

START_TEST(no_common_cipher) {
    hand peer = make_hand(false);
    SSL_CTX_set_max_proto_version(peer.context, TLS1_2_VERSION);
    ck_assert_int_eq(SSL_CTX_set_cipher_list(peer.context, "AES128-SHA256"), 1); // RSA only
    sps_tls_options *options = server_options(NULL);
    begin_hand(&peer, options);
    DRIVE_HAND_UNTIL(&peer, tls_status(peer.tls) != SPS_TLS_STATUS_HANDSHAKING);
    expect_failure(peer.tls, SPS_TLS_FAILURE_NO_SHARED_CIPHER, "cipher", NULL);
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

Suite *tls_records_suite(void) {
    Suite *suite = suite_create("tls_records");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, a_hello_retry_request, 0, 2);
    tcase_add_loop_test(all, new_keys, 0, 2);
    tcase_add_test(all, answers_that_nobody_reads_are_bounded);
    tcase_add_loop_test(all, the_largest_records, 0, 2);
    tcase_add_loop_test(all, renegotiation_is_refused, 0, 2);
    tcase_add_test(all, peers_that_do_not_speak_tls);
    tcase_add_test(all, bytes_that_were_changed);
    tcase_add_loop_test(all, no_common_version, 0, 2);
    tcase_add_test(all, no_common_cipher);
    return suite;
}
