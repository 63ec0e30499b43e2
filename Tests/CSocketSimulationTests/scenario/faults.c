// SPDX-License-Identifier: MIT
//
// The same short scenario over and over: each time another call or allocation fails.
#include <stdio.h>

#include "scenario/scenario.h"

static bool has_struck(const scenario_fault *fault, const scenario_result *result) {
    return fault->nth_allocation != 0 ? result->allocations >= fault->nth_allocation
                                      : fault->nth == 0 || result->has_failed_call;
}

// Whether all went well; the number of runs goes on.
static bool run_fault(uint64_t seed, scenario_fault fault, uint64_t *runs,
                      scenario_result *out_result, scenario_fault *out_fault) {
    *out_fault = fault;
    *out_result = scenario_run_with_fault(seed, out_fault, NULL, NULL);
    ++*runs;
    // Until then it is the run that was counted.
    if (out_result->problem[0] == '\0' && !has_struck(&fault, out_result)) {
        snprintf(out_result->problem, sizeof out_result->problem, "it never came to the fault");
    }
    return out_result->problem[0] == '\0';
}

uint64_t scenario_run_all_faults(uint64_t seed, scenario_result *out_result,
                                 scenario_fault *out_fault) {
    uint64_t runs = 0;
    if (!run_fault(seed, (scenario_fault){0}, &runs, out_result, out_fault)) {
        return runs;
    }
    const scenario_result whole = *out_result;
    for (uint64_t nth = 1; nth <= whole.allocations; nth++) {
        const scenario_fault fault = {.nth_allocation = nth};
        if (!run_fault(seed, fault, &runs, out_result, out_fault)) {
            return runs;
        }
    }
    for (int call = 0; call < SPS_CALL_COUNT; call++) {
        for (uint64_t nth = 1; nth <= whole.calls[call]; nth++) {
            for (int kind = 0; kind < SPS_FAULT_COUNT; kind++) {
                const scenario_fault fault = {.call = call, .nth = nth, .fault = kind};
                if (sps_simulated_call_may_fail(call, kind) &&
                    !run_fault(seed, fault, &runs, out_result, out_fault)) {
                    return runs;
                }
            }
        }
    }
    return runs;
}

void scenario_describe_fault(const scenario_fault *fault, char *text, size_t size) {
    if (fault->nth_allocation != 0) {
        snprintf(text, size, "allocation %u fails", (unsigned)fault->nth_allocation);
    } else {
        snprintf(text, size, "%s %u is %s", sps_simulated_call_name(fault->call),
                 (unsigned)fault->nth, sps_simulated_fault_name(fault->fault));
    }
}
