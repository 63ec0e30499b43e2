// SPDX-License-Identifier: MIT
//
// The splitmix64 generator (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
// Generators", 2014). Its state is one number, so the seed alone repeats a run.
#include "random.h"

#include <stddef.h>

uint64_t spsi_sim_random_next(spsi_sim_random *random) {
    if (random->next != NULL) {
        return random->next(random->user_data);
    }
    random->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = random->state;
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

// The remainder favours some numbers a little, which does no harm here.
uint64_t spsi_sim_random_below(spsi_sim_random *random, uint64_t bound) {
    return bound > 0 ? spsi_sim_random_next(random) % bound : 0;
}
