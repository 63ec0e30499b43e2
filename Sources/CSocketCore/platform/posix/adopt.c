// SPDX-License-Identifier: MIT
//
// Descriptors that come from elsewhere.
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <errno.h>
#include <fcntl.h>

static bool read_number(int fd, int option, int *out_number) {
    socklen_t size = sizeof *out_number;
    return getsockopt(fd, SOL_SOCKET, option, out_number, &size) == 0;
}

static bool family_of(int fd, spsi_family *out_family) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &size) == -1) {
        return false;
    }
    switch (address.ss_family) {
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

static bool is_connected(int fd) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    return getpeername(fd, (struct sockaddr *)&address, &size) == 0;
}

spsi_socket_kind spsi_posix_inspect(const sps_platform *platform, spsi_handle handle,
                                    spsi_family *out_family) {
    (void)platform;
    if (handle < 0 || handle > INT32_MAX) {
        return SPSI_NO_STREAM_SOCKET;
    }
    const int fd = (int)handle;
    int type = 0, listening = 0;
    if (!read_number(fd, SO_TYPE, &type) || type != SOCK_STREAM || !family_of(fd, out_family)) {
        return SPSI_NO_STREAM_SOCKET;
    }
    if (read_number(fd, SO_ACCEPTCONN, &listening) && listening != 0) {
        return SPSI_LISTENING;
    }
    return is_connected(fd) ? SPSI_CONNECTED : SPSI_UNCONNECTED;
}

spsi_result spsi_posix_adopt(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    return spsi_posix_prepare((int)handle) ? spsi_posix_done() : spsi_posix_failure(errno);
}

// The flag of the descriptor comes first: macOS may refuse those of the socket.
bool spsi_posix_set_flags(int fd) {
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) == -1) {
        return false;
    }
    const int flags = fcntl(fd, F_GETFL, 0);
    return flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != -1;
}

void spsi_posix_let_wait(int fd) {
    const int flags = fcntl(fd, F_GETFL, 0);
    if (flags != -1 && (flags & O_NONBLOCK) != 0) {
        fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
    }
}

bool spsi_posix_prepare(int fd) {
    bool good = spsi_posix_set_flags(fd);
#ifdef SO_NOSIGPIPE
    const int on = 1;
    good = good && setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) != -1;
#endif
    return good;
}

#else
typedef int spsi_posix_adopt_is_elsewhere; // ISO C wants a declaration in each file
#endif
