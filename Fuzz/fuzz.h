// SPDX-License-Identifier: MIT
//
// The common part of the fuzzers. libFuzzer calls LLVMFuzzerTestOneInput(), and so does replay.c.
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

// A promise that no input may break.
#define FUZZ_ASSERT(condition) ((condition) ? (void)0 : abort())

#endif
