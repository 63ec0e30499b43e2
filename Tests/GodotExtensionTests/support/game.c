// SPDX-License-Identifier: MIT
#include "support/game.h"

#include <string.h>

// ---- Virtual functions

int64_t ask(host_object *peer, const char *function) {
    int64_t answer = INT64_C(0x5A5A5A5A5A5A5A5A);
    ck_assert(host_call_virtual(peer, function, NULL, &answer));
    ck_assert_int_ne(answer >> 32, 0x5A5A5A5A);
    return answer;
}

bool is_so(host_object *peer, const char *function) {
    uint8_t answer[2] = {0x5A, 0x5A};
    ck_assert(host_call_virtual(peer, function, NULL, answer));
    ck_assert_int_le(answer[0], 1);
    ck_assert_int_eq(answer[1], 0x5A);
    return answer[0] != 0;
}

void tell(host_object *peer, const char *function, int64_t number) {
    const void *const arguments[] = {&number};
    ck_assert(host_call_virtual(peer, function, arguments, NULL));
}

void disconnect(host_object *peer, int64_t id, bool is_forced) {
    const uint8_t force = is_forced;
    const void *const arguments[] = {&id, &force};
    ck_assert(host_call_virtual(peer, "_disconnect_peer", arguments, NULL));
}

void poll_all(host_object *const *peers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        ck_assert(host_call_virtual(peers[i], "_poll", NULL, NULL));
    }
}

int64_t put(host_object *peer, int64_t target, const void *data, int64_t size) {
    int64_t error = -1;
    const void *const arguments[] = {&data, &size};
    tell(peer, "_set_target_peer", target);
    ck_assert(host_call_virtual(peer, "_put_packet", arguments, &error));
    ck_assert(host_is_of_enum("Error", error));
    return error;
}

// Fails unless the next packet is this one, from this peer.
void expect_packet(host_object *peer, int64_t from, const char *text) {
    const uint8_t *data = NULL, **pointer = &data;
    int32_t size = -1, *size_pointer = &size;
    const void *const arguments[] = {&pointer, &size_pointer};
    int64_t error = -1;
    ck_assert_int_eq(ask(peer, "_get_packet_peer"), from);
    ck_assert(host_call_virtual(peer, "_get_packet", arguments, &error));
    ck_assert_int_eq(error, GD_OK);
    ck_assert_int_eq(size, strlen(text));
    ck_assert(size == 0 || memcmp(data, text, (size_t)size) == 0);
}

// ---- Signals

int64_t number_in(const void *variant) {
    int64_t number;
    memcpy(&number, host_inside(variant), sizeof number);
    return number;
}

void hear_connected(void *context, const void *const *arguments, size_t count) {
    heard *heard = context;
    ck_assert_uint_eq(count, 1);
    heard->connected++;
    heard->id = number_in(arguments[0]);
}

void hear_disconnected(void *context, const void *const *arguments, size_t count) {
    heard *heard = context;
    ck_assert_uint_eq(count, 1);
    heard->disconnected++;
    heard->id = number_in(arguments[0]);
}

void listen_to(host_object *peer, heard *heard) {
    host_connect(peer, "peer_connected", hear_connected, heard);
    host_connect(peer, "peer_disconnected", hear_disconnected, heard);
}

// ---- Games

host_object *new_peer(void) {
    return host_new("SPSMultiplayerPeer");
}

game begin_game(void) {
    game game = {.count = 1, .peers = {new_peer()}};
    ck_assert_int_eq(INT(game.peers[0], "create_server", whole(0), whole(2), text("127.0.0.1")),
                     GD_OK);
    game.port = INT(game.peers[0], "get_local_port");
    return game;
}

host_object *join(game *game) {
    host_object *client = new_peer();
    ck_assert_int_eq(INT(client, "create_client", text("127.0.0.1"), whole(game->port)), GD_OK);
    ck_assert_int_eq(ask(client, "_get_connection_status"), CONNECTING);
    game->peers[game->count++] = client;
    return client;
}

// Waits until a client is connected.
host_object *join_and_wait(game *game) {
    host_object *client = join(game);
    WAIT_UNTIL(
        (poll_all(game->peers, game->count), ask(client, "_get_connection_status") != CONNECTING));
    ck_assert_int_eq(ask(client, "_get_connection_status"), CONNECTED);
    return client;
}

void await_packet(game *game, host_object *peer) {
    WAIT_UNTIL((poll_all(game->peers, game->count), ask(peer, "_get_available_packet_count") > 0));
}

void end_game(game *game) {
    while (game->count > 0) {
        host_drop(game->peers[--game->count]);
    }
}
