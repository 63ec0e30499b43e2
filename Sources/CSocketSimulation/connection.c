// SPDX-License-Identifier: MIT
//
// Connections: the handshake, the two ends, and why a connection ends.
#include "connection.h"

#include <assert.h>
#include <string.h>

#include "address.h"
#include "faults.h"
#include "files.h"
#include "host.h"
#include "link.h"
#include "memory.h"
#include "pipe.h"
#include "selector.h"
#include "sim.h"
#include "socket.h"
#include "timers.h"
#include "trace.h"
#include "world.h"

enum {
    FIRST_RETRY_US = 1000000, // RFC 6298, 2.1
    // tcp_syn_retries and tcp_retries2 of tcp(7), as times.
    CONNECT_GIVES_UP_US = 127000000,
    GIVES_UP_MS = 924600,
    KEEPALIVE_INTERVAL_MS = 75000,
    KEEPALIVE_COUNT = 9,
};

spsi_sim_end *spsi_sim_end_peer(const spsi_sim_end *end) {
    spsi_sim_connection *connection = end->connection;
    return end == &connection->ends[0] ? &connection->ends[1] : &connection->ends[0];
}

// ---- Invariants

// An open end belongs to a socket, or it waits in a backlog. A closed end does neither.
static bool has_owner(const spsi_sim_end *end) {
    if (end->socket == NULL) {
        return end->is_open == (end->listener != NULL);
    }
    const bool is_connected = end->socket->state == SPSI_SIM_STATE_CONNECTED;
    return end->is_open && end->listener == NULL && end->next_waiting == NULL &&
           end->socket->end == end && end->socket->host == end->host &&
           is_connected == end->is_established;
}

bool spsi_sim_end_is_consistent(const spsi_sim_end *end) {
    const spsi_sim_connection *connection = end->connection;
    const uint64_t now_us = connection->world->now_us;
    return (end == &connection->ends[0] || end == &connection->ends[1]) && has_owner(end) &&
           end->heard_us <= now_us && end->in.progress_us <= now_us &&
           (!end->in.has_fin || spsi_sim_end_peer(end)->has_sent_fin) &&
           spsi_sim_pipe_is_consistent(&end->in, connection->link == NULL);
}

static bool is_listed(const spsi_sim_connection *connection) {
    const spsi_sim_connection *next = connection->next, *previous = connection->previous;
    return (next == NULL || next->previous == connection) &&
           (previous != NULL ? previous->next : connection->world->connections) == connection;
}

static bool joins_its_hosts(const spsi_sim_connection *connection) {
    const spsi_sim_link *link = connection->link;
    const spsi_sim_host *client = connection->ends[0].host, *server = connection->ends[1].host;
    if (link == NULL) { // a Unix connection
        return client == server;
    }
    return (link->hosts[0] == client && link->hosts[1] == server) ||
           (link->hosts[0] == server && link->hosts[1] == client);
}

bool spsi_sim_connection_is_consistent(const spsi_sim_connection *connection) {
    const bool is_established = connection->stage == SPSI_SIM_STAGE_ESTABLISHED;
    return is_listed(connection) && joins_its_hosts(connection) &&
           (connection->ends[0].is_open || connection->ends[1].is_open) &&
           (!is_established || connection->handshake.due_us == SPSI_SIM_NEVER) &&
           spsi_sim_end_is_consistent(&connection->ends[0]) &&
           spsi_sim_end_is_consistent(&connection->ends[1]);
}

// ---- Creating and freeing

static void watchdog_fires(void *end);
static void handshake_fires(void *connection);

static bool add_timers(spsi_sim_world *world, spsi_sim_connection *connection) {
    bool good = spsi_sim_timer_add(&world->timers, &world->allocator, &connection->handshake,
                                   handshake_fires, connection);
    for (int side = 0; side < 2; side++) {
        spsi_sim_end *end = &connection->ends[side];
        good = good &&
               spsi_sim_timer_add(&world->timers, &world->allocator, &end->watchdog, watchdog_fires,
                                  end) &&
               spsi_sim_timer_add(&world->timers, &world->allocator, &end->in.delivery,
                                  spsi_sim_end_delivery_fires, end) &&
               spsi_sim_timer_add(&world->timers, &world->allocator, &end->in.ack,
                                  spsi_sim_end_ack_fires, end);
    }
    return good;
}

static void free_connection(spsi_sim_connection *connection) {
    spsi_sim_world *world = connection->world;
    spsi_sim_timer_remove(&world->timers, &connection->handshake);
    for (int side = 0; side < 2; side++) {
        spsi_sim_end *end = &connection->ends[side];
        assert(!end->is_open && end->socket == NULL && end->listener == NULL);
        spsi_sim_timer_remove(&world->timers, &end->watchdog);
        spsi_sim_timer_remove(&world->timers, &end->in.delivery);
        spsi_sim_timer_remove(&world->timers, &end->in.ack);
        spsi_sim_free(&world->allocator, end->in.bytes, end->in.capacity);
        spsi_sim_free(&world->allocator, end->in.segments,
                      end->in.segment_capacity * sizeof *end->in.segments);
    }
    spsi_sim_free(&world->allocator, connection, sizeof *connection);
}

// Creates a connection. The client's end belongs to the socket, the server's end is not open yet.
// NULL without memory.
static spsi_sim_connection *create(spsi_sim_socket *client, spsi_sim_host *target,
                                   spsi_sim_link *link) {
    spsi_sim_world *world = client->host->world;
    spsi_sim_connection *connection = spsi_sim_allocate(&world->allocator, sizeof *connection);
    if (connection == NULL) {
        return NULL;
    }
    connection->world = world;
    connection->link = link;
    connection->begin_us = world->now_us;
    connection->retry_us = FIRST_RETRY_US;
    connection->ends[0].host = client->host;
    connection->ends[1].host = target;
    for (int side = 0; side < 2; side++) {
        connection->ends[side].connection = connection;
    }
    if (!add_timers(world, connection)) {
        free_connection(connection);
        return NULL;
    }
    spsi_sim_end *end = &connection->ends[0];
    end->socket = client;
    end->local = client->local;
    end->options = client->options;
    end->is_open = true;
    client->end = end;
    connection->next = world->connections;
    if (world->connections != NULL) {
        world->connections->previous = connection;
    }
    world->connections = connection;
    return connection;
}

static void unlink_connection(spsi_sim_connection *connection) {
    assert(is_listed(connection));
    if (connection->next != NULL) {
        connection->next->previous = connection->previous;
    }
    *(connection->previous != NULL ? &connection->previous->next
                                   : &connection->world->connections) = connection->next;
}

void spsi_sim_connection_free_if_closed(spsi_sim_connection *connection) {
    if (connection->ends[0].is_open || connection->ends[1].is_open) {
        assert(spsi_sim_connection_is_consistent(connection));
        return;
    }
    unlink_connection(connection);
    free_connection(connection);
}

// ---- The handshake

static void set_buffers(spsi_sim_connection *connection) {
    for (int side = 0; side < 2; side++) {
        spsi_sim_end *end = &connection->ends[side];
        end->in.receive_buffer = end->options.receive_buffer;
        end->in.send_buffer = spsi_sim_end_peer(end)->options.send_buffer;
        end->heard_us = connection->world->now_us;
    }
}

// Opens the server's end and adds it to the backlog.
static void join_backlog(spsi_sim_connection *connection, spsi_sim_socket *listener,
                         const spsi_address *address) {
    spsi_sim_end *end = &connection->ends[1];
    end->is_open = true;
    end->local = *address;
    end->options = listener->options;
    end->options.resets_at_close = false;
    spsi_sim_backlog_add(listener, end);
    set_buffers(connection);
}

static void go_to(spsi_sim_connection *connection, spsi_sim_stage stage, uint64_t delay_us) {
    connection->stage = stage;
    spsi_sim_schedule(connection->world, &connection->handshake,
                      spsi_sim_add_us(connection->world->now_us, delay_us));
}

// Sends a lost handshake packet again, with exponential back-off.
static void retry(spsi_sim_connection *connection) {
    const uint64_t waited_us = connection->world->now_us - connection->begin_us;
    if (waited_us >= CONNECT_GIVES_UP_US) {
        spsi_sim_end_kill(&connection->ends[0], SPSI_TIMED_OUT, SPSI_SIM_ETIMEDOUT);
        return;
    }
    const uint64_t left_us = CONNECT_GIVES_UP_US - waited_us;
    go_to(connection, connection->stage,
          connection->retry_us < left_us ? connection->retry_us : left_us);
    connection->retry_us *= 2;
}

// The SYN arrives at the server's host.
static void syn_arrives(spsi_sim_connection *connection) {
    spsi_sim_world *world = connection->world;
    const spsi_address *target = &connection->ends[1].local;
    spsi_sim_socket *listener = spsi_sim_host_find_listener(connection->ends[1].host, target);
    if (listener == NULL || connection->link->cut == SPS_LINK_CUT_REFUSING ||
        spsi_sim_chance(world, world->faults.chaos.refused_connects)) {
        go_to(connection, SPSI_SIM_STAGE_REFUSAL, spsi_sim_link_transit_us(connection->link));
    } else if (spsi_sim_backlog_is_full(listener)) {
        retry(connection);
    } else {
        const spsi_address address = *target;
        join_backlog(connection, listener, &address);
        go_to(connection, SPSI_SIM_STAGE_SYN_ACK, spsi_sim_link_transit_us(connection->link));
    }
}

// The client is connected now. Its bytes arrive behind its acknowledgement.
static void syn_ack_arrives(spsi_sim_connection *connection) {
    spsi_sim_end *end = &connection->ends[0];
    if (!connection->ends[1].is_open) { // the server stopped during the handshake
        spsi_sim_end_kill(end, SPSI_REFUSED, SPSI_SIM_ECONNREFUSED);
        return;
    }
    end->is_established = true;
    end->socket->state = SPSI_SIM_STATE_CONNECTED;
    spsi_sim_socket_notify(end->socket);
    go_to(connection, SPSI_SIM_STAGE_ACK, spsi_sim_link_transit_us(connection->link));
    connection->ends[1].in.last_us = connection->handshake.due_us;
}

static void ack_arrives(spsi_sim_connection *connection) {
    spsi_sim_end *end = &connection->ends[1];
    connection->stage = SPSI_SIM_STAGE_ESTABLISHED;
    end->is_established = true;
    spsi_sim_socket_notify(end->listener);
}

static void handshake_fires(void *owner) {
    spsi_sim_connection *connection = owner;
    spsi_sim_end *client = &connection->ends[0];
    const bool is_over = connection->stage == SPSI_SIM_STAGE_REFUSAL ||
                         connection->stage == SPSI_SIM_STAGE_UNREACHABLE;
    spsi_sim_trace_event(connection->world, client->host, "handshake", client->local.port,
                         connection->stage);
    if (!is_over && !spsi_sim_link_carries(connection->link)) {
        if (connection->link->cut == SPS_LINK_CUT_UNREACHABLE &&
            connection->stage == SPSI_SIM_STAGE_SYN) {
            go_to(connection, SPSI_SIM_STAGE_UNREACHABLE, connection->link->options.latency_us);
        } else {
            retry(connection);
        }
        return;
    }
    switch (connection->stage) {
    case SPSI_SIM_STAGE_SYN:
        syn_arrives(connection);
        break;
    case SPSI_SIM_STAGE_SYN_ACK:
        syn_ack_arrives(connection);
        break;
    case SPSI_SIM_STAGE_ACK:
        ack_arrives(connection);
        break;
    case SPSI_SIM_STAGE_REFUSAL:
        spsi_sim_end_kill(client, SPSI_REFUSED, SPSI_SIM_ECONNREFUSED);
        break;
    case SPSI_SIM_STAGE_UNREACHABLE:
        spsi_sim_end_kill(client, SPSI_UNREACHABLE, SPSI_SIM_EHOSTUNREACH);
        break;
    case SPSI_SIM_STAGE_ESTABLISHED:
        break;
    }
    assert(spsi_sim_connection_is_consistent(connection));
}

static spsi_result connect_ip(spsi_sim_socket *socket, const spsi_address *wanted) {
    spsi_sim_host *host = socket->host;
    spsi_address target = *wanted;
    if (spsi_sim_ip_is_any(&target)) { // connect(2) to "any" reaches this machine
        spsi_sim_ip_from_text(target.family == SPSI_FAMILY_IPV4 ? "127.0.0.1" : "::1", &target);
        target.port = wanted->port;
    }
    spsi_sim_host *other = spsi_sim_host_reached_at(host, &target);
    spsi_address source;
    if (other == NULL || !spsi_sim_host_source_for(host, &target, &source)) {
        return spsi_sim_result(SPSI_UNREACHABLE, SPSI_SIM_ENETUNREACH);
    }
    spsi_sim_link *link = spsi_sim_link_between(host, other);
    if (link == NULL) {
        return spsi_sim_no_memory();
    }
    if (!socket->is_bound && !spsi_sim_socket_bind_to_any_port(socket, &source)) {
        return spsi_sim_result(SPSI_FAILED, SPSI_SIM_EAGAIN); // connect(2): no port is free
    }
    if (spsi_sim_ip_is_any(&socket->local)) {
        source.port = socket->local.port;
        socket->local = source;
    }
    spsi_sim_connection *connection = create(socket, other, link);
    if (connection == NULL) {
        return spsi_sim_no_memory();
    }
    connection->ends[1].local = target;
    socket->state = SPSI_SIM_STATE_CONNECTING;
    go_to(connection, SPSI_SIM_STAGE_SYN, spsi_sim_link_transit_us(link));
    assert(spsi_sim_connection_is_consistent(connection));
    return spsi_sim_again();
}

enum { WRITE_BITS = 0222 };

static spsi_result connect_unix(spsi_sim_socket *socket, const spsi_address *address) {
    spsi_sim_host *host = socket->host;
    const spsi_sim_file *file = spsi_sim_file_find(host, address->path);
    if (file == NULL) {
        const bool is_abstract = address->path[0] == SPSI_ABSTRACT_MARK;
        return spsi_sim_result(SPSI_REFUSED, is_abstract ? SPSI_SIM_ECONNREFUSED : SPSI_SIM_ENOENT);
    }
    if ((file->mode & WRITE_BITS) == 0) {
        return spsi_sim_result(SPSI_DENIED, SPSI_SIM_EACCES);
    }
    spsi_sim_socket *listener = file->socket;
    if (listener == NULL || listener->state != SPSI_SIM_STATE_LISTENING) {
        return spsi_sim_result(SPSI_REFUSED, SPSI_SIM_ECONNREFUSED);
    }
    if (spsi_sim_backlog_is_full(listener)) {
        return spsi_sim_again();
    }
    spsi_sim_connection *connection = create(socket, host, NULL);
    if (connection == NULL) {
        return spsi_sim_no_memory();
    }
    join_backlog(connection, listener, &listener->local);
    connection->stage = SPSI_SIM_STAGE_ESTABLISHED;
    connection->ends[0].is_established = connection->ends[1].is_established = true;
    socket->state = SPSI_SIM_STATE_CONNECTED;
    spsi_sim_socket_notify(listener);
    assert(spsi_sim_connection_is_consistent(connection));
    return spsi_sim_done();
}

spsi_result spsi_sim_socket_connect(spsi_sim_socket *socket, const spsi_address *address) {
    if (socket->state == SPSI_SIM_STATE_CONNECTING) {
        return spsi_sim_again();
    }
    if (socket->state == SPSI_SIM_STATE_CONNECTED) {
        return spsi_sim_done();
    }
    if (address->family == SPSI_FAMILY_UNIX) {
        return connect_unix(socket, address);
    }
    return connect_ip(socket, address);
}

// ---- Ending

void spsi_sim_end_kill(spsi_sim_end *end, spsi_code code, int32_t os_code) {
    if (end->is_dead) {
        return;
    }
    spsi_sim_world *world = end->connection->world;
    end->is_dead = true;
    end->error = spsi_sim_result(code, os_code);
    if (!end->is_established) {
        spsi_sim_schedule(world, &end->connection->handshake, SPSI_SIM_NEVER);
    }
    spsi_sim_schedule(world, &end->watchdog, SPSI_SIM_NEVER);
    spsi_sim_trace_event(world, end->host, "connection over", end->local.port, code);
    spsi_sim_socket_notify(end->socket);
}

static bool has_unread(const spsi_sim_end *end) {
    return end->in.arrived > end->in.read;
}

void spsi_sim_end_close(spsi_sim_end *end) {
    spsi_sim_connection *connection = end->connection;
    spsi_sim_end *peer = spsi_sim_end_peer(end);
    end->is_open = false;
    end->socket = NULL;
    const bool is_client = end == &connection->ends[0];
    if (is_client && !end->is_established && peer->is_open) {
        spsi_sim_backlog_remove(peer);
        peer->is_open = false;
    }
    const bool is_known =
        is_client || peer->is_established; // else the client learns it from the handshake
    if (peer->is_open && is_known && !end->is_dead) {
        if (end->options.resets_at_close || has_unread(end)) {
            spsi_sim_end_send_reset(end);
        } else if (!end->has_sent_fin) {
            spsi_sim_end_send_fin(end);
        }
    }
    spsi_sim_connection_free_if_closed(connection);
}

void spsi_sim_connection_reset(spsi_sim_connection *connection) {
    for (int side = 0; side < 2; side++) {
        spsi_sim_end *end = &connection->ends[side];
        if (end->is_open && connection->stage == SPSI_SIM_STAGE_ESTABLISHED) {
            spsi_sim_end_kill(end, SPSI_RESET, SPSI_SIM_ECONNRESET);
        }
    }
}

// ---- Giving up

static uint64_t milliseconds(uint32_t value, uint32_t default_ms) {
    return (uint64_t)(value != 0 ? value : default_ms) * 1000;
}

static bool is_unacknowledged(const spsi_sim_end *end) {
    const spsi_sim_pipe *out = &spsi_sim_end_peer(end)->in;
    return out->sent > out->acked;
}

// When an end without an answer gives up. SPSI_SIM_NEVER: it does not.
static uint64_t gives_up_us(const spsi_sim_end *end) {
    const spsi_sim_socket_options *options = &end->options;
    if (is_unacknowledged(end)) {
        return spsi_sim_add_us(spsi_sim_end_peer(end)->in.progress_us,
                               milliseconds(options->user_timeout_ms, GIVES_UP_MS));
    }
    if (options->keepalive_idle_ms == 0) {
        return SPSI_SIM_NEVER;
    }
    const uint64_t count =
        options->keepalive_count != 0 ? options->keepalive_count : KEEPALIVE_COUNT;
    const uint64_t probes_us =
        count * milliseconds(options->keepalive_interval_ms, KEEPALIVE_INTERVAL_MS);
    return spsi_sim_add_us(end->heard_us, milliseconds(options->keepalive_idle_ms, 0) + probes_us);
}

static bool is_cut_off(const spsi_sim_end *end) {
    const spsi_sim_connection *connection = end->connection;
    return connection->link != NULL && end->is_established && !end->is_dead &&
           !spsi_sim_link_carries(connection->link);
}

// On a whole link the peer answers each probe, so only a cut link needs the watchdog.
void spsi_sim_end_set_watchdog(spsi_sim_end *end) {
    spsi_sim_world *world = end->connection->world;
    uint64_t due_us = is_cut_off(end) ? gives_up_us(end) : SPSI_SIM_NEVER;
    due_us = due_us < world->now_us ? world->now_us : due_us;
    spsi_sim_schedule(world, &end->watchdog, due_us);
}

// The peer has answered every probe until now.
void spsi_sim_end_cut_off(spsi_sim_end *end) {
    end->heard_us = end->connection->world->now_us;
    spsi_sim_end_peer(end)->in.progress_us = end->heard_us;
    spsi_sim_end_set_watchdog(end);
}

static void watchdog_fires(void *owner) {
    spsi_sim_end *end = owner;
    if (!is_cut_off(end) || gives_up_us(end) > end->connection->world->now_us) {
        spsi_sim_end_set_watchdog(end);
        return;
    }
    spsi_sim_end_kill(end, is_unacknowledged(end) ? SPSI_TIMED_OUT : SPSI_NO_ANSWER,
                      SPSI_SIM_ETIMEDOUT);
}
