// SPDX-License-Identifier: MIT
//
// Linux: the flags come with the call, so no moment is left in which a child could inherit.
#if defined(__linux__) && !defined(SPSI_USE_BSD)

#include "platform/posix/unix.h"

const int spsi_unix_send_flags = MSG_NOSIGNAL;
const int spsi_unix_shared_bind = SO_REUSEADDR; // socket(7): unless one of them listens

int spsi_unix_socket(int domain) {
    return socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int spsi_unix_accept(int fd, struct sockaddr *address, socklen_t *size) {
    return accept4(fd, address, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

#else
typedef int spsi_linux_is_elsewhere; // ISO C wants a declaration in each file
#endif
