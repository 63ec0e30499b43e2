// SPDX-License-Identifier: MIT
#include "scenario/story.h"

enum { MOST_PIECE = 20000, MOST_VALUES = 200 };

sps_status socket_status(const sps_stream *stream) {
    sps_status status = SPS_STATUS_NONE;
    sps_socket_get_status(stream, &status);
    return status;
}

// Tries until the memory for it is there.
void make_packets(side *side) {
    const sps_packet_options options = {.struct_size = sizeof options,
                                        .allocator = allocator_of(side->story)};
    sps_error error = SPS_ERR_OUT_OF_MEMORY;
    while (side->story->dialect == PACKETS && error == SPS_ERR_OUT_OF_MEMORY) {
        error = sps_packet_stream_create(&options, &side->packets);
    }
    sps_packet_peer_set_stream(side->packets, side->stream);
}

// A message that waited for room would hold up those who are to make it, unless they run meanwhile. Bytes
// gather to be there still when a connection closes.
void gather(side *side, style style) {
    if (style != BLOCKING && (side->story->dialect != BYTES || draw(side->story, 2) == 0)) {
        expect(side->story, sps_stream_set_write_batching(side->stream, true), "gathering");
    }
}

void break_off(side *side, const char *what) {
    story *story = side->story;
    if (story->is_gentle) {
        sps_close_reason reason = SPS_CLOSE_NONE;
        sps_socket_get_close_reason(side->stream, &reason);
        complain(story, "%s broke off at %s though nothing ends connections: %s, sent %u of %u",
                 side < story->peers ? "a client" : "a peer", what, sps_close_reason_name(reason),
                 (unsigned)side->sent, (unsigned)side->to_send);
    }
    story->result.broken++;
    side->is_over = true;
}

// What has come is what the other has sent, in order.
static void check_bytes(side *side, const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] != pattern_byte(side->other->key, side->received + i)) {
            complain(side->story, "byte %u of %u is another", (unsigned)(side->received + i),
                     (unsigned)side->other->sent);
            return;
        }
    }
    side->received += count;
    side->story->result.bytes += count;
    if (side->received > side->other->offered) {
        complain(side->story, "%u bytes came of %u", (unsigned)side->received,
                 (unsigned)side->other->offered);
    }
}

static void meet_end(side *side) {
    if (side->received == side->other->to_send) {
        side->all_arrived = true;
        side->is_over = true;
    } else {
        side->cut_short = side->received < side->other->sent;
        break_off(side, "its end");
    }
}

static void read_bytes(side *side) {
    uint8_t bytes[MOST_PIECE];
    const size_t most = 1 + (size_t)draw(side->story, sizeof bytes);
    size_t count = 0;
    const sps_error error = sps_stream_get_partial_data(side->stream, bytes, most, &count);
    check_bytes(side, bytes, count);
    if (error == SPS_ERR_FILE_EOF) {
        meet_end(side);
    } else if (error != SPS_OK && !is_shortage(error)) {
        break_off(side, "a get");
    }
}

// What is there, without a copy; the other reads meet the end.
static void read_span(side *side) {
    const uint8_t *span;
    size_t size;
    sps_stream_peek(side->stream, (size_t)draw(side->story, 100), &span, &size);
    const size_t count = (size_t)draw(side->story, size + 1);
    check_bytes(side, span, count);
    expect(side->story, sps_stream_consume(side->stream, count), "consuming what is there");
}

static void read_values(side *side) {
    uint8_t value;
    for (uint64_t i = draw(side->story, MOST_VALUES);
         i > 0 && sps_stream_try_get_u8(side->stream, &value) == SPS_OK; i--) {
        check_bytes(side, &value, 1);
    }
}

// What a get of a message, or a count of them, came to.
static void note_get(side *side, sps_error error) {
    if (error == SPS_ERR_FILE_EOF) {
        meet_end(side);
    } else if (error != SPS_OK && error != SPS_ERR_BUSY && error != SPS_ERR_UNAVAILABLE &&
               !is_shortage(error)) {
        break_off(side, "a message");
    }
}

// How many packets are there, which are then to be had.
static size_t count_packets(side *side) {
    size_t count = 0;
    note_get(side, sps_packet_peer_get_available_packet_count(side->packets, &count));
    if (side->received + count > side->other->offered) {
        complain(side->story, "%u packets are counted of %u", (unsigned)(side->received + count),
                 (unsigned)side->other->offered);
    }
    return count;
}

// The next message, or nothing.
static void read_message(side *side, bool waits) {
    story *story = side->story;
    const bool counts = story->dialect == PACKETS && draw(story, 3) == 0;
    const size_t count = counts ? count_packets(side) : 0;
    if (side->is_over) {
        return;
    }
    bool is_right;
    const sps_error error = message_get(story->dialect, side->stream, side->packets, waits,
                                        side->other->key, side->received, &is_right);
    side->received += error == SPS_OK;
    story->result.bytes += error == SPS_OK;
    if (!is_right || side->received > side->other->offered || (count > 0 && error != SPS_OK)) {
        complain(story, "message %u of %u is %s, though %u were counted", (unsigned)side->received,
                 (unsigned)side->other->offered, is_right ? sps_error_name(error) : "another",
                 (unsigned)count);
    }
    note_get(side, error);
}

static void read_some(side *side) {
    if (side->story->dialect != BYTES) {
        read_message(side, false);
        return;
    }
    switch (draw(side->story, 4)) {
    case 0:
        read_span(side);
        break;
    case 1:
        read_values(side);
        break;
    default:
        read_bytes(side);
    }
}

// A client of the blocking kind, whose server runs in callbacks.
static void read_waiting(side *side) {
    uint8_t bytes[MOST_PIECE];
    const uint64_t left = side->other->to_send - side->received;
    if (side->story->dialect != BYTES) {
        read_message(side, left > 0);
        return;
    }
    size_t most = 1 + (size_t)draw(side->story, sizeof bytes);
    most = left < most ? (size_t)left : most;
    if (most == 0) {
        read_some(side);
        return;
    }
    size_t count = 0;
    const sps_error error = sps_stream_get_data(side->stream, bytes, most, &count);
    check_bytes(side, bytes, count);
    if (error == SPS_OK && count != most) {
        complain(side->story, "a get that waits brought %u of %u", (unsigned)count, (unsigned)most);
    }
    if (error != SPS_OK && !is_shortage(error)) {
        break_off(side, "a get that waits");
    }
}

// What a put came to.
static void note_put(side *side, sps_error error) {
    if (error == SPS_FAILED && socket_status(side->stream) == SPS_STATUS_CONNECTED) {
        return; // what came before the break is read first
    }
    if (error != SPS_OK && error != SPS_ERR_BUSY && !is_shortage(error)) {
        break_off(side, "a put");
    }
}

static void write_values(side *side) {
    sps_error error = SPS_OK;
    for (uint64_t i = draw(side->story, MOST_VALUES);
         i > 0 && side->sent < side->to_send && error == SPS_OK; i--) {
        side->offered = side->sent + 1;
        error = sps_stream_put_u8(side->stream, pattern_byte(side->key, side->sent));
        side->sent += error == SPS_OK;
        side->offered = side->sent;
    }
    note_put(side, error);
}

// Whole: all of it or nothing, waiting for room where nobody gathers.
static void write_bytes(side *side, bool whole) {
    uint8_t bytes[MOST_PIECE];
    const uint64_t left = side->to_send - side->sent;
    size_t size = 1 + (size_t)draw(side->story, sizeof bytes);
    size = left < size ? (size_t)left : size;
    for (size_t i = 0; i < size; i++) {
        bytes[i] = pattern_byte(side->key, side->sent + i);
    }
    size_t count = 0;
    side->offered = side->sent + size;
    const sps_error error = whole ? sps_stream_put_data(side->stream, bytes, size, &count)
                                  : sps_stream_put_partial_data(side->stream, bytes, size, &count);
    side->sent += count;
    side->offered = side->sent;
    if (error == SPS_OK && whole && count != size) {
        complain(side->story, "a whole put took %u of %u", (unsigned)count, (unsigned)size);
    }
    note_put(side, error);
}

static void write_message(side *side) {
    side->offered = side->sent + 1;
    const sps_error error =
        message_put(side->story->dialect, side->stream, side->packets, side->key, side->sent);
    side->sent += error == SPS_OK;
    side->offered = side->sent;
    note_put(side, error);
}

// A put that may wait is for a client whose server runs meanwhile, or where puts gather.
static void write_some(side *side, style style) {
    if (side->story->dialect != BYTES) {
        write_message(side);
        return;
    }
    const bool may_be_whole = style == BLOCKING || side->in_poller;
    if (may_be_whole && draw(side->story, 3) == 0) {
        write_values(side);
    } else {
        write_bytes(side, style == BLOCKING || (may_be_whole && draw(side->story, 2) == 0));
    }
}

// Everything has left and arrived. At the other's end a stream closes (Godot's rule), so nobody may
// finish who still gets something.
static void close_up(side *side) {
    if (draw(side->story, 2) == 0) {
        side->closes_gracefully = sps_socket_close_gracefully(side->stream, 60000) == SPS_OK;
    } else {
        sps_socket_shutdown_write(side->stream);
    }
}

// Who has got nothing yet may finish when the other has handed all to the OS: it arrives all the same.
static void finish_early(side *side) {
    size_t waiting = 1;
    const struct side *other = side->other;
    if (side->sent == side->to_send && other->stream != NULL && other->sent == other->to_send &&
        sps_stream_get_pending_write_bytes(other->stream, &waiting) == SPS_OK && waiting == 0 &&
        draw(side->story, 8) == 0) {
        sps_socket_shutdown_write(side->stream);
    }
}

static void meet_close(side *side) {
    sps_close_reason reason = SPS_CLOSE_NONE;
    sps_socket_get_close_reason(side->stream, &reason);
    const bool is_good =
        side->closes_gracefully ? reason == SPS_CLOSE_LOCAL : reason == SPS_CLOSE_PEER_FINISHED;
    if (is_good && side->sent == side->to_send) {
        meet_end(side);
    } else {
        break_off(side, "a poll");
    }
}

static bool may_write(const side *side) {
    const bool has_heard_all = side->received == side->other->to_send;
    return !side->is_over && side->sent < side->to_send && (has_heard_all || !side->speaks_last);
}

// A read may have met the end, and closed the stream: the next turn tells.
static bool may_read(const side *side) {
    return !side->is_over && socket_status(side->stream) == SPS_STATUS_CONNECTED;
}

static void take_turn(side *side, style style) {
    story *story = side->story;
    if (side->is_over || side->stream == NULL) {
        return;
    }
    if (style != IN_POLLER) {
        sps_socket_poll(side->stream);
    }
    const sps_status status = socket_status(side->stream);
    if (status == SPS_STATUS_CONNECTING) {
        return;
    }
    side->connected = side->connected || status == SPS_STATUS_CONNECTED;
    if (status != SPS_STATUS_CONNECTED) {
        meet_close(side);
        return;
    }
    if (side->closes_gracefully) {
        return;
    }
    for (uint64_t i = draw(story, 4); i > 0 && may_write(side); i--) {
        write_some(side, style);
    }
    if (may_read(side)) {
        finish_early(side);
    }
    for (uint64_t i = draw(story, 4); i > 0 && may_read(side); i--) {
        if (style == BLOCKING) {
            read_waiting(side);
        } else {
            read_some(side);
        }
    }
    if (side->sent == side->to_send && side->received == side->other->to_send && !side->is_over &&
        socket_status(side->stream) == SPS_STATUS_CONNECTED) {
        close_up(side);
    }
}

void act(side *side, style style) {
    story *story = side->story;
    const bool was_hit = sps_simulation_has_failed_call(story->simulation);
    take_turn(side, style);
    if (!was_hit && story->hit == NULL && sps_simulation_has_failed_call(story->simulation)) {
        story->hit = side; // not of one whose turn is inside this one's
    }
}

void finish(side *side) {
    if (side->is_over && side->stream != NULL) {
        sps_packet_peer_destroy(side->packets);
        side->packets = NULL;
        sps_stream_destroy(side->stream);
        side->stream = NULL;
    }
}
