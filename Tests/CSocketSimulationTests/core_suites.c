// SPDX-License-Identifier: MIT
//
// The suites of the core that also hold on the simulated network.
#include "support.h"

Suite *batching_suite(void);
Suite *behaviour_suite(void);
Suite *closing_suite(void);
Suite *ip_suite(void);
Suite *lines_suite(void);
Suite *poller_suite(void);
Suite *poller_ends_suite(void);
Suite *poller_limits_suite(void);
Suite *poller_members_suite(void);
Suite *poller_reading_suite(void);
Suite *poller_writing_suite(void);
Suite *scenarios_suite(void);
Suite *server_suite(void);
Suite *strings_suite(void);
Suite *timeouts_suite(void);

const suite_maker suites[] = {strings_suite,
                              behaviour_suite,
                              server_suite,
                              batching_suite,
                              closing_suite,
                              timeouts_suite,
                              ip_suite,
                              lines_suite,
                              poller_suite,
                              poller_writing_suite,
                              poller_reading_suite,
                              poller_limits_suite,
                              poller_ends_suite,
                              poller_members_suite,
                              scenarios_suite,
                              NULL};
