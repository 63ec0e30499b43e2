// SPDX-License-Identifier: MIT
#include "support/data.h"

#include <string.h>
#include <zlib.h>
#ifdef TEST_ZSTD
#include <zstd.h>
#endif

enum { GZIP_FORMAT = 16, WINDOW_BITS = 15, MEMORY_LEVEL = 8 };

void free_bytes(bytes *bytes) {
    free(bytes->data);
    *bytes = (struct bytes){NULL, 0};
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

bytes make_text(size_t size) {
    static const char *const words[] = {"stream ", "peer ",  "socket ", "the ", "of ",
                                        "bytes ",  "poll\n", "frame ",  "game "};
    bytes made = {malloc(size + 16), size};
    uint64_t state = 88172645463325252u;
    for (size_t at = 0; at < size;) {
        const char *word = words[next_random(&state) % (sizeof words / sizeof words[0])];
        const size_t length = strlen(word);
        memcpy(made.data + at, word, length);
        at += length;
    }
    return made;
}

bytes make_noise(size_t size) {
    bytes made = {malloc(size + 8), size};
    uint64_t state = 2463534242u;
    for (size_t at = 0; at < size; at += sizeof state) {
        next_random(&state);
        memcpy(made.data + at, &state, sizeof state);
    }
    return made;
}

#ifdef TEST_ZSTD
static bytes zstd_compress(const uint8_t *data, size_t size) {
    const size_t bound = ZSTD_compressBound(size);
    bytes made = {malloc(bound), 0};
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    made.size = ZSTD_compress2(context, made.data, bound, data, size);
    ck_assert(!ZSTD_isError(made.size));
    ZSTD_freeCCtx(context);
    return made;
}
#else
static bytes zstd_compress(const uint8_t *data, size_t size) {
    ck_abort_msg("no zstd for %p and %zu bytes", (const void *)data, size);
}
#endif

bytes compress_without_us(format format, const uint8_t *data, size_t size) {
    if (format == ZSTD) {
        return zstd_compress(data, size);
    }
    z_stream zlib = {0};
    const int window = WINDOW_BITS + (format == GZIP ? GZIP_FORMAT : 0);
    ck_assert_int_eq(deflateInit2(&zlib, Z_DEFAULT_COMPRESSION, Z_DEFLATED, window, MEMORY_LEVEL,
                                  Z_DEFAULT_STRATEGY),
                     Z_OK);
    const size_t bound = deflateBound(&zlib, (uLong)size);
    bytes made = {malloc(bound), 0};
    zlib.next_in = (Bytef *)data;
    zlib.avail_in = (uInt)size;
    zlib.next_out = made.data;
    zlib.avail_out = (uInt)bound;
    ck_assert_int_eq(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    made.size = bound - zlib.avail_out;
    deflateEnd(&zlib);
    return made;
}

void append(bytes *bytes, const void *data, size_t size) {
    if (size > 0) {
        bytes->data = realloc(bytes->data, bytes->size + size);
        memcpy(bytes->data + bytes->size, data, size);
        bytes->size += size;
    }
}

bool is_same(const bytes *one, const bytes *other) {
    return one->size == other->size &&
           (one->size == 0 || memcmp(one->data, other->data, one->size) == 0);
}

sps_gzip_options options_for(format format, const sps_gzip_options *options) {
    sps_gzip_options chosen = {.struct_size = sizeof chosen};
    if (options != NULL) {
        chosen = *options;
    }
    chosen.codec = format == ZSTD ? SPS_GZIP_CODEC_ZSTD : SPS_GZIP_CODEC_ZLIB;
    return chosen;
}

sps_stream *start_compressing(format format, size_t buffer_size, const sps_gzip_options *options) {
    const sps_gzip_options chosen = options_for(format, options);
    sps_stream *stream;
    OK(sps_gzip_create(&chosen, &stream));
    OK(sps_gzip_start_compression(stream, format == ZLIB, buffer_size));
    return stream;
}

sps_stream *start_decompressing(format format, size_t buffer_size,
                                const sps_gzip_options *options) {
    const sps_gzip_options chosen = options_for(format, options);
    sps_stream *stream;
    OK(sps_gzip_create(&chosen, &stream));
    OK(sps_gzip_start_decompression(stream, format == ZLIB, buffer_size));
    return stream;
}

sps_error drain_into(sps_stream *stream, bytes *into, size_t piece) {
    uint8_t *buffer = malloc(piece);
    size_t count = 1;
    sps_error error = SPS_OK;
    while (error == SPS_OK && count > 0) {
        error = sps_stream_get_partial_data(stream, buffer, piece, &count);
        append(into, buffer, count);
    }
    free(buffer);
    return error;
}

sps_error push_through(sps_stream *stream, const bytes *from, bytes *into, size_t piece) {
    sps_error error = SPS_OK;
    for (size_t at = 0; at < from->size && error == SPS_OK;) {
        const size_t left = from->size - at;
        size_t sent;
        error = sps_stream_put_partial_data(stream, from->data + at, left < piece ? left : piece,
                                            &sent);
        at += sent;
        const sps_error drained = drain_into(stream, into, piece);
        error = error == SPS_OK ? drained : error;
    }
    return error;
}

sps_gzip_info info_of(const sps_stream *stream) {
    sps_gzip_info info = {.struct_size = sizeof info};
    OK(sps_gzip_get_info(stream, &info));
    return info;
}
