// SPDX-License-Identifier: MIT
//
// Raw bytes, spans, batching and byte order, on any stream.
#include "api.h"

#include <string.h>

static const uint64_t get_codes = CODE(SPS_OK) | CODE(SPS_ERR_FILE_EOF) | CODE(SPS_FAILED) |
                                  CODE(SPS_ERR_OUT_OF_MEMORY) | CODE(SPS_ERR_TIMEOUT);
static const uint64_t put_codes = CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_FAILED) |
                                  CODE(SPS_ERR_OUT_OF_MEMORY) | CODE(SPS_ERR_TIMEOUT) |
                                  CODE(SPS_ERR_PARAMETER_RANGE_ERROR);

uint64_t codes_of_kind(const slot *slot) {
    if (slot->stream == NULL) {
        return CODE(SPS_ERR_INVALID_PARAMETER);
    }
    return slot->kind == CUSTOM   ? CODE(SPS_ERR_BUSY) | CODE(SPS_ERR_FILE_CANT_WRITE)
           : slot->kind == BUFFER ? CODE(SPS_ERR_INVALID_PARAMETER)
                                  : 0;
}

void expect_of_status(const slot *slot, sps_error error) {
    if (slot->stream == NULL) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER);
    } else if (is_socket(slot) && slot->seen.status != SPS_STATUS_CONNECTED) {
        EXPECT(error == SPS_FAILED);
    }
}

// ---- Put

static void put_raw(world *world, bool is_whole) {
    slot *slot = pick_stream(world);
    const size_t size = reader_size(&world->calls);
    if (!may_offer(world, slot, size)) {
        return;
    }
    fill_pattern(world, slot, scratch(world), size);
    offer(world, slot, scratch(world), size);
    const bool is_batching = slot->seen.batching;
    size_t count = 1;
    const sps_error error =
        is_whole ? sps_stream_put_data(slot->stream, scratch(world), size, &count)
                 : sps_stream_put_partial_data(slot->stream, scratch(world), size, &count);
    ANSWERS(world, error, put_codes | codes_of_kind(slot));
    EXPECT(count <= size && (error != SPS_OK || !is_whole || count == size));
    EXPECT(!is_whole || !is_batching || (count == (error == SPS_OK ? size : 0)));
    EXPECT(error != SPS_ERR_PARAMETER_RANGE_ERROR || is_batching);
    if (slot->stream != NULL && is_socket(slot) &&
        (slot->seen.status == SPS_STATUS_NONE || slot->seen.status == SPS_STATUS_ERROR)) {
        EXPECT(error == SPS_FAILED);
    }
    settle_put(world, slot, error, count);
}

// Also the last row of other_rows.
void put_in_place(world *world) {
    slot *slot = pick_stream(world);
    const size_t size = reader_size(&world->calls);
    if (!may_offer(world, slot, size)) {
        return;
    }
    fill_pattern(world, slot, scratch(world), size);
    offer(world, slot, scratch(world), size);
    void *memory = scratch(world);
    size_t lent = 1;
    sps_error error = sps_stream_reserve(slot->stream, size, &memory, &lent);
    ANSWERS(world, error, put_codes | CODE(SPS_ERR_UNAVAILABLE) | codes_of_kind(slot));
    if (error == SPS_OK) {
        EXPECT(memory != NULL && lent >= size && lent > 0);
        memset(memory, 0, lent);
        memcpy(memory, scratch(world), size);
        EXPECT(sps_stream_commit(slot->stream, lent + 1) == SPS_ERR_PARAMETER_RANGE_ERROR);
        error = sps_stream_commit(slot->stream, size);
        ANSWERS(world, error, put_codes | codes_of_kind(slot));
    } else if (slot->stream != NULL) {
        EXPECT(memory == NULL && lent == 0);
    }
    settle_put(world, slot, error, error == SPS_OK ? size : 0);
}

static void put_data(world *world) {
    put_raw(world, true);
}

static void put_partial_data(world *world) {
    put_raw(world, false);
}

// ---- Get

static void get_raw(world *world, bool is_whole) {
    slot *slot = pick_stream(world);
    size_t size = reader_size(&world->calls), count = 1;
    size = size < MOST_WIRE_BYTES ? size : MOST_WIRE_BYTES;
    const sps_error error =
        is_whole ? sps_stream_get_data(slot->stream, scratch(world), size, &count)
                 : sps_stream_get_partial_data(slot->stream, scratch(world), size, &count);
    ANSWERS(world, error, get_codes | codes_of_kind(slot));
    EXPECT(count <= size && (error != SPS_OK || !is_whole || count == size));
    // An operation of a custom stream may return bytes and an error.
    EXPECT(is_whole || error == SPS_OK || count == 0 || slot->kind == CUSTOM);
    EXPECT(error != SPS_ERR_TIMEOUT || (is_whole && count == 0));
    expect_of_status(slot, error);
    expect_came(world, slot, scratch(world), count);
    if (error == SPS_ERR_FILE_EOF) {
        expect_end(world, slot, 1); // the bytes in the stream were counted
    }
}

static void get_data(world *world) {
    get_raw(world, true);
}

static void get_partial_data(world *world) {
    get_raw(world, false);
}

static void peek(world *world) {
    slot *slot = pick_stream(world);
    const size_t wanted = reader_size(&world->calls);
    const uint32_t share = reader_below(&world->calls, 4); // how many quarters of it are consumed
    const uint8_t *span = scratch(world);
    size_t size = 1;
    const sps_error error = sps_stream_peek(slot->stream, wanted, &span, &size);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_ERR_FILE_EOF) | CODE(SPS_FAILED) |
                CODE(SPS_ERR_PARAMETER_RANGE_ERROR) | CODE(SPS_ERR_OUT_OF_MEMORY) |
                codes_of_kind(slot));
    EXPECT((size > 0) == (span != NULL));
    EXPECT(error != SPS_OK || size >= wanted);
    if (slot->stream == NULL || error == SPS_ERR_PARAMETER_RANGE_ERROR) {
        return;
    }
    expect_shown(world, slot, span, size);
    if (error == SPS_ERR_FILE_EOF) {
        expect_end(world, slot, wanted);
    }
    EXPECT(sps_stream_consume(slot->stream, size + 1) == SPS_ERR_PARAMETER_RANGE_ERROR);
    if (share > 0 && size > 0) {
        const size_t taken = share == 3 ? size : size * share / 3;
        EXPECT(sps_stream_consume(slot->stream, taken) == SPS_OK);
        pass_over(slot, taken);
    }
}

static void count_available(world *world) {
    slot *slot = pick_stream(world);
    size_t bytes = 1;
    const sps_error error = sps_stream_get_available_bytes(slot->stream, &bytes);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_OUT_OF_MEMORY) | codes_of_kind(slot));
    if (error == SPS_OK && is_socket(slot) && slot->seen.status != SPS_STATUS_CONNECTED) {
        EXPECT(bytes == 0); // bound, or CONNECTING
        return;
    }
    expect_of_status(slot, error);
    if (error == SPS_OK) {
        EXPECT(bytes >= slot->seen.buffered);
        expect_available(world, slot, bytes);
    }
}

// ---- Batching and flushing

static void batch(world *world) {
    slot *slot = pick_stream(world);
    const bool wanted = reader_flag(&world->calls);
    const sps_error error = sps_stream_set_write_batching(slot->stream, wanted);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_FAILED) | CODE(SPS_ERR_OUT_OF_MEMORY) |
                codes_of_kind(slot));
    if (error == SPS_FAILED && slot->end != NO_END && is_socket(slot)) {
        world->ends[slot->end].cannot_put = true;
    }
}

static void flush(world *world) {
    slot *slot = pick_stream(world);
    const sps_error error = sps_stream_flush(slot->stream);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_FAILED) | CODE(SPS_ERR_OUT_OF_MEMORY) |
                CODE(SPS_ERR_TIMEOUT) | codes_of_kind(slot));
    expect_of_status(slot, error);
    size_t pending = 0;
    if (slot->stream != NULL) {
        EXPECT(sps_stream_get_pending_write_bytes(slot->stream, &pending) == SPS_OK);
        EXPECT(error != SPS_OK || pending == 0);
        EXPECT(error != SPS_ERR_BUSY || pending > 0);
    }
    // A custom stream goes on: the bytes stay pending.
    if (error == SPS_FAILED && slot->end != NO_END && is_socket(slot) &&
        slot->seen.status == SPS_STATUS_CONNECTED) {
        world->ends[slot->end].cannot_put = true;
    }
}

static void choose_byte_order(world *world) {
    slot *slot = pick_stream(world);
    const bool wanted = reader_flag(&world->calls);
    bool enabled = !wanted;
    const sps_error error = sps_stream_set_big_endian(slot->stream, wanted);
    ANSWERS(world, error, slot->stream != NULL ? CODE(SPS_OK) : CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT(sps_stream_is_big_endian(slot->stream, &enabled) == error);
    EXPECT(slot->stream == NULL || enabled == wanted);
}

// ---- Operations that only buffers have

static void change_buffer(world *world) {
    slot *slot = pick_stream(world);
    const size_t size = reader_size(&world->calls);
    sps_error error;
    switch (reader_below(&world->calls, 5)) {
    case 0:
        error = sps_buffer_seek(slot->stream, size);
        break;
    case 1:
        error = sps_buffer_resize(slot->stream, size);
        break;
    case 2:
        error = sps_buffer_set_data_array(slot->stream, scratch(world),
                                          size < MOST_WIRE_BYTES ? size : 0);
        break;
    case 3:
        error = sps_buffer_clear(slot->stream);
        break;
    default:
        error = sps_buffer_resize(slot->stream, (size_t)INT32_MAX + 1 + size);
        EXPECT(error != SPS_OK);
    }
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_PARAMETER_RANGE_ERROR) | CODE(SPS_ERR_OUT_OF_MEMORY) |
                CODE(SPS_ERR_INVALID_PARAMETER) | CODE(SPS_ERR_UNAVAILABLE));
    if (slot->stream == NULL || slot->kind != BUFFER) {
        EXPECT(error == (slot->stream == NULL ? SPS_ERR_INVALID_PARAMETER : SPS_ERR_UNAVAILABLE));
    }
}

static void duplicate_buffer(world *world) {
    slot *copy = pick_free_stream(world);
    const slot *slot = pick_stream(world);
    if (copy == NULL) {
        return;
    }
    const sps_error error = sps_buffer_duplicate(slot->stream, &copy->stream);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_OUT_OF_MEMORY) | CODE(SPS_ERR_INVALID_PARAMETER) |
                CODE(SPS_ERR_UNAVAILABLE));
    EXPECT((error == SPS_OK) == (copy->stream != NULL));
    if (error == SPS_OK) {
        size_t one, other;
        copy->kind = BUFFER;
        world->touched |= 1U << (copy - world->streams);
        EXPECT(sps_buffer_get_size(slot->stream, &one) == SPS_OK);
        EXPECT(sps_buffer_get_size(copy->stream, &other) == SPS_OK && one == other);
    }
}

const row stream_rows[] = {
    {"put data", put_data, MOVES},
    {"put partial data", put_partial_data, MOVES},
    {"get data", get_data, MOVES},
    {"get partial data", get_partial_data, MOVES},
    {"peek", peek, MOVES},
    {"count available", count_available, MOVES},
    {"batch", batch, MOVES},
    {"flush", flush, MOVES},
    {"choose byte order", choose_byte_order, 0},
    {"change a buffer", change_buffer, 0},
    {"duplicate a buffer", duplicate_buffer, 0},
};
const size_t stream_count = sizeof stream_rows / sizeof stream_rows[0];
