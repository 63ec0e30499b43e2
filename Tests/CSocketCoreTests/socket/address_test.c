// SPDX-License-Identifier: MIT
#include "socket/address.h"

#include <string.h>

#include "base/memory.h"
#include "socket/peer.h"
#include "support/support.h"

// Parses a host that is one address, or invalid.
static spsi_host_kind parse(const char *text, spsi_address *address) {
    spsi_address known[SPSI_KNOWN_ADDRESSES];
    size_t count;
    const spsi_host_kind kind = spsi_host_parse(spsi_os_platform(), text, known, &count);
    ck_assert_uint_eq(count, kind == SPSI_HOST_KNOWN);
    *address = known[0];
    return kind;
}

START_TEST(localhost_is_known) {
    static const char *const names[] = {"localhost", "localhost.", "LocalHost", "a.localhost",
                                        "b.a.localhost."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        spsi_address known[SPSI_KNOWN_ADDRESSES];
        size_t count;
        ck_assert_int_eq(spsi_host_parse(spsi_os_platform(), names[i], known, &count),
                         SPSI_HOST_KNOWN);
        ck_assert_uint_eq(count, 2);
        char text[64];
        spsi_ip_to_text(&known[0], text, sizeof text);
        ck_assert_str_eq(text, "::1");
        spsi_ip_to_text(&known[1], text, sizeof text);
        ck_assert_str_eq(text, "127.0.0.1");
    }
}
END_TEST

START_TEST(names_similar_to_localhost_are_names) {
    static const char *const names[] = {"localhosts", "alocalhost", "localhost.example",
                                        "ocalhost",   "localhos",   "locblhost",
                                        "localhos-",  "LOCALHOZT"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        spsi_address address;
        ck_assert_int_eq(parse(names[i], &address), SPSI_HOST_NAME);
    }
}
END_TEST

START_TEST(addresses_and_their_text) {
    static const struct {
        const char *text, *again;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1"},
        {"255.255.255.255", "255.255.255.255"},
        {"::", "::"},
        {"::1", "::1"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
        {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
        {"::ffff:192.0.2.1", "192.0.2.1"}, // independent of net.ipv6.bindv6only
        {"::FFFF:c000:201", "192.0.2.1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        spsi_address address;
        char text[64];
        ck_assert_int_eq(parse(rows[i].text, &address), SPSI_HOST_KNOWN);
        spsi_ip_to_text(&address, text, sizeof text);
        ck_assert_str_eq(text, rows[i].again);
    }
}
END_TEST

// Two forms are in use (RFC 4291, 2.5.5.1): libc chooses.
START_TEST(the_text_of_an_address_with_an_old_form_means_it) {
    spsi_address address, again;
    char text[64];
    ck_assert_int_eq(parse("::192.0.2.1", &address), SPSI_HOST_KNOWN);
    spsi_ip_to_text(&address, text, sizeof text);
    ck_assert_int_eq(parse(text, &again), SPSI_HOST_KNOWN);
    ck_assert_mem_eq(again.ip, address.ip, sizeof address.ip);
}
END_TEST

static uint32_t scope_of_digits(const sps_platform *platform, const char *name) {
    (void)platform;
    return strcmp(name, "6in4-wan") == 0 || strcmp(name, "4g") == 0 ? 9 : 0;
}

START_TEST(interfaces_whose_names_begin_with_a_digit) {
    sps_platform platform = *spsi_os_platform();
    platform.scope_of = scope_of_digits;
    static const struct {
        const char *text;
        uint32_t scope; // 0: not an address
    } rows[] = {{"fe80::1%6in4-wan", 9}, {"fe80::1%4g", 9}, {"fe80::1%4", 4},
                {"fe80::1%4h", 0},       {"fe80::1%", 0},   {"::ffff:192.0.2.1%4", 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        spsi_address known[SPSI_KNOWN_ADDRESSES];
        size_t count;
        const spsi_host_kind kind = spsi_host_parse(&platform, rows[i].text, known, &count);
        ck_assert_int_eq(kind, rows[i].scope != 0 ? SPSI_HOST_KNOWN : SPSI_HOST_INVALID);
        ck_assert_uint_eq(count, rows[i].scope != 0);
        ck_assert(count == 0 || known[0].scope == rows[i].scope);
    }
}
END_TEST

START_TEST(zones) {
    spsi_address address;
    ck_assert_int_eq(parse("fe80::1%lo", &address), SPSI_HOST_KNOWN);
    ck_assert_uint_gt(address.scope, 0);
    ck_assert_int_eq(parse("fe80::1%4294967295", &address), SPSI_HOST_KNOWN);
    ck_assert_uint_eq(address.scope, UINT32_MAX);
    ck_assert_int_eq(parse("fe80::1%4294967296", &address), SPSI_HOST_INVALID);
    ck_assert_int_eq(parse("fe80::1%1x", &address), SPSI_HOST_INVALID);
}
END_TEST

// The host that the library reports for a link-local peer includes the zone, so a connect to it
// works.
START_TEST(a_peer_keeps_its_zone) {
    sps_allocator allocator;
    ck_assert(spsi_allocator_read(NULL, &allocator));
    spsi_address address, again;
    ck_assert_int_eq(parse("fe80::1%3", &address), SPSI_HOST_KNOWN);
    address.port = 4711;
    spsi_peer peer;
    spsi_peer_set(&peer, &address, &allocator);
    spsi_peer_ip(&peer, &again);
    ck_assert_int_eq(again.family, SPSI_FAMILY_IPV6);
    ck_assert_uint_eq(again.port, 4711);
    ck_assert_uint_eq(again.scope, 3);
    ck_assert_mem_eq(again.ip, address.ip, sizeof again.ip);
    spsi_peer_clear(&peer, &allocator);
}
END_TEST

static uint32_t any_interface(const sps_platform *platform, const char *name) {
    (void)platform;
    (void)name;
    return 7;
}

START_TEST(only_ipv6_has_zones) {
    sps_platform platform = *spsi_os_platform();
    platform.scope_of = any_interface;
    spsi_address known[SPSI_KNOWN_ADDRESSES];
    size_t count;
    ck_assert_int_eq(spsi_host_parse(&platform, "fe80::1%eth0.1", known, &count), SPSI_HOST_KNOWN);
    ck_assert_uint_eq(known[0].scope, 7);
    ck_assert_int_eq(spsi_host_parse(&platform, "1.2.3.4%eth0.1", known, &count),
                     SPSI_HOST_INVALID);
}
END_TEST

START_TEST(names) {
    spsi_address address;
    static const char *const names[] = {"a",    "a.b-c.example", "_srv.x", "x1",   "1x", "example.",
                                        "0x7g", "1.2.3.x",       "a1.2b",  "0x-1", "0y1"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ck_assert_msg(parse(names[i], &address) == SPSI_HOST_NAME, "%s", names[i]);
    }
    char name[255];
    memset(name, 'a', sizeof name);
    name[254] = '\0';
    ck_assert_int_eq(parse(name, &address), SPSI_HOST_INVALID);
    name[253] = '\0';
    ck_assert_int_eq(parse(name, &address), SPSI_HOST_NAME);
}
END_TEST

Suite *address_suite(void) {
    Suite *suite = suite_create("address");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, addresses_and_their_text);
    tcase_add_test(all, the_text_of_an_address_with_an_old_form_means_it);
    tcase_add_test(all, interfaces_whose_names_begin_with_a_digit);
    tcase_add_test(all, zones);
    tcase_add_test(all, a_peer_keeps_its_zone);
    tcase_add_test(all, only_ipv6_has_zones);
    tcase_add_test(all, names);
    tcase_add_test(all, localhost_is_known);
    tcase_add_test(all, names_similar_to_localhost_are_names);
    return suite;
}
