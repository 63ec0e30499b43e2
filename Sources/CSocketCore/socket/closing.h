// SPDX-License-Identifier: MIT
//
// How a connection is ended in order: shutting down writing, and the graceful close.
#ifndef SPSI_CLOSING_H
#define SPSI_CLOSING_H

#include "socket/socket.h"

// Goes on with a graceful close that is under way, without waiting. As sps_socket_poll(). *out_shortage:
// the OS is short of memory, and may say all the while that the socket is ready.
sps_error spsi_closing_poll(spsi_socket *socket, bool *out_shortage);

#endif
