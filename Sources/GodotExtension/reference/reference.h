// SPDX-License-Identifier: MIT
//
// The class reference: the files of doc_classes/, as parts of this library.
#ifndef SPS_GODOT_REFERENCE_H
#define SPS_GODOT_REFERENCE_H

#include <stddef.h>

// The texts of the files, and NULL after the last one. The build makes them: EmbedPages.cmake.
extern const char *const spsi_godot_pages[];

// Gives every page to Godot's editor. Only the level EDITOR may call it: games have no editor.
void spsi_godot_load_reference(void);

#endif
