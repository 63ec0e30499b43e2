// SPDX-License-Identifier: MIT
//
// What strangers send for a Variant: an error or a value, in memory that is there, and never an object unasked.
#include <stdlib.h>
#include <string.h>

#include "support/variants.h"

// Reads in memory of exactly this size, so that the address sanitizer sees a read past the end.
static sps_error read_all(const uint8_t *bytes, size_t size, uint32_t allow_objects) {
    uint8_t *exact = malloc(size > 0 ? size : 1);
    memcpy(exact, bytes, size);
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_writer copy = {.struct_size = sizeof copy};
    OK(sps_variant_writer_init(&copy, NULL));
    const sps_error error = transcode(exact, size, allow_objects, &copy, &reader);
    ck_assert_uint_le(sps_variant_reader_offset(&reader), size);
    ck_assert((error == SPS_ERR_FILE_EOF) ==
              (sps_variant_reader_fault(&reader) == SPS_VARIANT_SOUND));
    sps_variant_item item = {.struct_size = sizeof item};
    IS(sps_variant_reader_next(&reader, &item), error); // the same again
    sps_variant_writer_destroy(&copy);
    free(exact);
    return error;
}

START_TEST(each_prefix_is_refused) {
    for (size_t i = 0; i < vector_count; i++) {
        for (size_t size = 0; size < vectors[i].size; size++) {
            IS(read_all(vectors[i].bytes, size, 1), SPS_ERR_INVALID_DATA);
        }
    }
}
END_TEST

START_TEST(each_changed_byte_is_an_error_or_a_value) {
    for (size_t i = 0; i < vector_count; i++) {
        uint8_t bytes[MOST_BYTES];
        memcpy(bytes, vectors[i].bytes, vectors[i].size);
        for (size_t at = 0; at < vectors[i].size; at++) {
            for (unsigned change = 1; change < 256; change++) {
                bytes[at] = (uint8_t)(vectors[i].bytes[at] ^ change);
                const sps_error error = read_all(bytes, vectors[i].size, change % 2);
                ck_assert(error == SPS_ERR_FILE_EOF || error == SPS_ERR_INVALID_DATA ||
                          error == SPS_ERR_UNAUTHORIZED);
            }
            bytes[at] = vectors[i].bytes[at];
        }
    }
}
END_TEST

static void put_u32(uint8_t *out, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        out[i] = (uint8_t)(value >> (8 * i));
    }
}

START_TEST(a_million_levels_are_refused) {
    enum { LEVELS = 1000000 };
    uint8_t *bytes = malloc(8 * LEVELS);
    for (size_t i = 0; i < LEVELS; i++) {
        put_u32(bytes + 8 * i, SPS_VARIANT_ARRAY);
        put_u32(bytes + 8 * i + 4, 1);
    }
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    OK(sps_variant_reader_init(&reader, bytes, 8 * LEVELS, NULL));
    for (int i = 0; i < SPS_VARIANT_MAX_DEPTH; i++) {
        OK(sps_variant_reader_next(&reader, &item));
    }
    IS(sps_variant_reader_next(&reader, &item), SPS_ERR_INVALID_DATA);
    ck_assert_int_eq(sps_variant_reader_fault(&reader), SPS_VARIANT_TOO_DEEP);
    ck_assert_uint_eq(sps_variant_reader_offset(&reader), 8 * SPS_VARIANT_MAX_DEPTH);
    free(bytes);
}
END_TEST

START_TEST(claimed_lengths_are_refused) {
    for (uint32_t type = 0; type < SPS_VARIANT_TYPES; type++) {
        uint8_t bytes[64] = {0};
        put_u32(bytes, type);
        for (size_t at = 4; at < sizeof bytes; at += 4) {
            put_u32(bytes + at, 0x7fffffff);
        }
        read_all(bytes, sizeof bytes, 1); // in no time, and in these 64 bytes
    }
    uint8_t array[] = {SPS_VARIANT_ARRAY, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f};
    IS(read_all(array, sizeof array, 0), SPS_ERR_INVALID_DATA);
}
END_TEST

// {class "Player", "hp": 100, "at": null}
static const uint8_t object[] = {24,  0, 0, 0, 6, 0, 0, 0, 'P', 'l', 'a', 'y', 'e', 'r', 0, 0,
                                 2,   0, 0, 0, 2, 0, 0, 0, 'h', 'p', 0,   0,   2,   0,   0, 0,
                                 100, 0, 0, 0, 2, 0, 0, 0, 'a', 't', 0,   0,   0,   0,   0, 0};

static void expect_object_written(void) {
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_get_data(&writer, &data, &bytes));
    ck_assert(bytes == sizeof object && memcmp(data, object, bytes) == 0);
    sps_variant_writer_reset(&writer);
}

START_TEST(objects_are_plain_data_where_they_are_allowed) {
    sps_variant_reader reader = {.struct_size = sizeof reader};
    IS(read_all(object, sizeof object, 0), SPS_ERR_UNAUTHORIZED);
    static const uint8_t null_object[] = {24, 0, 0, 0, 0, 0, 0, 0};
    IS(transcode(null_object, sizeof null_object, 1, &writer, &reader), SPS_ERR_FILE_EOF);
    expect_written("nil", NULL);
    IS(transcode(object, sizeof object, 1, &writer, &reader), SPS_ERR_FILE_EOF);
    expect_object_written();
    OK(sps_variant_write_object(&writer, "Player", 6, 2));
    IS(sps_variant_write_int(&writer, 1), SPS_ERR_INVALID_PARAMETER); // no name
    OK(sps_variant_write_string(&writer, "hp", 2));
    OK(sps_variant_write_int(&writer, 100));
    OK(sps_variant_write_string(&writer, "at", 2));
    OK(sps_variant_write_nil(&writer));
    expect_object_written();
}
END_TEST

Suite *hostile_variants_suite(void) {
    Suite *suite = suite_create("hostile_variants");
    TCase *all = add_writing_case(suite, "all");
    tcase_add_test(all, each_prefix_is_refused);
    tcase_add_test(all, each_changed_byte_is_an_error_or_a_value);
    tcase_add_test(all, a_million_levels_are_refused);
    tcase_add_test(all, claimed_lengths_are_refused);
    tcase_add_test(all, objects_are_plain_data_where_they_are_allowed);
    return suite;
}
