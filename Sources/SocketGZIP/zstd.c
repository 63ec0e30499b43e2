// SPDX-License-Identifier: MIT
//
// The format zstd (RFC 8878), by libzstd. libzstd allocates with malloc(3), because only its
// unstable interface takes an allocator.
#include "codec.h"

#ifdef SPSI_GZIP_HAS_ZSTD

#include <zstd.h>
#include <zstd_errors.h>

enum {
    MAGIC_BYTES = 4,
    SKIPPABLE_FIRST = 0x50, // to 0x5f
    SKIPPABLE_MASK = 0xf0,
};

static bool is_magic(const uint8_t *bytes, size_t count) {
    static const uint8_t frame[] = {0x28, 0xb5, 0x2f, 0xfd};
    static const uint8_t skippable[] = {SKIPPABLE_FIRST, 0x2a, 0x4d, 0x18};
    bool is_frame = true, is_skippable = true;
    for (size_t i = 0; i < count; i++) {
        const uint8_t masked = i == 0 ? bytes[0] & SKIPPABLE_MASK : bytes[i];
        is_frame = is_frame && bytes[i] == frame[i];
        is_skippable = is_skippable && masked == skippable[i];
    }
    return is_frame || is_skippable;
}

// ---- Encoder

// Everything is allocated here, by a first call without bytes.
static bool prepare(ZSTD_CCtx *context, const spsi_gzip_settings *settings) {
    ZSTD_inBuffer none = {NULL, 0, 0};
    ZSTD_outBuffer nothing = {NULL, 0, 0};
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, settings->level);
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, settings->window_bits);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    return !ZSTD_isError(ZSTD_compressStream2(context, &nothing, &none, ZSTD_e_continue));
}

static void close_encoder(void *state) {
    ZSTD_freeCCtx(state);
}

static void *open_encoder(const sps_allocator *allocator, const spsi_gzip_settings *settings) {
    (void)allocator;
    ZSTD_CCtx *context = ZSTD_createCCtx();
    if (context != NULL && !prepare(context, settings)) {
        close_encoder(context);
        return NULL;
    }
    return context;
}

// Calls libzstd once. It can fail only if it is called wrongly. After a flush or an end:
// true if libzstd holds no more output.
static bool compress_once(void *state, spsi_gzip_input *input, spsi_gzip_room *room,
                          ZSTD_EndDirective directive) {
    ZSTD_inBuffer in = {input->data, input->size, 0};
    ZSTD_outBuffer out = {room->data, room->size, 0};
    const size_t left = ZSTD_compressStream2(state, &out, &in, directive);
    *input = (spsi_gzip_input){input->data + in.pos, input->size - in.pos};
    *room = (spsi_gzip_room){room->data + out.pos, room->size - out.pos};
    return left == 0;
}

static void encode(void *state, spsi_gzip_input *input, spsi_gzip_room *room) {
    while (input->size > 0 && room->size > 0) {
        compress_once(state, input, room, ZSTD_e_continue);
    }
}

static bool encode_rest(void *state, spsi_gzip_room *room, bool finish) {
    static const uint8_t no_bytes[1] = {0};
    spsi_gzip_input none = {no_bytes, 0};
    bool is_done = false;
    while (!is_done && room->size > 0) {
        is_done = compress_once(state, &none, room, finish ? ZSTD_e_end : ZSTD_e_flush);
    }
    return is_done;
}

// ---- Decoder

typedef struct decompressor {
    ZSTD_DCtx *context;
    sps_allocator allocator;
    bool is_skippable; // the frame
} decompressor;

static void close_decoder(void *of_format) {
    decompressor *state = of_format;
    const sps_allocator allocator = state->allocator;
    ZSTD_freeDCtx(state->context);
    spsi_gzip_free(&allocator, state, sizeof *state);
}

static void *open_decoder(const sps_allocator *allocator, const spsi_gzip_settings *settings) {
    decompressor *state = spsi_gzip_allocate(allocator, sizeof *state);
    if (state == NULL) {
        return NULL;
    }
    *state = (decompressor){.context = ZSTD_createDCtx(), .allocator = *allocator};
    if (state->context == NULL) {
        close_decoder(state);
        return NULL;
    }
    ZSTD_DCtx_setParameter(state->context, ZSTD_d_windowLogMax, (int)settings->max_window_bits);
    return state;
}

static spsi_gzip_step step_of(const decompressor *state, size_t result) {
    if (result == 0) {
        return state->is_skippable ? SPSI_GZIP_ENDS_SKIPPED : SPSI_GZIP_ENDS;
    }
    if (!ZSTD_isError(result)) {
        return SPSI_GZIP_GOES_ON;
    }
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_memory_allocation:
        return SPSI_GZIP_HAS_NO_MEMORY;
    case ZSTD_error_frameParameter_windowTooLarge:
        return SPSI_GZIP_IS_TOO_WIDE;
    case ZSTD_error_frameParameter_unsupported:
    case ZSTD_error_dictionary_wrong:
        return SPSI_GZIP_IS_UNSUPPORTED;
    default:
        return SPSI_GZIP_IS_DAMAGED;
    }
}

static spsi_gzip_step call(decompressor *state, spsi_gzip_input *input, spsi_gzip_room *room) {
    ZSTD_inBuffer in = {input->data, input->size, 0};
    ZSTD_outBuffer out = {room->data, room->size, 0};
    const size_t result = ZSTD_decompressStream(state->context, &out, &in);
    *input = (spsi_gzip_input){input->data + in.pos, input->size - in.pos};
    *room = (spsi_gzip_room){room->data + out.pos, room->size - out.pos};
    return step_of(state, result);
}

// If a call of libzstd fails, the output that it has written is not counted. So no call has both
// input and room: one writes out what libzstd holds, and the next one takes input.
static spsi_gzip_step decode(void *of_format, spsi_gzip_input *input, spsi_gzip_room *room) {
    static const uint8_t no_bytes[1] = {0};
    uint8_t nowhere;
    for (;;) {
        spsi_gzip_input none = {no_bytes, 0};
        spsi_gzip_room no_room = {&nowhere, 0};
        spsi_gzip_step step = call(of_format, &none, room);
        if (step != SPSI_GZIP_GOES_ON || room->size == 0 || input->size == 0) {
            return step;
        }
        step = call(of_format, input, &no_room);
        if (step != SPSI_GZIP_GOES_ON) {
            return step;
        }
    }
}

static void begin_member(void *of_format, const uint8_t *magic) {
    decompressor *state = of_format;
    uint8_t nothing;
    spsi_gzip_input input = {magic, MAGIC_BYTES};
    spsi_gzip_room room = {&nothing, 0};
    state->is_skippable = (magic[0] & SKIPPABLE_MASK) == SKIPPABLE_FIRST;
    call(state, &input, &room);
}

static const spsi_gzip_format format = {
    .open_encoder = open_encoder,
    .close_encoder = close_encoder,
    .encode = encode,
    .encode_rest = encode_rest,
    .open_decoder = open_decoder,
    .close_decoder = close_decoder,
    .begin_member = begin_member,
    .decode = decode,
    .is_magic = is_magic,
    .magic_bytes = MAGIC_BYTES,
};

const spsi_gzip_format *spsi_gzip_format_zstd(void) {
    return &format;
}

#else

const spsi_gzip_format *spsi_gzip_format_zstd(void) {
    return NULL;
}

#endif
