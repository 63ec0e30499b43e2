// SPDX-License-Identifier: MIT
#include "memory.h"

#include <stdlib.h>
#include <string.h>

// Before each block of zlib, which frees it without its size.
enum { HEADER_BYTES = 16 };

static void *reallocate_default(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

bool spsi_gzip_read_struct(const void *of_caller, void *out_ours, size_t size) {
    uint32_t known = 0;
    memset(out_ours, 0, size);
    if (of_caller == NULL) {
        return true;
    }
    memcpy(&known, of_caller, sizeof known);
    memcpy(out_ours, of_caller, known < size ? known : size);
    return known > 0;
}

bool spsi_gzip_read_allocator(const sps_allocator *of_caller, sps_allocator *out_allocator) {
    if (!spsi_gzip_read_struct(of_caller, out_allocator, sizeof *out_allocator)) {
        return false;
    }
    out_allocator->struct_size = sizeof *out_allocator;
    if (out_allocator->reallocate == NULL) {
        out_allocator->reallocate = reallocate_default;
    }
    return true;
}

void *spsi_gzip_allocate(const sps_allocator *allocator, size_t bytes) {
    return allocator->reallocate(allocator->user_data, NULL, 0, bytes);
}

void spsi_gzip_free(const sps_allocator *allocator, void *block, size_t bytes) {
    if (block != NULL) {
        allocator->reallocate(allocator->user_data, block, bytes, 0);
    }
}

// ---- zlib

// Allocates a block with its size in front.
static void *allocate_sized(const sps_allocator *allocator, size_t bytes) {
    uint8_t *block = spsi_gzip_allocate(allocator, HEADER_BYTES + bytes);
    if (block == NULL) {
        return NULL;
    }
    memcpy(block, &bytes, sizeof bytes);
    return block + HEADER_BYTES;
}

static void free_sized(const sps_allocator *allocator, void *sized) {
    if (sized == NULL) {
        return;
    }
    uint8_t *block = (uint8_t *)sized - HEADER_BYTES;
    size_t bytes;
    memcpy(&bytes, block, sizeof bytes);
    spsi_gzip_free(allocator, block, HEADER_BYTES + bytes);
}

voidpf spsi_gzip_zalloc(voidpf of_zlib, uInt items, uInt size) {
    spsi_gzip_heap *heap = of_zlib;
    const size_t bytes = (size_t)items * size;
    if (size != 0 && bytes / size != items) {
        return NULL;
    }
    if (heap->spare != NULL && bytes <= heap->spare_bytes) {
        void *spare = heap->spare;
        heap->spare = NULL;
        return spare;
    }
    return allocate_sized(heap->allocator, bytes);
}

void spsi_gzip_zfree(voidpf of_zlib, voidpf block) {
    const spsi_gzip_heap *heap = of_zlib;
    free_sized(heap->allocator, block);
}

bool spsi_gzip_heap_prepare(spsi_gzip_heap *heap, size_t bytes) {
    heap->spare = allocate_sized(heap->allocator, bytes);
    heap->spare_bytes = bytes;
    return heap->spare != NULL;
}

void spsi_gzip_heap_end(spsi_gzip_heap *heap) {
    free_sized(heap->allocator, heap->spare);
    heap->spare = NULL;
}

// ---- Queue

bool spsi_gzip_queue_open(spsi_gzip_queue *queue, const sps_allocator *allocator, size_t capacity) {
    *queue = (spsi_gzip_queue){spsi_gzip_allocate(allocator, capacity), capacity, 0, 0};
    return queue->block != NULL;
}

void spsi_gzip_queue_close(spsi_gzip_queue *queue, const sps_allocator *allocator) {
    spsi_gzip_free(allocator, queue->block, queue->capacity);
    *queue = (spsi_gzip_queue){NULL, 0, 0, 0};
}

size_t spsi_gzip_queue_room(spsi_gzip_queue *queue) {
    const size_t size = spsi_gzip_queue_size(queue);
    if (size == 0) {
        queue->head = queue->tail = 0;
    } else if (queue->head > 0 && queue->head >= queue->capacity - queue->tail &&
               queue->head >= size) {
        memmove(queue->block, queue->block + queue->head, size);
        queue->head = 0;
        queue->tail = size;
    }
    return queue->capacity - queue->tail;
}

size_t spsi_gzip_queue_take(spsi_gzip_queue *queue, uint8_t *buffer, size_t most) {
    const size_t size = spsi_gzip_queue_size(queue);
    const size_t count = size < most ? size : most;
    if (count > 0) {
        memcpy(buffer, queue->block + queue->head, count);
        spsi_gzip_queue_drop(queue, count);
    }
    return count;
}

void spsi_gzip_queue_drop(spsi_gzip_queue *queue, size_t count) {
    queue->head += count;
}

bool spsi_gzip_queue_append(spsi_gzip_queue *queue, const sps_allocator *allocator,
                            const uint8_t *data, size_t count) {
    if (spsi_gzip_queue_room(queue) < count) {
        const size_t size = spsi_gzip_queue_size(queue);
        size_t capacity = size + count;
        capacity = capacity < 2 * size ? 2 * size : capacity;
        spsi_gzip_queue larger;
        if (!spsi_gzip_queue_open(&larger, allocator, capacity)) {
            return false;
        }
        larger.tail = spsi_gzip_queue_take(queue, larger.block, size);
        spsi_gzip_queue_close(queue, allocator);
        *queue = larger;
    }
    memcpy(queue->block + queue->tail, data, count);
    queue->tail += count;
    return true;
}
