// SPDX-License-Identifier: MIT
//
// var_to_bytes() and bytes_to_var() of Godot's global scope, for the types that the tests use.
#include <stdlib.h>
#include <string.h>

#include "host/containers.h"
#include "host/functions.h"
#include "host/host.h"
#include "host/report.h"
#include "host/strings.h"
#include "host/variants.h"

enum { WIDE = 1 << 16 }; // a flag beside the type: 64 bits

// ---- Writing

static void append(host_value *bytes, const void *data, size_t size) {
    const size_t before = bytes->size, padding = (4 - size % 4) % 4;
    host_resize_bytes(bytes, before + size + padding);
    memcpy(bytes->bytes + before, data, size);
}

static void append_u32(host_value *bytes, uint32_t number) {
    const uint8_t little[] = {(uint8_t)number, (uint8_t)(number >> 8), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 24)};
    append(bytes, little, sizeof little);
}

static void append_u64(host_value *bytes, uint64_t number) {
    append_u32(bytes, (uint32_t)number);
    append_u32(bytes, (uint32_t)(number >> 32));
}

static void write_int(host_value *bytes, int64_t number) {
    if (number == (int32_t)number) {
        append_u32(bytes, GODOT_INT);
        append_u32(bytes, (uint32_t)number);
    } else {
        append_u32(bytes, GODOT_INT | WIDE);
        append_u64(bytes, (uint64_t)number);
    }
}

static void write_float(host_value *bytes, double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    append_u32(bytes, GODOT_FLOAT | WIDE);
    append_u64(bytes, bits);
}

static void write_variant(host_value *bytes, const void *variant);

static void write_array(host_value *bytes, const void *array) {
    const host_container *container = host_contents(GODOT_ARRAY, array);
    append_u32(bytes, GODOT_ARRAY);
    append_u32(bytes, (uint32_t)container->count);
    for (size_t i = 0; i < container->count; i++) {
        write_variant(bytes, container->items[i]);
    }
}

static void write_dictionary(host_value *bytes, const void *dictionary) {
    const host_container *container = host_contents(GODOT_DICTIONARY, dictionary);
    append_u32(bytes, GODOT_DICTIONARY);
    append_u32(bytes, (uint32_t)container->count);
    for (size_t i = 0; i < container->count; i++) {
        write_variant(bytes, container->keys[i]);
        write_variant(bytes, container->items[i]);
    }
}

static void write_text(host_value *bytes, const char *text) {
    append_u32(bytes, GODOT_STRING);
    append_u32(bytes, (uint32_t)strlen(text));
    append(bytes, text, strlen(text));
}

static void write_bytes(host_value *bytes, int type, const void *inside) {
    const host_value *value = host_find(type, inside);
    append_u32(bytes, (uint32_t)type);
    append_u32(bytes, (uint32_t)value->size);
    if (value->size > 0) {
        append(bytes, value->bytes, value->size);
    }
}

static void write_variant(host_value *bytes, const void *variant) {
    const void *inside = host_inside(variant);
    int64_t whole;
    double number;
    memcpy(&whole, inside, sizeof whole);
    memcpy(&number, inside, sizeof number);
    switch (host_type_of(variant)) {
    case GODOT_NIL:
        append_u32(bytes, GODOT_NIL);
        break;
    case GODOT_BOOL:
        append_u32(bytes, GODOT_BOOL);
        append_u32(bytes, (uint32_t)(*(const uint8_t *)inside != 0));
        break;
    case GODOT_INT:
        write_int(bytes, whole);
        break;
    case GODOT_FLOAT:
        write_float(bytes, number);
        break;
    case GODOT_ARRAY:
        write_array(bytes, inside);
        break;
    case GODOT_DICTIONARY:
        write_dictionary(bytes, inside);
        break;
    case GODOT_STRING:
    case GODOT_STRING_NAME:
        write_text(bytes, host_text_in(variant));
        break;
    case GODOT_PACKED_BYTE_ARRAY:
        write_bytes(bytes, GODOT_PACKED_BYTE_ARRAY, inside);
        break;
    case GODOT_OBJECT: // its number
        append_u32(bytes, GODOT_OBJECT | WIDE);
        append_u64(bytes, (uint64_t)whole);
        break;
    case HOST_VECTOR2:
        append_u32(bytes, HOST_VECTOR2);
        append_u64(bytes, (uint64_t)whole);
        break;
    default:
        host_fail("the host encodes no %s", host_type_name(host_type_of(variant)));
    }
}

// ---- Reading

typedef struct reader {
    const uint8_t *bytes;
    size_t size, position;
    bool is_broken;
} reader;

static const uint8_t *take(reader *from, size_t size) {
    static const uint8_t zeros[8];
    const size_t whole = size + (4 - size % 4) % 4;
    if (whole > from->size - from->position) {
        from->is_broken = true;
        return zeros;
    }
    from->position += whole;
    return from->bytes + from->position - whole;
}

static uint32_t take_u32(reader *from) {
    const uint8_t *bytes = take(from, 4);
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static uint64_t take_u64(reader *from) {
    const uint64_t low = take_u32(from);
    return low | (uint64_t)take_u32(from) << 32;
}

static void read_number(reader *from, uint32_t header, void *place) {
    const int type = header & 0xFF;
    uint64_t bits = (header & WIDE) != 0 ? take_u64(from) : take_u32(from);
    if (type == GODOT_INT && (header & WIDE) == 0) {
        bits = (uint64_t)(int64_t)(int32_t)(uint32_t)bits;
    }
    if (type == GODOT_FLOAT && (header & WIDE) == 0) {
        const uint32_t narrow = (uint32_t)bits;
        float single;
        memcpy(&single, &narrow, sizeof single);
        const double number = single;
        memcpy(&bits, &number, sizeof bits);
    }
    const uint8_t truth = bits != 0;
    host_wrap(type, place, type == GODOT_BOOL ? (const void *)&truth : (const void *)&bits);
}

static void read_bytes(reader *from, int type, void *place) {
    uint64_t made[2];
    const size_t size = take_u32(from);
    const uint8_t *bytes = size <= from->size ? take(from, size) : NULL;
    from->is_broken = from->is_broken || bytes == NULL;
    host_make_bytes(type, made, bytes, from->is_broken ? 0 : size);
    host_wrap(type, place, made);
    host_destroy(type, made);
}

static void read_variant(reader *from, void *place);

static void read_array(reader *from, void *place) {
    uint64_t array;
    const size_t count = take_u32(from) & 0x7FFFFFFF;
    host_make_container(GODOT_ARRAY, &array);
    host_resize(GODOT_ARRAY, &array, count <= from->size ? count : 0);
    const host_container *container = host_contents(GODOT_ARRAY, &array);
    for (size_t i = 0; i < container->count && !from->is_broken; i++) {
        host_destroy(HOST_VARIANT, container->items[i]);
        read_variant(from, container->items[i]);
    }
    host_wrap(GODOT_ARRAY, place, &array);
    host_destroy(GODOT_ARRAY, &array);
}

static void read_variant(reader *from, void *place) {
    const uint32_t header = take_u32(from);
    const int type = header & 0xFF;
    switch (type) {
    case GODOT_BOOL:
    case GODOT_INT:
    case GODOT_FLOAT:
        read_number(from, header, place);
        break;
    case GODOT_STRING:
    case GODOT_PACKED_BYTE_ARRAY:
        read_bytes(from, type, place);
        break;
    case GODOT_ARRAY:
        read_array(from, place);
        break;
    default:
        from->is_broken = from->is_broken || type != GODOT_NIL;
        host_wrap(GODOT_NIL, place, NULL);
    }
}

// ---- The functions

// The result is initialized memory, as in every call by pointers.
static void var_to_bytes(void *result, const void *const *arguments, int count) {
    ENTER();
    if (count != 1) {
        host_fail("%d arguments", count);
    }
    host_value *bytes = host_find_own(GODOT_PACKED_BYTE_ARRAY, result);
    host_resize_bytes(bytes, 0);
    write_variant(bytes, arguments[0]);
}

static void bytes_to_var(void *result, const void *const *arguments, int count) {
    ENTER();
    if (count != 1) {
        host_fail("%d arguments", count);
    }
    const host_value *bytes = host_find(GODOT_PACKED_BYTE_ARRAY, arguments[0]);
    reader from = {bytes->bytes, bytes->size, 0, false};
    host_destroy(HOST_VARIANT, result);
    read_variant(&from, result);
    if (from.is_broken) {
        host_destroy(HOST_VARIANT, result);
        host_wrap(GODOT_NIL, result, NULL);
        host_print("Condition \"err != OK\" is true",
                   "Not enough bytes for decoding bytes, or invalid format.");
    }
}

typedef struct utility {
    const char *name;
    int64_t hash;
    godot_utility_function run;
} utility;

static const utility utilities[] = {
    {"bytes_to_var", 4249819452, bytes_to_var},
    {"bytes_to_var_with_objects", 4249819452, bytes_to_var},
    {"var_to_bytes", 2947269930, var_to_bytes},
    {"var_to_bytes_with_objects", 2947269930, var_to_bytes},
};

godot_utility_function host_variant_get_ptr_utility_function(const godot_string_name *name,
                                                             int64_t hash) {
    ENTER();
    const char *text = host_text_of_name(name);
    for (size_t i = 0; i < sizeof utilities / sizeof utilities[0]; i++) {
        if (strcmp(utilities[i].name, text) == 0 && utilities[i].hash == hash &&
            !host_is_withheld(text)) {
            return utilities[i].run;
        }
    }
    host_print("Error getting utility function, it has another hash or does not exist", text);
    return NULL;
}
