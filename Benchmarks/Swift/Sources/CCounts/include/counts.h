// SPDX-License-Identifier: MIT
#ifndef COUNTS_H
#define COUNTS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How many bytes of the heap are in use; Swift's Glibc module has no mallinfo2(). */
size_t heap_bytes(void);

/** How often the OS has taken a thread of this process off its processor. */
size_t context_switches(void);

/** How many blocks the process has allocated; -1 without Benchmarks/allocations.c in it. */
long allocations(void);

#ifdef __cplusplus
}
#endif

#endif
