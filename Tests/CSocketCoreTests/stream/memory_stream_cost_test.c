// SPDX-License-Identifier: MIT
//
// A memory stream: its memory, its number of allocations, and failed allocations, which change
// nothing.
#include <string.h>

#include "support/counting_allocator.h"
#include "support/memory_streams.h"

// Godot counts bytes in an int. The library refuses more before it reads or allocates anything.
START_TEST(a_buffer_has_two_gib_at_the_most) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    sps_stream *buffer = make_buffer(&options);
    OK(sps_stream_put_data(buffer, "0123", 4, NULL));
    const size_t calls = account.calls;
    const size_t most = INT32_MAX;
    const sps_error too_much =
        PTRDIFF_MAX > INT32_MAX ? SPS_ERR_OUT_OF_MEMORY : SPS_ERR_INVALID_PARAMETER;
    size_t sent;
    IS(sps_buffer_resize(buffer, most + 1), too_much);
    IS(sps_buffer_set_data_array(buffer, "x", most + 1), too_much);
    IS(sps_stream_put_data(buffer, "x", most - 3, &sent), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_uint_eq(sent, 0);
    IS(sps_stream_put_partial_data(buffer, "x", most - 3, &sent), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_uint_eq(sent, 0);
    ck_assert_uint_eq(account.calls, calls);
    account.fail_at = calls + 1;
    IS(sps_stream_put_data(buffer, "x", most - 4, &sent), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_uint_eq(account.calls, calls + 1); // one attempt to allocate that much
    ck_assert_uint_eq(position_of(buffer), 4);
    expect_text(buffer, "0123");
    sps_stream_destroy(buffer);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

// Repeats each step that had no memory. The failed step must have changed nothing.
#define REPEAT(call)                                                                               \
    {                                                                                              \
        const size_t position_before = position_of(buffer), size_before = size_of(buffer);         \
        sps_error error = (call);                                                                  \
        if (error == SPS_ERR_OUT_OF_MEMORY) {                                                      \
            failures++;                                                                            \
            ck_assert_uint_eq(position_of(buffer), position_before);                               \
            ck_assert_uint_eq(size_of(buffer), size_before);                                       \
            error = (call);                                                                        \
        }                                                                                          \
        assert_code(error, SPS_OK, #call, __FILE__, __LINE__);                                     \
    }

static int use(const sps_stream_options *options) {
    static char large[3000];
    sps_stream *buffer = NULL, *copy;
    int failures = 0;
    if (sps_buffer_create(options, &buffer) == SPS_ERR_OUT_OF_MEMORY) {
        ck_assert_ptr_null(buffer);
        failures++;
        OK(sps_buffer_create(options, &buffer));
    }
    memset(large, 'l', sizeof large);
    REPEAT(sps_stream_put_u32(buffer, 7));
    REPEAT(sps_stream_put_string(buffer, "na\xc3\xafve", 6));
    REPEAT(sps_stream_put_utf8_string(buffer, large, 100));
    REPEAT(sps_stream_put_data(buffer, large, sizeof large, NULL));
    REPEAT(sps_buffer_resize(buffer, 10000));
    REPEAT(sps_buffer_duplicate(buffer, &copy));
    ck_assert_uint_eq(size_of(copy), 10000);
    sps_stream_destroy(copy);
    REPEAT(sps_buffer_seek(buffer, 4));
    const char *text;
    size_t size;
    REPEAT(sps_stream_get_string(buffer, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_mem_eq(text, "na ve", 5);
    REPEAT(sps_buffer_clear(buffer));
    REPEAT(sps_buffer_set_data_array(buffer, "abc", 3));
    REPEAT(sps_stream_put_partial_data(buffer, large, sizeof large, NULL));
    expect_all(buffer, large, sizeof large);
    sps_stream_destroy(buffer);
    return failures;
}

START_TEST(each_allocation_may_fail_once) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    ck_assert_int_eq(use(&options), 0);
    ck_assert_uint_eq(account.bytes, 0);
    const size_t calls = account.calls;
    ck_assert_uint_ge(calls, 8);
    for (size_t i = 1; i <= calls; i++) {
        account = (struct account){.fail_at = i};
        ck_assert_int_eq(use(&options), 1);
        ck_assert_uint_eq(account.bytes, 0);
    }
}
END_TEST

START_TEST(growth_costs_few_allocations_and_warm_use_none) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    sps_stream *buffer = make_buffer(&options);
    for (uint32_t i = 0; i < 250000; i++) {
        OK(sps_stream_put_u32(buffer, i));
    }
    ck_assert_uint_le(account.calls, 20);
    ck_assert_uint_le(account.bytes, 3000000);
    const size_t warm = account.calls;
    for (uint32_t round = 0; round < 100; round++) { // one message each round
        OK(sps_buffer_resize(buffer, 0));
        OK(sps_buffer_seek(buffer, 0));
        for (uint32_t i = 0; i < 100; i++) {
            OK(sps_stream_put_u32(buffer, i));
        }
        OK(sps_buffer_seek(buffer, 0));
        for (uint32_t i = 0; i < 100; i++) {
            uint32_t value;
            OK(sps_stream_get_u32(buffer, &value));
            ck_assert_uint_eq(value, i);
        }
        OK(sps_buffer_set_data_array(buffer, "0123456789", 10));
    }
    ck_assert_uint_eq(account.calls, warm);
    OK(sps_buffer_clear(buffer));
    ck_assert_uint_le(account.bytes, 512); // the object
    sps_stream_destroy(buffer);
}
END_TEST

Suite *memory_stream_cost_suite(void) {
    Suite *suite = suite_create("memory_stream_cost");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_buffer_has_two_gib_at_the_most);
    tcase_add_test(all, each_allocation_may_fail_once);
    tcase_add_test(all, growth_costs_few_allocations_and_warm_use_none);
    return suite;
}
