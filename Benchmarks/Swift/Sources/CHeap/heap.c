// SPDX-License-Identifier: MIT
#include "heap.h"

#include <stdlib.h>

#if defined(__GLIBC__)

#include <malloc.h>

// Only the main arena is told of, so that no thread may have one of its own.
size_t heap_bytes(void) {
    mallopt(M_ARENA_MAX, 1);
    const struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

#else

size_t heap_bytes(void) {
    return 0;
}

#endif
