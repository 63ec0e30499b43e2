// SPDX-License-Identifier: MIT
//
// The host is strict: each rule of Godot's that a small extension breaks ends the test.
#include <pthread.h>
#include <string.h>

#include "host/functions.h"
#include "support/strict.h"

// ---- Values

START_TEST(a_value_is_destroyed_once) {
    godot_string string = make_string("twice");
    destroy(GODOT_STRING, &string);
    BREAKS("destroyed before", destroy(GODOT_STRING, &string));
}
END_TEST

START_TEST(a_copy_without_a_constructor_is_found) {
    godot_string string = make_string("one"), copy = string;
    destroy(GODOT_STRING, &string);
    BREAKS("a copy without a constructor", destroy(GODOT_STRING, &copy));
}
END_TEST

START_TEST(a_name_is_destroyed_as_often_as_it_is_made) {
    godot_string_name name = make_name("poll"), equal = make_name("poll");
    ck_assert_ptr_eq(name.opaque, equal.opaque);
    godot_string_name copy = name;
    destroy(GODOT_STRING_NAME, &name);
    destroy(GODOT_STRING_NAME, &equal);
    BREAKS("every StringName \"poll\" was destroyed", destroy(GODOT_STRING_NAME, &copy));
}
END_TEST

START_TEST(zeros_are_no_value) {
    godot_string string = {NULL};
    godot_string_name name = {NULL};
    godot_variant variant = {{0}};
    BREAKS("no String", host_string_to_utf8_chars(&string, NULL, 0));
    BREAKS("no StringName", host_classdb_construct_object2(&name));
    BREAKS("no Variant", host_variant_get_type(&variant));
}
END_TEST

START_TEST(a_value_of_another_type_is_no_value) {
    godot_string string = make_string("text");
    BREAKS("no Array", destroy(GODOT_ARRAY, &string));
    BREAKS("no StringName", destroy(GODOT_STRING_NAME, &string));
}
END_TEST

START_TEST(a_part_of_a_variant_is_no_variant) {
    godot_variant variant, half;
    host_variant_new_nil(&variant);
    memset(&half, 0, sizeof half);
    memcpy(&half, &variant, 16);
    BREAKS("only a part", host_variant_destroy(&half));
}
END_TEST

START_TEST(leaks_are_named) {
    godot_string string = make_string("left");
    godot_string_name name = make_name("also_left");
    godot_variant variant;
    host_variant_new_nil(&variant);
    (void)string;
    (void)name;
    BREAKS("String left by string_new_with_utf8", host_stop());
    ck_assert_ptr_nonnull(strstr(broken_rule, "\"also_left\""));
    ck_assert_ptr_nonnull(strstr(broken_rule, "Variant of null by variant_new_nil"));
}
END_TEST

START_TEST(an_overwritten_value_is_a_leak) {
    godot_string string = make_string("first");
    string = make_string("second");
    destroy(GODOT_STRING, &string);
    BREAKS("String first", host_stop());
}
END_TEST

// As Godot's own: an empty String owns no memory.
START_TEST(empty_values_of_godot_may_be_overwritten) {
    godot_string string;
    host_make_empty(GODOT_STRING, &string);
    string = make_string("over it");
    destroy(GODOT_STRING, &string);
    host_stop();
}
END_TEST

START_TEST(indices_are_checked) {
    godot_packed_array array;
    host_variant_get_ptr_constructor(GODOT_PACKED_BYTE_ARRAY, 0)(&array, NULL);
    BREAKS("index 0 of 0", host_packed_byte_array_operator_index(&array, 0));
    BREAKS("index -1 of 0", host_packed_byte_array_operator_index_const(&array, -1));
}
END_TEST

START_TEST(typed_arrays_are_checked) {
    const int64_t size = 1;
    const void *const arguments[] = {&size};
    int64_t error;
    godot_array array;
    godot_variant script;
    godot_string_name none = make_name(""), resize = make_name("resize");
    host_variant_new_nil(&script);
    host_variant_get_ptr_constructor(GODOT_ARRAY, 0)(&array, NULL);
    host_array_set_typed(&array, GODOT_DICTIONARY, &none, &script);
    host_variant_get_ptr_builtin_method(GODOT_ARRAY, &resize, 848867239)(&array, arguments, &error,
                                                                         1);
    BREAKS("element 0 of an Array of Dictionary is a null", host_check_array(&array));
    BREAKS("not new", host_array_set_typed(&array, GODOT_INT, &none, &script));
}
END_TEST

static void *destroy_elsewhere(void *string) {
    destroy(GODOT_STRING, string);
    return NULL;
}

static bool was_caught;

static void end_thread(const char *text) {
    was_caught = strstr(text, "a thread that Godot did not call") != NULL;
    pthread_exit(NULL);
}

START_TEST(other_threads_may_not_call) {
    pthread_t thread;
    godot_string string = make_string("mine");
    host_failed = end_thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, destroy_elsewhere, &string), 0);
    pthread_join(thread, NULL);
    ck_assert(was_caught);
}
END_TEST

// ---- Objects

START_TEST(references_end_an_object) {
    host_object *object = host_new("StreamPeerExtension");
    godot_ref ref = {NULL};
    host_ref_set_object(&ref, host_pointer_to(object));
    ck_assert_int_eq(object->references, 2);
    host_unreference(object);
    host_ref_set_object(&ref, NULL);
    BREAKS("was freed before", host_object_get_instance_id(host_pointer_to(object)));
    ck_assert_ptr_null(host_object_get_instance_from_id(object->id));
}
END_TEST

START_TEST(objects_that_are_left_are_named) {
    host_new("StreamPeerExtension");
    BREAKS("StreamPeerExtension with 1 reference", host_stop());
}
END_TEST

// ---- Registration, of an extension with this class

static void free_nothing(void *userdata, void *instance) {
    (void)userdata;
    (void)instance;
}

static void register_class(const char *name, const char *parent) {
    const godot_class_info info = {
        .is_abstract = true, .is_exposed = true, .free_instance_func = free_nothing};
    godot_string_name names[] = {make_name(name), make_name(parent)};
    host_classdb_register_extension_class4((godot_library *)host_library(), &names[0], &names[1],
                                           &info);
    destroy(GODOT_STRING_NAME, &names[0]);
    destroy(GODOT_STRING_NAME, &names[1]);
}

static void unregister_class(const char *name) {
    godot_string_name word = make_name(name);
    host_classdb_unregister_extension_class((godot_library *)host_library(), &word);
    destroy(GODOT_STRING_NAME, &word);
}

static void call_nothing(void *method, void *instance, const godot_variant *const *arguments,
                         int64_t count, godot_variant *result, godot_call_error *error) {
    (void)method;
    (void)instance;
    (void)arguments;
    (void)count;
    (void)result;
    (void)error;
}

static void ptrcall_nothing(void *method, void *instance, const void *const *arguments,
                            void *result) {
    (void)method;
    (void)instance;
    (void)arguments;
    (void)result;
}

typedef struct method_names {
    godot_string_name class_name, method, argument, none;
    godot_string hint;
} method_names;

static void register_method(const char *class_name, int32_t type, int32_t metadata) {
    method_names names = {make_name(class_name), make_name("method"), make_name("argument"),
                          make_name(""), make_string("")};
    godot_property_info argument = {.type = type,
                                    .name = &names.argument,
                                    .class_name = &names.none,
                                    .hint_string = &names.hint,
                                    .usage = GODOT_USAGE_DEFAULT};
    const godot_method_info info = {.name = &names.method,
                                    .call_func = call_nothing,
                                    .ptrcall_func = ptrcall_nothing,
                                    .method_flags = GODOT_METHOD_NORMAL,
                                    .argument_count = 1,
                                    .arguments_info = &argument,
                                    .arguments_metadata = &metadata};
    host_classdb_register_extension_class_method((godot_library *)host_library(), &names.class_name,
                                                 &info);
}

static void (*the_work)(void);

static void initialize(void *userdata, int32_t level) {
    (void)userdata;
    if (level == GODOT_LEVEL_SCENE) {
        the_work();
    }
}

static void deinitialize(void *userdata, int32_t level) {
    (void)userdata;
    (void)level;
}

static godot_bool enter(godot_get_proc_address get_proc_address, godot_library *library,
                        godot_initialization *initialization) {
    (void)get_proc_address;
    (void)library;
    *initialization = (godot_initialization){GODOT_LEVEL_SCENE, NULL, initialize, deinitialize};
    return true;
}

static void load(void (*work)(void)) {
    the_work = work;
    ck_assert(host_load(enter));
}

static void register_twice(void) {
    register_class("Mine", "RefCounted");
    register_class("Mine", "RefCounted");
}

static void register_orphan(void) {
    register_class("Mine", "Nobody");
}

static void register_method_of_nobody(void) {
    register_method("Nobody", GODOT_INT, 0);
}

static void register_method_of_godot(void) {
    register_method("RefCounted", GODOT_INT, 0);
}

static void register_untyped_argument(void) {
    register_class("Mine", "RefCounted");
    register_method("Mine", GODOT_NIL, 0);
}

static void register_object_without_class(void) {
    register_class("Mine", "RefCounted");
    register_method("Mine", GODOT_OBJECT, 0);
}

static void register_wrong_metadata(void) {
    enum { REAL_IS_FLOAT = 9 };
    register_class("Mine", "RefCounted");
    register_method("Mine", GODOT_INT, REAL_IS_FLOAT);
}

static void register_method_twice(void) {
    register_class("Mine", "RefCounted");
    register_method("Mine", GODOT_INT, 0);
    register_method("Mine", GODOT_INT, 0);
}

static void unregister_too_early(void) {
    register_class("Mine", "RefCounted");
    unregister_class("Mine");
}

START_TEST(registrations_are_checked) {
    BREAKS("\"Mine\" is registered twice", load(register_twice));
}
END_TEST

START_TEST(members_are_checked) {
    static const struct {
        void (*work)(void);
        const char *part;
    } rows[] = {
        {register_orphan, "no class \"Nobody\""},
        {register_method_of_nobody, "no class \"Nobody\""},
        {register_method_of_godot, "\"RefCounted\" is Godot's"},
        {register_untyped_argument, "has type 0"},
        {register_object_without_class, "has class \"\" and type 24"},
        {register_wrong_metadata, "metadata 9"},
        {register_method_twice, "Mine.method() is registered twice"},
        {unregister_too_early, "Godot is at level 2"},
    };
    ck_assert_int_lt(_i, sizeof rows / sizeof rows[0]);
    BREAKS(rows[_i].part, load(rows[_i].work));
}
END_TEST

static void register_two(void) {
    register_class("Mine", "RefCounted");
    register_class("MyChild", "Mine");
}

static void end_parent_first(void *userdata, int32_t level) {
    (void)userdata;
    if (level == GODOT_LEVEL_SCENE) {
        unregister_class("Mine");
    }
}

static godot_bool enter_and_end_wrongly(godot_get_proc_address get_proc_address,
                                        godot_library *library,
                                        godot_initialization *initialization) {
    enter(get_proc_address, library, initialization);
    initialization->deinitialize = end_parent_first;
    return true;
}

START_TEST(classes_end_in_order) {
    the_work = register_two;
    ck_assert(host_load(enter_and_end_wrongly));
    BREAKS("inherit from \"Mine\"", host_unload());
}
END_TEST

START_TEST(a_class_must_end) {
    load(register_two);
    BREAKS("\"Mine\" was not unregistered", host_unload(); host_stop());
}
END_TEST

START_TEST(messages_must_be_expected) {
    host_print_error_with_message("Condition", "went wrong", "f", "f.c", 1, 0);
    BREAKS("printed: f: Condition: went wrong", host_stop());
}
END_TEST

Suite *host_suite(void) {
    Suite *suite = suite_create("host");
    TCase *values = add_strict_case(suite, "values");
    tcase_add_test(values, a_value_is_destroyed_once);
    tcase_add_test(values, a_copy_without_a_constructor_is_found);
    tcase_add_test(values, a_name_is_destroyed_as_often_as_it_is_made);
    tcase_add_test(values, zeros_are_no_value);
    tcase_add_test(values, a_value_of_another_type_is_no_value);
    tcase_add_test(values, a_part_of_a_variant_is_no_variant);
    tcase_add_test(values, leaks_are_named);
    tcase_add_test(values, an_overwritten_value_is_a_leak);
    tcase_add_test(values, empty_values_of_godot_may_be_overwritten);
    tcase_add_test(values, indices_are_checked);
    tcase_add_test(values, typed_arrays_are_checked);
    tcase_add_test(values, other_threads_may_not_call);
    TCase *objects = add_strict_case(suite, "objects");
    tcase_add_test(objects, references_end_an_object);
    tcase_add_test(objects, objects_that_are_left_are_named);
    TCase *registration = add_strict_case(suite, "registration");
    tcase_add_test(registration, registrations_are_checked);
    tcase_add_loop_test(registration, members_are_checked, 0, 8);
    tcase_add_test(registration, classes_end_in_order);
    tcase_add_test(registration, a_class_must_end);
    tcase_add_test(registration, messages_must_be_expected);
    return suite;
}
