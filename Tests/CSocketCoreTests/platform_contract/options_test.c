// SPDX-License-Identifier: MIT
//
// The options of sockets. An OS may lack some.
#include "support/contract.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

// Sets an option. False: the OS lacks it.
static bool has_option(spsi_handle handle, spsi_option option, uint32_t value) {
    const spsi_result result = spsi_os_set_option(os(), handle, option, value);
    if (result.code != SPSI_UNSUPPORTED) {
        DONE(result);
    }
    return result.code == SPSI_DONE;
}

START_TEST(each_option_is_set_or_unsupported) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    const spsi_option options[] = {
        SPSI_NO_DELAY,           SPSI_SEND_BUFFER,     SPSI_RECEIVE_BUFFER, SPSI_KEEPALIVE_IDLE,
        SPSI_KEEPALIVE_INTERVAL, SPSI_KEEPALIVE_COUNT, SPSI_USER_TIMEOUT,   SPSI_RESET_AT_CLOSE};
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        has_option(open.client, options[i], 7);
    }
    set_option(open.client, SPSI_NO_DELAY, 0);
    set_option(open.client, SPSI_RESET_AT_CLOSE, 0);
    has_option(open.client, SPSI_KEEPALIVE_IDLE, 0);
    has_option(open.client, SPSI_USER_TIMEOUT, 0);
    send_text(open.client, "still there");
    receive_text(open.server, "still there");
    close_connection(&open);
}
END_TEST

START_TEST(a_value_too_large_is_a_listed_failure) {
    NEEDS_FAMILY(_i);
    const spsi_handle handle = open_socket(_i);
    for (int option = SPSI_SEND_BUFFER; option <= SPSI_USER_TIMEOUT; option++) {
        const spsi_result result = spsi_os_set_option(os(), handle, option, UINT32_MAX);
        if (result.code != SPSI_DONE) {
            FAILS(result, SPSI_OPTION_FAILURES);
        }
    }
    close_socket(handle);
}
END_TEST

// The OS may give more than was asked for.
START_TEST(buffers_have_at_least_their_size) {
    NEEDS_FAMILY(_i);
    const spsi_handle handle = open_socket(_i);
    for (int option = SPSI_SEND_BUFFER; option <= SPSI_RECEIVE_BUFFER; option++) {
        uint32_t before = 0, after = 0;
        DONE(spsi_os_get_option(os(), handle, option, &before));
        set_option(handle, option, 100000);
        DONE(spsi_os_get_option(os(), handle, option, &after));
        ck_assert_uint_gt(before, 0);
        ck_assert_uint_ge(after, 100000);
    }
    close_socket(handle);
}
END_TEST

// ---- Sharing an address

static spsi_handle listen_to_any(uint32_t is_dual, uint16_t *out_port) {
    const spsi_handle listener = open_socket(SPSI_FAMILY_IPV6);
    const spsi_address any = {.family = SPSI_FAMILY_IPV6};
    set_option(listener, SPSI_DUAL_STACK, is_dual);
    DONE(spsi_os_bind(os(), listener, &any));
    DONE(spsi_os_listen(os(), listener, 0));
    *out_port = local_address_of(listener).port;
    return listener;
}

START_TEST(a_dual_stack_server_accepts_ipv4) {
    NEEDS_FAMILY(SPSI_FAMILY_IPV6);
    connection open;
    spsi_address peer;
    uint16_t port;
    open.listener = listen_to_any(1, &port);
    for (int family = SPSI_FAMILY_IPV4; family <= SPSI_FAMILY_IPV6; family++) {
        spsi_address place = free_place(family);
        place.port = port;
        open.client = connect_to_address(&place);
        open.server = accept_from(open.listener, &peer);
        const spsi_address of_client = local_address_of(open.client);
        ck_assert(is_same_address(&peer, &of_client)); // IPv4 inside of IPv6 is IPv4
        close_socket(open.client);
        close_socket(open.server);
    }
    close_socket(open.listener);
}
END_TEST

// Another server may have the same port of IPv4. So a refusal alone would prove nothing.
START_TEST(a_server_of_ipv6_alone_accepts_no_ipv4) {
    NEEDS_FAMILY(SPSI_FAMILY_IPV6);
    spsi_handle accepted;
    spsi_address place = free_place(SPSI_FAMILY_IPV4), peer;
    const spsi_handle listener = listen_to_any(0, &place.port);
    const spsi_handle client = open_socket(SPSI_FAMILY_IPV4);
    connect_result_of(client, &place);
    EXPECT(spsi_os_accept(os(), listener, &accepted, &peer), SPSI_AGAIN);
    close_socket(client);
    close_socket(listener);
}
END_TEST

// The server closes first, so its connection stays in TIME_WAIT (RFC 9293, 3.6).
START_TEST(a_server_binds_where_another_was) {
    NEEDS_FAMILY(_i);
    connection open;
    spsi_address peer, place = free_place(_i);
    for (int i = 0; i < 3; i++) {
        open.listener = open_socket(_i);
        set_option(open.listener, SPSI_REBIND, 1);
        DONE(spsi_os_bind(os(), open.listener, &place));
        DONE(spsi_os_listen(os(), open.listener, 0));
        place = local_address_of(open.listener);
        open.client = connect_to_address(&place);
        open.server = accept_from(open.listener, &peer);
        close_socket(open.server);
        receive_code(open.client, SPSI_END);
        close_socket(open.client);
        close_socket(open.listener);
    }
}
END_TEST

START_TEST(clients_may_share_an_address) {
    NEEDS_FAMILY(_i);
    const spsi_handle one = open_socket(_i), other = open_socket(_i);
    const bool is_there = has_option(one, SPSI_SHARED_BIND, 1);
    if (is_there) {
        const spsi_address place = bind_somewhere(one, _i);
        set_option(other, SPSI_SHARED_BIND, 1);
        DONE(spsi_os_bind(os(), other, &place));
        const spsi_address shared = local_address_of(other);
        ck_assert(is_same_address(&shared, &place));
    }
    close_socket(one);
    close_socket(other);
    NEEDS(is_there, "SPSI_SHARED_BIND is unsupported here");
}
END_TEST

static spsi_handle listen_shared(spsi_address *place) {
    const spsi_handle listener = open_socket(place->family);
    set_option(listener, SPSI_REUSE_PORT, 1);
    DONE(spsi_os_bind(os(), listener, place));
    DONE(spsi_os_listen(os(), listener, 0));
    *place = local_address_of(listener);
    return listener;
}

// Each connection arrives at one of the servers.
static void share_connections(spsi_family family) {
    enum { COUNT = 8 };
    spsi_address place = free_place(family), peer;
    const spsi_handle one = listen_shared(&place), other = listen_shared(&place);
    spsi_handle clients[COUNT], servers[COUNT] = {0};
    for (size_t i = 0; i < COUNT; i++) {
        clients[i] = connect_to_address(&place);
        WAIT_UNTIL(spsi_os_accept(os(), one, &servers[i], &peer).code == SPSI_DONE ||
                   spsi_os_accept(os(), other, &servers[i], &peer).code == SPSI_DONE);
        const spsi_address of_client = local_address_of(clients[i]);
        ck_assert(is_same_address(&peer, &of_client));
    }
    for (size_t i = 0; i < COUNT; i++) {
        close_socket(clients[i]);
        close_socket(servers[i]);
    }
    close_socket(one);
    close_socket(other);
}

START_TEST(servers_that_agree_share_a_port) {
    NEEDS_FAMILY(_i);
    const spsi_handle probe = open_socket(_i);
    const bool is_there = has_option(probe, SPSI_REUSE_PORT, 1);
    close_socket(probe);
    NEEDS(is_there, "SPSI_REUSE_PORT is unsupported here");
    share_connections(_i);
}
END_TEST

Suite *contract_options_suite(void) {
    Suite *suite = suite_create("contract_options");
    TCase *all = add_contract_case(suite, "all");
    tcase_add_loop_test(all, each_option_is_set_or_unsupported, 0, IP_FAMILIES);
    tcase_add_loop_test(all, a_value_too_large_is_a_listed_failure, 0, IP_FAMILIES);
    tcase_add_loop_test(all, buffers_have_at_least_their_size, 0, FAMILIES);
    tcase_add_test(all, a_dual_stack_server_accepts_ipv4);
    tcase_add_test(all, a_server_of_ipv6_alone_accepts_no_ipv4);
    tcase_add_loop_test(all, a_server_binds_where_another_was, 0, IP_FAMILIES);
    tcase_add_loop_test(all, clients_may_share_an_address, 0, IP_FAMILIES);
    tcase_add_loop_test(all, servers_that_agree_share_a_port, 0, IP_FAMILIES);
    return suite;
}
