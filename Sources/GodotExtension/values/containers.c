// SPDX-License-Identifier: MIT
#include "containers.h"

#include <string.h>

#include "../interface/interface.h"
#include "../interface/methods.h"
#include "text.h"
#include "types.h"

static void resize(godot_builtin_method method, void *container, size_t size) {
    const int64_t wanted = (int64_t)size;
    const void *const arguments[] = {&wanted};
    int64_t error = 0;
    method(container, arguments, &error, 1);
}

static void renew(int32_t type, void *container) {
    spsi_godot_destroy(type, container);
    spsi_godot_make(type, container);
}

void spsi_godot_set_array(godot_array *array, size_t count) {
    renew(GODOT_ARRAY, array);
    if (count > 0) {
        resize(godot_methods.array_resize, array, count);
    }
}

void spsi_godot_set_dictionary_array(godot_array *array, size_t count) {
    godot_string_name no_class;
    godot_variant no_script;
    renew(GODOT_ARRAY, array);
    spsi_godot_make_name(&no_class, "");
    godot.variant_new_nil(&no_script);
    godot.array_set_typed(array, GODOT_DICTIONARY, &no_class, &no_script);
    godot.variant_destroy(&no_script);
    spsi_godot_destroy_names(&no_class, 1);
    if (count > 0) {
        resize(godot_methods.array_resize, array, count);
    }
}

godot_variant *spsi_godot_at(godot_array *array, size_t index) {
    return godot.array_operator_index(array, (int64_t)index);
}

uint8_t *spsi_godot_set_bytes(godot_packed_array *array, size_t bytes) {
    size_t got;
    renew(GODOT_PACKED_BYTE_ARRAY, array);
    if (bytes > 0) {
        resize(godot_methods.packed_byte_array_resize, array, bytes);
    }
    spsi_godot_get_bytes(array, &got);
    return got > 0 && got == bytes ? godot.packed_byte_array_operator_index(array, 0) : NULL;
}

const uint8_t *spsi_godot_get_bytes(const godot_packed_array *array, size_t *out_bytes) {
    int64_t size = 0;
    godot_methods.packed_byte_array_size((void *)array, NULL, &size, 0);
    *out_bytes = (size_t)size;
    return size > 0 ? godot.packed_byte_array_operator_index_const(array, 0) : NULL;
}

void spsi_godot_set_strings(godot_packed_array *array, size_t count) {
    renew(GODOT_PACKED_STRING_ARRAY, array);
    if (count > 0) {
        resize(godot_methods.packed_string_array_resize, array, count);
    }
}

size_t spsi_godot_count_strings(const godot_packed_array *array) {
    int64_t size = 0;
    godot_methods.packed_string_array_size((void *)array, NULL, &size, 0);
    return (size_t)size;
}

godot_string *spsi_godot_string_at(godot_packed_array *array, size_t index) {
    return godot.packed_string_array_operator_index(array, (int64_t)index);
}

void spsi_godot_set_dictionary(godot_dictionary *dictionary) {
    renew(GODOT_DICTIONARY, dictionary);
}

void spsi_godot_put(godot_dictionary *dictionary, const char *key, int32_t type,
                    const void *value) {
    godot_variant name;
    spsi_godot_string_variant(&name, key, strlen(key));
    spsi_godot_set_variant(godot.dictionary_operator_index(dictionary, &name), type, value);
    godot.variant_destroy(&name);
}

void spsi_godot_put_int(godot_dictionary *dictionary, const char *key, int64_t value) {
    spsi_godot_put(dictionary, key, GODOT_INT, &value);
}

void spsi_godot_put_text(godot_dictionary *dictionary, const char *key, const char *text) {
    godot_string string;
    spsi_godot_make(GODOT_STRING, &string);
    spsi_godot_set_string(&string, text, strlen(text));
    spsi_godot_put(dictionary, key, GODOT_STRING, &string);
    spsi_godot_destroy(GODOT_STRING, &string);
}
