// SPDX-License-Identifier: MIT
//
// Every invalid argument returns its documented code, and changes nothing.
#include <string.h>

#include "support/support.h"

#define INVALID(call) IS(call, SPS_ERR_INVALID_PARAMETER)

// ---- NULL

#define CHECK_VALUE(name, type)                                                                    \
    {                                                                                              \
        type value = 1;                                                                            \
        INVALID(sps_stream_get_##name(NULL, &value));                                              \
        INVALID(sps_stream_get_##name(stream, NULL));                                              \
        INVALID(sps_stream_try_get_##name(NULL, &value));                                          \
        INVALID(sps_stream_try_get_##name(stream, NULL));                                          \
        INVALID(sps_stream_put_##name(NULL, value));                                               \
    }

START_TEST(null_for_a_typed_value) {
    pair pair = connect_pair(_i);
    sps_stream *stream = pair.client;
    CHECK_VALUE(u8, uint8_t)
    CHECK_VALUE(8, int8_t)
    CHECK_VALUE(u16, uint16_t)
    CHECK_VALUE(16, int16_t)
    CHECK_VALUE(u32, uint32_t)
    CHECK_VALUE(32, int32_t)
    CHECK_VALUE(u64, uint64_t)
    CHECK_VALUE(64, int64_t)
    CHECK_VALUE(half, float)
    CHECK_VALUE(float, float)
    CHECK_VALUE(double, double)
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    close_pair(&pair);
}
END_TEST

START_TEST(null_for_bytes_and_strings) {
    pair pair = connect_pair(_i);
    sps_stream *stream = pair.client;
    char bytes[4];
    size_t count;
    bool flag;
    const uint8_t *span;
    const char *text;
    INVALID(sps_stream_get_available_bytes(NULL, &count));
    INVALID(sps_stream_get_available_bytes(stream, NULL));
    INVALID(sps_stream_get_data(NULL, bytes, 4, &count));
    INVALID(sps_stream_get_data(stream, NULL, 4, &count));
    INVALID(sps_stream_get_partial_data(NULL, bytes, 4, &count));
    INVALID(sps_stream_get_partial_data(stream, NULL, 4, &count));
    INVALID(sps_stream_put_data(NULL, bytes, 4, &count));
    INVALID(sps_stream_put_data(stream, NULL, 4, &count));
    INVALID(sps_stream_put_partial_data(NULL, bytes, 4, &count));
    INVALID(sps_stream_put_partial_data(stream, NULL, 4, &count));
    INVALID(sps_stream_peek(NULL, 1, &span, &count));
    INVALID(sps_stream_peek(stream, 1, NULL, &count));
    INVALID(sps_stream_peek(stream, 1, &span, NULL));
    INVALID(sps_stream_consume(NULL, 0));
    INVALID(sps_stream_set_big_endian(NULL, true));
    INVALID(sps_stream_is_big_endian(NULL, &flag));
    INVALID(sps_stream_is_big_endian(stream, NULL));
    INVALID(sps_stream_get_string(NULL, 1, &text, &count));
    INVALID(sps_stream_get_string(stream, 1, NULL, &count));
    INVALID(sps_stream_get_utf8_string(stream, 1, &text, NULL));
    INVALID(sps_stream_try_get_string(NULL, 1, &text, &count));
    INVALID(sps_stream_try_get_utf8_string(NULL, 1, &text, &count));
    INVALID(sps_stream_put_string(NULL, "a", 1));
    INVALID(sps_stream_put_string(stream, NULL, 1));
    INVALID(sps_stream_put_utf8_string(NULL, "a", 1));
    INVALID(sps_stream_put_utf8_string(stream, NULL, 1));
    INVALID(sps_stream_set_write_batching(NULL, true));
    INVALID(sps_stream_is_write_batching(NULL, &flag));
    INVALID(sps_stream_is_write_batching(stream, NULL));
    INVALID(sps_stream_flush(NULL));
    INVALID(sps_stream_get_pending_write_bytes(NULL, &count));
    INVALID(sps_stream_get_pending_write_bytes(stream, NULL));
    INVALID(sps_stream_get_until(stream, ";", 1, 0, NULL, &count));
    INVALID(sps_stream_get_until(stream, ";", 1, 0, &span, NULL));
    INVALID(sps_stream_get_line(stream, 0, NULL, &count));
    INVALID(sps_stream_get_line(stream, 0, &text, NULL));
    INVALID(sps_stream_get_var(stream, NULL, &count));
    INVALID(sps_stream_get_var(stream, &span, NULL));
    INVALID(sps_stream_try_get_var(NULL, &span, &count));
    INVALID(sps_stream_put_var(NULL, bytes, 4));
    INVALID(sps_stream_put_var(stream, NULL, 4));
    if (SIZE_MAX > UINT32_MAX) { // else no length is too large for the prefix
        INVALID(sps_stream_put_var(stream, bytes, (size_t)UINT32_MAX + 1));
    }
    sps_stream_destroy(NULL);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    OK(sps_stream_get_available_bytes(pair.peer, &count));
    ck_assert_uint_eq(count, 0); // nothing was written
    close_pair(&pair);
}
END_TEST

START_TEST(null_for_sockets_and_servers) {
    sps_stream *tcp = make_stream(TCP, NULL), *uds = make_stream(UDS, NULL), *stream;
    sps_server *server = make_server(TCP, NULL), *uds_server = make_server(UDS, NULL);
    sps_server *made;
    sps_status status;
    int32_t number;
    bool flag;
    char text[SPS_PATH_TEXT_BYTES];
    INVALID(sps_socket_poll(NULL));
    INVALID(sps_socket_get_status(NULL, &status));
    INVALID(sps_socket_get_status(tcp, NULL));
    INVALID(sps_socket_disconnect(NULL));
    INVALID(sps_socket_shutdown_write(NULL));
    INVALID(sps_socket_get_os_error(NULL, &number));
    INVALID(sps_socket_get_os_error(tcp, NULL));
    INVALID(sps_socket_get_close_reason(NULL, &number));
    INVALID(sps_socket_get_close_reason(tcp, NULL));
    INVALID(sps_socket_set_connect_timeout(NULL, 1));
    INVALID(sps_tcp_create(NULL, NULL));
    INVALID(sps_tcp_bind(NULL, 0, "*"));
    INVALID(sps_tcp_bind(tcp, 0, NULL));
    INVALID(sps_tcp_connect(NULL, "127.0.0.1", 1));
    INVALID(sps_tcp_connect(tcp, NULL, 1));
    INVALID(sps_tcp_get_connected_host(NULL, text, sizeof text, NULL));
    INVALID(sps_tcp_get_connected_host(tcp, NULL, 9, NULL));
    INVALID(sps_tcp_get_connected_port(NULL, &number));
    INVALID(sps_tcp_get_connected_port(tcp, NULL));
    INVALID(sps_tcp_get_local_port(NULL, &number));
    INVALID(sps_tcp_get_local_port(tcp, NULL));
    INVALID(sps_tcp_set_no_delay(NULL, true));
    INVALID(sps_uds_create(NULL, NULL));
    INVALID(sps_uds_bind(NULL, "x"));
    INVALID(sps_uds_bind(uds, NULL));
    INVALID(sps_uds_connect(NULL, "x"));
    INVALID(sps_uds_connect(uds, NULL));
    INVALID(sps_uds_get_connected_path(NULL, text, sizeof text, NULL));
    INVALID(sps_uds_get_connected_path(uds, NULL, 9, NULL));
    INVALID(sps_tcp_server_create(NULL, NULL));
    INVALID(sps_uds_server_create(NULL, NULL));
    INVALID(sps_tcp_server_listen(NULL, 0, "*"));
    INVALID(sps_tcp_server_listen(server, 0, NULL));
    INVALID(sps_tcp_server_get_local_port(NULL, &number));
    INVALID(sps_tcp_server_get_local_port(server, NULL));
    INVALID(sps_uds_server_listen(NULL, "x"));
    INVALID(sps_uds_server_listen(uds_server, NULL));
    INVALID(sps_server_is_listening(NULL, &flag));
    INVALID(sps_server_is_listening(server, NULL));
    INVALID(sps_server_is_connection_available(NULL, &flag));
    INVALID(sps_server_is_connection_available(server, NULL));
    INVALID(sps_server_take_connection(NULL, &stream));
    INVALID(sps_server_take_connection(server, NULL));
    INVALID(sps_server_stop(NULL));
    INVALID(sps_custom_create(NULL, NULL, NULL, &stream));
    sps_server_destroy(NULL);
    const sps_stream_options no_size = {.max_value_bytes = 1};
    const sps_server_options no_server_size = {.backlog = 1};
    INVALID(sps_tcp_create(&no_size, &stream));
    ck_assert_ptr_null(stream);
    INVALID(sps_tcp_server_create(&no_server_size, &made));
    ck_assert_ptr_null(made);
    const sps_server_options bad_stream = {.struct_size = sizeof bad_stream, .stream = &no_size};
    INVALID(sps_uds_server_create(&bad_stream, &made));
    const sps_custom_operations no_operations_size = {0};
    INVALID(sps_custom_create(&no_operations_size, NULL, NULL, &stream));
    const sps_custom_operations no_operations = {.struct_size = sizeof no_operations};
    INVALID(sps_custom_create(&no_operations, NULL, NULL, NULL));
    const sps_stream_options large[] = {
        {.struct_size = sizeof large[0], .os_send_buffer_bytes = (uint32_t)INT32_MAX + 1},
        {.struct_size = sizeof large[0], .os_receive_buffer_bytes = (uint32_t)INT32_MAX + 1}};
    INVALID(sps_tcp_create(&large[0], &stream));
    INVALID(sps_tcp_create(&large[1], &stream));
    sps_stream_destroy(tcp);
    sps_stream_destroy(uds);
    sps_server_destroy(server);
    sps_server_destroy(uds_server);
}
END_TEST

// ---- Lengths

START_TEST(negative_and_huge_lengths) {
    pair pair = connect_pair(_i);
    sps_stream *stream = pair.client;
    static const size_t lengths[] = {(size_t)-1, (size_t)PTRDIFF_MAX + 1};
    char bytes[4] = "abc";
    OK(sps_stream_put_data(pair.peer, "xyz!", 4, NULL));
    for (size_t i = 0; i < 2; i++) {
        size_t count = 99;
        INVALID(sps_stream_get_data(stream, bytes, lengths[i], &count));
        ck_assert_uint_eq(count, 0);
        INVALID(sps_stream_get_partial_data(stream, bytes, lengths[i], &count));
        INVALID(sps_stream_put_data(stream, bytes, lengths[i], &count));
        INVALID(sps_stream_put_partial_data(stream, bytes, lengths[i], &count));
        INVALID(sps_stream_put_string(stream, bytes, lengths[i]));
        INVALID(sps_stream_put_utf8_string(stream, bytes, lengths[i]));
        INVALID(sps_stream_put_text(stream, bytes, lengths[i]));
    }
    static const int64_t text_lengths[] = {-2, INT64_MIN, (8 << 20) + 1, INT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        const char *text;
        size_t count;
        INVALID(sps_stream_get_string(stream, text_lengths[i], &text, &count));
        INVALID(sps_stream_get_utf8_string(stream, text_lengths[i], &text, &count));
        INVALID(sps_stream_try_get_string(stream, text_lengths[i], &text, &count));
    }
    OK(sps_stream_get_data(stream, bytes, 4, NULL)); // nothing was lost
    ck_assert_mem_eq(bytes, "xyz!", 4);
    size_t waiting;
    OK(sps_stream_get_available_bytes(pair.peer, &waiting));
    ck_assert_uint_eq(waiting, 0); // nothing was written
    close_pair(&pair);
}
END_TEST

START_TEST(a_variant_of_no_bytes_is_a_length_of_0) {
    pair pair = connect_pair(_i);
    uint32_t length = 1;
    OK(sps_stream_put_var(pair.client, NULL, 0));
    OK(sps_stream_get_u32(pair.peer, &length));
    ck_assert_uint_eq(length, 0);
    close_pair(&pair);
}
END_TEST

START_TEST(zero_lengths_are_valid) {
    pair pair = connect_pair(_i);
    size_t count = 99;
    OK(sps_stream_get_data(pair.client, NULL, 0, &count));
    ck_assert_uint_eq(count, 0);
    OK(sps_stream_get_partial_data(pair.client, NULL, 0, &count));
    OK(sps_stream_put_data(pair.client, NULL, 0, &count));
    OK(sps_stream_put_partial_data(pair.client, NULL, 0, &count));
    OK(sps_stream_consume(pair.client, 0));
    OK(sps_stream_put_string(pair.client, NULL, 0));
    OK(sps_stream_put_utf8_string(pair.client, NULL, 0));
    const char *text;
    for (int i = 0; i < 2; i++) {
        OK(sps_stream_get_string(pair.peer, SPS_LENGTH_PREFIXED, &text, &count));
        ck_assert_uint_eq(count, 0);
        ck_assert_ptr_nonnull(text);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(small_buffers_for_names) {
    NEEDS_UNIX_SOCKETS
    pair tcp = connect_pair(TCP), uds = connect_pair(UDS);
    char text[4] = "abc";
    size_t length = 0;
    IS(sps_tcp_get_connected_host(tcp.client, text, sizeof text, &length),
       SPS_ERR_PARAMETER_RANGE_ERROR);
    ck_assert_uint_eq(length, strlen("127.0.0.1"));
    ck_assert_str_eq(text, "abc"); // unchanged
    IS(sps_uds_get_connected_path(uds.client, text, sizeof text, &length),
       SPS_ERR_PARAMETER_RANGE_ERROR);
    ck_assert_uint_eq(length, strlen(uds.place.path));
    ck_assert_str_eq(text, "abc");
    IS(sps_tcp_get_connected_host(tcp.client, text, 0, NULL), SPS_ERR_PARAMETER_RANGE_ERROR);
    ck_assert_str_eq(text, "abc");
    close_pair(&tcp);
    close_pair(&uds);
}
END_TEST

// ---- Ports, hosts, paths

START_TEST(ports_out_of_range) {
    static const int32_t ports[] = {-1, 65536, INT32_MIN, INT32_MAX};
    sps_stream *stream = make_stream(TCP, NULL);
    sps_server *server = make_server(TCP, NULL);
    INVALID(sps_tcp_connect(stream, "127.0.0.1", 0));
    for (size_t i = 0; i < 4; i++) {
        INVALID(sps_tcp_connect(stream, "127.0.0.1", ports[i]));
        INVALID(sps_tcp_connect(stream, "localhost", ports[i]));
        INVALID(sps_tcp_bind(stream, ports[i], "*"));
        INVALID(sps_tcp_server_listen(server, ports[i], "*"));
    }
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    OK(sps_tcp_bind(stream, 0, "*")); // its state is still NONE
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

START_TEST(invalid_hosts) {
    static char long_name[10001];
    memset(long_name, 'a', sizeof long_name - 1);
    const char *const hosts[] = {"",
                                 " ",
                                 "a b",
                                 "256.0.0.1",
                                 "1.2.3",
                                 "1.2.3.4.5",
                                 "1",
                                 "::g",
                                 "[::1]",
                                 "1::2::3",
                                 "fe80::1%",
                                 "fe80::1%nonesuch",
                                 "::1%0",
                                 "1.2.3.4%lo",
                                 "a..b",
                                 ".a",
                                 "http://a/",
                                 "a\n",
                                 "\xff\xfe",
                                 "h\xc3\xa9",
                                 "*",
                                 "127.0.0.1 ",
                                 "01.2.3.4",
                                 "::1%99999999999",
                                 "0x7f000001",
                                 "0X7f.1.",
                                 "1.2.3.",
                                 "1.0x",
                                 "127.0.0.1.",
                                 "0XAF",
                                 "a.09",
                                 "1.2.3.4%1",
                                 "a{b",
                                 "a[b",
                                 "a@b",
                                 "1.2.3.4%a.1",
                                 "fe80::1%a-name-with-16-bytes",
                                 "fe80::1%0000000000000007",
                                 "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
                                 long_name};
    sps_stream *stream = make_stream(TCP, NULL);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        const sps_error error = sps_tcp_connect(stream, hosts[i], 80);
        ck_assert_msg(error == SPS_ERR_INVALID_PARAMETER, "%.40s: %s", hosts[i],
                      sps_error_name(error));
        ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    }
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(invalid_bind_addresses) {
    static const char *const hosts[] = {
        "",   "localhost", "example.invalid",
        "**", "300.1.1.1", "192.0.2.1" /* not a local address: RFC 5737 */};
    sps_stream *stream = make_stream(TCP, NULL);
    sps_server *server = make_server(TCP, NULL);
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        INVALID(sps_tcp_bind(stream, 0, hosts[i]));
        INVALID(sps_tcp_server_listen(server, 0, hosts[i]));
    }
    int32_t port;
    OK(sps_tcp_get_local_port(stream, &port));
    ck_assert_int_eq(port, 0);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

START_TEST(invalid_paths) {
    char too_long[109];
    memset(too_long, 'p', sizeof too_long - 1);
    too_long[108] = '\0';
    const char *const paths[] = {"", too_long};
    sps_stream *stream = make_stream(UDS, NULL);
    sps_server *server = make_server(UDS, NULL);
    for (size_t i = 0; i < 2; i++) {
        INVALID(sps_uds_connect(stream, paths[i]));
        INVALID(sps_uds_bind(stream, paths[i]));
        INVALID(sps_uds_server_listen(server, paths[i]));
    }
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

START_TEST(paths_that_lead_nowhere) {
    NEEDS_UNIX_SOCKETS
    char too_long[109];
    memset(too_long, 'p', sizeof too_long - 1);
    sps_stream *stream = make_stream(UDS, NULL);
    sps_server *server = make_server(UDS, NULL);
    INVALID(sps_uds_server_listen(server, "/nonesuch/directory/x"));
    INVALID(sps_uds_bind(stream, "/nonesuch/directory/x"));
    too_long[107] = '\0';                              // the longest that fits
    IS(sps_uds_connect(stream, too_long), SPS_FAILED); // no server listens there
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

// The length and its prefix together must fit in 32 bits, so the limit is capped.
START_TEST(a_limit_beyond_32_bits_is_capped) {
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .max_value_bytes = UINT32_MAX};
    pair pair = connect_pair_with(_i, &options);
    const char *text;
    size_t size;
    OK(sps_stream_put_u32(pair.client, INT32_MAX - 3));
    await_bytes(pair.peer, 4);
    IS(sps_stream_try_get_string(pair.peer, SPS_LENGTH_PREFIXED, &text, &size),
       SPS_ERR_INVALID_DATA);
    close_pair(&pair);
}
END_TEST

// A peek may be as large as the read buffer, even if values must be smaller.
START_TEST(a_peek_without_an_output_is_invalid) {
    const sps_stream_options options = {.struct_size = sizeof options, .max_value_bytes = 4};
    pair pair = connect_pair_with(_i, &options);
    const uint8_t *data;
    size_t size;
    OK(sps_stream_put_data(pair.client, "0123456789", 10, NULL));
    WAIT_UNTIL(sps_stream_peek(pair.peer, 10, &data, &size) == SPS_OK);
    ck_assert_mem_eq(data, "0123456789", 10);
    IS(sps_stream_peek(pair.peer, 65537, &data, &size), SPS_ERR_PARAMETER_RANGE_ERROR);
    close_pair(&pair);
}
END_TEST

START_TEST(an_allocator_without_a_function_is_the_default) {
    const sps_allocator empty = {sizeof(sps_allocator), NULL, NULL};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &empty};
    pair pair = connect_pair_with(_i, &options);
    uint8_t value;
    OK(sps_stream_put_u8(pair.client, 9));
    OK(sps_stream_get_u8(pair.peer, &value));
    ck_assert_uint_eq(value, 9);
    close_pair(&pair);
}
END_TEST

START_TEST(an_open_socket_is_not_bound_again) {
    pair pair = connect_pair(_i);
    const sps_error error = _i == TCP ? sps_tcp_bind(pair.client, 0, "127.0.0.1")
                                      : sps_uds_bind(pair.client, "never.sock");
    IS(error, SPS_ERR_ALREADY_IN_USE);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    close_pair(&pair);
}
END_TEST

START_TEST(a_call_for_another_kind_is_unavailable) {
    pair pair = connect_pair(_i);
    sps_stream *other = make_stream(1 - _i, NULL);
    sps_server *other_server = make_server(1 - _i, NULL);
    char text[SPS_PATH_TEXT_BYTES];
    int32_t number;
    if (_i == TCP) {
        IS(sps_tcp_connect(other, "127.0.0.1", 1), SPS_ERR_UNAVAILABLE);
        IS(sps_tcp_bind(other, 0, "*"), SPS_ERR_UNAVAILABLE);
        IS(sps_tcp_get_connected_host(other, text, sizeof text, NULL), SPS_ERR_UNAVAILABLE);
        IS(sps_tcp_set_no_delay(other, true), SPS_ERR_UNAVAILABLE);
        IS(sps_tcp_get_local_port(other, &number), SPS_ERR_UNAVAILABLE);
        IS(sps_tcp_server_listen(other_server, 0, "*"), SPS_ERR_UNAVAILABLE);
        IS(sps_tcp_server_get_local_port(other_server, &number), SPS_ERR_UNAVAILABLE);
    } else {
        IS(sps_uds_connect(other, "x"), SPS_ERR_UNAVAILABLE);
        IS(sps_uds_bind(other, "x"), SPS_ERR_UNAVAILABLE);
        IS(sps_uds_get_connected_path(other, text, sizeof text, NULL), SPS_ERR_UNAVAILABLE);
        IS(sps_uds_server_listen(other_server, "x"), SPS_ERR_UNAVAILABLE);
    }
    sps_stream_destroy(other);
    sps_server_destroy(other_server);
    close_pair(&pair);
}
END_TEST

// ---- Text

START_TEST(putting_invalid_utf8) {
    pair pair = connect_pair(_i);
    INVALID(sps_stream_put_string(pair.client, "\xff", 1));
    INVALID(sps_stream_put_utf8_string(pair.client, "ab\xc3", 3));
    INVALID(sps_stream_put_utf8_string(pair.client, "\xed\xa0\x80", 3)); // a surrogate
    size_t available;
    OK(sps_stream_get_available_bytes(pair.peer, &available));
    ck_assert_uint_eq(available, 0);
    close_pair(&pair);
}
END_TEST

START_TEST(no_delay_needs_an_open_socket) {
    sps_stream *stream = make_stream(TCP, NULL);
    IS(sps_tcp_set_no_delay(stream, true), SPS_FAILED);
    OK(sps_tcp_bind(stream, 0, "127.0.0.1"));
    OK(sps_tcp_set_no_delay(stream, true));
    sps_stream_destroy(stream);
}
END_TEST

Suite *bad_input_suite(void) {
    Suite *suite = suite_create("bad_input");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, null_for_a_typed_value, 0, TRANSPORTS);
    tcase_add_loop_test(all, null_for_bytes_and_strings, 0, TRANSPORTS);
    tcase_add_test(all, null_for_sockets_and_servers);
    tcase_add_loop_test(all, negative_and_huge_lengths, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_variant_of_no_bytes_is_a_length_of_0, 0, TRANSPORTS);
    tcase_add_loop_test(all, zero_lengths_are_valid, 0, TRANSPORTS);
    tcase_add_test(all, small_buffers_for_names);
    tcase_add_test(all, ports_out_of_range);
    tcase_add_test(all, invalid_hosts);
    tcase_add_test(all, invalid_bind_addresses);
    tcase_add_test(all, invalid_paths);
    tcase_add_test(all, paths_that_lead_nowhere);
    tcase_add_loop_test(all, a_limit_beyond_32_bits_is_capped, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_peek_without_an_output_is_invalid, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_allocator_without_a_function_is_the_default, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_open_socket_is_not_bound_again, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_call_for_another_kind_is_unavailable, 0, TRANSPORTS);
    tcase_add_loop_test(all, putting_invalid_utf8, 0, TRANSPORTS);
    tcase_add_test(all, no_delay_needs_an_open_socket);
    return suite;
}
