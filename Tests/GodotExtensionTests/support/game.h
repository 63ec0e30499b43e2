// SPDX-License-Identifier: MIT
//
// A game over SPSMultiplayerPeer: a server and its clients, called through the virtual functions of
// MultiplayerPeerExtension, as Godot's SceneMultiplayer calls them.
#ifndef TEST_GAME_H
#define TEST_GAME_H

#include "support/godot.h"

enum { DISCONNECTED = 0, CONNECTING = 1, CONNECTED = 2, SERVER = 1 };

// ---- Virtual functions

int64_t ask(host_object *peer, const char *function);
bool is_so(host_object *peer, const char *function);
void tell(host_object *peer, const char *function, int64_t number);
void disconnect(host_object *peer, int64_t id, bool is_forced);
void poll_all(host_object *const *peers, size_t count);
int64_t put(host_object *peer, int64_t target, const void *data, int64_t size);

// Fails unless the next packet is this one, from this peer.
void expect_packet(host_object *peer, int64_t from, const char *text);

// ---- Signals

typedef struct heard {
    int connected, disconnected;
    int64_t id; // the last one
} heard;

int64_t number_in(const void *variant);
void hear_connected(void *context, const void *const *arguments, size_t count);
void hear_disconnected(void *context, const void *const *arguments, size_t count);
void listen_to(host_object *peer, heard *heard);

// ---- Games

enum { MOST_PEERS = 4 };

typedef struct game {
    host_object *peers[MOST_PEERS]; // the server, then the clients
    size_t count;
    int64_t port;
    heard heard; // by the server
} game;

host_object *new_peer(void);
game begin_game(void);
void end_game(game *game);
host_object *join(game *game);

// Waits until a client is connected.
host_object *join_and_wait(game *game);
void await_packet(game *game, host_object *peer);

#endif
