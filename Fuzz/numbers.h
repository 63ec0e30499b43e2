// SPDX-License-Identifier: MIT
//
// Numbers of every type, chosen by an index.
#ifndef FUZZ_NUMBERS_H
#define FUZZ_NUMBERS_H

#include <stdbool.h>
#include <stdint.h>

#include "streampeersocket/streampeersocket.h"

// Kinds: u8, u16, u32, u64, 8, 16, 32, 64, float; every other index is double. The first bytes hold
// the bits, in memory order.
sps_error get_number(sps_stream *stream, uint32_t kind, bool waits, uint8_t out_bits[8]);

#endif
