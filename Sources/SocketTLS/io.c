// SPDX-License-Identifier: MIT
#include "io.h"

#include <stdlib.h>
#include <string.h>

#include "streampeersocket/custom.h"

enum {
    // A call of an operation fetches so much: four of the largest records, which fill a read buffer
    // of the default size.
    CALL_BYTES = 4 * (16384 + 512),
    // A write of this size goes to the stream below without a copy.
    DIRECT_BYTES = 4096,
    // A peer that asks for answers and reads none of them stops being read at this limit.
    PENDING_LIMIT_BYTES = 128 * 1024,
};

void *spsi_tls_reallocate(const sps_allocator *allocator, void *block, size_t old_bytes,
                          size_t new_bytes) {
    if (allocator->reallocate != NULL) {
        return block == NULL && new_bytes == 0
                   ? NULL
                   : allocator->reallocate(allocator->user_data, block, old_bytes, new_bytes);
    }
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

static void free_pending(spsi_tls_io *io) {
    io->pending = spsi_tls_reallocate(&io->allocator, io->pending, io->capacity, 0);
    io->begin = io->end = io->capacity = 0;
}

void spsi_tls_io_open(spsi_tls_io *io, sps_stream *base) {
    spsi_tls_io_close(io);
    io->base = base;
    sps_stream *below;
    io->is_bounded = sps_custom_get_base(base, &below) != SPS_OK;
}

void spsi_tls_io_close(spsi_tls_io *io) {
    free_pending(io);
    io->base = NULL;
    io->gathers = io->is_direct = io->is_refused = false;
    io->read_end = io->write_end = io->trouble = SPS_OK;
}

void spsi_tls_io_begin(spsi_tls_io *io) {
    io->trouble = SPS_OK;
    io->has_read = false;
    io->budget = CALL_BYTES;
}

static bool is_end(sps_error error) {
    return error == SPS_ERR_FILE_EOF || error == SPS_FAILED;
}

// The bytes that the stream below returns without a syscall.
static size_t buffered(const spsi_tls_io *io) {
    const uint8_t *data;
    size_t count = 0;
    sps_stream_peek(io->base, 0, &data, &count);
    return count;
}

size_t spsi_tls_io_read(spsi_tls_io *io, uint8_t *buffer, size_t most) {
    if (io->read_end != SPS_OK || io->base == NULL) {
        return 0;
    }
    if (io->budget == 0 && io->is_bounded) {
        const size_t left = buffered(io);
        most = left < most ? left : most;
    }
    if (most == 0) {
        return 0;
    }
    size_t count = 0;
    io->has_read = true;
    const sps_error error = sps_stream_get_partial_data(io->base, buffer, most, &count);
    if (is_end(error)) {
        io->read_end = error;
    } else if (error != SPS_OK && error != SPS_ERR_BUSY) {
        io->trouble = error;
    }
    io->budget -= count < io->budget ? count : io->budget;
    return count;
}

bool spsi_tls_io_may_read_on(const spsi_tls_io *io) {
    const bool has_share = !io->has_read || io->budget > 0 || !io->is_bounded;
    return io->base != NULL && has_share && (!io->has_read || buffered(io) > 0);
}

static void record_write(spsi_tls_io *io, sps_error error) {
    if (error == SPS_ERR_OUT_OF_MEMORY) {
        io->trouble = error;
    } else if (is_end(error)) {
        io->write_end = error;
    }
}

// Offers bytes to the stream below, without a copy if it sends them at once. Returns how many it
// took.
static size_t offer(spsi_tls_io *io, const uint8_t *data, size_t byte_count) {
    size_t sent = 0;
    record_write(io, sps_stream_put_partial_data(io->base, data, byte_count, &sent));
    return sent;
}

// Hands bytes to the write buffer of the stream below, which sends them when it can.
static bool hand_over(spsi_tls_io *io, const uint8_t *data, size_t byte_count) {
    void *memory;
    size_t room;
    sps_error error = sps_stream_reserve(io->base, byte_count, &memory, &room);
    if (error == SPS_OK) {
        memcpy(memory, data, byte_count);
        error = sps_stream_commit(io->base, byte_count);
    }
    record_write(io, error);
    return error == SPS_OK;
}

bool spsi_tls_io_flush(spsi_tls_io *io) {
    if (spsi_tls_io_has_pending(io) && io->write_end == SPS_OK) {
        io->begin += offer(io, io->pending + io->begin, io->end - io->begin);
    }
    if (spsi_tls_io_has_pending(io) && io->write_end == SPS_OK &&
        hand_over(io, io->pending + io->begin, io->end - io->begin)) {
        io->begin = io->end;
    }
    if ((!spsi_tls_io_has_pending(io) && !io->is_direct) || io->write_end != SPS_OK) {
        free_pending(io);
    }
    return !spsi_tls_io_has_pending(io);
}

bool spsi_tls_io_has_room(spsi_tls_io *io, size_t byte_count) {
    if (!spsi_tls_io_flush(io)) {
        return false;
    }
    if (io->write_end != SPS_OK || io->base == NULL) {
        return true;
    }
    size_t unsent = 0;
    sps_stream_get_pending_write_bytes(io->base, &unsent);
    if (unsent == 0) {
        return true; // its write buffer takes what it does not send at once
    }
    void *memory;
    size_t room;
    const sps_error error = sps_stream_reserve(io->base, byte_count, &memory, &room);
    record_write(io, error);
    // A stream without a write buffer takes what it takes, and the rest waits here.
    return error != SPS_ERR_BUSY && error != SPS_ERR_OUT_OF_MEMORY;
}

bool spsi_tls_io_sends_at_once(const spsi_tls_io *io) {
    bool is_batching = false;
    size_t unsent = 0;
    sps_stream_is_write_batching(io->base, &is_batching);
    sps_stream_get_pending_write_bytes(io->base, &unsent);
    return io->base != NULL && !is_batching && unsent == 0;
}

bool spsi_tls_io_reserve(spsi_tls_io *io, size_t byte_count) {
    const size_t size = io->end - io->begin;
    if (io->capacity - io->end < byte_count && io->begin > 0) {
        memmove(io->pending, io->pending + io->begin, size);
        io->begin = 0;
        io->end = size;
    }
    if (io->capacity - io->end < byte_count) {
        const size_t needed = size + byte_count;
        const size_t capacity = needed < 2 * io->capacity ? 2 * io->capacity : needed;
        uint8_t *block = spsi_tls_reallocate(&io->allocator, io->pending, io->capacity, capacity);
        if (block == NULL) {
            io->trouble = SPS_ERR_OUT_OF_MEMORY;
            return false;
        }
        io->pending = block;
        io->capacity = capacity;
    }
    return true;
}

size_t spsi_tls_io_write(spsi_tls_io *io, const uint8_t *data, size_t byte_count) {
    const bool is_full = io->end - io->begin + byte_count > PENDING_LIMIT_BYTES;
    if (is_full && !spsi_tls_io_flush(io)) {
        return 0;
    }
    const bool is_direct = !io->gathers && (io->is_direct || byte_count >= DIRECT_BYTES);
    size_t sent = 0;
    if (is_direct && io->write_end == SPS_OK && spsi_tls_io_flush(io) && io->base != NULL) {
        sent = offer(io, data, byte_count);
    }
    const size_t left = byte_count - sent;
    if (io->write_end != SPS_OK || io->base == NULL || left == 0) {
        return byte_count; // if nothing can leave any more, the peer's bytes are still of use
    }
    if (!spsi_tls_io_reserve(io, left)) {
        return sent;
    }
    memcpy(io->pending + io->end, data + sent, left);
    io->end += left;
    return byte_count;
}
