// SPDX-License-Identifier: MIT
#include "base/utf8.h"

#include <string.h>

#include "support/support.h"

static bool utf8(const char *text) {
    return spsi_utf8_is_valid((const uint8_t *)text, strlen(text));
}

START_TEST(utf8_matches_rfc_3629) {
    static const char *const good[] = {"",
                                       "ascii only, longer than eight bytes",
                                       "\xc2\x80",
                                       "\xdf\xbf",
                                       "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",
                                       "\xee\x80\x80",
                                       "\xef\xbf\xbf",
                                       "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf",
                                       "eightby\xc3\xa9",
                                       "\xf0\x9f\x91\xbe mixed \xe2\x82\xac"};
    static const char *const bad[] = {"\x80",
                                      "\xbf",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xc2",
                                      "\xc2\x41",
                                      "\xe0\x9f\xbf",
                                      "\xe0\xa0",
                                      "\xed\xa0\x80",
                                      "\xed\xbf\xbf",
                                      "\xf0\x8f\xbf\xbf",
                                      "\xf0\x90\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xff",
                                      "\xfe",
                                      "eightbyt\xc3",
                                      "\xe2\x82\x41",
                                      "\xf0\x9f\x41\xbe",
                                      "\xf0\x9f\x91\x41"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        ck_assert_msg(utf8(good[i]), "good %zu", i);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!utf8(bad[i]), "bad %zu", i);
    }
}
END_TEST

// Encodes every code point by hand. All except the surrogates are valid.
START_TEST(every_code_point) {
    for (uint32_t c = 0x80; c <= 0x110000; c++) {
        uint8_t bytes[4];
        size_t size = 0;
        if (c < 0x800) {
            bytes[size++] = (uint8_t)(0xc0 | c >> 6);
        } else if (c < 0x10000) {
            bytes[size++] = (uint8_t)(0xe0 | c >> 12);
            bytes[size++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        } else {
            bytes[size++] = (uint8_t)(0xf0 | c >> 18);
            bytes[size++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
            bytes[size++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
        }
        bytes[size++] = (uint8_t)(0x80 | (c & 0x3f));
        const bool is_character = (c < 0xd800 || c > 0xdfff) && c <= 0x10ffff;
        ck_assert_msg(spsi_utf8_is_valid(bytes, size) == is_character, "U+%04X", c);
    }
}
END_TEST

START_TEST(ascii_at_every_offset) {
    uint8_t text[40];
    memset(text, 'a', sizeof text);
    ck_assert(spsi_utf8_is_ascii(text, sizeof text));
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = 0x80;
        ck_assert(!spsi_utf8_is_ascii(text, sizeof text));
        ck_assert(spsi_utf8_is_ascii(text, i));
        text[i] = 'a';
    }
}
END_TEST

START_TEST(a_character_outside_ascii_becomes_a_space) {
    const char *text = "a\xc3\xa9"
                       "b\xe2\x82\xac\xf0\x9f\x91\xbe"
                       "c";
    const size_t size = strlen(text);
    uint8_t out[8];
    ck_assert_uint_eq(spsi_utf8_length((const uint8_t *)text, size), 6);
    spsi_utf8_to_ascii((const uint8_t *)text, size, out);
    ck_assert_mem_eq(out, "a b  c", 6);
}
END_TEST

Suite *utf8_suite(void) {
    Suite *suite = suite_create("utf8");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, utf8_matches_rfc_3629);
    tcase_add_test(all, every_code_point);
    tcase_add_test(all, ascii_at_every_offset);
    tcase_add_test(all, a_character_outside_ascii_becomes_a_space);
    return suite;
}
