// SPDX-License-Identifier: MIT
//
// Godot's arrays and dictionaries. Each call that fills a container replaces its content, and the
// caller keeps the container.
#ifndef SPS_GODOT_CONTAINERS_H
#define SPS_GODOT_CONTAINERS_H

#include "../interface/gdextension.h"

// A new, unshared array of nulls in place of the old one.
void spsi_godot_set_array(godot_array *array, size_t count);

// spsi_godot_set_array() for an array that Godot lets hold dictionaries alone.
void spsi_godot_set_dictionary_array(godot_array *array, size_t count);

// Returns an element. It stays valid until the array changes.
godot_variant *spsi_godot_at(godot_array *array, size_t index);

// A new array of bytes in place of the old one.
//
// Returns its memory, for the caller to fill. NULL if it is empty or there is no memory.
uint8_t *spsi_godot_set_bytes(godot_packed_array *array, size_t bytes);

// Returns the bytes of an array, or NULL if there are none.
const uint8_t *spsi_godot_get_bytes(const godot_packed_array *array, size_t *out_bytes);

// A new array of empty strings in place of the old one.
void spsi_godot_set_strings(godot_packed_array *array, size_t count);

// Returns how many strings an array has.
size_t spsi_godot_count_strings(const godot_packed_array *array);

// Returns an element. It stays valid until the array changes.
godot_string *spsi_godot_string_at(godot_packed_array *array, size_t index);

// A new, unshared dictionary in place of the old one.
void spsi_godot_set_dictionary(godot_dictionary *dictionary);

// Each puts one value under a key that is a String.
void spsi_godot_put(godot_dictionary *dictionary, const char *key, int32_t type, const void *value);
void spsi_godot_put_int(godot_dictionary *dictionary, const char *key, int64_t value);
void spsi_godot_put_text(godot_dictionary *dictionary, const char *key, const char *text);

#endif
