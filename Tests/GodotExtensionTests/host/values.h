// SPDX-License-Identifier: MIT
//
// Every value of Godot's types is tracked: who made it, and that it is destroyed exactly once.
// The memory of the extension holds no pointer, but a word that names a record of the host. A word
// that is copied, kept or overwritten therefore shows.
#ifndef HOST_VALUES_H
#define HOST_VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "interface/gdextension.h"

// Types of Godot that the extension's header does not need.
enum { HOST_VECTOR2 = 5, HOST_CALLABLE = 25, HOST_VARIANT = 100 };

// The elements of an Array, a Dictionary or a PackedStringArray. References share them.
typedef struct host_container {
    int references;
    size_t count;
    int type; // of a typed Array; GODOT_NIL: any
    char class_name[64];
    void **keys, **items; // each has a block of memory of its own
} host_container;

typedef struct host_value {
    int kind; // a type of Godot, or HOST_VARIANT
    bool is_alive;
    bool is_part;      // of another value, which owns it
    const char *maker; // the function of the interface
    uint8_t *bytes;    // of a String (UTF-8) or a PackedByteArray
    size_t size;       // of the bytes
    host_container *container;
    int type;            // of a Variant
    uint64_t payload[2]; // of a Variant: the value of that type
} host_value;

// Makes a value in memory that holds none. A value that was there is lost, as in Godot.
host_value *host_make(int kind, void *place);

// Writes an empty String, packed array or Variant, as Godot itself makes them. It owns nothing, so
// the extension may destroy it or write over it.
void host_make_empty(int kind, void *place);

// The value in this memory. The test fails if there is none of this kind.
host_value *host_find(int kind, const void *place);

// The same, for a change of the value.
host_value *host_find_own(int kind, void *place);

// Ends a value. Its contents must be gone. The memory is useless from now on.
void host_unmake(int kind, void *place);

// ---- Values by their type

size_t host_size_of(int type);
const char *host_type_name(int type);

// Whether the host knows the type.
bool host_knows(int type);

// Makes a copy in memory that holds no value; ends a value; makes the default.
void host_copy(int type, void *place, const void *source);
void host_destroy(int type, void *place);
void host_make_default(int type, void *place);

// ---- Leaks

// The number of values that are alive. Prints each to the text, as much as there is room for.
size_t host_list_values(char *text, size_t size);

// Frees all records. No value is valid any more.
void host_forget_values(void);

#endif
