// SPDX-License-Identifier: MIT
//
// Sockets that come from elsewhere.
#ifdef _WIN32

#include "platform/windows/windows.h"

static bool family_of(int domain, spsi_family *out_family) {
    switch (domain) {
    case AF_INET:
        *out_family = SPSI_FAMILY_IPV4;
        return true;
    case AF_INET6:
        *out_family = SPSI_FAMILY_IPV6;
        return true;
    case AF_UNIX:
        *out_family = SPSI_FAMILY_UNIX;
        return true;
    default:
        return false;
    }
}

// The provider knows the family. getsockname() fails for a socket that is not bound.
static bool is_stream_socket(SOCKET socket, spsi_family *out_family) {
    WSAPROTOCOL_INFOW info;
    int size = sizeof info;
    return getsockopt(socket, SOL_SOCKET, SO_PROTOCOL_INFOW, (char *)&info, &size) == 0 &&
           info.iSocketType == SOCK_STREAM && family_of(info.iAddressFamily, out_family);
}

static bool is_connected(SOCKET socket) {
    SOCKADDR_STORAGE address;
    int size = sizeof address;
    return getpeername(socket, (struct sockaddr *)&address, &size) == 0;
}

spsi_socket_kind spsi_windows_inspect(const sps_platform *platform, spsi_handle handle,
                                      spsi_family *out_family) {
    (void)platform;
    const SOCKET socket = (SOCKET)handle;
    if (socket == INVALID_SOCKET || spsi_windows_start().code != SPSI_DONE ||
        !is_stream_socket(socket, out_family)) {
        return SPSI_NO_STREAM_SOCKET;
    }
    BOOL listening = FALSE;
    int size = sizeof listening;
    if (getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, (char *)&listening, &size) == 0 &&
        listening) {
        return SPSI_LISTENING;
    }
    return is_connected(socket) ? SPSI_CONNECTED : SPSI_UNCONNECTED;
}

// Counts the socket as one of the library's. A socket that is released counts on, so Winsock stays
// in use for it.
spsi_result spsi_windows_adopt(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    const SOCKET socket = (SOCKET)handle;
    u_long on = 1;
    SetHandleInformation((HANDLE)socket, HANDLE_FLAG_INHERIT, 0);
    const spsi_result result = spsi_windows_result(ioctlsocket(socket, (long)FIONBIO, &on));
    if (result.code == SPSI_DONE) {
        spsi_windows_add_socket();
    }
    return result;
}

#else
typedef int spsi_windows_adopt_is_elsewhere; // ISO C wants a declaration in each file
#endif
