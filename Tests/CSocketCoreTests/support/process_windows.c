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
// sockets and files count.
static bool is_counted(HANDLE handle) {
    int kind;
    int size = sizeof kind;
    const DWORD type = GetFileType(handle);
    return type == FILE_TYPE_DISK ||
           (type == FILE_TYPE_PIPE &&
            getsockopt((SOCKET)handle, SOL_SOCKET, SO_TYPE, (char *)&kind, &size) == 0);
}

// Handles are multiples of four, and a new one is the lowest that is free. Wine does not tell how
// many there are.
int count_descriptors(void) {
    enum { GAP = 256 };
    int count = 0;
    uintptr_t last = 0;
    for (uintptr_t each = 1; each <= last + GAP; each++) {
        HANDLE handle = (HANDLE)(4 * each);
        DWORD flags;
        const bool is_one = is_counted(handle);
        count += is_one;
        last = is_one || GetHandleInformation(handle, &flags) ? each : last;
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
    {"addresses_are_read_as_by_the_os",
     "Windows reads zeros before the numbers of an address in its own way"},
    {NULL, NULL},
};

const char *why_left_out(const char *test) {
    const left_out *row = tests;
    while (row->test != NULL && strcmp(row->test, test) != 0) {
        row++;
    }
    return row->why;
}

// Windows knows users by names of another form.
void expect_own_credentials(const sps_peer_credentials *credentials) {
    ck_assert_int_eq(credentials->pid, (int32_t)GetCurrentProcessId());
}
