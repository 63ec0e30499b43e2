// SPDX-License-Identifier: MIT
//
// Writing to a stream of the caller's own: at once, or in a batch that leaves whole.
#include "support/custom_streams.h"
#include "support/pollers.h"

START_TEST(a_failed_write_leaves_writing_and_reading) {
    block block = {.written = 1, .on_write = SPS_ERR_FILE_CANT_WRITE};
    sps_stream *stream = make_custom(&block, &operations);
    IS(sps_stream_put_u8(stream, 1), SPS_ERR_FILE_CANT_WRITE);
    block.on_write = SPS_OK;
    OK(sps_stream_put_u8(stream, 1));
    uint8_t value;
    OK(sps_stream_get_u8(stream, &value));
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_full_target_is_busy_and_reports_its_count) {
    block block = {.written = 250};
    sps_stream *stream = make_custom(&block, &operations);
    size_t sent;
    IS(sps_stream_put_data(stream, "0123456789", 10, &sent), SPS_ERR_BUSY);
    ck_assert_uint_eq(sent, 6);
    OK(sps_stream_put_partial_data(stream, "x", 1, &sent));
    ck_assert_uint_eq(sent, 0);
    sps_stream_destroy(stream);
}
END_TEST

static sps_error write_all_and_be_busy(void *user_data, const uint8_t *data, size_t count,
                                       size_t *out) {
    write_all(user_data, data, count, out);
    return SPS_ERR_BUSY;
}

START_TEST(busy_after_a_complete_write_is_ok) {
    block block = {0};
    sps_custom_operations chosen = operations;
    chosen.put_partial_data = write_all_and_be_busy;
    sps_stream *stream = make_custom(&block, &chosen);
    OK(sps_stream_put_u32(stream, 1));
    OK(sps_stream_put_utf8_string(stream, "abc", 3));
    ck_assert_uint_eq(block.written, 11);
    sps_stream_destroy(stream);
}
END_TEST

// ---- Batches

START_TEST(batched_puts_are_one_write) {
    block block = {.piece = 100};
    sps_stream *stream = make_custom(&block, &operations);
    OK(sps_stream_set_write_batching(stream, true));
    OK(sps_stream_put_u32(stream, 1));
    OK(sps_stream_put_u32(stream, 2));
    ck_assert_uint_eq(block.calls, 0);
    OK(sps_stream_flush(stream));
    ck_assert_uint_eq(block.calls, 1);
    OK(sps_stream_put_u32(stream, 3));
    sps_stream_destroy(stream); // offers the last
    ck_assert_uint_eq(block.written, 12);
}
END_TEST

START_TEST(with_only_a_waiting_put_a_batch_leaves_too) {
    block block = {0};
    const sps_custom_operations chosen = {.struct_size = sizeof chosen, .put_data = write_all};
    sps_stream *stream = make_custom(&block, &chosen);
    OK(sps_stream_set_write_batching(stream, true));
    OK(sps_stream_put_u64(stream, 1));
    OK(sps_stream_flush(stream));
    ck_assert_uint_eq(block.written, 8);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_batch_that_cannot_leave_is_kept) {
    block block = {0};
    const sps_custom_operations none = {.struct_size = sizeof none};
    sps_stream *stream = make_custom(&block, &none);
    OK(sps_stream_set_write_batching(stream, true));
    OK(sps_stream_put_u64(stream, 1));
    IS(sps_stream_flush(stream), SPS_FAILED);
    IS(sps_stream_set_write_batching(stream, false), SPS_FAILED);
    ck_assert_uint_eq(pending(stream), 8);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_batch_leaves_before_a_waiting_get) {
    block block = {0};
    sps_custom_operations waiting = operations;
    waiting.get_data = read_all;
    sps_stream *stream = make_custom(&block, &waiting);
    OK(sps_stream_set_write_batching(stream, true));
    OK(sps_stream_put_u64(stream, 7)); // comes back once it has left, in pieces of three
    uint64_t value;
    OK(sps_stream_get_u64(stream, &value));
    ck_assert_uint_eq(value, 7);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_batch_is_offered_when_reading_ends) {
    block block = {.at_end = SPS_ERR_FILE_EOF};
    sps_stream *stream = make_custom(&block, &operations);
    OK(sps_stream_set_write_batching(stream, true));
    OK(sps_stream_put_u16(stream, 1));
    uint8_t value;
    IS(sps_stream_try_get_u8(stream, &value), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(block.written, 2);
    sps_stream_destroy(stream);
}
END_TEST

Suite *custom_stream_writing_suite(void) {
    Suite *suite = suite_create("custom_stream_writing");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_failed_write_leaves_writing_and_reading);
    tcase_add_test(all, a_full_target_is_busy_and_reports_its_count);
    tcase_add_test(all, busy_after_a_complete_write_is_ok);
    tcase_add_test(all, batched_puts_are_one_write);
    tcase_add_test(all, with_only_a_waiting_put_a_batch_leaves_too);
    tcase_add_test(all, a_batch_that_cannot_leave_is_kept);
    tcase_add_test(all, a_batch_leaves_before_a_waiting_get);
    tcase_add_test(all, a_batch_is_offered_when_reading_ends);
    return suite;
}
