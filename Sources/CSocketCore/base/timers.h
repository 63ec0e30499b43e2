// SPDX-License-Identifier: MIT
//
// Timers in a binary heap, with the next due on top. The heap holds pointers; each timer lies in
// its own object. Timers that are not set stand at the end of the heap.
#ifndef SPSI_TIMERS_H
#define SPSI_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "streampeersocket/options.h"

#define SPSI_NEVER UINT64_MAX

typedef struct spsi_timer {
    uint64_t due_us; // SPSI_NEVER: it is not set
    uint32_t place;  // in the heap, from 1 on
} spsi_timer;

typedef struct spsi_timers {
    spsi_timer **heap;
    size_t count;
    size_t capacity;
} spsi_timers;

// Adds a timer that is not set. False when there is no memory.
bool spsi_timers_add(spsi_timers *timers, spsi_timer *timer, const sps_allocator *allocator);

// Sets when it is due.
void spsi_timers_set(spsi_timers *timers, spsi_timer *timer, uint64_t due_us);

void spsi_timers_remove(spsi_timers *timers, spsi_timer *timer);

// When the next one is due.
static inline uint64_t spsi_timers_next_us(const spsi_timers *timers) {
    return timers->count > 0 ? timers->heap[0]->due_us : SPSI_NEVER;
}

void spsi_timers_release(spsi_timers *timers, const sps_allocator *allocator);

#endif
