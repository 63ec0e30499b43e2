// SPDX-License-Identifier: MIT
//
// Godot's IP. These names need no name server. The suite `connect` tests names that need one, in
// its own network.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

static sps_ip *make_ip(void) {
    sps_ip *ip = NULL;
    OK(sps_ip_create(NULL, &ip));
    ck_assert_ptr_nonnull(ip);
    return ip;
}

// Hosts that resolve without a wait, and their addresses of each kind.
static const struct known {
    const char *host, *ipv4, *ipv6, *any;
} known[] = {
    {"127.0.0.1", "127.0.0.1", NULL, "127.0.0.1"},
    {"::1", NULL, "::1", "::1"},
    {"2001:DB8::0:1", NULL, "2001:db8::1", "2001:db8::1"},
    {"fe80::1%7", NULL, "fe80::1%7", "fe80::1%7"},
    {"::ffff:192.0.2.1", "192.0.2.1", NULL, "192.0.2.1"},
    {"localhost", "127.0.0.1", "::1", "::1"},
};

enum { KNOWN = sizeof known / sizeof known[0] };

static const char *expected_of(const struct known *row, sps_ip_type type) {
    return type == SPS_IP_TYPE_IPV4 ? row->ipv4 : type == SPS_IP_TYPE_IPV6 ? row->ipv6 : row->any;
}

START_TEST(numbers_and_localhost_resolve_at_once) {
    sps_ip *ip = make_ip();
    const struct known *row = &known[_i];
    for (sps_ip_type type = SPS_IP_TYPE_IPV4; type <= SPS_IP_TYPE_ANY; type++) {
        const char *expected = expected_of(row, type);
        const sps_error answer = expected != NULL ? SPS_OK : SPS_ERR_CANT_RESOLVE;
        char text[SPS_HOST_TEXT_BYTES] = "?";
        size_t length = 99;
        IS(sps_ip_resolve_hostname(ip, row->host, type, text, sizeof text, &length), answer);
        ck_assert_str_eq(text, expected != NULL ? expected : "");
        ck_assert_uint_eq(length, strlen(text));
        int32_t id;
        OK(sps_ip_queue_resolve_item(ip, row->host, type, &id));
        sps_resolver_status status;
        OK(sps_ip_get_resolve_item_status(ip, id, &status));
        ck_assert_int_eq(status,
                         expected != NULL ? SPS_RESOLVER_STATUS_DONE : SPS_RESOLVER_STATUS_ERROR);
        IS(sps_ip_get_resolve_item_address(ip, id, text, sizeof text, NULL), answer);
        ck_assert_str_eq(text, expected != NULL ? expected : "");
        OK(sps_ip_erase_resolve_item(ip, id));
    }
    sps_ip_destroy(ip);
}
END_TEST

START_TEST(localhost_has_both_families) {
    sps_ip *ip = make_ip();
    sps_host_text all[SPS_IP_MAX_ADDRESSES] = {{.struct_size = sizeof *all}};
    size_t count;
    OK(sps_ip_resolve_hostname_addresses(ip, "localhost", SPS_IP_TYPE_ANY, all, 16, &count));
    ck_assert_uint_eq(count, 2);
    ck_assert_str_eq(all[0].text, "::1");
    ck_assert_str_eq(all[1].text, "127.0.0.1");
    memset(all, '?', sizeof all); // struct_size is not set
    IS(sps_ip_resolve_hostname_addresses(ip, "localhost", SPS_IP_TYPE_ANY, all, 16, &count),
       SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(count, 0);
    all[0].struct_size = sizeof *all;
    OK(sps_ip_resolve_hostname_addresses(ip, "localhost", SPS_IP_TYPE_ANY, all, 1, &count));
    ck_assert_uint_eq(count, 2); // more than there was room for
    ck_assert_str_eq(all[0].text, "::1");
    ck_assert_int_eq(all[1].text[0], '?');
    OK(sps_ip_resolve_hostname_addresses(ip, "localhost", SPS_IP_TYPE_ANY, NULL, 0, &count));
    ck_assert_uint_eq(count, 2);
    int32_t id;
    OK(sps_ip_queue_resolve_item(ip, "localhost", SPS_IP_TYPE_ANY, &id));
    OK(sps_ip_get_resolve_item_addresses(ip, id, all, 16, &count));
    ck_assert_uint_eq(count, 2);
    sps_ip_destroy(ip); // also frees the item
}
END_TEST

START_TEST(there_are_256_items) {
    sps_ip *ip = make_ip();
    int32_t ids[SPS_RESOLVER_MAX_QUERIES], id;
    for (int i = 0; i < SPS_RESOLVER_MAX_QUERIES; i++) {
        OK(sps_ip_queue_resolve_item(ip, "::1", SPS_IP_TYPE_ANY, &ids[i]));
        ck_assert_int_ge(ids[i], 0);
    }
    IS(sps_ip_queue_resolve_item(ip, "::1", SPS_IP_TYPE_ANY, &id), SPS_ERR_CANT_ACQUIRE_RESOURCE);
    ck_assert_int_eq(id, SPS_RESOLVER_INVALID_ID);
    OK(sps_ip_erase_resolve_item(ip, ids[100]));
    sps_resolver_status status;
    OK(sps_ip_get_resolve_item_status(ip, ids[100], &status));
    ck_assert_int_eq(status, SPS_RESOLVER_STATUS_NONE);
    OK(sps_ip_queue_resolve_item(ip, "::1", SPS_IP_TYPE_ANY, &id));
    ck_assert_int_eq(id, ids[100]);
    sps_ip_destroy(ip);
}
END_TEST

START_TEST(invalid_items) {
    sps_ip *ip = make_ip();
    static const int32_t none[] = {0, -1, 256, INT32_MIN, INT32_MAX};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        sps_resolver_status status = 9;
        OK(sps_ip_get_resolve_item_status(ip, none[i], &status));
        ck_assert_int_eq(status, SPS_RESOLVER_STATUS_NONE);
        char text[SPS_HOST_TEXT_BYTES];
        size_t count;
        IS(sps_ip_get_resolve_item_address(ip, none[i], text, sizeof text, NULL),
           SPS_ERR_DOES_NOT_EXIST);
        IS(sps_ip_get_resolve_item_addresses(ip, none[i], NULL, 0, &count), SPS_ERR_DOES_NOT_EXIST);
        IS(sps_ip_erase_resolve_item(ip, none[i]), SPS_ERR_DOES_NOT_EXIST);
    }
    sps_ip_destroy(ip);
}
END_TEST

START_TEST(invalid_hosts_and_kinds) {
    static char long_name[10001];
    memset(long_name, 'a', sizeof long_name - 1);
    const char *const hosts[] = {NULL,
                                 "",
                                 "bad name!",
                                 "1.2.3",
                                 "256.1.1.1",
                                 "fe80::1%",
                                 "::1%1x",
                                 "fe80::1%nonesuch0",
                                 long_name,
                                 "a..b",
                                 "\xff\xfe",
                                 "b\xc3\xbc"
                                 "cher.example"};
    sps_ip *ip = make_ip();
    char text[SPS_HOST_TEXT_BYTES];
    int32_t id;
    size_t count;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        IS(sps_ip_resolve_hostname(ip, hosts[i], SPS_IP_TYPE_ANY, text, sizeof text, NULL),
           SPS_ERR_INVALID_PARAMETER);
        ck_assert_str_eq(text, "");
        IS(sps_ip_queue_resolve_item(ip, hosts[i], SPS_IP_TYPE_ANY, &id),
           SPS_ERR_INVALID_PARAMETER);
        ck_assert_int_eq(id, SPS_RESOLVER_INVALID_ID);
    }
    static const sps_ip_type kinds[] = {-1, SPS_IP_TYPE_NONE, 4, INT32_MAX};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        IS(sps_ip_resolve_hostname(ip, "::1", kinds[i], text, sizeof text, NULL),
           SPS_ERR_INVALID_PARAMETER);
        IS(sps_ip_queue_resolve_item(ip, "::1", kinds[i], &id), SPS_ERR_INVALID_PARAMETER);
    }
    memset(text, '?', sizeof text);
    IS(sps_ip_resolve_hostname(ip, "::1", SPS_IP_TYPE_ANY, text, 3, NULL),
       SPS_ERR_PARAMETER_RANGE_ERROR);
    ck_assert_str_eq(text, "");
    IS(sps_ip_resolve_hostname(ip, "::1", SPS_IP_TYPE_ANY, NULL, 3, NULL),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_resolve_hostname_addresses(ip, "::1", SPS_IP_TYPE_ANY, NULL, 1, &count),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_resolve_hostname_addresses(ip, "::1", SPS_IP_TYPE_ANY, NULL, 0, NULL),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_resolve_hostname(ip, "::1", SPS_IP_TYPE_ANY, text, 0, NULL),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_queue_resolve_item(ip, "::1", SPS_IP_TYPE_ANY, NULL), SPS_ERR_INVALID_PARAMETER);
    OK(sps_ip_queue_resolve_item(ip, "::1", SPS_IP_TYPE_ANY, &id));
    IS(sps_ip_get_resolve_item_status(ip, id, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_get_resolve_item_address(ip, id, NULL, 3, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_get_resolve_item_addresses(ip, id, NULL, 1, &count), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_get_local_addresses(ip, NULL, 0, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_get_local_addresses(ip, NULL, 1, &count), SPS_ERR_INVALID_PARAMETER);
    OK(sps_ip_clear_cache(ip, NULL));
    OK(sps_ip_clear_cache(ip, ""));
    OK(sps_ip_clear_cache(ip, "nobody.example"));
    sps_ip_destroy(ip);
}
END_TEST

START_TEST(no_object_and_no_options) {
    char text[SPS_HOST_TEXT_BYTES];
    int32_t id;
    size_t count;
    sps_resolver_status status;
    memset(text, '?', sizeof text);
    IS(sps_ip_resolve_hostname(NULL, "::1", 3, text, sizeof text, NULL), SPS_ERR_INVALID_PARAMETER);
    ck_assert_str_eq(text, "");
    IS(sps_ip_resolve_hostname_addresses(NULL, "::1", 3, NULL, 0, &count),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_queue_resolve_item(NULL, "::1", 3, &id), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_get_resolve_item_status(NULL, 0, &status), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_get_resolve_item_address(NULL, 0, text, sizeof text, NULL),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_get_resolve_item_addresses(NULL, 0, NULL, 0, &count), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_erase_resolve_item(NULL, 0), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_clear_cache(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_get_local_addresses(NULL, NULL, 0, &count), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_create(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    sps_ip_destroy(NULL);
    const sps_ip_options empty = {.struct_size = 0};
    const sps_ip_options late = {.struct_size = sizeof late, .timeout_ms = (uint32_t)-1};
    sps_ip *ip;
    IS(sps_ip_create(&empty, &ip), SPS_ERR_INVALID_PARAMETER);
    IS(sps_ip_create(&late, &ip), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(ip);
}
END_TEST

START_TEST(this_machines_addresses) {
    sps_ip *ip = make_ip();
    size_t count, again;
    OK(sps_ip_get_local_addresses(ip, NULL, 0, &count));
    ck_assert_uint_gt(count, 0);
    sps_local_address *rows = calloc(count, sizeof *rows);
    again = 1;
    // no struct_size
    IS(sps_ip_get_local_addresses(ip, rows, count, &again), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(again, 0);
    memset(&rows[0].struct_size, '?', sizeof rows[0].struct_size); // not set
    IS(sps_ip_get_local_addresses(ip, rows, count, &again), SPS_ERR_INVALID_PARAMETER);
    rows[0].struct_size = sizeof *rows;
    OK(sps_ip_get_local_addresses(ip, rows, count, &again));
    ck_assert_uint_eq(count, again);
    bool loopback = false;
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_gt(rows[i].interface_index, 0);
        ck_assert_str_ne(rows[i].interface_name, "");
        loopback = loopback || strcmp(rows[i].host, "127.0.0.1") == 0;
        // The rows of an interface are adjacent.
        for (size_t j = i + 1; j < count; j++) {
            ck_assert(rows[j].interface_index != rows[i].interface_index ||
                      rows[j - 1].interface_index == rows[i].interface_index);
        }
        // A server can listen on each address.
        sps_server *server = make_server(TCP, NULL);
        OK(sps_tcp_server_listen(server, 0, rows[i].host));
        sps_server_destroy(server);
    }
    ck_assert(loopback);
    free(rows);
    sps_ip_destroy(ip);
}
END_TEST

static void *queue_and_erase(void *ip) {
    for (int i = 0; i < 2000; i++) {
        int32_t id;
        char text[SPS_HOST_TEXT_BYTES];
        OK(sps_ip_queue_resolve_item(ip, "127.0.0.1", SPS_IP_TYPE_ANY, &id));
        OK(sps_ip_get_resolve_item_address(ip, id, text, sizeof text, NULL));
        ck_assert_str_eq(text, "127.0.0.1");
        OK(sps_ip_erase_resolve_item(ip, id));
        OK(sps_ip_resolve_hostname(ip, "::1", SPS_IP_TYPE_ANY, text, sizeof text, NULL));
    }
    return NULL;
}

START_TEST(several_threads_use_one) {
    NEEDS_THE_MACHINE
    sps_ip *ip = make_ip();
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(pthread_create(&threads[i], NULL, queue_and_erase, ip), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
    }
    sps_ip_destroy(ip);
}
END_TEST

START_TEST(after_a_shutdown_everything_works_again) {
    IS(sps_shutdown(UINT32_MAX), SPS_ERR_INVALID_PARAMETER);
    OK(sps_shutdown(0)); // no look-up ever ran
    sps_ip *ip = make_ip();
    char text[SPS_HOST_TEXT_BYTES];
    for (int i = 0; i < 3; i++) {
        IS(sps_ip_resolve_hostname(ip, "any.invalid", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
           SPS_ERR_CANT_RESOLVE);
        OK(sps_shutdown(i % 2 == 0 ? 0 : 20000));
    }
    sps_ip_destroy(ip);
}
END_TEST

Suite *ip_suite(void) {
    Suite *suite = suite_create("ip");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, numbers_and_localhost_resolve_at_once, 0, KNOWN);
    tcase_add_test(all, localhost_has_both_families);
    tcase_add_test(all, there_are_256_items);
    tcase_add_test(all, invalid_items);
    tcase_add_test(all, invalid_hosts_and_kinds);
    tcase_add_test(all, no_object_and_no_options);
    tcase_add_test(all, this_machines_addresses);
    tcase_add_test(all, several_threads_use_one);
    tcase_add_test(all, after_a_shutdown_everything_works_again);
    return suite;
}
