// SPDX-License-Identifier: MIT
//
// Links between hosts.
#ifndef SPSI_SIM_LINK_H
#define SPSI_SIM_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "sim.h"
#include "timers.h"

struct sim_link {
    sim_link *next;
    sim_world *world;
    sim_host *hosts[2];
    sps_link_options options;
    sps_link_cut cut;
    sim_timer heal;
};

// The link of two hosts, which may be the same one. Creates it if it does not exist. NULL without
// memory.
sim_link *spsi_sim_link(sim_host *one, sim_host *other);
bool spsi_sim_link_carries(const sim_link *link);

// The one-way latency of a packet, with random jitter.
uint64_t spsi_sim_transit_us(sim_link *link);
void spsi_sim_links_end(sim_world *world);

#endif
