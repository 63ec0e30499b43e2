// SPDX-License-Identifier: MIT
#include "base/memory.h"
#include "base/timers.h"
#include "platform/platform.h"
#include "support/counting_allocator.h"
#include "support/support.h"

static uint32_t draw(uint32_t below) {
    static uint32_t state = 4711;
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

enum { TIMERS = 200 };

static uint64_t earliest(const spsi_timer *timers, const bool *is_in) {
    uint64_t next_us = SPSI_NEVER;
    for (int i = 0; i < TIMERS; i++) {
        if (is_in[i] && timers[i].due_us < next_us) {
            next_us = timers[i].due_us;
        }
    }
    return next_us;
}

// Random changes, against a search of all.
START_TEST(the_next_timer_is_the_earliest) {
    sps_allocator allocator;
    ck_assert(spsi_allocator_read(NULL, &allocator));
    spsi_timers heap = {0};
    static spsi_timer timers[TIMERS];
    static bool is_in[TIMERS];
    size_t count = 0;
    for (int i = 0; i < 100000; i++) {
        const uint32_t which = draw(TIMERS);
        if (!is_in[which]) {
            ck_assert(spsi_timers_add(&heap, &timers[which], &allocator));
            is_in[which] = true;
            count++;
        } else if (draw(4) == 0) {
            spsi_timers_remove(&heap, &timers[which]);
            is_in[which] = false;
            count--;
        } else {
            spsi_timers_set(&heap, &timers[which], draw(3) == 0 ? SPSI_NEVER : draw(1000));
        }
        ck_assert_uint_eq(heap.count, count);
        ck_assert_uint_eq(spsi_timers_next_us(&heap), earliest(timers, is_in));
        if (is_in[which]) {
            ck_assert_ptr_eq(heap.heap[timers[which].place - 1], &timers[which]);
        }
    }
    spsi_timers_release(&heap, &allocator);
}
END_TEST

START_TEST(a_timer_without_memory_is_not_added) {
    account account = {.fail_at = 1};
    const sps_allocator allocator = {sizeof(sps_allocator), account_for, &account};
    spsi_timers heap = {0};
    spsi_timer timer;
    ck_assert(!spsi_timers_add(&heap, &timer, &allocator));
    ck_assert_uint_eq(spsi_timers_next_us(&heap), SPSI_NEVER);
    ck_assert(spsi_timers_add(&heap, &timer, &allocator));
    spsi_timers_release(&heap, &allocator);
    ck_assert_uint_eq(account.bytes, 0);
}
END_TEST

Suite *timers_suite(void) {
    Suite *suite = suite_create("timers");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, the_next_timer_is_the_earliest);
    tcase_add_test(all, a_timer_without_memory_is_not_added);
    return suite;
}
