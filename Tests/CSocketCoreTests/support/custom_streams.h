// SPDX-License-Identifier: MIT
//
// Shared by the tests of custom streams: a block of memory that moves small pieces.
#ifndef CUSTOM_SUPPORT_H
#define CUSTOM_SUPPORT_H

#include "support/support.h"

typedef struct block {
    uint8_t bytes[256];
    size_t read, written;
    size_t piece;     // the most bytes of one call
    size_t calls;     // calls of operations that move bytes
    sps_error at_end; // the result of a read after the last byte
    sps_error on_write;
    int destroyed;
} block;

// Operations of a block. The first two move one piece; the others wait, and move everything.
sps_error read_some(void *user_data, uint8_t *buffer, size_t count, size_t *out);
sps_error write_some(void *user_data, const uint8_t *data, size_t count, size_t *out);
sps_error read_all(void *user_data, uint8_t *buffer, size_t count, size_t *out);
sps_error write_all(void *user_data, const uint8_t *data, size_t count, size_t *out);

// The operations of a block that does not wait.
extern const sps_custom_operations operations;

sps_stream *open_custom(const sps_custom_operations *chosen, void *user_data,
                        const sps_stream_options *options);

// Makes a stream over a block. If the block has no piece size, it becomes three bytes.
sps_stream *make_custom(block *block, const sps_custom_operations *chosen);

#endif
