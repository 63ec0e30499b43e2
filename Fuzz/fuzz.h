// SPDX-License-Identifier: MIT
//
// The part that all fuzzers share. libFuzzer calls LLVMFuzzerTestOneInput(); replay.c calls it too.
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

// A condition that must hold for every input.
#define FUZZ_ASSERT(condition) ((condition) ? (void)0 : abort())

#endif
