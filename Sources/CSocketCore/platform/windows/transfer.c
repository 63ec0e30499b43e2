// SPDX-License-Identifier: MIT
//
// Moving bytes, and waiting for a socket.
#ifdef _WIN32

#include "platform/windows/readiness.h"

#include <limits.h>

static const spsi_result reset = {SPSI_RESET, WSAECONNRESET};

static size_t at_once(size_t size, size_t room) {
    return size < room ? size : room;
}

spsi_result spsi_windows_receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                                 size_t size, size_t *out_received) {
    (void)platform;
    const int count = recv((SOCKET)handle, buffer, (int)at_once(size, INT_MAX), 0);
    *out_received = count > 0 ? (size_t)count : 0;
    if (count == 0) {
        return spsi_afd_is_broken((SOCKET)handle) ? reset : (spsi_result){SPSI_END, 0};
    }
    return spsi_windows_result(count);
}

// If any room is left in the send buffer, Windows takes a whole send, whatever its size, and holds
// it in the kernel's memory. A limit keeps back-pressure and that memory within bounds.
enum { MOST_SENT_BYTES = 1 << 20 };

spsi_result spsi_windows_send(const sps_platform *platform, spsi_handle handle,
                              const spsi_slice *slices, size_t count, size_t *out_sent) {
    (void)platform;
    WSABUF buffers[SPSI_MAX_SLICES];
    size_t room = MOST_SENT_BYTES;
    for (size_t i = 0; i < count; i++) {
        buffers[i].buf = (CHAR *)(uintptr_t)slices[i].data; // WSASend() only reads it
        buffers[i].len = (ULONG)at_once(slices[i].size, room);
        room -= buffers[i].len;
    }
    DWORD sent = 0;
    const spsi_result result =
        spsi_windows_result(WSASend((SOCKET)handle, buffers, (DWORD)count, &sent, 0, NULL, NULL));
    *out_sent = result.code == SPSI_DONE ? sent : 0;
    return result;
}

// SO_ERROR has the failures of connects. A receive that takes nothing shows a broken connection. If
// the peer had finished before, that shows the end alone, and the driver knows of the failure.
spsi_result spsi_windows_pending_failure(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    int error = 0, size = sizeof error;
    char byte;
    if (getsockopt((SOCKET)handle, SOL_SOCKET, SO_ERROR, (char *)&error, &size) == SOCKET_ERROR) {
        return spsi_windows_result(SOCKET_ERROR);
    }
    if (error != 0) {
        return spsi_windows_failure((DWORD)error);
    }
    const spsi_result result =
        spsi_windows_result(recv((SOCKET)handle, &byte, sizeof byte, MSG_PEEK));
    if (result.code != SPSI_DONE && result.code != SPSI_AGAIN) {
        return result;
    }
    return spsi_afd_is_broken((SOCKET)handle) ? reset : spsi_windows_done();
}

spsi_result spsi_windows_available(const sps_platform *platform, spsi_handle handle,
                                   size_t *out_bytes) {
    (void)platform;
    u_long count = 0;
    const spsi_result result =
        spsi_windows_result(ioctlsocket((SOCKET)handle, (long)FIONREAD, &count));
    *out_bytes = result.code == SPSI_DONE ? count : 0;
    return result;
}

spsi_result spsi_windows_wait(const sps_platform *platform, spsi_handle handle, unsigned interests,
                              uint64_t timeout_us) {
    (void)platform;
    ULONG asked = SPSI_AFD_FAILURES, events;
    LONG status;
    if (interests & SPSI_READABLE) {
        asked |= SPSI_AFD_RECEIVE | SPSI_AFD_DISCONNECT | SPSI_AFD_ACCEPT;
    }
    if (interests & SPSI_WRITABLE) {
        asked |= SPSI_AFD_SEND;
    }
    return spsi_afd_wait((SOCKET)handle, asked, timeout_us, &events, &status);
}

#else
typedef int spsi_windows_transfer_is_elsewhere; // ISO C wants a declaration in each file
#endif
