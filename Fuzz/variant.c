// SPDX-License-Identifier: MIT
//
// Any bytes are a value or an error. The fuzzer reads them and looks at every item. It writes the
// items again, within a memory limit. Reading and writing that result again must give the same
// bytes.
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <streampeersocket/variant.h>

#include "fuzz.h"

enum { MEMORY_FACTOR = 4, MEMORY_CONSTANT = 4096 };

static size_t allocated, most_allocated;

static void *count(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    (void)user_data;
    allocated += new_bytes - old_bytes;
    most_allocated = allocated > most_allocated ? allocated : most_allocated;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

static const sps_allocator counting = {.struct_size = sizeof(sps_allocator), .reallocate = count};

// Every byte that an item refers to is readable.
static void look_at(const sps_variant_item *item) {
    volatile uint8_t sum = 0;
    for (size_t i = 0; i < item->data_bytes; i++) {
        sum = (uint8_t)(sum + item->data[i]);
    }
    const char *text;
    size_t bytes, position = 0;
    while (sps_variant_next_string(item, &position, &text, &bytes) == SPS_OK) {
        sum = (uint8_t)(sum + (bytes > 0 ? text[bytes - 1] : 0));
    }
    double reals[3];
    float floats[3];
    int64_t integers[3];
    sps_variant_get_reals(item, 1, 3, reals);
    sps_variant_get_floats(item, 1, 3, floats);
    sps_variant_get_integers(item, 1, 3, integers);
}

static sps_error transcode(const uint8_t *data, size_t bytes, uint32_t max_depth,
                           sps_variant_writer *writer) {
    const sps_variant_reader_options options = {
        .struct_size = sizeof options, .max_depth = max_depth, .allow_objects = 1};
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    sps_error error = sps_variant_reader_init(&reader, data, bytes, &options);
    FUZZ_ASSERT(error == SPS_OK);
    while ((error = sps_variant_reader_next(&reader, &item)) == SPS_OK) {
        look_at(&item);
        FUZZ_ASSERT(sps_variant_write(writer, &item) == SPS_OK);
    }
    FUZZ_ASSERT(sps_variant_reader_offset(&reader) <= bytes);
    return error;
}

static void make_writer(sps_variant_writer *writer) {
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .max_bytes = UINT32_MAX, .allocator = &counting};
    FUZZ_ASSERT(sps_variant_writer_init(writer, &options) == SPS_OK);
}

static void expect_the_same_again(const sps_variant_writer *first) {
    const uint8_t *once, *twice;
    size_t once_bytes, twice_bytes;
    sps_variant_writer second = {.struct_size = sizeof second};
    make_writer(&second);
    FUZZ_ASSERT(sps_variant_writer_get_data(first, &once, &once_bytes) == SPS_OK);
    FUZZ_ASSERT(transcode(once, once_bytes, 0, &second) == SPS_ERR_FILE_EOF);
    FUZZ_ASSERT(sps_variant_writer_get_data(&second, &twice, &twice_bytes) == SPS_OK);
    FUZZ_ASSERT(once_bytes == twice_bytes && memcmp(once, twice, once_bytes) == 0);
    sps_variant_writer_destroy(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    sps_variant_writer writer = {.struct_size = sizeof writer};
    allocated = most_allocated = 0;
    make_writer(&writer);
    const sps_error error = transcode(data, bytes, 0, &writer);
    FUZZ_ASSERT(most_allocated <= MEMORY_FACTOR * bytes + MEMORY_CONSTANT);
    if (error == SPS_ERR_FILE_EOF) {
        expect_the_same_again(&writer);
    } else {
        FUZZ_ASSERT(error == SPS_ERR_INVALID_DATA);
    }
    sps_variant_writer_destroy(&writer);
    FUZZ_ASSERT(allocated == 0);
    return 0;
}
