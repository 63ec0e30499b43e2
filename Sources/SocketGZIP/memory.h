// SPDX-License-Identifier: MIT
//
// Memory of a gzip stream: the caller's allocator, also for zlib, and a byte queue.
#ifndef SPSI_GZIP_MEMORY_H
#define SPSI_GZIP_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// zlib then promises not to write to its input.
#define ZLIB_CONST
#include <zlib.h>

#include "streampeersocket/options.h"

// Reads the fields that the caller knows; the others are zero. NULL reads as all zero. False if
// struct_size is 0.
bool spsi_gzip_read_struct(const void *of_caller, void *out_ours, size_t size);

// Reads the caller's allocator; malloc for NULL. False if struct_size is 0.
bool spsi_gzip_read_allocator(const sps_allocator *of_caller, sps_allocator *out_allocator);

// NULL without memory.
void *spsi_gzip_allocate(const sps_allocator *allocator, size_t bytes);

// NULL does nothing.
void spsi_gzip_free(const sps_allocator *allocator, void *block, size_t bytes);

// The memory of one zlib state. A spare block serves a later request of at most its size, so that
// an allocation that zlib delays cannot fail then.
typedef struct spsi_gzip_heap {
    const sps_allocator *allocator;
    void *spare;
    size_t spare_bytes;
} spsi_gzip_heap;

// The functions of z_stream; opaque is the heap.
voidpf spsi_gzip_zalloc(voidpf heap, uInt items, uInt size);
void spsi_gzip_zfree(voidpf heap, voidpf block);

// Prepares the spare block. False without memory.
bool spsi_gzip_heap_prepare(spsi_gzip_heap *heap, size_t bytes);
void spsi_gzip_heap_end(spsi_gzip_heap *heap);

// ---- Queue

// Bytes from head to tail in a block.
typedef struct spsi_gzip_queue {
    uint8_t *block;
    size_t capacity;
    size_t head, tail;
} spsi_gzip_queue;

static inline size_t spsi_gzip_queue_size(const spsi_gzip_queue *queue) {
    return queue->tail - queue->head;
}

// Takes the block. False without memory.
bool spsi_gzip_queue_open(spsi_gzip_queue *queue, const sps_allocator *allocator, size_t capacity);
void spsi_gzip_queue_close(spsi_gzip_queue *queue, const sps_allocator *allocator);

// Returns the room behind the tail. Moves the bytes to the front if that at least doubles the room,
// so a byte moves about once.
size_t spsi_gzip_queue_room(spsi_gzip_queue *queue);

// Copies the first bytes, at most `most`, and drops them. Returns their count.
size_t spsi_gzip_queue_take(spsi_gzip_queue *queue, uint8_t *buffer, size_t most);
void spsi_gzip_queue_drop(spsi_gzip_queue *queue, size_t count);

// Appends the bytes; the block grows if it must. False, and nothing changed, without memory.
bool spsi_gzip_queue_append(spsi_gzip_queue *queue, const sps_allocator *allocator,
                            const uint8_t *data, size_t count);

#endif
