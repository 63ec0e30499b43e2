// SPDX-License-Identifier: MIT
//
// The cost of a poller with thousands of TLS peers: syscalls and allocations of a frame.
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/counting_allocator.h"
#include "support/links.h"
#include "support/poller_calls.h"
#include "support/pollers.h"

enum { MANY = 5000, TALKERS = 100 };

static account memory;
static const sps_allocator allocator = {
    .struct_size = sizeof allocator, .reallocate = account_for, .user_data = &memory};

// ---- Many servers' streams, and clients by hand at the other ends

typedef struct peer {
    sps_stream *base, *tls; // the server's
    int descriptor;         // the client's
    SSL *ssl;               // of the first TALKERS clients
} peer;

static peer peers[MANY];
static sps_poller *poller;
static SSL_CTX *clients;

static size_t frame(void) {
    return wait_once(poller, 0);
}

static void shake_hands(peer *peer) {
    while (!SSL_is_init_finished(peer->ssl) ||
           tls_status(peer->tls) == SPS_TLS_STATUS_HANDSHAKING) {
        SSL_do_handshake(peer->ssl);
        frame();
        take_events(poller, SPS_EVENT_CONNECTED);
    }
    ck_assert_int_eq(tls_status(peer->tls), SPS_TLS_STATUS_CONNECTED);
}

static void connect_peer(peer *peer, sps_tls_options *server) {
    const sps_stream_options options = {
        .struct_size = sizeof options, .allocator = &allocator, .platform = &counting_poller};
    int ends[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    OK(sps_uds_create(&options, &peer->base));
    OK(sps_uds_adopt_fd(peer->base, ends[0]));
    OK(sps_tls_create(&options, &peer->tls));
    OK(sps_poller_add(poller, peer->tls, peer));
    OK(sps_tls_accept_stream(peer->tls, peer->base, server));
    peer->descriptor = ends[1];
    peer->ssl = SSL_new(clients);
    SSL_set_fd(peer->ssl, peer->descriptor);
    SSL_set_connect_state(peer->ssl);
    shake_hands(peer);
}

static void connect_many(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    ck_assert_uint_gt(limit.rlim_cur, 2 * MANY + 100);
    count_poller_calls();
    memset(&memory, 0, sizeof memory);
    const sps_poller_options options = {
        .struct_size = sizeof options, .allocator = &allocator, .platform = &counting_poller};
    poller = make_poller(&options);
    sps_tls_options *server = server_options(NULL);
    clients = SSL_CTX_new(TLS_client_method());
    for (size_t i = 0; i < MANY; i++) {
        connect_peer(&peers[i], server);
        if (i >= TALKERS) { // without an alert: the connection stays
            SSL_free(peers[i].ssl);
            peers[i].ssl = NULL;
        }
    }
    sps_tls_options_destroy(server);
}

static void end_many(void) {
    for (size_t i = 0; i < MANY; i++) {
        sps_stream_destroy(peers[i].tls);
        sps_stream_destroy(peers[i].base);
        SSL_free(peers[i].ssl);
        close(peers[i].descriptor);
    }
    SSL_CTX_free(clients);
    sps_poller_destroy(poller);
    ck_assert_uint_eq(memory.bytes, 0);
}

// Waits until the poller has handled the start.
static void settle(void) {
    for (int i = 0; i < 3; i++) {
        frame();
        take_events(poller, SPS_EVENT_CONNECTED);
    }
    memset(&called_by_poller, 0, sizeof called_by_poller);
}

// ---- Tests

// A message of a client is one record, and costs one read. All others cost nothing.
static void expect_messages(size_t count) {
    uint8_t bytes[64] = {7};
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(SSL_write(peers[i].ssl, bytes, sizeof bytes), (int)sizeof bytes);
    }
    ck_assert_uint_eq(frame(), count);
    sps_event event;
    while (next_event(poller, &event)) {
        ck_assert_uint_eq(event.kinds, SPS_EVENT_READABLE);
        size_t got;
        OK(sps_stream_get_partial_data(event.stream, bytes, sizeof bytes, &got));
        ck_assert_uint_eq(got, sizeof bytes);
    }
    expect_poller_calls(1, (int)count, 0);
}

START_TEST(idle_peers_cost_one_wait) {
    connect_many();
    settle();
    const size_t calls_before = memory.calls;
    ck_assert_uint_eq(frame(), 0);
    expect_poller_calls(1, 0, 0);
    ck_assert_uint_eq(memory.calls, calls_before);
    for (size_t count = 1; count <= TALKERS; count *= 10) {
        expect_messages(count);
        ck_assert_uint_eq(frame(), 0);
        expect_poller_calls(1, 0, 0); // idle again
    }
    end_many();
}
END_TEST

Suite *tls_crowd_suite(void) {
    Suite *suite = suite_create("tls_crowd");
    TCase *all = add_tls_case(suite, "all");
    tcase_set_timeout(all, 300);
    tcase_add_test(all, idle_peers_cost_one_wait);
    return suite;
}
