// SPDX-License-Identifier: MIT
//
// Opening, binding, listening, accepting, shutting down and closing.
#ifdef _WIN32

#include "platform/windows/readiness.h"

#include <limits.h>
#include <string.h>

static int domain_of(spsi_family family) {
    switch (family) {
    case SPSI_FAMILY_IPV4:
        return AF_INET;
    case SPSI_FAMILY_IPV6:
        return AF_INET6;
    default:
        return AF_UNIX;
    }
}

static bool is_unix(const spsi_address *address) {
    return address->family == SPSI_FAMILY_UNIX;
}

// Without the driver for Unix sockets (afunix.sys, Windows 10 1803) the family is unknown.
static spsi_result open_failure(spsi_family family) {
    const spsi_result result = spsi_windows_result(SOCKET_ERROR);
    const bool no_driver = family == SPSI_FAMILY_UNIX && result.os_code == WSAEAFNOSUPPORT;
    return no_driver ? (spsi_result){SPSI_UNSUPPORTED, result.os_code} : result;
}

// Overlapped, as socket() makes them. Calls of two threads on any other socket wait for each other.
// A program that the socket is released to may expect it, too.
static SOCKET open_prepared(int domain) {
    const SOCKET opened = WSASocketW(domain, SOCK_STREAM, domain == AF_UNIX ? 0 : IPPROTO_TCP, NULL,
                                     0, WSA_FLAG_OVERLAPPED | WSA_FLAG_NO_HANDLE_INHERIT);
    u_long on = 1;
    if (opened != INVALID_SOCKET && ioctlsocket(opened, (long)FIONBIO, &on) == SOCKET_ERROR) {
        const int error = WSAGetLastError();
        closesocket(opened);
        WSASetLastError(error);
        return INVALID_SOCKET;
    }
    return opened;
}

spsi_result spsi_windows_open(const sps_platform *platform, spsi_family family,
                              spsi_handle *out_handle) {
    (void)platform;
    *out_handle = SPSI_NO_HANDLE;
    spsi_windows_add_socket();
    spsi_result result = spsi_windows_start();
    if (result.code == SPSI_DONE) {
        *out_handle = (spsi_handle)open_prepared(domain_of(family));
        result = *out_handle == SPSI_NO_HANDLE ? open_failure(family) : result;
    }
    if (result.code != SPSI_DONE) {
        spsi_windows_drop_socket();
    }
    return result;
}

void spsi_windows_close(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    const DWORD saved = GetLastError();
    closesocket((SOCKET)handle);
    spsi_windows_drop_socket();
    SetLastError(saved);
}

// A socket with SO_REUSEADDR that meets one with SO_EXCLUSIVEADDRUSE gets WSAEACCES ("Using
// SO_REUSEADDR and SO_EXCLUSIVEADDRUSE"). Otherwise WSAEACCES is a port that Windows reserves.
static bool is_taken_exclusively(spsi_handle handle) {
    BOOL is_shared = FALSE;
    int size = sizeof is_shared;
    return getsockopt((SOCKET)handle, SOL_SOCKET, SO_REUSEADDR, (char *)&is_shared, &size) == 0 &&
           is_shared;
}

spsi_result spsi_windows_bind(const sps_platform *platform, spsi_handle handle,
                              const spsi_address *address) {
    (void)platform;
    if (is_unix(address)) {
        const spsi_result checked = spsi_windows_check_path(address->path);
        if (checked.code != SPSI_DONE) {
            return checked;
        }
    }
    SOCKADDR_STORAGE storage;
    const int size = spsi_windows_from_address(address, &storage);
    const spsi_result result =
        spsi_windows_result(bind((SOCKET)handle, (const struct sockaddr *)&storage, size));
    if (result.os_code == WSAEACCES && !is_unix(address) && is_taken_exclusively(handle)) {
        return (spsi_result){SPSI_ADDRESS_IN_USE, WSAEACCES};
    }
    if (result.os_code == WSAEOPNOTSUPP) { // the socket is of another family
        return (spsi_result){SPSI_ADDRESS_INVALID, WSAEOPNOTSUPP};
    }
    return result;
}

// A plain number above 200 is cut to 200. SOMAXCONN_HINT(), the negative number, is not (listen).
spsi_result spsi_windows_listen(const sps_platform *platform, spsi_handle handle,
                                uint32_t backlog) {
    (void)platform;
    enum { MOST_PLAIN = 200, MOST_HINTED = 65535 };
    int wanted = SOMAXCONN;
    if (backlog != 0) {
        const int count = backlog < MOST_HINTED ? (int)backlog : MOST_HINTED;
        wanted = count <= MOST_PLAIN ? count : -count;
    }
    return spsi_windows_result(listen((SOCKET)handle, wanted));
}

// How many connections that are gone one call skips. Peers could reset theirs as fast as a loop
// skips them.
enum { MOST_SKIPPED = 100 };

// Failures of the new connection, which is gone. The next one may be fine.
static bool is_of_connection(int error) {
    switch (error) {
    case WSAECONNRESET: // accept: the peer has reset it in the backlog
    case WSAECONNABORTED:
    case WSAENETRESET:
    case WSAENOTCONN: // the same under wine
    case WSAEHOSTUNREACH:
    case WSAENETUNREACH:
        return true;
    default:
        return false;
    }
}

// The connection inherits FIONBIO of the listening socket. It may inherit that children inherit it.
// Winsock has no accept that excludes this from the start, short of AcceptEx().
static spsi_result prepare_accepted(SOCKET accepted) {
    u_long on = 1;
    SetHandleInformation((HANDLE)accepted, HANDLE_FLAG_INHERIT, 0);
    const spsi_result result = spsi_windows_result(ioctlsocket(accepted, (long)FIONBIO, &on));
    if (result.code != SPSI_DONE) {
        closesocket(accepted);
    }
    return result;
}

spsi_result spsi_windows_accept(const sps_platform *platform, spsi_handle handle,
                                spsi_handle *out_handle, spsi_address *out_peer) {
    (void)platform;
    SOCKADDR_STORAGE storage;
    SOCKET accepted;
    int size, skipped = 0;
    bool is_gone;
    do {
        memset(&storage, 0, sizeof storage);
        size = sizeof storage;
        accepted = accept((SOCKET)handle, (struct sockaddr *)&storage, &size);
        is_gone = accepted == INVALID_SOCKET && is_of_connection(WSAGetLastError());
    } while (is_gone && ++skipped < MOST_SKIPPED);
    *out_handle = SPSI_NO_HANDLE;
    if (is_gone) {
        return (spsi_result){SPSI_AGAIN, 0};
    }
    if (accepted == INVALID_SOCKET) {
        return spsi_windows_result(SOCKET_ERROR);
    }
    const spsi_result result = prepare_accepted(accepted);
    if (result.code == SPSI_DONE) {
        spsi_windows_add_socket();
        spsi_windows_to_address(&storage, size, out_peer);
        *out_handle = (spsi_handle)accepted;
    }
    return result;
}

spsi_result spsi_windows_shutdown_write(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    const spsi_result result = spsi_windows_result(shutdown((SOCKET)handle, SD_SEND));
    if (result.os_code == WSAENOTCONN) { // it was connected, so the peer has reset it
        return (spsi_result){SPSI_RESET, result.os_code};
    }
    if (result.code == SPSI_DONE && spsi_afd_is_broken((SOCKET)handle)) {
        return (spsi_result){SPSI_RESET, WSAECONNRESET};
    }
    return result;
}

typedef int(WSAAPI *address_call)(SOCKET socket, struct sockaddr *address, int *size);

static spsi_result read_address(spsi_handle handle, address_call call, spsi_address *out_address) {
    SOCKADDR_STORAGE storage;
    memset(&storage, 0, sizeof storage);
    int size = sizeof storage;
    const spsi_result result =
        spsi_windows_result(call((SOCKET)handle, (struct sockaddr *)&storage, &size));
    spsi_windows_to_address(&storage, result.code == SPSI_DONE ? size : 0, out_address);
    return result;
}

spsi_result spsi_windows_local_address(const sps_platform *platform, spsi_handle handle,
                                       spsi_address *out_address) {
    (void)platform;
    return read_address(handle, getsockname, out_address);
}

spsi_result spsi_windows_peer_address(const sps_platform *platform, spsi_handle handle,
                                      spsi_address *out_address) {
    (void)platform;
    return read_address(handle, getpeername, out_address);
}

spsi_handle spsi_windows_descriptor(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    return handle;
}

#else
typedef int spsi_windows_socket_is_elsewhere; // ISO C wants a declaration in each file
#endif
