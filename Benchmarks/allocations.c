// SPDX-License-Identifier: MIT
//
// Counts the allocations of a process. The dynamic linker loads it before libc (LD_PRELOAD).
#include <errno.h>
#include <stddef.h>

// glibc's own names of these functions.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static long count;

long counted_allocations(void) {
    return __atomic_load_n(&count, __ATOMIC_RELAXED);
}

static void *counted(void *block) {
    __atomic_fetch_add(&count, 1, __ATOMIC_RELAXED);
    return block;
}

void *malloc(size_t size) {
    return counted(__libc_malloc(size));
}

void *calloc(size_t number, size_t size) {
    return counted(__libc_calloc(number, size));
}

void *realloc(void *block, size_t size) {
    return counted(__libc_realloc(block, size));
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
