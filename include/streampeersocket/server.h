/* SPDX-License-Identifier: MIT */
/**
 * @file server.h
 * Servers that hand out connected streams. The counterparts of Godot's SocketServer, TCPServer and
 * UDSServer.
 *
 * A call for the other kind of server returns ERR_UNAVAILABLE.
 */
#ifndef STREAMPEERSOCKET_SERVER_H
#define STREAMPEERSOCKET_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/** A listening socket. Opaque. One thread at a time uses it. */
typedef struct sps_server sps_server;

/**
 * Creates a server that does not listen yet. No syscall. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_server owned by the caller, who ends it with sps_server_destroy(). NULL on failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: a struct_size of 0, also of the stream options or the allocator.
 *           Or a time or an OS buffer size above INT32_MAX, or a file mode above 0777.
 *         - ERR_PARAMETER_RANGE_ERROR: keepalive exceeds the range of sps_tcp_set_keepalive().
 *         - ERR_UNAVAILABLE: the platform is of another library version.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_tcp_server_create(const sps_server_options *options, sps_server **out_server);

/** sps_tcp_server_create() for Unix domain sockets. Since 0.1. */
SPS_API sps_error sps_uds_server_create(const sps_server_options *options, sps_server **out_server);

/**
 * Stops and frees a server. The streams that it handed out stay open. NULL is allowed. A forked
 * child must not destroy a Unix server of its parent: that removes the socket's file. Since 0.1.
 */
SPS_API void sps_server_destroy(sps_server *server);

/**
 * Listens on a TCP port. Godot: TCPServer.listen. Since 0.1.
 *
 * @param port 1 to 65535, or 0: the OS chooses (sps_tcp_server_get_local_port()).
 * @param bind_address an address of this machine, or "*" for every address. "*" means IPv6 and IPv4
 *         through one socket, or IPv4 alone on a machine without IPv6.
 * @return OK, or an error, after which nothing changes:
 *         - ERR_ALREADY_IN_USE: the server listens already, or the address is in use.
 *         - ERR_INVALID_PARAMETER: the port or address is malformed, or not of this machine.
 *         - ERR_UNAUTHORIZED: the OS refuses permission.
 *         - ERR_CANT_ACQUIRE_RESOURCE: the OS has no descriptor.
 *         - ERR_OUT_OF_MEMORY.
 *         - ERR_CANT_CREATE: the OS cannot create the socket.
 *         - ERR_UNAVAILABLE: it is not a TCP server.
 */
SPS_API sps_error sps_tcp_server_listen(sps_server *server, int32_t port, const char *bind_address);

/**
 * Returns the port of the server, or 0 if it does not listen. One syscall. Godot: get_local_port.
 * Since 0.1.
 */
SPS_API sps_error sps_tcp_server_get_local_port(const sps_server *server, int32_t *out_port);

/**
 * Listens on a path, or on an abstract name (uds.h). Godot: UDSServer.listen. Since 0.1.
 *
 * The call creates the socket's file. sps_server_stop() removes the file if it still belongs to
 * this server.
 *
 * If a file is already at the path, the server tries to connect to it. It replaces the
 * file only if it is a socket that refuses the connection. On BSD and macOS it replaces no file,
 * because a server with a full backlog refuses too.
 *
 * A relative path starts at the working directory of this call. The process may change that
 * directory later, and the server still finds its file. The file stays behind if the process has
 * changed its root. It also stays if the directory was renamed and is not the working directory.
 *
 * If several servers listen on one path at the same time, one wins. Meanwhile an empty lock file
 * stands beside the path, with ".sps-lock" at the end of its name. A killed process may leave that
 * file. It blocks no later server. Without a lock the server listens, but replaces no file. The OS
 * or the file system may refuse a lock, or the lock file may belong to another user.
 *
 * @return OK, or an error:
 *         - ERR_ALREADY_IN_USE: the server listens already. Or another server is at the path or
 *           about to listen there. Or the file at the path is not a socket.
 *         - ERR_INVALID_PARAMETER: the path is empty, too long, or its directory does not exist.
 *         - ERR_UNAVAILABLE: it is not a Unix server, or the OS has no abstract names.
 *         - Other errors are those of sps_tcp_server_listen().
 */
SPS_API sps_error sps_uds_server_listen(sps_server *server, const char *path);

/**
 * Adopts a TCP socket that listens already, such as one of socket activation. The server owns it
 * then, and makes it non-blocking and close-on-exec. Since 0.1.
 *
 * @param fd a descriptor on Unix, a SOCKET on Windows.
 * @return OK, or an error, after which the caller still owns fd:
 *         - ERR_ALREADY_IN_USE: the server listens.
 *         - ERR_INVALID_PARAMETER: fd is not a listening TCP socket. It is unchanged.
 *         - ERR_UNAVAILABLE: it is not a TCP server.
 *         - FAILED: the OS refuses.
 */
SPS_API sps_error sps_tcp_server_adopt_fd(sps_server *server, intptr_t fd);

/**
 * sps_tcp_server_adopt_fd() for a Unix server. sps_server_stop() does not remove the file, because
 * its creator owns it. Since 0.1.
 */
SPS_API sps_error sps_uds_server_adopt_fd(sps_server *server, intptr_t fd);

/**
 * Passes the listening descriptor to the caller, who closes it later. The server no longer listens.
 * Waiting connections stay with the descriptor, and so does a Unix server's file. It is
 * close-on-exec until the caller changes that (fcntl(2), FD_CLOEXEC). Since 0.1.
 *
 * @param out_fd −1 unless OK.
 * @return OK, or:
 *         - ERR_UNCONFIGURED: the server does not listen.
 */
SPS_API sps_error sps_server_release_fd(sps_server *server, intptr_t *out_fd);

/** Returns whether the server listens. No syscall. Godot: is_listening. Since 0.1. */
SPS_API sps_error sps_server_is_listening(const sps_server *server, bool *out_listening);

/**
 * Returns whether a connection waits to be taken. It is false if the server does not listen. One
 * syscall. Godot: is_connection_available. Since 0.1.
 */
SPS_API sps_error sps_server_is_connection_available(sps_server *server, bool *out_available);

/**
 * Takes the connection that has waited longest, as a connected stream. Godot: take_connection,
 * take_socket_connection. Since 0.1.
 *
 * @param out_stream owned by the caller, who ends it with sps_stream_destroy(). NULL if there is
 *         none.
 * @return OK, or:
 *         - ERR_BUSY: no connection waits (Godot: null).
 *         - ERR_UNCONFIGURED: the server does not listen.
 *         - ERR_CANT_ACQUIRE_RESOURCE: the OS has no descriptor. The connection still waits.
 *         - ERR_OUT_OF_MEMORY: the connection still waits.
 *         - FAILED: the OS refuses. sps_server_get_os_error() returns its code. A process that
 *           shares the socket can shut it down. Then the server has stopped, and its poller reports
 *           SPS_EVENT_CLOSED.
 */
SPS_API sps_error sps_server_take_connection(sps_server *server, sps_stream **out_stream);

/**
 * Returns the OS's code (errno on Unix) of the last listen or take that the OS refused. It is 0 if
 * none was refused since the server began to listen. No syscall. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER.
 */
SPS_API sps_error sps_server_get_os_error(const sps_server *server, int32_t *out_code);

/**
 * Stops listening. The OS refuses or resets connections that were not taken. The server may listen
 * again. Godot: stop. Since 0.1.
 */
SPS_API sps_error sps_server_stop(sps_server *server);

SPS_END_DECLARATIONS

#endif
