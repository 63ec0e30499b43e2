// SPDX-License-Identifier: MIT
#include "host/objects.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/classes.h"
#include "host/functions.h"
#include "host/report.h"
#include "host/signals.h"
#include "host/strings.h"

// ---- Pointers: numbers that no program can read through

static const uint64_t OBJECT_MARK = UINT64_C(0xC0DE0B7E) << 32;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static host_object **objects;
static uint32_t object_count;

godot_object *host_pointer_to(const host_object *object) {
    return object == NULL ? NULL : (godot_object *)(uintptr_t)(OBJECT_MARK | object->id);
}

host_object *host_object_with(uint64_t id) {
    pthread_mutex_lock(&lock);
    host_object *object = id > 0 && id <= object_count ? objects[id - 1] : NULL;
    pthread_mutex_unlock(&lock);
    return object != NULL && object->is_alive ? object : NULL;
}

host_object *host_object_of(const godot_object *pointer) {
    const uint64_t word = (uint64_t)(uintptr_t)pointer;
    const uint64_t id = word ^ OBJECT_MARK;
    if (id == 0 || id > object_count) {
        host_fail("this is no object: %p", (const void *)pointer);
    }
    host_object *object = host_object_with(id);
    if (object == NULL) {
        host_fail("this %s was freed before", objects[id - 1]->class->name);
    }
    return object;
}

uint64_t host_id_in(uint64_t pointer) {
    return pointer == 0 ? 0 : pointer ^ OBJECT_MARK;
}

// ---- Life

host_object *host_make_object(host_class *native) {
    host_object *object = calloc(1, sizeof *object);
    pthread_mutex_lock(&lock);
    objects = realloc(objects, (object_count + 1) * sizeof objects[0]);
    if (object == NULL || objects == NULL) {
        abort();
    }
    objects[object_count++] = object;
    object->id = object_count;
    pthread_mutex_unlock(&lock);
    object->is_alive = true;
    object->native = object->class = native;
    object->references = 1; // until somebody takes the first reference
    native->instances++;
    return object;
}

static bool is_counted(const host_object *object) {
    return host_inherits(object->native, "RefCounted");
}

host_object *host_new(const char *class_name) {
    host_class *class = host_class_named(class_name);
    host_object *object;
    if (class->is_extension) {
        const godot_object *made = host_create_instance(class, true);
        if (made == NULL) {
            return NULL;
        }
        object = host_object_of(made);
    } else {
        object = host_make_object(class);
        object->initialized = 1;
    }
    if (is_counted(object)) {
        host_reference(object);
    }
    return object;
}

void host_notify(host_object *object, int32_t what, bool is_reversed) {
    if (what == HOST_POSTINITIALIZE) {
        object->initialized++;
    }
    if (object->class->is_extension && object->class->info.notification_func != NULL) {
        host_begin_call();
        object->class->info.notification_func(object->instance, what, is_reversed);
        host_end_call();
    }
}

static void free_instance(host_object *object) {
    host_class *class = object->class;
    if (class->is_extension) {
        void *instance = object->instance;
        host_begin_call();
        class->info.free_instance_func(class->info.class_userdata, instance);
        host_end_call();
        class->instances--;
        object->instance = NULL;
        object->class = object->native;
    }
}

void host_free_object(host_object *object) {
    if (object->is_dying) {
        host_fail("the %s is freed while it is being freed", object->class->name);
    }
    object->is_dying = true;
    if (object->at_end != NULL) {
        object->at_end(object->context);
    }
    host_notify(object, HOST_PREDELETE, true);
    host_notify(object, HOST_PREDELETE_CLEANUP, true);
    free_instance(object);
    host_disconnect_all(object);
    for (int i = 0; i < object->binding_count; i++) {
        const host_binding *binding = &object->bindings[i];
        if (binding->callbacks.free_callback != NULL) {
            host_begin_call();
            binding->callbacks.free_callback(binding->token, host_pointer_to(object),
                                             binding->binding);
            host_end_call();
        }
    }
    object->native->instances--;
    object->is_alive = false;
}

// ---- References

static bool may_die(host_object *object, bool is_reference) {
    bool may = true;
    for (int i = 0; i < object->binding_count; i++) {
        const host_binding *binding = &object->bindings[i];
        if (binding->callbacks.reference_callback != NULL) {
            host_begin_call();
            may &= binding->callbacks.reference_callback(binding->token, binding->binding,
                                                         is_reference);
            host_end_call();
        }
    }
    return may;
}

void host_reference(host_object *object) {
    if (!is_counted(object)) {
        host_fail("a %s is not counted", object->class->name);
    }
    if (!object->is_referenced) { // the count of a new object is already 1
        object->is_referenced = true;
        return;
    }
    object->references++;
    may_die(object, true);
}

void host_unreference(host_object *object) {
    object->references--;
    if (object->references < 0) {
        host_fail("the %s has no reference", object->class->name);
    }
    if (may_die(object, false) && object->references == 0) {
        host_free_object(object);
    }
}

static host_object *object_in(const void *payload) {
    godot_object *pointer;
    memcpy(&pointer, payload, sizeof pointer);
    return pointer == NULL ? NULL : host_object_with((uintptr_t)pointer ^ OBJECT_MARK);
}

bool host_hold(const void *payload) {
    godot_object *pointer;
    memcpy(&pointer, payload, sizeof pointer);
    if (pointer == NULL || !is_counted(host_object_of(pointer))) {
        return true;
    }
    host_object *object = object_in(payload);
    if (!object->is_dying) {
        host_reference(object);
    }
    return !object->is_dying;
}

void host_release(const void *payload) {
    host_object *object = object_in(payload); // it may be gone, if nobody counts it
    if (object != NULL && is_counted(object)) {
        host_unreference(object);
    }
}

void host_drop(host_object *object) {
    if (is_counted(object)) {
        host_unreference(object);
    } else {
        host_free_object(object);
    }
}

godot_object *host_ref_get_object(const godot_ref *ref) {
    ENTER();
    if (ref == NULL) {
        host_fail("no Ref");
    }
    return ref->opaque == NULL ? NULL : host_pointer_to(host_object_of(ref->opaque));
}

void host_ref_set_object(godot_ref *ref, godot_object *object) {
    ENTER();
    if (ref == NULL) {
        host_fail("no Ref");
    }
    godot_object *before = ref->opaque;
    if (before == object) {
        return;
    }
    host_object *old = before != NULL ? host_object_of(before) : NULL;
    if (object != NULL && host_object_of(object)->is_dying) {
        object = NULL; // as Godot does
    }
    if (object != NULL) {
        host_reference(host_object_of(object));
    }
    ref->opaque = object;
    if (old != NULL) {
        host_unreference(old);
    }
}

// ---- The interface

void host_object_set_instance(godot_object *object, const godot_string_name *class_name,
                              void *instance) {
    ENTER();
    host_object *of = host_object_of(object);
    host_class *class = host_class_named(host_text_of_name(class_name));
    if (instance == NULL || of->class->is_extension || !class->is_extension) {
        host_fail("a %s becomes a %s with instance %p", of->class->name, class->name, instance);
    }
    if (host_native_of(class) != of->native) {
        host_fail("a %s is made of a %s", class->name, of->native->name);
    }
    of->class = class;
    of->instance = instance;
    class->instances++;
}

void *host_object_get_instance_binding(godot_object *object, void *token,
                                       const godot_binding_callbacks *callbacks) {
    ENTER();
    host_object *of = host_object_of(object);
    for (int i = 0; i < of->binding_count; i++) {
        if (of->bindings[i].token == token) {
            return of->bindings[i].binding;
        }
    }
    if (callbacks == NULL) {
        return NULL;
    }
    if (callbacks->create_callback == NULL || of->binding_count == MOST_BINDINGS) {
        host_fail("Godot calls create_callback here, and it is NULL");
    }
    void *binding = callbacks->create_callback(token, object);
    of->bindings[of->binding_count++] = (host_binding){token, binding, *callbacks};
    return binding;
}

void host_object_set_instance_binding(godot_object *object, void *token, void *binding,
                                      const godot_binding_callbacks *callbacks) {
    ENTER();
    host_object *of = host_object_of(object);
    if (of->binding_count > 0 || callbacks == NULL || token == NULL) {
        host_fail("the %s has a binding, or there are no callbacks", of->class->name);
    }
    of->bindings[of->binding_count++] = (host_binding){token, binding, *callbacks};
}

uint64_t host_object_get_instance_id(const godot_object *object) {
    ENTER();
    return host_object_of(object)->id;
}

godot_object *host_object_get_instance_from_id(uint64_t id) {
    ENTER();
    return host_pointer_to(host_object_with(id));
}

// ---- Leaks

size_t host_list_objects(char *text, size_t size) {
    size_t count = 0, length = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < object_count; i++) {
        if (objects[i]->is_alive) {
            count++;
            const int written = snprintf(text + length, size - length, " %s with %d reference(s);",
                                         objects[i]->class->name, objects[i]->references);
            length += (size_t)written < size - length ? (size_t)written : 0;
        }
    }
    return count;
}

void host_forget_objects(void) {
    for (uint32_t i = 0; i < object_count; i++) {
        free(objects[i]);
    }
    free(objects);
    objects = NULL;
    object_count = 0;
}
