// SPDX-License-Identifier: MIT
#include "codec.h"

enum {
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
        [SPS_GZIP_FAULT_WINDOW] = SPS_ERR_INVALID_DATA,
    };
    return codes[fault];
}

static void fail(spsi_gzip_decoder *decoder, sps_gzip_fault fault) {
    decoder->fault = fault;
    decoder->error = code_of(fault);
    decoder->holds_output = false;
}

sps_error spsi_gzip_decoder_open(spsi_gzip_decoder *decoder, const sps_allocator *allocator,
                                 const spsi_gzip_settings *settings,
                                 const spsi_gzip_format *format) {
    const bool has_magic = format->magic_bytes > 0;
    *decoder = (spsi_gzip_decoder){
        .format = format,
        .single_member = settings->single_member || !has_magic,
        .place = has_magic ? SPSI_GZIP_BEFORE : SPSI_GZIP_INSIDE,
        .max_ratio = settings->max_ratio,
        .max_plain_bytes = settings->max_plain_bytes,
    };
    decoder->state = format->open_decoder(allocator, settings);
    return decoder->state != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

void spsi_gzip_decoder_close(spsi_gzip_decoder *decoder) {
    if (decoder->state != NULL) {
        decoder->format->close_decoder(decoder->state);
        decoder->state = NULL;
        decoder->holds_output = false;
    }
}

// ---- Limits

// The room for the next call. One byte more than the limit allows tells whether there is more.
static size_t limited_room(const spsi_gzip_decoder *decoder, size_t room) {
    const uint64_t left = decoder->max_plain_bytes - decoder->plain_out;
    uint64_t most = left < UINT64_MAX ? left + 1 : left;
    if (decoder->max_ratio != SPS_GZIP_NO_LIMIT && most > RATIO_STEP_BYTES) {
        most = RATIO_STEP_BYTES;
    }
    return room < most ? room : (size_t)most;
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

static void end_member(spsi_gzip_decoder *decoder, bool has_data) {
    decoder->members += has_data;
    decoder->holds_output = false;
    decoder->place = has_data && decoder->single_member ? SPSI_GZIP_ENDED : SPSI_GZIP_BETWEEN;
}

static void fail_inside(spsi_gzip_decoder *decoder) {
    const bool is_in_header = decoder->compressed_in <= decoder->format->header_bytes;
    fail(decoder, is_in_header ? SPS_GZIP_FAULT_UNRECOGNIZED : SPS_GZIP_FAULT_CORRUPT);
}

static void handle_step(spsi_gzip_decoder *decoder, spsi_gzip_step step) {
    switch (step) {
    case SPSI_GZIP_GOES_ON:
        break;
    case SPSI_GZIP_ENDS:
    case SPSI_GZIP_ENDS_SKIPPED:
        end_member(decoder, step == SPSI_GZIP_ENDS);
        break;
    case SPSI_GZIP_IS_DAMAGED:
        fail_inside(decoder);
        break;
    case SPSI_GZIP_IS_UNSUPPORTED:
        fail(decoder, SPS_GZIP_FAULT_UNRECOGNIZED);
        break;
    case SPSI_GZIP_IS_TOO_WIDE:
        fail(decoder, SPS_GZIP_FAULT_WINDOW);
        break;
    case SPSI_GZIP_HAS_NO_MEMORY:
        decoder->error = SPS_ERR_OUT_OF_MEMORY;
        break;
    }
}

// Decompresses inside a member, once.
static void decode_once(spsi_gzip_decoder *decoder, spsi_gzip_input *input, spsi_gzip_room *room) {
    const size_t input_bytes = input->size;
    const size_t most = limited_room(decoder, room->size);
    spsi_gzip_room limited = {room->data, most};
    const spsi_gzip_step step = decoder->format->decode(decoder->state, input, &limited);
    decoder->holds_output = limited.size == 0;
    decoder->compressed_in += input_bytes - input->size;
    handle_step(decoder, step);
    const size_t produced = check_length(decoder, most - limited.size);
    decoder->plain_out += produced;
    room->data += produced;
    room->size -= produced;
    if (decoder->error == SPS_OK) {
        check_ratio(decoder);
    }
}

static void take_byte(spsi_gzip_decoder *decoder, spsi_gzip_input *input) {
    input->data++;
    input->size--;
    decoder->compressed_in++;
}

// Whether nothing is before the bytes of the magic.
static bool is_first(const spsi_gzip_decoder *decoder) {
    return decoder->compressed_in == decoder->magic_count;
}

// The bytes do not begin a member. They are not the data's.
static void fail_at_magic(spsi_gzip_decoder *decoder) {
    const bool is_at_begin = is_first(decoder);
    decoder->compressed_in -= decoder->magic_count;
    decoder->magic_count = 0;
    decoder->place = is_at_begin ? SPSI_GZIP_BEFORE : SPSI_GZIP_BETWEEN;
    fail(decoder, is_at_begin ? SPS_GZIP_FAULT_UNRECOGNIZED : SPS_GZIP_FAULT_TRAILING);
}

// Handles the next byte where a member may begin. A byte that does not fit stays in the input.
static void match_magic(spsi_gzip_decoder *decoder, spsi_gzip_input *input) {
    const spsi_gzip_format *format = decoder->format;
    decoder->magic[decoder->magic_count] = input->data[0];
    if (!format->is_magic(decoder->magic, decoder->magic_count + 1u)) {
        fail_at_magic(decoder);
        return;
    }
    take_byte(decoder, input);
    decoder->place = SPSI_GZIP_MAGIC;
    if (++decoder->magic_count == format->magic_bytes) {
        decoder->magic_count = 0;
        decoder->place = SPSI_GZIP_INSIDE;
        format->begin_member(decoder->state, decoder->magic);
    }
}

// Handles the next byte outside of a member.
static void pass_outside(spsi_gzip_decoder *decoder, spsi_gzip_input *input) {
    const bool may_pad = decoder->format->has_padding && (decoder->place == SPSI_GZIP_BETWEEN ||
                                                          decoder->place == SPSI_GZIP_PADDING);
    if (may_pad && input->data[0] == 0) {
        decoder->place = SPSI_GZIP_PADDING;
        take_byte(decoder, input);
    } else if (decoder->place == SPSI_GZIP_PADDING) {
        fail(decoder, SPS_GZIP_FAULT_TRAILING);
    } else {
        match_magic(decoder, input);
    }
}

// Whether a call could do something.
static bool can_advance(const spsi_gzip_decoder *decoder, const spsi_gzip_input *input,
                        const spsi_gzip_room *room) {
    if (decoder->error != SPS_OK || decoder->place == SPSI_GZIP_ENDED) {
        return false;
    }
    if (decoder->place == SPSI_GZIP_INSIDE) {
        return room->size > 0 && (input->size > 0 || decoder->holds_output);
    }
    return input->size > 0;
}

void spsi_gzip_decode(spsi_gzip_decoder *decoder, spsi_gzip_input *input, spsi_gzip_room *room) {
    while (can_advance(decoder, input, room)) {
        if (decoder->place == SPSI_GZIP_INSIDE) {
            decode_once(decoder, input, room);
        } else {
            pass_outside(decoder, input);
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
    if (decoder->place == SPSI_GZIP_MAGIC && !is_first(decoder)) {
        fail_at_magic(decoder);
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
    // Arrays in place of pointers, which would be relocations.
    static const char names[][24] = {
        [SPS_GZIP_FAULT_NONE] = "no fault",
        [SPS_GZIP_FAULT_UNRECOGNIZED] = "not in this format",
        [SPS_GZIP_FAULT_CORRUPT] = "corrupt",
        [SPS_GZIP_FAULT_TRUNCATED] = "truncated",
        [SPS_GZIP_FAULT_TRAILING] = "trailing data",
        [SPS_GZIP_FAULT_RATIO] = "compressed too much",
        [SPS_GZIP_FAULT_LENGTH] = "too long",
        [SPS_GZIP_FAULT_WINDOW] = "window too large",
    };
    const bool is_known = fault >= 0 && fault < (sps_gzip_fault)(sizeof names / sizeof names[0]);
    return is_known ? names[fault] : "unknown fault";
}
