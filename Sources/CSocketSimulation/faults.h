// SPDX-License-Identifier: MIT
//
// The faults of calls: one that the caller has armed, or by chance.
#ifndef SPSI_SIM_FAULTS_H
#define SPSI_SIM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim.h"

typedef struct spsi_sim_faults {
    uint64_t counts[SPS_CALL_COUNT];
    uint64_t count; // of all calls that can fail
    sps_simulated_call armed_call;
    uint64_t armed_nth; // 0: no call is armed
    sps_simulated_fault armed_fault;
    bool has_failed;
    sps_simulation_chaos chaos;
} spsi_sim_faults;

// Begins a call: advances the clock by the time of a call, fires the due timers, and counts the
// call. False if the call must fail, with *out_result.
bool spsi_sim_call_begin(const spsi_sim_host *host, sps_simulated_call call,
                         spsi_result *out_result);

// Whether a call can have this result, by the sets of platform/failures.h. A call with a handle
// that is not open is a mistake of the caller and can always fail.
bool spsi_sim_call_may_return(sps_simulated_call call, spsi_result result);

// Returns true by chance, with a rate of per_mille.
bool spsi_sim_chance(spsi_sim_world *world, uint32_t per_mille);

#endif
