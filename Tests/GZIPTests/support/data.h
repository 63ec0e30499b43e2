// SPDX-License-Identifier: MIT
//
// Data for the tests of gzip: plain bytes, and the same compressed by zlib and zstd
// themselves.
#ifndef GZIP_TEST_DATA_H
#define GZIP_TEST_DATA_H

#include <streampeersocket/gzip.h>

#include "support/support.h"

// Loops over all formats end before FORMATS.
#ifdef TEST_ZSTD
typedef enum format { GZIP, ZLIB, ZSTD, FORMATS } format;
#else
typedef enum format { GZIP, ZLIB, FORMATS, ZSTD } format;
#endif

typedef struct bytes {
    uint8_t *data;
    size_t size;
} bytes;

void free_bytes(bytes *bytes);

// Bytes that compress like text, and bytes that do not compress. The same each time.
bytes make_text(size_t size);
bytes make_noise(size_t size);

// The options with the codec of a format. NULL reads as all default.
sps_gzip_options options_for(format format, const sps_gzip_options *options);

// The result of zlib or zstd, without the library.
bytes compress_without_us(format format, const uint8_t *data, size_t size);

// Appends other bytes.
void append(bytes *bytes, const void *data, size_t size);

bool is_same(const bytes *one, const bytes *other);

// A transformer that has started.
sps_stream *start_compressing(format format, size_t buffer_size, const sps_gzip_options *options);
sps_stream *start_decompressing(format format, size_t buffer_size, const sps_gzip_options *options);

// Gets all that is available, piece by piece. Returns the code that ended it, or OK.
sps_error drain_into(sps_stream *stream, bytes *into, size_t piece);

// Puts everything with partial puts of at most `piece` bytes, and drains meanwhile. Returns the
// code that ended it, or OK.
sps_error push_through(sps_stream *stream, const bytes *from, bytes *into, size_t piece);

sps_gzip_info info_of(const sps_stream *stream);

#endif
