// SPDX-License-Identifier: MIT
//
// The part that all fuzzers share. libFuzzer calls LLVMFuzzerTestOneInput(); replay.c calls it too.
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static inline void fuzz_broken(const char *condition, const char *file, int line) {
    fprintf(stderr, "%s:%d: %s\n", file, line, condition);
    abort();
}

// A condition that must hold for every input.
#define FUZZ_ASSERT(condition) ((condition) ? (void)0 : fuzz_broken(#condition, __FILE__, __LINE__))

#endif
