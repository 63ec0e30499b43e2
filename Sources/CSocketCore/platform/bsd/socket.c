// SPDX-License-Identifier: MIT
//
// The BSDs and macOS: flags are set after the call, with what every POSIX system has. A child
// that another thread forks in between inherits the descriptor; these systems offer no better
// way that all of them share. CMake's SPS_PLATFORM=bsd compiles this file on Linux too, so that
// the tests can run it.
#if !defined(_WIN32) && (!defined(__linux__) || defined(SPSI_USE_BSD))

#include "platform/posix/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#ifdef MSG_NOSIGNAL
const int spsi_unix_send_flags = MSG_NOSIGNAL;
#else
const int spsi_unix_send_flags = 0; // SO_NOSIGPIPE does it
#endif

const int spsi_unix_shared_bind = SO_REUSEPORT;

// Gives the descriptor its three properties, or closes it and returns -1 with errno.
static int prepare(int fd) {
    if (fd == -1) {
        return -1;
    }
    const int flags = fcntl(fd, F_GETFL, 0);
    bool good = flags != -1 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) != -1 &&
                fcntl(fd, F_SETFD, FD_CLOEXEC) != -1;
#ifdef SO_NOSIGPIPE
    const int on = 1;
    good = good && setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof on) != -1;
#endif
    if (good) {
        return fd;
    }
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int spsi_unix_socket(int domain) {
    return prepare(socket(domain, SOCK_STREAM, 0));
}

int spsi_unix_accept(int fd, struct sockaddr *address, socklen_t *size) {
    return prepare(accept(fd, address, size));
}

#else
typedef int spsi_bsd_is_elsewhere; // ISO C wants a declaration in each file
#endif
