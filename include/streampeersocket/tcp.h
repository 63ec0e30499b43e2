/* SPDX-License-Identifier: MIT */
/**
 * @file tcp.h
 * TCP streams (RFC 9293) over IPv4 and IPv6. The counterpart of Godot's StreamPeerTCP.
 *
 * A host is one of:
 *
 * - An IPv4 address with all four parts: "192.0.2.1".
 * - An IPv6 address (RFC 4291), also with a zone (RFC 4007): "::1", "fe80::1%eth0".
 *   "::ffff:192.0.2.1" means the IPv4 address.
 * - A name of letters, digits, '-', '_' and '.', at most 253 bytes (RFC 1035).
 *
 * Text with a ':', or whose last label is a number, must be an address. "localhost" and names that
 * end in ".localhost" resolve to ::1 and 127.0.0.1 without a look-up (RFC 6761, 6.3). "invalid" and
 * names that end in ".invalid" have no address (RFC 6761, 6.4).
 *
 * On a stream of another kind, these calls return ERR_UNAVAILABLE.
 */
#ifndef STREAMPEERSOCKET_TCP_H
#define STREAMPEERSOCKET_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"
#include "system_info.h"

SPS_BEGIN_DECLARATIONS

/**
 * Creates a TCP stream that is not connected. No syscall. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_stream owned by the caller, who ends it with sps_stream_destroy(). NULL on failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the options or their allocator have a struct_size of 0. Or a
 *           time or an OS buffer size is above INT32_MAX.
 *         - ERR_PARAMETER_RANGE_ERROR: keepalive exceeds the range of sps_tcp_set_keepalive().
 *         - ERR_UNAVAILABLE: the platform is of another library version.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_tcp_create(const sps_stream_options *options, sps_stream **out_stream);

/**
 * Sets the local address of the next connect. Each attempt to connect uses it. Several streams that
 * this call bound can share one address. Godot: bind. Since 0.1.
 *
 * @param port 1 to 65535, or 0: the OS chooses.
 * @param host an address, or "*" for any address. Names are not accepted.
 * @return OK, or an error, after which nothing changes:
 *         - ERR_ALREADY_IN_USE: the stream is open, bound, or in status ERROR. Or the address is in
 *           use.
 *         - ERR_INVALID_PARAMETER: the port or address is malformed, or not of this machine.
 *         - ERR_UNAUTHORIZED: the OS refuses permission.
 *         - ERR_CANT_ACQUIRE_RESOURCE: the OS has no descriptor.
 *         - ERR_OUT_OF_MEMORY: the OS has no memory.
 *         - ERR_CANT_CREATE: the OS cannot create the socket.
 *         - ERR_UNAVAILABLE: it is not a TCP stream.
 */
SPS_API sps_error sps_tcp_bind(sps_stream *stream, int32_t port, const char *host);

/**
 * Begins to connect, and never waits, not even for the look-up of a name. Call sps_socket_poll()
 * until the status is no longer CONNECTING. Godot: connect_to_host. Since 0.1.
 *
 * The library races the addresses of a name (RFC 8305), and alternates the address families. Each
 * next attempt begins 250 ms after the previous one, or at once if one fails. The first connection
 * that is established wins. If the addresses of only one family are known, the race begins without
 * the other: with IPv4 after 50 ms, with IPv6 at once.
 *
 * @param host NUL-terminated. The library copies it.
 * @param port 1 to 65535.
 * @return OK and status CONNECTING or CONNECTED, or:
 *         - ERR_ALREADY_IN_USE: the status is not NONE.
 *         - ERR_INVALID_PARAMETER: the host or port is malformed.
 *         - FAILED: it was refused at once. The status stays NONE, and an earlier bind is undone.
 *         - ERR_CANT_ACQUIRE_RESOURCE, ERR_OUT_OF_MEMORY. The status stays NONE, and an earlier
 *           bind may be undone.
 *         - ERR_UNAVAILABLE: it is not a TCP stream.
 */
SPS_API sps_error sps_tcp_connect(sps_stream *stream, const char *host, int32_t port);

/** The state of an attempt to connect: one of the SPS_ATTEMPT_… values. */
typedef int32_t sps_attempt_state;

enum {
    /** It may still succeed. */
    SPS_ATTEMPT_RUNNING = 1,
    /** It won. */
    SPS_ATTEMPT_CONNECTED = 2,
    /** It failed with os_error. 0 means that the socket had connected to itself. */
    SPS_ATTEMPT_FAILED = 3,
    /** It was closed: another attempt won, the time was over, or the caller disconnected. */
    SPS_ATTEMPT_ABANDONED = 4
};

/** One attempt to connect to one address. */
typedef struct sps_connect_attempt {
    /** sizeof(sps_connect_attempt), set by the caller before the call. */
    uint32_t struct_size;
    /** The state of the attempt. */
    sps_attempt_state state;
    /** Microseconds since connect began. */
    uint64_t start_us;
    /** Microseconds since connect began; 0 while it runs. */
    uint64_t end_us;
    /** The OS's own code of its failure, or 0. */
    int32_t os_error;
    /** The TCP port. */
    int32_t port;
    /** The address as text, NUL-terminated. */
    char host[SPS_HOST_TEXT_BYTES];
} sps_connect_attempt;

/**
 * Counts the attempts of the last connect. They are kept until the next connect. The count is 0 for
 * a stream from a server. Since 0.1.
 */
SPS_API sps_error sps_tcp_get_connect_attempt_count(const sps_stream *stream, size_t *out_count);

/**
 * Describes one attempt. Indexes follow the order in which the attempts began. Since 0.1.
 *
 * @param out_attempt the caller sets struct_size first. Fields beyond it are not written.
 * @return OK, or:
 *         - ERR_PARAMETER_RANGE_ERROR: there is no such attempt.
 *         - ERR_INVALID_PARAMETER: struct_size is 0.
 *         - ERR_UNAVAILABLE: it is not a TCP stream.
 */
SPS_API sps_error sps_tcp_get_connect_attempt(const sps_stream *stream, size_t index,
                                              sps_connect_attempt *out_attempt);

/**
 * Returns the peer's address as NUL-terminated text (RFC 5952 for IPv6). A zone is a number:
 * "fe80::1%2". Godot: get_connected_host. Since 0.1.
 *
 * While CONNECTING it is the address that the stream connects to. For a name it is empty during the
 * look-up and while several addresses are raced. It is empty in NONE and ERROR.
 *
 * @param out_length optional: without the NUL, also if the buffer is too small.
 * @return OK, or:
 *         - ERR_PARAMETER_RANGE_ERROR: buffer_bytes is too small. The buffer is unchanged.
 *           SPS_HOST_TEXT_BYTES always suffices.
 *         - ERR_UNAVAILABLE: it is not a TCP stream.
 */
SPS_API sps_error sps_tcp_get_connected_host(const sps_stream *stream, char *buffer,
                                             size_t buffer_bytes, size_t *out_length);

/**
 * Returns the peer's port, also while CONNECTING. It is 0 in NONE and ERROR.
 * Godot: get_connected_port. Since 0.1.
 */
SPS_API sps_error sps_tcp_get_connected_port(const sps_stream *stream, int32_t *out_port);

/**
 * Returns the socket's own address, like sps_tcp_get_connected_host(). If the socket is not open,
 * it returns OK and empty text. At most one syscall. Since 0.1.
 *
 * While CONNECTING it is the bound address, or the address that the OS chose. The latter is known
 * after the peer's address is chosen.
 */
SPS_API sps_error sps_tcp_get_local_host(const sps_stream *stream, char *buffer,
                                         size_t buffer_bytes, size_t *out_length);

/**
 * Returns the port of sps_tcp_get_local_host(), or 0 if the socket is not open or the port not
 * known yet. At most one syscall. Godot: get_local_port. Since 0.1.
 */
SPS_API sps_error sps_tcp_get_local_port(const sps_stream *stream, int32_t *out_port);

/**
 * Sends small writes at once instead of gathering them (TCP_NODELAY, RFC 896). Off is the default,
 * as in the OS. Godot: set_no_delay. Since 0.1.
 *
 * @return OK, or:
 *         - FAILED: the socket is not open (an error in Godot too), or the OS refuses.
 *         - ERR_UNAVAILABLE: it is not a TCP stream.
 */
SPS_API sps_error sps_tcp_set_no_delay(sps_stream *stream, bool enabled);

/**
 * Makes the OS probe a silent peer (SO_KEEPALIVE; RFC 9293, 3.8.4), at no cost for the program. The
 * first probe follows after idle_ms without a segment from the peer, the next ones every
 * interval_ms. If count probes get no answer, the connection ends (CLOSE_KEEPALIVE). So a dead peer
 * is detected after idle_ms + count × interval_ms of silence on both sides. Since 0.1.
 *
 * While sent bytes are unacknowledged, the OS retransmits them and does not probe. A program that
 * sends needs sps_tcp_set_user_timeout() too. The values are kept for later connections.
 *
 * @param idle_ms 0, the default, turns keepalive off. The OS counts whole seconds, so a fraction is
 *         rounded up.
 * @param interval_ms 0: the value set before for this connection, otherwise the OS's (75 s).
 * @param count 0: the value set before for this connection, otherwise the OS's (9 on Linux).
 * @return OK, or:
 *         - ERR_PARAMETER_RANGE_ERROR: above 32,767 s or 127 probes (tcp(7)).
 *         - ERR_UNAVAILABLE: it is not a TCP stream, or it is open and the OS lacks the option.
 *         - FAILED: the OS refuses.
 */
SPS_API sps_error sps_tcp_set_keepalive(sps_stream *stream, uint32_t idle_ms, uint32_t interval_ms,
                                        uint32_t count);

/**
 * Sets how many milliseconds sent bytes may stay unacknowledged (TCP_USER_TIMEOUT, RFC 5482), at
 * most INT32_MAX. Then the connection ends (CLOSE_NOT_ACKNOWLEDGED). 0 leaves the limit to the OS,
 * which retransmits for about 15 minutes. With keepalive on, this timeout replaces the count of
 * probes on Linux (tcp(7)). The value is kept for later connections. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: timeout_ms is above INT32_MAX.
 *         - ERR_UNAVAILABLE: it is not a TCP stream, or it is open and the OS lacks the option.
 *         - FAILED: the OS refuses.
 */
SPS_API sps_error sps_tcp_set_user_timeout(sps_stream *stream, uint32_t timeout_ms);

/**
 * Returns the OS's data about the connection. One syscall. Since 0.1.
 *
 * @param out_info the caller sets struct_size first. Fields beyond it are not written.
 * @return OK, or:
 *         - FAILED: the stream is not connected, or the OS refuses.
 *         - ERR_INVALID_PARAMETER: struct_size is 0.
 *         - ERR_UNAVAILABLE: it is not a TCP stream, or the OS offers no data.
 */
SPS_API sps_error sps_tcp_get_info(const sps_stream *stream, sps_tcp_info *out_info);

/**
 * Closes at once with a reset. Data in flight is lost in both directions. No TIME_WAIT holds the
 * port, unless both sides had finished before. Use it for peers that misbehave, and
 * sps_socket_close_gracefully() for all others. Allowed in every status, like
 * sps_socket_disconnect(). Since 0.1.
 *
 * @return OK, or:
 *         - ERR_UNAVAILABLE: it is not a TCP stream.
 */
SPS_API sps_error sps_tcp_close_reset(sps_stream *stream);

/**
 * Adopts a connected TCP socket that the caller owns: inherited, passed by another process, or
 * accepted by other code. The stream becomes CONNECTED and owns the socket. The library makes it
 * close-on-exec and controls O_NONBLOCK from now on. The settings of the stream apply to it.
 * Since 0.1.
 *
 * @param fd a descriptor on Unix, a SOCKET on Windows.
 * @return OK, or an error, after which the caller still owns fd:
 *         - ERR_ALREADY_IN_USE: the stream is open, bound, or in status ERROR.
 *         - ERR_INVALID_PARAMETER: fd is not a connected TCP socket. It is unchanged.
 *         - ERR_UNAVAILABLE: it is not a TCP stream.
 *         - FAILED: the OS refuses.
 */
SPS_API sps_error sps_tcp_adopt_fd(sps_stream *stream, intptr_t fd);

/**
 * Passes the descriptor of a connected stream to the caller, who closes it later. The status
 * becomes NONE (CLOSE_LOCAL). The descriptor is non-blocking, and close-on-exec until the caller
 * changes that (fcntl(2), FD_CLOEXEC). Since 0.1.
 *
 * A put that failed with ERR_TIMEOUT or FAILED may have sent a part. That part stays sent, and
 * later writes to the descriptor follow it.
 *
 * @param out_fd −1 unless OK.
 * @return OK, or:
 *         - FAILED: the stream is not connected, or closes gracefully.
 *         - ERR_BUSY: bytes are buffered that would be lost. First read them (sps_stream_peek(),
 *           sps_stream_consume()) or flush them.
 *         - ERR_UNAVAILABLE: it is not a TCP stream.
 */
SPS_API sps_error sps_tcp_release_fd(sps_stream *stream, intptr_t *out_fd);

SPS_END_DECLARATIONS

#endif
