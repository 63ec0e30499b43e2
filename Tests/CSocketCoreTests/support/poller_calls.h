// SPDX-License-Identifier: MIT
//
// The machine's platform with counts of the calls that a poller makes.
#ifndef POLLER_CALLS_H
#define POLLER_CALLS_H

#include "platform/calls.h"
#include "support/support.h"

typedef struct poller_calls {
    int waits, receives, sends, others;
} poller_calls;

extern poller_calls called_by_poller;

// A test may replace each call after count_poller_calls().
extern sps_platform counting_poller;

void count_poller_calls(void);

// Checks the numbers of calls since the last check, and starts a new count. There are no others.
void expect_poller_calls(int waits, int receives, int sends);

#endif
