// SPDX-License-Identifier: MIT
//
// A connect to a name with several addresses (RFC 8305): the order and times of the attempts, and
// the reports.
#include <string.h>

#include "support/scripted_network.h"

// Common cases: one address, or one of each family.
static const scripted_address silent[] = {{"192.0.2.1", SILENT, SPSI_DONE}};
static const scripted_address two_silent[] = {{"2001:db8::1", SILENT, SPSI_DONE},
                                              {"192.0.2.1", SILENT, SPSI_DONE}};
static const scripted_address answers[] = {{"192.0.2.1", 0, SPSI_DONE}};

START_TEST(a_silent_address_costs_250_ms) {
    const scripted_address addresses[] = {{"2001:db8::1", SILENT, SPSI_DONE},
                                          {"192.0.2.1", 20, SPSI_DONE}};
    sps_stream *stream = CONNECT(addresses);
    OK(poll_after(stream, 0));
    expect_attempts(stream, 1);
    OK(poll_after(stream, 249));
    expect_attempts(stream, 1);
    OK(poll_after(stream, 1));
    expect_attempts(stream, 2);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
    OK(poll_after(stream, 20));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    ck_assert_int_eq(network.open, 1); // the loser is closed
    expect_attempt(stream, 0, "2001:db8::1", SPS_ATTEMPT_ABANDONED, 0, 270);
    expect_attempt(stream, 1, "192.0.2.1", SPS_ATTEMPT_CONNECTED, 250, 270);
    char host[SPS_HOST_TEXT_BYTES];
    OK(sps_tcp_get_connected_host(stream, host, sizeof host, NULL));
    ck_assert_str_eq(host, "192.0.2.1");
    end_stream(stream);
}
END_TEST

START_TEST(a_failure_begins_the_next_at_once) {
    const scripted_address addresses[] = {{"2001:db8::1", 5, SPSI_REFUSED},
                                          {"2001:db8::2", 0, SPSI_UNREACHABLE},
                                          {"192.0.2.1", 3, SPSI_DONE}};
    sps_stream *stream = CONNECT(addresses);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 5));
    expect_attempts(stream, 2); // the families alternate: IPv4 is second
    OK(poll_after(stream, 3));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_attempt(stream, 0, "2001:db8::1", SPS_ATTEMPT_FAILED, 0, 5);
    ck_assert_int_eq(attempt(stream, 0).os_error, 1000 + SPSI_REFUSED);
    expect_attempt(stream, 1, "192.0.2.1", SPS_ATTEMPT_CONNECTED, 5, 8);
    end_stream(stream);
}
END_TEST

START_TEST(families_take_turns) {
    const scripted_address addresses[] = {{"192.0.2.1", SILENT, SPSI_DONE},
                                          {"192.0.2.2", SILENT, SPSI_DONE},
                                          {"192.0.2.3", SILENT, SPSI_DONE},
                                          {"2001:db8::1", SILENT, SPSI_DONE},
                                          {"2001:db8::2", SILENT, SPSI_DONE}};
    static const char *const order[] = {"192.0.2.1", "2001:db8::1", "192.0.2.2", "2001:db8::2",
                                        "192.0.2.3"};
    sps_stream *stream = CONNECT(addresses);
    for (size_t i = 0; i < 5; i++) {
        OK(poll_after(stream, i == 0 ? 0 : 250));
        const sps_connect_attempt begun = attempt(stream, i);
        ck_assert_str_eq(begun.host, order[i]);
    }
    ck_assert_int_eq(network.open, 5);
    OK(sps_socket_disconnect(stream));
    ck_assert_int_eq(network.open, 0);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    expect_reason(stream, SPS_CLOSE_LOCAL);
    for (size_t i = 0; i < 5; i++) { // the log can still be read
        expect_attempt(stream, i, order[i], SPS_ATTEMPT_ABANDONED, 250 * i, 1000);
    }
    end_stream(stream);
}
END_TEST

START_TEST(all_fail_and_the_last_is_the_reason) {
    const scripted_address addresses[] = {{"2001:db8::1", 10, SPSI_UNREACHABLE},
                                          {"192.0.2.1", 10, SPSI_REFUSED}};
    sps_stream *stream = CONNECT(addresses);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 10));
    IS(poll_after(stream, 10), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_REFUSED);
    int32_t os_error;
    OK(sps_socket_get_os_error(stream, &os_error));
    ck_assert_int_eq(os_error, 1000 + SPSI_REFUSED);
    OK(sps_socket_disconnect(stream)); // already closed before
    expect_reason(stream, SPS_CLOSE_REFUSED);
    end_stream(stream);
}
END_TEST

// The first attempt fails after 300 ms. The second one began after 250 ms.
static void expect_third(int64_t second_after_ms, sps_attempt_state state_of_second) {
    const scripted_address addresses[] = {{"2001:db8::1", 300, SPSI_UNREACHABLE},
                                          {"192.0.2.1", second_after_ms, SPSI_REFUSED},
                                          {"2001:db8::2", 0, SPSI_DONE}};
    sps_stream *stream = CONNECT(addresses);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 250));
    OK(poll_after(stream, 50));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_attempt(stream, 0, "2001:db8::1", SPS_ATTEMPT_FAILED, 0, 300);
    expect_attempt(stream, 1, "192.0.2.1", state_of_second, 250, 300);
    expect_attempt(stream, 2, "2001:db8::2", SPS_ATTEMPT_CONNECTED, 300, 300);
    end_stream(stream);
}

START_TEST(two_that_fail_at_once_begin_the_third) {
    expect_third(50, SPS_ATTEMPT_FAILED);
}
END_TEST

START_TEST(a_failure_begins_the_next_while_another_runs) {
    expect_third(SILENT, SPS_ATTEMPT_ABANDONED);
}
END_TEST

// The log counts microseconds in 32 bits, at most 71 minutes.
START_TEST(an_attempt_of_hours_is_reported_as_the_longest) {
    sps_stream *stream = CONNECT(silent);
    OK(sps_socket_set_connect_timeout(stream, 5 * 3600 * 1000));
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 2 * 3600 * 1000));
    OK(sps_socket_disconnect(stream));
    ck_assert_uint_eq(attempt(stream, 0).start_us, 0);
    ck_assert_uint_eq(attempt(stream, 0).end_us, UINT32_MAX);
    end_stream(stream);
}
END_TEST

START_TEST(a_timeout_of_0_is_the_default) {
    sps_stream *stream = CONNECT(silent);
    OK(sps_socket_set_connect_timeout(stream, 1));
    OK(sps_socket_set_connect_timeout(stream, 0));
    OK(poll_after(stream, 29999));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    end_stream(stream);
    const sps_stream_options options = {
        .struct_size = sizeof options, .platform = &network.platform, .connect_timeout_ms = 5};
    OK(sps_tcp_create(&options, &stream));
    OK(sps_tcp_connect(stream, "any.name", 80));
    OK(poll_after(stream, 4));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    end_stream(stream);
}
END_TEST

static void expect_local(const sps_stream *stream, const char *host, int32_t port) {
    char text[SPS_HOST_TEXT_BYTES] = "?";
    int32_t number = -1;
    OK(sps_tcp_get_local_host(stream, text, sizeof text, NULL));
    ck_assert_str_eq(text, host);
    OK(sps_tcp_get_local_port(stream, &number));
    ck_assert_int_eq(number, port);
}

START_TEST(while_one_address_is_tried_its_local_address_is_known) {
    sps_stream *stream = CONNECT(silent);
    expect_local(stream, "", 0); // during the look-up
    OK(poll_after(stream, 0));
    expect_local(stream, "0.0.0.0", LOCAL_PORT);
    end_stream(stream);
    stream = CONNECT(two_silent);
    OK(poll_after(stream, 0));
    expect_local(stream, "", 0);
    end_stream(stream);
}
END_TEST

START_TEST(one_deadline_for_all) {
    sps_stream *stream = CONNECT(two_silent);
    network.resolved = false; // the look-up takes most of the time
    OK(poll_after(stream, 29000));
    network.resolved = true;
    OK(poll_after(stream, 500));
    OK(poll_after(stream, 499));
    ck_assert_int_eq(network.open, 2);
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    end_stream(stream);
}
END_TEST

// A new deadline applies to a running connect, counted from its start.
START_TEST(a_new_deadline_ends_a_running_connect) {
    sps_stream *stream = CONNECT(two_silent);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 500));
    OK(sps_socket_set_connect_timeout(stream, 501));
    OK(poll_after(stream, 0));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    OK(sps_socket_disconnect(stream));
    OK(sps_tcp_connect(stream, "any.name", 80));
    network.resolved = false;
    OK(sps_socket_set_connect_timeout(stream, 60000)); // so does a later one
    OK(poll_after(stream, 59999));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    end_stream(stream);
}
END_TEST

START_TEST(the_idle_timeout_counts_from_the_connection) {
    const scripted_address addresses[] = {{"192.0.2.1", 700, SPSI_DONE}};
    sps_stream *stream = CONNECT(addresses);
    OK(sps_socket_set_idle_timeout(stream, 1000));
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 700));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    OK(poll_after(stream, 999));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    IS(poll_after(stream, 1), SPS_FAILED);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    expect_reason(stream, SPS_CLOSE_IDLE);
    end_stream(stream);
}
END_TEST

START_TEST(the_delay_is_a_choice) {
    const scripted_address addresses[] = {{"2001:db8::1", SILENT, SPSI_DONE},
                                          {"192.0.2.1", 0, SPSI_DONE}};
    static const uint32_t chosen[] = {1000, 1, 0};
    static const uint64_t expected[] = {1000, 10, 250}; // at least 10: RFC 8305, 5
    sps_stream *stream = CONNECT(addresses);
    for (size_t i = 0; i < 3; i++) {
        OK(sps_socket_disconnect(stream));
        OK(sps_socket_set_attempt_delay(stream, chosen[i]));
        OK(sps_tcp_connect(stream, "any.name", 80));
        OK(poll_after(stream, 0));
        OK(poll_after(stream, expected[i] - 1));
        ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
        OK(poll_after(stream, 1));
        ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    }
    end_stream(stream);
}
END_TEST

START_TEST(destroying_ends_everything) {
    sps_stream *stream = CONNECT(two_silent);
    end_stream(stream); // during the look-up
    stream = CONNECT(two_silent);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 250));
    ck_assert_int_eq(network.open, 2);
    end_stream(stream);
}
END_TEST

START_TEST(the_logs_bad_inputs) {
    sps_stream *stream = CONNECT(answers);
    OK(poll_after(stream, 0));
    sps_connect_attempt none = {.struct_size = 0}, some = {.struct_size = sizeof some};
    size_t count;
    IS(sps_tcp_get_connect_attempt(stream, 0, &none), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_connect_attempt(stream, 0, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_connect_attempt(stream, 1, &some), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_tcp_get_connect_attempt(stream, SIZE_MAX, &some), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_tcp_get_connect_attempt(NULL, 0, &some), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_connect_attempt_count(NULL, &count), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_connect_attempt_count(stream, NULL), SPS_ERR_INVALID_PARAMETER);
    some = (sps_connect_attempt){.struct_size = 8, .port = 4711}; // a caller with an older header
    OK(sps_tcp_get_connect_attempt(stream, 0, &some));
    ck_assert_int_eq(some.state, SPS_ATTEMPT_CONNECTED);
    ck_assert_int_eq(some.port, 4711);
    sps_stream *uds = make_stream(UDS, NULL), *fresh = make_stream(TCP, NULL);
    some.struct_size = sizeof some;
    IS(sps_tcp_get_connect_attempt(fresh, 0, &some), SPS_ERR_PARAMETER_RANGE_ERROR);
    sps_stream_destroy(fresh);
    IS(sps_tcp_get_connect_attempt_count(uds, &count), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_get_connect_attempt(uds, 0, &some), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(uds);
    ck_assert_str_eq(sps_close_reason_name(-1), "UNKNOWN");
    ck_assert_str_eq(sps_close_reason_name(99), "UNKNOWN");
    ck_assert_str_eq(sps_close_reason_name(SPS_CLOSE_LIMIT), "CLOSE_LIMIT");
    ck_assert_str_eq(sps_close_reason_name(SPS_CLOSE_LOOKUP_FAILED), "CLOSE_LOOKUP_FAILED");
    ck_assert_str_eq(sps_close_reason_name(SPS_CLOSE_UNTRUSTED + 1), "UNKNOWN");
    ck_assert_str_eq(sps_close_reason_name(SPS_CLOSE_FAILED), "CLOSE_FAILED");
    end_stream(stream);
}
END_TEST

Suite *connect_race_suite(void) {
    Suite *suite = suite_create("connect_race");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_new_deadline_ends_a_running_connect);
    tcase_add_test(all, the_idle_timeout_counts_from_the_connection);
    tcase_add_test(all, a_silent_address_costs_250_ms);
    tcase_add_test(all, a_failure_begins_the_next_at_once);
    tcase_add_test(all, families_take_turns);
    tcase_add_test(all, all_fail_and_the_last_is_the_reason);
    tcase_add_test(all, two_that_fail_at_once_begin_the_third);
    tcase_add_test(all, a_failure_begins_the_next_while_another_runs);
    tcase_add_test(all, an_attempt_of_hours_is_reported_as_the_longest);
    tcase_add_test(all, a_timeout_of_0_is_the_default);
    tcase_add_test(all, while_one_address_is_tried_its_local_address_is_known);
    tcase_add_test(all, one_deadline_for_all);
    tcase_add_test(all, the_delay_is_a_choice);
    tcase_add_test(all, destroying_ends_everything);
    tcase_add_test(all, the_logs_bad_inputs);
    return suite;
}
