// SPDX-License-Identifier: MIT
//
// Names and look-ups: the functions of the platform table.
#ifndef SPSI_SIM_NAMES_H
#define SPSI_SIM_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/platform.h"
#include "sim.h"

spsi_result spsi_sim_lookup_start(const sps_platform *platform, const char *name, unsigned families,
                                  spsi_lookup **out_lookup);
spsi_result spsi_sim_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                   spsi_address *out_addresses, size_t capacity, size_t *out_count);
spsi_result spsi_sim_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                 uint64_t timeout_us);
void spsi_sim_lookup_watch(const sps_platform *platform, spsi_lookup *lookup,
                           spsi_lookup_watch *watch);
void spsi_sim_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                             spsi_lookup_watch *watch);
void spsi_sim_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful);
void spsi_sim_lookup_forget(const sps_platform *platform, const char *name);

// Whether each look-up is in the list of its name, and none that is done has a timer set.
bool spsi_sim_names_are_consistent(const spsi_sim_world *world);
void spsi_sim_names_free(spsi_sim_world *world);

#endif
