// SPDX-License-Identifier: MIT
//
// Readiness from the driver of Winsock (\Device\Afd). select() and WSAPoll() ask it the same
// question, but block a thread each, and WSAPoll() does not report refused connects before Windows
// 10 2004. wepoll, libuv and mio use this interface too, so it is as good as stable.
//
// A poll is one-shot. It completes at once if an event is there already. It may name any socket,
// not only the handle that it is issued on. Two polls of one socket confuse the driver if they
// complete to one port. So a selector has at most one in flight for each socket.
#ifndef SPSI_PLATFORM_WINDOWS_AFD_H
#define SPSI_PLATFORM_WINDOWS_AFD_H

#include "platform/windows/windows.h"

enum {
    SPSI_AFD_RECEIVE = 0x01,
    SPSI_AFD_SEND = 0x04,
    SPSI_AFD_DISCONNECT = 0x08,  // the peer has finished
    SPSI_AFD_ABORT = 0x10,       // the connection is broken
    SPSI_AFD_LOCAL_CLOSE = 0x20, // the socket was closed; reported whether asked for or not
    SPSI_AFD_ACCEPT = 0x80,
    SPSI_AFD_CONNECT_FAIL = 0x100,
    SPSI_AFD_FAILURES = SPSI_AFD_ABORT | SPSI_AFD_CONNECT_FAIL
};

// How a poll ends (NTSTATUS). Other values below 0 are failures.
#define SPSI_AFD_TIMEOUT ((LONG)0x00000102)
#define SPSI_AFD_CANCELLED ((LONG)0xC0000120)

// The driver's form of a poll of one socket, in and out.
typedef struct spsi_afd_info {
    LONGLONG timeout; // units of 100 ns: below 0 from now on, INT64_MAX never
    ULONG count;      // of sockets; out: with events
    ULONG is_exclusive;
    HANDLE socket;
    ULONG events;
    LONG status; // out: why a connect failed (NTSTATUS)
} spsi_afd_info;

// A poll in flight. The driver writes to it until it completes.
typedef struct spsi_afd_poll {
    OVERLAPPED overlapped; // Internal: how the poll has ended
    spsi_afd_info info;
} spsi_afd_poll;

// A handle of the driver, or NULL and the code of GetLastError().
HANDLE spsi_afd_open(DWORD *out_error);

// The socket of the base provider. Providers above it (LSPs) have handles of their own, which the
// driver does not know.
SOCKET spsi_afd_base_of(SOCKET socket);

// Begins a poll. ERROR_SUCCESS: it has ended already, which is also reported to the completion
// port. ERROR_IO_PENDING: it is in flight. Otherwise the failure; then nothing is reported.
DWORD spsi_afd_begin(HANDLE afd, spsi_afd_poll *poll, SOCKET base, ULONG events, LONGLONG timeout);

// The events that an ended poll has found. 0: none.
static inline ULONG spsi_afd_events(const spsi_afd_poll *poll) {
    return poll->info.count > 0 ? poll->info.events : 0;
}

static inline LONG spsi_afd_status(const spsi_afd_poll *poll) {
    return (LONG)poll->overlapped.Internal;
}

#endif
