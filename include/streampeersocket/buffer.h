/* SPDX-License-Identifier: MIT */
/**
 * @file buffer.h
 * A stream in memory: what is put can be read again, anywhere in it. Typed values, strings, lines and
 * Variants work on it as on a socket. The counterpart of Godot's StreamPeerBuffer.
 *
 * A buffer has bytes and a position, where gets read and puts write, and which they move. A put
 * overwrites, and makes the buffer longer where it passes the end. What differs from other streams:
 *
 * - A call that waits and wants more than is left answers ERR_INVALID_PARAMETER, as Godot's get_data does.
 *   The position is at the end then: sps_stream_get_data() hands out what was left, and what is too
 *   little for a value is skipped (a line that has no end stays, as on any stream).
 * - A call that never waits (try_, peek) answers ERR_BUSY then and skips nothing, and
 *   sps_stream_get_partial_data() gives what is left, OK with 0 bytes at the end. Nothing of this closes
 *   the buffer: more can be put, and the position moved.
 * - A put is done when it returns. It answers OK, or ERR_OUT_OF_MEMORY, also when the buffer would become
 *   larger than INT32_MAX bytes; then nothing has changed. Nothing waits to be written, so
 *   sps_stream_set_write_batching() is OK and changes nothing.
 * - Calls that need a socket answer ERR_UNAVAILABLE, and so do the calls here on any other stream.
 *
 * What is handed out of a buffer (peek, strings, Variants) lies in the buffer itself, and may be put into it.
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
 * Makes an empty buffer, to be ended with sps_stream_destroy(). Godot: StreamPeerBuffer.new.
 * Since 0.1.
 *
 * @param options NULL for defaults; allocator and max_value_bytes mean something here.
 * @param out_stream NULL on failure.
 * @return OK; ERR_INVALID_PARAMETER (options without a struct_size); ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_buffer_create(const sps_stream_options *options, sps_stream **out_stream);

/**
 * Moves the position. Godot: seek. Since 0.1.
 *
 * @param position in bytes from the beginning, at most the size.
 * @return OK; ERR_PARAMETER_RANGE_ERROR behind the end; ERR_INVALID_PARAMETER above PTRDIFF_MAX
 *         (nothing moves).
 */
SPS_API sps_error sps_buffer_seek(sps_stream *stream, size_t position);

/** The position, in bytes from the beginning; behind the end after sps_buffer_resize() to less.
 * Godot: get_position. Since 0.1. */
SPS_API sps_error sps_buffer_get_position(const sps_stream *stream, size_t *out_position);

/** How many bytes the buffer has. Godot: get_size. Since 0.1. */
SPS_API sps_error sps_buffer_get_size(const sps_stream *stream, size_t *out_bytes);

/**
 * Makes the buffer longer, with zeros, or shorter. The position stays, even behind the end: then there is
 * nothing to get, and a put fills what is between with zeros. The memory stays, too, for what is
 * put next. Godot: resize. Since 0.1.
 *
 * @return OK; ERR_INVALID_PARAMETER above PTRDIFF_MAX; ERR_OUT_OF_MEMORY, also above INT32_MAX
 *         (nothing changes).
 */
SPS_API sps_error sps_buffer_resize(sps_stream *stream, size_t byte_count);

/** Drops all bytes, and gives their memory back; the position is 0. Godot: clear. Since 0.1. */
SPS_API sps_error sps_buffer_clear(sps_stream *stream);

/**
 * Makes the buffer a copy of these bytes; the position is 0. Godot: set_data_array. Since 0.1.
 *
 * @param data may be NULL when byte_count is 0, and may be of the buffer itself.
 * @return OK; ERR_INVALID_PARAMETER above PTRDIFF_MAX; ERR_OUT_OF_MEMORY, also above INT32_MAX
 *         (nothing changes).
 */
SPS_API sps_error sps_buffer_set_data_array(sps_stream *stream, const void *data,
                                            size_t byte_count);

/**
 * Shows all bytes, from the beginning, without a copy. Godot: get_data_array, which copies. Since 0.1.
 *
 * @param out_data valid until the next call on this stream that puts bytes or changes the size. NULL
 *        when there are none.
 */
SPS_API sps_error sps_buffer_get_data_array(const sps_stream *stream, const uint8_t **out_data,
                                            size_t *out_bytes);

/**
 * Makes another buffer with a copy of the bytes and the same options. Its position is 0, and its byte order
 * the default, as in Godot. Godot: duplicate. Since 0.1.
 *
 * @param out_stream NULL on failure.
 * @return OK; ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_buffer_duplicate(const sps_stream *stream, sps_stream **out_stream);

SPS_END_DECLARATIONS

#endif
