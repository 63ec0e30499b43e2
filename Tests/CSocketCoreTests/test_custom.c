// SPDX-License-Identifier: MIT
//
// A stream of the caller's own: here, a block of memory that gives and takes in small pieces.
#include <stdlib.h>
#include <string.h>

#include "support.h"

typedef struct block {
    uint8_t bytes[256];
    size_t read, written;
    size_t piece;     // at most this many bytes a call
    size_t calls;     // of any operation that moves bytes
    sps_error at_end; // what reading answers when everything was read
    sps_error on_write;
    int destroyed;
} block;

static sps_error read_some(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    block *block = user_data;
    const size_t left = block->written - block->read;
    size_t n = count < left ? count : left;
    n = n < block->piece ? n : block->piece;
    memcpy(buffer, block->bytes + block->read, n);
    block->read += n;
    block->calls++;
    *out = n;
    return n == 0 ? block->at_end : SPS_OK;
}

static sps_error write_some(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    block *block = user_data;
    const size_t left = sizeof block->bytes - block->written;
    size_t n = count < left ? count : left;
    n = n < block->piece ? n : block->piece;
    block->calls++;
    *out = block->on_write == SPS_OK ? n : 0;
    memcpy(block->bytes + block->written, data, *out);
    block->written += *out;
    return block->on_write;
}

static sps_error read_all(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    *out = 0;
    while (*out < count) {
        size_t n;
        const sps_error error = read_some(user_data, buffer + *out, count - *out, &n);
        *out += n;
        if (n == 0) {
            return error == SPS_OK ? SPS_ERR_FILE_EOF : error;
        }
    }
    return SPS_OK;
}

static sps_error count_available(void *user_data, size_t *out) {
    const block *block = user_data;
    *out = block->written - block->read;
    return SPS_OK;
}

static void note_destroyed(void *user_data) {
    ((block *)user_data)->destroyed++;
}

static const sps_custom_operations operations = {
    .struct_size = sizeof operations,
    .get_partial_data = read_some,
    .put_partial_data = write_some,
    .get_available_bytes = count_available,
    .destroy = note_destroyed,
};

static sps_stream *make_custom(block *block, const sps_custom_operations *chosen) {
    sps_stream *stream = NULL;
    block->piece = block->piece == 0 ? 3 : block->piece;
    OK(sps_custom_create(chosen, block, NULL, &stream));
    return stream;
}

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
    sps_stream *stream;
    OK(sps_custom_create(&operations, &block, &options, &stream));
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

START_TEST(after_the_end_it_is_asked_nothing_more) {
    block block = {.written = 2, .at_end = SPS_ERR_FILE_EOF};
    sps_stream *stream = make_custom(&block, &operations);
    uint32_t value;
    IS(sps_stream_try_get_u32(stream, &value), SPS_ERR_FILE_EOF);
    block.written = 100; // nobody shall look
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

START_TEST(a_failure_is_for_good) {
    block block = {.at_end = SPS_ERR_FILE_CORRUPT};
    sps_stream *stream = make_custom(&block, &operations);
    uint8_t value;
    IS(sps_stream_try_get_u8(stream, &value), SPS_FAILED);
    block.at_end = SPS_OK;
    block.written = 4;
    IS(sps_stream_try_get_u8(stream, &value), SPS_FAILED);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_failed_write_leaves_reading) {
    block block = {.written = 1, .on_write = SPS_ERR_FILE_CANT_WRITE};
    sps_stream *stream = make_custom(&block, &operations);
    IS(sps_stream_put_u8(stream, 1), SPS_FAILED);
    block.on_write = SPS_OK;
    IS(sps_stream_put_u8(stream, 1), SPS_FAILED);
    uint8_t value;
    OK(sps_stream_get_u8(stream, &value));
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_full_target_is_busy_and_tells_how_far_it_came) {
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

static sps_error write_all(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    *out = 0;
    while (*out < count) {
        size_t n;
        write_some(user_data, data + *out, count - *out, &n);
        if (n == 0) {
            return SPS_ERR_FILE_CANT_WRITE;
        }
        *out += n;
    }
    return SPS_OK;
}

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
    IS(sps_stream_flush(stream), SPS_ERR_UNAVAILABLE);
    IS(sps_stream_set_write_batching(stream, false), SPS_ERR_UNAVAILABLE);
    size_t pending;
    OK(sps_stream_get_pending_write_bytes(stream, &pending));
    ck_assert_uint_eq(pending, 8);
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

static sps_error write_all_and_be_busy(void *user_data, const uint8_t *data, size_t count,
                                       size_t *out) {
    write_all(user_data, data, count, out);
    return SPS_ERR_BUSY;
}

START_TEST(busy_with_all_taken_is_done) {
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

static sps_error count_too_much(void *user_data, size_t *out) {
    *out = SIZE_MAX;
    return ((block *)user_data)->at_end;
}

START_TEST(an_odd_count_of_available_bytes) {
    block block = {.written = 8, .piece = 8};
    const sps_stream_options options = {.struct_size = sizeof options, .read_buffer_bytes = 8};
    sps_custom_operations chosen = operations;
    chosen.get_available_bytes = count_too_much;
    sps_stream *stream;
    OK(sps_custom_create(&chosen, &block, &options, &stream));
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

// ---- A target that takes a part of a value and no more

static size_t pending(const sps_stream *stream) {
    size_t bytes;
    OK(sps_stream_get_pending_write_bytes(stream, &bytes));
    return bytes;
}

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

START_TEST(the_rest_of_a_value_leaves_with_whatever_flushes) {
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

START_TEST(a_rest_that_cannot_be_written_is_a_failure) {
    block block = {0};
    sps_stream *stream = make_custom(&block, &operations);
    make_room(&block, 2);
    OK(sps_stream_put_u32(stream, 0x04030201));
    make_room(&block, 100);
    block.on_write = SPS_ERR_FILE_CANT_WRITE;
    IS(sps_stream_put_u8(stream, 5), SPS_FAILED);
    ck_assert_uint_eq(pending(stream), 0);
    block.on_write = SPS_OK;
    IS(sps_stream_put_u8(stream, 5), SPS_FAILED);
    sps_stream_destroy(stream);
}
END_TEST

static void *no_memory_after_the_object(void *user_data, void *block, size_t old_bytes,
                                        size_t new_bytes) {
    (void)old_bytes;
    bool *has_memory = user_data;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return *has_memory ? realloc(block, new_bytes) : NULL;
}

// What is cut cannot be completed; no other value may come behind it.
START_TEST(without_memory_for_the_rest_writing_ends) {
    bool has_memory = true;
    const sps_allocator allocator = {no_memory_after_the_object, &has_memory};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    block block = {.piece = 3};
    sps_stream *stream;
    OK(sps_custom_create(&operations, &block, &options, &stream));
    has_memory = false;
    make_room(&block, 2);
    IS(sps_stream_put_u32(stream, 0x04030201), SPS_FAILED);
    make_room(&block, 100);
    IS(sps_stream_put_u8(stream, 5), SPS_FAILED);
    expect_written(&block, "", 0);
    sps_stream_destroy(stream);
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
    sps_stream *stream;
    OK(sps_custom_create(&sink, NULL, &options, &stream));
    static char text[4096];
    memset(text, 'x', sizeof text);
    accepted = 1;
    OK(sps_stream_put_utf8_string(stream, text, sizeof text));
    OK(sps_stream_set_write_batching(stream, true));
    IS(sps_stream_put_u8(stream, 1), SPS_ERR_BUSY);
    size_t count;
    OK(sps_stream_put_partial_data(stream, text, sizeof text, &count));
    ck_assert_uint_eq(count, 0);
    OK(sps_stream_get_pending_write_bytes(stream, &count));
    ck_assert_uint_eq(count, sizeof text + 3);
    accepted = count; // all of it leaves
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

static sps_error answer_code(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    (void)buffer;
    (void)count;
    *out = 0;
    accepted++; // calls
    return *(sps_error *)user_data;
}

// custom.h: any other code is a failure for good, and the operation is not called again.
START_TEST(what_an_operation_answers_is_failure_or_progress) {
    static sps_error codes[] = {SPS_ERR_TIMEOUT, SPS_ERR_OUT_OF_MEMORY, SPS_ERR_UNAUTHORIZED,
                                SPS_ERR_CANT_OPEN};
    const sps_custom_operations failing = {
        .struct_size = sizeof failing, .get_data = answer_code, .get_partial_data = answer_code};
    sps_stream *stream;
    OK(sps_custom_create(&failing, &codes[_i], NULL, &stream));
    accepted = 0;
    char bytes[8];
    IS(sps_stream_get_data(stream, bytes, sizeof bytes, NULL), SPS_FAILED);
    IS(sps_stream_get_data(stream, bytes, sizeof bytes, NULL), SPS_FAILED);
    ck_assert_uint_eq(accepted, 1);
    sps_stream_destroy(stream);
}
END_TEST

typedef struct shortage {
    int failures;
    size_t calls;
} shortage;

static void *allocate_or_not(void *user_data, void *memory, size_t old_bytes, size_t new_bytes) {
    shortage *shortage = user_data;
    (void)old_bytes;
    if (new_bytes == 0) {
        free(memory);
        return NULL;
    }
    shortage->calls++;
    return shortage->failures > 0 ? (shortage->failures--, NULL) : realloc(memory, new_bytes);
}

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

START_TEST(what_came_with_the_end_is_there_after_a_put_failed_without_memory) {
    shortage shortage = {0, 0};
    const sps_allocator allocator = {allocate_or_not, &shortage};
    const sps_stream_options options = {
        .struct_size = sizeof options, .read_buffer_bytes = 4096, .allocator = &allocator};
    const sps_custom_operations ending = {
        .struct_size = sizeof ending, .get_partial_data = give_all_and_end, .put_data = refuse_all};
    const char *text = "hello";
    sps_stream *stream;
    OK(sps_custom_create(&ending, &text, &options, &stream));
    shortage.failures = 1;
    IS(sps_stream_put_u8(stream, 1), SPS_FAILED);
    ck_assert_int_eq(shortage.failures, 0);
    uint8_t bytes[8];
    size_t count;
    OK(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count));
    ck_assert_uint_eq(count, 5);
    ck_assert_mem_eq(bytes, "hello", 5);
    IS(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count), SPS_ERR_FILE_EOF);
    sps_stream_destroy(stream);
}
END_TEST

// Also a stream that reads no further than it must does not move a line for each byte of it.
START_TEST(a_long_line_costs_few_allocations) {
    static char line[50000];
    memset(line, 'l', sizeof line - 2);
    line[sizeof line - 2] = '\n';
    shortage shortage = {0, 0};
    const sps_allocator allocator = {allocate_or_not, &shortage};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    const sps_custom_operations source = {.struct_size = sizeof source,
                                          .get_partial_data = give_all_and_end};
    const char *text = line;
    sps_stream *stream;
    OK(sps_custom_create(&source, &text, &options, &stream));
    const char *got;
    size_t count;
    OK(sps_stream_get_line(stream, 0, &got, &count));
    ck_assert_uint_eq(count, sizeof line - 2);
    ck_assert_uint_le(shortage.calls, 12);
    sps_stream_destroy(stream);
}
END_TEST

Suite *custom_suite(void) {
    Suite *suite = suite_create("custom");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, typed_values_and_strings_work);
    tcase_add_test(all, it_reads_no_further_than_it_needs);
    tcase_add_test(all, a_line_is_read_no_further_than_it_needs);
    tcase_add_test(all, reading_ahead_is_a_choice);
    tcase_add_test(all, without_a_waiting_get_it_is_busy);
    tcase_add_test(all, with_a_waiting_get_it_ends_at_the_end);
    tcase_add_test(all, a_waiting_get_that_brings_less_has_failed);
    tcase_add_test(all, after_the_end_it_is_asked_nothing_more);
    tcase_add_test(all, a_failure_is_for_good);
    tcase_add_test(all, a_failed_write_leaves_reading);
    tcase_add_test(all, a_full_target_is_busy_and_tells_how_far_it_came);
    tcase_add_test(all, batched_puts_are_one_write);
    tcase_add_test(all, what_it_cannot_do_is_unavailable);
    tcase_add_test(all, an_operation_that_lies_about_its_count_does_no_harm);
    tcase_add_test(all, unavailable_is_as_null);
    tcase_add_test(all, with_only_a_waiting_put_a_batch_leaves_too);
    tcase_add_test(all, a_batch_that_cannot_leave_is_kept);
    tcase_add_test(all, a_short_waiting_put_is_a_failure);
    tcase_add_test(all, a_batch_leaves_before_a_waiting_get);
    tcase_add_test(all, a_batch_is_offered_when_reading_ends);
    tcase_add_test(all, busy_with_all_taken_is_done);
    tcase_add_test(all, an_odd_count_of_available_bytes);
    tcase_add_test(all, the_rest_of_a_value_waits_and_leaves_first);
    tcase_add_test(all, the_rest_of_a_string_leaves_in_pieces);
    tcase_add_test(all, the_rest_of_a_value_leaves_with_whatever_flushes);
    tcase_add_test(all, a_rest_that_cannot_be_written_is_a_failure);
    tcase_add_test(all, without_memory_for_the_rest_writing_ends);
    tcase_add_test(all, the_rest_of_a_value_waits_after_a_waiting_put_too);
    tcase_add_test(all, the_rest_of_a_text_waits_too);
    tcase_add_test(all, it_is_no_socket);
    tcase_add_test(all, a_rest_larger_than_the_write_buffer_leaves_no_room);
    tcase_add_loop_test(all, what_an_operation_answers_is_failure_or_progress, 0, 4);
    tcase_add_test(all, what_came_with_the_end_is_there_after_a_put_failed_without_memory);
    tcase_add_test(all, a_long_line_costs_few_allocations);
    return suite;
}
