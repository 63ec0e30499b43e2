// SPDX-License-Identifier: MIT
//
// Opening, binding, listening, connecting, accepting, and the addresses of both ends.
#include <string.h>

#include "support/contract.h"

static const sps_platform *os(void) {
    return platform_under_test();
}

START_TEST(a_new_socket_is_unconnected) {
    NEEDS_FAMILY(_i);
    const spsi_handle one = open_socket(_i), other = open_socket(_i);
    spsi_address address;
    ck_assert(one != other);
    ck_assert_int_eq(kind_of(one), SPSI_UNCONNECTED);
    ck_assert_int_eq(family_of(one), _i);
    FAILS(spsi_os_peer_address(os(), one, &address), SPSI_ADDRESS_FAILURES);
    close_socket(one);
    ck_assert_int_eq(kind_of(other), SPSI_UNCONNECTED);
    close_socket(other);
}
END_TEST

START_TEST(what_is_no_socket_is_no_stream_socket) {
    const spsi_handle closed = open_socket(SPSI_FAMILY_IPV4);
    close_socket(closed);
    const spsi_handle handles[] = {closed, SPSI_NO_HANDLE, INTPTR_MAX, INTPTR_MIN};
    for (size_t i = 0; i < sizeof handles / sizeof handles[0]; i++) {
        ck_assert_int_eq(kind_of(handles[i]), SPSI_NO_STREAM_SOCKET);
    }
}
END_TEST

// ---- Binding

START_TEST(the_os_chooses_a_port) {
    NEEDS_FAMILY(_i);
    const spsi_address place = free_place(_i);
    const spsi_handle one = open_socket(_i), other = open_socket(_i);
    const spsi_address first = bind_somewhere(one, _i), second = bind_somewhere(other, _i);
    ck_assert_uint_ne(first.port, 0);
    ck_assert_uint_ne(second.port, 0);
    ck_assert_uint_ne(first.port, second.port);
    ck_assert_mem_eq(first.ip, place.ip, sizeof place.ip);
    close_socket(one);
    close_socket(other);
}
END_TEST

START_TEST(a_socket_binds_once) {
    NEEDS_FAMILY(_i);
    const spsi_handle handle = open_socket(_i);
    const spsi_address bound = bind_somewhere(handle, _i), again = free_place(_i);
    EXPECT(spsi_os_bind(os(), handle, &again), SPSI_ADDRESS_INVALID);
    const spsi_address now = local_address_of(handle);
    ck_assert(is_same_address(&bound, &now));
    close_socket(handle);
}
END_TEST

// An OS may find out when it binds, or when it listens.
START_TEST(a_server_does_not_share_its_address) {
    NEEDS_FAMILY(_i);
    spsi_address place;
    const spsi_handle server = listen_somewhere_on(_i, &place);
    for (uint32_t rebind = 0; rebind <= (_i != SPSI_FAMILY_UNIX); rebind++) {
        const spsi_handle other = open_socket(_i);
        if (_i != SPSI_FAMILY_UNIX) {
            set_option(other, SPSI_REBIND, rebind);
        }
        const spsi_result bound = spsi_os_bind(os(), other, &place);
        EXPECT(bound.code != SPSI_DONE ? bound : spsi_os_listen(os(), other, 0),
               SPSI_ADDRESS_IN_USE);
        close_socket(other);
    }
    close_socket(server);
}
END_TEST

// The address is one for documents (RFC 5737, RFC 3849).
START_TEST(an_address_of_elsewhere_cannot_be_bound) {
    NEEDS_FAMILY(_i);
    spsi_address place = {.family = SPSI_FAMILY_IPV4, .ip = {192, 0, 2, 1}};
    if (_i == SPSI_FAMILY_IPV6) {
        place = (spsi_address){.family = SPSI_FAMILY_IPV6, .ip = {0x20, 0x01, 0x0d, 0xb8}};
        place.ip[15] = 1;
    }
    const spsi_handle handle = open_socket(_i);
    EXPECT(spsi_os_bind(os(), handle, &place), SPSI_ADDRESS_INVALID);
    bind_somewhere(handle, _i); // nothing has changed
    close_socket(handle);
}
END_TEST

START_TEST(an_address_of_another_family_cannot_be_bound) {
    NEEDS_FAMILY(SPSI_FAMILY_IPV6);
    const spsi_handle handle = open_socket(_i);
    const spsi_address place =
        free_place(_i == SPSI_FAMILY_IPV4 ? SPSI_FAMILY_IPV6 : SPSI_FAMILY_IPV4);
    EXPECT(spsi_os_bind(os(), handle, &place), SPSI_ADDRESS_INVALID);
    close_socket(handle);
}
END_TEST

// ---- Connecting

START_TEST(both_ends_know_each_other) {
    NEEDS_FAMILY(_i);
    spsi_address place, accepted_peer, of_peer;
    const spsi_handle listener = listen_somewhere_on(_i, &place);
    const spsi_handle client = connect_to_address(&place);
    const spsi_handle server = accept_from(listener, &accepted_peer);
    const spsi_address of_client = local_address_of(client), of_server = local_address_of(server);
    ck_assert(is_same_address(&accepted_peer, &of_client));
    ck_assert(is_same_address(&of_server, &place));
    DONE(spsi_os_peer_address(os(), server, &of_peer));
    ck_assert(is_same_address(&of_peer, &of_client));
    DONE(spsi_os_peer_address(os(), client, &of_peer));
    ck_assert(is_same_address(&of_peer, &place));
    ck_assert_int_eq(kind_of(listener), SPSI_LISTENING);
    ck_assert_int_eq(kind_of(client), SPSI_CONNECTED);
    ck_assert_int_eq(kind_of(server), SPSI_CONNECTED);
    ck_assert_int_eq(family_of(server), _i);
    close_connection(&(connection){listener, client, server, place});
}
END_TEST

START_TEST(a_client_keeps_the_address_that_it_was_bound_to) {
    NEEDS_FAMILY(_i);
    spsi_address place, peer;
    const spsi_handle listener = listen_somewhere_on(_i, &place), client = open_socket(_i);
    const spsi_address bound = bind_somewhere(client, _i);
    DONE(connect_result_of(client, &place));
    const spsi_handle server = accept_from(listener, &peer);
    const spsi_address local = local_address_of(client);
    ck_assert(is_same_address(&local, &bound));
    ck_assert(is_same_address(&peer, &bound));
    close_connection(&(connection){listener, client, server, place});
}
END_TEST

// A socket that has only the address: no other program can listen there meanwhile.
START_TEST(a_connect_without_a_server_is_refused) {
    NEEDS_FAMILY(_i);
    const spsi_handle holder = open_socket(_i), client = open_socket(_i);
    const spsi_address place = bind_somewhere(holder, _i);
    const spsi_result result = connect_result_of(client, &place);
    EXPECT(result, SPSI_REFUSED);
    ck_assert_int_ne(result.os_code, 0);
    close_socket(holder);
    close_socket(client);
}
END_TEST

// Its file is still there. The port of a closed server could be another program's by now.
START_TEST(a_connect_to_a_closed_server_is_refused) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    spsi_address place;
    close_socket(listen_somewhere_on(SPSI_FAMILY_UNIX, &place));
    const spsi_handle client = open_socket(SPSI_FAMILY_UNIX);
    EXPECT(spsi_os_connect(os(), client, &place), SPSI_REFUSED);
    close_socket(client);
}
END_TEST

START_TEST(a_connect_to_a_path_without_a_file_is_refused) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    const spsi_handle client = open_socket(SPSI_FAMILY_UNIX);
    const spsi_address place = free_place(SPSI_FAMILY_UNIX);
    EXPECT(spsi_os_connect(os(), client, &place), SPSI_REFUSED);
    close_socket(client);
}
END_TEST

START_TEST(an_established_connection_stays_so) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    for (int i = 0; i < 3; i++) {
        DONE(spsi_os_connect_result(os(), open.client));
        DONE(spsi_os_pending_failure(os(), open.client));
    }
    close_connection(&open);
}
END_TEST

// ---- Accepting

START_TEST(an_empty_backlog_is_again) {
    NEEDS_FAMILY(_i);
    spsi_address place, peer;
    spsi_handle accepted;
    const spsi_handle listener = listen_somewhere_on(_i, &place);
    EXPECT(spsi_os_accept(os(), listener, &accepted, &peer), SPSI_AGAIN);
    const spsi_handle client = connect_to_address(&place);
    const spsi_handle server = accept_from(listener, &peer);
    EXPECT(spsi_os_accept(os(), listener, &accepted, &peer), SPSI_AGAIN);
    close_connection(&(connection){listener, client, server, place});
}
END_TEST

START_TEST(no_end_of_a_connection_waits) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    receive_nothing(open.client);
    receive_nothing(open.server);
    close_connection(&open);
}
END_TEST

// Each client is accepted once, with the bytes that it has sent meanwhile.
START_TEST(a_backlog_keeps_connections) {
    NEEDS_FAMILY(_i);
    enum { COUNT = 5 };
    spsi_address place, peer;
    spsi_handle clients[COUNT], servers[COUNT];
    bool is_seen[COUNT] = {false};
    const spsi_handle listener = listen_somewhere_on(_i, &place);
    for (char i = 0; i < COUNT; i++) {
        const char text[] = {(char)('0' + i), '\0'};
        clients[(size_t)i] = connect_to_address(&place);
        send_text(clients[(size_t)i], text);
    }
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t digit;
        size_t count;
        servers[i] = accept_from(listener, &peer);
        await_ready(servers[i], SPSI_READABLE);
        DONE(spsi_os_receive(os(), servers[i], &digit, 1, &count));
        ck_assert(digit >= '0' && digit < '0' + COUNT && !is_seen[digit - '0']);
        is_seen[digit - '0'] = true;
    }
    for (size_t i = 0; i < COUNT; i++) {
        close_socket(clients[i]);
        close_socket(servers[i]);
    }
    close_socket(listener);
}
END_TEST

// A reset connection is skipped, or accepted and then found reset. The next one is not lost.
START_TEST(a_reset_in_the_backlog_harms_no_other_connection) {
    NEEDS_FAMILY(_i);
    spsi_address place, peer;
    const spsi_handle listener = listen_somewhere_on(_i, &place);
    reset_socket(connect_to_address(&place));
    const spsi_handle client = connect_to_address(&place);
    const spsi_address of_client = local_address_of(client);
    spsi_handle server = accept_from(listener, &peer);
    if (!is_same_address(&peer, &of_client)) {
        receive_code(server, SPSI_RESET);
        close_socket(server);
        server = accept_from(listener, &peer);
    }
    ck_assert(is_same_address(&peer, &of_client));
    send_text(client, "x");
    receive_text(server, "x");
    close_connection(&(connection){listener, client, server, place});
}
END_TEST

// connect() on a Unix socket does not begin to wait for room.
START_TEST(a_full_backlog_of_a_path_is_again) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    enum { MOST = 64 };
    spsi_handle clients[MOST], listener = open_socket(SPSI_FAMILY_UNIX);
    const spsi_address place = bind_somewhere(listener, SPSI_FAMILY_UNIX);
    const spsi_code full = spsi_os_refusal_is_proof(os()) ? SPSI_AGAIN : SPSI_REFUSED;
    DONE(spsi_os_listen(os(), listener, 1));
    size_t count = 0;
    spsi_result result;
    do {
        ck_assert_uint_lt(count, MOST);
        clients[count] = open_socket(SPSI_FAMILY_UNIX);
        result = spsi_os_connect(os(), clients[count++], &place);
    } while (result.code == SPSI_DONE);
    EXPECT(result, full);
    spsi_address peer;
    const spsi_handle server = accept_from(listener, &peer);
    DONE(spsi_os_connect(os(), clients[count - 1], &place));
    while (count > 0) {
        close_socket(clients[--count]);
    }
    close_socket(server);
    close_socket(listener);
}
END_TEST

// ---- Handles of others

START_TEST(an_adopted_socket_does_not_wait) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    DONE(spsi_os_adopt(os(), open.server));
    ck_assert_int_eq(kind_of(open.server), SPSI_CONNECTED);
    receive_nothing(open.server);
    send_text(open.client, "adopted");
    receive_text(open.server, "adopted");
    close_connection(&open);
}
END_TEST

START_TEST(a_descriptor_stays_the_same) {
    const connection open = open_connection(SPSI_FAMILY_IPV4);
    const spsi_handle one = spsi_os_descriptor(os(), open.client);
    ck_assert(one == spsi_os_descriptor(os(), open.client));
    ck_assert(one == SPSI_NO_HANDLE || one != spsi_os_descriptor(os(), open.server));
    close_connection(&open);
}
END_TEST

// ---- What the OS reports

START_TEST(numbers_of_a_connection_keep_their_size) {
    NEEDS_FAMILY(_i);
    const connection open = open_connection(_i);
    send_text(open.client, "12345");
    receive_text(open.server, "12345");
    sps_tcp_info info = {.struct_size = sizeof info};
    const spsi_result result = spsi_os_tcp_info(os(), open.server, &info);
    if (result.code == SPSI_DONE && _i != SPSI_FAMILY_UNIX) {
        ck_assert(info.received_bytes == 0 || info.received_bytes == 5);
    } else {
        FAILS(result, SPSI_TCP_INFO_FAILURES);
    }
    ck_assert_uint_eq(info.struct_size, sizeof info);
    close_connection(&open);
}
END_TEST

START_TEST(both_ends_of_a_path_have_one_user) {
    NEEDS_FAMILY(SPSI_FAMILY_UNIX);
    const connection open = open_connection(SPSI_FAMILY_UNIX);
    sps_peer_credentials of_client = {.struct_size = sizeof of_client};
    sps_peer_credentials of_server = of_client;
    const spsi_result result = spsi_os_peer_credentials(os(), open.server, &of_client);
    if (result.code == SPSI_DONE) {
        DONE(spsi_os_peer_credentials(os(), open.client, &of_server));
        ck_assert_int_eq(of_client.pid, of_server.pid);
        ck_assert_uint_eq(of_client.uid, of_server.uid);
        ck_assert_uint_eq(of_client.gid, of_server.gid);
    } else {
        EXPECT(result, SPSI_UNSUPPORTED);
    }
    ck_assert_uint_eq(of_client.struct_size, sizeof of_client);
    close_connection(&open);
}
END_TEST

Suite *contract_sockets_suite(void) {
    Suite *suite = suite_create("contract_sockets");
    TCase *all = add_contract_case(suite, "all");
    tcase_add_loop_test(all, a_new_socket_is_unconnected, 0, FAMILIES);
    tcase_add_test(all, what_is_no_socket_is_no_stream_socket);
    tcase_add_loop_test(all, the_os_chooses_a_port, 0, IP_FAMILIES);
    tcase_add_loop_test(all, a_socket_binds_once, 0, FAMILIES);
    tcase_add_loop_test(all, a_server_does_not_share_its_address, 0, FAMILIES);
    tcase_add_loop_test(all, an_address_of_elsewhere_cannot_be_bound, 0, IP_FAMILIES);
    tcase_add_loop_test(all, an_address_of_another_family_cannot_be_bound, 0, IP_FAMILIES);
    tcase_add_loop_test(all, both_ends_know_each_other, 0, FAMILIES);
    tcase_add_loop_test(all, a_client_keeps_the_address_that_it_was_bound_to, 0, FAMILIES);
    tcase_add_loop_test(all, a_connect_without_a_server_is_refused, 0, FAMILIES);
    tcase_add_test(all, a_connect_to_a_closed_server_is_refused);
    tcase_add_test(all, a_connect_to_a_path_without_a_file_is_refused);
    tcase_add_loop_test(all, an_established_connection_stays_so, 0, FAMILIES);
    tcase_add_loop_test(all, an_empty_backlog_is_again, 0, FAMILIES);
    tcase_add_loop_test(all, no_end_of_a_connection_waits, 0, FAMILIES);
    tcase_add_loop_test(all, a_backlog_keeps_connections, 0, FAMILIES);
    tcase_add_loop_test(all, a_reset_in_the_backlog_harms_no_other_connection, 0, IP_FAMILIES);
    tcase_add_test(all, a_full_backlog_of_a_path_is_again);
    tcase_add_loop_test(all, an_adopted_socket_does_not_wait, 0, FAMILIES);
    tcase_add_test(all, a_descriptor_stays_the_same);
    tcase_add_loop_test(all, numbers_of_a_connection_keep_their_size, 0, FAMILIES);
    tcase_add_test(all, both_ends_of_a_path_have_one_user);
    return suite;
}
