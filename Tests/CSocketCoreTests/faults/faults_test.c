// SPDX-License-Identifier: MIT
//
// Makes each call to the OS fail, with each code that it can return, and each allocation. Each
// fails once, twice, and for good. The library must not crash, leak, or lose a byte without an
// error. The status must be correct.
#include <stdio.h>
#include <string.h>

#include "faults/scenarios.h"

enum { MOST_CALLS = 20000 };

static const scenario *const tables[] = {
    transfer_scenarios, message_scenarios, memory_scenarios,
    poller_scenarios,   setting_scenarios, filter_scenarios,
#ifndef _WIN32
    path_scenarios,
#endif
};

static bool can_run(const scenario *scenario) {
    return scenario->transport != UDS || has_unix_sockets();
}

// Returns NULL after the last scenario that this system can run.
static const scenario *scenario_at(int index) {
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        for (const scenario *each = tables[i]; each->name != NULL; each++) {
            if (can_run(each) && index-- == 0) {
                return each;
            }
        }
    }
    return NULL;
}

// Returns whether the fault has struck.
static long run(const scenario *scenario, fault_plan plan) {
    plan.scenario = scenario->name;
    plan_fault(plan);
    const int descriptors = count_descriptors();
    scenario->run(scenario->transport);
    EXPECT(the_plan.bytes == 0);
    EXPECT(count_descriptors() == descriptors);
    return the_plan.struck > 0;
}

static long count_calls(const scenario *scenario, unsigned *out_codes) {
    run(scenario, (fault_plan){0});
    const long calls = the_plan.calls;
    EXPECT(calls < MOST_CALLS);
    for (long nth = 1; nth <= calls; nth++) {
        out_codes[nth - 1] = codes_of_call(nth);
    }
    return calls;
}

// Fails every call that can return one of these codes, and all calls after it.
static void fail_calls(const scenario *scenario, unsigned chosen_codes, fault_repeat repeat,
                       const char *what) {
    static unsigned codes[MOST_CALLS];
    const long calls = count_calls(scenario, codes);
    long struck = 0;
    for (long nth = 1; nth <= calls; nth++) {
        for (int code = 0; code < FAULT_CODES; code++) {
            if (codes[nth - 1] & chosen_codes & (1U << code)) {
                struck +=
                    run(scenario, (fault_plan){.nth_call = nth, .code = code, .repeat = repeat});
            }
        }
    }
    printf("%s: %ld calls, %ld faults%s\n", scenario->name, calls, struck, what);
    EXPECT(struck > 0 || calls == 0);
}

START_TEST(each_call_fails_in_each_way) {
    fail_calls(scenario_at(_i), ~0U, ONCE, "");
}
END_TEST

// The next call that can fail also fails, because the library's reaction to a fault may fail as
// well.
START_TEST(each_call_fails_and_the_next) {
    fail_calls(scenario_at(_i), ~(1U << SPSI_AGAIN | 1U << SHORT_SEND), TWICE, " twice");
}
END_TEST

// No memory, no descriptors, or a broken machine, from one moment on.
START_TEST(calls_fail_for_good) {
    const unsigned lasting = 1U << SPSI_NO_MEMORY | 1U << SPSI_NO_HANDLES | 1U << SPSI_FAILED;
    fail_calls(scenario_at(_i), lasting, FOR_GOOD, " for good");
}
END_TEST

// A send takes a part, and the next send fails. The library can neither take back nor repeat a part
// of a value. (AGAIN is left out: the OS must report room after each one, and this plan would
// prevent it.)
START_TEST(each_send_is_cut_and_then_fails) {
    static unsigned sends[MOST_CALLS];
    static const int codes[] = {SPSI_NO_MEMORY, SPSI_RESET, SPSI_FAILED};
    const scenario *scenario = scenario_at(_i);
    const long calls = count_calls(scenario, sends);
    for (long nth = 1; nth <= calls; nth++) {
        for (size_t i = 0; i < sizeof codes / sizeof codes[0] && sends[nth - 1] & 1U << SHORT_SEND;
             i++) {
            run(scenario, (fault_plan){.nth_call = nth, .code = SHORT_SEND, .next_code = codes[i]});
        }
    }
}
END_TEST

static void fail_allocations(const scenario *scenario, fault_repeat repeat, const char *what) {
    run(scenario, (fault_plan){0});
    const long allocations = the_plan.allocations;
    long struck = 0;
    for (long nth = 1; nth <= allocations; nth++) {
        struck +=
            run(scenario,
                (fault_plan){.nth_allocation = nth, .code = SPSI_NO_MEMORY, .repeat = repeat});
    }
    printf("%s: %ld allocations, %ld faults%s\n", scenario->name, allocations, struck, what);
    EXPECT(struck > 0);
}

START_TEST(each_allocation_fails) {
    fail_allocations(scenario_at(_i), ONCE, "");
}
END_TEST

START_TEST(each_allocation_fails_and_the_next) {
    fail_allocations(scenario_at(_i), TWICE, " twice");
}
END_TEST

START_TEST(allocations_fail_for_good) {
    fail_allocations(scenario_at(_i), FOR_GOOD, " for good");
}
END_TEST

// Suites may run in parallel, so each kind of fault is a suite. The first scenarios are half of the
// work.
enum { TRANSFERS = 3, ALL_SCENARIOS = -1 };

static Suite *faults_suite(const char *name, const TTest *test, int begin, int end) {
    int count = 0;
    while (scenario_at(count) != NULL) {
        count++;
    }
    Suite *suite = suite_create(name);
    TCase *all = add_case(suite, name);
    tcase_set_timeout(all, 600);
    tcase_add_loop_test(all, test, begin, end == ALL_SCENARIOS ? count : end);
    return suite;
}

Suite *calls_of_transfers_suite(void) {
    return faults_suite("calls_of_transfers", each_call_fails_in_each_way, 0, TRANSFERS);
}

Suite *calls_suite(void) {
    return faults_suite("calls", each_call_fails_in_each_way, TRANSFERS, ALL_SCENARIOS);
}

Suite *calls_twice_of_transfers_suite(void) {
    return faults_suite("calls_twice_of_transfers", each_call_fails_and_the_next, 0, TRANSFERS);
}

Suite *calls_twice_suite(void) {
    return faults_suite("calls_twice", each_call_fails_and_the_next, TRANSFERS, ALL_SCENARIOS);
}

Suite *calls_for_good_suite(void) {
    return faults_suite("calls_for_good", calls_fail_for_good, 0, ALL_SCENARIOS);
}

Suite *sends_suite(void) {
    return faults_suite("sends", each_send_is_cut_and_then_fails, 0, ALL_SCENARIOS);
}

Suite *allocations_suite(void) {
    return faults_suite("allocations", each_allocation_fails, 0, ALL_SCENARIOS);
}

Suite *allocations_twice_suite(void) {
    return faults_suite("allocations_twice", each_allocation_fails_and_the_next, 0, ALL_SCENARIOS);
}

Suite *allocations_for_good_suite(void) {
    return faults_suite("allocations_for_good", allocations_fail_for_good, 0, ALL_SCENARIOS);
}
