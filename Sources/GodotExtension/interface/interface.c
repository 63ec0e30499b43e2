/* SPDX-License-Identifier: MIT */
#include "interface.h"

#include <stdio.h>

struct godot godot;

static void print_missing(const char *name) {
    char text[160];
    snprintf(text, sizeof text, "This Godot has no function \"%s\". It needs to be 4.4 or later.",
             name);
    if (godot.print_error_with_message != NULL)
        godot.print_error_with_message("StreamPeerSocket cannot be loaded.", text, __func__,
                                       __FILE__, __LINE__, true);
}

bool sps_godot_fetch_interface(godot_get_proc_address get_proc_address) {
    bool complete = true;
#define GODOT_FETCH(result, name, parameters)                                                      \
    godot.name = (result(*) parameters)get_proc_address(#name);                                    \
    if (godot.name == NULL) {                                                                      \
        print_missing(#name);                                                                      \
        complete = false;                                                                          \
    }
    GODOT_FUNCTIONS(GODOT_FETCH)
#undef GODOT_FETCH
    return complete;
}
