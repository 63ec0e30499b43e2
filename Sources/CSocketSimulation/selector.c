// SPDX-License-Identifier: MIT
//
// The readiness of sockets, and selectors that report it as epoll(7) does: edge-triggered with
// SPSI_EDGE, otherwise level-triggered.
#include "selector.h"

#include <assert.h>

#include "connection.h"
#include "faults.h"
#include "host.h"
#include "memory.h"
#include "pipe.h"
#include "sim.h"
#include "socket.h"
#include "trace.h"
#include "world.h"

struct spsi_selector {
    const sps_allocator *allocator;
    spsi_sim_host *host;
    spsi_sim_watch *first;
    spsi_sim_watch *next; // the next to report of the last wait
    bool is_woken, is_woken_by_caller;
};

// ---- Readiness

// As in Linux, which reports a socket as writable only if a third of the buffer is free.
static bool has_room(const spsi_sim_end *end) {
    return spsi_sim_end_send_room(end) * 3 >= spsi_sim_end_peer(end)->in.send_buffer;
}

static unsigned readiness_of_connection(const spsi_sim_end *end) {
    const spsi_sim_pipe *in = &end->in;
    const bool has_fin = in->has_fin_arrived && in->arrived == in->sent;
    const bool is_unix_over = end->connection->link == NULL && !spsi_sim_end_peer(end)->is_open;
    if (end->is_dead || is_unix_over || (has_fin && end->has_sent_fin)) {
        return SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE;
    }
    unsigned ready = in->arrived > in->read ? SPSI_READABLE : 0;
    ready |= has_fin ? SPSI_READABLE | SPSI_MORE : 0;
    return end->has_sent_fin || has_room(end) ? ready | SPSI_WRITABLE : ready;
}

unsigned spsi_sim_socket_readiness(const spsi_sim_socket *socket) {
    const spsi_sim_end *waiting = socket->first_waiting;
    switch (socket->state) {
    case SPSI_SIM_STATE_LISTENING:
        while (waiting != NULL && !waiting->is_established) {
            waiting = waiting->next_waiting;
        }
        return waiting != NULL ? SPSI_READABLE : 0;
    case SPSI_SIM_STATE_CONNECTING:
        return socket->end->is_dead ? SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE : 0;
    case SPSI_SIM_STATE_CONNECTED:
        return readiness_of_connection(socket->end);
    default: // poll(2) reports an unconnected socket as hung up
        return SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE;
    }
}

void spsi_sim_socket_notify(const spsi_sim_socket *socket) {
    spsi_sim_watch *watch = socket != NULL ? socket->watches : NULL;
    for (; watch != NULL; watch = watch->next_of_socket) {
        watch->is_pending = true;
    }
}

// ---- Selectors

spsi_result spsi_sim_selector_create(const sps_platform *platform, const sps_allocator *allocator,
                                     spsi_selector **out_selector) {
    spsi_selector *selector = spsi_sim_allocate(allocator, sizeof *selector);
    if (selector == NULL) {
        return spsi_sim_no_memory();
    }
    selector->allocator = allocator;
    selector->host = spsi_sim_host_of(platform);
    selector->host->other_count++;
    *out_selector = selector;
    return spsi_sim_done();
}

static spsi_sim_watch *find(const spsi_selector *selector, const spsi_sim_socket *socket) {
    spsi_sim_watch *watch = socket->watches;
    while (watch != NULL && watch->selector != selector) {
        watch = watch->next_of_socket;
    }
    return watch;
}

bool spsi_sim_watch_is_consistent(const spsi_sim_watch *watch) {
    const spsi_sim_watch *listed = watch->selector->first;
    while (listed != NULL && listed != watch) {
        listed = listed->next;
    }
    return listed == watch && find(watch->selector, watch->socket) == watch &&
           watch->socket->host == watch->selector->host && watch->interests != 0;
}

static void unlink_from_socket(spsi_sim_watch *watch) {
    spsi_sim_watch **link = &watch->socket->watches;
    while (*link != watch) {
        link = &(*link)->next_of_socket;
    }
    *link = watch->next_of_socket;
}

static void remove_watch(spsi_sim_watch *watch) {
    spsi_selector *selector = watch->selector;
    assert(spsi_sim_watch_is_consistent(watch));
    spsi_sim_watch **link = &selector->first;
    while (*link != watch) {
        link = &(*link)->next;
    }
    *link = watch->next;
    selector->next = selector->next == watch ? watch->next : selector->next;
    unlink_from_socket(watch);
    spsi_sim_free(selector->allocator, watch, sizeof *watch);
}

void spsi_sim_selector_destroy(const sps_platform *platform, spsi_selector *selector) {
    (void)platform;
    while (selector->first != NULL) {
        remove_watch(selector->first);
    }
    assert(selector->host->other_count > 0);
    selector->host->other_count--;
    spsi_sim_free(selector->allocator, selector, sizeof *selector);
}

void spsi_sim_socket_forget_watches(spsi_sim_socket *socket) {
    while (socket->watches != NULL) {
        remove_watch(socket->watches);
    }
}

// Appends to the list, so watches are reported in the order of their events.
static void append(spsi_selector *selector, spsi_sim_watch *watch) {
    spsi_sim_watch **link = &selector->first;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = watch;
}

static spsi_sim_watch *add(spsi_selector *selector, spsi_sim_socket *socket) {
    spsi_sim_watch *watch = spsi_sim_allocate(selector->allocator, sizeof *watch);
    if (watch == NULL) {
        return NULL;
    }
    watch->selector = selector;
    watch->socket = socket;
    watch->next_of_socket = socket->watches;
    socket->watches = watch;
    append(selector, watch);
    return watch;
}

spsi_result spsi_sim_selector_set(const sps_platform *platform, spsi_selector *selector,
                                  spsi_handle handle, unsigned before, unsigned after,
                                  void *token) {
    spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_sim_socket *socket = spsi_sim_socket_of(host, handle);
    if (socket == NULL) {
        return spsi_sim_result(SPSI_FAILED, SPSI_SIM_EBADF);
    }
    spsi_sim_watch *watch = find(selector, socket);
    if ((watch != NULL ? watch->interests : 0) != before) {
        host->world->mistakes++;
        spsi_sim_trace_event(host->world, host, "mistake: other interests", handle, before);
    }
    if (after == 0) {
        if (watch != NULL) {
            remove_watch(watch);
        }
        return spsi_sim_done();
    }
    watch = watch != NULL ? watch : add(selector, socket);
    if (watch == NULL) {
        return spsi_sim_no_memory();
    }
    watch->interests = after;
    watch->token = token;
    assert(spsi_sim_watch_is_consistent(watch));
    watch->is_pending = true; // the next wait reports the present readiness
    return spsi_sim_done();
}

// The bits to report for a handle.
static unsigned mask_of(const spsi_sim_watch *watch) {
    if ((watch->interests & SPSI_EDGE) != 0 && !watch->is_pending) {
        return 0;
    }
    const unsigned all = SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE;
    const unsigned ready = spsi_sim_socket_readiness(watch->socket);
    if (ready == all && watch->socket->state != SPSI_SIM_STATE_LISTENING) {
        const bool is_over = watch->socket->end == NULL || watch->socket->end->is_dead;
        if (is_over) {
            return watch->socket->end != NULL ? all | SPSI_BROKEN : all;
        }
    }
    unsigned wanted = watch->interests & (SPSI_READABLE | SPSI_WRITABLE);
    wanted |= watch->interests & SPSI_EDGE ? SPSI_READABLE : 0;
    const unsigned reported = ready & wanted;
    return (reported & SPSI_READABLE) != 0 ? reported | (ready & SPSI_MORE) : reported;
}

static unsigned by_chance(const spsi_sim_watch *watch) {
    spsi_sim_world *world = watch->selector->host->world;
    return spsi_sim_chance(world, world->faults.chaos.false_readiness)
               ? watch->interests & (SPSI_READABLE | SPSI_WRITABLE)
               : 0;
}

static bool has_something(void *context) {
    const spsi_selector *selector = context;
    bool has = selector->is_woken;
    for (const spsi_sim_watch *watch = selector->first; watch != NULL && !has;
         watch = watch->next) {
        has = mask_of(watch) != 0;
    }
    return has;
}

static void collect(spsi_selector *selector) {
    for (spsi_sim_watch *watch = selector->first; watch != NULL; watch = watch->next) {
        watch->ready_mask = mask_of(watch);
        watch->is_pending = watch->is_pending && watch->ready_mask == 0;
        watch->ready_mask |= by_chance(watch);
    }
    selector->next = selector->first;
}

spsi_result spsi_sim_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                   uint64_t timeout_us) {
    selector->next = NULL;
    const spsi_result result =
        spsi_sim_wait(spsi_sim_host_of(platform)->world, has_something, selector, timeout_us);
    if (result.code == SPSI_DONE) {
        collect(selector);
    }
    return result;
}

bool spsi_sim_selector_next(const sps_platform *platform, spsi_selector *selector,
                            spsi_ready *out_ready) {
    (void)platform;
    if (selector->is_woken) {
        *out_ready = (spsi_ready){NULL, selector->is_woken_by_caller ? (unsigned)SPSI_WOKEN : 0};
        selector->is_woken = selector->is_woken_by_caller = false;
        return true;
    }
    while (selector->next != NULL && selector->next->ready_mask == 0) {
        selector->next = selector->next->next;
    }
    if (selector->next == NULL) {
        return false;
    }
    *out_ready = (spsi_ready){selector->next->token, selector->next->ready_mask};
    selector->next = selector->next->next;
    return true;
}

void spsi_sim_selector_wake(const sps_platform *platform, spsi_selector *selector,
                            spsi_waker waker) {
    (void)platform;
    selector->is_woken = true;
    selector->is_woken_by_caller = selector->is_woken_by_caller || waker == SPSI_WAKER_CALLER;
}

spsi_handle spsi_sim_selector_descriptor(const sps_platform *platform,
                                         const spsi_selector *selector) {
    (void)platform;
    (void)selector;
    return SPSI_NO_HANDLE;
}

spsi_handle spsi_sim_descriptor(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    (void)handle;
    return SPSI_NO_HANDLE;
}
