// SPDX-License-Identifier: MIT
//
// This process, on Windows, and what Windows does not have.
#define NOMINMAX
#include <winsock2.h>

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

// ---- What it holds

// Windows makes handles for itself, for example at the first use of a call, and keeps them. So only
// sockets and files count. Each handle is a multiple of four.
static bool is_counted(HANDLE handle) {
    int type;
    int size = sizeof type;
    return getsockopt((SOCKET)handle, SOL_SOCKET, SO_TYPE, (char *)&type, &size) == 0 ||
           GetFileType(handle) == FILE_TYPE_DISK;
}

int count_descriptors(void) {
    DWORD handles = 0;
    int count = 0;
    GetProcessHandleCount(GetCurrentProcess(), &handles);
    for (uintptr_t each = 4; each <= 4 * ((uintptr_t)handles + 64); each += 4) {
        count += is_counted((HANDLE)each);
    }
    return count;
}

// The library starts none. Those of the OS's pool come and go.
int count_threads(void) {
    return 0;
}

int count_children(void) {
    return 0;
}

void allow_descriptors(size_t least) {
    (void)least; // there is no limit
}

// ---- Time

double seconds_now(void) {
    LARGE_INTEGER now, frequency;
    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    return (double)now.QuadPart / (double)frequency.QuadPart;
}

void pause_machine(void) {
    Sleep(1);
}

// ---- Its end

static bool is_counting;

// Check ends the process of all tests with their result, after the last one.
static void end_early(void) {
    if (is_counting) {
        fputs("the test has ended its process\n", stderr);
        _Exit(EXIT_FAILURE);
    }
}

void refuse_early_end(void) {
    static bool is_registered;
    is_counting = true;
    if (!is_registered) {
        atexit(end_early);
        is_registered = true;
    }
}

void allow_early_end(void) {
    is_counting = false;
}

// ---- What differs between systems

typedef struct left_out {
    const char *test, *why;
} left_out;

static const left_out tests[] = {
    {"a_test", "a reason"},
};

const char *why_left_out(const char *test) {
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
        if (strcmp(tests[i].test, test) == 0) {
            return tests[i].why;
        }
    }
    return NULL;
}

// Windows knows users by names of another form.
void expect_own_credentials(const sps_peer_credentials *credentials) {
    ck_assert_int_eq(credentials->pid, (int32_t)GetCurrentProcessId());
}
