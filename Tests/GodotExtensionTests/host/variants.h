// SPDX-License-Identifier: MIT
//
// Variants: 24 bytes that own a value of any type.
#ifndef HOST_VARIANTS_H
#define HOST_VARIANTS_H

#include "host/values.h"

void host_copy_variant(int kind, void *place, const void *source);
void host_destroy_variant(int kind, void *place);

// Makes a Variant that holds a copy of a value of this type.
void host_wrap(int type, void *place, const void *source);

// Makes a value of this type of what a Variant holds, converted if Godot converts it.
void host_unwrap(int type, void *place, const void *variant);

int host_type_of(const void *variant);
const void *host_inside(const void *variant);
bool host_are_equal(const void *a, const void *b);

// The text in a Variant of a String or a StringName, or an empty text.
const char *host_text_in(const void *variant);

// Whether Godot converts a type to the other in a call.
bool host_converts(int from, int to);

#endif
