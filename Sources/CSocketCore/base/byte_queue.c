// SPDX-License-Identifier: MIT
#include "base/byte_queue.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

static void move_to_front(spsi_byte_queue *queue) {
    const size_t size = spsi_byte_queue_size(queue);
    if (queue->head != queue->block) {
        memmove(queue->block, queue->head, size);
        queue->head = queue->block;
        queue->tail = queue->block + size;
    }
}

bool spsi_byte_queue_reserve(spsi_byte_queue *queue, const sps_allocator *allocator, size_t room) {
    if (spsi_byte_queue_room(queue) >= room) {
        return true;
    }
    move_to_front(queue);
    const size_t size = spsi_byte_queue_size(queue);
    const size_t capacity = spsi_byte_queue_capacity(queue);
    if (capacity - size >= room) {
        return true;
    }
    if (room > SIZE_MAX - size) {
        return false;
    }
    uint8_t *block = spsi_resize(allocator, queue->block, capacity, size + room);
    if (block == NULL) {
        return false;
    }
    *queue = (spsi_byte_queue){
        .head = block, .tail = block + size, .block = block, .limit = block + size + room};
    return true;
}

uint8_t *spsi_byte_queue_move(spsi_byte_queue *queue, uint8_t *block, size_t block_bytes,
                              size_t *out_before_bytes) {
    const size_t size = spsi_byte_queue_size(queue);
    assert(size <= block_bytes);
    uint8_t *before = queue->block;
    *out_before_bytes = spsi_byte_queue_capacity(queue);
    if (size > 0) {
        memcpy(block, queue->head, size);
    }
    *queue = (spsi_byte_queue){
        .head = block, .tail = block + size, .block = block, .limit = block + block_bytes};
    return before;
}

void spsi_byte_queue_append(spsi_byte_queue *queue, const void *bytes, size_t count) {
    assert(count <= spsi_byte_queue_room(queue));
    memcpy(queue->tail, bytes, count);
    queue->tail += count;
}

void spsi_byte_queue_take(spsi_byte_queue *queue, void *out, size_t count) {
    assert(count <= spsi_byte_queue_size(queue));
    memcpy(out, queue->head, count);
    queue->head += count;
}

void spsi_byte_queue_close_room(spsi_byte_queue *queue) {
    const size_t size = spsi_byte_queue_size(queue);
    if (size > 0) {
        memmove(queue->limit - size, queue->head, size);
    }
    queue->head = queue->limit - size;
    queue->tail = queue->limit;
}

void spsi_byte_queue_release(spsi_byte_queue *queue, const sps_allocator *allocator) {
    spsi_free(allocator, queue->block, spsi_byte_queue_capacity(queue));
    *queue = (spsi_byte_queue){NULL, NULL, NULL, NULL};
}
