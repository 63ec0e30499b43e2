// SPDX-License-Identifier: MIT
//
// What programs do with the library, in one thread, and what must be true whatever fails.
#ifndef FAULT_SCENARIOS_H
#define FAULT_SCENARIOS_H

#include <check.h>

#include "fault_platform.h"

// An assertion that tells the fault.
#define EXPECT(condition) ck_assert_msg((condition), "%s: %s", describe_fault(), #condition)

typedef struct scenario {
    const char *name;
    void (*run)(void);
} scenario;

extern const scenario scenarios[]; // ends with a NULL name

#endif
