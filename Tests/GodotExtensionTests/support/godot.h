// SPDX-License-Identifier: MIT
//
// Shared by the tests of the extension: loading it into the host, Variants, calls, peers.
#ifndef TEST_GODOT_H
#define TEST_GODOT_H

#include "host/calls.h"
#include "host/classes.h"
#include "host/containers.h"
#include "host/host.h"
#include "host/report.h"
#include "host/signals.h"
#include "host/strings.h"
#include "host/variants.h"
#include "support/support.h"

// The versions of Godot that the extension is for: 4.4 to 4.7.
enum { FIRST_MINOR = 4, LAST_MINOR = 7 };

// Its entry, from the file that Godot would load.
host_entry extension_entry(void);

// A test case. Each of its tests starts a Godot with the extension, and ends it. Nothing may be
// left then: values, objects, messages, descriptors, memory.
TCase *add_godot_case(Suite *suite, const char *name);

// The same without a Godot, which the test starts.
TCase *add_host_case(Suite *suite, const char *name);

// Most tests run by both conventions: they are loop tests from 0 to HOST_CONVENTIONS.
#define BY_BOTH(test_case, test) tcase_add_loop_test(test_case, test, 0, HOST_CONVENTIONS)
void call_by(int convention); // at the start of such a test

// ---- Variants, which the caller destroys, or passes to a call

typedef host_slot slot;

slot nil(void);
slot whole(int64_t number);
slot real(double number);
slot truth(bool is_true);
slot text(const char *text);
slot name(const char *text);
slot bytes(const void *bytes, size_t size);
slot object(host_object *object);
slot vector(void);
slot array(void);
slot dictionary(void);
slot strings(const char *text); // a PackedStringArray of one; NULL: of none
void drop(slot variant);

// ---- Calls

// Calls a method with Variants, which it destroys. Fails if the method is missing or complains.
slot call_with(host_object *object, const char *method, const slot *arguments, size_t count);
#define CALL(object, method, ...)                                                                  \
    call_with((object), (method), (const slot[]){nil(), ##__VA_ARGS__} + 1,                        \
              sizeof((const slot[]){nil(), ##__VA_ARGS__}) / sizeof(slot) - 1)

// Calls by Variants, and returns the error. The arguments are destroyed.
godot_call_error try_call(host_object *object, const char *method, const slot *arguments,
                          size_t count);

// The content of a Variant of this type, which is destroyed.
int64_t to_int(slot variant);
double to_real(slot variant);
bool to_bool(slot variant);
host_object *to_object(slot variant); // with a reference, for host_drop(); NULL: it was null
void expect_text(slot variant, const char *expected);
void expect_bytes(slot variant, const void *expected, size_t size);
void expect_nil(slot variant);

// The int of a key, in a Variant with a Dictionary.
int64_t field_of(const void *variant, const char *key);

#define INT(object, method, ...) to_int(CALL(object, method, ##__VA_ARGS__))
#define REAL(object, method, ...) to_real(CALL(object, method, ##__VA_ARGS__))
#define BOOL(object, method, ...) to_bool(CALL(object, method, ##__VA_ARGS__))
#define DO(object, method, ...) drop(CALL(object, method, ##__VA_ARGS__))
#define OBJECT(object, method, ...) to_object(CALL(object, method, ##__VA_ARGS__))

// Fails unless the extension printed a message with this text, and takes it.
void expect_message(const char *part);

// Godot's names of the numbers that the tests use.
enum {
    GD_OK = 0,
    GD_FAILED = 1,
    GD_ERR_UNAVAILABLE = 2,
    GD_ERR_ALREADY_IN_USE = 22,
    GD_ERR_FILE_EOF = 18,
    GD_ERR_INVALID_PARAMETER = 31,
    GD_ERR_BUSY = 44,
    GD_NONE = 0,
    GD_CONNECTING = 1,
    GD_CONNECTED = 2,
    GD_ERROR = 3,
};

// A call whose result does not matter. Without an object there is none.
#define TRY(object, ...)                                                                           \
    do {                                                                                           \
        if ((object) != NULL) {                                                                    \
            DO(object, __VA_ARGS__);                                                               \
        }                                                                                          \
    } while (0)

// Drops an object, if there is one.
static inline void drop_object(host_object *object) {
    if (object != NULL) {
        host_drop(object);
    }
}

#endif
