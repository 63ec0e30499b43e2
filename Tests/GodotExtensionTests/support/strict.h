// SPDX-License-Identifier: MIT
//
// For the tests of the host itself: code that breaks its rules, in place of the extension.
#ifndef TEST_STRICT_H
#define TEST_STRICT_H

#include <setjmp.h>

#include "support/godot.h"

// The message of the last broken rule.
extern char broken_rule[1024];
extern jmp_buf at_broken_rule;
void catch_broken_rule(const char *message);

// Runs code that breaks a rule. The message must name it.
#define BREAKS(part, ...)                                                                          \
    do {                                                                                           \
        host_failed = catch_broken_rule;                                                           \
        broken_rule[0] = '\0';                                                                     \
        if (setjmp(at_broken_rule) == 0) {                                                         \
            __VA_ARGS__;                                                                           \
        }                                                                                          \
        ck_assert_msg(strstr(broken_rule, part) != NULL, "\"%s\" says no \"%s\"", broken_rule,     \
                      part);                                                                       \
    } while (0)

// A test case. Each test runs in a Godot that has called the extension.
TCase *add_strict_case(Suite *suite, const char *name);

godot_string make_string(const char *text);
godot_string_name make_name(const char *text);
void destroy(int type, void *value);

#endif
