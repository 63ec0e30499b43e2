// SPDX-License-Identifier: MIT
#include "host/calls.h"

#include <stdlib.h>
#include <string.h>

#include "host/containers.h"
#include "host/host.h"
#include "host/report.h"
#include "host/strings.h"
#include "host/variants.h"

enum { MOST_ARGUMENTS = 16, UNWRITTEN = 0xA5 };

// ---- Checks of results

static void check_object(const char *owner, const host_info *info, const void *payload) {
    godot_object *pointer;
    memcpy(&pointer, payload, sizeof pointer);
    if (pointer != NULL && !host_inherits(host_object_of(pointer)->class, info->class_name)) {
        host_fail("%s: a %s is no %s", owner, host_object_of(pointer)->class->name,
                  info->class_name);
    }
}

static void check_enum(const char *owner, const host_info *info, const void *payload) {
    int64_t value;
    memcpy(&value, payload, sizeof value);
    if (info->class_name[0] != '\0' && !host_is_of_enum(info->class_name, value)) {
        host_fail("%s: %lld is not of %s", owner, (long long)value, info->class_name);
    }
}

void host_check_value(const char *owner, const host_info *info, const void *variant) {
    const int type = host_type_of(variant);
    const bool is_any = (info->usage & GODOT_USAGE_NIL_IS_VARIANT) != 0;
    const bool is_null = info->type == GODOT_OBJECT && type == GODOT_NIL;
    if (type != info->type && !is_any && !is_null) {
        host_fail("%s: a %s is no %s", owner, host_type_name(type), host_type_name(info->type));
    }
    if (type == GODOT_OBJECT && info->type == GODOT_OBJECT) {
        check_object(owner, info, host_inside(variant));
    }
    if (type == GODOT_INT && info->type == GODOT_INT) {
        check_enum(owner, info, host_inside(variant));
    }
    if (type == GODOT_ARRAY) {
        host_check_array(host_inside(variant));
    }
}

static void check_result(const host_method *method, const void *variant) {
    static const host_info nothing = {.type = GODOT_NIL};
    host_check_value(method->name, method->has_result ? &method->result : &nothing, variant);
}

static void check_error(const host_method *method, const godot_call_error *error,
                        const void *result) {
    if (error->error < GODOT_CALL_OK || error->error > GODOT_CALL_INSTANCE_IS_NULL + 1) {
        host_fail("%s() answers CallError %d", method->name, error->error);
    }
    if (error->error != GODOT_CALL_OK && host_type_of(result) != GODOT_NIL) {
        host_fail("%s() has a result and a CallError", method->name);
    }
}

// ---- By Variants

static void *block_of(size_t size, const void *contents) {
    void *block = malloc(size > 0 ? size : 1);
    if (block == NULL) {
        abort();
    }
    if (contents != NULL) {
        memcpy(block, contents, size);
    }
    return block;
}

static void *instance_for(const host_object *object, const host_method *method) {
    return (method->flags & GODOT_METHOD_STATIC) != 0 ? NULL : object->instance;
}

static godot_call_error call_by_variants(host_object *object, const host_method *method,
                                         const host_slot *arguments, size_t count,
                                         host_slot *result) {
    godot_call_error error = {GODOT_CALL_OK, 0, 0};
    // Blocks of their own, so that the address sanitizer sees each wrong access.
    const godot_variant *pointers[MOST_ARGUMENTS + 1];
    for (size_t i = 0; i < count; i++) {
        pointers[i] = block_of(sizeof arguments[i], &arguments[i]);
    }
    const godot_variant **list = block_of(count * sizeof pointers[0], pointers);
    void *made = block_of(sizeof *result, NULL);
    host_make_empty(HOST_VARIANT, made);
    host_begin_call();
    method->call(method->userdata, instance_for(object, method), list, (int64_t)count, made,
                 &error);
    host_end_call();
    memcpy(result, made, sizeof *result);
    free(made);
    free(list);
    for (size_t i = 0; i < count; i++) {
        host_find(HOST_VARIANT, pointers[i]); // it is still there
        free((void *)pointers[i]);
    }
    check_error(method, &error, result);
    if (error.error == GODOT_CALL_OK) {
        check_result(method, result);
    }
    return error;
}

// ---- By pointers

static int type_of_info(const host_info *info) {
    return info->type == GODOT_NIL ? HOST_VARIANT : info->type;
}

static bool is_reference(const host_info *info) {
    return info->type == GODOT_OBJECT &&
           host_inherits(host_class_named(info->class_name), "RefCounted");
}

// The memory that Godot prepares for a result.
static void *prepare(int type) {
    void *block = block_of(host_size_of(type), NULL);
    if (type == GODOT_BOOL || type == GODOT_INT || type == GODOT_FLOAT) {
        memset(block, UNWRITTEN, host_size_of(type));
    } else {
        host_make_default(type, block);
    }
    return block;
}

static void check_number(const host_method *method, int type, const uint8_t *block) {
    static const uint8_t unwritten[] = {UNWRITTEN, UNWRITTEN, UNWRITTEN, UNWRITTEN};
    const size_t half = host_size_of(type) / 2;
    const bool is_whole = type == GODOT_BOOL || (memcmp(block, unwritten, half) != 0 &&
                                                 memcmp(block + half, unwritten, half) != 0);
    if (!is_whole || (type == GODOT_BOOL && block[0] > 1)) {
        host_fail("%s() has not written its whole %s", method->name, host_type_name(type));
    }
}

// Makes a Variant of the result, and ends the result.
static void take_result(const host_method *method, void *block, host_slot *result) {
    const int type = type_of_info(&method->result);
    if (type == GODOT_BOOL || type == GODOT_INT || type == GODOT_FLOAT) {
        check_number(method, type, block);
    }
    if (type == HOST_VARIANT) {
        host_copy(HOST_VARIANT, result, block);
    } else {
        host_wrap(type, result, block);
    }
    if (is_reference(&method->result)) {
        host_release(block);
    }
    host_destroy(type, block);
    free(block);
}

static void call_pointers(host_object *object, const host_method *method, void **blocks,
                          host_slot *result) {
    void *made = method->has_result ? prepare(type_of_info(&method->result)) : NULL;
    const void **list = block_of(method->argument_count * sizeof blocks[0], blocks);
    host_begin_call();
    method->ptrcall(method->userdata, instance_for(object, method), list, made);
    host_end_call();
    free(list);
    host_make_empty(HOST_VARIANT, result);
    if (made != NULL) {
        take_result(method, made, result);
    }
}

static const void *argument_of(const host_method *method, const host_slot *arguments, size_t count,
                               size_t nth) {
    const size_t required = method->argument_count - method->default_count;
    if (nth >= count && nth < required) {
        host_fail("%s() lacks argument %zu", method->name, nth);
    }
    return nth < count ? (const void *)&arguments[nth] : method->defaults[nth - required];
}

// Godot has no pointer into a Variant that is null: a script gives it from a variable of the type.
static bool is_absent(int type, const void *variant) {
    return type != HOST_VARIANT && host_type_of(variant) == GODOT_NIL;
}

static void call_by_pointers(host_object *object, const host_method *method,
                             const host_slot *arguments, size_t count, host_slot *result) {
    void *blocks[MOST_ARGUMENTS + 1];
    for (size_t i = 0; i < method->argument_count; i++) {
        const int type = type_of_info(&method->arguments[i]);
        const void *argument = argument_of(method, arguments, count, i);
        blocks[i] = NULL;
        if (!is_absent(type, argument)) {
            blocks[i] = block_of(host_size_of(type), NULL);
            host_unwrap(type, blocks[i], argument);
        }
    }
    call_pointers(object, method, blocks, result);
    for (size_t i = 0; i < method->argument_count; i++) {
        if (blocks[i] != NULL) {
            host_destroy(type_of_info(&method->arguments[i]), blocks[i]);
            free(blocks[i]);
        }
    }
    check_result(method, result);
}

godot_call_error host_call_by(host_convention convention, host_object *object,
                              const host_method *method, const host_slot *arguments, size_t count,
                              host_slot *result) {
    if (count > MOST_ARGUMENTS) {
        host_fail("%s() with %zu arguments", method->name, count);
    }
    if (convention == BY_VARIANTS) {
        return call_by_variants(object, method, arguments, count, result);
    }
    call_by_pointers(object, method, arguments, count, result);
    return (godot_call_error){GODOT_CALL_OK, 0, 0};
}

// ---- Virtual functions

bool host_call_virtual(host_object *object, const char *name, const void *const *arguments,
                       void *result) {
    enum { ANY_HASH = 0x5EED };
    godot_string_name word;
    const host_class *class = object->class;
    if (!class->is_extension || class->info.get_virtual_func == NULL) {
        return false;
    }
    host_make_name(&word, name);
    host_begin_call();
    const godot_virtual_function function =
        class->info.get_virtual_func(class->info.class_userdata, &word, ANY_HASH);
    host_end_call();
    host_destroy(GODOT_STRING_NAME, &word);
    if (function == NULL) {
        return false;
    }
    host_begin_call();
    function(object->instance, arguments, result);
    host_end_call();
    return true;
}
