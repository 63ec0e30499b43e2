// SPDX-License-Identifier: MIT
//
// Tests that must not pass: Tests/SystemTests/test_runner.py runs each case alone and sees what is told of it.
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/support.h"

START_TEST(it_passes) {
    ck_assert(true);
}
END_TEST

START_TEST(it_fails) {
    ck_assert_msg(_i < 0, "as it must");
}
END_TEST

START_TEST(it_crashes) {
    abort();
}
END_TEST

START_TEST(it_ends_the_process) {
    exit(EXIT_SUCCESS);
}
END_TEST

START_TEST(it_hangs) {
    while (true) {
        pause();
    }
}
END_TEST

START_TEST(it_leaves_a_descriptor) {
    ck_assert_int_ge(socket(AF_UNIX, SOCK_STREAM, 0), 0);
}
END_TEST

START_TEST(it_leaves_memory) {
    make_stream(TCP, NULL);
}
END_TEST

static void *stay(void *unused) {
    (void)unused;
    pause();
    return NULL;
}

START_TEST(it_leaves_a_thread) {
    pthread_t thread;
    ck_assert_int_eq(pthread_create(&thread, NULL, stay, NULL), 0);
}
END_TEST

START_TEST(it_leaves_a_process) {
    const pid_t child = fork();
    if (child == 0) {
        pause();
    }
    ck_assert_int_gt(child, 0);
}
END_TEST

static void add_probe(Suite *suite, const char *name, const TTest *test) {
    TCase *alone = add_case(suite, name);
    tcase_set_timeout(alone, 2);
    tcase_add_test(alone, test);
}

Suite *probe_suite(void) {
    Suite *suite = suite_create("probe");
    add_probe(suite, "passes", it_passes);
    add_probe(suite, "fails", it_fails);
    add_probe(suite, "crashes", it_crashes);
    add_probe(suite, "ends", it_ends_the_process);
    add_probe(suite, "hangs", it_hangs);
    add_probe(suite, "descriptor", it_leaves_a_descriptor);
    add_probe(suite, "memory", it_leaves_memory);
    add_probe(suite, "thread", it_leaves_a_thread);
    add_probe(suite, "process", it_leaves_a_process);
    return suite;
}

Suite *second_suite(void) {
    Suite *suite = suite_create("second");
    add_probe(suite, "second", it_passes);
    return suite;
}
