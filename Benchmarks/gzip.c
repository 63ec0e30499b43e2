// SPDX-License-Identifier: MIT
//
// The library for gzip beside zlib alone: the same data, level and pieces, in one run.
//
//     gzip_benchmarks [ROUNDS]
//
// Each round measures both, so that they share the machine's moods, and the best round counts. The
// factor is the library's processor time over zlib's. The status is 1 if a factor is above 1.05.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include <streampeersocket/buffer.h>
#include <streampeersocket/gzip.h>

enum { PLAIN_BYTES = 16 << 20, PIECE_BYTES = 64 << 10, GZIP_WINDOW = 31, MEMORY_LEVEL = 8 };
static const double MOST_FACTOR = 1.05;

static uint8_t *plain, *compressed, *back;
static size_t compressed_bytes;

static void must(bool good) {
    if (!good) {
        fputs("a call has failed\n", stderr);
        exit(2);
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static size_t least(size_t one, size_t other) {
    return one < other ? one : other;
}

static void make_plain(void) {
    static const char *const words[] = {"stream", " peer",      " socket", " the",
                                        "\n",     " 127.0.0.1", " of",     " poll",
                                        " frame", " \"x\": ",   "{",       "}"};
    uint64_t state = 88172645463325252u;
    for (size_t at = 0; at < PLAIN_BYTES;) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const char *word = words[state % (sizeof words / sizeof words[0])];
        const size_t length = least(strlen(word), PLAIN_BYTES - at);
        memcpy(plain + at, word, length);
        at += length;
        if (state % 7 == 0 && at + sizeof state < PLAIN_BYTES) {
            memcpy(plain + at, &state, sizeof state / 2);
            at += sizeof state / 2;
        }
    }
}

// ---- zlib alone

static void zlib_compress(void) {
    z_stream zlib = {0};
    must(deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, MEMORY_LEVEL,
                      Z_DEFAULT_STRATEGY) == Z_OK);
    compressed_bytes = 0;
    for (size_t at = 0; at < PLAIN_BYTES; at += PIECE_BYTES) {
        const int flush = at + PIECE_BYTES < PLAIN_BYTES ? Z_NO_FLUSH : Z_FINISH;
        zlib.next_in = plain + at;
        zlib.avail_in = PIECE_BYTES;
        do {
            zlib.next_out = compressed + compressed_bytes;
            zlib.avail_out = PIECE_BYTES;
            must(deflate(&zlib, flush) != Z_STREAM_ERROR);
            compressed_bytes += PIECE_BYTES - zlib.avail_out;
        } while (zlib.avail_out == 0);
    }
    deflateEnd(&zlib);
}

static void zlib_decompress(void) {
    z_stream zlib = {0};
    size_t size = 0;
    must(inflateInit2(&zlib, GZIP_WINDOW) == Z_OK);
    for (size_t at = 0; at < compressed_bytes; at += PIECE_BYTES) {
        zlib.next_in = compressed + at;
        zlib.avail_in = (uInt)least(PIECE_BYTES, compressed_bytes - at);
        do {
            zlib.next_out = back + size;
            zlib.avail_out = PIECE_BYTES;
            must(inflate(&zlib, Z_NO_FLUSH) >= Z_BUF_ERROR);
            size += PIECE_BYTES - zlib.avail_out;
        } while (zlib.avail_out == 0);
    }
    inflateEnd(&zlib);
    must(size == PLAIN_BYTES);
}

// ---- The library

static void get_all(sps_stream *stream, uint8_t *into, size_t *io_size) {
    size_t count = 1;
    while (count > 0) {
        must(sps_stream_get_partial_data(stream, into + *io_size, PIECE_BYTES, &count) == SPS_OK);
        *io_size += count;
    }
}

static void push(sps_stream *stream, const uint8_t *data, size_t bytes, uint8_t *into,
                 size_t *io_size) {
    for (size_t at = 0; at < bytes;) {
        size_t sent;
        must(sps_stream_put_partial_data(stream, data + at, least(PIECE_BYTES, bytes - at),
                                         &sent) == SPS_OK);
        at += sent;
        get_all(stream, into, io_size);
    }
}

static sps_stream *make_transformer(void) {
    sps_stream *stream;
    must(sps_gzip_create(NULL, &stream) == SPS_OK);
    return stream;
}

static void transformer_compress(void) {
    sps_stream *stream = make_transformer();
    compressed_bytes = 0;
    must(sps_gzip_start_compression(stream, false, SPS_GZIP_BUFFER_SIZE) == SPS_OK);
    push(stream, plain, PLAIN_BYTES, compressed, &compressed_bytes);
    must(sps_gzip_finish(stream) == SPS_OK);
    get_all(stream, compressed, &compressed_bytes);
    sps_stream_destroy(stream);
}

static void transformer_decompress(void) {
    sps_stream *stream = make_transformer();
    size_t size = 0;
    must(sps_gzip_start_decompression(stream, false, SPS_GZIP_BUFFER_SIZE) == SPS_OK);
    push(stream, compressed, compressed_bytes, back, &size);
    must(size == PLAIN_BYTES);
    sps_stream_destroy(stream);
}

static sps_stream *make_filter(sps_stream *memory) {
    const sps_gzip_options options = {.struct_size = sizeof options, .manual_flush = 1};
    sps_stream *filter;
    must(sps_gzip_filter_create(&options, &filter) == SPS_OK);
    must(sps_gzip_connect_to_stream(filter, memory, false, SPS_GZIP_BUFFER_SIZE) == SPS_OK);
    return filter;
}

static sps_stream *memory;

static void filter_compress(void) {
    must(sps_buffer_resize(memory, 0) == SPS_OK && sps_buffer_seek(memory, 0) == SPS_OK);
    sps_stream *filter = make_filter(memory);
    for (size_t at = 0; at < PLAIN_BYTES; at += PIECE_BYTES) {
        must(sps_stream_put_data(filter, plain + at, PIECE_BYTES, NULL) == SPS_OK);
    }
    must(sps_gzip_finish(filter) == SPS_OK);
    sps_stream_destroy(filter);
}

static void filter_decompress(void) {
    must(sps_buffer_seek(memory, 0) == SPS_OK);
    sps_stream *filter = make_filter(memory);
    for (size_t at = 0; at < PLAIN_BYTES; at += PIECE_BYTES) {
        must(sps_stream_get_data(filter, back + at, PIECE_BYTES, NULL) == SPS_OK);
    }
    sps_stream_destroy(filter);
}

// ---- Measuring

typedef struct row {
    const char *name;
    void (*zlib)(void), (*ours)(void);
    double best_zlib, best_ours;
} row;

static double time_of(void (*work)(void)) {
    const double begin = now();
    work();
    return now() - begin;
}

static void measure(row *row) {
    const double zlib = time_of(row->zlib), ours = time_of(row->ours);
    row->best_zlib = row->best_zlib == 0 || zlib < row->best_zlib ? zlib : row->best_zlib;
    row->best_ours = row->best_ours == 0 || ours < row->best_ours ? ours : row->best_ours;
}

int main(int argc, char **argv) {
    static row rows[] = {
        {"compress, transformer", zlib_compress, transformer_compress, 0, 0},
        {"compress, filter", zlib_compress, filter_compress, 0, 0},
        {"decompress, transformer", zlib_decompress, transformer_decompress, 0, 0},
        {"decompress, filter", zlib_decompress, filter_decompress, 0, 0},
    };
    const int rounds = argc > 1 ? atoi(argv[1]) : 7;
    plain = malloc(PLAIN_BYTES);
    compressed = malloc(2 * PLAIN_BYTES);
    back = malloc(PLAIN_BYTES + PIECE_BYTES);
    must(plain != NULL && compressed != NULL && back != NULL);
    must(sps_buffer_create(NULL, &memory) == SPS_OK);
    make_plain();
    int status = EXIT_SUCCESS;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int round = 0; round < rounds; round++) {
            measure(&rows[i]);
        }
        must(memcmp(plain, back, PLAIN_BYTES) == 0 || i < 2);
        const double factor = rows[i].best_ours / rows[i].best_zlib;
        printf("%-24s %7.1f MB/s   zlib %7.1f MB/s   factor %.3f\n", rows[i].name,
               PLAIN_BYTES / rows[i].best_ours / 1e6, PLAIN_BYTES / rows[i].best_zlib / 1e6,
               factor);
        status = factor > MOST_FACTOR ? EXIT_FAILURE : status;
    }
    sps_stream_destroy(memory);
    free(plain);
    free(compressed);
    free(back);
    return status;
}
