// SPDX-License-Identifier: MIT
#include "class.h"

#include <stdlib.h>
#include <string.h>

#include "../interface/interface.h"
#include "../values/text.h"
#include "../values/types.h"
#include "method.h"
#include "object.h"

// Godot copies what a registration points to. These are the names and texts of one registration.
struct info {
    godot_property_info property;
    godot_string_name names[2];
    godot_string hint;
};

static void make_info(struct info *info, const char *name, const struct spsi_godot_type *type) {
    spsi_godot_make_name(&info->names[0], name);
    spsi_godot_make_name(&info->names[1], type->class_name != NULL ? type->class_name : "");
    spsi_godot_make(GODOT_STRING, &info->hint);
    info->property = (godot_property_info){
        .type = type->variant,
        .name = &info->names[0],
        .class_name = &info->names[1],
        .hint = GODOT_HINT_NONE,
        .hint_string = &info->hint,
        .usage = GODOT_USAGE_DEFAULT | type->usage,
    };
    if (type->element != NULL) {
        info->property.hint = GODOT_HINT_ARRAY_TYPE;
        spsi_godot_set_string(&info->hint, type->element, strlen(type->element));
    }
}

static void destroy_info(struct info *info) {
    spsi_godot_destroy_names(info->names, 2);
    spsi_godot_destroy(GODOT_STRING, &info->hint);
}

static void make_infos(struct info *infos, godot_property_info *properties,
                       const struct spsi_godot_parameter *parameters, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        make_info(&infos[i], parameters[i].name, &parameters[i].type);
        properties[i] = infos[i].property;
    }
}

static uint32_t make_fallbacks(const struct spsi_godot_method *method, godot_variant *values,
                               godot_variant **pointers) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < method->parameter_count; i++) {
        if (!method->parameters[i].fallback.is_there) {
            continue;
        }
        spsi_godot_make_fallback(&method->parameters[i], &values[count]);
        pointers[count] = &values[count];
        count++;
    }
    return count;
}

static void register_method(const struct spsi_godot_class *class,
                            const struct spsi_godot_method *method) {
    struct info result, infos[SPS_MOST_PARAMETERS];
    godot_property_info arguments[SPS_MOST_PARAMETERS];
    int32_t metadata[SPS_MOST_PARAMETERS] = {0};
    godot_variant fallbacks[SPS_MOST_PARAMETERS];
    godot_variant *fallback_pointers[SPS_MOST_PARAMETERS];
    godot_string_name name;

    spsi_godot_make_name(&name, method->name);
    make_info(&result, "", &method->result);
    make_infos(infos, arguments, method->parameters, method->parameter_count);
    const uint32_t fallback_count = make_fallbacks(method, fallbacks, fallback_pointers);
    const godot_method_info info = {
        .name = &name,
        .method_userdata = (void *)method,
        .call_func = spsi_godot_call,
        .ptrcall_func = spsi_godot_ptrcall,
        .method_flags = GODOT_METHOD_NORMAL | method->flags,
        .has_return_value = spsi_godot_has_result(method),
        .return_value_info = &result.property,
        .argument_count = method->parameter_count,
        .arguments_info = arguments,
        .arguments_metadata = metadata,
        .default_argument_count = fallback_count,
        .default_arguments = fallback_pointers,
    };
    godot.classdb_register_extension_class_method(spsi_godot_library, &class->class_name, &info);
    for (uint32_t i = 0; i < fallback_count; i++) {
        godot.variant_destroy(&fallbacks[i]);
    }
    for (uint32_t i = 0; i < method->parameter_count; i++) {
        destroy_info(&infos[i]);
    }
    destroy_info(&result);
    spsi_godot_destroy_names(&name, 1);
}

static void register_property(const struct spsi_godot_class *class,
                              const struct spsi_godot_property *property) {
    struct info info;
    godot_string_name names[2];
    make_info(&info, property->name, &property->type);
    spsi_godot_make_name(&names[0], property->setter);
    spsi_godot_make_name(&names[1], property->getter);
    godot.classdb_register_extension_class_property(spsi_godot_library, &class->class_name,
                                                    &info.property, &names[0], &names[1]);
    spsi_godot_destroy_names(names, 2);
    destroy_info(&info);
}

static void register_signal(const struct spsi_godot_class *class,
                            struct spsi_godot_signal *signal) {
    struct info infos[SPS_MOST_PARAMETERS];
    godot_property_info arguments[SPS_MOST_PARAMETERS];
    spsi_godot_make_name(&signal->found, signal->name);
    if (signal->is_inherited) {
        return;
    }
    make_infos(infos, arguments, signal->parameters, signal->parameter_count);
    godot.classdb_register_extension_class_signal(
        spsi_godot_library, &class->class_name, &signal->found, arguments, signal->parameter_count);
    for (uint32_t i = 0; i < signal->parameter_count; i++) {
        destroy_info(&infos[i]);
    }
}

static void register_constant(const struct spsi_godot_class *class,
                              const struct spsi_godot_constant *constant) {
    godot_string_name names[2];
    spsi_godot_make_name(&names[0], constant->enumeration);
    spsi_godot_make_name(&names[1], constant->name);
    godot.classdb_register_extension_class_integer_constant(
        spsi_godot_library, &class->class_name, &names[0], &names[1], constant->value, false);
    spsi_godot_destroy_names(names, 2);
}

static godot_object *create_instance(void *class, godot_bool notify) {
    const struct spsi_godot_object *self = spsi_godot_create(class, notify);
    return self != NULL ? self->object : NULL;
}

static void free_instance(void *class, void *instance) {
    ((const struct spsi_godot_class *)class)->end(instance);
    free(instance);
}

static godot_virtual_function get_virtual(void *userdata, const godot_string_name *name,
                                          uint32_t hash) {
    (void)hash;
    for (const struct spsi_godot_class *class = userdata; class != NULL; class = class->parent) {
        for (size_t i = 0; i < class->virtual_count; i++) {
            if (class->virtuals[i].found.opaque == name->opaque) {
                return class->virtuals[i].code;
            }
        }
    }
    return NULL;
}

static void register_class(struct spsi_godot_class *class) {
    const godot_class_info info = {
        .is_abstract = class->is_abstract,
        .is_exposed = true,
        .notification_func = class->notify,
        .create_instance_func = class->is_abstract ? NULL : create_instance,
        .free_instance_func = free_instance,
        .get_virtual_func = get_virtual,
        .class_userdata = class,
    };
    spsi_godot_make_name(&class->class_name, class->name);
    spsi_godot_make_name(&class->base_name, class->base);
    for (size_t i = 0; i < class->virtual_count; i++) {
        spsi_godot_make_name(&class->virtuals[i].found, class->virtuals[i].name);
    }
    godot.classdb_register_extension_class4(
        spsi_godot_library, &class->class_name,
        class->parent != NULL ? &class->parent->class_name : &class->base_name, &info);
}

void spsi_godot_register(struct spsi_godot_class *class) {
    register_class(class);
    for (size_t i = 0; i < class->constant_count; i++) {
        register_constant(class, &class->constants[i]);
    }
    for (size_t i = 0; i < sizeof class->methods / sizeof *class->methods; i++) {
        for (size_t row = 0; row < class->methods[i].count; row++) {
            register_method(class, &class->methods[i].rows[row]);
        }
    }
    for (size_t i = 0; i < sizeof class->properties / sizeof *class->properties; i++) {
        for (size_t row = 0; row < class->properties[i].count; row++) {
            register_property(class, &class->properties[i].rows[row]);
        }
    }
    for (size_t i = 0; i < class->signal_count; i++) {
        register_signal(class, &class->signals[i]);
    }
}

void spsi_godot_unregister(struct spsi_godot_class *class) {
    godot.classdb_unregister_extension_class(spsi_godot_library, &class->class_name);
    for (size_t i = 0; i < class->virtual_count; i++) {
        spsi_godot_destroy_names(&class->virtuals[i].found, 1);
    }
    for (size_t i = 0; i < class->signal_count; i++) {
        spsi_godot_destroy_names(&class->signals[i].found, 1);
    }
    spsi_godot_destroy_names(&class->base_name, 1);
    spsi_godot_destroy_names(&class->class_name, 1);
}
