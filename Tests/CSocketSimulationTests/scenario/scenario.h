// SPDX-License-Identifier: MIT
//
// A story that a seed tells: a server and a few clients who send each other bytes over a network that does what it
// likes, and a model that knows what must arrive.
#ifndef TEST_SCENARIO_H
#define TEST_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

#include "streampeersocket_testing/simulation.h"

typedef struct scenario_result {
    uint64_t trace_hash;
    uint64_t calls[SPS_CALL_COUNT];
    uint64_t allocations; // of the library
    bool has_failed_call;
    uint64_t bytes;    // or messages, that arrived and were as they should be
    uint64_t broken;   // connections that chaos has ended
    char problem[256]; // empty: all went well
} scenario_result;

// Runs one. `trace` gets its trace; NULL for none.
scenario_result scenario_run(uint64_t seed, void (*trace)(void *user_data, const char *line),
                             void *user_data);

// One call or one allocation that is to fail; nth 0: none.
typedef struct scenario_fault {
    uint64_t nth_allocation;
    sps_simulated_call call;
    uint64_t nth;
    sps_simulated_fault fault;
} scenario_fault;

// Runs a short one without chaos, in which one call fails.
scenario_result scenario_run_with_fault(uint64_t seed, const scenario_fault *fault,
                                        void (*trace)(void *user_data, const char *line),
                                        void *user_data);

// Lets every allocation of a short scenario fail, and every call in every way it may. The number of runs;
// the first problem in *out_result, and its fault in *out_fault.
uint64_t scenario_run_all_faults(uint64_t seed, scenario_result *out_result,
                                 scenario_fault *out_fault);

void scenario_describe_fault(const scenario_fault *fault, char *text, size_t size);

#endif
