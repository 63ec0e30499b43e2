// SPDX-License-Identifier: MIT
#include "memory.h"

#include <stdlib.h>
#include <string.h>

#include "base/sized_struct.h"

static void *reallocate_default(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

bool spsi_sim_allocator_read(const sps_allocator *of_caller, sps_allocator *out_allocator) {
    if (!spsi_struct_read(of_caller, out_allocator, sizeof *out_allocator)) {
        return false;
    }
    if (out_allocator->reallocate == NULL) {
        out_allocator->reallocate = reallocate_default;
    }
    return true;
}

void *spsi_sim_allocate(const sps_allocator *allocator, size_t bytes) {
    void *block = allocator->reallocate(allocator->user_data, NULL, 0, bytes);
    if (block != NULL) {
        memset(block, 0, bytes);
    }
    return block;
}

void spsi_sim_free(const sps_allocator *allocator, void *block, size_t bytes) {
    if (block != NULL) {
        allocator->reallocate(allocator->user_data, block, bytes, 0);
    }
}

enum { LEAST_CAPACITY = 8 };

bool spsi_sim_grow(const sps_allocator *allocator, void **array, size_t *capacity, size_t wanted,
                   size_t element) {
    if (wanted <= *capacity) {
        return true;
    }
    size_t larger = *capacity == 0 ? LEAST_CAPACITY : *capacity * 2;
    larger = larger < wanted ? wanted : larger;
    uint8_t *grown =
        allocator->reallocate(allocator->user_data, *array, *capacity * element, larger * element);
    if (grown == NULL) {
        return false;
    }
    memset(grown + *capacity * element, 0, (larger - *capacity) * element);
    *array = grown;
    *capacity = larger;
    return true;
}
