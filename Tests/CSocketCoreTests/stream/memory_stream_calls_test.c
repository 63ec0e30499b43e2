// SPDX-License-Identifier: MIT
//
// A stream in memory: the calls of its own, and those of others, which it has not.
#include "support/memory_streams.h"

// ---- Position, size, all bytes

START_TEST(seek_goes_to_the_end_and_no_further) {
    sps_stream *buffer = make_buffer_of("01234");
    OK(sps_buffer_seek(buffer, 5));
    OK(sps_buffer_seek(buffer, 3));
    IS(sps_buffer_seek(buffer, 6), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_buffer_seek(buffer, (size_t)-1), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(position_of(buffer), 3);
    uint8_t value;
    OK(sps_stream_get_u8(buffer, &value));
    ck_assert_int_eq(value, '3');
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(resize_to_more_brings_zeros) {
    sps_stream *buffer = make_buffer_of("0123456789");
    OK(sps_buffer_seek(buffer, 1));
    OK(sps_buffer_resize(buffer, 2));
    ck_assert_uint_eq(position_of(buffer), 1);
    OK(sps_buffer_resize(buffer, 200)); // where bytes were, too
    ck_assert_uint_eq(position_of(buffer), 1);
    ck_assert_uint_eq(available(buffer), 199);
    uint8_t expected[200] = {'0', '1'};
    expect_all(buffer, expected, sizeof expected);
    OK(sps_buffer_resize(buffer, 0));
    expect_all(buffer, "", 0);
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(resize_to_less_leaves_the_position) {
    sps_stream *buffer = make_buffer_of("0123456789");
    uint8_t value;
    size_t received;
    OK(sps_buffer_seek(buffer, 8));
    OK(sps_buffer_resize(buffer, 4));
    ck_assert_uint_eq(size_of(buffer), 4);
    ck_assert_uint_eq(position_of(buffer), 8);
    ck_assert_uint_eq(available(buffer), 0);
    IS(sps_stream_try_get_u8(buffer, &value), SPS_ERR_BUSY);
    IS(sps_stream_get_u8(buffer, &value), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_get_data(buffer, &value, 1, &received), SPS_ERR_INVALID_PARAMETER);
    OK(sps_stream_get_partial_data(buffer, &value, 1, &received));
    ck_assert_uint_eq(received, 0);
    OK(sps_stream_put_data(buffer, NULL, 0, NULL));
    OK(sps_stream_flush(buffer));
    ck_assert_uint_eq(position_of(buffer), 8); // where it was
    ck_assert_uint_eq(size_of(buffer), 4);
    OK(sps_stream_put_u8(buffer, 'a'));
    expect_all(buffer, "0123\0\0\0\0a", 9);
    ck_assert_uint_eq(position_of(buffer), 9);
    IS(sps_buffer_seek(buffer, 10), SPS_ERR_PARAMETER_RANGE_ERROR);
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(all_bytes_are_set_and_the_position_is_0) {
    sps_stream *buffer = make_buffer_of("0123456789");
    OK(sps_buffer_seek(buffer, 4));
    OK(sps_buffer_set_data_array(buffer, "abc", 3));
    ck_assert_uint_eq(position_of(buffer), 0);
    expect_text(buffer, "abc");
    OK(sps_stream_put_u8(buffer, 'x'));
    OK(sps_buffer_set_data_array(buffer, NULL, 0));
    ck_assert_uint_eq(position_of(buffer), 0);
    expect_text(buffer, "");
    OK(sps_stream_put_u8(buffer, 'y'));
    expect_text(buffer, "y");
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(clear_leaves_nothing) {
    sps_stream *buffer = make_buffer_of("0123456789");
    OK(sps_buffer_seek(buffer, 4));
    OK(sps_buffer_clear(buffer));
    ck_assert_uint_eq(position_of(buffer), 0);
    expect_text(buffer, "");
    OK(sps_buffer_clear(buffer));
    OK(sps_stream_put_u8(buffer, 'y'));
    expect_text(buffer, "y");
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(a_duplicate_is_another_buffer_at_position_0) {
    const sps_stream_options options = {.struct_size = sizeof options, .max_value_bytes = 4};
    sps_stream *buffer = make_buffer(&options), *copy, *of_nothing;
    OK(sps_stream_set_big_endian(buffer, true));
    OK(sps_buffer_duplicate(buffer, &of_nothing));
    expect_text(of_nothing, "");
    OK(sps_stream_put_data(buffer, "01234", 5, NULL));
    OK(sps_stream_put_u8(buffer, '5')); // no other call has seen it yet
    OK(sps_buffer_duplicate(buffer, &copy));
    ck_assert_uint_eq(position_of(buffer), 6);
    ck_assert_uint_eq(position_of(copy), 0);
    bool big_endian;
    OK(sps_stream_is_big_endian(copy, &big_endian));
    ck_assert(!big_endian);
    OK(sps_stream_put_u8(copy, 'a'));
    expect_text(buffer, "012345");
    sps_stream_destroy(buffer);
    expect_text(copy, "a12345");
    const char *text;
    size_t size;
    IS(sps_stream_get_string(copy, 5, &text, &size), SPS_ERR_INVALID_PARAMETER); // its options
    sps_stream_destroy(copy);
    sps_stream_destroy(of_nothing);
}
END_TEST

START_TEST(invalid_arguments_change_nothing) {
    const sps_stream_options no_size = {0};
    sps_stream *buffer = (sps_stream *)"";
    IS(sps_buffer_create(&no_size, &buffer), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(buffer);
    IS(sps_buffer_create(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    buffer = make_buffer_of("0123");
    const size_t negative = (size_t)-1;
    const uint8_t *data;
    size_t count;
    OK(sps_buffer_seek(buffer, 1));
    IS(sps_buffer_get_position(buffer, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_buffer_get_size(buffer, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_buffer_get_data_array(buffer, NULL, &count), SPS_ERR_INVALID_PARAMETER);
    IS(sps_buffer_get_data_array(buffer, &data, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_buffer_duplicate(buffer, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_buffer_resize(buffer, negative), SPS_ERR_INVALID_PARAMETER);
    IS(sps_buffer_set_data_array(buffer, NULL, 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_buffer_set_data_array(buffer, "x", negative), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_put_data(buffer, "x", negative, NULL), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(position_of(buffer), 1);
    expect_text(buffer, "0123");
    sps_stream_destroy(buffer);
}
END_TEST

// ---- Of others

START_TEST(it_is_not_a_socket) {
    sps_stream *buffer = make_buffer_of("01234567");
    sps_poller *poller;
    sps_status status;
    sps_close_reason reason;
    int32_t number;
    uint32_t bytes[2];
    char text[SPS_PATH_TEXT_BYTES];
    intptr_t fd;
    uint8_t value;
    OK(sps_stream_get_u8(buffer, &value)); // with a window open
    IS(sps_socket_poll(buffer), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_get_status(buffer, &status), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_disconnect(buffer), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_shutdown_write(buffer), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_close_gracefully(buffer, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_close_and_wait(buffer, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_get_close_reason(buffer, &reason), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_get_os_error(buffer, &number), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_set_connect_timeout(buffer, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_set_io_timeout(buffer, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_set_idle_timeout(buffer, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_get_os_buffers(buffer, &bytes[0], &bytes[1]), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_connect(buffer, "127.0.0.1", 1), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_get_connected_port(buffer, &number), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_set_no_delay(buffer, true), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_release_fd(buffer, &fd), SPS_ERR_UNAVAILABLE);
    IS(sps_uds_connect(buffer, "x"), SPS_ERR_UNAVAILABLE);
    IS(sps_uds_get_connected_path(buffer, text, sizeof text, NULL), SPS_ERR_UNAVAILABLE);
    OK(sps_poller_create(NULL, &poller));
    IS(sps_poller_add(poller, buffer, NULL), SPS_ERR_UNAVAILABLE);
    IS(sps_poller_remove(poller, buffer), SPS_ERR_DOES_NOT_EXIST);
    sps_poller_destroy(poller);
    OK(sps_stream_get_u8(buffer, &value));
    ck_assert_int_eq(value, '1');
    sps_stream_destroy(buffer);
}
END_TEST

static void expect_no_buffer(sps_stream *stream, sps_error error) {
    const uint8_t *data = (const uint8_t *)"";
    size_t count = 7;
    sps_stream *copy = stream;
    IS(sps_buffer_seek(stream, 0), error);
    IS(sps_buffer_get_position(stream, &count), error);
    ck_assert_uint_eq(count, 0);
    count = 7;
    IS(sps_buffer_get_size(stream, &count), error);
    ck_assert_uint_eq(count, 0);
    IS(sps_buffer_resize(stream, 1), error);
    IS(sps_buffer_clear(stream), error);
    IS(sps_buffer_set_data_array(stream, "x", 1), error);
    count = 7;
    IS(sps_buffer_get_data_array(stream, &data, &count), error);
    ck_assert_uint_eq(count, 0);
    ck_assert_ptr_null(data);
    IS(sps_buffer_duplicate(stream, &copy), error);
    ck_assert_ptr_null(copy);
}

START_TEST(no_other_stream_is_a_memory_stream) {
    const sps_custom_operations none = {.struct_size = sizeof none};
    sps_stream *tcp, *uds, *custom;
    OK(sps_tcp_create(NULL, &tcp));
    OK(sps_uds_create(NULL, &uds));
    OK(sps_custom_create(&none, NULL, NULL, &custom));
    expect_no_buffer(tcp, SPS_ERR_UNAVAILABLE);
    expect_no_buffer(uds, SPS_ERR_UNAVAILABLE);
    expect_no_buffer(custom, SPS_ERR_UNAVAILABLE);
    expect_no_buffer(NULL, SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(tcp);
    sps_stream_destroy(uds);
    sps_stream_destroy(custom);
}
END_TEST

Suite *memory_stream_calls_suite(void) {
    Suite *suite = suite_create("memory_stream_calls");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, seek_goes_to_the_end_and_no_further);
    tcase_add_test(all, resize_to_more_brings_zeros);
    tcase_add_test(all, resize_to_less_leaves_the_position);
    tcase_add_test(all, all_bytes_are_set_and_the_position_is_0);
    tcase_add_test(all, clear_leaves_nothing);
    tcase_add_test(all, a_duplicate_is_another_buffer_at_position_0);
    tcase_add_test(all, invalid_arguments_change_nothing);
    tcase_add_test(all, it_is_not_a_socket);
    tcase_add_test(all, no_other_stream_is_a_memory_stream);
    return suite;
}
