// SPDX-License-Identifier: MIT
//
// The numbers and the local address of a connection, and ports that servers share.
#include <stdio.h>

#include "support/support.h"

START_TEST(the_numbers_of_a_connection) {
    NOT_EMULATED("qemu gives only the first four bytes of TCP_INFO")
    pair pair = connect_pair(TCP);
    sps_tcp_info info = {.struct_size = sizeof info};
    OK(sps_stream_put_data(pair.client, "0123456789", 10, NULL));
    uint8_t bytes[10];
    OK(sps_stream_get_data(pair.peer, bytes, 10, NULL));
    const sps_error error = sps_tcp_get_info(pair.client, &info);
    if (error == SPS_ERR_UNAVAILABLE) {
        printf("the platform reports no numbers of a connection\n");
    } else {
        WAIT_UNTIL(sps_tcp_get_info(pair.client, &info) == SPS_OK && info.acknowledged_bytes >= 10);
        ck_assert_uint_gt(info.round_trip_us, 0);
        ck_assert_uint_gt(info.segment_bytes, 0);
        ck_assert_uint_gt(info.congestion_window_segments, 0);
        ck_assert_uint_eq(info.retransmits, 0);
        OK(sps_tcp_get_info(pair.peer, &info));
        ck_assert_uint_eq(info.received_bytes, 10);
        sps_tcp_info old = {.struct_size = 8, .round_trip_variation_us = 4711};
        OK(sps_tcp_get_info(pair.client, &old));
        ck_assert_uint_gt(old.round_trip_us, 0);
        ck_assert_uint_eq(old.round_trip_variation_us, 4711);
        const sps_tcp_info before = {.struct_size = 2, .round_trip_us = 4711};
        sps_tcp_info tiny = before; // smaller than its own size field
        OK(sps_tcp_get_info(pair.client, &tiny));
        ck_assert_mem_eq(&tiny, &before, sizeof tiny);
    }
    sps_tcp_info none = {.struct_size = 0};
    IS(sps_tcp_get_info(pair.client, &none), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_info(pair.client, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_get_info(NULL, &info), SPS_ERR_INVALID_PARAMETER);
    OK(sps_socket_disconnect(pair.client));
    IS(sps_tcp_get_info(pair.client, &info), SPS_FAILED);
    close_pair(&pair);
}
END_TEST

START_TEST(the_local_host) {
    char host[SPS_HOST_TEXT_BYTES] = "?";
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_get_local_host(stream, host, sizeof host, NULL));
    ck_assert_str_eq(host, "");
    OK(sps_tcp_bind(stream, 0, "::1"));
    size_t length;
    OK(sps_tcp_get_local_host(stream, host, sizeof host, &length));
    ck_assert_str_eq(host, "::1");
    ck_assert_uint_eq(length, 3);
    IS(sps_tcp_get_local_host(stream, host, 3, NULL), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_tcp_get_local_host(stream, NULL, 3, NULL), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(stream);
    pair pair = connect_pair(TCP);
    OK(sps_tcp_get_local_host(pair.peer, host, sizeof host, NULL)); // on accepted peers too
    ck_assert_str_eq(host, "127.0.0.1");
    int32_t port;
    OK(sps_tcp_get_local_port(pair.peer, &port));
    ck_assert_int_eq(port, pair.place.port);
    close_pair(&pair);
}
END_TEST

// One port on two addresses. The socket is not connected to itself.
START_TEST(the_same_port_on_both_sides_is_not_a_self_connect) {
    pair pair = prepare_pair(TCP, NULL); // on 127.0.0.1
    OK(sps_tcp_bind(pair.client, pair.place.port, "127.0.0.2"));
    OK(connect_to(pair.client, &pair.place));
    complete_pair(&pair);
    int32_t port;
    OK(sps_tcp_get_local_port(pair.client, &port));
    ck_assert_int_eq(port, pair.place.port);
    close_pair(&pair);
}
END_TEST

START_TEST(several_servers_share_a_port_when_all_ask) {
    const sps_server_options shared = {.struct_size = sizeof shared, .reuse_port = 1};
    sps_server *first = make_server(TCP, &shared), *second = make_server(TCP, &shared);
    sps_server *alone = make_server(TCP, NULL);
    const place place = listen_somewhere(first, TCP);
    OK(listen_at(second, &place));
    IS(listen_at(alone, &place), SPS_ERR_ALREADY_IN_USE);
    int taken = 0;
    sps_stream *streams[32];
    // the OS distributes the connections: each server gets one sooner or later
    for (size_t i = 0; i < 32; i++) {
        streams[i] = make_stream(TCP, NULL);
        OK(connect_to(streams[i], &place));
    }
    for (size_t i = 0; i < 32; i++) {
        sps_stream *peer = NULL;
        WAIT_UNTIL(sps_server_take_connection(first, &peer) == SPS_OK ||
                   sps_server_take_connection(second, &peer) == SPS_OK);
        taken++;
        sps_stream_destroy(peer);
        sps_stream_destroy(streams[i]);
    }
    ck_assert_int_eq(taken, 32);
    sps_server_destroy(first);
    sps_server_destroy(second);
    OK(listen_at(alone, &place)); // lingering connections do not prevent a listen
    sps_stream *late = make_stream(TCP, NULL);
    OK(connect_to(late, &place));
    sps_stream *peer = take_from(alone);
    sps_stream_destroy(peer); // this side lingers
    sps_stream_destroy(late);
    OK(sps_server_stop(alone));
    first = make_server(TCP, &shared);
    OK(listen_at(first, &place));
    sps_server_destroy(first);
    sps_server_destroy(alone);
}
END_TEST

Suite *queries_suite(void) {
    Suite *suite = suite_create("queries");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, the_numbers_of_a_connection);
    tcase_add_test(all, the_local_host);
    tcase_add_test(all, the_same_port_on_both_sides_is_not_a_self_connect);
    tcase_add_test(all, several_servers_share_a_port_when_all_ask);
    return suite;
}
