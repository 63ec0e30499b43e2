// SPDX-License-Identifier: MIT
//
// Makes and destroys values of Godot's types, and converts them from and to Variants.
#ifndef SPS_GODOT_TYPES_H
#define SPS_GODOT_TYPES_H

#include "../interface/gdextension.h"

// Memory for one value of any type that this extension uses, outside of a Variant.
union spsi_godot_value {
    godot_bool boolean;
    int64_t integer;
    double real;
    godot_string string;
    godot_string_name name;
    godot_object *object;
    godot_array array;
    godot_dictionary dictionary;
    godot_packed_array packed;
    godot_variant variant;
};

// Fetches Godot's functions for each type, after the interface.
void spsi_godot_fetch_types(void);

// Makes an empty value. The caller destroys it with spsi_godot_destroy().
void spsi_godot_make(int32_t type, void *uninitialized);

// Destroys a value. Types without memory of their own need it not, but may use it.
void spsi_godot_destroy(int32_t type, void *value);

// Makes a value of a Variant, which Godot converts if it can. The caller destroys it. A freed
// object becomes NULL.
void spsi_godot_from_variant(int32_t type, void *uninitialized, const godot_variant *variant);

// Makes a Variant of a value, which the caller keeps. The caller destroys the Variant.
void spsi_godot_to_variant(int32_t type, void *value, godot_variant *uninitialized);

// Replaces the content of a Variant. The caller keeps the value.
void spsi_godot_set_variant(godot_variant *variant, int32_t type, const void *value);

#endif
