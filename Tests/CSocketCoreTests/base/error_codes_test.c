// SPDX-License-Identifier: MIT
//
// The error table equals Godot's. The fixture is the list of Godot 4.6.
#include <string.h>

#include "support/json.h"
#include "support/support.h"

START_TEST(every_godot_code_has_its_name_and_a_message) {
    json_t *api = parse_json_file(FIXTURES "/godot-4.6-api.json");
    ck_assert_ptr_nonnull(api);
    json_t *rows = json_object_get(api, "@GlobalScope.Error");
    ck_assert_uint_eq(json_array_size(rows), 49);
    size_t i;
    json_t *row;
    json_array_foreach(rows, i, row) {
        const sps_error code = (sps_error)json_integer_value(json_object_get(row, "value"));
        ck_assert_str_eq(sps_error_name(code), json_string_value(json_object_get(row, "name")));
        ck_assert_uint_gt(strlen(sps_error_message(code)), 0);
    }
    json_decref(api);
}
END_TEST

START_TEST(an_invalid_code_is_unknown) {
    ck_assert_str_eq(sps_error_name(-1), "UNKNOWN");
    ck_assert_str_eq(sps_error_name(49), "UNKNOWN");
    ck_assert_str_eq(sps_error_name(INT32_MIN), "UNKNOWN");
    ck_assert_str_eq(sps_error_message(INT32_MAX), "unknown error");
}
END_TEST

// A program may be older than the library that it runs with.
START_TEST(the_version_is_at_least_that_of_the_header) {
    const uint32_t version = sps_version();
    char text[32];
    ck_assert_uint_ge(version,
                      SPS_VERSION_MAJOR * 10000 + SPS_VERSION_MINOR * 100 + SPS_VERSION_PATCH);
    snprintf(text, sizeof text, "%u.%u.%u", (unsigned)(version / 10000),
             (unsigned)(version / 100 % 100), (unsigned)(version % 100));
    ck_assert_str_eq(sps_version_string(), text);
}
END_TEST

Suite *error_codes_suite(void) {
    Suite *suite = suite_create("error_codes");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, every_godot_code_has_its_name_and_a_message);
    tcase_add_test(all, an_invalid_code_is_unknown);
    tcase_add_test(all, the_version_is_at_least_that_of_the_header);
    return suite;
}
