// SPDX-License-Identifier: MIT
//
// Results, time, addresses and sockets.
#include "port.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// ---- Results

static const spsi_result done = {SPSI_DONE, 0};
static const spsi_result unsupported = {SPSI_UNSUPPORTED, 0};

static spsi_code code_of(int error) {
    switch (error) {
    case EAGAIN:
    case EINPROGRESS:
        return SPSI_AGAIN;
    case ECONNREFUSED:
        return SPSI_REFUSED;
    case ECONNRESET:
    case ECONNABORTED:
    case EPIPE:
        return SPSI_RESET;
    case ENETUNREACH:
    case EHOSTUNREACH:
        return SPSI_UNREACHABLE;
    case ETIMEDOUT:
        return SPSI_TIMED_OUT;
    case EADDRINUSE:
        return SPSI_ADDRESS_IN_USE;
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EINVAL:
        return SPSI_ADDRESS_INVALID;
    case EACCES:
        return SPSI_DENIED;
    case EMFILE:
        return SPSI_NO_HANDLES;
    case ENOMEM:
    case ENOBUFS:
        return SPSI_NO_MEMORY;
    default:
        return SPSI_FAILED;
    }
}

spsi_result port_failure(int error) {
    return (spsi_result){code_of(error), error};
}

// The result of a call that returns -1 and errno.
static spsi_result result_of(ssize_t returned) {
    return returned == -1 ? port_failure(errno) : done;
}

// ---- Time

uint64_t port_now_us(const sps_platform *platform) {
    (void)platform;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

// Some systems limit the time of select(2), so a long wait consists of hours.
spsi_result port_select(int limit, fd_set sets[2], uint64_t timeout_us) {
    const uint64_t hour_us = UINT64_C(3600000000), begin = port_now_us(NULL);
    const fd_set wanted[2] = {sets[0], sets[1]};
    for (;;) {
        const uint64_t passed = port_now_us(NULL) - begin;
        const uint64_t left = timeout_us > passed ? timeout_us - passed : 0;
        const uint64_t now = left < hour_us ? left : hour_us;
        struct timeval time = {(time_t)(now / 1000000), (suseconds_t)(now % 1000000)};
        memcpy(sets, wanted, sizeof wanted);
        const int count = select(limit, &sets[0], &sets[1], NULL, &time);
        if (count > 0) {
            return done;
        }
        if (count == -1 && errno != EINTR) {
            return port_failure(errno);
        }
        if (count == 0 && left <= hour_us) {
            return (spsi_result){SPSI_AGAIN, 0};
        }
    }
}

bool port_is_selectable(spsi_handle handle) {
    return handle >= 0 && handle < FD_SETSIZE;
}

static spsi_result wait_socket(const sps_platform *platform, spsi_handle handle, unsigned interests,
                               uint64_t timeout_us) {
    (void)platform;
    fd_set sets[2];
    FD_ZERO(&sets[0]);
    FD_ZERO(&sets[1]);
    if (!port_is_selectable(handle)) {
        return (spsi_result){SPSI_FAILED, EBADF};
    }
    for (int i = 0; i < 2; i++) {
        if (interests & (i == 0 ? SPSI_READABLE : SPSI_WRITABLE)) {
            FD_SET((int)handle, &sets[i]);
        }
    }
    return port_select((int)handle + 1, sets, timeout_us);
}

// ---- Addresses

static struct sockaddr_in from_address(const spsi_address *address) {
    struct sockaddr_in out;
    memset(&out, 0, sizeof out);
    // Another family, so that the OS refuses the address.
    out.sin_family = address->family == SPSI_FAMILY_IPV4 ? AF_INET : AF_INET6;
    out.sin_port = htons(address->port);
    memcpy(&out.sin_addr, address->ip, 4);
    return out;
}

static spsi_address to_address(const struct sockaddr_in *from) {
    spsi_address out = {.family = SPSI_FAMILY_IPV4, .port = ntohs(from->sin_port)};
    memcpy(out.ip, &from->sin_addr, 4);
    return out;
}

typedef int (*address_call)(int fd, struct sockaddr *address, socklen_t *size);

static spsi_result read_address(spsi_handle handle, address_call call, spsi_address *out_address) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    memset(&address, 0, sizeof address);
    const spsi_result result = result_of(call((int)handle, (struct sockaddr *)&address, &size));
    *out_address = to_address(&address);
    return result;
}

static spsi_result peer_address(const sps_platform *platform, spsi_handle handle,
                                spsi_address *out_address) {
    (void)platform;
    return read_address(handle, getpeername, out_address);
}

static spsi_result local_address(const sps_platform *platform, spsi_handle handle,
                                 spsi_address *out_address) {
    (void)platform;
    return read_address(handle, getsockname, out_address);
}

bool spsi_ip_from_text(const char *text, spsi_address *out_address) {
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    *out_address = (spsi_address){.family = SPSI_FAMILY_IPV4};
    if (inet_pton(AF_INET, text, out_address->ip) == 1) {
        return true;
    }
    if (inet_pton(AF_INET6, text, out_address->ip) != 1) {
        return false;
    }
    out_address->family = SPSI_FAMILY_IPV6;
    if (memcmp(out_address->ip, mapped, sizeof mapped) == 0) { // RFC 4291, 2.5.5.2
        out_address->family = SPSI_FAMILY_IPV4;
        memmove(out_address->ip, out_address->ip + sizeof mapped, 4);
        memset(out_address->ip + 4, 0, sizeof mapped);
    }
    return true;
}

void spsi_ip_to_text(const spsi_address *address, char *buffer, size_t size) {
    const int domain = address->family == SPSI_FAMILY_IPV4 ? AF_INET : AF_INET6;
    if (inet_ntop(domain, address->ip, buffer, (socklen_t)size) == NULL) {
        buffer[0] = '\0';
    } else if (address->family == SPSI_FAMILY_IPV6 && address->scope != 0) {
        const size_t length = strlen(buffer);
        snprintf(buffer + length, size - length, "%%%u", (unsigned)address->scope);
    }
}

// ---- Sockets

static spsi_result adopt(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    const int flags = fcntl((int)handle, F_GETFL, 0);
    const bool good = flags != -1 && fcntl((int)handle, F_SETFL, flags | O_NONBLOCK) != -1 &&
                      fcntl((int)handle, F_SETFD, FD_CLOEXEC) != -1;
    return good ? done : (spsi_result){SPSI_FAILED, errno};
}

static void close_socket(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    close((int)handle);
}

// Prepares what socket(2) or accept(2) has returned.
static spsi_result prepare(int fd, spsi_handle *out_handle) {
    spsi_result result = result_of(fd);
    *out_handle = fd == -1 ? SPSI_NO_HANDLE : fd;
    if (result.code == SPSI_DONE && (result = adopt(NULL, fd)).code != SPSI_DONE) {
        close(fd);
        *out_handle = SPSI_NO_HANDLE;
    }
    return result;
}

static spsi_result open_socket(const sps_platform *platform, spsi_family family,
                               spsi_handle *out_handle) {
    (void)platform;
    *out_handle = SPSI_NO_HANDLE;
    return family == SPSI_FAMILY_IPV4 ? prepare(socket(AF_INET, SOCK_STREAM, 0), out_handle)
                                      : unsupported;
}

static spsi_result bind_socket(const sps_platform *platform, spsi_handle handle,
                               const spsi_address *address) {
    (void)platform;
    const struct sockaddr_in to = from_address(address);
    return result_of(bind((int)handle, (const struct sockaddr *)&to, sizeof to));
}

static spsi_result listen_socket(const sps_platform *platform, spsi_handle handle,
                                 uint32_t backlog) {
    (void)platform;
    return result_of(listen((int)handle, backlog == 0 || backlog > 4096 ? 4096 : (int)backlog));
}

static spsi_result accept_socket(const sps_platform *platform, spsi_handle handle,
                                 spsi_handle *out_handle, spsi_address *out_peer) {
    (void)platform;
    struct sockaddr_in peer;
    socklen_t size = sizeof peer;
    memset(&peer, 0, sizeof peer);
    const int fd = accept((int)handle, (struct sockaddr *)&peer, &size);
    *out_handle = SPSI_NO_HANDLE;
    if (fd == -1 && (errno == ECONNABORTED || errno == EINTR)) {
        return (spsi_result){SPSI_AGAIN, errno}; // that connection is gone; wait() knows of others
    }
    *out_peer = to_address(&peer);
    return prepare(fd, out_handle);
}

// An interrupted connect goes on (connect(2), EINTR).
static spsi_result connect_socket(const sps_platform *platform, spsi_handle handle,
                                  const spsi_address *address) {
    (void)platform;
    const struct sockaddr_in to = from_address(address);
    if (connect((int)handle, (const struct sockaddr *)&to, sizeof to) == 0) {
        return done;
    }
    return errno == EINTR ? (spsi_result){SPSI_AGAIN, EINTR} : port_failure(errno);
}

static spsi_result pending_failure(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt((int)handle, SOL_SOCKET, SO_ERROR, &error, &size) == -1) {
        return port_failure(errno);
    }
    return error != 0 ? port_failure(error) : done;
}

static spsi_result connect_result(const sps_platform *platform, spsi_handle handle) {
    const spsi_result ready = wait_socket(platform, handle, SPSI_WRITABLE, 0);
    return ready.code == SPSI_DONE ? pending_failure(platform, handle) : ready;
}

static spsi_result receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                           size_t size, size_t *out_received) {
    (void)platform;
    ssize_t count;
    do {
        count = recv((int)handle, buffer, size, 0);
    } while (count == -1 && errno == EINTR);
    *out_received = count > 0 ? (size_t)count : 0;
    return count == 0 ? (spsi_result){SPSI_END, 0} : result_of(count);
}

// A short send is allowed, so one slice at a time would do as well.
static spsi_result send_slices(const sps_platform *platform, spsi_handle handle,
                               const spsi_slice *slices, size_t count, size_t *out_sent) {
    (void)platform;
    spsi_result result = done;
    *out_sent = 0;
    for (size_t i = 0; i < count; i++) {
        ssize_t sent;
        do {
            sent = send((int)handle, slices[i].data, slices[i].size, MSG_NOSIGNAL);
        } while (sent == -1 && errno == EINTR);
        result = result_of(sent);
        *out_sent += sent > 0 ? (size_t)sent : 0;
        if (sent < 0 || (size_t)sent < slices[i].size) {
            break;
        }
    }
    return *out_sent > 0 ? done : result; // a failure comes again in the next call
}

static spsi_result available(const sps_platform *platform, spsi_handle handle, size_t *out_bytes) {
    (void)platform;
    int count = 0;
    const spsi_result result = result_of(ioctl((int)handle, FIONREAD, &count));
    *out_bytes = count > 0 ? (size_t)count : 0;
    return result;
}

static spsi_result shutdown_write(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    const spsi_result result = result_of(shutdown((int)handle, SHUT_WR));
    return result.os_code == ENOTCONN ? (spsi_result){SPSI_RESET, ENOTCONN} : result;
}

// ---- Options

static spsi_result set_number(spsi_handle handle, int level, int option, uint32_t value) {
    const int number = value > INT32_MAX ? INT32_MAX : (int)value;
    return result_of(setsockopt((int)handle, level, option, &number, sizeof number));
}

static spsi_result set_option(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t value) {
    (void)platform;
    const struct linger linger = {.l_onoff = value != 0, .l_linger = 0};
    switch (option) {
    case SPSI_REBIND:
        return set_number(handle, SOL_SOCKET, SO_REUSEADDR, value);
    case SPSI_NO_DELAY:
        return set_number(handle, IPPROTO_TCP, TCP_NODELAY, value);
    case SPSI_SEND_BUFFER:
        return set_number(handle, SOL_SOCKET, SO_SNDBUF, value);
    case SPSI_RECEIVE_BUFFER:
        return set_number(handle, SOL_SOCKET, SO_RCVBUF, value);
    case SPSI_RESET_AT_CLOSE:
        return result_of(setsockopt((int)handle, SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    default:
        return unsupported;
    }
}

static spsi_result get_option(const sps_platform *platform, spsi_handle handle, spsi_option option,
                              uint32_t *out_value) {
    (void)platform;
    int number = 0;
    socklen_t size = sizeof number;
    const int name = option == SPSI_SEND_BUFFER ? SO_SNDBUF : SO_RCVBUF;
    const spsi_result result = result_of(getsockopt((int)handle, SOL_SOCKET, name, &number, &size));
    *out_value = (uint32_t)number;
    return result;
}

static spsi_socket_kind inspect(const sps_platform *platform, spsi_handle handle,
                                spsi_family *out_family) {
    (void)platform;
    int type = 0, is_listening = 0;
    socklen_t size = sizeof type;
    spsi_address unused;
    if (handle < 0 || handle > INT32_MAX ||
        getsockopt((int)handle, SOL_SOCKET, SO_TYPE, &type, &size) == -1 || type != SOCK_STREAM) {
        return SPSI_NO_STREAM_SOCKET;
    }
    *out_family = SPSI_FAMILY_IPV4;
    size = sizeof is_listening;
    getsockopt((int)handle, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size);
    if (is_listening != 0) {
        return SPSI_LISTENING;
    }
    const bool is_connected = read_address(handle, getpeername, &unused).code == SPSI_DONE;
    return is_connected ? SPSI_CONNECTED : SPSI_UNCONNECTED;
}

const sps_platform *spsi_os_platform(void) {
    static const sps_platform table = {
        SPSI_PLATFORM_HEAD,
        .now_us = port_now_us,
        .open = open_socket,
        .close = close_socket,
        .bind = bind_socket,
        .set_option = set_option,
        .get_option = get_option,
        .listen = listen_socket,
        .accept = accept_socket,
        .connect = connect_socket,
        .connect_result = connect_result,
        .receive = receive,
        .receive_waiting = receive, // it may answer AGAIN
        .send = send_slices,
        .pending_failure = pending_failure,
        .available = available,
        .shutdown_write = shutdown_write,
        .wait = wait_socket,
        .peer_address = peer_address,
        .local_address = local_address,
        .inspect = inspect,
        .adopt = adopt,
        PORT_SELECTOR,
        PORT_ABSENT,
        PORT_NAMES,
    };
    return &table;
}
