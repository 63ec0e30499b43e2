// SPDX-License-Identifier: MIT
//
// Of zstd alone: frames, skippable frames, windows, its options. The loops over formats of the
// other files have the rest. Without libzstd only the first test is left.
#include <string.h>

#include "support/data.h"

static sps_error create_with(const sps_gzip_options *options) {
    sps_stream *stream, *filter;
    const sps_error error = sps_gzip_create(options, &stream);
    IS(sps_gzip_filter_create(options, &filter), error);
    ck_assert_int_eq(stream != NULL, error == SPS_OK);
    sps_stream_destroy(stream);
    sps_stream_destroy(filter);
    return error;
}

START_TEST(a_codec_is_there_or_unavailable) {
    const sps_gzip_options options = {.struct_size = sizeof options, .codec = SPS_GZIP_CODEC_ZSTD};
    const sps_gzip_options unknown = {.struct_size = sizeof unknown, .codec = 2};
    IS(create_with(&options), ZSTD < FORMATS ? SPS_OK : SPS_ERR_UNAVAILABLE);
    IS(create_with(&unknown), SPS_ERR_INVALID_PARAMETER);
}
END_TEST

#ifdef TEST_ZSTD

#include <zstd.h>

enum { MEBIBYTE = 1024 * 1024, ANY_RATIO_BYTES = 8 * MEBIBYTE };

static const uint8_t text[] = "the same text, the same text, the same text, and an end";

// ---- Options

START_TEST(options_of_zlib_alone_are_invalid) {
    const sps_gzip_options wrong[] = {
        {.struct_size = sizeof wrong[0], .level = SPS_GZIP_LEVEL_STORE},
        {.struct_size = sizeof wrong[0], .level = 23},
        {.struct_size = sizeof wrong[0], .window_bits = 9},
        {.struct_size = sizeof wrong[0], .window_bits = 28},
        {.struct_size = sizeof wrong[0], .max_window_bits = 9},
        {.struct_size = sizeof wrong[0], .max_window_bits = 28},
        {.struct_size = sizeof wrong[0], .memory_level = 1},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const sps_gzip_options options = options_for(ZSTD, &wrong[i]);
        IS(create_with(&options), SPS_ERR_INVALID_PARAMETER);
    }
    const sps_gzip_options of_zstd = {.struct_size = sizeof of_zstd, .max_window_bits = 20};
    IS(create_with(&of_zstd), SPS_ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(zstd_has_one_format) {
    const sps_gzip_options options = options_for(ZSTD, NULL);
    sps_stream *stream, *filter, *memory;
    OK(sps_gzip_create(&options, &stream));
    IS(sps_gzip_start_compression(stream, true, 100), SPS_ERR_INVALID_PARAMETER);
    IS(sps_gzip_start_decompression(stream, true, 100), SPS_ERR_INVALID_PARAMETER);
    OK(sps_gzip_start_compression(stream, false, 100));
    OK(sps_buffer_create(NULL, &memory));
    OK(sps_gzip_filter_create(&options, &filter));
    IS(sps_gzip_connect_to_stream(filter, memory, true, 100), SPS_ERR_INVALID_PARAMETER);
    OK(sps_gzip_connect_to_stream(filter, memory, false, 100));
    sps_stream_destroy(stream);
    sps_stream_destroy(filter);
    sps_stream_destroy(memory);
}
END_TEST

static bytes compress_with(const sps_gzip_options *options, const bytes *plain) {
    bytes compressed = {NULL, 0};
    sps_stream *stream = start_compressing(ZSTD, 65536, options);
    OK(push_through(stream, plain, &compressed, 10000));
    OK(sps_gzip_finish(stream));
    OK(drain_into(stream, &compressed, 10000));
    sps_stream_destroy(stream);
    return compressed;
}

START_TEST(each_level_can_be_read_with_the_default_limit) {
    const sps_gzip_options options = {.struct_size = sizeof options, .level = _i};
    bytes plain = make_text(300000), back = {NULL, 0};
    bytes compressed = compress_with(&options, &plain);
    sps_stream *stream = start_decompressing(ZSTD, 65536, NULL);
    OK(push_through(stream, &compressed, &back, 10000));
    OK(sps_gzip_end_input(stream));
    ck_assert(is_same(&plain, &back));
    ck_assert_uint_lt(compressed.size, plain.size / 3);
    sps_stream_destroy(stream);
    free_bytes(&plain);
    free_bytes(&back);
    free_bytes(&compressed);
}
END_TEST

// ---- Frames

static void expect_with(const sps_gzip_options *options, const bytes *data, sps_gzip_fault fault,
                        size_t texts, uint64_t members) {
    const size_t pieces[] = {1, 3, 1000, 100000};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        bytes back = {NULL, 0};
        sps_stream *stream = start_decompressing(ZSTD, 100, options);
        push_through(stream, data, &back, pieces[i]);
        sps_gzip_end_input(stream);
        drain_into(stream, &back, 1000);
        const sps_gzip_info info = info_of(stream);
        ck_assert_int_eq(info.fault, fault);
        ck_assert_uint_eq(info.members, members);
        ck_assert_uint_eq(back.size, texts * sizeof text);
        ck_assert(texts == 0 || memcmp(back.data, text, sizeof text) == 0);
        sps_stream_destroy(stream);
        free_bytes(&back);
    }
}

static void expect(const bytes *data, sps_gzip_fault fault, size_t texts, uint64_t members) {
    expect_with(NULL, data, fault, texts, members);
}

static bytes frame(void) {
    return compress_without_us(ZSTD, text, sizeof text);
}

START_TEST(frames_in_a_row_are_one) {
    bytes all = frame(), one = frame();
    append(&all, one.data, one.size);
    append(&all, one.data, one.size);
    expect(&all, SPS_GZIP_FAULT_NONE, 3, 3);
    all.size -= one.size - 5;
    expect(&all, SPS_GZIP_FAULT_TRUNCATED, 2, 2);
    all.size -= 2; // in the magic
    expect(&all, SPS_GZIP_FAULT_TRAILING, 2, 2);
    free_bytes(&all);
    free_bytes(&one);
}
END_TEST

static void append_skippable(bytes *to, uint8_t kind, uint32_t size) {
    const uint8_t header[] = {(uint8_t)(0x50 + kind),
                              0x2a,
                              0x4d,
                              0x18,
                              (uint8_t)size,
                              (uint8_t)(size >> 8),
                              (uint8_t)(size >> 16),
                              (uint8_t)(size >> 24)};
    append(to, header, sizeof header);
    bytes content = make_noise(size);
    append(to, content.data, content.size);
    free_bytes(&content);
}

START_TEST(skippable_frames_are_skipped) {
    const sps_gzip_options single = {.struct_size = sizeof single, .single_member = 1};
    bytes all = {NULL, 0}, one = frame();
    append_skippable(&all, 0, 0);
    expect(&all, SPS_GZIP_FAULT_NONE, 0, 0);
    append_skippable(&all, 15, 300000);
    append(&all, one.data, one.size);
    expect(&all, SPS_GZIP_FAULT_NONE, 1, 1);
    expect_with(&single, &all, SPS_GZIP_FAULT_NONE, 1, 1);
    append_skippable(&all, 7, 5);
    expect(&all, SPS_GZIP_FAULT_NONE, 1, 1);
    expect_with(&single, &all, SPS_GZIP_FAULT_TRAILING, 1, 1);
    append(&all, one.data, one.size);
    expect(&all, SPS_GZIP_FAULT_NONE, 2, 2);
    append_skippable(&all, 1, 1000);
    all.size--;
    expect(&all, SPS_GZIP_FAULT_TRUNCATED, 2, 2);
    free_bytes(&all);
    free_bytes(&one);
}
END_TEST

START_TEST(zeros_behind_a_frame_are_trailing_data) {
    bytes padded = frame();
    append(&padded, "\0", 2);
    expect(&padded, SPS_GZIP_FAULT_TRAILING, 1, 1);
    free_bytes(&padded);
}
END_TEST

START_TEST(a_damaged_frame_is_corrupt) {
    bytes damaged = frame();
    damaged.data[damaged.size - 1] ^= 1; // the checksum
    expect(&damaged, SPS_GZIP_FAULT_CORRUPT, 1, 0);
    free_bytes(&damaged);
}
END_TEST

START_TEST(a_frame_with_a_dictionary_is_not_supported) {
    const uint8_t with_dictionary[] = {0x28, 0xb5, 0x2f, 0xfd, 0x21, 5, 0, 1, 0, 0};
    const bytes data = {(uint8_t *)with_dictionary, sizeof with_dictionary};
    expect(&data, SPS_GZIP_FAULT_UNRECOGNIZED, 0, 0);
}
END_TEST

// ---- Limits

START_TEST(a_large_window_is_refused) {
    const sps_gzip_options wide = {.struct_size = sizeof wide, .window_bits = 24};
    const sps_gzip_options accepts = {.struct_size = sizeof accepts, .max_window_bits = 24};
    bytes plain = {NULL, 0};
    append(&plain, text, sizeof text);
    bytes compressed = compress_with(&wide, &plain);
    expect(&compressed, SPS_GZIP_FAULT_WINDOW, 0, 0);
    expect_with(&accepts, &compressed, SPS_GZIP_FAULT_NONE, 1, 1);
    sps_stream *stream = start_decompressing(ZSTD, 100, NULL);
    IS(sps_stream_put_data(stream, compressed.data, compressed.size, NULL), SPS_ERR_INVALID_DATA);
    sps_stream_destroy(stream);
    free_bytes(&plain);
    free_bytes(&compressed);
}
END_TEST

START_TEST(a_claimed_size_takes_no_memory) {
    const uint8_t tebibyte[] = {0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0};
    const bytes data = {(uint8_t *)tebibyte, sizeof tebibyte};
    expect(&data, SPS_GZIP_FAULT_WINDOW, 0, 0);
}
END_TEST

// Zeros, as zstd compresses them best.
static bytes make_zstd_bomb(size_t mebibytes) {
    static const uint8_t zeros[MEBIBYTE];
    ZSTD_CCtx *context = ZSTD_createCCtx();
    bytes bomb = {malloc(MEBIBYTE), 0};
    ZSTD_outBuffer out = {bomb.data, MEBIBYTE, 0};
    for (size_t i = 0; i < mebibytes; i++) {
        ZSTD_inBuffer in = {zeros, sizeof zeros, 0};
        ck_assert(!ZSTD_isError(ZSTD_compressStream2(context, &out, &in, ZSTD_e_continue)));
        ck_assert_uint_eq(in.pos, in.size);
    }
    ZSTD_inBuffer none = {NULL, 0, 0};
    IS(ZSTD_compressStream2(context, &out, &none, ZSTD_e_end), 0);
    bomb.size = out.pos;
    ZSTD_freeCCtx(context);
    return bomb;
}

static uint64_t explode(const sps_gzip_options *options, const bytes *bomb, sps_error expected) {
    static uint8_t buffer[MEBIBYTE];
    sps_stream *stream = start_decompressing(ZSTD, 65536, options);
    sps_stream_put_data(stream, bomb->data, bomb->size, NULL); // may meet the limit
    uint64_t received = 0;
    size_t count = 1;
    sps_error error = SPS_OK;
    while (error == SPS_OK && count > 0) {
        error = sps_stream_get_partial_data(stream, buffer, sizeof buffer, &count);
        received += count;
    }
    IS(error, expected);
    sps_stream_destroy(stream);
    return received;
}

START_TEST(limits_stop_a_bomb) {
    bytes bomb = make_zstd_bomb(200);
    ck_assert_uint_lt(bomb.size, 200 * 1024);
    const uint64_t received = explode(NULL, &bomb, SPS_ERR_INVALID_DATA);
    ck_assert_uint_ge(received, ANY_RATIO_BYTES);
    ck_assert_uint_le(received, ANY_RATIO_BYTES + MEBIBYTE);
    const uint64_t limits[] = {1, 65535, 131072, 131073, 5 * MEBIBYTE + 1};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        const sps_gzip_options options = {.struct_size = sizeof options,
                                          .max_ratio = SPS_GZIP_NO_LIMIT,
                                          .max_plain_bytes = limits[i]};
        ck_assert_uint_eq(explode(&options, &bomb, SPS_ERR_INVALID_DATA), limits[i]);
    }
    const sps_gzip_options none = {.struct_size = sizeof none, .max_ratio = SPS_GZIP_NO_LIMIT};
    ck_assert_uint_eq(explode(&none, &bomb, SPS_OK), 200 * (uint64_t)MEBIBYTE);
    free_bytes(&bomb);
}
END_TEST

// ---- A filter

START_TEST(a_filter_closes_at_the_limit) {
    const sps_gzip_options wide = {.struct_size = sizeof wide, .window_bits = 24};
    const sps_gzip_options options = options_for(ZSTD, NULL);
    bytes plain = make_text(1000);
    bytes compressed = compress_with(&wide, &plain);
    sps_stream *memory, *filter;
    OK(sps_buffer_create(NULL, &memory));
    OK(sps_buffer_set_data_array(memory, compressed.data, compressed.size));
    OK(sps_gzip_filter_create(&options, &filter));
    OK(sps_gzip_connect_to_stream(filter, memory, false, 1000));
    uint8_t byte;
    IS(sps_stream_get_u8(filter, &byte), SPS_ERR_INVALID_DATA);
    IS(sps_socket_poll(filter), SPS_FAILED);
    expect_reason(filter, SPS_CLOSE_LIMIT);
    const char *message;
    OK(sps_socket_get_close_message(filter, &message));
    ck_assert_str_eq(message, "window too large");
    sps_stream_destroy(filter);
    sps_stream_destroy(memory);
    free_bytes(&plain);
    free_bytes(&compressed);
}
END_TEST

#endif

Suite *gzip_zstd_suite(void) {
    Suite *suite = suite_create("gzip_zstd");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_codec_is_there_or_unavailable);
#ifdef TEST_ZSTD
    tcase_add_test(all, options_of_zlib_alone_are_invalid);
    tcase_add_test(all, zstd_has_one_format);
    tcase_add_loop_test(all, each_level_can_be_read_with_the_default_limit, 0, 23);
    TCase *frames = add_case(suite, "frames");
    tcase_add_test(frames, frames_in_a_row_are_one);
    tcase_add_test(frames, skippable_frames_are_skipped);
    tcase_add_test(frames, zeros_behind_a_frame_are_trailing_data);
    tcase_add_test(frames, a_damaged_frame_is_corrupt);
    tcase_add_test(frames, a_frame_with_a_dictionary_is_not_supported);
    TCase *limits = add_case(suite, "limits");
    tcase_add_test(limits, a_large_window_is_refused);
    tcase_add_test(limits, a_claimed_size_takes_no_memory);
    tcase_add_test(limits, limits_stop_a_bomb);
    tcase_add_test(limits, a_filter_closes_at_the_limit);
#endif
    return suite;
}
