// SPDX-License-Identifier: MIT
//
// Custom streams: their abilities, and the results that their operations may return.
#include <string.h>

#include "support/custom_streams.h"

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

// ---- Unsupported operations

START_TEST(an_unsupported_operation_is_failed) {
    const sps_custom_operations none = {.struct_size = sizeof none};
    block block = {0};
    sps_stream *stream = make_custom(&block, &none);
    uint8_t value;
    size_t count;
    IS(sps_stream_get_u8(stream, &value), SPS_FAILED); // Godot returns the same
    IS(sps_stream_try_get_u8(stream, &value), SPS_FAILED);
    IS(sps_stream_put_u8(stream, 1), SPS_FAILED);
    IS(sps_stream_put_partial_data(stream, "a", 1, &count), SPS_FAILED);
    OK(sps_stream_get_available_bytes(stream, &count));
    ck_assert_uint_eq(count, 0);
    sps_stream_destroy(stream);
}
END_TEST

// A missing ability is a NULL operation, or one that returns ERR_UNAVAILABLE.
static sps_error cannot_read(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    (void)user_data;
    (void)buffer;
    (void)count;
    *out = 0;
    return SPS_CUSTOM_NOT_IMPLEMENTED;
}

static sps_error cannot_write(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    (void)user_data;
    (void)data;
    (void)count;
    *out = 0;
    return SPS_CUSTOM_NOT_IMPLEMENTED;
}

START_TEST(not_implemented_equals_null) {
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

START_TEST(it_is_not_a_socket) {
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

// ---- Operations that break their contract, or fail

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
    IS(sps_stream_get_available_bytes(stream, &available), SPS_ERR_FILE_CORRUPT);
    ck_assert_uint_eq(available, 0);
    sps_stream_destroy(stream);
}
END_TEST

// ---- Short reads and writes are not an end

static sps_error read_half(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    return read_some(user_data, buffer, (count + 1) / 2, out);
}

START_TEST(a_short_read_of_a_waiting_get_is_not_the_end) {
    block block = {.written = 6, .piece = 100};
    sps_custom_operations waiting = operations;
    waiting.get_data = read_half;
    sps_stream *stream = make_custom(&block, &waiting);
    uint32_t value;
    OK(sps_stream_get_u32(stream, &value));
    IS(sps_stream_get_u32(stream, &value), SPS_ERR_BUSY); // two bytes are there, then none
    block.written += 2;
    OK(sps_stream_get_u32(stream, &value));
    block.written += 3;
    uint8_t bytes[4];
    size_t received;
    IS(sps_stream_get_data(stream, bytes, 4, &received), SPS_ERR_BUSY);
    ck_assert_uint_eq(received, 3);
    OK(sps_stream_put_u32(stream, 1));
    sps_stream_destroy(stream);
}
END_TEST

static sps_error write_one_of_all(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    (void)count;
    return write_some(user_data, data, 1, out);
}

START_TEST(a_short_write_of_a_waiting_put_is_not_the_end) {
    block block = {.written = 250};
    const sps_custom_operations chosen = {.struct_size = sizeof chosen,
                                          .put_data = write_one_of_all};
    sps_stream *stream = make_custom(&block, &chosen);
    size_t sent;
    OK(sps_stream_put_data(stream, "abcd", 4, &sent));
    ck_assert_uint_eq(sent, 4);
    IS(sps_stream_put_data(stream, "efgh", 4, &sent), SPS_ERR_BUSY); // room for two bytes
    ck_assert_uint_eq(sent, 2);
    block.written = 0;
    OK(sps_stream_put_u8(stream, 1));
    sps_stream_destroy(stream);
}
END_TEST

// ---- Errors: those of the operation, unchanged, for one call

typedef struct answers {
    sps_error code;
    size_t count;
    size_t calls;
} answers;

static sps_error answer_get(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    answers *answers = user_data;
    *out = answers->count < count ? answers->count : count;
    memset(buffer, 1, *out);
    answers->calls++;
    return answers->code;
}

static sps_error answer_put(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    (void)data;
    answers *answers = user_data;
    *out = answers->count < count ? answers->count : count;
    answers->calls++;
    return answers->code;
}

static sps_error answer_count(void *user_data, size_t *out) {
    *out = 4;
    return ((answers *)user_data)->code;
}

static sps_stream *open_answering(answers *answers, bool waits) {
    const sps_custom_operations chosen = {
        .struct_size = sizeof chosen,
        .get_data = waits ? answer_get : NULL,
        .get_partial_data = answer_get,
        .put_data = waits ? answer_put : NULL,
        .put_partial_data = answer_put,
        .get_available_bytes = answer_count,
    };
    return open_custom(&chosen, answers, NULL);
}

static void expect_code(sps_stream *stream, sps_error code) {
    uint8_t bytes[4];
    uint32_t value;
    size_t count;
    const uint8_t *span;
    const char *text;
    IS(sps_stream_get_data(stream, bytes, 4, NULL), code);
    IS(sps_stream_get_partial_data(stream, bytes, 4, NULL), code);
    IS(sps_stream_get_u32(stream, &value), code);
    IS(sps_stream_try_get_u32(stream, &value), code);
    IS(sps_stream_get_utf8_string(stream, 4, &text, &count), code);
    IS(sps_stream_try_get_line(stream, 0, &text, &count), code);
    IS(sps_stream_peek(stream, 4, &span, &count), code);
    IS(sps_stream_get_available_bytes(stream, &count), code);
    IS(sps_stream_put_data(stream, "abcd", 4, NULL), code);
    IS(sps_stream_put_partial_data(stream, "abcd", 4, NULL), code);
    IS(sps_stream_put_u32(stream, 1), code);
    IS(sps_stream_put_utf8_string(stream, "abcd", 4), code);
}

// Every code of Godot. But ERR_BUSY is not a failure, and ERR_FILE_EOF is the end.
START_TEST(an_operations_code_reaches_the_caller_unchanged) {
    for (sps_error code = SPS_FAILED; code <= SPS_ERR_PRINTER_ON_FIRE; code++) {
        if (code == SPS_ERR_BUSY || code == SPS_ERR_FILE_EOF) {
            continue;
        }
        answers answers = {.code = code};
        sps_stream *stream = open_answering(&answers, _i == 1);
        expect_code(stream, code);
        ck_assert_uint_ge(answers.calls, 11); // each call ran the operation again
        answers = (struct answers){.code = SPS_OK, .count = 4};
        uint32_t value;
        OK(sps_stream_get_u32(stream, &value)); // the stream remains usable
        OK(sps_stream_put_u32(stream, 1));
        sps_stream_destroy(stream);
    }
}
END_TEST

// The bytes that came with it are not lost.
START_TEST(an_operations_code_is_reported_with_its_bytes) {
    answers answers = {.code = SPS_ERR_TIMEOUT, .count = 2};
    sps_stream *stream = open_answering(&answers, true);
    uint8_t bytes[4];
    size_t count;
    IS(sps_stream_get_data(stream, bytes, 4, &count), SPS_ERR_TIMEOUT);
    ck_assert_uint_eq(count, 2);
    IS(sps_stream_get_partial_data(stream, bytes, 4, &count), SPS_ERR_TIMEOUT);
    ck_assert_uint_eq(count, 2);
    IS(sps_stream_put_data(stream, bytes, 4, &count), SPS_ERR_TIMEOUT);
    ck_assert_uint_eq(count, 2);
    IS(sps_stream_put_partial_data(stream, bytes, 4, &count), SPS_ERR_TIMEOUT);
    ck_assert_uint_eq(count, 2);
    uint64_t value;
    IS(sps_stream_get_u64(stream, &value), SPS_ERR_TIMEOUT);
    answers.code = SPS_OK;
    OK(sps_stream_get_u64(stream, &value)); // two of its bytes are there
    ck_assert_uint_eq(value, UINT64_C(0x0101010101010101));
    sps_stream_destroy(stream);
}
END_TEST

// A put that wrote a part returns OK. The next call returns the code.
START_TEST(a_value_that_has_begun_is_completed_after_an_error) {
    answers answers = {.code = SPS_ERR_TIMEOUT, .count = 2};
    sps_stream *stream = open_answering(&answers, true);
    OK(sps_stream_put_u32(stream, 1));
    size_t waits;
    OK(sps_stream_get_pending_write_bytes(stream, &waits));
    ck_assert_uint_eq(waits, 2);
    answers.count = 0;
    IS(sps_stream_put_u32(stream, 2), SPS_ERR_TIMEOUT);
    IS(sps_stream_flush(stream), SPS_ERR_TIMEOUT);
    answers.code = SPS_OK;
    answers.count = 4;
    OK(sps_stream_flush(stream));
    OK(sps_stream_get_pending_write_bytes(stream, &waits));
    ck_assert_uint_eq(waits, 0);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_batch_that_fails_to_leave_is_kept) {
    answers answers = {.code = SPS_FAILED};
    sps_stream *stream = open_answering(&answers, true);
    OK(sps_stream_set_write_batching(stream, true));
    OK(sps_stream_put_u32(stream, 1));
    IS(sps_stream_flush(stream), SPS_FAILED);
    IS(sps_stream_set_write_batching(stream, false), SPS_FAILED);
    size_t waits;
    OK(sps_stream_get_pending_write_bytes(stream, &waits));
    ck_assert_uint_eq(waits, 4);
    while (waits < 65536) { // until there is no room
        OK(sps_stream_put_u32(stream, 1));
        OK(sps_stream_get_pending_write_bytes(stream, &waits));
    }
    answers.code = SPS_ERR_TIMEOUT;
    IS(sps_stream_put_u32(stream, 1), SPS_ERR_TIMEOUT);
    IS(sps_stream_put_partial_data(stream, "a", 1, NULL), SPS_ERR_TIMEOUT);
    answers.code = SPS_OK;
    answers.count = 70000;
    OK(sps_stream_set_write_batching(stream, false));
    sps_stream_destroy(stream);
}
END_TEST

static void forget_state(void *user_data) {
    (void)user_data;
}

static void forget_other_state(void *user_data) {
    *(int *)user_data = 1; // differs from forget_state() in its code, too
}

static sps_error poll_nothing(void *user_data) {
    (void)user_data;
    return SPS_ERR_BUSY;
}

// A library finds its own state, also in a filter, and no other library's.
START_TEST(the_owner_of_a_custom_stream_finds_its_state) {
    const bool is_filter = _i == 1;
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .destroy = forget_state,
                                              .poll = is_filter ? poll_nothing : NULL};
    int state;
    void *found = NULL;
    sps_stream *stream, *socket;
    OK(sps_custom_create(&operations, &state, NULL, &stream));
    OK(sps_custom_get_user_data(stream, forget_state, &found));
    ck_assert_ptr_eq(found, &state);
    IS(sps_custom_get_user_data(stream, forget_other_state, &found), SPS_ERR_UNAVAILABLE);
    ck_assert_ptr_null(found);
    IS(sps_custom_get_user_data(stream, NULL, &found), SPS_ERR_INVALID_PARAMETER);
    OK(sps_tcp_create(NULL, &socket));
    IS(sps_custom_get_user_data(socket, forget_state, &found), SPS_ERR_UNAVAILABLE);
    IS(sps_custom_get_user_data(NULL, forget_state, &found), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(socket);
    sps_stream_destroy(stream);
}
END_TEST

Suite *custom_stream_suite(void) {
    Suite *suite = suite_create("custom_stream");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, typed_values_and_strings_work);
    tcase_add_test(all, an_unsupported_operation_is_failed);
    tcase_add_test(all, not_implemented_equals_null);
    tcase_add_test(all, it_is_not_a_socket);
    tcase_add_test(all, an_operation_that_lies_about_its_count_does_no_harm);
    tcase_add_test(all, an_odd_count_of_available_bytes);
    tcase_add_test(all, a_short_read_of_a_waiting_get_is_not_the_end);
    tcase_add_test(all, a_short_write_of_a_waiting_put_is_not_the_end);
    tcase_add_loop_test(all, an_operations_code_reaches_the_caller_unchanged, 0, 2);
    tcase_add_test(all, an_operations_code_is_reported_with_its_bytes);
    tcase_add_test(all, a_value_that_has_begun_is_completed_after_an_error);
    tcase_add_test(all, a_batch_that_fails_to_leave_is_kept);
    tcase_add_loop_test(all, the_owner_of_a_custom_stream_finds_its_state, 0, 2);
    return suite;
}
