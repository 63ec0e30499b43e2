// SPDX-License-Identifier: MIT
//
// Numbers of all types, selected by a number.
#ifndef FUZZ_NUMBERS_H
#define FUZZ_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "streampeersocket/streampeersocket.h"

// Kinds: u8, u16, u32, u64, 8, 16, 32, 64, float, and double for all others. The bits are as in
// memory, at the beginning.
sps_error get_number(sps_stream *stream, uint32_t kind, bool waits, uint8_t out_bits[8]);

#endif
