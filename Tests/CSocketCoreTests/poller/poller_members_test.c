// SPDX-License-Identifier: MIT
//
// Servers and streams join a poller and leave it.
#include "support/pollers.h"

// ---- Servers

// Expects one event: the server has a connection.
static void expect_server(const sps_event *event, const sps_server *server, const void *user_data) {
    ck_assert_uint_eq(event->kinds, SPS_EVENT_CONNECTION_AVAILABLE);
    ck_assert_ptr_eq(event->server, server);
    ck_assert_ptr_eq(event->user_data, user_data);
    ck_assert_ptr_null(event->stream);
    ck_assert_int_eq(event->close_reason, SPS_CLOSE_NONE);
}

START_TEST(connections_are_reported_while_some_wait) {
    sps_poller *poller = make_poller(NULL);
    sps_server *server = make_server(_i, NULL);
    int mark;
    OK(sps_poller_add_server(poller, server, &mark)); // before it listens
    expect_nothing(poller);
    const place place = listen_somewhere(server, _i);
    expect_nothing(poller);
    sps_stream *clients[5], *peers[5];
    for (int i = 0; i < 5; i++) {
        clients[i] = make_stream(_i, NULL);
        OK(connect_to(clients[i], &place));
    }
    for (int i = 0; i < 5; i++) { // one at a time
        const sps_event event = wait_for_event(poller);
        expect_server(&event, server, &mark);
        OK(sps_server_take_connection(server, &peers[i]));
    }
    expect_nothing(poller);
    OK(sps_server_stop(server));
    expect_nothing(poller);
    OK(listen_at(server, &place));
    OK(sps_socket_disconnect(clients[0]));
    OK(connect_to(clients[0], &place));
    ck_assert_ptr_eq(wait_for_event(poller).server, server);
    for (int i = 0; i < 5; i++) {
        sps_stream_destroy(clients[i]);
        sps_stream_destroy(peers[i]);
    }
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

// The stream's event comes first, but its bytes are read before the event is taken. The next event
// must not contain any of it.
START_TEST(a_servers_event_is_of_no_stream) {
    pair pair = connect_watched(_i);
    OK(sps_poller_add_server(pair.poller, pair.server, NULL));
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(pair.poller, 20000), 1);
    sps_stream *other = make_stream(_i, NULL);
    OK(connect_to(other, &pair.place));
    WAIT_UNTIL(wait_once(pair.poller, 0) == 2);
    expect_u8_now(pair.client, 1);
    sps_event event;
    ck_assert(next_event(pair.poller, &event));
    expect_server(&event, pair.server, NULL);
    ck_assert(!next_event(pair.poller, &event));
    sps_stream_destroy(other);
    close_pair(&pair);
}
END_TEST

START_TEST(a_server_that_is_removed_has_no_events) {
    pair pair = prepare_pair(_i, NULL);
    sps_poller *poller = pair.poller = make_poller(NULL);
    sps_stream *clients[] = {pair.client, make_stream(_i, NULL)};
    OK(sps_poller_add_server(poller, pair.server, NULL));
    expect_nothing(poller);       // watched from now on
    for (int i = 0; i < 2; i++) { // once without a pending event, and once with one
        OK(sps_poller_remove_server(poller, pair.server));
        IS(sps_poller_remove_server(poller, pair.server), SPS_ERR_DOES_NOT_EXIST);
        OK(connect_to(clients[i], &pair.place));
        expect_nothing(poller);
        OK(sps_poller_add_server(poller, pair.server, NULL)); // it may join again
        ck_assert_uint_eq(wait_once(poller, 20000), 1);
    }
    ck_assert_ptr_eq(wait_for_event(poller).server, pair.server);
    sps_stream_destroy(take_from(pair.server));
    sps_stream_destroy(take_from(pair.server));
    sps_stream_destroy(clients[1]);
    close_pair(&pair);
}
END_TEST

// The poller reported a server, and kept its event for the next wait. Before that the server stops
// and listens again.
START_TEST(a_destroyed_servers_events_are_dropped) {
    const sps_poller_options options = {.struct_size = sizeof options, .max_events = 1};
    sps_poller *poller = make_poller(&options);
    pair pairs[2];
    for (int i = 0; i < 2; i++) {
        pairs[i] = prepare_pair(_i, NULL);
        OK(sps_poller_add_server(poller, pairs[i].server, NULL));
    }
    wait_once(poller, 0); // both are watched from now on
    for (int i = 0; i < 2; i++) {
        OK(connect_to(pairs[i].client, &pairs[i].place));
        bool available = false;
        WAIT_UNTIL(
            (OK(sps_server_is_connection_available(pairs[i].server, &available)), available));
    }
    const sps_event event = wait_for_event(poller);
    sps_stream_destroy(take_from(event.server));
    sps_server *other = pairs[event.server == pairs[0].server ? 1 : 0].server;
    OK(sps_server_stop(other));
    listen_somewhere(other, _i);
    expect_nothing(poller);
    close_pair(&pairs[0]);
    close_pair(&pairs[1]);
    sps_poller_destroy(poller);
}
END_TEST

// ---- Adding and removing

START_TEST(a_removed_stream_has_no_events) {
    pair pair = connect_watched(_i);
    OK(sps_stream_put_u8(pair.peer, 1));
    ck_assert_uint_eq(wait_once(pair.poller, 20000), 1);
    OK(sps_poller_remove(pair.poller, pair.client));
    expect_nothing(pair.poller);
    IS(sps_poller_remove(pair.poller, pair.client), SPS_ERR_DOES_NOT_EXIST);
    expect_u8(pair.client, 1);             // it works without a poller
    OK(sps_stream_put_u8(pair.client, 2)); // sent at once: batching is off again
    expect_u8(pair.peer, 2);
    OK(sps_poller_add(pair.poller, pair.client, NULL)); // it may join again
    OK(sps_stream_put_u8(pair.peer, 1));
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    close_pair(&pair);
}
END_TEST

START_TEST(a_removed_stream_keeps_its_batching) {
    pair pair = connect_pair(_i);
    OK(sps_stream_set_write_batching(pair.client, true));
    watch_pair(&pair, NULL);
    OK(sps_stream_put_u8(pair.client, 2));
    OK(sps_poller_remove(pair.poller, pair.client));
    ck_assert_uint_eq(pending(pair.client), 1);
    OK(sps_poller_add(pair.poller, pair.client, NULL));
    wait_once(pair.poller, 0);
    ck_assert_uint_eq(pending(pair.client), 0);
    OK(sps_stream_set_write_batching(pair.client, false)); // the caller's setting
    OK(sps_stream_put_u8(pair.client, 3));
    expect_u8(pair.peer, 2);
    expect_u8(pair.peer, 3);
    close_pair(&pair);
}
END_TEST

// One wait reports ten streams. The handler of the first event destroys all others.
START_TEST(peers_may_be_destroyed_inside_the_loop) {
    sps_poller *poller = make_poller(NULL);
    pair pairs[10];
    for (int i = 0; i < 10; i++) {
        pairs[i] = connect_pair(_i);
        OK(sps_poller_add(poller, pairs[i].client, &pairs[i]));
        OK(sps_stream_put_u8(pairs[i].peer, 1));
    }
    WAIT_UNTIL(wait_once(poller, 10) == 10);
    sps_event event;
    ck_assert(next_event(poller, &event));
    for (int i = 0; i < 10; i++) {
        if (&pairs[i] != event.user_data && i % 2 == 0) {
            sps_stream_destroy(pairs[i].client);
            pairs[i].client = NULL;
        } else if (&pairs[i] != event.user_data) {
            OK(sps_poller_remove(poller, pairs[i].client));
        }
    }
    expect_nothing(poller);
    const pair *last = event.user_data;
    OK(sps_stream_put_u8(last->peer, 1));
    expect_event(poller, event.stream, SPS_EVENT_READABLE);
    sps_stream_destroy(event.stream); // including the stream of the event
    expect_nothing(poller);
    for (int i = 0; i < 10; i++) {
        pairs[i].client = &pairs[i] == last ? NULL : pairs[i].client;
        close_pair(&pairs[i]);
    }
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(streams_outlive_their_poller) {
    pair pair = connect_watched(_i);
    sps_stream *connecting = make_stream(_i, NULL);
    OK(sps_poller_add_server(pair.poller, pair.server, NULL));
    OK(sps_poller_add(pair.poller, connecting, NULL));
    OK(connect_to(connecting, &pair.place));
    OK(sps_stream_put_u32(pair.peer, 1));
    WAIT_UNTIL(wait_once(pair.poller, 20000) >= 2);
    OK(sps_stream_put_u32(pair.client, 2)); // buffered by the poller
    sps_poller_destroy(pair.poller);
    pair.poller = NULL;
    expect_u32(pair.client, 1);
    expect_u32(pair.peer, 2);
    sps_stream *other = take_from(pair.server);
    WAIT_UNTIL(polled_status(connecting) == SPS_STATUS_CONNECTED);
    sps_stream_destroy(other);
    sps_stream_destroy(connecting);
    close_pair(&pair);
}
END_TEST

START_TEST(a_descriptor_comes_and_goes) {
    pair pair = connect_watched(_i);
    expect_nothing(pair.poller);
    intptr_t fd;
    OK(_i == TCP ? sps_tcp_release_fd(pair.client, &fd) : sps_uds_release_fd(pair.client, &fd));
    OK(sps_stream_put_u8(pair.peer, 1));
    expect_nothing(pair.poller);
    OK(_i == TCP ? sps_tcp_adopt_fd(pair.client, fd) : sps_uds_adopt_fd(pair.client, fd));
    expect_event(pair.poller, pair.client, SPS_EVENT_READABLE);
    close_pair(&pair);
}
END_TEST

// ---- Bad input

START_TEST(bad_input_changes_nothing) {
    sps_poller *poller = make_poller(NULL), *other = make_poller(NULL);
    sps_stream *stream = make_stream(TCP, NULL);
    sps_server *server = make_server(TCP, NULL);
    sps_event event = {.struct_size = sizeof event};
    size_t count = 99;
    const sps_poller_options no_size = {.struct_size = 0};
    sps_poller *none = poller;
    IS(sps_poller_create(&no_size, &none), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(none);
    IS(sps_poller_create(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    sps_poller_destroy(NULL);
    IS(sps_poller_add(NULL, stream, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_add(poller, NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_add_server(NULL, server, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_add_server(poller, NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove(NULL, stream), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove(poller, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove_server(NULL, server), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove_server(poller, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove(poller, stream), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_poller_remove_server(poller, server), SPS_ERR_DOES_NOT_EXIST);
    OK(sps_poller_add(poller, stream, NULL));
    OK(sps_poller_add_server(poller, server, NULL));
    IS(sps_poller_add(poller, stream, NULL), SPS_ERR_ALREADY_IN_USE);
    IS(sps_poller_add(other, stream, NULL), SPS_ERR_ALREADY_IN_USE);
    IS(sps_poller_add_server(other, server, NULL), SPS_ERR_ALREADY_IN_USE);
    IS(sps_poller_remove(other, stream), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_poller_remove_server(other, server), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_poller_wait(NULL, 0, &count), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(count, 0);
    OK(sps_poller_wait(poller, 0, NULL)); // the count is optional
    IS(sps_poller_wait(poller, -2, &count), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_wake(NULL), SPS_ERR_INVALID_PARAMETER);
    int64_t time_us;
    IS(sps_poller_get_timeout_us(NULL, &time_us), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_next_event(poller, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_next_event(poller, &event), SPS_ERR_BUSY);
    event.kinds = 1;
    IS(sps_poller_next_event(NULL, &event), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(event.kinds, 0);
    event.struct_size = 0;
    IS(sps_poller_next_event(poller, &event), SPS_ERR_INVALID_PARAMETER);
    OK(sps_poller_remove(poller, stream));
    OK(sps_poller_remove_server(poller, server));
    sps_stream_destroy(stream);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
    sps_poller_destroy(other);
}
END_TEST

Suite *poller_members_suite(void) {
    Suite *suite = suite_create("poller_members");
    TCase *servers = add_case(suite, "servers");
    tcase_add_loop_test(servers, connections_are_reported_while_some_wait, 0, TRANSPORTS);
    tcase_add_loop_test(servers, a_servers_event_is_of_no_stream, 0, TRANSPORTS);
    tcase_add_loop_test(servers, a_server_that_is_removed_has_no_events, 0, TRANSPORTS);
    tcase_add_loop_test(servers, a_destroyed_servers_events_are_dropped, 0, TRANSPORTS);
    TCase *members = add_case(suite, "members");
    tcase_add_loop_test(members, a_removed_stream_has_no_events, 0, TRANSPORTS);
    tcase_add_loop_test(members, a_removed_stream_keeps_its_batching, 0, TRANSPORTS);
    tcase_add_loop_test(members, peers_may_be_destroyed_inside_the_loop, 0, TRANSPORTS);
    tcase_add_loop_test(members, streams_outlive_their_poller, 0, TRANSPORTS);
    tcase_add_loop_test(members, a_descriptor_comes_and_goes, 0, TRANSPORTS);
    tcase_add_test(members, bad_input_changes_nothing);
    return suite;
}
