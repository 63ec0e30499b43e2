/* SPDX-License-Identifier: MIT */
/**
 * @file server.h
 * Servers that hand out connected streams. The counterparts of Godot's SocketServer, TCPServer
 * and UDSServer.
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

/** A listening socket. Opaque. Used by one thread at a time. */
typedef struct sps_server sps_server;

/**
 * Makes a server that does not listen yet. No syscall. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_server the caller's, to end with sps_server_destroy(); NULL on failure.
 * @return OK; ERR_INVALID_PARAMETER (options with a struct_size of 0, a time or a file mode that is
 *         none); ERR_PARAMETER_RANGE_ERROR (keepalive beyond sps_tcp_set_keepalive());
 *         ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_tcp_server_create(const sps_server_options *options, sps_server **out_server);

/** The same for Unix domain sockets. Since 0.1. */
SPS_API sps_error sps_uds_server_create(const sps_server_options *options, sps_server **out_server);

/**
 * Stops and frees a server; streams that were taken live on. NULL is allowed. A child that the process
 * has forked must not do it with a Unix server of its parent: the file would go. Since 0.1.
 */
SPS_API void sps_server_destroy(sps_server *server);

/**
 * Listens on a TCP port. Godot: TCPServer.listen. Since 0.1.
 *
 * @param port 1 to 65535, or 0 for one that the OS chooses (sps_tcp_server_get_local_port()).
 * @param bind_address an address of this machine, or "*": every address, IPv6 and IPv4 through
 *        one socket, or IPv4 alone where there is no IPv6.
 * @return OK; ERR_ALREADY_IN_USE when it listens already or the address is taken;
 *         ERR_INVALID_PARAMETER for a port or address that is none, or is not this machine's;
 *         ERR_UNAUTHORIZED; ERR_CANT_ACQUIRE_RESOURCE without descriptors; ERR_OUT_OF_MEMORY;
 *         ERR_CANT_CREATE; ERR_UNAVAILABLE when it is no TCP server. Nothing changes unless OK.
 */
SPS_API sps_error sps_tcp_server_listen(sps_server *server, int32_t port, const char *bind_address);

/** The port it listens on; 0 when it does not. One syscall. Godot: get_local_port. Since 0.1.
 */
SPS_API sps_error sps_tcp_server_get_local_port(const sps_server *server, int32_t *out_port);

/**
 * Listens on a path, or on an abstract name (uds.h). The socket's file is made, and removed by
 * sps_server_stop() if it is still this server's. A relative path is one of the working directory
 * at the listen; the process may change that afterwards, and the file is still found. It stays
 * behind if the process has changed its root, or if the directory was renamed and is no longer the
 * working directory. A file that a server left behind which is no more
 * is replaced: when something is at the path, a connection is tried, and only a socket that refuses
 * it is removed (not on BSD and macOS, where a server with a full backlog refuses, too). Of several
 * that listen on one path at the same time one wins; meanwhile there is an empty file beside it
 * whose name ends in ".sps-lock". A process that is killed meanwhile may leave that file, which
 * shuts nobody out. Where no lock can be had (the OS or the file system refuses it, or the file is
 * another user's), a server listens without it, but replaces no file. Godot: UDSServer.listen.
 * Since 0.1.
 *
 * @return OK; ERR_ALREADY_IN_USE when it listens already, when a server is at the path or just about
 *         to be, or when what is there is no socket; ERR_INVALID_PARAMETER for a path that is empty,
 *         too long, or in no directory; ERR_UNAVAILABLE when it is no Unix server, or for an
 *         abstract name where there are none; else as sps_tcp_server_listen().
 */
SPS_API sps_error sps_uds_server_listen(sps_server *server, const char *path);

/**
 * Takes over a TCP socket that listens already, such as one of socket activation. The server owns
 * it then; it is made non-blocking and close-on-exec. Since 0.1.
 *
 * @param fd a descriptor on Unix, a SOCKET on Windows.
 * @return OK; ERR_ALREADY_IN_USE when the server listens; ERR_INVALID_PARAMETER when fd is no
 *         listening TCP socket: it stays the caller's, as it was; ERR_UNAVAILABLE when server is no
 *         TCP server; FAILED when the OS refuses.
 */
SPS_API sps_error sps_tcp_server_adopt_fd(sps_server *server, intptr_t fd);

/** The same for a Unix server. The file stays whoever's made it: it is not removed at the stop. */
SPS_API sps_error sps_uds_server_adopt_fd(sps_server *server, intptr_t fd);

/**
 * Gives the listening descriptor to the caller, who closes it from now on; the server no longer
 * listens. Connections that wait stay with the descriptor, and so does a Unix server's file. It is
 * close-on-exec until the caller says otherwise (fcntl(2), FD_CLOEXEC). Since 0.1.
 *
 * @param out_fd −1 unless OK.
 * @return OK; ERR_UNCONFIGURED when it does not listen.
 */
SPS_API sps_error sps_server_release_fd(sps_server *server, intptr_t *out_fd);

/** Godot: is_listening. No syscall. Since 0.1. */
SPS_API sps_error sps_server_is_listening(const sps_server *server, bool *out_listening);

/**
 * Whether a connection waits to be taken; false when it does not listen.
 * Godot: is_connection_available. One syscall. Since 0.1.
 */
SPS_API sps_error sps_server_is_connection_available(sps_server *server, bool *out_available);

/**
 * Takes the connection that has waited longest, as a connected stream.
 * Godot: take_connection, take_socket_connection. Since 0.1.
 *
 * @param out_stream the caller's, to end with sps_stream_destroy(); NULL when there is none.
 * @return OK; ERR_BUSY when none waits (Godot: null); ERR_UNCONFIGURED when it does not listen;
 *         ERR_CANT_ACQUIRE_RESOURCE without descriptors, ERR_OUT_OF_MEMORY: the connection still
 *         waits; FAILED when the OS refuses, as sps_server_get_os_error() tells. A socket that
 *         listens no longer, for example since a process that shares it has shut it down, can take
 *         nothing any more: then the server has stopped, and its poller tells SPS_EVENT_CLOSED.
 */
SPS_API sps_error sps_server_take_connection(sps_server *server, sps_stream **out_stream);

/**
 * The OS's own code (errno on Unix) of the last listen or take that the OS refused; 0 since the
 * server has begun to listen. No syscall. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER.
 */
SPS_API sps_error sps_server_get_os_error(const sps_server *server, int32_t *out_code);

/**
 * Stops listening; connections that were not taken are refused or reset. May listen again.
 * Godot: stop. Since 0.1.
 */
SPS_API sps_error sps_server_stop(sps_server *server);

SPS_END_DECLARATIONS

#endif
