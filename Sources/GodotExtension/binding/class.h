// SPDX-License-Identifier: MIT
//
// A class that this extension adds to Godot, as tables. Each table is an array with its length, so
// that a class is static data and needs no code to describe it.
#ifndef SPS_GODOT_CLASS_H
#define SPS_GODOT_CLASS_H

#include "../interface/gdextension.h"

// The type of a parameter, a result or a property.
struct spsi_godot_type {
    int32_t variant;        // GODOT_INT …
    uint32_t usage;         // GODOT_USAGE_… beside the default
    const char *class_name; // of an object or an enum, or NULL
    const char *element;    // of a typed array: the name of its elements' type, or NULL
};

#define SPS_TYPE(variant, usage, class_name, element)                                              \
    { variant, usage, class_name, element }
#define SPS_PLAIN(variant) SPS_TYPE(variant, 0, NULL, NULL)
#define SPS_NOTHING SPS_PLAIN(GODOT_NIL)
#define SPS_VARIANT SPS_TYPE(GODOT_NIL, GODOT_USAGE_NIL_IS_VARIANT, NULL, NULL)
#define SPS_BOOL SPS_PLAIN(GODOT_BOOL)
#define SPS_INT SPS_PLAIN(GODOT_INT)
#define SPS_REAL SPS_PLAIN(GODOT_FLOAT)
#define SPS_STRING SPS_PLAIN(GODOT_STRING)
#define SPS_BYTES SPS_PLAIN(GODOT_PACKED_BYTE_ARRAY)
#define SPS_STRINGS SPS_PLAIN(GODOT_PACKED_STRING_ARRAY)
#define SPS_ARRAY SPS_PLAIN(GODOT_ARRAY)
#define SPS_DICTIONARY SPS_PLAIN(GODOT_DICTIONARY)
#define SPS_DICTIONARIES SPS_TYPE(GODOT_ARRAY, 0, NULL, "Dictionary")
#define SPS_OBJECT(name) SPS_TYPE(GODOT_OBJECT, 0, name, NULL)
#define SPS_ENUM(name) SPS_TYPE(GODOT_INT, GODOT_USAGE_CLASS_IS_ENUM, name, NULL)
#define SPS_ERROR SPS_ENUM("Error")

// Three parameters suffice for every method.
#define SPS_MOST_PARAMETERS 3

struct spsi_godot_parameter {
    const char *name;
    struct spsi_godot_type type;
    // Replaces an argument that the caller leaves out: a text or, if it is NULL, a number.
    struct {
        bool is_there;
        int32_t number;
        const char *text;
    } fallback;
};

#define SPS_OR(value)                                                                              \
    { true, value, NULL }
#define SPS_OR_TEXT(value)                                                                         \
    { true, 0, value }

// A parameter, for an initializer: its name and type, and SPS_OR() or SPS_OR_TEXT().
#define SPS_PARAMETER_OR(name, ...)                                                                \
    { name, __VA_ARGS__ }
#define SPS_PARAMETER(name, ...)                                                                   \
    {                                                                                              \
        name, __VA_ARGS__, {                                                                       \
            0                                                                                      \
        }                                                                                          \
    }

// The code of a method. `self` is the instance. Each argument points to a value of its type, and
// `result` to an initialized one, which the code replaces. This is Godot's convention "ptrcall".
typedef void (*spsi_godot_code)(void *self, const void *const *arguments, void *result);

struct spsi_godot_method {
    const char *name;
    spsi_godot_code code;
    struct spsi_godot_type result;
    uint32_t flags; // GODOT_METHOD_CONST or 0
    uint32_t parameter_count;
    struct spsi_godot_parameter parameters[SPS_MOST_PARAMETERS];
};

struct spsi_godot_property {
    const char *name;
    struct spsi_godot_type type;
    const char *setter;
    const char *getter;
};

struct spsi_godot_signal {
    const char *name;
    godot_string_name found; // the name, while the class is registered
    bool is_inherited;       // a class of Godot's registers it
    uint32_t parameter_count;
    struct spsi_godot_parameter parameters[SPS_MOST_PARAMETERS];
};

struct spsi_godot_constant {
    const char *enumeration; // "" for a constant outside of an enum
    const char *name;
    int64_t value;
};

// A virtual method of Godot's class that the class implements, in Godot's "ptrcall" too.
struct spsi_godot_virtual {
    const char *name;
    godot_virtual_function code;
    godot_string_name found; // the name, while the class is registered
};

struct spsi_godot_class {
    const char *name;
    struct spsi_godot_class *parent; // NULL: `base` is the parent
    const char *base;                // the nearest class of Godot's own
    bool is_abstract;
    size_t instance_bytes; // of a struct that begins with a struct spsi_godot_object
    // Begins a zeroed instance. NULL for an abstract class.
    void (*begin)(void *self);
    // Ends an instance, before its object ends. NULL for an abstract class.
    void (*end)(void *self);
    // Receives Godot's notifications, or NULL.
    void (*notify)(void *self, int32_t notification, godot_bool reversed);

    // Several arrays, so that classes can share one.
    struct {
        const struct spsi_godot_method *rows;
        size_t count;
    } methods[6];
    struct {
        const struct spsi_godot_property *rows;
        size_t count;
    } properties[3];
    struct spsi_godot_signal *signals;
    size_t signal_count;
    const struct spsi_godot_constant *constants;
    size_t constant_count;
    struct spsi_godot_virtual *virtuals;
    size_t virtual_count;

    // Set while the class is registered.
    godot_string_name class_name, base_name;
};

// An array and its length, for an initializer.
#define SPS_ROWS(array) (array), sizeof(array) / sizeof *(array)

// Registers a class, after its parent.
void spsi_godot_register(struct spsi_godot_class *class);

// Undoes it, before the parent is unregistered.
void spsi_godot_unregister(struct spsi_godot_class *class);

#endif
