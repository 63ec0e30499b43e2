// SPDX-License-Identifier: MIT
//
// Blocks of memory that are kept for whoever needs one next: a free list for each power of two from
// 1 KiB to 64 KiB. The last that was given back is the first that is taken, while it is in the caches.
#ifndef SPSI_BLOCK_POOL_H
#define SPSI_BLOCK_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "streampeersocket/options.h"

enum {
    SPSI_LEAST_BLOCK_BYTES = 1024,
    SPSI_BLOCK_SIZES = 7,
    SPSI_MOST_BLOCK_BYTES = SPSI_LEAST_BLOCK_BYTES << (SPSI_BLOCK_SIZES - 1),
};

typedef struct spsi_block_pool {
    const sps_allocator *allocator;
    void *first[SPSI_BLOCK_SIZES]; // each free block begins with the address of the next
    size_t kept_bytes;
    size_t most_bytes;
} spsi_block_pool;

// The least size of a block that holds so many bytes; 0 when that is none of the pool's.
size_t spsi_block_size_for(size_t bytes);

// A block of one of the pool's sizes, from the free list or the allocator; NULL when there is no memory.
void *spsi_block_take(spsi_block_pool *pool, size_t block_bytes);

// Takes a block back that was allocated with the pool's allocator, of any size: it is kept when it fits.
void spsi_block_give(spsi_block_pool *pool, void *block, size_t block_bytes);

// Frees all that is kept.
void spsi_block_pool_release(spsi_block_pool *pool);

#endif
