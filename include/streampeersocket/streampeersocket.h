/* SPDX-License-Identifier: MIT */
/**
 * @file streampeersocket.h
 * Everything that the library offers to C, and the page that explains its ideas.
 *
 * A stream carries bytes and typed values (stream.h), lines and raw text (lines.h), and Godot's Variants, which are
 * read and written item by item (variant.h). A socket is a stream with a status that poll() drives (socket.h):
 * TCP (tcp.h) or Unix (uds.h). A server hands out connected sockets (server.h); a poller waits for many
 * (poller.h). A custom stream is one whose bytes the caller provides (custom.h), and a buffer one in memory
 * (buffer.h). Packets go over any stream (packet.h). Names of hosts can be looked up apart from connecting
 * (ip.h).
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
 * Every call answers an sps_error, and gives its result through a pointer. Progress (OK),
 * nothing now (ERR_BUSY; of packets Godot's ERR_UNAVAILABLE), the end (ERR_FILE_EOF) and failure (the rest)
 * are different answers. A socket that a poller or a poll has closed answers FAILED: its close reason tells
 * an orderly end from a broken connection.
 * Handles are opaque; any may be NULL, which is ERR_INVALID_PARAMETER. One thread at a time
 * uses an object. The library never prints, exits, sleeps, or changes anything of the whole
 * process; it raises no SIGPIPE, and signals that arrive during a call do no harm.
 *
 * The process may fork(2) at any time, also while another thread is in a call, and the child may
 * make objects of its own. A socket, server or poller of the parent's shares its descriptors with
 * the child's copy: only one of the two may use it from then on. The other may do no more than
 * destroy it, and neither that if it is a poller, is in one, or is a Unix server.
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
