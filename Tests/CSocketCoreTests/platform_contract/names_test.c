// SPDX-License-Identifier: MIT
//
// Names of hosts, and the addresses and interfaces of this machine. No test asks a name server.
#include <string.h>

#include "support/contract.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

static spsi_lookup *start(const char *name, unsigned families) {
    spsi_lookup *lookup = NULL;
    DONE(spsi_os_lookup_start(os(), name, families, &lookup));
    ck_assert_ptr_nonnull(lookup);
    return lookup;
}

static spsi_lookup *finished(const char *name, unsigned families) {
    spsi_lookup *lookup = start(name, families);
    DONE(spsi_os_lookup_wait(os(), lookup, 20000000));
    return lookup;
}

static void forget(const char *name) {
    spsi_os_lookup_forget(os(), name);
}

START_TEST(localhost_is_a_loopback_address) {
    spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    size_t count = 99;
    spsi_lookup *lookup = finished("localhost", SPSI_IPV4);
    DONE(spsi_os_lookup_result(os(), lookup, addresses, SPS_IP_MAX_ADDRESSES, &count));
    ck_assert_uint_ge(count, 1);
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_eq(addresses[i].family, SPSI_FAMILY_IPV4);
        ck_assert_uint_eq(addresses[i].ip[0], 127);
        ck_assert_uint_eq(addresses[i].port, 0);
    }
    spsi_os_lookup_end(os(), lookup, true);
}
END_TEST

START_TEST(the_text_of_an_address_is_a_name) {
    static const struct {
        const char *text;
        unsigned families;
        spsi_address expected;
    } rows[] = {
        {"127.0.0.1", SPSI_IPV4, {.family = SPSI_FAMILY_IPV4, .ip = {127, 0, 0, 1}}},
        {"127.0.0.1", SPSI_IPV4 | SPSI_IPV6, {.family = SPSI_FAMILY_IPV4, .ip = {127, 0, 0, 1}}},
        {"::1", SPSI_IPV6, {.family = SPSI_FAMILY_IPV6, .ip = {[15] = 1}}},
    };
    const size_t rows_here = sizeof rows / sizeof rows[0] - !has_family(SPSI_FAMILY_IPV6);
    for (size_t i = 0; i < rows_here; i++) {
        spsi_address address;
        size_t count = 99;
        spsi_lookup *lookup = finished(rows[i].text, rows[i].families);
        DONE(spsi_os_lookup_result(os(), lookup, &address, 1, &count));
        ck_assert_uint_eq(count, 1);
        ck_assert(is_same_address(&address, &rows[i].expected));
        spsi_os_lookup_end(os(), lookup, true);
    }
}
END_TEST

// No server is asked for a name below .invalid (RFC 6761, 6.4).
START_TEST(an_impossible_name_is_unknown) {
    spsi_address address;
    for (unsigned families = SPSI_IPV4; families <= (SPSI_IPV4 | SPSI_IPV6); families++) {
        size_t count = 99;
        spsi_lookup *lookup = finished("streampeersocket.invalid", families);
        const spsi_result result = spsi_os_lookup_result(os(), lookup, &address, 1, &count);
        EXPECT(result, SPSI_NAME_UNKNOWN);
        ck_assert_int_ne(result.os_code, 0);
        ck_assert_uint_eq(count, 0);
        EXPECT(spsi_os_lookup_result(os(), lookup, &address, 1, &count), SPSI_NAME_UNKNOWN);
        spsi_os_lookup_end(os(), lookup, true);
    }
}
END_TEST

START_TEST(a_result_can_be_read_again) {
    spsi_address addresses[2][SPS_IP_MAX_ADDRESSES];
    size_t counts[2] = {99, 99};
    spsi_lookup *lookup = finished("localhost", SPSI_IPV4);
    for (size_t i = 0; i < 2; i++) {
        DONE(spsi_os_lookup_wait(os(), lookup, 0));
        DONE(spsi_os_lookup_result(os(), lookup, addresses[i], SPS_IP_MAX_ADDRESSES, &counts[i]));
    }
    ck_assert_uint_eq(counts[0], counts[1]);
    ck_assert(is_same_address(&addresses[0][0], &addresses[1][0]));
    spsi_os_lookup_end(os(), lookup, true);
}
END_TEST

START_TEST(a_running_look_up_has_no_result) {
    spsi_address address;
    size_t count = 99;
    forget(NULL);
    spsi_lookup *lookup = start("localhost", SPSI_IPV4);
    spsi_result result = spsi_os_lookup_result(os(), lookup, &address, 1, &count);
    while (result.code == SPSI_AGAIN) {
        ck_assert_uint_eq(count, 0);
        spsi_os_lookup_wait(os(), lookup, 20000000);
        result = spsi_os_lookup_result(os(), lookup, &address, 1, &count);
    }
    DONE(result);
    ck_assert_uint_eq(count, 1);
    spsi_os_lookup_end(os(), lookup, true);
}
END_TEST

// Ended before, while and after it is done. The leak checks of the fixture see the rest.
START_TEST(a_look_up_ends_early) {
    for (int i = 0; i < 50; i++) {
        forget(i % 3 == 0 ? NULL : "localhost");
        spsi_lookup *one = start("localhost", SPSI_IPV4), *other = start("localhost", SPSI_IPV4);
        spsi_os_lookup_end(os(), i % 2 == 0 ? one : other, i % 5 == 0);
        one = i % 2 == 0 ? other : one;
        DONE(spsi_os_lookup_wait(os(), one, 20000000));
        spsi_os_lookup_end(os(), one, i % 7 == 0);
        spsi_os_lookup_end(os(), start("streampeersocket.invalid", SPSI_IPV6), false);
    }
    forget(NULL);
}
END_TEST

START_TEST(a_look_up_wakes_its_selectors) {
    spsi_selector *selector = make_selector();
    for (int i = 0; i < 20; i++) {
        forget(NULL);
        spsi_lookup *lookup = start("localhost", SPSI_IPV4);
        spsi_lookup_watch one = {.selector = selector}, other = {.selector = selector};
        spsi_os_lookup_watch(os(), lookup, &one);
        spsi_os_lookup_watch(os(), lookup, &other);
        spsi_os_lookup_unwatch(os(), lookup, i % 2 == 0 ? &one : &other);
        while (spsi_os_lookup_wait(os(), lookup, 0).code == SPSI_AGAIN) {
            DONE(spsi_os_selector_wait(os(), selector, SPSI_FOREVER));
        }
        await_silence(selector);
        spsi_os_lookup_unwatch(os(), lookup, i % 2 == 0 ? &other : &one);
        spsi_os_lookup_end(os(), lookup, true);
    }
    destroy_selector(selector);
}
END_TEST

START_TEST(a_finished_look_up_wakes_at_once) {
    spsi_selector *selector = make_selector();
    spsi_lookup *lookup = finished("localhost", SPSI_IPV4);
    spsi_lookup_watch of_lookup = {.selector = selector};
    spsi_ready ready;
    spsi_os_lookup_watch(os(), lookup, &of_lookup);
    DONE(spsi_os_selector_wait(os(), selector, SPSI_FOREVER));
    while (spsi_os_selector_next(os(), selector, &ready)) {
        ck_assert_ptr_null(ready.token);
        ck_assert_uint_eq(ready.mask & SPSI_WOKEN, 0);
    }
    spsi_os_lookup_unwatch(os(), lookup, &of_lookup);
    spsi_os_lookup_end(os(), lookup, true);
    destroy_selector(selector);
}
END_TEST

// ---- This machine

enum { MOST = 256 };

static size_t list_addresses(sps_local_address *out_addresses) {
    size_t count = 99;
    out_addresses[0].struct_size = sizeof *out_addresses;
    DONE(spsi_os_local_addresses(os(), out_addresses, MOST, &count));
    return count < MOST ? count : MOST;
}

#define NEEDS_ADDRESSES(count) NEEDS((count) > 0, "no list of addresses here")

START_TEST(the_machine_has_a_loopback_address) {
    static sps_local_address addresses[MOST];
    const size_t count = list_addresses(addresses);
    NEEDS_ADDRESSES(count);
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        const sps_local_address *each = &addresses[i];
        ck_assert_uint_eq(each->struct_size, sizeof *each);
        ck_assert_ptr_nonnull(memchr(each->interface_name, '\0', sizeof each->interface_name));
        ck_assert_ptr_nonnull(memchr(each->host, '\0', sizeof each->host));
        ck_assert_uint_gt(strlen(each->host), 0);
        ck_assert_uint_ne(each->interface_index, 0);
        found += strcmp(each->host, "127.0.0.1") == 0;
    }
    ck_assert_uint_eq(found, 1);
}
END_TEST

START_TEST(an_interface_has_a_number) {
    static sps_local_address addresses[MOST];
    const size_t count = list_addresses(addresses);
    NEEDS_ADDRESSES(count);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_eq(spsi_os_scope_of(os(), addresses[i].interface_name),
                          addresses[i].interface_index);
    }
    ck_assert_uint_eq(spsi_os_scope_of(os(), "no such interface"), 0);
    ck_assert_uint_eq(spsi_os_scope_of(os(), ""), 0);
}
END_TEST

// A caller of a later version has a larger struct.
typedef struct larger_address {
    sps_local_address known;
    uint32_t unknown;
} larger_address;

START_TEST(addresses_are_written_as_far_as_there_is_room) {
    static sps_local_address addresses[MOST];
    static larger_address larger[MOST];
    size_t count = 99;
    const size_t there = list_addresses(addresses);
    NEEDS_ADDRESSES(there);
    DONE(spsi_os_local_addresses(os(), NULL, 0, &count));
    ck_assert_uint_eq(count, there);
    larger[0].known.struct_size = sizeof larger[0];
    larger[1].unknown = 7;
    DONE(spsi_os_local_addresses(os(), &larger[0].known, there, &count));
    for (size_t i = 0; i < there; i++) {
        ck_assert_str_eq(larger[i].known.host, addresses[i].host);
        ck_assert_uint_eq(larger[i].known.struct_size, sizeof larger[0]);
        ck_assert_uint_eq(larger[i].unknown, i == 1 ? 7 : 0);
    }
    memset(larger, 0, sizeof larger);
    larger[0].known.struct_size = sizeof larger[0];
    DONE(spsi_os_local_addresses(os(), &larger[0].known, 1, &count));
    ck_assert_uint_eq(count, there);
    ck_assert_uint_eq(larger[1].known.struct_size, 0);
}
END_TEST

Suite *contract_names_suite(void) {
    Suite *suite = suite_create("contract_names");
    TCase *all = add_contract_case(suite, "all");
    tcase_add_test(all, localhost_is_a_loopback_address);
    tcase_add_test(all, the_text_of_an_address_is_a_name);
    tcase_add_test(all, an_impossible_name_is_unknown);
    tcase_add_test(all, a_result_can_be_read_again);
    tcase_add_test(all, a_running_look_up_has_no_result);
    tcase_add_test(all, a_look_up_ends_early);
    tcase_add_test(all, a_look_up_wakes_its_selectors);
    tcase_add_test(all, a_finished_look_up_wakes_at_once);
    tcase_add_test(all, the_machine_has_a_loopback_address);
    tcase_add_test(all, an_interface_has_a_number);
    tcase_add_test(all, addresses_are_written_as_far_as_there_is_room);
    return suite;
}
