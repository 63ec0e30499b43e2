// SPDX-License-Identifier: MIT
//
// A stream in memory. The queues are windows onto the memory, and one is open at a time. Gets read
// and puts write in place, so a typed value costs as much as on a socket with buffered bytes. The
// open window knows the position and the end of the puts.
#include "streampeersocket/buffer.h"

#include <string.h>

#include "base/memory.h"
#include "stream/stream.h"

enum {
    LEAST_CAPACITY = 64,
    MOST_BYTES = INT32_MAX, // as in Godot, which counts bytes in an int
};

typedef struct buffer_stream {
    sps_stream stream;
    uint8_t *data; // NULL while the capacity is 0
    size_t capacity;
    // While no window is open; else what they were when it was opened.
    size_t size;
    size_t position; // behind the end after a resize to less
} buffer_stream;

// ---- The windows

static buffer_stream *buffer_of(sps_stream *stream) {
    return (buffer_stream *)stream;
}

static size_t position_of(const buffer_stream *buffer) {
    const sps_stream *stream = &buffer->stream;
    if (stream->in.head != NULL) {
        return (size_t)(stream->in.head - buffer->data);
    }
    return stream->out.tail != NULL ? (size_t)(stream->out.tail - buffer->data) : buffer->position;
}

static size_t size_of(const buffer_stream *buffer) {
    const uint8_t *put_until = buffer->stream.out.tail;
    const size_t least = put_until != NULL ? (size_t)(put_until - buffer->data) : 0;
    return buffer->size > least ? buffer->size : least;
}

static void close_window(buffer_stream *buffer) {
    buffer->size = size_of(buffer);
    buffer->position = position_of(buffer);
    buffer->stream.in = (spsi_byte_queue){NULL, NULL, NULL, NULL};
    buffer->stream.out = (spsi_byte_queue){NULL, NULL, NULL, NULL};
    buffer->stream.read_moves++; // other bytes may lie there next
}

// The queues own no block. Giving a block back only closes the window.

static void open_to_read(buffer_stream *buffer) {
    close_window(buffer);
    buffer->stream.read_end = SPS_OK; // it was that of the get before
    if (buffer->position < buffer->size) {
        buffer->stream.in = (spsi_byte_queue){.head = buffer->data + buffer->position,
                                              .tail = buffer->data + buffer->size};
    }
}

// No window is open, and the position is in the buffer or at its end.
static void open_to_write(buffer_stream *buffer) {
    uint8_t *here = buffer->data + buffer->position;
    buffer->stream.out =
        (spsi_byte_queue){.head = here, .tail = here, .limit = buffer->data + buffer->capacity};
}

// ---- The memory. No window is open.

// Makes room for so many bytes in all, at most MOST_BYTES. False, and nothing changed, without
// memory.
static bool reserve(buffer_stream *buffer, size_t bytes) {
    if (bytes <= buffer->capacity) {
        return true;
    }
    size_t capacity = buffer->capacity < MOST_BYTES / 2 ? 2 * buffer->capacity : MOST_BYTES;
    capacity = capacity < LEAST_CAPACITY ? LEAST_CAPACITY : capacity;
    capacity = capacity < bytes ? bytes : capacity;
    uint8_t *data =
        spsi_resize(&buffer->stream.allocator, buffer->data, buffer->capacity, capacity);
    if (data == NULL) {
        return false;
    }
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

// Makes the buffer end no earlier than there, with zeros.
static bool extend(buffer_stream *buffer, size_t size) {
    if (size <= buffer->size) {
        return true;
    }
    if (!reserve(buffer, size)) {
        return false;
    }
    memset(buffer->data + buffer->size, 0, size - buffer->size);
    buffer->size = size;
    return true;
}

static void release(buffer_stream *buffer) {
    spsi_free(&buffer->stream.allocator, buffer->data, buffer->capacity);
    buffer->data = NULL;
    buffer->capacity = 0;
}

// ---- The stream's operations

static sps_error check(sps_stream *stream, spsi_purpose purpose) {
    if (purpose == SPSI_TO_READ || purpose == SPSI_TO_COUNT) {
        open_to_read(buffer_of(stream));
    } else {
        close_window(buffer_of(stream));
    }
    return SPS_OK;
}

// Copies the slices to the position, where there is room. The last slice may be a span of the
// buffer itself, which has moved from `before` since.
static void copy_in(buffer_stream *buffer, const spsi_slice *slices, size_t count, size_t total,
                    uintptr_t before, size_t size_before) {
    uint8_t *end = buffer->data + buffer->position + total;
    for (size_t i = count; i-- > 0;) {
        const size_t offset = (uintptr_t)slices[i].data - before; // huge when it lies elsewhere
        const uint8_t *from = offset < size_before ? buffer->data + offset : slices[i].data;
        end -= slices[i].size;
        if (slices[i].size > 0) {
            memmove(end, from, slices[i].size);
        }
    }
}

static sps_error write_buffer(sps_stream *stream, const spsi_slice *slices, size_t count,
                              spsi_patience patience, size_t *out_written) {
    (void)patience;
    buffer_stream *buffer = buffer_of(stream);
    *out_written = 0;
    close_window(buffer);
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        if (slices[i].size > MOST_BYTES - buffer->position - total) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        total += slices[i].size;
    }
    const uintptr_t before = (uintptr_t)buffer->data;
    const size_t size_before = buffer->size;
    const size_t end = buffer->position + total;
    if (!reserve(buffer, end)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    extend(buffer, buffer->position); // for which there is room now
    copy_in(buffer, slices, count, total, before, size_before);
    buffer->position = end;
    buffer->size = buffer->size > end ? buffer->size : end;
    open_to_write(buffer);
    *out_written = total;
    return SPS_OK;
}

static sps_error available(sps_stream *stream, size_t *out_bytes) {
    (void)stream;
    *out_bytes = 0; // but what is in the window
    return SPS_OK;
}

// Too few bytes were left for the get, which has dropped them. The stream can go on.
static sps_error ended(sps_stream *stream, sps_error end) {
    buffer_stream *buffer = buffer_of(stream);
    buffer->position = buffer->position > buffer->size ? buffer->position : buffer->size;
    return end;
}

static void destroy(sps_stream *stream) {
    close_window(buffer_of(stream));
    release(buffer_of(stream));
}

static const spsi_stream_ops buffer_ops = {
    .in_place = true,
    .check = check,
    .write = write_buffer,
    .available = available,
    .ended = ended,
    .destroy = destroy,
};

// ---- The public calls

// Finds the buffer of a stream that is one, and then closes its window.
static sps_error find(sps_stream *stream, buffer_stream **out_buffer) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (stream->kind != SPSI_KIND_BUFFER) {
        return SPS_ERR_UNAVAILABLE;
    }
    *out_buffer = buffer_of(stream);
    close_window(*out_buffer);
    return SPS_OK;
}

// The same for calls that only ask.
static sps_error look_at(const sps_stream *stream, const buffer_stream **out_buffer) {
    *out_buffer = (const buffer_stream *)stream;
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return stream->kind == SPSI_KIND_BUFFER ? SPS_OK : SPS_ERR_UNAVAILABLE;
}

sps_error sps_buffer_create(const sps_stream_options *options, sps_stream **out_stream) {
    if (out_stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_stream = NULL;
    return spsi_stream_create(options, SPSI_KIND_BUFFER, &buffer_ops, sizeof(buffer_stream),
                              out_stream);
}

sps_error sps_buffer_seek(sps_stream *stream, size_t position) {
    buffer_stream *buffer;
    const sps_error error = find(stream, &buffer);
    if (error != SPS_OK) {
        return error;
    }
    if (!spsi_is_length(position)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (position > buffer->size) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    buffer->position = position;
    return SPS_OK;
}

sps_error sps_buffer_get_position(const sps_stream *stream, size_t *out_position) {
    const buffer_stream *buffer;
    const sps_error error = look_at(stream, &buffer);
    if (out_position == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_position = error == SPS_OK ? position_of(buffer) : 0;
    return error;
}

sps_error sps_buffer_get_size(const sps_stream *stream, size_t *out_bytes) {
    const buffer_stream *buffer;
    const sps_error error = look_at(stream, &buffer);
    if (out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_bytes = error == SPS_OK ? size_of(buffer) : 0;
    return error;
}

sps_error sps_buffer_resize(sps_stream *stream, size_t byte_count) {
    buffer_stream *buffer;
    const sps_error error = find(stream, &buffer);
    if (error != SPS_OK) {
        return error;
    }
    if (!spsi_is_length(byte_count)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (byte_count > MOST_BYTES || !extend(buffer, byte_count)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    buffer->size = byte_count;
    return SPS_OK;
}

sps_error sps_buffer_clear(sps_stream *stream) {
    buffer_stream *buffer;
    const sps_error error = find(stream, &buffer);
    if (error == SPS_OK) {
        release(buffer);
        buffer->size = 0;
        buffer->position = 0;
    }
    return error;
}

sps_error sps_buffer_set_data_array(sps_stream *stream, const void *data, size_t byte_count) {
    buffer_stream *buffer;
    const sps_error error = find(stream, &buffer);
    if (error != SPS_OK) {
        return error;
    }
    if (!spsi_is_length(byte_count) || (data == NULL && byte_count > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const uintptr_t before = (uintptr_t)buffer->data;
    const size_t size_before = buffer->size;
    if (byte_count > MOST_BYTES || !reserve(buffer, byte_count)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const spsi_slice slice = {data, byte_count};
    buffer->position = 0;
    copy_in(buffer, &slice, 1, byte_count, before, size_before);
    buffer->size = byte_count;
    return SPS_OK;
}

sps_error sps_buffer_get_data_array(const sps_stream *stream, const uint8_t **out_data,
                                    size_t *out_bytes) {
    const buffer_stream *buffer;
    const sps_error error = look_at(stream, &buffer);
    if (out_data == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_bytes = error == SPS_OK ? size_of(buffer) : 0;
    *out_data = *out_bytes > 0 ? buffer->data : NULL;
    return error;
}

sps_error sps_buffer_duplicate(const sps_stream *stream, sps_stream **out_stream) {
    const buffer_stream *buffer;
    sps_error error = look_at(stream, &buffer);
    if (out_stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_stream = NULL;
    if (error != SPS_OK) {
        return error;
    }
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .read_buffer_bytes = stream->read_buffer_bytes,
                                        .max_value_bytes = stream->max_value_bytes,
                                        .allocator = &stream->allocator};
    sps_stream *copy;
    error = sps_buffer_create(&options, &copy);
    if (error != SPS_OK) {
        return error;
    }
    error = sps_buffer_set_data_array(copy, buffer->data, size_of(buffer));
    if (error != SPS_OK) {
        sps_stream_destroy(copy);
        return error;
    }
    *out_stream = copy;
    return SPS_OK;
}
