// SPDX-License-Identifier: MIT
//
// Random numbers from a seed, or from the caller's source.
#ifndef SPSI_SIM_RANDOM_H
#define SPSI_SIM_RANDOM_H

#include <stdint.h>

typedef struct spsi_sim_random {
    uint64_t state;
    uint64_t (*next)(void *user_data); // NULL: numbers follow from the state
    void *user_data;
} spsi_sim_random;

uint64_t spsi_sim_random_next(spsi_sim_random *random);

// Returns a number below `bound`, or 0 if `bound` is 0.
uint64_t spsi_sim_random_below(spsi_sim_random *random, uint64_t bound);

#endif
