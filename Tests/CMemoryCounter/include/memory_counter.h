// SPDX-License-Identifier: MIT
#ifndef MEMORY_COUNTER_H
#define MEMORY_COUNTER_H

#include <stddef.h>

/** Whether memory is counted here: with glibc, and without a sanitizer, which has its own malloc(3). */
int memory_counter_works(void);

/** Begins to count the blocks of this thread, with malloc(3)'s word before each. */
void memory_counter_begin(void);

/** The most bytes that this thread has had at once since then. */
size_t memory_counter_most(void);

#endif
