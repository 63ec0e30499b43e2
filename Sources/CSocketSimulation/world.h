// SPDX-License-Identifier: MIT
//
// The world: everything in a simulation, and its clock.
#ifndef SPSI_SIM_WORLD_H
#define SPSI_SIM_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "faults.h"
#include "random.h"
#include "sim.h"
#include "timers.h"
#include "trace.h"

struct sps_simulation {
    sps_allocator allocator;
    uint64_t now_us;
    uint64_t call_us;
    uint64_t longest_wait_us;
    uint64_t sequence; // of the timers set so far
    sim_random random, users_random;
    sim_heap timers;    // of the network
    sim_heap callbacks; // run in waits only
    sim_callback *first_callback;
    sim_trace trace;
    sim_faults faults;
    sim_host *hosts, *last_host;
    uint32_t host_count;
    sim_link *links;
    sim_name *names;
    sim_connection *connections;
    uint64_t mistakes, deadlocks;
};

// Sets a network timer. SIM_NEVER: stops it.
void spsi_sim_set(sim_world *world, sim_timer *timer, uint64_t due_us);

// Fires the due network timers. Runs no callback.
void spsi_sim_settle(sim_world *world);

typedef bool (*sim_condition)(void *context);

// Lets time pass until the condition holds: DONE. AGAIN after the timeout. FAILED: the timeout is
// SPSI_FOREVER, and no event is left that could meet the condition.
spsi_result spsi_sim_wait(sim_world *world, sim_condition is_met, void *context,
                          uint64_t timeout_us);

#endif
