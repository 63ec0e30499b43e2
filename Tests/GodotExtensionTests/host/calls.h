// SPDX-License-Identifier: MIT
//
// Calls of methods of the extension, by both conventions of Godot, and of its virtual functions.
#ifndef HOST_CALLS_H
#define HOST_CALLS_H

#include "host/classes.h"

// The memory of a Variant.
typedef struct host_slot {
    uint64_t words[3];
} host_slot;

typedef enum host_convention { BY_VARIANTS, BY_POINTERS, HOST_CONVENTIONS } host_convention;

// Calls a method, of the extension or of Godot. The result is a Variant in any case, and its type
// is checked. With BY_POINTERS the arguments must have the types of the method or be null, as Godot
// makes sure, and missing ones are the defaults.
godot_call_error host_call_by(host_convention convention, host_object *object,
                              const host_method *method, const host_slot *arguments, size_t count,
                              host_slot *result);

// Fails if a Variant is none of the type, the class or the enum that was registered for it.
void host_check_value(const char *owner, const host_info *info, const void *variant);

// Calls a virtual function of Godot by its name. False: the class has none.
bool host_call_virtual(host_object *object, const char *name, const void *const *arguments,
                       void *result);

#endif
