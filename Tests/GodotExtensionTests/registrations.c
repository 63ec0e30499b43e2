// SPDX-License-Identifier: MIT
//
// Prints what the extension registers, and the class reference that it gives to the editor, as
// JSON. Tests/SystemTests/test_godot_addon.py compares both.
#include <dlfcn.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/classes.h"
#include "host/editor.h"
#include "host/host.h"
#include "host/strings.h"
#include "host/variants.h"

// A type as Godot's documentation writes it: an object's class, or an enum with the type "int".
static void add_type(json_t *row, const host_info *info, bool is_there) {
    const bool is_enum = (info->usage & GODOT_USAGE_CLASS_IS_ENUM) != 0;
    char array[160];
    const char *type = host_type_name(info->type);
    if (!is_there) {
        type = "void";
    } else if (info->type == GODOT_NIL) {
        type = "Variant";
    } else if (info->type == GODOT_ARRAY && info->hint_text[0] != '\0') {
        snprintf(array, sizeof array, "%s[]", info->hint_text);
        type = array;
    } else if (info->class_name[0] != '\0' && !is_enum) {
        type = info->class_name;
    }
    json_object_set_new(row, "type", json_string(type));
    if (is_enum) {
        json_object_set_new(row, "enum", json_string(info->class_name));
    }
}

static json_t *describe_default(const void *variant) {
    char text[128] = "null";
    int64_t number;
    memcpy(&number, host_inside(variant), sizeof number);
    switch (host_type_of(variant)) {
    case GODOT_BOOL:
        snprintf(text, sizeof text, "%s", (number & 0xFF) != 0 ? "true" : "false");
        break;
    case GODOT_INT:
        snprintf(text, sizeof text, "%lld", (long long)number);
        break;
    case GODOT_STRING:
        snprintf(text, sizeof text, "\"%s\"", host_text_in(variant));
        break;
    }
    return json_string(text);
}

static json_t *describe_arguments(const host_info *arguments, size_t count) {
    json_t *rows = json_array();
    for (size_t i = 0; i < count; i++) {
        json_t *row = json_pack("{s:s}", "name", arguments[i].name);
        add_type(row, &arguments[i], true);
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *describe_method(const host_method *method) {
    json_t *row = json_pack("{s:s}", "name", method->name);
    json_t *arguments = describe_arguments(method->arguments, method->argument_count);
    const size_t required = method->argument_count - method->default_count;
    const bool is_const = (method->flags & GODOT_METHOD_CONST) != 0;
    for (size_t i = 0; i < method->default_count; i++) {
        json_object_set_new(json_array_get(arguments, required + i), "default",
                            describe_default(method->defaults[i]));
    }
    json_t *result = json_object();
    add_type(result, &method->result, method->has_result);
    json_object_set_new(row, "return", result);
    json_object_set_new(row, "qualifiers", json_string(is_const ? "const" : ""));
    json_object_set_new(row, "params", arguments);
    return row;
}

static json_t *describe_class(const host_class *class) {
    json_t *methods = json_array(), *members = json_array(), *signals = json_array(),
           *constants = json_array();
    for (size_t i = 0; i < class->methods.count; i++) {
        json_array_append_new(methods, describe_method(&class->methods.items[i]));
    }
    for (size_t i = 0; i < class->properties.count; i++) {
        const host_property *property = &class->properties.items[i];
        json_t *row = json_pack("{s:s, s:s, s:s}", "name", property->info.name, "setter",
                                property->setter, "getter", property->getter);
        add_type(row, &property->info, true);
        json_array_append_new(members, row);
    }
    for (size_t i = 0; i < class->signals.count; i++) {
        const host_signal *signal = &class->signals.items[i];
        json_array_append_new(
            signals, json_pack("{s:s, s:o}", "name", signal->name, "params",
                               describe_arguments(signal->arguments, signal->argument_count)));
    }
    for (size_t i = 0; i < class->constants.count; i++) {
        const host_constant *constant = &class->constants.items[i];
        json_array_append_new(constants, json_pack("{s:s, s:I, s:s}", "name", constant->name,
                                                   "value", (json_int_t)constant->value, "enum",
                                                   constant->enumeration));
    }
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "name", class->name, "inherits",
                     class->parent->name, "methods", methods, "members", members, "signals",
                     signals, "constants", constants);
}

static host_entry find_entry(void) {
    host_entry entry = NULL;
    void *library = dlopen(EXTENSION_FILE, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library != NULL ? dlsym(library, EXTENSION_ENTRY) : NULL;
    memcpy(&entry, &symbol, sizeof entry);
    return entry;
}

int main(void) {
    const host_entry entry = find_entry();
    const host_class *class;
    const char *page;
    if (entry == NULL) {
        fprintf(stderr, "%s\n", dlerror());
        return EXIT_FAILURE;
    }
    host_start(6, NULL);
    host_begin_editor();
    if (!host_load(entry)) {
        return EXIT_FAILURE;
    }
    json_t *classes = json_array(), *pages = json_array();
    for (size_t i = 0; (class = host_class_at(i)) != NULL; i++) {
        if (class->is_extension) {
            json_array_append_new(classes, describe_class(class));
        }
    }
    for (size_t i = 0; (page = host_page(i)) != NULL; i++) {
        json_array_append_new(pages, json_string(page));
    }
    json_t *all = json_pack("{s:o, s:o}", "classes", classes, "pages", pages);
    json_dumpf(all, stdout, JSON_INDENT(1));
    json_decref(all);
    host_unload();
    host_stop();
    return EXIT_SUCCESS;
}
