/* SPDX-License-Identifier: MIT */
/**
 * @file socket.h
 * What TCP and Unix streams share: their status, and the poll that drives it. The counterpart
 * of Godot's StreamPeerSocket.
 *
 * Nothing happens behind the caller's back: a connection is made, bytes of a batch are sent,
 * and the end of the peer is noticed inside sps_socket_poll(), or inside the get or put that
 * runs into it. Call sps_socket_poll() once a frame.
 *
 * On a stream that is no socket these calls answer ERR_UNAVAILABLE.
 */
#ifndef STREAMPEERSOCKET_SOCKET_H
#define STREAMPEERSOCKET_SOCKET_H

#include <stdint.h>

#include "error.h"
#include "export.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/** One of the SPS_STATUS_… values; they are those of Godot's StreamPeerSocket.Status. */
typedef int32_t sps_status;

enum {
    /** New, or closed: by disconnect, by the peer's end, by a get or put that failed. */
    SPS_STATUS_NONE = 0,
    /** A connection is being made: resolving the name, or waiting for the peer. */
    SPS_STATUS_CONNECTING = 1,
    /** Bytes can be read or written, or were received before the end and are not read yet. */
    SPS_STATUS_CONNECTED = 2,
    /** Connecting failed, or poll found the connection broken. Disconnect to start again. */
    SPS_STATUS_ERROR = 3
};

/** Why a socket is no longer open: one of the SPS_CLOSE_… values. */
typedef int32_t sps_close_reason;

enum {
    /** It is open, or has never been. */
    SPS_CLOSE_NONE = 0,
    /** This side closed it: sps_socket_disconnect(), or a graceful close that went to its end. */
    SPS_CLOSE_LOCAL = 1,
    /** The peer finished in order, and every byte was read. */
    SPS_CLOSE_PEER_FINISHED = 2,
    /** The peer, or its OS, ended the connection hard (RST), or left while bytes were sent to it. */
    SPS_CLOSE_RESET = 3,
    /** Connecting: nobody listens there. */
    SPS_CLOSE_REFUSED = 4,
    /** There is no way to the peer. */
    SPS_CLOSE_UNREACHABLE = 5,
    /** Connecting: not done within connect_timeout_ms. */
    SPS_CLOSE_CONNECT_TIMED_OUT = 6,
    /** Connecting: the name has no address. */
    SPS_CLOSE_NAME_NOT_FOUND = 7,
    /** The peer did not answer the OS's probes, or did not acknowledge what was sent. */
    SPS_CLOSE_PEER_TIMED_OUT = 8,
    /** The OS had no descriptor or no memory. */
    SPS_CLOSE_NO_RESOURCES = 9,
    /** Anything else; sps_socket_get_os_error() tells more. */
    SPS_CLOSE_FAILED = 10
};

/**
 * Advances the socket without waiting: finishes connecting; sends what waits in the write
 * buffer; reads ahead what has arrived; notices the end. On a connected socket it is at most
 * one syscall in each direction. Godot: poll. Since 0.1.
 *
 * @return - NONE, ERROR: OK, and nothing happens.
 *         - CONNECTING: OK; ERR_CONNECTION_ERROR, and the status becomes ERROR, when the peer
 *           refused, cannot be reached, or did not answer within connect_timeout_ms;
 *           ERR_CANT_RESOLVE, and ERROR, when the name has no address.
 *         - CONNECTED: OK, and the status becomes NONE, when the peer has finished and every
 *           byte was read; FAILED, and ERROR, when the connection broke and every byte was read;
 *           ERR_OUT_OF_MEMORY, and nothing changes.
 */
SPS_API sps_error sps_socket_poll(sps_stream *stream);

/** The status, without a syscall. Godot: get_status. Since 0.1. */
SPS_API sps_error sps_socket_get_status(const sps_stream *stream, sps_status *out_status);

/**
 * Closes the socket at once, whatever it is doing, and makes it NONE: it may bind or connect
 * again. A look-up or connection under way is cancelled. Bytes that wait in the write buffer
 * are offered to the OS once. Unread bytes are dropped. Godot: disconnect_from_host. Since 0.1.
 */
SPS_API sps_error sps_socket_disconnect(sps_stream *stream);

/**
 * Tells the peer that no more bytes will come (it reads the end of the stream), while its own
 * bytes can still be read here. Later puts are FAILED. Since 0.1.
 *
 * @return OK, also when it was done before; ERR_BUSY when batched bytes still wait and the OS
 *         does not take them now (nothing was shut down; call it again); FAILED when not
 *         connected or when the connection broke.
 */
SPS_API sps_error sps_socket_shutdown_write(sps_stream *stream);

/**
 * The OS's own code of what last failed on this socket: errno on Unix, WSAGetLastError() on
 * Windows, or the EAI_… value of getaddrinfo() when a name was not found; 0 when nothing failed since connecting began. For logs: its values differ between
 * systems. Since 0.1.
 */
SPS_API sps_error sps_socket_get_os_error(const sps_stream *stream, int32_t *out_code);

/**
 * Why the socket was closed last; NONE while it connects or is connected, and while bytes that came
 * before the end are still to be read. Kept until the next connect begins. Since 0.1.
 */
SPS_API sps_error sps_socket_get_close_reason(const sps_stream *stream,
                                              sps_close_reason *out_reason);

/**
 * The name of a reason, such as "CLOSE_REFUSED"; "UNKNOWN" for a number that is none. Static, never
 * freed, never NULL. Since 0.1.
 */
SPS_API const char *sps_close_reason_name(sps_close_reason reason);

/**
 * Milliseconds that the next connect may take until the connection stands; 0 means the default
 * of 30,000. A connect under way keeps its own. Since 0.1.
 */
SPS_API sps_error sps_socket_set_connect_timeout(sps_stream *stream, uint32_t timeout_ms);

/**
 * Milliseconds from one attempt to connect to the next address of a name while none has failed;
 * RFC 8305 calls it the connection attempt delay. 0 means the default of 250; less than 10 is 10
 * (RFC 8305, 5). Takes effect with the next connect. Since 0.1.
 */
SPS_API sps_error sps_socket_set_attempt_delay(sps_stream *stream, uint32_t delay_ms);

SPS_END_DECLARATIONS

#endif
