// SPDX-License-Identifier: MIT
#include "support/variants.h"

#include <string.h>

#include "support/json.h"

enum { PREFIX_BYTES = 4 };

vector vectors[128];
size_t vector_count;
static json_t *rows[128]; // what the texts are in

static void add_vector(json_t *row, void *unused) {
    (void)unused;
    uint8_t bytes[MOST_BYTES];
    vector *vector = &vectors[vector_count];
    const size_t size = parse_hex(text_of(row, "hex"), bytes, sizeof bytes);
    vector->name = text_of(row, "name");
    vector->value = text_of(row, "value");
    vector->size = size - PREFIX_BYTES;
    memcpy(vector->bytes, bytes + PREFIX_BYTES, vector->size);
    rows[vector_count++] = json_incref(row);
}

static void unload_vectors(void) {
    while (vector_count > 0) {
        json_decref(rows[--vector_count]);
    }
}

const vector *vector_named(const char *name, const char *value) {
    for (size_t i = 0; i < vector_count; i++) {
        if (strcmp(vectors[i].name, name) == 0 &&
            (value == NULL || strcmp(vectors[i].value, value) == 0)) {
            return &vectors[i];
        }
    }
    ck_abort_msg("no vector %s %s", name, value != NULL ? value : "");
    return NULL;
}

sps_variant_item first_item(const vector *vector) {
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    OK(sps_variant_reader_init(&reader, vector->bytes, vector->size, NULL));
    OK(sps_variant_reader_next(&reader, &item));
    return item;
}

sps_error transcode(const void *data, size_t bytes, uint32_t allow_objects,
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

sps_variant_writer writer = {.struct_size = sizeof writer};

static void begin_writing(void) {
    visit_wire_rows("put_var", add_vector, NULL);
    OK(sps_variant_writer_init(&writer, NULL));
}

static void end_writing(void) {
    sps_variant_writer_destroy(&writer);
    unload_vectors();
}

TCase *add_writing_case(Suite *suite, const char *name) {
    TCase *test_case = add_case(suite, name);
    tcase_add_checked_fixture(test_case, begin_writing, end_writing);
    return test_case;
}

void expect_written(const char *name, const char *value) {
    const vector *vector = vector_named(name, value);
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_get_data(&writer, &data, &bytes));
    ck_assert_msg(bytes == vector->size && memcmp(data, vector->bytes, bytes) == 0, "%s %s", name,
                  vector->value);
    sps_variant_writer_reset(&writer);
}
