// SPDX-License-Identifier: MIT
//
// The machine's own platform, of which one call may fail: the nth, with one of the codes that it can have
// (the errors of its manual page, as platform.h has them). And an allocator, of which one allocation may.
#ifndef FAULT_PLATFORM_H
#define FAULT_PLATFORM_H

#include <check.h>

#include "platform/platform.h"

// A send that takes one byte; no code of the platform's.
enum { SHORT_SEND = SPSI_FAILED + 1, FAULT_CODES };

// Whether what can fail in the same way does so again after it has struck.
typedef enum fault_repeat { ONCE, TWICE, FOR_GOOD } fault_repeat;

// What is to fail, and what happened.
typedef struct fault_plan {
    const char *scenario;
    long nth_call; // counted from 1; 0: none
    int code;      // an spsi_code, or SHORT_SEND
    int next_code; // of the send after a SHORT_SEND; 0: it does not fail
    fault_repeat repeat;
    long nth_allocation;
    long calls, allocations;
    long struck;             // how often it has failed
    const char *struck_call; // the name of the call
    long bytes;              // that are allocated now
} fault_plan;

extern fault_plan the_plan;

// Forgets what happened; the next run fails as told.
void plan_fault(fault_plan plan);

// Which codes the nth call of the last run can answer: bits by code.
unsigned codes_of_call(long nth);

// A name that the platform's look-up knows: ::1, where nobody listens, and 127.0.0.1.
#define FAULT_NAME "fault.test"

const sps_platform *fault_platform(void);
const sps_allocator *fault_allocator(void);

// Counts what is no call of the platform's but may fail like one: bits by code. Whether it is to.
bool fault_strikes(const char *name, unsigned codes);

// The fault that is planned, and where it struck.
const char *describe_fault(void);

// An assertion that tells the fault.
#define EXPECT(condition) ck_assert_msg((condition), "%s: %s", describe_fault(), #condition)

#endif
