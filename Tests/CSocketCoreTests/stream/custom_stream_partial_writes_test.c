// SPDX-License-Identifier: MIT
//
// A target that takes a part of a value and no more: the rest waits, and nothing comes before it.
#include <string.h>

#include "support/counting_allocator.h"
#include "support/custom_streams.h"
#include "support/pollers.h"

static void expect_written(const block *block, const char *expected, size_t count) {
    ck_assert_uint_eq(block->written - block->read, count);
    ck_assert_mem_eq(block->bytes + block->read, expected, count);
}

// Makes room in the block, as if its last bytes but `count` had been taken by somebody.
static void make_room(block *block, size_t count) {
    block->written = block->read = sizeof block->bytes - count;
}

START_TEST(the_rest_of_a_value_waits_and_leaves_first) {
    block block = {0};
    sps_stream *stream = make_custom(&block, &operations);
    make_room(&block, 5);
    OK(sps_stream_put_u64(stream, UINT64_C(0x0807060504030201)));
    ck_assert_uint_eq(pending(stream), 3);
    expect_written(&block, "\1\2\3\4\5", 5);
    size_t sent;
    IS(sps_stream_put_u8(stream, 9), SPS_ERR_BUSY); // nothing of it is put
    IS(sps_stream_put_data(stream, "x", 1, &sent), SPS_ERR_BUSY);
    ck_assert_uint_eq(sent, 0);
    OK(sps_stream_put_partial_data(stream, "x", 1, &sent));
    ck_assert_uint_eq(sent, 0);
    IS(sps_stream_flush(stream), SPS_ERR_BUSY);
    ck_assert_uint_eq(pending(stream), 3);
    make_room(&block, 2);
    IS(sps_stream_put_u8(stream, 9), SPS_ERR_BUSY);
    expect_written(&block, "\6\7", 2);
    ck_assert_uint_eq(pending(stream), 1);
    make_room(&block, 100);
    OK(sps_stream_put_u8(stream, 9));
    OK(sps_stream_put_u8(stream, 10)); // at once, as nothing waits any more
    expect_written(&block, "\10\11\12", 3);
    ck_assert_uint_eq(pending(stream), 0);
    sps_stream_destroy(stream);
}
END_TEST

// In pieces of three: a put goes on while anything goes.
START_TEST(the_rest_of_a_string_leaves_in_pieces) {
    block block = {0};
    sps_stream *stream = make_custom(&block, &operations);
    make_room(&block, 2); // within the length
    OK(sps_stream_put_utf8_string(stream, "0123456789", 10));
    ck_assert_uint_eq(pending(stream), 12);
    make_room(&block, 100);
    size_t sent;
    OK(sps_stream_put_data(stream, "ab", 2, &sent));
    expect_written(&block,
                   "\0\0"
                   "0123456789ab",
                   14);
    make_room(&block, 7); // within the text
    OK(sps_stream_put_string(stream, "0123456789", 10));
    ck_assert_uint_eq(pending(stream), 7);
    make_room(&block, 100);
    OK(sps_stream_put_partial_data(stream, "x", 1, &sent));
    ck_assert_uint_eq(sent, 1);
    expect_written(&block, "3456789x", 8);
    sps_stream_destroy(stream);
}
END_TEST

// A line of text is a value as well: nobody learns how much of it went, so it goes whole or not at all.
START_TEST(the_rest_of_a_text_waits_too) {
    block block = {.piece = 100};
    sps_stream *stream = make_custom(&block, &operations);
    char text[sizeof block.bytes + 44];
    memset(text, 't', sizeof text);
    OK(sps_stream_put_text(stream, text, sizeof text));
    ck_assert_uint_eq(pending(stream), 44);
    IS(sps_stream_put_text(stream, text, 1), SPS_ERR_BUSY);
    block.written = 0;
    OK(sps_stream_flush(stream));
    ck_assert_uint_eq(block.written, 44);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(every_flush_sends_the_rest_of_a_value) {
    block block = {0};
    sps_stream *stream = make_custom(&block, &operations);
    make_room(&block, 2);
    OK(sps_stream_put_u32(stream, 0x04030201));
    make_room(&block, 100);
    OK(sps_stream_flush(stream));
    expect_written(&block, "\3\4", 2);
    make_room(&block, 2);
    OK(sps_stream_put_u32(stream, 0x04030201));
    make_room(&block, 100);
    uint16_t value;
    OK(sps_stream_get_u16(stream, &value)); // as before any get that waits
    ck_assert_uint_eq(value, 0x0403);
    make_room(&block, 2);
    OK(sps_stream_put_u32(stream, 0x04030201));
    OK(sps_stream_set_write_batching(stream, true)); // gathered behind it
    OK(sps_stream_put_u8(stream, 5));
    IS(sps_stream_set_write_batching(stream, false), SPS_ERR_BUSY);
    make_room(&block, 100);
    OK(sps_stream_set_write_batching(stream, false));
    expect_written(&block, "\3\4\5", 3);
    make_room(&block, 2);
    OK(sps_stream_put_u32(stream, 0x04030201));
    make_room(&block, 100);
    sps_stream_destroy(stream);
    expect_written(&block, "\3\4", 2);
}
END_TEST

// One that waits may be busy, too: then it has given up waiting.
static sps_error write_all_or_be_busy(void *user_data, const uint8_t *data, size_t count,
                                      size_t *out) {
    sps_error error = write_all(user_data, data, count, out);
    return error == SPS_ERR_FILE_CANT_WRITE ? SPS_ERR_BUSY : error;
}

START_TEST(the_rest_of_a_value_waits_after_a_waiting_put_too) {
    block block = {0};
    const sps_custom_operations chosen = {.struct_size = sizeof chosen,
                                          .put_data = write_all_or_be_busy};
    sps_stream *stream = make_custom(&block, &chosen);
    make_room(&block, 5);
    OK(sps_stream_put_u64(stream, UINT64_C(0x0807060504030201)));
    ck_assert_uint_eq(pending(stream), 3);
    make_room(&block, 100);
    OK(sps_stream_put_u8(stream, 9));
    expect_written(&block, "\6\7\10\11", 4);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_rest_that_cannot_be_written_waits) {
    block block = {0};
    sps_stream *stream = make_custom(&block, &operations);
    make_room(&block, 2);
    OK(sps_stream_put_u32(stream, 0x04030201));
    make_room(&block, 100);
    block.on_write = SPS_ERR_FILE_CANT_WRITE;
    IS(sps_stream_put_u8(stream, 5), SPS_ERR_FILE_CANT_WRITE);
    ck_assert_uint_eq(pending(stream), 2);
    block.on_write = SPS_OK;
    OK(sps_stream_put_u8(stream, 5));
    expect_written(&block, "\3\4\5", 3);
    sps_stream_destroy(stream);
}
END_TEST

// What is cut cannot be completed; no other value may come behind it.
START_TEST(without_memory_for_the_rest_writing_ends) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    block block = {.piece = 3};
    sps_stream *stream = open_custom(&operations, &block, &options);
    account.fail_at = account.calls + 1;
    make_room(&block, 2);
    IS(sps_stream_put_u32(stream, 0x04030201), SPS_FAILED);
    make_room(&block, 100);
    IS(sps_stream_put_u8(stream, 5), SPS_FAILED);
    expect_written(&block, "", 0);
    sps_stream_destroy(stream);
}
END_TEST

static size_t accepted; // bytes that the other side still takes

static sps_error accept_some(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    (void)user_data;
    (void)data;
    *out = count < accepted ? count : accepted;
    accepted -= *out;
    return SPS_OK;
}

// The rest of a value may be more than the write buffer: then there is no room for anything until it has left.
START_TEST(a_rest_larger_than_the_write_buffer_leaves_no_room) {
    const sps_custom_operations sink = {.struct_size = sizeof sink,
                                        .put_partial_data = accept_some};
    const sps_stream_options options = {.struct_size = sizeof options, .write_buffer_bytes = 1024};
    sps_stream *stream = open_custom(&sink, NULL, &options);
    static char text[4096];
    memset(text, 'x', sizeof text);
    accepted = 1;
    OK(sps_stream_put_utf8_string(stream, text, sizeof text));
    OK(sps_stream_set_write_batching(stream, true));
    IS(sps_stream_put_u8(stream, 1), SPS_ERR_BUSY);
    size_t count;
    OK(sps_stream_put_partial_data(stream, text, sizeof text, &count));
    ck_assert_uint_eq(count, 0);
    ck_assert_uint_eq(pending(stream), sizeof text + 3);
    accepted = sizeof text + 3; // all of it leaves
    OK(sps_stream_flush(stream));
    sps_error error = SPS_OK;
    for (size_t i = 0; i < 1024 && error == SPS_OK; i++) {
        error = sps_stream_put_u8(stream, 1);
    }
    OK(error);
    IS(sps_stream_put_u8(stream, 1), SPS_ERR_BUSY);
    sps_stream_destroy(stream);
}
END_TEST

Suite *custom_stream_partial_writes_suite(void) {
    Suite *suite = suite_create("custom_stream_partial_writes");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, the_rest_of_a_value_waits_and_leaves_first);
    tcase_add_test(all, the_rest_of_a_string_leaves_in_pieces);
    tcase_add_test(all, the_rest_of_a_text_waits_too);
    tcase_add_test(all, every_flush_sends_the_rest_of_a_value);
    tcase_add_test(all, the_rest_of_a_value_waits_after_a_waiting_put_too);
    tcase_add_test(all, a_rest_that_cannot_be_written_waits);
    tcase_add_test(all, without_memory_for_the_rest_writing_ends);
    tcase_add_test(all, a_rest_larger_than_the_write_buffer_leaves_no_room);
    return suite;
}
