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
    /** Connecting failed, or poll found the connection broken. Disconnect to start again; a Unix stream may
       also connect at once. */
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
    /** Connecting: there is no such name, or it has no address. */
    SPS_CLOSE_NAME_NOT_FOUND = 7,
    /** The peer did not acknowledge what was sent, within sps_tcp_set_user_timeout() or the OS's own
       limit. */
    SPS_CLOSE_NOT_ACKNOWLEDGED = 8,
    /** The OS had no descriptor or no memory. */
    SPS_CLOSE_NO_RESOURCES = 9,
    /** Anything else; sps_socket_get_os_error() tells more. */
    SPS_CLOSE_FAILED = 10,
    /** The peer did not answer the OS's probes: sps_tcp_set_keepalive(). */
    SPS_CLOSE_KEEPALIVE = 11,
    /** Nothing came from the peer for the time of sps_socket_set_idle_timeout(). */
    SPS_CLOSE_IDLE = 12,
    /** The time of sps_socket_set_io_timeout() ended within a put of a value, which cannot be
       completed any more. */
    SPS_CLOSE_PUT_TIMED_OUT = 13,
    /** The peer did not finish within the time of a graceful close. */
    SPS_CLOSE_GRACE_TIMED_OUT = 14,
    /** The peer has sent a packet that is longer than this side takes: see packet.h. */
    SPS_CLOSE_LIMIT = 15,
    /** Connecting: the name could not be looked up now, since no name server has answered or the one
       that did is broken. The name may exist: another connect may find it. */
    SPS_CLOSE_LOOKUP_FAILED = 16
};

/**
 * Advances the socket without waiting: finishes connecting; sends what waits in the write
 * buffer; reads ahead what has arrived; notices the end. On a connected socket it is at most
 * one syscall in each direction. Godot: poll. Since 0.1.
 *
 * @return - NONE, ERROR: OK, and nothing happens.
 *         - CONNECTING: OK; ERR_CONNECTION_ERROR, and the status becomes ERROR, when the peer
 *           refused, cannot be reached, or did not answer within connect_timeout_ms;
 *           ERR_CANT_RESOLVE, and ERROR, when the name has no address or could not be looked up:
 *           the close reason tells which.
 *         - CONNECTED: OK, and the status becomes NONE, when the peer has finished, every
 *           byte was read, and nothing waits in the write buffer; FAILED, and ERROR, when the connection broke and every byte was read;
 *           ERR_OUT_OF_MEMORY, and nothing changes.
 *         - closing gracefully: as CONNECTED; ERR_TIMEOUT, and NONE, when its time is over.
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
 * Ends the connection in order: sends what waits in the write buffer, shuts down writing, reads and
 * drops what the peer still sends until it finishes, and closes. sps_socket_poll() drives it; the
 * status stays CONNECTED meanwhile, gets and puts are FAILED, and unread bytes are dropped. Whoever
 * wants to read the peer's last words calls sps_socket_shutdown_write() instead, and reads until
 * the end. Called again, it sets another time. Since 0.1.
 *
 * At its end the status is NONE, and the reason CLOSE_LOCAL: both sides have ended their streams, and
 * the OS goes on to deliver what is still on its way. When the time is over first, poll answers ERR_TIMEOUT, the status is NONE, and the
 * reason CLOSE_GRACE_TIMED_OUT. sps_socket_disconnect() ends it at once.
 *
 * @param timeout_ms for all of it, at most INT32_MAX; 0 means the default of 30,000.
 * @return OK, and it may be closed already: ask for the status; FAILED when not connected;
 *         ERR_INVALID_PARAMETER for a time that is none.
 */
SPS_API sps_error sps_socket_close_gracefully(sps_stream *stream, uint32_t timeout_ms);

/**
 * sps_socket_close_gracefully(), and waits until it has come to its end. Since 0.1.
 *
 * @return OK, the peer has finished too; ERR_TIMEOUT; FAILED when the connection broke: it is closed
 *         then. FAILED when not connected, ERR_INVALID_PARAMETER for a time that is none: nothing
 *         changes.
 */
SPS_API sps_error sps_socket_close_and_wait(sps_stream *stream, uint32_t timeout_ms);

/**
 * The OS's own code of what last failed on this socket: errno on Unix, WSAGetLastError() on
 * Windows, or the EAI_… value of getaddrinfo() when a name was not found; 0 when nothing failed
 * since connecting began. For logs: its values differ between systems. Since 0.1.
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
 * Milliseconds that connecting may take, from sps_tcp_connect() or sps_uds_connect() until the
 * connection stands, the look-up of the name included; at most INT32_MAX, and 0 means the default
 * of 30,000. A connect under way takes it over, and the next poll ends it if that time is over.
 * Kept for later connects. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER, here as for every other time, above INT32_MAX: that is a
 *         negative number which became unsigned.
 */
SPS_API sps_error sps_socket_set_connect_timeout(sps_stream *stream, uint32_t timeout_ms);

/**
 * Milliseconds from one attempt to connect to the next address of a name while none has failed;
 * RFC 8305 calls it the connection attempt delay. 0 means the default of 250; less than 10 is 10
 * (RFC 8305, 5). Since 0.1.
 */
SPS_API sps_error sps_socket_set_attempt_delay(sps_stream *stream, uint32_t delay_ms);

/**
 * Milliseconds that one get or put may wait, all of its waiting together; 0, the default, is as long
 * as it takes. Since 0.1.
 *
 * A get whose time is over is ERR_TIMEOUT and has consumed nothing: what came stays readable.
 * sps_stream_put_data() is ERR_TIMEOUT and tells how much was sent. A put of a value is ERR_TIMEOUT
 * when nothing of it was sent, and may be repeated; when a part was, the peer could make nothing of
 * a second try, so the put is FAILED and so is every later one (CLOSE_PUT_TIMED_OUT).
 */
SPS_API sps_error sps_socket_set_io_timeout(sps_stream *stream, uint32_t timeout_ms);

/**
 * Milliseconds without a byte from the peer after which the connection is given up; 0, the default,
 * is never. For protocols in which the peer has something to say now and then: it notices the peer
 * that is dead, and the one that hangs. What came before stays readable; then poll answers FAILED,
 * the status is ERROR and the reason CLOSE_IDLE. Counts from the moment when the connection stood,
 * or when this was set. Since 0.1.
 */
SPS_API sps_error sps_socket_set_idle_timeout(sps_stream *stream, uint32_t timeout_ms);

/**
 * Sizes of the buffers that the OS keeps for the socket (SO_SNDBUF, SO_RCVBUF); 0, the default,
 * leaves them to the OS, which adapts them to the connection. A fixed size bounds the memory of many
 * connections; a small send buffer keeps what is sent fresh. For an open socket it takes effect
 * now, as far as the OS can; else with the next. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER above INT32_MAX; FAILED when the OS refuses.
 */
SPS_API sps_error sps_socket_set_os_buffers(sps_stream *stream, uint32_t send_bytes,
                                            uint32_t receive_bytes);

/**
 * The sizes as the OS tells them: Linux doubles what was set, to have room for its own bookkeeping
 * (socket(7)). Since 0.1.
 *
 * @return OK; FAILED, and 0, when not open.
 */
SPS_API sps_error sps_socket_get_os_buffers(const sps_stream *stream, uint32_t *out_send_bytes,
                                            uint32_t *out_receive_bytes);

SPS_END_DECLARATIONS

#endif
