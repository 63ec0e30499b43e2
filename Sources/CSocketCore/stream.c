// SPDX-License-Identifier: MIT
#include "stream.h"

#include <string.h>

#include "memory.h"

enum {
    DEFAULT_BUFFER_BYTES = 64 * 1024,
    DEFAULT_MAX_VALUE_BYTES = 8 * 1024 * 1024,
    // So that a value and its length can be counted in 32 bits.
    MOST_VALUE_BYTES = INT32_MAX - 4,
    // The first block of a stream: small, since most streams carry small messages.
    FIRST_CHUNK_BYTES = 1024,
    CHUNK_GROWTH = 4,
    // The least that a value larger than the read buffer may grow the queue by.
    LEAST_GROWTH_BYTES = 4096,
    // Polls that find nothing before a drained stream gives its block back: about a second of
    // frames.
    IDLE_POLLS = 60,
};

// ---- Making and ending

static bool machine_is_big_endian(void) {
    const uint16_t one = 1;
    return *(const uint8_t *)&one == 0;
}

static void reset_chunk(sps_stream *stream) {
    stream->read_chunk_bytes = stream->read_buffer_bytes < FIRST_CHUNK_BYTES
                                   ? stream->read_buffer_bytes
                                   : FIRST_CHUNK_BYTES;
}

static uint32_t or_default(uint32_t value, uint32_t fallback) {
    return value != 0 ? value : fallback;
}

sps_error spsi_stream_options_read(const sps_stream_options *options,
                                   sps_stream_options *out_options) {
    memset(out_options, 0, sizeof *out_options);
    if (options == NULL) {
        return SPS_OK;
    }
    if (options->struct_size == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const size_t known =
        options->struct_size < sizeof *out_options ? options->struct_size : sizeof *out_options;
    memcpy(out_options, options, known);
    return SPS_OK;
}

sps_error spsi_stream_create(const sps_stream_options *options, spsi_kind kind,
                             const spsi_stream_ops *ops, size_t object_bytes,
                             sps_stream **out_stream) {
    sps_stream_options chosen;
    if (spsi_stream_options_read(options, &chosen) != SPS_OK) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_allocator allocator = spsi_allocator_or_default(chosen.allocator);
    sps_stream *stream = spsi_allocate_zeroed(&allocator, object_bytes);
    if (stream == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    stream->ops = ops;
    stream->allocator = allocator;
    stream->object_bytes = object_bytes;
    stream->kind = (uint8_t)kind;
    stream->read_buffer_bytes = or_default(chosen.read_buffer_bytes, DEFAULT_BUFFER_BYTES);
    stream->write_buffer_bytes = or_default(chosen.write_buffer_bytes, DEFAULT_BUFFER_BYTES);
    stream->max_value_bytes = or_default(chosen.max_value_bytes, DEFAULT_MAX_VALUE_BYTES);
    if (stream->max_value_bytes > MOST_VALUE_BYTES) {
        stream->max_value_bytes = MOST_VALUE_BYTES;
    }
    stream->swap_bytes = machine_is_big_endian();
    reset_chunk(stream);
    *out_stream = stream;
    return SPS_OK;
}

void spsi_stream_set_read_buffer(sps_stream *stream, uint32_t bytes) {
    stream->read_buffer_bytes = bytes;
    reset_chunk(stream);
}

void sps_stream_destroy(sps_stream *stream) {
    if (stream == NULL) {
        return;
    }
    stream->ops->destroy(stream);
    spsi_stream_reset(stream);
    const sps_allocator allocator = stream->allocator;
    spsi_free(&allocator, stream, stream->object_bytes);
}

void spsi_stream_reset(sps_stream *stream) {
    spsi_byte_queue_release(&stream->in, &stream->allocator);
    spsi_byte_queue_release(&stream->out, &stream->allocator);
    stream->early_count = 0;
    stream->read_end = SPS_OK;
}

sps_error sps_stream_set_big_endian(sps_stream *stream, bool enabled) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    stream->big_endian = enabled;
    stream->swap_bytes = enabled != machine_is_big_endian();
    return SPS_OK;
}

sps_error sps_stream_is_big_endian(const sps_stream *stream, bool *out_enabled) {
    if (stream == NULL || out_enabled == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_enabled = stream->big_endian;
    return SPS_OK;
}

// ---- Reading

// The caller's answer to the end of the stream: ERR_FILE_EOF, or FAILED for every failure.
static sps_error end_code(sps_error end) {
    return end == SPS_ERR_FILE_EOF ? SPS_ERR_FILE_EOF : SPS_FAILED;
}

// Answers of the operations that leave the stream as it was: the call may be repeated.
static bool is_passing(sps_error error) {
    return error == SPS_OK || error == SPS_ERR_BUSY || error == SPS_ERR_UNAVAILABLE ||
           error == SPS_ERR_OUT_OF_MEMORY;
}

static size_t take_early(sps_stream *stream, uint8_t *buffer, size_t most) {
    if (stream->early_count == 0) {
        return 0;
    }
    const size_t count = stream->early_count < most ? stream->early_count : most;
    memcpy(buffer, stream->early, count);
    memmove(stream->early, stream->early + count, stream->early_count - count);
    stream->early_count = (uint8_t)(stream->early_count - count);
    return count;
}

// Reads once from the stream's operations, remembering the end.
static sps_error read_once(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                           size_t *out_read) {
    const size_t early = take_early(stream, buffer, most);
    *out_read = early;
    if (early == most) {
        return SPS_OK;
    }
    if (stream->read_end != SPS_OK) {
        return stream->read_end;
    }
    size_t count;
    const sps_error error = stream->ops->read(
        stream, buffer + early, least > early ? least - early : 0, most - early, &count);
    *out_read += count;
    if (!is_passing(error)) {
        stream->read_end = end_code(error);
        return stream->read_end;
    }
    return error;
}

// Tells the stream's kind that its end was reached, when nothing is left to read.
static sps_error finish(sps_stream *stream) {
    const sps_error end = stream->read_end;
    spsi_byte_queue_release(&stream->in, &stream->allocator);
    stream->ops->ended(stream, end);
    return end;
}

// How much room to read into for `need` bytes: the chunk, or what is missing of a larger value,
// but never more than the read buffer or as much again as has arrived, so that a length which a
// peer only claims costs nothing.
static size_t room_for(const sps_stream *stream, size_t need) {
    const size_t size = spsi_byte_queue_size(&stream->in);
    if (need <= stream->read_chunk_bytes) {
        return stream->read_chunk_bytes - size;
    }
    size_t bound = stream->read_buffer_bytes;
    bound = bound < LEAST_GROWTH_BYTES ? LEAST_GROWTH_BYTES : bound;
    bound = bound < 2 * size ? 2 * size : bound;
    const size_t room = (need < bound ? need : bound) - size;
    // The block is filled before it grows, so that bytes which trickle in do not move it each time.
    const size_t spare = spsi_byte_queue_spare(&stream->in);
    return spare > 0 && spare < room ? spare : room;
}

static void grow_chunk(sps_stream *stream) {
    const uint32_t most = stream->read_buffer_bytes;
    const uint32_t chunk = stream->read_chunk_bytes;
    stream->read_chunk_bytes = chunk > most / CHUNK_GROWTH ? most : chunk * CHUNK_GROWTH;
}

// Reads once into the queue, `room` bytes at most. A read that fills it all makes the next larger.
static sps_error read_into_queue(sps_stream *stream, size_t least, size_t room) {
    if (!spsi_byte_queue_reserve(&stream->in, &stream->allocator, room)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    size_t count;
    const sps_error error = read_once(stream, stream->in.tail, least, room, &count);
    if (count > 0) {
        spsi_byte_queue_produce(&stream->in, count);
    }
    if (count == room) {
        grow_chunk(stream);
    }
    return error;
}

sps_error spsi_stream_fill(sps_stream *stream, size_t need, spsi_patience patience) {
    const sps_error usable = stream->ops->check(stream, SPSI_TO_READ);
    if (usable != SPS_OK) {
        return usable;
    }
    while (spsi_byte_queue_size(&stream->in) < need) {
        if (stream->read_end != SPS_OK) {
            return stream->read_end;
        }
        const size_t missing = need - spsi_byte_queue_size(&stream->in);
        const size_t room = room_for(stream, need);
        const size_t least = patience == SPSI_NEVER_WAIT ? 0 : missing < room ? missing : room;
        const sps_error error = read_into_queue(stream, least, room);
        if (spsi_byte_queue_size(&stream->in) >= need) {
            break;
        }
        if (error != SPS_OK) {
            return error;
        }
    }
    return SPS_OK;
}

// A drained stream that was idle for a while gives its memory back.
static void count_idle_poll(sps_stream *stream) {
    if (++stream->idle_polls < IDLE_POLLS) {
        return;
    }
    spsi_byte_queue_release(&stream->in, &stream->allocator);
    if (spsi_byte_queue_size(&stream->out) == 0) {
        spsi_byte_queue_release(&stream->out, &stream->allocator);
    }
    stream->idle_polls = 0;
    reset_chunk(stream);
}

sps_error spsi_stream_read_ahead(sps_stream *stream) {
    const size_t size = spsi_byte_queue_size(&stream->in);
    if (size >= stream->read_chunk_bytes || stream->read_end != SPS_OK) {
        return SPS_OK;
    }
    if (stream->in.block == NULL && stream->early_count == 0) {
        size_t count; // a poll that finds nothing takes no memory
        const size_t most = stream->read_chunk_bytes < sizeof stream->early
                                ? stream->read_chunk_bytes
                                : sizeof stream->early;
        const sps_error error = read_once(stream, stream->early, 0, most, &count);
        stream->early_count = (uint8_t)count;
        if (count == 0) {
            count_idle_poll(stream);
            return error == SPS_ERR_OUT_OF_MEMORY ? error : SPS_OK;
        }
    }
    const sps_error error = read_into_queue(stream, 0, stream->read_chunk_bytes - size);
    if (error == SPS_ERR_OUT_OF_MEMORY) {
        return error;
    }
    if (spsi_byte_queue_size(&stream->in) > 0) {
        stream->idle_polls = 0;
        return SPS_OK;
    }
    count_idle_poll(stream);
    return SPS_OK;
}

// A get came to `error` with fewer bytes than it wants. When that is the end and nothing is
// left to read, the stream closes.
static sps_error stop_get(sps_stream *stream, sps_error error) {
    const bool at_end = stream->read_end != SPS_OK && error == stream->read_end;
    if (at_end && spsi_byte_queue_size(&stream->in) == 0) {
        return finish(stream);
    }
    return error;
}

sps_error spsi_stream_need(sps_stream *stream, size_t need, spsi_patience patience) {
    const sps_error error = spsi_stream_fill(stream, need, patience);
    if (error == SPS_OK) {
        return SPS_OK;
    }
    // Godot's waiting gets close a stream that ends in the middle of a value; what is there of
    // it is of no use to anybody.
    const bool ended = stream->read_end != SPS_OK && error == stream->read_end;
    if (ended && patience == SPSI_WAIT) {
        return finish(stream);
    }
    return stop_get(stream, error);
}

static bool is_length(size_t byte_count) {
    return byte_count <= PTRDIFF_MAX;
}

static size_t take_buffered(sps_stream *stream, uint8_t *buffer, size_t byte_count) {
    const size_t size = spsi_byte_queue_size(&stream->in);
    const size_t count = size < byte_count ? size : byte_count;
    if (count > 0) {
        spsi_byte_queue_take(&stream->in, buffer, count);
    }
    return count;
}

// Reads the rest of a get, after the queue was emptied into the caller's buffer: small pieces
// through the queue, so that one syscall serves many gets; large ones straight to the caller.
static sps_error get_rest(sps_stream *stream, uint8_t *buffer, size_t byte_count,
                          spsi_patience patience, size_t *out_count) {
    *out_count = 0;
    if (byte_count < stream->read_chunk_bytes) {
        const size_t need = patience == SPSI_WAIT ? byte_count : 1;
        const sps_error error = spsi_stream_fill(stream, need, patience);
        if (error != SPS_ERR_OUT_OF_MEMORY) {
            *out_count = take_buffered(stream, buffer, byte_count);
            return error;
        }
    }
    const sps_error error =
        read_once(stream, buffer, patience == SPSI_WAIT ? byte_count : 0, byte_count, out_count);
    if (*out_count == byte_count) {
        grow_chunk(stream);
    }
    return error;
}

static sps_error get(sps_stream *stream, void *buffer, size_t byte_count, spsi_patience patience,
                     size_t *out_received) {
    size_t unused;
    size_t *received = out_received != NULL ? out_received : &unused;
    *received = 0;
    if (stream == NULL || !is_length(byte_count) || (buffer == NULL && byte_count > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_error usable = stream->ops->check(stream, SPSI_TO_READ);
    if (usable != SPS_OK || byte_count == 0) {
        return usable;
    }
    *received = take_buffered(stream, buffer, byte_count);
    if (*received == byte_count) {
        return SPS_OK;
    }
    size_t count;
    const sps_error error =
        get_rest(stream, (uint8_t *)buffer + *received, byte_count - *received, patience, &count);
    *received += count;
    if (*received == byte_count || (patience == SPSI_NEVER_WAIT && *received > 0)) {
        return SPS_OK;
    }
    if (patience == SPSI_NEVER_WAIT && error == SPS_ERR_BUSY) {
        return SPS_OK;
    }
    return stop_get(stream, error);
}

sps_error sps_stream_get_data(sps_stream *stream, void *buffer, size_t byte_count,
                              size_t *out_received) {
    return get(stream, buffer, byte_count, SPSI_WAIT, out_received);
}

sps_error sps_stream_get_partial_data(sps_stream *stream, void *buffer, size_t byte_count,
                                      size_t *out_received) {
    return get(stream, buffer, byte_count, SPSI_NEVER_WAIT, out_received);
}

sps_error sps_stream_get_available_bytes(sps_stream *stream, size_t *out_bytes) {
    if (stream == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_bytes = 0;
    const sps_error usable = stream->ops->check(stream, SPSI_TO_READ);
    if (usable != SPS_OK) {
        return usable;
    }
    size_t outside = 0;
    sps_error error = SPS_OK;
    if (stream->read_end == SPS_OK) {
        error = stream->ops->available(stream, &outside);
    }
    const size_t size = spsi_byte_queue_size(&stream->in) + stream->early_count;
    if (is_passing(error)) {
        *out_bytes = error != SPS_OK                ? 0
                     : outside < PTRDIFF_MAX - size ? size + outside
                                                    : PTRDIFF_MAX;
        return error;
    }
    return SPS_FAILED;
}

sps_error sps_stream_peek(sps_stream *stream, size_t want_bytes, const uint8_t **out_data,
                          size_t *out_bytes) {
    if (stream == NULL || out_data == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_data = NULL;
    *out_bytes = 0;
    if (!is_length(want_bytes)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const size_t most = (size_t)stream->max_value_bytes + sizeof(uint32_t);
    if (want_bytes > most && want_bytes > stream->read_buffer_bytes) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    const sps_error error = spsi_stream_need(stream, want_bytes, SPSI_NEVER_WAIT);
    *out_bytes = spsi_byte_queue_size(&stream->in);
    *out_data = *out_bytes > 0 ? stream->in.head : NULL;
    return error;
}

sps_error sps_stream_consume(sps_stream *stream, size_t byte_count) {
    if (stream == NULL || !is_length(byte_count)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (byte_count > spsi_byte_queue_size(&stream->in)) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    if (byte_count > 0) {
        spsi_byte_queue_consume(&stream->in, byte_count);
    }
    return SPS_OK;
}

// ---- Writing

static bool may_gather(const sps_stream *stream) {
    return stream->ops->check(stream, SPSI_TO_GATHER) == SPS_OK;
}

static bool may_write(const sps_stream *stream) {
    return stream->ops->check(stream, SPSI_TO_WRITE) == SPS_OK;
}

sps_error spsi_stream_flush(sps_stream *stream) {
    const size_t size = spsi_byte_queue_size(&stream->out);
    if (size == 0) {
        return SPS_OK;
    }
    stream->idle_polls = 0;
    const spsi_slice slice = {stream->out.head, size};
    size_t sent;
    const sps_error error = stream->ops->write(stream, &slice, 1, SPSI_NEVER_WAIT, &sent);
    if (error == SPS_FAILED) {
        spsi_byte_queue_release(&stream->out, &stream->allocator);
        return error;
    }
    if (sent < size) {
        spsi_byte_queue_consume(&stream->out, sent);
        return error == SPS_OK ? SPS_ERR_BUSY : error;
    }
    stream->out.head = stream->out.tail = stream->out.block; // all room is behind the tail again
    return SPS_OK;
}

sps_error spsi_stream_fail_put(sps_stream *stream) {
    spsi_byte_queue_release(&stream->out, &stream->allocator); // a block would take more puts
    if (spsi_byte_queue_size(&stream->in) == 0) {
        spsi_stream_read_ahead(stream);
    }
    if (spsi_byte_queue_size(&stream->in) == 0 && stream->read_end != SPS_OK) {
        finish(stream);
    }
    return SPS_FAILED;
}

// Writes now, and settles a failure.
static sps_error write_now(sps_stream *stream, const spsi_slice *slices, size_t count,
                           spsi_patience patience, size_t *out_sent) {
    const sps_error error = stream->ops->write(stream, slices, count, patience, out_sent);
    return error == SPS_FAILED ? spsi_stream_fail_put(stream) : error;
}

static sps_error flush_now(sps_stream *stream) {
    const sps_error error = spsi_stream_flush(stream);
    return error == SPS_FAILED ? spsi_stream_fail_put(stream) : error;
}

static size_t total_size(const spsi_slice *slices, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += slices[i].size;
    }
    return total;
}

// How many bytes the write buffer takes now. It is offered to the stream first when it is short
// of `wanted`.
static sps_error room_to_gather(sps_stream *stream, size_t wanted, size_t *out_room) {
    *out_room = 0;
    if (stream->write_buffer_bytes - spsi_byte_queue_size(&stream->out) < wanted &&
        may_write(stream) && flush_now(stream) == SPS_FAILED) {
        return SPS_FAILED;
    }
    const size_t size = spsi_byte_queue_size(&stream->out);
    const size_t room = stream->write_buffer_bytes - size;
    size_t reserved = wanted < size ? size : wanted; // the block doubles
    reserved = reserved < FIRST_CHUNK_BYTES ? FIRST_CHUNK_BYTES : reserved;
    reserved = reserved < room ? reserved : room;
    if (!spsi_byte_queue_reserve(&stream->out, &stream->allocator, reserved)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    *out_room = room;
    return SPS_OK;
}

// Takes all of the slices into the write buffer, or nothing.
static sps_error gather(sps_stream *stream, const spsi_slice *slices, size_t count,
                        size_t *out_sent) {
    if (!may_gather(stream)) {
        return SPS_FAILED;
    }
    const size_t total = total_size(slices, count);
    if (total > stream->write_buffer_bytes) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    size_t room;
    const sps_error error = room_to_gather(stream, total, &room);
    if (error != SPS_OK) {
        return error;
    }
    if (room < total) {
        return SPS_ERR_BUSY;
    }
    for (size_t i = 0; i < count; i++) {
        if (slices[i].size > 0) {
            spsi_byte_queue_append(&stream->out, slices[i].data, slices[i].size);
        }
    }
    *out_sent = total;
    return SPS_OK;
}

sps_error spsi_stream_put(sps_stream *stream, const spsi_slice *slices, size_t count,
                          size_t *out_sent) {
    *out_sent = 0;
    if (stream->batching) {
        return gather(stream, slices, count, out_sent);
    }
    const sps_error usable = stream->ops->check(stream, SPSI_TO_WRITE);
    if (usable != SPS_OK || total_size(slices, count) == 0) {
        return usable;
    }
    return write_now(stream, slices, count, SPSI_WAIT, out_sent);
}

sps_error sps_stream_put_data(sps_stream *stream, const void *data, size_t byte_count,
                              size_t *out_sent) {
    size_t unused;
    size_t *sent = out_sent != NULL ? out_sent : &unused;
    *sent = 0;
    if (stream == NULL || !is_length(byte_count) || (data == NULL && byte_count > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_slice slice = {data, byte_count};
    return spsi_stream_put(stream, &slice, 1, sent);
}

static sps_error gather_some(sps_stream *stream, const void *data, size_t byte_count,
                             size_t *out_sent) {
    if (!may_gather(stream)) {
        return SPS_FAILED;
    }
    size_t room;
    const sps_error error = room_to_gather(stream, byte_count, &room);
    if (error != SPS_OK) {
        return error;
    }
    *out_sent = room < byte_count ? room : byte_count;
    if (*out_sent > 0) {
        spsi_byte_queue_append(&stream->out, data, *out_sent);
    }
    return SPS_OK;
}

sps_error sps_stream_put_partial_data(sps_stream *stream, const void *data, size_t byte_count,
                                      size_t *out_sent) {
    size_t unused;
    size_t *sent = out_sent != NULL ? out_sent : &unused;
    *sent = 0;
    if (stream == NULL || !is_length(byte_count) || (data == NULL && byte_count > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (stream->batching) {
        return gather_some(stream, data, byte_count, sent);
    }
    const sps_error usable = stream->ops->check(stream, SPSI_TO_WRITE);
    if (usable != SPS_OK || byte_count == 0) {
        return usable;
    }
    const spsi_slice slice = {data, byte_count};
    const sps_error error = write_now(stream, &slice, 1, SPSI_NEVER_WAIT, sent);
    return error == SPS_ERR_BUSY ? SPS_OK : error;
}

sps_error sps_stream_set_write_batching(sps_stream *stream, bool enabled) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (enabled) {
        stream->batching = true;
        return SPS_OK;
    }
    const bool waits = spsi_byte_queue_size(&stream->out) > 0;
    if (waits && !may_write(stream) && may_gather(stream)) {
        return SPS_ERR_BUSY; // nothing can be sent before the connection stands
    }
    const sps_error error = flush_now(stream);
    if (error == SPS_OK || error == SPS_FAILED) {
        spsi_byte_queue_release(&stream->out, &stream->allocator);
        stream->batching = false;
    }
    return error;
}

sps_error sps_stream_is_write_batching(const sps_stream *stream, bool *out_enabled) {
    if (stream == NULL || out_enabled == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_enabled = stream->batching;
    return SPS_OK;
}

sps_error sps_stream_flush(sps_stream *stream) {
    if (stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_error usable = stream->ops->check(stream, SPSI_TO_WRITE);
    return usable != SPS_OK ? usable : flush_now(stream);
}

sps_error sps_stream_get_pending_write_bytes(const sps_stream *stream, size_t *out_bytes) {
    if (stream == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_bytes = spsi_byte_queue_size(&stream->out);
    return SPS_OK;
}
