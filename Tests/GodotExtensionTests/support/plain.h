// SPDX-License-Identifier: MIT
//
// Plain sockets, for the other end of what the extension opens.
#ifndef TEST_PLAIN_H
#define TEST_PLAIN_H

#include "support/godot.h"

// Plain sockets never block the test: they are read and written until it is done.
int listen_plain(int64_t *port);
int accept_plain(int listener);
int connect_plain(int64_t port);
void send_plain(int socket, const void *bytes, size_t size);
void expect_plain(int socket, const void *bytes, size_t size);
void expect_plain_end(int socket);

// A connected peer of the extension, and the plain socket at its other end.
typedef struct wire {
    host_object *peer;
    int socket;
} wire;

// TCP or Unix sockets.
wire open_wire(transport transport);
void close_wire(wire *wire);

// A frame of Godot, for a loop.
void frame(host_object *loop);

// Polls until the peer is no longer connecting, and returns its status.
int64_t await_connection(host_object *peer);

// Waits until this many bytes can be read.
void await_available(host_object *peer, int64_t count);
int64_t available(host_object *peer);

// A server of the extension that listens, and its place.
host_object *new_server(transport transport, slot *place);

// Connects a new peer to a server, and takes the other end from the server.
typedef struct ends {
    host_object *server, *client, *peer;
} ends;

ends open_ends(transport transport);
void close_ends(ends *ends);

extern const char *const peer_classes[MOST_TRANSPORTS];
extern const char *const server_classes[MOST_TRANSPORTS];

#endif
