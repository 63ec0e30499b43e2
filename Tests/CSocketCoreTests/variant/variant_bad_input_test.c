// SPDX-License-Identifier: MIT
//
// Bad input to the reader and the writer of Variants. Each call returns its documented error, and
// changes nothing.
#include "support/variants.h"

static void refused(sps_error error) {
    IS(error, SPS_ERR_INVALID_PARAMETER);
    const uint8_t *data = NULL;
    size_t bytes = 0;
    IS(sps_variant_writer_get_data(&writer, &data, &bytes), SPS_ERR_UNCONFIGURED);
}

// ---- Writing

START_TEST(without_a_writer_nothing_is_written) {
    const sps_variant_item item = {.struct_size = sizeof item, .type = SPS_VARIANT_INT};
    const char *const text = "a";
    const size_t one = 1;
    const double reals[3] = {0};
    const int32_t integers[3] = {0};
    const uint8_t *data;
    size_t bytes;
    refused(sps_variant_writer_init(NULL, NULL));
    refused(sps_variant_write(NULL, &item));
    refused(sps_variant_write_nil(NULL));
    refused(sps_variant_write_bool(NULL, 1));
    refused(sps_variant_write_int(NULL, 1));
    refused(sps_variant_write_float(NULL, 1));
    refused(sps_variant_write_string(NULL, text, 1));
    refused(sps_variant_write_string_name(NULL, text, 1));
    refused(sps_variant_write_node_path(NULL, text, 1));
    refused(sps_variant_write_node_path_names(NULL, 0, &text, &one, 1, 0));
    refused(sps_variant_write_reals(NULL, SPS_VARIANT_VECTOR3, reals));
    refused(sps_variant_write_integers(NULL, SPS_VARIANT_VECTOR3I, integers));
    refused(sps_variant_write_rid(NULL, 1));
    refused(sps_variant_write_object_id(NULL, 1));
    refused(sps_variant_write_callable(NULL));
    refused(sps_variant_write_signal(NULL, text, 1, 1));
    refused(sps_variant_write_array(NULL, 1, NULL));
    refused(sps_variant_write_dictionary(NULL, 1, NULL, NULL));
    refused(sps_variant_write_object(NULL, text, 1, 1));
    refused(sps_variant_write_packed(NULL, SPS_VARIANT_PACKED_INT32_ARRAY, integers, 1));
    refused(sps_variant_write_packed_reals(NULL, SPS_VARIANT_PACKED_VECTOR3_ARRAY, reals, 1));
    refused(sps_variant_write_packed_strings(NULL, &text, &one, 1));
    refused(sps_variant_writer_get_data(NULL, &data, &bytes));
    sps_variant_writer_reset(NULL);
    sps_variant_writer_destroy(NULL);
}
END_TEST

START_TEST(readers_and_writers_have_a_size) {
    sps_variant_reader reader = {.struct_size = 64}; // not the size of any release
    IS(sps_variant_reader_init(&reader, "", 0, NULL), SPS_ERR_INVALID_PARAMETER);
    reader.struct_size = sizeof reader + 16; // from a later header
    OK(sps_variant_reader_init(&reader, "", 0, NULL));
    sps_variant_writer other = {.struct_size = 64};
    IS(sps_variant_writer_init(&other, NULL), SPS_ERR_INVALID_PARAMETER);
    const sps_allocator no_size = {0, NULL, NULL};
    const sps_variant_writer_options options = {.struct_size = sizeof options,
                                                .allocator = &no_size};
    other.struct_size = sizeof other + 16;
    IS(sps_variant_writer_init(&other, &options), SPS_ERR_INVALID_PARAMETER);
    OK(sps_variant_writer_init(&other, NULL));
    const sps_variant_element element = {.kind = SPS_VARIANT_BUILTIN, .type = SPS_VARIANT_INT};
    IS(sps_variant_write_array(&other, 0, &element), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_write_dictionary(&other, 0, NULL, &element), SPS_ERR_INVALID_PARAMETER);
    sps_variant_writer_destroy(&other);
}
END_TEST

START_TEST(a_writer_needs_valid_options) {
    sps_variant_writer other = {.struct_size = sizeof other};
    sps_variant_writer_options options = {.max_depth = 4};
    IS(sps_variant_writer_init(&other, &options), SPS_ERR_INVALID_PARAMETER);
    options.struct_size = sizeof options;
    options.max_depth = SPS_VARIANT_MAX_DEPTH + 1;
    IS(sps_variant_writer_init(&other, &options), SPS_ERR_INVALID_PARAMETER);
    OK(sps_variant_write_nil(&writer));
    const uint8_t *data;
    size_t bytes;
    IS(sps_variant_writer_get_data(&writer, NULL, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_writer_get_data(&writer, &data, NULL), SPS_ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(texts_must_be_there_and_be_utf8) {
    refused(sps_variant_write_string(&writer, NULL, 1));
    refused(sps_variant_write_string(&writer, "\xff", 1));
    refused(sps_variant_write_string_name(&writer, NULL, 1));
    refused(sps_variant_write_string_name(&writer, "\xff", 1));
    refused(sps_variant_write_node_path(&writer, NULL, 1));
    refused(sps_variant_write_node_path(&writer, "\xff", 1));
    refused(sps_variant_write_signal(&writer, NULL, 1, 7));
    refused(sps_variant_write_signal(&writer, "\xff", 1, 7));
    refused(sps_variant_write_object(&writer, NULL, 1, 0));
    refused(sps_variant_write_object(&writer, "", 0, 0));
    refused(sps_variant_write_object(&writer, "\xff", 1, 0));
}
END_TEST

// No length in the format is longer than a u32. A size_t of 32 bits cannot ask for more.
START_TEST(texts_must_have_a_length_of_32_bits) {
    const size_t endless = (size_t)UINT32_MAX + 1;
    if (endless > 0) {
        refused(sps_variant_write_string(&writer, "a", endless));
        refused(sps_variant_write_node_path(&writer, "a", endless));
        refused(sps_variant_write_signal(&writer, "a", endless, 7));
        refused(sps_variant_write_object(&writer, "a", endless, 0));
        sps_variant_reader reader = {.struct_size = sizeof reader};
        IS(sps_variant_reader_init(&reader, "a", endless, NULL), SPS_ERR_INVALID_PARAMETER);
    }
}
END_TEST

// Their sum is larger than a size_t of 32 bits: the writer must not wrap around.
START_TEST(many_long_texts_do_not_wrap_around) {
    enum { COUNT = 1 << 12, BYTES = 1 << 20 };
    static const char *texts[COUNT];
    static size_t sizes[COUNT];
    static char text[BYTES];
    const bool can_wrap = SIZE_MAX == UINT32_MAX; // elsewhere it only costs time
    for (size_t i = 0; i < COUNT; i++) {
        texts[i] = text;
        sizes[i] = i == 0 ? BYTES - 16 : can_wrap ? BYTES - 8 : 1;
    }
    memset(text, 'a', sizeof text);
    IS(sps_variant_write_packed_strings(&writer, texts, sizes, COUNT),
       can_wrap ? SPS_ERR_OUT_OF_MEMORY : SPS_OK);
}
END_TEST

START_TEST(numbers_must_be_there_and_of_the_type) {
    const double reals[16] = {0};
    const int32_t integers[4] = {0};
    const sps_variant_type none[] = {-1, SPS_VARIANT_PACKED_VECTOR4_ARRAY + 1, INT32_MIN, INT32_MAX,
                                     SPS_VARIANT_NIL};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        refused(sps_variant_write_reals(&writer, none[i], reals));
        refused(sps_variant_write_integers(&writer, none[i], integers));
        refused(sps_variant_write_packed(&writer, none[i], reals, 1));
        refused(sps_variant_write_packed_reals(&writer, none[i], reals, 1));
    }
    refused(sps_variant_write_reals(&writer, SPS_VARIANT_VECTOR2I, reals));
    refused(sps_variant_write_reals(&writer, SPS_VARIANT_PACKED_VECTOR2_ARRAY, reals));
    refused(sps_variant_write_reals(&writer, SPS_VARIANT_VECTOR2, NULL));
    refused(sps_variant_write_integers(&writer, SPS_VARIANT_VECTOR2, integers));
    refused(sps_variant_write_integers(&writer, SPS_VARIANT_PACKED_INT32_ARRAY, integers));
    refused(sps_variant_write_integers(&writer, SPS_VARIANT_VECTOR2I, NULL));
    refused(sps_variant_write_packed(&writer, SPS_VARIANT_PACKED_STRING_ARRAY, reals, 1));
    refused(sps_variant_write_packed(&writer, SPS_VARIANT_VECTOR2, reals, 1));
    refused(sps_variant_write_packed(&writer, SPS_VARIANT_PACKED_INT32_ARRAY, NULL, 1));
    refused(sps_variant_write_packed(&writer, SPS_VARIANT_PACKED_INT64_ARRAY, reals, UINT32_MAX));
    refused(sps_variant_write_packed_reals(&writer, SPS_VARIANT_PACKED_INT32_ARRAY, reals, 1));
    refused(sps_variant_write_packed_reals(&writer, SPS_VARIANT_PACKED_FLOAT64_ARRAY, NULL, 1));
}
END_TEST

START_TEST(lists_of_texts_must_be_there) {
    const char *const texts[] = {"a", NULL}, *const no_utf8 = "\xff", *const text = "a";
    const size_t sizes[] = {1, 1}, endless = UINT32_MAX;
    refused(sps_variant_write_packed_strings(&writer, NULL, sizes, 1));
    refused(sps_variant_write_packed_strings(&writer, texts, NULL, 1));
    refused(sps_variant_write_packed_strings(&writer, texts, sizes, 2));
    refused(sps_variant_write_packed_strings(&writer, &no_utf8, sizes, 1));
    refused(sps_variant_write_packed_strings(&writer, &text, &endless, 1));
    refused(sps_variant_write_packed_strings(&writer, texts, sizes, UINT32_MAX));
    refused(sps_variant_write_node_path_names(&writer, 0, NULL, sizes, 1, 0));
    refused(sps_variant_write_node_path_names(&writer, 0, texts, NULL, 0, 1));
    refused(sps_variant_write_node_path_names(&writer, 0, texts, sizes, 1, 1));
    refused(sps_variant_write_node_path_names(&writer, 0, &no_utf8, sizes, 1, 0));
    refused(sps_variant_write_node_path_names(&writer, 0, texts, sizes, UINT32_MAX, 0));
    refused(sps_variant_write_node_path_names(&writer, 0, texts, sizes, 1, INT32_MAX));
}
END_TEST

START_TEST(bad_items_write_nothing) {
    static const uint8_t bytes[12] = {24}; // a text's length, without the text
    const sps_variant_item bad[] = {
        {.struct_size = sizeof bad[0], .type = SPS_VARIANT_TYPES},
        {.struct_size = sizeof bad[0], .type = -1},
        {.struct_size = 0},
        {.struct_size = sizeof bad[0], .type = SPS_VARIANT_INT, .integer = 1LL << 40},
        {.struct_size = sizeof bad[0], .type = SPS_VARIANT_STRING, .data_bytes = 4},
        {.struct_size = sizeof bad[0],
         .type = SPS_VARIANT_STRING,
         .data = (const uint8_t *)"\xff",
         .data_bytes = 1},
        {.struct_size = sizeof bad[0],
         .type = SPS_VARIANT_VECTOR2,
         .data = bytes,
         .data_bytes = 12},
        {.struct_size = sizeof bad[0], .type = SPS_VARIANT_ARRAY, .count = 1},
        {.struct_size = sizeof bad[0], .step = SPS_VARIANT_BEGIN, .type = SPS_VARIANT_INT},
        {.struct_size = sizeof bad[0],
         .step = SPS_VARIANT_BEGIN,
         .type = SPS_VARIANT_ARRAY,
         .count = UINT32_MAX},
        {.struct_size = sizeof bad[0],
         .step = SPS_VARIANT_BEGIN,
         .type = SPS_VARIANT_DICTIONARY,
         .count = INT32_MAX / 2 + 1}, // a pair counts twice
        {.struct_size = sizeof bad[0],
         .step = SPS_VARIANT_BEGIN,
         .type = SPS_VARIANT_ARRAY,
         .value_kind = 9},
        {.struct_size = sizeof bad[0],
         .step = SPS_VARIANT_BEGIN,
         .type = SPS_VARIANT_DICTIONARY,
         .key_kind = 9},
        {.struct_size = sizeof bad[0], .type = SPS_VARIANT_DICTIONARY},
        {.struct_size = sizeof bad[0],
         .type = SPS_VARIANT_PACKED_STRING_ARRAY,
         .count = 2,
         .data = bytes,
         .data_bytes = 4},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IS(sps_variant_write(&writer, &bad[i]), SPS_ERR_INVALID_PARAMETER);
    }
    IS(sps_variant_write(NULL, &bad[0]), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_write(&writer, NULL), SPS_ERR_INVALID_PARAMETER);
    OK(sps_variant_write_nil(&writer));
    expect_written("nil", NULL);
}
END_TEST

START_TEST(bad_lists_write_nothing) {
    static const char *const texts[] = {"a", "\xff", NULL};
    static const size_t sizes[] = {1, 1, 1};
    for (uint32_t i = 2; i <= 3; i++) { // invalid UTF-8 is not text
        const char *const *from = &texts[i - 1];
        IS(sps_variant_write_packed_strings(&writer, from, sizes, 1), SPS_ERR_INVALID_PARAMETER);
        IS(sps_variant_write_node_path_names(&writer, 0, from, sizes, 1, 0),
           SPS_ERR_INVALID_PARAMETER);
        IS(sps_variant_write_node_path_names(&writer, 0, from, sizes, 0, 1),
           SPS_ERR_INVALID_PARAMETER);
    }
    IS(sps_variant_write_node_path_names(&writer, 2 * SPS_VARIANT_ABSOLUTE, texts, sizes, 1, 0),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_write_node_path_names(&writer, 0, texts, sizes, UINT32_MAX, 2),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_write_node_path_names(NULL, 0, texts, sizes, 1, 0), SPS_ERR_INVALID_PARAMETER);
    const double reals[] = {1, 2};
    IS(sps_variant_write_packed_reals(&writer, SPS_VARIANT_PACKED_INT32_ARRAY, reals, 1),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_write_packed_reals(&writer, SPS_VARIANT_VECTOR2, reals, 1),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_write_packed_reals(&writer, SPS_VARIANT_PACKED_VECTOR2_ARRAY, NULL, 1),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_write_packed_reals(&writer, SPS_VARIANT_PACKED_VECTOR4_ARRAY, reals, INT32_MAX),
       SPS_ERR_OUT_OF_MEMORY); // without a read of missing bytes
    IS(sps_variant_write_packed(&writer, SPS_VARIANT_PACKED_VECTOR4_ARRAY, reals, INT32_MAX),
       SPS_ERR_OUT_OF_MEMORY);
    static const sps_variant_type none[] = {-1, SPS_VARIANT_TYPES, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        IS(sps_variant_write_packed(&writer, none[i], reals, 1), SPS_ERR_INVALID_PARAMETER);
        IS(sps_variant_write_packed_reals(&writer, none[i], reals, 1), SPS_ERR_INVALID_PARAMETER);
    }
    const int32_t integers[16] = {0};
    IS(sps_variant_write_integers(&writer, SPS_VARIANT_VECTOR2, integers),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_write_integers(&writer, SPS_VARIANT_PROJECTION, integers),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_write_object(&writer, "", 0, 0), SPS_ERR_INVALID_PARAMETER);
    OK(sps_variant_write_nil(&writer));
    expect_written("nil", NULL);
}
END_TEST

// ---- Reading

START_TEST(a_reader_needs_bytes_and_options) {
    const uint8_t nil[4] = {0};
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    sps_variant_reader_options options = {.max_depth = 4};
    IS(sps_variant_reader_init(NULL, nil, sizeof nil, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_reader_init(&reader, NULL, 4, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_reader_init(&reader, nil, sizeof nil, &options), SPS_ERR_INVALID_PARAMETER);
    options.struct_size = sizeof options;
    options.max_depth = SPS_VARIANT_MAX_DEPTH + 1;
    IS(sps_variant_reader_init(&reader, nil, sizeof nil, &options), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_reader_next(NULL, &item), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_reader_skip(NULL), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(sps_variant_reader_offset(NULL), 0);
    ck_assert_int_eq(sps_variant_reader_fault(NULL), SPS_VARIANT_SOUND);
}
END_TEST

// A refused call reads nothing. The value can still be read.
START_TEST(a_reader_needs_a_place_for_the_item) {
    const uint8_t nil[4] = {0};
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {0};
    OK(sps_variant_reader_init(&reader, nil, sizeof nil, NULL));
    IS(sps_variant_reader_next(&reader, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_reader_next(&reader, &item), SPS_ERR_INVALID_PARAMETER); // no struct_size
    IS(sps_variant_reader_skip(&reader), SPS_ERR_DOES_NOT_EXIST);
    ck_assert_uint_eq(sps_variant_reader_offset(&reader), 0);
    item.struct_size = sizeof item;
    OK(sps_variant_reader_next(&reader, &item));
    IS(sps_variant_reader_next(&reader, &item), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(sps_variant_reader_offset(&reader), sizeof nil);
}
END_TEST

START_TEST(without_bytes_there_is_no_value) {
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    OK(sps_variant_reader_init(&reader, NULL, 0, NULL));
    ck_assert_uint_eq(sps_variant_reader_offset(&reader), 0);
    IS(sps_variant_reader_next(&reader, &item), SPS_ERR_INVALID_DATA);
    ck_assert_int_eq(sps_variant_reader_fault(&reader), SPS_VARIANT_TRUNCATED);
    ck_assert_uint_eq(sps_variant_reader_offset(&reader), 0);
}
END_TEST

static sps_variant_item vector2_item(void) {
    static const uint8_t components[8] = {0};
    return (sps_variant_item){.struct_size = sizeof(sps_variant_item),
                              .type = SPS_VARIANT_VECTOR2,
                              .count = 2,
                              .data = components,
                              .data_bytes = sizeof components};
}

START_TEST(components_need_an_item_that_has_them) {
    double real = 7;
    float number = 7;
    int64_t integer = 7;
    int32_t narrow = 7;
    sps_variant_item items[4];
    for (int i = 0; i < 4; i++) {
        items[i] = vector2_item();
    }
    items[0].struct_size = 8;
    items[1].type = -1;
    items[2].type = SPS_VARIANT_PACKED_VECTOR4_ARRAY + 1;
    items[3].type = SPS_VARIANT_STRING;
    for (int i = -1; i < 4; i++) {
        const sps_variant_item *item = i < 0 ? NULL : &items[i];
        IS(sps_variant_get_reals(item, 0, 1, &real), SPS_ERR_INVALID_PARAMETER);
        IS(sps_variant_get_floats(item, 0, 1, &number), SPS_ERR_INVALID_PARAMETER);
        IS(sps_variant_get_integers(item, 0, 1, &integer), SPS_ERR_INVALID_PARAMETER);
        IS(sps_variant_get_int32s(item, 0, 1, &narrow), SPS_ERR_INVALID_PARAMETER);
    }
    const sps_variant_item vector2 = vector2_item();
    IS(sps_variant_get_reals(&vector2, 0, 1, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_get_reals(&vector2, 1, 2, &real), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_variant_get_reals(&vector2, SIZE_MAX, 1, &real), SPS_ERR_PARAMETER_RANGE_ERROR);
    OK(sps_variant_get_reals(&vector2, 2, 0, NULL));
    ck_assert(real == 7 && number == 7 && integer == 7 && narrow == 7);
}
END_TEST

// An item that no reader made: its string reaches past its end.
START_TEST(strings_need_an_item_that_has_them) {
    static const uint8_t cut[6] = {1, 0, 0}, beyond[8] = {9, 0, 0, 0, 'a'};
    sps_variant_item item = {.struct_size = sizeof item,
                             .type = SPS_VARIANT_PACKED_STRING_ARRAY,
                             .count = 1,
                             .data = beyond,
                             .data_bytes = sizeof beyond};
    const sps_variant_item vector2 = vector2_item();
    size_t position = 0, bytes = 7;
    const char *text = NULL;
    IS(sps_variant_next_string(NULL, &position, &text, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_next_string(&item, NULL, &text, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_next_string(&item, &position, NULL, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_next_string(&item, &position, &text, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_next_string(&vector2, &position, &text, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_variant_next_string(&item, &position, &text, &bytes), SPS_ERR_INVALID_DATA);
    item.data = cut;
    item.data_bytes = 3;
    IS(sps_variant_next_string(&item, &position, &text, &bytes), SPS_ERR_INVALID_DATA);
    item.struct_size = 8;
    IS(sps_variant_next_string(&item, &position, &text, &bytes), SPS_ERR_INVALID_PARAMETER);
    ck_assert(position == 0 && text == NULL && bytes == 0);
}
END_TEST

Suite *variant_bad_input_suite(void) {
    Suite *suite = suite_create("variant_bad_input");
    TCase *writing = add_writing_case(suite, "writing");
    tcase_add_test(writing, without_a_writer_nothing_is_written);
    tcase_add_test(writing, a_writer_needs_valid_options);
    tcase_add_test(writing, readers_and_writers_have_a_size);
    tcase_add_test(writing, texts_must_be_there_and_be_utf8);
    tcase_add_test(writing, texts_must_have_a_length_of_32_bits);
    tcase_add_test(writing, many_long_texts_do_not_wrap_around);
    tcase_add_test(writing, numbers_must_be_there_and_of_the_type);
    tcase_add_test(writing, lists_of_texts_must_be_there);
    tcase_add_test(writing, bad_items_write_nothing);
    tcase_add_test(writing, bad_lists_write_nothing);
    TCase *reading = add_case(suite, "reading");
    tcase_add_test(reading, a_reader_needs_bytes_and_options);
    tcase_add_test(reading, a_reader_needs_a_place_for_the_item);
    tcase_add_test(reading, without_bytes_there_is_no_value);
    tcase_add_test(reading, components_need_an_item_that_has_them);
    tcase_add_test(reading, strings_need_an_item_that_has_them);
    return suite;
}
