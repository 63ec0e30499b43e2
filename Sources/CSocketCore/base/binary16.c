// SPDX-License-Identifier: MIT
#include "base/binary16.h"

#include <string.h>

// binary32: 1 sign, 8 exponent (bias 127), 23 fraction bits; binary16: 1, 5 (bias 15), 10.
enum { FRACTION_SHIFT = 23 - 10, BIAS_DIFFERENCE = 127 - 15 };

static float float_of(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

float spsi_binary16_to_float(uint16_t half) {
    const uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    const uint32_t exponent = (half >> 10) & 0x1fu;
    const uint32_t fraction = half & 0x3ffu;
    if (exponent == 0) { // zero, or a subnormal: fraction units of 2^-24
        const float magnitude = (float)fraction * (1.0f / 16777216.0f);
        return sign != 0 ? -magnitude : magnitude;
    }
    const uint32_t wide_exponent = exponent == 0x1fu ? 0xffu : exponent + BIAS_DIFFERENCE;
    return float_of(sign | (wide_exponent << 23) | (fraction << FRACTION_SHIFT));
}

// Shifts right and rounds to nearest, ties to even.
static uint32_t shift_rounded(uint32_t value, uint32_t shift) {
    const uint32_t half_unit = 1u << (shift - 1);
    const uint32_t is_odd = (value >> shift) & 1u;
    return (value + half_unit - 1u + is_odd) >> shift;
}

uint16_t spsi_binary16_from_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    const uint32_t sign = (bits >> 16) & 0x8000u;
    const uint32_t magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {
        return (uint16_t)(sign | 0x7fffu);
    }
    if (magnitude >= 0x47800000u) { // 65536 and above, infinity
        return (uint16_t)(sign | 0x7c00u);
    }
    if (magnitude >= 0x38800000u) { // normal: a carry out of the fraction raises the exponent
        const uint32_t rebased = magnitude - ((uint32_t)BIAS_DIFFERENCE << 23);
        return (uint16_t)(sign | shift_rounded(rebased, FRACTION_SHIFT));
    }
    if (magnitude < 0x33000000u) { // below 2^-25: nearer to zero than to the least subnormal
        return (uint16_t)sign;
    }
    const uint32_t significand = (magnitude & 0x7fffffu) | 0x800000u;
    const uint32_t shift = 126u - (magnitude >> 23); // to units of 2^-24
    return (uint16_t)(sign | shift_rounded(significand, shift));
}
