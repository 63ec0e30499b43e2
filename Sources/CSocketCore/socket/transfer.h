// SPDX-License-Identifier: MIT
//
// A socket as a stream: moves bytes, waits for them, and meets their end.
#ifndef SPSI_TRANSFER_H
#define SPSI_TRANSFER_H

#include "socket/socket.h"

// Makes a socket of a kind that is not connected, with the options' settings and platform.
sps_error spsi_socket_create(const sps_stream_options *options, spsi_kind kind,
                             spsi_socket **out_socket);

// Receives once, without waiting. Codes as spsi_stream_ops.read; ERR_BUSY if nothing is there.
sps_error spsi_socket_receive(spsi_socket *socket, uint8_t *buffer, size_t size, size_t *out_count);

// Applies the result of a receive into `size` bytes to the socket. Returns the same codes.
sps_error spsi_socket_received(spsi_socket *socket, spsi_result result, size_t count, size_t size);

// The connection is broken for writing. Bytes that arrived before stay readable. FAILED.
// ERR_OUT_OF_MEMORY, and nothing changed, if the OS was short of memory and nothing was `written`.
sps_error spsi_socket_fail_write(spsi_socket *socket, spsi_result result, size_t written);

// The connection is broken, although what came before can still be read: as after a failed write.
void spsi_socket_break(spsi_socket *socket, spsi_result failure);

// Breaks the connection if the OS has a failure that no read would show.
void spsi_socket_meet_failure(spsi_socket *socket);

// Closes once the end was met and every byte was read. As sps_socket_poll() while CONNECTED. Does
// nothing below a filter, which meets the end in its own get.
sps_error spsi_socket_settle_end(spsi_socket *socket);

// Whether the end was met and nothing keeps the socket open any more.
bool spsi_socket_is_at_end(const spsi_socket *socket);

// sps_socket_poll().
sps_error spsi_socket_poll(sps_stream *stream);

#endif
