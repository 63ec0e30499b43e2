// SPDX-License-Identifier: MIT
//
// The limit of TLS: SSL_read(3) and SSL_write(3) by hand, on blocking sockets.
#include "tls.hpp"

static SSL *accept_peer(SSL_CTX *p_context, int p_fd) {
    SSL *ssl = SSL_new(p_context);
    check(ssl != nullptr && SSL_set_fd(ssl, p_fd) == 1 && SSL_accept(ssl) == 1, "SSL_accept");
    return ssl;
}

static void read_all(SSL *p_ssl, uint8_t *p_bytes, size_t p_count) {
    size_t count;
    for (; p_count > 0; p_bytes += count, p_count -= count) {
        check(SSL_read_ex(p_ssl, p_bytes, p_count, &count) == 1, "SSL_read");
    }
}

static void write_all(SSL *p_ssl, const uint8_t *p_bytes, size_t p_count) {
    size_t count;
    check(SSL_write_ex(p_ssl, p_bytes, p_count, &count) == 1, "SSL_write");
}

static void ping_pong(const Work &p_work) {
    uint8_t message[MESSAGE_BYTES] = {};
    SSL *ssl = accept_peer(make_server_context(), FIRST_FD);
    Samples samples(p_work);
    do {
        samples.begin();
        write_all(ssl, message, sizeof message);
        read_all(ssl, message, sizeof message);
    } while (samples.end());
}

static void bulk_in(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    SSL *ssl = accept_peer(make_server_context(), FIRST_FD);
    Meter meter(p_work);
    do {
        read_all(ssl, piece, sizeof piece);
    } while (meter.add(1));
}

static void bulk_out(const Work &p_work) {
    static uint8_t piece[PIECE_BYTES];
    SSL *ssl = accept_peer(make_server_context(), FIRST_FD);
    Meter meter(p_work);
    do {
        write_all(ssl, piece, sizeof piece);
    } while (meter.add(1));
}

static void idle(const Work &p_work) {
    uint8_t message[MESSAGE_BYTES] = {};
    SSL_CTX *context = make_server_context();
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); // empty ones
    std::vector<SSL *> peers;
    for (size_t i = 0; i < p_work.peers; i++) {
        peers.push_back(accept_peer(context, FIRST_FD + static_cast<int>(i)));
    }
    for (SSL *ssl : peers) {
        write_all(ssl, message, sizeof message);
        read_all(ssl, message, sizeof message);
    }
    print_memory(p_work);
}

const TlsRows tls_rows = {ping_pong, bulk_in, bulk_out, idle};
