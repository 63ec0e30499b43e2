// SPDX-License-Identifier: MIT
#include "reference.h"

#include "../interface/interface.h"

void spsi_godot_load_reference(void) {
    if (godot.editor_help_load_xml_from_utf8_chars == NULL) {
        return;
    }
    for (const char *const *page = spsi_godot_pages; *page != NULL; page++) {
        godot.editor_help_load_xml_from_utf8_chars(*page);
    }
}
