// SPDX-License-Identifier: MIT
#include "support.h"

Suite *bad_input_suite(void);
Suite *batching_suite(void);
Suite *behaviour_suite(void);
Suite *buffer_suite(void);
Suite *buffer_calls_suite(void);
Suite *buffer_memory_suite(void);
Suite *buffer_model_suite(void);
Suite *closing_suite(void);
Suite *custom_suite(void);
Suite *custom_reading_suite(void);
Suite *custom_rest_suite(void);
Suite *custom_writing_suite(void);
Suite *descriptors_suite(void);
Suite *errors_suite(void);
Suite *ip_suite(void);
Suite *lines_suite(void);
Suite *packets_suite(void);
Suite *packets_counting_suite(void);
Suite *packets_ending_suite(void);
Suite *packets_limits_suite(void);
Suite *packets_poller_suite(void);
Suite *poller_suite(void);
Suite *poller_ends_suite(void);
Suite *poller_limits_suite(void);
Suite *poller_members_suite(void);
Suite *poller_model_suite(void);
Suite *poller_reading_suite(void);
Suite *poller_writing_suite(void);
Suite *random_values_suite(void);
Suite *scenarios_suite(void);
Suite *server_suite(void);
Suite *strangers_suite(void);
Suite *strings_suite(void);
Suite *timeouts_suite(void);
Suite *unix_paths_suite(void);
Suite *variant_suite(void);
Suite *variant_bad_input_suite(void);
Suite *variant_strangers_suite(void);
Suite *variant_writing_suite(void);
Suite *vectors_suite(void);

// Those that wait longest come first.
const suite_maker suites[] = {
    behaviour_suite,
    poller_writing_suite,
    poller_suite,
    errors_suite,
    vectors_suite,
    strangers_suite,
    strings_suite,
    buffer_suite,
    buffer_calls_suite,
    buffer_memory_suite,
    buffer_model_suite,
    custom_suite,
    custom_reading_suite,
    custom_rest_suite,
    custom_writing_suite,
    server_suite,
    batching_suite,
    bad_input_suite,
    scenarios_suite,
    closing_suite,
    timeouts_suite,
    unix_paths_suite,
    descriptors_suite,
    ip_suite,
    lines_suite,
    packets_suite,
    packets_counting_suite,
    packets_ending_suite,
    packets_limits_suite,
    packets_poller_suite,
    poller_reading_suite,
    poller_limits_suite,
    poller_ends_suite,
    poller_members_suite,
    poller_model_suite,
    variant_suite,
    variant_bad_input_suite,
    variant_strangers_suite,
    variant_writing_suite,
    random_values_suite,
    NULL,
};
