// SPDX-License-Identifier: MIT
#ifdef _WIN32

#include "platform/windows/readiness.h"

#include <string.h>
#include <winternl.h>

#include "platform/windows/startup.h"

#define NEVER INT64_MAX

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
typedef int spsi_windows_readiness_is_elsewhere; // ISO C wants a declaration in each file
#endif
