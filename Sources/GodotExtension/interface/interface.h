// SPDX-License-Identifier: MIT
//
// Godot's functions that this extension calls. Each is fetched by its name when Godot loads the
// extension. All of them are there since Godot 4.4 or longer.
#ifndef SPS_GODOT_INTERFACE_H
#define SPS_GODOT_INTERFACE_H

#include "gdextension.h"

// X(result, name, parameters) for each function of the interface. The contract of a function stands
// at `@name …` in Godot's `gdextension_interface.h`.
//
// `result` and `uninitialized` point to memory that holds no value yet.
#define GODOT_FUNCTIONS(X)                                                                         \
    X(void, print_error_with_message,                                                              \
      (const char *description, const char *message, const char *function, const char *file,       \
       int32_t line, godot_bool notify_editor))                                                    \
                                                                                                   \
    /* Variants */                                                                                 \
    X(void, variant_new_copy, (godot_variant * uninitialized, const godot_variant *source))        \
    X(void, variant_new_nil, (godot_variant * uninitialized))                                      \
    X(void, variant_destroy, (godot_variant * variant))                                            \
    X(int32_t, variant_get_type, (const godot_variant *variant))                                   \
    X(uint64_t, variant_get_object_instance_id, (const godot_variant *variant))                    \
    X(godot_bool, variant_can_convert_strict, (int32_t from, int32_t to))                          \
    X(godot_variant_from_type, get_variant_from_type_constructor, (int32_t type))                  \
    X(godot_type_from_variant, get_variant_to_type_constructor, (int32_t type))                    \
    X(godot_constructor, variant_get_ptr_constructor, (int32_t type, int32_t constructor))         \
    X(godot_destructor, variant_get_ptr_destructor, (int32_t type))                                \
    X(godot_builtin_method, variant_get_ptr_builtin_method,                                        \
      (int32_t type, const godot_string_name *method, int64_t hash))                               \
    X(godot_utility_function, variant_get_ptr_utility_function,                                    \
      (const godot_string_name *name, int64_t hash))                                               \
                                                                                                   \
    /* Strings and containers */                                                                   \
    X(int64_t, string_new_with_utf8_chars_and_len2,                                                \
      (godot_string * uninitialized, const char *text, int64_t bytes))                             \
    X(int64_t, string_to_utf8_chars, (const godot_string *string, char *text, int64_t bytes))      \
    X(void, string_name_new_with_utf8_chars,                                                       \
      (godot_string_name * uninitialized, const char *text))                                       \
    X(uint8_t *, packed_byte_array_operator_index, (godot_packed_array * array, int64_t index))    \
    X(const uint8_t *, packed_byte_array_operator_index_const,                                     \
      (const godot_packed_array *array, int64_t index))                                            \
    X(godot_string *, packed_string_array_operator_index,                                          \
      (godot_packed_array * array, int64_t index))                                                 \
    X(godot_variant *, array_operator_index, (godot_array * array, int64_t index))                 \
    X(void, array_set_typed,                                                                       \
      (godot_array * array, int32_t type, const godot_string_name *class_name,                     \
       const godot_variant *script))                                                               \
    X(godot_variant *, dictionary_operator_index,                                                  \
      (godot_dictionary * dictionary, const godot_variant *key))                                   \
                                                                                                   \
    /* Objects */                                                                                  \
    X(void, object_method_bind_call,                                                               \
      (const godot_method_bind *method, godot_object *object,                                      \
       const godot_variant *const *arguments, int64_t count, godot_variant *result,                \
       godot_call_error *error))                                                                   \
    X(void, object_method_bind_ptrcall,                                                            \
      (const godot_method_bind *method, godot_object *object, const void *const *arguments,        \
       void *result))                                                                              \
    X(void, object_set_instance,                                                                   \
      (godot_object * object, const godot_string_name *class_name, void *instance))                \
    X(void *, object_get_instance_binding,                                                         \
      (godot_object * object, void *token, const godot_binding_callbacks *callbacks))              \
    X(void, object_set_instance_binding,                                                           \
      (godot_object * object, void *token, void *binding,                                          \
       const godot_binding_callbacks *callbacks))                                                  \
    X(uint64_t, object_get_instance_id, (const godot_object *object))                              \
    X(godot_object *, object_get_instance_from_id, (uint64_t id))                                  \
    X(godot_object *, ref_get_object, (const godot_ref *ref))                                      \
    X(void, ref_set_object, (godot_ref * ref, godot_object * object))                              \
                                                                                                   \
    /* Classes */                                                                                  \
    X(godot_object *, classdb_construct_object2, (const godot_string_name *class_name))            \
    X(const godot_method_bind *, classdb_get_method_bind,                                          \
      (const godot_string_name *class_name, const godot_string_name *method, int64_t hash))        \
    X(void, classdb_register_extension_class4,                                                     \
      (godot_library * library, const godot_string_name *class_name,                               \
       const godot_string_name *parent, const godot_class_info *info))                             \
    X(void, classdb_register_extension_class_method,                                               \
      (godot_library * library, const godot_string_name *class_name,                               \
       const godot_method_info *info))                                                             \
    X(void, classdb_register_extension_class_integer_constant,                                     \
      (godot_library * library, const godot_string_name *class_name,                               \
       const godot_string_name *enum_name, const godot_string_name *constant, int64_t value,       \
       godot_bool is_bitfield))                                                                    \
    X(void, classdb_register_extension_class_property,                                             \
      (godot_library * library, const godot_string_name *class_name,                               \
       const godot_property_info *info, const godot_string_name *setter,                           \
       const godot_string_name *getter))                                                           \
    X(void, classdb_register_extension_class_signal,                                               \
      (godot_library * library, const godot_string_name *class_name,                               \
       const godot_string_name *signal, const godot_property_info *arguments, int64_t count))      \
    X(void, classdb_unregister_extension_class,                                                    \
      (godot_library * library, const godot_string_name *class_name))

// The functions that a Godot may lack. Their pointers are NULL then.
#define GODOT_OPTIONAL_FUNCTIONS(X)                                                                \
    X(void, editor_help_load_xml_from_utf8_chars, (const char *text))

// One pointer for each function.
struct godot {
#define GODOT_MEMBER(result, name, parameters) result(*name) parameters;
    GODOT_FUNCTIONS(GODOT_MEMBER)
    GODOT_OPTIONAL_FUNCTIONS(GODOT_MEMBER)
#undef GODOT_MEMBER
};

// The functions of the Godot that loaded this extension.
extern struct godot godot;

// Fetches every function. If one is missing that is not optional, it prints an error that names the
// function, and returns false. Then the extension must not load.
bool spsi_godot_fetch_interface(godot_get_proc_address get_proc_address);

// Prints an error as Godot's own methods do, with a sentence and the function that it is about.
void spsi_godot_print_error(const char *description, const char *message, const char *function);

// Destroys names that the extension made.
void spsi_godot_destroy_names(godot_string_name *names, size_t count);

#endif
