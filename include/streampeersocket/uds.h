/* SPDX-License-Identifier: MIT */
/**
 * @file uds.h
 * Streams over Unix domain sockets (unix(7)). The counterpart of Godot's StreamPeerUDS.
 *
 * A path has 1 to 107 bytes on Linux and Windows, 1 to 103 on BSD and macOS. A longer path is
 * refused, never cut. On Linux "@name" is a name in the abstract namespace (unix(7)). It has no
 * file and no permissions, and ends with its socket. On other systems it is ERR_UNAVAILABLE. Write
 * "./@name" for a file whose name begins with '@'.
 *
 * On Windows 10 1803 and later, a path is UTF-8 and names a file on a drive. Paths of devices,
 * pipes and other machines are invalid. Earlier releases have no Unix sockets.
 *
 * On a stream of another kind, these calls return ERR_UNAVAILABLE.
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

/** A buffer of this size holds any path with its terminating NUL. */
#define SPS_PATH_TEXT_BYTES 112

/** Creates a Unix stream that is not connected, like sps_tcp_create(). Since 0.1. */
SPS_API sps_error sps_uds_create(const sps_stream_options *options, sps_stream **out_stream);

/**
 * Gives the next connect a path of its own, which the peer can see. The call creates the file, and
 * the caller removes it. Godot: bind. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_ALREADY_IN_USE: the stream is open, bound, or in status ERROR. Or the path exists.
 *         - ERR_INVALID_PARAMETER: the path is empty, too long, or its directory does not exist.
 *           Windows: it is not UTF-8, or names no file on a drive.
 *         - ERR_UNAUTHORIZED: the OS refuses permission.
 *         - ERR_CANT_ACQUIRE_RESOURCE: the OS has no descriptor.
 *         - ERR_OUT_OF_MEMORY: the OS has no memory.
 *         - ERR_CANT_CREATE: the OS cannot create the socket.
 *         - ERR_UNAVAILABLE: it is not a Unix stream, or the OS has no Unix sockets or no abstract
 *           names.
 */
SPS_API sps_error sps_uds_bind(sps_stream *stream, const char *path);

/**
 * Connects to a path, and never waits. Usually the status is CONNECTED at once. While the server's
 * backlog is full it is CONNECTING, and each sps_socket_poll() tries again. A Unix stream can
 * connect from ERROR as from NONE, as in Godot. TCP cannot. Godot: connect_to_host. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_ALREADY_IN_USE: the status is CONNECTING or CONNECTED.
 *         - ERR_INVALID_PARAMETER: the path is empty or too long.
 *         - FAILED and status NONE: there is no server or no permission, or the OS has no Unix
 *           sockets. sps_socket_get_os_error() tells which.
 *         - ERR_CANT_ACQUIRE_RESOURCE, ERR_OUT_OF_MEMORY.
 *         - ERR_UNAVAILABLE: it is not a Unix stream, or the OS has no abstract names.
 */
SPS_API sps_error sps_uds_connect(sps_stream *stream, const char *path);

/**
 * Returns the peer's NUL-terminated path, also while CONNECTING. It is empty in NONE and ERROR, and
 * on a server's side if the client has not bound a path. Godot: get_connected_path. Since 0.1.
 *
 * @param out_length optional: without the NUL, also if the buffer is too small.
 * @return OK, or:
 *         - ERR_PARAMETER_RANGE_ERROR: buffer_bytes is too small. The buffer is unchanged.
 *           SPS_PATH_TEXT_BYTES always suffices.
 *         - ERR_UNAVAILABLE: it is not a Unix stream.
 */
SPS_API sps_error sps_uds_get_connected_path(const sps_stream *stream, char *buffer,
                                             size_t buffer_bytes, size_t *out_length);

/**
 * Returns the identity of the peer. On a server's side that is the process that connected, on a
 * client's the process that listened. The OS guarantees it (SO_PEERCRED, unix(7); getpeereid(3) on
 * BSD). Since 0.1.
 *
 * @param out_credentials the caller sets struct_size first. Fields beyond it are not written.
 * @return OK, or:
 *         - FAILED: the stream is not connected, or the OS refuses.
 *         - ERR_INVALID_PARAMETER: struct_size is 0.
 *         - ERR_UNAVAILABLE: it is not a Unix stream, or the OS does not report credentials.
 */
SPS_API sps_error sps_uds_get_peer_credentials(const sps_stream *stream,
                                               sps_peer_credentials *out_credentials);

/**
 * sps_tcp_adopt_fd() for a connected Unix stream socket, such as one of socketpair(2). Since 0.1.
 */
SPS_API sps_error sps_uds_adopt_fd(sps_stream *stream, intptr_t fd);

/** sps_tcp_release_fd() for a Unix stream. Since 0.1. */
SPS_API sps_error sps_uds_release_fd(sps_stream *stream, intptr_t *out_fd);

SPS_END_DECLARATIONS

#endif
