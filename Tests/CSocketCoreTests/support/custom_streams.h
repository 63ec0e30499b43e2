// SPDX-License-Identifier: MIT
//
// What the tests of custom streams share: a block of memory that gives and takes in small pieces.
#ifndef CUSTOM_SUPPORT_H
#define CUSTOM_SUPPORT_H

#include "support/support.h"

typedef struct block {
    uint8_t bytes[256];
    size_t read, written;
    size_t piece;     // at most this many bytes a call
    size_t calls;     // of any operation that moves bytes
    sps_error at_end; // what reading answers when everything was read
    sps_error on_write;
    int destroyed;
} block;

// Operations of a block: on a piece, and on all that is asked for, which wait.
sps_error read_some(void *user_data, uint8_t *buffer, size_t count, size_t *out);
sps_error write_some(void *user_data, const uint8_t *data, size_t count, size_t *out);
sps_error read_all(void *user_data, uint8_t *buffer, size_t count, size_t *out);
sps_error write_all(void *user_data, const uint8_t *data, size_t count, size_t *out);

// Those of a block that does not wait.
extern const sps_custom_operations operations;

sps_stream *open_custom(const sps_custom_operations *chosen, void *user_data,
                        const sps_stream_options *options);

// Over a block, whose pieces are of three bytes unless it says otherwise.
sps_stream *make_custom(block *block, const sps_custom_operations *chosen);

#endif
