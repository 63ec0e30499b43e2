// SPDX-License-Identifier: MIT
#include "types.h"

#include <string.h>

#include "../interface/interface.h"

static struct {
    godot_constructor construct; // NULL: the empty value has no memory of its own
    godot_destructor destroy;    // NULL: no value has
    godot_type_from_variant from_variant;
    godot_variant_from_type to_variant;
} types[GODOT_VARIANT_TYPES];

void spsi_godot_fetch_types(void) {
    static const int32_t used[] = {GODOT_BOOL,
                                   GODOT_INT,
                                   GODOT_FLOAT,
                                   GODOT_STRING,
                                   GODOT_STRING_NAME,
                                   GODOT_OBJECT,
                                   GODOT_DICTIONARY,
                                   GODOT_ARRAY,
                                   GODOT_PACKED_BYTE_ARRAY,
                                   GODOT_PACKED_STRING_ARRAY};
    for (size_t i = 0; i < sizeof used / sizeof *used; i++) {
        const int32_t type = used[i];
        types[type].from_variant = godot.get_variant_to_type_constructor(type);
        types[type].to_variant = godot.get_variant_from_type_constructor(type);
        types[type].destroy = godot.variant_get_ptr_destructor(type);
        if (types[type].destroy != NULL) {
            types[type].construct = godot.variant_get_ptr_constructor(type, 0);
        }
    }
}

void spsi_godot_make(int32_t type, void *uninitialized) {
    if (type == GODOT_NIL) {
        godot.variant_new_nil(uninitialized);
    } else if (types[type].construct != NULL) {
        types[type].construct(uninitialized, NULL);
    } else {
        memset(uninitialized, 0, sizeof(int64_t));
    }
}

void spsi_godot_destroy(int32_t type, void *value) {
    if (type == GODOT_NIL) {
        godot.variant_destroy(value);
    } else if (types[type].destroy != NULL) {
        types[type].destroy(value);
    }
}

void spsi_godot_from_variant(int32_t type, void *uninitialized, const godot_variant *variant) {
    if (type == GODOT_NIL) {
        godot.variant_new_copy(uninitialized, variant);
        return;
    }
    if (type == GODOT_OBJECT) { // a Variant may point to an object that has been freed
        *(godot_object **)uninitialized =
            godot.object_get_instance_from_id(godot.variant_get_object_instance_id(variant));
        return;
    }
    // Godot only reads the Variant, but its declaration does not say so.
    types[type].from_variant(uninitialized, (godot_variant *)variant);
}

void spsi_godot_to_variant(int32_t type, void *value, godot_variant *uninitialized) {
    if (type == GODOT_NIL) {
        godot.variant_new_copy(uninitialized, value);
    } else {
        types[type].to_variant(uninitialized, value);
    }
}

void spsi_godot_set_variant(godot_variant *variant, int32_t type, const void *value) {
    godot.variant_destroy(variant);
    spsi_godot_to_variant(type, (void *)value, variant);
}
