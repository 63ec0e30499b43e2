// SPDX-License-Identifier: MIT
//
// Random values of all types, up to six levels deep, over connections that cut what is written at random
// places. Nothing of a value is kept to compare it with: who reads it imagines it anew, from the same
// numbers as who wrote it.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

enum {
    DEPTH = 6,
    MOST_ELEMENTS = 48, // of a packed array, but for a large one now and then
    LARGE_BYTES = 100000,
    MOST_TEXTS = 6,
    MOST_TEXT = 64,
    VALUES = 400, // and somewhat fewer
    MOST_AT_ONCE = 4,
    SEEDS = 3,
};

// ---- Numbers

typedef struct dice {
    uint64_t state;
} dice;

// SplitMix64, by Sebastiano Vigna.
static uint64_t roll(dice *dice) {
    uint64_t x = dice->state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint32_t below(dice *dice, uint32_t limit) {
    return (uint32_t)(roll(dice) % limit);
}

static bool one_in(dice *dice, uint32_t of) {
    return below(dice, of) == 0;
}

static int64_t roll_integer(dice *dice) {
    return (int64_t)roll(dice) >> below(dice, 64); // of any size
}

static double roll_real(dice *dice) {
    static const double special[] = {0, -0.0, INFINITY, -INFINITY, NAN, 1e300, 0.1, 5e-324};
    return one_in(dice, 8) ? special[below(dice, 8)]
                           : (double)((int32_t)roll(dice) >> below(dice, 32)) / 256;
}

static double roll_real_of(dice *dice, bool is_wide) {
    const double real = roll_real(dice);
    return is_wide ? real : (double)(float)real;
}

// ---- Values, without what is in them

typedef struct text {
    char bytes[MOST_TEXT];
    size_t size;
} text;

typedef struct element {
    sps_variant_element element;
    text name;
} element;

typedef struct thing {
    sps_variant_type type;
    sps_variant_step step;
    uint32_t flags;
    uint32_t count; // as an item has it
    uint32_t subname_count;
    int64_t integer;
    double real;
    text texts[MOST_TEXTS]; // or one
    uint32_t text_count;
    double reals[16];
    int32_t integers[4];
    uint32_t components;
    uint64_t seed; // of what a packed array has
    element key, value;
    bool by_item; // it is written as an item
} thing;

static text imagine_text(dice *dice) {
    static const char *const letters[] = {"a", "B", "\xc3\xa9", "\xe6\x97\xa5", "\xf0\x9f\x91\xbe",
                                          "/", ":", " "};
    text text = {.size = 0};
    for (uint32_t left = below(dice, one_in(dice, 4) ? 16 : 5); left > 0; left--) {
        const char *letter = letters[below(dice, 8)];
        memcpy(text.bytes + text.size, letter, strlen(letter));
        text.size += strlen(letter);
    }
    return text;
}

static void imagine_element(dice *dice, element *out) {
    out->element.struct_size = sizeof out->element;
    out->element.kind = one_in(dice, 2) ? SPS_VARIANT_ANY : (int32_t)below(dice, 4);
    out->element.type = out->element.kind == SPS_VARIANT_BUILTIN
                            ? (sps_variant_type)below(dice, SPS_VARIANT_TYPES)
                            : 0;
    out->name = imagine_text(dice);
}

// It points into itself, so that it must lie where it stays.
static sps_variant_element *element_of(element *element) {
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

static bool is_vector_of_integers(sps_variant_type type) {
    return type == SPS_VARIANT_VECTOR2I || type == SPS_VARIANT_RECT2I ||
           type == SPS_VARIANT_VECTOR3I || type == SPS_VARIANT_VECTOR4I;
}

static bool is_vector(sps_variant_type type) {
    return type >= SPS_VARIANT_VECTOR2 && type <= SPS_VARIANT_COLOR && !is_vector_of_integers(type);
}

static bool is_packed(sps_variant_type type) {
    return type >= SPS_VARIANT_PACKED_BYTE_ARRAY && type != SPS_VARIANT_PACKED_STRING_ARRAY;
}

static bool is_container(sps_variant_type type) {
    return type == SPS_VARIANT_ARRAY || type == SPS_VARIANT_DICTIONARY ||
           type == SPS_VARIANT_OBJECT;
}

static bool may_be_wide(sps_variant_type type) {
    return (is_vector(type) && type != SPS_VARIANT_COLOR) ||
           type == SPS_VARIANT_PACKED_VECTOR2_ARRAY || type == SPS_VARIANT_PACKED_VECTOR3_ARRAY ||
           type == SPS_VARIANT_PACKED_VECTOR4_ARRAY;
}

static void imagine_scalars(dice *dice, thing *out) {
    out->integer = roll_integer(dice);
    out->real = roll_real(dice);
    const bool is_int_wide = out->integer < INT32_MIN || out->integer > INT32_MAX;
    const bool is_real_wide = !((double)(float)out->real == out->real);
    if (out->type == SPS_VARIANT_BOOL) {
        out->integer &= 1;
    } else if ((out->type == SPS_VARIANT_INT && (is_int_wide || out->by_item)) ||
               (out->type == SPS_VARIANT_FLOAT && (is_real_wide || out->by_item))) {
        out->flags = SPS_VARIANT_WIDE;
    }
}

static void imagine_texts(dice *dice, thing *out) {
    const bool is_list =
        out->type == SPS_VARIANT_NODE_PATH || out->type == SPS_VARIANT_PACKED_STRING_ARRAY;
    out->text_count = is_list ? below(dice, MOST_TEXTS + 1) : 1;
    for (uint32_t i = 0; i < out->text_count; i++) {
        out->texts[i] = imagine_text(dice);
    }
    if (out->type == SPS_VARIANT_NODE_PATH) {
        out->flags = one_in(dice, 2) ? SPS_VARIANT_ABSOLUTE : 0;
        out->subname_count = below(dice, out->text_count + 1);
        out->count = out->text_count - out->subname_count;
    } else if (is_list) {
        out->count = out->text_count;
    }
}

static void imagine_components(dice *dice, thing *out) {
    const bool is_wide = out->flags & SPS_VARIANT_WIDE;
    out->components = out->count = components_of(out->type);
    for (uint32_t i = 0; i < out->components; i++) {
        out->reals[i] = roll_real_of(dice, is_wide);
        out->integers[i % 4] = (int32_t)roll(dice);
    }
}

static void imagine_container(dice *dice, uint32_t depth, thing *out) {
    const bool is_id = out->type == SPS_VARIANT_OBJECT && (depth == DEPTH || one_in(dice, 4));
    out->step = is_id ? SPS_VARIANT_VALUE : SPS_VARIANT_BEGIN;
    out->count = is_id ? 0 : below(dice, 6);
    if (out->texts[0].size == 0) {
        out->texts[0] = (text){"Player", 6}; // no class is null
    }
    imagine_element(dice, &out->key);
    imagine_element(dice, &out->value);
}

// All types, and containers more than others, down to the last level.
static sps_variant_type imagine_type(dice *dice, uint32_t depth) {
    static const sps_variant_type containers[] = {SPS_VARIANT_ARRAY, SPS_VARIANT_DICTIONARY,
                                                  SPS_VARIANT_OBJECT};
    if (depth < DEPTH && one_in(dice, 3)) {
        return containers[below(dice, 3)];
    }
    const sps_variant_type type = (sps_variant_type)below(dice, SPS_VARIANT_TYPES);
    return depth < DEPTH || !is_container(type) ? type : SPS_VARIANT_OBJECT;
}

// A value, but for the elements of a container.
static void imagine(dice *dice, uint32_t depth, thing *out) {
    memset(out, 0, sizeof *out);
    out->type = imagine_type(dice, depth);
    out->by_item = one_in(dice, 3);
    out->flags = may_be_wide(out->type) && one_in(dice, 2) ? SPS_VARIANT_WIDE : 0;
    imagine_scalars(dice, out);
    imagine_texts(dice, out);
    if (is_vector(out->type) || is_vector_of_integers(out->type)) {
        imagine_components(dice, out);
    } else if (is_packed(out->type)) {
        out->components = components_of(out->type);
        out->count = one_in(dice, 100) ? LARGE_BYTES / 16 : below(dice, MOST_ELEMENTS);
        out->seed = roll(dice);
    } else if (is_container(out->type)) {
        imagine_container(dice, depth, out);
    }
}

// ---- Writing

static void write_packed(sps_variant_writer *writer, const thing *thing) {
    dice dice = {thing->seed};
    const size_t count = (size_t)thing->count * thing->components;
    void *elements = malloc(count * sizeof(double) + 1);
    const bool is_wide = thing->flags & SPS_VARIANT_WIDE;
    for (size_t i = 0; i < count; i++) {
        switch (thing->type) {
        case SPS_VARIANT_PACKED_BYTE_ARRAY:
            ((uint8_t *)elements)[i] = (uint8_t)roll(&dice);
            break;
        case SPS_VARIANT_PACKED_INT32_ARRAY:
            ((int32_t *)elements)[i] = (int32_t)roll(&dice);
            break;
        case SPS_VARIANT_PACKED_INT64_ARRAY:
            ((int64_t *)elements)[i] = (int64_t)roll(&dice);
            break;
        case SPS_VARIANT_PACKED_FLOAT64_ARRAY:
            ((double *)elements)[i] = roll_real(&dice);
            break;
        default:
            if (is_wide) {
                ((double *)elements)[i] = roll_real(&dice);
            } else {
                ((float *)elements)[i] = (float)roll_real(&dice);
            }
        }
    }
    OK(is_wide ? sps_variant_write_packed_reals(writer, thing->type, elements, thing->count)
               : sps_variant_write_packed(writer, thing->type, elements, thing->count));
    free(elements);
}

static void write_texts(sps_variant_writer *writer, const thing *thing) {
    const char *texts[MOST_TEXTS];
    size_t bytes[MOST_TEXTS];
    for (uint32_t i = 0; i < thing->text_count; i++) {
        texts[i] = thing->texts[i].bytes;
        bytes[i] = thing->texts[i].size;
    }
    OK(thing->type == SPS_VARIANT_NODE_PATH
           ? sps_variant_write_node_path_names(writer, thing->flags, texts, bytes, thing->count,
                                               thing->subname_count)
           : sps_variant_write_packed_strings(writer, texts, bytes, thing->count));
}

static sps_error write_scalar(sps_variant_writer *writer, const thing *thing) {
    const text *text = &thing->texts[0];
    switch (thing->type) {
    case SPS_VARIANT_NIL:
        return sps_variant_write_nil(writer);
    case SPS_VARIANT_BOOL:
        return sps_variant_write_bool(writer, (uint32_t)thing->integer);
    case SPS_VARIANT_INT:
        return sps_variant_write_int(writer, thing->integer);
    case SPS_VARIANT_FLOAT:
        return sps_variant_write_float(writer, thing->real);
    case SPS_VARIANT_STRING:
        return sps_variant_write_string(writer, text->bytes, text->size);
    case SPS_VARIANT_STRING_NAME:
        return sps_variant_write_string_name(writer, text->bytes, text->size);
    case SPS_VARIANT_RID:
        return sps_variant_write_rid(writer, (uint64_t)thing->integer);
    case SPS_VARIANT_OBJECT:
        return sps_variant_write_object_id(writer, (uint64_t)thing->integer);
    case SPS_VARIANT_CALLABLE:
        return sps_variant_write_callable(writer);
    default:
        return sps_variant_write_signal(writer, text->bytes, text->size, (uint64_t)thing->integer);
    }
}

static void write_by_type(sps_variant_writer *writer, const thing *thing) {
    if (is_vector(thing->type)) {
        OK(sps_variant_write_reals(writer, thing->type, thing->reals));
    } else if (is_vector_of_integers(thing->type)) {
        OK(sps_variant_write_integers(writer, thing->type, thing->integers));
    } else if (is_packed(thing->type)) {
        write_packed(writer, thing);
    } else if (thing->type == SPS_VARIANT_NODE_PATH ||
               thing->type == SPS_VARIANT_PACKED_STRING_ARRAY) {
        write_texts(writer, thing);
    } else {
        OK(write_scalar(writer, thing));
    }
}

// A value alone, by a writer that is wide when it is to be; its item is then written.
static void write_by_item(sps_variant_writer *writer, const thing *thing) {
    const sps_variant_writer_options options = {.struct_size = sizeof options,
                                                .wide_reals = thing->flags & SPS_VARIANT_WIDE};
    sps_variant_writer alone = {.struct_size = sizeof alone};
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_init(&alone, &options));
    write_by_type(&alone, thing);
    OK(sps_variant_writer_get_data(&alone, &data, &bytes));
    OK(sps_variant_reader_init(&reader, data, bytes, NULL));
    OK(sps_variant_reader_next(&reader, &item));
    item.flags |= thing->flags; // numbers are wide that need not be
    OK(sps_variant_write(writer, &item));
    sps_variant_writer_destroy(&alone);
}

static void write_begin(sps_variant_writer *writer, thing *thing) {
    if (thing->type == SPS_VARIANT_ARRAY) {
        OK(sps_variant_write_array(writer, thing->count, element_of(&thing->value)));
    } else if (thing->type == SPS_VARIANT_DICTIONARY) {
        OK(sps_variant_write_dictionary(writer, thing->count, element_of(&thing->key),
                                        element_of(&thing->value)));
    } else {
        OK(sps_variant_write_object(writer, thing->texts[0].bytes, thing->texts[0].size,
                                    thing->count));
    }
}

static void write_value(sps_variant_writer *writer, dice *dice, uint32_t depth) {
    thing thing;
    imagine(dice, depth, &thing);
    if (thing.step == SPS_VARIANT_VALUE) {
        // Vectors that are wide only where the writer is not go by their items.
        const bool as_item =
            thing.by_item || (thing.flags & SPS_VARIANT_WIDE && may_be_wide(thing.type));
        (as_item ? write_by_item : write_by_type)(writer, &thing);
        return;
    }
    write_begin(writer, &thing);
    for (uint32_t i = 0; i < thing.count; i++) {
        if (thing.type == SPS_VARIANT_OBJECT) {
            const text name = imagine_text(dice);
            OK(sps_variant_write_string(writer, name.bytes, name.size));
        } else if (thing.type == SPS_VARIANT_DICTIONARY) {
            write_value(writer, dice, depth + 1);
        }
        write_value(writer, dice, depth + 1);
    }
}

// ---- Reading

static void expect_text(const text *text, const void *data, size_t bytes) {
    ck_assert_uint_eq(bytes, text->size);
    ck_assert(bytes == 0 || memcmp(data, text->bytes, bytes) == 0);
}

static void expect_bits(double got, double expected) {
    ck_assert_msg(memcmp(&got, &expected, sizeof got) == 0, "%g is not %g", got, expected);
}

static void expect_packed(const sps_variant_item *item, const thing *thing) {
    dice dice = {thing->seed};
    const size_t count = (size_t)thing->count * thing->components;
    double *reals = malloc(count * sizeof *reals + 1);
    int64_t *integers = malloc(count * sizeof *integers + 1);
    const bool is_wide = thing->flags & SPS_VARIANT_WIDE;
    const bool has_integers = thing->type <= SPS_VARIANT_PACKED_INT64_ARRAY;
    OK(has_integers ? sps_variant_get_integers(item, 0, count, integers)
                    : sps_variant_get_reals(item, 0, count, reals));
    for (size_t i = 0; i < count; i++) {
        switch (thing->type) {
        case SPS_VARIANT_PACKED_BYTE_ARRAY:
            ck_assert(integers[i] == (uint8_t)roll(&dice));
            break;
        case SPS_VARIANT_PACKED_INT32_ARRAY:
            ck_assert(integers[i] == (int32_t)roll(&dice));
            break;
        case SPS_VARIANT_PACKED_INT64_ARRAY:
            ck_assert(integers[i] == (int64_t)roll(&dice));
            break;
        default:
            expect_bits(
                reals[i],
                roll_real_of(&dice, is_wide || thing->type == SPS_VARIANT_PACKED_FLOAT64_ARRAY));
        }
    }
    free(reals);
    free(integers);
}

static void expect_components(const sps_variant_item *item, const thing *thing) {
    double reals[16];
    int32_t integers[4];
    if (is_vector(thing->type)) {
        OK(sps_variant_get_reals(item, 0, thing->components, reals));
        for (uint32_t i = 0; i < thing->components; i++) {
            expect_bits(reals[i], thing->reals[i]);
        }
    } else {
        OK(sps_variant_get_int32s(item, 0, thing->components, integers));
        ck_assert_mem_eq(integers, thing->integers, thing->components * sizeof integers[0]);
    }
}

static void expect_texts(const sps_variant_item *item, const thing *thing) {
    size_t position = 0, bytes;
    const char *data;
    ck_assert_uint_eq(item->subname_count, thing->subname_count);
    for (uint32_t i = 0; i < thing->text_count; i++) {
        OK(sps_variant_next_string(item, &position, &data, &bytes));
        expect_text(&thing->texts[i], data, bytes);
    }
    IS(sps_variant_next_string(item, &position, &data, &bytes), SPS_ERR_FILE_EOF);
}

static void expect_scalar(const sps_variant_item *item, const thing *thing) {
    switch (thing->type) {
    case SPS_VARIANT_BOOL:
    case SPS_VARIANT_INT:
    case SPS_VARIANT_RID:
    case SPS_VARIANT_OBJECT:
        ck_assert(item->integer == thing->integer);
        break;
    case SPS_VARIANT_FLOAT:
        expect_bits(item->real, thing->real);
        break;
    case SPS_VARIANT_SIGNAL:
        ck_assert(item->integer == thing->integer);
        expect_text(&thing->texts[0], item->data, item->data_bytes);
        break;
    case SPS_VARIANT_STRING:
    case SPS_VARIANT_STRING_NAME:
        expect_text(&thing->texts[0], item->data, item->data_bytes);
        break;
    default:
        break;
    }
}

static void expect_element(const sps_variant_element *got, element *expected) {
    const sps_variant_element *element = element_of(expected);
    ck_assert_int_eq(got->kind, element->kind);
    ck_assert_int_eq(got->type, element->type);
    ck_assert_uint_eq(got->name_bytes, element->name_bytes);
    ck_assert(got->name_bytes == 0 || memcmp(got->name, element->name, got->name_bytes) == 0);
}

static void expect_begin(const sps_variant_item *item, thing *thing) {
    if (thing->type == SPS_VARIANT_OBJECT) {
        expect_text(&thing->texts[0], item->data, item->data_bytes);
        return;
    }
    const sps_variant_element value = {sizeof value, item->value_kind, item->value_type,
                                       item->value_name, item->value_name_bytes};
    expect_element(&value, &thing->value);
    if (thing->type == SPS_VARIANT_DICTIONARY) {
        const sps_variant_element key = {sizeof key, item->key_kind, item->key_type, item->key_name,
                                         item->key_name_bytes};
        expect_element(&key, &thing->key);
    }
}

static void expect_item(const sps_variant_item *item, thing *thing) {
    ck_assert_int_eq(item->type, thing->type);
    ck_assert_int_eq(item->step, thing->step);
    ck_assert_uint_eq(item->flags, thing->flags);
    ck_assert_uint_eq(item->count, thing->count);
    if (thing->step == SPS_VARIANT_BEGIN) {
        expect_begin(item, thing);
    } else if (is_packed(thing->type)) {
        expect_packed(item, thing);
    } else if (thing->components > 0) {
        expect_components(item, thing);
    } else if (thing->type == SPS_VARIANT_NODE_PATH ||
               thing->type == SPS_VARIANT_PACKED_STRING_ARRAY) {
        expect_texts(item, thing);
    } else {
        expect_scalar(item, thing);
    }
}

static uint32_t seen[SPS_VARIANT_TYPES][2]; // and whether it is wide
static uint32_t deepest;

static void expect_value(sps_variant_reader *reader, dice *dice, uint32_t depth) {
    thing thing;
    sps_variant_item item = {.struct_size = sizeof item};
    imagine(dice, depth, &thing);
    seen[thing.type][thing.flags & SPS_VARIANT_WIDE]++;
    deepest = depth > deepest ? depth : deepest;
    OK(sps_variant_reader_next(reader, &item));
    expect_item(&item, &thing);
    if (thing.step == SPS_VARIANT_VALUE) {
        return;
    }
    for (uint32_t i = 0; i < thing.count; i++) {
        if (thing.type == SPS_VARIANT_OBJECT) {
            const text name = imagine_text(dice);
            OK(sps_variant_reader_next(reader, &item));
            expect_text(&name, item.data, item.data_bytes);
        } else if (thing.type == SPS_VARIANT_DICTIONARY) {
            expect_value(reader, dice, depth + 1);
        }
        expect_value(reader, dice, depth + 1);
    }
    OK(sps_variant_reader_next(reader, &item));
    ck_assert_int_eq(item.step, SPS_VARIANT_END);
    ck_assert_int_eq(item.type, thing.type);
}

// ---- Over connections

typedef struct road {
    pair in, out; // a value goes from in.client to in.peer, and from out.client to out.peer
    uint8_t piece[65536];
    size_t begin, end; // of the piece, what the second connection has not taken
    dice cuts;
} road;

// Moves some bytes from the first connection to the second, however many of them.
static void relay_some(road *road) {
    size_t count;
    const uint32_t most = one_in(&road->cuts, 2) ? sizeof road->piece : 500;
    if (road->begin == road->end) {
        const uint32_t wanted = 1 + below(&road->cuts, most);
        OK(sps_stream_get_partial_data(road->in.peer, road->piece, wanted, &count));
        road->begin = 0;
        road->end = count;
    }
    if (road->begin < road->end) {
        const size_t left = road->end - road->begin;
        const size_t cut = 1 + below(&road->cuts, (uint32_t)left);
        OK(sps_stream_put_partial_data(road->out.client, road->piece + road->begin, cut, &count));
        road->begin += count;
    }
}

// Takes a value while it is on its way.
static void receive(road *road, const uint8_t **out_value, size_t *out_bytes) {
    for (uint64_t deadline = now_ms() + 20000;;) {
        OK(sps_socket_poll(road->in.client)); // what waits to be sent
        relay_some(road);
        if (one_in(&road->cuts, 4)) {
            const sps_error error = sps_stream_try_get_var(road->out.peer, out_value, out_bytes);
            if (error == SPS_OK) {
                return;
            }
            IS(error, SPS_ERR_BUSY);
        }
        ck_assert(now_ms() < deadline);
    }
}

static void send_value(road *road, uint64_t seed) {
    sps_variant_writer writer = {.struct_size = sizeof writer};
    const uint8_t *data;
    size_t bytes;
    OK(sps_variant_writer_init(&writer, NULL));
    write_value(&writer, &(dice){seed}, 0);
    OK(sps_variant_writer_get_data(&writer, &data, &bytes));
    if (bytes > 8192) { // what waits for room would wait for ever, in one thread
        OK(sps_stream_set_write_batching(road->in.client, true));
    }
    OK(sps_stream_put_var(road->in.client, data, bytes));
    sps_variant_writer_destroy(&writer);
}

static void receive_value(road *road, uint64_t seed) {
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    const sps_variant_reader_options options = {.struct_size = sizeof options, .allow_objects = 1};
    const uint8_t *value;
    size_t bytes;
    receive(road, &value, &bytes);
    OK(sps_variant_reader_init(&reader, value, bytes, &options));
    expect_value(&reader, &(dice){seed}, 0);
    IS(sps_variant_reader_next(&reader, &item), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(sps_variant_reader_offset(&reader), bytes);
}

// A few values, which are on their way at once.
static void pass_values(road *road, uint64_t first, uint64_t count) {
    OK(sps_stream_set_write_batching(road->in.client, one_in(&road->cuts, 2)));
    for (uint64_t i = 0; i < count; i++) {
        send_value(road, first + i);
    }
    for (uint64_t i = 0; i < count; i++) {
        receive_value(road, first + i);
    }
    size_t left;
    OK(sps_stream_get_available_bytes(road->out.peer, &left));
    ck_assert_uint_eq(left, 0);
}

START_TEST(random_values_survive_any_cuts) {
    const transport transport = _i % TRANSPORTS;
    const uint64_t seed = 1 + (uint64_t)_i / TRANSPORTS;
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .write_buffer_bytes = 8 * 1024 * 1024};
    road *road = malloc(sizeof *road);
    *road = (struct road){.in = connect_pair_with(transport, &options),
                          .out = connect_pair_with(transport, &options),
                          .cuts = {seed}};
    for (uint64_t i = 0; i < VALUES; i += MOST_AT_ONCE) {
        pass_values(road, seed << 32 | i, 1 + below(&road->cuts, MOST_AT_ONCE));
    }
    for (sps_variant_type type = 0; type < SPS_VARIANT_TYPES; type++) {
        const bool is_number = type == SPS_VARIANT_INT || type == SPS_VARIANT_FLOAT;
        ck_assert(seen[type][0] > 0);
        ck_assert((seen[type][1] > 0) == (is_number || may_be_wide(type)));
    }
    ck_assert_uint_eq(deepest, DEPTH);
    close_pair(&road->in);
    close_pair(&road->out);
    free(road);
}
END_TEST

Suite *random_values_suite(void) {
    Suite *suite = suite_create("random_values");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, random_values_survive_any_cuts, 0, SEEDS * TRANSPORTS);
    return suite;
}
