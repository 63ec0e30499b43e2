// SPDX-License-Identifier: MIT
#include "pipe.h"

#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

uint8_t choose(choices *choices) {
    return choices->size > 0 ? choices->bytes[choices->at++ % choices->size] : 0;
}

choices take_choices(const uint8_t **io_data, size_t *io_bytes) {
    if (*io_bytes == 0) {
        return (choices){NULL, 0, 0};
    }
    const size_t left = *io_bytes - 1;
    const size_t count = **io_data < left ? **io_data : left;
    const choices taken = {*io_data + 1, count, 0};
    *io_data += 1 + count;
    *io_bytes -= 1 + count;
    return taken;
}

// Returns the length of the character at the start, or 0 if there is none.
static size_t character_bytes(const uint8_t *text, size_t bytes) {
    static const uint32_t least_of[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t first = text[0];
    const size_t size = first < 0x80          ? 1
                        : first >> 5 == 0x06u ? 2
                        : first >> 4 == 0x0eu ? 3
                        : first >> 3 == 0x1eu ? 4
                                              : 0;
    if (size == 0 || size > bytes) {
        return 0;
    }
    uint32_t value = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (text[i] >> 6 != 2) {
            return 0;
        }
        value = value << 6 | (text[i] & 0x3fu);
    }
    const bool is_surrogate = value >= 0xd800 && value < 0xe000;
    return value >= least_of[size] && value <= 0x10ffff && !is_surrogate ? size : 0;
}

bool is_utf8(const uint8_t *text, size_t bytes) {
    for (size_t at = 0; at < bytes;) {
        const size_t size = character_bytes(text + at, bytes - at);
        if (size == 0) {
            return false;
        }
        at += size;
    }
    return true;
}

static size_t least(size_t a, size_t b) {
    return a < b ? a : b;
}

// Chooses a small piece, nothing (but not for ever), or everything.
static size_t piece_of(pipe_end *end, size_t most) {
    enum { MOST_STALLS = 4 };
    const uint8_t chosen = choose(end->pieces);
    size_t piece = chosen < 200 ? least(chosen % 23, most) : most;
    if (piece == 0 && ++end->stalls > MOST_STALLS) {
        piece = least(1, most);
    }
    end->stalls = piece > 0 ? 0 : end->stalls;
    return piece;
}

static sps_error take(pipe_end *end, uint8_t *buffer, size_t count, size_t *out) {
    if (count > 0) {
        memcpy(buffer, end->in + end->in_at, count);
    }
    end->in_at += count;
    *out = count;
    return end->in_at == end->in_bytes && end->ends ? SPS_ERR_FILE_EOF : SPS_OK;
}

static sps_error get_partial(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    pipe_end *end = user_data;
    return take(end, buffer, piece_of(end, least(count, end->in_bytes - end->in_at)), out);
}

static sps_error get_all(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    pipe_end *end = user_data;
    const size_t there = least(count, end->in_bytes - end->in_at);
    const sps_error error = take(end, buffer, there, out);
    if (there == count) {
        return SPS_OK;
    }
    return error == SPS_OK ? SPS_ERR_BUSY : error;
}

static sps_error count_available(void *user_data, size_t *out) {
    const pipe_end *end = user_data;
    *out = end->in_bytes - end->in_at;
    return SPS_OK;
}

static sps_error put(pipe_end *end, const uint8_t *data, size_t count, size_t *out) {
    FUZZ_ASSERT(end->out_capacity - end->out_bytes >= count);
    if (count > 0) {
        memcpy(end->out + end->out_bytes, data, count);
    }
    end->out_bytes += count;
    *out = count;
    return SPS_OK;
}

static sps_error put_partial(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    return put(user_data, data, piece_of(user_data, count), out);
}

static sps_error put_all(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    return put(user_data, data, count, out);
}

static void *account_for(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    pipe_end *end = user_data;
    if (new_bytes == 0) {
        end->allocated -= old_bytes;
        free(block);
        return NULL;
    }
    if (end->fail_every > 0 && ++end->requests % end->fail_every == 0) {
        return NULL;
    }
    end->allocated += new_bytes - old_bytes;
    end->most_allocated =
        end->allocated > end->most_allocated ? end->allocated : end->most_allocated;
    return realloc(block, new_bytes);
}

sps_stream *open_pipe(pipe_end *end, const sps_stream_options *options) {
    static const sps_custom_operations operations = {
        .struct_size = sizeof operations,
        .get_partial_data = get_partial,
        .get_data = get_all,
        .put_partial_data = put_partial,
        .put_data = put_all,
        .get_available_bytes = count_available,
    };
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, end};
    sps_stream_options chosen = *options;
    sps_stream *stream = NULL;
    chosen.struct_size = sizeof chosen;
    chosen.allocator = &allocator;
    const size_t fail_every = end->fail_every;
    end->fail_every = 0; // once there is a stream
    FUZZ_ASSERT(sps_custom_create(&operations, end, &chosen, &stream) == SPS_OK);
    end->fail_every = fail_every;
    return stream;
}
