// SPDX-License-Identifier: MIT
//
// Godot's methods that this extension calls. Each has the name and the hash of its signature, as
// `godot --dump-extension-api` writes them. A hash is the same in Godot 4.4 to 4.7.
#ifndef SPS_GODOT_METHODS_H
#define SPS_GODOT_METHODS_H

#include "gdextension.h"

// X(member, class, method, hash) for each method of a class of Godot's core.
#define GODOT_METHODS(X)                                                                           \
    X(emit_signal, "Object", "emit_signal", 4047867050)                                            \
    X(notification, "Object", "notification", 4023243586)                                          \
    X(is_big_endian_enabled, "StreamPeer", "is_big_endian_enabled", 36873697)

// GODOT_METHODS of classes that Godot has from GODOT_LEVEL_SCENE on.
#define GODOT_SCENE_METHODS(X) X(set_process_internal, "Node", "set_process_internal", 2586408642)

// X(member, type, method, hash) for each method of a type that is no class.
#define GODOT_BUILTIN_METHODS(X)                                                                   \
    X(array_resize, GODOT_ARRAY, "resize", 848867239)                                              \
    X(packed_byte_array_resize, GODOT_PACKED_BYTE_ARRAY, "resize", 848867239)                      \
    X(packed_byte_array_size, GODOT_PACKED_BYTE_ARRAY, "size", 3173160232)                         \
    X(packed_string_array_resize, GODOT_PACKED_STRING_ARRAY, "resize", 848867239)                  \
    X(packed_string_array_size, GODOT_PACKED_STRING_ARRAY, "size", 3173160232)

// X(member, hash) for each function of Godot's `@GlobalScope`.
#define GODOT_UTILITIES(X)                                                                         \
    X(bytes_to_var, 4249819452)                                                                    \
    X(bytes_to_var_with_objects, 4249819452)                                                       \
    X(var_to_bytes, 2947269930)                                                                    \
    X(var_to_bytes_with_objects, 2947269930)

struct godot_methods {
#define GODOT_MEMBER(member, ...) const godot_method_bind *member;
    GODOT_METHODS(GODOT_MEMBER)
    GODOT_SCENE_METHODS(GODOT_MEMBER)
#undef GODOT_MEMBER
#define GODOT_MEMBER(member, ...) godot_builtin_method member;
    GODOT_BUILTIN_METHODS(GODOT_MEMBER)
#undef GODOT_MEMBER
#define GODOT_MEMBER(member, ...) godot_utility_function member;
    GODOT_UTILITIES(GODOT_MEMBER)
#undef GODOT_MEMBER
};

// The methods of the Godot that loaded this extension.
extern struct godot_methods godot_methods;

// Fetches every method, after the interface. If one is missing, it prints an error that names the
// method, and returns false. The second call fetches those of GODOT_SCENE_METHODS.
bool spsi_godot_fetch_methods(void);
bool spsi_godot_fetch_scene_methods(void);

#endif
