/* SPDX-License-Identifier: MIT */
/**
 * @file uds.h
 * Streams over Unix domain sockets (unix(7)). The counterpart of Godot's StreamPeerUDS.
 *
 * A path has 1 to 107 bytes on Linux (103 on BSD and macOS); a longer one is refused, never
 * cut.
 */
#ifndef STREAMPEERSOCKET_UDS_H
#define STREAMPEERSOCKET_UDS_H

#include <stddef.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/** A buffer of this size holds any path, with its terminating NUL. */
#define SPS_PATH_TEXT_BYTES 112

/** Makes a Unix stream, not connected; as sps_tcp_create(). Since 0.1. */
SPS_API sps_error sps_uds_create(const sps_stream_options *options, sps_stream **out_stream);

/**
 * Gives the next connect a path of its own, which the peer can see. The file is made; the
 * caller removes it. Godot: bind. Since 0.1.
 *
 * @return OK; ERR_ALREADY_IN_USE when the stream is open or bound, or the path exists;
 *         ERR_INVALID_PARAMETER for a path that is empty, too long, or in no directory;
 *         ERR_UNAUTHORIZED; ERR_CANT_ACQUIRE_RESOURCE; ERR_CANT_CREATE. ERR_UNAVAILABLE when it
 *         is no Unix stream.
 */
SPS_API sps_error sps_uds_bind(sps_stream *stream, const char *path);

/**
 * Connects to a path, and never waits. Usually the status is CONNECTED at once; while the
 * server's backlog is full it is CONNECTING, and each sps_socket_poll() tries again. Godot:
 * connect_to_host. Since 0.1.
 *
 * @return OK; ERR_ALREADY_IN_USE when the status is not NONE; ERR_INVALID_PARAMETER for a path
 *         that is empty or too long; FAILED, and NONE, when there is no server;
 *         ERR_CANT_ACQUIRE_RESOURCE, ERR_OUT_OF_MEMORY; ERR_UNAVAILABLE.
 */
SPS_API sps_error sps_uds_connect(sps_stream *stream, const char *path);

/**
 * The peer's path, NUL-terminated; empty when not connected, and on a server's side when the
 * client has bound none. Godot: get_connected_path. Since 0.1.
 *
 * @param out_length optional; without the NUL, also when the buffer is too small for it.
 * @return OK; ERR_PARAMETER_RANGE_ERROR when buffer_bytes is too small (SPS_PATH_TEXT_BYTES
 *         always does); ERR_UNAVAILABLE when it is no Unix stream.
 */
SPS_API sps_error sps_uds_get_connected_path(const sps_stream *stream, char *buffer,
                                             size_t buffer_bytes, size_t *out_length);

SPS_END_DECLARATIONS

#endif
