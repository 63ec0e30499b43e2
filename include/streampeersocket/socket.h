/* SPDX-License-Identifier: MIT */
/**
 * @file socket.h
 * The part that TCP and Unix streams share: the status, and the poll that drives it. Counterpart of
 * Godot's StreamPeerSocket.
 *
 * The library has no background thread. sps_socket_poll() finishes a connect, sends batched bytes
 * and detects the end of the stream. A get or put does so too if it meets the end. Call
 * sps_socket_poll() once a frame.
 *
 * On a stream that is not a socket, these calls return ERR_UNAVAILABLE. Some work on a filter, and
 * mean the same there: custom.h lists them.
 */
#ifndef STREAMPEERSOCKET_SOCKET_H
#define STREAMPEERSOCKET_SOCKET_H

#include <stdint.h>

#include "error.h"
#include "export.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/** One of the SPS_STATUS_… values. They are those of Godot's StreamPeerSocket.Status. */
typedef int32_t sps_status;

enum {
    /** New or closed. Disconnect, the end of the peer, or a failed get or put closes a stream. */
    SPS_STATUS_NONE = 0,
    /** A connect is in progress: it resolves the name, or waits for the peer. */
    SPS_STATUS_CONNECTING = 1,
    /** The caller can read or write, or bytes that came before the end are still unread. */
    SPS_STATUS_CONNECTED = 2,
    /**
     * The connect failed, or poll found the connection broken. Disconnect to start again. A Unix
     * stream can also connect at once.
     */
    SPS_STATUS_ERROR = 3
};

/** Why a socket is no longer open: one of the SPS_CLOSE_… values. */
typedef int32_t sps_close_reason;

enum {
    /** It is open, or has never been open. */
    SPS_CLOSE_NONE = 0,
    /** This side closed it: by sps_socket_disconnect(), or by a graceful close that completed. */
    SPS_CLOSE_LOCAL = 1,
    /**
     * The peer finished in order, and the caller read every byte. If the stream was half-open, this
     * side has finished too.
     */
    SPS_CLOSE_PEER_FINISHED = 2,
    /** The peer or its OS reset the connection (RST), or left while this side sent to it. */
    SPS_CLOSE_RESET = 3,
    /** Connect: nothing listens there. */
    SPS_CLOSE_REFUSED = 4,
    /** There is no route to the peer. */
    SPS_CLOSE_UNREACHABLE = 5,
    /** Connect: not done within connect_timeout_ms. */
    SPS_CLOSE_CONNECT_TIMED_OUT = 6,
    /** Connect: the name does not exist, or has no address. */
    SPS_CLOSE_NAME_NOT_FOUND = 7,
    /**
     * The peer did not acknowledge sent bytes in time. sps_tcp_set_user_timeout() or the OS sets
     * the limit.
     */
    SPS_CLOSE_NOT_ACKNOWLEDGED = 8,
    /** The OS had no descriptor or no memory. */
    SPS_CLOSE_NO_RESOURCES = 9,
    /** Any other failure. sps_socket_get_os_error() returns the OS's code. */
    SPS_CLOSE_FAILED = 10,
    /** The peer did not answer the OS's probes: sps_tcp_set_keepalive(). */
    SPS_CLOSE_KEEPALIVE = 11,
    /** The peer sent nothing for the time of sps_socket_set_idle_timeout(). */
    SPS_CLOSE_IDLE = 12,
    /**
     * The time of sps_socket_set_io_timeout() ended inside a put of a value. The value can no
     * longer be completed.
     */
    SPS_CLOSE_PUT_TIMED_OUT = 13,
    /** The peer did not finish within the time of a graceful close. */
    SPS_CLOSE_GRACE_TIMED_OUT = 14,
    /** The peer sent a packet that is longer than this side accepts: see packet.h. */
    SPS_CLOSE_LIMIT = 15,
    /**
     * Connect: no name server answered, or the answer was a server failure. The name may exist, so
     * a later connect may find it.
     */
    SPS_CLOSE_LOOKUP_FAILED = 16,
    /** A filter (custom.h): the stream below ended without the end mark of the filter. */
    SPS_CLOSE_TRUNCATED = 17,
    /** A filter: the peer broke the protocol of the filter, or reported that this side did. */
    SPS_CLOSE_PROTOCOL = 18,
    /** A filter: the peer did not prove who it is, or refused this side's proof. */
    SPS_CLOSE_UNTRUSTED = 19
};

/**
 * Advances the socket without waiting. It finishes a connect, sends the write buffer, reads ahead
 * what has arrived, and detects the end. On a connected socket it makes at most one syscall in each
 * direction. Godot: poll. Since 0.1.
 *
 * @return by status:
 *         - NONE, ERROR: OK, and nothing happens.
 *         - CONNECTING: OK, ERR_CONNECTION_ERROR or ERR_CANT_RESOLVE. After either error the status
 *           is ERROR.
 *           - ERR_CONNECTION_ERROR: the peer refused, is unreachable, or did not answer within
 *             connect_timeout_ms.
 *           - ERR_CANT_RESOLVE: the name has no address, or the look-up failed. The close reason
 *             tells which.
 *         - CONNECTED: OK, FAILED or ERR_OUT_OF_MEMORY.
 *           - OK and status NONE: the peer has finished, every byte was read, and the write buffer
 *             is empty. A half-open stream stays CONNECTED instead.
 *           - FAILED and status ERROR: the connection broke, and every byte was read.
 *           - ERR_OUT_OF_MEMORY: nothing changes.
 *         - Closing gracefully: the codes of CONNECTED. ERR_TIMEOUT and status NONE: the time is
 *           over.
 */
SPS_API sps_error sps_socket_poll(sps_stream *stream);

/** Returns the status, without a syscall. Godot: get_status. Since 0.1. */
SPS_API sps_error sps_socket_get_status(const sps_stream *stream, sps_status *out_status);

/**
 * Closes the socket at once, in every status. The status becomes NONE, and the stream can bind or
 * connect again. A look-up or connect in progress is cancelled. The library offers the write buffer
 * to the OS once, and drops unread bytes. Godot: disconnect_from_host. Since 0.1.
 */
SPS_API sps_error sps_socket_disconnect(sps_stream *stream);

/**
 * Half-closes: the peer reads the end of the stream, and this side can still read. Later puts
 * return FAILED. If the stream is half-open and every byte was read, it closes: the status is NONE,
 * and the reason CLOSE_PEER_FINISHED. A poller then reports SPS_EVENT_CLOSED. Since 0.1.
 *
 * @return OK, also if it was done before, or:
 *         - ERR_BUSY: the OS does not take all batched bytes now. Nothing was shut down. Call
 *           again.
 *         - ERR_OUT_OF_MEMORY: the OS has no memory. Nothing was shut down. Call again.
 *         - FAILED: the stream is not connected, or the connection broke.
 */
SPS_API sps_error sps_socket_shutdown_write(sps_stream *stream);

/**
 * Ends the connection in order. The library sends the write buffer and shuts down writing. Then it
 * reads and drops what the peer sends until the peer finishes, and closes. sps_socket_poll() drives
 * these steps. Since 0.1.
 *
 * Meanwhile the status stays CONNECTED, gets and puts return FAILED, and unread bytes are dropped.
 * To read the last bytes of the peer, call sps_socket_shutdown_write() instead and read until the
 * end. A second call sets another timeout. sps_socket_disconnect() closes at once.
 *
 * - Completed: the status is NONE and the reason CLOSE_LOCAL. Both sides have ended their streams.
 *   The OS still delivers what is in flight.
 * - Timed out: poll returns ERR_TIMEOUT. The status is NONE and the reason CLOSE_GRACE_TIMED_OUT.
 *
 * @param timeout_ms limit for all steps, at most INT32_MAX. 0 means the default of 30,000.
 * @return OK, or an error. After OK the stream may be closed already: read the status.
 *         - FAILED: the stream is not connected. Or the connection broke, and the status is ERROR.
 *         - ERR_TIMEOUT: the time is over already. The stream is closed.
 *         - ERR_INVALID_PARAMETER: timeout_ms is above INT32_MAX. Nothing changes.
 */
SPS_API sps_error sps_socket_close_gracefully(sps_stream *stream, uint32_t timeout_ms);

/**
 * sps_socket_close_gracefully() that waits until it has completed. Since 0.1.
 *
 * @return OK if the peer has finished too, or:
 *         - ERR_TIMEOUT: the time is over. The stream is closed.
 *         - FAILED: the connection broke, and the stream is closed. Or it was not connected.
 *         - ERR_INVALID_PARAMETER: timeout_ms is above INT32_MAX. Nothing changes.
 */
SPS_API sps_error sps_socket_close_and_wait(sps_stream *stream, uint32_t timeout_ms);

/**
 * Returns the OS's code of the last failure on this socket. It is 0 if nothing failed since connect
 * began. On Unix it is errno, on Windows WSAGetLastError(). If a name was not found, it is the
 * EAI_… value of getaddrinfo(). Use it for logs: its values differ between systems. Since 0.1.
 */
SPS_API sps_error sps_socket_get_os_error(const sps_stream *stream, int32_t *out_code);

/**
 * Returns why the socket was last closed. The reason is CLOSE_NONE while the stream connects or is
 * connected, and while bytes from before the end are unread. It is kept until the next connect
 * begins. Since 0.1.
 */
SPS_API sps_error sps_socket_get_close_reason(const sps_stream *stream,
                                              sps_close_reason *out_reason);

/**
 * Returns the sentence that a filter (custom.h) gave with its close reason. It is empty for a
 * socket, and while there is no close reason. Since 0.1.
 *
 * @param out_text never NULL. Valid until the stream opens again or is destroyed.
 */
SPS_API sps_error sps_socket_get_close_message(const sps_stream *stream, const char **out_text);

/**
 * Returns the name of a reason, such as "CLOSE_REFUSED", or "UNKNOWN" for another number. The text
 * is static: never freed, never NULL. Since 0.1.
 */
SPS_API const char *sps_close_reason_name(sps_close_reason reason);

/**
 * Sets the connect timeout in milliseconds. It runs from sps_tcp_connect() or sps_uds_connect()
 * until the connection is established, and includes the look-up of the name. The maximum is
 * INT32_MAX, and 0 means the default of 30,000. A connect in progress adopts it. If the time is
 * already over, the next poll ends the connect. The value is kept for later connects. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: a time above INT32_MAX, here and for every other time. A
 *           negative number converts to such a time.
 */
SPS_API sps_error sps_socket_set_connect_timeout(sps_stream *stream, uint32_t timeout_ms);

/**
 * Sets the connection attempt delay of RFC 8305, in milliseconds. If no attempt has failed, the
 * next address of a name is tried after this delay. 0 means the default of 250. A delay below 10
 * counts as 10 (RFC 8305, 5). Since 0.1.
 */
SPS_API sps_error sps_socket_set_attempt_delay(sps_stream *stream, uint32_t delay_ms);

/**
 * Sets how many milliseconds one get or put may wait in total. 0, the default, sets no limit.
 * Since 0.1.
 *
 * If the time is over:
 *
 * - A get returns ERR_TIMEOUT and has consumed nothing. Bytes that came stay readable.
 * - sps_stream_put_data() returns ERR_TIMEOUT and reports the number of bytes sent.
 * - A put of a value returns ERR_TIMEOUT if none of it was sent. The caller can repeat it.
 * - A put of a value returns FAILED if a part was sent, because a repetition would corrupt the
 *   stream. Every later put returns FAILED too (CLOSE_PUT_TIMED_OUT).
 */
SPS_API sps_error sps_socket_set_io_timeout(sps_stream *stream, uint32_t timeout_ms);

/**
 * Sets the idle timeout in milliseconds. The library gives the connection up if the peer sends
 * nothing for this time. 0, the default, sets no limit. Since 0.1.
 *
 * Use it if the protocol makes the peer send regularly. It detects a dead peer and one that hangs.
 * Bytes that came before stay readable. Then poll returns FAILED, the status is ERROR and the
 * reason CLOSE_IDLE. The time counts from the moment the connection was established, or from this
 * call. On a half-open stream it no longer counts: a peer that has finished is not silent.
 */
SPS_API sps_error sps_socket_set_idle_timeout(sps_stream *stream, uint32_t timeout_ms);

/**
 * Sets the sizes of the OS's socket buffers (SO_SNDBUF, SO_RCVBUF). 0, the default, lets the OS
 * adapt them to the connection. A fixed size bounds the memory of many connections. A small send
 * buffer keeps little outdated data queued. On an open socket it takes effect now, as far as the OS
 * permits, otherwise with the next socket. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: a size above INT32_MAX.
 *         - FAILED: the OS refuses.
 */
SPS_API sps_error sps_socket_set_os_buffers(sps_stream *stream, uint32_t send_bytes,
                                            uint32_t receive_bytes);

/**
 * Returns the sizes that the OS reports. Linux doubles the size that was set, to make room for its
 * own bookkeeping (socket(7)). Since 0.1.
 *
 * @return OK, or:
 *         - FAILED: the socket is not open or still connects. The sizes are 0. Or the OS refuses.
 */
SPS_API sps_error sps_socket_get_os_buffers(const sps_stream *stream, uint32_t *out_send_bytes,
                                            uint32_t *out_receive_bytes);

/** Readiness of a descriptor, as bits. */
enum {
    /** Until the descriptor is readable (POLLIN). */
    SPS_WAIT_READABLE = 1,
    /** Until the descriptor is writable (POLLOUT). */
    SPS_WAIT_WRITABLE = 2
};

/** The readiness and the time that a stream waits for. */
typedef struct sps_socket_wait {
    /** sizeof(sps_socket_wait), set by the caller. */
    uint32_t struct_size;
    /** SPS_WAIT_... bits. 0: do not wait for the descriptor, only for the time. */
    uint32_t interests;
    /**
     * A descriptor on Unix, a SOCKET on Windows; -1: none. The stream owns it, and may replace it
     * in any call. Do not read, write or close it.
     */
    intptr_t fd;
    /** Microseconds until the next poll is due, whatever the descriptor does. -1: no limit. */
    int64_t timeout_us;
} sps_socket_wait;

/**
 * Returns what a stream waits for, so that an event loop of the caller's own (poll(2), epoll(7),
 * GLib, libuv, Asio) can wait for it. For more than a few streams use sps_poller_get_fd(): one
 * descriptor serves them all. No syscall, except to read the clock. Since 0.1.
 *
 * - Before each wait, read until ERR_BUSY or until a get returns 0 bytes, and then call this.
 * - Wait until the descriptor is ready for any of the interests, or until the time is over. Round
 *   the time up. Then call sps_socket_poll().
 * - The interests suit level-triggered waiting. A failed connection makes the descriptor ready too.
 * - While a name is looked up or several addresses race, there is no descriptor, and timeout_us is
 *   at most 10,000. The same holds on the simulated network.
 * - A stream that is not open waits for nothing: no interests, fd -1, timeout_us -1.
 *
 * @param out_wait the caller sets struct_size first. Unless OK, it waits for nothing.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: struct_size is 0.
 *         - ERR_ALREADY_IN_USE: the stream is in a poller, which waits for it.
 *         - ERR_UNAVAILABLE: it is not a socket. For a filter ask the socket below it, and poll the
 *           filter.
 */
SPS_API sps_error sps_socket_get_wait(const sps_stream *stream, sps_socket_wait *out_wait);

SPS_END_DECLARATIONS

#endif
