// SPDX-License-Identifier: MIT
//
// Godot's strings and names as UTF-8, and back.
#ifndef SPS_GODOT_TEXT_H
#define SPS_GODOT_TEXT_H

#include "../interface/gdextension.h"

// A string as UTF-8. Short text needs no allocation.
struct spsi_godot_text {
    char *bytes; // NUL-terminated
    size_t length;
    char small[128];
};

// Copies a string out. The caller frees it with spsi_godot_free_text().
//
// Returns false without memory: the text is empty. A caller that refuses an empty text may ignore
//         the result.
bool spsi_godot_get_text(struct spsi_godot_text *text, const godot_string *string);

void spsi_godot_free_text(struct spsi_godot_text *text);

// Replaces the content of a string by UTF-8.
void spsi_godot_set_string(godot_string *string, const char *text, size_t bytes);

// Makes a Variant of UTF-8. The caller destroys it.
void spsi_godot_string_variant(godot_variant *uninitialized, const char *text, size_t bytes);

// Makes a name. The caller destroys it with spsi_godot_destroy_names().
void spsi_godot_make_name(godot_string_name *uninitialized, const char *text);

#endif
