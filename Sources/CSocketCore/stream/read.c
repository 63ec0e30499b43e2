// SPDX-License-Identifier: MIT
//
// How bytes come out of a stream: the read queue, what fills it, and the gets of raw bytes.
#include "stream/stream.h"

#include <assert.h>
#include <string.h>

enum {
    CHUNK_GROWTH = 4,
    // How many read buffers the gets that never wait may read before they let other streams have
    // their turn.
    TURN_BUFFERS = 16,
    TURN_BUFFERS_IN_POLLER = 4,
    LITTLE = 16, // less than this part of its room is little for a read to bring
    // The least that a value larger than the read buffer may grow the queue by, and that such a
    // turn counts.
    LEAST_GROWTH_BYTES = 4096,
    // Polls that find nothing before a drained stream gives its blocks back: about a second of
    // frames.
    IDLE_POLLS = 60,
    PEAK_FADES = 32, // by this part with each read: from 8 MiB to 1 KiB in about 300
};

// Remembers an end, and why it is.
static sps_error record_end(sps_stream *stream, sps_error error) {
    const bool has_failed = error == SPS_FAILED && !stream->ops->outlives_failures;
    if (error == SPS_ERR_FILE_EOF || has_failed) {
        stream->read_end = error;
    }
    return error;
}

// Whether to return the code of the caller's own operation although bytes came with it.
static bool is_reported_with_bytes(const sps_stream *stream, sps_error error) {
    return stream->ops->outlives_failures && stream->read_end == SPS_OK && error != SPS_OK &&
           error != SPS_ERR_BUSY;
}

static size_t take_inline(sps_stream *stream, uint8_t *buffer, size_t most) {
    if (stream->inline_count == 0) {
        return 0;
    }
    const size_t count = stream->inline_count < most ? stream->inline_count : most;
    assert(stream->inline_count <= SPSI_INLINE_BYTES);
    uint8_t *bytes = spsi_stream_inline_bytes(stream);
    memcpy(buffer, bytes, count);
    memmove(bytes, bytes + count, stream->inline_count - count);
    stream->inline_count = (uint8_t)(stream->inline_count - count);
    return count;
}

static size_t turn_limit(const sps_stream *stream) {
    const size_t buffer = stream->read_buffer_bytes < LEAST_GROWTH_BYTES
                              ? LEAST_GROWTH_BYTES
                              : stream->read_buffer_bytes;
    if (stream->watch == NULL) {
        return TURN_BUFFERS * buffer;
    }
    const uint32_t share = stream->watch->group->max_read_bytes;
    return share != UINT32_MAX ? share : TURN_BUFFERS_IN_POLLER * buffer;
}

// Whether gets that never wait have read so much of a peer that one must return ERR_BUSY, once.
// Otherwise a loop of gets would not end while the peer floods.
static bool is_turn_over(sps_stream *stream, spsi_patience patience) {
    const bool is_bounded = patience == SPSI_NEVER_WAIT && stream->kind >= SPSI_KIND_FILTER;
    if (!is_bounded || stream->turn_bytes < turn_limit(stream)) {
        return false;
    }
    stream->turn_bytes = 0;
    stream->was_asked = true;
    spsi_watch_mark_changed(stream->watch); // which reads on
    return true;
}

static void count_turn(sps_stream *stream, size_t count) {
    const size_t left = UINT32_MAX - stream->turn_bytes;
    stream->turn_bytes += (uint32_t)(count < left ? count : left);
}

// Reads once from the stream's operations, remembering the end.
static sps_error read_once(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                           size_t *out_read) {
    const size_t early = take_inline(stream, buffer, most);
    *out_read = early;
    if (early == most) {
        return SPS_OK;
    }
    stream->was_asked = true;
    if (stream->read_end != SPS_OK) {
        return stream->read_end;
    }
    size_t count;
    const sps_error error = stream->ops->read(
        stream, buffer + early, least > early ? least - early : 0, most - early, &count);
    *out_read += count;
    count_turn(stream, count);
    return record_end(stream, error);
}

sps_error spsi_stream_finish(sps_stream *stream) {
    const sps_error end = stream->read_end;
    spsi_stream_give_back(stream, &stream->in);
    return stream->ops->ended(stream, end);
}

// The room to read `need` bytes into: the chunk, or the missing bytes of a larger value. At most
// the read buffer, or as much again as has arrived. So a length that a peer only claims costs
// nothing.
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

size_t spsi_stream_room_for_wanted(const sps_stream *stream) {
    return room_for(stream, stream->wanted_bytes);
}

static void grow_chunk(sps_stream *stream) {
    const uint32_t most = stream->read_buffer_bytes;
    const uint32_t chunk = stream->read_chunk_bytes;
    stream->read_chunk_bytes = chunk > most / CHUNK_GROWTH ? most : chunk * CHUNK_GROWTH;
}

// In a poller, where no idle polls are counted, a read that brings little makes the next smaller.
static void shrink_chunk(sps_stream *stream) {
    const uint32_t smaller = stream->read_chunk_bytes / CHUNK_GROWTH;
    if (smaller >= SPSI_FIRST_BLOCK_BYTES && smaller > spsi_byte_queue_size(&stream->in)) {
        stream->read_chunk_bytes = smaller;
    }
}

static void adapt_chunk(sps_stream *stream, size_t count, size_t room) {
    if (count == room) {
        grow_chunk(stream);
    } else if (count > 0 && count < room / LITTLE && stream->watch != NULL) {
        shrink_chunk(stream);
    }
}

// Marks that bytes have come, for the poller to report.
static void mark_new_bytes(sps_stream *stream, size_t count) {
    if (count > 0 && stream->watch != NULL) {
        stream->has_new_bytes = true;
        spsi_watch_mark_changed(stream->watch);
    }
}

// Accounts for a read of `count` bytes behind the tail, which had room for `room`.
static void account_read(sps_stream *stream, size_t count, size_t room) {
    if (count > 0) {
        spsi_byte_queue_produce(&stream->in, count);
    }
    adapt_chunk(stream, count, room);
}

// The block, and what is read at once, follow what was held lately, not what a large value has
// needed once.
static void track_peak(sps_stream *stream) {
    const size_t size = spsi_byte_queue_size(&stream->in);
    const size_t faded = stream->peak_bytes - stream->peak_bytes / PEAK_FADES;
    const size_t peak = size > faded ? size : faded;
    stream->peak_bytes = peak < UINT32_MAX ? (uint32_t)peak : UINT32_MAX;
    if (peak < stream->read_chunk_bytes / LITTLE) {
        shrink_chunk(stream);
    }
    const size_t chunk = stream->read_chunk_bytes;
    const size_t least = chunk > SPSI_FIRST_BLOCK_BYTES ? chunk : SPSI_FIRST_BLOCK_BYTES;
    spsi_stream_trim(stream, peak > least ? peak : least);
}

// Reads once into the queue, `room` bytes at most. A read that fills it all makes the next larger.
static sps_error read_into_queue(sps_stream *stream, size_t least, size_t room) {
    if (!spsi_stream_reserve(stream, &stream->in, room, SIZE_MAX)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    size_t count;
    const sps_error error = read_once(stream, stream->in.tail, least, room, &count);
    account_read(stream, count, room);
    mark_new_bytes(stream, count);
    track_peak(stream);
    return error;
}

void spsi_stream_account_read(sps_stream *stream, sps_error error, size_t count, size_t room) {
    account_read(stream, count, room);
    stream->has_new_bytes = stream->has_new_bytes || count > 0;
    record_end(stream, error);
}

sps_error spsi_stream_read_ready(sps_stream *stream, size_t room) {
    const sps_error error = read_into_queue(stream, 0, room);
    return error == SPS_ERR_OUT_OF_MEMORY ? error : SPS_OK;
}

// Records the bytes that a get has missed, so the poller makes room for them.
static void record_want(sps_stream *stream, size_t need, sps_error found) {
    stream->wanted_bytes = found == SPS_ERR_BUSY && need <= UINT32_MAX ? (uint32_t)need : 0;
    if (stream->wanted_bytes > stream->read_chunk_bytes) {
        spsi_watch_mark_changed(stream->watch); // smaller ones have room as it is
    }
}

// The end of a stream in place, for one call only. A later put may bring enough bytes; waiting
// cannot. The code is Godot's.
static sps_error end_in_place(sps_stream *stream, spsi_patience patience) {
    if (patience == SPSI_NEVER_WAIT) {
        return SPS_ERR_BUSY;
    }
    stream->read_end = SPS_ERR_INVALID_PARAMETER;
    return stream->read_end;
}

static sps_error fill(sps_stream *stream, size_t need, size_t want, spsi_patience patience) {
    const sps_error usable = stream->ops->check(stream, SPSI_TO_READ);
    if (usable != SPS_OK) {
        return usable;
    }
    while (spsi_byte_queue_size(&stream->in) < need) {
        if (stream->read_end != SPS_OK && stream->inline_count == 0) {
            return stream->read_end;
        }
        if (stream->ops->in_place) {
            return end_in_place(stream, patience);
        }
        if (is_turn_over(stream, patience)) {
            return SPS_ERR_BUSY;
        }
        const size_t missing = need - spsi_byte_queue_size(&stream->in);
        const size_t room = room_for(stream, want);
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

void spsi_stream_make_room(sps_stream *stream, size_t need) {
    const size_t size = spsi_byte_queue_size(&stream->in);
    if (!stream->ops->in_place && need > size && spsi_byte_queue_spare(&stream->in) < need - size) {
        const size_t room = size < SPSI_FIRST_BLOCK_BYTES ? SPSI_FIRST_BLOCK_BYTES : size;
        spsi_stream_reserve(stream, &stream->in, room, SIZE_MAX);
    }
}

sps_error spsi_stream_fill_on(sps_stream *stream, size_t need, size_t want,
                              spsi_patience patience) {
    const sps_error error = fill(stream, need, want, patience);
    if (error == SPS_ERR_BUSY) {
        stream->turn_bytes = 0; // the caller's loop ends here
    }
    if (need > 0) {
        record_want(stream, want, error);
    }
    return error;
}

sps_error spsi_stream_fill(sps_stream *stream, size_t need, spsi_patience patience) {
    return spsi_stream_fill_on(stream, need, need, patience);
}

// A drained stream that was idle for a while gives its memory back.
static void count_idle_poll(sps_stream *stream) {
    if (++stream->idle_polls < IDLE_POLLS) {
        return;
    }
    spsi_stream_give_back(stream, &stream->in);
    if (spsi_byte_queue_size(&stream->out) == 0) {
        spsi_stream_give_back(stream, &stream->out);
    }
    stream->idle_polls = 0;
    spsi_stream_reset_chunk(stream);
}

// Reads the first bytes after an idle time without a block, and takes one if bytes came. The next
// read brings further bytes.
static sps_error read_inline(sps_stream *stream) {
    const size_t most =
        stream->read_chunk_bytes < SPSI_INLINE_BYTES ? stream->read_chunk_bytes : SPSI_INLINE_BYTES;
    size_t count;
    const sps_error error = read_once(stream, spsi_stream_inline_bytes(stream), 0, most, &count);
    assert(count <= most);
    stream->inline_count = (uint8_t)count;
    if (count == 0) {
        count_idle_poll(stream);
        return error == SPS_ERR_OUT_OF_MEMORY ? error : SPS_OK;
    }
    if (!spsi_stream_reserve(stream, &stream->in, stream->read_chunk_bytes, SIZE_MAX)) {
        spsi_watch_mark_changed(stream->watch); // which tries again
        return SPS_ERR_OUT_OF_MEMORY;
    }
    spsi_byte_queue_produce(&stream->in, take_inline(stream, stream->in.tail, count));
    mark_new_bytes(stream, count);
    stream->idle_polls = 0;
    return SPS_OK;
}

sps_error spsi_stream_read_ahead(sps_stream *stream) {
    stream->turn_bytes = 0;
    const size_t size = spsi_byte_queue_size(&stream->in);
    if (size >= stream->read_chunk_bytes || stream->read_end != SPS_OK) {
        return SPS_OK;
    }
    if (stream->in.block == NULL && stream->inline_count == 0) {
        return read_inline(stream);
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

// A get came to `error` with fewer bytes than it wants. When that is the end and nothing is left to
// read, the stream closes. A get that waits answers the end even if the stream stays open to send.
static sps_error stop_get(sps_stream *stream, sps_error error, spsi_patience patience) {
    const bool at_end = stream->read_end != SPS_OK && error == stream->read_end;
    if (at_end && spsi_byte_queue_size(&stream->in) == 0) {
        const sps_error finished = spsi_stream_finish(stream);
        return patience == SPSI_WAIT ? error : finished;
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
        spsi_stream_finish(stream);
        return error;
    }
    return stop_get(stream, error, patience);
}

static size_t take_buffered(sps_stream *stream, uint8_t *buffer, size_t byte_count) {
    const size_t size = spsi_byte_queue_size(&stream->in);
    const size_t count = size < byte_count ? size : byte_count;
    if (count > 0) {
        spsi_byte_queue_take(&stream->in, buffer, count);
    }
    return count;
}

// Reads the rest of a get after the queue was drained into the caller's buffer. Small pieces go
// through the queue, so one syscall serves many gets. Large ones go straight to the caller, and so
// do pieces without memory for the queue. Bytes leave the queue in their order.
static sps_error get_rest(sps_stream *stream, uint8_t *buffer, size_t byte_count,
                          spsi_patience patience, size_t *out_count) {
    *out_count = 0;
    if (byte_count < stream->read_chunk_bytes || stream->ops->in_place) {
        const size_t need = patience == SPSI_WAIT ? byte_count : 1;
        const sps_error error = spsi_stream_fill(stream, need, patience);
        *out_count = take_buffered(stream, buffer, byte_count);
        if (error != SPS_ERR_OUT_OF_MEMORY) {
            return error;
        }
    }
    if (is_turn_over(stream, patience)) {
        return SPS_ERR_BUSY;
    }
    const size_t left = byte_count - *out_count;
    size_t count;
    const sps_error error =
        read_once(stream, buffer + *out_count, patience == SPSI_WAIT ? left : 0, left, &count);
    *out_count += count;
    if (count == byte_count) {
        grow_chunk(stream);
    }
    return error;
}

// A get with a timeout must consume nothing if it times out. So all of its bytes go through the
// queue.
static sps_error get_in_time(sps_stream *stream, uint8_t *buffer, size_t byte_count,
                             size_t *out_received) {
    const sps_error error = spsi_stream_fill(stream, byte_count, SPSI_WAIT);
    if (error == SPS_ERR_TIMEOUT || error == SPS_ERR_OUT_OF_MEMORY) {
        return error;
    }
    *out_received = take_buffered(stream, buffer, byte_count);
    return *out_received == byte_count ? SPS_OK : stop_get(stream, error, SPSI_WAIT);
}

static sps_error get(sps_stream *stream, void *buffer, size_t byte_count, spsi_patience patience,
                     size_t *out_received) {
    size_t unused;
    size_t *received = out_received != NULL ? out_received : &unused;
    *received = 0;
    if (stream == NULL || !spsi_is_length(byte_count) || (buffer == NULL && byte_count > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_error usable = stream->ops->check(stream, SPSI_TO_READ);
    if (usable != SPS_OK || byte_count == 0) {
        return usable;
    }
    spsi_stream_begin(stream);
    if (patience == SPSI_WAIT && stream->io_timeout_ms != 0) {
        return get_in_time(stream, buffer, byte_count, received);
    }
    *received = take_buffered(stream, buffer, byte_count);
    if (*received == byte_count) {
        return SPS_OK;
    }
    size_t count;
    const sps_error error =
        get_rest(stream, (uint8_t *)buffer + *received, byte_count - *received, patience, &count);
    *received += count;
    if (*received == 0) {
        stream->turn_bytes = 0;
    }
    if (is_reported_with_bytes(stream, error)) {
        return error;
    }
    if (*received == byte_count || (patience == SPSI_NEVER_WAIT && *received > 0)) {
        return SPS_OK;
    }
    const sps_error stopped = stop_get(stream, error, patience);
    return patience == SPSI_NEVER_WAIT && stopped == SPS_ERR_BUSY ? SPS_OK : stopped;
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
    const sps_error usable = stream->ops->check(stream, SPSI_TO_COUNT);
    if (usable != SPS_OK) {
        return usable;
    }
    size_t outside = 0;
    sps_error error = SPS_OK;
    if (stream->read_end == SPS_OK) {
        error = stream->ops->available(stream, &outside);
    }
    const size_t size = spsi_byte_queue_size(&stream->in) + stream->inline_count;
    if (error == SPS_OK) {
        *out_bytes = outside < PTRDIFF_MAX - size ? size + outside : PTRDIFF_MAX;
    }
    return error;
}

sps_error sps_stream_peek(sps_stream *stream, size_t want_bytes, const uint8_t **out_data,
                          size_t *out_bytes) {
    if (stream == NULL || out_data == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_data = NULL;
    *out_bytes = 0;
    if (!spsi_is_length(want_bytes)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const size_t most = (size_t)stream->max_value_bytes + sizeof(uint32_t);
    if (want_bytes > most && want_bytes > stream->read_buffer_bytes) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    const size_t size = spsi_byte_queue_size(&stream->in);
    sps_error error = SPS_OK;
    if (size == 0 || size < want_bytes) {
        error = spsi_stream_need(stream, want_bytes, SPSI_NEVER_WAIT);
    } else if (want_bytes > 0) {
        stream->wanted_bytes = 0;
    }
    *out_bytes = spsi_byte_queue_size(&stream->in);
    *out_data = *out_bytes > 0 ? stream->in.head : NULL;
    return error;
}

sps_error sps_stream_consume(sps_stream *stream, size_t byte_count) {
    if (stream == NULL || !spsi_is_length(byte_count)) {
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
