// SPDX-License-Identifier: MIT
//
// Sockets: opening, addresses, options, listening and accepting.
#include "socket.h"

#include <assert.h>
#include <string.h>

#include "address.h"
#include "connection.h"
#include "files.h"
#include "host.h"
#include "memory.h"
#include "random.h"
#include "selector.h"
#include "sim.h"
#include "trace.h"
#include "world.h"

enum {
    DEFAULT_BUFFER = 212992,  // net.core.wmem_default
    LEAST_SEND_BUFFER = 4608, // socket(7)
    LEAST_RECEIVE_BUFFER = 2304,
    DEFAULT_BACKLOG = 4096, // somaxconn
    FIRST_EPHEMERAL = 32768,
    LAST_EPHEMERAL = 60999,
};

// ---- Invariants

bool spsi_sim_backlog_is_consistent(const spsi_sim_socket *socket) {
    size_t count = 0;
    const spsi_sim_end *last = NULL;
    for (const spsi_sim_end *end = socket->first_waiting; end != NULL; end = end->next_waiting) {
        if (end->listener != socket || end->socket != NULL || !end->is_open) {
            return false;
        }
        last = end;
        count++;
    }
    return count == socket->waiting_count && last == socket->last_waiting &&
           (count == 0 || socket->state == SPSI_SIM_STATE_LISTENING);
}

bool spsi_sim_socket_is_consistent(const spsi_sim_socket *socket) {
    const spsi_sim_host *host = socket->host;
    const bool has_end =
        socket->state == SPSI_SIM_STATE_CONNECTING || socket->state == SPSI_SIM_STATE_CONNECTED;
    if (socket->handle < 0 || (size_t)socket->handle >= host->slot_capacity ||
        host->slots[socket->handle].socket != socket || (socket->end != NULL) != has_end ||
        (has_end && socket->end->socket != socket)) {
        return false;
    }
    for (const spsi_sim_watch *each = socket->watches; each != NULL; each = each->next_of_socket) {
        if (!spsi_sim_watch_is_consistent(each) || each->socket != socket) {
            return false;
        }
    }
    return spsi_sim_backlog_is_consistent(socket);
}

// ---- The backlog

// As in Linux, which accepts one more than the limit.
bool spsi_sim_backlog_is_full(const spsi_sim_socket *listener) {
    return listener->waiting_count > listener->backlog;
}

void spsi_sim_backlog_add(spsi_sim_socket *listener, spsi_sim_end *end) {
    assert(listener->state == SPSI_SIM_STATE_LISTENING && end->listener == NULL);
    *(listener->last_waiting != NULL ? &listener->last_waiting->next_waiting
                                     : &listener->first_waiting) = end;
    listener->last_waiting = end;
    listener->waiting_count++;
    end->listener = listener;
    assert(spsi_sim_backlog_is_consistent(listener));
}

void spsi_sim_backlog_remove(spsi_sim_end *end) {
    spsi_sim_socket *listener = end->listener;
    assert(spsi_sim_backlog_is_consistent(listener));
    spsi_sim_end **link = &listener->first_waiting;
    spsi_sim_end *before = NULL;
    while (*link != end) {
        before = *link;
        assert(before != NULL);
        link = &before->next_waiting;
    }
    *link = end->next_waiting;
    listener->last_waiting = listener->last_waiting == end ? before : listener->last_waiting;
    listener->waiting_count--;
    end->listener = NULL;
    end->next_waiting = NULL;
    assert(spsi_sim_backlog_is_consistent(listener));
}

// ---- Opening and closing

spsi_result spsi_sim_socket_open(spsi_sim_host *host, spsi_family family, spsi_handle *out_handle) {
    spsi_sim_world *world = host->world;
    const spsi_result result = spsi_sim_slot_take(host, out_handle);
    if (result.code != SPSI_DONE) {
        return result;
    }
    spsi_sim_socket *socket = spsi_sim_allocate(&world->allocator, sizeof *socket);
    if (socket == NULL) {
        spsi_sim_slot_free(host, *out_handle);
        return spsi_sim_no_memory();
    }
    socket->host = host;
    socket->handle = *out_handle;
    socket->family = family;
    socket->local.family = family;
    socket->options.send_buffer = socket->options.receive_buffer = DEFAULT_BUFFER;
    host->slots[*out_handle] = (spsi_sim_slot){socket, false};
    assert(spsi_sim_socket_is_consistent(socket));
    return result;
}

// Resets the connections in the backlog.
static void stop_listening(spsi_sim_socket *socket) {
    while (socket->first_waiting != NULL) {
        spsi_sim_end *end = socket->first_waiting;
        spsi_sim_backlog_remove(end);
        end->options.resets_at_close = true;
        spsi_sim_end_close(end);
    }
}

// The file of a path outlives its socket. An abstract name does not.
static void leave_file(spsi_sim_socket *socket) {
    spsi_sim_file *file = socket->host->files;
    while (file != NULL && file->socket != socket) {
        file = file->next;
    }
    if (file == NULL) {
        return;
    }
    file->socket = NULL;
    if (file->path[0] == SPSI_ABSTRACT_MARK) {
        spsi_sim_file_erase(socket->host, file);
    }
}

void spsi_sim_socket_close(spsi_sim_socket *socket) {
    spsi_sim_host *host = socket->host;
    assert(spsi_sim_socket_is_consistent(socket));
    if (socket->watches != NULL) {
        host->world->mistakes++;
        spsi_sim_trace_event(host->world, host, "mistake: closed while watched", socket->handle, 0);
        spsi_sim_socket_forget_watches(socket);
    }
    stop_listening(socket);
    leave_file(socket);
    if (socket->end != NULL) {
        socket->end->options = socket->options;
        spsi_sim_end_close(socket->end);
    }
    spsi_sim_slot_free(host, socket->handle);
    spsi_sim_free(&host->world->allocator, socket, sizeof *socket);
}

// ---- Binding

static bool covers_ipv4(const spsi_sim_socket *socket) {
    return socket->family == SPSI_FAMILY_IPV6 && socket->options.dual_stack;
}

static bool is_any_of(const spsi_sim_socket *socket, spsi_family family) {
    return spsi_sim_ip_is_any(&socket->local) &&
           (socket->local.family == family || (family == SPSI_FAMILY_IPV4 && covers_ipv4(socket)));
}

// Whether two sockets claim the same address and port.
static bool overlap(const spsi_sim_socket *one, const spsi_sim_socket *other) {
    if (one->local.port != other->local.port) {
        return false;
    }
    return spsi_sim_ip_is_same(&one->local, &other->local) || is_any_of(one, other->local.family) ||
           is_any_of(other, one->local.family);
}

static bool may_share(const spsi_sim_socket *one, const spsi_sim_socket *other) {
    if (one->options.reuses_port && other->options.reuses_port) {
        return true;
    }
    return one->options.reuses_address && other->options.reuses_address &&
           other->state != SPSI_SIM_STATE_LISTENING;
}

static bool is_taken(const spsi_sim_socket *socket) {
    const spsi_sim_host *host = socket->host;
    for (size_t i = 0; i < host->slot_capacity; i++) {
        const spsi_sim_socket *other = host->slots[i].socket;
        if (other != NULL && other != socket && other->is_bound &&
            other->family != SPSI_FAMILY_UNIX && overlap(socket, other) &&
            !may_share(socket, other)) {
            return true;
        }
    }
    return false;
}

static spsi_result bind_to_file(spsi_sim_socket *socket, const spsi_address *address) {
    if (spsi_sim_file_find(socket->host, address->path) != NULL) {
        return spsi_sim_result(SPSI_ADDRESS_IN_USE, SPSI_SIM_EADDRINUSE);
    }
    if (spsi_sim_file_create(socket->host, address->path, socket) == NULL) {
        return spsi_sim_no_memory();
    }
    socket->local = *address;
    socket->is_bound = true;
    return spsi_sim_done();
}

bool spsi_sim_socket_bind_to_any_port(spsi_sim_socket *socket, const spsi_address *source) {
    spsi_sim_host *host = socket->host;
    const spsi_address before = socket->local;
    socket->local = *source;
    socket->is_bound = true;
    for (int tries = FIRST_EPHEMERAL; tries <= LAST_EPHEMERAL; tries++) {
        socket->local.port = host->next_port;
        host->next_port =
            host->next_port == LAST_EPHEMERAL ? FIRST_EPHEMERAL : (uint16_t)(host->next_port + 1);
        if (!is_taken(socket)) {
            return true;
        }
    }
    socket->local = before;
    socket->is_bound = false;
    return false;
}

spsi_result spsi_sim_socket_bind(spsi_sim_socket *socket, const spsi_address *address) {
    if (socket->is_bound || address->family != socket->family) {
        return spsi_sim_result(SPSI_ADDRESS_INVALID, SPSI_SIM_EINVAL);
    }
    if (address->family == SPSI_FAMILY_UNIX) {
        return bind_to_file(socket, address);
    }
    if (!spsi_sim_ip_is_any(address) && !spsi_sim_host_has_address(socket->host, address)) {
        return spsi_sim_result(SPSI_ADDRESS_INVALID, SPSI_SIM_EADDRNOTAVAIL);
    }
    const spsi_result in_use = spsi_sim_result(SPSI_ADDRESS_IN_USE, SPSI_SIM_EADDRINUSE);
    if (address->port == 0) {
        return spsi_sim_socket_bind_to_any_port(socket, address) ? spsi_sim_done() : in_use;
    }
    const spsi_address before = socket->local;
    socket->local = *address;
    if (is_taken(socket)) {
        socket->local = before;
        return in_use;
    }
    socket->is_bound = true;
    return spsi_sim_done();
}

// ---- Options

// Linux doubles the requested size, for its own overhead.
static uint32_t buffer_for(uint32_t value, uint32_t least) {
    const uint32_t doubled = value < UINT32_MAX / 2 ? value * 2 : UINT32_MAX;
    return doubled > least ? doubled : least;
}

static void set_buffer(spsi_sim_socket *socket, spsi_option option, uint32_t value) {
    spsi_sim_end *end = socket->end;
    if (option == SPSI_SEND_BUFFER) {
        socket->options.send_buffer = buffer_for(value, LEAST_SEND_BUFFER);
        if (end != NULL) {
            spsi_sim_end_peer(end)->in.send_buffer = socket->options.send_buffer;
        }
    } else {
        socket->options.receive_buffer = buffer_for(value, LEAST_RECEIVE_BUFFER);
        if (end != NULL) {
            end->in.receive_buffer = socket->options.receive_buffer;
        }
    }
}

spsi_result spsi_sim_socket_set_option(spsi_sim_socket *socket, spsi_option option,
                                       uint32_t value) {
    spsi_sim_socket_options *options = &socket->options;
    switch (option) {
    case SPSI_DUAL_STACK:
        options->dual_stack = value != 0;
        break;
    case SPSI_REBIND:
    case SPSI_SHARED_BIND:
        options->reuses_address = value != 0;
        break;
    case SPSI_REUSE_PORT:
        options->reuses_port = value != 0;
        break;
    case SPSI_SEND_BUFFER:
    case SPSI_RECEIVE_BUFFER:
        set_buffer(socket, option, value);
        break;
    case SPSI_KEEPALIVE_IDLE:
        options->keepalive_idle_ms = value;
        break;
    case SPSI_KEEPALIVE_INTERVAL:
        options->keepalive_interval_ms = value;
        break;
    case SPSI_KEEPALIVE_COUNT:
        options->keepalive_count = value;
        break;
    case SPSI_USER_TIMEOUT:
        options->user_timeout_ms = value;
        break;
    case SPSI_RESET_AT_CLOSE:
        options->resets_at_close = value != 0;
        break;
    default: // the simulation never delays a write, so SPSI_NO_DELAY has no effect
        break;
    }
    if (socket->end != NULL) {
        socket->end->options = *options;
        spsi_sim_end_set_watchdog(socket->end);
    }
    return spsi_sim_done();
}

// ---- Listening

spsi_result spsi_sim_socket_listen(spsi_sim_socket *socket, uint32_t backlog) {
    assert(socket->end == NULL);
    socket->state = SPSI_SIM_STATE_LISTENING;
    if (socket->family != SPSI_FAMILY_UNIX && is_taken(socket)) {
        socket->state = SPSI_SIM_STATE_UNCONNECTED;
        return spsi_sim_result(SPSI_ADDRESS_IN_USE, SPSI_SIM_EADDRINUSE);
    }
    socket->backlog = backlog == 0 || backlog > DEFAULT_BACKLOG ? DEFAULT_BACKLOG : backlog;
    return spsi_sim_done();
}

// How well a listener matches an address: 3 exactly, 2 any of its family, 1 any of both families,
// 0 not at all.
static int match(const spsi_sim_socket *socket, const spsi_address *address) {
    if (socket->state != SPSI_SIM_STATE_LISTENING || socket->family == SPSI_FAMILY_UNIX ||
        socket->local.port != address->port) {
        return 0;
    }
    if (spsi_sim_ip_is_same(&socket->local, address)) {
        return 3;
    }
    if (!is_any_of(socket, address->family)) {
        return 0;
    }
    return socket->local.family == address->family ? 2 : 1;
}

// Chooses by chance among listeners that share a port.
spsi_sim_socket *spsi_sim_host_find_listener(const spsi_sim_host *host,
                                             const spsi_address *address) {
    spsi_sim_socket *best = NULL;
    int best_match = 0;
    uint64_t equals = 0;
    for (size_t i = 0; i < host->slot_capacity; i++) {
        spsi_sim_socket *socket = host->slots[i].socket;
        const int this_match = socket != NULL ? match(socket, address) : 0;
        if (this_match == 0 || this_match < best_match) {
            continue;
        }
        equals = this_match == best_match ? equals + 1 : 1;
        best_match = this_match;
        if (equals == 1 || spsi_sim_random_below(&host->world->random, equals) == 0) {
            best = socket;
        }
    }
    return best;
}

// The first established connection of the backlog. One in a handshake does not hold up the others.
static spsi_sim_end *first_established(const spsi_sim_socket *socket) {
    spsi_sim_end *end = socket->first_waiting;
    while (end != NULL && !end->is_established) {
        end = end->next_waiting;
    }
    return end;
}

spsi_result spsi_sim_socket_accept(spsi_sim_socket *socket, spsi_handle *out_handle,
                                   spsi_address *out_peer) {
    if (socket->state != SPSI_SIM_STATE_LISTENING) {
        return spsi_sim_result(SPSI_ADDRESS_INVALID, SPSI_SIM_EINVAL);
    }
    spsi_sim_end *end = first_established(socket);
    if (end == NULL) {
        return spsi_sim_again();
    }
    const spsi_result result = spsi_sim_socket_open(socket->host, socket->family, out_handle);
    if (result.code != SPSI_DONE) {
        return result;
    }
    spsi_sim_socket *accepted = socket->host->slots[*out_handle].socket;
    spsi_sim_backlog_remove(end);
    accepted->state = SPSI_SIM_STATE_CONNECTED;
    accepted->is_bound = socket->family != SPSI_FAMILY_UNIX;
    accepted->local = end->local;
    accepted->options = end->options;
    accepted->end = end;
    end->socket = accepted;
    assert(spsi_sim_socket_is_consistent(accepted) && spsi_sim_end_is_consistent(end));
    *out_peer = spsi_sim_end_peer(end)->local;
    return result;
}
