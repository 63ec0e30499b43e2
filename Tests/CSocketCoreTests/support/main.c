// SPDX-License-Identifier: MIT
//
// Without arguments runs every suite. `--list` prints the suites, a number and a name a line.
// `--suite N` runs one suite, so that suites may run in parallel. `--match NAME` runs the tests
// whose own name, suite, case or file contains NAME. Where processes cannot fork, `--suite N --tests`
// prints the tests of a suite, and `--suite N --test NAME` runs one of them.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

// ---- Choosing tests

static const char *wanted; // part of a name; NULL: every test
static const char *suite_name, *case_name;
static const char *only; // the name of one test; NULL: every test
static bool lists_tests;

Suite *begin_suite(const char *name) {
    suite_name = name;
    return (suite_create)(name);
}

TCase *begin_case(const char *name) {
    case_name = name;
    return (tcase_create)(name);
}

static bool is_wanted(const TTest *test) {
    if (only != NULL) {
        return strcmp(test->name, only) == 0;
    }
    return wanted == NULL || strstr(suite_name, wanted) != NULL ||
           strstr(case_name, wanted) != NULL || strstr(test->name, wanted) != NULL ||
           strstr(test->file, wanted) != NULL;
}

void add_wanted_test(TCase *test_case, const TTest *test, int signal, int exit_value, int begin,
                     int end) {
    const char *why = why_left_out(test->name);
    if (why != NULL && begin < end) {
        printf("skipped: %s: %s\n", test->name, why);
    } else if (lists_tests) {
        printf("%s\n", test->name);
    } else if (is_wanted(test)) {
        (_tcase_add_test)(test_case, test, signal, exit_value, begin, end);
    }
}

// ---- Running them

static int run(const suite_maker *first, size_t count) {
    SRunner *runner = srunner_create(NULL);
    for (size_t i = 0; i < count; i++) {
        srunner_add_suite(runner, first[i]());
    }
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int list(size_t count) {
    SRunner *runner = srunner_create(NULL); // the runner frees the suites
    for (size_t i = 0; i < count; i++) {
        srunner_add_suite(runner, suites[i]());
        printf("%zu %s\n", i, suite_name);
    }
    srunner_free(runner);
    return EXIT_SUCCESS;
}

static int list_tests(const suite_maker *suite) {
    SRunner *runner = srunner_create((*suite)());
    srunner_free(runner);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    size_t count = 0;
    end_checking(); // the test's fixture turns it on again
    while (suites[count] != NULL) {
        count++;
    }
    if (argc == 1) {
        return run(suites, count);
    }
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        return list(count);
    }
    if (argc == 3 && strcmp(argv[1], "--match") == 0) {
        wanted = argv[2];
        return run(suites, count);
    }
    char *end = NULL;
    const unsigned long nth = argc >= 3 ? strtoul(argv[2], &end, 10) : 0;
    lists_tests = argc == 4 && strcmp(argv[3], "--tests") == 0;
    only = argc == 5 && strcmp(argv[3], "--test") == 0 ? argv[4] : NULL;
    const bool is_known = argc == 3 || lists_tests || only != NULL;
    if (!is_known || strcmp(argv[1], "--suite") != 0 || *end != '\0' || nth >= count) {
        fprintf(stderr, "usage: %s [--list | --suite N [--tests | --test NAME] | --match NAME]\n",
                argv[0]);
        return EXIT_FAILURE;
    }
    return lists_tests ? list_tests(suites + nth) : run(suites + nth, 1);
}
