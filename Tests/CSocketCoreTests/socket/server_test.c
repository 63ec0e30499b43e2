// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>

#include "support/sockets.h"
#include "support/support.h"

static bool is_listening(const sps_server *server) {
    bool listening;
    OK(sps_server_is_listening(server, &listening));
    return listening;
}

static bool has_connection(sps_server *server) {
    bool available;
    OK(sps_server_is_connection_available(server, &available));
    return available;
}

START_TEST(listening_twice_is_already_in_use) {
    sps_server *server = make_server(_i, NULL);
    ck_assert(!is_listening(server));
    const place place = listen_somewhere(server, _i);
    ck_assert(is_listening(server));
    IS(listen_at(server, &place), SPS_ERR_ALREADY_IN_USE);
    ck_assert(is_listening(server));
    sps_server_destroy(server);
}
END_TEST

START_TEST(a_taken_address_is_already_in_use) {
    sps_server *first = make_server(_i, NULL), *second = make_server(_i, NULL);
    const place place = listen_somewhere(first, _i);
    IS(listen_at(second, &place), SPS_ERR_ALREADY_IN_USE);
    ck_assert(!is_listening(second));
    OK(sps_server_stop(first));
    OK(listen_at(second, &place));
    sps_server_destroy(first);
    sps_server_destroy(second);
}
END_TEST

static int32_t os_error_of(const sps_server *server) {
    int32_t code;
    OK(sps_server_get_os_error(server, &code));
    return code;
}

START_TEST(a_failed_listen_has_a_reason) {
    sps_server *first = make_server(_i, NULL), *second = make_server(_i, NULL);
    const place place = listen_somewhere(first, _i);
    ck_assert_int_eq(os_error_of(second), 0);
    IS(listen_at(second, &place), SPS_ERR_ALREADY_IN_USE);
    if (_i == TCP && !is_simulated()) { // a Unix server checks before the OS would refuse
        ck_assert_int_eq(os_error_of(second), OS_ERROR(EADDRINUSE));
    }
    OK(sps_server_stop(first));
    OK(listen_at(second, &place));
    ck_assert_int_eq(os_error_of(second), 0);
    IS(sps_server_get_os_error(second, NULL), SPS_ERR_INVALID_PARAMETER);
    sps_server_destroy(first);
    sps_server_destroy(second);
}
END_TEST

START_TEST(connections_are_taken_in_order) {
    sps_server *server = make_server(_i, NULL);
    const place place = listen_somewhere(server, _i);
    sps_stream *stream = (sps_stream *)&place;
    ck_assert(!has_connection(server));
    IS(sps_server_take_connection(server, &stream), SPS_ERR_BUSY);
    ck_assert_ptr_null(stream);
    sps_stream *clients[5], *peers[5];
    for (uint8_t i = 0; i < 5; i++) {
        clients[i] = make_stream(_i, NULL);
        OK(connect_to(clients[i], &place));
        WAIT_UNTIL(polled_status(clients[i]) == SPS_STATUS_CONNECTED);
        OK(sps_stream_put_u8(clients[i], i));
    }
    WAIT_UNTIL(has_connection(server));
    for (uint8_t i = 0; i < 5; i++) {
        uint8_t value;
        peers[i] = take_from(server);
        OK(sps_stream_get_u8(peers[i], &value));
        ck_assert_uint_eq(value, i);
    }
    ck_assert(!has_connection(server));
    for (int i = 0; i < 5; i++) {
        sps_stream_destroy(clients[i]);
        sps_stream_destroy(peers[i]);
    }
    sps_server_destroy(server);
}
END_TEST

START_TEST(stop_while_connected_keeps_taken_connections) {
    pair pair = connect_pair(_i);
    sps_stream *waiting = make_stream(_i, NULL);
    OK(connect_to(waiting, &pair.place));
    WAIT_UNTIL(polled_status(waiting) == SPS_STATUS_CONNECTED);
    OK(sps_server_stop(pair.server));
    OK(sps_server_stop(pair.server));
    ck_assert(!is_listening(pair.server));
    ck_assert(!has_connection(pair.server));
    sps_stream *stream;
    IS(sps_server_take_connection(pair.server, &stream), SPS_ERR_UNCONFIGURED);
    WAIT_UNTIL(polled_status(waiting) != SPS_STATUS_CONNECTED);
    OK(sps_stream_put_u8(pair.client, 5));
    uint8_t value;
    OK(sps_stream_get_u8(pair.peer, &value));
    ck_assert_uint_eq(value, 5);
    OK(listen_at(pair.server, &pair.place));
    sps_stream_destroy(waiting);
    close_pair(&pair);
}
END_TEST

START_TEST(the_local_port_is_known) {
    sps_server *server = make_server(TCP, NULL);
    int32_t port = 99;
    OK(sps_tcp_server_get_local_port(server, &port));
    ck_assert_int_eq(port, 0);
    const place place = listen_somewhere(server, TCP);
    OK(sps_tcp_server_get_local_port(server, &port));
    ck_assert_int_eq(port, place.port);
    OK(sps_server_stop(server));
    OK(sps_tcp_server_get_local_port(server, &port));
    ck_assert_int_eq(port, 0);
    sps_server_destroy(server);
}
END_TEST

START_TEST(connections_have_the_servers_options) {
    const sps_stream_options options = {.struct_size = sizeof options, .max_value_bytes = 3};
    pair pair = connect_pair_with(_i, &options);
    OK(sps_stream_put_string(pair.client, "four", 4));
    const char *text;
    size_t size;
    IS(sps_stream_get_string(pair.peer, SPS_LENGTH_PREFIXED, &text, &size), SPS_ERR_INVALID_DATA);
    close_pair(&pair);
}
END_TEST

Suite *server_suite(void) {
    Suite *suite = suite_create("server");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_failed_listen_has_a_reason, 0, TRANSPORTS);
    tcase_add_loop_test(all, listening_twice_is_already_in_use, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_taken_address_is_already_in_use, 0, TRANSPORTS);
    tcase_add_loop_test(all, connections_are_taken_in_order, 0, TRANSPORTS);
    tcase_add_loop_test(all, stop_while_connected_keeps_taken_connections, 0, TRANSPORTS);
    tcase_add_loop_test(all, connections_have_the_servers_options, 0, TRANSPORTS);
    tcase_add_test(all, the_local_port_is_known);
    return suite;
}
