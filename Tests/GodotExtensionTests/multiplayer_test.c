// SPDX-License-Identifier: MIT
//
// SPSMultiplayerPeer, called as Godot's SceneMultiplayer calls it: through the virtual functions of
// MultiplayerPeerExtension.
#include <netinet/tcp.h>
#include <string.h>

#include "support/game.h"
#include "support/sockets.h"

START_TEST(clients_join_a_server) {
    call_by(_i);
    heard heard = {0};
    game game = begin_game();
    host_object *server = game.peers[0];
    listen_to(server, &game.heard);
    ck_assert(is_so(server, "_is_server"));
    ck_assert_int_eq(ask(server, "_get_unique_id"), SERVER);
    ck_assert_int_eq(ask(server, "_get_connection_status"), CONNECTED);
    host_object *client = join(&game);
    listen_to(client, &heard);
    WAIT_UNTIL((poll_all(game.peers, game.count), heard.connected > 0));
    ck_assert_int_eq(heard.id, SERVER);
    ck_assert_int_eq(game.heard.connected, 1);
    ck_assert_int_eq(game.heard.id, ask(client, "_get_unique_id"));
    ck_assert_int_gt(game.heard.id, SERVER);
    ck_assert(!is_so(client, "_is_server"));
    expect_text(CALL(server, "get_peer_address", whole(game.heard.id)), "127.0.0.1");
    ck_assert_int_gt(INT(server, "get_peer_port", whole(game.heard.id)), 0);
    end_game(&game);
}
END_TEST

START_TEST(packets_go_to_their_targets) {
    game game = begin_game();
    host_object *server = game.peers[0];
    host_object *one = join_and_wait(&game), *two = join_and_wait(&game);
    const int64_t id = ask(one, "_get_unique_id");
    ck_assert_int_eq(put(server, 0, "all", 3), GD_OK);
    ck_assert_int_eq(put(server, id, "one", 3), GD_OK);
    ck_assert_int_eq(put(server, -id, "not one", 7), GD_OK);
    await_packet(&game, one);
    expect_packet(one, SERVER, "all");
    await_packet(&game, one);
    expect_packet(one, SERVER, "one");
    ck_assert_int_eq(put(server, id, "the end", 7), GD_OK);
    await_packet(&game, one);
    expect_packet(one, SERVER, "the end");
    await_packet(&game, two);
    expect_packet(two, SERVER, "all");
    await_packet(&game, two);
    expect_packet(two, SERVER, "not one");
    ck_assert_int_eq(put(one, SERVER, "up", 2), GD_OK);
    ck_assert_int_eq(put(one, SERVER, "", 0), GD_OK);
    await_packet(&game, server);
    expect_packet(server, id, "up");
    end_game(&game);
}
END_TEST

START_TEST(nothing_is_no_packet) {
    game game = begin_game();
    const uint8_t *data = NULL, **pointer = &data;
    int32_t size = -1, *size_pointer = &size;
    const void *const arguments[] = {&pointer, &size_pointer};
    int64_t error = -1;
    ck_assert_int_eq(ask(game.peers[0], "_get_available_packet_count"), 0);
    ck_assert(host_call_virtual(game.peers[0], "_get_packet", arguments, &error));
    ck_assert_int_ne(error, GD_OK);
    ck_assert_int_eq(size, 0);
    end_game(&game);
}
END_TEST

START_TEST(bad_packets_are_refused) {
    static const char byte = 'x';
    game game = begin_game();
    host_object *client = join_and_wait(&game), *nobody = new_peer();
    host_object *const peers[] = {game.peers[0], client};
    for (size_t i = 0; i < 2; i++) {
        const int64_t target = i == 0 ? 0 : SERVER;
        ck_assert_int_eq(put(peers[i], target, &byte, -1), GD_ERR_INVALID_PARAMETER);
        ck_assert_int_eq(put(peers[i], target, &byte, INT64_MAX), GD_ERR_INVALID_PARAMETER);
        ck_assert_int_ne(put(peers[i], target, NULL, 1), GD_OK);
    }
    ck_assert_int_ne(put(game.peers[0], 12345, &byte, 1), GD_OK);
    ck_assert_int_ne(put(nobody, 0, &byte, 1), GD_OK);
    host_forget_messages();
    host_drop(nobody);
    end_game(&game);
}
END_TEST

// A client that is about to leave does not make a packet to all of them fail.
START_TEST(a_packet_to_all_misses_those_that_leave) {
    game game = begin_game();
    host_object *server = game.peers[0], *one = join_and_wait(&game), *two = join_and_wait(&game);
    disconnect(server, ask(one, "_get_unique_id"), false);
    ck_assert_int_eq(put(server, 0, "all", 3), GD_OK);
    ck_assert_int_ne(put(server, ask(one, "_get_unique_id"), "one", 3), GD_OK);
    await_packet(&game, two);
    expect_packet(two, SERVER, "all");
    end_game(&game);
}
END_TEST

// ---- The end of a connection

START_TEST(both_ends_hear_of_the_end) {
    heard heard = {0};
    game game = begin_game();
    host_object *client = join_and_wait(&game);
    listen_to(game.peers[0], &game.heard);
    listen_to(client, &heard);
    const int64_t id = ask(client, "_get_unique_id");
    disconnect(game.peers[0], id, _i != 0);
    WAIT_UNTIL(
        (poll_all(game.peers, game.count), ask(client, "_get_connection_status") == DISCONNECTED));
    ck_assert_int_eq(heard.disconnected, 1);
    ck_assert_int_eq(heard.id, SERVER);
    ck_assert_int_eq(INT(client, "get_close_reason"), SPS_CLOSE_PEER_FINISHED);
    if (_i == 0) { // the forced end is silent, as Godot's own peers have it
        WAIT_UNTIL((poll_all(game.peers, game.count), game.heard.disconnected > 0));
        ck_assert_int_eq(game.heard.id, id);
    }
    disconnect(game.peers[0], 12345, false);
    expect_message("SPSMultiplayerPeer.disconnect_peer");
    end_game(&game);
}
END_TEST

// A half-open connection would keep a player that has left: the client, then the server.
START_TEST(a_player_that_leaves_is_not_half_open) {
    game game = {.count = 2, .peers = {new_peer(), new_peer()}};
    host_object *server = game.peers[0], *client = game.peers[1];
    for (size_t i = 0; i < 2; i++) {
        DO(game.peers[i], "set_half_open", truth(true));
    }
    ck_assert_int_eq(INT(server, "create_server", whole(0), whole(2), text("127.0.0.1")), GD_OK);
    const int64_t port = INT(server, "get_local_port");
    ck_assert_int_eq(INT(client, "create_client", text("127.0.0.1"), whole(port)), GD_OK);
    listen_to(server, &game.heard);
    WAIT_UNTIL((poll_all(game.peers, 2), ask(client, "_get_connection_status") == CONNECTED));
    ck_assert(host_call_virtual(_i == 0 ? client : server, "_close", NULL, NULL));
    WAIT_UNTIL((poll_all(game.peers, 2), _i == 0 ? game.heard.disconnected == 1
                                                 : ask(client, "_get_connection_status") == 0));
    end_game(&game);
}
END_TEST

START_TEST(a_client_may_leave) {
    game game = begin_game();
    host_object *client = join_and_wait(&game);
    listen_to(game.peers[0], &game.heard);
    ck_assert(host_call_virtual(client, "_close", NULL, NULL));
    ck_assert_int_eq(ask(client, "_get_connection_status"), DISCONNECTED);
    ck_assert_int_eq(ask(client, "_get_unique_id"), 0);
    WAIT_UNTIL((poll_all(game.peers, game.count), game.heard.disconnected > 0));
    ck_assert_int_eq(INT(client, "create_client", text("127.0.0.1"), whole(game.port)), GD_OK);
    WAIT_UNTIL(
        (poll_all(game.peers, game.count), ask(client, "_get_connection_status") == CONNECTED));
    end_game(&game);
}
END_TEST

START_TEST(a_client_may_leave_by_the_servers_number) {
    game game = begin_game();
    host_object *client = join_and_wait(&game);
    listen_to(game.peers[0], &game.heard);
    disconnect(client, SERVER, true);
    ck_assert_int_eq(ask(client, "_get_connection_status"), DISCONNECTED);
    WAIT_UNTIL((poll_all(game.peers, game.count), game.heard.disconnected > 0));
    end_game(&game);
}
END_TEST

// ---- A dead network

// An option of the socket of this process whose other end has this port.
static int option_of(int port, int option) {
    for (int socket = 3; socket < 1024; socket++) {
        struct sockaddr_in address;
        socklen_t size = sizeof address;
        int value = 0;
        if (getpeername(socket, (struct sockaddr *)&address, &size) == 0 &&
            address.sin_family == AF_INET && ntohs(address.sin_port) == port) {
            size = sizeof value;
            ck_assert_int_eq(getsockopt(socket, IPPROTO_TCP, option, &value, &size), 0);
            return value;
        }
    }
    ck_abort_msg("there is no such socket");
}

// A player whose network dies is noticed, on either side, whether it sends or not.
START_TEST(a_dead_network_is_noticed) {
    const int own = _i == 0 ? 0 : 5000;
    game game = {.count = 2, .peers = {new_peer(), new_peer()}};
    host_object *server = game.peers[0], *client = game.peers[1];
    for (size_t i = 0; i < 2; i++) {
        DO(game.peers[i], "set_keepalive_idle_ms", whole(own));
        DO(game.peers[i], "set_user_timeout_ms", whole(own));
    }
    ck_assert_int_eq(INT(server, "create_server", whole(0), whole(2), text("127.0.0.1")), GD_OK);
    const int64_t port = INT(server, "get_local_port");
    ck_assert_int_eq(INT(client, "create_client", text("127.0.0.1"), whole(port)), GD_OK);
    listen_to(server, &game.heard);
    WAIT_UNTIL((poll_all(game.peers, 2), ask(client, "_get_connection_status") == CONNECTED));
    const int ports[] = {(int)port, (int)INT(server, "get_peer_port", whole(game.heard.id))};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(option_of(ports[i], TCP_KEEPIDLE), own == 0 ? 10 : 5);
        ck_assert_int_eq(option_of(ports[i], TCP_USER_TIMEOUT), own == 0 ? 30000 : 5000);
    }
    end_game(&game);
}
END_TEST

// ---- Receivers that end what they hear of

static game *the_game;

static void close_server(void *context, const void *const *arguments, size_t count) {
    hear_connected(context, arguments, count);
    ck_assert(host_call_virtual(the_game->peers[0], "_close", NULL, NULL));
}

static void free_server(void *context, const void *const *arguments, size_t count) {
    hear_connected(context, arguments, count);
    the_game->count--;
    host_drop(the_game->peers[0]);
    memmove(the_game->peers, the_game->peers + 1, the_game->count * sizeof the_game->peers[0]);
}

static void drop_client(void *context, const void *const *arguments, size_t count) {
    hear_connected(context, arguments, count);
    disconnect(the_game->peers[0], number_in(arguments[0]), true);
}

START_TEST(a_receiver_may_end_the_session) {
    static const host_receiver receivers[] = {close_server, free_server, drop_client};
    game game = begin_game();
    the_game = &game;
    host_connect(game.peers[0], "peer_connected", receivers[_i], &game.heard);
    join(&game);
    host_object *last = join(&game);
    WAIT_UNTIL(
        (poll_all(game.peers, game.count), ask(last, "_get_connection_status") == DISCONNECTED));
    ck_assert_int_ge(game.heard.connected, 1);
    end_game(&game);
}
END_TEST

// ---- Limits

START_TEST(a_full_server_takes_no_more) {
    game game = begin_game();
    join_and_wait(&game);
    join_and_wait(&game);
    host_object *third = join(&game);
    WAIT_UNTIL(
        (poll_all(game.peers, game.count), ask(third, "_get_connection_status") == DISCONNECTED));
    end_game(&game);
}
END_TEST

START_TEST(a_server_can_refuse) {
    const uint8_t refuses = 1;
    const void *const arguments[] = {&refuses};
    game game = begin_game();
    host_object *server = game.peers[0];
    ck_assert(!is_so(server, "_is_refusing_new_connections"));
    ck_assert(host_call_virtual(server, "_set_refuse_new_connections", arguments, NULL));
    ck_assert(is_so(server, "_is_refusing_new_connections"));
    host_object *client = join(&game);
    WAIT_UNTIL(
        (poll_all(game.peers, game.count), ask(client, "_get_connection_status") == DISCONNECTED));
    end_game(&game);
}
END_TEST

START_TEST(settings_are_those_of_godot) {
    host_object *peer = new_peer();
    ck_assert(is_so(peer, "_is_server_relay_supported"));
    ck_assert_int_eq(ask(peer, "_get_transfer_channel"), 0);
    tell(peer, "_set_transfer_channel", 3);
    ck_assert_int_eq(ask(peer, "_get_transfer_channel"), 3);
    tell(peer, "_set_transfer_mode", 1);
    ck_assert_int_eq(ask(peer, "_get_transfer_mode"), 1);
    ck_assert_int_eq(ask(peer, "_get_packet_channel"), 0);
    ck_assert_int_eq(ask(peer, "_get_packet_mode"), 2);
    ck_assert_int_gt(ask(peer, "_get_max_packet_size"), 0);
    ck_assert_int_eq(ask(peer, "_get_packet_peer"), 0);
    host_drop(peer);
}
END_TEST

START_TEST(bad_sessions_are_refused) {
    call_by(_i);
    game game = begin_game();
    host_object *peer = new_peer();
    ck_assert_int_eq(INT(peer, "create_server", whole(-1)), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSMultiplayerPeer.create_server");
    ck_assert_int_eq(INT(peer, "create_server", whole(0), whole(0)), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSMultiplayerPeer.create_server");
    ck_assert_int_eq(INT(peer, "create_client", text(""), whole(1)), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSMultiplayerPeer.create_client");
    ck_assert_int_eq(INT(peer, "create_client", text("127.0.0.1"), whole(0)),
                     GD_ERR_INVALID_PARAMETER);
    expect_message("SPSMultiplayerPeer.create_client");
    ck_assert_int_eq(ask(peer, "_get_connection_status"), DISCONNECTED);
    ck_assert_int_eq(INT(game.peers[0], "create_server", whole(0)), GD_ERR_ALREADY_IN_USE);
    expect_message("SPSMultiplayerPeer.create_server");
    ck_assert_int_eq(ask(game.peers[0], "_get_connection_status"), CONNECTED);
    host_drop(peer);
    end_game(&game);
}
END_TEST

START_TEST(a_client_is_told_why) {
    const place nobody = unused_place(TCP);
    host_object *client = new_peer();
    const int64_t error = INT(client, "create_client", text("127.0.0.1"), whole(nobody.port));
    WAIT_UNTIL((poll_all(&client, 1), ask(client, "_get_connection_status") == DISCONNECTED));
    if (error == GD_OK) {
        ck_assert_int_eq(INT(client, "get_close_reason"), SPS_CLOSE_REFUSED);
        const slot message = CALL(client, "get_close_message");
        ck_assert_uint_gt(strlen(host_text_in(&message)), 10);
        drop(message);
    }
    host_drop(client);
}
END_TEST

Suite *multiplayer_suite(void) {
    Suite *suite = suite_create("multiplayer");
    TCase *test_case = add_godot_case(suite, "multiplayer");
    BY_BOTH(test_case, clients_join_a_server);
    tcase_add_test(test_case, packets_go_to_their_targets);
    tcase_add_test(test_case, nothing_is_no_packet);
    tcase_add_test(test_case, bad_packets_are_refused);
    tcase_add_test(test_case, a_packet_to_all_misses_those_that_leave);
    tcase_add_loop_test(test_case, both_ends_hear_of_the_end, 0, 2);
    tcase_add_loop_test(test_case, a_player_that_leaves_is_not_half_open, 0, 2);
    tcase_add_test(test_case, a_client_may_leave);
    tcase_add_test(test_case, a_client_may_leave_by_the_servers_number);
    tcase_add_loop_test(test_case, a_dead_network_is_noticed, 0, 2);
    tcase_add_loop_test(test_case, a_receiver_may_end_the_session, 0, 3);
    tcase_add_test(test_case, a_full_server_takes_no_more);
    tcase_add_test(test_case, a_server_can_refuse);
    tcase_add_test(test_case, settings_are_those_of_godot);
    BY_BOTH(test_case, bad_sessions_are_refused);
    tcase_add_test(test_case, a_client_is_told_why);
    return suite;
}
