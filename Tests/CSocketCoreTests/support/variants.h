// SPDX-License-Identifier: MIT
//
// What the tests of Variants share: what Godot 4.6 wrote, and a writer.
#ifndef VARIANT_SUPPORT_H
#define VARIANT_SUPPORT_H

#include "support/support.h"

enum { MOST_BYTES = 1024 };

typedef struct vector {
    const char *name;
    const char *value;
    uint8_t bytes[MOST_BYTES]; // without the length before them
    size_t size;
} vector;

extern vector vectors[128];
extern size_t vector_count;

// The vector of this name, and of this value unless that is NULL.
const vector *vector_named(const char *name, const char *value);
sps_variant_item first_item(const vector *vector);

// Copies a value item by item; the reader's last answer.
sps_error transcode(const void *data, size_t bytes, uint32_t allow_objects,
                    sps_variant_writer *writer, sps_variant_reader *reader);

// The vectors and the writer are there in each test of this case.
extern sps_variant_writer writer;
TCase *add_writing_case(Suite *suite, const char *name);

// The writer must have written what Godot did, and begins anew.
void expect_written(const char *name, const char *value);

#endif
