// SPDX-License-Identifier: MIT
#include "support.h"

Suite *address_suite(void);
Suite *byte_queue_suite(void);
Suite *half_suite(void);
Suite *lookup_suite(void);
Suite *memory_suite(void);
Suite *platform_suite(void);
Suite *poller_cost_suite(void);
Suite *race_suite(void);
Suite *text_suite(void);

const suite_maker suites[] = {half_suite,        text_suite,   byte_queue_suite, address_suite,
                              platform_suite,    memory_suite, race_suite,       lookup_suite,
                              poller_cost_suite, NULL};
