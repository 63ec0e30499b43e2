// SPDX-License-Identifier: MIT
//
// The contract's tests on a simulated host. Bytes of its loopback take time to arrive.
#include "simulated_machine.h"
#include "support/contract.h"

const sps_platform *platform_under_test(void) {
    return sps_simulated_host_platform(host_of_test());
}

platform_facts facts_of_platform(void) {
    return (platform_facts){.keeps_bytes_at_reset = true,
                            .reports_edges_once = true,
                            .reports_broken = true,
                            .has_folders = false,
                            .has_threads = false};
}

void prepare_platform(void) {
    static const char *const names[][2] = {
        {"localhost", "127.0.0.1"}, {"127.0.0.1", "127.0.0.1"}, {"::1", "::1"}};
    const sps_link_options link = {.struct_size = sizeof link, .latency_us = 200};
    OK(sps_simulation_set_link(host_of_test(), host_of_test(), &link));
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        OK(sps_simulation_add_name(network_of_test(), names[i][0], names[i][1]));
    }
}

// ---- Beside the test: the network calls it while time passes

static void (*planned)(void *context);
static void *planned_context;

static void run_planned(void *unused) {
    (void)unused;
    OK(sps_simulation_stop_every(network_of_test(), run_planned, NULL));
    void (*action)(void *context) = planned;
    planned = NULL;
    action(planned_context);
}

void later(void (*action)(void *context), void *context) {
    planned = action;
    planned_context = context;
    OK(sps_simulation_every(network_of_test(), 1000, run_planned, NULL));
}

void finish_later(void) {
    WAIT_UNTIL(planned == NULL);
}

bool send_urgent(spsi_handle handle, uint8_t byte) {
    (void)handle;
    (void)byte;
    return false;
}
