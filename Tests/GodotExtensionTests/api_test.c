// SPDX-License-Identifier: MIT
//
// The classes have the names of Godot 4.6: methods, parameters, defaults, results, constants.
#include <stdlib.h>
#include <string.h>

#include "support/godot.h"
#include "support/json.h"

typedef struct counterpart {
    const char *godot, *ours;
} counterpart;

// Each class of Godot and ours, which has the same methods.
static const counterpart counterparts[] = {
    {"StreamPeerSocket", "SPSStreamPeerSocket"},
    {"StreamPeerTCP", "SPSStreamPeerTCP"},
    {"StreamPeerUDS", "SPSStreamPeerUDS"},
    {"SocketServer", "SPSSocketServer"},
    {"TCPServer", "SPSTCPServer"},
    {"UDSServer", "SPSUDSServer"},
    {"IP", "SPSIP"},
};
enum { COUNTERPARTS = sizeof counterparts / sizeof counterparts[0] };

// Godot's methods that wait, which a class that never waits leaves out.
static bool is_left_out(const host_class *class, const char *method) {
    return strcmp(class->name, "SPSIP") == 0 && (strcmp(method, "resolve_hostname") == 0 ||
                                                 strcmp(method, "resolve_hostname_addresses") == 0);
}

static json_t *api;

static void read_api(void) {
    api = parse_json_file(FIXTURES "/godot-4.6-api.json");
    ck_assert_ptr_nonnull(api);
}

static void free_api(void) {
    json_decref(api);
}

// ---- Types

// Our name of a class or an enum of Godot's.
static const char *our_name(const char *godot, char *buffer, size_t size) {
    const size_t length = strcspn(godot, ".");
    for (size_t i = 0; i < COUNTERPARTS; i++) {
        const counterpart *row = &counterparts[i];
        if (strlen(row->godot) == length && strncmp(row->godot, godot, length) == 0) {
            snprintf(buffer, size, "%s%s", row->ours, godot + length);
            return buffer;
        }
    }
    snprintf(buffer, size, "%s", godot);
    return buffer;
}

// A type as Godot's documentation writes it.
static const char *describe(const host_info *info, char *buffer, size_t size) {
    if (info->class_name[0] != '\0') {
        snprintf(buffer, size, "%s", info->class_name);
    } else if (info->type == GODOT_NIL) {
        snprintf(buffer, size, "Variant");
    } else if (info->type == GODOT_ARRAY && info->hint_text[0] != '\0') {
        snprintf(buffer, size, "%s[]", info->hint_text);
    } else {
        snprintf(buffer, size, "%s", host_type_name(info->type));
    }
    return buffer;
}

static void compare_types(const char *where, const host_info *info, const char *godot) {
    char ours[160], expected[160];
    describe(info, ours, sizeof ours);
    our_name(godot, expected, sizeof expected);
    ck_assert_msg(strcmp(ours, expected) == 0, "%s: %s, no %s", where, ours, expected);
}

// ---- Methods

static void describe_default(const void *variant, char *buffer, size_t size) {
    int64_t number;
    memcpy(&number, host_inside(variant), sizeof number);
    switch (host_type_of(variant)) {
    case GODOT_BOOL:
        snprintf(buffer, size, "%s",
                 *(const uint8_t *)host_inside(variant) != 0 ? "true" : "false");
        break;
    case GODOT_INT:
        snprintf(buffer, size, "%lld", (long long)number);
        break;
    case GODOT_STRING:
        snprintf(buffer, size, "\"%s\"", host_text_in(variant));
        break;
    default:
        snprintf(buffer, size, "a %s", host_type_name(host_type_of(variant)));
    }
}

static void compare_parameter(const host_method *method, size_t nth, const json_t *godot) {
    const host_info *argument = &method->arguments[nth];
    const size_t required = method->argument_count - method->default_count;
    const char *expected = text_of(godot, "default");
    ck_assert_str_eq(argument->name, text_of(godot, "name"));
    compare_types(method->name, argument, text_of(godot, "type"));
    ck_assert_msg((expected != NULL) == (nth >= required), "%s(): %s", method->name,
                  argument->name);
    if (expected != NULL) {
        char ours[128];
        describe_default(method->defaults[nth - required], ours, sizeof ours);
        ck_assert_str_eq(ours, expected);
    }
}

static void compare_method(const host_method *method, const json_t *godot) {
    const json_t *parameters = json_object_get(godot, "params");
    const char *result = text_of(godot, "returns");
    const bool is_const = strstr(text_of(godot, "qualifiers"), "const") != NULL;
    ck_assert_msg(method->argument_count == json_array_size(parameters), "%s()", method->name);
    for (size_t i = 0; i < method->argument_count; i++) {
        compare_parameter(method, i, json_array_get(parameters, i));
    }
    ck_assert_msg(method->has_result == (strcmp(result, "void") != 0), "%s()", method->name);
    if (method->has_result) {
        compare_types(method->name, &method->result, result);
    }
    ck_assert_msg(((method->flags & GODOT_METHOD_CONST) != 0) == is_const, "%s() is const",
                  method->name);
}

START_TEST(methods_are_those_of_godot) {
    size_t i;
    json_t *godot;
    host_class *class = host_class_named(counterparts[_i].ours);
    json_array_foreach(json_object_get(json_object_get(api, counterparts[_i].godot), "methods"), i,
                       godot) {
        const char *name = text_of(godot, "name");
        const host_method *method = host_find_method(class, name);
        ck_assert_msg((method == NULL) == is_left_out(class, name), "%s.%s()", class->name, name);
        if (method != NULL) {
            compare_method(method, godot);
        }
    }
}
END_TEST

// A method with the name of one of StreamPeer replaces it, so it must be the same.
START_TEST(replaced_methods_are_those_of_godot) {
    size_t i, count = 0;
    json_t *godot;
    host_class *class = host_class_named("SPSStreamPeerSocket");
    json_array_foreach(json_object_get(json_object_get(api, "StreamPeer"), "methods"), i, godot) {
        const host_method *method = host_find_method(class, text_of(godot, "name"));
        if (method != NULL) {
            compare_method(method, godot);
            count++;
        }
    }
    ck_assert_uint_gt(count, 20);
}
END_TEST

// ---- Constants

static const host_constant *constant_named(const host_class *class, const char *name) {
    for (size_t i = 0; i < class->constants.count; i++) {
        if (strcmp(class->constants.items[i].name, name) == 0) {
            return &class->constants.items[i];
        }
    }
    return NULL;
}

START_TEST(constants_are_those_of_godot) {
    size_t i;
    json_t *godot;
    const host_class *class = host_class_named(counterparts[_i].ours);
    json_array_foreach(json_object_get(json_object_get(api, counterparts[_i].godot), "constants"),
                       i, godot) {
        const char *name = text_of(godot, "name"), *enumeration = text_of(godot, "enum");
        const host_constant *constant = constant_named(class, name);
        ck_assert_msg(constant != NULL, "%s has no %s", class->name, name);
        ck_assert_int_eq(constant->value, strtoll(text_of(godot, "value"), NULL, 10));
        ck_assert_str_eq(constant->enumeration, enumeration != NULL ? enumeration : "");
        ck_assert(!constant->is_bitfield);
    }
}
END_TEST

// ---- Classes

START_TEST(classes_stand_where_godot_has_them) {
    ck_assert(host_inherits(host_class_named("SPSStreamPeerTCP"), "SPSStreamPeerSocket"));
    ck_assert(host_inherits(host_class_named("SPSStreamPeerUDS"), "SPSStreamPeerSocket"));
    ck_assert(host_inherits(host_class_named("SPSStreamPeerSocket"), "StreamPeerExtension"));
    ck_assert(host_inherits(host_class_named("SPSTCPServer"), "SPSSocketServer"));
    ck_assert(host_inherits(host_class_named("SPSUDSServer"), "SPSSocketServer"));
    ck_assert(host_inherits(host_class_named("SPSSocketServer"), "RefCounted"));
    ck_assert(host_class_named("SPSStreamPeerSocket")->info.is_abstract);
    ck_assert(host_class_named("SPSSocketServer")->info.is_abstract);
}
END_TEST

Suite *api_suite(void) {
    Suite *suite = suite_create("api");
    TCase *test_case = add_godot_case(suite, "api");
    tcase_add_checked_fixture(test_case, read_api, free_api);
    tcase_add_loop_test(test_case, methods_are_those_of_godot, 0, COUNTERPARTS);
    tcase_add_loop_test(test_case, constants_are_those_of_godot, 0, COUNTERPARTS);
    tcase_add_test(test_case, replaced_methods_are_those_of_godot);
    tcase_add_test(test_case, classes_stand_where_godot_has_them);
    return suite;
}
