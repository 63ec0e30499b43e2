// SPDX-License-Identifier: MIT
//
// Classes: those of Godot that the extension needs, and what the extension registers.
#ifndef HOST_CLASSES_H
#define HOST_CLASSES_H

#include "host/objects.h"
#include "host/values.h"

enum { HOST_NAME_SIZE = 64 };

// The info of an argument, a result or a property.
typedef struct host_info {
    int type;
    char name[HOST_NAME_SIZE], class_name[HOST_NAME_SIZE], hint_text[128];
    uint32_t hint, usage;
    int metadata;
} host_info;

typedef struct host_method {
    char name[HOST_NAME_SIZE];
    struct host_class *class;
    void *userdata;
    godot_call_function call;
    godot_ptrcall_function ptrcall;
    uint32_t flags;
    bool has_result;
    host_info result;
    size_t argument_count, default_count;
    host_info *arguments;
    uint64_t (*defaults)[3]; // Variants of the last arguments
} host_method;

typedef struct host_constant {
    char name[HOST_NAME_SIZE], enumeration[HOST_NAME_SIZE];
    int64_t value;
    bool is_bitfield;
} host_constant;

typedef struct host_property {
    host_info info;
    char setter[HOST_NAME_SIZE], getter[HOST_NAME_SIZE];
} host_property;

typedef struct host_signal {
    char name[HOST_NAME_SIZE];
    size_t argument_count;
    host_info *arguments;
} host_signal;

// A list that only grows.
#define HOST_LIST(type)                                                                            \
    struct {                                                                                       \
        type *items;                                                                               \
        size_t count;                                                                              \
    }

typedef struct host_class {
    char name[HOST_NAME_SIZE];
    struct host_class *parent;
    bool is_extension, is_registered;
    godot_class_info info;
    HOST_LIST(host_method) methods;
    HOST_LIST(host_constant) constants;
    HOST_LIST(host_property) properties;
    HOST_LIST(host_signal) signals;
    int children, instances;
} host_class;

// A class that exists, or the test fails. NULL if it may be missing.
host_class *host_class_named(const char *name);
host_class *host_find_class(const char *name);

// The class that is number `nth` of all that exist; NULL: there are fewer.
host_class *host_class_at(size_t nth);

bool host_inherits(const host_class *class, const char *name);
host_class *host_native_of(host_class *class);

// Makes an instance of a class of the extension. NULL: the extension has no memory.
godot_object *host_create_instance(host_class *class, bool notifies);

// Of the class or a class that it inherits; NULL: there is none.
host_method *host_find_method(host_class *class, const char *name);
host_signal *host_find_signal(host_class *class, const char *name);

// A constant of an enum "Class.Enum" with this value; NULL: there is none.
const host_constant *host_find_constant(const char *enumeration, int64_t value);

// Makes classes of Godot; and ends all. The extension must have unregistered its own.
void host_make_classes(const char *const *rows);
void host_forget_classes(void);

// Fails unless every name that the extension registered is known by now.
void host_check_classes(void);

#endif
