// SPDX-License-Identifier: MIT
//
// Each call to the OS fails once, with each code that it can have, and each allocation fails once: nothing
// crashes, nothing is left open or allocated, no byte is lost without a word, and the status tells the truth.
#include <stdio.h>
#include <string.h>

#include "fault_scenarios.h"
#include "support.h"

enum { MOST_CALLS = 20000 };

static void run_planned(const scenario *scenario) {
    const int descriptors = count_descriptors();
    scenario->run();
    EXPECT(the_plan.bytes == 0);
    EXPECT(count_descriptors() == descriptors);
}

static void run(const scenario *scenario, long nth_call, int code, long nth_allocation) {
    plan_fault(nth_call, code, nth_allocation);
    run_planned(scenario);
}

START_TEST(each_call_fails_in_each_way) {
    static unsigned codes[MOST_CALLS];
    const scenario *scenario = &scenarios[_i];
    run(scenario, 0, 0, 0);
    const long calls = the_plan.calls;
    EXPECT(calls > 0 && calls < MOST_CALLS);
    for (long nth = 1; nth <= calls; nth++) {
        codes[nth - 1] = codes_of_call(nth);
    }
    long struck = 0;
    for (long nth = 1; nth <= calls; nth++) {
        for (int code = 0; code < FAULT_CODES; code++) {
            if (codes[nth - 1] & (1U << code)) {
                run(scenario, nth, code, 0);
                struck += the_plan.struck;
            }
        }
    }
    printf("%s: %ld calls, %ld faults\n", scenario->name, calls, struck);
    EXPECT(struck > 0);
}
END_TEST

// A send that takes a part, and the next one fails: a part of a value can neither be taken back nor repeated.
// (Not AGAIN: the OS tells of room after each one, which this one would make it owe.)
START_TEST(each_send_is_cut_and_then_fails) {
    const scenario *scenario = &scenarios[_i];
    static const int codes[] = {SPSI_NO_MEMORY, SPSI_RESET, SPSI_FAILED};
    run(scenario, 0, 0, 0);
    const long calls = the_plan.calls;
    for (long nth = 1; nth <= calls; nth++) {
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
            plan_fault(nth, SHORT_SEND, 0);
            the_plan.next_code = codes[i];
            run_planned(scenario);
        }
    }
}
END_TEST

START_TEST(each_allocation_fails) {
    const scenario *scenario = &scenarios[_i];
    run(scenario, 0, 0, 0);
    const long allocations = the_plan.allocations;
    long struck = 0;
    for (long nth = 1; nth <= allocations; nth++) {
        run(scenario, 0, SPSI_NO_MEMORY, nth);
        struck += the_plan.struck;
    }
    printf("%s: %ld allocations, %ld faults\n", scenario->name, allocations, struck);
    EXPECT(struck > 0);
}
END_TEST

static int count_scenarios(void) {
    int count = 0;
    while (scenarios[count].name != NULL) {
        count++;
    }
    return count;
}

static Suite *faults_suite(const char *name, const TTest *test, int begin, int end) {
    Suite *suite = suite_create(name);
    TCase *all = add_case(suite, name);
    tcase_set_timeout(all, 600);
    tcase_add_loop_test(all, test, begin, end);
    return suite;
}

// The first scenarios take half of the time: suites may run side by side.
enum { TRANSFERS = 3 };

static Suite *calls_of_transfers_suite(void) {
    return faults_suite("calls", each_call_fails_in_each_way, 0, TRANSFERS);
}

static Suite *other_calls_suite(void) {
    return faults_suite("calls", each_call_fails_in_each_way, TRANSFERS, count_scenarios());
}

static Suite *sends_suite(void) {
    return faults_suite("sends", each_send_is_cut_and_then_fails, 0, count_scenarios());
}

static Suite *allocations_suite(void) {
    return faults_suite("allocations", each_allocation_fails, 0, count_scenarios());
}

const suite_maker suites[] = {calls_of_transfers_suite, other_calls_suite, sends_suite,
                              allocations_suite, NULL};
