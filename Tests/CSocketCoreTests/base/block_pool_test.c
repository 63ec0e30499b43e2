// SPDX-License-Identifier: MIT
#include <string.h>

#include "base/block_pool.h"
#include "base/memory.h"
#include "support/counting_allocator.h"
#include "support/support.h"

START_TEST(sizes_of_blocks) {
    ck_assert_uint_eq(spsi_block_size_for(0), 1024);
    ck_assert_uint_eq(spsi_block_size_for(1024), 1024);
    ck_assert_uint_eq(spsi_block_size_for(1025), 2048);
    ck_assert_uint_eq(spsi_block_size_for(65536), 65536);
    ck_assert_uint_eq(spsi_block_size_for(65537), 0);
}
END_TEST

START_TEST(the_last_block_given_is_the_first_taken) {
    account account = {0};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    spsi_block_pool pool = {.allocator = &allocator, .most_bytes = 10000};
    uint8_t *one = spsi_block_take(&pool, 4096), *other = spsi_block_take(&pool, 4096);
    memset(one, 1, 4096);
    memset(other, 2, 4096);
    spsi_block_give(&pool, one, 4096);
    spsi_block_give(&pool, other, 4096);
    ck_assert_uint_eq(pool.kept_bytes, 8192);
    ck_assert_ptr_eq(spsi_block_take(&pool, 4096), other);
    ck_assert_ptr_eq(spsi_block_take(&pool, 4096), one);
    ck_assert_uint_eq(account.calls, 2);
    spsi_block_give(&pool, one, 4096);
    spsi_block_give(&pool, other, 4096);
    uint8_t *third = spsi_block_take(&pool, 2048); // another size
    ck_assert_uint_eq(account.calls, 3);
    spsi_block_give(&pool, third, 2048); // more than is kept
    ck_assert_uint_eq(account.bytes, 8192);
    spsi_block_give(&pool, spsi_allocate(&allocator, 100), 100); // of none of its sizes
    ck_assert_uint_eq(account.bytes, 8192);
    spsi_block_pool_release(&pool);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

Suite *block_pool_suite(void) {
    Suite *suite = suite_create("block_pool");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, sizes_of_blocks);
    tcase_add_test(all, the_last_block_given_is_the_first_taken);
    return suite;
}
