// SPDX-License-Identifier: MIT
//
// The two ways in which Godot calls a method. Both lead to its one implementation.
#ifndef SPS_GODOT_METHOD_H
#define SPS_GODOT_METHOD_H

#include "class.h"

// With values of the right types: a script whose types are known, C++ and other extensions.
void spsi_godot_ptrcall(void *method, void *instance, const void *const *arguments, void *result);

// With Variants: any script. It checks their count and types, and converts them.
void spsi_godot_call(void *method, void *instance, const godot_variant *const *arguments,
                     int64_t count, godot_variant *result, godot_call_error *error);

// Returns whether a method gives a value back.
bool spsi_godot_has_result(const struct spsi_godot_method *method);

// Makes a Variant of the value for an argument that is left out. The caller destroys it.
void spsi_godot_make_fallback(const struct spsi_godot_parameter *parameter,
                              godot_variant *uninitialized);

#endif
