// SPDX-License-Identifier: MIT
#include "host/registration.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/functions.h"
#include "host/host.h"
#include "host/report.h"
#include "host/strings.h"
#include "host/variants.h"

// ---- Checks

static void check_identifier(const char *kind, const char *name) {
    bool is_valid = name[0] != '\0' && !isdigit((unsigned char)name[0]);
    for (const char *c = name; *c != '\0'; c++) {
        is_valid = is_valid && (isalnum((unsigned char)*c) || *c == '_');
    }
    if (!is_valid || strlen(name) >= HOST_NAME_SIZE) {
        host_fail("the %s \"%s\" has no valid name", kind, name);
    }
}

static void check_library(const godot_library *library, int32_t level) {
    if (library != host_library()) {
        host_fail("this is not the library");
    }
    if (host_level() != level) {
        host_fail("Godot is at level %d, not %d", host_level(), level);
    }
}

// The class of the extension that gets a member.
static host_class *class_for(const godot_library *library, const godot_string_name *name) {
    check_library(library, GODOT_LEVEL_SCENE);
    host_class *class = host_class_named(host_text_of_name(name));
    if (!class->is_extension) {
        host_fail("the class \"%s\" is Godot's", class->name);
    }
    return class;
}

static bool fits(int type, int metadata) {
    enum { NONE = 0, FIRST_INT = 1, LAST_INT = 8, FLOAT = 9, DOUBLE = 10 };
    const bool is_int = metadata >= FIRST_INT && metadata <= LAST_INT;
    const bool is_real = metadata == FLOAT || metadata == DOUBLE;
    return metadata == NONE || (is_int && type == GODOT_INT) || (is_real && type == GODOT_FLOAT);
}

static void check_info(const host_info *info, bool is_result) {
    const bool is_enum = (info->usage & GODOT_USAGE_CLASS_IS_ENUM) != 0;
    const bool is_any = (info->usage & GODOT_USAGE_NIL_IS_VARIANT) != 0;
    if (!host_knows(info->type) || !fits(info->type, info->metadata)) {
        host_fail("\"%s\" has type %d and metadata %d", info->name, info->type, info->metadata);
    }
    if (is_enum && info->type != GODOT_INT) {
        host_fail("\"%s\" is an enum and no int", info->name);
    }
    if ((info->class_name[0] != '\0') != (info->type == GODOT_OBJECT || is_enum)) {
        host_fail("\"%s\" has class \"%s\" and type %d", info->name, info->class_name, info->type);
    }
    if (is_any != (info->type == GODOT_NIL)) {
        host_fail("\"%s\" has type %d and usage %u", info->name, info->type, info->usage);
    }
    if (!is_result) {
        check_identifier("argument", info->name);
    }
}

static host_info read_info(const godot_property_info *from, int metadata, bool is_result) {
    if (from == NULL) {
        host_fail("no info");
    }
    host_info info = {.type = from->type, .hint = from->hint, .usage = from->usage};
    info.metadata = metadata;
    snprintf(info.name, sizeof info.name, "%s", host_text_of_name(from->name));
    snprintf(info.class_name, sizeof info.class_name, "%s", host_text_of_name(from->class_name));
    snprintf(info.hint_text, sizeof info.hint_text, "%s", host_text_of(from->hint_string));
    check_info(&info, is_result);
    return info;
}

static host_info *read_infos(const godot_property_info *from, const int32_t *metadata,
                             size_t count) {
    host_info *infos = calloc(count > 0 ? count : 1, sizeof infos[0]);
    if (infos == NULL || (count > 0 && from == NULL)) {
        host_fail("no infos of %zu arguments", count);
    }
    for (size_t i = 0; i < count; i++) {
        infos[i] = read_info(&from[i], metadata != NULL ? metadata[i] : 0, false);
    }
    return infos;
}

static void check_bool(const char *what, godot_bool value) {
    if (value > 1) {
        host_fail("%s is %d, and no bool", what, value);
    }
}

// Makes room for one more item, and returns it.
#define ADD(list)                                                                                  \
    ((list).items = grow((list).items, ((list).count + 1) * sizeof(list).items[0]),                \
     &(list).items[(list).count++])

static void *grow(void *items, size_t size) {
    items = realloc(items, size);
    if (items == NULL) {
        abort();
    }
    return items;
}

// ---- Classes

static void check_class_info(const godot_class_info *info) {
    if (info == NULL || info->free_instance_func == NULL) {
        host_fail("free_instance_func is missing");
    }
    if (!info->is_abstract && info->create_instance_func == NULL) {
        host_fail("create_instance_func is missing");
    }
    check_bool("is_virtual", info->is_virtual);
    check_bool("is_abstract", info->is_abstract);
    check_bool("is_exposed", info->is_exposed);
    check_bool("is_runtime", info->is_runtime);
    if (info->icon_path != NULL) {
        host_text_of(info->icon_path);
    }
    if (info->set_func != NULL || info->get_func != NULL || info->get_property_list_func != NULL ||
        info->free_property_list_func != NULL || info->property_can_revert_func != NULL ||
        info->property_get_revert_func != NULL || info->validate_property_func != NULL ||
        info->to_string_func != NULL || info->reference_func != NULL ||
        info->unreference_func != NULL || info->get_virtual_call_data_func != NULL ||
        info->call_virtual_with_data_func != NULL) {
        host_fail("a callback that the host never calls");
    }
}

void host_classdb_register_extension_class4(godot_library *library,
                                            const godot_string_name *class_name,
                                            const godot_string_name *parent,
                                            const godot_class_info *info) {
    ENTER();
    check_library(library, GODOT_LEVEL_SCENE);
    const char *name = host_text_of_name(class_name);
    check_identifier("class", name);
    check_class_info(info);
    if (host_find_class(name) != NULL) {
        host_fail("the class \"%s\" is registered twice", name);
    }
    host_class *class = host_add_class(name, host_class_named(host_text_of_name(parent)));
    class->is_extension = true;
    class->info = *info;
}

void host_classdb_unregister_extension_class(godot_library *library,
                                             const godot_string_name *class_name) {
    ENTER();
    check_library(library, -GODOT_LEVEL_SCENE);
    host_class *class = host_class_named(host_text_of_name(class_name));
    if (!class->is_extension) {
        host_fail("the class \"%s\" is Godot's", class->name);
    }
    if (class->children > 0) {
        host_fail("other classes inherit from \"%s\"", class->name);
    }
    if (class->instances > 0) {
        host_fail("there are %d instances of \"%s\"", class->instances, class->name);
    }
    class->parent->children--;
    class->is_registered = false;
    host_free_members(class);
}

// ---- Methods

static void read_defaults(host_method *method, const godot_method_info *info) {
    method->default_count = info->default_argument_count;
    if (method->default_count > method->argument_count) {
        host_fail("%s() has more defaults than arguments", method->name);
    }
    method->defaults = calloc(method->default_count + 1, sizeof method->defaults[0]);
    for (size_t i = 0; i < method->default_count; i++) {
        const host_info *argument =
            &method->arguments[method->argument_count - method->default_count + i];
        const int type = host_type_of(info->default_arguments[i]);
        if (!host_converts(type, argument->type)) {
            host_fail("%s(): the default of \"%s\" is a %s", method->name, argument->name,
                      host_type_name(type));
        }
        host_copy(HOST_VARIANT, method->defaults[i], info->default_arguments[i]);
        host_find_own(HOST_VARIANT, method->defaults[i])->is_part = true;
    }
}

static void check_new(const host_class *class, const char *name) {
    check_identifier("member", name);
    for (size_t i = 0; i < class->methods.count; i++) {
        if (strcmp(class->methods.items[i].name, name) == 0) {
            host_fail("%s.%s() is registered twice", class->name, name);
        }
    }
}

void host_classdb_register_extension_class_method(godot_library *library,
                                                  const godot_string_name *class_name,
                                                  const godot_method_info *info) {
    ENTER();
    const uint32_t flags = GODOT_METHOD_NORMAL | GODOT_METHOD_CONST | GODOT_METHOD_STATIC;
    host_class *class = class_for(library, class_name);
    const char *name = host_text_of_name(info->name);
    check_new(class, name);
    check_bool("has_return_value", info->has_return_value);
    if (info->call_func == NULL || info->ptrcall_func == NULL) {
        host_fail("%s() lacks a call convention", name);
    }
    if ((info->method_flags & ~flags) != 0 || (info->method_flags & GODOT_METHOD_NORMAL) == 0) {
        host_fail("%s() has flags %u", name, info->method_flags);
    }
    host_method method = {.class = class,
                          .userdata = info->method_userdata,
                          .call = info->call_func,
                          .ptrcall = info->ptrcall_func,
                          .flags = info->method_flags,
                          .has_result = info->has_return_value,
                          .argument_count = info->argument_count};
    snprintf(method.name, sizeof method.name, "%s", name);
    if (method.has_result) {
        method.result = read_info(info->return_value_info, info->return_value_metadata, true);
    }
    if (info->argument_count > 0 && info->arguments_metadata == NULL) {
        host_fail("%s() has no metadata of its arguments", name);
    }
    method.arguments =
        read_infos(info->arguments_info, info->arguments_metadata, info->argument_count);
    read_defaults(&method, info);
    *ADD(class->methods) = method;
}

// ---- Constants, properties, signals

void host_classdb_register_extension_class_integer_constant(godot_library *library,
                                                            const godot_string_name *class_name,
                                                            const godot_string_name *enum_name,
                                                            const godot_string_name *constant,
                                                            int64_t value, godot_bool is_bitfield) {
    ENTER();
    host_class *class = class_for(library, class_name);
    host_constant row = {.value = value, .is_bitfield = is_bitfield};
    check_bool("is_bitfield", is_bitfield);
    snprintf(row.enumeration, sizeof row.enumeration, "%s", host_text_of_name(enum_name));
    snprintf(row.name, sizeof row.name, "%s", host_text_of_name(constant));
    check_identifier("constant", row.name);
    for (size_t i = 0; i < class->constants.count; i++) {
        if (strcmp(class->constants.items[i].name, row.name) == 0) {
            host_fail("the constant \"%s\" is registered twice", row.name);
        }
    }
    *ADD(class->constants) = row;
}

static void check_accessor(host_class *class, const char *name, size_t arguments,
                           const host_info *info) {
    const host_method *method = host_find_method(class, name);
    if (method == NULL || method->argument_count != arguments ||
        method->has_result != (arguments == 0)) {
        host_fail("\"%s\": %s() is no getter or setter", info->name, name);
    }
    const host_info *value = arguments == 0 ? &method->result : &method->arguments[0];
    if (value->type != info->type || strcmp(value->class_name, info->class_name) != 0) {
        host_fail("\"%s\": %s() has another type", info->name, name);
    }
}

void host_classdb_register_extension_class_property(godot_library *library,
                                                    const godot_string_name *class_name,
                                                    const godot_property_info *info,
                                                    const godot_string_name *setter,
                                                    const godot_string_name *getter) {
    ENTER();
    host_class *class = class_for(library, class_name);
    host_property property = {.info = read_info(info, 0, false)};
    snprintf(property.setter, sizeof property.setter, "%s", host_text_of_name(setter));
    snprintf(property.getter, sizeof property.getter, "%s", host_text_of_name(getter));
    if (property.setter[0] != '\0') {
        check_accessor(class, property.setter, 1, &property.info);
    }
    check_accessor(class, property.getter, 0, &property.info);
    for (size_t i = 0; i < class->properties.count; i++) {
        if (strcmp(class->properties.items[i].info.name, property.info.name) == 0) {
            host_fail("the property \"%s\" is registered twice", property.info.name);
        }
    }
    *ADD(class->properties) = property;
}

void host_classdb_register_extension_class_signal(godot_library *library,
                                                  const godot_string_name *class_name,
                                                  const godot_string_name *signal,
                                                  const godot_property_info *arguments,
                                                  int64_t count) {
    ENTER();
    host_class *class = class_for(library, class_name);
    const char *name = host_text_of_name(signal);
    check_identifier("signal", name);
    if (count < 0 || host_find_signal(class, name) != NULL) {
        host_fail("the signal \"%s\" is registered twice, or has %lld arguments", name,
                  (long long)count);
    }
    host_signal row = {.argument_count = (size_t)count};
    snprintf(row.name, sizeof row.name, "%s", name);
    row.arguments = read_infos(arguments, NULL, row.argument_count);
    *ADD(class->signals) = row;
}

// ---- What must be known in the end

static void check_class_name(const host_class *class, const char *member, const host_info *info) {
    if (info->class_name[0] == '\0') {
        return;
    }
    if (info->type == GODOT_OBJECT && host_find_class(info->class_name) == NULL) {
        host_fail("%s.%s: there is no class \"%s\"", class->name, member, info->class_name);
    }
    if (info->type == GODOT_INT && !host_has_enum(info->class_name)) {
        host_fail("%s.%s: there is no enum \"%s\"", class->name, member, info->class_name);
    }
}

static void check_members(const host_class *class) {
    for (size_t i = 0; i < class->methods.count; i++) {
        const host_method *method = &class->methods.items[i];
        if (method->has_result) {
            check_class_name(class, method->name, &method->result);
        }
        for (size_t j = 0; j < method->argument_count; j++) {
            check_class_name(class, method->name, &method->arguments[j]);
        }
    }
    for (size_t i = 0; i < class->signals.count; i++) {
        const host_signal *signal = &class->signals.items[i];
        for (size_t j = 0; j < signal->argument_count; j++) {
            check_class_name(class, signal->name, &signal->arguments[j]);
        }
    }
}

void host_check_classes(void) {
    const host_class *class;
    for (size_t i = 0; (class = host_class_at(i)) != NULL; i++) {
        check_members(class);
    }
}
