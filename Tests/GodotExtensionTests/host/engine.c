// SPDX-License-Identifier: MIT
//
// Godot's classes, and the methods of them that the extension calls by their hash.
#include "host/engine.h"

#include <string.h>

#include "host/calls.h"
#include "host/classes.h"
#include "host/functions.h"
#include "host/host.h"
#include "host/report.h"
#include "host/signals.h"
#include "host/strings.h"
#include "host/variants.h"

const char *const host_core_classes[] = {
    "Object",
    "",
    "RefCounted",
    "Object",
    "StreamPeer",
    "RefCounted",
    "StreamPeerTCP",
    "StreamPeer",
    "StreamPeerExtension",
    "StreamPeer",
    "PacketPeer",
    "RefCounted",
    "PacketPeerExtension",
    "PacketPeer",
    NULL,
};

const char *const host_scene_classes[] = {
    "Node",
    "Object",
    "MultiplayerPeer",
    "PacketPeer",
    "MultiplayerPeerExtension",
    "MultiplayerPeer",
    NULL,
};

const host_native_signal host_native_signals[] = {
    {"MultiplayerPeer", "peer_connected"},
    {"MultiplayerPeer", "peer_disconnected"},
    {NULL, NULL},
};

// ---- Methods

typedef struct native_method {
    const char *class_name, *name;
    int64_t hash;
    bool is_vararg;
    int result; // its type; GODOT_NIL: none
    size_t argument_count;
    int arguments[2];
    void (*run)(host_object *object, const void *const *arguments, void *result);
} native_method;

static void run_notification(host_object *object, const void *const *arguments, void *result) {
    (void)result;
    int64_t what;
    uint8_t is_reversed;
    memcpy(&what, arguments[0], sizeof what);
    memcpy(&is_reversed, arguments[1], sizeof is_reversed);
    host_notify(object, (int32_t)what, is_reversed != 0);
}

static void run_is_big_endian(host_object *object, const void *const *arguments, void *result) {
    (void)arguments;
    *(uint8_t *)result = object->big_endian;
}

static void run_set_big_endian(host_object *object, const void *const *arguments, void *result) {
    (void)result;
    object->big_endian = *(const uint8_t *)arguments[0] != 0;
}

static void run_set_process(host_object *object, const void *const *arguments, void *result) {
    (void)result;
    object->processes = *(const uint8_t *)arguments[0] != 0;
}

static const native_method methods[] = {
    {"Object", "emit_signal", 4047867050, true, GODOT_INT, 1, {GODOT_STRING_NAME}, NULL},
    {"Object",
     "notification",
     4023243586,
     false,
     GODOT_NIL,
     2,
     {GODOT_INT, GODOT_BOOL},
     run_notification},
    {"StreamPeer", "is_big_endian_enabled", 36873697, false, GODOT_BOOL, 0, {0}, run_is_big_endian},
    {"StreamPeer",
     "set_big_endian",
     2586408642,
     false,
     GODOT_NIL,
     1,
     {GODOT_BOOL},
     run_set_big_endian},
    {"Node", "set_process", 2586408642, false, GODOT_NIL, 1, {GODOT_BOOL}, run_set_process},
    {"Node",
     "set_process_internal",
     2586408642,
     false,
     GODOT_NIL,
     1,
     {GODOT_BOOL},
     run_set_process},
};
enum { METHODS = sizeof methods / sizeof methods[0] };
static const uint64_t METHOD_MARK = UINT64_C(0xC0DE3E7D) << 32;

const godot_method_bind *host_classdb_get_method_bind(const godot_string_name *class_name,
                                                      const godot_string_name *method,
                                                      int64_t hash) {
    ENTER();
    const char *owner = host_text_of_name(class_name), *name = host_text_of_name(method);
    host_class_named(owner);
    for (size_t i = 0; i < METHODS; i++) {
        const native_method *row = &methods[i];
        if (strcmp(row->class_name, owner) == 0 && strcmp(row->name, name) == 0 &&
            row->hash == hash && !host_is_withheld(name)) {
            return (const godot_method_bind *)(uintptr_t)(METHOD_MARK | i);
        }
    }
    host_print("Method has changed and no compatibility fallback has been provided", name);
    return NULL;
}

static const native_method *method_of(const godot_method_bind *bind, const host_object *object) {
    const uint64_t nth = (uint64_t)(uintptr_t)bind ^ METHOD_MARK;
    if (nth >= METHODS) {
        host_fail("this is no method: %p", (const void *)bind);
    }
    const native_method *row = &methods[nth];
    if (!host_inherits(object->class, row->class_name)) {
        host_fail("a %s has no %s()", object->class->name, row->name);
    }
    return row;
}

// ---- By pointers

void host_object_method_bind_ptrcall(const godot_method_bind *method, godot_object *object,
                                     const void *const *arguments, void *result) {
    ENTER();
    host_object *of = host_object_of(object);
    const native_method *row = method_of(method, of);
    if (row->is_vararg) {
        host_fail("%s() takes any number of arguments, so it has no pointer call", row->name);
    }
    for (size_t i = 0; i < row->argument_count; i++) {
        if (arguments == NULL || arguments[i] == NULL) {
            host_fail("%s() lacks argument %zu", row->name, i);
        }
    }
    if (row->result != GODOT_NIL && result == NULL) {
        host_fail("%s() has a result", row->name);
    }
    row->run(of, arguments, result);
}

// ---- By Variants

static int64_t emit(host_object *object, const godot_variant *const *arguments, int64_t count) {
    host_emit(object, host_text_in(arguments[0]), (const void *const *)(arguments + 1),
              (size_t)(count - 1));
    return 0;
}

static void run_by_variants(const native_method *row, host_object *object,
                            const godot_variant *const *arguments, godot_variant *result) {
    uint64_t inside[2] = {0}, value = 0;
    const void *pointers[2];
    for (size_t i = 0; i < row->argument_count; i++) {
        host_unwrap(row->arguments[i], &inside[i], arguments[i]);
        pointers[i] = &inside[i];
    }
    row->run(object, pointers, &value);
    host_wrap(row->result, result, &value);
}

static void check_arguments(const native_method *row, const godot_variant *const *arguments,
                            int64_t count) {
    const bool fits = row->is_vararg ? count >= (int64_t)row->argument_count
                                     : count == (int64_t)row->argument_count;
    if (!fits) {
        host_fail("%s() with %lld arguments", row->name, (long long)count);
    }
    for (size_t i = 0; i < row->argument_count; i++) {
        if (!host_converts(host_type_of(arguments[i]), row->arguments[i])) {
            host_fail("%s(): argument %zu is a %s", row->name, i,
                      host_type_name(host_type_of(arguments[i])));
        }
    }
}

// The result is memory that holds nothing yet.
void host_object_method_bind_call(const godot_method_bind *method, godot_object *object,
                                  const godot_variant *const *arguments, int64_t count,
                                  godot_variant *result, godot_call_error *error) {
    ENTER();
    host_object *of = host_object_of(object);
    const native_method *row = method_of(method, of);
    check_arguments(row, arguments, count);
    if (row->is_vararg) {
        const int64_t value = emit(of, arguments, count);
        host_enter(__func__);
        host_wrap(GODOT_INT, result, &value);
    } else {
        run_by_variants(row, of, arguments, result);
    }
    if (error != NULL) {
        *error = (godot_call_error){GODOT_CALL_OK, 0, 0};
    }
}
