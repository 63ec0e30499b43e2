// SPDX-License-Identifier: MIT
#ifndef MEMORY_COUNTER_H
#define MEMORY_COUNTER_H

#include <stddef.h>

/**
 * Whether memory is counted here. That needs glibc, and no sanitizer, which has its own malloc(3).
 */
int memory_counter_works(void);

/** Begins to count this thread's blocks, including the size word of malloc(3) before each. */
void memory_counter_begin(void);

/** The most bytes that this thread has had at once since then. */
size_t memory_counter_most(void);

#endif
