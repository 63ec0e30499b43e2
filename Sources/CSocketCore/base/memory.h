// SPDX-License-Identifier: MIT
//
// The one way to memory: the caller's allocator, or malloc.
#ifndef SPSI_MEMORY_H
#define SPSI_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "streampeersocket/options.h"

// Reads the caller's allocator; the default for NULL. False when its struct_size is 0.
bool spsi_allocator_read(const sps_allocator *of_caller, sps_allocator *out_allocator);

// NULL when there is no memory.
void *spsi_allocate(const sps_allocator *allocator, size_t bytes);

// Zeroed; NULL when there is no memory.
void *spsi_allocate_zeroed(const sps_allocator *allocator, size_t bytes);

enum {
    SPSI_CACHE_LINE_BYTES = 64,
    // The memory that alignment costs beside the object. Allocators align to 16 bytes on common
    // machines. So the object moves by 0, 16, 32 or 48 bytes. The rest lies before or behind it.
    SPSI_SLACK_BYTES = 48,
};

// Zeroed, at the beginning of a cache line; anywhere if the allocator aligns to less than 16 bytes.
// The object lies *out_shift bytes into a block of bytes + SPSI_SLACK_BYTES, which
// spsi_free_aligned() frees. NULL without memory.
void *spsi_allocate_aligned(const sps_allocator *allocator, size_t bytes, uint8_t *out_shift);
void spsi_free_aligned(const sps_allocator *allocator, void *object, size_t bytes, uint8_t shift);

// NULL, and block unharmed, when there is no memory.
void *spsi_resize(const sps_allocator *allocator, void *block, size_t old_bytes, size_t new_bytes);

// Makes room in an array for at least `wanted` elements (not 0), and at least a quarter more than
// before. New elements are zero. Returns the array. NULL without memory; array and capacity are
// unchanged then.
void *spsi_grow(const sps_allocator *allocator, void *array, size_t *capacity, size_t wanted,
                size_t element_bytes);

// NULL does nothing.
void spsi_free(const sps_allocator *allocator, void *block, size_t bytes);

#endif
