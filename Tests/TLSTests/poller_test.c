// SPDX-License-Identifier: MIT
//
// TLS streams in a poller: it serves the socket below, and reports the events of the TLS stream.
#include <string.h>

#include "support/links.h"
#include "support/pollers.h"

// Both sides of a link, in one poller.
typedef struct watched {
    tls_link link;
    sps_poller *poller;
} watched;

static watched watch_link(void) {
    watched watched = {.link = make_link(OVER_TCP), .poller = make_poller(NULL)};
    OK(sps_poller_add(watched.poller, watched.link.client, NULL));
    OK(sps_poller_add(watched.poller, watched.link.server, NULL));
    return watched;
}

static void begin(watched *watched, const char *name) {
    sps_tls_options *client = client_options(NULL), *server = server_options(NULL);
    begin_link(&watched->link, client, name, server);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}

static void drop(watched *watched) {
    drop_link(&watched->link);
    sps_poller_destroy(watched->poller);
}

// Waits for an event of this kind on this stream. Others may come before.
static void await(watched *watched, const sps_stream *stream, uint32_t kind) {
    sps_event event;
    do {
        event = wait_for_event(watched->poller);
    } while (event.stream != stream || (event.kinds & kind) == 0);
}

static void await_connected(watched *watched) {
    bool client = false, server = false;
    while (!client || !server) {
        const sps_event event = wait_for_event(watched->poller);
        ck_assert_uint_eq(event.kinds & ~(uint32_t)(SPS_EVENT_CONNECTED | SPS_EVENT_READABLE), 0);
        client = client || event.stream == watched->link.client;
        server = server || event.stream == watched->link.server;
    }
    ck_assert_int_eq(tls_status(watched->link.client), SPS_TLS_STATUS_CONNECTED);
    ck_assert_int_eq(tls_status(watched->link.server), SPS_TLS_STATUS_CONNECTED);
}

START_TEST(a_handshake_is_an_event) {
    watched watched = watch_link();
    begin(&watched, "game.test");
    await_connected(&watched);
    drop(&watched);
}
END_TEST

START_TEST(bytes_and_the_end_are_events) {
    watched watched = watch_link();
    begin(&watched, "game.test");
    await_connected(&watched);
    OK(sps_stream_put_data(watched.link.client, "hello", 5, NULL));
    await(&watched, watched.link.server, SPS_EVENT_READABLE);
    char got[6] = "";
    size_t count;
    OK(sps_stream_get_partial_data(watched.link.server, got, 5, &count));
    ck_assert_str_eq(got, "hello");
    OK(sps_tls_disconnect_from_stream(watched.link.client));
    await(&watched, watched.link.server, SPS_EVENT_CLOSED);
    sps_close_reason reason;
    OK(sps_socket_get_close_reason(watched.link.server, &reason));
    ck_assert_int_eq(reason, SPS_CLOSE_PEER_FINISHED);
    drop(&watched);
}
END_TEST

START_TEST(a_failed_handshake_is_an_event) {
    watched watched = watch_link();
    begin(&watched, "other.test");
    await(&watched, watched.link.client, SPS_EVENT_CLOSED);
    ck_assert_int_eq(tls_status(watched.link.client), SPS_TLS_STATUS_ERROR_HOSTNAME_MISMATCH);
    expect_failure(watched.link.client, SPS_TLS_FAILURE_WRONG_NAME, "game.test", "other.test");
    drop(&watched);
}
END_TEST

// A peer that says nothing holds a server's stream no longer than the deadline.
START_TEST(a_silent_handshake_ends) {
    const sps_stream_options options = {.struct_size = sizeof options, .connect_timeout_ms = 30};
    tls_link link = make_link(OVER_TCP);
    sps_poller *poller = make_poller(NULL);
    sps_tls_options *server = server_options(NULL);
    sps_stream *tls;
    OK(sps_tls_create(&options, &tls));
    OK(sps_poller_add(poller, tls, NULL));
    OK(sps_tls_accept_stream(tls, link.server_base, server));
    const sps_event event = wait_for_event(poller);
    ck_assert_ptr_eq(event.stream, tls);
    ck_assert_uint_eq(event.kinds & SPS_EVENT_CLOSED, SPS_EVENT_CLOSED);
    expect_failure(tls, SPS_TLS_FAILURE_TIMED_OUT, NULL, NULL);
    sps_stream_destroy(tls);
    sps_tls_options_destroy(server);
    drop_link(&link);
    sps_poller_destroy(poller);
}
END_TEST

// More than one read of the poller, in records that arrive together.
START_TEST(bulk_arrives_in_a_poller) {
    static uint8_t bytes[65536];
    watched watched = watch_link();
    begin(&watched, "game.test");
    await_connected(&watched);
    const uint64_t total = 2000000;
    uint64_t sent = 0, received = 0;
    while (received < total) {
        const uint64_t left = total - sent;
        const size_t size = left < sizeof bytes ? (size_t)left : sizeof bytes;
        fill_pattern(bytes, size, sent);
        size_t count;
        OK(sps_stream_put_partial_data(watched.link.client, bytes, size, &count));
        sent += count;
        wait_once(watched.poller, 1000);
        sps_event event;
        while (next_event(watched.poller, &event)) {
            ck_assert_uint_eq(event.kinds & SPS_EVENT_CLOSED, 0);
        }
        OK(get_pattern(watched.link.server, &received));
    }
    ck_assert_uint_eq(received, total);
    drop(&watched);
}
END_TEST

// Idle TLS peers cost nothing.
START_TEST(idle_peers_rest) {
    watched watched = watch_link();
    begin(&watched, "game.test");
    await_connected(&watched);
    while (wait_once(watched.poller, 20) > 0) { // the tickets
        sps_event event;
        while (next_event(watched.poller, &event)) {
        }
    }
    expect_rest(watched.poller, 100);
    drop(&watched);
}
END_TEST

Suite *tls_poller_suite(void) {
    Suite *suite = suite_create("tls_poller");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_test(all, a_handshake_is_an_event);
    tcase_add_test(all, bytes_and_the_end_are_events);
    tcase_add_test(all, a_failed_handshake_is_an_event);
    tcase_add_test(all, a_silent_handshake_ends);
    tcase_add_test(all, bulk_arrives_in_a_poller);
    tcase_add_test(all, idle_peers_rest);
    return suite;
}
