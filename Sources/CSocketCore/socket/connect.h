// SPDX-License-Identifier: MIT
//
// From an address, or a name, to a connection: what happens while the status is CONNECTING.
#ifndef SPSI_CONNECT_H
#define SPSI_CONNECT_H

#include "socket/socket.h"

// Begins to connect a socket that is NONE to whichever of these addresses answers. As
// sps_tcp_connect().
sps_error spsi_connect_begin(spsi_socket *socket, const spsi_address *addresses, size_t count);

// Begins with the look-up of a name.
sps_error spsi_connect_begin_name(spsi_socket *socket, const char *name, uint16_t port);

// Goes as far as it can without waiting. As sps_socket_poll() while CONNECTING.
sps_error spsi_connect_poll(spsi_socket *socket);

// Takes over the socket's connect timeout, if it is connecting.
void spsi_connect_renew_deadline(spsi_socket *socket);

// Whether the name is still being looked up; false when the socket is not connecting.
bool spsi_connect_is_resolving(const spsi_socket *socket);

// A poller waits for all that is under way from now on, or no longer; it is the stream's watch. Does
// nothing when the socket is not connecting.
sps_error spsi_connect_set_watched(spsi_socket *socket, bool watched);

// When the socket is to be looked at although nothing happens.
uint64_t spsi_connect_due_us(const spsi_socket *socket);

// Ends connecting: the look-up, every attempt, and their memory. The log stays, and so does the
// handle of a connection that stands. Does nothing when the socket is not connecting.
void spsi_connect_end(spsi_socket *socket);

// Drops the log.
void spsi_connect_forget(spsi_socket *socket);

// What the getters of a socket that is connecting answer. The peer's address: false while a name is
// looked up, and while several of its addresses may win.
bool spsi_connect_peer_address(const spsi_socket *socket, spsi_address *out_peer);

// The port that was given to connect; 0 for a Unix socket.
uint16_t spsi_connect_peer_port(const spsi_socket *socket);

// The address that the caller has bound, or the OS for the only attempt; else false. One syscall at
// most.
bool spsi_connect_local_address(const spsi_socket *socket, spsi_address *out_local);

#endif
