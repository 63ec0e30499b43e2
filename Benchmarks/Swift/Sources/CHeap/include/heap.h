// SPDX-License-Identifier: MIT
#ifndef HEAP_H
#define HEAP_H

#include <stddef.h>

/** How many bytes of the heap are in use; Swift's Glibc module has no mallinfo2(). */
size_t heap_bytes(void);

#endif
