// SPDX-License-Identifier: MIT
//
// Linux: the flags come with the call, so no moment is left in which a child could inherit.
#if defined(__linux__) && !defined(SPSI_USE_BSD)

#include "platform/posix/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h> // all of tcp_info; that of netinet/tcp.h ends early
#include <netinet/in.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

const int spsi_unix_send_flags = MSG_NOSIGNAL;
const bool spsi_unix_dontwait_is_obeyed = true;
const bool spsi_unix_teardown_is_eprototype = false;
const bool spsi_unix_close_ends_both_ways = false;

const int spsi_unix_shared_bind = SO_REUSEADDR; // socket(7): unless one of them listens
const int spsi_unix_reuse_port = SO_REUSEPORT;
const int spsi_unix_keepalive_idle = TCP_KEEPIDLE;
const int spsi_unix_user_timeout = TCP_USER_TIMEOUT;
const uint32_t spsi_unix_user_timeout_ms = 1;

int spsi_unix_socket(int domain) {
    return socket(domain, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

int spsi_unix_accept(int fd, struct sockaddr *address, socklen_t *size) {
    return accept4(fd, address, size, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

// Fields that the kernel does not know stay 0.
static bool read_tcp_info(int fd, struct tcp_info *out_info) {
    memset(out_info, 0, sizeof *out_info);
    socklen_t size = sizeof *out_info;
    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, out_info, &size) == 0;
}

// The kernel's counters outlive the connection. Probes go out when nothing waits to be sent or
// acknowledged (then they are keepalive's), or when the peer's window is closed.
spsi_code spsi_unix_gave_up(int fd) {
    struct tcp_info info;
    if (!read_tcp_info(fd, &info)) {
        return SPSI_FAILED;
    }
    if (info.tcpi_retransmits > 0 || info.tcpi_notsent_bytes > 0) {
        return SPSI_TIMED_OUT;
    }
    return info.tcpi_probes > 0 ? SPSI_NO_ANSWER : SPSI_FAILED;
}

spsi_result spsi_unix_tcp_info(const sps_platform *platform, spsi_handle handle,
                               sps_tcp_info *out_info) {
    (void)platform;
    struct tcp_info info;
    if (!read_tcp_info((int)handle, &info)) {
        return spsi_posix_failure(errno);
    }
    out_info->round_trip_us = info.tcpi_rtt;
    out_info->round_trip_variation_us = info.tcpi_rttvar;
    out_info->least_round_trip_us = info.tcpi_min_rtt == UINT32_MAX ? 0 : info.tcpi_min_rtt;
    out_info->retransmits = info.tcpi_total_retrans;
    out_info->unacknowledged_segments = info.tcpi_unacked;
    out_info->not_sent_bytes = info.tcpi_notsent_bytes;
    out_info->congestion_window_segments = info.tcpi_snd_cwnd;
    out_info->segment_bytes = info.tcpi_snd_mss;
    out_info->since_received_ms = info.tcpi_last_data_recv;
    out_info->acknowledged_bytes = info.tcpi_bytes_acked;
    out_info->received_bytes = info.tcpi_bytes_received;
    out_info->delivery_bytes_per_second = info.tcpi_delivery_rate;
    return spsi_posix_done();
}

spsi_result spsi_unix_peer_credentials(const sps_platform *platform, spsi_handle handle,
                                       sps_peer_credentials *out_credentials) {
    (void)platform;
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt((int)handle, SOL_SOCKET, SO_PEERCRED, &peer, &size) == -1) {
        return spsi_posix_failure(errno);
    }
    out_credentials->pid = peer.pid;
    out_credentials->uid = peer.uid;
    out_credentials->gid = peer.gid;
    return spsi_posix_done();
}

bool spsi_unix_has_abstract_names(const sps_platform *platform) {
    (void)platform;
    return true;
}

// A full backlog is EAGAIN (connect(2)).
bool spsi_unix_refusal_is_proof(const sps_platform *platform) {
    (void)platform;
    return true;
}

// Newer than many headers. Some other architectures count from elsewhere. Android ends an app at a
// system call that its libc does not make (seccomp(2)). So this side leaves the call out there.
#if defined(__ANDROID__)
#undef SYS_fchmodat2
#elif !defined(SYS_fchmodat2) &&                                                                   \
    (defined(__x86_64__) || defined(__i386__) || defined(__aarch64__) || defined(__arm__) ||       \
     defined(__riscv) || defined(__s390__) || defined(__powerpc__)) &&                             \
    !(defined(__x86_64__) && defined(__ILP32__))
#define SYS_fchmodat2 452
#endif

// Since Linux 6.6 there is a call for it. The way of libc without that needs /proc.
int spsi_unix_chmod_no_follow(const char *path, mode_t mode) {
#ifdef SYS_fchmodat2
    if (syscall(SYS_fchmodat2, AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW) == 0) {
        return 0;
    }
#endif
    return fchmodat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW);
}

#else
typedef int spsi_linux_is_elsewhere; // ISO C wants a declaration in each file
#endif
