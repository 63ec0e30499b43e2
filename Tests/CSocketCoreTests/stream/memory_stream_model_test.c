// SPDX-License-Identifier: MIT
//
// A buffer is an array, a size and a position. Random operations are compared with such a model.
// SPS_SEED=n in the environment chooses the first seed; the default is 0.
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

enum { SEEDS = 4, STEPS = 10000, CAPACITY = 4096, MOST_PIECE = 300 };

typedef struct model {
    sps_stream *buffer;
    uint8_t bytes[CAPACITY]; // zero after the size
    size_t size;
    size_t position;
    uint64_t random;
} model;

static uint32_t draw(model *model, uint32_t below) {
    model->random = model->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(model->random >> 33) % below;
}

static size_t left(const model *model) {
    return model->position < model->size ? model->size - model->position : 0;
}

// ---- The model's actions

static void put(model *model, const void *bytes, size_t count) {
    memcpy(model->bytes + model->position, bytes, count);
    model->position += count;
    model->size = model->size > model->position ? model->size : model->position;
}

static void shrink(model *model, size_t size) {
    if (size < model->size) {
        memset(model->bytes + size, 0, model->size - size);
    }
    model->size = size;
}

static void expect_next(model *model, const void *bytes, size_t count) {
    ck_assert_uint_le(count, left(model));
    if (count > 0) {
        ck_assert_mem_eq(bytes, model->bytes + model->position, count);
    }
    model->position += count;
}

static void skip_to_end(model *model) {
    model->position += left(model);
}

static void expect_same(const model *model) {
    const uint8_t *data;
    size_t count;
    OK(sps_buffer_get_position(model->buffer, &count));
    ck_assert_uint_eq(count, model->position);
    OK(sps_buffer_get_size(model->buffer, &count));
    ck_assert_uint_eq(count, model->size);
    OK(sps_buffer_get_data_array(model->buffer, &data, &count));
    ck_assert_uint_eq(count, model->size);
    if (count > 0) {
        ck_assert_mem_eq(data, model->bytes, count);
    }
}

// ---- Steps. None makes the buffer larger than the model's.

static bool has_room(const model *model, size_t count) {
    return model->position + count <= CAPACITY;
}

static void step_put_typed(model *model) {
    const uint64_t value = (uint64_t)draw(model, UINT32_MAX) << 20 ^ draw(model, UINT32_MAX);
    static const size_t sizes[] = {1, 2, 4, 8};
    const uint32_t chosen = draw(model, 4);
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(value >> 8 * i);
    }
    if (!has_room(model, sizes[chosen])) {
        return;
    }
    OK(chosen == 0   ? sps_stream_put_u8(model->buffer, (uint8_t)value)
       : chosen == 1 ? sps_stream_put_u16(model->buffer, (uint16_t)value)
       : chosen == 2 ? sps_stream_put_u32(model->buffer, (uint32_t)value)
                     : sps_stream_put_u64(model->buffer, value));
    put(model, bytes, sizes[chosen]);
}

static void step_put_bytes(model *model) {
    uint8_t bytes[MOST_PIECE];
    const size_t count = draw(model, MOST_PIECE);
    fill_pattern(bytes, count, draw(model, 1000));
    size_t sent;
    if (!has_room(model, count)) {
        return;
    }
    OK((draw(model, 2) == 0 ? sps_stream_put_data
                            : sps_stream_put_partial_data)(model->buffer, bytes, count, &sent));
    ck_assert_uint_eq(sent, count);
    if (count > 0) {
        put(model, bytes, count);
    }
}

static void step_put_string(model *model) {
    char text[MOST_PIECE];
    const size_t count = draw(model, MOST_PIECE);
    memset(text, 'a' + (int)draw(model, 26), sizeof text);
    const uint8_t prefix[] = {(uint8_t)count, (uint8_t)(count >> 8), 0, 0};
    if (has_room(model, sizeof prefix + count)) {
        OK(sps_stream_put_utf8_string(model->buffer, text, count));
        put(model, prefix, sizeof prefix);
        put(model, text, count);
    }
}

// Puts a piece of the buffer into itself.
static void step_put_own(model *model) {
    const uint8_t *data;
    size_t size;
    uint8_t bytes[MOST_PIECE];
    OK(sps_buffer_get_data_array(model->buffer, &data, &size));
    const size_t from = size > 0 ? draw(model, (uint32_t)size) : 0;
    size_t count = size - from;
    count = count < MOST_PIECE ? count : MOST_PIECE;
    if (count > 0 && has_room(model, count)) {
        memcpy(bytes, model->bytes + from, count);
        OK(sps_stream_put_data(model->buffer, data + from, count, NULL));
        put(model, bytes, count);
    }
}

static sps_error get_typed(model *model, uint32_t chosen, bool waits, uint64_t *out_value) {
    uint8_t v8 = 0;
    uint16_t v16 = 0;
    uint32_t v32 = 0;
    uint64_t v64 = 0;
    sps_stream *buffer = model->buffer;
    sps_error error;
    switch (chosen) {
    case 0:
        error = waits ? sps_stream_get_u8(buffer, &v8) : sps_stream_try_get_u8(buffer, &v8);
        break;
    case 1:
        error = waits ? sps_stream_get_u16(buffer, &v16) : sps_stream_try_get_u16(buffer, &v16);
        break;
    case 2:
        error = waits ? sps_stream_get_u32(buffer, &v32) : sps_stream_try_get_u32(buffer, &v32);
        break;
    default:
        error = waits ? sps_stream_get_u64(buffer, &v64) : sps_stream_try_get_u64(buffer, &v64);
    }
    *out_value = v8 | v16 | v32 | v64;
    return error;
}

static void step_get_typed(model *model) {
    const uint32_t chosen = draw(model, 4);
    const bool waits = draw(model, 2) == 0;
    const size_t size = (size_t)1 << chosen;
    uint64_t value;
    const sps_error error = get_typed(model, chosen, waits, &value);
    if (size > left(model)) {
        IS(error, waits ? SPS_ERR_INVALID_PARAMETER : SPS_ERR_BUSY);
        ck_assert_uint_eq(value, 0);
        if (waits) {
            skip_to_end(model);
        }
        return;
    }
    OK(error);
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)(value >> 8 * i);
    }
    expect_next(model, bytes, size);
}

static void step_get_bytes(model *model) {
    uint8_t bytes[2 * CAPACITY];
    const size_t count = draw(model, 20) == 0 ? sizeof bytes : draw(model, MOST_PIECE);
    const size_t expected = count < left(model) ? count : left(model);
    size_t received;
    if (draw(model, 2) == 0) {
        IS(sps_stream_get_data(model->buffer, bytes, count, &received),
           count > left(model) ? SPS_ERR_INVALID_PARAMETER : SPS_OK);
    } else {
        OK(sps_stream_get_partial_data(model->buffer, bytes, count, &received));
    }
    ck_assert_uint_eq(received, expected);
    expect_next(model, bytes, expected);
}

static void step_get_string(model *model) {
    const char *text;
    size_t size;
    const bool waits = draw(model, 2) == 0;
    const size_t count = draw(model, MOST_PIECE);
    const sps_error error = (waits ? sps_stream_get_string : sps_stream_try_get_string)(
        model->buffer, (int64_t)count, &text, &size);
    if (count > left(model)) {
        IS(error, waits ? SPS_ERR_INVALID_PARAMETER : SPS_ERR_BUSY);
        if (waits) {
            skip_to_end(model);
        }
    } else if (error != SPS_ERR_INVALID_DATA) { // not ASCII
        OK(error);
        ck_assert_uint_eq(size, count);
        expect_next(model, text, count);
    }
}

static void step_peek(model *model) {
    const uint8_t *data;
    size_t size;
    const size_t wanted = draw(model, MOST_PIECE);
    IS(sps_stream_peek(model->buffer, wanted, &data, &size),
       wanted > left(model) ? SPS_ERR_BUSY : SPS_OK);
    ck_assert_uint_eq(size, left(model));
    const size_t count = draw(model, (uint32_t)size + 1);
    OK(sps_stream_consume(model->buffer, count));
    IS(sps_stream_consume(model->buffer, size - count + 1), SPS_ERR_PARAMETER_RANGE_ERROR);
    expect_next(model, data, count);
}

static void step_seek(model *model) {
    const size_t position = draw(model, (uint32_t)model->size + 10);
    const bool is_in_it = position <= model->size;
    IS(sps_buffer_seek(model->buffer, position), is_in_it ? SPS_OK : SPS_ERR_PARAMETER_RANGE_ERROR);
    model->position = is_in_it ? position : model->position;
}

static void step_resize(model *model) {
    const size_t size = draw(model, draw(model, 2) == 0 ? 200 : CAPACITY / 2);
    OK(sps_buffer_resize(model->buffer, size));
    shrink(model, size);
}

static void step_set_all(model *model) {
    uint8_t bytes[MOST_PIECE];
    const size_t count = draw(model, MOST_PIECE);
    fill_pattern(bytes, count, 0);
    OK(sps_buffer_set_data_array(model->buffer, bytes, count));
    shrink(model, 0);
    model->position = 0;
    put(model, bytes, count);
    model->position = 0;
}

static void step_clear(model *model) {
    OK(sps_buffer_clear(model->buffer));
    shrink(model, 0);
    model->position = 0;
}

static void step_duplicate(model *model) {
    sps_stream *copy;
    OK(sps_buffer_duplicate(model->buffer, &copy));
    expect_same(model);
    sps_stream_destroy(model->buffer);
    model->buffer = copy;
    model->position = 0;
}

// A query. It moves nothing, but may open another window.
static void step_ask(model *model) {
    size_t bytes;
    switch (draw(model, 4)) {
    case 0:
        OK(sps_stream_get_available_bytes(model->buffer, &bytes));
        ck_assert_uint_eq(bytes, left(model));
        break;
    case 1:
        OK(sps_stream_flush(model->buffer));
        break;
    case 2:
        OK(sps_stream_set_write_batching(model->buffer, draw(model, 2) == 0));
        break;
    default:
        OK(sps_stream_get_pending_write_bytes(model->buffer, &bytes));
        ck_assert_uint_eq(bytes, 0);
    }
}

static void take_step(model *model) {
    static void (*const steps[])(struct model *) = {
        step_put_typed, step_put_typed, step_put_typed,  step_put_bytes, step_put_string,
        step_put_own,   step_get_typed, step_get_typed,  step_get_typed, step_get_bytes,
        step_peek,      step_seek,      step_get_string, step_ask,       step_resize,
    };
    static void (*const rare_steps[])(struct model *) = {step_set_all, step_clear, step_duplicate};
    if (draw(model, 40) == 0) {
        rare_steps[draw(model, sizeof rare_steps / sizeof rare_steps[0])](model);
    } else {
        steps[draw(model, sizeof steps / sizeof steps[0])](model);
    }
}

START_TEST(random_operations_match_an_array) {
    static model model;
    memset(&model, 0, sizeof model); // the loop may run in one process
    const char *first_seed = getenv("SPS_SEED");
    model.random = (first_seed != NULL ? strtoull(first_seed, NULL, 10) : 0) + (uint64_t)_i;
    OK(sps_buffer_create(NULL, &model.buffer));
    size_t sizes = 0;
    for (int i = 0; i < STEPS; i++) {
        take_step(&model);
        expect_same(&model);
        sizes += model.size;
    }
    ck_assert_uint_gt(sizes / STEPS, 50); // the buffer was not always empty
    sps_stream_destroy(model.buffer);
}
END_TEST

Suite *memory_stream_model_suite(void) {
    Suite *suite = suite_create("memory_stream_model");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, random_operations_match_an_array, 0, SEEDS);
    return suite;
}
