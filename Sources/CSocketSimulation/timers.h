// SPDX-License-Identifier: MIT
//
// Timers in a binary heap, with the next due on top. The heap holds pointers; each timer lies in
// its owner. A timer that is not set stays in the heap, so setting it never needs memory.
#ifndef SPSI_SIM_TIMERS_H
#define SPSI_SIM_TIMERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim.h"
#include "streampeersocket/options.h"

#define SPSI_SIM_NEVER UINT64_MAX

// The sum of two times. SPSI_SIM_NEVER if it is too large.
static inline uint64_t spsi_sim_add_us(uint64_t time_us, uint64_t more_us) {
    return time_us < SPSI_SIM_NEVER - more_us ? time_us + more_us : SPSI_SIM_NEVER;
}

struct spsi_sim_timer {
    uint64_t due_us;    // SPSI_SIM_NEVER: it is not set
    uint64_t tie_break; // orders timers that are due at the same time
    size_t index;       // in the heap
    void (*fire)(void *owner);
    void *owner;
};

struct spsi_sim_heap {
    spsi_sim_timer **timers;
    size_t count, capacity;
};

// Adds a timer that is not set. False without memory.
bool spsi_sim_timer_add(spsi_sim_heap *heap, const sps_allocator *allocator, spsi_sim_timer *timer,
                        void (*fire)(void *owner), void *owner);

// Does nothing if the timer was never added.
void spsi_sim_timer_remove(spsi_sim_heap *heap, spsi_sim_timer *timer);
void spsi_sim_timer_set(spsi_sim_heap *heap, spsi_sim_timer *timer, uint64_t due_us,
                        uint64_t tie_break);

// Whether a timer is at its index of the heap, not before its parent and not behind its children.
bool spsi_sim_timer_is_in_order(const spsi_sim_heap *heap, const spsi_sim_timer *timer);

// Whether every timer of the heap is in order.
bool spsi_sim_heap_is_consistent(const spsi_sim_heap *heap);

// When the next timer is due. SPSI_SIM_NEVER: none is set.
uint64_t spsi_sim_heap_next_us(const spsi_sim_heap *heap);

#endif
