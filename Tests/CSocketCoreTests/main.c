// SPDX-License-Identifier: MIT
//
// Without arguments every suite runs; `--count` prints how many there are, `--suite N` runs one of them,
// counted from 0, so that others may run beside it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

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

int main(int argc, char **argv) {
    size_t count = 0;
    end_checking(); // until a test begins
    while (suites[count] != NULL) {
        count++;
    }
    if (argc == 1) {
        return run(suites, count);
    }
    if (argc == 2 && strcmp(argv[1], "--count") == 0) {
        return printf("%zu\n", count) > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    char *end = NULL;
    const unsigned long nth = argc == 3 ? strtoul(argv[2], &end, 10) : 0;
    if (argc != 3 || strcmp(argv[1], "--suite") != 0 || *end != '\0' || nth >= count) {
        fprintf(stderr, "usage: %s [--count | --suite N]\n", argv[0]);
        return EXIT_FAILURE;
    }
    return run(suites + nth, 1);
}
