// SPDX-License-Identifier: MIT
//
// The local address that a stream is bound to before it connects.
#include <string.h>

#include "support/support.h"

START_TEST(tcp_bind_chooses_the_local_port) {
    const place free_place = unused_place(TCP);
    pair pair = prepare_pair(TCP, NULL);
    IS(sps_tcp_bind(pair.client, free_place.port, "127.0.0.1"), SPS_ERR_ALREADY_IN_USE); // in use
    OK(sps_tcp_bind(pair.client, 0, _i == 0 ? "127.0.0.1" : "*"));
    int32_t local, connected;
    OK(sps_tcp_get_local_port(pair.client, &local));
    ck_assert_int_gt(local, 0);
    IS(sps_tcp_bind(pair.client, 0, "*"), SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    OK(connect_to(pair.client, &pair.place));
    complete_pair(&pair);
    OK(sps_tcp_get_connected_port(pair.peer, &connected));
    ck_assert_int_eq(connected, local);
    IS(sps_tcp_bind(pair.client, 0, "*"), SPS_ERR_ALREADY_IN_USE);
    close_pair(&pair);
}
END_TEST

START_TEST(tcp_bind_serves_every_address_of_a_name) {
    pair pair = prepare_pair(TCP, NULL);
    OK(sps_tcp_bind(pair.client, 0, "*"));
    OK(sps_tcp_connect(pair.client, "localhost", pair.place.port));
    complete_pair(&pair);
    close_pair(&pair);
}
END_TEST

START_TEST(uds_bind_shows_the_path_to_the_server) {
    NEEDS_UNIX_SOCKETS
    pair pair = prepare_pair(UDS, NULL);
    const place here = unused_place(UDS);
    OK(sps_uds_bind(pair.client, here.path));
    IS(sps_uds_bind(pair.client, here.path), SPS_ERR_ALREADY_IN_USE);
    OK(connect_to(pair.client, &pair.place));
    complete_pair(&pair);
    char path[SPS_PATH_TEXT_BYTES];
    size_t length;
    OK(sps_uds_get_connected_path(pair.peer, path, sizeof path, &length));
    ck_assert_str_eq(path, here.path);
    ck_assert_uint_eq(length, strlen(here.path));
    OK(sps_uds_get_connected_path(pair.client, path, sizeof path, NULL));
    ck_assert_str_eq(path, pair.place.path);
    sps_stream *second = make_stream(UDS, NULL);
    IS(sps_uds_bind(second, here.path), SPS_ERR_ALREADY_IN_USE); // the file exists
    sps_stream_destroy(second);
    close_pair(&pair);
}
END_TEST

Suite *bind_suite(void) {
    Suite *suite = suite_create("bind");
    TCase *one = add_case(suite, "one");
    tcase_add_loop_test(one, tcp_bind_chooses_the_local_port, 0, 2);
    tcase_add_test(one, tcp_bind_serves_every_address_of_a_name);
    tcase_add_test(one, uds_bind_shows_the_path_to_the_server);
    return suite;
}
