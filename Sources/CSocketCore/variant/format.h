// SPDX-License-Identifier: MIT
//
// Godot's Variant on the wire, as far as reader and writer share it. Numbers are little-endian.
// Each value begins with a u32: its type, and flags above it. Everything is padded to four bytes.
#ifndef SPSI_VARIANT_FORMAT_H
#define SPSI_VARIANT_FORMAT_H

#include <stdbool.h>
#include <string.h>

#include "streampeersocket/variant.h"

#include "base/endian.h"

enum {
    SPSI_VARIANT_TYPE_MASK = 0xff,
    SPSI_VARIANT_FLAG_WIDE = 1 << 16,  // of numbers
    SPSI_VARIANT_FLAG_AS_ID = 1 << 16, // of objects
    SPSI_VARIANT_VALUE_SHIFT = 16,     // of typed arrays: two bits, an sps_variant_element_kind
    SPSI_VARIANT_KEY_SHIFT = 16,       // of typed dictionaries, whose values' lie above
    SPSI_VARIANT_PATH_ABSOLUTE = 1,
    SPSI_VARIANT_PATH_PROPERTY = 2, // before Godot 3: one subname more than is counted
};
#define SPSI_VARIANT_NEW_PATH 0x80000000u

// How a type lies on the wire, after its header.
typedef enum spsi_variant_form {
    SPSI_FORM_NOTHING,
    SPSI_FORM_BOOL,
    SPSI_FORM_INT,
    SPSI_FORM_FLOAT,
    SPSI_FORM_TEXT,         // u32 length, the bytes, padding
    SPSI_FORM_VECTOR,       // components
    SPSI_FORM_NODE_PATH,    // u32 names, u32 subnames, u32 flags, the texts
    SPSI_FORM_RID,          // u64
    SPSI_FORM_OBJECT,       // a u64 id; or the class, u32 properties, and each one's name and value
    SPSI_FORM_SIGNAL,       // a text, u64
    SPSI_FORM_DICTIONARY,   // the types of keys and values, u32 pairs
    SPSI_FORM_ARRAY,        // the type of the elements, u32 elements
    SPSI_FORM_PACKED,       // u32 elements, their components, padding
    SPSI_FORM_PACKED_TEXTS, // u32 texts; each has a NUL at its end, which its length counts
} spsi_variant_form;

typedef enum spsi_variant_number {
    SPSI_NUMBER_NONE,
    SPSI_NUMBER_REAL, // float or double, by SPS_VARIANT_WIDE
    SPSI_NUMBER_FLOAT,
    SPSI_NUMBER_DOUBLE,
    SPSI_NUMBER_BYTE,
    SPSI_NUMBER_INT32,
    SPSI_NUMBER_INT64,
} spsi_variant_number;

typedef struct spsi_variant_shape {
    uint8_t form;
    uint8_t number;
    uint8_t components; // of a vector, or of each packed element
} spsi_variant_shape;

extern const spsi_variant_shape spsi_variant_shapes[SPS_VARIANT_TYPES];

// The bytes of one component.
size_t spsi_variant_number_bytes(spsi_variant_number number, uint32_t flags);

void spsi_variant_store_reals(uint8_t *out, const double *reals, size_t count, bool is_wide);

// Whether data is so many texts, one after the other: a node path's names, or packed strings.
bool spsi_variant_are_texts(const uint8_t *data, size_t bytes, uint64_t count);

static inline bool spsi_variant_is_type(sps_variant_type type) {
    return type >= 0 && type < SPS_VARIANT_TYPES;
}

static inline bool spsi_variant_has_reals(const spsi_variant_shape *shape) {
    return shape->number >= SPSI_NUMBER_REAL && shape->number <= SPSI_NUMBER_DOUBLE;
}

static inline size_t spsi_variant_padding(size_t bytes) {
    return (4 - bytes % 4) % 4;
}

// Clears an item in two pieces, because compilers clear each by a few stores. One piece would
// become a string instruction, whose start takes as long as reading an item.
static inline void spsi_variant_clear(sps_variant_item *item) {
    const size_t before_elements = offsetof(sps_variant_item, key_kind);
    memset(item, 0, before_elements);
    memset((uint8_t *)item + before_elements, 0, sizeof *item - before_elements);
}

#endif
