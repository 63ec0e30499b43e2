// SPDX-License-Identifier: MIT
//
// The model, which does not use the library. It knows the bytes of each end, and where they may
// arrive. It also knows how a stream's status may change.
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void broken(const char *what, const char *file, int line) {
    fprintf(stderr, "%s:%d: a promise is broken: %s\n", file, line, what);
    abort();
}

uint8_t *scratch(const world *world) {
    static uint8_t bytes[2][MOST_WIRE_BYTES];
    return bytes[world->depth];
}

bool is_socket(const slot *slot) {
    return slot->kind == TCP || slot->kind == UDS;
}

sps_status status_of(const slot *slot) {
    sps_status status = SPS_STATUS_NONE;
    if (slot->stream != NULL && is_socket(slot)) {
        EXPECT(sps_socket_get_status(slot->stream, &status) == SPS_OK);
    }
    return status;
}

// ---- Bytes

// One sequence of noise, in which each end starts at a place of its own. No two patterns are the
// same, and any lost or repeated piece shows.
enum { NOISE_BYTES = 65521, PLACES_APART = 7919 };

static const uint8_t *noise(void) {
    static uint8_t bytes[NOISE_BYTES];
    static bool is_made;
    for (uint64_t i = 0; !is_made && i < NOISE_BYTES; i++) {
        bytes[i] = (uint8_t)((i * i * UINT64_C(0x9e3779b97f4a7c15)) >> 56);
    }
    is_made = true;
    return bytes;
}

static void copy_pattern(size_t key, size_t offset, uint8_t *out, size_t size) {
    while (size > 0) {
        const size_t place = (offset + key * PLACES_APART) % NOISE_BYTES;
        const size_t count = size < NOISE_BYTES - place ? size : NOISE_BYTES - place;
        memcpy(out, noise() + place, count);
        out += count;
        offset += count;
        size -= count;
    }
}

uint8_t source_byte(size_t offset) {
    uint8_t byte;
    copy_pattern(ENDS + 1, offset, &byte, 1);
    return byte;
}

static end *end_of(const world *world, const slot *slot) {
    return slot->end != NO_END ? (end *)&world->ends[slot->end] : NULL;
}

// The bytes that a stream puts if their value does not matter. Without an end any bytes will do.
void fill_pattern(const world *world, const slot *slot, uint8_t *bytes, size_t size) {
    const end *end = end_of(world, slot);
    copy_pattern((size_t)(slot->end + 1), end != NULL ? end->sent : 0, bytes, size);
}

bool may_offer(const world *world, const slot *slot, size_t size) {
    const end *end = end_of(world, slot);
    return size <= MOST_WIRE_BYTES && (end == NULL || end->sent + size <= MOST_SENT_BYTES);
}

void offer(world *world, slot *slot, const uint8_t *wire, size_t size) {
    end *end = end_of(world, slot);
    if (end == NULL || end->cannot_put || size == 0) {
        return;
    }
    if (end->sent + size > end->capacity) {
        end->capacity = 2 * (end->sent + size);
        end->wire = realloc(end->wire, end->capacity);
        EXPECT(end->wire != NULL);
    }
    memcpy(end->wire + end->sent, wire, size);
    end->offered = end->sent + size;
}

static size_t pending_of(const slot *slot) {
    size_t pending = 0;
    EXPECT(sps_stream_get_pending_write_bytes(slot->stream, &pending) == SPS_OK);
    return pending;
}

// A failure of a socket is permanent. A failure of a custom stream is, only if it has cut a value.
static bool is_for_good(const slot *slot, const end *end, sps_error error) {
    return error == SPS_FAILED &&
           (slot->kind == CUSTOM ? slot->custom_written > end->sent
                                 : slot->seen.status == SPS_STATUS_CONNECTED);
}

// The put accepted `count` bytes. If it failed, it may have sent more than it reports.
void settle_put(world *world, slot *slot, sps_error error, size_t count) {
    end *end = end_of(world, slot);
    if (end == NULL) {
        EXPECT(slot->stream == NULL || slot->kind == BUFFER || count == 0);
        return;
    }
    EXPECT(!end->cannot_put || count == 0);
    if (end->cannot_put) {
        return;
    }
    EXPECT(count <= end->offered - end->sent);
    end->sent += count;
    if (is_for_good(slot, end, error)) {
        end->cannot_put = true;
    } else {
        end->offered = end->sent;
    }
}

// The same for a put through a filter, of which the base may have sent a part.
void settle_carried_put(world *world, slot *slot, sps_error error, size_t count) {
    end *end = end_of(world, slot);
    if (end == NULL || end->cannot_put) {
        return;
    }
    EXPECT(count <= end->offered - end->sent);
    end->sent += count;
    if (error == SPS_OK) {
        end->offered = end->sent;
    } else {
        end->cannot_put = true;
    }
}

static bool may_be_connected(const world *world, int one, int other) {
    const end *a = &world->ends[one], *b = &world->ends[other];
    return a->kind == b->kind && a->is_client != b->is_client &&
           !(a->excluded & UINT64_C(1) << other) && !(b->excluded & UINT64_C(1) << one);
}

// The two ends know that they are connected. No third end can be connected to either.
static void settle_pair(world *world, int one, int other) {
    for (int i = 0; i < world->end_count; i++) {
        if (i != one && i != other) {
            world->ends[i].excluded |= UINT64_C(1) << one | UINT64_C(1) << other;
            world->ends[one].excluded |= UINT64_C(1) << i;
            world->ends[other].excluded |= UINT64_C(1) << i;
        }
    }
}

// Excludes each end whose pattern differs from the bytes that came. At least one end must remain.
static void narrow(world *world, int own, const uint8_t *bytes, size_t size) {
    end *end = &world->ends[own];
    int left = 0, last = 0;
    for (int i = 0; i < world->end_count; i++) {
        if (!may_be_connected(world, own, i)) {
            continue;
        }
        const struct end *other = &world->ends[i];
        if (end->received + size > other->offered ||
            (bytes != NULL && memcmp(other->wire + end->received, bytes, size) != 0)) {
            end->excluded |= UINT64_C(1) << i;
            continue;
        }
        left++;
        last = i;
    }
    EXPECT(left > 0); // otherwise a byte was lost, repeated, invented or misdelivered
    if (left == 1 && end->received + size > 0) {
        settle_pair(world, own, last);
    }
}

static void expect_source(const end *end, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        EXPECT(bytes == NULL || bytes[i] == source_byte(end->received + i));
    }
}

void expect_shown(world *world, slot *slot, const uint8_t *bytes, size_t size) {
    end *end = end_of(world, slot);
    if (slot->kind == BUFFER || size == 0) {
        return;
    }
    EXPECT(end != NULL && !end->has_dropped);
    if (slot->kind == CUSTOM) {
        expect_source(end, bytes, size);
    } else {
        narrow(world, slot->end, bytes, size);
    }
}

// If bytes is NULL, bytes came but their values are not known.
void expect_came(world *world, slot *slot, const uint8_t *bytes, size_t size) {
    expect_shown(world, slot, bytes, size);
    pass_over(slot, size);
}

void pass_over(slot *slot, size_t size) {
    if (slot->end != NO_END) {
        slot->world->ends[slot->end].received += size;
    }
}

bool may_come_next(const world *world, const slot *slot, uint8_t byte) {
    const end *end = end_of(world, slot);
    if (end == NULL || slot->kind == CUSTOM) {
        return end == NULL || source_byte(end->received) == byte;
    }
    bool may = false;
    for (int i = 0; i < world->end_count; i++) {
        const struct end *other = &world->ends[i];
        may = may || (may_be_connected(world, slot->end, i) && other->offered > end->received &&
                      other->wire[end->received] == byte);
    }
    return may;
}

void expect_available(world *world, const slot *slot, size_t bytes) {
    if (!is_socket(slot) || bytes == 0) {
        return;
    }
    EXPECT(slot->end != NO_END);
    size_t most = 0;
    for (int i = 0; i < world->end_count; i++) {
        if (may_be_connected(world, slot->end, i) && world->ends[i].offered > most) {
            most = world->ends[i].offered;
        }
    }
    EXPECT(world->ends[slot->end].received + bytes <= most);
}

// A get met the end of the stream because it needs more bytes than there are. So a possible sender
// has finished, and all bytes that its OS accepted have arrived.
void expect_end(world *world, slot *slot, size_t needed) {
    if (!is_socket(slot)) {
        return;
    }
    const end *end = end_of(world, slot);
    EXPECT(end != NULL);
    if (end->has_dropped) {
        return; // unsent bytes delay the close, and gets report the end until then
    }
    // Some connections have no end here and send nothing. The library probes the file of a Unix
    // server, and a connection can lose a race.
    bool found = world->has_hidden_connections[slot->kind] && !end->is_client && end->received == 0;
    for (int i = 0; i < world->end_count; i++) {
        const struct end *other = &world->ends[i];
        found = found || (may_be_connected(world, slot->end, i) && other->may_have_finished &&
                          other->os_has < end->received + needed);
    }
    EXPECT(found);
}

void record_dropped(world *world, const slot *slot) {
    end *end = end_of(world, slot);
    if (end != NULL) {
        end->has_dropped = true;
    }
}

int begin_end(world *world, kind kind, bool is_client) {
    if (world->end_count == ENDS) {
        return NO_END;
    }
    world->ends[world->end_count] = (end){.kind = kind, .is_client = is_client};
    return world->end_count++;
}

void leave_end(const world *world, const slot *slot) {
    end *end = end_of(world, slot);
    if (end != NULL) {
        end->may_have_finished = true;
    }
}

// ---- The state of a stream

static view look(const slot *slot) {
    view view = {0};
    const uint8_t *span;
    if (is_socket(slot)) {
        EXPECT(sps_socket_get_status(slot->stream, &view.status) == SPS_OK);
        EXPECT(sps_socket_get_close_reason(slot->stream, &view.reason) == SPS_OK);
        EXPECT(sps_socket_get_os_error(slot->stream, &view.os_error) == SPS_OK);
    }
    view.pending = pending_of(slot);
    EXPECT(sps_stream_is_write_batching(slot->stream, &view.batching) == SPS_OK);
    EXPECT(sps_stream_is_big_endian(slot->stream, &view.big_endian) == SPS_OK);
    const sps_error error = sps_stream_peek(slot->stream, 0, &span, &view.buffered);
    EXPECT(error == SPS_OK || (error == SPS_FAILED && view.buffered == 0));
    EXPECT((span != NULL) == (view.buffered > 0));
    return view;
}

static bool is_same(const view *one, const view *other) {
    return one->status == other->status && one->reason == other->reason &&
           one->os_error == other->os_error && one->pending == other->pending &&
           one->buffered == other->buffered && one->batching == other->batching &&
           one->big_endian == other->big_endian;
}

// The permission that each change of status needs; 0: the change never happens. A poller's wait may
// connect a stream, and may meet its end.
static const unsigned may_change[4][4] = {
    [SPS_STATUS_NONE] = {[SPS_STATUS_CONNECTING] = CONNECTS, [SPS_STATUS_CONNECTED] = CONNECTS},
    [SPS_STATUS_CONNECTING] = {[SPS_STATUS_NONE] = CLOSES | WAITS,
                               [SPS_STATUS_CONNECTED] = POLLS,
                               [SPS_STATUS_ERROR] = POLLS},
    [SPS_STATUS_CONNECTED] =
        {[SPS_STATUS_NONE] = MOVES | POLLS | CLOSES, [SPS_STATUS_ERROR] = POLLS},
    [SPS_STATUS_ERROR] = {[SPS_STATUS_NONE] = CLOSES | CONNECTS, // connect of a Unix stream
                          [SPS_STATUS_CONNECTING] = CONNECTS,
                          [SPS_STATUS_CONNECTED] = CONNECTS},
};

static bool is_open(sps_status status) {
    return status == SPS_STATUS_CONNECTING || status == SPS_STATUS_CONNECTED;
}

static void check_reason(const slot *slot, const view *now) {
    const sps_close_reason reason = now->reason;
    EXPECT(reason >= SPS_CLOSE_NONE && reason <= SPS_CLOSE_LIMIT);
    if (is_open(now->status)) {
        EXPECT(reason == SPS_CLOSE_NONE);
    } else if (now->status == SPS_STATUS_ERROR) {
        EXPECT(reason != SPS_CLOSE_NONE && reason != SPS_CLOSE_LOCAL &&
               reason != SPS_CLOSE_PEER_FINISHED);
    } else if (is_open(slot->seen.status)) {
        EXPECT(reason != SPS_CLOSE_NONE);
    } else if (!slot->was_open) {
        EXPECT(reason == SPS_CLOSE_NONE);
    }
}

static void check_status(const world *world, const slot *slot, const view *now) {
    const sps_status before = slot->seen.status;
    EXPECT(now->status >= SPS_STATUS_NONE && now->status <= SPS_STATUS_ERROR);
    if (now->status != before && !(world->changes & ANYTHING)) {
        EXPECT((may_change[before][now->status] & world->changes) != 0);
    }
    check_reason(slot, now);
    if (!is_open(now->status)) {
        EXPECT(now->buffered == 0 && now->pending == 0);
    }
}

// The OS never loses bytes that it accepted, so their count only grows.
static void follow_end(const world *world, const slot *slot, const view *now) {
    end *end = end_of(world, slot);
    if (end == NULL || !is_socket(slot)) {
        return;
    }
    if (now->status != SPS_STATUS_CONNECTED) {
        end->may_have_finished = end->may_have_finished || !is_open(now->status);
        return;
    }
    if (!end->cannot_put && !end->is_closing) {
        EXPECT(now->pending <= end->sent - end->os_has || end->os_has == 0);
        end->os_has = end->sent - now->pending;
    }
}

bool is_busy(const world *world, const slot *slot) {
    return slot == world->busy || is_carried(world, slot) ||
           (slot->poller != NO_POLLER && slot->poller == world->busy_poller);
}

static void check(world *world, slot *slot, bool is_touched) {
    const view now = look(slot);
    if (!is_touched) {
        EXPECT(is_same(&slot->seen, &now)); // the call must not change other streams
    } else if (is_socket(slot)) {
        check_status(world, slot, &now);
        follow_end(world, slot, &now);
        if (!is_open(now.status)) {
            slot->end = NO_END;
        }
    }
    slot->seen = now;
}

void check_all(world *world) {
    for (int i = 0; i < STREAMS; i++) {
        slot *slot = &world->streams[i];
        if (slot->stream != NULL && !is_busy(world, slot)) {
            check(world, slot, (world->touched & 1U << i) != 0);
        }
    }
}

void forget_stream(world *world, slot *slot) {
    leave_end(world, slot);
    for (int i = 0; i < PACKET_PEERS; i++) {
        if (world->packet_slots[i] == (int)(slot - world->streams)) {
            world->packet_slots[i] = -1;
            EXPECT(sps_packet_peer_set_stream(world->packet_peers[i], NULL) == SPS_OK);
        }
    }
    *slot = (struct slot){.end = NO_END, .poller = NO_POLLER, .world = world};
}
