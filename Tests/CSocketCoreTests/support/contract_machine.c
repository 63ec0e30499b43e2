// SPDX-License-Identifier: MIT
//
// The contract's tests on a Unix machine.
#include <pthread.h>
#include <sys/socket.h>

#include "support/contract.h"

const sps_platform *platform_under_test(void) {
    return spsi_os_platform();
}

// The selectors on kqueue(2), poll(2) and select(2) report levels, whatever SPSI_EDGE allows.
#if defined(__linux__) && HAS_POLLER_DESCRIPTORS && !defined(SMALLEST_PORT)
enum { HAS_EPOLL = true };
#else
enum { HAS_EPOLL = false };
#endif

#ifdef SMALLEST_PORT
enum { REPORTS_BROKEN = false };
#else
enum { REPORTS_BROKEN = true };
#endif

platform_facts facts_of_platform(void) {
    return (platform_facts){.keeps_bytes_at_reset = true,
                            .reports_edges_once = HAS_EPOLL,
                            .reports_broken = REPORTS_BROKEN,
                            .has_folders = true,
                            .has_threads = true};
}

void prepare_platform(void) {}

// ---- Beside the test

static pthread_t thread;
static void (*planned)(void *context);

static void *run_planned(void *context) {
    planned(context);
    return NULL;
}

void later(void (*action)(void *context), void *context) {
    planned = action;
    ck_assert_int_eq(pthread_create(&thread, NULL, run_planned, context), 0);
}

void finish_later(void) {
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

// Linux has urgent data of Unix sockets only in some versions.
bool send_urgent(spsi_handle handle, uint8_t byte) {
    return family_of(handle) != SPSI_FAMILY_UNIX && send((int)handle, &byte, 1, MSG_OOB) == 1;
}
