/* SPDX-License-Identifier: MIT */
/**
 * @file tcp.h
 * TCP streams (RFC 9293) over IPv4 and IPv6. The counterpart of Godot's StreamPeerTCP.
 *
 * A host is the text of an IPv4 address ("192.0.2.1", all four parts), of an IPv6 address ("::1",
 * "fe80::1%eth0", RFC 4291 and RFC 4007; "::ffff:192.0.2.1" is the IPv4 one), or a name of letters,
 * digits, '-', '_' and '.', at most 253 bytes (RFC 1035). Text with a ':' or whose last label is a
 * number is an address or nothing. "localhost", and what ends in ".localhost", is ::1 and 127.0.0.1
 * without a look-up (RFC 6761, 6.3); "invalid", and what ends in ".invalid", has no address (6.4).
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
 * Makes a TCP stream, not connected. No syscall. Since 0.1.
 *
 * @param options NULL for defaults.
 * @param out_stream the caller's, to end with sps_stream_destroy(); NULL on failure.
 * @return OK; ERR_INVALID_PARAMETER (options with a struct_size of 0, or a time that is none);
 *         ERR_PARAMETER_RANGE_ERROR (keepalive beyond sps_tcp_set_keepalive()); ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_tcp_create(const sps_stream_options *options, sps_stream **out_stream);

/**
 * Chooses the local address of the next connect; each attempt to connect takes it. Several streams
 * that were bound here may share one. Godot: bind. Since 0.1.
 *
 * @param port 1 to 65535, or 0 for one that the OS chooses.
 * @param host an address, or "*" for any; never a name.
 * @return OK; ERR_ALREADY_IN_USE when the stream is open or bound already, or the address is
 *         taken; ERR_INVALID_PARAMETER for a port or an address that is none, or that is not
 *         this machine's; ERR_UNAUTHORIZED; ERR_CANT_ACQUIRE_RESOURCE without descriptors;
 *         ERR_CANT_CREATE. Nothing changes unless OK. ERR_UNAVAILABLE when it is no TCP stream.
 */
SPS_API sps_error sps_tcp_bind(sps_stream *stream, int32_t port, const char *host);

/**
 * Begins to connect, and never waits, not even for the look-up of a name. Call sps_socket_poll()
 * until the status is no longer CONNECTING. The addresses of a name are raced (RFC 8305): families
 * take turns, the next attempt begins 250 ms after the last or at once when one fails, and the
 * first that stands wins. If one family's addresses are known and the other's are not, the race
 * begins without them: 50 ms later with IPv4, at once with IPv6. Godot: connect_to_host. Since 0.1.
 *
 * @param host NUL-terminated; not needed after the call.
 * @param port 1 to 65535.
 * @return OK, and the status is CONNECTING or CONNECTED; ERR_ALREADY_IN_USE when it is not
 *         NONE; ERR_INVALID_PARAMETER for a host or port that is none; FAILED, and the status
 *         stays NONE, when it was refused at once (a bind before is given up); ERR_CANT_ACQUIRE_RESOURCE,
 *         ERR_OUT_OF_MEMORY; ERR_UNAVAILABLE when it is no TCP stream.
 */
SPS_API sps_error sps_tcp_connect(sps_stream *stream, const char *host, int32_t port);

/** What became of an attempt to connect: one of the SPS_ATTEMPT_… values. */
typedef int32_t sps_attempt_state;

enum {
    /** It may still succeed. */
    SPS_ATTEMPT_RUNNING = 1,
    /** It won. */
    SPS_ATTEMPT_CONNECTED = 2,
    /** It failed; os_error tells why (0: the socket had met itself). */
    SPS_ATTEMPT_FAILED = 3,
    /** It was closed, since another won, the time was over, or the caller disconnected. */
    SPS_ATTEMPT_ABANDONED = 4
};

/** One attempt to connect to one address. */
typedef struct sps_connect_attempt {
    /** sizeof(sps_connect_attempt), set by the caller before the call. */
    uint32_t struct_size;
    sps_attempt_state state;
    /** Microseconds since connect began. */
    uint64_t start_us;
    /** Microseconds since connect began; 0 while it runs. */
    uint64_t end_us;
    /** The OS's own code of its failure, or 0. */
    int32_t os_error;
    int32_t port;
    /** The address as text, NUL-terminated. */
    char host[SPS_HOST_TEXT_BYTES];
} sps_connect_attempt;

/**
 * How many attempts the last connect has begun; they are kept until the next. 0 for a stream that
 * a server handed out. Since 0.1.
 */
SPS_API sps_error sps_tcp_get_connect_attempt_count(const sps_stream *stream, size_t *out_count);

/**
 * Tells about one attempt, in the order in which they began. Since 0.1.
 *
 * @param out_attempt its struct_size must be set; fields that lie beyond it are not written.
 * @return OK; ERR_PARAMETER_RANGE_ERROR when there is no such attempt; ERR_INVALID_PARAMETER when
 *         struct_size is 0; ERR_UNAVAILABLE when it is no TCP stream.
 */
SPS_API sps_error sps_tcp_get_connect_attempt(const sps_stream *stream, size_t index,
                                              sps_connect_attempt *out_attempt);

/**
 * The peer's address as text (RFC 5952 for IPv6; a zone as its number: "fe80::1%2"),
 * NUL-terminated. While CONNECTING it is the address that the stream connects to. Of a name it is
 * empty until one of its addresses is chosen: until the look-up is done, and while several of them
 * are raced. Empty in NONE and ERROR. Godot: get_connected_host. Since 0.1.
 *
 * @param out_length optional; without the NUL, also when the buffer is too small for it.
 * @return OK; ERR_PARAMETER_RANGE_ERROR when buffer_bytes is too small (SPS_HOST_TEXT_BYTES
 *         always does); ERR_UNAVAILABLE when it is no TCP stream.
 */
SPS_API sps_error sps_tcp_get_connected_host(const sps_stream *stream, char *buffer,
                                             size_t buffer_bytes, size_t *out_length);

/** The peer's port, also while CONNECTING; 0 in NONE and ERROR. Godot: get_connected_port. Since 0.1. */
SPS_API sps_error sps_tcp_get_connected_port(const sps_stream *stream, int32_t *out_port);

/**
 * The socket's own address, as sps_tcp_get_connected_host(); OK and empty when not open. While
 * CONNECTING it is the address that was bound, or the one that the OS chose, which is known once
 * the peer's address is chosen. One syscall at most. Since 0.1.
 */
SPS_API sps_error sps_tcp_get_local_host(const sps_stream *stream, char *buffer,
                                         size_t buffer_bytes, size_t *out_length);

/** The port of that address; 0 when not open or not known yet. One syscall at most. Godot: get_local_port.
    Since 0.1. */
SPS_API sps_error sps_tcp_get_local_port(const sps_stream *stream, int32_t *out_port);

/**
 * Sends small writes at once instead of gathering them (TCP_NODELAY; RFC 896). The default is
 * the OS's: off. Godot: set_no_delay. Since 0.1.
 *
 * @return OK; FAILED when not open (Godot: an error, too), or when the OS refuses.
 */
SPS_API sps_error sps_tcp_set_no_delay(sps_stream *stream, bool enabled);

/**
 * Has the OS ask a silent peer whether it still lives (SO_KEEPALIVE; RFC 9293, 3.8.4), which costs
 * the program nothing: after idle_ms without a segment from it, every interval_ms; when count
 * probes are without an answer, the connection ends (CLOSE_KEEPALIVE). A dead peer is noticed after
 * idle_ms + count × interval_ms of silence on both sides. While sent bytes are unacknowledged the OS
 * sends those again and does not probe: whoever sends wants sps_tcp_set_user_timeout() too. Kept for
 * later connections. Since 0.1.
 *
 * @param idle_ms 0 turns it off, which is the default. OSes count whole seconds: a part of one is
 *        rounded up.
 * @param interval_ms 0: as the OS has it (75 s), or as it was set before for this connection.
 * @param count 0: as the OS has it (9 on Linux), or as it was set before for this connection.
 * @return OK; ERR_PARAMETER_RANGE_ERROR above 32,767 s or 127 probes (tcp(7)); ERR_UNAVAILABLE when
 *         it is no TCP stream; FAILED when the OS refuses.
 */
SPS_API sps_error sps_tcp_set_keepalive(sps_stream *stream, uint32_t idle_ms, uint32_t interval_ms,
                                        uint32_t count);

/**
 * Milliseconds that sent bytes may go without the peer's acknowledgement (TCP_USER_TIMEOUT;
 * RFC 5482), at most INT32_MAX; then the connection ends (CLOSE_NOT_ACKNOWLEDGED). 0 leaves it to the
 * OS, which tries for about a quarter of an hour. With keepalive on, Linux ends an unanswered probing
 * after this time too, in place of the count of probes (tcp(7)). Kept for later connections.
 * Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER for a time that is none; ERR_UNAVAILABLE when it is no TCP stream,
 *         or, on an open one, when the OS cannot do it;
 *         FAILED when the OS refuses.
 */
SPS_API sps_error sps_tcp_set_user_timeout(sps_stream *stream, uint32_t timeout_ms);

/**
 * Tells what the OS knows of the connection. One syscall. Since 0.1.
 *
 * @param out_info its struct_size must be set; fields that lie beyond it are not written.
 * @return OK; FAILED when not connected; ERR_INVALID_PARAMETER when struct_size is 0;
 *         ERR_UNAVAILABLE when it is no TCP stream, or the OS tells nothing.
 */
SPS_API sps_error sps_tcp_get_info(const sps_stream *stream, sps_tcp_info *out_info);

/**
 * Closes at once and hard: the peer sees a reset, and what is still on its way, in either direction,
 * is lost. No TIME_WAIT holds the port, unless both sides had finished before. For peers that misbehave; everybody
 * else gets sps_socket_close_gracefully(). Works in every status, as sps_socket_disconnect().
 * Since 0.1.
 *
 * @return OK; ERR_UNAVAILABLE when it is no TCP stream.
 */
SPS_API sps_error sps_tcp_close_reset(sps_stream *stream);

/**
 * Takes over a connected TCP socket that the caller already owns: inherited, handed over by another
 * process, or accepted by other code. The stream is CONNECTED afterwards and owns it; the socket is
 * made close-on-exec, and whether calls on it wait (O_NONBLOCK) is the stream's affair from now on. Settings of
 * the stream apply to it. Since 0.1.
 *
 * @param fd a descriptor on Unix, a SOCKET on Windows.
 * @return OK; ERR_ALREADY_IN_USE when the stream is open or bound; ERR_INVALID_PARAMETER when fd is
 *         no connected TCP socket: it stays the caller's, as it was; ERR_UNAVAILABLE when stream is
 *         no TCP stream; FAILED when the OS refuses.
 */
SPS_API sps_error sps_tcp_adopt_fd(sps_stream *stream, intptr_t fd);

/**
 * Gives the descriptor of a connected stream to the caller, who closes it from now on; the stream
 * is NONE afterwards (CLOSE_LOCAL). The descriptor is non-blocking, and close-on-exec until the
 * caller says otherwise (fcntl(2), FD_CLOEXEC). A put of which the OS has taken a part, and that answered
 * ERR_TIMEOUT or FAILED, stays cut: whoever puts to the descriptor next puts behind that part. Since 0.1.
 *
 * @param out_fd −1 unless OK.
 * @return OK; FAILED when not connected; ERR_BUSY when bytes are buffered that would be lost: read
 *         them (sps_stream_peek(), sps_stream_consume()) or flush them first; ERR_UNAVAILABLE when
 *         it is no TCP stream.
 */
SPS_API sps_error sps_tcp_release_fd(sps_stream *stream, intptr_t *out_fd);

SPS_END_DECLARATIONS

#endif
