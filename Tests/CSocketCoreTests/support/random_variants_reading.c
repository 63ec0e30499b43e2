// SPDX-License-Identifier: MIT
#include "support/random_variants.h"

#include <stdlib.h>
#include <string.h>

static void expect_text(const random_text *text, const void *data, size_t bytes) {
    ck_assert_uint_eq(bytes, text->size);
    ck_assert(bytes == 0 || memcmp(data, text->bytes, bytes) == 0);
}

static void expect_bits(double got, double expected) {
    ck_assert_msg(memcmp(&got, &expected, sizeof got) == 0, "%g is not %g", got, expected);
}

static void expect_packed(const sps_variant_item *item, const random_value *drawn) {
    rng rng = {drawn->seed};
    const size_t count = (size_t)drawn->count * drawn->components;
    double *reals = malloc(count * sizeof *reals + 1);
    int64_t *integers = malloc(count * sizeof *integers + 1);
    const bool is_wide = drawn->flags & SPS_VARIANT_WIDE;
    const bool has_integers = drawn->type <= SPS_VARIANT_PACKED_INT64_ARRAY;
    OK(has_integers ? sps_variant_get_integers(item, 0, count, integers)
                    : sps_variant_get_reals(item, 0, count, reals));
    for (size_t i = 0; i < count; i++) {
        switch (drawn->type) {
        case SPS_VARIANT_PACKED_BYTE_ARRAY:
            ck_assert(integers[i] == (uint8_t)rng_next(&rng));
            break;
        case SPS_VARIANT_PACKED_INT32_ARRAY:
            ck_assert(integers[i] == (int32_t)rng_next(&rng));
            break;
        case SPS_VARIANT_PACKED_INT64_ARRAY:
            ck_assert(integers[i] == (int64_t)rng_next(&rng));
            break;
        default:
            expect_bits(
                reals[i],
                random_real_of(&rng, is_wide || drawn->type == SPS_VARIANT_PACKED_FLOAT64_ARRAY));
        }
    }
    free(reals);
    free(integers);
}

static void expect_components(const sps_variant_item *item, const random_value *drawn) {
    double reals[16];
    int32_t integers[4];
    if (is_vector(drawn->type)) {
        OK(sps_variant_get_reals(item, 0, drawn->components, reals));
        for (uint32_t i = 0; i < drawn->components; i++) {
            expect_bits(reals[i], drawn->reals[i]);
        }
    } else {
        OK(sps_variant_get_int32s(item, 0, drawn->components, integers));
        ck_assert_mem_eq(integers, drawn->integers, drawn->components * sizeof integers[0]);
    }
}

static void expect_texts(const sps_variant_item *item, const random_value *drawn) {
    size_t position = 0, bytes;
    const char *data;
    ck_assert_uint_eq(item->subname_count, drawn->subname_count);
    for (uint32_t i = 0; i < drawn->text_count; i++) {
        OK(sps_variant_next_string(item, &position, &data, &bytes));
        expect_text(&drawn->texts[i], data, bytes);
    }
    IS(sps_variant_next_string(item, &position, &data, &bytes), SPS_ERR_FILE_EOF);
}

static void expect_scalar(const sps_variant_item *item, const random_value *drawn) {
    switch (drawn->type) {
    case SPS_VARIANT_BOOL:
    case SPS_VARIANT_INT:
    case SPS_VARIANT_RID:
    case SPS_VARIANT_OBJECT:
        ck_assert(item->integer == drawn->integer);
        break;
    case SPS_VARIANT_FLOAT:
        expect_bits(item->real, drawn->real);
        break;
    case SPS_VARIANT_SIGNAL:
        ck_assert(item->integer == drawn->integer);
        expect_text(&drawn->texts[0], item->data, item->data_bytes);
        break;
    case SPS_VARIANT_STRING:
    case SPS_VARIANT_STRING_NAME:
        expect_text(&drawn->texts[0], item->data, item->data_bytes);
        break;
    default:
        break;
    }
}

static void expect_element(const sps_variant_element *got, random_element *expected) {
    const sps_variant_element *element = element_of(expected);
    ck_assert_int_eq(got->kind, element->kind);
    ck_assert_int_eq(got->type, element->type);
    ck_assert_uint_eq(got->name_bytes, element->name_bytes);
    ck_assert(got->name_bytes == 0 || memcmp(got->name, element->name, got->name_bytes) == 0);
}

static void expect_begin(const sps_variant_item *item, random_value *drawn) {
    if (drawn->type == SPS_VARIANT_OBJECT) {
        expect_text(&drawn->texts[0], item->data, item->data_bytes);
        return;
    }
    const sps_variant_element value = {sizeof value, item->value_kind, item->value_type,
                                       item->value_name, item->value_name_bytes};
    expect_element(&value, &drawn->value);
    if (drawn->type == SPS_VARIANT_DICTIONARY) {
        const sps_variant_element key = {sizeof key, item->key_kind, item->key_type, item->key_name,
                                         item->key_name_bytes};
        expect_element(&key, &drawn->key);
    }
}

static void expect_item(const sps_variant_item *item, random_value *drawn) {
    ck_assert_int_eq(item->type, drawn->type);
    ck_assert_int_eq(item->step, drawn->step);
    ck_assert_uint_eq(item->flags, drawn->flags);
    ck_assert_uint_eq(item->count, drawn->count);
    if (drawn->step == SPS_VARIANT_BEGIN) {
        expect_begin(item, drawn);
    } else if (is_packed(drawn->type)) {
        expect_packed(item, drawn);
    } else if (drawn->components > 0) {
        expect_components(item, drawn);
    } else if (drawn->type == SPS_VARIANT_NODE_PATH ||
               drawn->type == SPS_VARIANT_PACKED_STRING_ARRAY) {
        expect_texts(item, drawn);
    } else {
        expect_scalar(item, drawn);
    }
}

uint32_t seen[SPS_VARIANT_TYPES][2];
uint32_t deepest;

void expect_random_value(sps_variant_reader *reader, rng *rng, uint32_t depth) {
    random_value drawn;
    sps_variant_item item = {.struct_size = sizeof item};
    random_value_make(rng, depth, &drawn);
    seen[drawn.type][drawn.flags & SPS_VARIANT_WIDE]++;
    deepest = depth > deepest ? depth : deepest;
    OK(sps_variant_reader_next(reader, &item));
    expect_item(&item, &drawn);
    if (drawn.step == SPS_VARIANT_VALUE) {
        return;
    }
    for (uint32_t i = 0; i < drawn.count; i++) {
        if (drawn.type == SPS_VARIANT_OBJECT) {
            const random_text name = random_text_make(rng);
            OK(sps_variant_reader_next(reader, &item));
            expect_text(&name, item.data, item.data_bytes);
        } else if (drawn.type == SPS_VARIANT_DICTIONARY) {
            expect_random_value(reader, rng, depth + 1);
        }
        expect_random_value(reader, rng, depth + 1);
    }
    OK(sps_variant_reader_next(reader, &item));
    ck_assert_int_eq(item.step, SPS_VARIANT_END);
    ck_assert_int_eq(item.type, drawn.type);
}
