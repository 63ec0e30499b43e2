// SPDX-License-Identifier: MIT
//
// The BSDs and macOS. macOS sets flags after the call, with what every POSIX system has. A child
// that another thread forks in between inherits the descriptor. The BSDs also pass the flags with
// the call. CMake's SPS_PLATFORM=bsd compiles this file on Linux too, for tests of macOS's way.
#if !defined(_WIN32) && (!defined(__linux__) || defined(SPSI_USE_BSD))

#include "platform/posix/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <unistd.h>

#ifdef MSG_NOSIGNAL
const int spsi_unix_send_flags = MSG_NOSIGNAL;
#else
const int spsi_unix_send_flags = 0; // SO_NOSIGPIPE does it
#endif

// macOS: a send to a Unix socket waits all the same.
const bool spsi_unix_dontwait_is_obeyed = false;

// macOS: so may a send that meets a close half-way (libuv has seen it; the next answers EPIPE).
const bool spsi_unix_teardown_is_eprototype = true;

// The kernel disconnects both ends (unp_disconnect() of each BSD).
const bool spsi_unix_close_ends_both_ways = true;

const int spsi_unix_shared_bind = SO_REUSEPORT;

#ifdef SO_REUSEPORT_LB
const int spsi_unix_reuse_port = SO_REUSEPORT_LB; // FreeBSD shares connections out only with this
#else
const int spsi_unix_reuse_port = SO_REUSEPORT;
#endif

#if defined(TCP_KEEPIDLE)
const int spsi_unix_keepalive_idle = TCP_KEEPIDLE;
#elif defined(TCP_KEEPALIVE)
const int spsi_unix_keepalive_idle = TCP_KEEPALIVE; // macOS
#else
const int spsi_unix_keepalive_idle = -1; // OpenBSD
#endif

#ifdef TCP_RXT_CONNDROPTIME
const int spsi_unix_user_timeout = TCP_RXT_CONNDROPTIME; // macOS
#else
const int spsi_unix_user_timeout = -1;
#endif
const uint32_t spsi_unix_user_timeout_ms = 1000;

// Prepares the descriptor, or closes it and returns -1 with errno.
static int prepare(int fd) {
    if (fd == -1 || spsi_posix_prepare(fd)) {
        return fd;
    }
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

#if defined(SOCK_CLOEXEC) && !defined(__linux__)
enum { AT_ONCE = SOCK_NONBLOCK | SOCK_CLOEXEC };
#else
enum { AT_ONCE = 0 };
#endif

int spsi_unix_socket(int domain) {
    return prepare(socket(domain, SOCK_STREAM | AT_ONCE, 0));
}

static int accept_once(int fd, struct sockaddr *address, socklen_t *size) {
#if defined(__NetBSD__) // accept4(2) is as young as NetBSD 8
    return paccept(fd, address, size, NULL, AT_ONCE);
#elif defined(__linux__) || defined(__APPLE__)
    return accept(fd, address, size);
#else
    return accept4(fd, address, size, AT_ONCE);
#endif
}

// macOS answers EINVAL to changes of a socket that the peer has reset or closed (SwiftNIO has seen
// it). The socket has them from its server then, and bytes that arrived before can be read.
int spsi_unix_accept(int fd, struct sockaddr *address, socklen_t *size) {
    const int accepted = accept_once(fd, address, size);
    if (accepted == -1 || spsi_posix_prepare(accepted) || errno == EINVAL) {
        return accepted;
    }
    const int error = errno;
    close(accepted);
    errno = error;
    return -1;
}

// None of these systems keeps what would tell, once the connection is gone.
spsi_code spsi_unix_gave_up(int fd) {
    (void)fd;
    return SPSI_FAILED;
}

// macOS has TCP_CONNECTION_INFO, FreeBSD a tcp_info of its own; OpenBSD has another. Not written
// before somebody can run it.
spsi_result spsi_unix_tcp_info(const sps_platform *platform, spsi_handle handle,
                               sps_tcp_info *out_info) {
    (void)platform;
    (void)handle;
    (void)out_info;
    return (spsi_result){SPSI_UNSUPPORTED, 0};
}

// getpeereid(3) does not tell the process. It is BSD's own: on Linux, where this file is only
// compiled to be tested, there is none.
spsi_result spsi_unix_peer_credentials(const sps_platform *platform, spsi_handle handle,
                                       sps_peer_credentials *out_credentials) {
    (void)platform;
#ifdef __linux__
    (void)handle;
    (void)out_credentials;
    return (spsi_result){SPSI_UNSUPPORTED, 0};
#else
    uid_t uid;
    gid_t gid;
    if (getpeereid((int)handle, &uid, &gid) == -1) {
        return spsi_posix_failure(errno);
    }
    out_credentials->pid = 0;
    out_credentials->uid = uid;
    out_credentials->gid = gid;
    return spsi_posix_done();
#endif
}

bool spsi_unix_has_abstract_names(const sps_platform *platform) {
    (void)platform;
    return false;
}

// A full backlog is ECONNREFUSED, too, on the BSDs and macOS. Linux only tests this file.
bool spsi_unix_refusal_is_proof(const sps_platform *platform) {
    (void)platform;
#ifdef __linux__
    return true;
#else
    return false;
#endif
}

int spsi_unix_chmod_no_follow(const char *path, mode_t mode) {
    return fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW);
}

#else
typedef int spsi_bsd_is_elsewhere; // ISO C wants a declaration in each file
#endif
