// SPDX-License-Identifier: MIT
#include "support/strict.h"

#include "host/functions.h"

#if ADDRESS_SANITIZER
#include <sanitizer/lsan_interface.h>
#endif

char broken_rule[1024];
jmp_buf at_broken_rule;

void catch_broken_rule(const char *message) {
    snprintf(broken_rule, sizeof broken_rule, "%s", message);
    longjmp(at_broken_rule, 1);
}

// A jump out of a broken rule loses memory.
static void begin(void) {
#if ADDRESS_SANITIZER
    __lsan_disable();
#endif
    host_start(6, NULL);
    host_begin_call();
}

TCase *add_strict_case(Suite *suite, const char *name) {
    TCase *test_case = tcase_create(name);
    tcase_add_checked_fixture(test_case, begin, NULL);
    suite_add_tcase(suite, test_case);
    return test_case;
}

godot_string make_string(const char *text) {
    godot_string string;
    host_string_new_with_utf8_chars_and_len2(&string, text, -1);
    return string;
}

godot_string_name make_name(const char *text) {
    godot_string_name name;
    host_string_name_new_with_utf8_chars(&name, text);
    return name;
}

void destroy(int type, void *value) {
    host_variant_get_ptr_destructor(type)(value);
}
