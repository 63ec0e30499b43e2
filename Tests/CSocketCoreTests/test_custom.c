// SPDX-License-Identifier: MIT
//
// A stream of the caller's own: what it can do, and what its operations may answer.
#include <string.h>

#include "custom_support.h"

START_TEST(typed_values_and_strings_work) {
    block block = {0};
    sps_stream *stream = make_custom(&block, &operations);
    OK(sps_stream_set_big_endian(stream, true));
    OK(sps_stream_put_u64(stream, UINT64_C(0x0102030405060708)));
    OK(sps_stream_put_double(stream, -2.5));
    OK(sps_stream_put_utf8_string(stream, "h\xc3\xa9llo", 6));
    ck_assert_mem_eq(block.bytes, "\1\2\3\4\5\6\7\10", 8);
    size_t available;
    OK(sps_stream_get_available_bytes(stream, &available));
    ck_assert_uint_eq(available, 26);
    uint64_t integer;
    double real;
    const char *text;
    size_t size;
    OK(sps_stream_get_u64(stream, &integer));
    ck_assert_uint_eq(integer, UINT64_C(0x0102030405060708));
    OK(sps_stream_try_get_double(stream, &real));
    ck_assert(real == -2.5);
    OK(sps_stream_get_utf8_string(stream, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_mem_eq(text, "h\xc3\xa9llo", 6);
    sps_stream_destroy(stream);
    ck_assert_int_eq(block.destroyed, 1);
}
END_TEST

// ---- What it cannot do

START_TEST(what_it_cannot_do_is_unavailable) {
    const sps_custom_operations none = {.struct_size = sizeof none};
    block block = {0};
    sps_stream *stream = make_custom(&block, &none);
    uint8_t value;
    size_t count;
    IS(sps_stream_get_u8(stream, &value), SPS_ERR_UNAVAILABLE);
    IS(sps_stream_put_u8(stream, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_stream_get_available_bytes(stream, &count), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(stream);
}
END_TEST

// What a stream of its own cannot do may be NULL, or answer ERR_UNAVAILABLE.
static sps_error cannot_read(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    (void)user_data;
    (void)buffer;
    (void)count;
    *out = 0;
    return SPS_ERR_UNAVAILABLE;
}

static sps_error cannot_write(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    (void)user_data;
    (void)data;
    (void)count;
    *out = 0;
    return SPS_ERR_UNAVAILABLE;
}

START_TEST(unavailable_is_as_null) {
    block block = {.written = 2};
    sps_custom_operations chosen = operations;
    chosen.get_data = cannot_read;
    chosen.put_data = cannot_write;
    sps_stream *stream = make_custom(&block, &chosen);
    uint32_t value;
    IS(sps_stream_get_u32(stream, &value), SPS_ERR_BUSY);
    OK(sps_stream_put_u16(stream, 1));
    OK(sps_stream_get_u32(stream, &value));
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(it_is_no_socket) {
    block block = {0};
    sps_stream *stream = make_custom(&block, &operations);
    sps_status status;
    int32_t number;
    char text[SPS_PATH_TEXT_BYTES];
    IS(sps_socket_poll(stream), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_get_status(stream, &status), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_disconnect(stream), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_shutdown_write(stream), SPS_ERR_UNAVAILABLE);
    number = 1;
    IS(sps_socket_get_os_error(stream, &number), SPS_ERR_UNAVAILABLE);
    ck_assert_int_eq(number, 0);
    IS(sps_socket_set_connect_timeout(stream, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_bind(stream, 0, "*"), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_connect(stream, "127.0.0.1", 1), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_get_connected_host(stream, text, sizeof text, NULL), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_get_connected_port(stream, &number), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_get_local_port(stream, &number), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_set_no_delay(stream, true), SPS_ERR_UNAVAILABLE);
    IS(sps_uds_bind(stream, "x"), SPS_ERR_UNAVAILABLE);
    IS(sps_uds_connect(stream, "x"), SPS_ERR_UNAVAILABLE);
    IS(sps_uds_get_connected_path(stream, text, sizeof text, NULL), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(stream);
}
END_TEST

// ---- Operations that break their word, or fail

static sps_error claim_too_much(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    const sps_error error = read_some(user_data, buffer, count, out);
    *out += 1000;
    return error;
}

START_TEST(an_operation_that_lies_about_its_count_does_no_harm) {
    block block = {.written = 200, .piece = 200};
    sps_custom_operations lying = operations;
    lying.get_partial_data = claim_too_much;
    sps_stream *stream = make_custom(&block, &lying);
    uint8_t bytes[8];
    size_t received;
    OK(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &received));
    ck_assert_uint_eq(received, 8);
    uint32_t value;
    OK(sps_stream_get_u32(stream, &value));
    sps_stream_destroy(stream);
}
END_TEST

static sps_error count_too_much(void *user_data, size_t *out) {
    *out = SIZE_MAX;
    return ((block *)user_data)->at_end;
}

START_TEST(an_odd_count_of_available_bytes) {
    block block = {.written = 8, .piece = 8};
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 8};
    sps_custom_operations chosen = operations;
    chosen.get_available_bytes = count_too_much;
    sps_stream *stream = open_custom(&chosen, &block, &options);
    uint8_t value;
    OK(sps_stream_get_u8(stream, &value)); // seven are buffered
    size_t available;
    OK(sps_stream_get_available_bytes(stream, &available));
    ck_assert_uint_eq(available, PTRDIFF_MAX);
    block.at_end = SPS_ERR_FILE_CORRUPT;
    IS(sps_stream_get_available_bytes(stream, &available), SPS_FAILED);
    ck_assert_uint_eq(available, 0);
    sps_stream_destroy(stream);
}
END_TEST

static sps_error read_less(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    (void)user_data;
    memset(buffer, 1, count);
    *out = count - 1;
    return SPS_OK;
}

// A waiting get that says OK and has less breaks its word.
START_TEST(a_waiting_get_that_brings_less_has_failed) {
    block block = {.written = 6};
    sps_custom_operations waiting = operations;
    waiting.get_data = read_less;
    sps_stream *stream = make_custom(&block, &waiting);
    uint32_t value = 1;
    IS(sps_stream_get_u32(stream, &value), SPS_FAILED);
    ck_assert_uint_eq(value, 0);
    IS(sps_stream_put_u32(stream, 1), SPS_FAILED); // it has ended
    sps_stream_destroy(stream);
}
END_TEST

static sps_error write_one_of_all(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    (void)count;
    return write_some(user_data, data, 1, out);
}

START_TEST(a_short_waiting_put_is_a_failure) {
    block block = {0};
    const sps_custom_operations chosen = {.struct_size = sizeof chosen,
                                          .put_data = write_one_of_all};
    sps_stream *stream = make_custom(&block, &chosen);
    size_t sent;
    IS(sps_stream_put_data(stream, "abcd", 4, &sent), SPS_FAILED);
    ck_assert_uint_eq(sent, 1);
    IS(sps_stream_put_u8(stream, 1), SPS_FAILED);
    sps_stream_destroy(stream);
}
END_TEST

typedef struct answers {
    sps_error code;
    size_t calls;
} answers;

static sps_error answer_code(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    answers *answers = user_data;
    (void)buffer;
    (void)count;
    *out = 0;
    answers->calls++;
    return answers->code;
}

// custom.h: any other code is a failure for good, and the operation is not called again.
START_TEST(what_an_operation_answers_is_failure_or_progress) {
    static const sps_error codes[] = {SPS_ERR_TIMEOUT, SPS_ERR_OUT_OF_MEMORY, SPS_ERR_UNAUTHORIZED,
                                      SPS_ERR_CANT_OPEN};
    answers answers = {.code = codes[_i]};
    const sps_custom_operations failing = {
        .struct_size = sizeof failing, .get_data = answer_code, .get_partial_data = answer_code};
    sps_stream *stream = open_custom(&failing, &answers, NULL);
    char bytes[8];
    IS(sps_stream_get_data(stream, bytes, sizeof bytes, NULL), SPS_FAILED);
    IS(sps_stream_get_data(stream, bytes, sizeof bytes, NULL), SPS_FAILED);
    ck_assert_uint_eq(answers.calls, 1);
    sps_stream_destroy(stream);
}
END_TEST

Suite *custom_suite(void) {
    Suite *suite = suite_create("custom");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, typed_values_and_strings_work);
    tcase_add_test(all, what_it_cannot_do_is_unavailable);
    tcase_add_test(all, unavailable_is_as_null);
    tcase_add_test(all, it_is_no_socket);
    tcase_add_test(all, an_operation_that_lies_about_its_count_does_no_harm);
    tcase_add_test(all, an_odd_count_of_available_bytes);
    tcase_add_test(all, a_waiting_get_that_brings_less_has_failed);
    tcase_add_test(all, a_short_waiting_put_is_a_failure);
    tcase_add_loop_test(all, what_an_operation_answers_is_failure_or_progress, 0, 4);
    return suite;
}
