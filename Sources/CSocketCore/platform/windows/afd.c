// SPDX-License-Identifier: MIT
#ifdef _WIN32

#include "platform/windows/afd.h"

#include <mswsock.h>
#include <string.h>
#include <winternl.h>

#include "platform/windows/startup.h"

#define IOCTL_AFD_POLL 0x00012024u
#define NEVER INT64_MAX

HANDLE spsi_afd_open(DWORD *out_error) {
    static const WCHAR name[] = L"\\Device\\Afd\\StreamPeerSocket"; // the driver ignores the end
    UNICODE_STRING path;
    path.Buffer = (PWSTR)(uintptr_t)name;
    path.Length = (USHORT)(sizeof name - sizeof name[0]);
    path.MaximumLength = (USHORT)sizeof name;
    OBJECT_ATTRIBUTES attributes;
    memset(&attributes, 0, sizeof attributes);
    attributes.Length = sizeof attributes;
    attributes.ObjectName = &path;
    IO_STATUS_BLOCK block;
    HANDLE afd;
    const NTSTATUS status = NtCreateFile(&afd, SYNCHRONIZE, &attributes, &block, NULL, 0,
                                         FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN, 0, NULL, 0);
    if (status < 0) {
        *out_error = RtlNtStatusToDosError(status);
        return NULL;
    }
    return afd;
}

static SOCKET ask_for_socket(SOCKET socket, DWORD question) {
    SOCKET answer;
    DWORD size;
    const int returned =
        WSAIoctl(socket, question, NULL, 0, &answer, sizeof answer, &size, NULL, NULL);
    return returned == 0 ? answer : INVALID_SOCKET;
}

// Providers must not answer SIO_BASE_HANDLE themselves, and some do, wrongly. Those let
// SIO_BSP_HANDLE_POLL through, which leads one provider further down.
SOCKET spsi_afd_base_of(SOCKET socket) {
    enum { MOST_PROVIDERS = 16 };
    for (int i = 0; i < MOST_PROVIDERS; i++) {
        const SOCKET base = ask_for_socket(socket, SIO_BASE_HANDLE);
        if (base != INVALID_SOCKET) {
            return base;
        }
        const SOCKET below = ask_for_socket(socket, SIO_BSP_HANDLE_POLL);
        if (below == INVALID_SOCKET || below == socket) {
            break;
        }
        socket = below;
    }
    return socket;
}

DWORD spsi_afd_begin(HANDLE afd, spsi_afd_poll *poll, SOCKET base, ULONG events, LONGLONG timeout) {
    poll->info = (spsi_afd_info){timeout, 1, FALSE, (HANDLE)base, events, 0};
    DWORD size;
    const BOOL done = DeviceIoControl(afd, IOCTL_AFD_POLL, &poll->info, sizeof poll->info,
                                      &poll->info, sizeof poll->info, &size, &poll->overlapped);
    return done ? ERROR_SUCCESS : GetLastError();
}

// The driver's own timer is coarse and may fire a tick too early. The caller looks at the clock.
static LONGLONG timeout_of(uint64_t timeout_us) {
    return timeout_us > INT64_MAX / 10 ? NEVER : -(LONGLONG)(timeout_us * 10);
}

static spsi_result wait_once(spsi_afd_poll *poll, SOCKET base, ULONG events, uint64_t timeout_us) {
    const DWORD error =
        spsi_afd_begin(spsi_windows_afd(), poll, base, events, timeout_of(timeout_us));
    if (error == ERROR_IO_PENDING) {
        WaitForSingleObject(poll->overlapped.hEvent, INFINITE);
    } else if (error != ERROR_SUCCESS) {
        return spsi_windows_failure(error);
    }
    const LONG status = spsi_afd_status(poll);
    if (status < 0) {
        return spsi_windows_failure(RtlNtStatusToDosError(status));
    }
    const bool found = status != SPSI_AFD_TIMEOUT && spsi_afd_events(poll) != 0;
    return found ? spsi_windows_done() : (spsi_result){SPSI_AGAIN, 0};
}

spsi_result spsi_afd_wait(SOCKET socket, ULONG events, uint64_t timeout_us, ULONG *out_events,
                          LONG *out_status) {
    spsi_afd_poll poll;
    memset(&poll, 0, sizeof poll);
    poll.overlapped.hEvent = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (poll.overlapped.hEvent == NULL) {
        return spsi_windows_failure(GetLastError());
    }
    const SOCKET base = spsi_afd_base_of(socket);
    const bool limited = timeout_us != SPSI_FOREVER && timeout_us != 0;
    const uint64_t deadline = limited ? spsi_windows_now_us(NULL) + timeout_us : 0;
    spsi_result result;
    for (;;) {
        result = wait_once(&poll, base, events, timeout_us);
        const uint64_t now = limited ? spsi_windows_now_us(NULL) : deadline;
        if (result.code != SPSI_AGAIN || now >= deadline) {
            break;
        }
        timeout_us = deadline - now;
    }
    CloseHandle(poll.overlapped.hEvent);
    *out_events = result.code == SPSI_DONE ? poll.info.events : 0;
    *out_status = result.code == SPSI_DONE ? poll.info.status : 0;
    return result;
}

bool spsi_afd_is_broken(SOCKET socket) {
    ULONG events;
    LONG status;
    return spsi_afd_wait(socket, SPSI_AFD_ABORT, 0, &events, &status).code == SPSI_DONE &&
           (events & SPSI_AFD_ABORT);
}

#else
typedef int spsi_windows_afd_is_elsewhere; // ISO C wants a declaration in each file
#endif
