// SPDX-License-Identifier: MIT
//
// Random Variants of every type, up to six levels deep. No value is stored for the comparison. The
// reader makes it again from the writer's seed.
#ifndef TEST_RANDOM_VARIANTS_H
#define TEST_RANDOM_VARIANTS_H

#include "support/support.h"

enum {
    DEPTH = 6,
    MOST_ELEMENTS = 48, // of a packed array; a few are larger
    LARGE_BYTES = 100000,
    MOST_TEXTS = 6,
    MOST_TEXT = 64,
};

// ---- Numbers

typedef struct rng {
    uint64_t state;
} rng;

uint64_t rng_next(rng *rng);
uint32_t rng_below(rng *rng, uint32_t limit);
bool rng_one_in(rng *rng, uint32_t of);
double random_real(rng *rng);
double random_real_of(rng *rng, bool is_wide);

// ---- Values without the elements of containers

typedef struct random_text {
    char bytes[MOST_TEXT];
    size_t size;
} random_text;

typedef struct random_element {
    sps_variant_element element;
    random_text name;
} random_element;

typedef struct random_value {
    sps_variant_type type;
    sps_variant_step step;
    uint32_t flags;
    uint32_t count; // as in its item
    uint32_t subname_count;
    int64_t integer;
    double real;
    random_text texts[MOST_TEXTS]; // the first text_count of them; mostly one
    uint32_t text_count;
    double reals[16];
    int32_t integers[4];
    uint32_t components;
    uint64_t seed; // of the elements of a packed array
    random_element key, value;
    bool by_item; // written through an item
} random_value;

random_text random_text_make(rng *rng);

// Makes the next value, without the elements of a container.
void random_value_make(rng *rng, uint32_t depth, random_value *out);

// Points into the element, which must not move.
sps_variant_element *element_of(random_element *element);

bool is_vector_of_integers(sps_variant_type type);
bool is_vector(sps_variant_type type);
bool is_packed(sps_variant_type type);
bool may_be_wide(sps_variant_type type);

// ---- Containers, including their elements

// Writes the next value.
void write_random_value(sps_variant_writer *writer, rng *rng, uint32_t depth);

// Reads a value, and checks that it is the expected next one.
void expect_random_value(sps_variant_reader *reader, rng *rng, uint32_t depth);

// The number of values of each type that expect_random_value() has read: narrow, wide. Also the
// deepest level.
extern uint32_t seen[SPS_VARIANT_TYPES][2];
extern uint32_t deepest;

#endif
