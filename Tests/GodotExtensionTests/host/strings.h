// SPDX-License-Identifier: MIT
//
// String, StringName and PackedByteArray.
#ifndef HOST_STRINGS_H
#define HOST_STRINGS_H

#include "host/values.h"

// ---- Values with bytes: String and PackedByteArray

host_value *host_make_bytes(int kind, void *place, const void *bytes, size_t size);
void host_copy_bytes(int kind, void *place, const void *source);
void host_destroy_bytes(int kind, void *place);

// Moves the bytes to a new block, so that a stale pointer to them shows. New bytes are zero.
void host_resize_bytes(host_value *value, size_t size);

void host_make_string(void *place, const char *text);

// The text ends with a zero, and lives as long as the String.
const char *host_text_of(const void *string);

// ---- StringName: equal names are equal words, so each name is counted

void host_make_name(void *place, const char *text);
void host_copy_name(int type, void *place, const void *source);
void host_destroy_name(int type, void *place);
void host_make_no_name(int type, void *place);

// The text of a name, which lives as long as the host.
const char *host_text_of_name(const void *name);

size_t host_list_names(char *text, size_t size);
void host_forget_names(void);

#endif
