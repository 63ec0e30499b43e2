// SPDX-License-Identifier: MIT
#include <limits.h>
#include <string.h>

#include "codec.h"

enum {
    WINDOW_BITS = 15, // of any stream
    WINDOW_BYTES = 1 << WINDOW_BITS,
    GZIP_FORMAT = 16, // added to the bits
    GZIP_MAGIC_1 = 0x1f,
    GZIP_MAGIC_2 = 0x8b,
    // zlib has read so many bytes if it does not recognize a header.
    GZIP_HEADER_BYTES = 4,
    ZLIB_HEADER_BYTES = 2,
    // Less output may have any ratio.
    ANY_RATIO_BYTES = 8 * 1024 * 1024,
    // The ratio is checked after so much output.
    RATIO_STEP_BYTES = 1024 * 1024,
};

static sps_error code_of(sps_gzip_fault fault) {
    static const sps_error codes[] = {
        [SPS_GZIP_FAULT_NONE] = SPS_OK,
        [SPS_GZIP_FAULT_UNRECOGNIZED] = SPS_ERR_FILE_UNRECOGNIZED,
        [SPS_GZIP_FAULT_CORRUPT] = SPS_ERR_FILE_CORRUPT,
        [SPS_GZIP_FAULT_TRUNCATED] = SPS_ERR_FILE_CANT_READ,
        [SPS_GZIP_FAULT_TRAILING] = SPS_ERR_PARSE_ERROR,
        [SPS_GZIP_FAULT_RATIO] = SPS_ERR_INVALID_DATA,
        [SPS_GZIP_FAULT_LENGTH] = SPS_ERR_INVALID_DATA,
    };
    return codes[fault];
}

static void fail(spsi_gzip_decoder *decoder, sps_gzip_fault fault) {
    decoder->fault = fault;
    decoder->error = code_of(fault);
    decoder->holds_output = false;
}

sps_error spsi_gzip_decoder_open(spsi_gzip_decoder *decoder, const sps_allocator *allocator,
                                 const spsi_gzip_settings *settings, bool is_zlib) {
    memset(decoder, 0, sizeof *decoder);
    decoder->heap.allocator = allocator;
    decoder->is_zlib = is_zlib;
    decoder->single_member = settings->single_member || is_zlib;
    decoder->max_ratio = settings->max_ratio;
    decoder->max_plain_bytes = settings->max_plain_bytes;
    decoder->zlib.zalloc = spsi_gzip_zalloc;
    decoder->zlib.zfree = spsi_gzip_zfree;
    decoder->zlib.opaque = &decoder->heap;
    if (inflateInit2(&decoder->zlib, WINDOW_BITS + (is_zlib ? 0 : GZIP_FORMAT)) != Z_OK) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    decoder->is_open = true;
    // zlib allocates its window at the first output, and without memory it loses the stream there.
    if (!spsi_gzip_heap_prepare(&decoder->heap, WINDOW_BYTES)) {
        spsi_gzip_decoder_close(decoder);
        return SPS_ERR_OUT_OF_MEMORY;
    }
    return SPS_OK;
}

void spsi_gzip_decoder_close(spsi_gzip_decoder *decoder) {
    if (decoder->is_open) {
        inflateEnd(&decoder->zlib);
        spsi_gzip_heap_end(&decoder->heap);
        decoder->is_open = false;
        decoder->holds_output = false;
    }
}

static uInt piece_of(uint64_t size) {
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

// ---- Limits

// The room for the next call. One byte more than the limit allows tells whether there is more.
static uInt limited_room(const spsi_gzip_decoder *decoder, size_t room) {
    const uint64_t left = decoder->max_plain_bytes - decoder->plain_out;
    uint64_t most = left < UINT64_MAX ? left + 1 : left;
    if (decoder->max_ratio != SPS_GZIP_NO_LIMIT && most > RATIO_STEP_BYTES) {
        most = RATIO_STEP_BYTES;
    }
    return piece_of(room < most ? room : most);
}

// Returns how many of the produced bytes are within the length limit, and records a fault.
static size_t check_length(spsi_gzip_decoder *decoder, size_t produced) {
    const uint64_t left = decoder->max_plain_bytes - decoder->plain_out;
    if (produced > left) {
        fail(decoder, SPS_GZIP_FAULT_LENGTH);
        return (size_t)left;
    }
    return produced;
}

static void check_ratio(spsi_gzip_decoder *decoder) {
    if (decoder->max_ratio != SPS_GZIP_NO_LIMIT && decoder->plain_out > ANY_RATIO_BYTES &&
        decoder->plain_out / decoder->max_ratio > decoder->compressed_in) {
        fail(decoder, SPS_GZIP_FAULT_RATIO);
    }
}

// ---- Members

static void end_member(spsi_gzip_decoder *decoder) {
    decoder->members++;
    decoder->holds_output = false;
    decoder->place = decoder->single_member ? SPSI_GZIP_ENDED : SPSI_GZIP_BETWEEN;
}

static void fail_inside(spsi_gzip_decoder *decoder) {
    const uLong header = decoder->is_zlib ? ZLIB_HEADER_BYTES : GZIP_HEADER_BYTES;
    const bool is_in_header = decoder->zlib.total_in <= header && decoder->members == 0;
    fail(decoder, is_in_header ? SPS_GZIP_FAULT_UNRECOGNIZED : SPS_GZIP_FAULT_CORRUPT);
}

static void handle_result(spsi_gzip_decoder *decoder, int result) {
    if (result == Z_STREAM_END) {
        end_member(decoder);
    } else if (result == Z_NEED_DICT) {
        fail(decoder, SPS_GZIP_FAULT_UNRECOGNIZED);
    } else if (result == Z_MEM_ERROR) {
        decoder->error = SPS_ERR_OUT_OF_MEMORY; // zlib has lost its state
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        fail_inside(decoder);
    }
}

// Decompresses inside a member, once.
static void inflate_once(spsi_gzip_decoder *decoder, spsi_gzip_input *input, spsi_gzip_room *room) {
    z_stream *zlib = &decoder->zlib;
    zlib->next_in = input->data;
    zlib->avail_in = piece_of(input->size);
    zlib->next_out = room->data;
    zlib->avail_out = limited_room(decoder, room->size);
    const int result = inflate(zlib, Z_NO_FLUSH);
    const size_t consumed = (size_t)(zlib->next_in - input->data);
    decoder->holds_output = zlib->avail_out == 0;
    decoder->compressed_in += consumed;
    input->data += consumed;
    input->size -= consumed;
    handle_result(decoder, result);
    const size_t produced = check_length(decoder, (size_t)(zlib->next_out - room->data));
    decoder->plain_out += produced;
    room->data += produced;
    room->size -= produced;
    if (decoder->error == SPS_OK) {
        check_ratio(decoder);
    }
}

static void skip(spsi_gzip_decoder *decoder, spsi_gzip_input *input) {
    input->data++;
    input->size--;
    decoder->compressed_in++;
}

// The byte 1f behind a member did not begin another one.
static void fail_after_magic(spsi_gzip_decoder *decoder) {
    decoder->compressed_in--;
    decoder->place = SPSI_GZIP_BETWEEN;
    fail(decoder, SPS_GZIP_FAULT_TRAILING);
}

// A byte 1f is behind a member. The next byte tells whether it begins another one.
static void continue_magic(spsi_gzip_decoder *decoder, const spsi_gzip_input *input) {
    if (input->data[0] != GZIP_MAGIC_2) {
        fail_after_magic(decoder);
        return;
    }
    static const uint8_t magic = GZIP_MAGIC_1;
    z_stream *zlib = &decoder->zlib;
    uint8_t nothing;
    inflateReset(zlib);
    zlib->next_in = &magic;
    zlib->avail_in = 1;
    zlib->next_out = &nothing;
    zlib->avail_out = 0;
    inflate(zlib, Z_NO_FLUSH);
    decoder->place = SPSI_GZIP_INSIDE;
}

// Handles the next byte behind a member.
static void pass_between(spsi_gzip_decoder *decoder, spsi_gzip_input *input) {
    const uint8_t byte = input->data[0];
    if (decoder->place == SPSI_GZIP_MAGIC) {
        continue_magic(decoder, input);
    } else if (byte == 0) {
        decoder->place = SPSI_GZIP_PADDING;
        skip(decoder, input);
    } else if (byte == GZIP_MAGIC_1 && decoder->place == SPSI_GZIP_BETWEEN) {
        decoder->place = SPSI_GZIP_MAGIC;
        skip(decoder, input);
    } else {
        fail(decoder, SPS_GZIP_FAULT_TRAILING);
    }
}

static bool is_inside(const spsi_gzip_decoder *decoder) {
    return decoder->place <= SPSI_GZIP_INSIDE;
}

// Whether a call could do something.
static bool can_advance(const spsi_gzip_decoder *decoder, const spsi_gzip_input *input,
                        const spsi_gzip_room *room) {
    if (decoder->error != SPS_OK || decoder->place == SPSI_GZIP_ENDED) {
        return false;
    }
    if (is_inside(decoder)) {
        return room->size > 0 && (input->size > 0 || decoder->holds_output);
    }
    return input->size > 0;
}

void spsi_gzip_decode(spsi_gzip_decoder *decoder, spsi_gzip_input *input, spsi_gzip_room *room) {
    while (can_advance(decoder, input, room)) {
        if (is_inside(decoder)) {
            decoder->place = SPSI_GZIP_INSIDE;
            inflate_once(decoder, input, room);
        } else {
            pass_between(decoder, input);
        }
    }
}

bool spsi_gzip_is_complete(const spsi_gzip_decoder *decoder) {
    return decoder->place >= SPSI_GZIP_BETWEEN && decoder->place != SPSI_GZIP_MAGIC;
}

void spsi_gzip_decode_end(spsi_gzip_decoder *decoder) {
    if (decoder->error != SPS_OK || spsi_gzip_is_complete(decoder)) {
        return;
    }
    if (decoder->place == SPSI_GZIP_MAGIC) {
        fail_after_magic(decoder);
    } else {
        fail(decoder, SPS_GZIP_FAULT_TRUNCATED);
    }
}

void spsi_gzip_decode_trailing(spsi_gzip_decoder *decoder) {
    if (decoder->error == SPS_OK) {
        fail(decoder, SPS_GZIP_FAULT_TRAILING);
    }
}

const char *sps_gzip_fault_name(sps_gzip_fault fault) {
    static const char *const names[] = {
        [SPS_GZIP_FAULT_NONE] = "no fault",
        [SPS_GZIP_FAULT_UNRECOGNIZED] = "not in this format",
        [SPS_GZIP_FAULT_CORRUPT] = "corrupt",
        [SPS_GZIP_FAULT_TRUNCATED] = "truncated",
        [SPS_GZIP_FAULT_TRAILING] = "trailing data",
        [SPS_GZIP_FAULT_RATIO] = "compressed too much",
        [SPS_GZIP_FAULT_LENGTH] = "too long",
    };
    const bool is_known = fault >= 0 && fault < (sps_gzip_fault)(sizeof names / sizeof names[0]);
    return is_known ? names[fault] : "unknown fault";
}
