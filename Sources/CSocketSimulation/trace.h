// SPDX-License-Identifier: MIT
//
// The trace: one line of text for each event, and the hash of all lines.
#ifndef SPSI_SIM_TRACE_H
#define SPSI_SIM_TRACE_H

#include <stdint.h>

#include "sim.h"

typedef struct spsi_sim_trace {
    uint64_t hash;
    uint64_t last_us;                                 // the time of the last line
    void (*write)(void *user_data, const char *line); // NULL: lines are only hashed
    void *user_data;
} spsi_sim_trace;

// Writes a line with the time, the host (NULL: none), a text and two numbers.
void spsi_sim_trace_event(spsi_sim_world *world, const spsi_sim_host *host, const char *text,
                          int64_t first, int64_t second);

// Writes a line with a call of the platform, its result and a count.
void spsi_sim_trace_call(const spsi_sim_host *host, sps_simulated_call call, spsi_handle handle,
                         spsi_result result, uint64_t count);

#endif
