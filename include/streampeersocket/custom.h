/* SPDX-License-Identifier: MIT */
/**
 * @file custom.h
 * A stream whose bytes come from the caller: a file, a cipher, a test. Typed values, strings,
 * limits and batching work on it as on a socket. The counterpart of Godot's
 * StreamPeerExtension.
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
    /** An operation answers this as if it were NULL: for a binding whose operations are always there, and
        only find out inside whether there is one. It never reaches a caller. */
    SPS_CUSTOM_NOT_IMPLEMENTED = -1
};

/**
 * What a custom stream does. Each is called only from inside a call on the stream, must not call
 * the stream itself, and returns one of
 *
 * - OK, with the count. Fewer bytes than asked for are a short read or a short write: a waiting
 *   call is called again for the rest. 0 means that nothing can move now;
 * - ERR_BUSY: no more can move now. A partial call answers OK then, as with OK and 0; a waiting
 *   call answers ERR_BUSY;
 * - ERR_FILE_EOF (gets only): the stream has ended, and nothing will ever come again. Of all codes
 *   it is the only one that ends the stream: later calls are FAILED, once every byte is read;
 * - any other code: it reaches the caller unchanged, and the stream goes on. The next call asks the
 *   operation again.
 *
 * The count tells what was moved also with an error. Bytes that a get moved are not lost: they are
 * handed out with the error by the gets of raw bytes, and stay readable after those of values. A
 * typed value, string or Variant of which a put has moved a part is OK, and its rest waits (see
 * put_data). With options.read_buffer_bytes or batched writes the bytes go first: the code is told
 * by the call that runs into it, if the operation still answers it.
 *
 * Where neither the operation that a call needs nor its counterpart is there, the call answers
 * FAILED, as Godot's does.
 */
typedef struct sps_custom_operations {
    /** sizeof(sps_custom_operations). */
    uint32_t struct_size;
    /** Reads what is there now, byte_count at most. Godot: _get_partial_data. */
    sps_error (*get_partial_data)(void *user_data, uint8_t *buffer, size_t byte_count,
                                  size_t *out_received);
    /** Reads exactly byte_count, and waits for them. Without it a get takes what get_partial_data
        gives; when that is too little it answers ERR_BUSY, and a typed value or a string consumes
        nothing. Godot: _get_data. */
    sps_error (*get_data)(void *user_data, uint8_t *buffer, size_t byte_count,
                          size_t *out_received);
    /** Writes what goes now, byte_count at most. Godot: _put_partial_data. */
    sps_error (*put_partial_data)(void *user_data, const uint8_t *data, size_t byte_count,
                                  size_t *out_sent);
    /** Writes all, and waits until it is done. Without it put_partial_data is called until all is
        written. When nothing can move the put answers ERR_BUSY and has put nothing; but of raw bytes
        a part may have been written (out_sent of sps_stream_put_data() tells how much), and a typed
        value, string or Variant that has begun is OK, also when an operation fails within it: its rest
        waits as batched bytes do (sps_stream_get_pending_write_bytes()), and leaves before the next put,
        at sps_stream_flush(), before a get waits, or with the stream's end. When there is no memory to
        keep it the put is FAILED, and so is every later one. Godot: _put_data. */
    sps_error (*put_data)(void *user_data, const uint8_t *data, size_t byte_count,
                          size_t *out_sent);
    /** Tells how many bytes a get would give now. Without it only buffered bytes count. Godot:
        _get_available_bytes. */
    sps_error (*get_available_bytes)(void *user_data, size_t *out_bytes);
    /** Called once by sps_stream_destroy(); may be NULL. */
    void (*destroy)(void *user_data);
} sps_custom_operations;

/**
 * Makes a stream of the caller's own. It is connected from the start, until it ends.
 * Unless options set read_buffer_bytes, it reads no further ahead than a call needs, so that
 * the caller may still read the source directly in between. Since 0.1.
 *
 * @param operations copied.
 * @param user_data handed to each operation.
 * @param options NULL for defaults.
 * @param out_stream NULL on failure; user_data is then still the caller's.
 * @return OK; ERR_INVALID_PARAMETER (operations NULL or without a struct_size);
 *         ERR_OUT_OF_MEMORY.
 */
SPS_API sps_error sps_custom_create(const sps_custom_operations *operations, void *user_data,
                                    const sps_stream_options *options, sps_stream **out_stream);

SPS_END_DECLARATIONS

#endif
