// SPDX-License-Identifier: MIT
//
// Variants on the wire: what a real Godot 4.6 wrote is read, and written the same; whatever else comes is
// refused or a value, and nothing else.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "support_json.h"

enum { MOST_BYTES = 1024, PREFIX_BYTES = 4 };

typedef struct vector {
    const char *name;
    const char *value;
    uint8_t bytes[MOST_BYTES]; // without the length before them
    size_t size;
} vector;

static vector vectors[128];
static size_t vector_count;
static json_t *rows[128]; // what the texts are in

static void add_vector(json_t *row) {
    uint8_t bytes[MOST_BYTES];
    vector *vector = &vectors[vector_count];
    const size_t size =
        parse_hex(json_string_value(json_object_get(row, "hex")), bytes, sizeof bytes);
    vector->name = json_string_value(json_object_get(row, "name"));
    vector->value = json_string_value(json_object_get(row, "value"));
    vector->size = size - PREFIX_BYTES;
    memcpy(vector->bytes, bytes + PREFIX_BYTES, vector->size);
    rows[vector_count++] = row;
}

static void load_vectors(void) {
    FILE *file = fopen(FIXTURES "/godot-4.6-wire.jsonl", "r");
    ck_assert_ptr_nonnull(file);
    char *line = NULL;
    size_t capacity = 0;
    while (getline(&line, &capacity, file) != -1) {
        json_t *row = parse_json(line);
        if (strcmp(json_string_value(json_object_get(row, "group")), "put_var") == 0) {
            add_vector(row);
        } else {
            json_decref(row);
        }
    }
    free(line);
    fclose(file);
}

static void unload_vectors(void) {
    while (vector_count > 0) {
        json_decref(rows[--vector_count]);
    }
}

static const vector *vector_named(const char *name, const char *value) {
    for (size_t i = 0; i < vector_count; i++) {
        if (strcmp(vectors[i].name, name) == 0 &&
            (value == NULL || strcmp(vectors[i].value, value) == 0)) {
            return &vectors[i];
        }
    }
    ck_abort_msg("no vector %s %s", name, value != NULL ? value : "");
    return NULL;
}

// ---- Reading and writing

// Copies a value item by item; the reader's last answer.
static sps_error transcode(const void *data, size_t bytes, uint32_t allow_objects,
                           sps_variant_writer *writer, sps_variant_reader *reader) {
    const sps_variant_reader_options options = {.struct_size = sizeof options,
                                                .allow_objects = allow_objects};
    OK(sps_variant_reader_init(reader, data, bytes, &options));
    sps_variant_item item = {.struct_size = sizeof item};
    sps_error error;
    while ((error = sps_variant_reader_next(reader, &item)) == SPS_OK) {
        OK(sps_variant_write(writer, &item));
    }
    return error;
}

static sps_variant_item first_item(const vector *vector) {
    sps_variant_reader reader;
    sps_variant_item item = {.struct_size = sizeof item};
    OK(sps_variant_reader_init(&reader, vector->bytes, vector->size, NULL));
    OK(sps_variant_reader_next(&reader, &item));
    return item;
}

START_TEST(godots_bytes_are_read_and_written_the_same) {
    ck_assert_uint_ge(vector_count, 80);
    for (size_t i = 0; i < vector_count; i++) {
        const vector *vector = &vectors[i];
        sps_variant_reader reader;
        sps_variant_writer writer;
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

// ---- Each writer's bytes are Godot's

static sps_variant_writer writer;

static void begin_writing(void) {
    load_vectors();
    OK(sps_variant_writer_init(&writer, NULL));
}

static void end_writing(void) {
    sps_variant_writer_destroy(&writer);
    unload_vectors();
}

static void expect_written(const char *name, const char *value) {
    const vector *vector = vector_named(name, value);
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_get_data(&writer, &data, &bytes));
    ck_assert_msg(bytes == vector->size && memcmp(data, vector->bytes, bytes) == 0, "%s %s", name,
                  vector->value);
    sps_variant_writer_reset(&writer);
}

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
    const sps_variant_element integers = {.kind = SPS_VARIANT_BUILTIN, .type = SPS_VARIANT_INT};
    const sps_variant_element strings = {.kind = SPS_VARIANT_BUILTIN, .type = SPS_VARIANT_STRING};
    const sps_variant_element nodes = {
        .kind = SPS_VARIANT_CLASS, .name = "EncodedObjectAsID", .name_bytes = 17};
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

START_TEST(a_container_is_skipped) {
    const vector *vector = vector_named("array", "[1, 2.0, \"three\", [4, [5]], null, true]");
    sps_variant_reader reader;
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

// ---- Strangers' bytes

// Reads in memory of exactly this size, so that the address sanitizer sees a read past the end.
static sps_error read_all(const uint8_t *bytes, size_t size, uint32_t allow_objects) {
    uint8_t *exact = malloc(size > 0 ? size : 1);
    memcpy(exact, bytes, size);
    sps_variant_reader reader;
    sps_variant_writer copy;
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
    sps_variant_reader reader;
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

START_TEST(objects_are_plain_data_where_they_are_allowed) {
    sps_variant_reader reader;
    IS(read_all(object, sizeof object, 0), SPS_ERR_UNAUTHORIZED);
    static const uint8_t null_object[] = {24, 0, 0, 0, 0, 0, 0, 0};
    IS(transcode(null_object, sizeof null_object, 1, &writer, &reader), SPS_ERR_FILE_EOF);
    expect_written("nil", NULL);
    IS(transcode(object, sizeof object, 1, &writer, &reader), SPS_ERR_FILE_EOF);
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_get_data(&writer, &data, &bytes));
    ck_assert(bytes == sizeof object && memcmp(data, object, bytes) == 0);
    sps_variant_writer_reset(&writer);
    OK(sps_variant_write_object(&writer, "Player", 6, 2));
    IS(sps_variant_write_int(&writer, 1), SPS_ERR_INVALID_PARAMETER); // no name
    OK(sps_variant_write_string(&writer, "hp", 2));
    OK(sps_variant_write_int(&writer, 100));
    OK(sps_variant_write_string(&writer, "at", 2));
    OK(sps_variant_write_nil(&writer));
    OK(sps_variant_writer_get_data(&writer, &data, &bytes));
    ck_assert(bytes == sizeof object && memcmp(data, object, bytes) == 0);
}
END_TEST

// ---- Bad items, and no room

START_TEST(bad_items_write_nothing) {
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
         .data = object,
         .data_bytes = 12},
        {.struct_size = sizeof bad[0], .type = SPS_VARIANT_ARRAY, .count = 1},
        {.struct_size = sizeof bad[0], .step = SPS_VARIANT_BEGIN, .type = SPS_VARIANT_INT},
        {.struct_size = sizeof bad[0],
         .step = SPS_VARIANT_BEGIN,
         .type = SPS_VARIANT_ARRAY,
         .count = UINT32_MAX},
        {.struct_size = sizeof bad[0],
         .step = SPS_VARIANT_BEGIN,
         .type = SPS_VARIANT_ARRAY,
         .value = {.kind = 9}},
        {.struct_size = sizeof bad[0],
         .step = SPS_VARIANT_BEGIN,
         .type = SPS_VARIANT_DICTIONARY,
         .key = {.kind = 9}},
        {.struct_size = sizeof bad[0], .type = SPS_VARIANT_DICTIONARY},
        {.struct_size = sizeof bad[0],
         .type = SPS_VARIANT_PACKED_STRING_ARRAY,
         .count = 2,
         .data = object,
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
    for (uint32_t i = 2; i <= 3; i++) { // no UTF-8, no text
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
       SPS_ERR_OUT_OF_MEMORY); // without a look at what is not there
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

// Every size of a buffer that is too small is refused, and one that suffices is not.
START_TEST(a_buffer_that_is_full_refuses_the_item_whole) {
    for (size_t i = 0; i < vector_count; i++) {
        for (size_t size = 0; size <= vectors[i].size; size++) {
            uint8_t *exact = malloc(size > 0 ? size : 1);
            const sps_variant_writer_options options = {
                .struct_size = sizeof options, .buffer = exact, .buffer_bytes = size};
            sps_variant_writer small;
            sps_variant_reader reader;
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

// ---- Options

static const uint8_t nested[] = {28, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};

START_TEST(the_depth_is_the_callers) {
    sps_variant_reader_options options = {.struct_size = sizeof options, .max_depth = 1};
    sps_variant_reader reader;
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
    sps_variant_writer other;
    IS(sps_variant_writer_init(&other, &limits), SPS_ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(reals_are_wide_when_asked) {
    const sps_variant_writer_options options = {.struct_size = sizeof options, .wide_reals = 1};
    const double reals[] = {0.1, 2, 3, 4};
    const sps_variant_type types[] = {SPS_VARIANT_VECTOR3, SPS_VARIANT_COLOR}; // which never is
    OK(sps_variant_writer_init(&writer, &options));
    for (size_t i = 0; i < 2; i++) {
        vector written = {.size = 0};
        const uint8_t *data;
        OK(sps_variant_write_reals(&writer, types[i], reals));
        OK(sps_variant_writer_get_data(&writer, &data, &written.size));
        memcpy(written.bytes, data, written.size);
        const sps_variant_item item = first_item(&written);
        double first;
        OK(sps_variant_get_reals(&item, 0, 1, &first));
        ck_assert_uint_eq(item.flags, i == 0 ? SPS_VARIANT_WIDE : 0);
        ck_assert(first == (i == 0 ? 0.1 : (double)0.1F));
        sps_variant_writer_reset(&writer);
    }
}
END_TEST

// Reads what was written into a vector of its own.
static sps_variant_item written_item(vector *out) {
    const uint8_t *data;
    OK(sps_variant_writer_get_data(&writer, &data, &out->size));
    memcpy(out->bytes, data, out->size);
    sps_variant_writer_reset(&writer);
    return first_item(out);
}

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

static bool has_memory;

static void *reallocate_or_not(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return has_memory ? realloc(block, new_bytes) : NULL;
}

START_TEST(what_finds_no_room_writes_nothing_and_the_writer_goes_on) {
    const sps_allocator allocator = {.reallocate = reallocate_or_not};
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .max_bytes = 16, .allocator = &allocator};
    OK(sps_variant_writer_init(&writer, &options));
    has_memory = false;
    IS(sps_variant_write_int(&writer, 1), SPS_ERR_OUT_OF_MEMORY);
    has_memory = true;
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
    sps_variant_writer small;
    const sps_variant_item item = {
        .struct_size = sizeof item,
        .step = SPS_VARIANT_BEGIN,
        .type = SPS_VARIANT_DICTIONARY,
        .key = {.name_bytes = SIZE_MAX - 99},
        .value = {.kind = SPS_VARIANT_CLASS, .name = name, .name_bytes = 100}};
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

// Nobody is to see what was in the memory before.
START_TEST(an_array_is_filled_up_with_zeros) {
    uint8_t used[64];
    memset(used, 0xff, sizeof used);
    sps_variant_writer filled;
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .buffer = used, .buffer_bytes = sizeof used};
    OK(sps_variant_writer_init(&filled, &options));
    OK(sps_variant_write_packed(&filled, SPS_VARIANT_PACKED_BYTE_ARRAY, "\7", 1));
    ck_assert_mem_eq(used + 8, "\7\0\0\0\xff", 5);
    sps_variant_writer_destroy(&filled);
}
END_TEST

// A caller that was compiled when items were shorter.
START_TEST(an_older_caller_gets_what_it_knows) {
    sps_variant_reader reader;
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

START_TEST(a_copy_of_a_reader_goes_on_by_itself) {
    sps_variant_reader reader;
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

// ---- On a stream

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

Suite *variant_suite(void) {
    Suite *suite = suite_create("variant");
    TCase *all = add_case(suite, "all");
    tcase_add_checked_fixture(all, begin_writing, end_writing);
    tcase_add_test(all, godots_bytes_are_read_and_written_the_same);
    tcase_add_test(all, scalars_are_written_as_godot_does);
    tcase_add_test(all, texts_are_written_as_godot_does);
    tcase_add_test(all, vectors_are_written_as_godot_does);
    tcase_add_test(all, packed_arrays_are_written_as_godot_does);
    tcase_add_test(all, containers_are_written_as_godot_does);
    tcase_add_test(all, components_are_read);
    tcase_add_test(all, strings_of_a_list_are_read);
    tcase_add_test(all, a_container_is_skipped);
    tcase_add_test(all, each_prefix_is_refused);
    tcase_add_test(all, each_changed_byte_is_an_error_or_a_value);
    tcase_add_test(all, a_million_levels_are_refused);
    tcase_add_test(all, claimed_lengths_are_refused);
    tcase_add_test(all, objects_are_plain_data_where_they_are_allowed);
    tcase_add_test(all, bad_items_write_nothing);
    tcase_add_test(all, bad_lists_write_nothing);
    tcase_add_test(all, a_buffer_that_is_full_refuses_the_item_whole);
    tcase_add_test(all, the_depth_is_the_callers);
    tcase_add_test(all, an_array_is_filled_up_with_zeros);
    tcase_add_test(all, reals_are_wide_when_asked);
    tcase_add_test(all, packed_reals_are_wide_when_asked);
    tcase_add_test(all, what_finds_no_room_writes_nothing_and_the_writer_goes_on);
    tcase_add_test(all, sizes_that_overflow_find_no_room);
    tcase_add_test(all, an_older_caller_gets_what_it_knows);
    tcase_add_test(all, a_copy_of_a_reader_goes_on_by_itself);
    tcase_add_loop_test(all, a_value_goes_over_a_stream, 0, TRANSPORTS);
    return suite;
}
