// SPDX-License-Identifier: MIT
#include "support/random_variants.h"

#include <math.h>
#include <string.h>

// SplitMix64, by Sebastiano Vigna.
uint64_t rng_next(rng *rng) {
    uint64_t x = rng->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

uint32_t rng_below(rng *rng, uint32_t limit) {
    return (uint32_t)(rng_next(rng) % limit);
}

bool rng_one_in(rng *rng, uint32_t of) {
    return rng_below(rng, of) == 0;
}

static int64_t random_integer(rng *rng) {
    return (int64_t)rng_next(rng) >> rng_below(rng, 64); // of any size
}

double random_real(rng *rng) {
    static const double special[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1e300, 0.1, 5e-324};
    return rng_one_in(rng, 8) ? special[rng_below(rng, 8)]
                              : (double)((int32_t)rng_next(rng) >> rng_below(rng, 32)) / 256;
}

double random_real_of(rng *rng, bool is_wide) {
    const double real = random_real(rng);
    return is_wide ? real : (double)(float)real;
}

random_text random_text_make(rng *rng) {
    static const char *const letters[] = {"a", "B", "\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x91\xbe",
                                          "/", ":", " "};
    random_text text = {.size = 0};
    for (uint32_t left = rng_below(rng, rng_one_in(rng, 4) ? 16 : 5); left > 0; left--) {
        const char *letter = letters[rng_below(rng, 8)];
        memcpy(text.bytes + text.size, letter, strlen(letter));
        text.size += strlen(letter);
    }
    return text;
}

static void make_element(rng *rng, random_element *out) {
    out->element.struct_size = sizeof out->element;
    out->element.kind = rng_one_in(rng, 2) ? SPS_VARIANT_ANY : (int32_t)rng_below(rng, 4);
    out->element.type = out->element.kind == SPS_VARIANT_BUILTIN
                            ? (sps_variant_type)rng_below(rng, SPS_VARIANT_TYPES)
                            : 0;
    out->name = random_text_make(rng);
}

sps_variant_element *element_of(random_element *element) {
    if (element->element.kind >= SPS_VARIANT_CLASS) {
        element->element.name = element->name.bytes;
        element->element.name_bytes = element->name.size;
    }
    return &element->element;
}

static uint32_t components_of(sps_variant_type type) {
    switch (type) {
    case SPS_VARIANT_VECTOR2:
    case SPS_VARIANT_VECTOR2I:
    case SPS_VARIANT_PACKED_VECTOR2_ARRAY:
        return 2;
    case SPS_VARIANT_VECTOR3:
    case SPS_VARIANT_VECTOR3I:
    case SPS_VARIANT_PACKED_VECTOR3_ARRAY:
        return 3;
    case SPS_VARIANT_TRANSFORM2D:
    case SPS_VARIANT_AABB:
        return 6;
    case SPS_VARIANT_BASIS:
        return 9;
    case SPS_VARIANT_TRANSFORM3D:
        return 12;
    case SPS_VARIANT_PROJECTION:
        return 16;
    case SPS_VARIANT_RECT2:
    case SPS_VARIANT_RECT2I:
    case SPS_VARIANT_VECTOR4:
    case SPS_VARIANT_VECTOR4I:
    case SPS_VARIANT_PLANE:
    case SPS_VARIANT_QUATERNION:
    case SPS_VARIANT_COLOR:
    case SPS_VARIANT_PACKED_COLOR_ARRAY:
    case SPS_VARIANT_PACKED_VECTOR4_ARRAY:
        return 4;
    default:
        return 1;
    }
}

bool is_vector_of_integers(sps_variant_type type) {
    return type == SPS_VARIANT_VECTOR2I || type == SPS_VARIANT_RECT2I ||
           type == SPS_VARIANT_VECTOR3I || type == SPS_VARIANT_VECTOR4I;
}

bool is_vector(sps_variant_type type) {
    return type >= SPS_VARIANT_VECTOR2 && type <= SPS_VARIANT_COLOR && !is_vector_of_integers(type);
}

bool is_packed(sps_variant_type type) {
    return type >= SPS_VARIANT_PACKED_BYTE_ARRAY && type != SPS_VARIANT_PACKED_STRING_ARRAY;
}

static bool is_container(sps_variant_type type) {
    return type == SPS_VARIANT_ARRAY || type == SPS_VARIANT_DICTIONARY ||
           type == SPS_VARIANT_OBJECT;
}

bool may_be_wide(sps_variant_type type) {
    return (is_vector(type) && type != SPS_VARIANT_COLOR) ||
           type == SPS_VARIANT_PACKED_VECTOR2_ARRAY || type == SPS_VARIANT_PACKED_VECTOR3_ARRAY ||
           type == SPS_VARIANT_PACKED_VECTOR4_ARRAY;
}

static void make_scalars(rng *rng, random_value *out) {
    out->integer = random_integer(rng);
    out->real = random_real(rng);
    const bool is_int_wide = out->integer < INT32_MIN || out->integer > INT32_MAX;
    const bool is_real_wide = !((double)(float)out->real == out->real);
    if (out->type == SPS_VARIANT_BOOL) {
        out->integer &= 1;
    } else if ((out->type == SPS_VARIANT_INT && (is_int_wide || out->by_item)) ||
               (out->type == SPS_VARIANT_FLOAT && (is_real_wide || out->by_item))) {
        out->flags = SPS_VARIANT_WIDE;
    }
}

static void make_texts(rng *rng, random_value *out) {
    const bool is_list =
        out->type == SPS_VARIANT_NODE_PATH || out->type == SPS_VARIANT_PACKED_STRING_ARRAY;
    out->text_count = is_list ? rng_below(rng, MOST_TEXTS + 1) : 1;
    for (uint32_t i = 0; i < out->text_count; i++) {
        out->texts[i] = random_text_make(rng);
    }
    if (out->type == SPS_VARIANT_NODE_PATH) {
        out->flags = rng_one_in(rng, 2) ? SPS_VARIANT_ABSOLUTE : 0;
        out->subname_count = rng_below(rng, out->text_count + 1);
        out->count = out->text_count - out->subname_count;
    } else if (is_list) {
        out->count = out->text_count;
    }
}

static void make_components(rng *rng, random_value *out) {
    const bool is_wide = out->flags & SPS_VARIANT_WIDE;
    out->components = out->count = components_of(out->type);
    for (uint32_t i = 0; i < out->components; i++) {
        out->reals[i] = random_real_of(rng, is_wide);
        out->integers[i % 4] = (int32_t)rng_next(rng);
    }
}

static void make_container(rng *rng, uint32_t depth, random_value *out) {
    const bool is_id = out->type == SPS_VARIANT_OBJECT && (depth == DEPTH || rng_one_in(rng, 4));
    out->step = is_id ? SPS_VARIANT_VALUE : SPS_VARIANT_BEGIN;
    out->count = is_id ? 0 : rng_below(rng, 6);
    if (out->texts[0].size == 0) {
        out->texts[0] = (random_text){"Player", 6}; // no class is null
    }
    make_element(rng, &out->key);
    make_element(rng, &out->value);
}

// All types, and containers more than others, down to the last level.
static sps_variant_type make_type(rng *rng, uint32_t depth) {
    static const sps_variant_type containers[] = {SPS_VARIANT_ARRAY, SPS_VARIANT_DICTIONARY,
                                                  SPS_VARIANT_OBJECT};
    if (depth < DEPTH && rng_one_in(rng, 3)) {
        return containers[rng_below(rng, 3)];
    }
    const sps_variant_type type = (sps_variant_type)rng_below(rng, SPS_VARIANT_TYPES);
    return depth < DEPTH || !is_container(type) ? type : SPS_VARIANT_OBJECT;
}

void random_value_make(rng *rng, uint32_t depth, random_value *out) {
    memset(out, 0, sizeof *out);
    out->type = make_type(rng, depth);
    out->by_item = rng_one_in(rng, 3);
    out->flags = may_be_wide(out->type) && rng_one_in(rng, 2) ? SPS_VARIANT_WIDE : 0;
    make_scalars(rng, out);
    make_texts(rng, out);
    if (is_vector(out->type) || is_vector_of_integers(out->type)) {
        make_components(rng, out);
    } else if (is_packed(out->type)) {
        out->components = components_of(out->type);
        out->count = rng_one_in(rng, 100) ? LARGE_BYTES / 16 : rng_below(rng, MOST_ELEMENTS);
        out->seed = rng_next(rng);
    } else if (is_container(out->type)) {
        make_container(rng, depth, out);
    }
}
