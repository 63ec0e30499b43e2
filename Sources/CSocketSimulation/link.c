// SPDX-License-Identifier: MIT
//
// Links between hosts. Bytes that reach a cut link stay in their pipe until the link is mended.
#include "link.h"

#include <assert.h>

#include "base/sized_struct.h"
#include "connection.h"
#include "host.h"
#include "memory.h"
#include "pipe.h"
#include "random.h"
#include "sim.h"
#include "timers.h"
#include "trace.h"
#include "world.h"

enum { DEFAULT_LATENCY_US = 500, DEFAULT_LOOPBACK_US = 0 };

static spsi_sim_link *find(const spsi_sim_host *one, const spsi_sim_host *other) {
    spsi_sim_link *link = one->world->links;
    while (link != NULL && !((link->hosts[0] == one && link->hosts[1] == other) ||
                             (link->hosts[0] == other && link->hosts[1] == one))) {
        link = link->next;
    }
    return link;
}

bool spsi_sim_link_is_consistent(const spsi_sim_link *link) {
    return find(link->hosts[0], link->hosts[1]) == link && link->hosts[0]->world == link->world &&
           link->hosts[1]->world == link->world &&
           (link->heal.due_us == SPSI_SIM_NEVER || link->cut == SPS_LINK_CUT_SILENT);
}

static void set_defaults(spsi_sim_link *link) {
    if (link->options.latency_us == 0) {
        link->options.latency_us =
            link->hosts[0] == link->hosts[1] ? DEFAULT_LOOPBACK_US : DEFAULT_LATENCY_US;
    }
}

static void set_cut(spsi_sim_link *link, sps_link_cut cut);

static void heal(void *owner) {
    set_cut(owner, SPS_LINK_CUT_NOT);
}

spsi_sim_link *spsi_sim_link_between(spsi_sim_host *one, spsi_sim_host *other) {
    spsi_sim_link *link = find(one, other);
    if (link != NULL) {
        return link;
    }
    spsi_sim_world *world = one->world;
    link = spsi_sim_allocate(&world->allocator, sizeof *link);
    if (link == NULL ||
        !spsi_sim_timer_add(&world->timers, &world->allocator, &link->heal, heal, link)) {
        spsi_sim_free(&world->allocator, link, sizeof *link);
        return NULL;
    }
    link->world = world;
    link->hosts[0] = one;
    link->hosts[1] = other;
    set_defaults(link);
    link->next = world->links;
    world->links = link;
    assert(spsi_sim_link_is_consistent(link));
    return link;
}

void spsi_sim_links_free(spsi_sim_world *world) {
    for (spsi_sim_link *next; world->links != NULL; world->links = next) {
        next = world->links->next;
        spsi_sim_free(&world->allocator, world->links, sizeof *next);
    }
}

bool spsi_sim_link_carries(const spsi_sim_link *link) {
    return link->cut == SPS_LINK_CUT_NOT || link->cut == SPS_LINK_CUT_REFUSING;
}

uint64_t spsi_sim_link_transit_us(spsi_sim_link *link) {
    const uint64_t jitter_us = link->options.jitter_us;
    const uint64_t delay_us =
        jitter_us > 0 ? spsi_sim_random_below(&link->world->random, jitter_us + 1) : 0;
    return spsi_sim_add_us(link->options.latency_us, delay_us);
}

// ---- The calls of the user

static sps_error choose(sps_simulated_host *one, sps_simulated_host *other,
                        spsi_sim_link **out_link) {
    if (one == NULL || other == NULL || one->world != other->world) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_link = spsi_sim_link_between(one, other);
    return *out_link != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

sps_error sps_simulation_set_link(sps_simulated_host *one, sps_simulated_host *other,
                                  const sps_link_options *options) {
    sps_link_options chosen;
    if (!spsi_struct_read(options, &chosen, sizeof chosen)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_sim_link *link;
    const sps_error error = choose(one, other, &link);
    if (error == SPS_OK) {
        link->options = chosen;
        set_defaults(link);
    }
    return error;
}

static void set_cut(spsi_sim_link *link, sps_link_cut cut) {
    spsi_sim_world *world = link->world;
    const bool did_carry = spsi_sim_link_carries(link);
    link->cut = cut;
    spsi_sim_schedule(world, &link->heal, SPSI_SIM_NEVER);
    spsi_sim_trace_event(world, link->hosts[0], "link cut", cut, link->hosts[1]->number);
    for (spsi_sim_connection *each = world->connections; each != NULL; each = each->next) {
        for (int side = 0; each->link == link && side < 2; side++) {
            if (spsi_sim_link_carries(link)) {
                spsi_sim_end_resume(&each->ends[side]);
            } else if (did_carry) {
                spsi_sim_end_cut_off(&each->ends[side]);
            }
        }
    }
}

sps_error sps_simulation_cut_link(sps_simulated_host *one, sps_simulated_host *other,
                                  sps_link_cut cut) {
    if (cut < SPS_LINK_CUT_NOT || cut > SPS_LINK_CUT_REFUSING) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_sim_link *link;
    const sps_error error = choose(one, other, &link);
    if (error == SPS_OK) {
        set_cut(link, cut);
    }
    return error;
}

sps_error sps_simulation_stall_link(sps_simulated_host *one, sps_simulated_host *other,
                                    uint64_t stall_us) {
    spsi_sim_link *link;
    const sps_error error = choose(one, other, &link);
    if (error == SPS_OK) {
        set_cut(link, SPS_LINK_CUT_SILENT);
        spsi_sim_schedule(link->world, &link->heal, spsi_sim_add_us(link->world->now_us, stall_us));
    }
    return error;
}

sps_error sps_simulation_reset_link(sps_simulated_host *one, sps_simulated_host *other) {
    spsi_sim_link *link;
    const sps_error error = choose(one, other, &link);
    if (error != SPS_OK) {
        return error;
    }
    spsi_sim_trace_event(link->world, one, "link reset", other->number, 0);
    for (spsi_sim_connection *each = link->world->connections; each != NULL; each = each->next) {
        if (each->link == link) {
            spsi_sim_connection_reset(each);
        }
    }
    return SPS_OK;
}
