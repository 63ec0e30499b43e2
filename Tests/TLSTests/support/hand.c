// SPDX-License-Identifier: MIT
#include "support/hand.h"

#include <openssl/err.h>

hand make_hand(bool is_server) {
    memory_pipe *pipe = make_pipe();
    hand made = make_hand_over(is_server, pipe->streams[0], pipe->streams[1]);
    made.pipe = pipe;
    return made;
}

hand make_hand_over(bool is_server, sps_stream *below, sps_stream *base) {
    hand made = {.below = below, .base = base};
    OK(sps_tls_create(NULL, &made.tls));
    made.context = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
    if (is_server) {
        ck_assert_int_eq(SSL_CTX_use_certificate(made.context, game.x509), 1);
        ck_assert_int_eq(SSL_CTX_use_PrivateKey(made.context, game.pkey), 1);
    } else {
        X509_STORE_add_cert(SSL_CTX_get_cert_store(made.context), authority.x509);
        SSL_CTX_set_verify(made.context, SSL_VERIFY_PEER, NULL);
    }
    return made;
}

void drop_hand(hand *hand) {
    sps_stream_destroy(hand->tls);
    SSL_free(hand->ssl);
    SSL_CTX_free(hand->context);
    if (hand->pipe != NULL) {
        drop_pipe(hand->pipe);
    }
}

void begin_hand(hand *hand, sps_tls_options *options) {
    const bool is_server = SSL_CTX_get_ssl_method(hand->context) == TLS_server_method();
    hand->ssl = SSL_new(hand->context);
    hand->in = BIO_new(BIO_s_mem());
    hand->out = BIO_new(BIO_s_mem());
    SSL_set_bio(hand->ssl, hand->in, hand->out);
    if (is_server) {
        SSL_set_accept_state(hand->ssl);
        OK(sps_tls_connect_to_stream(hand->tls, hand->below, "game.test", options));
    } else {
        SSL_set_connect_state(hand->ssl);
        SSL_set_tlsext_host_name(hand->ssl, "game.test");
        OK(sps_tls_accept_stream(hand->tls, hand->below, options));
    }
}

void send_from_hand(hand *hand, size_t at_most) {
    uint8_t bytes[4096];
    char *data;
    const long size = BIO_get_mem_data(hand->out, &data);
    size_t left = (size_t)size < at_most ? (size_t)size : at_most, sent = 1;
    while (left > 0 && sent > 0) {
        const size_t piece = left < sizeof bytes ? left : sizeof bytes;
        BIO_get_mem_data(hand->out, &data);
        OK(sps_stream_put_partial_data(hand->base, data, piece, &sent));
        ck_assert_int_eq(sent > 0 ? BIO_read(hand->out, bytes, (int)sent) : 0, (int)sent);
        left -= sent;
    }
}

void pump_hand(hand *hand) {
    uint8_t bytes[32768];
    size_t count = 0;
    sps_stream_get_partial_data(hand->base, bytes, sizeof bytes, &count);
    if (count > 0) {
        ck_assert_int_eq(BIO_write(hand->in, bytes, (int)count), (int)count);
    }
    if (!SSL_is_init_finished(hand->ssl)) {
        SSL_do_handshake(hand->ssl);
    }
    send_from_hand(hand, SIZE_MAX);
    ERR_clear_error();
}

void drive_hand(hand *hand) {
    pump_hand(hand);
    sps_tls_poll(hand->tls);
    pump_hand(hand);
}

void connect_hand(hand *hand, sps_tls_options *options) {
    begin_hand(hand, options);
    DRIVE_HAND_UNTIL(hand, tls_status(hand->tls) != SPS_TLS_STATUS_HANDSHAKING &&
                               SSL_is_init_finished(hand->ssl));
    const char *message;
    OK(sps_tls_get_message(hand->tls, &message));
    ck_assert_msg(tls_status(hand->tls) == SPS_TLS_STATUS_CONNECTED, "%s", message);
}

void hand_write(hand *hand, const void *data, size_t size) {
    size_t written = 0;
    ck_assert_int_eq(SSL_write_ex(hand->ssl, data, size, &written), 1);
    ck_assert_uint_eq(written, size);
    pump_hand(hand);
}

size_t hand_read(hand *hand, void *buffer, size_t size) {
    size_t count = 0;
    pump_hand(hand);
    SSL_read_ex(hand->ssl, buffer, size, &count);
    pump_hand(hand);
    return count;
}
