// SPDX-License-Identifier: MIT
//
// Each allocation fails once, also those of zlib. The call says so, and a repetition completes the
// work: no byte is lost or doubled, and no memory is left.
#include <string.h>

#include "support/counting_allocator.h"
#include "support/data.h"

enum { PLAIN_BYTES = 30000, BUFFER_BYTES = 500, MOST_ALLOCATIONS = 200 };

typedef struct run {
    account account;
    sps_allocator allocator;
    sps_stream_options stream_options;
    sps_gzip_options options;
    size_t failures; // calls that returned ERR_OUT_OF_MEMORY
} run;

static void begin_run(run *run, size_t fail_at) {
    memset(run, 0, sizeof *run);
    run->account.fail_at = fail_at;
    run->allocator = (sps_allocator){sizeof(sps_allocator), account_for, &run->account};
    run->stream_options = (sps_stream_options){.struct_size = sizeof(sps_stream_options),
                                               .allocator = &run->allocator,
                                               .read_buffer_bytes = 100};
    run->options =
        (sps_gzip_options){.struct_size = sizeof(sps_gzip_options), .stream = &run->stream_options};
}

// Whether to repeat a call: it had no memory.
static bool failed(run *run, sps_error error) {
    run->failures += error == SPS_ERR_OUT_OF_MEMORY;
    ck_assert_msg(error == SPS_OK || error == SPS_ERR_OUT_OF_MEMORY, "%s", sps_error_name(error));
    return error != SPS_OK;
}

#define REPEAT(run, call)                                                                          \
    while (failed((run), (call))) {                                                                \
    }

static void put_all(run *run, sps_stream *stream, const bytes *from) {
    for (size_t at = 0; at < from->size;) {
        size_t sent;
        failed(run, sps_stream_put_data(stream, from->data + at, from->size - at, &sent));
        at += sent;
    }
}

static void get_all(run *run, sps_stream *stream, bytes *into) {
    uint8_t buffer[64];
    size_t count = 1;
    while (count > 0) {
        const sps_error error = sps_stream_get_partial_data(stream, buffer, sizeof buffer, &count);
        append(into, buffer, count);
        count = failed(run, error) ? 1 : count;
    }
}

// The failure of a run may only be invisible if the core can do without that memory.
static bool end_run(run *run) {
    ck_assert_uint_eq(run->account.bytes, 0);
    return run->account.calls >= run->account.fail_at;
}

static bool transform(size_t fail_at, const bytes *plain) {
    run run;
    begin_run(&run, fail_at);
    sps_stream *stream;
    bytes compressed = {NULL, 0}, back = {NULL, 0};
    REPEAT(&run, sps_gzip_create(&run.options, &stream));
    REPEAT(&run, sps_gzip_start_compression(stream, false, BUFFER_BYTES));
    put_all(&run, stream, plain);
    put_all(&run, stream, plain);
    REPEAT(&run, sps_gzip_finish(stream));
    get_all(&run, stream, &compressed);
    REPEAT(&run, sps_gzip_clear(stream));
    REPEAT(&run, sps_gzip_start_decompression(stream, false, BUFFER_BYTES));
    put_all(&run, stream, &compressed);
    get_all(&run, stream, &back);
    REPEAT(&run, sps_gzip_end_input(stream));
    ck_assert_uint_eq(back.size, 2 * plain->size);
    ck_assert(memcmp(back.data, plain->data, plain->size) == 0);
    ck_assert(memcmp(back.data + plain->size, plain->data, plain->size) == 0);
    sps_stream_destroy(stream);
    free_bytes(&compressed);
    free_bytes(&back);
    return end_run(&run);
}

static bool batch(size_t fail_at, const bytes *plain) {
    run run;
    begin_run(&run, fail_at);
    sps_stream *stream;
    bytes compressed = {NULL, 0}, back = {NULL, 0};
    REPEAT(&run, sps_gzip_create(&run.options, &stream));
    REPEAT(&run, sps_gzip_start_compression(stream, true, 10));
    OK(sps_stream_set_write_batching(stream, true));
    put_all(&run, stream, plain);
    REPEAT(&run, sps_gzip_flush(stream));
    put_all(&run, stream, plain);
    REPEAT(&run, sps_gzip_finish(stream));
    get_all(&run, stream, &compressed);
    sps_stream_destroy(stream);
    sps_stream *reader = start_decompressing(ZLIB, 65535, NULL);
    OK(push_through(reader, &compressed, &back, 1000));
    ck_assert_uint_eq(back.size, 2 * plain->size);
    sps_stream_destroy(reader);
    free_bytes(&compressed);
    free_bytes(&back);
    return end_run(&run);
}

static bool filter(size_t fail_at, const bytes *plain) {
    run run;
    begin_run(&run, fail_at);
    sps_stream *memory, *stream;
    bytes back = {NULL, 0};
    OK(sps_buffer_create(NULL, &memory));
    REPEAT(&run, sps_gzip_filter_create(&run.options, &stream));
    OK(sps_gzip_connect_to_stream(stream, memory, true, BUFFER_BYTES));
    put_all(&run, stream, plain);
    REPEAT(&run, sps_gzip_finish(stream));
    OK(sps_gzip_disconnect_from_stream(stream));
    OK(sps_buffer_seek(memory, 0));
    OK(sps_gzip_connect_to_stream(stream, memory, true, BUFFER_BYTES));
    size_t available;
    REPEAT(&run, sps_stream_get_available_bytes(stream, &available));
    get_all(&run, stream, &back);
    ck_assert(is_same(plain, &back));
    sps_stream_destroy(stream);
    sps_stream_destroy(memory);
    free_bytes(&back);
    return end_run(&run);
}

// Runs with each allocation failing, until a run has fewer.
static size_t fail_each(bool (*run)(size_t fail_at, const bytes *plain), size_t plain_bytes) {
    bytes plain = make_noise(plain_bytes);
    size_t nth = 1;
    while (run(nth, &plain)) {
        ck_assert_uint_lt(nth++, MOST_ALLOCATIONS);
    }
    free_bytes(&plain);
    return nth - 1;
}

START_TEST(a_transformer_survives_each_failed_allocation) {
    ck_assert_uint_gt(fail_each(transform, PLAIN_BYTES), 12);
}
END_TEST

START_TEST(batched_puts_survive_each_failed_allocation) {
    ck_assert_uint_gt(fail_each(batch, 20000), 8);
}
END_TEST

START_TEST(a_filter_survives_each_failed_allocation) {
    ck_assert_uint_gt(fail_each(filter, PLAIN_BYTES), 10);
}
END_TEST

Suite *gzip_allocations_suite(void) {
    Suite *suite = suite_create("gzip_allocations");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_transformer_survives_each_failed_allocation);
    tcase_add_test(all, batched_puts_survive_each_failed_allocation);
    tcase_add_test(all, a_filter_survives_each_failed_allocation);
    return suite;
}
