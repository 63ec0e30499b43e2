/* SPDX-License-Identifier: MIT */
/**
 * @file stream.h
 * Any byte stream: raw bytes, typed values, strings. The counterpart of Godot's StreamPeer.
 *
 * What holds for every call here
 *
 * - A stream is used by one thread at a time. Different streams never interfere.
 * - NULL in place of the stream, of a host or path, or of a pointer that a result goes to, is
 *   ERR_INVALID_PARAMETER; so is a length above PTRDIFF_MAX, which is what a negative number
 *   turns into. Where a count is optional, the call says so.
 * - On a stream that is not connected each get and put is FAILED, unless the call says otherwise.
 * - "Waits" means that the call blocks until it is done, as in Godot. Calls named try_, partial,
 *   peek and poll never wait.
 * - A loop of gets that never wait ends, even if the peer of a socket sends faster than the caller
 *   reads. After 16 times read_buffer_bytes (in a poller: its max_read_bytes) one get answers that
 *   nothing is there. The next get reads on.
 * - A call that answers an error has consumed nothing but what it handed out (out_received), with
 *   one exception, which is Godot's: when the stream ends in the middle of what a waiting get wants
 *   (ERR_FILE_EOF, or FAILED after a reset), the stream is closed, and a part of a value is dropped.
 * - A peer that has finished sending may still read. If the socket has something to send, it stays
 *   connected until that has left. Bytes that wait count, and so does a refused put (ERR_BUSY, or a
 *   partial one that took not all). Each poll, or each SPS_EVENT_WRITABLE, gives the caller one
 *   turn to put again. The socket closes when nothing waits and the caller has not used its turn.
 *   Until then a get that never waits answers that nothing is there (ERR_BUSY, or 0 bytes).
 * - A call on a custom stream may answer any code, that of the stream's own operation (custom.h).
 *   Only there does a waiting call answer ERR_BUSY, and only on a buffer ERR_INVALID_PARAMETER,
 *   when what it wants is not all there (buffer.h).
 * - A result that did not come is set to zero (a value), NULL and 0 (a span), 0 (a count), unless
 *   an argument was NULL.
 */
#ifndef STREAMPEERSOCKET_STREAM_H
#define STREAMPEERSOCKET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"

SPS_BEGIN_DECLARATIONS

/** One stream of any kind: TCP, Unix, a buffer, or a caller's own. Opaque. */
typedef struct sps_stream sps_stream;

/**
 * Ends a stream: closes what it has open and frees it. Bytes that wait in the write buffer are
 * offered to the OS once, without waiting. NULL is allowed and does nothing. Since 0.1.
 */
SPS_API void sps_stream_destroy(sps_stream *stream);

/* ---- Raw bytes */

/**
 * How many bytes a get would hand out now without waiting; no poll is needed before. It asks
 * the OS each time (one syscall); sps_stream_peek() tells what is buffered without one. Godot:
 * get_available_bytes. Since 0.1.
 *
 * @return OK, also with 0 bytes for a socket that is bound or CONNECTING; FAILED when it is not
 *         open.
 */
SPS_API sps_error sps_stream_get_available_bytes(sps_stream *stream, size_t *out_bytes);

/**
 * Reads exactly byte_count bytes into the caller's buffer, and waits for them.
 * Godot: get_data. Since 0.1.
 *
 * @param buffer may be NULL when byte_count is 0.
 * @param out_received optional; the bytes in buffer, also when the call failed.
 * @return OK; ERR_FILE_EOF when the peer finished first (out_received bytes are in buffer, the
 *         stream is closed); FAILED when not connected, or when the connection broke;
 *         ERR_OUT_OF_MEMORY when the OS is short of it: call again for the rest; ERR_TIMEOUT when
 *         the time of sps_socket_set_io_timeout() is over (out_received is 0: nothing was consumed).
 */
SPS_API sps_error sps_stream_get_data(sps_stream *stream, void *buffer, size_t byte_count,
                                      size_t *out_received);

/**
 * Reads what is there now, byte_count bytes at most, and never waits.
 * Godot: get_partial_data. Since 0.1.
 *
 * @return OK, also with 0 bytes when there are none now; ERR_FILE_EOF when the peer has
 *         finished and every byte was read (the stream is closed); FAILED as for
 *         sps_stream_get_data().
 */
SPS_API sps_error sps_stream_get_partial_data(sps_stream *stream, void *buffer, size_t byte_count,
                                              size_t *out_received);

/**
 * Writes all bytes: when it returns OK the OS has them. It waits as long as the peer does not
 * read. While writes are batched (sps_stream_set_write_batching()) it takes all or nothing into
 * the write buffer and never waits. Godot: put_data. Since 0.1.
 *
 * @param data may be NULL when byte_count is 0.
 * @param out_sent optional; the bytes that the OS or the write buffer took, also on failure.
 * @return OK; FAILED when not connected or when the connection broke. Then bytes that arrived
 *         before stay readable, and the stream closes once they are read, or at once when there
 *         are none. ERR_TIMEOUT when the time of sps_socket_set_io_timeout() is over (out_sent
 *         tells how many were sent). ERR_OUT_OF_MEMORY when the OS is short of it (nothing was
 *         sent). Batched: ERR_BUSY when there is no room now, ERR_PARAMETER_RANGE_ERROR when
 *         byte_count is more than the write buffer can ever hold, ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_stream_put_data(sps_stream *stream, const void *data, size_t byte_count,
                                      size_t *out_sent);

/**
 * Writes what the OS (batched: the write buffer) takes now, and never waits.
 * Godot: put_partial_data. Since 0.1.
 *
 * @return OK, also with 0 bytes when nothing is taken now; else as sps_stream_put_data().
 */
SPS_API sps_error sps_stream_put_partial_data(sps_stream *stream, const void *data,
                                              size_t byte_count, size_t *out_sent);

/**
 * Shows buffered bytes without a copy and without consuming them. When fewer than want_bytes
 * are buffered it reads once more, without waiting; with want_bytes 0 it makes no syscall.
 * Since 0.1.
 *
 * @param out_data the span; valid until the next call on this stream or its poller, other than another peek
 *        with want_bytes 0. NULL when nothing is buffered.
 * @param out_bytes the length of the span, which may be more or less than want_bytes.
 * @return OK when at least want_bytes are there; ERR_BUSY when fewer are there yet;
 *         ERR_FILE_EOF (FAILED after a reset) when they will never come (the span is what is
 *         left, and the stream stays open while bytes are left); ERR_PARAMETER_RANGE_ERROR when
 *         want_bytes is above the larger of read_buffer_bytes and max_value_bytes + 4;
 *         ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_stream_peek(sps_stream *stream, size_t want_bytes, const uint8_t **out_data,
                                  size_t *out_bytes);

/**
 * Drops byte_count bytes that sps_stream_peek() showed. Since 0.1.
 *
 * @return OK; ERR_PARAMETER_RANGE_ERROR when fewer are buffered (nothing is dropped).
 */
SPS_API sps_error sps_stream_consume(sps_stream *stream, size_t byte_count);

/* ---- Byte order */

/**
 * Chooses the byte order of every typed value and of the length before a string, from now on.
 * false, the default, is little-endian, as Godot has it. Godot: big_endian. Since 0.1.
 */
SPS_API sps_error sps_stream_set_big_endian(sps_stream *stream, bool enabled);

/** Since 0.1. */
SPS_API sps_error sps_stream_is_big_endian(const sps_stream *stream, bool *out_enabled);

/* ---- Typed values */

/*
 * Each reads one value, in the stream's byte order, and waits for it. Floating-point values are
 * IEEE 754: binary16 (half), binary32, binary64. When the bytes are buffered it costs no
 * syscall. Godot: get_u8, get_8, … get_double. Since 0.1.
 *
 * @return OK; ERR_FILE_EOF when the peer finished first (the stream is closed, a part of a
 *         value is dropped); FAILED when not connected or when the connection broke;
 *         ERR_TIMEOUT when the time of sps_socket_set_io_timeout() is over (nothing was consumed);
 *         ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_stream_get_u8(sps_stream *stream, uint8_t *out_value);
SPS_API sps_error sps_stream_get_u16(sps_stream *stream, uint16_t *out_value);
SPS_API sps_error sps_stream_get_u32(sps_stream *stream, uint32_t *out_value);
SPS_API sps_error sps_stream_get_u64(sps_stream *stream, uint64_t *out_value);
SPS_API sps_error sps_stream_get_8(sps_stream *stream, int8_t *out_value);
SPS_API sps_error sps_stream_get_16(sps_stream *stream, int16_t *out_value);
SPS_API sps_error sps_stream_get_32(sps_stream *stream, int32_t *out_value);
SPS_API sps_error sps_stream_get_64(sps_stream *stream, int64_t *out_value);
SPS_API sps_error sps_stream_get_half(sps_stream *stream, float *out_value);
SPS_API sps_error sps_stream_get_float(sps_stream *stream, float *out_value);
SPS_API sps_error sps_stream_get_double(sps_stream *stream, double *out_value);

/*
 * The same, but the whole value or nothing, and never waiting. Since 0.1.
 *
 * @return OK; ERR_BUSY when not all of it is there yet; ERR_FILE_EOF (FAILED after a reset)
 *         when it will never come: bytes that are left stay readable with
 *         sps_stream_get_partial_data() and the stream closes once they are read, or at once
 *         when there are none.
 */
SPS_API sps_error sps_stream_try_get_u8(sps_stream *stream, uint8_t *out_value);
SPS_API sps_error sps_stream_try_get_u16(sps_stream *stream, uint16_t *out_value);
SPS_API sps_error sps_stream_try_get_u32(sps_stream *stream, uint32_t *out_value);
SPS_API sps_error sps_stream_try_get_u64(sps_stream *stream, uint64_t *out_value);
SPS_API sps_error sps_stream_try_get_8(sps_stream *stream, int8_t *out_value);
SPS_API sps_error sps_stream_try_get_16(sps_stream *stream, int16_t *out_value);
SPS_API sps_error sps_stream_try_get_32(sps_stream *stream, int32_t *out_value);
SPS_API sps_error sps_stream_try_get_64(sps_stream *stream, int64_t *out_value);
SPS_API sps_error sps_stream_try_get_half(sps_stream *stream, float *out_value);
SPS_API sps_error sps_stream_try_get_float(sps_stream *stream, float *out_value);
SPS_API sps_error sps_stream_try_get_double(sps_stream *stream, double *out_value);

/*
 * Each writes one value in the stream's byte order. A half is rounded to nearest, ties to even;
 * every NaN is written as one (sign kept, all other bits set, as Godot does).
 * Godot: put_u8, put_8, … put_double. Since 0.1.
 *
 * @return as sps_stream_put_data(); ERR_TIMEOUT only when nothing was sent, and FAILED when the time
 *         was over within the value: see sps_socket_set_io_timeout().
 */
SPS_API sps_error sps_stream_put_u8(sps_stream *stream, uint8_t value);
SPS_API sps_error sps_stream_put_u16(sps_stream *stream, uint16_t value);
SPS_API sps_error sps_stream_put_u32(sps_stream *stream, uint32_t value);
SPS_API sps_error sps_stream_put_u64(sps_stream *stream, uint64_t value);
SPS_API sps_error sps_stream_put_8(sps_stream *stream, int8_t value);
SPS_API sps_error sps_stream_put_16(sps_stream *stream, int16_t value);
SPS_API sps_error sps_stream_put_32(sps_stream *stream, int32_t value);
SPS_API sps_error sps_stream_put_64(sps_stream *stream, int64_t value);
SPS_API sps_error sps_stream_put_half(sps_stream *stream, float value);
SPS_API sps_error sps_stream_put_float(sps_stream *stream, float value);
SPS_API sps_error sps_stream_put_double(sps_stream *stream, double value);

/* ---- Strings */

/** Given as the length of a string: it is on the stream, as u32 before the bytes. */
#define SPS_LENGTH_PREFIXED ((int64_t)-1)

/**
 * Reads a string of ASCII characters, and waits for it. Godot: get_string. Since 0.1.
 *
 * @param byte_count its length in bytes, or SPS_LENGTH_PREFIXED.
 * @param out_text the text, in the stream's memory, without a terminating NUL; valid until the
 *        next call on this stream or its poller; that call may put it.
 * @param out_bytes its length.
 * @return OK; ERR_INVALID_DATA when it is not ASCII or its length is above max_value_bytes:
 *         then nothing was consumed, so it may be read as bytes instead; ERR_INVALID_PARAMETER
 *         when byte_count is negative (other than SPS_LENGTH_PREFIXED) or above
 *         max_value_bytes; ERR_FILE_EOF, FAILED, ERR_TIMEOUT, ERR_OUT_OF_MEMORY as for a typed value.
 */
SPS_API sps_error sps_stream_get_string(sps_stream *stream, int64_t byte_count,
                                        const char **out_text, size_t *out_bytes);

/** The same for UTF-8 (RFC 3629); NUL is a character. Godot: get_utf8_string. Since 0.1. */
SPS_API sps_error sps_stream_get_utf8_string(sps_stream *stream, int64_t byte_count,
                                             const char **out_text, size_t *out_bytes);

/** sps_stream_get_string() without waiting: ERR_BUSY when not all of it is there yet. Since
 * 0.1. */
SPS_API sps_error sps_stream_try_get_string(sps_stream *stream, int64_t byte_count,
                                            const char **out_text, size_t *out_bytes);

/** sps_stream_get_utf8_string() without waiting. Since 0.1. */
SPS_API sps_error sps_stream_try_get_utf8_string(sps_stream *stream, int64_t byte_count,
                                                 const char **out_text, size_t *out_bytes);

/**
 * Writes the length as u32 and then the text, each character outside ASCII as one space, in one
 * piece. Godot: put_string. Since 0.1.
 *
 * @param text UTF-8, not necessarily NUL-terminated; may be NULL when byte_count is 0.
 * @return as sps_stream_put_u8(); ERR_INVALID_PARAMETER when text is not UTF-8 or longer than
 *         a u32 can tell (nothing was written); ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_stream_put_string(sps_stream *stream, const char *text, size_t byte_count);

/** The same, keeping every character. Godot: put_utf8_string. Since 0.1. */
SPS_API sps_error sps_stream_put_utf8_string(sps_stream *stream, const char *text,
                                             size_t byte_count);

/* ---- Batched writes */

/**
 * While enabled, puts gather in the write buffer, also while CONNECTING, and leave together: at
 * sps_socket_poll(), sps_stream_flush(), before a get waits, when the buffer is full, and at
 * sps_socket_disconnect(). Off is the default: when a put returns, the OS has the bytes.
 * Since 0.1.
 *
 * @return OK; when disabling, ERR_BUSY if bytes still wait that the OS does not take now
 *         (nothing changes), FAILED when they cannot be sent any more (they are dropped; it is
 *         off); of a custom stream the code of its operation (nothing changes).
 */
SPS_API sps_error sps_stream_set_write_batching(sps_stream *stream, bool enabled);

/** Since 0.1. */
SPS_API sps_error sps_stream_is_write_batching(const sps_stream *stream, bool *out_enabled);

/**
 * Offers what waits to the OS, without waiting. Since 0.1.
 *
 * @return OK when nothing waits any more; ERR_BUSY when some still does; FAILED when not connected
 *         or when the connection broke; ERR_OUT_OF_MEMORY when the OS is short of it; of a custom
 *         stream the code of its operation. After both, what has not left still waits.
 */
SPS_API sps_error sps_stream_flush(sps_stream *stream);

/** How many bytes wait in the write buffer. Since 0.1. */
SPS_API sps_error sps_stream_get_pending_write_bytes(const sps_stream *stream, size_t *out_bytes);

SPS_END_DECLARATIONS

#endif
