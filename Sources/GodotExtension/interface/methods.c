// SPDX-License-Identifier: MIT
#include "methods.h"

#include <stdio.h>

#include "interface.h"

struct godot_methods godot_methods;

// Prints an error unless a method was found.
static bool check(bool is_found, const char *owner, const char *name) {
    if (!is_found) {
        char text[160];
        snprintf(text, sizeof text, "This Godot has no method \"%s%s\" as Godot 4.4 has it.", owner,
                 name);
        spsi_godot_print_error("StreamPeerSocket cannot be loaded.", text, __func__);
    }
    return is_found;
}

static const godot_method_bind *find_method(const char *class_name, const char *name,
                                            int64_t hash) {
    godot_string_name names[2];
    godot.string_name_new_with_utf8_chars(&names[0], class_name);
    godot.string_name_new_with_utf8_chars(&names[1], name);
    const godot_method_bind *found = godot.classdb_get_method_bind(&names[0], &names[1], hash);
    spsi_godot_destroy_names(names, 2);
    return found;
}

static godot_builtin_method find_builtin(int32_t type, const char *name, int64_t hash) {
    godot_string_name method;
    godot.string_name_new_with_utf8_chars(&method, name);
    const godot_builtin_method found = godot.variant_get_ptr_builtin_method(type, &method, hash);
    spsi_godot_destroy_names(&method, 1);
    return found;
}

static godot_utility_function find_utility(const char *name, int64_t hash) {
    godot_string_name function;
    godot.string_name_new_with_utf8_chars(&function, name);
    const godot_utility_function found = godot.variant_get_ptr_utility_function(&function, hash);
    spsi_godot_destroy_names(&function, 1);
    return found;
}

#define FETCH_METHOD(member, class_name, name, hash)                                               \
    godot_methods.member = find_method(class_name, name, hash);                                    \
    complete &= check(godot_methods.member != NULL, class_name ".", name);

bool spsi_godot_fetch_methods(void) {
    bool complete = true;
    GODOT_METHODS(FETCH_METHOD)
#define GODOT_FETCH(member, type, name, hash)                                                      \
    godot_methods.member = find_builtin(type, name, hash);                                         \
    complete &= check(godot_methods.member != NULL, "", #member);
    GODOT_BUILTIN_METHODS(GODOT_FETCH)
#undef GODOT_FETCH
#define GODOT_FETCH(member, hash)                                                                  \
    godot_methods.member = find_utility(#member, hash);                                            \
    complete &= check(godot_methods.member != NULL, "", #member);
    GODOT_UTILITIES(GODOT_FETCH)
#undef GODOT_FETCH
    return complete;
}

bool spsi_godot_fetch_scene_methods(void) {
    bool complete = true;
    GODOT_SCENE_METHODS(FETCH_METHOD)
    return complete;
}
