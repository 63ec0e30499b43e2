// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include "support.h"

int main(void) {
    SRunner *runner = srunner_create(NULL);
    for (const suite_maker *make = suites; *make != NULL; make++) {
        srunner_add_suite(runner, (*make)());
    }
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
