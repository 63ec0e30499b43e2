// SPDX-License-Identifier: MIT
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/sized_struct.h"

enum { LEAST_ELEMENTS = 16 };

static void *reallocate_default(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

bool spsi_allocator_read(const sps_allocator *of_caller, sps_allocator *out_allocator) {
    if (!spsi_struct_read(of_caller, out_allocator, sizeof *out_allocator)) {
        return false;
    }
    out_allocator->struct_size = sizeof *out_allocator;
    if (out_allocator->reallocate == NULL) {
        out_allocator->reallocate = reallocate_default;
    }
    return true;
}

void *spsi_allocate(const sps_allocator *allocator, size_t bytes) {
    return allocator->reallocate(allocator->user_data, NULL, 0, bytes);
}

void *spsi_allocate_zeroed(const sps_allocator *allocator, size_t bytes) {
    void *block = spsi_allocate(allocator, bytes);
    if (block != NULL) {
        memset(block, 0, bytes);
    }
    return block;
}

void *spsi_allocate_aligned(const sps_allocator *allocator, size_t bytes, uint8_t *out_shift) {
    uint8_t *block = spsi_allocate_zeroed(allocator, bytes + SPSI_SLACK_BYTES);
    if (block == NULL) {
        return NULL;
    }
    const size_t missing = (0 - (uintptr_t)block) % SPSI_CACHE_LINE_BYTES;
    *out_shift = (uint8_t)(missing % 16 == 0 ? missing : 0);
    return block + *out_shift;
}

void spsi_free_aligned(const sps_allocator *allocator, void *object, size_t bytes, uint8_t shift) {
    spsi_free(allocator, (uint8_t *)object - shift, bytes + SPSI_SLACK_BYTES);
}

void *spsi_resize(const sps_allocator *allocator, void *block, size_t old_bytes, size_t new_bytes) {
    return allocator->reallocate(allocator->user_data, block, old_bytes, new_bytes);
}

void *spsi_grow(const sps_allocator *allocator, void *array, size_t *capacity, size_t wanted,
                size_t element_bytes) {
    if (wanted <= *capacity) {
        return array;
    }
    size_t larger = *capacity == 0 ? LEAST_ELEMENTS : *capacity * 5 / 4;
    larger = larger < wanted ? wanted : larger;
    const size_t old_bytes = *capacity * element_bytes, new_bytes = larger * element_bytes;
    char *grown = spsi_resize(allocator, array, old_bytes, new_bytes);
    if (grown != NULL) {
        memset(grown + old_bytes, 0, new_bytes - old_bytes);
        *capacity = larger;
    }
    return grown;
}

void spsi_free(const sps_allocator *allocator, void *block, size_t bytes) {
    if (block != NULL) {
        allocator->reallocate(allocator->user_data, block, bytes, 0);
    }
}
