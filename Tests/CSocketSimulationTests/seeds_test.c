// SPDX-License-Identifier: MIT
//
// Scenarios that follow from a seed: each seed is a run, and nothing is lost whatever happens, and whatever fails.
#include <string.h>

#include "scenario/scenario.h"
#include "support/support.h"

static void count_line(void *user_data, const char *line) {
    ck_assert_ptr_null(strchr(line, '\n'));
    ++*(uint64_t *)user_data;
}

START_TEST(a_seed_is_a_run) {
    uint64_t lines = 0;
    const scenario_result first = scenario_run(11, NULL, NULL);
    const scenario_result again = scenario_run(11, count_line, &lines);
    const scenario_result other = scenario_run(12, NULL, NULL);
    ck_assert_uint_gt(lines, 100);
    ck_assert_uint_eq(first.trace_hash, again.trace_hash);
    ck_assert_uint_ne(first.trace_hash, other.trace_hash);
}
END_TEST

enum { SEEDS = 1000, SEEDS_A_TEST = 100 };

START_TEST(nothing_is_lost_whatever_happens) {
    const uint64_t first = (uint64_t)_i * SEEDS_A_TEST;
    uint64_t bytes = 0;
    for (uint64_t seed = first; seed < first + SEEDS_A_TEST; seed++) {
        const scenario_result result = scenario_run(seed, NULL, NULL);
        ck_assert_msg(result.problem[0] == '\0', "scripts/test simulate --seed %u --trace: %s",
                      (unsigned)seed, result.problem);
        bytes += result.bytes;
    }
    ck_assert_uint_gt(bytes, 0);
}
END_TEST

enum { FAULT_SEEDS = 8 };

// Every call of a short scenario, in every way it may fail, and every allocation.
START_TEST(nothing_is_lost_whatever_fails) {
    scenario_result result;
    scenario_fault fault;
    char text[64];
    const uint64_t runs = scenario_run_all_faults((uint64_t)_i, &result, &fault);
    scenario_describe_fault(&fault, text, sizeof text);
    ck_assert_msg(result.problem[0] == '\0', "scripts/test simulate --seed %d --faults: %s: %s", _i,
                  text, result.problem);
    ck_assert_uint_gt(runs, 100);
}
END_TEST

// In three suites, which may run side by side.
static Suite *seeds_suite(const TTest *test, int begin, int end) {
    Suite *suite = suite_create("seeds");
    tcase_add_loop_test(add_bare_case(suite, "seeds"), test, begin, end);
    return suite;
}

enum { LOOPS = SEEDS / SEEDS_A_TEST };

Suite *first_seeds_suite(void) {
    Suite *suite = seeds_suite(nothing_is_lost_whatever_happens, 0, LOOPS / 2);
    tcase_add_test(add_bare_case(suite, "trace"), a_seed_is_a_run);
    return suite;
}

Suite *other_seeds_suite(void) {
    return seeds_suite(nothing_is_lost_whatever_happens, LOOPS / 2, LOOPS);
}

Suite *failing_seeds_suite(void) {
    return seeds_suite(nothing_is_lost_whatever_fails, 0, FAULT_SEEDS);
}
