// SPDX-License-Identifier: MIT
//
// The contract's tests on Windows.
#ifdef _WIN32
#include <winsock2.h>

#include <process.h>
#include <windows.h>

#include "support/contract.h"

const sps_platform *platform_under_test(void) {
    return spsi_os_platform();
}

// A reset throws away what has arrived before it.
platform_facts facts_of_platform(void) {
    return (platform_facts){.keeps_bytes_at_reset = false,
                            .reports_edges_once = false,
                            .reports_broken = true,
                            .has_folders = true,
                            .has_threads = true};
}

void prepare_platform(void) {}

// ---- Beside the test

static HANDLE thread;
static void (*planned)(void *context);

static unsigned __stdcall run_planned(void *context) {
    planned(context);
    return 0;
}

void later(void (*action)(void *context), void *context) {
    planned = action;
    thread = (HANDLE)_beginthreadex(NULL, 0, run_planned, context, 0, NULL);
    ck_assert_ptr_nonnull(thread);
}

void finish_later(void) {
    ck_assert_uint_eq(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CloseHandle(thread);
}

bool send_urgent(spsi_handle handle, uint8_t byte) {
    const char data = (char)byte;
    return family_of(handle) != SPSI_FAMILY_UNIX && send((SOCKET)handle, &data, 1, MSG_OOB) == 1;
}
#else
typedef int contract_windows_is_elsewhere; // ISO C wants a declaration in each file
#endif
