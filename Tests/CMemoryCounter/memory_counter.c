// SPDX-License-Identifier: MIT
//
// Counts memory in malloc(3) and its related functions. A program that links this file replaces
// them.
#include "memory_counter.h"

#include <stdlib.h>

#ifndef __has_feature // gcc does not define it
#define __has_feature(name) 0
#endif

#if !defined(__GLIBC__) || __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)

int memory_counter_works(void) {
    return 0;
}

void memory_counter_begin(void) {}

size_t memory_counter_most(void) {
    return 0;
}

#else

#include <errno.h>
#include <malloc.h>

// glibc's own names of these functions.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *block);

// Negative if the thread frees blocks that it allocated before the count began.
static _Thread_local long now, most;

static long bytes_of(void *block) {
    return block == NULL ? 0 : (long)(malloc_usable_size(block) + sizeof(size_t));
}

static void *counted(void *block) {
    now += bytes_of(block);
    most = now > most ? now : most;
    return block;
}

void *malloc(size_t size) {
    return counted(__libc_malloc(size));
}

void *calloc(size_t count, size_t size) {
    return counted(__libc_calloc(count, size));
}

// A block that moves exists twice for a moment.
void *realloc(void *block, size_t size) {
    const long before = bytes_of(block);
    void *moved = __libc_realloc(block, size);
    const int has_failed = moved == NULL && size > 0;
    if (!has_failed) {
        counted(moved);
        now -= before;
    }
    return moved;
}

void *memalign(size_t alignment, size_t size) {
    return counted(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size) {
    return memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    void *made = memalign(alignment, size);
    if (made == NULL) {
        return ENOMEM;
    }
    *block = made;
    return 0;
}

void free(void *block) {
    now -= bytes_of(block);
    __libc_free(block);
}

int memory_counter_works(void) {
    return 1;
}

void memory_counter_begin(void) {
    now = most = 0;
}

size_t memory_counter_most(void) {
    return (size_t)most;
}

#endif
