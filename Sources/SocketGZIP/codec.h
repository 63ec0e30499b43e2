// SPDX-License-Identifier: MIT
//
// The two directions of zlib: an encoder, and a decoder with its limits and faults.
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
    int level, window_bits, memory_level;
    uint32_t max_ratio, max_waiting_bytes;
    uint64_t max_plain_bytes;
    bool single_member, manual_flush;
} spsi_gzip_settings;

// False if an option is out of its range.
bool spsi_gzip_settings_read(const sps_gzip_options *options, spsi_gzip_settings *out_settings);

// ---- Encoder

enum { SPSI_GZIP_SPILL_BYTES = 16 }; // more than a flush marker

typedef struct spsi_gzip_encoder {
    z_stream zlib;
    spsi_gzip_heap heap;
    bool is_open;
    bool is_dirty;                        // bytes went in since the last flush point
    bool is_finished;                     // the end of the data is out
    uint8_t spill[SPSI_GZIP_SPILL_BYTES]; // output that had no room
    size_t spill_bytes;
    uint64_t plain_in, compressed_out;
} spsi_gzip_encoder;

// OK; ERR_OUT_OF_MEMORY. The encoder must stay at its address while it is open.
sps_error spsi_gzip_encoder_open(spsi_gzip_encoder *encoder, const sps_allocator *allocator,
                                 const spsi_gzip_settings *settings, bool is_zlib);
void spsi_gzip_encoder_close(spsi_gzip_encoder *encoder);

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
    SPSI_GZIP_MAGIC,   // the same, and that byte begins a member
    SPSI_GZIP_PADDING, // zeros behind the last member
    SPSI_GZIP_ENDED,   // nothing may follow, and what follows is not ours
} spsi_gzip_place;

typedef struct spsi_gzip_decoder {
    z_stream zlib;
    spsi_gzip_heap heap;
    bool is_open;
    bool is_zlib;      // the format
    bool holds_output; // zlib may have output without further input
    bool single_member;
    spsi_gzip_place place;
    sps_gzip_fault fault;
    sps_error error; // of the fault; or OK
    uint32_t max_ratio;
    uint64_t max_plain_bytes;
    uint64_t compressed_in, plain_out, members;
} spsi_gzip_decoder;

// OK; ERR_OUT_OF_MEMORY. The decoder must stay at its address while it is open.
sps_error spsi_gzip_decoder_open(spsi_gzip_decoder *decoder, const sps_allocator *allocator,
                                 const spsi_gzip_settings *settings, bool is_zlib);

// Frees the memory. The counts and the fault stay.
void spsi_gzip_decoder_close(spsi_gzip_decoder *decoder);

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
