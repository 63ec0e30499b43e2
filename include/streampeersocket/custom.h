/* SPDX-License-Identifier: MIT */
/**
 * @file custom.h
 * A stream whose bytes come from the caller: a file, a cipher, a test. Typed values, strings,
 * limits and batching work as on a socket. The counterpart of Godot's StreamPeerExtension.
 */
#ifndef STREAMPEERSOCKET_CUSTOM_H
#define STREAMPEERSOCKET_CUSTOM_H

#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"
#include "options.h"
#include "stream.h"

SPS_BEGIN_DECLARATIONS

enum {
    /**
     * An operation returns it to act as if it were NULL. It is for bindings that set every
     * operation and find out only inside whether there is one. It never reaches a caller.
     */
    SPS_CUSTOM_NOT_IMPLEMENTED = -1
};

/**
 * The operations of a custom stream. The library calls them only inside a call on the stream. They
 * must not call the stream itself. Each returns one of:
 *
 * - OK, with the count. A smaller count than byte_count is a short read or a short write. A waiting
 *   call then calls the operation again for the rest. 0 means that nothing can move now.
 * - ERR_BUSY: no more can move now. A partial call returns OK then, as after OK and 0. A waiting
 *   call returns ERR_BUSY.
 * - ERR_FILE_EOF (gets only): the stream has ended, and nothing more will ever come. No other code
 *   ends the stream. Later calls return FAILED after every byte is read.
 * - Any other code: it reaches the caller unchanged, and the stream continues. The next call asks
 *   the operation again.
 *
 * The count says what was moved, also with an error. Bytes that a get moved are not lost. Gets of
 * raw bytes return them with the error. After a get of a value they stay readable.
 *
 * If a put has moved a part of a typed value, string or Variant, it returns OK. The rest is pending
 * (see put_data). With options.read_buffer_bytes or batched writes, the bytes go first. A later
 * call returns the code if the operation still returns it.
 *
 * If both the operation that a call needs and its counterpart are missing, the call returns FAILED,
 * as in Godot.
 */
typedef struct sps_custom_operations {
    /** sizeof(sps_custom_operations). */
    uint32_t struct_size;
    /** Reads the bytes that are there now, at most byte_count. Godot: _get_partial_data. */
    sps_error (*get_partial_data)(void *user_data, uint8_t *buffer, size_t byte_count,
                                  size_t *out_received);
    /**
     * Reads exactly byte_count bytes, and waits for them. Without it a get uses get_partial_data.
     * If that returns too few bytes, the get returns ERR_BUSY. A typed value or string then
     * consumes nothing. Godot: _get_data.
     */
    sps_error (*get_data)(void *user_data, uint8_t *buffer, size_t byte_count,
                          size_t *out_received);
    /** Writes the bytes that can move now, at most byte_count. Godot: _put_partial_data. */
    sps_error (*put_partial_data)(void *user_data, const uint8_t *data, size_t byte_count,
                                  size_t *out_sent);
    /**
     * Writes all bytes, and waits until that is done. Godot: _put_data.
     *
     * Without it a put calls put_partial_data until all is written. If nothing can move, the put
     * returns ERR_BUSY and has put nothing. There are two exceptions:
     *
     * - Raw bytes: a part may have been written. out_sent of sps_stream_put_data() counts it.
     * - A typed value, string or Variant of which a part was written: the put returns OK, also if
     *   an operation fails inside it. The rest is pending, like batched bytes
     *   (sps_stream_get_pending_write_bytes()).
     *
     * The rest leaves before the next put, at sps_stream_flush(), before a get waits, or at the end
     * of the stream. If there is no memory to keep it, the put and every later one return FAILED.
     */
    sps_error (*put_data)(void *user_data, const uint8_t *data, size_t byte_count,
                          size_t *out_sent);
    /**
     * Returns how many bytes a get would return now. Without it only buffered bytes count.
     * Godot: _get_available_bytes.
     */
    sps_error (*get_available_bytes)(void *user_data, size_t *out_bytes);
    /** sps_stream_destroy() calls it once. NULL is allowed. */
    void (*destroy)(void *user_data);
} sps_custom_operations;

/**
 * Creates a stream of the caller's own. It is connected from the start until it ends. Without
 * read_buffer_bytes in options it reads no further than a call needs. So the caller can still read
 * the source directly between calls. Since 0.1.
 *
 * @param operations copied.
 * @param user_data passed to each operation.
 * @param options NULL for defaults.
 * @param out_stream NULL on failure. Then the caller still owns user_data.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: operations is NULL. Or operations, the options or their
 *           allocator have a struct_size of 0.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_custom_create(const sps_custom_operations *operations, void *user_data,
                                    const sps_stream_options *options, sps_stream **out_stream);

SPS_END_DECLARATIONS

#endif
