// SPDX-License-Identifier: MIT
//
// The library for gzip, with each of its formats. The input is hostile compressed data, or plain
// data that goes there and back, in pieces that the input chooses. The pieces change nothing.
// Memory is bounded. A filter finds the same bytes as a transformer.
#include <stdlib.h>
#include <string.h>

#include <streampeersocket/gzip.h>

#include "fuzz.h"
#include "pipe.h"

enum {
    MOST_PLAIN_BYTES = 1 << 16,
    MOST_MEMORY = 600 * 1024,
    MOST_CALLS = 1 << 20,
    MOST_BUFFER = 300,
};

typedef struct output {
    uint8_t bytes[2 * MOST_PLAIN_BYTES];
    size_t size;
} output;

// The account of all memory of the library's streams.
static size_t allocated, most_allocated;

static void *account(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    allocated += new_bytes - old_bytes;
    most_allocated = allocated > most_allocated ? allocated : most_allocated;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

// The formats. Without libzstd its inputs are for gzip or zlib.
static bool is_zstd(uint8_t setting) {
    static int is_there = -1;
    if (is_there < 0) {
        const sps_gzip_options options = {.struct_size = sizeof options,
                                          .codec = SPS_GZIP_CODEC_ZSTD};
        sps_stream *stream;
        is_there = sps_gzip_create(&options, &stream) == SPS_OK;
        sps_stream_destroy(stream);
    }
    return is_there && (setting & 2);
}

static bool uses_deflate(uint8_t setting) {
    return (setting & 1) && !is_zstd(setting);
}

static sps_stream *make(sps_error (*create)(const sps_gzip_options *, sps_stream **),
                        uint8_t setting) {
    const sps_allocator allocator = {sizeof allocator, account, NULL};
    const sps_stream_options stream_options = {.struct_size = sizeof stream_options,
                                               .allocator = &allocator};
    const sps_gzip_options options = {.struct_size = sizeof options,
                                      .stream = &stream_options,
                                      .codec = is_zstd(setting) ? SPS_GZIP_CODEC_ZSTD
                                                                : SPS_GZIP_CODEC_ZLIB,
                                      .level = is_zstd(setting) ? setting % 5 : setting % 11 - 1,
                                      .window_bits = is_zstd(setting) ? 10 + setting % 8 : 0,
                                      .max_window_bits = is_zstd(setting) ? 18 : 0,
                                      .manual_flush = setting & 64,
                                      .single_member = setting & 32,
                                      .max_plain_bytes = MOST_PLAIN_BYTES};
    sps_stream *stream;
    FUZZ_ASSERT(create(&options, &stream) == SPS_OK);
    return stream;
}

static void take(sps_stream *stream, output *output, size_t most) {
    size_t count = sizeof output->bytes - output->size;
    count = count < most ? count : most;
    FUZZ_ASSERT(count > 0);
    sps_stream_get_partial_data(stream, output->bytes + output->size, count, &count);
    output->size += count;
}

static void take_all(sps_stream *stream, output *output) {
    size_t before;
    do {
        before = output->size;
        take(stream, output, sizeof output->bytes);
    } while (output->size > before);
}

// Moves the input through a transformer in chosen pieces. Returns the code that stopped it, or OK.
static sps_error push(sps_stream *stream, choices *choices, const uint8_t *data, size_t bytes,
                      output *output, bool flushes) {
    sps_error error = SPS_OK;
    for (size_t at = 0, calls = 0; at < bytes && error == SPS_OK; calls++) {
        const uint8_t chosen = choose(choices);
        const size_t left = bytes - at;
        size_t piece = chosen < 200 ? chosen % 23u + 1 : left;
        piece = piece < left ? piece : left;
        FUZZ_ASSERT(calls < MOST_CALLS);
        if (chosen % 8 == 0) {
            error = sps_stream_put_data(stream, data + at, piece, &piece);
        } else {
            error = sps_stream_put_partial_data(stream, data + at, piece, &piece);
        }
        at += piece;
        if (flushes && chosen % 8 == 1) {
            FUZZ_ASSERT(sps_gzip_flush(stream) == SPS_OK);
        }
        if (piece == 0 || chosen % 3 == 0) {
            take(stream, output, chosen + 1u);
        }
    }
    return error;
}

// Decompresses with one put. The result is what all other ways must find.
static sps_error decompress_at_once(const uint8_t *data, size_t bytes, uint8_t setting,
                                    output *output) {
    sps_stream *stream = make(sps_gzip_create, setting);
    FUZZ_ASSERT(sps_gzip_start_decompression(stream, uses_deflate(setting), 65535) == SPS_OK);
    sps_stream_put_data(stream, data, bytes, NULL);
    sps_gzip_end_input(stream);
    take_all(stream, output);
    const sps_error error = sps_gzip_end_input(stream);
    FUZZ_ASSERT(error != SPS_ERR_BUSY && output->size <= MOST_PLAIN_BYTES);
    sps_stream_destroy(stream);
    return error;
}

static sps_error decompress_in_pieces(choices *choices, const uint8_t *data, size_t bytes,
                                      uint8_t setting, output *output) {
    sps_stream *stream = make(sps_gzip_create, setting);
    const size_t buffer_size = 1 + (size_t)choose(choices) % MOST_BUFFER;
    FUZZ_ASSERT(sps_gzip_start_decompression(stream, uses_deflate(setting), buffer_size) == SPS_OK);
    const sps_error error = push(stream, choices, data, bytes, output, false);
    sps_gzip_end_input(stream);
    take_all(stream, output);
    FUZZ_ASSERT(error == SPS_OK || sps_gzip_end_input(stream) == error);
    const sps_error ended = sps_gzip_end_input(stream);
    sps_stream_destroy(stream);
    return ended;
}

static sps_error read_through_filter(choices *choices, const uint8_t *data, size_t bytes,
                                     uint8_t setting, output *output) {
    pipe_end end = {.pieces = choices, .in = data, .in_bytes = bytes, .ends = true};
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .read_buffer_bytes = setting & 16 ? 64 : 0};
    sps_stream *base = open_pipe(&end, &options);
    sps_stream *filter = make(sps_gzip_filter_create, setting);
    FUZZ_ASSERT(sps_gzip_connect_to_stream(filter, base, uses_deflate(setting),
                                           1 + (size_t)choose(choices) % MOST_BUFFER) == SPS_OK);
    sps_error error = SPS_OK;
    for (size_t calls = 0; error == SPS_OK; calls++) {
        size_t count = sizeof output->bytes - output->size;
        const size_t most = choose(choices) * 3u + 1;
        FUZZ_ASSERT(calls < MOST_CALLS && count > 0);
        if (most % 5 == 0) {
            size_t available;
            sps_stream_get_available_bytes(filter, &available);
        }
        error = sps_stream_get_partial_data(filter, output->bytes + output->size,
                                            count < most ? count : most, &count);
        output->size += count;
    }
    sps_stream_destroy(filter);
    sps_stream_destroy(base);
    return error == SPS_ERR_FILE_EOF ? SPS_OK : error;
}

static void expect_same(const output *one, const output *other) {
    FUZZ_ASSERT(one->size == other->size && memcmp(one->bytes, other->bytes, one->size) == 0);
}

static void decompress(choices *choices, const uint8_t *data, size_t bytes, uint8_t setting) {
    static output whole, pieces, filtered;
    whole.size = pieces.size = filtered.size = 0;
    const sps_error expected = decompress_at_once(data, bytes, setting, &whole);
    FUZZ_ASSERT(decompress_in_pieces(choices, data, bytes, setting, &pieces) == expected);
    expect_same(&whole, &pieces);
    const sps_error found = read_through_filter(choices, data, bytes, setting, &filtered);
    // A filter leaves what follows a single member to others.
    const bool is_single = expected == SPS_ERR_PARSE_ERROR && (setting & 32);
    FUZZ_ASSERT(found == (is_single ? SPS_OK : expected));
    expect_same(&whole, &filtered);
}

static void compress(choices *choices, const uint8_t *data, size_t bytes, uint8_t setting) {
    static output compressed, back;
    compressed.size = back.size = 0;
    sps_stream *stream = make(sps_gzip_create, setting);
    const size_t buffer_size = 1 + (size_t)choose(choices) % MOST_BUFFER;
    FUZZ_ASSERT(sps_gzip_start_compression(stream, uses_deflate(setting), buffer_size) == SPS_OK);
    FUZZ_ASSERT(push(stream, choices, data, bytes, &compressed, true) == SPS_OK);
    FUZZ_ASSERT(sps_gzip_finish(stream) == SPS_OK);
    take_all(stream, &compressed);
    sps_stream_destroy(stream);
    FUZZ_ASSERT(decompress_at_once(compressed.bytes, compressed.size, setting, &back) == SPS_OK);
    FUZZ_ASSERT(back.size == bytes && memcmp(back.bytes, data, bytes) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    choices choices = take_choices(&data, &bytes);
    const uint8_t setting = choose(&choices);
    most_allocated = 0;
    if (bytes > MOST_PLAIN_BYTES / 8) {
        return 0;
    }
    if (setting & 128) {
        compress(&choices, data, bytes, setting);
    } else {
        decompress(&choices, data, bytes, setting);
    }
    FUZZ_ASSERT(allocated == 0 && most_allocated <= MOST_MEMORY + bytes);
    return 0;
}
