// SPDX-License-Identifier: MIT
//
// A pool of free memory blocks: a free list for each power of two from 1 KiB to 64 KiB. Each list
// is last in, first out, because the last block is still in the cache.
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

// The smallest block size for so many bytes. 0 if the pool has no such size.
size_t spsi_block_size_for(size_t bytes);

// Takes a block of one of the pool's sizes, from the free list or the allocator. NULL without
// memory.
void *spsi_block_take(spsi_block_pool *pool, size_t block_bytes);

// Gives back a block of any size from the pool's allocator. The pool keeps it if there is room.
void spsi_block_give(spsi_block_pool *pool, void *block, size_t block_bytes);

// Frees all blocks that the pool keeps.
void spsi_block_pool_release(spsi_block_pool *pool);

#endif
