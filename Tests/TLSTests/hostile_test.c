// SPDX-License-Identifier: MIT
//
// Peers that keep to the protocol, but send what only costs time: floods of messages without data,
// and messages that never end.
#include <string.h>

#include "support/hand.h"
#include "support/pollers.h"

static sps_close_reason reason_of(const sps_stream *tls) {
    sps_close_reason reason;
    OK(sps_socket_get_close_reason(tls, &reason));
    return reason;
}

static void expect_end_of_patience(const sps_stream *tls) {
    ck_assert_int_eq(tls_status(tls), SPS_TLS_STATUS_ERROR);
    ck_assert_int_eq(reason_of(tls), SPS_CLOSE_PROTOCOL);
    expect_failure(tls, SPS_TLS_FAILURE_BAD_RECORD, "in a row", "no data");
}

// ---- Many messages

// Records that need no keys, so anybody on the way can send them.
typedef struct plain_flood {
    uint8_t record[9];
    uint8_t size;
    sps_tls_version version; // of the client
} plain_flood;

static const plain_flood floods[] = {
    {{22, 3, 3, 0, 4, 0, 0, 0, 0}, 9, SPS_TLS_VERSION_1_2}, // HelloRequest
    {{21, 3, 3, 0, 2, 1, 90}, 7, SPS_TLS_VERSION_1_2},      // a warning: user_canceled
    {{21, 3, 3, 0, 2, 1, 90}, 7, SPS_TLS_VERSION_1_3},
    {{22, 3, 3, 0, 0}, 5, SPS_TLS_VERSION_1_2}, // a record without bytes
    {{22, 3, 3, 0, 0}, 5, SPS_TLS_VERSION_1_3},
    {{20, 3, 3, 0, 1, 1}, 6, SPS_TLS_VERSION_1_3}, // change_cipher_spec, which TLS 1.3 ignores
};
enum { FLOODS = sizeof floods / sizeof *floods, HELLO_REQUESTS = 0 };

START_TEST(a_flood_before_the_handshake) {
    const plain_flood *flood = &floods[_i];
    const sps_tls_settings settings = {.struct_size = sizeof settings,
                                       .max_version = flood->version};
    tls_link link = make_link(OVER_PIPE);
    sps_tls_options *options = client_options(&settings);
    OK(sps_tls_connect_to_stream(link.client, link.client_base, "game.test", options));
    for (int i = 0; i < 1000; i++) {
        OK(sps_stream_put_data(link.server_base, flood->record, flood->size, NULL));
    }
    IS(sps_tls_poll(link.client), SPS_ERR_CONNECTION_ERROR);
    ck_assert_int_eq(reason_of(link.client), SPS_CLOSE_PROTOCOL);
    expect_failure(link.client, SPS_TLS_FAILURE_BAD_RECORD, NULL, NULL);
    if (_i == HELLO_REQUESTS) { // OpenSSL bounds the others
        expect_end_of_patience(link.client);
    }
    ck_assert_uint_gt(link.pipe->lanes[0].size, 900 * (size_t)flood->size); // it reads no further
    sps_tls_options_destroy(options);
    drop_link(&link);
}
END_TEST

static void send_new_keys(hand *peer) {
    ck_assert_int_eq(SSL_key_update(peer->ssl, SSL_KEY_UPDATE_NOT_REQUESTED), 1);
    pump_hand(peer);
}

START_TEST(new_keys_without_end) {
    hand peer = make_hand(_i == 0);
    sps_tls_options *options = _i == 0 ? client_options(NULL) : server_options(NULL);
    connect_hand(&peer, options);
    for (int i = 0; i < 1000; i++) {
        send_new_keys(&peer);
    }
    uint8_t byte;
    IS(sps_stream_get_partial_data(peer.tls, &byte, 1, NULL), SPS_FAILED);
    sps_tls_poll(peer.tls);
    expect_end_of_patience(peer.tls);
    ck_assert_uint_gt(peer.pipe->lanes[0].size, 900 * 20); // it has read no further
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

// Data in either direction shows that the messages serve a purpose.
START_TEST(new_keys_with_data_between) {
    hand peer = make_hand(true);
    sps_tls_options *options = client_options(NULL);
    connect_hand(&peer, options);
    for (int i = 0; i < 200; i++) {
        send_new_keys(&peer);
        sps_tls_poll(peer.tls);
        if (_i == 0 && i % 30 == 0) {
            hand_write(&peer, "x", 1);
        } else if (i % 30 == 0) {
            OK(sps_stream_put_data(peer.tls, "x", 1, NULL));
        }
    }
    ck_assert_int_eq(tls_status(peer.tls), SPS_TLS_STATUS_CONNECTED);
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

// ---- The share of a call

// A message that comes in records of one byte. The rest comes with later polls.
START_TEST(a_poll_reads_its_share) {
    enum { BODY = 19000, RECORD = 6 };
    uint8_t record[RECORD] = {22, 3, 3, 0, 1, 0};
    static const uint8_t header[] = {2, 0, BODY >> 8, BODY & 0xff}; // a ServerHello
    tls_link link = make_link(OVER_PIPE);
    sps_tls_options *options = client_options(NULL);
    OK(sps_tls_connect_to_stream(link.client, link.client_base, "game.test", options));
    for (size_t i = 0; i < sizeof header + BODY; i++) {
        record[5] = i < sizeof header ? header[i] : 0;
        OK(sps_stream_put_data(link.server_base, record, sizeof record, NULL));
    }
    OK(sps_tls_poll(link.client));
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_HANDSHAKING);
    ck_assert_uint_gt(link.pipe->lanes[0].size, 30000);           // of 114,024
    BECOMES(sps_tls_poll(link.client), SPS_ERR_CONNECTION_ERROR); // the ServerHello is invalid
    ck_assert_uint_eq(link.pipe->lanes[0].size, 0);
    sps_tls_options_destroy(options);
    drop_link(&link);
}
END_TEST

// The deadline holds also while bytes come without end.
START_TEST(a_busy_handshake_has_a_deadline) {
    static const uint8_t header[] = {22, 3, 3, 0, 1, 2,  22, 3, 3, 0, 1, 0,
                                     22, 3, 3, 0, 1, 78, 22, 3, 3, 0, 1, 32}; // 20,000 bytes
    static const uint8_t record[] = {22, 3, 3, 0, 1, 0};
    const sps_stream_options quick = {.struct_size = sizeof quick, .connect_timeout_ms = 1};
    tls_link link = make_link(OVER_PIPE);
    sps_tls_options *options = client_options(NULL);
    sps_stream *tls;
    OK(sps_tls_create(&quick, &tls));
    OK(sps_tls_connect_to_stream(tls, link.client_base, "game.test", options));
    OK(sps_stream_put_data(link.server_base, header, sizeof header, NULL));
    for (int i = 0; i < 19000; i++) { // more than a share
        OK(sps_stream_put_data(link.server_base, record, sizeof record, NULL));
    }
    pause_briefly();
    pause_briefly();
    IS(sps_tls_poll(tls), SPS_ERR_CONNECTION_ERROR);
    expect_failure(tls, SPS_TLS_FAILURE_TIMED_OUT, NULL, NULL);
    ck_assert_uint_gt(link.pipe->lanes[0].size, 30000);
    sps_stream_destroy(tls);
    sps_tls_options_destroy(options);
    drop_link(&link);
}
END_TEST

// A hand that is a server, over TCP. Its records are as large as can be.
typedef struct remote {
    pair sockets;
    hand hand;
    sps_poller *poller; // or NULL
} remote;

// The rest of the bytes waits in the OS, or in the stream below.
static const uint32_t buffer_sizes[] = {4096, 1 << 20};

static remote connect_remote(uint32_t read_buffer_bytes, bool is_watched) {
    const sps_stream_options below = {.struct_size = sizeof below,
                                      .read_buffer_bytes = read_buffer_bytes};
    remote made = {.sockets = connect_pair_with(TCP, &below)};
    made.hand = make_hand_over(true, made.sockets.client, made.sockets.peer);
    SSL_CTX_set_block_padding(made.hand.context, SSL3_RT_MAX_PLAIN_LENGTH);
    if (is_watched) {
        made.poller = make_poller(NULL);
        OK(sps_poller_add(made.poller, made.hand.tls, NULL));
    }
    sps_tls_options *options = client_options(NULL);
    begin_hand(&made.hand, options);
    sps_tls_options_destroy(options);
    WAIT_UNTIL((pump_hand(&made.hand),
                is_watched ? (void)wait_once(made.poller, 0) : (void)sps_tls_poll(made.hand.tls),
                tls_status(made.hand.tls) == SPS_TLS_STATUS_CONNECTED &&
                    SSL_is_init_finished(made.hand.ssl)));
    return made;
}

static void drop_remote(remote *remote) {
    drop_hand(&remote->hand);
    sps_poller_destroy(remote->poller);
    close_pair(&remote->sockets);
}

// Sends tickets of more bytes than a call's share, and then data.
static void send_tickets_and_data(hand *hand) {
    for (int i = 0; i < 6; i++) {
        ck_assert_int_eq(SSL_new_session_ticket(hand->ssl), 1);
        ck_assert_int_eq(SSL_do_handshake(hand->ssl), 1);
    }
    size_t written;
    ck_assert_int_eq(SSL_write_ex(hand->ssl, "after", 5, &written), 1);
}

static bool has_sent(hand *hand) {
    send_from_hand(hand, SIZE_MAX);
    return BIO_ctrl_pending(hand->out) == 0;
}

// A get that waits does not wait for bytes that have come already.
START_TEST(a_waiting_get_reads_on) {
    remote remote = connect_remote(buffer_sizes[_i], false);
    send_tickets_and_data(&remote.hand);
    WAIT_UNTIL(has_sent(&remote.hand));
    char got[6] = "";
    OK(sps_stream_get_data(remote.hand.tls, got, 5, NULL));
    ck_assert_str_eq(got, "after");
    drop_remote(&remote);
}
END_TEST

START_TEST(a_poll_reads_on) {
    remote remote = connect_remote(buffer_sizes[_i], false);
    send_tickets_and_data(&remote.hand);
    char got[6] = "";
    size_t count = 0;
    WAIT_UNTIL((has_sent(&remote.hand), OK(sps_tls_poll(remote.hand.tls)),
                OK(sps_stream_get_partial_data(remote.hand.tls, got, 5, &count)), count == 5));
    ck_assert_str_eq(got, "after");
    drop_remote(&remote);
}
END_TEST

START_TEST(a_poller_reads_on) {
    remote remote = connect_remote(buffer_sizes[_i], true);
    send_tickets_and_data(&remote.hand);
    WAIT_UNTIL((wait_once(remote.poller, 0), has_sent(&remote.hand)));
    gather_until(remote.poller, SPS_EVENT_READABLE);
    char got[6] = "";
    size_t count = 0;
    OK(sps_stream_get_partial_data(remote.hand.tls, got, 5, &count));
    ck_assert_str_eq(got, "after");
    drop_remote(&remote);
}
END_TEST

// Many small records, which all wait in the stream below.
START_TEST(a_graceful_close_drops_many_records) {
    remote remote = connect_remote(buffer_sizes[_i], true);
    SSL_set_block_padding(remote.hand.ssl, 0);
    for (int i = 0; i < 1000; i++) {
        size_t written;
        ck_assert_int_eq(SSL_write_ex(remote.hand.ssl, "x", 1, &written), 1);
    }
    SSL_shutdown(remote.hand.ssl);
    OK(sps_tls_close_gracefully(remote.hand.tls, 0));
    WAIT_UNTIL((wait_once(remote.poller, 0), has_sent(&remote.hand)));
    gather_until(remote.poller, SPS_EVENT_CLOSED);
    ck_assert_int_eq(reason_of(remote.hand.tls), SPS_CLOSE_LOCAL);
    drop_remote(&remote);
}
END_TEST

// ---- A message that has begun

static int make_large_ticket(SSL *ssl, void *user_data) {
    static const uint8_t bytes[2000];
    (void)user_data;
    return SSL_SESSION_set1_ticket_appdata(SSL_get_session(ssl), bytes, sizeof bytes);
}

static bool has_received_close(const hand *peer) {
    return (SSL_get_shutdown(peer->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
}

// OpenSSL sends no alert in the middle of a message. The alert follows the message.
START_TEST(a_ticket_that_has_begun_delays_the_end) {
    hand peer = make_hand(true);
    SSL_CTX_set_session_ticket_cb(peer.context, make_large_ticket, NULL, NULL);
    sps_tls_options *options = client_options(NULL);
    connect_hand(&peer, options);
    SSL_set_max_send_fragment(peer.ssl, 512);
    ck_assert_int_eq(SSL_new_session_ticket(peer.ssl), 1);
    ck_assert_int_eq(SSL_do_handshake(peer.ssl), 1);
    send_from_hand(&peer, 1200); // two records and more
    OK(sps_tls_poll(peer.tls));
    if (_i == 0) {
        OK(sps_tls_shutdown_write(peer.tls));
        IS(sps_stream_put_u8(peer.tls, 1), SPS_FAILED);
    } else {
        OK(sps_tls_close_gracefully(peer.tls, 0));
    }
    uint8_t byte;
    send_from_hand(&peer, 1); // the message is not complete yet
    OK(sps_tls_poll(peer.tls));
    ck_assert_int_eq(tls_status(peer.tls), SPS_TLS_STATUS_CONNECTED);
    ck_assert_uint_eq(hand_read(&peer, &byte, 1), 0); // sends the rest
    OK(sps_tls_poll(peer.tls));
    hand_read(&peer, &byte, 1);
    ck_assert(has_received_close(&peer));
    SSL_shutdown(peer.ssl);
    DRIVE_HAND_UNTIL(&peer, tls_status(peer.tls) == SPS_TLS_STATUS_DISCONNECTED);
    ck_assert_int_eq(reason_of(peer.tls), _i == 0 ? SPS_CLOSE_PEER_FINISHED : SPS_CLOSE_LOCAL);
    sps_tls_options_destroy(options);
    drop_hand(&peer);
}
END_TEST

Suite *tls_hostile_suite(void) {
    Suite *suite = suite_create("tls_hostile");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, a_flood_before_the_handshake, 0, FLOODS);
    tcase_add_loop_test(all, new_keys_without_end, 0, 2);
    tcase_add_loop_test(all, new_keys_with_data_between, 0, 2);
    tcase_add_test(all, a_poll_reads_its_share);
    tcase_add_test(all, a_busy_handshake_has_a_deadline);
    tcase_add_loop_test(all, a_waiting_get_reads_on, 0, 2);
    tcase_add_loop_test(all, a_poll_reads_on, 0, 2);
    tcase_add_loop_test(all, a_poller_reads_on, 0, 2);
    tcase_add_loop_test(all, a_graceful_close_drops_many_records, 0, 2);
    tcase_add_loop_test(all, a_ticket_that_has_begun_delays_the_end, 0, 2);
    return suite;
}
