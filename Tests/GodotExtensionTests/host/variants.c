// SPDX-License-Identifier: MIT
#include "host/variants.h"

#include <stdlib.h>
#include <string.h>

#include "host/containers.h"
#include "host/functions.h"
#include "host/objects.h"
#include "host/report.h"
#include "host/strings.h"

// ---- Contents

int host_type_of(const void *variant) {
    return host_find(HOST_VARIANT, variant)->type;
}

const void *host_inside(const void *variant) {
    return host_find(HOST_VARIANT, variant)->payload;
}

static bool is_tracked(int type) {
    return type == GODOT_STRING || type == GODOT_DICTIONARY || type == GODOT_ARRAY ||
           type == GODOT_PACKED_BYTE_ARRAY || type == GODOT_PACKED_STRING_ARRAY;
}

void host_wrap(int type, void *place, const void *source) {
    host_value *variant = host_make(HOST_VARIANT, place);
    variant->type = type;
    if (type == GODOT_NIL) {
        return;
    }
    host_copy(type, variant->payload, source);
    if (is_tracked(type)) {
        host_find_own(type, variant->payload)->is_part = true;
    }
    if (type == GODOT_OBJECT && !host_hold(variant->payload)) {
        variant->payload[0] = 0;
    }
}

void host_copy_variant(int kind, void *place, const void *source) {
    (void)kind;
    host_wrap(host_type_of(source), place, host_inside(source));
}

void host_destroy_variant(int kind, void *place) {
    host_value *variant = host_find(kind, place);
    const int type = variant->type;
    variant->type = GODOT_NIL; // a destructor may come back here
    if (type == GODOT_OBJECT) {
        host_release(variant->payload);
    } else if (type != GODOT_NIL) {
        host_destroy(type, variant->payload);
    }
    host_unmake(kind, place);
}

const char *host_text_in(const void *variant) {
    switch (host_type_of(variant)) {
    case GODOT_STRING:
        return host_text_of(host_inside(variant));
    case GODOT_STRING_NAME:
        return host_text_of_name(host_inside(variant));
    default:
        return "";
    }
}

static bool is_text(int type) {
    return type == GODOT_STRING || type == GODOT_STRING_NAME;
}

bool host_are_equal(const void *a, const void *b) {
    const int type = host_type_of(a);
    if (is_text(type) && is_text(host_type_of(b))) {
        return strcmp(host_text_in(a), host_text_in(b)) == 0;
    }
    if (type != host_type_of(b)) {
        return false;
    }
    if (type == GODOT_PACKED_BYTE_ARRAY) {
        const host_value *left = host_find(type, host_inside(a));
        const host_value *right = host_find(type, host_inside(b));
        return left->size == right->size &&
               (left->size == 0 || memcmp(left->bytes, right->bytes, left->size) == 0);
    }
    return !is_tracked(type) && memcmp(host_inside(a), host_inside(b), host_size_of(type)) == 0;
}

// ---- Conversions

static bool is_number(int type) {
    return type == GODOT_BOOL || type == GODOT_INT || type == GODOT_FLOAT;
}

static bool is_packed(int type) {
    return type == GODOT_PACKED_BYTE_ARRAY || type == GODOT_PACKED_STRING_ARRAY;
}

bool host_converts(int from, int to) {
    return from == to || to == GODOT_NIL || (from == GODOT_NIL && to == GODOT_OBJECT) ||
           (is_number(from) && is_number(to)) || (is_text(from) && is_text(to)) ||
           (is_packed(from) && to == GODOT_ARRAY) || (from == GODOT_ARRAY && is_packed(to));
}

static double number_in(int type, const void *inside) {
    int64_t whole;
    double number;
    memcpy(&whole, inside, sizeof whole);
    memcpy(&number, inside, sizeof number);
    return type == GODOT_BOOL  ? (double)(*(const uint8_t *)inside != 0)
           : type == GODOT_INT ? (double)whole
                               : number;
}

static void convert_number(int to, void *place, int from, const void *inside) {
    const double number = number_in(from, inside);
    const int64_t whole = (int64_t)number;
    const uint8_t truth = number != 0;
    memcpy(place,
           to == GODOT_BOOL  ? (const void *)&truth
           : to == GODOT_INT ? (const void *)&whole
                             : (const void *)&number,
           host_size_of(to));
}

static void convert_array_to_bytes(void *place, const void *array) {
    const host_container *container = host_contents(GODOT_ARRAY, array);
    host_make_empty(GODOT_PACKED_BYTE_ARRAY, place);
    host_value *bytes = host_find_own(GODOT_PACKED_BYTE_ARRAY, place);
    host_resize_bytes(bytes, container->count);
    for (size_t i = 0; i < container->count; i++) {
        int64_t byte = 0;
        host_unwrap(GODOT_INT, &byte, container->items[i]);
        bytes->bytes[i] = (uint8_t)byte;
    }
}

// A value that Godot cannot convert becomes the default of the type.
void host_unwrap(int type, void *place, const void *variant) {
    const int from = host_type_of(variant);
    const void *inside = host_inside(variant);
    if (type == HOST_VARIANT) {
        host_copy(HOST_VARIANT, place, variant);
    } else if (from == type) {
        host_copy(type, place, inside);
    } else if (is_number(from) && is_number(type)) {
        convert_number(type, place, from, inside);
    } else if (is_text(from) && type == GODOT_STRING) {
        host_make_string(place, host_text_in(variant));
    } else if (is_text(from) && type == GODOT_STRING_NAME) {
        host_make_name(place, host_text_in(variant));
    } else if (from == GODOT_ARRAY && type == GODOT_PACKED_BYTE_ARRAY) {
        convert_array_to_bytes(place, inside);
    } else {
        host_make_default(type, place);
    }
}

// ---- The interface

void host_variant_new_copy(godot_variant *uninitialized, const godot_variant *source) {
    ENTER();
    host_copy(HOST_VARIANT, uninitialized, source);
}

void host_variant_new_nil(godot_variant *uninitialized) {
    ENTER();
    host_wrap(GODOT_NIL, uninitialized, NULL);
}

void host_variant_destroy(godot_variant *variant) {
    ENTER();
    host_destroy(HOST_VARIANT, variant);
}

int32_t host_variant_get_type(const godot_variant *variant) {
    ENTER();
    return host_type_of(variant);
}

static void check_type(int32_t type) {
    if (type < 0 || type >= GODOT_VARIANT_TYPES) {
        host_fail("there is no type %d", type);
    }
}

godot_bool host_variant_can_convert_strict(int32_t from, int32_t to) {
    ENTER();
    check_type(from);
    check_type(to);
    return host_converts(from, to);
}

uint64_t host_variant_get_object_instance_id(const godot_variant *variant) {
    ENTER();
    uint64_t id = 0;
    if (host_type_of(variant) == GODOT_OBJECT) {
        memcpy(&id, host_inside(variant), sizeof id);
        id = host_id_in(id);
    }
    return id;
}
