// SPDX-License-Identifier: MIT
//
// Links between hosts, and of each host to itself.
#ifndef SPSI_SIM_LINK_H
#define SPSI_SIM_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "sim.h"
#include "timers.h"

struct spsi_sim_link {
    spsi_sim_link *next;
    spsi_sim_world *world;
    spsi_sim_host *hosts[2];
    sps_link_options options;
    sps_link_cut cut;
    spsi_sim_timer heal;
};

// The link of two hosts, which may be the same one. Creates it if it does not exist. NULL without
// memory.
spsi_sim_link *spsi_sim_link_between(spsi_sim_host *one, spsi_sim_host *other);

// Whether a link is the only one of its hosts, and heals only from a silent cut.
bool spsi_sim_link_is_consistent(const spsi_sim_link *link);
bool spsi_sim_link_carries(const spsi_sim_link *link);

// The one-way latency of a packet, with random jitter.
uint64_t spsi_sim_link_transit_us(spsi_sim_link *link);
void spsi_sim_links_free(spsi_sim_world *world);

#endif
