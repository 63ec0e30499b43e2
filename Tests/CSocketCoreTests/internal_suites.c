// SPDX-License-Identifier: MIT
#include "support.h"

Suite *address_suite(void);
Suite *byte_queue_suite(void);
Suite *connecting_suite(void);
Suite *floods_suite(void);
Suite *half_suite(void);
Suite *stream_layout_suite(void);
Suite *lookup_suite(void);
Suite *memory_suite(void);
Suite *poller_cost_suite(void);
Suite *poller_names_suite(void);
Suite *poller_parts_suite(void);
Suite *race_suite(void);
Suite *server_files_suite(void);
Suite *socket_cost_suite(void);
Suite *socket_failures_suite(void);
Suite *text_suite(void);
Suite *waiting_gets_suite(void);

const suite_maker suites[] = {
    floods_suite,        half_suite,
    stream_layout_suite, text_suite,
    byte_queue_suite,    address_suite,
    connecting_suite,    server_files_suite,
    socket_cost_suite,   socket_failures_suite,
    waiting_gets_suite,  memory_suite,
    race_suite,          lookup_suite,
    poller_cost_suite,   poller_names_suite,
    poller_parts_suite,  NULL,
};
