// SPDX-License-Identifier: MIT
//
// Options of sockets (socket(7), tcp(7), ipv6(7)).
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

// OpenBSD has none of these for one socket.
#ifdef TCP_KEEPINTVL
enum { KEEPALIVE_INTERVAL = TCP_KEEPINTVL, KEEPALIVE_COUNT = TCP_KEEPCNT };
#else
enum { KEEPALIVE_INTERVAL = -1, KEEPALIVE_COUNT = -1 };
#endif

static spsi_result set(spsi_handle handle, int level, int option, const void *value,
                       socklen_t size) {
    if (option == -1) {
        return (spsi_result){SPSI_UNSUPPORTED, 0};
    }
    const int returned = setsockopt((int)handle, level, option, value, size);
    return returned == -1 ? spsi_posix_failure(errno) : spsi_posix_done();
}

static spsi_result set_number(spsi_handle handle, int level, int option, uint32_t value) {
    const int number = value > INT_MAX ? INT_MAX : (int)value;
    return set(handle, level, option, &number, sizeof number);
}

// In the OS's unit, rounded up: a time is never cut short.
static spsi_result set_duration(spsi_handle handle, int option, uint32_t ms, uint32_t unit_ms) {
    return set_number(handle, IPPROTO_TCP, option, ms / unit_ms + (ms % unit_ms != 0));
}

static spsi_result set_keepalive_idle(spsi_handle handle, uint32_t idle_ms) {
    const spsi_result result = set_number(handle, SOL_SOCKET, SO_KEEPALIVE, idle_ms != 0);
    if (result.code != SPSI_DONE || idle_ms == 0) {
        return result;
    }
    return set_duration(handle, spsi_unix_keepalive_idle, idle_ms, 1000);
}

// With a linger time of 0, close() drops everything and sends a reset (socket(7), SO_LINGER).
static spsi_result set_reset_at_close(spsi_handle handle, bool enabled) {
    const struct linger linger = {.l_onoff = enabled, .l_linger = 0};
    return set(handle, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

spsi_result spsi_posix_set_option(const sps_platform *platform, spsi_handle handle,
                                  spsi_option option, uint32_t value) {
    (void)platform;
    switch (option) {
    case SPSI_DUAL_STACK:
        return set_number(handle, IPPROTO_IPV6, IPV6_V6ONLY, value == 0);
    case SPSI_REBIND:
        return set_number(handle, SOL_SOCKET, SO_REUSEADDR, value);
    case SPSI_SHARED_BIND:
        return set_number(handle, SOL_SOCKET, spsi_unix_shared_bind, value);
    case SPSI_REUSE_PORT:
        return set_number(handle, SOL_SOCKET, spsi_unix_reuse_port, value);
    case SPSI_NO_DELAY:
        return set_number(handle, IPPROTO_TCP, TCP_NODELAY, value);
    case SPSI_SEND_BUFFER:
        return set_number(handle, SOL_SOCKET, SO_SNDBUF, value);
    case SPSI_RECEIVE_BUFFER:
        return set_number(handle, SOL_SOCKET, SO_RCVBUF, value);
    case SPSI_KEEPALIVE_IDLE:
        return set_keepalive_idle(handle, value);
    case SPSI_KEEPALIVE_INTERVAL:
        return set_duration(handle, KEEPALIVE_INTERVAL, value, 1000);
    case SPSI_KEEPALIVE_COUNT:
        return set_number(handle, IPPROTO_TCP, KEEPALIVE_COUNT, value);
    case SPSI_USER_TIMEOUT:
        return set_duration(handle, spsi_unix_user_timeout, value, spsi_unix_user_timeout_ms);
    case SPSI_RESET_AT_CLOSE:
        return set_reset_at_close(handle, value != 0);
    default:
        return (spsi_result){SPSI_UNSUPPORTED, 0};
    }
}

spsi_result spsi_posix_get_option(const sps_platform *platform, spsi_handle handle,
                                  spsi_option option, uint32_t *out_value) {
    (void)platform;
    int number = 0;
    socklen_t size = sizeof number;
    const int name = option == SPSI_SEND_BUFFER ? SO_SNDBUF : SO_RCVBUF;
    const int returned = getsockopt((int)handle, SOL_SOCKET, name, &number, &size);
    *out_value = number > 0 ? (uint32_t)number : 0;
    return returned == -1 ? spsi_posix_failure(errno) : spsi_posix_done();
}

#else
typedef int spsi_posix_options_is_elsewhere; // ISO C wants a declaration in each file
#endif
