// SPDX-License-Identifier: MIT
//
// Loading: in each version of Godot, again and again, and without one of Godot's functions.
#include <string.h>

#include "host/editor.h"
#include "interface/interface.h"
#include "interface/methods.h"
#include "support/godot.h"

// ---- Names that Godot can lack

static const char *const functions[] = {
#define NAME(result, name, parameters) #name,
    GODOT_FUNCTIONS(NAME)
#undef NAME
};
enum { FUNCTIONS = sizeof functions / sizeof functions[0] };

static const char *const optional[] = {
#define NAME(result, name, parameters) #name,
    GODOT_OPTIONAL_FUNCTIONS(NAME)
#undef NAME
};
enum { OPTIONAL = sizeof optional / sizeof optional[0] };

static const char *const methods[] = {
#define NAME(member, class_name, name, hash) name,
    GODOT_METHODS(NAME) GODOT_SCENE_METHODS(NAME)
#undef NAME
#define NAME(member, type, name, hash) name,
        GODOT_BUILTIN_METHODS(NAME)
#undef NAME
#define NAME(member, hash) #member,
            GODOT_UTILITIES(NAME)
#undef NAME
};
enum { METHODS = sizeof methods / sizeof methods[0] };

static size_t count_own_classes(void) {
    size_t count = 0;
    const host_class *class;
    for (size_t i = 0; (class = host_class_at(i)) != NULL; i++) {
        count += class->is_extension;
    }
    return count;
}

// ---- Tests

START_TEST(every_version_loads_it) {
    for (int minor = FIRST_MINOR; minor <= LAST_MINOR; minor++) {
        host_start(minor, NULL);
        ck_assert(host_load(extension_entry()));
        ck_assert_uint_gt(count_own_classes(), 0);
        host_unload();
        host_stop();
    }
}
END_TEST

START_TEST(it_can_be_loaded_again) {
    for (int i = 0; i < 3; i++) {
        host_start(6, NULL);
        ck_assert(host_load(extension_entry()));
        host_drop(host_new("SPSStreamPeerTCP"));
        host_unload();
        host_stop();
    }
}
END_TEST

// Godot prints the name of a function that it lacks. The extension says what that means.
START_TEST(it_refuses_to_load_without_a_function) {
    const char *name = functions[_i];
    host_start(6, name);
    ck_assert_msg(!host_load(extension_entry()), "loaded without %s", name);
    expect_message("non-existent interface function");
    if (strcmp(name, "print_error_with_message") != 0) {
        ck_assert_msg(strstr(host_message(0), name) != NULL, "%s", host_message(0));
        ck_assert_ptr_nonnull(strstr(host_message(0), "4.4"));
        expect_message("StreamPeerSocket cannot be loaded");
    }
    ck_assert_uint_eq(count_own_classes(), 0);
    host_stop();
}
END_TEST

START_TEST(it_loads_without_an_optional_function) {
    host_start(6, optional[_i]);
    host_begin_editor();
    ck_assert(host_load(extension_entry()));
    expect_message("non-existent interface function");
    ck_assert_uint_gt(count_own_classes(), 0);
    host_unload();
    host_stop();
}
END_TEST

START_TEST(only_an_editor_gets_the_class_reference) {
    for (int i = 0; i < 2; i++) {
        host_start(6, NULL);
        if (i == 1) {
            host_begin_editor();
        }
        ck_assert(host_load(extension_entry()));
        ck_assert_int_eq(host_page(0) != NULL, i == 1);
        host_unload();
        host_stop();
    }
}
END_TEST

// Godot has no methods before its classes are there, so the entry cannot ask for them.
START_TEST(it_registers_nothing_without_a_method) {
    host_start(6, methods[_i]);
    host_load(extension_entry());
    ck_assert_uint_eq(count_own_classes(), 0);
    bool is_named = false;
    while (host_count_messages() > 0) {
        is_named = is_named || strstr(host_message(0), "StreamPeerSocket cannot be loaded") != NULL;
        ck_assert_ptr_nonnull(strstr(host_message(0), methods[_i]));
        expect_message(methods[_i]);
    }
    ck_assert(is_named);
    host_unload();
    host_stop();
}
END_TEST

Suite *loading_suite(void) {
    Suite *suite = suite_create("loading");
    TCase *test_case = add_host_case(suite, "loading");
    tcase_add_test(test_case, every_version_loads_it);
    tcase_add_test(test_case, it_can_be_loaded_again);
    tcase_add_loop_test(test_case, it_refuses_to_load_without_a_function, 0, FUNCTIONS);
    tcase_add_loop_test(test_case, it_loads_without_an_optional_function, 0, OPTIONAL);
    tcase_add_test(test_case, only_an_editor_gets_the_class_reference);
    tcase_add_loop_test(test_case, it_registers_nothing_without_a_method, 0, METHODS);
    return suite;
}
