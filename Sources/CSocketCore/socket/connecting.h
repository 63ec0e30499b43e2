// SPDX-License-Identifier: MIT
//
// A socket while its status is CONNECTING: drives its connect, and takes the result over.
#ifndef SPSI_CONNECTING_H
#define SPSI_CONNECTING_H

#include "socket/socket.h"

// Begins to connect a socket that is NONE to whichever of these addresses answers. As
// sps_tcp_connect().
sps_error spsi_connecting_begin(spsi_socket *socket, const spsi_address *addresses, size_t count);

// Begins with the look-up of a name.
sps_error spsi_connecting_begin_name(spsi_socket *socket, const char *name, uint16_t port);

// Goes as far as it can without waiting. As sps_socket_poll() while CONNECTING.
sps_error spsi_connecting_poll(spsi_socket *socket);

// A poller waits for all that is under way from now on, or no longer; it is the stream's watch. Does
// nothing when the socket is not connecting.
sps_error spsi_connecting_set_watched(spsi_socket *socket, bool watched);

// Whether the socket's name is still being looked up.
static inline bool spsi_connecting_is_resolving(const spsi_socket *socket) {
    return socket->connect != NULL && spsi_connect_is_resolving(socket->connect);
}

#endif
