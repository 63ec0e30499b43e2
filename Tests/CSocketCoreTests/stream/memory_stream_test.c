// SPDX-License-Identifier: MIT
//
// A stream in memory: values and bytes are got and put where its position is, as in Godot's StreamPeerBuffer.
#include "support/memory_streams.h"

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
    sps_stream *buffer = make_buffer(NULL);
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
    sps_stream *buffer = make_buffer(NULL);
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
    sps_stream *buffer = make_buffer(&options);
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
    sps_stream *buffer = make_buffer(NULL);
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
START_TEST(a_buffer_can_be_put_into_itself) {
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
    expect_all(buffer,
               "\3\0\0\0"
               "567",
               7);
    sps_stream_destroy(buffer);
}
END_TEST

START_TEST(a_put_is_done_when_it_returns) {
    sps_stream *buffer = make_buffer(NULL);
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

Suite *memory_stream_suite(void) {
    Suite *suite = suite_create("memory_stream");
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
    tcase_add_test(all, a_buffer_can_be_put_into_itself);
    tcase_add_test(all, a_put_is_done_when_it_returns);
    return suite;
}
