// SPDX-License-Identifier: MIT
//
// Typical single-threaded uses of the library, and the checks that hold for every fault. The tables
// end with a NULL name.
#ifndef FAULT_SCENARIOS_H
#define FAULT_SCENARIOS_H

#include "support/failing_platform.h"
#include "support/support.h"

typedef struct scenario {
    const char *name;
    void (*run)(transport transport);
    transport transport;
} scenario;

extern const scenario transfer_scenarios[], message_scenarios[], poller_scenarios[],
    setting_scenarios[], memory_scenarios[], filter_scenarios[], path_scenarios[];

#endif
