// SPDX-License-Identifier: MIT
//
// Options of sockets ("SOL_SOCKET Socket Options", "IPPROTO_TCP socket options").
#ifdef _WIN32

#include "platform/windows/windows.h"

#include <limits.h>

#include <mstcpip.h>

// Newer than some headers. The three of keepalive came with Windows 10 1703 and 1709.
enum {
    MAX_RETRANSMISSION_S = 5,
    KEEPALIVE_IDLE = 3,
    KEEPALIVE_COUNT = 16,
    KEEPALIVE_INTERVAL = 17
};

static spsi_result set(spsi_handle handle, int level, int option, const void *value, int size) {
    return spsi_windows_result(setsockopt((SOCKET)handle, level, option, value, size));
}

static spsi_result set_number(spsi_handle handle, int level, int option, uint32_t value) {
    const int number = value > INT_MAX ? INT_MAX : (int)value;
    return set(handle, level, option, &number, sizeof number);
}

// In seconds, rounded up: a time is never cut short.
static spsi_result set_seconds(spsi_handle handle, int option, uint32_t ms) {
    return set_number(handle, IPPROTO_TCP, option, ms / 1000 + (ms % 1000 != 0));
}

// SIO_KEEPALIVE_VALS sets all of keepalive at once. The time between probes is Windows' default.
static spsi_result set_idle_of_old(spsi_handle handle, uint32_t idle_ms) {
    enum { DEFAULT_INTERVAL_MS = 1000 };
    struct tcp_keepalive values = {1, idle_ms, DEFAULT_INTERVAL_MS};
    DWORD size;
    return spsi_windows_result(WSAIoctl((SOCKET)handle, SIO_KEEPALIVE_VALS, &values, sizeof values,
                                        NULL, 0, &size, NULL, NULL));
}

static spsi_result set_keepalive_idle(spsi_handle handle, uint32_t idle_ms) {
    spsi_result result = set_number(handle, SOL_SOCKET, SO_KEEPALIVE, idle_ms != 0);
    if (result.code == SPSI_DONE && idle_ms != 0) {
        result = set_seconds(handle, KEEPALIVE_IDLE, idle_ms);
    }
    return result.code == SPSI_UNSUPPORTED ? set_idle_of_old(handle, idle_ms) : result;
}

// With a linger time of 0, closesocket() drops everything and sends a reset.
static spsi_result set_reset_at_close(spsi_handle handle, bool enabled) {
    const struct linger linger = {enabled, 0};
    return set(handle, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

spsi_result spsi_windows_set_option(const sps_platform *platform, spsi_handle handle,
                                    spsi_option option, uint32_t value) {
    (void)platform;
    switch (option) {
    case SPSI_DUAL_STACK:
        return set_number(handle, IPPROTO_IPV6, IPV6_V6ONLY, value == 0);
    case SPSI_REBIND: // TIME_WAIT does not hinder a bind. SO_REUSEADDR would let others steal it.
        return set_number(handle, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, value);
    case SPSI_SHARED_BIND: // of sockets that do not listen, and so cannot lose connections
        return set_number(handle, SOL_SOCKET, SO_REUSEADDR, value);
    case SPSI_NO_DELAY:
        return set_number(handle, IPPROTO_TCP, TCP_NODELAY, value);
    case SPSI_SEND_BUFFER:
        return set_number(handle, SOL_SOCKET, SO_SNDBUF, value);
    case SPSI_RECEIVE_BUFFER:
        return set_number(handle, SOL_SOCKET, SO_RCVBUF, value);
    case SPSI_KEEPALIVE_IDLE:
        return set_keepalive_idle(handle, value);
    case SPSI_KEEPALIVE_INTERVAL:
        return set_seconds(handle, KEEPALIVE_INTERVAL, value);
    case SPSI_KEEPALIVE_COUNT:
        return set_number(handle, IPPROTO_TCP, KEEPALIVE_COUNT, value);
    case SPSI_USER_TIMEOUT:
        return set_seconds(handle, MAX_RETRANSMISSION_S, value);
    case SPSI_RESET_AT_CLOSE:
        return set_reset_at_close(handle, value != 0);
    default: // SPSI_REUSE_PORT: Windows does not distribute connections
        return (spsi_result){SPSI_UNSUPPORTED, 0};
    }
}

spsi_result spsi_windows_get_option(const sps_platform *platform, spsi_handle handle,
                                    spsi_option option, uint32_t *out_value) {
    (void)platform;
    int number = 0, size = sizeof number;
    const int name = option == SPSI_SEND_BUFFER ? SO_SNDBUF : SO_RCVBUF;
    const spsi_result result =
        spsi_windows_result(getsockopt((SOCKET)handle, SOL_SOCKET, name, (char *)&number, &size));
    *out_value = number > 0 ? (uint32_t)number : 0;
    return result;
}

#else
typedef int spsi_windows_options_is_elsewhere; // ISO C wants a declaration in each file
#endif
