// SPDX-License-Identifier: MIT
//
// A socket while its status is CONNECTING: drives its connect, and takes the result over.
#ifndef SPSI_CONNECTING_H
#define SPSI_CONNECTING_H

#include "socket/socket.h"

// Begins to connect a socket, whose status is NONE, to the first of these addresses that answers.
// Returns as sps_tcp_connect().
sps_error spsi_connecting_begin(spsi_socket *socket, const spsi_address *addresses, size_t count);

// Begins with the look-up of a name.
sps_error spsi_connecting_begin_name(spsi_socket *socket, const char *name, uint16_t port);

// Advances without waiting. Returns as sps_socket_poll() while CONNECTING.
sps_error spsi_connecting_poll(spsi_socket *socket);

// Lets the stream's poller wait for everything in flight, or stops that. Does nothing if the socket
// is not connecting.
sps_error spsi_connecting_set_watched(spsi_socket *socket, bool watched);

// Whether the socket's name is still being looked up.
static inline bool spsi_connecting_is_resolving(const spsi_socket *socket) {
    return socket->connect != NULL && spsi_connect_is_resolving(socket->connect);
}

#endif
