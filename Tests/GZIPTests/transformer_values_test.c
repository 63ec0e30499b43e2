// SPDX-License-Identifier: MIT
//
// Transformers as streams: values, lines, packets, batching, flush points, clear.
#include <string.h>

#include "support/counting_allocator.h"
#include "support/data.h"

// Moves all output of one transformer into another.
static void pass_on(sps_stream *from, sps_stream *to) {
    bytes moved = {NULL, 0};
    OK(drain_into(from, &moved, 100));
    OK(sps_stream_put_data(to, moved.data, moved.size, NULL));
    free_bytes(&moved);
}

START_TEST(values_lines_and_packets_go_through) {
    sps_stream *from = start_compressing(GZIP, 50, NULL);
    sps_stream *to = start_decompressing(GZIP, 50, NULL);
    sps_packet_peer *putter, *taker;
    OK(sps_packet_stream_create(NULL, &putter));
    OK(sps_packet_stream_create(NULL, &taker));
    OK(sps_packet_peer_set_stream(putter, from));
    OK(sps_packet_peer_set_stream(taker, to));
    OK(sps_stream_set_big_endian(from, true));
    OK(sps_stream_set_big_endian(to, true));
    OK(sps_stream_put_16(from, -5));
    OK(sps_stream_put_double(from, 0.25));
    OK(sps_stream_put_utf8_string(from, "hello", 5));
    OK(sps_stream_put_text(from, "a line\n", 7));
    OK(sps_packet_peer_put_packet(putter, "packet", 6));
    OK(sps_gzip_finish(from));
    pass_on(from, to);
    int16_t number;
    double real;
    const char *text;
    const uint8_t *packet;
    size_t size;
    OK(sps_stream_get_16(to, &number));
    OK(sps_stream_get_double(to, &real));
    ck_assert_int_eq(number, -5);
    ck_assert_double_eq(real, 0.25);
    OK(sps_stream_get_utf8_string(to, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert(size == 5 && memcmp(text, "hello", 5) == 0);
    OK(sps_stream_try_get_line(to, 100, &text, &size));
    ck_assert(size == 6 && memcmp(text, "a line", 6) == 0);
    OK(sps_packet_peer_get_packet(taker, &packet, &size));
    ck_assert(size == 6 && memcmp(packet, "packet", 6) == 0);
    sps_packet_peer_destroy(putter);
    sps_packet_peer_destroy(taker);
    sps_stream_destroy(from);
    sps_stream_destroy(to);
}
END_TEST

START_TEST(a_flush_point_makes_everything_readable) {
    for (size_t buffer_size = 1; buffer_size <= 1000; buffer_size += 333) {
        sps_stream *from = start_compressing(ZLIB, buffer_size, NULL);
        sps_stream *to = start_decompressing(ZLIB, 100, NULL);
        for (uint32_t i = 0; i < 20; i++) {
            uint32_t value;
            size_t available;
            OK(sps_stream_put_u32(from, i));
            OK(sps_gzip_flush(from));
            pass_on(from, to);
            OK(sps_stream_get_u32(to, &value));
            ck_assert_uint_eq(value, i);
            OK(sps_gzip_flush(from)); // nothing to flush costs nothing
            OK(sps_stream_get_available_bytes(from, &available));
            ck_assert_uint_eq(available, 0);
        }
        sps_stream_destroy(from);
        sps_stream_destroy(to);
    }
}
END_TEST

START_TEST(a_put_after_an_unfinished_flush_is_flushed_with_it) {
    sps_stream *from = start_compressing(GZIP, 3, NULL);
    sps_stream *to = start_decompressing(GZIP, 100, NULL);
    OK(sps_stream_put_u32(from, 1));
    OK(sps_gzip_flush(from)); // has room for three bytes
    OK(sps_stream_put_u32(from, 2));
    pass_on(from, to);
    uint32_t one, two;
    OK(sps_stream_get_u32(to, &one));
    OK(sps_stream_get_u32(to, &two));
    ck_assert(one == 1 && two == 2);
    sps_stream_destroy(from);
    sps_stream_destroy(to);
}
END_TEST

START_TEST(few_bytes_before_a_flush_point_bring_many) {
    enum { COUNT = 100000 };
    static uint8_t zeros[COUNT];
    bytes back = {NULL, 0};
    sps_stream *from = start_compressing(GZIP, 65535, NULL);
    sps_stream *to = start_decompressing(GZIP, 100, NULL);
    OK(sps_stream_put_data(from, zeros, COUNT, NULL));
    OK(sps_gzip_flush(from));
    pass_on(from, to);
    OK(drain_into(to, &back, 50)); // zlib consumes the last input before the last output
    ck_assert_uint_eq(info_of(to).waiting_bytes, 0);
    ck_assert(back.size == COUNT && memcmp(zeros, back.data, COUNT) == 0);
    free_bytes(&back);
    sps_stream_destroy(from);
    sps_stream_destroy(to);
}
END_TEST

START_TEST(batched_puts_are_accepted_at_the_end_whatever_waits) {
    const sps_gzip_options options = {.struct_size = sizeof options, .max_waiting_bytes = 10};
    bytes noise = make_noise(100000);
    sps_stream *from = start_compressing(GZIP, 10, &options);
    sps_stream *to = start_decompressing(GZIP, 10000, NULL);
    OK(sps_stream_put_data(from, noise.data, 99000, NULL));
    OK(sps_stream_set_write_batching(from, true));
    OK(sps_stream_put_data(from, noise.data + 99000, 1000, NULL));
    OK(sps_gzip_finish(from));
    pass_on(from, to);
    static uint8_t back[100000];
    OK(sps_stream_get_data(to, back, sizeof back, NULL));
    ck_assert(memcmp(back, noise.data, sizeof back) == 0);
    sps_stream_destroy(from);
    sps_stream_destroy(to);
    free_bytes(&noise);
}
END_TEST

START_TEST(clear_drops_batched_puts_that_nobody_takes) {
    sps_stream *stream;
    OK(sps_gzip_create(NULL, &stream));
    OK(sps_stream_set_write_batching(stream, true));
    OK(sps_stream_put_u32(stream, 7)); // it has not started
    OK(sps_gzip_clear(stream));
    size_t count;
    OK(sps_stream_get_pending_write_bytes(stream, &count));
    ck_assert_uint_eq(count, 0);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(batched_puts_come_before_a_flush_point_and_the_end) {
    sps_stream *from = start_compressing(GZIP, 10, NULL);
    sps_stream *to = start_decompressing(GZIP, 100, NULL);
    OK(sps_stream_set_write_batching(from, true));
    OK(sps_stream_put_u32(from, 1));
    ck_assert_uint_eq(info_of(from).plain_in, 0);
    OK(sps_gzip_flush(from));
    OK(sps_stream_put_u64(from, 2));
    OK(sps_gzip_finish(from));
    pass_on(from, to);
    uint32_t one;
    uint64_t two;
    OK(sps_stream_get_u32(to, &one));
    OK(sps_stream_get_u64(to, &two));
    ck_assert(one == 1 && two == 2);
    OK(sps_gzip_end_input(to));
    sps_stream_destroy(from);
    sps_stream_destroy(to);
}
END_TEST

START_TEST(batched_input_comes_before_its_end) {
    bytes compressed = compress_without_us(GZIP, (const uint8_t *)"abcd", 4);
    sps_stream *to = start_decompressing(GZIP, 100, NULL);
    OK(sps_stream_set_write_batching(to, true));
    OK(sps_stream_put_data(to, compressed.data, compressed.size, NULL));
    OK(sps_gzip_end_input(to));
    uint32_t value;
    OK(sps_stream_get_u32(to, &value));
    ck_assert_uint_eq(value, 0x64636261);
    sps_stream_destroy(to);
    free_bytes(&compressed);
}
END_TEST

START_TEST(clear_drops_everything) {
    const sps_stream_options reads_ahead = {.struct_size = sizeof reads_ahead,
                                            .read_buffer_bytes = 64};
    const sps_gzip_options options = {.struct_size = sizeof options, .stream = &reads_ahead};
    bytes plain = make_noise(10000);
    sps_stream *stream = start_compressing(GZIP, 1000, &options);
    OK(sps_stream_set_big_endian(stream, true));
    OK(sps_stream_put_data(stream, plain.data, plain.size, NULL));
    uint8_t byte;
    OK(sps_stream_get_u8(stream, &byte)); // reads ahead
    OK(sps_stream_set_write_batching(stream, true));
    OK(sps_stream_put_u32(stream, 7));
    OK(sps_gzip_clear(stream));
    size_t count;
    OK(sps_stream_get_available_bytes(stream, &count));
    ck_assert_uint_eq(count, 0);
    OK(sps_stream_get_pending_write_bytes(stream, &count));
    ck_assert_uint_eq(count, 0);
    const sps_gzip_info info = info_of(stream);
    ck_assert(info.plain_in == 0 && info.compressed_out == 0 && info.waiting_bytes == 0);
    bool is_big_endian;
    OK(sps_stream_is_big_endian(stream, &is_big_endian));
    ck_assert(is_big_endian);
    OK(sps_gzip_start_decompression(stream, true, 10));
    sps_stream_destroy(stream);
    free_bytes(&plain);
}
END_TEST

START_TEST(an_idle_transformer_holds_little) {
    account account = {0};
    const sps_allocator allocator = {sizeof allocator, account_for, &account};
    const sps_stream_options stream_options = {.struct_size = sizeof stream_options,
                                               .allocator = &allocator};
    const sps_gzip_options options = {.struct_size = sizeof options, .stream = &stream_options};
    sps_stream *stream;
    OK(sps_gzip_create(&options, &stream));
    const size_t idle = account.bytes;
    ck_assert_uint_lt(idle, 1500);
    OK(sps_gzip_start_compression(stream, false, 1000));
    ck_assert_uint_lt(account.bytes, 300 * 1024);
    OK(sps_gzip_clear(stream));
    ck_assert_uint_eq(account.bytes, idle);
    OK(sps_gzip_start_decompression(stream, false, 1000));
    ck_assert_uint_lt(account.bytes, 60 * 1024);
    sps_stream_destroy(stream);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

START_TEST(many_streams_are_told_apart) {
    enum { COUNT = 3000 };
    sps_stream **streams = malloc(COUNT * sizeof *streams);
    for (size_t i = 0; i < COUNT; i++) {
        OK(sps_gzip_create(NULL, &streams[i]));
    }
    for (size_t i = 0; i < COUNT; i += 3) {
        sps_stream_destroy(streams[i]);
    }
    for (size_t i = 1; i < COUNT; i += 3) {
        OK(sps_gzip_start_decompression(streams[i], false, i));
        IS(sps_gzip_start_decompression(streams[i], false, i), SPS_ERR_ALREADY_IN_USE);
    }
    for (size_t i = 0; i < COUNT; i++) {
        if (i % 3 != 0) {
            sps_stream_destroy(streams[i]);
        }
    }
    free(streams);
}
END_TEST

Suite *gzip_transformer_values_suite(void) {
    Suite *suite = suite_create("gzip_transformer_values");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, values_lines_and_packets_go_through);
    tcase_add_test(all, a_flush_point_makes_everything_readable);
    tcase_add_test(all, a_put_after_an_unfinished_flush_is_flushed_with_it);
    tcase_add_test(all, batched_puts_come_before_a_flush_point_and_the_end);
    tcase_add_test(all, few_bytes_before_a_flush_point_bring_many);
    tcase_add_test(all, batched_puts_are_accepted_at_the_end_whatever_waits);
    tcase_add_test(all, clear_drops_batched_puts_that_nobody_takes);
    tcase_add_test(all, batched_input_comes_before_its_end);
    tcase_add_test(all, clear_drops_everything);
    tcase_add_test(all, an_idle_transformer_holds_little);
    tcase_add_test(all, many_streams_are_told_apart);
    return suite;
}
