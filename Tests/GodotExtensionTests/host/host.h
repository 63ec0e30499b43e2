// SPDX-License-Identifier: MIT
//
// A small, strict stand-in for Godot. It implements what the extension asks for, checks every call,
// and fails at the first broken rule. A process has one, as it has one Godot.
#ifndef HOST_HOST_H
#define HOST_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "interface/gdextension.h"

// The entry of an extension.
typedef godot_bool (*host_entry)(godot_get_proc_address get_proc_address, godot_library *library,
                                 godot_initialization *initialization);

// Starts Godot 4.MINOR. One function or method of it can be missing, by name.
void host_start(int minor, const char *withheld);

// Makes the Godot that has started an editor. Otherwise it is a game, without that level.
void host_begin_editor(void);

// Loads an extension, and initializes all levels. False: its entry refused.
bool host_load(host_entry entry);

// Ends the levels, and then Godot. Every value, object and message must be gone.
void host_unload(void);
void host_stop(void);

// The level that Godot initializes now. It is negative while a level ends.
enum { HOST_NO_LEVEL = -100 };
int32_t host_level(void);
const godot_library *host_library(void);
int host_minor(void);
bool host_is_withheld(const char *name);

// Whether there is an enum "Class.Enum", or "Error"; and whether the number is one of its values.
bool host_has_enum(const char *name);
bool host_is_of_enum(const char *name, int64_t value);

#endif
