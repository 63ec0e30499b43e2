// SPDX-License-Identifier: MIT
//
// Reads from a custom stream go no further than needed, and not beyond the end.
#include <string.h>

#include "support/counting_allocator.h"
#include "support/custom_streams.h"

START_TEST(it_reads_no_further_than_it_needs) {
    block block = {.piece = 100, .written = 100};
    sps_stream *stream = make_custom(&block, &operations);
    uint32_t value;
    OK(sps_stream_get_u32(stream, &value));
    ck_assert_uint_eq(block.read, 4);
    uint8_t bytes[10];
    OK(sps_stream_get_data(stream, bytes, 10, NULL));
    ck_assert_uint_eq(block.read, 14);
    OK(sps_stream_get_partial_data(stream, bytes, 5, NULL));
    ck_assert_uint_eq(block.read, 19);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_line_is_read_no_further_than_it_needs) {
    block block = {.piece = 100, .written = 100};
    memcpy(block.bytes, "first\nsecond", 12);
    sps_stream *stream = make_custom(&block, &operations);
    const char *line;
    size_t count;
    OK(sps_stream_get_line(stream, 0, &line, &count));
    ck_assert_uint_eq(count, 5);
    ck_assert_uint_eq(block.read, 6);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(reading_ahead_is_a_choice) {
    block block = {.piece = 100, .written = 100};
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 64};
    sps_stream *stream = open_custom(&operations, &block, &options);
    for (int i = 0; i < 16; i++) {
        uint32_t value;
        OK(sps_stream_get_u32(stream, &value));
    }
    ck_assert_uint_eq(block.calls, 1);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(without_a_waiting_get_it_is_busy) {
    block block = {.written = 2};
    sps_stream *stream = make_custom(&block, &operations);
    uint32_t value;
    IS(sps_stream_get_u32(stream, &value), SPS_ERR_BUSY);
    IS(sps_stream_try_get_u32(stream, &value), SPS_ERR_BUSY);
    block.written = 4;
    block.bytes[0] = 9;
    OK(sps_stream_get_u32(stream, &value)); // the two bytes were kept
    sps_stream_destroy(stream);
}
END_TEST

// ---- The end

START_TEST(with_a_waiting_get_it_ends_at_the_end) {
    block block = {.written = 6};
    sps_custom_operations waiting = operations;
    waiting.get_data = read_all;
    sps_stream *stream = make_custom(&block, &waiting);
    uint32_t value;
    OK(sps_stream_get_u32(stream, &value));
    IS(sps_stream_get_u32(stream, &value), SPS_ERR_FILE_EOF);
    IS(sps_stream_get_u32(stream, &value), SPS_FAILED);
    IS(sps_stream_put_u32(stream, 1), SPS_FAILED);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(after_the_end_no_operation_is_called) {
    block block = {.written = 2, .at_end = SPS_ERR_FILE_EOF};
    sps_stream *stream = make_custom(&block, &operations);
    uint32_t value;
    IS(sps_stream_try_get_u32(stream, &value), SPS_ERR_FILE_EOF);
    block.written = 100; // no call may read this
    size_t available;
    OK(sps_stream_get_available_bytes(stream, &available));
    ck_assert_uint_eq(available, 2);
    uint8_t bytes[4];
    size_t received;
    OK(sps_stream_get_partial_data(stream, bytes, 4, &received));
    ck_assert_uint_eq(received, 2);
    IS(sps_stream_get_partial_data(stream, bytes, 4, &received), SPS_ERR_FILE_EOF);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_failure_is_not_an_end) {
    block block = {.at_end = SPS_ERR_FILE_CORRUPT};
    sps_stream *stream = make_custom(&block, &operations);
    uint8_t value;
    IS(sps_stream_try_get_u8(stream, &value), SPS_ERR_FILE_CORRUPT);
    block.at_end = SPS_OK;
    block.written = 4;
    OK(sps_stream_try_get_u8(stream, &value));
    sps_stream_destroy(stream);
}
END_TEST

// ---- Memory

static sps_error give_all_and_end(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    const char **text = user_data;
    *out = strlen(*text) < count ? strlen(*text) : count;
    memcpy(buffer, *text, *out);
    *text += *out;
    return **text == 0 ? SPS_ERR_FILE_EOF : SPS_OK;
}

static sps_error refuse_all(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    (void)user_data;
    (void)data;
    (void)count;
    *out = 0;
    return SPS_ERR_CONNECTION_ERROR;
}

START_TEST(bytes_before_the_end_stay_readable_after_a_failed_put) {
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 4096};
    const sps_custom_operations ending = {
        .struct_size = sizeof ending, .get_partial_data = give_all_and_end, .put_data = refuse_all};
    const char *text = "hello";
    sps_stream *stream = open_custom(&ending, &text, &options);
    IS(sps_stream_put_u8(stream, 1), SPS_ERR_CONNECTION_ERROR);
    uint8_t bytes[8];
    size_t count;
    OK(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count));
    ck_assert_uint_eq(count, 5);
    ck_assert_mem_eq(bytes, "hello", 5);
    IS(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count), SPS_ERR_FILE_EOF);
    sps_stream_destroy(stream);
}
END_TEST

// A stream without read-ahead does not move a line for each of its bytes, either.
START_TEST(a_long_line_costs_few_allocations) {
    static char line[50000];
    memset(line, 'l', sizeof line - 2);
    line[sizeof line - 2] = '\n';
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    const sps_custom_operations source = {.struct_size = sizeof source,
                                          .get_partial_data = give_all_and_end};
    const char *text = line;
    sps_stream *stream = open_custom(&source, &text, &options);
    const char *got;
    size_t count;
    OK(sps_stream_get_line(stream, 0, &got, &count));
    ck_assert_uint_eq(count, sizeof line - 2);
    ck_assert_uint_le(account.calls, 12);
    sps_stream_destroy(stream);
}
END_TEST

Suite *custom_stream_reading_suite(void) {
    Suite *suite = suite_create("custom_stream_reading");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, it_reads_no_further_than_it_needs);
    tcase_add_test(all, a_line_is_read_no_further_than_it_needs);
    tcase_add_test(all, reading_ahead_is_a_choice);
    tcase_add_test(all, without_a_waiting_get_it_is_busy);
    tcase_add_test(all, with_a_waiting_get_it_ends_at_the_end);
    tcase_add_test(all, after_the_end_no_operation_is_called);
    tcase_add_test(all, a_failure_is_not_an_end);
    tcase_add_test(all, bytes_before_the_end_stay_readable_after_a_failed_put);
    tcase_add_test(all, a_long_line_costs_few_allocations);
    return suite;
}
