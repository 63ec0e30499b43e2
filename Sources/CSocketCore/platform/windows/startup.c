// SPDX-License-Identifier: MIT
//
// The use of Winsock. The count of its users (WSAStartup) is the only state of the process that the
// library touches. It belongs to Winsock, and other parts of the program have shares of their own.
#ifdef _WIN32

#include "platform/windows/startup.h"

#include "platform/windows/afd.h"

static SRWLOCK starting = SRWLOCK_INIT;
static volatile LONG is_started;
static volatile LONG sockets;
static HANDLE afd; // changes only under the lock, while is_started is 0

static DWORD begin(void) {
    WSADATA data;
    const int error = WSAStartup(MAKEWORD(2, 2), &data);
    if (error != 0) {
        return (DWORD)error;
    }
    DWORD failure = ERROR_SUCCESS;
    afd = spsi_afd_open(&failure);
    if (afd == NULL) {
        WSACleanup();
        return failure;
    }
    return ERROR_SUCCESS;
}

spsi_result spsi_windows_start(void) {
    if (InterlockedOr(&is_started, 0) != 0) {
        return spsi_windows_done();
    }
    AcquireSRWLockExclusive(&starting);
    const DWORD error = is_started ? ERROR_SUCCESS : begin();
    if (error == ERROR_SUCCESS) {
        InterlockedExchange(&is_started, 1);
    }
    ReleaseSRWLockExclusive(&starting);
    return error == ERROR_SUCCESS ? spsi_windows_done() : spsi_windows_failure(error);
}

// A socket is counted before spsi_windows_start() for it. So either this sees the socket, or the
// start sees that the use has ended, and waits for the lock.
void spsi_windows_stop(void) {
    AcquireSRWLockExclusive(&starting);
    if (InterlockedExchange(&is_started, 0) != 0) {
        if (InterlockedOr(&sockets, 0) != 0) {
            InterlockedExchange(&is_started, 1);
        } else {
            CloseHandle(afd);
            WSACleanup();
        }
    }
    ReleaseSRWLockExclusive(&starting);
}

void spsi_windows_add_socket(void) {
    InterlockedIncrement(&sockets);
}

void spsi_windows_drop_socket(void) {
    InterlockedDecrement(&sockets);
}

HANDLE spsi_windows_afd(void) {
    return afd;
}

#else
typedef int spsi_windows_startup_is_elsewhere; // ISO C wants a declaration in each file
#endif
