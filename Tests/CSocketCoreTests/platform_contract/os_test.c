// SPDX-License-Identifier: MIT
//
// A port has more than its table: the choice of a table, the end of look-ups, texts of addresses.
#include <string.h>

#include "support/contract.h"

START_TEST(a_table_has_every_function) {
    // A table is two numbers and then functions alone.
    const sps_platform *platform = platform_under_test();
    const sps_platform zero = {0};
    const size_t size = sizeof platform->now_us, first = offsetof(sps_platform, now_us);
    ck_assert_uint_eq(platform->version, SPSI_PLATFORM_VERSION);
    ck_assert_uint_eq(platform->table_bytes, sizeof *platform);
    for (size_t at = first; at < sizeof *platform; at += size) {
        ck_assert_msg(memcmp((const char *)platform + at, (const char *)&zero + at, size) != 0,
                      "function %zu is missing", (at - first) / size);
    }
}
END_TEST

START_TEST(a_table_of_another_version_is_refused) {
    sps_platform other = *platform_under_test();
    ck_assert_ptr_eq(spsi_platform_or_os(&other), &other);
    other.table_bytes -= (uint32_t)sizeof other.now_us;
    ck_assert_ptr_null(spsi_platform_or_os(&other));
    other = *platform_under_test();
    other.version++;
    ck_assert_ptr_null(spsi_platform_or_os(&other));
    ck_assert_ptr_eq(spsi_platform_or_os(NULL), spsi_os_platform());
}
END_TEST

START_TEST(look_ups_go_on_after_a_shutdown) {
    const sps_platform *os = spsi_os_platform();
    for (int i = 0; i < 3; i++) {
        spsi_lookup *lookup;
        DONE(spsi_os_lookup_start(os, "localhost", SPSI_IPV4, &lookup));
        spsi_result result;
        WAIT_UNTIL((result = spsi_os_shutdown(20000000)).code != SPSI_AGAIN);
        DONE(result);
        DONE(spsi_os_lookup_wait(os, lookup, 20000000));
        spsi_os_lookup_end(os, lookup, true);
    }
    DONE(spsi_os_shutdown(20000000));
}
END_TEST

START_TEST(addresses_have_one_text) {
    static const struct {
        const char *text, *again; // NULL: no address
        spsi_family family;
    } rows[] = {{"127.0.0.1", "127.0.0.1", SPSI_FAMILY_IPV4},
                {"255.255.255.255", "255.255.255.255", SPSI_FAMILY_IPV4},
                {"::1", "::1", SPSI_FAMILY_IPV6},
                {"::", "::", SPSI_FAMILY_IPV6},
                {"2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1", SPSI_FAMILY_IPV6},
                {"::ffff:10.0.0.1", "10.0.0.1", SPSI_FAMILY_IPV4},
                {"", NULL, 0},
                {"127.0.0", NULL, 0},
                {"127.0.0.256", NULL, 0},
                {" 127.0.0.1", NULL, 0},
                {"127.0.0.1 ", NULL, 0},
                {"1", NULL, 0},
                {"0x7f.0.0.1", NULL, 0},
                {":::", NULL, 0},
                {"::1%1", NULL, 0},
                {"[::1]", NULL, 0},
                {"12345::", NULL, 0},
                {"localhost", NULL, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        spsi_address address;
        char text[SPS_HOST_TEXT_BYTES];
        ck_assert_msg(spsi_ip_from_text(rows[i].text, &address) == (rows[i].again != NULL), "%s",
                      rows[i].text);
        if (rows[i].again != NULL) {
            ck_assert_int_eq(address.family, rows[i].family);
            spsi_ip_to_text(&address, text, sizeof text);
            ck_assert_str_eq(text, rows[i].again);
        }
    }
}
END_TEST

START_TEST(a_text_has_the_zone) {
    spsi_address address;
    char text[SPS_HOST_TEXT_BYTES];
    ck_assert(spsi_ip_from_text("fe80::1", &address));
    ck_assert_uint_eq(address.scope, 0);
    address.scope = UINT32_MAX;
    spsi_ip_to_text(&address, text, sizeof text);
    ck_assert_str_eq(text, "fe80::1%4294967295");
}
END_TEST

Suite *contract_os_suite(void) {
    Suite *suite = suite_create("contract_os");
    TCase *all = add_contract_case(suite, "all");
    tcase_add_test(all, a_table_has_every_function);
    tcase_add_test(all, a_table_of_another_version_is_refused);
    tcase_add_test(all, look_ups_go_on_after_a_shutdown);
    tcase_add_test(all, addresses_have_one_text);
    tcase_add_test(all, a_text_has_the_zone);
    return suite;
}
