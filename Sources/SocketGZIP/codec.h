// SPDX-License-Identifier: MIT
//
// The two directions of compression: an encoder, and a decoder with its limits and faults. Each
// works through the table of a format, behind which is zlib or zstd.
#ifndef SPSI_GZIP_CODEC_H
#define SPSI_GZIP_CODEC_H

#include "memory.h"
#include "streampeersocket/gzip.h"

// Bytes that a call consumes, and room that it fills. The call advances both.
typedef struct spsi_gzip_input {
    const uint8_t *data;
    size_t size;
} spsi_gzip_input;

typedef struct spsi_gzip_room {
    uint8_t *data;
    size_t size;
} spsi_gzip_room;

// The options, with every default filled in.
typedef struct spsi_gzip_settings {
    sps_gzip_codec codec;
    int level, window_bits, memory_level; // of zstd, 0 is its own default
    uint32_t max_ratio, max_waiting_bytes, max_window_bits;
    uint64_t max_plain_bytes;
    bool single_member, manual_flush;
} spsi_gzip_settings;

// OK; ERR_INVALID_PARAMETER if an option is out of its range; ERR_UNAVAILABLE without the codec.
sps_error spsi_gzip_settings_read(const sps_gzip_options *options,
                                  spsi_gzip_settings *out_settings);

// ---- Formats

// How a step of decompression inside a member ends.
typedef enum spsi_gzip_step {
    SPSI_GZIP_GOES_ON,
    SPSI_GZIP_ENDS,         // the member is complete
    SPSI_GZIP_ENDS_SKIPPED, // the same, of a member that has no data
    SPSI_GZIP_IS_DAMAGED,
    SPSI_GZIP_IS_UNSUPPORTED, // it needs a dictionary, or a later version of the format
    SPSI_GZIP_IS_TOO_WIDE,    // its window is above the limit
    SPSI_GZIP_HAS_NO_MEMORY,  // the state is lost
} spsi_gzip_step;

enum { SPSI_GZIP_MAGIC_BYTES = 4 }; // the most of a format

// A format, and the library that implements it. Each direction has a state of its own.
typedef struct spsi_gzip_format {
    // NULL without memory. Later, an encoder needs no more.
    void *(*open_encoder)(const sps_allocator *allocator, const spsi_gzip_settings *settings);
    void (*close_encoder)(void *state);
    // As spsi_gzip_encode() and spsi_gzip_encode_rest().
    void (*encode)(void *state, spsi_gzip_input *input, spsi_gzip_room *room);
    bool (*encode_rest)(void *state, spsi_gzip_room *room, bool finish);

    void *(*open_decoder)(const sps_allocator *allocator, const spsi_gzip_settings *settings);
    void (*close_decoder)(void *state);
    // Begins a member, behind its magic.
    void (*begin_member)(void *state, const uint8_t *magic);
    // Decompresses once. Input may be empty. Room that is left means that no output is held.
    spsi_gzip_step (*decode)(void *state, spsi_gzip_input *input, spsi_gzip_room *room);

    // Whether a member may begin with these bytes, at most magic_bytes.
    bool (*is_magic)(const uint8_t *bytes, size_t count);
    size_t magic_bytes;  // 0: one member is all, and `decode` recognizes it
    size_t header_bytes; // damage in so many bytes means another format
    bool has_padding;    // zeros may follow the last member
} spsi_gzip_format;

extern const spsi_gzip_format spsi_gzip_format_gzip, spsi_gzip_format_zlib;

// NULL if the library was built without it.
const spsi_gzip_format *spsi_gzip_format_zstd(void);

// NULL if the codec does not have the format.
const spsi_gzip_format *spsi_gzip_format_of(const spsi_gzip_settings *settings, bool use_deflate);

// ---- Encoder

typedef struct spsi_gzip_encoder {
    const spsi_gzip_format *format;
    void *state;      // NULL: closed
    bool is_dirty;    // bytes went in since the last flush point
    bool is_finished; // the end of the data is out
    uint64_t plain_in, compressed_out;
} spsi_gzip_encoder;

// OK; ERR_OUT_OF_MEMORY.
sps_error spsi_gzip_encoder_open(spsi_gzip_encoder *encoder, const sps_allocator *allocator,
                                 const spsi_gzip_settings *settings,
                                 const spsi_gzip_format *format);

// Frees the memory. The counts stay.
void spsi_gzip_encoder_close(spsi_gzip_encoder *encoder);

static inline bool spsi_gzip_encoder_is_open(const spsi_gzip_encoder *encoder) {
    return encoder->state != NULL;
}

// Compresses input into room, until one of them is used up.
void spsi_gzip_encode(spsi_gzip_encoder *encoder, spsi_gzip_input *input, spsi_gzip_room *room);

// Writes out everything that was compressed, and with `finish` also the end of the data. True if
// that is done. False if it needs more room; call it again.
bool spsi_gzip_encode_rest(spsi_gzip_encoder *encoder, spsi_gzip_room *room, bool finish);

// ---- Decoder

typedef enum spsi_gzip_place {
    SPSI_GZIP_BEFORE,  // the first member
    SPSI_GZIP_INSIDE,  // a member
    SPSI_GZIP_BETWEEN, // a member has ended; the next byte decides
    SPSI_GZIP_MAGIC,   // in the bytes that begin a member
    SPSI_GZIP_PADDING, // zeros behind the last member
    SPSI_GZIP_ENDED,   // nothing may follow, and what follows is not ours
} spsi_gzip_place;

typedef struct spsi_gzip_decoder {
    const spsi_gzip_format *format;
    void *state;       // NULL: closed
    bool holds_output; // the state may have output without further input
    bool single_member;
    uint8_t magic[SPSI_GZIP_MAGIC_BYTES];
    uint8_t magic_count;
    spsi_gzip_place place;
    sps_gzip_fault fault;
    sps_error error; // of the fault; or OK
    uint32_t max_ratio;
    uint64_t max_plain_bytes;
    uint64_t compressed_in, plain_out, members;
} spsi_gzip_decoder;

// OK; ERR_OUT_OF_MEMORY.
sps_error spsi_gzip_decoder_open(spsi_gzip_decoder *decoder, const sps_allocator *allocator,
                                 const spsi_gzip_settings *settings,
                                 const spsi_gzip_format *format);

// Frees the memory. The counts and the fault stay.
void spsi_gzip_decoder_close(spsi_gzip_decoder *decoder);

static inline bool spsi_gzip_decoder_is_open(const spsi_gzip_decoder *decoder) {
    return decoder->state != NULL;
}

// Decompresses input into room, until one of them is used up, or a fault. Trailing data stays in
// the input. With a place of ENDED, it consumes nothing and that is no fault.
void spsi_gzip_decode(spsi_gzip_decoder *decoder, spsi_gzip_input *input, spsi_gzip_room *room);

// No input is left, and no more will come: a fault if the data is truncated.
void spsi_gzip_decode_end(spsi_gzip_decoder *decoder);

// Bytes follow although the place is ENDED.
void spsi_gzip_decode_trailing(spsi_gzip_decoder *decoder);

// Whether the data may end here.
bool spsi_gzip_is_complete(const spsi_gzip_decoder *decoder);

#endif
