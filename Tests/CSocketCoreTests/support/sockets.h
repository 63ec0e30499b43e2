// SPDX-License-Identifier: MIT
//
// Sockets that a test makes or takes over itself, on every system.
#ifndef TEST_SOCKETS_H
#define TEST_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef _WIN32

#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <winsock2.h>
#include <ws2tcpip.h>

typedef SOCKET raw_socket;
#define OS_ERROR(name) (is_simulated() ? (int)SIMULATED_##name : WSA##name)
enum { // the simulated network has Linux's numbers
    SIMULATED_EADDRINUSE = 98,
    SIMULATED_ECONNRESET = 104,
    SIMULATED_ECONNREFUSED = 111,
};
#define SHUT_WR SD_SEND
#define poll WSAPoll // whose struct pollfd is that of poll(2)

#else

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

typedef int raw_socket;
#define OS_ERROR(name) (name)

#endif

static inline void close_socket(intptr_t socket) {
#ifdef _WIN32
    closesocket((raw_socket)socket);
#else
    close((raw_socket)socket);
#endif
}

// Sends and receives without a wait: the number of bytes, or -1. The library has made the socket
// non-blocking.
static inline ptrdiff_t send_now(intptr_t socket, const void *bytes, size_t size) {
#ifdef _WIN32
    return send((raw_socket)socket, (const char *)bytes, (int)size, 0);
#else
    return send((raw_socket)socket, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
#endif
}

static inline ptrdiff_t receive_now(intptr_t socket, void *bytes, size_t size) {
#ifdef _WIN32
    return recv((raw_socket)socket, (char *)bytes, (int)size, 0);
#else
    return recv((raw_socket)socket, bytes, size, MSG_DONTWAIT);
#endif
}

// The value of a number among its options, or -1.
static inline int option_of_socket(intptr_t socket, int level, int option) {
    int value = -1;
    socklen_t size = sizeof value;
#ifdef _WIN32
    char bytes[sizeof value] = {0}; // Windows writes one byte for some flags
    const bool is_known = getsockopt((raw_socket)socket, level, option, bytes, &size) == 0;
    memcpy(&value, bytes, sizeof value);
    return is_known ? value : -1;
#else
    return getsockopt((raw_socket)socket, level, option, &value, &size) == 0 ? value : -1;
#endif
}

// Lets the close of a socket send a reset.
static inline void reset_at_close(intptr_t socket) {
    const struct linger hard = {1, 0};
#ifdef _WIN32
    setsockopt((raw_socket)socket, SOL_SOCKET, SO_LINGER, (const char *)&hard, sizeof hard);
#else
    setsockopt((raw_socket)socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
#endif
}

#endif
