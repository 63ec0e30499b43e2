// SPDX-License-Identifier: MIT
//
// Hosts: their addresses and their table of handles.
#ifndef SPSI_SIM_HOST_H
#define SPSI_SIM_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/platform.h"
#include "sim.h"

enum { SPSI_SIM_HOST_NAME_BYTES = 64, SPSI_SIM_HOST_ADDRESSES = 8 };

typedef struct spsi_sim_slot {
    spsi_sim_socket *socket;
    bool is_lock;
} spsi_sim_slot;

struct sps_simulated_host {
    sps_platform platform; // the first field, so a pointer to it is a pointer to its host
    spsi_sim_world *world;
    spsi_sim_host *next;
    uint32_t number;
    char name[SPSI_SIM_HOST_NAME_BYTES];
    spsi_address addresses[SPSI_SIM_HOST_ADDRESSES];
    size_t address_count;
    spsi_sim_slot *slots; // one for each handle
    size_t slot_capacity, open_count, handle_limit;
    size_t other_count; // of selectors and look-ups
    spsi_sim_file *files;
    uint64_t file_number;
    uint16_t next_port;
};

// The platform table, which each host copies (platform.c).
extern const sps_platform spsi_sim_platform;

spsi_sim_host *spsi_sim_host_of(const sps_platform *platform);

// Whether the table of handles, its count, the sockets and the files agree.
bool spsi_sim_host_is_consistent(const spsi_sim_host *host);

// Takes the lowest free handle. NO_HANDLES or NO_MEMORY if that fails.
spsi_result spsi_sim_slot_take(spsi_sim_host *host, spsi_handle *out_handle);
void spsi_sim_slot_free(spsi_sim_host *host, spsi_handle handle);

// The socket of a handle. NULL if there is none, which counts as a mistake of the caller.
spsi_sim_socket *spsi_sim_socket_of(const spsi_sim_host *host, spsi_handle handle);

bool spsi_sim_host_has_address(const spsi_sim_host *host, const spsi_address *address);

// The host that another host reaches at an address. NULL: none.
spsi_sim_host *spsi_sim_host_reached_at(const spsi_sim_host *from, const spsi_address *address);

// Chooses the host's own address from which it reaches a target. False: it has none of the family.
bool spsi_sim_host_source_for(const spsi_sim_host *host, const spsi_address *target,
                              spsi_address *out);

#endif
