// SPDX-License-Identifier: MIT
//
// The platform table for every Unix: each function is one syscall and its EINTR rule.
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static int domain_of(spsi_family family) {
    switch (family) {
    case SPSI_FAMILY_IPV4:
        return AF_INET;
    case SPSI_FAMILY_IPV6:
        return AF_INET6;
    default:
        return AF_UNIX;
    }
}

// The result of a syscall that returns -1 and errno.
static spsi_result result_of(int returned) {
    return returned == -1 ? spsi_posix_failure(errno) : spsi_posix_done();
}

uint64_t spsi_posix_now_us(const sps_platform *platform) {
    (void)platform;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

static spsi_result open_socket(const sps_platform *platform, spsi_family family,
                               spsi_handle *out_handle) {
    (void)platform;
    *out_handle = spsi_unix_socket(domain_of(family));
    return result_of((int)*out_handle);
}

static void close_socket(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    const int saved = errno;
    close((int)handle);
    errno = saved;
}

static spsi_result bind_socket(const sps_platform *platform, spsi_handle handle,
                               const spsi_address *address) {
    (void)platform;
    struct sockaddr_storage storage;
    const socklen_t size = spsi_posix_from_address(address, &storage);
    int returned;
    do { // a Unix path may lie on a file system that a signal can interrupt
        returned = bind((int)handle, (const struct sockaddr *)&storage, size);
    } while (returned == -1 && errno == EINTR);
    const spsi_result result = result_of(returned);
    if (result.os_code == ENOENT) { // bind(2): a directory of the path is not there
        return (spsi_result){SPSI_ADDRESS_INVALID, ENOENT};
    }
    return result;
}

static spsi_result listen_socket(const sps_platform *platform, spsi_handle handle,
                                 uint32_t backlog) {
    (void)platform;
    // listen(2): a larger number is cut to the system's maximum without a word.
    const int wanted = backlog == 0 || backlog > INT_MAX ? INT_MAX : (int)backlog;
    return result_of(listen((int)handle, wanted));
}

// How many connections that are gone one call skips. Peers could reset theirs as fast as a loop
// skips them.
enum { MOST_SKIPPED = 100 };

// accept(2), ERROR HANDLING: errors of the new connection come out here; that connection is
// gone, and the next may be fine.
static bool is_of_connection(int error) {
    switch (error) {
#ifdef ENONET
    case ENONET:
#endif
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENETDOWN:
    case ENOPROTOOPT:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENETUNREACH:
        return true;
    default:
        return false;
    }
}

static spsi_result accept_socket(const sps_platform *platform, spsi_handle handle,
                                 spsi_handle *out_handle, spsi_address *out_peer) {
    (void)platform;
    struct sockaddr_storage storage;
    socklen_t size;
    int fd, skipped = 0;
    bool is_gone;
    do {
        memset(&storage, 0, sizeof storage);
        size = sizeof storage;
        fd = spsi_unix_accept((int)handle, (struct sockaddr *)&storage, &size);
        is_gone = fd == -1 && is_of_connection(errno);
    } while (is_gone && ++skipped < MOST_SKIPPED);
    *out_handle = fd;
    if (is_gone) {
        return (spsi_result){SPSI_AGAIN, 0};
    }
    if (fd != -1) {
        spsi_posix_to_address(&storage, size, out_peer);
    }
    return result_of(fd);
}

// EADDRNOTAVAIL of connect(2): either no local port is free, or there is no local address to come
// from, as where IPv6 is switched off. A socket that can be bound had a port, and so had one that
// is bound (EINVAL). Without a port, Linux answers EADDRINUSE and the BSDs EADDRNOTAVAIL.
static spsi_result no_local_address(int fd, const spsi_address *address) {
    spsi_address any = {.family = address->family};
    struct sockaddr_storage storage;
    const socklen_t size = spsi_posix_from_address(&any, &storage);
    const bool no_port = bind(fd, (const struct sockaddr *)&storage, size) == -1 && errno != EINVAL;
    return (spsi_result){no_port ? SPSI_FAILED : SPSI_UNREACHABLE, EADDRNOTAVAIL};
}

// connect(2) interrupted by a signal goes on in the background, as after EINPROGRESS (POSIX).
static spsi_result connect_socket(const sps_platform *platform, spsi_handle handle,
                                  const spsi_address *address) {
    (void)platform;
    struct sockaddr_storage storage;
    const socklen_t size = spsi_posix_from_address(address, &storage);
    if (connect((int)handle, (const struct sockaddr *)&storage, size) == 0 || errno == EISCONN) {
        return spsi_posix_done();
    }
    if (errno == EINPROGRESS || errno == EINTR || errno == EALREADY) {
        return (spsi_result){SPSI_AGAIN, 0};
    }
    if (errno == EAGAIN && address->family != SPSI_FAMILY_UNIX) {
        return (spsi_result){SPSI_FAILED, EAGAIN}; // connect(2): no local port is free
    }
    if (errno == EADDRNOTAVAIL) {
        return no_local_address((int)handle, address);
    }
    return spsi_posix_failure(errno);
}

static spsi_result wait_socket(const sps_platform *platform, spsi_handle handle, unsigned interests,
                               uint64_t timeout_us);

static spsi_result connect_result(const sps_platform *platform, spsi_handle handle) {
    const spsi_result ready = wait_socket(platform, handle, SPSI_WRITABLE, 0);
    if (ready.code != SPSI_DONE) {
        return ready;
    }
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt((int)handle, SOL_SOCKET, SO_ERROR, &error, &size) == -1) {
        return spsi_posix_failure(errno);
    }
    return error == 0 ? spsi_posix_done() : spsi_posix_failure(error);
}

// The result of a transfer on an established connection. If the OS gives up on the peer, it returns
// the code of an earlier ICMP message. Alone that is only a hint (RFC 1122, 4.2.3.9).
static spsi_result transfer_result(spsi_handle handle, int error) {
    const spsi_result result = spsi_posix_failure(error);
    if (spsi_unix_teardown_is_eprototype && error == EPROTOTYPE) {
        return (spsi_result){SPSI_RESET, error};
    }
    if (result.code == SPSI_AGAIN || result.code == SPSI_RESET || result.code == SPSI_NO_MEMORY) {
        return result;
    }
    const spsi_code code = spsi_unix_gave_up((int)handle);
    return code != SPSI_FAILED ? (spsi_result){code, error} : result;
}

// macOS refuses more than INT_MAX at once. No socket buffer holds so much: nothing becomes slower.
enum { MOST_AT_ONCE = 1 << 30 };

static size_t at_once(size_t size, size_t room) {
    return size < room ? size : room;
}

static spsi_result pending_failure(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt((int)handle, SOL_SOCKET, SO_ERROR, &error, &size) == -1) {
        return spsi_posix_failure(errno);
    }
    return error == 0 ? spsi_posix_done() : transfer_result(handle, error);
}

static inline spsi_result receive_with(spsi_handle handle, void *buffer, size_t size, int flags,
                                       size_t *out_received) {
    ssize_t count;
    do {
        count = recv((int)handle, buffer, at_once(size, MOST_AT_ONCE), flags);
    } while (count == -1 && errno == EINTR);
    *out_received = count > 0 ? (size_t)count : 0;
    if (count == 0) {
        return (spsi_result){SPSI_END, 0};
    }
    return count > 0 ? spsi_posix_done() : transfer_result(handle, errno);
}

static spsi_result receive(const sps_platform *platform, spsi_handle handle, void *buffer,
                           size_t size, size_t *out_received) {
    (void)platform;
    return receive_with(handle, buffer, size, MSG_DONTWAIT, out_received);
}

// The first call answers AGAIN, because the socket is still non-blocking. Later calls wait. Other
// transfers do not notice, because they pass MSG_DONTWAIT. If an OS ignores that flag, the socket
// stays non-blocking.
static spsi_result receive_waiting(const sps_platform *platform, spsi_handle handle, void *buffer,
                                   size_t size, size_t *out_received) {
    (void)platform;
    const spsi_result result = receive_with(handle, buffer, size, 0, out_received);
    if (result.code == SPSI_AGAIN && spsi_unix_dontwait_is_obeyed) {
        spsi_posix_let_wait((int)handle);
    }
    return result;
}

// One piece needs no list of pieces, which the kernel would have to fetch.
static ssize_t send_once(int fd, const spsi_slice *slices, size_t count) {
    const int flags = MSG_DONTWAIT | spsi_unix_send_flags;
    if (count == 1) {
        return send(fd, slices[0].data, at_once(slices[0].size, MOST_AT_ONCE), flags);
    }
    struct iovec vector[SPSI_MAX_SLICES];
    size_t room = MOST_AT_ONCE;
    for (size_t i = 0; i < count; i++) {
        vector[i].iov_base = (void *)(uintptr_t)slices[i].data; // sendmsg(2) only reads it
        vector[i].iov_len = at_once(slices[i].size, room);
        room -= vector[i].iov_len;
    }
    struct msghdr message;
    memset(&message, 0, sizeof message);
    message.msg_iov = vector;
    message.msg_iovlen = (unsigned char)count; // an int or a size_t
    return sendmsg(fd, &message, flags);
}

static spsi_result send_slices(const sps_platform *platform, spsi_handle handle,
                               const spsi_slice *slices, size_t count, size_t *out_sent) {
    (void)platform;
    ssize_t sent;
    do {
        sent = send_once((int)handle, slices, count);
    } while (sent == -1 && errno == EINTR);
    *out_sent = sent > 0 ? (size_t)sent : 0;
    return sent >= 0 ? spsi_posix_done() : transfer_result(handle, errno);
}

static spsi_result available(const sps_platform *platform, spsi_handle handle, size_t *out_bytes) {
    (void)platform;
    int count = 0;
    const spsi_result result = result_of(ioctl((int)handle, FIONREAD, &count));
    *out_bytes = count > 0 ? (size_t)count : 0;
    return result;
}

static bool is_unix_socket(spsi_handle handle) {
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    return getsockname((int)handle, (struct sockaddr *)&address, &size) == 0 &&
           address.ss_family == AF_UNIX;
}

// ENOTCONN: the socket was connected, so the peer has reset it. A Unix socket has no resets: its
// peer has closed, and nothing is left to shut down.
static spsi_result shutdown_write(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    const spsi_result result = result_of(shutdown((int)handle, SHUT_WR));
    if (result.os_code != ENOTCONN) {
        return result;
    }
    if (spsi_unix_close_ends_both_ways && is_unix_socket(handle)) {
        return spsi_posix_done();
    }
    return (spsi_result){SPSI_RESET, result.os_code};
}

int spsi_posix_wait_ms(uint64_t timeout_us) {
    if (timeout_us == SPSI_FOREVER) {
        return -1;
    }
    const uint64_t ms = timeout_us / 1000 + (timeout_us % 1000 != 0);
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

spsi_result spsi_posix_wait(spsi_posix_wait_call call, void *context, uint64_t timeout_us,
                            size_t *out_count) {
    const bool limited = timeout_us != SPSI_FOREVER && timeout_us != 0;
    const uint64_t deadline = limited ? spsi_posix_now_us(NULL) + timeout_us : 0;
    *out_count = 0;
    for (;;) {
        const int count = call(context, timeout_us);
        if (count >= 0) {
            *out_count = (size_t)count;
            return count > 0 ? spsi_posix_done() : (spsi_result){SPSI_AGAIN, 0};
        }
        if (errno != EINTR) {
            return spsi_posix_failure(errno);
        }
        if (limited) {
            const uint64_t now = spsi_posix_now_us(NULL);
            timeout_us = now < deadline ? deadline - now : 0;
        }
    }
}

static int poll_one(void *waited, uint64_t timeout_us) {
    return poll(waited, 1, spsi_posix_wait_ms(timeout_us));
}

static spsi_result wait_socket(const sps_platform *platform, spsi_handle handle, unsigned interests,
                               uint64_t timeout_us) {
    (void)platform;
    struct pollfd waited;
    memset(&waited, 0, sizeof waited);
    waited.fd = (int)handle;
    waited.events = (short)((interests & SPSI_READABLE ? POLLIN : 0) |
                            (interests & SPSI_WRITABLE ? POLLOUT : 0));
    size_t unused;
    return spsi_posix_wait(poll_one, &waited, timeout_us, &unused);
}

typedef int (*address_call)(int fd, struct sockaddr *address, socklen_t *size);

static spsi_result read_address(spsi_handle handle, address_call call, spsi_address *out_address) {
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    socklen_t size = sizeof storage;
    const spsi_result result = result_of(call((int)handle, (struct sockaddr *)&storage, &size));
    spsi_posix_to_address(&storage, size, out_address);
    return result;
}

static spsi_result local_address(const sps_platform *platform, spsi_handle handle,
                                 spsi_address *out_address) {
    (void)platform;
    return read_address(handle, getsockname, out_address);
}

static spsi_result peer_address(const sps_platform *platform, spsi_handle handle,
                                spsi_address *out_address) {
    (void)platform;
    return read_address(handle, getpeername, out_address);
}

static void lock(const sps_platform *platform) {
    (void)platform;
    spsi_posix_lock(SPSI_LOCK_OBJECTS);
}

static void unlock(const sps_platform *platform) {
    (void)platform;
    spsi_posix_unlock(SPSI_LOCK_OBJECTS);
}

static spsi_handle descriptor(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    return handle;
}

static const sps_platform posix_platform = {
    SPSI_PLATFORM_HEAD,
    .now_us = spsi_posix_now_us,
    .open = open_socket,
    .close = close_socket,
    .bind = bind_socket,
    .set_option = spsi_posix_set_option,
    .get_option = spsi_posix_get_option,
    .listen = listen_socket,
    .accept = accept_socket,
    .connect = connect_socket,
    .connect_result = connect_result,
    .receive = receive,
    .receive_waiting = receive_waiting,
    .send = send_slices,
    .pending_failure = pending_failure,
    .available = available,
    .shutdown_write = shutdown_write,
    .wait = wait_socket,
    .selector_create = spsi_unix_selector_create,
    .selector_destroy = spsi_unix_selector_destroy,
    .selector_set = spsi_unix_selector_set,
    .selector_wait = spsi_unix_selector_wait,
    .selector_next = spsi_unix_selector_next,
    .selector_wake = spsi_unix_selector_wake,
    .selector_descriptor = spsi_unix_selector_descriptor,
    .descriptor = descriptor,
    .local_address = local_address,
    .peer_address = peer_address,
    .tcp_info = spsi_unix_tcp_info,
    .peer_credentials = spsi_unix_peer_credentials,
    .inspect = spsi_posix_inspect,
    .adopt = spsi_posix_adopt,
    .max_path_bytes = spsi_posix_max_path_bytes,
    .has_abstract_names = spsi_unix_has_abstract_names,
    .refusal_is_proof = spsi_unix_refusal_is_proof,
    .absolute_path = spsi_posix_absolute_path,
    .file_of = spsi_posix_file_of,
    .remove_file = spsi_posix_remove_file,
    .set_file_mode = spsi_posix_set_file_mode,
    .lock_path = spsi_posix_lock_path,
    .unlock_path = spsi_posix_unlock_path,
    .scope_of = spsi_posix_scope_of,
    .local_addresses = spsi_posix_local_addresses,
    .lookup_start = spsi_posix_lookup_start,
    .lookup_result = spsi_posix_lookup_result,
    .lookup_wait = spsi_posix_lookup_wait,
    .lookup_watch = spsi_posix_lookup_watch,
    .lookup_unwatch = spsi_posix_lookup_unwatch,
    .lookup_end = spsi_posix_lookup_end,
    .lookup_forget = spsi_posix_lookup_forget,
    .lock = lock,
    .unlock = unlock,
};

const sps_platform *spsi_os_platform(void) {
    return &posix_platform;
}

#else
typedef int spsi_posix_socket_is_elsewhere; // ISO C wants a declaration in each file
#endif
