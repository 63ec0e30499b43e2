// SPDX-License-Identifier: MIT
//
// The machine's own platform, in which the nth call may fail. It fails with a code that platform.h
// allows, from the call's manual page. Also an allocator, in which one allocation may fail.
#ifndef FAULT_PLATFORM_H
#define FAULT_PLATFORM_H

#include <check.h>

#include "platform/platform.h"

// A send that takes one byte. This is not a code of the platform.
enum { SHORT_SEND = SPSI_FAILED + 1, FAULT_CODES };

// Whether the calls that can fail in the same way do so again after the first fault.
typedef enum fault_repeat { ONCE, TWICE, FOR_GOOD } fault_repeat;

// The planned fault, and what happened.
typedef struct fault_plan {
    const char *scenario;
    long nth_call; // counted from 1; 0: none
    int code;      // an spsi_code, or SHORT_SEND
    int next_code; // for the send after a SHORT_SEND; 0: it succeeds
    fault_repeat repeat;
    long nth_allocation;
    long calls, allocations;
    long struck;             // how often a call has failed
    const char *struck_call; // the name of the first call that failed
    long bytes;              // allocated now
} fault_plan;

extern fault_plan the_plan;

// Forgets the last run, and plans the fault of the next one.
void plan_fault(fault_plan plan);

// The codes that the nth call of the last run can return, a bit each.
unsigned codes_of_call(long nth);

// A name that the platform's look-up knows: ::1, which has no server, and 127.0.0.1.
#define FAULT_NAME "fault.test"

const sps_platform *fault_platform(void);
const sps_allocator *fault_allocator(void);

// Counts an operation that is not a platform call, but may fail like one with these codes. Returns
// whether it must fail.
bool fault_strikes(const char *name, unsigned codes);

// Describes the planned fault, and where it struck.
const char *describe_fault(void);

// An assertion whose message describes the fault.
#define EXPECT(condition) ck_assert_msg((condition), "%s: %s", describe_fault(), #condition)

#endif
