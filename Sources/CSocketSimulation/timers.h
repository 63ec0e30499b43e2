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

#define SIM_NEVER UINT64_MAX

struct sim_timer {
    uint64_t due_us; // SIM_NEVER: it is not set
    uint64_t tie;    // orders timers that are due at the same time
    size_t place;    // in the heap
    void (*fire)(void *owner);
    void *owner;
};

struct sim_heap {
    sim_timer **timers;
    size_t count, capacity;
};

// Adds a timer that is not set. False without memory.
bool spsi_sim_timer_add(sim_heap *heap, const sps_allocator *allocator, sim_timer *timer,
                        void (*fire)(void *owner), void *owner);

// Does nothing if the timer was never added.
void spsi_sim_timer_remove(sim_heap *heap, sim_timer *timer);
void spsi_sim_timer_set(sim_heap *heap, sim_timer *timer, uint64_t due_us, uint64_t tie);

// When the next timer is due. SIM_NEVER: none is set.
uint64_t spsi_sim_heap_next_us(const sim_heap *heap);

#endif
