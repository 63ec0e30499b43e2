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
    spsi_sim_random random, users_random;
    spsi_sim_heap timers;    // of the network
    spsi_sim_heap callbacks; // run in waits only
    spsi_sim_callback *first_callback;
    spsi_sim_trace trace;
    spsi_sim_faults faults;
    spsi_sim_host *hosts, *last_host;
    uint32_t host_count;
    spsi_sim_link *links;
    spsi_sim_name *names;
    spsi_sim_connection *connections;
    uint64_t mistakes, deadlocks;
};

// Whether everything in the world agrees. True between two calls, and while a callback runs.
bool spsi_sim_world_is_consistent(const spsi_sim_world *world);

// Sets a network timer. SPSI_SIM_NEVER: stops it.
void spsi_sim_schedule(spsi_sim_world *world, spsi_sim_timer *timer, uint64_t due_us);

// Advances the clock. It stops at the last time that a timer can have.
void spsi_sim_pass_time(spsi_sim_world *world, uint64_t time_us);

// Fires the due network timers. Runs no callback.
void spsi_sim_run_due(spsi_sim_world *world);

typedef bool (*spsi_sim_condition)(void *context);

// Lets time pass until the condition holds: DONE. AGAIN after the timeout. FAILED: the timeout is
// SPSI_FOREVER, and no event is left that could meet the condition.
spsi_result spsi_sim_wait(spsi_sim_world *world, spsi_sim_condition is_met, void *context,
                          uint64_t timeout_us);

#endif
