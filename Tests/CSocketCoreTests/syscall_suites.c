// SPDX-License-Identifier: MIT
#include "support.h"

Suite *syscalls_suite(void);
Suite *syscalls_descriptors_suite(void);
Suite *syscalls_lookups_suite(void);
Suite *syscalls_paths_suite(void);
Suite *syscalls_selectors_suite(void);

const suite_maker suites[] = {syscalls_lookups_suite,     syscalls_suite,
                              syscalls_descriptors_suite, syscalls_selectors_suite,
                              syscalls_paths_suite,       NULL};
