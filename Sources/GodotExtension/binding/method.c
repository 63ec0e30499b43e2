// SPDX-License-Identifier: MIT
#include "method.h"

#include <string.h>

#include "../interface/interface.h"
#include "../values/text.h"
#include "../values/types.h"

bool spsi_godot_has_result(const struct spsi_godot_method *method) {
    return method->result.variant != GODOT_NIL ||
           (method->result.usage & GODOT_USAGE_NIL_IS_VARIANT) != 0;
}

void spsi_godot_make_fallback(const struct spsi_godot_parameter *parameter,
                              godot_variant *uninitialized) {
    const char *text = parameter->fallback.text;
    if (text != NULL) {
        spsi_godot_string_variant(uninitialized, text, strlen(text));
        return;
    }
    union spsi_godot_value value = {.integer = parameter->fallback.number};
    if (parameter->type.variant == GODOT_BOOL) {
        value.boolean = parameter->fallback.number != 0;
    }
    spsi_godot_to_variant(parameter->type.variant, &value, uninitialized);
}

// Godot passes no pointer for a null that a script has in a variable of a known type.
static bool lacks_argument(const struct spsi_godot_method *method, const void *const *arguments) {
    for (uint32_t i = 0; i < method->parameter_count; i++) {
        if (arguments[i] == NULL) {
            return true;
        }
    }
    return false;
}

static void call_with_empty(const struct spsi_godot_method *method, void *instance,
                            const void *const *arguments, void *result) {
    union spsi_godot_value empty[SPS_MOST_PARAMETERS];
    const void *pointers[SPS_MOST_PARAMETERS];
    for (uint32_t i = 0; i < method->parameter_count; i++) {
        spsi_godot_make(method->parameters[i].type.variant, &empty[i]);
        pointers[i] = arguments[i] != NULL ? arguments[i] : &empty[i];
    }
    method->code(instance, pointers, result);
    for (uint32_t i = 0; i < method->parameter_count; i++) {
        spsi_godot_destroy(method->parameters[i].type.variant, &empty[i]);
    }
}

void spsi_godot_ptrcall(void *userdata, void *instance, const void *const *arguments,
                        void *result) {
    const struct spsi_godot_method *method = userdata;
    if (lacks_argument(method, arguments)) {
        call_with_empty(method, instance, arguments, result);
    } else {
        method->code(instance, arguments, result);
    }
}

static void set_error(godot_call_error *error, int32_t code, int32_t argument, int32_t expected) {
    error->error = code;
    error->argument = argument;
    error->expected = expected;
}

static bool check_count(const struct spsi_godot_method *method, int64_t count,
                        godot_call_error *error) {
    const uint32_t most = method->parameter_count;
    uint32_t least = most;
    while (least > 0 && method->parameters[least - 1].fallback.is_there) {
        least--;
    }
    if (count > most) {
        set_error(error, GODOT_CALL_TOO_MANY_ARGUMENTS, (int32_t)count, (int32_t)most);
    } else if (count < least) {
        set_error(error, GODOT_CALL_TOO_FEW_ARGUMENTS, (int32_t)count, (int32_t)least);
    }
    return count >= least && count <= most;
}

static bool check_types(const struct spsi_godot_method *method,
                        const godot_variant *const *arguments, int64_t count,
                        godot_call_error *error) {
    for (int32_t i = 0; i < count; i++) {
        const int32_t expected = method->parameters[i].type.variant;
        const int32_t type = godot.variant_get_type(arguments[i]);
        if (expected != GODOT_NIL && type != expected &&
            !godot.variant_can_convert_strict(type, expected)) {
            set_error(error, GODOT_CALL_INVALID_ARGUMENT, i, expected);
            return false;
        }
    }
    return true;
}

static void convert_argument(const struct spsi_godot_parameter *parameter,
                             const godot_variant *given, union spsi_godot_value *value) {
    godot_variant fallback;
    if (given == NULL) {
        spsi_godot_make_fallback(parameter, &fallback);
    }
    spsi_godot_from_variant(parameter->type.variant, value, given == NULL ? &fallback : given);
    if (given == NULL) {
        godot.variant_destroy(&fallback);
    }
}

// An object leaves a method as a counted reference, and enters a Variant as an object.
static void return_value(const struct spsi_godot_method *method, union spsi_godot_value *value,
                         godot_variant *result) {
    const int32_t type = method->result.variant;
    spsi_godot_set_variant(result, type, value);
    if (type == GODOT_OBJECT) {
        godot.ref_set_object((godot_ref *)value, NULL);
    } else {
        spsi_godot_destroy(type, value);
    }
}

void spsi_godot_call(void *userdata, void *instance, const godot_variant *const *arguments,
                     int64_t count, godot_variant *result, godot_call_error *error) {
    const struct spsi_godot_method *method = userdata;
    union spsi_godot_value values[SPS_MOST_PARAMETERS], returned;
    const void *pointers[SPS_MOST_PARAMETERS];

    if (!check_count(method, count, error) || !check_types(method, arguments, count, error)) {
        return;
    }
    for (uint32_t i = 0; i < method->parameter_count; i++) {
        convert_argument(&method->parameters[i], i < count ? arguments[i] : NULL, &values[i]);
        pointers[i] = &values[i];
    }
    spsi_godot_make(method->result.variant, &returned);
    method->code(instance, pointers, &returned);
    return_value(method, &returned, result);
    for (uint32_t i = 0; i < method->parameter_count; i++) {
        spsi_godot_destroy(method->parameters[i].type.variant, &values[i]);
    }
    set_error(error, GODOT_CALL_OK, 0, 0);
}
