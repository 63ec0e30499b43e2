// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#define PREFIXED SPS_LENGTH_PREFIXED

static void expect_text(const char *text, size_t size, const char *expected) {
    ck_assert_uint_eq(size, strlen(expected));
    ck_assert_mem_eq(text, expected, size);
}

START_TEST(strings_of_a_given_length) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_data(pair.peer, "ascii h\xc3\xa9", 9, NULL));
    const char *text;
    size_t size;
    OK(sps_stream_get_string(pair.client, 6, &text, &size));
    expect_text(text, size, "ascii ");
    OK(sps_stream_get_utf8_string(pair.client, 3, &text, &size));
    expect_text(text, size, "h\xc3\xa9");
    OK(sps_stream_get_string(pair.client, 0, &text, &size));
    expect_text(text, size, "");
    close_pair(&pair);
}
END_TEST

START_TEST(an_invalid_string_stays_on_the_stream) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 2));
    OK(sps_stream_put_data(pair.peer, "\xc3(", 2, NULL));
    const char *text;
    size_t size;
    IS(sps_stream_get_utf8_string(pair.client, PREFIXED, &text, &size), SPS_ERR_INVALID_DATA);
    ck_assert_ptr_null(text);
    ck_assert_uint_eq(size, 0);
    IS(sps_stream_get_string(pair.client, PREFIXED, &text, &size), SPS_ERR_INVALID_DATA);
    IS(sps_stream_try_get_string(pair.client, PREFIXED, &text, &size), SPS_ERR_INVALID_DATA);
    uint8_t bytes[6];
    OK(sps_stream_get_data(pair.client, bytes, 6, NULL));
    ck_assert_mem_eq(bytes, "\2\0\0\0\xc3(", 6);
    close_pair(&pair);
}
END_TEST

START_TEST(a_nul_is_a_character) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_utf8_string(pair.peer, "a\0b", 3));
    const char *text;
    size_t size;
    OK(sps_stream_get_utf8_string(pair.client, PREFIXED, &text, &size));
    ck_assert_uint_eq(size, 3);
    ck_assert_mem_eq(text, "a\0b", 3);
    close_pair(&pair);
}
END_TEST

// NEEDS.md 5: a length that the peer claims costs nothing and does no harm.
START_TEST(a_claimed_length_above_the_limit_is_refused) {
    const sps_stream_options options = {.struct_size = sizeof options, .max_value_bytes = 100};
    pair pair = connect_pair_with(_i, &options);
    static const uint32_t lengths[] = {101, 0x7fffffff, 0xffffffff};
    for (size_t i = 0; i < 3; i++) {
        OK(sps_stream_put_u32(pair.peer, lengths[i]));
        const char *text;
        size_t size;
        IS(sps_stream_get_string(pair.client, PREFIXED, &text, &size), SPS_ERR_INVALID_DATA);
        IS(sps_stream_get_utf8_string(pair.client, PREFIXED, &text, &size), SPS_ERR_INVALID_DATA);
        uint32_t length;
        OK(sps_stream_get_u32(pair.client, &length)); // the length is still there
        ck_assert_uint_eq(length, lengths[i]);
    }
    close_pair(&pair);
}
END_TEST

START_TEST(try_takes_the_whole_string_or_nothing) {
    pair pair = connect_pair(_i);
    const char *text;
    size_t size;
    IS(sps_stream_try_get_string(pair.client, PREFIXED, &text, &size), SPS_ERR_BUSY);
    OK(sps_stream_put_data(pair.peer, "\5\0\0\0he", 6, NULL));
    await_bytes(pair.client, 6);
    IS(sps_stream_try_get_string(pair.client, PREFIXED, &text, &size), SPS_ERR_BUSY);
    size_t available = 0;
    OK(sps_stream_get_available_bytes(pair.client, &available));
    ck_assert_uint_eq(available, 6);
    OK(sps_stream_put_data(pair.peer, "llo", 3, NULL));
    WAIT_UNTIL(sps_stream_try_get_string(pair.client, PREFIXED, &text, &size) == SPS_OK);
    expect_text(text, size, "hello");
    close_pair(&pair);
}
END_TEST

START_TEST(try_at_the_end_keeps_the_rest) {
    pair pair = connect_pair(_i);
    OK(sps_stream_put_data(pair.peer, "\5\0\0\0he", 6, NULL));
    OK(sps_socket_disconnect(pair.peer));
    const char *text;
    size_t size;
    sps_error error = SPS_OK;
    WAIT_UNTIL((error = sps_stream_try_get_string(pair.client, PREFIXED, &text, &size)) !=
               SPS_ERR_BUSY);
    IS(error, SPS_ERR_FILE_EOF);
    uint64_t wide;
    IS(sps_stream_try_get_u64(pair.client, &wide), SPS_ERR_FILE_EOF);
    OK(sps_socket_poll(pair.client));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    char bytes[6];
    OK(sps_stream_get_data(pair.client, bytes, 6, NULL));
    ck_assert_mem_eq(bytes, "\5\0\0\0he", 6);
    uint8_t more;
    IS(sps_stream_try_get_u8(pair.client, &more), SPS_ERR_FILE_EOF);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

// The string is larger than the read buffer. The queue grows for it, and shrinks again.
START_TEST(a_string_of_many_megabytes) {
    pair pair = connect_pair(_i);
    const size_t size = 6 << 20;
    char *sent = malloc(size);
    memset(sent, 'x', size);
    memcpy(sent + size - 3, "end", 3);
    OK(sps_stream_set_write_batching(pair.peer, false));
    size_t offset = 0, part;
    OK(sps_stream_put_u32(pair.peer, (uint32_t)size));
    const char *text;
    size_t received = 0;
    sps_error error = SPS_ERR_BUSY;
    while (error == SPS_ERR_BUSY) {
        OK(sps_stream_put_partial_data(pair.peer, sent + offset, size - offset, &part));
        offset += part;
        error = sps_stream_try_get_string(pair.client, PREFIXED, &text, &received);
    }
    OK(error);
    ck_assert_uint_eq(received, size);
    ck_assert_mem_eq(text, sent, size);
    OK(sps_stream_put_u8(pair.peer, 5));
    uint8_t value;
    OK(sps_stream_get_u8(pair.client, &value));
    ck_assert_uint_eq(value, 5);
    free(sent);
    close_pair(&pair);
}
END_TEST

START_TEST(peek_shows_and_consume_drops) {
    pair pair = connect_pair(_i);
    const uint8_t *span;
    size_t size;
    OK(sps_stream_peek(pair.client, 0, &span, &size));
    ck_assert_uint_eq(size, 0);
    IS(sps_stream_peek(pair.client, 1, &span, &size), SPS_ERR_BUSY);
    OK(sps_stream_put_data(pair.peer, "hello", 5, NULL));
    WAIT_UNTIL(sps_stream_peek(pair.client, 5, &span, &size) == SPS_OK);
    ck_assert_mem_eq(span, "hello", 5);
    OK(sps_stream_consume(pair.client, 2));
    IS(sps_stream_consume(pair.client, 4), SPS_ERR_PARAMETER_RANGE_ERROR);
    OK(sps_stream_peek(pair.client, 0, &span, &size));
    ck_assert_uint_eq(size, 3);
    ck_assert_mem_eq(span, "llo", 3);
    OK(sps_socket_disconnect(pair.peer));
    sps_error error = SPS_OK;
    WAIT_UNTIL((error = sps_stream_peek(pair.client, 4, &span, &size)) != SPS_ERR_BUSY);
    IS(error, SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(size, 3);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    OK(sps_stream_consume(pair.client, 3));
    IS(sps_stream_peek(pair.client, 1, &span, &size), SPS_ERR_FILE_EOF);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_pair(&pair);
}
END_TEST

START_TEST(peek_beyond_what_can_be_buffered_is_out_of_range) {
    const sps_stream_options options = {
        .struct_size = sizeof options, .read_buffer_bytes = 64, .max_value_bytes = 100};
    pair pair = connect_pair_with(_i, &options);
    const uint8_t *span;
    size_t size;
    IS(sps_stream_peek(pair.client, 105, &span, &size), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_stream_peek(pair.client, SIZE_MAX, &span, &size), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_consume(pair.client, SIZE_MAX), SPS_ERR_INVALID_PARAMETER);
    IS(sps_stream_peek(pair.client, PTRDIFF_MAX, &span, &size), SPS_ERR_PARAMETER_RANGE_ERROR);
    uint8_t bytes[104];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    WAIT_UNTIL(sps_stream_peek(pair.client, 104, &span, &size) == SPS_OK);
    ck_assert(is_pattern(span, 104, 0));
    close_pair(&pair);
}
END_TEST

Suite *strings_suite(void) {
    Suite *suite = suite_create("strings");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, strings_of_a_given_length, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_invalid_string_stays_on_the_stream, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_nul_is_a_character, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_claimed_length_above_the_limit_is_refused, 0, TRANSPORTS);
    tcase_add_loop_test(all, try_takes_the_whole_string_or_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, try_at_the_end_keeps_the_rest, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_string_of_many_megabytes, 0, TRANSPORTS);
    tcase_add_loop_test(all, peek_shows_and_consume_drops, 0, TRANSPORTS);
    tcase_add_loop_test(all, peek_beyond_what_can_be_buffered_is_out_of_range, 0, TRANSPORTS);
    return suite;
}
