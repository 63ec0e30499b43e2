// SPDX-License-Identifier: MIT
//
// Filters over TCP, memory and other filters: both directions, flush points, the end.
#include <string.h>

#include "support/counting_allocator.h"
#include "support/data.h"

// Two ends of a TCP connection, each with a filter.
typedef struct line {
    pair pair;
    sps_stream *client, *peer;
} line;

static sps_stream *make_filter(sps_stream *base, format format, const sps_gzip_options *options) {
    const sps_gzip_options chosen = options_for(format, options);
    sps_stream *filter;
    OK(sps_gzip_filter_create(&chosen, &filter));
    OK(sps_gzip_connect_to_stream(filter, base, format == ZLIB, SPS_GZIP_BUFFER_SIZE));
    return filter;
}

static line open_line_with(format format, const sps_gzip_options *options) {
    line line = {.pair = connect_pair(TCP)};
    OK(sps_tcp_set_no_delay(line.pair.client, true)); // a put may follow a put
    OK(sps_tcp_set_no_delay(line.pair.peer, true));
    line.client = make_filter(line.pair.client, format, options);
    line.peer = make_filter(line.pair.peer, format, options);
    return line;
}

static line open_line(void) {
    return open_line_with(GZIP, NULL);
}

static void close_line(line *line) {
    sps_stream_destroy(line->client);
    sps_stream_destroy(line->peer);
    close_pair(&line->pair);
}

// The peer's end of the connection ends, after what its filter has sent.
static void end_peer(line *line) {
    sps_stream_destroy(line->peer);
    line->peer = NULL;
    drop_peer(&line->pair);
}

static void expect_text(sps_stream *stream, const char *expected) {
    const char *text;
    size_t size;
    OK(sps_stream_get_utf8_string(stream, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert(size == strlen(expected) && memcmp(text, expected, size) == 0);
}

static void put_text(sps_stream *stream, const char *text) {
    OK(sps_stream_put_utf8_string(stream, text, strlen(text)));
}

// ---- Both directions

START_TEST(every_put_can_be_read_at_once) {
    line line = open_line_with(_i, NULL);
    for (int i = 0; i < 200; i++) {
        char question[32], answer[32];
        snprintf(question, sizeof question, "question %d", i);
        snprintf(answer, sizeof answer, "answer %d", i);
        put_text(line.client, question);
        expect_text(line.peer, question);
        put_text(line.peer, answer);
        expect_text(line.client, answer);
    }
    const sps_gzip_info info = info_of(line.client);
    ck_assert_uint_gt(info.plain_in, 200 * 12);
    ck_assert_uint_eq(info.waiting_bytes, 0);
    close_line(&line);
}
END_TEST

START_TEST(a_filter_over_a_filter) {
    line line = open_line();
    sps_stream *client = make_filter(line.client, ZLIB, NULL);
    sps_stream *peer = make_filter(line.peer, ZLIB, NULL);
    for (int i = 0; i < 20; i++) {
        put_text(client, "down");
        expect_text(peer, "down");
        put_text(peer, "up");
        expect_text(client, "up");
    }
    sps_stream_destroy(client);
    sps_stream_destroy(peer);
    close_line(&line);
}
END_TEST

typedef struct bulk {
    bytes plain;
    uint8_t *back;
    size_t sent, received;
} bulk;

// Sends as much as the base takes, and gets what has come. True if all has come.
static bool move_bulk(line *line, bulk *bulk) {
    size_t count;
    if (bulk->sent < bulk->plain.size) {
        OK(sps_stream_put_partial_data(line->client, bulk->plain.data + bulk->sent,
                                       bulk->plain.size - bulk->sent, &count));
        bulk->sent += count;
    } else {
        const sps_error flushed = sps_gzip_flush(line->client);
        ck_assert(flushed == SPS_OK || flushed == SPS_ERR_BUSY);
    }
    OK(sps_stream_get_partial_data(line->peer, bulk->back + bulk->received,
                                   bulk->plain.size - bulk->received, &count));
    bulk->received += count;
    return bulk->received == bulk->plain.size;
}

START_TEST(large_data_goes_through) {
    line line = open_line_with(_i, NULL);
    bulk bulk = {.plain = make_noise(3000000)};
    bytes text = make_text(3000000);
    append(&bulk.plain, text.data, text.size);
    bulk.back = malloc(bulk.plain.size);
    WAIT_UNTIL(move_bulk(&line, &bulk));
    ck_assert(memcmp(bulk.plain.data, bulk.back, bulk.plain.size) == 0);
    free(bulk.back);
    free_bytes(&bulk.plain);
    free_bytes(&text);
    close_line(&line);
}
END_TEST

// ---- Flush points

START_TEST(with_manual_flush_bytes_leave_at_a_flush) {
    const sps_gzip_options options = {.struct_size = sizeof options, .manual_flush = 1};
    line line = open_line_with(GZIP, &options);
    uint32_t value;
    OK(sps_stream_put_u32(line.client, 1));
    OK(sps_stream_put_u32(line.client, 2));
    ck_assert_uint_eq(info_of(line.client).plain_in, 8);
    IS(sps_stream_try_get_u32(line.peer, &value), SPS_ERR_BUSY);
    OK(sps_gzip_flush(line.client));
    expect_u32(line.peer, 1);
    expect_u32(line.peer, 2);
    close_line(&line);
}
END_TEST

START_TEST(bytes_leave_before_a_get_waits) {
    const sps_gzip_options options = {.struct_size = sizeof options, .manual_flush = 1};
    line line = open_line_with(GZIP, &options);
    OK(sps_socket_set_io_timeout(line.pair.client, 20));
    uint32_t value;
    OK(sps_stream_put_u32(line.client, 5));
    IS(sps_stream_get_u32(line.client, &value), SPS_ERR_TIMEOUT);
    expect_u32(line.peer, 5);
    OK(sps_stream_put_u32(line.peer, 6));
    OK(sps_gzip_flush(line.peer));
    OK(sps_socket_set_io_timeout(line.pair.client, 0));
    OK(sps_stream_get_u32(line.client, &value)); // the timeout has lost nothing
    ck_assert_uint_eq(value, 6);
    close_line(&line);
}
END_TEST

// The peer answers only once it has the question, so a get must not wait while a codec holds it.
START_TEST(batched_bytes_leave_before_a_get_waits) {
    const sps_gzip_options options = {.struct_size = sizeof options, .manual_flush = 1};
    line line = open_line_with(GZIP, &options);
    OK(sps_socket_set_io_timeout(line.pair.peer, 5000)); // a failure does not hang
    OK(sps_socket_set_io_timeout(line.pair.client, 20));
    OK(sps_stream_set_write_batching(line.client, true));
    uint32_t value;
    for (uint32_t i = 0; i < 3; i++) {
        OK(sps_stream_put_u32(line.client, 5));
        OK(sps_stream_put_u32(line.client, 6));
        IS(sps_stream_get_u32(line.client, &value), SPS_ERR_TIMEOUT);
        expect_u32(line.peer, 5);
        expect_u32(line.peer, 6);
    }
    close_line(&line);
}
END_TEST

static uint64_t bytes_for_batches(bool is_read) {
    const sps_gzip_options options = {.struct_size = sizeof options, .manual_flush = 1};
    line line = open_line_with(GZIP, &options);
    OK(sps_stream_set_write_batching(line.client, true));
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t value;
        OK(sps_stream_put_u32(line.client, i % 7));
        if (is_read && i % 100 == 0) {
            IS(sps_stream_try_get_u32(line.client, &value), SPS_ERR_BUSY);
        }
        OK(sps_stream_flush(line.client));
    }
    OK(sps_gzip_flush(line.client));
    const uint64_t bytes = info_of(line.client).compressed_out;
    close_line(&line);
    return bytes;
}

START_TEST(an_empty_get_costs_one_flush_point_at_most) {
    ck_assert_uint_le(bytes_for_batches(true), bytes_for_batches(false) + 10 * 40);
}
END_TEST

START_TEST(bytes_leave_through_two_filters_before_a_get_waits) {
    const sps_gzip_options manual = {.struct_size = sizeof manual, .manual_flush = 1};
    line line = open_line_with(GZIP, &manual);
    OK(sps_socket_set_io_timeout(line.pair.peer, 5000)); // a failure does not hang
    OK(sps_socket_set_io_timeout(line.pair.client, 20));
    sps_stream *client = make_filter(line.client, ZLIB, _i % 2 == 0 ? &manual : NULL);
    sps_stream *peer = make_filter(line.peer, ZLIB, NULL);
    OK(sps_stream_set_write_batching(client, _i / 2 == 0));
    OK(sps_stream_put_u32(client, 5));
    uint32_t value;
    IS(sps_stream_get_u32(client, &value), SPS_ERR_TIMEOUT);
    expect_u32(peer, 5);
    OK(sps_stream_put_u32(client, 6));
    OK(sps_gzip_flush(client));
    expect_u32(peer, 6);
    sps_stream_destroy(client);
    sps_stream_destroy(peer);
    close_line(&line);
}
END_TEST

// A string is a length and a text for the core, and one put for the filter.
START_TEST(a_string_costs_one_flush_point) {
    line line = open_line_with(_i, NULL);
    for (int i = 0; i < 100; i++) {
        const uint64_t before = info_of(line.client).compressed_out;
        put_text(line.client, "the same text");
        const uint64_t bytes = info_of(line.client).compressed_out - before;
        ck_assert_uint_le(bytes, i == 0 ? 60 : 17); // a match and a marker
    }
    close_line(&line);
}
END_TEST

static uint64_t bytes_for(bool batched) {
    line line = open_line();
    OK(sps_stream_set_write_batching(line.client, batched));
    for (uint32_t i = 0; i < 1000; i++) {
        OK(sps_stream_put_u32(line.client, i % 7));
    }
    OK(sps_gzip_flush(line.client));
    for (uint32_t i = 0; i < 1000; i++) {
        expect_u32(line.peer, i % 7);
    }
    const uint64_t bytes = info_of(line.client).compressed_out;
    close_line(&line);
    return bytes;
}

START_TEST(batched_writes_compress_as_one) {
    ck_assert_uint_lt(bytes_for(true) * 50, bytes_for(false));
}
END_TEST

// ---- The end

START_TEST(an_orderly_end_comes_after_all_bytes) {
    line line = open_line_with(_i, NULL);
    put_text(line.peer, "bye");
    OK(sps_gzip_finish(line.peer));
    OK(sps_gzip_finish(line.peer));
    IS(sps_stream_put_u8(line.peer, 1), SPS_FAILED);
    IS(sps_gzip_flush(line.peer), SPS_FAILED);
    end_peer(&line);
    expect_text(line.client, "bye");
    uint8_t byte;
    IS(sps_stream_get_u8(line.client, &byte), SPS_ERR_FILE_EOF);
    IS(sps_stream_get_u8(line.client, &byte), SPS_FAILED);
    const sps_gzip_info info = info_of(line.client);
    ck_assert(info.fault == SPS_GZIP_FAULT_NONE && info.is_complete && info.members == 1);
    close_line(&line);
}
END_TEST

START_TEST(an_end_of_nothing_is_an_empty_member) {
    line line = open_line_with(_i, NULL);
    OK(sps_gzip_finish(line.peer));
    end_peer(&line);
    uint8_t byte;
    IS(sps_stream_get_u8(line.client, &byte), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(info_of(line.client).members, 1);
    close_line(&line);
}
END_TEST

// A count may meet the end of the data before a get does.
START_TEST(this_side_can_finish_after_the_end_was_counted) {
    line line = open_line_with(_i, NULL);
    OK(sps_gzip_finish(line.peer));
    OK(sps_socket_shutdown_write(line.pair.peer));
    size_t available;
    WAIT_UNTIL(sps_stream_get_available_bytes(line.client, &available) == SPS_OK &&
               info_of(line.client).is_complete);
    ck_assert_uint_eq(available, 0);
    OK(sps_gzip_finish(line.client));
    OK(sps_socket_shutdown_write(line.pair.client));
    uint8_t byte;
    IS(sps_stream_get_u8(line.peer, &byte), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(info_of(line.peer).members, 1);
    close_line(&line);
}
END_TEST

// So may a poll.
START_TEST(this_side_can_finish_after_a_poll_met_the_end) {
    line line = open_line_with(_i, NULL);
    put_text(line.peer, "bye");
    OK(sps_gzip_finish(line.peer));
    OK(sps_socket_shutdown_write(line.pair.peer));
    WAIT_UNTIL(sps_socket_poll(line.client) == SPS_OK && info_of(line.client).is_complete);
    OK(sps_socket_poll(line.client));
    OK(sps_gzip_finish(line.client));
    OK(sps_socket_shutdown_write(line.pair.client));
    expect_text(line.client, "bye");
    uint8_t byte;
    IS(sps_stream_get_u8(line.peer, &byte), SPS_ERR_FILE_EOF);
    ck_assert_uint_eq(info_of(line.peer).members, 1);
    close_line(&line);
}
END_TEST

START_TEST(a_truncated_end_is_a_fault) {
    line line = open_line_with(_i, NULL);
    put_text(line.peer, "not the end");
    end_peer(&line);
    expect_text(line.client, "not the end");
    uint8_t byte;
    size_t count;
    IS(sps_stream_get_u8(line.client, &byte), SPS_ERR_FILE_CANT_READ);
    IS(sps_stream_get_partial_data(line.client, &byte, 1, &count), SPS_ERR_FILE_CANT_READ);
    ck_assert_int_eq(status_of(line.client), SPS_STATUS_CONNECTED);
    IS(sps_socket_poll(line.client), SPS_FAILED);
    ck_assert_int_eq(status_of(line.client), SPS_STATUS_ERROR);
    expect_reason(line.client, SPS_CLOSE_TRUNCATED);
    const char *message;
    OK(sps_socket_get_close_message(line.client, &message));
    ck_assert_str_eq(message, "truncated");
    ck_assert_int_eq(info_of(line.client).fault, SPS_GZIP_FAULT_TRUNCATED);
    close_line(&line);
}
END_TEST

START_TEST(an_end_without_a_byte_is_truncated) {
    line line = open_line_with(_i, NULL);
    end_peer(&line);
    uint8_t byte;
    IS(sps_stream_get_u8(line.client, &byte), SPS_ERR_FILE_CANT_READ);
    close_line(&line);
}
END_TEST

START_TEST(after_the_end_of_the_peer_this_side_ends_in_order) {
    const sps_stream_options options = {.struct_size = sizeof options, .half_open = (uint32_t)_i};
    pair pair = connect_pair_with(TCP, &options);
    sps_stream *client = make_filter(pair.client, GZIP, NULL);
    sps_stream *peer = make_filter(pair.peer, GZIP, NULL);
    OK(sps_gzip_finish(peer));
    OK(sps_socket_shutdown_write(pair.peer));
    put_text(client, "answer");
    uint8_t byte;
    IS(sps_stream_get_u8(client, &byte), SPS_ERR_FILE_EOF);
    OK(sps_socket_shutdown_write(pair.client));
    expect_text(peer, "answer");
    IS(sps_stream_get_u8(peer, &byte), SPS_ERR_FILE_EOF);
    expect_reason(peer, SPS_CLOSE_PEER_FINISHED);
    sps_stream_destroy(client);
    sps_stream_destroy(peer);
    close_pair(&pair);
}
END_TEST

START_TEST(a_reset_base_fails) {
    line line = open_line();
    put_text(line.client, "x");
    expect_text(line.peer, "x");
    OK(sps_tcp_close_reset(line.pair.peer));
    uint8_t byte;
    IS(sps_stream_get_u8(line.client, &byte), SPS_FAILED);
    IS(sps_stream_put_u8(line.client, 1), SPS_FAILED);
    close_line(&line);
}
END_TEST

START_TEST(trailing_data_stays_in_the_base) {
    line line = open_line_with(_i, NULL);
    put_text(line.peer, "compressed");
    OK(sps_gzip_finish(line.peer));
    put_text(line.pair.peer, "plain");
    expect_text(line.client, "compressed");
    uint8_t byte;
    WAIT_UNTIL(sps_stream_try_get_u8(line.client, &byte) != SPS_ERR_BUSY);
    IS(sps_stream_get_u8(line.client, &byte), SPS_ERR_PARSE_ERROR);
    expect_text(line.pair.client, "plain");
    close_line(&line);
}
END_TEST

START_TEST(a_single_member_ends_the_filter_and_not_the_base) {
    const sps_gzip_options options = {.struct_size = sizeof options, .single_member = 1};
    line line = open_line_with(_i, &options);
    put_text(line.peer, "compressed");
    OK(sps_gzip_finish(line.peer));
    put_text(line.pair.peer, "plain");
    expect_text(line.client, "compressed");
    uint8_t byte;
    IS(sps_stream_get_u8(line.client, &byte), SPS_ERR_FILE_EOF);
    expect_text(line.pair.client, "plain");
    close_line(&line);
}
END_TEST

START_TEST(counted_bytes_survive_a_poll_with_a_fault) {
    bytes compressed = compress_without_us(GZIP, (const uint8_t *)"xy", 2);
    append(&compressed, "rest", 4);
    sps_stream *memory;
    OK(sps_buffer_create(NULL, &memory));
    OK(sps_buffer_set_data_array(memory, compressed.data, compressed.size));
    sps_stream *filter = make_filter(memory, GZIP, NULL);
    size_t available;
    OK(sps_stream_get_available_bytes(filter, &available));
    ck_assert_uint_eq(available, 2);
    OK(sps_socket_poll(filter));
    expect_u8(filter, 'x');
    expect_u8(filter, 'y');
    IS(sps_socket_poll(filter), SPS_FAILED);
    expect_reason(filter, SPS_CLOSE_PROTOCOL);
    sps_stream_destroy(filter);
    sps_stream_destroy(memory);
    free_bytes(&compressed);
}
END_TEST

START_TEST(a_filter_that_only_reads_writes_nothing) {
    const sps_gzip_options options = {.struct_size = sizeof options, .single_member = 1};
    bytes compressed = compress_without_us(GZIP, (const uint8_t *)"x", 1);
    sps_stream *memory;
    OK(sps_buffer_create(NULL, &memory));
    OK(sps_buffer_set_data_array(memory, compressed.data, compressed.size));
    sps_stream *filter = make_filter(memory, GZIP, &options);
    expect_u8(filter, 'x');
    uint8_t byte;
    IS(sps_stream_get_u8(filter, &byte), SPS_ERR_FILE_EOF);
    sps_stream_destroy(filter);
    size_t size;
    OK(sps_buffer_get_size(memory, &size));
    ck_assert_uint_eq(size, compressed.size);
    sps_stream_destroy(memory);
    free_bytes(&compressed);
}
END_TEST

// ---- Memory as the base

START_TEST(a_filter_writes_to_memory_and_reads_from_it) {
    sps_stream *memory;
    bytes plain = make_text(200000), back = {NULL, 0};
    OK(sps_buffer_create(NULL, &memory));
    sps_stream *filter = make_filter(memory, _i, NULL);
    OK(sps_stream_put_data(filter, plain.data, plain.size, NULL));
    OK(sps_gzip_finish(filter));
    sps_stream_destroy(filter);
    OK(sps_buffer_seek(memory, 0));
    filter = make_filter(memory, _i, NULL);
    size_t available;
    OK(sps_stream_get_available_bytes(filter, &available));
    ck_assert_uint_eq(available, SPS_GZIP_BUFFER_SIZE);
    OK(drain_into(filter, &back, 10007));
    ck_assert(is_same(&plain, &back));
    ck_assert_uint_eq(info_of(filter).is_complete, 1);
    uint8_t byte;
    IS(sps_stream_get_u8(filter, &byte), SPS_ERR_BUSY); // nothing could end a wait
    sps_stream_destroy(filter);
    sps_stream_destroy(memory);
    free_bytes(&plain);
    free_bytes(&back);
}
END_TEST

// ---- Connecting

START_TEST(without_a_base_nothing_works) {
    sps_stream *filter, *base = (sps_stream *)&filter;
    OK(sps_gzip_filter_create(NULL, &filter));
    uint8_t byte;
    size_t count = 1;
    IS(sps_stream_put_u8(filter, 1), SPS_FAILED);
    IS(sps_stream_get_u8(filter, &byte), SPS_FAILED);
    IS(sps_stream_get_available_bytes(filter, &count), SPS_FAILED);
    ck_assert_int_eq(status_of(filter), SPS_STATUS_NONE);
    IS(sps_gzip_flush(filter), SPS_ERR_UNAVAILABLE);
    IS(sps_gzip_finish(filter), SPS_ERR_UNAVAILABLE);
    OK(sps_gzip_get_stream(filter, &base));
    ck_assert_ptr_null(base);
    IS(sps_gzip_connect_to_stream(filter, filter, false, 1), SPS_ERR_INVALID_PARAMETER);
    OK(sps_gzip_disconnect_from_stream(filter));
    sps_stream_destroy(filter);
}
END_TEST

START_TEST(a_filter_connects_to_one_base_at_a_time) {
    sps_stream *one, *two, *base;
    OK(sps_buffer_create(NULL, &one));
    OK(sps_buffer_create(NULL, &two));
    sps_stream *filter = make_filter(one, GZIP, NULL);
    IS(sps_gzip_connect_to_stream(filter, two, false, 1), SPS_ERR_ALREADY_IN_USE);
    IS(sps_gzip_connect_to_stream(filter, two, false, 0), SPS_ERR_INVALID_PARAMETER);
    OK(sps_gzip_get_stream(filter, &base));
    ck_assert_ptr_eq(base, one);
    put_text(filter, "one");
    OK(sps_gzip_finish(filter));
    OK(sps_gzip_disconnect_from_stream(filter));
    IS(sps_stream_put_u8(filter, 1), SPS_FAILED);
    OK(sps_gzip_connect_to_stream(filter, two, false, 100));
    put_text(filter, "two");
    OK(sps_gzip_finish(filter));
    OK(sps_gzip_disconnect_from_stream(filter));
    OK(sps_buffer_seek(one, 0));
    OK(sps_buffer_seek(two, 0));
    OK(sps_gzip_connect_to_stream(filter, two, false, 100));
    expect_text(filter, "two");
    OK(sps_gzip_disconnect_from_stream(filter));
    OK(sps_gzip_connect_to_stream(filter, one, false, 100));
    expect_text(filter, "one");
    sps_stream_destroy(filter);
    sps_stream_destroy(one);
    sps_stream_destroy(two);
}
END_TEST

START_TEST(each_direction_takes_memory_at_its_first_byte) {
    account account = {0};
    const sps_allocator allocator = {sizeof allocator, account_for, &account};
    const sps_stream_options stream_options = {.struct_size = sizeof stream_options,
                                               .allocator = &allocator};
    const sps_gzip_options options = {.struct_size = sizeof options, .stream = &stream_options};
    sps_stream *memory;
    OK(sps_buffer_create(NULL, &memory));
    sps_stream *filter = make_filter(memory, GZIP, &options);
    uint8_t byte, large[65536];
    size_t count;
    OK(sps_stream_get_partial_data(filter, large, sizeof large, &count));
    ck_assert_uint_lt(account.bytes, 1500);
    OK(sps_stream_put_u8(filter, 1));
    ck_assert_uint_lt(account.bytes, 360 * 1024);
    OK(sps_gzip_disconnect_from_stream(filter));
    ck_assert_uint_lt(account.bytes, 1500);
    OK(sps_buffer_seek(memory, 0));
    OK(sps_gzip_connect_to_stream(filter, memory, false, 1000));
    OK(sps_stream_get_u8(filter, &byte));
    ck_assert_uint_lt(account.bytes, 60 * 1024);
    sps_stream_destroy(filter);
    ck_assert_uint_eq(account.bytes, 0);
    sps_stream_destroy(memory);
}
END_TEST

Suite *gzip_filter_suite(void) {
    Suite *suite = suite_create("gzip_filter");
    TCase *both = add_case(suite, "both_directions");
    tcase_add_loop_test(both, every_put_can_be_read_at_once, 0, FORMATS);
    tcase_add_test(both, a_filter_over_a_filter);
    tcase_add_loop_test(both, large_data_goes_through, 0, FORMATS);
    TCase *flush = add_case(suite, "flush");
    tcase_add_test(flush, with_manual_flush_bytes_leave_at_a_flush);
    tcase_add_test(flush, bytes_leave_before_a_get_waits);
    tcase_add_test(flush, batched_bytes_leave_before_a_get_waits);
    tcase_add_test(flush, an_empty_get_costs_one_flush_point_at_most);
    tcase_add_loop_test(flush, bytes_leave_through_two_filters_before_a_get_waits, 0, 4);
    tcase_add_loop_test(flush, a_string_costs_one_flush_point, 0, FORMATS);
    tcase_add_test(flush, batched_writes_compress_as_one);
    TCase *end = add_case(suite, "end");
    tcase_add_loop_test(end, an_orderly_end_comes_after_all_bytes, 0, FORMATS);
    tcase_add_loop_test(end, an_end_of_nothing_is_an_empty_member, 0, FORMATS);
    tcase_add_loop_test(end, this_side_can_finish_after_the_end_was_counted, 0, FORMATS);
    tcase_add_loop_test(end, this_side_can_finish_after_a_poll_met_the_end, 0, FORMATS);
    tcase_add_loop_test(end, a_truncated_end_is_a_fault, 0, FORMATS);
    tcase_add_loop_test(end, an_end_without_a_byte_is_truncated, 0, FORMATS);
    tcase_add_loop_test(end, after_the_end_of_the_peer_this_side_ends_in_order, 0, 2);
    tcase_add_test(end, a_reset_base_fails);
    tcase_add_loop_test(end, trailing_data_stays_in_the_base, 0, FORMATS);
    tcase_add_loop_test(end, a_single_member_ends_the_filter_and_not_the_base, 0, FORMATS);
    tcase_add_test(end, counted_bytes_survive_a_poll_with_a_fault);
    tcase_add_test(end, a_filter_that_only_reads_writes_nothing);
    TCase *base = add_case(suite, "base");
    tcase_add_loop_test(base, a_filter_writes_to_memory_and_reads_from_it, 0, FORMATS);
    tcase_add_test(base, without_a_base_nothing_works);
    tcase_add_test(base, a_filter_connects_to_one_base_at_a_time);
    tcase_add_test(base, each_direction_takes_memory_at_its_first_byte);
    return suite;
}
