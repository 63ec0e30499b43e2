// SPDX-License-Identifier: MIT
#ifdef _WIN32

#include "platform/windows/afd.h"

#include <mswsock.h>
#include <string.h>
#include <winternl.h>

#define IOCTL_AFD_POLL 0x00012024u

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

#else
typedef int spsi_windows_afd_is_elsewhere; // ISO C wants a declaration in each file
#endif
