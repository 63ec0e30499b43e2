// SPDX-License-Identifier: MIT
//
// Hosts: their addresses and their table of handles.
#include "host.h"

#include <assert.h>
#include <string.h>

#include "address.h"
#include "files.h"
#include "memory.h"
#include "sim.h"
#include "socket.h"
#include "trace.h"
#include "world.h"

enum { FIRST_HANDLE = 3, FIRST_PORT = 32768 };

spsi_sim_host *spsi_sim_host_of(const sps_platform *platform) {
    return (spsi_sim_host *)(uintptr_t)platform;
}

// ---- Addresses

bool spsi_sim_host_has_address(const spsi_sim_host *host, const spsi_address *address) {
    for (size_t i = 0; i < host->address_count; i++) {
        if (spsi_sim_ip_is_same(&host->addresses[i], address)) {
            return true;
        }
    }
    return spsi_sim_ip_is_loopback(address);
}

static spsi_sim_host *owner_of(const spsi_sim_world *world, const spsi_address *address) {
    spsi_sim_host *host = world->hosts;
    while (host != NULL && !spsi_sim_host_has_address(host, address)) {
        host = host->next;
    }
    return host;
}

spsi_sim_host *spsi_sim_host_reached_at(const spsi_sim_host *from, const spsi_address *address) {
    const bool is_own = spsi_sim_ip_is_any(address) || spsi_sim_host_has_address(from, address);
    return is_own ? (spsi_sim_host *)(uintptr_t)from : owner_of(from->world, address);
}

// A host reaches its own address from that address.
bool spsi_sim_host_source_for(const spsi_sim_host *host, const spsi_address *target,
                              spsi_address *out) {
    if (spsi_sim_host_has_address(host, target)) {
        *out = *target;
        return true;
    }
    for (size_t i = 0; i < host->address_count; i++) {
        if (host->addresses[i].family == target->family) {
            *out = host->addresses[i];
            return true;
        }
    }
    return false;
}

// ---- Creating hosts

static bool is_name_taken(const spsi_sim_world *world, const char *name) {
    for (const spsi_sim_host *host = world->hosts; host != NULL; host = host->next) {
        if (strcmp(host->name, name) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_address_taken(const spsi_sim_world *world, const spsi_address *address) {
    return spsi_sim_ip_is_loopback(address) || spsi_sim_ip_is_any(address) ||
           owner_of(world, address) != NULL;
}

static void append(spsi_sim_world *world, spsi_sim_host *host) {
    host->number = ++world->host_count;
    *(world->last_host != NULL ? &world->last_host->next : &world->hosts) = host;
    world->last_host = host;
}

sps_error sps_simulation_add_host(sps_simulation *simulation, const char *name, const char *address,
                                  sps_simulated_host **out_host) {
    if (out_host == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_host = NULL;
    const size_t length = name != NULL ? strlen(name) : 0;
    spsi_address parsed;
    if (simulation == NULL || length == 0 || length >= SPSI_SIM_HOST_NAME_BYTES ||
        (address != NULL && !spsi_sim_ip_from_text(address, &parsed))) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (is_name_taken(simulation, name) ||
        (address != NULL && is_address_taken(simulation, &parsed))) {
        return SPS_ERR_ALREADY_EXISTS;
    }
    spsi_sim_host *host = spsi_sim_allocate(&simulation->allocator, sizeof *host);
    if (host == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    host->platform = spsi_sim_platform;
    host->world = simulation;
    host->next_port = FIRST_PORT;
    memcpy(host->name, name, length + 1);
    if (address != NULL) {
        host->addresses[host->address_count++] = parsed;
    }
    append(simulation, host);
    *out_host = host;
    return SPS_OK;
}

sps_error sps_simulated_host_add_address(sps_simulated_host *host, const char *address) {
    spsi_address parsed;
    if (host == NULL || !spsi_sim_ip_from_text(address, &parsed)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (is_address_taken(host->world, &parsed)) {
        return SPS_ERR_ALREADY_EXISTS;
    }
    if (host->address_count == SPSI_SIM_HOST_ADDRESSES) {
        return SPS_ERR_CANT_ACQUIRE_RESOURCE;
    }
    host->addresses[host->address_count++] = parsed;
    return SPS_OK;
}

const sps_platform *sps_simulated_host_platform(const sps_simulated_host *host) {
    return host != NULL ? &host->platform : NULL;
}

// ---- Handles

size_t sps_simulated_host_open_handles(const sps_simulated_host *host) {
    return host != NULL ? host->open_count + host->other_count : 0;
}

sps_error sps_simulated_host_set_handle_limit(sps_simulated_host *host, size_t limit) {
    if (host == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    host->handle_limit = limit;
    return SPS_OK;
}

static bool is_free(const spsi_sim_slot *slot) {
    return slot->socket == NULL && !slot->is_lock;
}

static bool is_slot_consistent(const spsi_sim_host *host, size_t index) {
    const spsi_sim_slot *slot = &host->slots[index];
    const spsi_sim_socket *socket = slot->socket;
    if (is_free(slot)) {
        return true;
    }
    return index >= FIRST_HANDLE && slot->is_lock == (socket == NULL) &&
           (socket == NULL || ((size_t)socket->handle == index && socket->host == host &&
                               spsi_sim_socket_is_consistent(socket)));
}

bool spsi_sim_host_is_consistent(const spsi_sim_host *host) {
    size_t count = 0;
    for (size_t i = 0; i < host->slot_capacity; i++) {
        count += !is_free(&host->slots[i]);
        if (!is_slot_consistent(host, i)) {
            return false;
        }
    }
    for (const spsi_sim_file *each = host->files; each != NULL; each = each->next) {
        if (!spsi_sim_file_is_consistent(host, each)) {
            return false;
        }
    }
    return count == host->open_count && host->address_count <= SPSI_SIM_HOST_ADDRESSES &&
           host->number >= 1 && host->number <= host->world->host_count;
}

spsi_result spsi_sim_slot_take(spsi_sim_host *host, spsi_handle *out_handle) {
    if (host->handle_limit != 0 && host->open_count >= host->handle_limit) {
        return spsi_sim_result(SPSI_NO_HANDLES, SPSI_SIM_EMFILE);
    }
    size_t index = FIRST_HANDLE;
    while (index < host->slot_capacity && !is_free(&host->slots[index])) {
        index++;
    }
    void *slots = host->slots;
    if (!spsi_sim_grow(&host->world->allocator, &slots, &host->slot_capacity, index + 1,
                       sizeof *host->slots)) {
        return spsi_sim_no_memory();
    }
    host->slots = slots;
    host->slots[index].is_lock = true; // until a socket gets the handle
    host->open_count++;
    *out_handle = (spsi_handle)index;
    return spsi_sim_done();
}

void spsi_sim_slot_free(spsi_sim_host *host, spsi_handle handle) {
    assert(handle >= FIRST_HANDLE && (size_t)handle < host->slot_capacity);
    assert(!is_free(&host->slots[handle]) && host->open_count > 0);
    host->slots[handle] = (spsi_sim_slot){NULL, false};
    host->open_count--;
}

spsi_sim_socket *spsi_sim_socket_of(const spsi_sim_host *host, spsi_handle handle) {
    const bool is_there = handle >= 0 && (size_t)handle < host->slot_capacity;
    spsi_sim_socket *socket = is_there ? host->slots[handle].socket : NULL;
    if (socket == NULL) {
        host->world->mistakes++;
        spsi_sim_trace_event(host->world, host, "mistake: no such handle", (int64_t)handle, 0);
    }
    return socket;
}
