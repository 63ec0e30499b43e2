// SPDX-License-Identifier: MIT
#include "interface.h"

#include <stdio.h>

struct godot godot;

void spsi_godot_print_error(const char *description, const char *message, const char *function) {
    godot.print_error_with_message(description, message, function, "StreamPeerSocket", 0, true);
}

void spsi_godot_destroy_names(godot_string_name *names, size_t count) {
    static godot_destructor destroy;
    if (destroy == NULL) {
        destroy = godot.variant_get_ptr_destructor(GODOT_STRING_NAME);
    }
    for (size_t i = 0; i < count; i++) {
        destroy(&names[i]);
    }
}

static void print_missing(const char *name) {
    char text[160];
    snprintf(text, sizeof text, "This Godot has no function \"%s\". It needs to be 4.4 or later.",
             name);
    if (godot.print_error_with_message != NULL) {
        spsi_godot_print_error("StreamPeerSocket cannot be loaded.", text, __func__);
    }
}

bool spsi_godot_fetch_interface(godot_get_proc_address get_proc_address) {
    bool complete = true;
#define GODOT_FETCH(result, name, parameters)                                                      \
    godot.name = (result(*) parameters)get_proc_address(#name);                                    \
    if (godot.name == NULL) {                                                                      \
        print_missing(#name);                                                                      \
        complete = false;                                                                          \
    }
    GODOT_FUNCTIONS(GODOT_FETCH)
#undef GODOT_FETCH
#define GODOT_FETCH(result, name, parameters)                                                      \
    godot.name = (result(*) parameters)get_proc_address(#name);
    GODOT_OPTIONAL_FUNCTIONS(GODOT_FETCH)
#undef GODOT_FETCH
    return complete;
}
