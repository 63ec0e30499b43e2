// SPDX-License-Identifier: MIT
//
// Array, Dictionary and PackedStringArray.
#ifndef HOST_CONTAINERS_H
#define HOST_CONTAINERS_H

#include "host/values.h"

void host_make_container(int kind, void *place);
void host_copy_container(int kind, void *place, const void *source);
void host_destroy_container(int kind, void *place);

// The contents of a container.
const host_container *host_contents(int kind, const void *place);
void host_resize(int kind, void *place, size_t count);

// The Variant of a key of a Dictionary; NULL: it is not there.
const void *host_value_of_key(const void *dictionary, const char *key);

// Fails if an element of a typed Array has another type.
void host_check_array(const void *array);

#endif
