// SPDX-License-Identifier: MIT
//
// The readiness of sockets, and selectors that report it.
#ifndef SPSI_SIM_SELECTOR_H
#define SPSI_SIM_SELECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/platform.h"
#include "sim.h"

struct spsi_sim_watch {
    spsi_sim_watch *next, *next_of_socket;
    spsi_selector *selector;
    spsi_sim_socket *socket;
    unsigned interests, ready_mask;
    bool is_pending; // an event has happened since the last report
    void *token;
};

// The readiness of a socket: a set of spsi_interest and SPSI_MORE.
unsigned spsi_sim_socket_readiness(const spsi_sim_socket *socket);

// Whether a watch is in the list of its selector and in that of its socket, on one host.
bool spsi_sim_watch_is_consistent(const spsi_sim_watch *watch);

// Marks the watches of a socket as pending. NULL does nothing.
void spsi_sim_socket_notify(const spsi_sim_socket *socket);
void spsi_sim_socket_forget_watches(spsi_sim_socket *socket);

// The functions of the platform table.
spsi_result spsi_sim_selector_create(const sps_platform *platform, const sps_allocator *allocator,
                                     spsi_selector **out_selector);
void spsi_sim_selector_destroy(const sps_platform *platform, spsi_selector *selector);
spsi_result spsi_sim_selector_set(const sps_platform *platform, spsi_selector *selector,
                                  spsi_handle handle, unsigned before, unsigned after, void *token);
spsi_result spsi_sim_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                   uint64_t timeout_us);
bool spsi_sim_selector_next(const sps_platform *platform, spsi_selector *selector,
                            spsi_ready *out_ready);
void spsi_sim_selector_wake(const sps_platform *platform, spsi_selector *selector,
                            spsi_waker waker);

// The OS knows nothing of the simulation, so there is no descriptor.
spsi_handle spsi_sim_selector_descriptor(const sps_platform *platform,
                                         const spsi_selector *selector);
spsi_handle spsi_sim_descriptor(const sps_platform *platform, spsi_handle handle);

#endif
