// SPDX-License-Identifier: MIT
#include "object.h"

#include <stdio.h>
#include <stdlib.h>

#include "../interface/interface.h"
#include "../interface/methods.h"
#include "../values/types.h"

// Object.NOTIFICATION_POSTINITIALIZE
#define POSTINITIALIZE 0

#define MOST_SIGNAL_ARGUMENTS (1 + SPS_MOST_PARAMETERS)

godot_library *spsi_godot_library;

static void send_postinitialize(godot_object *object) {
    const int64_t what = POSTINITIALIZE;
    const godot_bool reversed = false;
    const void *const arguments[] = {&what, &reversed};
    godot.object_method_bind_ptrcall(godot_methods.notification, object, arguments, NULL);
}

void *spsi_godot_create(const struct spsi_godot_class *class, bool notify) {
    // The instance is found by this binding. It ends with the instance, not by a callback.
    static const godot_binding_callbacks no_callbacks;
    struct spsi_godot_object *self = calloc(1, class->instance_bytes);
    if (self == NULL) {
        return NULL;
    }
    self->class = class;
    self->object = godot.classdb_construct_object2(&class->base_name);
    godot.object_set_instance(self->object, &class->class_name, self);
    godot.object_set_instance_binding(self->object, spsi_godot_library, self, &no_callbacks);
    class->begin(self);
    if (notify) {
        send_postinitialize(self->object);
    }
    return self;
}

void *spsi_godot_find(godot_object *object, const struct spsi_godot_class *class) {
    if (object == NULL) {
        return NULL;
    }
    struct spsi_godot_object *self =
        godot.object_get_instance_binding(object, spsi_godot_library, NULL);
    if (self == NULL) {
        return NULL;
    }
    for (const struct spsi_godot_class *of = self->class; of != NULL; of = of->parent) {
        if (of == class) {
            return self;
        }
    }
    return NULL;
}

godot_ref spsi_godot_keep(const struct spsi_godot_object *self) {
    godot_ref kept = {NULL};
    godot.ref_set_object(&kept, self->object);
    return kept;
}

bool spsi_godot_emit(struct spsi_godot_object *self, const struct spsi_godot_signal *signal,
                     godot_variant *arguments) {
    const uint64_t id = godot.object_get_instance_id(self->object);
    const uint32_t count = signal->parameter_count;
    const godot_variant *all[MOST_SIGNAL_ARGUMENTS];
    godot_string_name name = signal->found;
    godot_variant first, result;
    godot_call_error error;

    spsi_godot_to_variant(GODOT_STRING_NAME, &name, &first);
    all[0] = &first;
    for (uint32_t i = 0; i < count; i++) {
        all[i + 1] = &arguments[i];
    }
    godot.object_method_bind_call(godot_methods.emit_signal, self->object, all, count + 1, &result,
                                  &error);
    godot.variant_destroy(&result);
    for (uint32_t i = 0; i < count; i++) {
        godot.variant_destroy(&arguments[i]);
    }
    godot.variant_destroy(&first);
    return godot.object_get_instance_from_id(id) != NULL;
}

void spsi_godot_complain(const struct spsi_godot_object *self, const char *method,
                         const char *message) {
    char function[96];
    snprintf(function, sizeof function, "%s.%s", self->class->name, method);
    spsi_godot_print_error(message, "", function);
}
