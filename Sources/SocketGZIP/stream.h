// SPDX-License-Identifier: MIT
//
// What transformers and filters share: the state behind a stream, and how the library finds it.
#ifndef SPSI_GZIP_STREAM_H
#define SPSI_GZIP_STREAM_H

#include "codec.h"
#include "streampeersocket/custom.h"
#include "streampeersocket/gzip.h"

typedef enum spsi_gzip_kind { SPSI_GZIP_TRANSFORMER, SPSI_GZIP_FILTER } spsi_gzip_kind;

// The state of a stream of either kind. It is the first member of the kind's own state.
typedef struct spsi_gzip {
    sps_stream *stream;
    spsi_gzip_kind kind;
    uint32_t object_bytes;
    sps_allocator allocator;
    spsi_gzip_settings settings;
    spsi_gzip_encoder encoder;
    spsi_gzip_decoder decoder;
} spsi_gzip;

// Creates the state and its stream. The operations are those of the kind.
sps_error spsi_gzip_create(const sps_gzip_options *options, spsi_gzip_kind kind,
                           const sps_custom_operations *operations, uint32_t object_bytes,
                           sps_stream **out_stream);

// Frees the state. The kind has freed its own memory.
void spsi_gzip_destroy(spsi_gzip *gzip);

// The destroy operations. They identify a stream of this library to the core.
void spsi_gzip_destroy_transformer(void *state);
void spsi_gzip_destroy_filter(void *state);

// NULL if the stream is not one of this library.
spsi_gzip *spsi_gzip_find(const sps_stream *stream);

// The same, of one kind: OK; ERR_INVALID_PARAMETER for NULL; ERR_UNAVAILABLE.
sps_error spsi_gzip_find_kind(const sps_stream *stream, spsi_gzip_kind kind, spsi_gzip **out_gzip);

// ---- The calls of both kinds

sps_error spsi_gzip_finish_transformer(spsi_gzip *gzip);
sps_error spsi_gzip_finish_filter(spsi_gzip *gzip);
sps_error spsi_gzip_flush_transformer(spsi_gzip *gzip);
sps_error spsi_gzip_flush_filter(spsi_gzip *gzip);
uint64_t spsi_gzip_waiting_in_transformer(const spsi_gzip *gzip);
uint64_t spsi_gzip_waiting_in_filter(const spsi_gzip *gzip);

#endif
