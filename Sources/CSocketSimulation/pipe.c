// SPDX-License-Identifier: MIT
//
// Bytes in flight. Sent bytes count against the send buffer until they are acknowledged. Arrived
// bytes count against the receive buffer until they are read. Bytes without room there wait, as
// behind a closed window. On a Unix socket bytes arrive at once, and only the send buffer counts.
#include "pipe.h"

#include <assert.h>
#include <string.h>

#include "connection.h"
#include "faults.h"
#include "link.h"
#include "memory.h"
#include "random.h"
#include "selector.h"
#include "sim.h"
#include "timers.h"
#include "trace.h"
#include "world.h"

enum { RETRANSMIT_US = 200000, MOST_PIECES = 4, MOST_PIECE_DELAY_US = 2000 };

static bool is_unix(const spsi_sim_end *end) {
    return end->connection->link == NULL;
}

static spsi_sim_world *world_of(const spsi_sim_end *end) {
    return end->connection->world;
}

// Returns an error once.
static spsi_result take_error(spsi_sim_end *end) {
    const spsi_result error = end->error;
    end->error = spsi_sim_done();
    return error;
}

// ---- Invariants

bool spsi_sim_pipe_is_in_order(const spsi_sim_pipe *pipe) {
    return pipe->read <= pipe->arrived && pipe->arrived <= pipe->delivered &&
           pipe->delivered <= pipe->sent && pipe->sent - pipe->read <= pipe->capacity &&
           pipe->acked <= pipe->next_acked && pipe->next_acked <= pipe->arrived;
}

// Segments follow each other in position and time, from `delivered` to `sent`.
static bool are_segments_in_order(const spsi_sim_pipe *pipe) {
    spsi_sim_segment before = {pipe->delivered, 0};
    for (size_t i = 0; i < pipe->segment_count; i++) {
        const spsi_sim_segment *segment =
            &pipe->segments[(pipe->first_segment + i) % pipe->segment_capacity];
        if (segment->end <= before.end || segment->due_us < before.due_us) {
            return false;
        }
        before = *segment;
    }
    return pipe->segment_count <= pipe->segment_capacity && before.due_us <= pipe->last_us &&
           (pipe->segment_count == 0 || before.end == pipe->sent);
}

bool spsi_sim_pipe_is_consistent(const spsi_sim_pipe *pipe, bool is_unix) {
    const bool is_complete = pipe->segment_count == 0 && pipe->delivered == pipe->sent;
    return spsi_sim_pipe_is_in_order(pipe) && are_segments_in_order(pipe) &&
           (!pipe->has_fin_arrived || (pipe->has_fin && is_complete)) &&
           (!is_unix || (is_complete && pipe->arrived == pipe->sent && !pipe->is_reset &&
                         pipe->delivery.due_us == SPSI_SIM_NEVER));
}

// ---- Times of arrival

static uint64_t next_us(const spsi_sim_pipe *in) {
    if (in->is_held) {
        return SPSI_SIM_NEVER;
    }
    if (in->segment_count > 0) {
        return in->segments[in->first_segment].due_us;
    }
    if (in->has_fin && !in->has_fin_arrived) {
        return in->fin_us;
    }
    return in->is_reset ? in->reset_us : SPSI_SIM_NEVER;
}

static void schedule(spsi_sim_end *end) {
    spsi_sim_schedule(world_of(end), &end->in.delivery, next_us(&end->in));
}

static uint64_t one_way_from_now_us(const spsi_sim_end *end) {
    return spsi_sim_add_us(world_of(end)->now_us, spsi_sim_link_transit_us(end->connection->link));
}

// When a packet that departs now arrives at an end. Never before the packets sent earlier.
static uint64_t arrival_us(spsi_sim_end *end, uint64_t depart_us) {
    spsi_sim_world *world = world_of(end);
    const sps_simulation_chaos *chaos = &world->faults.chaos;
    uint64_t due_us = spsi_sim_add_us(depart_us, spsi_sim_link_transit_us(end->connection->link));
    if (spsi_sim_chance(world, chaos->late_deliveries)) {
        due_us = spsi_sim_add_us(
            due_us, spsi_sim_random_below(&world->random, (uint64_t)chaos->late_us + 1));
    }
    end->in.last_us = due_us > end->in.last_us ? due_us : end->in.last_us;
    return end->in.last_us;
}

// ---- The rings

static bool reserve_bytes(const spsi_sim_world *world, spsi_sim_pipe *in, size_t more) {
    const size_t used = (size_t)(in->sent - in->read);
    if (used + more <= in->capacity) {
        return true;
    }
    size_t capacity = in->capacity == 0 ? 1024 : in->capacity;
    while (capacity < used + more) {
        capacity *= 2;
    }
    uint8_t *bytes = spsi_sim_allocate(&world->allocator, capacity);
    if (bytes == NULL) {
        return false;
    }
    assert(used == 0 || in->capacity > 0);
    for (size_t i = 0; i < used; i++) {
        bytes[(in->read + i) % capacity] = in->bytes[(in->read + i) % in->capacity];
    }
    spsi_sim_free(&world->allocator, in->bytes, in->capacity);
    in->bytes = bytes;
    in->capacity = capacity;
    return true;
}

static bool reserve_segments(const spsi_sim_world *world, spsi_sim_pipe *in, size_t more) {
    if (in->segment_count + more <= in->segment_capacity) {
        return true;
    }
    const size_t capacity = in->segment_capacity == 0 ? 8 : in->segment_capacity * 2;
    spsi_sim_segment *segments = spsi_sim_allocate(&world->allocator, capacity * sizeof *segments);
    if (segments == NULL) {
        return false;
    }
    assert(in->segment_count == 0 || in->segment_capacity > 0);
    for (size_t i = 0; i < in->segment_count; i++) {
        segments[i] = in->segments[(in->first_segment + i) % in->segment_capacity];
    }
    spsi_sim_free(&world->allocator, in->segments, in->segment_capacity * sizeof *segments);
    in->segments = segments;
    in->segment_capacity = capacity;
    in->first_segment = 0;
    return true;
}

static void push_segment(spsi_sim_pipe *in, uint64_t end, uint64_t due_us) {
    assert(in->segment_count < in->segment_capacity);
    const size_t index = (in->first_segment + in->segment_count++) % in->segment_capacity;
    in->segments[index] = (spsi_sim_segment){end, due_us};
}

static void pop_segment(spsi_sim_pipe *in) {
    assert(in->segments[in->first_segment].end > in->delivered);
    in->delivered = in->segments[in->first_segment].end;
    in->first_segment = (in->first_segment + 1) % in->segment_capacity;
    in->segment_count--;
}

static size_t least(size_t one, size_t other) {
    return one < other ? one : other;
}

static void copy_in(spsi_sim_pipe *in, const uint8_t *data, size_t size) {
    while (size > 0) {
        const size_t index = (size_t)(in->sent % in->capacity);
        const size_t count = least(size, in->capacity - index);
        memcpy(in->bytes + index, data, count);
        in->sent += count;
        data += count;
        size -= count;
    }
}

static void copy_out(spsi_sim_pipe *in, uint8_t *out, size_t size) {
    while (size > 0) {
        const size_t index = (size_t)(in->read % in->capacity);
        const size_t count = least(size, in->capacity - index);
        memcpy(out, in->bytes + index, count);
        in->read += count;
        out += count;
        size -= count;
    }
}

// ---- Sending

size_t spsi_sim_end_send_room(const spsi_sim_end *end) {
    const spsi_sim_pipe *out = &spsi_sim_end_peer(end)->in;
    const uint64_t used = out->sent - (is_unix(end) ? out->read : out->acked);
    return used < out->send_buffer ? out->send_buffer - (size_t)used : 0;
}

static uint64_t departure_us(const spsi_sim_end *end, spsi_sim_pipe *out, size_t size) {
    const uint64_t now_us = world_of(end)->now_us;
    const uint64_t rate = end->connection->link->options.bytes_per_second;
    uint64_t depart_us = now_us > out->free_us ? now_us : out->free_us;
    if (rate > 0) {
        depart_us = spsi_sim_add_us(depart_us, (uint64_t)size * 1000000 / rate);
    }
    out->free_us = depart_us;
    return depart_us;
}

// Puts the bytes from `begin` in flight, as one segment, or in pieces by chaos. The caller has
// reserved the segments.
static void dispatch(spsi_sim_end *from, uint64_t begin) {
    spsi_sim_world *world = world_of(from);
    spsi_sim_end *to = spsi_sim_end_peer(from);
    spsi_sim_pipe *out = &to->in;
    uint64_t depart_us = departure_us(from, out, (size_t)(out->sent - begin));
    if (spsi_sim_chance(world, world->faults.chaos.cut_deliveries)) {
        for (int i = 1; i < MOST_PIECES && out->sent - begin > 1; i++) {
            begin += 1 + spsi_sim_random_below(&world->random, out->sent - begin - 1);
            push_segment(out, begin, arrival_us(to, depart_us));
            depart_us = spsi_sim_add_us(depart_us,
                                        spsi_sim_random_below(&world->random, MOST_PIECE_DELAY_US));
        }
    }
    push_segment(out, out->sent, arrival_us(to, depart_us));
    schedule(to);
    spsi_sim_end_set_watchdog(from);
}

static size_t total_of(const spsi_slice *slices, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        total += slices[i].size;
    }
    return total;
}

// How many of `size` possible bytes a call transfers.
static size_t shorten(spsi_sim_world *world, uint32_t per_mille, size_t size) {
    return spsi_sim_chance(world, per_mille)
               ? 1 + (size_t)spsi_sim_random_below(&world->random, size)
               : size;
}

static bool is_broken(const spsi_sim_end *end) {
    return end->is_dead || end->has_sent_fin || (is_unix(end) && !spsi_sim_end_peer(end)->is_open);
}

spsi_result spsi_sim_end_send(spsi_sim_end *end, const spsi_slice *slices, size_t count,
                              size_t *out_sent) {
    spsi_sim_world *world = world_of(end);
    spsi_sim_end *peer = spsi_sim_end_peer(end);
    spsi_sim_pipe *out = &peer->in;
    *out_sent = 0;
    if (end->error.code != SPSI_DONE) {
        return take_error(end);
    }
    if (is_broken(end)) {
        return spsi_sim_result(SPSI_RESET, SPSI_SIM_EPIPE);
    }
    const size_t possible = least(total_of(slices, count), spsi_sim_end_send_room(end));
    if (possible == 0) {
        return spsi_sim_again();
    }
    const size_t size = shorten(world, world->faults.chaos.short_writes, possible);
    if (!reserve_bytes(world, out, size) || !reserve_segments(world, out, MOST_PIECES)) {
        return spsi_sim_no_memory();
    }
    const uint64_t begin = out->sent;
    out->progress_us = out->sent == out->acked ? world->now_us : out->progress_us;
    for (size_t i = 0; *out_sent < size; i++) {
        const size_t part = least(slices[i].size, size - *out_sent);
        copy_in(out, slices[i].data, part);
        *out_sent += part;
    }
    if (is_unix(end)) {
        out->delivered = out->arrived = out->sent;
        spsi_sim_socket_notify(peer->socket);
    } else {
        dispatch(end, begin);
    }
    assert(spsi_sim_end_is_consistent(peer));
    if (size < possible) {
        spsi_sim_socket_notify(end->socket); // a short write leaves room
    }
    return spsi_sim_done();
}

void spsi_sim_end_send_fin(spsi_sim_end *end) {
    spsi_sim_end *peer = spsi_sim_end_peer(end);
    end->has_sent_fin = true;
    peer->in.has_fin = true;
    if (is_unix(end)) {
        peer->in.has_fin_arrived = true;
        spsi_sim_socket_notify(peer->socket);
        spsi_sim_socket_notify(end->socket);
        return;
    }
    peer->in.fin_us = arrival_us(peer, departure_us(end, &peer->in, 1));
    schedule(peer);
}

void spsi_sim_end_send_reset(spsi_sim_end *end) {
    spsi_sim_end *peer = spsi_sim_end_peer(end);
    end->is_dead = true;
    if (is_unix(end)) {
        spsi_sim_end_kill(peer, SPSI_RESET, SPSI_SIM_ECONNRESET);
        return;
    }
    if (peer->in.is_reset) {
        return; // another reset must not delay the one in flight
    }
    peer->in.is_reset = true;
    peer->in.reset_us = arrival_us(peer, world_of(end)->now_us);
    schedule(peer);
}

// ---- Arriving

// Moves delivered bytes into the receive buffer, as many as it has room for.
static void admit(spsi_sim_end *end) {
    spsi_sim_pipe *in = &end->in;
    const uint64_t limit = in->read + in->receive_buffer;
    const uint64_t arrived = in->delivered < limit ? in->delivered : limit;
    if (arrived <= in->arrived) {
        return;
    }
    in->arrived = arrived;
    assert(spsi_sim_pipe_is_in_order(in));
    spsi_sim_socket_notify(end->socket);
    if (in->ack.due_us == SPSI_SIM_NEVER) {
        in->next_acked = in->arrived;
        spsi_sim_schedule(world_of(end), &in->ack, one_way_from_now_us(end));
    }
}

static void bytes_arrive(spsi_sim_end *end) {
    spsi_sim_world *world = world_of(end);
    end->heard_us = world->now_us;
    spsi_sim_trace_event(world, end->host, "arrived", end->local.port, (int64_t)end->in.delivered);
    if (!end->is_open || end->is_dead) {
        if (!spsi_sim_end_peer(end)->is_dead) {
            spsi_sim_end_send_reset(end); // RFC 9293, 3.10.7.1
        }
    } else if (spsi_sim_chance(world, world->faults.chaos.resets)) {
        spsi_sim_connection_reset(end->connection);
    } else {
        admit(end);
    }
}

static void fin_arrives(spsi_sim_end *end) {
    end->in.has_fin_arrived = true;
    spsi_sim_trace_event(world_of(end), end->host, "end arrived", end->local.port, 0);
    spsi_sim_socket_notify(end->socket);
}

// The link is cut: holds the segments back. A dead peer does not retransmit them.
static void hold(spsi_sim_end *end) {
    spsi_sim_pipe *in = &end->in;
    in->is_held = true;
    if (spsi_sim_end_peer(end)->is_dead) {
        in->segment_count = 0;
        in->is_reset = false;
        in->has_fin = in->has_fin_arrived;
    }
}

// Linux returns EPIPE if the peer's FIN has arrived and ours was not sent (tcp_reset()).
static void reset_arrives(spsi_sim_end *end) {
    const bool is_half_closed = end->in.has_fin_arrived && !end->has_sent_fin;
    end->in.is_reset = false;
    spsi_sim_end_kill(end, SPSI_RESET, is_half_closed ? SPSI_SIM_EPIPE : SPSI_SIM_ECONNRESET);
}

void spsi_sim_end_delivery_fires(void *owner) {
    spsi_sim_end *end = owner;
    spsi_sim_pipe *in = &end->in;
    const uint64_t now_us = world_of(end)->now_us;
    if (!spsi_sim_link_carries(end->connection->link)) {
        hold(end);
        return;
    }
    const uint64_t delivered = in->delivered;
    while (in->segment_count > 0 && in->segments[in->first_segment].due_us <= now_us) {
        pop_segment(in);
    }
    if (in->delivered > delivered) {
        bytes_arrive(end);
    }
    const bool is_last = in->segment_count == 0;
    if (is_last && in->has_fin && !in->has_fin_arrived && in->fin_us <= now_us) {
        fin_arrives(end);
    }
    if (is_last && in->is_reset && in->reset_us <= now_us) {
        reset_arrives(end);
    }
    schedule(end);
    assert(spsi_sim_end_is_consistent(end));
}

void spsi_sim_end_ack_fires(void *owner) {
    spsi_sim_end *end = owner;
    spsi_sim_world *world = world_of(end);
    spsi_sim_end *peer = spsi_sim_end_peer(end);
    spsi_sim_pipe *in = &end->in;
    if (!spsi_sim_link_carries(end->connection->link)) {
        return; // sent again once the link is mended
    }
    assert(in->acked <= in->next_acked);
    in->acked = in->next_acked;
    in->progress_us = peer->heard_us = world->now_us;
    assert(spsi_sim_pipe_is_in_order(in));
    spsi_sim_socket_notify(peer->socket);
    if (in->arrived > in->acked) {
        in->next_acked = in->arrived;
        spsi_sim_schedule(world, &in->ack, one_way_from_now_us(end));
    }
}

void spsi_sim_end_resume(spsi_sim_end *end) {
    spsi_sim_world *world = world_of(end);
    spsi_sim_pipe *in = &end->in;
    const uint64_t transit_us = one_way_from_now_us(end);
    const uint64_t again_us =
        spsi_sim_add_us(transit_us, spsi_sim_random_below(&world->random, RETRANSMIT_US));
    spsi_sim_schedule(world, &end->watchdog, SPSI_SIM_NEVER);
    if (in->arrived > in->acked && in->ack.due_us == SPSI_SIM_NEVER) {
        in->next_acked = in->arrived;
        spsi_sim_schedule(world, &in->ack, again_us);
    }
    if (!in->is_held) {
        return;
    }
    in->is_held = false;
    in->last_us = again_us > in->last_us ? again_us : in->last_us;
    if (next_us(in) != SPSI_SIM_NEVER) {
        spsi_sim_schedule(world, &in->delivery, again_us);
    }
}

// ---- Receiving

spsi_result spsi_sim_end_receive(spsi_sim_end *end, void *buffer, size_t size,
                                 size_t *out_received) {
    spsi_sim_world *world = world_of(end);
    spsi_sim_pipe *in = &end->in;
    *out_received = 0;
    const size_t possible = least(size, (size_t)(in->arrived - in->read));
    if (possible > 0) {
        *out_received = shorten(world, world->faults.chaos.short_reads, possible);
        copy_out(in, buffer, *out_received);
        assert(spsi_sim_pipe_is_in_order(in));
        if (is_unix(end)) {
            spsi_sim_socket_notify(spsi_sim_end_peer(end)->socket);
        } else if (!end->is_dead) {
            admit(end);
        }
        if (*out_received < possible) {
            spsi_sim_socket_notify(end->socket); // a short read leaves bytes
        }
        return spsi_sim_done();
    }
    const bool is_end = in->has_fin_arrived && in->read == in->sent;
    if (end->error.code != SPSI_DONE &&
        (is_unix(end) || !is_end)) { // TCP returns the end before the error
        return take_error(end);
    }
    return is_end || end->is_dead ? spsi_sim_result(SPSI_END, 0) : spsi_sim_again();
}
