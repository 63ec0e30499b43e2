// SPDX-License-Identifier: MIT
//
// Ends a connection in order: shuts down the writing side, or closes gracefully.
#ifndef SPSI_CLOSING_H
#define SPSI_CLOSING_H

#include "socket/socket.h"

// Continues a graceful close, without waiting. Returns as sps_socket_poll(). *out_shortage: the OS
// is short of memory and may report readiness all the time.
sps_error spsi_closing_poll(spsi_socket *socket, bool *out_shortage);

#endif
