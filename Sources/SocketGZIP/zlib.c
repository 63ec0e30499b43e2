// SPDX-License-Identifier: MIT
//
// The formats gzip and zlib, by zlib.
#include <limits.h>
#include <string.h>

#include "codec.h"

enum {
    WINDOW_BITS = 15, // of any stream
    WINDOW_BYTES = 1 << WINDOW_BITS,
    GZIP_FORMAT = 16,    // added to the bits
    GZIP_MAGIC = 0x8b1f, // little-endian
    GZIP_MAGIC_BYTES = 2,
    // zlib has read so many bytes if it does not recognize a header.
    GZIP_HEADER_BYTES = 4,
    ZLIB_HEADER_BYTES = 2,
    SPILL_BYTES = 16, // more than a flush marker
};

static uInt piece_of(size_t size) {
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

// Lets zlib see the input and the room.
static void lend(z_stream *zlib, const spsi_gzip_input *input, const spsi_gzip_room *room) {
    zlib->next_in = input->data;
    zlib->avail_in = piece_of(input->size);
    zlib->next_out = room->data;
    zlib->avail_out = piece_of(room->size);
}

// Advances both as far as zlib has moved.
static void take_back(const z_stream *zlib, spsi_gzip_input *input, spsi_gzip_room *room) {
    const size_t consumed = (size_t)(zlib->next_in - input->data);
    const size_t produced = (size_t)(zlib->next_out - room->data);
    input->data += consumed;
    input->size -= consumed;
    room->data += produced;
    room->size -= produced;
}

// ---- Encoder

typedef struct deflater {
    z_stream zlib;
    spsi_gzip_heap heap;
    sps_allocator allocator;
    bool is_dirty;              // bytes went in since the last flush point
    bool is_finished;           // zlib has written the end of the data
    uint8_t spill[SPILL_BYTES]; // output that had no room
    size_t spill_bytes;
} deflater;

// zlib takes its memory from the allocator.
static void use_heap(z_stream *zlib, spsi_gzip_heap *heap, const sps_allocator *allocator) {
    heap->allocator = allocator;
    zlib->zalloc = spsi_gzip_zalloc;
    zlib->zfree = spsi_gzip_zfree;
    zlib->opaque = heap;
}

static void *open_deflater(const sps_allocator *allocator, const spsi_gzip_settings *settings,
                           int window_bits) {
    deflater *state = spsi_gzip_allocate(allocator, sizeof *state);
    if (state == NULL) {
        return NULL;
    }
    memset(state, 0, sizeof *state);
    state->allocator = *allocator;
    use_heap(&state->zlib, &state->heap, &state->allocator);
    const int result = deflateInit2(&state->zlib, settings->level, Z_DEFLATED, window_bits,
                                    settings->memory_level, Z_DEFAULT_STRATEGY);
    if (result != Z_OK) {
        spsi_gzip_free(allocator, state, sizeof *state);
        return NULL;
    }
    return state;
}

static void *open_gzip_encoder(const sps_allocator *allocator, const spsi_gzip_settings *settings) {
    return open_deflater(allocator, settings, settings->window_bits + GZIP_FORMAT);
}

static void *open_zlib_encoder(const sps_allocator *allocator, const spsi_gzip_settings *settings) {
    return open_deflater(allocator, settings, settings->window_bits);
}

static void close_encoder(void *of_format) {
    deflater *state = of_format;
    const sps_allocator allocator = state->allocator;
    deflateEnd(&state->zlib);
    spsi_gzip_free(&allocator, state, sizeof *state);
}

// Calls zlib once. It can fail only if it is called wrongly.
static int deflate_once(deflater *state, spsi_gzip_input *input, spsi_gzip_room *room, int flush) {
    lend(&state->zlib, input, room);
    const int result = deflate(&state->zlib, flush);
    take_back(&state->zlib, input, room);
    return result;
}

// Moves the spill to the room. True if nothing is left of it.
static bool drain_spill(deflater *state, spsi_gzip_room *room) {
    const size_t size = state->spill_bytes;
    const size_t count = size < room->size ? size : room->size;
    if (count > 0) {
        memcpy(room->data, state->spill, count);
        memmove(state->spill, state->spill + count, size - count);
        state->spill_bytes = size - count;
        room->data += count;
        room->size -= count;
    }
    return state->spill_bytes == 0;
}

static void encode(void *of_format, spsi_gzip_input *input, spsi_gzip_room *room) {
    deflater *state = of_format;
    if (!drain_spill(state, room)) {
        return;
    }
    while (input->size > 0 && room->size > 0) {
        state->is_dirty = true;
        deflate_once(state, input, room, Z_NO_FLUSH);
    }
}

// Calls zlib once to write out the rest. True if it is done. In less room than a marker needs, zlib
// would write markers for ever, so it gets the spill then.
static bool deflate_rest(deflater *state, spsi_gzip_room *room, bool finish) {
    spsi_gzip_input none = {NULL, 0};
    spsi_gzip_room spill = {state->spill, sizeof state->spill};
    const bool is_spilled = room->size < sizeof state->spill;
    spsi_gzip_room *chosen = is_spilled ? &spill : room;
    const int result = deflate_once(state, &none, chosen, finish ? Z_FINISH : Z_SYNC_FLUSH);
    if (is_spilled) {
        state->spill_bytes = sizeof state->spill - spill.size;
    }
    return finish ? result == Z_STREAM_END : chosen->size > 0;
}

static bool encode_rest(void *of_format, spsi_gzip_room *room, bool finish) {
    deflater *state = of_format;
    if (!drain_spill(state, room)) {
        return false;
    }
    bool is_done = state->is_finished || (!finish && !state->is_dirty);
    while (!is_done && room->size > 0) {
        is_done = deflate_rest(state, room, finish);
        state->is_dirty = state->is_dirty && !is_done;
        state->is_finished = is_done && finish;
        if (!drain_spill(state, room)) {
            return false;
        }
    }
    return is_done;
}

// ---- Decoder

typedef struct inflater {
    z_stream zlib;
    spsi_gzip_heap heap;
    sps_allocator allocator;
} inflater;

static void close_decoder(void *of_format) {
    inflater *state = of_format;
    const sps_allocator allocator = state->allocator;
    inflateEnd(&state->zlib);
    spsi_gzip_heap_end(&state->heap);
    spsi_gzip_free(&allocator, state, sizeof *state);
}

static void *open_inflater(const sps_allocator *allocator, int window_bits) {
    inflater *state = spsi_gzip_allocate(allocator, sizeof *state);
    if (state == NULL) {
        return NULL;
    }
    memset(state, 0, sizeof *state);
    state->allocator = *allocator;
    use_heap(&state->zlib, &state->heap, &state->allocator);
    if (inflateInit2(&state->zlib, window_bits) != Z_OK) {
        spsi_gzip_free(allocator, state, sizeof *state);
        return NULL;
    }
    // zlib allocates its window at the first output, and without memory it loses the stream there.
    if (!spsi_gzip_heap_prepare(&state->heap, WINDOW_BYTES)) {
        close_decoder(state);
        return NULL;
    }
    return state;
}

static void *open_gzip_decoder(const sps_allocator *allocator, const spsi_gzip_settings *settings) {
    (void)settings;
    return open_inflater(allocator, WINDOW_BITS + GZIP_FORMAT);
}

static void *open_zlib_decoder(const sps_allocator *allocator, const spsi_gzip_settings *settings) {
    (void)settings;
    return open_inflater(allocator, WINDOW_BITS);
}

static spsi_gzip_step step_of(int result) {
    switch (result) {
    case Z_OK:
    case Z_BUF_ERROR:
        return SPSI_GZIP_GOES_ON;
    case Z_STREAM_END:
        return SPSI_GZIP_ENDS;
    case Z_NEED_DICT:
        return SPSI_GZIP_IS_UNSUPPORTED;
    case Z_MEM_ERROR:
        return SPSI_GZIP_HAS_NO_MEMORY;
    default:
        return SPSI_GZIP_IS_DAMAGED;
    }
}

static spsi_gzip_step decode(void *of_format, spsi_gzip_input *input, spsi_gzip_room *room) {
    inflater *state = of_format;
    lend(&state->zlib, input, room);
    const int result = inflate(&state->zlib, Z_NO_FLUSH);
    take_back(&state->zlib, input, room);
    return step_of(result);
}

static void begin_member(void *of_format, const uint8_t *magic) {
    inflater *state = of_format;
    uint8_t nothing;
    spsi_gzip_input input = {magic, GZIP_MAGIC_BYTES};
    spsi_gzip_room room = {&nothing, 0};
    inflateReset(&state->zlib);
    decode(state, &input, &room);
}

static bool is_gzip_magic(const uint8_t *bytes, size_t count) {
    return bytes[0] == (GZIP_MAGIC & 0xff) && (count < 2 || bytes[1] == GZIP_MAGIC >> 8);
}

const spsi_gzip_format spsi_gzip_format_gzip = {
    .open_encoder = open_gzip_encoder,
    .close_encoder = close_encoder,
    .encode = encode,
    .encode_rest = encode_rest,
    .open_decoder = open_gzip_decoder,
    .close_decoder = close_decoder,
    .begin_member = begin_member,
    .decode = decode,
    .is_magic = is_gzip_magic,
    .magic_bytes = GZIP_MAGIC_BYTES,
    .header_bytes = GZIP_HEADER_BYTES,
    .has_padding = true,
};

const spsi_gzip_format spsi_gzip_format_zlib = {
    .open_encoder = open_zlib_encoder,
    .close_encoder = close_encoder,
    .encode = encode,
    .encode_rest = encode_rest,
    .open_decoder = open_zlib_decoder,
    .close_decoder = close_decoder,
    .decode = decode,
    .header_bytes = ZLIB_HEADER_BYTES,
};
