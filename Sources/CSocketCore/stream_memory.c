// SPDX-License-Identifier: MIT
//
// Where the queues' memory comes from: the stream's allocator, or the blocks that a poller keeps.
#include "stream.h"

static bool has_pool(const sps_stream *stream) {
    return stream->watch != NULL && stream->watch->shares_blocks;
}

// Who remembers where in the read queue something lies is told that it may not be there any more: as long
// as nothing moves, the head goes forward alone.
static void note_move(sps_stream *stream, const spsi_byte_queue *queue) {
    if (queue == &stream->in) {
        stream->read_moves++;
    }
}

bool spsi_stream_reserve(sps_stream *stream, spsi_byte_queue *queue, size_t room, size_t most) {
    if (spsi_byte_queue_room(queue) >= room) {
        return true;
    }
    note_move(stream, queue);
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

void spsi_stream_give_back(sps_stream *stream, spsi_byte_queue *queue) {
    note_move(stream, queue);
    if (!has_pool(stream)) {
        spsi_byte_queue_release(queue, &stream->allocator);
        return;
    }
    if (queue->block != NULL) {
        spsi_block_give(&stream->watch->group->blocks, queue->block,
                        (size_t)(queue->limit - queue->block));
        *queue = (spsi_byte_queue){NULL, NULL, NULL, NULL};
    }
}
