// SPDX-License-Identifier: MIT
#include "counts.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <sys/resource.h>

size_t context_switches(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)(usage.ru_nvcsw + usage.ru_nivcsw);
}

long allocations(void) {
    long (*const count)(void) = (long (*)(void))dlsym(RTLD_DEFAULT, "counted_allocations");
    return count == NULL ? -1 : count();
}

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
