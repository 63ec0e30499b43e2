// SPDX-License-Identifier: MIT
//
// Filters over bases that take or give little, nothing, or an error.
#include <string.h>

#include "support/data.h"

enum { STORE_BYTES = 1 << 20 };

// A custom stream over memory. Each call moves at most one piece; every other call moves nothing.
typedef struct store {
    uint8_t *bytes;
    size_t read, written;
    size_t piece;
    bool stalls;        // every other call moves nothing
    bool is_odd;        // the call that moves nothing is the next one
    size_t room;        // more is not taken
    sps_error code;     // of all calls that would move nothing; OK: none
    sps_error put_code; // the same, of puts
    bool ends;
} store;

static size_t piece_of(store *store, size_t count) {
    store->is_odd = store->stalls && !store->is_odd;
    const size_t piece = count < store->piece ? count : store->piece;
    return store->is_odd ? 0 : piece;
}

static sps_error give(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    store *store = user_data;
    const size_t left = store->written - store->read;
    if (left == 0) {
        return store->ends ? SPS_ERR_FILE_EOF : store->code;
    }
    *out = piece_of(store, count < left ? count : left);
    memcpy(buffer, store->bytes + store->read, *out);
    store->read += *out;
    return SPS_OK;
}

static sps_error take(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    store *store = user_data;
    const size_t left = store->room - store->written;
    if (left == 0) {
        return store->put_code != SPS_OK ? store->put_code : store->code;
    }
    *out = piece_of(store, count < left ? count : left);
    memcpy(store->bytes + store->written, data, *out);
    store->written += *out;
    return SPS_OK;
}

static sps_stream *open_store(store *store, size_t piece, uint32_t read_buffer_bytes) {
    const sps_custom_operations operations = {
        .struct_size = sizeof operations, .get_partial_data = give, .put_partial_data = take};
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .read_buffer_bytes = read_buffer_bytes};
    *store = (struct store){.bytes = malloc(STORE_BYTES), .piece = piece, .room = STORE_BYTES};
    sps_stream *stream;
    OK(sps_custom_create(&operations, store, &options, &stream));
    return stream;
}

static sps_stream *make_filter_with(sps_stream *base, size_t buffer_size,
                                    const sps_gzip_options *options) {
    sps_stream *filter;
    OK(sps_gzip_filter_create(options, &filter));
    OK(sps_gzip_connect_to_stream(filter, base, false, buffer_size));
    return filter;
}

static sps_stream *make_filter(sps_stream *base, size_t buffer_size) {
    return make_filter_with(base, buffer_size, NULL);
}

// Puts everything with partial puts, then finishes.
static void put_all(sps_stream *filter, const bytes *plain) {
    size_t count;
    for (size_t at = 0; at < plain->size; at += count) {
        OK(sps_stream_put_partial_data(filter, plain->data + at, plain->size - at, &count));
    }
    sps_error error;
    do {
        error = sps_gzip_finish(filter);
    } while (error == SPS_ERR_BUSY);
    OK(error);
}

START_TEST(a_base_that_moves_little) {
    const size_t pieces[] = {1, 3, 1000};
    const size_t buffer_sizes[] = {1, 10, 65535};
    store store;
    sps_stream *base = open_store(&store, pieces[_i % 3], _i / 3 % 2 == 0 ? 0 : 100);
    const size_t buffer_size = buffer_sizes[_i / 6];
    store.stalls = true;
    bytes plain = make_text(30000), back = {NULL, 0};
    sps_stream *filter = make_filter(base, buffer_size);
    put_all(filter, &plain);
    ck_assert_uint_eq(store.written, info_of(filter).compressed_out);
    store.ends = true;
    size_t count, rounds = 0;
    uint8_t buffer[777];
    sps_error error;
    while ((error = sps_stream_get_partial_data(filter, buffer, sizeof buffer, &count)) == SPS_OK) {
        append(&back, buffer, count);
        ck_assert_uint_lt(rounds++, 1000000);
    }
    IS(error, SPS_ERR_FILE_EOF);
    ck_assert(is_same(&plain, &back));
    sps_stream_destroy(filter);
    sps_stream_destroy(base);
    free(store.bytes);
    free_bytes(&plain);
    free_bytes(&back);
}
END_TEST

START_TEST(a_full_base_stops_puts) {
    store store;
    sps_stream *base = open_store(&store, STORE_BYTES, 0);
    store.room = 5000;
    bytes plain = make_noise(100000);
    sps_stream *filter = make_filter(base, 1000);
    size_t sent, total = 0;
    do {
        OK(sps_stream_put_partial_data(filter, plain.data + total, plain.size - total, &sent));
        total += sent;
    } while (sent > 0);
    ck_assert_uint_ge(total, 5000);
    ck_assert_uint_lt(total, 5000 + 1000 + 200 * 1024); // zlib may hold some
    ck_assert_uint_eq(store.written, 5000);
    ck_assert_uint_le(info_of(filter).waiting_bytes, 1000);
    IS(sps_stream_put_u32(filter, 1), SPS_ERR_BUSY);
    IS(sps_gzip_flush(filter), SPS_ERR_BUSY);
    IS(sps_gzip_finish(filter), SPS_ERR_BUSY);
    store.room = STORE_BYTES;
    OK(sps_gzip_finish(filter));
    sps_stream *reader = start_decompressing(GZIP, 1000, NULL);
    bytes back = {NULL, 0};
    const bytes written = {store.bytes, store.written};
    OK(push_through(reader, &written, &back, 5000));
    OK(sps_gzip_end_input(reader));
    ck_assert_uint_eq(back.size, total);
    ck_assert(memcmp(back.data, plain.data, total) == 0);
    sps_stream_destroy(reader);
    sps_stream_destroy(filter);
    sps_stream_destroy(base);
    free(store.bytes);
    free_bytes(&plain);
    free_bytes(&back);
}
END_TEST

START_TEST(the_codes_of_the_base_reach_the_caller) {
    store store;
    sps_stream *base = open_store(&store, STORE_BYTES, 0);
    sps_stream *filter = make_filter(base, 1000);
    store.room = 0;
    store.code = SPS_ERR_UNAUTHORIZED;
    uint8_t byte;
    size_t count;
    IS(sps_stream_get_u8(filter, &byte), SPS_ERR_UNAUTHORIZED);
    IS(sps_stream_get_partial_data(filter, &byte, 1, &count), SPS_ERR_UNAUTHORIZED);
    IS(sps_stream_put_data(filter, "abc", 3, &count), SPS_ERR_UNAUTHORIZED);
    ck_assert_uint_eq(count, 3); // the filter has them
    IS(sps_gzip_flush(filter), SPS_ERR_UNAUTHORIZED);
    store.room = STORE_BYTES;
    OK(sps_gzip_flush(filter));
    uint8_t back[3];
    OK(sps_stream_get_data(filter, back, 3, NULL));
    ck_assert(memcmp(back, "abc", 3) == 0);
    sps_stream_destroy(filter);
    sps_stream_destroy(base);
    free(store.bytes);
}
END_TEST

// An intact file ends in order, however it is read.
START_TEST(a_file_ends_in_order) {
    const uint32_t read_buffer_bytes[] = {0, 1, 64, 65536};
    const size_t pieces[] = {1, 7, STORE_BYTES};
    store store;
    sps_stream *base = open_store(&store, pieces[_i % 3], read_buffer_bytes[_i / 3 % 4]);
    bytes plain = make_text(2000), back = {NULL, 0};
    bytes file = compress_without_us(GZIP, plain.data, plain.size);
    memcpy(store.bytes, file.data, file.size);
    store.written = file.size;
    store.ends = true;
    sps_stream *filter = make_filter(base, 1000);
    sps_error error = SPS_OK;
    for (size_t round = 0; error == SPS_OK; round++) {
        uint8_t buffer[100];
        size_t count;
        if (_i / 12 == 2) {
            OK(sps_socket_poll(filter));
        } else if (_i / 12 == 1) {
            OK(sps_stream_get_available_bytes(filter, &count));
        }
        error = sps_stream_get_partial_data(filter, buffer, sizeof buffer, &count);
        append(&back, buffer, count);
        ck_assert_uint_lt(round, 10000);
    }
    IS(error, _i / 12 == 2 ? SPS_FAILED : SPS_ERR_FILE_EOF); // a poll may close it first
    ck_assert(is_same(&plain, &back));
    ck_assert_int_eq(status_of(filter), SPS_STATUS_NONE);
    expect_reason(filter, SPS_CLOSE_PEER_FINISHED);
    sps_stream_destroy(filter);
    sps_stream_destroy(base);
    free(store.bytes);
    free_bytes(&plain);
    free_bytes(&file);
    free_bytes(&back);
}
END_TEST

// The end of the peer's data closes the filter only once this side's end has left.
START_TEST(no_code_of_the_base_cuts_the_end) {
    const sps_error codes[] = {SPS_ERR_UNAUTHORIZED, SPS_ERR_TIMEOUT, SPS_ERR_OUT_OF_MEMORY};
    const sps_gzip_options single = {.struct_size = sizeof single, .single_member = 1};
    bytes empty = compress_without_us(GZIP, NULL, 0);
    store store;
    sps_stream *base = open_store(&store, STORE_BYTES, 0);
    sps_stream *filter = make_filter_with(base, 1000, &single);
    OK(sps_stream_put_u32(filter, 7));
    const size_t put = store.written;
    memcpy(store.bytes + put, empty.data, empty.size); // the peer's data
    store.read = put;
    store.written = store.room = put + empty.size;
    store.code = codes[_i];
    for (int i = 0; i < 5; i++) {
        IS(sps_socket_poll(filter), i == 0 ? SPS_OK : codes[_i]);
        ck_assert_int_eq(status_of(filter), SPS_STATUS_CONNECTED);
    }
    store.room = STORE_BYTES;
    OK(sps_socket_poll(filter));
    ck_assert_int_eq(status_of(filter), SPS_STATUS_NONE);
    expect_reason(filter, SPS_CLOSE_PEER_FINISHED);
    ck_assert_uint_gt(store.written, put + empty.size);
    ck_assert_uint_eq(store.written, empty.size + info_of(filter).compressed_out);
    sps_stream_destroy(filter);
    sps_stream_destroy(base);
    free(store.bytes);
    free_bytes(&empty);
}
END_TEST

// It is a code of gets. From a put it is a failure, and the filter still reads.
START_TEST(an_end_of_file_from_a_put_is_a_failure) {
    store store;
    sps_stream *base = open_store(&store, STORE_BYTES, 0);
    sps_stream *filter = make_filter(base, 1000);
    OK(sps_stream_put_u32(filter, 7));
    store.room = store.written;
    store.put_code = SPS_ERR_FILE_EOF;
    IS(_i == 0 ? sps_stream_put_u32(filter, 8) : sps_gzip_finish(filter), SPS_FAILED);
    expect_u32(filter, 7);
    IS(sps_socket_poll(filter), SPS_FAILED);
    ck_assert_int_eq(status_of(filter), SPS_STATUS_ERROR);
    sps_stream_destroy(filter);
    sps_stream_destroy(base);
    free(store.bytes);
}
END_TEST

START_TEST(a_base_with_batched_writes) {
    const sps_stream_options small = {.struct_size = sizeof small, .write_buffer_bytes = 2000};
    pair pair = connect_pair_with(TCP, &small);
    OK(sps_stream_set_write_batching(pair.client, true));
    sps_stream *filter = make_filter(pair.client, 65535);
    sps_stream *reader = make_filter(pair.peer, 65535);
    bytes noise = make_noise(100000), back = {NULL, 0};
    OK(sps_stream_put_u32(filter, 1));
    OK(sps_gzip_flush(filter)); // and flushes the base
    expect_u32(reader, 1);
    OK(sps_stream_put_data(filter, noise.data, noise.size, NULL)); // above the base's buffer
    OK(sps_gzip_flush(filter));
    back.data = malloc(noise.size);
    back.size = noise.size;
    OK(sps_stream_get_data(reader, back.data, back.size, NULL));
    ck_assert(is_same(&noise, &back));
    sps_stream_destroy(filter);
    sps_stream_destroy(reader);
    close_pair(&pair);
    free_bytes(&noise);
    free_bytes(&back);
}
END_TEST

START_TEST(a_base_that_connects_later) {
    pair pair = prepare_pair(TCP, NULL);
    sps_stream *filter = make_filter(pair.client, 1000);
    ck_assert_int_eq(status_of(filter), SPS_STATUS_ERROR); // nobody connects the base
    OK(sps_gzip_disconnect_from_stream(filter));
    OK(connect_to(pair.client, &pair.place));
    OK(sps_gzip_connect_to_stream(filter, pair.client, false, 1000));
    WAIT_UNTIL(polled_status(filter) == SPS_STATUS_CONNECTED);
    complete_pair(&pair);
    sps_stream *reader = make_filter(pair.peer, 1000);
    OK(sps_stream_put_u8(filter, 7));
    expect_u8(reader, 7);
    OK(sps_stream_put_u8(reader, 8));
    expect_u8(filter, 8);
    sps_stream_destroy(filter);
    sps_stream_destroy(reader);
    close_pair(&pair);
}
END_TEST

START_TEST(a_put_that_times_out_loses_nothing) {
    pair pair = connect_pair(TCP);
    OK(sps_socket_set_io_timeout(pair.client, 20));
    sps_stream *filter = make_filter(pair.client, 1000);
    sps_stream *reader = make_filter(pair.peer, 1000);
    bytes noise = make_noise(20000000);
    size_t total;
    IS(sps_stream_put_data(filter, noise.data, noise.size, &total), SPS_ERR_TIMEOUT);
    ck_assert_uint_lt(total, noise.size);
    uint8_t *back = malloc(total);
    size_t received = 0;
    while (received < total) {
        size_t count;
        const sps_error flushed = sps_gzip_flush(filter);
        ck_assert(flushed == SPS_OK || flushed == SPS_ERR_BUSY);
        OK(sps_stream_get_partial_data(reader, back + received, total - received, &count));
        received += count;
    }
    ck_assert(memcmp(back, noise.data, total) == 0);
    free(back);
    free_bytes(&noise);
    sps_stream_destroy(filter);
    sps_stream_destroy(reader);
    close_pair(&pair);
}
END_TEST

Suite *gzip_filter_base_suite(void) {
    Suite *suite = suite_create("gzip_filter_base");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_base_that_moves_little, 0, 18);
    tcase_add_test(all, a_full_base_stops_puts);
    tcase_add_test(all, the_codes_of_the_base_reach_the_caller);
    tcase_add_loop_test(all, a_file_ends_in_order, 0, 36);
    tcase_add_loop_test(all, no_code_of_the_base_cuts_the_end, 0, 3);
    tcase_add_loop_test(all, an_end_of_file_from_a_put_is_a_failure, 0, 2);
    tcase_add_test(all, a_base_with_batched_writes);
    tcase_add_test(all, a_base_that_connects_later);
    tcase_add_test(all, a_put_that_times_out_loses_nothing);
    return suite;
}
