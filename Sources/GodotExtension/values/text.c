// SPDX-License-Identifier: MIT
#include "text.h"

#include <stdlib.h>

#include "../interface/interface.h"
#include "types.h"

bool spsi_godot_get_text(struct spsi_godot_text *text, const godot_string *string) {
    const int64_t length = godot.string_to_utf8_chars(string, NULL, 0);
    text->length = length > 0 ? (size_t)length : 0;
    text->bytes = text->small;
    if (text->length >= sizeof text->small) {
        text->bytes = malloc(text->length + 1);
        if (text->bytes == NULL) {
            text->bytes = text->small;
            text->length = 0;
            text->small[0] = '\0';
            return false;
        }
    }
    if (text->length > 0) {
        godot.string_to_utf8_chars(string, text->bytes, length);
    }
    text->bytes[text->length] = '\0';
    return true;
}

void spsi_godot_free_text(struct spsi_godot_text *text) {
    if (text->bytes != text->small) {
        free(text->bytes);
    }
}

void spsi_godot_set_string(godot_string *string, const char *text, size_t bytes) {
    spsi_godot_destroy(GODOT_STRING, string);
    godot.string_new_with_utf8_chars_and_len2(string, bytes > 0 ? text : "", (int64_t)bytes);
}

void spsi_godot_string_variant(godot_variant *uninitialized, const char *text, size_t bytes) {
    godot_string string;
    godot.string_new_with_utf8_chars_and_len2(&string, bytes > 0 ? text : "", (int64_t)bytes);
    spsi_godot_to_variant(GODOT_STRING, &string, uninitialized);
    spsi_godot_destroy(GODOT_STRING, &string);
}

void spsi_godot_make_name(godot_string_name *uninitialized, const char *text) {
    godot.string_name_new_with_utf8_chars(uninitialized, text);
}
