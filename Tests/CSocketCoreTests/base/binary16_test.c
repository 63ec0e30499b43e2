// SPDX-License-Identifier: MIT
#include "base/binary16.h"

#include <math.h>
#include <string.h>

#include "support/support.h"

// A second opinion: the nearest of all 65,536 halves, by arithmetic instead of bits.
static double exact(uint16_t half) {
    const int exponent = (half >> 10) & 0x1f, fraction = half & 0x3ff;
    const double magnitude =
        exponent == 0 ? ldexp(fraction, -24) : ldexp(1024 + fraction, exponent - 25);
    return half & 0x8000 ? -magnitude : magnitude;
}

START_TEST(every_half_survives_the_round_trip) {
    for (uint32_t bits = 0; bits <= 0xffff; bits++) {
        const uint16_t half = (uint16_t)bits;
        const float value = spsi_binary16_to_float(half);
        if ((half & 0x7fff) > 0x7c00) { // every NaN becomes one
            ck_assert(isnan(value));
            ck_assert_uint_eq(spsi_binary16_from_float(value), (half & 0x8000) | 0x7fff);
            continue;
        }
        if ((half & 0x7fff) == 0x7c00) {
            ck_assert(isinf(value));
        } else {
            ck_assert((double)value == exact(half));
        }
        ck_assert_uint_eq(spsi_binary16_from_float(value), half);
    }
}
END_TEST

// Between each two neighbours: below, at and above the middle.
START_TEST(rounding_is_to_nearest_ties_to_even) {
    for (uint16_t half = 0; half < 0x7bff; half++) {
        const uint16_t next = (uint16_t)(half + 1);
        const double middle = (exact(half) + exact(next)) / 2;
        const float at = (float)middle; // exact: one more bit than a half has
        ck_assert_uint_eq(spsi_binary16_from_float(at), half % 2 == 0 ? half : next);
        ck_assert_uint_eq(spsi_binary16_from_float(nextafterf(at, 0.0f)), half);
        ck_assert_uint_eq(spsi_binary16_from_float(nextafterf(at, INFINITY)), next);
        ck_assert_uint_eq(spsi_binary16_from_float(-at), 0x8000 | (half % 2 == 0 ? half : next));
    }
    ck_assert_uint_eq(spsi_binary16_from_float(65519.996f), 0x7bff);
    ck_assert_uint_eq(spsi_binary16_from_float(65520.0f), 0x7c00);
    ck_assert_uint_eq(spsi_binary16_from_float(3.4e38f), 0x7c00);
}
END_TEST

Suite *binary16_suite(void) {
    Suite *suite = suite_create("binary16");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, every_half_survives_the_round_trip);
    tcase_add_test(all, rounding_is_to_nearest_ties_to_even);
    return suite;
}
