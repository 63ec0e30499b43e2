// SPDX-License-Identifier: MIT
//
// The look-up of a connect: the two families answer separately (RFC 8305, 3), late, or not at all.
#include <stdio.h>

#include "support/scripted_network.h"

static const scripted_address answers[] = {{"192.0.2.1", 0, SPSI_DONE}};

enum { BOTH = SPSI_IPV4 | SPSI_IPV6 };

// Nothing is known yet, neither of both families together nor of each alone.
static sps_stream *connect_split(const scripted_address *addresses, size_t count) {
    sps_stream *stream = connect_by_name(addresses, count);
    network.is_split = true;
    network.answers[SPSI_IPV4] = network.answers[SPSI_IPV6] = network.answers[BOTH] = SPSI_AGAIN;
    OK(poll_after(stream, 100)); // from now on each is asked for alone
    return stream;
}

#define CONNECT_SPLIT(addresses) connect_split(addresses, sizeof addresses / sizeof addresses[0])

static const scripted_address ipv6_then_ipv4[] = {{"2001:db8::1", 0, SPSI_REFUSED},
                                                  {"192.0.2.1", 0, SPSI_DONE}};

START_TEST(ipv4_waits_50_ms_for_ipv6) {
    sps_stream *stream = CONNECT_SPLIT(ipv6_then_ipv4);
    network.answers[SPSI_IPV4] = SPSI_DONE;
    OK(poll_after(stream, 10));
    OK(poll_after(stream, 49));
    expect_attempts(stream, 0);
    OK(poll_after(stream, 1));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_attempt(stream, 0, "192.0.2.1", SPS_ATTEMPT_CONNECTED, 160, 160);
    end_stream(stream);
}
END_TEST

START_TEST(ipv4_does_not_wait_for_an_ipv6_that_has_failed) {
    sps_stream *stream = CONNECT_SPLIT(ipv6_then_ipv4);
    network.answers[SPSI_IPV4] = SPSI_DONE;
    network.answers[SPSI_IPV6] = SPSI_NAME_UNKNOWN;
    OK(poll_after(stream, 10));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    end_stream(stream);
}
END_TEST

START_TEST(ipv6_waits_for_nothing) {
    const scripted_address addresses[] = {{"2001:db8::1", 5, SPSI_DONE},
                                          {"192.0.2.1", 0, SPSI_DONE}};
    sps_stream *stream = CONNECT_SPLIT(addresses);
    network.answers[SPSI_IPV6] = SPSI_DONE;
    OK(poll_after(stream, 10));
    expect_attempts(stream, 1);
    OK(poll_after(stream, 5));
    expect_attempt(stream, 0, "2001:db8::1", SPS_ATTEMPT_CONNECTED, 110, 115);
    end_stream(stream);
}
END_TEST

// The addresses that were known have failed: it is not over before the others are known.
START_TEST(a_family_that_answers_late_is_tried_still) {
    const scripted_address addresses[] = {{"2001:db8::1", 0, SPSI_REFUSED},
                                          {"2001:db8::2", 0, SPSI_REFUSED},
                                          {"192.0.2.1", 0, SPSI_DONE}};
    sps_stream *stream = CONNECT_SPLIT(addresses);
    network.answers[SPSI_IPV6] = SPSI_DONE;
    OK(poll_after(stream, 10));
    expect_attempts(stream, 2);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
    network.answers[_i == 0 ? BOTH : SPSI_IPV4] = SPSI_DONE;
    OK(poll_after(stream, 5000));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_attempts(stream, 3); // none twice
    expect_attempt(stream, 2, "192.0.2.1", SPS_ATTEMPT_CONNECTED, 5110, 5110);
    end_stream(stream);
}
END_TEST

START_TEST(one_familys_answer_counts_when_the_answer_for_both_fails) {
    sps_stream *stream = CONNECT_SPLIT(ipv6_then_ipv4);
    network.answers[SPSI_IPV6] = SPSI_DONE;
    OK(poll_after(stream, 10));
    network.answers[BOTH] = network.answers[SPSI_IPV4] = SPSI_NAME_UNANSWERED;
    IS(poll_after(stream, 10), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_REFUSED);
    end_stream(stream);
}
END_TEST

// However many addresses there are of one family, the other is tried, even when it comes late.
START_TEST(many_addresses_hide_no_family) {
    static char texts[SPS_IP_MAX_ADDRESSES][32];
    scripted_address addresses[SPS_IP_MAX_ADDRESSES];
    for (int i = 0; i < SPS_IP_MAX_ADDRESSES - 1; i++) {
        snprintf(texts[i], sizeof texts[i], "2001:db8::%x", i + 1);
        addresses[i] = (scripted_address){texts[i], 0, SPSI_REFUSED};
    }
    addresses[SPS_IP_MAX_ADDRESSES - 1] = (scripted_address){"192.0.2.1", 0, SPSI_DONE};
    sps_stream *stream = CONNECT_SPLIT(addresses);
    network.answers[SPSI_IPV6] = SPSI_DONE;
    OK(poll_after(stream, 10));
    expect_attempts(stream, SPS_IP_MAX_ADDRESSES / 2);
    network.answers[SPSI_IPV4] = SPSI_DONE;
    OK(poll_after(stream, 10));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    end_stream(stream);
}
END_TEST

START_TEST(the_deadline_ends_a_look_up) {
    sps_stream *stream = CONNECT(answers);
    network.resolved = false;
    OK(poll_after(stream, 29999));
    IS(poll_after(stream, 1), SPS_ERR_CONNECTION_ERROR);
    expect_failed(stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    expect_attempts(stream, 0);
    end_stream(stream);
}
END_TEST

// An answer that leads nowhere is not kept for those who ask after.
START_TEST(useless_addresses_are_forgotten) {
    const scripted_address bad[] = {{"192.0.2.1", 5, SPSI_REFUSED}},
                           good[] = {{"192.0.2.1", 5, SPSI_DONE}};
    sps_stream *stream = CONNECT(bad);
    OK(poll_after(stream, 0));
    IS(poll_after(stream, 5), SPS_ERR_CONNECTION_ERROR);
    ck_assert(!network.useful);
    end_stream(stream);
    stream = CONNECT(good);
    OK(poll_after(stream, 0));
    OK(poll_after(stream, 5));
    ck_assert(network.useful);
    end_stream(stream);
    stream = CONNECT(bad); // cancelled before it is known
    OK(poll_after(stream, 0));
    OK(sps_socket_disconnect(stream));
    ck_assert(network.useful);
    end_stream(stream);
}
END_TEST

START_TEST(a_name_without_an_address) {
    sps_stream *stream = CONNECT(answers);
    network.resolve_code = SPSI_NAME_UNKNOWN;
    IS(poll_after(stream, 5), SPS_ERR_CANT_RESOLVE);
    expect_failed(stream, SPS_CLOSE_NAME_NOT_FOUND);
    end_stream(stream);
}
END_TEST

START_TEST(a_name_that_cannot_be_looked_up_now) {
    sps_stream *stream = CONNECT(answers);
    network.resolve_code = SPSI_NAME_UNANSWERED;
    IS(poll_after(stream, 5), SPS_ERR_CANT_RESOLVE);
    expect_failed(stream, SPS_CLOSE_LOOKUP_FAILED);
    network.resolve_code = SPSI_DONE;
    OK(sps_socket_disconnect(stream)); // it may try again
    OK(sps_tcp_connect(stream, "any.name", 80));
    OK(poll_after(stream, 0));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    end_stream(stream);
}
END_TEST

Suite *connect_lookup_suite(void) {
    Suite *suite = suite_create("connect_lookup");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, useless_addresses_are_forgotten);
    tcase_add_test(all, the_deadline_ends_a_look_up);
    tcase_add_test(all, a_name_without_an_address);
    tcase_add_test(all, ipv4_waits_50_ms_for_ipv6);
    tcase_add_test(all, ipv4_does_not_wait_for_an_ipv6_that_has_failed);
    tcase_add_test(all, ipv6_waits_for_nothing);
    tcase_add_loop_test(all, a_family_that_answers_late_is_tried_still, 0, 2);
    tcase_add_test(all, one_familys_answer_counts_when_the_answer_for_both_fails);
    tcase_add_test(all, many_addresses_hide_no_family);
    tcase_add_test(all, a_name_that_cannot_be_looked_up_now);
    return suite;
}
