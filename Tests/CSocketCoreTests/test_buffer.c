// SPDX-License-Identifier: MIT
//
// A stream in memory: Godot's rules for StreamPeerBuffer, and ours for what its callers get wrong.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "support.h"

static sps_stream *make_buffer(void) {
    sps_stream *buffer = NULL;
    OK(sps_buffer_create(NULL, &buffer));
    return buffer;
}

static sps_stream *make_buffer_of(const char *bytes) {
    sps_stream *buffer = make_buffer();
    OK(sps_buffer_set_data_array(buffer, bytes, strlen(bytes)));
    return buffer;
}

static size_t position_of(const sps_stream *buffer) {
    size_t position;
    OK(sps_buffer_get_position(buffer, &position));
    return position;
}

static size_t size_of(const sps_stream *buffer) {
    size_t size;
    OK(sps_buffer_get_size(buffer, &size));
    return size;
}

static size_t available(sps_stream *buffer) {
    size_t bytes;
    OK(sps_stream_get_available_bytes(buffer, &bytes));
    return bytes;
}

static void expect_bytes(const sps_stream *buffer, const void *expected, size_t count) {
    const uint8_t *data;
    size_t size;
    OK(sps_buffer_get_data_array(buffer, &data, &size));
    ck_assert_uint_eq(size, count);
    if (count > 0) {
        ck_assert_mem_eq(data, expected, count);
    } else {
        ck_assert_ptr_null(data);
    }
}

static void expect_text(const sps_stream *buffer, const char *expected) {
    expect_bytes(buffer, expected, strlen(expected));
}

// ---- Typed values

#define EXPECT_ROUND_TRIP(name, type, value)                                                       \
    {                                                                                              \
        type got = 0, tried = 0;                                                                   \
        OK(sps_buffer_clear(buffer));                                                              \
        OK(sps_stream_put_##name(buffer, (value)));                                                \
        OK(sps_stream_put_##name(buffer, (value)));                                                \
        const size_t end = position_of(buffer);                                                    \
        ck_assert_uint_eq(end, size_of(buffer));                                                   \
        OK(sps_buffer_seek(buffer, 0));                                                            \
        OK(sps_stream_get_##name(buffer, &got));                                                   \
        ck_assert(got == (value));                                                                 \
        ck_assert_uint_eq(position_of(buffer), end / 2);                                           \
        OK(sps_stream_try_get_##name(buffer, &tried));                                             \
        ck_assert(tried == (value));                                                               \
        ck_assert_uint_eq(position_of(buffer), end);                                               \
        IS(sps_stream_try_get_##name(buffer, &tried), SPS_ERR_BUSY);                               \
        IS(sps_stream_get_##name(buffer, &got), SPS_ERR_INVALID_PARAMETER);                        \
        ck_assert(got == 0 && tried == 0);                                                         \
        ck_assert_uint_eq(position_of(buffer), end);                                               \
        OK(sps_buffer_seek(buffer, 1)); /* less than a whole value is left, or one */              \
        OK(sps_buffer_resize(buffer, end / 2));                                                    \
        IS(sps_stream_try_get_##name(buffer, &tried), SPS_ERR_BUSY);                               \
        ck_assert_uint_eq(position_of(buffer), 1);                                                 \
        IS(sps_stream_get_##name(buffer, &got), SPS_ERR_INVALID_PARAMETER);                        \
        ck_assert_uint_eq(position_of(buffer), end / 2);                                           \
    }

START_TEST(every_typed_value_in_both_orders) {
    sps_stream *buffer = make_buffer();
    OK(sps_stream_set_big_endian(buffer, _i == 1));
    EXPECT_ROUND_TRIP(u8, uint8_t, 0xfe);
    EXPECT_ROUND_TRIP(u16, uint16_t, 0xfedc);
    EXPECT_ROUND_TRIP(u32, uint32_t, 0xfedcba98);
    EXPECT_ROUND_TRIP(u64, uint64_t, UINT64_C(0xfedcba9876543210));
    EXPECT_ROUND_TRIP(8, int8_t, INT8_MIN);
    EXPECT_ROUND_TRIP(16, int16_t, -2);
    EXPECT_ROUND_TRIP(32, int32_t, INT32_MIN);
    EXPECT_ROUND_TRIP(64, int64_t, -3);
    EXPECT_ROUND_TRIP(half, float, -0.5f);
    EXPECT_ROUND_TRIP(float, float, 1e-30f);
    EXPECT_ROUND_TRIP(double, double, -1e300);
    OK(sps_buffer_clear(buffer));
    OK(sps_stream_put_u32(buffer, 0x01020304));
    expect_text(buffer, _i == 1 ? "\1\2\3\4" : "\4\3\2\1");
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(strings_lines_and_variants_work) {
    static const uint8_t nil[] = {0, 0, 0, 0};
    sps_stream *buffer = make_buffer();
    const char *text;
    const uint8_t *value;
    size_t size;
    OK(sps_stream_put_utf8_string(buffer, "h\xc3\xa9llo", 6));
    OK(sps_stream_put_string(buffer, "h\xc3\xa9llo", 6));
    OK(sps_stream_put_text(buffer, "a line\r\nno end", 14));
    OK(sps_stream_put_var(buffer, nil, sizeof nil));
    OK(sps_buffer_seek(buffer, 0));
    OK(sps_stream_get_utf8_string(buffer, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_uint_eq(size, 6);
    ck_assert_mem_eq(text, "h\xc3\xa9llo", 6);
    OK(sps_stream_try_get_string(buffer, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_mem_eq(text, "h llo", 5);
    OK(sps_stream_get_line(buffer, 0, &text, &size));
    ck_assert_uint_eq(size, 6);
    ck_assert_mem_eq(text, "a line", 6);
    OK(sps_stream_get_string(buffer, 6, &text, &size));
    ck_assert_mem_eq(text, "no end", 6);
    OK(sps_stream_get_var(buffer, &value, &size));
    ck_assert_uint_eq(size, sizeof nil);
    ck_assert_uint_eq(available(buffer), 0);
    sps_stream_destroy(buffer);
}
END_TEST

// A waiting get skips it as Godot's does; one that does not wait leaves it.
START_TEST(a_string_that_is_cut_is_skipped_or_left) {
    sps_stream *buffer = make_buffer_of("\5\0\0\0");
    OK(sps_buffer_resize(buffer, 4));
    OK(sps_buffer_seek(buffer, 4));
    OK(sps_stream_put_data(buffer, "abcd", 4, NULL));
    OK(sps_buffer_seek(buffer, 0));
    OK(sps_stream_put_u32(buffer, 5));
    OK(sps_buffer_seek(buffer, 0));
    const char *text;
    size_t size;
    IS(sps_stream_try_get_utf8_string(buffer, SPS_LENGTH_PREFIXED, &text, &size), SPS_ERR_BUSY);
    ck_assert_uint_eq(position_of(buffer), 0);
    IS(sps_stream_get_utf8_string(buffer, SPS_LENGTH_PREFIXED, &text, &size),
       SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(text);
    ck_assert_uint_eq(position_of(buffer), 8);
    OK(sps_stream_put_u8(buffer, 'e'));
    OK(sps_buffer_seek(buffer, 0));
    OK(sps_stream_try_get_utf8_string(buffer, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_mem_eq(text, "abcde", 5);
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(a_line_without_an_end_stays) {
    sps_stream *buffer = make_buffer_of("line");
    const char *text;
    const uint8_t *data;
    size_t size;
    uint64_t value;
    IS(sps_stream_try_get_line(buffer, 0, &text, &size), SPS_ERR_BUSY);
    IS(sps_stream_get_line(buffer, 0, &text, &size), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(position_of(buffer), 0);
    IS(sps_stream_try_get_u64(buffer, &value), SPS_ERR_BUSY); // that get's end is not this one's
    IS(sps_stream_peek(buffer, 5, &data, &size), SPS_ERR_BUSY);
    ck_assert_uint_eq(size, 4);
    OK(sps_buffer_seek(buffer, 4));
    IS(sps_stream_get_line(buffer, 0, &text, &size), SPS_ERR_INVALID_PARAMETER);
    OK(sps_stream_put_u8(buffer, '\n'));
    OK(sps_buffer_seek(buffer, 0));
    OK(sps_stream_get_line(buffer, 0, &text, &size));
    ck_assert_uint_eq(size, 4);
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(a_value_above_the_limit_is_refused_and_stays) {
    const sps_stream_options options = {.struct_size = sizeof options, .max_value_bytes = 4};
    sps_stream *buffer;
    OK(sps_buffer_create(&options, &buffer));
    OK(sps_stream_put_string(buffer, "12345", 5));
    OK(sps_buffer_seek(buffer, 0));
    const char *text;
    size_t size;
    IS(sps_stream_get_string(buffer, SPS_LENGTH_PREFIXED, &text, &size), SPS_ERR_INVALID_DATA);
    ck_assert_uint_eq(position_of(buffer), 0);
    sps_stream_destroy(buffer);
}
END_TEST

// ---- Raw bytes

START_TEST(a_put_overwrites_and_makes_longer) {
    sps_stream *buffer = make_buffer();
    size_t sent;
    OK(sps_stream_put_data(buffer, "0123456789", 10, &sent));
    ck_assert_uint_eq(sent, 10);
    ck_assert_uint_eq(position_of(buffer), 10);
    OK(sps_buffer_seek(buffer, 3));
    OK(sps_stream_put_data(buffer, "abc", 3, NULL));
    ck_assert_uint_eq(position_of(buffer), 6);
    expect_text(buffer, "012abc6789");
    OK(sps_buffer_seek(buffer, 8));
    OK(sps_stream_put_partial_data(buffer, "wxyz", 4, &sent));
    ck_assert_uint_eq(sent, 4);
    expect_text(buffer, "012abc67wxyz");
    OK(sps_stream_put_data(buffer, NULL, 0, NULL));
    OK(sps_stream_put_partial_data(buffer, NULL, 0, NULL));
    ck_assert_uint_eq(position_of(buffer), 12);
    sps_stream_destroy(buffer);
}
END_TEST

// One that fits the memory goes another way than the first, which takes it.
START_TEST(a_typed_put_overwrites_and_makes_longer) {
    sps_stream *buffer = make_buffer_of("012345");
    OK(sps_buffer_seek(buffer, 2));
    OK(sps_stream_put_u8(buffer, 'a'));
    ck_assert_uint_eq(size_of(buffer), 6);
    ck_assert_uint_eq(position_of(buffer), 3);
    OK(sps_stream_put_u8(buffer, 'b'));
    ck_assert_uint_eq(size_of(buffer), 6);
    expect_text(buffer, "01ab45");
    OK(sps_stream_put_u16(buffer, 'c' | 'd' << 8));
    ck_assert_uint_eq(size_of(buffer), 6);
    OK(sps_stream_put_u8(buffer, 'e'));
    ck_assert_uint_eq(size_of(buffer), 7);
    expect_text(buffer, "01abcde");
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(gets_and_puts_share_the_position) {
    sps_stream *buffer = make_buffer_of("0123456789");
    uint8_t value;
    OK(sps_stream_get_u8(buffer, &value));
    OK(sps_stream_put_u8(buffer, 'a'));
    OK(sps_stream_get_u8(buffer, &value));
    ck_assert_int_eq(value, '2');
    OK(sps_stream_get_u8(buffer, &value));
    OK(sps_stream_put_u8(buffer, 'b'));
    OK(sps_stream_put_u8(buffer, 'c'));
    OK(sps_stream_try_get_u8(buffer, &value));
    ck_assert_int_eq(value, '6');
    ck_assert_uint_eq(available(buffer), 3);
    ck_assert_uint_eq(position_of(buffer), 7);
    expect_text(buffer, "0a23bc6789");
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(a_get_of_more_than_is_left) {
    sps_stream *buffer = make_buffer_of("01234");
    uint8_t bytes[5000];
    const size_t wanted = _i == 0 ? 6 : sizeof bytes;
    size_t received;
    IS(sps_stream_get_data(buffer, bytes, wanted, &received), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(received, 5);
    ck_assert_mem_eq(bytes, "01234", 5);
    ck_assert_uint_eq(position_of(buffer), 5);
    IS(sps_stream_get_data(buffer, bytes, wanted, &received), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(received, 0);
    OK(sps_stream_get_data(buffer, bytes, 0, &received));
    OK(sps_buffer_seek(buffer, 2));
    OK(sps_stream_get_partial_data(buffer, bytes, wanted, &received));
    ck_assert_uint_eq(received, 3);
    ck_assert_mem_eq(bytes, "234", 3);
    OK(sps_stream_get_partial_data(buffer, bytes, wanted, &received));
    ck_assert_uint_eq(received, 0);
    OK(sps_stream_put_u8(buffer, '5')); // it did not close
    OK(sps_buffer_seek(buffer, 0));
    OK(sps_stream_get_data(buffer, bytes, 6, &received));
    ck_assert_mem_eq(bytes, "012345", 6);
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(peek_shows_all_that_is_left) {
    sps_stream *buffer = make_buffer_of("0123456789");
    const uint8_t *data, *all;
    size_t size;
    OK(sps_stream_peek(buffer, 0, &data, &size));
    ck_assert_uint_eq(size, 10);
    OK(sps_stream_consume(buffer, 4));
    ck_assert_uint_eq(position_of(buffer), 4);
    OK(sps_stream_peek(buffer, 6, &data, &size));
    ck_assert_uint_eq(size, 6);
    OK(sps_buffer_get_data_array(buffer, &all, &size));
    ck_assert_ptr_eq(data, all + 4); // in place
    IS(sps_stream_peek(buffer, 7, &data, &size), SPS_ERR_BUSY);
    ck_assert_uint_eq(size, 6);
    IS(sps_stream_consume(buffer, 7), SPS_ERR_PARAMETER_RANGE_ERROR);
    ck_assert_uint_eq(position_of(buffer), 4);
    OK(sps_stream_consume(buffer, 6));
    OK(sps_stream_peek(buffer, 0, &data, &size));
    ck_assert_ptr_null(data);
    ck_assert_uint_eq(size, 0);
    OK(sps_stream_put_u8(buffer, 1));
    OK(sps_buffer_seek(buffer, 10));
    OK(sps_stream_peek(buffer, 1, &data, &size));
    ck_assert_uint_eq(data[0], 1);
    sps_stream_destroy(buffer);
}
END_TEST

// A span that was handed out lies in memory that a put may move.
START_TEST(what_is_its_own_can_be_put) {
    sps_stream *buffer = make_buffer_of("0123456789");
    const uint8_t *data;
    const char *text;
    size_t size;
    for (int i = 0; i < 4; i++) { // grows beyond what it has
        OK(sps_buffer_seek(buffer, size_of(buffer)));
        OK(sps_buffer_get_data_array(buffer, &data, &size));
        OK(sps_stream_put_data(buffer, data, size, NULL));
    }
    ck_assert_uint_eq(size_of(buffer), 160);
    OK(sps_buffer_get_data_array(buffer, &data, &size));
    for (size_t i = 0; i < size; i++) {
        ck_assert_int_eq(data[i], '0' + (int)(i % 10));
    }
    OK(sps_buffer_set_data_array(buffer, data + 5, 3));
    expect_text(buffer, "567");
    OK(sps_stream_get_string(buffer, 3, &text, &size));
    OK(sps_buffer_seek(buffer, 0));
    OK(sps_stream_put_string(buffer, text, size)); // over itself, with its length before it
    expect_bytes(buffer,
                 "\3\0\0\0"
                 "567",
                 7);
    sps_stream_destroy(buffer);
}
END_TEST

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
    expect_bytes(buffer, expected, sizeof expected);
    OK(sps_buffer_resize(buffer, 0));
    expect_bytes(buffer, "", 0);
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
    expect_bytes(buffer, "0123\0\0\0\0a", 9);
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

START_TEST(a_duplicate_is_another_buffer_that_begins_anew) {
    const sps_stream_options options = {.struct_size = sizeof options, .max_value_bytes = 4};
    sps_stream *buffer, *copy, *of_nothing;
    OK(sps_buffer_create(&options, &buffer));
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

// ---- As any stream

START_TEST(a_put_is_done_when_it_returns) {
    sps_stream *buffer = make_buffer();
    bool batching;
    size_t pending;
    OK(sps_stream_set_write_batching(buffer, true));
    OK(sps_stream_is_write_batching(buffer, &batching));
    ck_assert(!batching);
    for (int i = 0; i < 3; i++) {
        OK(sps_stream_put_u8(buffer, (uint8_t)('a' + i)));
    }
    OK(sps_stream_get_pending_write_bytes(buffer, &pending));
    ck_assert_uint_eq(pending, 0);
    expect_text(buffer, "abc");
    OK(sps_stream_flush(buffer));
    ck_assert_uint_eq(position_of(buffer), 3);
    OK(sps_stream_put_u8(buffer, 'd'));
    OK(sps_stream_set_write_batching(buffer, false));
    ck_assert_uint_eq(position_of(buffer), 4);
    expect_text(buffer, "abcd");
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(it_is_no_socket) {
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

START_TEST(no_other_stream_is_a_buffer) {
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

START_TEST(what_is_no_argument_changes_nothing) {
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

// ---- Memory

typedef struct account {
    size_t bytes;
    size_t calls;
    size_t fail_at; // this call finds no memory; 0: none
} account;

static void *account_for(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    account *account = user_data;
    if (new_bytes == 0) {
        account->bytes -= old_bytes;
        free(block);
        return NULL;
    }
    if (++account->calls == account->fail_at) {
        return NULL;
    }
    account->bytes += new_bytes - old_bytes;
    return realloc(block, new_bytes);
}

// Godot counts bytes in an int; whoever asks for more is refused before anything is read or taken.
START_TEST(a_buffer_has_two_gib_at_the_most) {
    account account = {0};
    const sps_allocator allocator = {account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    sps_stream *buffer;
    OK(sps_buffer_create(&options, &buffer));
    OK(sps_stream_put_data(buffer, "0123", 4, NULL));
    const size_t calls = account.calls;
    const size_t most = INT32_MAX;
    size_t sent;
    IS(sps_buffer_resize(buffer, most + 1), SPS_ERR_OUT_OF_MEMORY);
    IS(sps_buffer_set_data_array(buffer, "x", most + 1), SPS_ERR_OUT_OF_MEMORY);
    IS(sps_stream_put_data(buffer, "x", most - 3, &sent), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_uint_eq(sent, 0);
    IS(sps_stream_put_partial_data(buffer, "x", most - 3, &sent), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_uint_eq(sent, 0);
    ck_assert_uint_eq(account.calls, calls);
    account.fail_at = calls + 1;
    IS(sps_stream_put_data(buffer, "x", most - 4, &sent), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_uint_eq(account.calls, calls + 1); // that much it would have tried
    ck_assert_uint_eq(position_of(buffer), 4);
    expect_text(buffer, "0123");
    sps_stream_destroy(buffer);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

// Each step is made again where it found no memory, and nothing may have changed.
#define REPEAT(call)                                                                               \
    {                                                                                              \
        const size_t position_before = position_of(buffer), size_before = size_of(buffer);         \
        sps_error error = (call);                                                                  \
        if (error == SPS_ERR_OUT_OF_MEMORY) {                                                      \
            failures++;                                                                            \
            ck_assert_uint_eq(position_of(buffer), position_before);                               \
            ck_assert_uint_eq(size_of(buffer), size_before);                                       \
            error = (call);                                                                        \
        }                                                                                          \
        assert_code(error, SPS_OK, #call, __FILE__, __LINE__);                                     \
    }

static int use(const sps_stream_options *options) {
    static char large[3000];
    sps_stream *buffer = NULL, *copy;
    int failures = 0;
    if (sps_buffer_create(options, &buffer) == SPS_ERR_OUT_OF_MEMORY) {
        ck_assert_ptr_null(buffer);
        failures++;
        OK(sps_buffer_create(options, &buffer));
    }
    memset(large, 'l', sizeof large);
    REPEAT(sps_stream_put_u32(buffer, 7));
    REPEAT(sps_stream_put_string(buffer, "na\xc3\xafve", 6));
    REPEAT(sps_stream_put_utf8_string(buffer, large, 100));
    REPEAT(sps_stream_put_data(buffer, large, sizeof large, NULL));
    REPEAT(sps_buffer_resize(buffer, 10000));
    REPEAT(sps_buffer_duplicate(buffer, &copy));
    ck_assert_uint_eq(size_of(copy), 10000);
    sps_stream_destroy(copy);
    REPEAT(sps_buffer_seek(buffer, 4));
    const char *text;
    size_t size;
    REPEAT(sps_stream_get_string(buffer, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_mem_eq(text, "na ve", 5);
    REPEAT(sps_buffer_clear(buffer));
    REPEAT(sps_buffer_set_data_array(buffer, "abc", 3));
    REPEAT(sps_stream_put_partial_data(buffer, large, sizeof large, NULL));
    expect_bytes(buffer, large, sizeof large);
    sps_stream_destroy(buffer);
    return failures;
}

START_TEST(each_allocation_may_fail_once) {
    account account = {0};
    const sps_allocator allocator = {account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    ck_assert_int_eq(use(&options), 0);
    ck_assert_uint_eq(account.bytes, 0);
    const size_t calls = account.calls;
    ck_assert_uint_ge(calls, 8);
    for (size_t i = 1; i <= calls; i++) {
        account = (struct account){.fail_at = i};
        ck_assert_int_eq(use(&options), 1);
        ck_assert_uint_eq(account.bytes, 0);
    }
}
END_TEST

START_TEST(growth_costs_few_allocations_and_warm_use_none) {
    account account = {0};
    const sps_allocator allocator = {account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    sps_stream *buffer;
    OK(sps_buffer_create(&options, &buffer));
    for (uint32_t i = 0; i < 250000; i++) {
        OK(sps_stream_put_u32(buffer, i));
    }
    ck_assert_uint_le(account.calls, 20);
    ck_assert_uint_le(account.bytes, 3000000);
    const size_t warm = account.calls;
    for (uint32_t round = 0; round < 100; round++) { // a message each round
        OK(sps_buffer_resize(buffer, 0));
        OK(sps_buffer_seek(buffer, 0));
        for (uint32_t i = 0; i < 100; i++) {
            OK(sps_stream_put_u32(buffer, i));
        }
        OK(sps_buffer_seek(buffer, 0));
        for (uint32_t i = 0; i < 100; i++) {
            uint32_t value;
            OK(sps_stream_get_u32(buffer, &value));
            ck_assert_uint_eq(value, i);
        }
        OK(sps_buffer_set_data_array(buffer, "0123456789", 10));
    }
    ck_assert_uint_eq(account.calls, warm);
    OK(sps_buffer_clear(buffer));
    ck_assert_uint_le(account.bytes, 512); // the object
    sps_stream_destroy(buffer);
}
END_TEST

Suite *buffer_suite(void) {
    Suite *suite = suite_create("buffer");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, every_typed_value_in_both_orders, 0, 2);
    tcase_add_test(all, strings_lines_and_variants_work);
    tcase_add_test(all, a_string_that_is_cut_is_skipped_or_left);
    tcase_add_test(all, a_line_without_an_end_stays);
    tcase_add_test(all, a_value_above_the_limit_is_refused_and_stays);
    tcase_add_test(all, a_put_overwrites_and_makes_longer);
    tcase_add_test(all, a_typed_put_overwrites_and_makes_longer);
    tcase_add_test(all, gets_and_puts_share_the_position);
    tcase_add_loop_test(all, a_get_of_more_than_is_left, 0, 2);
    tcase_add_test(all, peek_shows_all_that_is_left);
    tcase_add_test(all, what_is_its_own_can_be_put);
    tcase_add_test(all, seek_goes_to_the_end_and_no_further);
    tcase_add_test(all, resize_to_more_brings_zeros);
    tcase_add_test(all, resize_to_less_leaves_the_position);
    tcase_add_test(all, all_bytes_are_set_and_the_position_is_0);
    tcase_add_test(all, clear_leaves_nothing);
    tcase_add_test(all, a_duplicate_is_another_buffer_that_begins_anew);
    tcase_add_test(all, a_put_is_done_when_it_returns);
    tcase_add_test(all, it_is_no_socket);
    tcase_add_test(all, no_other_stream_is_a_buffer);
    tcase_add_test(all, what_is_no_argument_changes_nothing);
    tcase_add_test(all, a_buffer_has_two_gib_at_the_most);
    tcase_add_test(all, each_allocation_may_fail_once);
    tcase_add_test(all, growth_costs_few_allocations_and_warm_use_none);
    return suite;
}
