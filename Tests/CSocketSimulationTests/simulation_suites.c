// SPDX-License-Identifier: MIT
#include "support.h"

Suite *events_suite(void);
Suite *failing_seeds_suite(void);
Suite *first_seeds_suite(void);
Suite *other_seeds_suite(void);
Suite *simulation_suite(void);
Suite *simulation_faults_suite(void);
Suite *simulation_network_suite(void);

// Those that take longest come first.
const suite_maker suites[] = {failing_seeds_suite,
                              first_seeds_suite,
                              events_suite,
                              other_seeds_suite,
                              simulation_network_suite,
                              simulation_suite,
                              simulation_faults_suite,
                              NULL};
