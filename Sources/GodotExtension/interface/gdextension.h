// SPDX-License-Identifier: MIT
//
// The part of Godot's C interface for extensions that this extension uses, in declarations of our
// own. Each names its counterpart in Godot's `core/extension/gdextension_interface.h`. The layout
// and the values are those of Godot 4.4, and 4.5 to 4.7 keep them.
#ifndef SPS_GODOT_GDEXTENSION_H
#define SPS_GODOT_GDEXTENSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- Values of Godot's own types. Each struct is as large as Godot's object or larger.

// GDExtensionVariantPtr. A Variant has 24 bytes, and 40 in a build with double precision.
typedef struct {
    uint64_t opaque[5];
} godot_variant;

// GDExtensionStringPtr.
typedef struct {
    void *opaque;
} godot_string;

// GDExtensionStringNamePtr. Two equal names have the same pointer.
typedef struct {
    void *opaque;
} godot_string_name;

// A GDExtensionTypePtr for ARRAY: a reference to a shared array.
typedef struct {
    void *opaque;
} godot_array;

// A GDExtensionTypePtr for DICTIONARY: a reference to a shared dictionary.
typedef struct {
    void *opaque;
} godot_dictionary;

// A GDExtensionTypePtr for one of the packed arrays.
typedef struct {
    void *opaque[2];
} godot_packed_array;

// GDExtensionRefPtr: a counted reference to an object, or NULL.
typedef struct {
    void *opaque;
} godot_ref;

// GDExtensionObjectPtr points to it.
typedef struct godot_object godot_object;

// GDExtensionMethodBindPtr points to it.
typedef struct godot_method_bind godot_method_bind;

// GDExtensionClassLibraryPtr points to it.
typedef struct godot_library godot_library;

// GDExtensionBool.
typedef uint8_t godot_bool;

// ---- Numbers

// GDExtensionVariantType.
enum {
    GODOT_NIL = 0,
    GODOT_BOOL = 1,
    GODOT_INT = 2,
    GODOT_FLOAT = 3,
    GODOT_STRING = 4,
    GODOT_STRING_NAME = 21,
    GODOT_OBJECT = 24,
    GODOT_DICTIONARY = 27,
    GODOT_ARRAY = 28,
    GODOT_PACKED_BYTE_ARRAY = 29,
    GODOT_PACKED_STRING_ARRAY = 34,
    GODOT_VARIANT_TYPES = 39
};

// GDExtensionCallErrorType.
enum {
    GODOT_CALL_OK = 0,
    GODOT_CALL_INVALID_METHOD = 1,
    GODOT_CALL_INVALID_ARGUMENT = 2,
    GODOT_CALL_TOO_MANY_ARGUMENTS = 3,
    GODOT_CALL_TOO_FEW_ARGUMENTS = 4,
    GODOT_CALL_INSTANCE_IS_NULL = 5
};

// GDExtensionClassMethodFlags.
enum { GODOT_METHOD_NORMAL = 1, GODOT_METHOD_CONST = 4, GODOT_METHOD_STATIC = 32 };

// PropertyHint of Godot's `@GlobalScope`.
enum { GODOT_HINT_NONE = 0, GODOT_HINT_RESOURCE_TYPE = 17, GODOT_HINT_ARRAY_TYPE = 31 };

// PropertyUsageFlags of Godot's `@GlobalScope`.
enum {
    GODOT_USAGE_NONE = 0,
    GODOT_USAGE_DEFAULT = 6,
    GODOT_USAGE_CLASS_IS_ENUM = 1 << 16,
    GODOT_USAGE_NIL_IS_VARIANT = 1 << 17
};

// GDExtensionInitializationLevel.
enum {
    GODOT_LEVEL_CORE = 0,
    GODOT_LEVEL_SERVERS = 1,
    GODOT_LEVEL_SCENE = 2,
    GODOT_LEVEL_EDITOR = 3
};

// ---- Structs and callbacks

// GDExtensionCallError.
typedef struct {
    int32_t error;    // GODOT_CALL_…
    int32_t argument; // the index of the wrong argument, or a count
    int32_t expected; // the type of that argument, or the count that is expected
} godot_call_error;

// GDExtensionPropertyInfo.
typedef struct {
    int32_t type;
    godot_string_name *name;
    godot_string_name *class_name;
    uint32_t hint;
    godot_string *hint_string;
    uint32_t usage;
} godot_property_info;

// GDExtensionClassMethodCall.
typedef void (*godot_call_function)(void *method, void *instance,
                                    const godot_variant *const *arguments, int64_t count,
                                    godot_variant *result, godot_call_error *error);

// GDExtensionClassMethodPtrCall.
typedef void (*godot_ptrcall_function)(void *method, void *instance, const void *const *arguments,
                                       void *result);

// GDExtensionClassMethodInfo.
typedef struct {
    godot_string_name *name;
    void *method_userdata;
    godot_call_function call_func;
    godot_ptrcall_function ptrcall_func;
    uint32_t method_flags;
    godot_bool has_return_value;
    godot_property_info *return_value_info;
    int32_t return_value_metadata;
    uint32_t argument_count;
    godot_property_info *arguments_info;
    int32_t *arguments_metadata;
    uint32_t default_argument_count;
    godot_variant **default_arguments;
} godot_method_info;

// GDExtensionClassCallVirtual.
typedef void (*godot_virtual_function)(void *instance, const void *const *arguments, void *result);

// GDExtensionClassCreationInfo4. Members of type `void (*)(void)` are callbacks that the extension
// never supplies.
typedef struct {
    godot_bool is_virtual;
    godot_bool is_abstract;
    godot_bool is_exposed;
    godot_bool is_runtime;
    const godot_string *icon_path;
    void (*set_func)(void);
    void (*get_func)(void);
    void (*get_property_list_func)(void);
    void (*free_property_list_func)(void);
    void (*property_can_revert_func)(void);
    void (*property_get_revert_func)(void);
    void (*validate_property_func)(void);
    void (*notification_func)(void *instance, int32_t notification, godot_bool reversed);
    void (*to_string_func)(void);
    void (*reference_func)(void);
    void (*unreference_func)(void);
    godot_object *(*create_instance_func)(void *class_userdata, godot_bool notify_postinitialize);
    void (*free_instance_func)(void *class_userdata, void *instance);
    void *(*recreate_instance_func)(void *class_userdata, godot_object *object);
    godot_virtual_function (*get_virtual_func)(void *class_userdata, const godot_string_name *name,
                                               uint32_t hash);
    void (*get_virtual_call_data_func)(void);
    void (*call_virtual_with_data_func)(void);
    void *class_userdata;
} godot_class_info;

// GDExtensionInstanceBindingCallbacks.
typedef struct {
    void *(*create_callback)(void *token, void *object);
    void (*free_callback)(void *token, void *object, void *binding);
    godot_bool (*reference_callback)(void *token, void *binding, godot_bool reference);
} godot_binding_callbacks;

// GDExtensionInitialization.
typedef struct {
    int32_t minimum_initialization_level;
    void *userdata;
    void (*initialize)(void *userdata, int32_t level);
    void (*deinitialize)(void *userdata, int32_t level);
} godot_initialization;

// ---- Functions that Godot returns for a type, a class or a method

// GDExtensionVariantFromTypeConstructorFunc: makes a Variant of a value.
typedef void (*godot_variant_from_type)(godot_variant *uninitialized, void *value);

// GDExtensionTypeFromVariantConstructorFunc: makes a value of a Variant, and may convert it.
typedef void (*godot_type_from_variant)(void *uninitialized, godot_variant *variant);

// GDExtensionPtrConstructor.
typedef void (*godot_constructor)(void *uninitialized, const void *const *arguments);

// GDExtensionPtrDestructor.
typedef void (*godot_destructor)(void *value);

// GDExtensionPtrBuiltInMethod.
typedef void (*godot_builtin_method)(void *base, const void *const *arguments, void *result,
                                     int count);

// GDExtensionPtrUtilityFunction.
typedef void (*godot_utility_function)(void *result, const void *const *arguments, int count);

// GDExtensionInterfaceFunctionPtr: a function of the interface, before it has its type.
typedef void (*godot_function)(void);

// GDExtensionInterfaceGetProcAddress.
typedef godot_function (*godot_get_proc_address)(const char *name);

#endif
