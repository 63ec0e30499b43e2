// SPDX-License-Identifier: MIT
//
// Names and look-ups. One name server answers the whole world.
#include "names.h"

#include <assert.h>
#include <string.h>

#include "address.h"
#include "host.h"
#include "memory.h"
#include "selector.h"
#include "sim.h"
#include "timers.h"
#include "trace.h"
#include "world.h"

enum { DEFAULT_DELAY_US = 1000, NAME_BYTES = 254, NAME_ADDRESSES = 16 };

struct spsi_sim_name {
    spsi_sim_name *next;
    char text[NAME_BYTES];
    spsi_address addresses[NAME_ADDRESSES];
    size_t count;
    sps_name_answer answer;
    uint64_t delay_us;
    spsi_lookup *lookups; // in progress
};

struct spsi_lookup {
    spsi_lookup *next; // of its name
    spsi_sim_host *host;
    spsi_sim_name *name; // NULL: the name of a host, or unknown
    const spsi_sim_host *named;
    unsigned families;
    bool is_done;
    uint64_t begin_us;
    spsi_sim_timer timer;
    spsi_lookup_watch *watches;
};

// ---- Names

static spsi_sim_name *find_name(const spsi_sim_world *world, const char *text) {
    spsi_sim_name *name = world->names;
    while (name != NULL && strcmp(name->text, text) != 0) {
        name = name->next;
    }
    return name;
}

static sps_error find_or_add(spsi_sim_world *world, const char *text, spsi_sim_name **out_name) {
    const size_t length = text != NULL ? strlen(text) : 0;
    if (world == NULL || length == 0 || length >= NAME_BYTES) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_name = find_name(world, text);
    if (*out_name != NULL) {
        return SPS_OK;
    }
    spsi_sim_name *name = spsi_sim_allocate(&world->allocator, sizeof *name);
    if (name == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    memcpy(name->text, text, length + 1);
    name->delay_us = DEFAULT_DELAY_US;
    name->next = world->names;
    world->names = name;
    *out_name = name;
    return SPS_OK;
}

sps_error sps_simulation_add_name(sps_simulation *simulation, const char *name,
                                  const char *address) {
    spsi_address parsed;
    if (!spsi_sim_ip_from_text(address, &parsed)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_sim_name *own;
    const sps_error error = find_or_add(simulation, name, &own);
    if (error != SPS_OK) {
        return error;
    }
    if (own->count == NAME_ADDRESSES) {
        return SPS_ERR_CANT_ACQUIRE_RESOURCE;
    }
    own->addresses[own->count++] = parsed;
    return SPS_OK;
}

static bool is_silent(const spsi_sim_name *name, unsigned families) {
    return name->answer == SPS_NAME_ANSWER_NEVER ||
           (name->answer == SPS_NAME_ANSWER_IPV4_ALONE && (families & SPSI_IPV6) != 0);
}

static void schedule(spsi_lookup *lookup) {
    const spsi_sim_name *name = lookup->name;
    const bool is_never = name != NULL && is_silent(name, lookup->families);
    const uint64_t delay_us = name != NULL ? name->delay_us : DEFAULT_DELAY_US;
    if (!lookup->is_done) {
        spsi_sim_schedule(lookup->host->world, &lookup->timer,
                          is_never ? SPSI_SIM_NEVER : spsi_sim_add_us(lookup->begin_us, delay_us));
    }
}

sps_error sps_simulation_set_name_answer(sps_simulation *simulation, const char *name,
                                         sps_name_answer answer, uint64_t delay_us) {
    if (answer < SPS_NAME_ANSWER_ADDRESSES || answer > SPS_NAME_ANSWER_IPV4_ALONE) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_sim_name *own;
    const sps_error error = find_or_add(simulation, name, &own);
    if (error != SPS_OK) {
        return error;
    }
    own->answer = answer;
    own->delay_us = delay_us;
    for (spsi_lookup *each = own->lookups; each != NULL; each = each->next) {
        schedule(each);
    }
    return SPS_OK;
}

void spsi_sim_names_free(spsi_sim_world *world) {
    for (spsi_sim_name *next; world->names != NULL; world->names = next) {
        next = world->names->next;
        spsi_sim_free(&world->allocator, world->names, sizeof *next);
    }
}

bool spsi_sim_names_are_consistent(const spsi_sim_world *world) {
    for (const spsi_sim_name *name = world->names; name != NULL; name = name->next) {
        if (name->count > NAME_ADDRESSES || find_name(world, name->text) != name) {
            return false;
        }
        for (const spsi_lookup *each = name->lookups; each != NULL; each = each->next) {
            if (each->name != name || each->host->world != world ||
                (each->is_done && each->timer.due_us != SPSI_SIM_NEVER)) {
                return false;
            }
        }
    }
    return true;
}

// ---- Look-ups

static void finish(void *owner) {
    spsi_lookup *lookup = owner;
    assert(!lookup->is_done);
    lookup->is_done = true;
    spsi_sim_trace_event(lookup->host->world, lookup->host, "lookup done",
                         lookup->name != NULL ? (int64_t)lookup->name->count : 0, 0);
    for (const spsi_lookup_watch *each = lookup->watches; each != NULL; each = each->next) {
        spsi_sim_selector_wake(&lookup->host->platform, each->selector, SPSI_WAKER_LOOKUP);
    }
}

static const spsi_sim_host *host_of_name(const spsi_sim_world *world, const char *name) {
    const spsi_sim_host *host = world->hosts;
    while (host != NULL && strcmp(host->name, name) != 0) {
        host = host->next;
    }
    return host;
}

spsi_result spsi_sim_lookup_start(const sps_platform *platform, const char *name, unsigned families,
                                  spsi_lookup **out_lookup) {
    spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_sim_world *world = host->world;
    spsi_lookup *lookup = spsi_sim_allocate(&world->allocator, sizeof *lookup);
    if (lookup == NULL ||
        !spsi_sim_timer_add(&world->timers, &world->allocator, &lookup->timer, finish, lookup)) {
        spsi_sim_free(&world->allocator, lookup, sizeof *lookup);
        return spsi_sim_no_memory();
    }
    host->other_count++;
    lookup->host = host;
    lookup->families = families;
    lookup->begin_us = world->now_us;
    lookup->name = find_name(world, name);
    lookup->named = host_of_name(world, name);
    if (lookup->name != NULL) {
        lookup->next = lookup->name->lookups;
        lookup->name->lookups = lookup;
    }
    schedule(lookup);
    *out_lookup = lookup;
    return spsi_sim_done();
}

static bool is_of(const spsi_address *address, unsigned families) {
    const unsigned family = address->family == SPSI_FAMILY_IPV4 ? SPSI_IPV4 : SPSI_IPV6;
    return (family & families) != 0;
}

// The addresses of the name, of every family.
static const spsi_address *addresses_of(const spsi_lookup *lookup, size_t *out_count) {
    const spsi_sim_name *name = lookup->name;
    *out_count = 0;
    if (name == NULL && lookup->named != NULL) {
        *out_count = lookup->named->address_count;
        return lookup->named->addresses;
    }
    if (name == NULL || name->answer == SPS_NAME_ANSWER_UNKNOWN) {
        return NULL;
    }
    *out_count = name->count;
    return name->addresses;
}

spsi_result spsi_sim_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                   spsi_address *out_addresses, size_t capacity,
                                   size_t *out_count) {
    (void)platform;
    *out_count = 0;
    if (!lookup->is_done) {
        return spsi_sim_again();
    }
    if (lookup->name != NULL && lookup->name->answer == SPS_NAME_ANSWER_FAILURE) {
        return spsi_sim_result(SPSI_NAME_UNANSWERED, SPSI_SIM_EAI_AGAIN);
    }
    size_t count;
    const spsi_address *addresses = addresses_of(lookup, &count);
    for (size_t i = 0; i < count && *out_count < capacity; i++) {
        if (is_of(&addresses[i], lookup->families)) {
            out_addresses[(*out_count)++] = addresses[i];
        }
    }
    return *out_count > 0 ? spsi_sim_done()
                          : spsi_sim_result(SPSI_NAME_UNKNOWN, SPSI_SIM_EAI_NONAME);
}

static bool is_done(void *context) {
    return ((const spsi_lookup *)context)->is_done;
}

spsi_result spsi_sim_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                 uint64_t timeout_us) {
    return spsi_sim_wait(spsi_sim_host_of(platform)->world, is_done, lookup, timeout_us);
}

void spsi_sim_lookup_watch(const sps_platform *platform, spsi_lookup *lookup,
                           spsi_lookup_watch *watch) {
    watch->next = lookup->watches;
    lookup->watches = watch;
    if (lookup->is_done) {
        spsi_sim_selector_wake(platform, watch->selector, SPSI_WAKER_LOOKUP);
    }
}

void spsi_sim_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                             spsi_lookup_watch *watch) {
    (void)platform;
    spsi_lookup_watch **link = &lookup->watches;
    while (*link != NULL && *link != watch) {
        link = &(*link)->next;
    }
    if (*link != NULL) {
        *link = watch->next;
    }
}

static void leave_name(spsi_lookup *lookup) {
    spsi_lookup **link = &lookup->name->lookups;
    while (*link != lookup) {
        link = &(*link)->next;
    }
    *link = lookup->next;
}

void spsi_sim_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful) {
    spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_sim_world *world = host->world;
    spsi_sim_trace_event(world, host, "lookup end", was_useful, 0);
    if (lookup->name != NULL) {
        leave_name(lookup);
    }
    spsi_sim_timer_remove(&world->timers, &lookup->timer);
    spsi_sim_free(&world->allocator, lookup, sizeof *lookup);
    assert(host->other_count > 0);
    host->other_count--;
}

// Answers are not cached.
void spsi_sim_lookup_forget(const sps_platform *platform, const char *name) {
    (void)platform;
    (void)name;
}
