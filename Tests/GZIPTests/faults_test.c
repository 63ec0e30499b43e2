// SPDX-License-Identifier: MIT
//
// Input that is not right: truncated, corrupt, trailing, of another format. Each is another code.
#include <string.h>

#include "support/data.h"

enum { SMALL_BUFFER = 100 };

static const uint8_t text[] = "the same text, the same text, the same text, and an end";

static bytes compressed_text(format format) {
    return compress_without_us(format, text, sizeof text);
}

// Decompresses in pieces of one size, and then ends the input. Returns the code, and the output.
static sps_error decompress(format format, const bytes *compressed, size_t piece, bytes *back,
                            sps_gzip_info *out_info) {
    sps_stream *stream = start_decompressing(format, SMALL_BUFFER, NULL);
    sps_error error = push_through(stream, compressed, back, piece);
    const sps_error ended = sps_gzip_end_input(stream);
    const sps_error drained = drain_into(stream, back, 1000);
    error = error != SPS_OK ? error : ended == SPS_ERR_BUSY ? sps_gzip_end_input(stream) : ended;
    ck_assert(drained == SPS_OK || drained == error);
    *out_info = info_of(stream);
    ck_assert_int_eq(out_info->fault != SPS_GZIP_FAULT_NONE, error != SPS_OK);
    if (error != SPS_OK) { // it stays
        uint8_t byte;
        IS(sps_stream_get_u8(stream, &byte), error);
        IS(sps_gzip_end_input(stream), error);
    }
    sps_stream_destroy(stream);
    return error;
}

static void expect(format format, const bytes *compressed, sps_error error, sps_gzip_fault fault,
                   size_t plain_bytes) {
    const size_t pieces[] = {1, 2, 3, 1000};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        bytes back = {NULL, 0};
        sps_gzip_info info;
        IS(decompress(format, compressed, pieces[i], &back, &info), error);
        ck_assert_int_eq(info.fault, fault);
        ck_assert_uint_eq(back.size, plain_bytes);
        ck_assert_uint_eq(info.plain_out, plain_bytes);
        for (size_t at = 0; at < back.size; at += sizeof text) {
            const size_t left = back.size - at;
            ck_assert(memcmp(back.data + at, text, left < sizeof text ? left : sizeof text) == 0);
        }
        free_bytes(&back);
    }
}

START_TEST(every_truncation_is_reported) {
    const format format = _i;
    bytes whole = compressed_text(format);
    for (size_t size = 0; size < whole.size; size++) {
        const bytes cut = {whole.data, size};
        bytes back = {NULL, 0};
        sps_gzip_info info;
        IS(decompress(format, &cut, 5, &back, &info), SPS_ERR_FILE_CANT_READ);
        ck_assert_int_eq(info.fault, SPS_GZIP_FAULT_TRUNCATED);
        ck_assert_uint_eq(info.is_complete, 0);
        ck_assert(back.size == 0 || memcmp(back.data, text, back.size) == 0);
        free_bytes(&back);
    }
    expect(format, &whole, SPS_OK, SPS_GZIP_FAULT_NONE, sizeof text);
    free_bytes(&whole);
}
END_TEST

// Only bits without a meaning for the data are free. In the header of gzip these are the time, a
// flag, the level and the system. Padding is before the checksum. zstd has an unused bit.
enum { FREE_BITS = 6 * 8 + 1 + 7 };

START_TEST(every_flipped_bit_is_reported) {
    const format format = _i;
    bytes whole = compressed_text(format);
    size_t unreported = 0;
    for (size_t bit = 0; bit < whole.size * 8; bit++) {
        bytes back = {NULL, 0};
        sps_gzip_info info;
        whole.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        const sps_error error = decompress(format, &whole, 7, &back, &info);
        whole.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        if (error == SPS_OK) {
            unreported++;
            ck_assert(back.size == sizeof text && memcmp(back.data, text, sizeof text) == 0);
        }
        free_bytes(&back);
    }
    ck_assert_uint_le(unreported, FREE_BITS);
    free_bytes(&whole);
}
END_TEST

START_TEST(other_bytes_are_not_recognized) {
    bytes wrong = {NULL, 0};
    append(&wrong, text, sizeof text);
    for (format format = GZIP; format < FORMATS; format++) {
        expect(format, &wrong, SPS_ERR_FILE_UNRECOGNIZED, SPS_GZIP_FAULT_UNRECOGNIZED, 0);
        bytes other = compressed_text(format == GZIP ? ZLIB : GZIP);
        expect(format, &other, SPS_ERR_FILE_UNRECOGNIZED, SPS_GZIP_FAULT_UNRECOGNIZED, 0);
        free_bytes(&other);
    }
    free_bytes(&wrong);
}
END_TEST

START_TEST(a_preset_dictionary_is_not_recognized) {
    const uint8_t with_dictionary[] = {0x78, 0xbb, 1, 2, 3, 4, 0, 0};
    const bytes input = {(uint8_t *)with_dictionary, sizeof with_dictionary};
    expect(ZLIB, &input, SPS_ERR_FILE_UNRECOGNIZED, SPS_GZIP_FAULT_UNRECOGNIZED, 0);
}
END_TEST

START_TEST(a_wrong_checksum_is_corrupt_after_the_bytes) {
    for (format format = GZIP; format < FORMATS; format++) {
        bytes whole = compressed_text(format);
        whole.data[whole.size - (format == GZIP ? 8 : 1)] ^= 1;
        expect(format, &whole, SPS_ERR_FILE_CORRUPT, SPS_GZIP_FAULT_CORRUPT, sizeof text);
        free_bytes(&whole);
    }
}
END_TEST

// ---- What follows a member

START_TEST(members_in_a_row_are_one) {
    bytes both = compressed_text(GZIP), one = compressed_text(GZIP);
    for (size_t count = 2; count < 5; count++) {
        append(&both, one.data, one.size);
        expect(GZIP, &both, SPS_OK, SPS_GZIP_FAULT_NONE, count * sizeof text);
    }
    both.size -= 1;
    expect(GZIP, &both, SPS_ERR_FILE_CANT_READ, SPS_GZIP_FAULT_TRUNCATED, 4 * sizeof text);
    both.size -= one.size - 3; // magic and the method of the last one
    expect(GZIP, &both, SPS_ERR_FILE_CANT_READ, SPS_GZIP_FAULT_TRUNCATED, 3 * sizeof text);
    free_bytes(&both);
    free_bytes(&one);
}
END_TEST

START_TEST(zeros_behind_the_last_member_are_padding) {
    bytes padded = compressed_text(GZIP);
    for (size_t i = 0; i < 600; i++) {
        append(&padded, "", 1);
    }
    expect(GZIP, &padded, SPS_OK, SPS_GZIP_FAULT_NONE, sizeof text);
    append(&padded, "\x1f", 1);
    expect(GZIP, &padded, SPS_ERR_PARSE_ERROR, SPS_GZIP_FAULT_TRAILING, sizeof text);
    free_bytes(&padded);
}
END_TEST

START_TEST(a_member_behind_padding_is_trailing_data) {
    bytes padded = compressed_text(GZIP), one = compressed_text(GZIP);
    append(&padded, "\0", 2);
    append(&padded, one.data, one.size);
    expect(GZIP, &padded, SPS_ERR_PARSE_ERROR, SPS_GZIP_FAULT_TRAILING, sizeof text);
    free_bytes(&padded);
    free_bytes(&one);
}
END_TEST

START_TEST(a_damaged_second_member_is_corrupt) {
    bytes both = compressed_text(GZIP);
    append(&both, "\x1f\x8b\x07\x00", 4); // an unknown method
    expect(GZIP, &both, SPS_ERR_FILE_CORRUPT, SPS_GZIP_FAULT_CORRUPT, sizeof text);
    free_bytes(&both);
}
END_TEST

START_TEST(trailing_data_is_reported_after_all_bytes) {
    static const char *const tails[] = {"x",        "\x1f",     "\x1fx",        "xx",
                                        "\x8b\x1f", "\x28\xb5", "\x28\xb5\x2f", "\x5a\x2a\x4d",
                                        "\x28\xb5x"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        for (format format = GZIP; format < FORMATS; format++) {
            bytes longer = compressed_text(format);
            const size_t size = longer.size;
            append(&longer, tails[i], strlen(tails[i]));
            expect(format, &longer, SPS_ERR_PARSE_ERROR, SPS_GZIP_FAULT_TRAILING, sizeof text);
            bytes back = {NULL, 0};
            sps_gzip_info info;
            decompress(format, &longer, 1000, &back, &info);
            ck_assert_uint_eq(info.compressed_in, size);
            ck_assert_uint_eq(info.is_complete, 1);
            free_bytes(&back);
            free_bytes(&longer);
        }
    }
}
END_TEST

START_TEST(a_put_with_trailing_data_says_where_it_begins) {
    bytes longer = compressed_text(GZIP);
    const size_t size = longer.size;
    append(&longer, "rest", 4);
    sps_stream *stream = start_decompressing(GZIP, 1000, NULL);
    size_t sent;
    IS(sps_stream_put_data(stream, longer.data, longer.size, &sent), SPS_ERR_PARSE_ERROR);
    ck_assert_uint_eq(sent, size);
    IS(sps_stream_put_data(stream, longer.data, longer.size, &sent), SPS_ERR_PARSE_ERROR);
    ck_assert_uint_eq(sent, 0);
    uint8_t back[sizeof text];
    OK(sps_stream_get_data(stream, back, sizeof back, NULL));
    sps_stream_destroy(stream);
    free_bytes(&longer);
}
END_TEST

START_TEST(a_single_member_ends_the_data) {
    const sps_gzip_options options = {.struct_size = sizeof options, .single_member = 1};
    bytes both = compressed_text(GZIP), one = compressed_text(GZIP);
    const size_t size = both.size;
    append(&both, one.data, one.size);
    sps_stream *stream = start_decompressing(GZIP, 1000, &options);
    size_t sent;
    IS(sps_stream_put_data(stream, both.data, both.size, &sent), SPS_ERR_PARSE_ERROR);
    ck_assert_uint_eq(sent, size);
    sps_stream_destroy(stream);
    free_bytes(&both);
    free_bytes(&one);
}
END_TEST

START_TEST(a_fault_that_waits_is_reported_after_all_bytes) {
    bytes plain = make_text(50000), back = {NULL, 0};
    bytes longer = compress_without_us(GZIP, plain.data, plain.size);
    append(&longer, "x", 1);
    sps_stream *stream = start_decompressing(GZIP, SMALL_BUFFER, NULL);
    OK(sps_stream_put_data(stream, longer.data, longer.size, NULL));
    IS(drain_into(stream, &back, 10), SPS_ERR_PARSE_ERROR);
    ck_assert(is_same(&plain, &back));
    IS(sps_stream_put_u8(stream, 0), SPS_ERR_PARSE_ERROR);
    OK(sps_gzip_clear(stream)); // ends it
    OK(sps_gzip_start_decompression(stream, false, 10));
    ck_assert_int_eq(info_of(stream).fault, SPS_GZIP_FAULT_NONE);
    sps_stream_destroy(stream);
    free_bytes(&plain);
    free_bytes(&back);
    free_bytes(&longer);
}
END_TEST

START_TEST(faults_have_names) {
    for (sps_gzip_fault fault = SPS_GZIP_FAULT_NONE; fault <= SPS_GZIP_FAULT_WINDOW; fault++) {
        ck_assert_uint_gt(strlen(sps_gzip_fault_name(fault)), 0);
        ck_assert_str_ne(sps_gzip_fault_name(fault), sps_gzip_fault_name(-1));
    }
    ck_assert_str_eq(sps_gzip_fault_name(-1), sps_gzip_fault_name(SPS_GZIP_FAULT_WINDOW + 1));
}
END_TEST

Suite *gzip_faults_suite(void) {
    Suite *suite = suite_create("gzip_faults");
    TCase *damage = add_case(suite, "damage");
    tcase_add_loop_test(damage, every_truncation_is_reported, 0, FORMATS);
    tcase_add_loop_test(damage, every_flipped_bit_is_reported, 0, FORMATS);
    tcase_add_test(damage, other_bytes_are_not_recognized);
    tcase_add_test(damage, a_preset_dictionary_is_not_recognized);
    tcase_add_test(damage, a_wrong_checksum_is_corrupt_after_the_bytes);
    TCase *tail = add_case(suite, "tail");
    tcase_add_test(tail, members_in_a_row_are_one);
    tcase_add_test(tail, zeros_behind_the_last_member_are_padding);
    tcase_add_test(tail, a_member_behind_padding_is_trailing_data);
    tcase_add_test(tail, a_damaged_second_member_is_corrupt);
    tcase_add_test(tail, trailing_data_is_reported_after_all_bytes);
    tcase_add_test(tail, a_put_with_trailing_data_says_where_it_begins);
    tcase_add_test(tail, a_single_member_ends_the_data);
    tcase_add_test(tail, a_fault_that_waits_is_reported_after_all_bytes);
    tcase_add_test(tail, faults_have_names);
    return suite;
}
