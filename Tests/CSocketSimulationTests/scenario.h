// SPDX-License-Identifier: MIT
//
// A story that a seed tells: a server and a few clients who send each other bytes over a network that does what it
// likes, and a model that knows what must arrive.
#ifndef TEST_SCENARIO_H
#define TEST_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

typedef struct scenario_result {
    uint64_t trace_hash;
    uint64_t bytes;    // that arrived and were as they should be
    uint64_t broken;   // connections that chaos has ended
    char problem[256]; // empty: all went well
} scenario_result;

// Runs one. `trace` gets its trace; NULL for none.
scenario_result scenario_run(uint64_t seed, void (*trace)(void *user_data, const char *line),
                             void *user_data);

#endif
