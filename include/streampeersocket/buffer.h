/* SPDX-License-Identifier: MIT */
/**
 * @file buffer.h
 * A memory stream: the caller can read again what it has put, anywhere in the buffer. Typed values,
 * strings, lines and Variants work as on a socket. The counterpart of Godot's StreamPeerBuffer.
 *
 * A memory stream has bytes and a position. Gets and puts start at the position and move it. A put
 * overwrites, and extends the buffer at its end. It differs from other streams:
 *
 * - A call that waits returns ERR_INVALID_PARAMETER if too few bytes are left, like Godot's
 *   get_data. Then the position is at the end. sps_stream_get_data() returns the rest. Typed gets
 *   skip it. An unfinished line stays, as on any stream.
 * - A call that never waits (try_, peek) returns ERR_BUSY then, and skips nothing.
 *   sps_stream_get_partial_data() returns the rest, or OK and 0 bytes at the end.
 * - The end does not close the stream. The caller can put more bytes and move the position.
 * - A put is complete when it returns OK. Otherwise it returns ERR_OUT_OF_MEMORY, and nothing has
 *   changed. That also reports more than INT32_MAX bytes in the buffer.
 * - No write is ever pending. sps_stream_set_write_batching() returns OK and changes nothing.
 * - Calls that need a socket return ERR_UNAVAILABLE. The calls here do so on any other stream.
 *
 * The spans, strings and Variants that a get returns lie in the buffer itself. The caller may put
 * them into it.
 */
#ifndef STREAMPEERSOCKET_BUFFER_H
#define STREAMPEERSOCKET_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

/**
 * Creates an empty memory stream, to end with sps_stream_destroy(). Godot: StreamPeerBuffer.new.
 * Since 0.1.
 *
 * @param options NULL for defaults. Only allocator and max_value_bytes have an effect here.
 * @param out_stream NULL on failure.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: the options or their allocator have a struct_size of 0.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_buffer_create(const sps_stream_options *options, sps_stream **out_stream);

/**
 * Moves the position. Godot: seek. Since 0.1.
 *
 * @param position in bytes from the beginning, at most the size.
 * @return OK, or an error, after which nothing moves:
 *         - ERR_PARAMETER_RANGE_ERROR: the position is beyond the end.
 *         - ERR_INVALID_PARAMETER: the position is above PTRDIFF_MAX.
 */
SPS_API sps_error sps_buffer_seek(sps_stream *stream, size_t position);

/**
 * Returns the position, in bytes from the beginning. It can be beyond the end after
 * sps_buffer_resize(). Godot: get_position. Since 0.1.
 */
SPS_API sps_error sps_buffer_get_position(const sps_stream *stream, size_t *out_position);

/** Returns the size of the buffer in bytes. Godot: get_size. Since 0.1. */
SPS_API sps_error sps_buffer_get_size(const sps_stream *stream, size_t *out_bytes);

/**
 * Extends the buffer with zeros, or shortens it. The position stays, even beyond the end. There a
 * get finds nothing, and a put fills the gap with zeros. The buffer keeps its memory for later
 * puts. Godot: resize. Since 0.1.
 *
 * @return OK, or an error, after which nothing changes:
 *         - ERR_INVALID_PARAMETER: byte_count is above PTRDIFF_MAX.
 *         - ERR_OUT_OF_MEMORY: also if byte_count is above INT32_MAX.
 */
SPS_API sps_error sps_buffer_resize(sps_stream *stream, size_t byte_count);

/** Drops all bytes, frees their memory, and sets the position to 0. Godot: clear. Since 0.1. */
SPS_API sps_error sps_buffer_clear(sps_stream *stream);

/**
 * Replaces the buffer with a copy of these bytes, and sets the position to 0.
 * Godot: set_data_array. Since 0.1.
 *
 * @param data NULL is allowed if byte_count is 0. It may point into the buffer itself.
 * @return OK, or an error, after which nothing changes:
 *         - ERR_INVALID_PARAMETER: byte_count is above PTRDIFF_MAX.
 *         - ERR_OUT_OF_MEMORY: also if byte_count is above INT32_MAX.
 */
SPS_API sps_error sps_buffer_set_data_array(sps_stream *stream, const void *data,
                                            size_t byte_count);

/**
 * Shows all bytes from the beginning, without a copy. Godot: get_data_array, which copies.
 * Since 0.1.
 *
 * @param out_data NULL if there are no bytes. It is valid until the next call on this stream that
 *         puts bytes or changes the size.
 */
SPS_API sps_error sps_buffer_get_data_array(const sps_stream *stream, const uint8_t **out_data,
                                            size_t *out_bytes);

/**
 * Creates a second memory stream with a copy of the bytes and the same options. As in Godot, its
 * position is 0 and its byte order the default. Godot: duplicate. Since 0.1.
 *
 * @param out_stream NULL on failure.
 * @return OK; ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_buffer_duplicate(const sps_stream *stream, sps_stream **out_stream);

SPS_END_DECLARATIONS

#endif
