// SPDX-License-Identifier: MIT
//
// Every typed put writes the bytes that Godot 4.6 wrote, and every get reads them back.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support/json.h"
#include "support/plain.h"

enum { MOST_BYTES = 256 };

static double real_of(const char *value) {
    return strcmp(value, "inf_neg") == 0 ? -INFINITY : strtod(value, NULL);
}

static bool begins(const char *text, const char *part) {
    return strncmp(text, part, strlen(part)) == 0;
}

static bool is_real(const char *method) {
    return strcmp(method, "put_float") == 0 || strcmp(method, "put_double") == 0;
}

static bool is_text(const char *method) {
    return strcmp(method, "put_string") == 0 || strcmp(method, "put_utf8_string") == 0;
}

// The value of a row, as the argument of its method.
static slot argument_of(const char *method, const char *value) {
    if (is_real(method)) {
        return real(real_of(value));
    }
    if (is_text(method)) {
        char bare[MOST_BYTES]; // without its quotation marks
        snprintf(bare, sizeof bare, "%.*s", (int)strlen(value) - 2, value + 1);
        return text(bare);
    }
    return whole(strtoll(value, NULL, 10));
}

// A float has fewer bits than Godot's value.
static bool is_float_of(const char *method, const char *value, double found) {
    return strcmp(method, "put_float") == 0 && found == (double)(float)real_of(value);
}

// NaN is unequal to itself.
static void expect_same(const char *method, const char *value, slot found) {
    slot expected = argument_of(method, value);
    double number;
    memcpy(&number, host_inside(&found), sizeof number);
    const bool is_same = strcmp(value, "nan") == 0 ? isnan(number) != 0
                                                   : is_float_of(method, value, number) ||
                                                         host_are_equal(&found, &expected);
    ck_assert_msg(is_same, "%s(%s)", method, value);
    drop(found);
    drop(expected);
}

// The core rounds a half where Godot truncates, so its own tests compare these.
static bool is_known(const wire *wire, const char *method) {
    return begins(method, "put_") && host_find_method(wire->peer->class, method) != NULL &&
           strcmp(method, "put_half") != 0;
}

static size_t compared;

static void compare_row(json_t *row, void *user_data) {
    uint8_t bytes[MOST_BYTES];
    char getter[64];
    wire *wire = user_data;
    const char *method = text_of(row, "name"), *value = text_of(row, "value");
    if (!is_known(wire, method)) {
        return;
    }
    const size_t size = parse_hex(text_of(row, "hex"), bytes, sizeof bytes);
    const slot argument = argument_of(method, value);
    drop(call_with(wire->peer, method, &argument, 1));
    expect_plain(wire->socket, bytes, size);
    send_plain(wire->socket, bytes, size);
    snprintf(getter, sizeof getter, "get_%s", method + strlen("put_"));
    expect_same(method, value, CALL(wire->peer, getter));
    compared++;
}

static void compare_group(int convention, const char *group, bool is_big_endian) {
    enum { LEAST_ROWS = 60 };
    call_by(convention);
    wire wire = open_wire(TCP);
    wire.peer->big_endian = is_big_endian;
    compared = 0;
    visit_wire_rows(group, compare_row, &wire);
    ck_assert_uint_gt(compared, LEAST_ROWS);
    close_wire(&wire);
}

START_TEST(little_endian_bytes_are_those_of_godot) {
    compare_group(_i, "scalar_le", false);
}
END_TEST

START_TEST(big_endian_bytes_are_those_of_godot) {
    compare_group(_i, "scalar_be", true);
}
END_TEST

Suite *wire_suite(void) {
    Suite *suite = suite_create("wire");
    TCase *test_case = add_godot_case(suite, "wire");
    BY_BOTH(test_case, little_endian_bytes_are_those_of_godot);
    BY_BOTH(test_case, big_endian_bytes_are_those_of_godot);
    return suite;
}
