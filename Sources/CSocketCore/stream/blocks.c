// SPDX-License-Identifier: MIT
//
// Where the queues' memory comes from: the stream's allocator, or the blocks that a poller keeps.
#include "base/memory.h"
#include "stream/stream.h"

static bool has_pool(const sps_stream *stream) {
    return stream->watch != NULL && stream->watch->shares_blocks;
}

// Counts moves of the read queue's bytes, for code that keeps a place in the queue. Without a move,
// only the head advances. A move of the write queue ends the loan of its memory.
static void count_move(sps_stream *stream, const spsi_byte_queue *queue) {
    if (queue == &stream->in) {
        stream->read_moves++;
    } else {
        stream->lent_at = 0;
    }
}

bool spsi_stream_reserve(sps_stream *stream, spsi_byte_queue *queue, size_t room, size_t most) {
    if (spsi_byte_queue_room(queue) >= room) {
        return true;
    }
    count_move(stream, queue);
    if (!has_pool(stream) || spsi_byte_queue_spare(queue) >= room) {
        return spsi_byte_queue_reserve(queue, &stream->allocator, room);
    }
    const size_t needed = spsi_byte_queue_size(queue) + room;
    const size_t bytes = spsi_block_size_for(needed);
    if (bytes == 0 || bytes > most) {
        return spsi_byte_queue_reserve(queue, &stream->allocator, room);
    }
    uint8_t *block = spsi_block_take(&stream->watch->group->blocks, bytes);
    if (block == NULL) {
        return false;
    }
    if (queue->block == NULL) {
        *queue = (spsi_byte_queue){block, block, block, block + bytes};
        return true;
    }
    size_t before_bytes;
    uint8_t *before = spsi_byte_queue_move(queue, block, bytes, &before_bytes);
    spsi_block_give(&stream->watch->group->blocks, before, before_bytes);
    return true;
}

// A block of a size of the pool, or of exactly so many bytes if the pool has none.
static uint8_t *take_block(sps_stream *stream, size_t bytes, size_t *out_bytes) {
    const size_t pooled = has_pool(stream) ? spsi_block_size_for(bytes) : 0;
    *out_bytes = pooled != 0 ? pooled : bytes;
    return pooled != 0 ? spsi_block_take(&stream->watch->group->blocks, pooled)
                       : spsi_allocate(&stream->allocator, bytes);
}

static void free_block(sps_stream *stream, uint8_t *block, size_t bytes) {
    if (has_pool(stream)) {
        spsi_block_give(&stream->watch->group->blocks, block, bytes);
    } else {
        spsi_free(&stream->allocator, block, bytes);
    }
}

// Trimming copies what is left and takes a block, so it has to be worth it.
enum { SPARE_FACTOR = 4 };

void spsi_stream_trim(sps_stream *stream, size_t least) {
    spsi_byte_queue *queue = &stream->in;
    const size_t size = spsi_byte_queue_size(queue);
    const size_t wanted = size > least ? size : least;
    if (stream->ops->in_place || spsi_byte_queue_capacity(queue) / SPARE_FACTOR <= wanted) {
        return;
    }
    if (size == 0) {
        spsi_stream_give_back(stream, queue);
        return;
    }
    size_t bytes, before_bytes;
    uint8_t *block = take_block(stream, wanted, &bytes);
    if (block == NULL) {
        return;
    }
    count_move(stream, queue);
    uint8_t *before = spsi_byte_queue_move(queue, block, bytes, &before_bytes);
    free_block(stream, before, before_bytes);
}

void spsi_stream_give_back(sps_stream *stream, spsi_byte_queue *queue) {
    count_move(stream, queue);
    if (queue->block != NULL) {
        free_block(stream, queue->block, spsi_byte_queue_capacity(queue));
    }
    *queue = (spsi_byte_queue){NULL, NULL, NULL, NULL};
}
