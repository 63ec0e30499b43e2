// SPDX-License-Identifier: MIT
//
// The other end of connections with TLS: a client of OpenSSL, with blocking calls.
#include "partner.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>

#include "work.hpp"

// All implementations use this cipher, and nobody verifies the certificate.
static SSL_CTX *make_context() {
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == nullptr || SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) != 1 ||
        SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256") != 1) {
        exit(EXIT_FAILURE);
    }
    return context;
}

static SSL *connect(SSL_CTX *p_context, int p_fd) {
    SSL *ssl = SSL_new(p_context);
    if (ssl == nullptr || SSL_set_fd(ssl, p_fd) != 1 || SSL_connect(ssl) != 1) {
        exit(EXIT_FAILURE); // the program notices the end
    }
    return ssl;
}

static void feed(SSL *p_ssl) {
    static char piece[PIECE_BYTES];
    while (SSL_write(p_ssl, piece, sizeof piece) > 0) {
    }
}

static void drain(SSL *p_ssl) {
    static char piece[4 * PIECE_BYTES];
    while (SSL_read(p_ssl, piece, sizeof piece) > 0) {
    }
}

// A message is one record.
static bool echo_once(SSL *p_ssl) {
    char message[MESSAGE_BYTES];
    const int count = SSL_read(p_ssl, message, sizeof message);
    return count > 0 ? SSL_write(p_ssl, message, count) == count
                     : SSL_get_error(p_ssl, count) == SSL_ERROR_WANT_READ;
}

static void echo_all(const std::vector<SSL *> &p_peers) {
    if (p_peers.size() == 1) {
        while (echo_once(p_peers.front())) {
        }
        return;
    }
    static epoll_event events[1024];
    const int poller = epoll_create1(EPOLL_CLOEXEC);
    for (SSL *ssl : p_peers) {
        const int fd = SSL_get_fd(ssl);
        epoll_event event = {};
        event.events = EPOLLIN;
        event.data.ptr = ssl;
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); // tickets are no message
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
    while (true) {
        const int count = epoll_wait(poller, events, 1024, -1);
        for (int i = 0; i < count; i++) {
            if (!echo_once(static_cast<SSL *>(events[i].data.ptr))) {
                return; // the program has ended
            }
        }
    }
}

bool run_tls_partner(const std::string &p_work, const PartnerEnds &p_ends) {
    SSL_CTX *context = make_context();
    std::vector<SSL *> peers;
    for (const int fd : p_ends.connections) {
        peers.push_back(connect(context, fd));
    }
    if (p_work == "tls_feeds") {
        feed(peers.front());
    } else if (p_work == "tls_drains") {
        drain(peers.front());
    } else if (p_work == "tls_echoes") {
        echo_all(peers);
    } else {
        return false;
    }
    return true;
}
