// SPDX-License-Identifier: MIT
//
// Counts the memory that the library and its tests hold. The test program replaces malloc(3) and
// its related functions. In a sanitizer's build the sanitizer replaces them, and finds leaks
// itself.
#include "support/sanitizers.h"
#include "support/support.h"

#if !defined(__GLIBC__) || ADDRESS_SANITIZER || THREAD_SANITIZER || MEMORY_SANITIZER

void begin_counting_memory(void) {}

long count_memory_blocks(void) {
    return 0;
}

bool fail_allocation(const char *library, long nth) {
    (void)library;
    (void)nth;
    return false;
}

#else

#include <link.h>
#include <malloc.h>
#include <stdatomic.h>
#include <string.h>

// glibc's own names of these functions.
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void __libc_free(void *block);

static atomic_long blocks;

// ---- Memory ownership

// The program, the library, and the C++ library that allocates for them. Memory that libc keeps for
// itself is not a leak, such as buffers and the files of getaddrinfo(3).
typedef struct range {
    uintptr_t begin, end;
} range;

enum { MOST_RANGES = 32 };

static range ranges[MOST_RANGES];
static size_t range_count;

static int add_ranges(struct dl_phdr_info *object, size_t size, void *unused) {
    (void)size;
    (void)unused;
    const bool is_counted = object->dlpi_name[0] == '\0' ||
                            strstr(object->dlpi_name, "libstreampeersocket") != NULL ||
                            strstr(object->dlpi_name, "libstdc++") != NULL;
    for (int i = 0; is_counted && i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X) && range_count < MOST_RANGES) {
            const uintptr_t begin = object->dlpi_addr + segment->p_vaddr;
            ranges[range_count++] = (range){begin, begin + segment->p_memsz};
        }
    }
    return 0;
}

static bool is_ours(const void *caller) {
    const uintptr_t address = (uintptr_t)caller;
    size_t i = 0;
    while (i < range_count && !(address >= ranges[i].begin && address < ranges[i].end)) {
        i++;
    }
    return i < range_count;
}

// ---- Failures

static range failing;                // the code of the library whose allocations fail
static atomic_long allocations_left; // until one of them fails

static int find_code(struct dl_phdr_info *object, size_t size, void *name) {
    (void)size;
    for (int i = 0; strstr(object->dlpi_name, name) != NULL && i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && (segment->p_flags & PF_X)) {
            const uintptr_t begin = object->dlpi_addr + segment->p_vaddr;
            failing = (range){begin, begin + segment->p_memsz};
        }
    }
    return 0;
}

bool fail_allocation(const char *library, long nth) {
    const bool has_failed = failing.end != 0 && atomic_load(&allocations_left) == 0;
    atomic_store(&allocations_left, 0);
    failing = (range){0, 0};
    if (library != NULL) {
        dl_iterate_phdr(find_code, (void *)library);
        atomic_store(&allocations_left, nth);
    }
    return has_failed;
}

static bool fails(const void *caller) {
    const uintptr_t address = (uintptr_t)caller;
    return atomic_load(&allocations_left) > 0 && address >= failing.begin &&
           address < failing.end && atomic_fetch_sub(&allocations_left, 1) == 1;
}

// ---- Marks

// The last word of a block marks whether it is counted.
enum { MARK_BYTES = sizeof(uintptr_t) };

static uintptr_t mark_of(const void *block) {
    return (uintptr_t)block ^ (uintptr_t)0x5ca1ab1edeadbea7;
}

static char *place_of_mark(void *block) {
    return (char *)block + malloc_usable_size(block) - MARK_BYTES;
}

static void set_mark(void *block, bool is_counted) {
    const uintptr_t word = is_counted ? mark_of(block) : 0;
    memcpy(place_of_mark(block), &word, MARK_BYTES);
    atomic_fetch_add(&blocks, is_counted);
}

// Clears the mark, and returns whether the block was counted.
static bool take_mark(void *block) {
    uintptr_t word;
    memcpy(&word, place_of_mark(block), MARK_BYTES);
    const bool was_counted = word == mark_of(block);
    if (was_counted) {
        memset(place_of_mark(block), 0, MARK_BYTES);
        atomic_fetch_sub(&blocks, 1);
    }
    return was_counted;
}

// ---- malloc(3)

// Adds room for the mark. libc refuses a size that is too large.
static size_t with_mark(size_t size) {
    return size < SIZE_MAX - MARK_BYTES ? size + MARK_BYTES : SIZE_MAX;
}

static void *marked(void *block, const void *caller) {
    if (block != NULL) {
        set_mark(block, is_ours(caller));
    }
    return block;
}

void *malloc(size_t size) {
    const void *caller = __builtin_return_address(0);
    return fails(caller) ? NULL : marked(__libc_malloc(with_mark(size)), caller);
}

void *calloc(size_t count, size_t size) {
    if (fails(__builtin_return_address(0))) {
        return NULL;
    }
    const bool is_too_much = size != 0 && count > SIZE_MAX / size;
    const size_t bytes = is_too_much ? SIZE_MAX : count * size;
    return marked(__libc_calloc(1, with_mark(bytes)), __builtin_return_address(0));
}

void free(void *block) {
    if (block != NULL) {
        take_mark(block);
        __libc_free(block);
    }
}

void *realloc(void *block, size_t size) {
    const void *caller = __builtin_return_address(0);
    if (size > 0 && fails(caller)) {
        return NULL;
    }
    if (block == NULL) {
        return marked(__libc_malloc(with_mark(size)), caller);
    }
    if (size == 0) {
        free(block);
        return NULL;
    }
    const bool was_counted = take_mark(block);
    void *resized = __libc_realloc(block, with_mark(size));
    if (resized == NULL) {
        set_mark(block, was_counted);
    }
    return marked(resized, caller);
}

// ---- Counting

void begin_counting_memory(void) {
    range_count = 0;
    dl_iterate_phdr(add_ranges, NULL);
}

long count_memory_blocks(void) {
    return atomic_load(&blocks);
}

#endif
