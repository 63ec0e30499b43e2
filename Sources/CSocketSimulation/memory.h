// SPDX-License-Identifier: MIT
//
// Memory from the allocator of the simulation, or of a poller.
#ifndef SPSI_SIM_MEMORY_H
#define SPSI_SIM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

#include "streampeersocket/options.h"

// Reads the caller's allocator, or the default for NULL. False if its struct_size is 0.
bool spsi_sim_allocator_read(const sps_allocator *of_caller, sps_allocator *out_allocator);

// Zeroed. NULL without memory.
void *spsi_sim_allocate(const sps_allocator *allocator, size_t bytes);

// NULL does nothing.
void spsi_sim_free(const sps_allocator *allocator, void *block, size_t bytes);

// Makes room for at least `wanted` elements. New elements are zero. False without memory; array and
// capacity are unchanged then.
bool spsi_sim_grow(const sps_allocator *allocator, void **array, size_t *capacity, size_t wanted,
                   size_t element);

#endif
