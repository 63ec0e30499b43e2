/* SPDX-License-Identifier: MIT */
/**
 * @file stream.h
 * Byte streams of any kind: raw bytes, typed values, strings. The counterpart of Godot's
 * StreamPeer.
 *
 * These rules hold for every call here.
 *
 * Threads and arguments:
 *
 * - One thread at a time uses a stream. Different streams never interfere.
 * - ERR_INVALID_PARAMETER reports NULL for the stream, a host, a path or a result. The comment of a
 *   call names each pointer that is optional.
 * - ERR_INVALID_PARAMETER also reports a length above PTRDIFF_MAX. A negative number converts to
 *   such a length.
 * - A call without a result sets it to zero: a value or count to 0, a span to NULL and 0. It leaves
 *   its results alone if an argument was NULL.
 *
 * Blocking:
 *
 * - A call "waits" if it blocks until it is done, as in Godot. Calls named try_, partial, peek and
 *   poll never wait.
 * - A loop of gets that never wait ends, even if the peer of a socket sends faster than the caller
 *   reads. After 16 × read_buffer_bytes (in a poller: max_read_bytes) one get reports that nothing
 *   is there. The next get continues to read.
 *
 * Errors:
 *
 * - On a stream that is not connected each get and put returns FAILED, unless the call says
 *   otherwise.
 * - A call that fails has consumed only the bytes that it reports in out_received. There is one
 *   exception, which is Godot's: the stream ends inside a value that a waiting get reads. That get
 *   returns ERR_FILE_EOF, or FAILED after a reset. It closes the stream and drops the partial
 *   value.
 * - A call on a custom stream can return any code of the stream's own operation (custom.h). Only
 *   there does a waiting call return ERR_BUSY. A waiting get on a memory stream returns
 *   ERR_INVALID_PARAMETER if the bytes are not all there (buffer.h).
 *
 * Half-close:
 *
 * - A peer that has finished sending may still read. The socket stays connected while it has
 *   something to send. That means bytes in the write buffer, or a put that was refused (ERR_BUSY,
 *   or a short partial put).
 * - Each poll, or each SPS_EVENT_WRITABLE, gives the caller one turn to repeat a refused put. The
 *   socket closes when nothing is pending and the caller has not used its turn. Until then a get
 *   that never waits reports that nothing is there (ERR_BUSY, or 0 bytes).
 * - With sps_stream_options.half_open the end of the peer closes nothing. The socket is half-open:
 *   - Each get at the end returns ERR_FILE_EOF, and 0 bytes are available. A waiting get drops a
 *     partial value, as always. The status stays CONNECTED, and puts work.
 *   - sps_socket_shutdown_write() then closes the socket in order. Every other close works as on
 *     any connected socket.
 *   - sps_socket_poll() and a poller notice if the connection breaks. A put notices it too.
 *   - A Unix peer that has closed altogether looks like one that has finished, until a put fails.
 *   - The idle timeout ends with the peer's end, because nothing more can come. A keepalive or a
 *     user timeout (TCP) ends the connection to a dead peer. Use a deadline of your own for a live
 *     peer that never reads the reply.
 */
#ifndef STREAMPEERSOCKET_STREAM_H
#define STREAMPEERSOCKET_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"

SPS_BEGIN_DECLARATIONS

/** One stream of any kind: TCP, Unix, memory, or a caller's own. Opaque. */
typedef struct sps_stream sps_stream;

/**
 * Closes and frees a stream. The library first offers the bytes in the write buffer to the OS once,
 * without waiting. NULL is allowed and does nothing. Since 0.1.
 */
SPS_API void sps_stream_destroy(sps_stream *stream);

/* ---- Raw bytes */

/**
 * Counts the bytes that a get would return now without waiting. No poll is needed first. Each call
 * asks the OS (one syscall). sps_stream_peek() shows the buffered bytes without a syscall.
 * Godot: get_available_bytes. Since 0.1.
 *
 * @return OK, or:
 *         - FAILED: the stream is not open, or the OS refuses. A socket that is bound or CONNECTING
 *           returns OK and 0 bytes.
 *         - ERR_OUT_OF_MEMORY: the OS has no memory.
 */
SPS_API sps_error sps_stream_get_available_bytes(sps_stream *stream, size_t *out_bytes);

/**
 * Reads exactly byte_count bytes into the caller's buffer, and waits for them. Godot: get_data.
 * Since 0.1.
 *
 * @param buffer NULL is allowed if byte_count is 0.
 * @param out_received optional: the number of bytes in buffer, also on failure.
 * @return OK, or:
 *         - ERR_FILE_EOF: the peer finished first. The stream is closed, and buffer holds
 *           out_received bytes.
 *         - FAILED: the stream is not connected, or the connection broke.
 *         - ERR_OUT_OF_MEMORY: the OS has no memory. Call again for the rest.
 *         - ERR_TIMEOUT: the time of sps_socket_set_io_timeout() is over. Nothing was consumed
 *           (out_received is 0).
 */
SPS_API sps_error sps_stream_get_data(sps_stream *stream, void *buffer, size_t byte_count,
                                      size_t *out_received);

/**
 * Reads the bytes that are there now, at most byte_count, and never waits. Godot: get_partial_data.
 * Since 0.1.
 *
 * @return OK, also with 0 bytes if none are there now, or:
 *         - ERR_FILE_EOF: the peer has finished and every byte was read. The stream is closed.
 *         - FAILED, ERR_OUT_OF_MEMORY: as for sps_stream_get_data().
 */
SPS_API sps_error sps_stream_get_partial_data(sps_stream *stream, void *buffer, size_t byte_count,
                                              size_t *out_received);

/**
 * Writes all bytes. If it returns OK, the OS has them. It waits while the peer does not read. A
 * stream with batched writes (sps_stream_set_write_batching()) never waits: the write buffer takes
 * all bytes or none. Godot: put_data. Since 0.1.
 *
 * @param data NULL is allowed if byte_count is 0.
 * @param out_sent optional: the number of bytes that the OS or the write buffer took, also on
 *         failure.
 * @return OK, or:
 *         - FAILED: the stream is not connected, or the connection broke. Bytes that arrived before
 *           stay readable. The stream closes when they are read, or at once if there are none.
 *         - ERR_TIMEOUT: the time of sps_socket_set_io_timeout() is over. out_sent counts the bytes
 *           sent.
 *         - ERR_OUT_OF_MEMORY: the OS has no memory; nothing was sent. Batched: the write buffer
 *           could not grow.
 *         - ERR_BUSY: batched only. The write buffer has no room now.
 *         - ERR_PARAMETER_RANGE_ERROR: batched only. byte_count exceeds the capacity of the write
 *           buffer.
 */
SPS_API sps_error sps_stream_put_data(sps_stream *stream, const void *data, size_t byte_count,
                                      size_t *out_sent);

/**
 * Writes the bytes that the OS takes now, and never waits. If writes are batched, the write buffer
 * takes them. Godot: put_partial_data. Since 0.1.
 *
 * @return OK, also with 0 bytes if nothing is taken now. Errors are those of sps_stream_put_data().
 */
SPS_API sps_error sps_stream_put_partial_data(sps_stream *stream, const void *data,
                                              size_t byte_count, size_t *out_sent);

/**
 * Shows buffered bytes without a copy and without consuming them. If fewer than want_bytes are
 * buffered, it reads once more, without waiting. With want_bytes 0 it makes no syscall. Since 0.1.
 *
 * @param out_data the span, or NULL if nothing is buffered. It is valid until the next call on this
 *         stream or its poller. Another peek with want_bytes 0 keeps it valid.
 * @param out_bytes the length of the span. It can be more or less than want_bytes.
 * @return OK if at least want_bytes are there, or:
 *         - ERR_BUSY: fewer bytes are there yet.
 *         - ERR_FILE_EOF (FAILED after a reset): want_bytes will never come. The span is the rest.
 *           The stream stays open while bytes are left.
 *         - ERR_PARAMETER_RANGE_ERROR: want_bytes is above the larger of read_buffer_bytes and
 *           max_value_bytes + 4.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_stream_peek(sps_stream *stream, size_t want_bytes, const uint8_t **out_data,
                                  size_t *out_bytes);

/**
 * Drops byte_count bytes that sps_stream_peek() showed. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_PARAMETER_RANGE_ERROR: fewer are buffered. Nothing is dropped.
 */
SPS_API sps_error sps_stream_consume(sps_stream *stream, size_t byte_count);

/**
 * Lends memory of the write buffer. The caller writes bytes there, without a copy, and then puts
 * them with sps_stream_commit(). The mirror of sps_stream_peek(). It never waits. Since 0.1.
 *
 * @param min_bytes the number of bytes that the caller needs. 0 counts as 1.
 * @param out_memory the memory, or NULL on failure. Its content is undefined. It is valid until the
 *         next call on this stream or its poller.
 * @param out_bytes its size: at least min_bytes, and all that is contiguous.
 * @return OK, or an error, after which no memory is lent:
 *         - ERR_BUSY: the write buffer has no room for min_bytes now. That is a refused put, so a
 *           poller reports SPS_EVENT_WRITABLE. Without batched writes, the buffer has room once
 *           nothing is pending.
 *         - ERR_PARAMETER_RANGE_ERROR: min_bytes exceeds the capacity of the write buffer.
 *         - FAILED: the stream is not connected, or the connection broke.
 *         - ERR_UNAVAILABLE: it is a memory stream.
 *         - ERR_OUT_OF_MEMORY.
 *         - On a custom stream, the code of its operation: bytes are pending and do not leave.
 */
SPS_API sps_error sps_stream_reserve(sps_stream *stream, size_t min_bytes, void **out_memory,
                                     size_t *out_bytes);

/**
 * Puts the first bytes of the memory that sps_stream_reserve() has lent. This ends the reservation.
 * It never waits:
 *
 * - With batched writes the bytes gather, as in any put.
 * - Otherwise they leave at once. The bytes that the OS does not take stay pending. They leave at
 *   sps_socket_poll() or sps_stream_flush(), and before the next put or a get that waits.
 *
 * Commit before any other call on the stream or its poller. A call in between that uses the write
 * buffer ends the reservation, and then nothing is put. Since 0.1.
 *
 * @param byte_count at most the size of the memory. 0 puts nothing.
 * @return OK, or an error, after which none of these bytes was put:
 *         - ERR_UNCONFIGURED: no memory is lent.
 *         - ERR_PARAMETER_RANGE_ERROR: byte_count exceeds the size. The memory stays lent.
 *         - FAILED: the stream is not connected, or the connection broke.
 *         - ERR_UNAVAILABLE: it is a memory stream.
 *         - ERR_OUT_OF_MEMORY, and on a custom stream the code of its operation: without batched
 *           writes, if nothing was sent.
 */
SPS_API sps_error sps_stream_commit(sps_stream *stream, size_t byte_count);

/* ---- Byte order */

/**
 * Sets the byte order of later typed values and string lengths. false, the default, is
 * little-endian, as in Godot. Godot: big_endian. Since 0.1.
 */
SPS_API sps_error sps_stream_set_big_endian(sps_stream *stream, bool enabled);

/** Returns the byte order that sps_stream_set_big_endian() set. Since 0.1. */
SPS_API sps_error sps_stream_is_big_endian(const sps_stream *stream, bool *out_enabled);

/* ---- Typed values */

/**
 * @{
 * Each reads one value in the stream's byte order, and waits for it. Floating-point values are IEEE
 * 754: binary16 (half), binary32, binary64. If the bytes are buffered, no syscall is made.
 * Godot: get_u8, get_8, … get_double. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_FILE_EOF: the peer finished first. The stream is closed, and a partial value is
 *           dropped.
 *         - FAILED: the stream is not connected, or the connection broke.
 *         - ERR_TIMEOUT: the time of sps_socket_set_io_timeout() is over. Nothing was consumed.
 *         - ERR_OUT_OF_MEMORY.
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
/** @} */

/**
 * @{
 * Each reads the whole value or nothing, and never waits. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_BUSY: the value is not all there yet.
 *         - ERR_FILE_EOF (FAILED after a reset): the rest will never come.
 *           sps_stream_get_partial_data() reads the bytes that are left. The stream closes when
 *           they are read, or at once if there are none.
 *         - FAILED: the stream is not connected.
 *         - ERR_OUT_OF_MEMORY: nothing was consumed.
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
/** @} */

/**
 * @{
 * Each writes one value in the stream's byte order. A half is rounded to nearest, ties to even.
 * Every NaN is written as one pattern, as in Godot: the sign is kept, all other bits are set.
 * Godot: put_u8, put_8, … put_double. Since 0.1.
 *
 * @return the codes of sps_stream_put_data(), with one difference. ERR_TIMEOUT means that nothing
 *         was sent. FAILED reports a timeout inside the value: see sps_socket_set_io_timeout().
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
/** @} */

/* ---- Strings */

/** As the length of a string: the stream holds the length, as u32 before the bytes. */
#define SPS_LENGTH_PREFIXED ((int64_t)-1)

/**
 * Reads a string of ASCII characters, and waits for it. Godot: get_string. Since 0.1.
 *
 * @param byte_count its length in bytes, or SPS_LENGTH_PREFIXED.
 * @param out_text the text, in the stream's memory, without a terminating NUL. It is valid until
 *         the next call on this stream or its poller. That next call may put this text.
 * @param out_bytes its length.
 * @return OK, or:
 *         - ERR_INVALID_DATA: the text is not ASCII, or its length is above max_value_bytes.
 *           Nothing was consumed, so the caller can read it as bytes instead.
 *         - ERR_INVALID_PARAMETER: byte_count is negative (other than SPS_LENGTH_PREFIXED) or above
 *           max_value_bytes.
 *         - ERR_FILE_EOF, FAILED, ERR_TIMEOUT, ERR_OUT_OF_MEMORY: as for a typed value.
 */
SPS_API sps_error sps_stream_get_string(sps_stream *stream, int64_t byte_count,
                                        const char **out_text, size_t *out_bytes);

/**
 * sps_stream_get_string() for UTF-8 (RFC 3629). NUL is a character. Godot: get_utf8_string.
 * Since 0.1.
 */
SPS_API sps_error sps_stream_get_utf8_string(sps_stream *stream, int64_t byte_count,
                                             const char **out_text, size_t *out_bytes);

/**
 * sps_stream_get_string() without waiting: ERR_BUSY if the string is not all there yet. Since 0.1.
 */
SPS_API sps_error sps_stream_try_get_string(sps_stream *stream, int64_t byte_count,
                                            const char **out_text, size_t *out_bytes);

/** sps_stream_get_utf8_string() without waiting. Since 0.1. */
SPS_API sps_error sps_stream_try_get_utf8_string(sps_stream *stream, int64_t byte_count,
                                                 const char **out_text, size_t *out_bytes);

/**
 * Writes the length as u32, then the text, as one put. Each character outside ASCII becomes one
 * space. Godot: put_string. Since 0.1.
 *
 * @param text UTF-8, not necessarily NUL-terminated. NULL is allowed if byte_count is 0.
 * @return the codes of sps_stream_put_u8(), or:
 *         - ERR_INVALID_PARAMETER: text is not UTF-8, or its length does not fit a u32. Nothing was
 *           written.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_stream_put_string(sps_stream *stream, const char *text, size_t byte_count);

/** sps_stream_put_string() that keeps every character. Godot: put_utf8_string. Since 0.1. */
SPS_API sps_error sps_stream_put_utf8_string(sps_stream *stream, const char *text,
                                             size_t byte_count);

/* ---- Batched writes */

/**
 * Enables or disables batched writes. The default is off: when a put returns, the OS has the bytes.
 * While enabled, puts gather in the write buffer, also while CONNECTING. The buffer is sent:
 *
 * - at sps_socket_poll(), sps_stream_flush() and sps_socket_disconnect(),
 * - before a get waits,
 * - when the buffer is full.
 *
 * Since 0.1.
 *
 * @return OK, or, when disabling:
 *         - ERR_BUSY: the OS does not take all pending bytes now. Nothing changes.
 *         - ERR_OUT_OF_MEMORY: the OS has no memory. Nothing changes.
 *         - FAILED: the pending bytes cannot be sent any more. They are dropped, and batching is
 *           off.
 *         - On a custom stream, the code of its operation. Nothing changes.
 */
SPS_API sps_error sps_stream_set_write_batching(sps_stream *stream, bool enabled);

/** Returns whether batched writes are enabled. Since 0.1. */
SPS_API sps_error sps_stream_is_write_batching(const sps_stream *stream, bool *out_enabled);

/**
 * Offers the pending bytes to the OS, without waiting. Since 0.1.
 *
 * @return OK if nothing is pending any more, or:
 *         - ERR_BUSY: the OS does not take all bytes now. The others stay pending.
 *         - FAILED: the stream is not connected, or the connection broke.
 *         - ERR_OUT_OF_MEMORY: the OS has no memory. Bytes that were not sent stay pending.
 *         - On a custom stream, the code of its operation. Bytes that were not sent stay pending.
 */
SPS_API sps_error sps_stream_flush(sps_stream *stream);

/** Counts the bytes in the write buffer. Since 0.1. */
SPS_API sps_error sps_stream_get_pending_write_bytes(const sps_stream *stream, size_t *out_bytes);

SPS_END_DECLARATIONS

#endif
