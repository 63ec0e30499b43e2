// SPDX-License-Identifier: MIT
//
// Twelve failures that people reported of Godot's TLS. Each test names one, as a promise.
#include <string.h>
#include <unistd.h>

#include "support/hand.h"

// 1. Reported: a handshake freezes the frame. Here the peer is silent, and each call returns.
START_TEST(a_handshake_never_waits) {
    tls_link link = make_link((base_kind)_i);
    sps_tls_options *options = client_options(NULL), *of_server = server_options(NULL);
    const uint64_t begin = now_ms();
    OK(sps_tls_connect_to_stream(link.client, link.client_base, "game.test", options));
    for (int i = 0; i < 10; i++) {
        OK(sps_tls_poll(link.client));
        ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_HANDSHAKING);
    }
    uint8_t byte;
    IS(sps_stream_get_u8(link.client, &byte), SPS_FAILED); // also the calls that wait
    IS(sps_stream_put_u8(link.client, 1), SPS_FAILED);
    ck_assert_uint_lt(now_ms() - begin, 5000);
    OK(sps_tls_accept_stream(link.server, link.server_base, of_server));
    finish_handshakes(&link);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    sps_tls_options_destroy(options);
    sps_tls_options_destroy(of_server);
    drop_link(&link);
}
END_TEST

// 2. Reported: get_available_bytes() is 0 until the next poll().
START_TEST(bytes_are_there_without_a_poll) {
    tls_link link = connect_link(OVER_PIPE, NULL, NULL);
    drive(&link);
    OK(sps_stream_put_data(link.server, "one", 3, NULL));
    size_t available;
    OK(sps_stream_get_available_bytes(link.client, &available));
    ck_assert_uint_eq(available, 3);
    OK(sps_stream_put_data(link.server, "two", 3, NULL));
    char got[7] = "";
    size_t count;
    OK(sps_stream_get_partial_data(link.client, got, 6, &count));
    ck_assert_str_eq(got, "onetwo");
    drop_link(&link);
}
END_TEST

// 3. Reported: servers that speak only TLS 1.3 are refused.
START_TEST(a_server_that_speaks_only_1_3) {
    hand peer = make_hand(true);
    SSL_CTX_set_min_proto_version(peer.context, TLS1_3_VERSION);
    sps_tls_options *options = client_options(NULL);
    connect_hand(&peer, options);
    ck_assert_int_eq(tls_info(peer.tls).version, SPS_TLS_VERSION_1_3);
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

// 4. Reported: connections are stuck at TLS 1.2.
START_TEST(the_highest_common_version_is_used) {
    for (int is_server = 0; is_server < 2; is_server++) {
        hand peer = make_hand(is_server == 1);
        sps_tls_options *options = is_server == 1 ? client_options(NULL) : server_options(NULL);
        connect_hand(&peer, options);
        ck_assert_int_eq(tls_info(peer.tls).version, SPS_TLS_VERSION_1_3);
        sps_tls_options_destroy(options);
        drop_hand(&peer);
    }
}
END_TEST

// 5. Reported: client_unsafe() still verifies.
START_TEST(an_unsafe_client_verifies_nothing) {
    identity expired = issue(&(identity_plan){
        .subject = "Nobody", .names = "DNS:nowhere.test", .from_days = -30, .until_days = -10});
    sps_tls_options *client, *server;
    OK(sps_tls_options_create_client_unsafe(NULL, NULL, &client));
    OK(sps_tls_options_create_server(expired.key, expired.certificate, NULL, &server));
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, _i == 0 ? "game.test" : NULL, server);
    finish_handshakes(&link);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    ck_assert_str_eq(tls_info(link.server).server_name, _i == 0 ? "game.test" : "");
    expect_delivery(&link, link.client, link.server, "anything");
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    drop_identity(&expired);
}
END_TEST

// 6. Reported: handshakes in fragments fail.
START_TEST(a_handshake_in_single_bytes) {
    const sps_tls_settings settings = {.struct_size = sizeof settings,
                                       .max_version =
                                           _i == 0 ? SPS_TLS_VERSION_1_2 : SPS_TLS_VERSION_1_3};
    tls_link link = connect_link(OVER_BYTES, &settings, NULL);
    expect_delivery(&link, link.client, link.server, "byte by byte");
    drop_link(&link);
}
END_TEST

// 7. Reported: the chain of the server is ignored. The client trusts only the root.
START_TEST(the_servers_chain_is_sent_whole) {
    const identity *const in_order[] = {&deep, &middle}, *const reversed[] = {&middle, &deep};
    sps_x509_certificate *chain = bundle(_i == 0 ? in_order : reversed, 2);
    sps_tls_options *client = client_options(NULL), *server;
    OK(sps_tls_options_create_server(deep.key, chain, NULL, &server));
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, "game.test", server);
    finish_handshakes(&link);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    sps_x509_certificate *sent;
    OK(sps_tls_get_peer_certificate(link.client, &sent));
    size_t count;
    OK(sps_x509_certificate_get_count(sent, &count));
    ck_assert_uint_eq(count, 2);
    sps_x509_info info = {.struct_size = sizeof info};
    OK(sps_x509_certificate_get_info(sent, 0, &info));
    ck_assert_str_eq(info.subject, "CN=A Deep Game");
    OK(sps_x509_certificate_get_info(sent, 1, &info));
    ck_assert_str_eq(info.subject, "CN=Middle Authority");
    sps_x509_certificate_destroy(sent);
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    sps_x509_certificate_destroy(chain);
}
END_TEST

// 8. Reported: the operating system's certificates are not found.
START_TEST(the_systems_certificates_are_used) {
    char path[] = "/tmp/sps-tls-XXXXXX";
    const int descriptor = mkstemp(path);
    ck_assert_int_ge(descriptor, 0);
    close(descriptor);
    if (_i == 0) { // they trust the tests' authority
        OK(sps_x509_certificate_save(authority.certificate, path));
        setenv("SSL_CERT_FILE", path, 1);
    } // else those of this machine, which do not
    sps_tls_options *server = server_options(NULL);
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, NULL, "game.test", server);
    finish_handshakes(&link);
    if (_i == 0) {
        ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    } else {
        expect_failure(link.client, SPS_TLS_FAILURE_UNKNOWN_ISSUER, "Test Authority", NULL);
    }
    drop_link(&link);
    sps_tls_options_destroy(server);
    unlink(path);
}
END_TEST

// 9. Reported: failures come without a message. Each failure below has a code and a sentence.
START_TEST(each_failure_has_a_sentence) {
    for (sps_tls_failure each = 0; each <= SPS_TLS_FAILURE_OTHER; each++) {
        ck_assert_int_eq(strncmp(sps_tls_failure_name(each), "TLS_FAILURE_", 12), 0);
    }
    ck_assert_str_eq(sps_tls_failure_name(SPS_TLS_FAILURE_OTHER + 1), "UNKNOWN");
    ck_assert_str_eq(sps_tls_failure_name(-1), "UNKNOWN");
    sps_tls_options *client = client_options(NULL), *server = server_options(NULL);
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, "other.test", server);
    finish_handshakes(&link);
    const char *message;
    sps_close_reason reason;
    expect_failure(link.client, SPS_TLS_FAILURE_WRONG_NAME, "game.test", "other.test");
    OK(sps_socket_get_close_message(link.client, &message));
    ck_assert_ptr_nonnull(strstr(message, "other.test")); // also where sockets have theirs
    OK(sps_socket_get_close_reason(link.client, &reason));
    ck_assert_int_eq(reason, SPS_CLOSE_UNTRUSTED);
    int32_t alert;
    OK(sps_tls_get_alert(link.server, &alert)); // and the peer learns it
    ck_assert_int_ne(alert, -1);
    expect_failure(link.server, SPS_TLS_FAILURE_PEER_ALERT, "alert", NULL);
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}
END_TEST

// 10. Reported: session tickets are fatal. A client that reads, and one that leaves without.
START_TEST(tickets_are_never_fatal) {
    hand peer = make_hand(true);
    sps_tls_options *options = client_options(NULL);
    connect_hand(&peer, options);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(SSL_new_session_ticket(peer.ssl), 1);
        hand_write(&peer, "x", 1);
        uint8_t byte = 0;
        DRIVE_HAND_UNTIL(&peer, sps_stream_try_get_u8(peer.tls, &byte) == SPS_OK);
        ck_assert_uint_eq(byte, 'x');
        OK(sps_stream_put_u8(peer.tls, 'y'));
        char got;
        DRIVE_HAND_UNTIL(&peer, hand_read(&peer, &got, 1) == 1);
    }
    sps_tls_options_destroy(options);
    drop_hand(&peer);

    tls_link link = connect_link(OVER_TCP, NULL, NULL);
    OK(sps_stream_put_data(link.client, "last words", 10, NULL));
    OK(sps_tls_disconnect_from_stream(link.client)); // with unread tickets, the OS sends a reset
    OK(sps_socket_disconnect(link.client_base));
    char got[11] = "";
    size_t received = 0, count;
    WAIT_UNTIL((OK(sps_stream_get_partial_data(link.server, got + received, 10 - received, &count)),
                (received += count) == 10));
    ck_assert_str_eq(got, "last words");
    drop_link(&link);
}
END_TEST

// 11. Reported: decrypted bytes are dropped when TCP ends.
START_TEST(no_byte_is_lost_when_the_stream_below_ends) {
    static uint8_t bytes[60000], got[60000];
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(link.server, bytes, sizeof bytes, NULL));
    OK(sps_tls_disconnect_from_stream(link.server));
    if (link.pipe != NULL) {
        link.pipe->lanes[0].ending = SPS_ERR_FILE_EOF;
    } else {
        OK(sps_socket_disconnect(link.server_base));
    }
    for (int i = 0; i < 5; i++) { // it is polled, and the end is already there
        sps_tls_poll(link.client);
        pause_briefly();
    }
    size_t received = 0, count;
    WAIT_UNTIL((
        OK(sps_stream_get_partial_data(link.client, got + received, sizeof got - received, &count)),
        (received += count) == sizeof got));
    ck_assert_uint_eq(received, sizeof got);
    ck_assert(is_pattern(got, sizeof got, 0));
    uint8_t byte;
    BECOMES(sps_stream_get_partial_data(link.client, &byte, 1, NULL), SPS_ERR_FILE_EOF);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_DISCONNECTED);
    drop_link(&link);
}
END_TEST

// 12. Reported: an end without close_notify looks like an orderly one.
START_TEST(an_end_without_close_notify_is_truncated) {
    tls_link link = connect_link(OVER_TCP, NULL, NULL);
    OK(sps_stream_put_data(link.server, "half", 4, NULL));
    OK(sps_socket_shutdown_write(link.server_base)); // a FIN, without TLS
    char got[5] = "";
    WAIT_UNTIL(sps_stream_try_get_u8(link.client, (uint8_t *)&got[0]) == SPS_OK);
    OK(sps_stream_get_data(link.client, got + 1, 3, NULL));
    ck_assert_str_eq(got, "half"); // the bytes from before the end
    if (_i == 0) {
        BECOMES(sps_stream_get_partial_data(link.client, got, 1, NULL), SPS_FAILED);
    } else {
        BECOMES(sps_tls_poll(link.client), SPS_FAILED);
    }
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_ERROR);
    expect_failure(link.client, SPS_TLS_FAILURE_TRUNCATED, "close_notify", NULL);
    sps_close_reason reason;
    OK(sps_socket_get_close_reason(link.client, &reason));
    ck_assert_int_eq(reason, SPS_CLOSE_TRUNCATED);
    drop_link(&link);
}
END_TEST

Suite *tls_reported_failures_suite(void) {
    Suite *suite = suite_create("tls_reported_failures");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, a_handshake_never_waits, 0, BASES);
    tcase_add_test(all, bytes_are_there_without_a_poll);
    tcase_add_test(all, a_server_that_speaks_only_1_3);
    tcase_add_test(all, the_highest_common_version_is_used);
    tcase_add_loop_test(all, an_unsafe_client_verifies_nothing, 0, 2);
    tcase_add_loop_test(all, a_handshake_in_single_bytes, 0, 2);
    tcase_add_loop_test(all, the_servers_chain_is_sent_whole, 0, 2);
    tcase_add_loop_test(all, the_systems_certificates_are_used, 0, 2);
    tcase_add_test(all, each_failure_has_a_sentence);
    tcase_add_test(all, tickets_are_never_fatal);
    tcase_add_loop_test(all, no_byte_is_lost_when_the_stream_below_ends, 0, OVER_BYTES);
    tcase_add_loop_test(all, an_end_without_close_notify_is_truncated, 0, 2);
    return suite;
}
