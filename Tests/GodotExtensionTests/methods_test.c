// SPDX-License-Identifier: MIT
//
// Every method that the extension registers, called on a new object: by both conventions, with good
// arguments and with bad ones. New classes and methods take part by themselves.
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "support/plain.h"

// ---- Visiting

typedef void (*visitor)(host_class *class, const host_method *method);

static size_t visit_methods(host_class *class, visitor visit) {
    size_t count = 0;
    for (host_class *of = class; of->is_extension; of = of->parent) {
        for (size_t i = 0; i < of->methods.count; i++) {
            visit(class, &of->methods.items[i]);
        }
        count += of->methods.count;
    }
    return count;
}

// Visits the methods of each class that can be made, and those that it inherits.
static void visit_all(visitor visit) {
    enum { LEAST_METHODS = 200 };
    host_class *class;
    size_t count = 0;
    for (size_t i = 0; (class = host_class_at(i)) != NULL; i++) {
        if (class->is_extension && !class->info.is_abstract) {
            count += visit_methods(class, visit);
        }
    }
    ck_assert_uint_gt(count, LEAST_METHODS);
}

// ---- Arguments

typedef enum fill { ZEROS, ONES, NEGATIVE, LEAST, MOST, FILLS } fill;

// A number of milliseconds, for a method that waits.
static bool waits(const host_method *method) {
    return strncmp(method->name, "wait", 4) == 0;
}

static slot number_for(fill fill) {
    static const int64_t numbers[FILLS] = {0, 1, -1, INT64_MIN, INT64_MAX};
    return whole(numbers[fill]);
}

static slot real_for(fill fill) {
    const double numbers[FILLS] = {0, 1, -1, -INFINITY, NAN};
    return real(numbers[fill]);
}

static slot text_for(fill fill) {
    static char long_text[100001];
    static const char *const texts[FILLS] = {"", "x", "\xC3\xBC\n", "no such name/", long_text};
    memset(long_text, 'y', sizeof long_text - 1);
    return text(texts[fill]);
}

// An object of the right class, of a wrong class, or none.
static slot object_for(const host_info *info, fill fill) {
    const host_class *class = host_find_class(info->class_name);
    const bool can_be_made = class != NULL && class->is_extension && !class->info.is_abstract;
    if (fill == ZEROS) {
        return nil();
    }
    host_object *made = host_new(fill == ONES && can_be_made ? class->name : "PacketPeer");
    const slot variant = object(made);
    host_drop(made);
    return variant;
}

static slot argument_for(const host_method *method, const host_info *info, fill fill) {
    switch (info->type) {
    case GODOT_BOOL:
        return truth(fill % 2 != 0);
    case GODOT_INT:
        return number_for(waits(method) ? ZEROS : fill);
    case GODOT_FLOAT:
        return real_for(fill);
    case GODOT_STRING:
        return text_for(fill);
    case GODOT_OBJECT:
        return object_for(info, fill);
    case GODOT_ARRAY:
        return array();
    case GODOT_DICTIONARY:
        return dictionary();
    case GODOT_PACKED_BYTE_ARRAY:
        return bytes("byte", fill == ZEROS ? 0 : 4);
    case GODOT_PACKED_STRING_ARRAY:
        return strings(fill == ZEROS ? NULL : "h2");
    case GODOT_NIL:
        return number_for(fill);
    default:
        ck_abort_msg("%s(): no argument of type %d", method->name, info->type);
    }
}

enum { MOST_ARGUMENTS = 8 };

static void fill_arguments(const host_method *method, fill fill, slot *arguments) {
    ck_assert_uint_le(method->argument_count, MOST_ARGUMENTS);
    for (size_t i = 0; i < method->argument_count; i++) {
        arguments[i] = argument_for(method, &method->arguments[i], fill);
    }
}

static void drop_all(slot *arguments, size_t count) {
    for (size_t i = 0; i < count; i++) {
        drop(arguments[i]);
    }
}

// ---- Both conventions

static size_t forget_messages(void) {
    const size_t count = host_count_messages();
    host_forget_messages();
    return count;
}

// The names of files that some methods make of the texts.
static void remove_files(void) {
    unlink("x");
    unlink("\xC3\xBC\n");
}

static void enter_directory(void) {
    place place = new_path();
    *strrchr(place.path, '/') = '\0';
    ck_assert_int_eq(chdir(place.path), 0);
}

static slot call_on(host_object *object, host_convention convention, const host_method *method,
                    fill fill, size_t count) {
    slot arguments[MOST_ARGUMENTS], result;
    remove_files();
    fill_arguments(method, fill, arguments);
    const godot_call_error error =
        host_call_by(convention, object, method, arguments, count, &result);
    ck_assert_msg(error.error == GODOT_CALL_OK, "%s.%s()", object->class->name, method->name);
    drop_all(arguments, method->argument_count);
    return result;
}

static slot call_new(host_convention convention, host_class *class, const host_method *method,
                     fill fill, size_t count) {
    host_object *object = host_new(class->name);
    const slot result = call_on(object, convention, method, fill, count);
    host_drop(object);
    return result;
}

static bool is_simple(int type) {
    return type == GODOT_NIL || type == GODOT_BOOL || type == GODOT_INT || type == GODOT_FLOAT ||
           type == GODOT_STRING;
}

// Of a new object, both calls have the same result and print as much.
static void compare_conventions(host_class *class, const host_method *method, fill fill,
                                size_t count) {
    const slot left = call_new(BY_VARIANTS, class, method, fill, count);
    const size_t printed = forget_messages();
    const slot right = call_new(BY_POINTERS, class, method, fill, count);
    ck_assert_msg(forget_messages() == printed, "%s.%s() prints", class->name, method->name);
    const int type = host_type_of(&left);
    const bool is_equal =
        is_simple(type) ? host_are_equal(&left, &right) : host_type_of(&right) == type;
    ck_assert_msg(is_equal, "%s.%s()", class->name, method->name);
    drop(left);
    drop(right);
}

static fill the_fill;

static void call_filled(host_class *class, const host_method *method) {
    compare_conventions(class, method, the_fill, method->argument_count);
}

START_TEST(every_method_takes_any_value_of_its_types) {
    the_fill = (fill)_i;
    visit_all(call_filled);
}
END_TEST

static void call_with_defaults(host_class *class, const host_method *method) {
    for (size_t i = method->argument_count - method->default_count; i < method->argument_count;
         i++) {
        compare_conventions(class, method, ZEROS, i);
    }
}

// A null in place of each argument. A script may keep one in a variable of the type.
static void call_with_nulls(host_class *class, const host_method *method) {
    slot arguments[8], result;
    if (waits(method)) {
        return;
    }
    host_object *object_ = host_new(class->name);
    for (size_t i = 0; i < method->argument_count; i++) {
        arguments[i] = nil();
    }
    host_call_by(BY_POINTERS, object_, method, arguments, method->argument_count, &result);
    drop(result);
    host_forget_messages();
    host_drop(object_);
}

START_TEST(every_method_takes_nulls) {
    visit_all(call_with_nulls);
}
END_TEST

START_TEST(arguments_with_defaults_can_be_left_out) {
    visit_all(call_with_defaults);
}
END_TEST

// ---- Connections

// A get waits for a millisecond, because nothing comes.
static void call_connected(host_class *class, const host_method *method) {
    for (int way = 0; way < MOST_TRANSPORTS * HOST_CONVENTIONS; way++) {
        const transport transport = (enum transport)(way % MOST_TRANSPORTS);
        if (strcmp(class->name, peer_classes[transport]) != 0) {
            continue;
        }
        wire wire = open_wire(transport);
        DO(wire.peer, "set_io_timeout_ms", whole(1));
        drop(call_on(wire.peer, (host_convention)(way / MOST_TRANSPORTS), method, the_fill,
                     method->argument_count));
        const int64_t status = INT(wire.peer, "get_status");
        ck_assert_msg(status != GD_CONNECTING, "%s()", method->name);
        forget_messages();
        close_wire(&wire);
    }
}

START_TEST(every_method_takes_any_value_on_a_connection) {
    the_fill = (fill)_i;
    visit_all(call_connected);
}
END_TEST

// ---- Wrong counts

static godot_call_error call_with_nils(host_class *class, const host_method *method, size_t count) {
    slot arguments[MOST_ARGUMENTS + 1], result;
    host_object *object = host_new(class->name);
    for (size_t i = 0; i < count; i++) {
        arguments[i] = nil();
    }
    const godot_call_error error =
        host_call_by(BY_VARIANTS, object, method, arguments, count, &result);
    drop_all(arguments, count);
    drop(result);
    host_drop(object);
    return error;
}

static void miscount(host_class *class, const host_method *method) {
    const size_t most = method->argument_count, least = most - method->default_count;
    const godot_call_error many = call_with_nils(class, method, most + 1);
    ck_assert_msg(many.error == GODOT_CALL_TOO_MANY_ARGUMENTS, "%s()", method->name);
    ck_assert_int_eq(many.expected, most);
    if (least > 0) {
        const godot_call_error few = call_with_nils(class, method, least - 1);
        ck_assert_msg(few.error == GODOT_CALL_TOO_FEW_ARGUMENTS, "%s()", method->name);
        ck_assert_int_eq(few.expected, least);
    }
}

START_TEST(wrong_counts_are_call_errors) {
    visit_all(miscount);
}
END_TEST

// ---- Wrong types

typedef slot (*maker)(void);

static slot some_int(void) {
    return whole(1);
}

static slot some_real(void) {
    return real(1.5);
}

static slot some_bool(void) {
    return truth(true);
}

static slot some_text(void) {
    return text("1");
}

static slot some_name(void) {
    return name("1");
}

static slot some_bytes(void) {
    return bytes("1", 1);
}

static slot some_object(void) {
    host_object *made = host_new("RefCounted");
    const slot variant = object(made);
    host_drop(made);
    return variant;
}

static const maker makers[] = {nil,    some_bool,   some_int, some_real,  some_text, some_name,
                               vector, some_object, array,    dictionary, some_bytes};

// Godot converts what it can, as its own methods do; anything else is a call error that names the
// argument and its type.
static void call_mistyped(host_class *class, const host_method *method, size_t nth, maker make) {
    slot arguments[MOST_ARGUMENTS], result;
    const int expected = method->arguments[nth].type;
    fill_arguments(method, ONES, arguments);
    drop(arguments[nth]);
    arguments[nth] = make();
    const int given = host_type_of(&arguments[nth]);
    const bool converts = host_converts(given, expected);
    host_object *object = host_new(class->name);
    const godot_call_error error =
        host_call_by(BY_VARIANTS, object, method, arguments, method->argument_count, &result);
    if (converts) {
        ck_assert_msg(error.error == GODOT_CALL_OK, "%s() takes a %s", method->name,
                      host_type_name(given));
    } else {
        ck_assert_msg(error.error == GODOT_CALL_INVALID_ARGUMENT, "%s() takes a %s", method->name,
                      host_type_name(given));
        ck_assert_int_eq(error.argument, nth);
        ck_assert_int_eq(error.expected, expected);
    }
    drop_all(arguments, method->argument_count);
    drop(result);
    host_drop(object);
    forget_messages();
}

static void mistype(host_class *class, const host_method *method) {
    for (size_t i = 0; i < method->argument_count; i++) {
        for (size_t j = 0; !waits(method) && j < sizeof makers / sizeof makers[0]; j++) {
            call_mistyped(class, method, i, makers[j]);
        }
    }
}

START_TEST(wrong_types_are_call_errors) {
    visit_all(mistype);
}
END_TEST

// ---- Properties

static void visit_property(host_object *object, const host_property *property) {
    for (int i = 0; i < HOST_CONVENTIONS; i++) {
        call_by(i);
        const slot value = CALL(object, property->getter);
        if (property->setter[0] != '\0') {
            const slot copy = value;
            drop(call_with(object, property->setter, &copy, 1));
        } else {
            drop(value);
        }
    }
}

// A property can be set to the value that it has.
START_TEST(properties_keep_their_values) {
    host_class *class;
    for (size_t i = 0; (class = host_class_at(i)) != NULL; i++) {
        if (!class->is_extension || class->info.is_abstract) {
            continue;
        }
        host_object *object = host_new(class->name);
        for (host_class *of = class; of->is_extension; of = of->parent) {
            for (size_t j = 0; j < of->properties.count; j++) {
                visit_property(object, &of->properties.items[j]);
            }
        }
        host_drop(object);
    }
}
END_TEST

Suite *methods_suite(void) {
    Suite *suite = suite_create("methods");
    TCase *test_case = add_godot_case(suite, "methods");
    tcase_add_checked_fixture(test_case, enter_directory, NULL);
    tcase_add_loop_test(test_case, every_method_takes_any_value_of_its_types, 0, FILLS);
    tcase_add_loop_test(test_case, every_method_takes_any_value_on_a_connection, 0, FILLS);
    tcase_add_test(test_case, every_method_takes_nulls);
    tcase_add_test(test_case, arguments_with_defaults_can_be_left_out);
    tcase_add_test(test_case, wrong_counts_are_call_errors);
    tcase_add_test(test_case, wrong_types_are_call_errors);
    tcase_add_test(test_case, properties_keep_their_values);
    return suite;
}
