// SPDX-License-Identifier: MIT
//
// The functions that Godot hands out for a type: constructors, destructors, conversions, methods.
#include <string.h>

#include "host/containers.h"
#include "host/functions.h"
#include "host/host.h"
#include "host/report.h"
#include "host/strings.h"
#include "host/variants.h"

// X(type, name) for each type that such functions are asked for.
#define PLAIN_TYPES(X) X(GODOT_BOOL, bool) X(GODOT_INT, int) X(GODOT_FLOAT, float)
#define OWNING_TYPES(X)                                                                            \
    X(GODOT_STRING, string)                                                                        \
    X(GODOT_STRING_NAME, string_name)                                                              \
    X(GODOT_DICTIONARY, dictionary)                                                                \
    X(GODOT_ARRAY, array)                                                                          \
    X(GODOT_PACKED_BYTE_ARRAY, packed_byte_array)                                                  \
    X(GODOT_PACKED_STRING_ARRAY, packed_string_array)
#define ALL_TYPES(X) PLAIN_TYPES(X) X(GODOT_OBJECT, object) OWNING_TYPES(X)

static void check_memory(const void *place) {
    if (place == NULL) {
        host_fail("no memory for a value");
    }
}

// ---- Variants

#define CONVERT(type, name)                                                                        \
    static void variant_from_##name(godot_variant *uninitialized, void *value) {                   \
        ENTER();                                                                                   \
        check_memory(value);                                                                       \
        host_wrap(type, uninitialized, value);                                                     \
    }                                                                                              \
    static void name##_from_variant(void *uninitialized, godot_variant *variant) {                 \
        ENTER();                                                                                   \
        check_memory(uninitialized);                                                               \
        host_unwrap(type, uninitialized, variant);                                                 \
    }
ALL_TYPES(CONVERT)
#undef CONVERT

godot_variant_from_type host_get_variant_from_type_constructor(int32_t type) {
    ENTER();
#define CASE(number, name)                                                                         \
    case number:                                                                                   \
        return variant_from_##name;
    switch (type) {
        ALL_TYPES(CASE)
#undef CASE
    default:
        host_fail("the host has no Variants of type %d", type);
    }
}

godot_type_from_variant host_get_variant_to_type_constructor(int32_t type) {
    ENTER();
#define CASE(number, name)                                                                         \
    case number:                                                                                   \
        return name##_from_variant;
    switch (type) {
        ALL_TYPES(CASE)
#undef CASE
    default:
        host_fail("the host has no Variants of type %d", type);
    }
}

// ---- Constructors and destructors

// Godot's own empty values own nothing. The host still wants those of the extension destroyed.
#define CONSTRUCT(type, name)                                                                      \
    static void make_##name(void *uninitialized, const void *const *arguments) {                   \
        (void)arguments;                                                                           \
        ENTER();                                                                                   \
        check_memory(uninitialized);                                                               \
        host_make_default(type, uninitialized);                                                    \
        if ((type) != GODOT_STRING_NAME) {                                                         \
            host_find_own(type, uninitialized);                                                    \
        }                                                                                          \
    }                                                                                              \
    static void copy_##name(void *uninitialized, const void *const *arguments) {                   \
        ENTER();                                                                                   \
        check_memory(uninitialized);                                                               \
        host_copy(type, uninitialized, arguments[0]);                                              \
        if ((type) != GODOT_STRING_NAME) {                                                         \
            host_find_own(type, uninitialized);                                                    \
        }                                                                                          \
    }                                                                                              \
    static void destroy_##name(void *value) {                                                      \
        ENTER();                                                                                   \
        host_destroy(type, value);                                                                 \
    }
OWNING_TYPES(CONSTRUCT)
#undef CONSTRUCT

static void make_string_of_name(void *uninitialized, const void *const *arguments) {
    ENTER();
    host_make_string(uninitialized, host_text_of_name(arguments[0]));
}

static void make_name_of_string(void *uninitialized, const void *const *arguments) {
    ENTER();
    host_make_name(uninitialized, host_text_of(arguments[0]));
}

// The numbers of the constructors are those of Godot: the default, the copy, and conversions.
godot_constructor host_variant_get_ptr_constructor(int32_t type, int32_t constructor) {
    ENTER();
    if (type == GODOT_STRING && constructor == 2) {
        return make_string_of_name;
    }
    if (type == GODOT_STRING_NAME && constructor == 2) {
        return make_name_of_string;
    }
    if (constructor < 0 || constructor > 1) {
        host_fail("type %d: the host has no constructor %d", type, constructor);
    }
#define CASE(number, name)                                                                         \
    case number:                                                                                   \
        return constructor == 0 ? make_##name : copy_##name;
    switch (type) {
        OWNING_TYPES(CASE)
#undef CASE
    default:
        host_fail("the host has no constructor of type %d", type);
    }
}

godot_destructor host_variant_get_ptr_destructor(int32_t type) {
    ENTER();
#define CASE(number, name)                                                                         \
    case number:                                                                                   \
        return destroy_##name;
    switch (type) {
        OWNING_TYPES(CASE)
#undef CASE
    default:
        return NULL; // as Godot, of types without one
    }
}

// ---- Methods

static int64_t read_size(const void *const *arguments, int count, const void *result) {
    int64_t size;
    if (count != 1 || arguments == NULL || arguments[0] == NULL || result == NULL) {
        host_fail("resize(size) with %d arguments and a result at %p", count, result);
    }
    memcpy(&size, arguments[0], sizeof size);
    if (size < 0) {
        host_fail("resize(%lld)", (long long)size);
    }
    return size;
}

static void write_int(void *result, int64_t value) {
    check_memory(result);
    memcpy(result, &value, sizeof value);
}

static void resize_bytes(void *base, const void *const *arguments, void *result, int count) {
    ENTER();
    const int64_t size = read_size(arguments, count, result);
    host_resize_bytes(host_find_own(GODOT_PACKED_BYTE_ARRAY, base), (size_t)size);
    write_int(result, 0);
}

static void size_of_bytes(void *base, const void *const *arguments, void *result, int count) {
    (void)arguments;
    ENTER();
    if (count != 0) {
        host_fail("size() with %d arguments", count);
    }
    write_int(result, (int64_t)host_find(GODOT_PACKED_BYTE_ARRAY, base)->size);
}

static void resize_array(void *base, const void *const *arguments, void *result, int count) {
    ENTER();
    host_resize(GODOT_ARRAY, base, (size_t)read_size(arguments, count, result));
    write_int(result, 0);
}

static void resize_strings(void *base, const void *const *arguments, void *result, int count) {
    ENTER();
    host_resize(GODOT_PACKED_STRING_ARRAY, base, (size_t)read_size(arguments, count, result));
    write_int(result, 0);
}

static void size_of_strings(void *base, const void *const *arguments, void *result, int count) {
    (void)arguments;
    ENTER();
    if (count != 0) {
        host_fail("size() with %d arguments", count);
    }
    write_int(result, (int64_t)host_contents(GODOT_PACKED_STRING_ARRAY, base)->count);
}

typedef struct builtin {
    int type;
    const char *name;
    int64_t hash;
    godot_builtin_method run;
} builtin;

static const builtin builtins[] = {
    {GODOT_PACKED_BYTE_ARRAY, "resize", 848867239, resize_bytes},
    {GODOT_PACKED_BYTE_ARRAY, "size", 3173160232, size_of_bytes},
    {GODOT_ARRAY, "resize", 848867239, resize_array},
    {GODOT_PACKED_STRING_ARRAY, "resize", 848867239, resize_strings},
    {GODOT_PACKED_STRING_ARRAY, "size", 3173160232, size_of_strings},
};

godot_builtin_method
host_variant_get_ptr_builtin_method(int32_t type, const godot_string_name *method, int64_t hash) {
    ENTER();
    const char *name = host_text_of_name(method);
    for (size_t i = 0; i < sizeof builtins / sizeof builtins[0]; i++) {
        const builtin *row = &builtins[i];
        if (row->type == type && strcmp(row->name, name) == 0 && row->hash == hash &&
            !host_is_withheld(name)) {
            return row->run;
        }
    }
    host_print("Error getting method, it has another hash or does not exist", name);
    return NULL;
}
