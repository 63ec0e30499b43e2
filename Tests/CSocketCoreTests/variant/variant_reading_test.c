// SPDX-License-Identifier: MIT
//
// Reading Variants: what Godot 4.6 wrote is read, and copied, byte for byte, also over a stream.
#include <string.h>

#include "support/variants.h"

START_TEST(godots_bytes_are_read_and_written_the_same) {
    ck_assert_uint_ge(vector_count, 80);
    for (size_t i = 0; i < vector_count; i++) {
        const vector *vector = &vectors[i];
        sps_variant_reader reader = {.struct_size = sizeof reader};
        sps_variant_writer writer = {.struct_size = sizeof writer};
        OK(sps_variant_writer_init(&writer, NULL));
        IS(transcode(vector->bytes, vector->size, 0, &writer, &reader), SPS_ERR_FILE_EOF);
        ck_assert_uint_eq(sps_variant_reader_offset(&reader), vector->size);
        ck_assert_int_eq(sps_variant_reader_fault(&reader), SPS_VARIANT_SOUND);
        const uint8_t *data;
        size_t bytes;
        OK(sps_variant_writer_get_data(&writer, &data, &bytes));
        ck_assert_msg(bytes == vector->size && memcmp(data, vector->bytes, bytes) == 0, "%s %s",
                      vector->name, vector->value);
        sps_variant_writer_destroy(&writer);
    }
}
END_TEST

START_TEST(a_value_goes_over_a_stream) {
    pair pair = connect_pair(_i);
    for (size_t i = 0; i < vector_count; i++) {
        const uint8_t *value = NULL;
        size_t bytes = 0;
        OK(sps_stream_put_var(pair.client, vectors[i].bytes, vectors[i].size));
        if (i % 2 == 0) {
            OK(sps_stream_get_var(pair.peer, &value, &bytes));
        } else {
            WAIT_UNTIL(sps_stream_try_get_var(pair.peer, &value, &bytes) == SPS_OK);
        }
        ck_assert(bytes == vectors[i].size && memcmp(value, vectors[i].bytes, bytes) == 0);
    }
    const uint8_t *value;
    size_t bytes;
    IS(sps_stream_try_get_var(pair.peer, &value, &bytes), SPS_ERR_BUSY);
    OK(sps_stream_put_u32(pair.client, 0x7fffffff));
    WAIT_UNTIL(sps_stream_try_get_var(pair.peer, &value, &bytes) != SPS_ERR_BUSY);
    IS(sps_stream_get_var(pair.peer, &value, &bytes), SPS_ERR_INVALID_DATA);
    close_pair(&pair);
}
END_TEST

// ---- What items hold

START_TEST(components_are_read) {
    sps_variant_item item = first_item(vector_named("vector2", NULL));
    double reals[4];
    float floats[4];
    int64_t integers[4];
    OK(sps_variant_get_reals(&item, 0, 2, reals));
    ck_assert(reals[0] == 1.5 && reals[1] == -2);
    OK(sps_variant_get_floats(&item, 1, 1, floats));
    ck_assert(floats[0] == -2);
    IS(sps_variant_get_reals(&item, 1, 2, reals), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_variant_get_reals(&item, SIZE_MAX, 1, reals), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_variant_get_integers(&item, 0, 1, integers), SPS_ERR_INVALID_PARAMETER);
    int32_t narrow[3];
    IS(sps_variant_get_int32s(&item, 0, 1, narrow), SPS_ERR_INVALID_PARAMETER);
    item = first_item(vector_named("vector3i", NULL));
    OK(sps_variant_get_int32s(&item, 0, 3, narrow));
    ck_assert(narrow[0] == 1 && narrow[1] == -2 && narrow[2] == 3);
    IS(sps_variant_get_int32s(&item, 1, 3, narrow), SPS_ERR_PARAMETER_RANGE_ERROR);
    item = first_item(vector_named("packed_int32_array", NULL));
    OK(sps_variant_get_int32s(&item, 1, 2, narrow));
    ck_assert(narrow[0] == -2 && narrow[1] == 3);
    item = first_item(vector_named("packed_byte_array", "PackedByteArray(1, 2, 3)"));
    OK(sps_variant_get_int32s(&item, 0, 3, narrow));
    ck_assert(narrow[0] == 1 && narrow[2] == 3);
    item = first_item(vector_named("packed_int64_array", NULL));
    IS(sps_variant_get_int32s(&item, 0, 1, narrow), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(item.count, 3);
    OK(sps_variant_get_integers(&item, 1, 2, integers));
    ck_assert(integers[0] == -2 && integers[1] == INT64_MAX);
    item = first_item(vector_named("packed_byte_array", "PackedByteArray(1, 2, 3)"));
    OK(sps_variant_get_integers(&item, 2, 1, integers));
    ck_assert(integers[0] == 3);
    item = first_item(vector_named("packed_float64_array", NULL));
    OK(sps_variant_get_reals(&item, 1, 1, reals));
    ck_assert(reals[0] == 0.1);
}
END_TEST

static void expect_strings(const vector *vector, const char *const *texts, size_t count) {
    const sps_variant_item item = first_item(vector);
    size_t position = 0;
    const char *text;
    size_t bytes;
    for (size_t i = 0; i < count; i++) {
        OK(sps_variant_next_string(&item, &position, &text, &bytes));
        ck_assert(bytes == strlen(texts[i]) && memcmp(text, texts[i], bytes) == 0);
    }
    IS(sps_variant_next_string(&item, &position, &text, &bytes), SPS_ERR_FILE_EOF);
}

START_TEST(strings_of_a_list_are_read) {
    const vector *path = vector_named("node_path", "^\"/root/Player:position:x\"");
    expect_strings(vector_named("packed_string_array", NULL),
                   (const char *const[]){"a", "bcd", "héllo", ""}, 4);
    expect_strings(path, (const char *const[]){"root", "Player", "position", "x"}, 4);
    const sps_variant_item item = first_item(path);
    ck_assert_uint_eq(item.count, 2);
    ck_assert_uint_eq(item.subname_count, 2);
    ck_assert_uint_eq(item.flags, SPS_VARIANT_ABSOLUTE);
}
END_TEST

// A caller that was compiled when items were shorter.
START_TEST(an_older_caller_gets_the_fields_it_knows) {
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item;
    memset(&item, 0x55, sizeof item);
    item.struct_size = offsetof(sps_variant_item, integer);
    const vector *vector = vector_named("int", "127");
    OK(sps_variant_reader_init(&reader, vector->bytes, vector->size, NULL));
    OK(sps_variant_reader_next(&reader, &item));
    ck_assert_int_eq(item.type, SPS_VARIANT_INT);
    ck_assert_int_eq(item.integer, 0x5555555555555555);
    ck_assert_uint_eq(item.struct_size, offsetof(sps_variant_item, integer));
}
END_TEST

// ---- Containers

START_TEST(a_container_is_skipped) {
    const vector *vector = vector_named("array", "[1, 2.0, \"three\", [4, [5]], null, true]");
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    OK(sps_variant_reader_init(&reader, vector->bytes, vector->size, NULL));
    IS(sps_variant_reader_skip(&reader), SPS_ERR_DOES_NOT_EXIST);
    for (int i = 0; i < 5; i++) { // the array's begin, three values, the inner array's begin
        OK(sps_variant_reader_next(&reader, &item));
    }
    ck_assert_int_eq(item.step, SPS_VARIANT_BEGIN);
    OK(sps_variant_reader_skip(&reader));
    OK(sps_variant_reader_next(&reader, &item));
    ck_assert_int_eq(item.type, SPS_VARIANT_NIL);
    OK(sps_variant_reader_skip(&reader));
    IS(sps_variant_reader_next(&reader, &item), SPS_ERR_FILE_EOF);
}
END_TEST

static const uint8_t nested[] = {28, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};

START_TEST(a_copy_of_a_reader_is_independent) {
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    OK(sps_variant_reader_init(&reader, nested, sizeof nested, NULL));
    OK(sps_variant_reader_next(&reader, &item));
    sps_variant_reader copy = reader;
    OK(sps_variant_reader_skip(&reader));
    OK(sps_variant_reader_next(&copy, &item));
    ck_assert_int_eq(item.step, SPS_VARIANT_BEGIN);
    IS(sps_variant_reader_next(&reader, &item), SPS_ERR_FILE_EOF);
}
END_TEST

START_TEST(the_depth_is_the_callers) {
    sps_variant_reader_options options = {.struct_size = sizeof options, .max_depth = 1};
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    OK(sps_variant_reader_init(&reader, nested, sizeof nested, &options));
    OK(sps_variant_reader_next(&reader, &item));
    IS(sps_variant_reader_next(&reader, &item), SPS_ERR_INVALID_DATA);
    ck_assert_int_eq(sps_variant_reader_fault(&reader), SPS_VARIANT_TOO_DEEP);
    ck_assert_uint_eq(sps_variant_reader_offset(&reader), 8);
    options.max_depth = SPS_VARIANT_MAX_DEPTH + 1;
    IS(sps_variant_reader_init(&reader, nested, sizeof nested, &options),
       SPS_ERR_INVALID_PARAMETER);
    sps_variant_writer_options limits = {.struct_size = sizeof limits, .max_depth = 1};
    OK(sps_variant_writer_init(&writer, &limits));
    OK(sps_variant_write_array(&writer, 1, NULL));
    IS(sps_variant_write_array(&writer, 0, NULL), SPS_ERR_PARAMETER_RANGE_ERROR);
    OK(sps_variant_write_nil(&writer)); // nothing was written of it
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_get_data(&writer, &data, &bytes));
    ck_assert_uint_eq(bytes, 12);
    limits.max_depth = SPS_VARIANT_MAX_DEPTH + 1;
    sps_variant_writer other = {.struct_size = sizeof other};
    IS(sps_variant_writer_init(&other, &limits), SPS_ERR_INVALID_PARAMETER);
}
END_TEST

Suite *variant_reading_suite(void) {
    Suite *suite = suite_create("variant_reading");
    TCase *all = add_writing_case(suite, "all");
    tcase_add_test(all, godots_bytes_are_read_and_written_the_same);
    tcase_add_loop_test(all, a_value_goes_over_a_stream, 0, TRANSPORTS);
    tcase_add_test(all, components_are_read);
    tcase_add_test(all, strings_of_a_list_are_read);
    tcase_add_test(all, an_older_caller_gets_the_fields_it_knows);
    tcase_add_test(all, a_container_is_skipped);
    tcase_add_test(all, a_copy_of_a_reader_is_independent);
    tcase_add_test(all, the_depth_is_the_callers);
    return suite;
}
