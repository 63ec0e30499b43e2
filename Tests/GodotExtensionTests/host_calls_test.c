// SPDX-License-Identifier: MIT
//
// The host is strict about calls: a method that breaks a rule of its convention ends the test.
#include <string.h>

#include "host/engine.h"
#include "host/functions.h"
#include "support/strict.h"

// ---- Methods that break a rule

static void set_result(godot_variant *result, int type, void *value) {
    host_variant_destroy(result);
    host_get_variant_from_type_constructor(type)(result, value);
}

static void return_int(void *method, void *instance, const godot_variant *const *arguments,
                       int64_t count, godot_variant *result, godot_call_error *error) {
    (void)method;
    (void)instance;
    (void)arguments;
    (void)count;
    (void)error;
    int64_t number = 70;
    set_result(result, GODOT_INT, &number);
}

static void return_int_and_error(void *method, void *instance,
                                 const godot_variant *const *arguments, int64_t count,
                                 godot_variant *result, godot_call_error *error) {
    return_int(method, instance, arguments, count, result, error);
    error->error = GODOT_CALL_TOO_FEW_ARGUMENTS;
}

static void destroy_argument(void *method, void *instance, const godot_variant *const *arguments,
                             int64_t count, godot_variant *result, godot_call_error *error) {
    (void)method;
    (void)instance;
    (void)count;
    (void)result;
    (void)error;
    host_variant_destroy((godot_variant *)arguments[0]);
}

static void leave_result_destroyed(void *method, void *instance,
                                   const godot_variant *const *arguments, int64_t count,
                                   godot_variant *result, godot_call_error *error) {
    (void)method;
    (void)instance;
    (void)arguments;
    (void)count;
    (void)error;
    host_variant_destroy(result);
}

static void write_half(void *method, void *instance, const void *const *arguments, void *result) {
    (void)method;
    (void)instance;
    (void)arguments;
    *(int32_t *)result = 5;
}

static void write_two(void *method, void *instance, const void *const *arguments, void *result) {
    (void)method;
    (void)instance;
    (void)arguments;
    *(uint8_t *)result = 2;
}

static void write_nothing(void *method, void *instance, const void *const *arguments,
                          void *result) {
    (void)method;
    (void)instance;
    (void)arguments;
    (void)result;
}

static void write_over_array(void *method, void *instance, const void *const *arguments,
                             void *result) {
    (void)method;
    (void)instance;
    (void)arguments;
    host_variant_get_ptr_constructor(GODOT_ARRAY, 0)(result, NULL); // the array there leaks
}

static void write_unreferenced(void *method, void *instance, const void *const *arguments,
                               void *result) {
    (void)method;
    (void)instance;
    (void)arguments;
    const godot_string_name name = make_name("PacketPeer");
    godot_object *object = host_classdb_construct_object2(&name);
    godot_ref reference = {NULL};
    host_ref_set_object(&reference, object);
    host_ref_set_object(&reference, NULL);
    memcpy(result, &object, sizeof object); // it has ended
}

// ---- Calls

static host_method method_of(int type, const char *class_name) {
    host_method method = {.name = "method", .has_result = true, .result = {.type = type}};
    snprintf(method.result.class_name, sizeof method.result.class_name, "%s", class_name);
    return method;
}

static void call(host_convention convention, const host_method *method, const slot *argument) {
    slot result;
    host_object *object = host_new("RefCounted");
    host_call_by(convention, object, method, argument, argument != NULL, &result);
}

typedef struct bad_call {
    int type; // of the result
    const char *class_name;
    godot_call_function run;
    const char *rule;
} bad_call;

START_TEST(results_by_variants_are_checked) {
    static const bad_call rows[] = {
        {GODOT_STRING, "", return_int, "a int is no String"},
        {GODOT_INT, "Error", return_int, "70 is not of Error"},
        {GODOT_INT, "", return_int_and_error, "a result and a CallError"},
        {GODOT_NIL, "", leave_result_destroyed, "destroyed before"},
    };
    host_method method = method_of(rows[_i].type, rows[_i].class_name);
    method.call = rows[_i].run;
    BREAKS(rows[_i].rule, call(BY_VARIANTS, &method, NULL));
}
END_TEST

START_TEST(arguments_are_lent) {
    const slot argument = text("lent");
    host_method method = method_of(GODOT_NIL, "");
    method.call = destroy_argument;
    BREAKS("destroyed before", call(BY_VARIANTS, &method, &argument));
}
END_TEST

typedef struct bad_pointer_call {
    int type;
    const char *class_name;
    godot_ptrcall_function run;
    const char *rule;
} bad_pointer_call;

START_TEST(results_by_pointers_are_checked) {
    static const bad_pointer_call rows[] = {
        {GODOT_INT, "", write_half, "not written its whole int"},
        {GODOT_INT, "", write_nothing, "not written its whole int"},
        {GODOT_FLOAT, "", write_half, "not written its whole float"},
        {GODOT_BOOL, "", write_two, "not written its whole bool"},
        {GODOT_BOOL, "", write_nothing, "not written its whole bool"},
        {GODOT_OBJECT, "PacketPeer", write_unreferenced, "was freed before"},
    };
    host_method method = method_of(rows[_i].type, rows[_i].class_name);
    method.ptrcall = rows[_i].run;
    BREAKS(rows[_i].rule, call(BY_POINTERS, &method, NULL));
}
END_TEST

START_TEST(an_array_that_is_written_over_leaks) {
    host_method method = method_of(GODOT_ARRAY, "");
    slot result;
    method.ptrcall = write_over_array;
    host_object *object = host_new("RefCounted");
    host_call_by(BY_POINTERS, object, &method, NULL, 0, &result);
    drop(result);
    host_drop(object);
    BREAKS("values are left: Array", host_stop());
}
END_TEST

START_TEST(a_method_of_another_class_is_refused) {
    godot_string_name names[] = {make_name("StreamPeer"), make_name("is_big_endian_enabled")};
    const godot_method_bind *method = host_classdb_get_method_bind(&names[0], &names[1], 36873697);
    ck_assert_ptr_nonnull(method);
    ck_assert_ptr_null(host_classdb_get_method_bind(&names[0], &names[1], 1));
    ck_assert(host_take_message("has changed"));
    uint8_t answer;
    godot_object *object = host_pointer_to(host_new("RefCounted"));
    BREAKS("has no is_big_endian_enabled",
           host_object_method_bind_ptrcall(method, object, NULL, &answer));
}
END_TEST

// ---- Signals

START_TEST(signals_are_checked) {
    host_make_classes(host_scene_classes);
    host_object *peer = host_new("MultiplayerPeerExtension");
    const slot wrong = text("no number"), number = whole(1);
    const void *const arguments[] = {&wrong, &number};
    BREAKS("a String is no int", host_emit(peer, "peer_connected", arguments, 1));
    BREAKS("has 1 arguments, not 2", host_emit(peer, "peer_connected", arguments, 2));
    BREAKS("has no signal \"nothing\"", host_emit(peer, "nothing", arguments, 1));
}
END_TEST

Suite *host_calls_suite(void) {
    Suite *suite = suite_create("host-calls");
    TCase *test_case = add_strict_case(suite, "calls");
    tcase_add_loop_test(test_case, results_by_variants_are_checked, 0, 4);
    tcase_add_test(test_case, arguments_are_lent);
    tcase_add_loop_test(test_case, results_by_pointers_are_checked, 0, 6);
    tcase_add_test(test_case, an_array_that_is_written_over_leaks);
    tcase_add_test(test_case, a_method_of_another_class_is_refused);
    tcase_add_test(test_case, signals_are_checked);
    return suite;
}
