// SPDX-License-Identifier: MIT
//
// Where the heap of an idle TLS peer goes: the library's blocks, and OpenSSL's by place of
// allocation.
//
//     tls_memory [client]
//
// The library is the server, or the client. The other end is OpenSSL, and is freed before the
// count. BENCH_TLS names the folder with certificate.pem and key.pem, as scripts/bench makes it.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <sys/socket.h>

#include <openssl/crypto.h>
#include <streampeersocket/poller.h>

#include "core_tls.hpp"

namespace {

constexpr size_t WARM = 20, PEERS = 200;

/* ---- Counting. A counted block begins with its size and its place. */

struct Place {
    const char *file;
    int line;
    long bytes, blocks;
};

Place places[2048];

struct alignas(16) Header {
    size_t size;
    Place *place;
};

Place *find_place(const char *p_file, int p_line) {
    Place *place = places;
    while (place->file != nullptr && (place->line != p_line || strcmp(place->file, p_file) != 0)) {
        place++;
        check(place < places + 2048, "too many places");
    }
    place->file = p_file;
    place->line = p_line;
    return place;
}

void count(const Header *p_header, int p_sign) {
    p_header->place->bytes += p_sign * static_cast<long>(p_header->size);
    p_header->place->blocks += p_sign;
}

void *resize(void *p_block, size_t p_size, const char *p_file, int p_line) {
    Header *header = p_block != nullptr ? static_cast<Header *>(p_block) - 1 : nullptr;
    if (header != nullptr) {
        count(header, -1);
    }
    if (p_size == 0) {
        free(header);
        return nullptr;
    }
    header = static_cast<Header *>(realloc(header, sizeof *header + p_size));
    check(header != nullptr, "realloc");
    *header = {p_size, find_place(p_file != nullptr ? p_file : "?", p_line)};
    count(header, 1);
    return header + 1;
}

void *allocate(size_t p_size, const char *p_file, int p_line) {
    return resize(nullptr, p_size, p_file, p_line);
}

void release(void *p_block, const char *, int) {
    if (p_block != nullptr) {
        Header *header = static_cast<Header *>(p_block) - 1;
        count(header, -1);
        free(header);
    }
}

long library_bytes = 0;

void *allocate_for_library(void *, void *p_block, size_t p_old, size_t p_new) {
    library_bytes += static_cast<long>(p_new) - static_cast<long>(p_old);
    if (p_new == 0) {
        free(p_block);
        return nullptr;
    }
    return realloc(p_block, p_new);
}

/* ---- Peers */

struct Ends {
    bool library_is_client;
    sps_tls_options *options;
    SSL_CTX *other;
    sps_poller *poller;
};

Ends make_ends(bool p_library_is_client) {
    Ends ends = {p_library_is_client, nullptr, nullptr, nullptr};
    check(sps_poller_create(nullptr, &ends.poller));
    if (p_library_is_client) {
        check(sps_tls_options_create_client_unsafe(nullptr, nullptr, &ends.options));
        ends.other = make_server_context();
        return ends;
    }
    ends.options = make_server_options();
    ends.other = SSL_CTX_new(TLS_client_method());
    return ends;
}

void drop_events(const Ends &p_ends) {
    check(sps_poller_wait(p_ends.poller, 0, nullptr));
    sps_event event = {};
    event.struct_size = sizeof event;
    while (sps_poller_next_event(p_ends.poller, &event) == SPS_OK) {
    }
}

// A connection that carried a message each way, and is idle. The library's streams stay.
void add_idle_peer(const Ends &p_ends) {
    static const sps_allocator allocator = {sizeof allocator, allocate_for_library, nullptr};
    sps_stream_options options = {};
    options.struct_size = sizeof options;
    options.allocator = &allocator;
    sps_stream *base, *tls;
    int fds[2];
    check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == 0, "socketpair");
    check(sps_uds_create(&options, &base));
    check(sps_uds_adopt_fd(base, fds[0]));
    check(sps_tls_create(&options, &tls));
    check(sps_poller_add(p_ends.poller, tls, nullptr));
    check(p_ends.library_is_client
              ? sps_tls_connect_to_stream(tls, base, "game.test", p_ends.options)
              : sps_tls_accept_stream(tls, base, p_ends.options));
    SSL *ssl = SSL_new(p_ends.other);
    SSL_set_fd(ssl, fds[1]);
    p_ends.library_is_client ? SSL_set_accept_state(ssl) : SSL_set_connect_state(ssl);
    sps_tls_status status = SPS_TLS_STATUS_HANDSHAKING;
    while (!SSL_is_init_finished(ssl) || status == SPS_TLS_STATUS_HANDSHAKING) {
        SSL_do_handshake(ssl);
        drop_events(p_ends);
        check(sps_tls_get_status(tls, &status));
    }
    uint8_t message[MESSAGE_BYTES] = {};
    check(SSL_write(ssl, message, sizeof message) == sizeof message, "SSL_write");
    check(sps_stream_get_data(tls, message, sizeof message, nullptr));
    check(sps_stream_put_data(tls, message, sizeof message, nullptr));
    drop_events(p_ends);
    SSL_free(ssl);
}

/* ---- Telling */

void show(const Place *p_before) {
    constexpr double PEERS_COUNTED = PEERS;
    std::vector<Place> grown;
    double openssl = 0;
    for (size_t i = 0; places[i].file != nullptr; i++) {
        grown.push_back(places[i]);
        grown.back().bytes -= p_before[i].bytes;
        grown.back().blocks -= p_before[i].blocks;
        openssl += static_cast<double>(grown.back().bytes) / PEERS_COUNTED;
    }
    std::sort(grown.begin(), grown.end(),
              [](const Place &p_one, const Place &p_other) { return p_one.bytes > p_other.bytes; });
    printf("%8.0f bytes a peer of the library\n",
           static_cast<double>(library_bytes) / PEERS_COUNTED);
    printf("%8.0f bytes a peer of OpenSSL, without malloc's own, in these places:\n", openssl);
    for (const Place &place : grown) {
        if (place.bytes >= static_cast<long>(PEERS)) {
            printf("%8.0f in %.1f blocks: %s:%d\n",
                   static_cast<double>(place.bytes) / PEERS_COUNTED,
                   static_cast<double>(place.blocks) / PEERS_COUNTED, place.file, place.line);
        }
    }
}

} // namespace

int main(int argc, char **argv) {
    check(CRYPTO_set_mem_functions(allocate, resize, release) == 1, "CRYPTO_set_mem_functions");
    const Ends ends = make_ends(argc > 1 && strcmp(argv[1], "client") == 0);
    for (size_t i = 0; i < WARM; i++) {
        add_idle_peer(ends);
    }
    static Place before[2048];
    memcpy(before, places, sizeof before);
    library_bytes = 0;
    for (size_t i = 0; i < PEERS; i++) {
        add_idle_peer(ends);
    }
    show(before);
    return EXIT_SUCCESS;
}
