// SPDX-License-Identifier: MIT
//
// A poller and the platform that it runs on.
#include "platform/platform.h"
#include "support/pollers.h"

static spsi_result refuse_to_wait(const sps_platform *platform, spsi_selector *selector,
                                  uint64_t timeout_us) {
    (void)platform;
    (void)selector;
    (void)timeout_us;
    return (spsi_result){SPSI_FAILED, 0};
}

START_TEST(a_failed_wait_of_the_os_is_an_error) {
    sps_platform platform = *spsi_os_platform();
    platform.selector_wait = refuse_to_wait;
    const sps_poller_options options = {.struct_size = sizeof options, .platform = &platform};
    sps_poller *poller = make_poller(&options);
    size_t count = 99;
    IS(sps_poller_wait(poller, 0, &count), SPS_FAILED);
    ck_assert_uint_eq(count, 0);
    IS(sps_poller_wait(poller, -1, &count), SPS_FAILED);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_stream_of_another_platform_is_refused) {
    const sps_platform platform = *spsi_os_platform();
    const sps_poller_options options = {.struct_size = sizeof options, .platform = &platform};
    sps_poller *poller = make_poller(&options);
    sps_stream *stream = make_stream(_i, NULL);
    sps_server *server = make_server(_i, NULL);
    IS(sps_poller_add(poller, stream, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove(poller, stream), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_poller_add_server(poller, server, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_poller_remove_server(poller, server), SPS_ERR_DOES_NOT_EXIST);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

// A table that another release of the testing library has made.
START_TEST(a_platform_of_another_version_is_refused) {
    sps_platform other = *spsi_os_platform();
    if (_i == 0) {
        other.version++;
    } else {
        other.table_bytes -= sizeof(void *);
    }
    const sps_stream_options of_stream = {.struct_size = sizeof of_stream, .platform = &other};
    const sps_server_options of_server = {.struct_size = sizeof of_server, .stream = &of_stream};
    const sps_poller_options of_poller = {.struct_size = sizeof of_poller, .platform = &other};
    const sps_ip_options of_ip = {.struct_size = sizeof of_ip, .platform = &other};
    sps_stream *stream;
    sps_server *server;
    sps_poller *poller;
    sps_ip *ip;
    IS(sps_tcp_create(&of_stream, &stream), SPS_ERR_UNAVAILABLE);
    IS(sps_uds_create(&of_stream, &stream), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_server_create(&of_server, &server), SPS_ERR_UNAVAILABLE);
    IS(sps_poller_create(&of_poller, &poller), SPS_ERR_UNAVAILABLE);
    IS(sps_ip_create(&of_ip, &ip), SPS_ERR_UNAVAILABLE);
}
END_TEST

Suite *poller_platform_suite(void) {
    Suite *suite = suite_create("poller_platform");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_stream_of_another_platform_is_refused, 0, TRANSPORTS);
    tcase_add_test(all, a_failed_wait_of_the_os_is_an_error);
    tcase_add_loop_test(all, a_platform_of_another_version_is_refused, 0, 2);
    return suite;
}
