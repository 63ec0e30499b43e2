// SPDX-License-Identifier: MIT
#include "base/block_pool.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"

// SPSI_BLOCK_SIZES when it is none of the pool's.
static unsigned index_of(size_t block_bytes) {
    unsigned index = 0;
    while (index < SPSI_BLOCK_SIZES && (size_t)SPSI_LEAST_BLOCK_BYTES << index != block_bytes) {
        index++;
    }
    return index;
}

size_t spsi_block_size_for(size_t bytes) {
    size_t size = SPSI_LEAST_BLOCK_BYTES;
    while (size < bytes && size < SPSI_MOST_BLOCK_BYTES) {
        size *= 2;
    }
    return size >= bytes ? size : 0;
}

void *spsi_block_take(spsi_block_pool *pool, size_t block_bytes) {
    void **first = &pool->first[index_of(block_bytes)];
    void *block = *first;
    if (block == NULL) {
        return spsi_allocate(pool->allocator, block_bytes);
    }
    assert(pool->kept_bytes >= block_bytes);
    memcpy(first, block, sizeof *first);
    pool->kept_bytes -= block_bytes;
    return block;
}

void spsi_block_give(spsi_block_pool *pool, void *block, size_t block_bytes) {
    const unsigned index = index_of(block_bytes);
    if (index == SPSI_BLOCK_SIZES || pool->kept_bytes + block_bytes > pool->most_bytes) {
        spsi_free(pool->allocator, block, block_bytes);
        return;
    }
    memcpy(block, &pool->first[index], sizeof pool->first[index]);
    pool->first[index] = block;
    pool->kept_bytes += block_bytes;
}

void spsi_block_pool_release(spsi_block_pool *pool) {
    for (unsigned i = 0; i < SPSI_BLOCK_SIZES; i++) {
        const size_t size = (size_t)SPSI_LEAST_BLOCK_BYTES << i;
        while (pool->first[i] != NULL) {
            void *block = pool->first[i];
            memcpy(&pool->first[i], block, sizeof pool->first[i]);
            spsi_free(pool->allocator, block, size);
        }
    }
    pool->kept_bytes = 0;
}
