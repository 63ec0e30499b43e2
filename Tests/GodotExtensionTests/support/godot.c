// SPDX-License-Identifier: MIT
#include "support/godot.h"

#include <dlfcn.h>
#include <string.h>

#define CASES_SECONDS 120

// ---- The extension

host_entry extension_entry(void) {
    static host_entry entry;
    if (entry == NULL) {
        void *library = dlopen(EXTENSION_FILE, RTLD_NOW | RTLD_LOCAL);
        ck_assert_msg(library != NULL, "%s", dlerror());
        void *symbol = dlsym(library, EXTENSION_ENTRY);
        ck_assert_msg(symbol != NULL, "%s", dlerror());
        memcpy(&entry, &symbol, sizeof entry);
    }
    return entry;
}

static void fail_test(const char *message) {
    ck_abort_msg("%s", message);
}

static void prepare(void) {
    host_failed = fail_test;
    extension_entry();
}

static void load(void) {
    host_start(6, NULL);
    ck_assert(host_load(extension_entry()));
}

static void unload(void) {
    host_unload();
    host_stop();
}

TCase *add_host_case(Suite *suite, const char *name) {
    TCase *test_case = tcase_create(name);
    tcase_add_checked_fixture(test_case, prepare, NULL);
    tcase_add_checked_fixture(test_case, begin_counting, expect_nothing_left);
    tcase_set_timeout(test_case, CASES_SECONDS);
    suite_add_tcase(suite, test_case);
    return test_case;
}

TCase *add_godot_case(Suite *suite, const char *name) {
    TCase *test_case = add_host_case(suite, name);
    tcase_add_checked_fixture(test_case, load, unload);
    tcase_add_checked_fixture(test_case, set_up, tear_down);
    return test_case;
}

// ---- Variants

static slot wrap(int type, const void *value) {
    slot made;
    host_wrap(type, &made, value);
    return made;
}

// Takes a value that the Variant has copied.
static slot wrap_and_destroy(int type, void *value) {
    const slot made = wrap(type, value);
    host_destroy(type, value);
    return made;
}

slot nil(void) {
    slot made;
    host_make_empty(HOST_VARIANT, &made);
    return made;
}

slot whole(int64_t number) {
    return wrap(GODOT_INT, &number);
}

slot real(double number) {
    return wrap(GODOT_FLOAT, &number);
}

slot truth(bool is_true) {
    const uint8_t value = is_true;
    return wrap(GODOT_BOOL, &value);
}

slot text(const char *text) {
    uint64_t made;
    host_make_string(&made, text);
    return wrap_and_destroy(GODOT_STRING, &made);
}

slot name(const char *text) {
    uint64_t made;
    host_make_name(&made, text);
    return wrap_and_destroy(GODOT_STRING_NAME, &made);
}

slot bytes(const void *bytes, size_t size) {
    uint64_t made[2];
    host_make_bytes(GODOT_PACKED_BYTE_ARRAY, made, bytes, size);
    return wrap_and_destroy(GODOT_PACKED_BYTE_ARRAY, made);
}

slot object(host_object *object) {
    const godot_object *pointer = host_pointer_to(object);
    return wrap(GODOT_OBJECT, &pointer);
}

slot vector(void) {
    const float made[2] = {1, 2};
    return wrap(HOST_VECTOR2, made);
}

static slot container(int kind) {
    uint64_t made;
    host_make_container(kind, &made);
    return wrap_and_destroy(kind, &made);
}

slot array(void) {
    return container(GODOT_ARRAY);
}

slot dictionary(void) {
    return container(GODOT_DICTIONARY);
}

slot strings(const char *text) {
    uint64_t made[2] = {0};
    host_make_container(GODOT_PACKED_STRING_ARRAY, made);
    if (text != NULL) {
        host_resize(GODOT_PACKED_STRING_ARRAY, made, 1);
        void *element = host_contents(GODOT_PACKED_STRING_ARRAY, made)->items[0];
        host_destroy(GODOT_STRING, element);
        host_make_string(element, text);
    }
    return wrap_and_destroy(GODOT_PACKED_STRING_ARRAY, made);
}

void drop(slot variant) {
    host_destroy(HOST_VARIANT, &variant);
}

// ---- Calls

static host_convention convention;

void call_by(int number) {
    convention = (host_convention)number;
}

static const host_method *method_named(host_object *object, const char *method) {
    const host_method *found = host_find_method(object->class, method);
    ck_assert_msg(found != NULL, "a %s has no %s()", object->class->name, method);
    return found;
}

slot call_with(host_object *object, const char *method, const slot *arguments, size_t count) {
    slot result;
    const host_method *found = method_named(object, method);
    const godot_call_error error =
        host_call_by(convention, object, found, arguments, count, &result);
    ck_assert_msg(error.error == GODOT_CALL_OK, "%s(): CallError %d, argument %d, expected %d",
                  method, error.error, error.argument, error.expected);
    for (size_t i = 0; i < count; i++) {
        drop(arguments[i]);
    }
    return result;
}

godot_call_error try_call(host_object *object, const char *method, const slot *arguments,
                          size_t count) {
    slot result;
    const godot_call_error error =
        host_call_by(BY_VARIANTS, object, method_named(object, method), arguments, count, &result);
    for (size_t i = 0; i < count; i++) {
        drop(arguments[i]);
    }
    drop(result);
    return error;
}

// ---- Contents

static void expect_type(const slot *variant, int type) {
    ck_assert_str_eq(host_type_name(host_type_of(variant)), host_type_name(type));
}

int64_t to_int(slot variant) {
    int64_t number;
    expect_type(&variant, GODOT_INT);
    memcpy(&number, host_inside(&variant), sizeof number);
    drop(variant);
    return number;
}

double to_real(slot variant) {
    double number;
    expect_type(&variant, GODOT_FLOAT);
    memcpy(&number, host_inside(&variant), sizeof number);
    drop(variant);
    return number;
}

bool to_bool(slot variant) {
    expect_type(&variant, GODOT_BOOL);
    const bool is_true = *(const uint8_t *)host_inside(&variant) != 0;
    drop(variant);
    return is_true;
}

host_object *to_object(slot variant) {
    const godot_object *pointer = NULL;
    if (host_type_of(&variant) != GODOT_NIL) {
        expect_type(&variant, GODOT_OBJECT);
        memcpy(&pointer, host_inside(&variant), sizeof pointer);
    }
    if (pointer != NULL) {
        host_hold(&pointer);
    }
    drop(variant);
    return pointer != NULL ? host_object_of(pointer) : NULL;
}

void expect_text(slot variant, const char *expected) {
    expect_type(&variant, GODOT_STRING);
    ck_assert_str_eq(host_text_in(&variant), expected);
    drop(variant);
}

void expect_bytes(slot variant, const void *expected, size_t size) {
    expect_type(&variant, GODOT_PACKED_BYTE_ARRAY);
    const host_value *value = host_find(GODOT_PACKED_BYTE_ARRAY, host_inside(&variant));
    ck_assert_uint_eq(value->size, size);
    ck_assert(size == 0 || memcmp(value->bytes, expected, size) == 0);
    drop(variant);
}

void expect_nil(slot variant) {
    expect_type(&variant, GODOT_NIL);
    drop(variant);
}

int64_t field_of(const void *variant, const char *key) {
    int64_t number;
    ck_assert_int_eq(host_type_of(variant), GODOT_DICTIONARY);
    const void *value = host_value_of_key(host_inside(variant), key);
    ck_assert_msg(value != NULL, "no key \"%s\"", key);
    ck_assert_int_eq(host_type_of(value), GODOT_INT);
    memcpy(&number, host_inside(value), sizeof number);
    return number;
}

void expect_message(const char *part) {
    ck_assert_msg(host_take_message(part), "nobody printed \"%s\", but \"%s\"", part,
                  host_count_messages() > 0 ? host_message(0) : "nothing");
}
