// SPDX-License-Identifier: MIT
//
// Writing Variants: the bytes are Godot's, reals are wide when asked, and what finds no room writes nothing.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/counting_allocator.h"
#include "support/variants.h"

// ---- Each writer's bytes are Godot's

START_TEST(scalars_are_written_as_godot_does) {
    OK(sps_variant_write_nil(&writer));
    expect_written("nil", NULL);
    OK(sps_variant_write_bool(&writer, 5));
    expect_written("bool", "true");
    OK(sps_variant_write_bool(&writer, 0));
    expect_written("bool", "false");
    for (size_t i = 0; i < vector_count; i++) {
        if (strcmp(vectors[i].name, "int") == 0) {
            OK(sps_variant_write_int(&writer, strtoll(vectors[i].value, NULL, 10)));
            expect_written("int", vectors[i].value);
        } else if (strcmp(vectors[i].name, "float") == 0 && strcmp(vectors[i].value, "0.0") != 0) {
            const bool is_negative = strcmp(vectors[i].value, "inf_neg") == 0;
            OK(sps_variant_write_float(&writer, is_negative ? (double)-INFINITY
                                                            : strtod(vectors[i].value, NULL)));
            expect_written("float", vectors[i].value);
        }
    }
    OK(sps_variant_write_rid(&writer, 0));
    expect_written("rid", NULL);
    OK(sps_variant_write_callable(&writer));
    expect_written("callable", NULL);
    OK(sps_variant_write_signal(&writer, "", 0, 0));
    expect_written("signal", NULL);
}
END_TEST

START_TEST(texts_are_written_as_godot_does) {
    static const char *const texts[] = {"", "a", "abc", "abcd", "abcde", "héllo", "日本語", "👾"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char value[32];
        snprintf(value, sizeof value, "\"%s\"", texts[i]);
        OK(sps_variant_write_string(&writer, texts[i], strlen(texts[i])));
        expect_written("string", value);
    }
    OK(sps_variant_write_string_name(&writer, "tick", 4));
    expect_written("string_name", NULL);
    OK(sps_variant_write_node_path(&writer, "/root/Player:position:x", 23));
    expect_written("node_path", "^\"/root/Player:position:x\"");
    OK(sps_variant_write_node_path(&writer, "../Enemy", 8));
    expect_written("node_path", "^\"../Enemy\"");
    static const char *const names[] = {"root", "Player", "position", "x"};
    static const size_t sizes[] = {4, 6, 8, 1};
    OK(sps_variant_write_node_path_names(&writer, SPS_VARIANT_ABSOLUTE, names, sizes, 2, 2));
    expect_written("node_path", "^\"/root/Player:position:x\"");
    OK(sps_variant_write_node_path_names(&writer, 0, (const char *const[]){"..", "Enemy"},
                                         (const size_t[]){2, 5}, 2, 0));
    expect_written("node_path", "^\"../Enemy\"");
    OK(sps_variant_write_node_path_names(&writer, 0, NULL, NULL, 0, 0));
    expect_written("node_path", "^\"\"");
    OK(sps_variant_write_node_path(&writer, NULL, 0));
    expect_written("node_path", "^\"\"");
}
END_TEST

static void write_reals(const char *name, sps_variant_type type, const double *reals) {
    OK(sps_variant_write_reals(&writer, type, reals));
    expect_written(name, NULL);
}

static void write_integers(const char *name, sps_variant_type type, const int32_t *integers) {
    OK(sps_variant_write_integers(&writer, type, integers));
    expect_written(name, NULL);
}

START_TEST(vectors_are_written_as_godot_does) {
    static const double to_16[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    static const double transform[] = {1, 4, 7, 2, 5, 8, 3, 6, 9, 10, 11, 12};
    write_reals("vector2", SPS_VARIANT_VECTOR2, (const double[]){1.5, -2});
    write_integers("vector2i", SPS_VARIANT_VECTOR2I, (const int32_t[]){-1, 2});
    write_reals("rect2", SPS_VARIANT_RECT2, to_16);
    write_integers("rect2i", SPS_VARIANT_RECT2I, (const int32_t[]){-1, 2, 3, 4});
    write_reals("vector3", SPS_VARIANT_VECTOR3, to_16);
    write_integers("vector3i", SPS_VARIANT_VECTOR3I, (const int32_t[]){1, -2, 3});
    write_reals("vector4", SPS_VARIANT_VECTOR4, to_16);
    write_integers("vector4i", SPS_VARIANT_VECTOR4I, (const int32_t[]){1, 2, 3, -4});
    write_reals("plane", SPS_VARIANT_PLANE, (const double[]){0, 1, 0, 5});
    write_reals("quaternion", SPS_VARIANT_QUATERNION, (const double[]){0, 0, 0, 1});
    write_reals("aabb", SPS_VARIANT_AABB, to_16);
    write_reals("basis", SPS_VARIANT_BASIS, transform);
    write_reals("transform3d", SPS_VARIANT_TRANSFORM3D, transform);
    write_reals("projection", SPS_VARIANT_PROJECTION, to_16);
    write_reals("color", SPS_VARIANT_COLOR, (const double[]){0.25, 0.5, 0.75, 1});
}
END_TEST

START_TEST(packed_arrays_are_written_as_godot_does) {
    const struct {
        const char *name, *value;
        sps_variant_type type;
        const void *elements;
        uint32_t count;
    } arrays[] = {
        {"packed_byte_array", "PackedByteArray()", SPS_VARIANT_PACKED_BYTE_ARRAY, NULL, 0},
        {"packed_byte_array", "PackedByteArray(1, 2, 3)", SPS_VARIANT_PACKED_BYTE_ARRAY,
         (const uint8_t[]){1, 2, 3}, 3},
        {"packed_int32_array", NULL, SPS_VARIANT_PACKED_INT32_ARRAY, (const int32_t[]){1, -2, 3},
         3},
        {"packed_int64_array", NULL, SPS_VARIANT_PACKED_INT64_ARRAY,
         (const int64_t[]){1, -2, INT64_MAX}, 3},
        {"packed_float32_array", NULL, SPS_VARIANT_PACKED_FLOAT32_ARRAY,
         (const float[]){1.5F, -2.25F}, 2},
        {"packed_float64_array", NULL, SPS_VARIANT_PACKED_FLOAT64_ARRAY, (const double[]){1.5, 0.1},
         2},
        {"packed_vector2_array", NULL, SPS_VARIANT_PACKED_VECTOR2_ARRAY,
         (const float[]){1, 2, 3, 4}, 2},
        {"packed_vector3_array", NULL, SPS_VARIANT_PACKED_VECTOR3_ARRAY, (const float[]){1, 2, 3},
         1},
        {"packed_color_array", NULL, SPS_VARIANT_PACKED_COLOR_ARRAY, (const float[]){1, 0, 0, 1},
         1},
        {"packed_vector4_array", NULL, SPS_VARIANT_PACKED_VECTOR4_ARRAY,
         (const float[]){1, 2, 3, 4}, 1},
    };
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        OK(sps_variant_write_packed(&writer, arrays[i].type, arrays[i].elements, arrays[i].count));
        expect_written(arrays[i].name, arrays[i].value);
    }
    OK(sps_variant_write_packed_strings(&writer, (const char *const[]){"a", "bcd", "héllo", NULL},
                                        (const size_t[]){1, 3, 6, 0}, 4));
    expect_written("packed_string_array", NULL);
}
END_TEST

START_TEST(containers_are_written_as_godot_does) {
    const sps_variant_element integers = {
        .struct_size = sizeof integers, .kind = SPS_VARIANT_BUILTIN, .type = SPS_VARIANT_INT};
    const sps_variant_element strings = {
        .struct_size = sizeof strings, .kind = SPS_VARIANT_BUILTIN, .type = SPS_VARIANT_STRING};
    const sps_variant_element nodes = {.struct_size = sizeof nodes,
                                       .kind = SPS_VARIANT_CLASS,
                                       .name = "EncodedObjectAsID",
                                       .name_bytes = 17};
    OK(sps_variant_write_array(&writer, 3, &integers));
    for (int64_t i = 1; i <= 3; i++) {
        IS(sps_variant_writer_get_data(&writer, &(const uint8_t *){NULL}, &(size_t){0}),
           SPS_ERR_UNCONFIGURED);
        OK(sps_variant_write_int(&writer, i));
    }
    IS(sps_variant_write_int(&writer, 4), SPS_ERR_ALREADY_EXISTS);
    expect_written("typed_array_int", NULL);
    OK(sps_variant_write_array(&writer, 0, &nodes));
    expect_written("typed_array_class_node", NULL);
    OK(sps_variant_write_dictionary(&writer, 1, &strings, &integers));
    OK(sps_variant_write_string(&writer, "a", 1));
    OK(sps_variant_write_int(&writer, 1));
    expect_written("typed_dictionary_string_int", NULL);
    OK(sps_variant_write_array(&writer, 0, NULL));
    expect_written("array", "[]");
}
END_TEST

// Nobody is to see what was in the memory before.
START_TEST(an_array_is_filled_up_with_zeros) {
    uint8_t used[64];
    memset(used, 0xff, sizeof used);
    sps_variant_writer filled = {.struct_size = sizeof filled};
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .buffer = used, .buffer_bytes = sizeof used};
    OK(sps_variant_writer_init(&filled, &options));
    OK(sps_variant_write_packed(&filled, SPS_VARIANT_PACKED_BYTE_ARRAY, "\7", 1));
    ck_assert_mem_eq(used + 8, "\7\0\0\0\xff", 5);
    sps_variant_writer_destroy(&filled);
}
END_TEST

// ---- Wide reals

// Reads what was written into a vector of its own.
static sps_variant_item written_item(vector *out) {
    const uint8_t *data;
    OK(sps_variant_writer_get_data(&writer, &data, &out->size));
    memcpy(out->bytes, data, out->size);
    sps_variant_writer_reset(&writer);
    return first_item(out);
}

START_TEST(reals_are_wide_when_asked) {
    const sps_variant_writer_options options = {.struct_size = sizeof options, .wide_reals = 1};
    const double reals[] = {0.1, 2, 3, 4};
    const sps_variant_type types[] = {SPS_VARIANT_VECTOR3, SPS_VARIANT_COLOR}; // which never is
    OK(sps_variant_writer_init(&writer, &options));
    for (size_t i = 0; i < 2; i++) {
        vector written;
        OK(sps_variant_write_reals(&writer, types[i], reals));
        const sps_variant_item item = written_item(&written);
        double first;
        OK(sps_variant_get_reals(&item, 0, 1, &first));
        ck_assert_uint_eq(item.flags, i == 0 ? SPS_VARIANT_WIDE : 0);
        ck_assert(first == (i == 0 ? 0.1 : (double)0.1F));
    }
}
END_TEST

// As core/io/marshalls.cpp of Godot 4.6 has it for REAL_T_IS_DOUBLE: vectors are, colors never.
START_TEST(packed_reals_are_wide_when_asked) {
    static const double reals[] = {0.1, 2, 3, 4, 5, 6, 7, 0.8};
    static const struct {
        sps_variant_type type;
        uint32_t count, flags;
        size_t each;
    } arrays[] = {
        {SPS_VARIANT_PACKED_VECTOR2_ARRAY, 4, SPS_VARIANT_WIDE, 8},
        {SPS_VARIANT_PACKED_VECTOR3_ARRAY, 2, SPS_VARIANT_WIDE, 8},
        {SPS_VARIANT_PACKED_VECTOR4_ARRAY, 2, SPS_VARIANT_WIDE, 8},
        {SPS_VARIANT_PACKED_COLOR_ARRAY, 2, 0, 4},
        {SPS_VARIANT_PACKED_FLOAT32_ARRAY, 8, 0, 4},
        {SPS_VARIANT_PACKED_FLOAT64_ARRAY, 8, 0, 8},
    };
    for (uint32_t wide = 0; wide < 2; wide++) {
        const sps_variant_writer_options options = {.struct_size = sizeof options,
                                                    .wide_reals = wide};
        sps_variant_writer_destroy(&writer);
        OK(sps_variant_writer_init(&writer, &options));
        for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
            vector written;
            const bool is_wide = wide && arrays[i].flags != 0;
            const bool has_doubles = arrays[i].each == 8 && (is_wide || arrays[i].flags == 0);
            OK(sps_variant_write_packed_reals(&writer, arrays[i].type, reals, arrays[i].count));
            const sps_variant_item item = written_item(&written);
            const size_t components = arrays[i].type == SPS_VARIANT_PACKED_VECTOR3_ARRAY ? 6 : 8;
            double got[8];
            float narrow[8];
            ck_assert_uint_eq(item.count, arrays[i].count);
            ck_assert_uint_eq(item.flags, is_wide ? SPS_VARIANT_WIDE : 0);
            ck_assert_uint_eq(written.bytes[2], is_wide); // the flag in the header
            ck_assert_uint_eq(item.data_bytes, components * (has_doubles ? 8 : 4));
            OK(sps_variant_get_reals(&item, 0, components, got));
            OK(sps_variant_get_floats(&item, 0, components, narrow));
            for (size_t at = 0; at < components; at++) {
                ck_assert(narrow[at] == (float)reals[at]);
                ck_assert(got[at] == (has_doubles ? reals[at] : (double)(float)reals[at]));
            }
        }
    }
}
END_TEST

// ---- No room

// Every size of a buffer that is too small is refused, and one that suffices is not.
START_TEST(a_buffer_that_is_full_refuses_the_item_whole) {
    for (size_t i = 0; i < vector_count; i++) {
        for (size_t size = 0; size <= vectors[i].size; size++) {
            uint8_t *exact = malloc(size > 0 ? size : 1);
            const sps_variant_writer_options options = {
                .struct_size = sizeof options, .buffer = exact, .buffer_bytes = size};
            sps_variant_writer small = {.struct_size = sizeof small};
            sps_variant_reader reader = {.struct_size = sizeof reader};
            sps_variant_item item = {.struct_size = sizeof item};
            OK(sps_variant_writer_init(&small, &options));
            OK(sps_variant_reader_init(&reader, vectors[i].bytes, vectors[i].size, NULL));
            sps_error error = SPS_OK;
            while (error == SPS_OK && sps_variant_reader_next(&reader, &item) == SPS_OK) {
                error = sps_variant_write(&small, &item);
            }
            IS(error, size < vectors[i].size ? SPS_ERR_OUT_OF_MEMORY : SPS_OK);
            sps_variant_writer_destroy(&small);
            free(exact);
        }
    }
}
END_TEST

START_TEST(an_item_without_room_writes_nothing_and_the_writer_stays_usable) {
    static account account = {.fail_at = 1}; // the fixture gives the memory back
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .max_bytes = 16, .allocator = &allocator};
    OK(sps_variant_writer_init(&writer, &options));
    IS(sps_variant_write_int(&writer, 1), SPS_ERR_OUT_OF_MEMORY);
    IS(sps_variant_write_string(&writer, "nine char", 9), SPS_ERR_OUT_OF_MEMORY); // 20 bytes
    OK(sps_variant_write_string(&writer, "eight ch", 8));
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_get_data(&writer, &data, &bytes));
    ck_assert_uint_eq(bytes, 16);
}
END_TEST

// Sizes that add up to little because they are too large to add up.
START_TEST(sizes_that_overflow_find_no_room) {
    uint8_t *exact = malloc(80);
    static const char name[100] = "";
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .buffer = exact, .buffer_bytes = 80};
    sps_variant_writer small = {.struct_size = sizeof small};
    const sps_variant_item item = {.struct_size = sizeof item,
                                   .step = SPS_VARIANT_BEGIN,
                                   .type = SPS_VARIANT_DICTIONARY,
                                   .key_name_bytes = SIZE_MAX - 99,
                                   .value_kind = SPS_VARIANT_CLASS,
                                   .value_name = name,
                                   .value_name_bytes = 100};
    OK(sps_variant_writer_init(&small, &options));
    IS(sps_variant_write(&small, &item), SPS_ERR_OUT_OF_MEMORY);
    // More than a value's length can tell, where there is room for it.
    const sps_variant_writer_options endless = {
        .struct_size = sizeof endless, .buffer = exact, .buffer_bytes = SIZE_MAX / 2};
    const float number = 1;
    OK(sps_variant_writer_init(&small, &endless));
    IS(sps_variant_write_packed(&small, SPS_VARIANT_PACKED_VECTOR4_ARRAY, &number, INT32_MAX),
       SPS_ERR_OUT_OF_MEMORY);
    free(exact);
}
END_TEST

Suite *variant_writing_suite(void) {
    Suite *suite = suite_create("variant_writing");
    TCase *all = add_writing_case(suite, "all");
    tcase_add_test(all, scalars_are_written_as_godot_does);
    tcase_add_test(all, texts_are_written_as_godot_does);
    tcase_add_test(all, vectors_are_written_as_godot_does);
    tcase_add_test(all, packed_arrays_are_written_as_godot_does);
    tcase_add_test(all, containers_are_written_as_godot_does);
    tcase_add_test(all, an_array_is_filled_up_with_zeros);
    tcase_add_test(all, reals_are_wide_when_asked);
    tcase_add_test(all, packed_reals_are_wide_when_asked);
    tcase_add_test(all, a_buffer_that_is_full_refuses_the_item_whole);
    tcase_add_test(all, an_item_without_room_writes_nothing_and_the_writer_stays_usable);
    tcase_add_test(all, sizes_that_overflow_find_no_room);
    return suite;
}
