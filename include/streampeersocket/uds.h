/* SPDX-License-Identifier: MIT */
/**
 * @file uds.h
 * Streams over Unix domain sockets (unix(7)). The counterpart of Godot's StreamPeerUDS.
 *
 * A path has 1 to 107 bytes on Linux (103 on BSD and macOS); a longer one is refused, never
 * cut. On Linux "@name" is a name in the abstract namespace: no file, gone with the socket that has
 * it, and without permissions (unix(7)); elsewhere it is ERR_UNAVAILABLE. A file whose name
 * begins with '@' is "./@name".
 */
#ifndef STREAMPEERSOCKET_UDS_H
#define STREAMPEERSOCKET_UDS_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"
#include "system_info.h"

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
 *         is no Unix stream, or for an abstract name where there are none.
 */
SPS_API sps_error sps_uds_bind(sps_stream *stream, const char *path);

/**
 * Connects to a path, and never waits. Usually the status is CONNECTED at once; while the
 * server's backlog is full it is CONNECTING, and each sps_socket_poll() tries again. From ERROR it
 * connects as from NONE: Godot has that for Unix streams, and not for TCP. Godot: connect_to_host.
 * Since 0.1.
 *
 * @return OK; ERR_ALREADY_IN_USE when it is CONNECTING or CONNECTED; ERR_INVALID_PARAMETER for a
 *         path that is empty or too long; FAILED, and NONE, when there is no server, or no
 *         permission (sps_socket_get_os_error() tells); ERR_CANT_ACQUIRE_RESOURCE,
 *         ERR_OUT_OF_MEMORY; ERR_UNAVAILABLE.
 */
SPS_API sps_error sps_uds_connect(sps_stream *stream, const char *path);

/**
 * The peer's path, NUL-terminated, also while CONNECTING; empty in NONE and ERROR, and on a
 * server's side when the client has bound none. Godot: get_connected_path. Since 0.1.
 *
 * @param out_length optional; without the NUL, also when the buffer is too small for it.
 * @return OK; ERR_PARAMETER_RANGE_ERROR when buffer_bytes is too small (SPS_PATH_TEXT_BYTES
 *         always does); ERR_UNAVAILABLE when it is no Unix stream.
 */
SPS_API sps_error sps_uds_get_connected_path(const sps_stream *stream, char *buffer,
                                             size_t buffer_bytes, size_t *out_length);

/**
 * Who the peer is: on a server's side the process that connected, on a client's the one that
 * listened. The OS vouches for it (SO_PEERCRED, unix(7); getpeereid(3) on BSD). Since 0.1.
 *
 * @param out_credentials its struct_size must be set; fields that lie beyond it are not written.
 * @return OK; FAILED when not connected; ERR_INVALID_PARAMETER when struct_size is 0;
 *         ERR_UNAVAILABLE when it is no Unix stream, or the OS does not tell.
 */
SPS_API sps_error sps_uds_get_peer_credentials(const sps_stream *stream,
                                               sps_peer_credentials *out_credentials);

/** sps_tcp_adopt_fd() for a connected Unix stream socket, such as one of socketpair(2). Since 0.1. */
SPS_API sps_error sps_uds_adopt_fd(sps_stream *stream, intptr_t fd);

/** sps_tcp_release_fd() for a Unix stream. Since 0.1. */
SPS_API sps_error sps_uds_release_fd(sps_stream *stream, intptr_t *out_fd);

SPS_END_DECLARATIONS

#endif
