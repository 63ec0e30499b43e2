// SPDX-License-Identifier: MIT
#include "host/classes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/engine.h"
#include "host/functions.h"
#include "host/registration.h"
#include "host/report.h"
#include "host/strings.h"

// ---- Finding

static HOST_LIST(host_class *) classes;

host_class *host_find_class(const char *name) {
    for (size_t i = 0; i < classes.count; i++) {
        if (classes.items[i]->is_registered && strcmp(classes.items[i]->name, name) == 0) {
            return classes.items[i];
        }
    }
    return NULL;
}

host_class *host_class_named(const char *name) {
    host_class *class = host_find_class(name);
    if (class == NULL) {
        host_fail("there is no class \"%s\"", name);
    }
    return class;
}

host_class *host_class_at(size_t nth) {
    for (size_t i = 0; i < classes.count; i++) {
        if (classes.items[i]->is_registered && nth-- == 0) {
            return classes.items[i];
        }
    }
    return NULL;
}

bool host_inherits(const host_class *class, const char *name) {
    while (class != NULL && strcmp(class->name, name) != 0) {
        class = class->parent;
    }
    return class != NULL;
}

host_class *host_native_of(host_class *class) {
    while (class->is_extension) {
        class = class->parent;
    }
    return class;
}

host_method *host_find_method(host_class *class, const char *name) {
    for (; class != NULL; class = class->parent) {
        for (size_t i = 0; i < class->methods.count; i++) {
            if (strcmp(class->methods.items[i].name, name) == 0) {
                return &class->methods.items[i];
            }
        }
    }
    return NULL;
}

host_signal *host_find_signal(host_class *class, const char *name) {
    for (; class != NULL; class = class->parent) {
        for (size_t i = 0; i < class->signals.count; i++) {
            if (strcmp(class->signals.items[i].name, name) == 0) {
                return &class->signals.items[i];
            }
        }
    }
    return NULL;
}

const host_constant *host_find_constant(const char *enumeration, int64_t value) {
    for (size_t i = 0; i < classes.count; i++) {
        const host_class *class = classes.items[i];
        for (size_t j = 0; class->is_registered && j < class->constants.count; j++) {
            const host_constant *constant = &class->constants.items[j];
            char name[2 * HOST_NAME_SIZE];
            snprintf(name, sizeof name, "%s.%s", class->name, constant->enumeration);
            if (constant->value == value && strcmp(name, enumeration) == 0) {
                return constant;
            }
        }
    }
    return NULL;
}

// ---- Life

host_class *host_add_class(const char *name, host_class *parent) {
    host_class *class = calloc(1, sizeof *class);
    classes.items = realloc(classes.items, (classes.count + 1) * sizeof classes.items[0]);
    if (class == NULL || classes.items == NULL) {
        abort();
    }
    snprintf(class->name, sizeof class->name, "%s", name);
    class->parent = parent;
    class->is_registered = true;
    if (parent != NULL) {
        parent->children++;
    }
    classes.items[classes.count++] = class;
    return class;
}

static void add_signals(host_class *class) {
    for (const host_native_signal *row = host_native_signals; row->name != NULL; row++) {
        if (strcmp(row->class_name, class->name) != 0) {
            continue;
        }
        const size_t count = class->signals.count + 1;
        class->signals.items = realloc(class->signals.items, count * sizeof(host_signal));
        host_info *argument = calloc(1, sizeof *argument);
        if (class->signals.items == NULL || argument == NULL) {
            abort();
        }
        argument->type = GODOT_INT;
        host_signal *signal = &class->signals.items[class->signals.count++];
        *signal = (host_signal){.argument_count = 1, .arguments = argument};
        snprintf(signal->name, sizeof signal->name, "%s", row->name);
    }
}

void host_make_classes(const char *const *rows) {
    for (size_t i = 0; rows[i] != NULL; i += 2) {
        host_class *parent = rows[i + 1][0] == '\0' ? NULL : host_class_named(rows[i + 1]);
        add_signals(host_add_class(rows[i], parent));
    }
}

static void free_method(host_method *method) {
    for (size_t i = 0; i < method->default_count; i++) {
        host_destroy(HOST_VARIANT, method->defaults[i]);
    }
    free(method->defaults);
    free(method->arguments);
}

void host_free_members(host_class *class) {
    for (size_t i = 0; i < class->methods.count; i++) {
        free_method(&class->methods.items[i]);
    }
    for (size_t i = 0; i < class->signals.count; i++) {
        free(class->signals.items[i].arguments);
    }
    free(class->methods.items);
    free(class->signals.items);
    free(class->constants.items);
    free(class->properties.items);
    class->methods.items = NULL;
    class->signals.items = NULL;
    class->constants.items = NULL;
    class->properties.items = NULL;
    class->methods.count = class->signals.count = 0;
    class->constants.count = class->properties.count = 0;
}

void host_forget_classes(void) {
    for (size_t i = 0; i < classes.count; i++) {
        host_class *class = classes.items[i];
        if (class->is_extension && class->is_registered) {
            host_fail("the class \"%s\" was not unregistered", class->name);
        }
        host_free_members(class);
        free(class);
    }
    free(classes.items);
    classes.items = NULL;
    classes.count = 0;
}

// ---- Instances

godot_object *host_create_instance(host_class *class, bool notifies) {
    if (class->info.is_abstract || class->info.create_instance_func == NULL) {
        host_fail("the class \"%s\" is abstract", class->name);
    }
    host_begin_call();
    godot_object *made = class->info.create_instance_func(class->info.class_userdata, notifies);
    host_end_call();
    if (made == NULL) { // without memory
        return NULL;
    }
    const host_object *object = host_object_of(made);
    if (object->class != class) {
        host_fail("a new %s is a %s", class->name, object->class->name);
    }
    if (object->initialized != (int)notifies) {
        host_fail("a new %s had NOTIFICATION_POSTINITIALIZE %d times, not %d", class->name,
                  object->initialized, (int)notifies);
    }
    return made;
}

godot_object *host_classdb_construct_object2(const godot_string_name *class_name) {
    ENTER();
    host_class *class = host_class_named(host_text_of_name(class_name));
    if (class->is_extension) {
        return host_create_instance(class, false);
    }
    return host_pointer_to(host_make_object(class));
}
