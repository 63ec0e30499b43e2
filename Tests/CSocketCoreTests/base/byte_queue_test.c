// SPDX-License-Identifier: MIT
#include "base/byte_queue.h"

#include "base/memory.h"
#include "support/support.h"

START_TEST(an_empty_queue_owns_nothing) {
    sps_allocator allocator;
    ck_assert(spsi_allocator_read(NULL, &allocator));
    spsi_byte_queue queue = {0};
    ck_assert_uint_eq(spsi_byte_queue_size(&queue), 0);
    ck_assert_uint_eq(spsi_byte_queue_room(&queue), 0);
    spsi_byte_queue_release(&queue, &allocator);
    ck_assert_ptr_null(queue.block);
}
END_TEST

START_TEST(a_reserve_that_cannot_be_changes_nothing) {
    sps_allocator allocator;
    ck_assert(spsi_allocator_read(NULL, &allocator));
    spsi_byte_queue queue = {0};
    ck_assert(spsi_byte_queue_reserve(&queue, &allocator, 4));
    spsi_byte_queue_append(&queue, "abcd", 4);
    ck_assert(!spsi_byte_queue_reserve(&queue, &allocator, SIZE_MAX));
    ck_assert(!spsi_byte_queue_reserve(&queue, &allocator, SIZE_MAX / 2));
    ck_assert_uint_eq(spsi_byte_queue_size(&queue), 4);
    ck_assert_mem_eq(queue.head, "abcd", 4);
    spsi_byte_queue_release(&queue, &allocator);
}
END_TEST

// Random appends and takes against two counters.
START_TEST(bytes_come_out_as_they_went_in) {
    sps_allocator allocator;
    ck_assert(spsi_allocator_read(NULL, &allocator));
    spsi_byte_queue queue = {0};
    uint64_t in = 0, out = 0;
    uint32_t state = 12345;
    uint8_t bytes[64];
    for (int i = 0; i < 100000; i++) {
        state = state * 1664525u + 1013904223u;
        const size_t count = (state >> 16) % sizeof bytes;
        if ((state >> 8) % 2 == 0) {
            ck_assert(spsi_byte_queue_reserve(&queue, &allocator, count));
            fill_pattern(bytes, count, in);
            if (count > 0) {
                spsi_byte_queue_append(&queue, bytes, count);
            }
            in += count;
        } else if (count > 0 && count <= spsi_byte_queue_size(&queue)) {
            spsi_byte_queue_take(&queue, bytes, count);
            ck_assert(is_pattern(bytes, count, out));
            out += count;
        }
        ck_assert_uint_eq(spsi_byte_queue_size(&queue), in - out);
        ck_assert(is_pattern(queue.head, spsi_byte_queue_size(&queue), out));
    }
    ck_assert_uint_gt(out, 100000);
    spsi_byte_queue_release(&queue, &allocator);
}
END_TEST

Suite *byte_queue_suite(void) {
    Suite *suite = suite_create("byte_queue");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, an_empty_queue_owns_nothing);
    tcase_add_test(all, a_reserve_that_cannot_be_changes_nothing);
    tcase_add_test(all, bytes_come_out_as_they_went_in);
    return suite;
}
