// SPDX-License-Identifier: MIT
//
// IEEE 754 binary16, in integer arithmetic, so that every machine gives the same bits.
#ifndef SPSI_BINARY16_H
#define SPSI_BINARY16_H

#include <stdint.h>

// Exact: every half is a float.
float spsi_binary16_to_float(uint16_t half);

// Rounds to nearest, ties to even. Too large becomes infinity; a NaN becomes 0x7fff or 0xffff,
// as in Godot.
uint16_t spsi_binary16_from_float(float value);

#endif
