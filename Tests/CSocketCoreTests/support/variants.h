// SPDX-License-Identifier: MIT
//
// Shared by the tests of Variants: the bytes of Godot 4.6, and a writer.
#ifndef VARIANT_SUPPORT_H
#define VARIANT_SUPPORT_H

#include "support/support.h"

enum { MOST_BYTES = 1024 };

typedef struct vector {
    const char *name;
    const char *value;
    uint8_t bytes[MOST_BYTES]; // without the length in front
    size_t size;
} vector;

extern vector vectors[128];
extern size_t vector_count;

// Returns the vector of this name, and of this value unless it is NULL.
const vector *vector_named(const char *name, const char *value);
sps_variant_item first_item(const vector *vector);

// Copies a value item by item. Returns the reader's last result.
sps_error transcode(const void *data, size_t bytes, uint32_t allow_objects,
                    sps_variant_writer *writer, sps_variant_reader *reader);

// Every test of this case has the vectors and the writer.
extern sps_variant_writer writer;
TCase *add_writing_case(Suite *suite, const char *name);

// Checks that the writer has written Godot's bytes, and resets it.
void expect_written(const char *name, const char *value);

#endif
