// SPDX-License-Identifier: MIT
#include "heap.h"

#include <stdlib.h>

#if defined(__GLIBC__)

#include <malloc.h>

// mallinfo2() reports only the main arena, so no thread may have another.
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
