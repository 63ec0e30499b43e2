/* SPDX-License-Identifier: MIT */
/**
 * @file streampeersocket.h
 * Includes the whole C interface, and explains its ideas.
 *
 * - A stream carries bytes and typed values (stream.h), lines and raw text (lines.h), and Godot's
 *   Variants, item by item (variant.h).
 * - A socket is a stream with a status that poll() drives (socket.h): TCP (tcp.h) or Unix (uds.h).
 * - A server hands out connected sockets (server.h). A poller waits for many sockets (poller.h).
 * - The caller provides the bytes of a custom stream (custom.h). A memory stream keeps them in
 *   memory (buffer.h).
 * - Packets work over any stream (packet.h).
 * - Host names can be looked up without a connect (ip.h).
 *
 *     sps_stream *peer;
 *     sps_tcp_create(NULL, &peer);
 *     sps_tcp_connect(peer, "localhost", 7777);
 *     for (each frame) {
 *         sps_status status;
 *         sps_socket_poll(peer);
 *         sps_socket_get_status(peer, &status);
 *         uint32_t value;
 *         while (status == SPS_STATUS_CONNECTED &&
 *                sps_stream_try_get_u32(peer, &value) == SPS_OK) { … }
 *     }
 *     sps_stream_destroy(peer);
 *
 * Every call returns an sps_error, and its result through a pointer. Four answers differ:
 *
 * - Progress: OK.
 * - Nothing now: ERR_BUSY. Packets return Godot's ERR_UNAVAILABLE.
 * - The end: ERR_FILE_EOF.
 * - Failure: every other code.
 *
 * A socket that a poller or a poll has closed returns FAILED. Its close reason distinguishes an
 * orderly end from a broken connection.
 *
 * Handles are opaque. NULL in place of a handle returns ERR_INVALID_PARAMETER. One thread at a time
 * uses an object. The library never prints, exits or sleeps, and never changes process-wide state.
 * It raises no SIGPIPE, and signals that arrive during a call do no harm.
 *
 * The process may fork(2) at any time, also while another thread is in a call. The child may create
 * objects of its own. The child's copy of a socket, server or poller shares the parent's
 * descriptors. Only one of the two processes may use it from then on. The other may only destroy
 * it. It must not even destroy a poller, a stream or server in a poller, or a Unix server.
 */
#ifndef STREAMPEERSOCKET_H
#define STREAMPEERSOCKET_H

#include "buffer.h"
#include "custom.h"
#include "error.h"
#include "export.h"
#include "ip.h"
#include "lines.h"
#include "options.h"
#include "packet.h"
#include "poller.h"
#include "server.h"
#include "socket.h"
#include "stream.h"
#include "system_info.h"
#include "tcp.h"
#include "uds.h"
#include "variant.h"
#include "version.h"

#endif
