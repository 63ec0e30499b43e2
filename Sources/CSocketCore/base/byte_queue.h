// SPDX-License-Identifier: MIT
//
// A first-in, first-out queue of bytes whose readable bytes are one contiguous span:
//
//     block          head            tail          limit
//       | free again  | readable bytes | room        |
//
// It owns one block from the caller's allocator, taken when room is first reserved. It grows
// only when asked to; an empty queue has four NULL pointers and owns nothing.
#ifndef SPSI_BYTE_QUEUE_H
#define SPSI_BYTE_QUEUE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "streampeersocket/options.h"

typedef struct spsi_byte_queue {
    uint8_t *block;
    uint8_t *head;
    uint8_t *tail;
    uint8_t *limit;
} spsi_byte_queue;

static inline size_t spsi_byte_queue_size(const spsi_byte_queue *queue) {
    return (size_t)(queue->tail - queue->head);
}

// Room behind the tail, without moving anything.
static inline size_t spsi_byte_queue_room(const spsi_byte_queue *queue) {
    return (size_t)(queue->limit - queue->tail);
}

static inline size_t spsi_byte_queue_capacity(const spsi_byte_queue *queue) {
    return (size_t)(queue->limit - queue->block);
}

// Room that the block has without growing, before the head and behind the tail.
static inline size_t spsi_byte_queue_spare(const spsi_byte_queue *queue) {
    return spsi_byte_queue_capacity(queue) - spsi_byte_queue_size(queue);
}

// Makes sure that `room` bytes fit behind the tail, by moving the readable bytes to the front
// of the block or by growing it. False, and nothing changed, when there is no memory.
bool spsi_byte_queue_reserve(spsi_byte_queue *queue, const sps_allocator *allocator, size_t room);

// Moves the readable bytes to another block, which is large enough. Returns the old block and its
// size; NULL and 0 if there was none.
uint8_t *spsi_byte_queue_move(spsi_byte_queue *queue, uint8_t *block, size_t block_bytes,
                              size_t *out_before_bytes);

// Adds bytes that were written behind the tail; at most the room there.
static inline void spsi_byte_queue_produce(spsi_byte_queue *queue, size_t count) {
    assert(count <= spsi_byte_queue_room(queue));
    queue->tail += count;
}

// Copies bytes behind the tail; at most the room there.
void spsi_byte_queue_append(spsi_byte_queue *queue, const void *bytes, size_t count);

// Drops bytes at the head; at most the size.
static inline void spsi_byte_queue_consume(spsi_byte_queue *queue, size_t count) {
    assert(count <= spsi_byte_queue_size(queue));
    queue->head += count;
}

// Copies bytes from the head out and drops them; at most the size.
void spsi_byte_queue_take(spsi_byte_queue *queue, void *out, size_t count);

// Moves the readable bytes to the end of the block, so that there is no room behind the tail.
void spsi_byte_queue_close_room(spsi_byte_queue *queue);

// Drops everything and gives the block back.
void spsi_byte_queue_release(spsi_byte_queue *queue, const sps_allocator *allocator);

#endif
