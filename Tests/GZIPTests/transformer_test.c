// SPDX-License-Identifier: MIT
//
// Transformers: every size and buffer, Godot's codes, and what Godot refuses.
#include <string.h>

#include "support/data.h"

enum { LARGE = 1 << 20 };

static const size_t buffer_sizes[] = {1, 2, 7, 1023, 1024, 1025, 65535};
enum { BUFFER_SIZES = sizeof buffer_sizes / sizeof buffer_sizes[0] };

static void expect_round_trip(format format, const bytes *plain, size_t buffer_size, size_t piece) {
    bytes compressed = {NULL, 0}, back = {NULL, 0};
    sps_stream *stream = start_compressing(format, buffer_size, NULL);
    OK(push_through(stream, plain, &compressed, piece));
    OK(sps_gzip_finish(stream));
    OK(drain_into(stream, &compressed, piece));
    OK(sps_gzip_clear(stream));
    OK(sps_gzip_start_decompression(stream, format == ZLIB, buffer_size));
    OK(push_through(stream, &compressed, &back, piece));
    OK(sps_gzip_end_input(stream));
    OK(drain_into(stream, &back, piece));
    ck_assert(is_same(plain, &back));
    sps_stream_destroy(stream);
    free_bytes(&compressed);
    free_bytes(&back);
}

START_TEST(any_size_goes_through_any_buffer) {
    const size_t sizes[] = {0, 1, 14, 2500, 70000};
    const size_t pieces[] = {1000, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (format format = GZIP; format < FORMATS; format++) {
            for (size_t p = 0; p < 2; p++) {
                bytes text = make_text(sizes[i]), noise = make_noise(sizes[i]);
                expect_round_trip(format, &text, buffer_sizes[_i], pieces[p]);
                expect_round_trip(format, &noise, buffer_sizes[_i], pieces[p]);
                free_bytes(&text);
                free_bytes(&noise);
            }
        }
    }
}
END_TEST

START_TEST(a_transformer_reads_what_zlib_writes) {
    for (format format = GZIP; format < FORMATS; format++) {
        bytes plain = make_text(100000), back = {NULL, 0};
        bytes compressed = compress_without_us(format, plain.data, plain.size);
        sps_stream *stream = start_decompressing(format, SPS_GZIP_BUFFER_SIZE, NULL);
        OK(push_through(stream, &compressed, &back, 4096));
        ck_assert(is_same(&plain, &back));
        const sps_gzip_info info = info_of(stream);
        ck_assert_uint_eq(info.compressed_in, compressed.size);
        ck_assert_uint_eq(info.plain_out, plain.size);
        ck_assert_uint_eq(info.members, 1);
        ck_assert_uint_eq(info.is_complete, 1);
        sps_stream_destroy(stream);
        free_bytes(&plain);
        free_bytes(&compressed);
        free_bytes(&back);
    }
}
END_TEST

// ---- What Godot refuses or freezes on

START_TEST(a_put_above_the_buffer_works) {
    bytes plain = make_noise(LARGE), compressed = {NULL, 0}, back = {NULL, 0};
    const size_t buffer_size = buffer_sizes[_i];
    sps_stream *stream = start_compressing(GZIP, buffer_size, NULL);
    OK(sps_stream_put_data(stream, plain.data, plain.size, NULL));
    ck_assert_uint_gt(info_of(stream).waiting_bytes, LARGE / 2);
    OK(sps_gzip_finish(stream)); // its output exceeds the buffer, too
    size_t available;
    OK(sps_stream_get_available_bytes(stream, &available));
    ck_assert_uint_eq(available, buffer_size);
    OK(drain_into(stream, &compressed, 65536));
    ck_assert_uint_eq(info_of(stream).waiting_bytes, 0);
    OK(sps_gzip_clear(stream));
    OK(sps_gzip_start_decompression(stream, false, buffer_size));
    OK(sps_stream_put_data(stream, compressed.data, compressed.size, NULL));
    IS(sps_gzip_end_input(stream), SPS_ERR_BUSY);
    OK(drain_into(stream, &back, 999));
    OK(sps_gzip_end_input(stream));
    ck_assert(is_same(&plain, &back));
    sps_stream_destroy(stream);
    free_bytes(&plain);
    free_bytes(&compressed);
    free_bytes(&back);
}
END_TEST

START_TEST(a_partial_put_takes_only_what_it_processes) {
    bytes plain = make_noise(LARGE);
    sps_stream *stream = start_compressing(GZIP, 1024, NULL);
    size_t sent, again;
    OK(sps_stream_put_partial_data(stream, plain.data, plain.size, &sent));
    ck_assert_uint_lt(sent, LARGE);
    ck_assert_uint_eq(info_of(stream).waiting_bytes, 0);
    OK(sps_stream_put_partial_data(stream, plain.data, plain.size, &again));
    ck_assert_uint_eq(again, 0);
    sps_stream_destroy(stream);
    free_bytes(&plain);
}
END_TEST

START_TEST(puts_stop_when_too_much_waits) {
    const sps_gzip_options options = {.struct_size = sizeof options, .max_waiting_bytes = 10000};
    bytes plain = make_noise(LARGE), compressed = {NULL, 0};
    sps_stream *stream = start_compressing(GZIP, 1024, &options);
    OK(sps_stream_put_data(stream, plain.data, LARGE / 2, NULL)); // any size, while nothing waits
    size_t sent;
    IS(sps_stream_put_data(stream, plain.data, 1, &sent), SPS_ERR_BUSY);
    ck_assert_uint_eq(sent, 0);
    IS(sps_stream_put_utf8_string(stream, "text", 4), SPS_ERR_BUSY);
    OK(drain_into(stream, &compressed, 4096));
    OK(sps_stream_put_data(stream, plain.data + LARGE / 2, LARGE / 2, NULL));
    OK(sps_gzip_finish(stream));
    OK(drain_into(stream, &compressed, 4096));
    sps_stream *reader = start_decompressing(GZIP, 1024, NULL);
    bytes back = {NULL, 0};
    OK(push_through(reader, &compressed, &back, 4096));
    ck_assert(is_same(&plain, &back));
    sps_stream_destroy(stream);
    sps_stream_destroy(reader);
    free_bytes(&plain);
    free_bytes(&compressed);
    free_bytes(&back);
}
END_TEST

START_TEST(a_get_above_the_buffer_works) {
    bytes plain = make_text(LARGE);
    bytes compressed = compress_without_us(GZIP, plain.data, plain.size);
    sps_stream *stream = start_decompressing(GZIP, 100, NULL);
    OK(sps_stream_put_data(stream, compressed.data, compressed.size, NULL));
    uint8_t *back = malloc(LARGE);
    size_t received;
    OK(sps_stream_get_data(stream, back, LARGE - 10, &received));
    ck_assert_uint_eq(received, LARGE - 10);
    IS(sps_stream_get_data(stream, back + received, 11, &received), SPS_ERR_UNAVAILABLE);
    ck_assert_uint_eq(received, 10);
    ck_assert(memcmp(back, plain.data, LARGE) == 0);
    free(back);
    sps_stream_destroy(stream);
    free_bytes(&plain);
    free_bytes(&compressed);
}
END_TEST

// ---- Codes

START_TEST(before_a_start_nothing_is_there) {
    sps_stream *stream;
    OK(sps_gzip_create(NULL, &stream));
    uint8_t byte;
    uint32_t value;
    size_t count = 7;
    IS(sps_stream_put_u8(stream, 1), SPS_ERR_UNCONFIGURED);
    IS(sps_stream_put_partial_data(stream, "x", 1, &count), SPS_ERR_UNCONFIGURED);
    OK(sps_stream_get_partial_data(stream, &byte, 1, &count));
    ck_assert_uint_eq(count, 0);
    IS(sps_stream_get_u32(stream, &value), SPS_ERR_UNAVAILABLE);
    IS(sps_stream_try_get_u32(stream, &value), SPS_ERR_BUSY);
    OK(sps_stream_get_available_bytes(stream, &count));
    IS(sps_gzip_finish(stream), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_flush(stream), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_end_input(stream), SPS_ERR_UNAVAILABLE);
    OK(sps_gzip_clear(stream));
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_short_get_of_a_value_consumes_nothing) {
    sps_stream *stream = start_decompressing(ZLIB, 100, NULL);
    bytes compressed = compress_without_us(ZLIB, (const uint8_t *)"abc", 3);
    OK(sps_stream_put_data(stream, compressed.data, compressed.size, NULL));
    uint32_t value;
    IS(sps_stream_get_u32(stream, &value), SPS_ERR_UNAVAILABLE);
    uint8_t bytes[4];
    size_t count;
    OK(sps_stream_get_partial_data(stream, bytes, sizeof bytes, &count));
    ck_assert_uint_eq(count, 3);
    sps_stream_destroy(stream);
    free_bytes(&compressed);
}
END_TEST

START_TEST(after_finish_puts_fail) {
    sps_stream *stream = start_compressing(GZIP, 1000, NULL);
    OK(sps_stream_put_u32(stream, 5));
    OK(sps_gzip_finish(stream));
    size_t before, after;
    OK(sps_stream_get_available_bytes(stream, &before));
    OK(sps_gzip_finish(stream));
    OK(sps_stream_get_available_bytes(stream, &after));
    ck_assert_uint_eq(before, after);
    IS(sps_stream_put_u32(stream, 5), SPS_FAILED);
    IS(sps_gzip_flush(stream), SPS_FAILED);
    IS(sps_gzip_start_compression(stream, false, 1000), SPS_ERR_ALREADY_IN_USE);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(after_the_end_of_input_puts_fail) {
    sps_stream *stream = start_decompressing(GZIP, 1000, NULL);
    bytes compressed = compress_without_us(GZIP, (const uint8_t *)"abc", 3);
    OK(sps_stream_put_data(stream, compressed.data, compressed.size, NULL));
    OK(sps_gzip_end_input(stream));
    IS(sps_stream_put_u8(stream, 0), SPS_FAILED);
    OK(sps_gzip_end_input(stream));
    sps_stream_destroy(stream);
    free_bytes(&compressed);
}
END_TEST

START_TEST(other_streams_are_unavailable) {
    sps_stream *other = NULL, *base = NULL;
    sps_gzip_info info = {.struct_size = sizeof info};
    OK(sps_buffer_create(NULL, &other));
    IS(sps_gzip_start_compression(other, false, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_start_decompression(other, false, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_finish(other), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_flush(other), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_clear(other), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_end_input(other), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_get_info(other, &info), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_connect_to_stream(other, other, false, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_get_stream(other, &base), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_disconnect_from_stream(other), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(other);
    OK(sps_gzip_create(NULL, &other));
    IS(sps_gzip_connect_to_stream(other, other, false, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_disconnect_from_stream(other), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(other);
    OK(sps_gzip_filter_create(NULL, &other));
    IS(sps_gzip_clear(other), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_start_compression(other, false, 1), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(other);
}
END_TEST

START_TEST(null_is_invalid) {
    sps_stream *base = NULL;
    sps_gzip_info info = {.struct_size = sizeof info};
    IS(sps_gzip_create(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_filter_create(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_start_compression(NULL, false, 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_start_decompression(NULL, false, 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_finish(NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_flush(NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_clear(NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_end_input(NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_get_info(NULL, &info), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_connect_to_stream(NULL, NULL, false, 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_get_stream(NULL, &base), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_disconnect_from_stream(NULL), SPS_ERR_INVALID_PARAMETER);
    sps_stream *stream;
    OK(sps_gzip_create(NULL, &stream));
    IS(sps_gzip_get_info(stream, NULL), SPS_ERR_INVALID_PARAMETER);
    info.struct_size = 0;
    IS(sps_gzip_get_info(stream, &info), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_get_stream(stream, NULL), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(options_out_of_range_are_invalid) {
    const sps_stream_options unsized = {.struct_size = 0};
    const sps_gzip_options wrong[] = {
        {.struct_size = 0},
        {.struct_size = sizeof wrong[0], .level = -2},
        {.struct_size = sizeof wrong[0], .level = 10},
        {.struct_size = sizeof wrong[0], .window_bits = 8},
        {.struct_size = sizeof wrong[0], .window_bits = 16},
        {.struct_size = sizeof wrong[0], .memory_level = -1},
        {.struct_size = sizeof wrong[0], .memory_level = 10},
        {.struct_size = sizeof wrong[0], .stream = &unsized},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        sps_stream *stream = (sps_stream *)&stream;
        IS(sps_gzip_create(&wrong[i], &stream), SPS_ERR_INVALID_PARAMETER);
        ck_assert_ptr_null(stream);
        IS(sps_gzip_filter_create(&wrong[i], &stream), SPS_ERR_INVALID_PARAMETER);
    }
}
END_TEST

static size_t compressed_size(const sps_gzip_options *options) {
    bytes plain = make_text(100000), compressed = {NULL, 0};
    sps_stream *stream = start_compressing(GZIP, 65536, options);
    OK(push_through(stream, &plain, &compressed, 10000));
    OK(sps_gzip_finish(stream));
    OK(drain_into(stream, &compressed, 10000));
    const size_t size = compressed.size;
    sps_stream_destroy(stream);
    free_bytes(&plain);
    free_bytes(&compressed);
    return size;
}

START_TEST(options_choose_how_it_compresses) {
    const sps_gzip_options store = {.struct_size = sizeof store, .level = SPS_GZIP_LEVEL_STORE};
    const sps_gzip_options fast = {.struct_size = sizeof fast, .level = 1};
    const sps_gzip_options narrow = {
        .struct_size = sizeof narrow, .window_bits = 9, .memory_level = 1};
    const size_t usual = compressed_size(NULL);
    ck_assert_uint_gt(compressed_size(&store), 100000);
    ck_assert_uint_gt(compressed_size(&fast), usual);
    ck_assert_uint_gt(compressed_size(&narrow), usual);
    ck_assert_uint_lt(usual, 50000);
}
END_TEST

START_TEST(an_info_of_an_older_release_is_filled_as_far_as_it_goes) {
    sps_stream *stream = start_compressing(GZIP, 100, NULL);
    OK(sps_stream_put_u64(stream, 1));
    sps_gzip_info info;
    memset(&info, 0x5a, sizeof info);
    info.struct_size = offsetof(sps_gzip_info, compressed_out);
    OK(sps_gzip_get_info(stream, &info));
    ck_assert_uint_eq(info.plain_in, 8);
    ck_assert_uint_eq(info.compressed_out, 0x5a5a5a5a5a5a5a5a);
    sps_stream_destroy(stream);
}
END_TEST

Suite *gzip_transformer_suite(void) {
    Suite *suite = suite_create("gzip_transformer");
    TCase *sizes = add_case(suite, "sizes");
    tcase_add_loop_test(sizes, any_size_goes_through_any_buffer, 0, BUFFER_SIZES);
    tcase_add_test(sizes, a_transformer_reads_what_zlib_writes);
    tcase_add_loop_test(sizes, a_put_above_the_buffer_works, 0, BUFFER_SIZES);
    tcase_add_test(sizes, a_partial_put_takes_only_what_it_processes);
    tcase_add_test(sizes, puts_stop_when_too_much_waits);
    tcase_add_test(sizes, a_get_above_the_buffer_works);
    TCase *codes = add_case(suite, "codes");
    tcase_add_test(codes, before_a_start_nothing_is_there);
    tcase_add_test(codes, a_short_get_of_a_value_consumes_nothing);
    tcase_add_test(codes, after_finish_puts_fail);
    tcase_add_test(codes, after_the_end_of_input_puts_fail);
    tcase_add_test(codes, other_streams_are_unavailable);
    tcase_add_test(codes, null_is_invalid);
    tcase_add_test(codes, options_out_of_range_are_invalid);
    tcase_add_test(codes, options_choose_how_it_compresses);
    tcase_add_test(codes, an_info_of_an_older_release_is_filled_as_far_as_it_goes);
    return suite;
}
