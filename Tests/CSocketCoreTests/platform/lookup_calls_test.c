// SPDX-License-Identifier: MIT
//
// Name look-ups and local addresses when the OS has no memory, is slow, or is silent.
#include <errno.h>
#include <netdb.h>

#include "support/system_calls.h"

enum { ANY = SPSI_IPV4 | SPSI_IPV6 };

static spsi_lookup *start_lookup(const char *name) {
    spsi_lookup *lookup;
    DONE(os()->lookup_start(os(), name, ANY, &lookup));
    return lookup;
}

static spsi_result result_of_lookup(spsi_lookup *lookup, size_t capacity, size_t *out_count) {
    static spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    return os()->lookup_result(os(), lookup, addresses, capacity, out_count);
}

START_TEST(a_shortage_is_not_an_unknown_name) {
    static const struct {
        int code, error;
        spsi_code expected;
        int os_code;
    } rows[] = {
        {EAI_NONAME, 0, SPSI_NAME_UNKNOWN, EAI_NONAME},
        {EAI_AGAIN, 0, SPSI_NAME_UNANSWERED, EAI_AGAIN},
        {EAI_AGAIN, EMFILE, SPSI_NO_HANDLES, EMFILE},
        {EAI_FAIL, 0, SPSI_NAME_UNANSWERED, EAI_FAIL},
        {EAI_NODATA, 0, SPSI_NAME_UNKNOWN, EAI_NODATA},
        {EAI_MEMORY, 0, SPSI_NO_MEMORY, EAI_MEMORY},
        {EAI_SYSTEM, ENOMEM, SPSI_NO_MEMORY, ENOMEM},
        {EAI_SYSTEM, EMFILE, SPSI_NO_HANDLES, EMFILE},
        {EAI_SYSTEM, EIO, SPSI_NAME_UNANSWERED, EIO},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        answer_names(rows[i].code, rows[i].error, 0);
        spsi_lookup *lookup = start_lookup("short.test");
        DONE(os()->lookup_wait(os(), lookup, 20000000));
        size_t count;
        expect(result_of_lookup(lookup, 4, &count), rows[i].expected, rows[i].os_code);
        ck_assert_uint_eq(count, 0);
        os()->lookup_end(os(), lookup, false);
    }
}
END_TEST

START_TEST(no_more_addresses_are_given_than_there_is_room_for) {
    answer_names(0, 0, SPS_IP_MAX_ADDRESSES + 3);
    spsi_lookup *lookup = start_lookup("many.test");
    DONE(os()->lookup_wait(os(), lookup, 20000000));
    size_t count;
    DONE(result_of_lookup(lookup, 2, &count));
    ck_assert_uint_eq(count, 2);
    DONE(result_of_lookup(lookup, SPS_IP_MAX_ADDRESSES, &count));
    ck_assert_uint_eq(count, SPS_IP_MAX_ADDRESSES);
    os()->lookup_end(os(), lookup, false);
}
END_TEST

// Each family owns half of the room. One family may use what the other does not need.
START_TEST(many_addresses_of_one_family_do_not_hide_the_other) {
    static const struct {
        size_t ipv6, ipv4, kept_ipv6, kept_ipv4;
    } rows[] = {
        {20, 1, 15, 1}, {1, 20, 1, 15}, {20, 20, 8, 8}, {20, 8, 8, 8},
        {9, 7, 9, 7},   {20, 0, 16, 0}, {0, 20, 0, 16}, {3, 2, 3, 2},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        answer_names_of_both(rows[i].ipv6, rows[i].ipv4);
        spsi_lookup *lookup = start_lookup("both.test");
        DONE(os()->lookup_wait(os(), lookup, 20000000));
        spsi_address found[SPS_IP_MAX_ADDRESSES];
        size_t count, ipv6 = 0;
        DONE(os()->lookup_result(os(), lookup, found, COUNT(found), &count));
        while (ipv6 < count && found[ipv6].family == SPSI_FAMILY_IPV6) { // in the OS's order
            ipv6++;
        }
        ck_assert_uint_eq(ipv6, rows[i].kept_ipv6);
        ck_assert_uint_eq(count - ipv6, rows[i].kept_ipv4);
        os()->lookup_end(os(), lookup, false);
    }
}
END_TEST

// RFC 6761, 6.4.
START_TEST(names_that_need_no_name_server) {
    static const struct {
        const char *name;
        spsi_code code;
    } rows[] = {{"invalid", SPSI_NAME_UNKNOWN},
                {"a.INVALID.", SPSI_NAME_UNKNOWN},
                {"notinvalid", SPSI_DONE},
                {"invalid.test", SPSI_DONE},
                {"a.b.invalid", SPSI_NAME_UNKNOWN}};
    answer_names(0, 0, 1);
    for (size_t i = 0; i < COUNT(rows); i++) {
        spsi_lookup *lookup = start_lookup(rows[i].name);
        DONE(os()->lookup_wait(os(), lookup, 20000000));
        size_t count;
        ck_assert_int_eq(result_of_lookup(lookup, 4, &count).code, rows[i].code);
        os()->lookup_end(os(), lookup, false);
    }
}
END_TEST

// A look-up needs a thread. If one thread runs, another name waits for it.
START_TEST(a_look_up_without_a_thread_is_short_of_memory) {
    spsi_lookup *first, *second;
    fail_next("pthread_create", EAGAIN, 1);
    expect(os()->lookup_start(os(), "one.test", ANY, &first), SPSI_NO_MEMORY, EAGAIN);
    answer_names(0, 0, 1);
    hold_names();
    first = start_lookup("one.test");
    fail_next("pthread_create", EAGAIN, 1);
    second = start_lookup("two.test");
    ck_assert(all_have_failed());
    release_names();
    DONE(os()->lookup_wait(os(), second, 20000000));
    DONE(os()->lookup_wait(os(), first, 20000000));
    os()->lookup_end(os(), first, false);
    os()->lookup_end(os(), second, false);
}
END_TEST

START_TEST(a_look_up_ends_at_the_timeout) {
    answer_names(0, 0, 1);
    hold_names();
    spsi_lookup *lookup = start_lookup("slow.test");
    size_t count;
    const uint64_t begin_us = os()->now_us(os());
    ck_assert_int_eq(os()->lookup_wait(os(), lookup, 0).code, SPSI_AGAIN);
    ck_assert_int_eq(os()->lookup_wait(os(), lookup, 700000).code, SPSI_AGAIN);
    ck_assert_uint_ge(os()->now_us(os()) - begin_us, 700000);
    expect(result_of_lookup(lookup, 4, &count), SPSI_AGAIN, 0);
    release_names();
    DONE(os()->lookup_wait(os(), lookup, 20000000));
    os()->lookup_end(os(), lookup, false);
}
END_TEST

// A shutdown cannot stop a running look-up. A queued one waits, and continues afterwards.
START_TEST(a_shutdown_waits_for_running_look_ups) {
    answer_names(0, 0, 1);
    hold_names();
    spsi_lookup *first = start_lookup("held.test");
    WAIT_UNTIL(count_held_names() == 1);
    const uint64_t begin_us = os()->now_us(os());
    IS(sps_shutdown(50), SPS_ERR_TIMEOUT);
    ck_assert_uint_ge(os()->now_us(os()) - begin_us, 50000);
    spsi_lookup *second = start_lookup("after.test");
    release_names();
    OK(sps_shutdown(0));
    DONE(os()->lookup_wait(os(), first, 20000000));
    DONE(os()->lookup_wait(os(), second, 20000000));
    os()->lookup_end(os(), first, true);
    os()->lookup_end(os(), second, true);
    OK(sps_shutdown(0));
}
END_TEST

// Several pollers wait for one name. The look-up wakes each one that is still waiting.
START_TEST(a_departed_waiter_is_not_woken) {
    answer_names(0, 0, 1);
    hold_names();
    spsi_lookup *lookup = start_lookup("shared.test");
    spsi_lookup_watch watches[3];
    for (size_t i = 0; i < COUNT(watches); i++) {
        watches[i].selector = make_selector();
        os()->lookup_watch(os(), lookup, &watches[i]);
    }
    os()->lookup_unwatch(os(), lookup, &watches[0]); // the first watch is the last of the list
    release_names();
    DONE(os()->lookup_wait(os(), lookup, 20000000));
    ck_assert_int_eq(os()->selector_wait(os(), watches[0].selector, 0).code, SPSI_AGAIN);
    for (size_t i = 1; i < COUNT(watches); i++) {
        ck_assert(!is_woken(watches[i].selector)); // the look-up ended the wait
        os()->lookup_unwatch(os(), lookup, &watches[i]);
    }
    for (size_t i = 0; i < COUNT(watches); i++) {
        os()->selector_destroy(os(), watches[i].selector);
    }
    os()->lookup_end(os(), lookup, false);
}
END_TEST

// ---- IP

START_TEST(ip_reports_the_results_of_its_names) {
    sps_ip *ip;
    const sps_ip_options options = {
        .struct_size = sizeof options, .timeout_ms = 50, .platform = os()};
    OK(sps_ip_create(&options, &ip));
    answer_names(0, 0, 3);
    hold_names();
    char text[SPS_HOST_TEXT_BYTES];
    IS(sps_ip_resolve_hostname(ip, "a.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_TIMEOUT);
    ck_assert_str_eq(text, "");
    int32_t id;
    OK(sps_ip_queue_resolve_item(ip, "a.test", SPS_IP_TYPE_ANY, &id));
    sps_resolver_status status;
    OK(sps_ip_get_resolve_item_status(ip, id, &status));
    ck_assert_int_eq(status, SPS_RESOLVER_STATUS_WAITING);
    sps_host_text all[2] = {{.struct_size = sizeof *all}};
    size_t count;
    IS(sps_ip_get_resolve_item_addresses(ip, id, all, 2, &count), SPS_ERR_BUSY);
    release_names();
    WAIT_UNTIL((sps_ip_get_resolve_item_status(ip, id, &status), status) ==
               SPS_RESOLVER_STATUS_DONE);
    OK(sps_ip_get_resolve_item_addresses(ip, id, all, 2, &count));
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(all[0].text, "192.0.2.1");
    ck_assert_str_eq(all[1].text, "192.0.2.2");
    answer_names(EAI_NONAME, 0, 0);
    OK(sps_ip_clear_cache(ip, "b")); // a.test stays in the cache
    OK(sps_ip_resolve_hostname(ip, "a.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL));
    OK(sps_ip_clear_cache(ip, "a.test"));
    IS(sps_ip_resolve_hostname(ip, "a.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_CANT_RESOLVE);
    answer_names(EAI_MEMORY, 0, 0);
    IS(sps_ip_resolve_hostname(ip, "b.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_OUT_OF_MEMORY);
    answer_names(EAI_AGAIN, 0, 0);
    IS(sps_ip_resolve_hostname(ip, "b.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_QUERY_FAILED);
    answer_names(EAI_SYSTEM, EMFILE, 0);
    IS(sps_ip_resolve_hostname(ip, "b.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_CANT_ACQUIRE_RESOURCE);
    answer_names(EAI_NONAME, 0, 0);
    IS(sps_ip_resolve_hostname(ip, "c.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_CANT_RESOLVE);
    sps_ip_destroy(ip);
}
END_TEST

START_TEST(addresses_that_the_os_does_not_report) {
    sps_ip *ip;
    OK(sps_ip_create(NULL, &ip));
    size_t count = 9;
    fail_next("getifaddrs", ENOBUFS, 1);
    IS(sps_ip_get_local_addresses(ip, NULL, 0, &count), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_uint_eq(count, 0);
    fail_next("getifaddrs", EACCES, 1);
    IS(sps_ip_get_local_addresses(ip, NULL, 0, &count), SPS_FAILED);
    OK(sps_ip_get_local_addresses(ip, NULL, 0, &count));
    ck_assert_uint_gt(count, 0);
    sps_ip_destroy(ip);
}
END_TEST

Suite *lookup_calls_suite(void) {
    Suite *suite = suite_create("lookup_calls");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_shortage_is_not_an_unknown_name);
    tcase_add_test(all, no_more_addresses_are_given_than_there_is_room_for);
    tcase_add_test(all, many_addresses_of_one_family_do_not_hide_the_other);
    tcase_add_test(all, names_that_need_no_name_server);
    tcase_add_test(all, a_look_up_without_a_thread_is_short_of_memory);
    tcase_add_test(all, a_look_up_ends_at_the_timeout);
    tcase_add_test(all, a_shutdown_waits_for_running_look_ups);
    tcase_add_test(all, a_departed_waiter_is_not_woken);
    tcase_add_test(all, ip_reports_the_results_of_its_names);
    tcase_add_test(all, addresses_that_the_os_does_not_report);
    return suite;
}
