// SPDX-License-Identifier: MIT
//
// Each allocation fails once while zstd compresses and decompresses. libzstd calls malloc(3), so
// this program replaces it. The call returns ERR_OUT_OF_MEMORY, and the same call again completes
// the work. Only a decoder without memory for its window fails for good.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <streampeersocket/gzip.h>

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "line %d, allocation %zu: %s\n", __LINE__, fail_at, #condition);       \
            exit(EXIT_FAILURE);                                                                    \
        }                                                                                          \
    } while (0)

enum { PLAIN_BYTES = 300000, BUFFER_BYTES = 65535, MOST_ALLOCATIONS = 100, SKIPPED = 77 };

// glibc's own names of these functions.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

static bool is_counting;
static size_t calls, fail_at;
static long blocks;

static bool fails(void) {
    return is_counting && ++calls == fail_at;
}

static void *counted(void *block) {
    blocks += is_counting && block != NULL;
    return block;
}

void *malloc(size_t size) {
    return fails() ? NULL : counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
    return fails() ? NULL : counted(__libc_calloc(count, size));
}

void *realloc(void *block, size_t size) {
    return block == NULL ? malloc(size) : __libc_realloc(block, size);
}

void free(void *block) {
    blocks -= is_counting && block != NULL;
    __libc_free(block);
}

static uint8_t plain[PLAIN_BYTES], compressed[2 * PLAIN_BYTES], back[2 * PLAIN_BYTES];
static size_t failures;

// Whether to repeat a call: it had no memory.
static bool failed(sps_error error) {
    failures += error == SPS_ERR_OUT_OF_MEMORY;
    CHECK(error == SPS_OK || error == SPS_ERR_OUT_OF_MEMORY);
    return error != SPS_OK;
}

#define REPEAT(call)                                                                               \
    while (failed(call)) {                                                                         \
    }

// Moves data through a transformer. Returns the output's size. False if it has ended for good.
static bool push(sps_stream *stream, const uint8_t *data, size_t size, uint8_t *into,
                 size_t *io_size) {
    size_t count, failed_in_a_row = 0;
    for (size_t at = 0; at < size && failed_in_a_row < 3;) {
        const bool has_failed =
            failed(sps_stream_put_partial_data(stream, data + at, size - at, &count));
        at += count;
        failed_in_a_row = has_failed ? failed_in_a_row + 1 : 0;
        failed(sps_stream_get_partial_data(stream, into + *io_size, BUFFER_BYTES, &count));
        *io_size += count;
    }
    return failed_in_a_row == 0;
}

static void drain(sps_stream *stream, uint8_t *into, size_t *io_size) {
    size_t count;
    do {
        REPEAT(sps_stream_get_partial_data(stream, into + *io_size, BUFFER_BYTES, &count));
        *io_size += count;
    } while (count > 0);
}

// Returns false if the decoder has ended for good.
static bool transform(void) {
    const sps_gzip_options options = {.struct_size = sizeof options, .codec = SPS_GZIP_CODEC_ZSTD};
    size_t compressed_size = 0, size = 0;
    sps_stream *stream;
    REPEAT(sps_gzip_create(&options, &stream));
    REPEAT(sps_gzip_start_compression(stream, false, BUFFER_BYTES));
    CHECK(push(stream, plain, sizeof plain, compressed, &compressed_size));
    REPEAT(sps_gzip_finish(stream));
    drain(stream, compressed, &compressed_size);
    REPEAT(sps_gzip_clear(stream));
    REPEAT(sps_gzip_start_decompression(stream, false, BUFFER_BYTES));
    const bool is_whole = push(stream, compressed, compressed_size, back, &size);
    if (is_whole) {
        drain(stream, back, &size);
        CHECK(sps_gzip_end_input(stream) == SPS_OK);
        CHECK(size == sizeof plain && memcmp(plain, back, size) == 0);
    } else {
        CHECK(sps_gzip_end_input(stream) == SPS_ERR_OUT_OF_MEMORY);
    }
    sps_stream_destroy(stream);
    return is_whole;
}

int main(void) {
    const sps_gzip_options options = {.struct_size = sizeof options, .codec = SPS_GZIP_CODEC_ZSTD};
    sps_stream *stream;
    if (sps_gzip_create(&options, &stream) == SPS_ERR_UNAVAILABLE) {
        puts("skipped: built without libzstd");
        return SKIPPED;
    }
    sps_stream_destroy(stream);
    for (size_t i = 0; i < sizeof plain; i++) {
        plain[i] = (uint8_t)(i * i >> 7);
    }
    size_t lost = 0;
    do {
        CHECK(++fail_at < MOST_ALLOCATIONS);
        calls = failures = 0;
        is_counting = true;
        lost += !transform();
        is_counting = false;
        CHECK(blocks == 0);
        CHECK(failures > 0 || calls < fail_at);
    } while (calls >= fail_at);
    CHECK(fail_at > 8 && lost == 1);
    return EXIT_SUCCESS;
}
