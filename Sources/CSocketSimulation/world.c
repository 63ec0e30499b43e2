// SPDX-License-Identifier: MIT
//
// A world and its clock. Network timers fire whenever time passes. Callbacks, which stand for the
// programs of other hosts, run only during waits. So they interrupt no call.
#include "world.h"

#include <assert.h>

#include "base/sized_struct.h"
#include "connection.h"
#include "faults.h"
#include "files.h"
#include "host.h"
#include "link.h"
#include "memory.h"
#include "names.h"
#include "random.h"
#include "sim.h"
#include "socket.h"
#include "timers.h"
#include "trace.h"

enum { BEGIN_US = 1000000 };
static const uint64_t default_longest_wait_us = UINT64_C(3600000000);

struct spsi_sim_callback {
    spsi_sim_callback *next;
    spsi_sim_world *world;
    spsi_sim_timer timer;
    uint64_t interval_us;
    sps_simulation_callback call;
    void *user_data;
    bool is_running, is_removed;
};

sps_error sps_simulation_create(const sps_simulation_options *options,
                                sps_simulation **out_simulation) {
    if (out_simulation == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_simulation = NULL;
    sps_simulation_options chosen;
    sps_allocator allocator;
    if (!spsi_struct_read(options, &chosen, sizeof chosen) ||
        !spsi_sim_allocator_read(chosen.allocator, &allocator)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_sim_world *world = spsi_sim_allocate(&allocator, sizeof *world);
    if (world == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    world->allocator = allocator;
    world->now_us = BEGIN_US;
    world->call_us = chosen.call_us != 0 ? chosen.call_us : 1;
    world->longest_wait_us =
        chosen.longest_wait_us != 0 ? chosen.longest_wait_us : default_longest_wait_us;
    world->random = (spsi_sim_random){chosen.seed, chosen.random, chosen.random_user_data};
    world->users_random.state = ~chosen.seed;
    world->trace = (spsi_sim_trace){.hash = UINT64_C(0xcbf29ce484222325),
                                    .write = chosen.trace,
                                    .user_data = chosen.trace_user_data};
    *out_simulation = world;
    return SPS_OK;
}

static void free_callbacks(spsi_sim_world *world) {
    for (spsi_sim_callback *next; world->first_callback != NULL; world->first_callback = next) {
        next = world->first_callback->next;
        spsi_sim_free(&world->allocator, world->first_callback, sizeof *next);
    }
}

static void close_sockets(spsi_sim_host *host) {
    for (size_t i = 0; i < host->slot_capacity; i++) {
        if (host->slots[i].socket != NULL) {
            spsi_sim_socket_close(host->slots[i].socket);
        }
    }
}

static void free_hosts(spsi_sim_world *world) {
    for (spsi_sim_host *next; world->hosts != NULL; world->hosts = next) {
        spsi_sim_host *host = world->hosts;
        next = host->next;
        spsi_sim_files_free(host);
        spsi_sim_free(&world->allocator, host->slots, host->slot_capacity * sizeof *host->slots);
        spsi_sim_free(&world->allocator, host, sizeof *host);
    }
}

void sps_simulation_destroy(sps_simulation *simulation) {
    if (simulation == NULL) {
        return;
    }
    assert(spsi_sim_world_is_consistent(simulation));
    for (spsi_sim_host *host = simulation->hosts; host != NULL; host = host->next) {
        close_sockets(host);
    }
    assert(simulation->connections == NULL); // the last socket frees its connection
    free_hosts(simulation);
    spsi_sim_links_free(simulation);
    spsi_sim_names_free(simulation);
    free_callbacks(simulation);
    const sps_allocator allocator = simulation->allocator;
    spsi_sim_free(&allocator, simulation->timers.timers,
                  simulation->timers.capacity * sizeof(spsi_sim_timer *));
    spsi_sim_free(&allocator, simulation->callbacks.timers,
                  simulation->callbacks.capacity * sizeof(spsi_sim_timer *));
    spsi_sim_free(&allocator, simulation, sizeof *simulation);
}

// ---- The clock

static uint64_t later(const spsi_sim_world *world, uint64_t time_us) {
    const uint64_t sum_us = spsi_sim_add_us(world->now_us, time_us);
    return sum_us < SPSI_SIM_NEVER ? sum_us : SPSI_SIM_NEVER - 1;
}

// The clock never goes back. A time in the past leaves it as it is.
static void advance_to(spsi_sim_world *world, uint64_t time_us) {
    assert(time_us < SPSI_SIM_NEVER);
    world->now_us = time_us > world->now_us ? time_us : world->now_us;
}

void spsi_sim_pass_time(spsi_sim_world *world, uint64_t time_us) {
    advance_to(world, later(world, time_us));
}

// ---- Invariants

static bool are_hosts_consistent(const spsi_sim_world *world) {
    const spsi_sim_host *last = NULL;
    for (const spsi_sim_host *host = world->hosts; host != NULL; host = host->next) {
        if (host->world != world || !spsi_sim_host_is_consistent(host)) {
            return false;
        }
        last = host;
    }
    return last == world->last_host;
}

static bool are_links_consistent(const spsi_sim_world *world) {
    const spsi_sim_link *link = world->links;
    while (link != NULL && link->world == world && spsi_sim_link_is_consistent(link)) {
        link = link->next;
    }
    return link == NULL;
}

static bool are_connections_consistent(const spsi_sim_world *world) {
    const spsi_sim_connection *connection = world->connections;
    while (connection != NULL && connection->world == world &&
           spsi_sim_connection_is_consistent(connection)) {
        connection = connection->next;
    }
    return connection == NULL;
}

bool spsi_sim_world_is_consistent(const spsi_sim_world *world) {
    return spsi_sim_heap_is_consistent(&world->timers) &&
           spsi_sim_heap_is_consistent(&world->callbacks) && are_hosts_consistent(world) &&
           are_links_consistent(world) && are_connections_consistent(world) &&
           spsi_sim_names_are_consistent(world);
}

// ---- Events

void spsi_sim_schedule(spsi_sim_world *world, spsi_sim_timer *timer, uint64_t due_us) {
    const bool is_shuffled = world->faults.chaos.shuffled != 0 && due_us != SPSI_SIM_NEVER;
    const uint64_t tie_break =
        is_shuffled ? spsi_sim_random_next(&world->random) : world->sequence++;
    spsi_sim_timer_set(&world->timers, timer, due_us, tie_break);
}

// Fires the first timer of a heap. It may be overdue, because calls take time.
static void run_first(spsi_sim_world *world, spsi_sim_heap *heap) {
    spsi_sim_timer *timer = heap->timers[0];
    advance_to(world, timer->due_us);
    spsi_sim_timer_set(heap, timer, SPSI_SIM_NEVER, world->sequence++);
    timer->fire(timer->owner);
}

void spsi_sim_run_due(spsi_sim_world *world) {
    while (spsi_sim_heap_next_us(&world->timers) <= world->now_us) {
        run_first(world, &world->timers);
    }
}

static uint64_t next_us(const spsi_sim_world *world) {
    const uint64_t network_us = spsi_sim_heap_next_us(&world->timers);
    const uint64_t callback_us = spsi_sim_heap_next_us(&world->callbacks);
    return network_us < callback_us ? network_us : callback_us;
}

static void run_next(spsi_sim_world *world) {
    const uint64_t network_us = spsi_sim_heap_next_us(&world->timers);
    const bool is_network = network_us <= spsi_sim_heap_next_us(&world->callbacks);
    run_first(world, is_network ? &world->timers : &world->callbacks);
}

// Counts a wait that nothing can end.
static spsi_result deadlock(spsi_sim_world *world) {
    world->deadlocks++;
    spsi_sim_trace_event(world, NULL, "deadlock", (int64_t)world->deadlocks, 0);
    return spsi_sim_result(SPSI_FAILED, SPSI_SIM_EDEADLK);
}

spsi_result spsi_sim_wait(spsi_sim_world *world, spsi_sim_condition is_met, void *context,
                          uint64_t timeout_us) {
    const bool is_endless = timeout_us == SPSI_FOREVER;
    const uint64_t end_us = later(world, is_endless ? world->longest_wait_us : timeout_us);
    assert(spsi_sim_world_is_consistent(world));
    spsi_sim_run_due(world);
    while (!is_met(context)) {
        const uint64_t due_us = next_us(world);
        if (due_us > end_us) {
            if (is_endless) {
                return deadlock(world);
            }
            advance_to(world, end_us);
            return spsi_sim_again();
        }
        run_next(world);
    }
    return spsi_sim_done();
}

// ---- The calls of the user

uint64_t sps_simulation_now_us(const sps_simulation *simulation) {
    return simulation != NULL ? simulation->now_us : 0;
}

static bool never(void *context) {
    (void)context;
    return false;
}

sps_error sps_simulation_advance(sps_simulation *simulation, uint64_t time_us) {
    if (simulation == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_sim_wait(simulation, never, NULL, time_us < SPSI_SIM_NEVER ? time_us : time_us - 1);
    return SPS_OK;
}

sps_error sps_simulation_step(sps_simulation *simulation) {
    if (simulation == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (next_us(simulation) == SPSI_SIM_NEVER) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    run_next(simulation);
    assert(spsi_sim_world_is_consistent(simulation));
    return SPS_OK;
}

sps_error sps_simulation_next_event_us(const sps_simulation *simulation, uint64_t *out_us) {
    if (out_us == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_us = 0;
    if (simulation == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const uint64_t due_us = next_us(simulation);
    if (due_us == SPSI_SIM_NEVER) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    *out_us = due_us > simulation->now_us ? due_us : simulation->now_us; // calls take time
    return SPS_OK;
}

static void remove_callback(spsi_sim_callback *callback) {
    spsi_sim_world *world = callback->world;
    spsi_sim_callback **link = &world->first_callback;
    while (*link != callback) {
        link = &(*link)->next;
    }
    *link = callback->next;
    spsi_sim_timer_remove(&world->callbacks, &callback->timer);
    spsi_sim_free(&world->allocator, callback, sizeof *callback);
}

// The timer of a running callback is not set, so a callback is never called inside itself.
static void run_callback(void *owner) {
    spsi_sim_callback *callback = owner;
    spsi_sim_world *world = callback->world;
    uint64_t due_us = world->now_us + callback->interval_us;
    callback->is_running = true;
    callback->call(callback->user_data);
    callback->is_running = false;
    if (callback->is_removed) {
        remove_callback(callback);
        return;
    }
    due_us = due_us > world->now_us ? due_us : world->now_us + 1;
    spsi_sim_timer_set(&world->callbacks, &callback->timer, due_us, world->sequence++);
}

static spsi_sim_callback *find_callback(const spsi_sim_world *world, sps_simulation_callback call,
                                        const void *user_data) {
    spsi_sim_callback *each = world->first_callback;
    while (each != NULL &&
           (each->call != call || each->user_data != user_data || each->is_removed)) {
        each = each->next;
    }
    return each;
}

sps_error sps_simulation_every(sps_simulation *simulation, uint64_t interval_us,
                               sps_simulation_callback callback, void *user_data) {
    if (simulation == NULL || interval_us == 0 || callback == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (find_callback(simulation, callback, user_data) != NULL) {
        return SPS_ERR_ALREADY_EXISTS;
    }
    spsi_sim_callback *own = spsi_sim_allocate(&simulation->allocator, sizeof *own);
    if (own == NULL || !spsi_sim_timer_add(&simulation->callbacks, &simulation->allocator,
                                           &own->timer, run_callback, own)) {
        spsi_sim_free(&simulation->allocator, own, sizeof *own);
        return SPS_ERR_OUT_OF_MEMORY;
    }
    own->world = simulation;
    own->interval_us = interval_us;
    own->call = callback;
    own->user_data = user_data;
    own->next = simulation->first_callback;
    simulation->first_callback = own;
    spsi_sim_timer_set(&simulation->callbacks, &own->timer, later(simulation, interval_us),
                       simulation->sequence++);
    return SPS_OK;
}

sps_error sps_simulation_stop_every(sps_simulation *simulation, sps_simulation_callback callback,
                                    void *user_data) {
    if (simulation == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_sim_callback *own = find_callback(simulation, callback, user_data);
    if (own == NULL) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    if (own->is_running) {
        own->is_removed = true;
    } else {
        remove_callback(own);
    }
    return SPS_OK;
}

uint64_t sps_simulation_random(sps_simulation *simulation) {
    return simulation != NULL ? spsi_sim_random_next(&simulation->users_random) : 0;
}

uint64_t sps_simulation_get_trace_hash(const sps_simulation *simulation) {
    return simulation != NULL ? simulation->trace.hash : 0;
}

uint64_t sps_simulation_count_mistakes(const sps_simulation *simulation) {
    return simulation != NULL ? simulation->mistakes : 0;
}

uint64_t sps_simulation_count_deadlocks(const sps_simulation *simulation) {
    return simulation != NULL ? simulation->deadlocks : 0;
}
