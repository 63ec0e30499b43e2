// SPDX-License-Identifier: MIT
//
// What platform.h promises of each call when the OS answers what it rarely does: a signal, a shortage, the
// failure of a connection that nobody has seen yet.
#include "platform/posix/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_calls.h"
#include "memory.h"
#include "support.h"

#define DONE(call) ck_assert_int_eq((call).code, SPSI_DONE)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const sps_platform *os(void) {
    return spsi_os_platform();
}

static bool is_linux(void) { // the other side, that any Unix could use, has none
    return os()->has_abstract_names(os());
}

static void expect(spsi_result result, spsi_code code, int os_code) {
    ck_assert_int_eq(result.code, code);
    ck_assert_int_eq(result.os_code, os_code);
    ck_assert(all_have_failed());
}

static const sps_allocator *heap(void) {
    static sps_allocator allocator;
    allocator = spsi_allocator_or_default(NULL);
    return &allocator;
}

static spsi_selector *make_selector(void) {
    spsi_selector *selector;
    DONE(os()->selector_create(os(), heap(), &selector));
    return selector;
}

// Two ends of a connection.
typedef struct ends {
    int one, other;
} ends;

static ends make_ends(void) {
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    return (ends){fds[0], fds[1]};
}

static void close_ends(const ends *ends) {
    close(ends->one);
    close(ends->other);
}

// ---- Errors

START_TEST(each_errno_has_its_code) {
    static const struct {
        int error;
        spsi_code code;
    } rows[] = {
        {EAGAIN, SPSI_AGAIN},
        {EWOULDBLOCK, SPSI_AGAIN},
        {ECONNREFUSED, SPSI_REFUSED},
        {ENOENT, SPSI_REFUSED},
        {ECONNRESET, SPSI_RESET},
        {ECONNABORTED, SPSI_RESET},
        {EPIPE, SPSI_RESET},
        {ENETUNREACH, SPSI_UNREACHABLE},
        {EHOSTUNREACH, SPSI_UNREACHABLE},
        {ENETDOWN, SPSI_UNREACHABLE},
        {EHOSTDOWN, SPSI_UNREACHABLE},
        {ETIMEDOUT, SPSI_TIMED_OUT},
        {EADDRINUSE, SPSI_ADDRESS_IN_USE},
        {EADDRNOTAVAIL, SPSI_ADDRESS_INVALID},
        {EAFNOSUPPORT, SPSI_ADDRESS_INVALID},
        {EINVAL, SPSI_ADDRESS_INVALID},
        {ENAMETOOLONG, SPSI_ADDRESS_INVALID},
        {ENOTDIR, SPSI_ADDRESS_INVALID},
        {EACCES, SPSI_DENIED},
        {EPERM, SPSI_DENIED},
        {EROFS, SPSI_DENIED},
        {EMFILE, SPSI_NO_HANDLES},
        {ENFILE, SPSI_NO_HANDLES},
        {ENOMEM, SPSI_NO_MEMORY},
        {ENOBUFS, SPSI_NO_MEMORY},
        {EIO, SPSI_FAILED},
        {EBADF, SPSI_FAILED},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        expect(spsi_posix_failure(rows[i].error), rows[i].code, rows[i].error);
    }
}
END_TEST

// ---- Signals

START_TEST(a_signal_interrupts_no_transfer) {
    const ends ends = make_ends();
    const spsi_slice slices[] = {{(const uint8_t *)"one", 3}, {(const uint8_t *)"two", 3}};
    size_t count;
    fail_next("send", EINTR, 2);
    expect(os()->send(os(), ends.one, slices, 1, &count), SPSI_DONE, 0);
    fail_next("sendmsg", EINTR, 2);
    expect(os()->send(os(), ends.one, slices, 2, &count), SPSI_DONE, 0);
    ck_assert_uint_eq(count, 6);
    char bytes[16];
    fail_next("recv", EINTR, 2);
    expect(os()->receive(os(), ends.other, bytes, sizeof bytes, &count), SPSI_DONE, 0);
    ck_assert_uint_eq(count, 9);
    ck_assert_int_eq(memcmp(bytes, "oneonetwo", 9), 0);
    close_ends(&ends);
}
END_TEST

// A wait that signals interrupt goes on for what is left of its time.
START_TEST(a_signal_ends_no_wait_early) {
    const ends ends = make_ends();
    uint64_t begin_us = os()->now_us(os());
    fail_next("poll", EINTR, 3);
    expect(os()->wait(os(), ends.one, SPSI_READABLE, 30000), SPSI_AGAIN, 0);
    ck_assert_uint_ge(os()->now_us(os()) - begin_us, 30000);
    fail_next("poll", EINTR, 1);
    expect(os()->wait(os(), ends.one, SPSI_WRITABLE, SPSI_FOREVER), SPSI_DONE, 0);
    fail_next("poll", EINTR, 1);
    expect(os()->wait(os(), ends.one, SPSI_READABLE, 0), SPSI_AGAIN, 0);
    fail_next("poll", EINTR, 3); // when the time is over already
    expect(os()->wait(os(), ends.one, SPSI_READABLE, 1), SPSI_AGAIN, 0);
    fail_next("poll", ENOMEM, 1);
    expect(os()->wait(os(), ends.one, SPSI_READABLE, 1000), SPSI_NO_MEMORY, ENOMEM);
    close_ends(&ends);
    spsi_selector *selector = make_selector();
    begin_us = os()->now_us(os());
    fail_next(is_linux() ? "epoll_wait" : "poll", EINTR, 3);
    expect(os()->selector_wait(os(), selector, 30000), SPSI_AGAIN, 0);
    ck_assert_uint_ge(os()->now_us(os()) - begin_us, 30000);
    os()->selector_destroy(os(), selector);
}
END_TEST

START_TEST(times_are_cut_to_what_the_os_can_count) {
    ck_assert_int_eq(spsi_posix_wait_ms(0), 0);
    ck_assert_int_eq(spsi_posix_wait_ms(1), 1);
    ck_assert_int_eq(spsi_posix_wait_ms(1000), 1);
    ck_assert_int_eq(spsi_posix_wait_ms(1001), 2);
    ck_assert_int_eq(spsi_posix_wait_ms(SPSI_FOREVER - 1), INT_MAX);
    ck_assert_int_eq(spsi_posix_wait_ms(SPSI_FOREVER), -1);
}
END_TEST

// ---- Connections

static spsi_handle open_socket(spsi_family family) {
    spsi_handle handle;
    DONE(os()->open(os(), family, &handle));
    return handle;
}

static spsi_address loopback(void) {
    spsi_address address;
    ck_assert(spsi_ip_from_text("127.0.0.1", &address));
    return address;
}

// A socket that listens; where.
static spsi_handle listen_at_loopback(spsi_address *out_address) {
    const spsi_handle handle = open_socket(SPSI_FAMILY_IPV4);
    const spsi_address address = loopback();
    fail_next("bind", EINTR, 2);
    expect(os()->bind(os(), handle, &address), SPSI_DONE, 0);
    DONE(os()->listen(os(), handle, UINT32_MAX)); // as many as the OS allows
    DONE(os()->local_address(os(), handle, out_address));
    return handle;
}

static void finish_connect(spsi_handle handle) {
    ck_assert_int_eq(os()->wait(os(), handle, SPSI_WRITABLE, 20000000).code, SPSI_DONE);
    expect(os()->connect_result(os(), handle), SPSI_DONE, 0);
}

// accept(2), ERROR HANDLING: what has become of a connection that waited says nothing of the next.
START_TEST(connections_that_failed_while_they_waited_are_skipped) {
    static const int errors[] = {EINTR,       ECONNABORTED, EPROTO,       ENETDOWN,
                                 ENOPROTOOPT, EHOSTDOWN,    EHOSTUNREACH, ENETUNREACH,
#ifdef ENONET
                                 ENONET
#endif
    };
    spsi_address address, peer;
    const spsi_handle server = listen_at_loopback(&address);
    for (size_t i = 0; i < COUNT(errors); i++) {
        const spsi_handle client = open_socket(SPSI_FAMILY_IPV4);
        os()->connect(os(), client, &address);
        finish_connect(client);
        spsi_handle taken;
        fail_next("accept", errors[i], 2);
        expect(os()->accept(os(), server, &taken, &peer), SPSI_DONE, 0);
        os()->close(os(), taken);
        os()->close(os(), client);
    }
    spsi_handle none;
    fail_next("accept", EMFILE, 1); // that is the process's own
    expect(os()->accept(os(), server, &none, &peer), SPSI_NO_HANDLES, EMFILE);
    ck_assert_int_eq(none, SPSI_NO_HANDLE);
    os()->close(os(), server);
}
END_TEST

// connect(2): interrupted it goes on by itself, and may be asked for again.
START_TEST(a_connect_that_is_under_way_goes_on) {
    spsi_address address;
    const spsi_handle server = listen_at_loopback(&address);
    const spsi_handle client = open_socket(SPSI_FAMILY_IPV4);
    static const int errors[] = {EINTR, EALREADY, EINPROGRESS};
    for (size_t i = 0; i < COUNT(errors); i++) {
        fail_next("connect", errors[i], 1);
        expect(os()->connect(os(), client, &address), SPSI_AGAIN, 0);
    }
    os()->connect(os(), client, &address);
    finish_connect(client);
    fail_next("connect", EISCONN, 1);
    expect(os()->connect(os(), client, &address), SPSI_DONE, 0);
    os()->close(os(), client);
    os()->close(os(), server);
}
END_TEST

// EAGAIN is a full backlog to a Unix socket, which asks again; else that no local port is left.
START_TEST(a_connect_that_finds_no_port_has_failed) {
    const spsi_handle tcp = open_socket(SPSI_FAMILY_IPV4), uds = open_socket(SPSI_FAMILY_UNIX);
    const spsi_address address = loopback();
    const spsi_address path = {.family = SPSI_FAMILY_UNIX, .path = "/nonesuch"};
    fail_next("connect", EAGAIN, 1);
    expect(os()->connect(os(), tcp, &address), SPSI_FAILED, EAGAIN);
    fail_next("connect", EAGAIN, 1);
    expect(os()->connect(os(), uds, &path), SPSI_AGAIN, EAGAIN);
    os()->close(os(), tcp);
    os()->close(os(), uds);
}
END_TEST

START_TEST(a_connect_whose_outcome_cannot_be_asked_has_failed) {
    const ends ends = make_ends();
    fail_next("poll", ENOMEM, 1);
    expect(os()->connect_result(os(), ends.one), SPSI_NO_MEMORY, ENOMEM);
    fail_next("getsockopt", ENOBUFS, 1);
    expect(os()->connect_result(os(), ends.one), SPSI_NO_MEMORY, ENOBUFS);
    close_ends(&ends);
}
END_TEST

// ---- Why the OS has given up

static spsi_code code_of_receive(int fd, int error) {
    char byte;
    size_t count;
    fail_next("recv", error, 1);
    const spsi_result result = os()->receive(os(), fd, &byte, 1, &count);
    ck_assert_int_eq(result.os_code, error);
    ck_assert_uint_eq(count, 0);
    return result.code;
}

// The code that ends a connection may be that of an ICMP message long ago; Linux's counters say what it was.
START_TEST(the_counters_tell_why_the_os_has_given_up) {
    if (!is_linux()) {
        return;
    }
    const ends ends = make_ends();
    static const int errors[] = {ETIMEDOUT, EHOSTUNREACH, EIO};
    static const spsi_code plain[] = {SPSI_TIMED_OUT, SPSI_UNREACHABLE, SPSI_FAILED};
    for (size_t i = 0; i < COUNT(errors); i++) {
        tell_tcp_info(3, 0, 0);
        ck_assert_int_eq(code_of_receive(ends.one, errors[i]), SPSI_TIMED_OUT);
        tell_tcp_info(0, 7, 2); // a window that stayed closed
        ck_assert_int_eq(code_of_receive(ends.one, errors[i]), SPSI_TIMED_OUT);
        tell_tcp_info(0, 0, 2);
        ck_assert_int_eq(code_of_receive(ends.one, errors[i]), SPSI_NO_ANSWER);
        tell_tcp_info(0, 0, 0);
        ck_assert_int_eq(code_of_receive(ends.one, errors[i]), plain[i]);
    }
    tell_tcp_info(3, 0, 2); // neither a reset nor a shortage is a silence
    ck_assert_int_eq(code_of_receive(ends.one, ECONNRESET), SPSI_RESET);
    ck_assert_int_eq(code_of_receive(ends.one, ENOMEM), SPSI_NO_MEMORY);
    ck_assert_int_eq(code_of_receive(ends.one, EAGAIN), SPSI_AGAIN);
    close_ends(&ends);
}
END_TEST

START_TEST(without_counters_the_code_is_all_there_is) {
    const ends ends = make_ends(); // which are no TCP
    ck_assert_int_eq(code_of_receive(ends.one, EHOSTUNREACH), SPSI_UNREACHABLE);
    const spsi_slice slice = {(const uint8_t *)"x", 1};
    size_t count;
    fail_next("send", ETIMEDOUT, 1);
    expect(os()->send(os(), ends.one, &slice, 1, &count), SPSI_TIMED_OUT, ETIMEDOUT);
    close_ends(&ends);
}
END_TEST

START_TEST(numbers_that_the_os_does_not_know_are_0) {
    if (!is_linux()) {
        return;
    }
    const ends ends = make_ends();
    sps_tcp_info info = {.struct_size = sizeof info};
    tell_tcp_info(0, 5, 0);
    DONE(os()->tcp_info(os(), ends.one, &info));
    ck_assert_uint_eq(info.not_sent_bytes, 5);
    ck_assert_uint_eq(info.least_round_trip_us, 0);
    fail_next("getsockopt", EIO, 1);
    expect(os()->tcp_info(os(), ends.one, &info), SPSI_FAILED, EIO);
    close_ends(&ends);
}
END_TEST

// ---- Options

START_TEST(an_option_that_the_os_refuses_is_told) {
    const spsi_handle handle = open_socket(SPSI_FAMILY_IPV4);
    for (spsi_option option = SPSI_REBIND; option <= SPSI_RESET_AT_CLOSE; option++) {
        if (option == SPSI_USER_TIMEOUT && !is_linux()) {
            continue; // not there at all
        }
        fail_next("setsockopt", ENOBUFS, 1);
        expect(os()->set_option(os(), handle, option, 1000), SPSI_NO_MEMORY, ENOBUFS);
    }
    fail_later("setsockopt", 1, EIO); // the time until the first probe
    expect(os()->set_option(os(), handle, SPSI_KEEPALIVE_IDLE, 1000), SPSI_FAILED, EIO);
    uint32_t value = 99;
    fail_next("getsockopt", EIO, 1);
    expect(os()->get_option(os(), handle, SPSI_SEND_BUFFER, &value), SPSI_FAILED, EIO);
    ck_assert_uint_eq(value, 0);
    ck_assert_int_eq(os()->set_option(os(), handle, (spsi_option)99, 1).code, SPSI_UNSUPPORTED);
    DONE(os()->set_option(os(), handle, SPSI_SEND_BUFFER, UINT32_MAX)); // as much as there may be
    os()->close(os(), handle);
}
END_TEST

START_TEST(credentials_that_the_os_refuses_are_told) {
    const ends ends = make_ends();
    sps_peer_credentials peer = {.struct_size = sizeof peer};
    fail_next("getsockopt", ENOTCONN, 1);
    const spsi_result result = os()->peer_credentials(os(), ends.one, &peer);
    ck_assert(result.code == SPSI_FAILED || result.code == SPSI_UNSUPPORTED);
    close_ends(&ends);
}
END_TEST

// ---- Descriptors of others

static void set_flags(int fd, int flags) {
    ck_assert_int_eq(fcntl(fd, F_SETFL, flags), 0);
}

START_TEST(what_cannot_be_prepared_is_not_adopted) {
    const ends ends = make_ends();
    sps_stream *stream = make_stream(UDS, NULL);
    for (int skipped = 0; skipped < 3;
         skipped++) { // its flags are read and set, and those of exec(3)
        set_flags(ends.one, 0);
        fail_later("fcntl", skipped, EBADF);
        expect(os()->adopt(os(), ends.one), SPSI_FAILED, EBADF);
        fail_later("fcntl", skipped, EBADF);
        IS(sps_uds_adopt_fd(stream, ends.one), SPS_FAILED);
        ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    }
    fail_later("getpeername", 1, ENOTCONN); // it was connected when it was looked at
    IS(sps_uds_adopt_fd(stream, ends.one), SPS_ERR_INVALID_PARAMETER);
    OK(sps_uds_adopt_fd(stream, ends.one)); // it was the caller's all the time
    sps_stream_destroy(stream);
    close(ends.other);
}
END_TEST

// Where the flags do not come with the call, a socket that does not get them is none.
START_TEST(a_socket_that_cannot_be_prepared_is_not_opened) {
    spsi_handle handle;
    if (!is_linux()) {
        fail_next("fcntl", EBADF, 1);
        expect(os()->open(os(), SPSI_FAMILY_IPV4, &handle), SPSI_FAILED, EBADF);
        ck_assert_int_eq(handle, SPSI_NO_HANDLE);
    }
}
END_TEST

START_TEST(a_server_that_cannot_be_prepared_is_not_adopted) {
    spsi_address address;
    const spsi_handle listening = listen_at_loopback(&address);
    sps_server *server = make_server(TCP, NULL);
    fail_next("fcntl", EBADF, 1);
    IS(sps_tcp_server_adopt_fd(server, listening), SPS_FAILED);
    bool listens;
    OK(sps_server_is_listening(server, &listens));
    ck_assert(!listens);
    OK(sps_tcp_server_adopt_fd(server, listening));
    sps_server_destroy(server);
}
END_TEST

START_TEST(what_cannot_be_looked_at_is_no_stream_socket) {
    const ends ends = make_ends();
    spsi_family family;
    fail_next("getsockopt", EBADF, 1);
    ck_assert_int_eq(os()->inspect(os(), ends.one, &family), SPSI_NO_STREAM_SOCKET);
    fail_next("getsockname", EBADF, 1);
    ck_assert_int_eq(os()->inspect(os(), ends.one, &family), SPSI_NO_STREAM_SOCKET);
    fail_later("getsockopt", 1, ENOPROTOOPT); // whether it listens: it is connected all the same
    ck_assert_int_eq(os()->inspect(os(), ends.one, &family), SPSI_CONNECTED);
    close_ends(&ends);
    const spsi_handle ipv6 = open_socket(SPSI_FAMILY_IPV6);
    ck_assert_int_eq(os()->inspect(os(), ipv6, &family), SPSI_UNCONNECTED);
    ck_assert_int_eq(family, SPSI_FAMILY_IPV6);
    os()->close(os(), ipv6);
}
END_TEST

// A get that may not wait in recv(2) waits beside it.
START_TEST(a_descriptor_that_keeps_its_flags_can_be_waited_for) {
    const ends ends = make_ends();
    char byte;
    size_t count;
    set_flags(ends.one, O_NONBLOCK);
    for (int i = 0; i < 2; i++) {
        fail_next("fcntl", EBADF, is_linux());
        expect(os()->receive_waiting(os(), ends.one, &byte, 1, &count), SPSI_AGAIN, EAGAIN);
    }
    ck_assert_int_eq(send(ends.other, "x", 1, 0), 1);
    expect(os()->receive_waiting(os(), ends.one, &byte, 1, &count), SPSI_DONE, 0);
    close_ends(&ends);
}
END_TEST

// ---- Selectors

START_TEST(a_selector_that_cannot_be_made_leaves_nothing) {
    spsi_selector *selector;
    if (is_linux()) {
        fail_next("epoll_ctl", ENOSPC, 1);
        ck_assert_int_ne(os()->selector_create(os(), heap(), &selector).code, SPSI_DONE);
        return;
    }
    for (int skipped = 0; skipped < 6; skipped++) { // three for each end of its pipe
        fail_later("fcntl", skipped, EBADF);
        expect(os()->selector_create(os(), heap(), &selector), SPSI_FAILED, EBADF);
    }
}
END_TEST

START_TEST(what_the_kernel_has_no_room_for_is_not_watched) {
    if (!is_linux()) {
        return;
    }
    const ends ends = make_ends();
    spsi_selector *selector = make_selector();
    fail_next("epoll_ctl", ENOSPC, 1); // epoll(7): max_user_watches
    expect(os()->selector_set(os(), selector, ends.one, 0, SPSI_WRITABLE, &selector),
           SPSI_NO_MEMORY, ENOSPC);
    fail_next("epoll_ctl", ENOMEM, 1);
    expect(os()->selector_set(os(), selector, ends.one, 0, SPSI_WRITABLE, &selector),
           SPSI_NO_MEMORY, ENOMEM);
    ck_assert_int_eq(os()->selector_wait(os(), selector, 0).code, SPSI_AGAIN);
    os()->selector_destroy(os(), selector);
    close_ends(&ends);
}
END_TEST

// ---- Room in a selector

static bool is_short;

static void *allocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    const sps_allocator *real = user_data;
    return is_short && new_bytes > 0
               ? NULL
               : real->reallocate(real->user_data, block, old_bytes, new_bytes);
}

// What was watched before is told of as ever.
START_TEST(a_selector_without_memory_takes_no_more) {
    enum { HANDLES = 100 };
    const sps_allocator allocator = {allocate, (void *)(uintptr_t)heap()};
    const ends ends = make_ends();
    int fds[HANDLES], told = 0;
    spsi_selector *selector;
    spsi_ready ready;
    DONE(os()->selector_create(os(), &allocator, &selector));
    for (int i = 0; i < HANDLES; i++) {
        fds[i] = dup(ends.one);
        is_short = true;
        const spsi_result result =
            os()->selector_set(os(), selector, fds[i], 0, SPSI_WRITABLE, &fds[i]);
        is_short = false;
        if (result.code == SPSI_DONE) {
            continue;
        }
        ck_assert_int_eq(result.code, SPSI_NO_MEMORY);
        DONE(os()->selector_set(os(), selector, fds[i], 0, SPSI_WRITABLE, &fds[i]));
    }
    DONE(os()->selector_wait(os(), selector, 0));
    while (os()->selector_next(os(), selector, &ready)) {
        told++;
    }
    ck_assert_int_eq(told, HANDLES);
    for (int i = 0; i < HANDLES; i++) {
        DONE(os()->selector_set(os(), selector, fds[i], SPSI_WRITABLE, 0, NULL));
        close(fds[i]);
    }
    os()->selector_destroy(os(), selector);
    close_ends(&ends);
}
END_TEST

static bool is_woken(spsi_selector *selector) {
    spsi_ready ready;
    DONE(os()->selector_wait(os(), selector, 20000000));
    ck_assert(os()->selector_next(os(), selector, &ready));
    ck_assert_ptr_null(ready.token);
    return ready.told == SPSI_WOKEN;
}

// sps_poller_wake() may be called in a signal's handler, and interrupted by another signal.
START_TEST(no_wake_is_lost_by_a_signal) {
    spsi_selector *selector = make_selector();
    fail_next("write", EINTR, 2);
    errno = 4711;
    os()->selector_wake(os(), selector, SPSI_WAKER_CALLER);
    ck_assert_int_eq(errno, 4711);
    fail_next("read", EINTR, 2);
    ck_assert(is_woken(selector));
    ck_assert(all_have_failed());
    os()->selector_wake(os(), selector, SPSI_WAKER_LOOKUP);
    ck_assert(!is_woken(selector));
    os()->selector_wake(os(), selector, SPSI_WAKER_CALLER);
    fail_next("read", EAGAIN, 1); // it stays until it can be read
    ck_assert(!is_woken(selector));
    ck_assert(is_woken(selector));
    fail_next("write", EAGAIN, 1); // it is full, and wakes already
    os()->selector_wake(os(), selector, SPSI_WAKER_CALLER);
    ck_assert(all_have_failed());
    os()->selector_destroy(os(), selector);
}
END_TEST

// ---- Names

static spsi_lookup *start_lookup(const char *name) {
    spsi_lookup *lookup;
    DONE(os()->lookup_start(os(), name, &lookup));
    return lookup;
}

static spsi_result result_of_lookup(spsi_lookup *lookup, size_t capacity, size_t *out_count) {
    static spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    return os()->lookup_result(os(), lookup, addresses, capacity, out_count);
}

START_TEST(a_shortage_is_no_unknown_name) {
    static const struct {
        int code, error;
        spsi_code expected;
        int os_code;
    } rows[] = {
        {EAI_NONAME, 0, SPSI_NAME_UNKNOWN, EAI_NONAME},
        {EAI_AGAIN, 0, SPSI_NAME_UNKNOWN, EAI_AGAIN},
        {EAI_MEMORY, 0, SPSI_NO_MEMORY, EAI_MEMORY},
        {EAI_SYSTEM, ENOMEM, SPSI_NO_MEMORY, ENOMEM},
        {EAI_SYSTEM, EMFILE, SPSI_NO_HANDLES, EMFILE},
        {EAI_SYSTEM, EIO, SPSI_NAME_UNKNOWN, EIO},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        answer_names(rows[i].code, rows[i].error, 0);
        spsi_lookup *lookup = start_lookup("short.test");
        DONE(os()->lookup_wait(os(), lookup, 20000000));
        size_t count;
        expect(result_of_lookup(lookup, 4, &count), rows[i].expected, rows[i].os_code);
        ck_assert_uint_eq(count, 0);
        os()->lookup_end(os(), lookup, false);
    }
}
END_TEST

START_TEST(no_more_addresses_are_given_than_there_is_room_for) {
    answer_names(0, 0, SPS_IP_MAX_ADDRESSES + 3);
    spsi_lookup *lookup = start_lookup("many.test");
    DONE(os()->lookup_wait(os(), lookup, 20000000));
    size_t count;
    DONE(result_of_lookup(lookup, 2, &count));
    ck_assert_uint_eq(count, 2);
    DONE(result_of_lookup(lookup, SPS_IP_MAX_ADDRESSES, &count));
    ck_assert_uint_eq(count, SPS_IP_MAX_ADDRESSES);
    os()->lookup_end(os(), lookup, false);
}
END_TEST

// A look-up needs a thread; while one is at work, another name waits for it.
START_TEST(a_look_up_without_a_thread_is_short_of_memory) {
    spsi_lookup *first, *second;
    fail_next("pthread_create", EAGAIN, 1);
    expect(os()->lookup_start(os(), "one.test", &first), SPSI_NO_MEMORY, EAGAIN);
    answer_names(0, 0, 1);
    hold_names();
    first = start_lookup("one.test");
    fail_next("pthread_create", EAGAIN, 1);
    second = start_lookup("two.test");
    ck_assert(all_have_failed());
    release_names();
    DONE(os()->lookup_wait(os(), second, 20000000));
    DONE(os()->lookup_wait(os(), first, 20000000));
    os()->lookup_end(os(), first, false);
    os()->lookup_end(os(), second, false);
}
END_TEST

START_TEST(a_look_up_is_waited_for_no_longer_than_told) {
    answer_names(0, 0, 1);
    hold_names();
    spsi_lookup *lookup = start_lookup("slow.test");
    size_t count;
    const uint64_t begin_us = os()->now_us(os());
    ck_assert_int_eq(os()->lookup_wait(os(), lookup, 0).code, SPSI_AGAIN);
    ck_assert_int_eq(os()->lookup_wait(os(), lookup, 700000).code, SPSI_AGAIN);
    ck_assert_uint_ge(os()->now_us(os()) - begin_us, 700000);
    expect(result_of_lookup(lookup, 4, &count), SPSI_AGAIN, 0);
    release_names();
    DONE(os()->lookup_wait(os(), lookup, 20000000));
    os()->lookup_end(os(), lookup, false);
}
END_TEST

// Each of several who wait for one name in pollers of their own is woken, but who has left.
START_TEST(who_has_left_is_not_woken) {
    answer_names(0, 0, 1);
    hold_names();
    spsi_lookup *lookup = start_lookup("shared.test");
    spsi_lookup_watch watches[3];
    for (size_t i = 0; i < COUNT(watches); i++) {
        watches[i].selector = make_selector();
        os()->lookup_watch(os(), lookup, &watches[i]);
    }
    os()->lookup_unwatch(os(), lookup, &watches[0]); // the first that came is the last of the list
    release_names();
    DONE(os()->lookup_wait(os(), lookup, 20000000));
    ck_assert_int_eq(os()->selector_wait(os(), watches[0].selector, 0).code, SPSI_AGAIN);
    for (size_t i = 1; i < COUNT(watches); i++) {
        ck_assert(!is_woken(watches[i].selector)); // not by the caller
        os()->lookup_unwatch(os(), lookup, &watches[i]);
    }
    for (size_t i = 0; i < COUNT(watches); i++) {
        os()->selector_destroy(os(), watches[i].selector);
    }
    os()->lookup_end(os(), lookup, false);
}
END_TEST

START_TEST(a_selector_tells_what_it_was_asked_for) {
    const ends ends = make_ends();
    ck_assert_int_eq(write(ends.other, "x", 1), 1);
    spsi_selector *selector = make_selector();
    int token;
    spsi_ready ready;
    DONE(os()->selector_set(os(), selector, ends.one, 0, SPSI_WRITABLE, &token));
    DONE(os()->selector_wait(os(), selector, 20000000));
    ck_assert(os()->selector_next(os(), selector, &ready));
    ck_assert_ptr_eq(ready.token, &token);
    ck_assert_uint_eq(ready.told, SPSI_WRITABLE);
    DONE(os()->selector_set(os(), selector, ends.one, SPSI_WRITABLE, SPSI_READABLE, &token));
    DONE(os()->selector_wait(os(), selector, 20000000));
    ck_assert(os()->selector_next(os(), selector, &ready));
    ck_assert_uint_eq(ready.told & (SPSI_READABLE | SPSI_WRITABLE), SPSI_READABLE);
    DONE(os()->selector_set(os(), selector, ends.one, SPSI_READABLE, 0, &token));
    os()->selector_destroy(os(), selector);
    close_ends(&ends);
}
END_TEST

// ---- IP

START_TEST(ip_tells_what_its_names_come_to) {
    sps_ip *ip;
    const sps_ip_options options = {
        .struct_size = sizeof options, .timeout_ms = 50, .platform = os()};
    OK(sps_ip_create(&options, &ip));
    answer_names(0, 0, 3);
    hold_names();
    char text[SPS_HOST_TEXT_BYTES];
    IS(sps_ip_resolve_hostname(ip, "a.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_TIMEOUT);
    ck_assert_str_eq(text, "");
    int32_t id;
    OK(sps_ip_queue_resolve_item(ip, "a.test", SPS_IP_TYPE_ANY, &id));
    sps_resolver_status status;
    OK(sps_ip_get_resolve_item_status(ip, id, &status));
    ck_assert_int_eq(status, SPS_RESOLVER_STATUS_WAITING);
    sps_host_text all[2];
    size_t count;
    IS(sps_ip_get_resolve_item_addresses(ip, id, all, 2, &count), SPS_ERR_BUSY);
    release_names();
    WAIT_UNTIL((sps_ip_get_resolve_item_status(ip, id, &status), status) ==
               SPS_RESOLVER_STATUS_DONE);
    OK(sps_ip_get_resolve_item_addresses(ip, id, all, 2, &count));
    ck_assert_uint_eq(count, 3);
    ck_assert_str_eq(all[0].text, "192.0.2.1");
    ck_assert_str_eq(all[1].text, "192.0.2.2");
    answer_names(EAI_NONAME, 0, 0);
    OK(sps_ip_clear_cache(ip, "b")); // a.test is still known
    OK(sps_ip_resolve_hostname(ip, "a.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL));
    OK(sps_ip_clear_cache(ip, "a.test"));
    IS(sps_ip_resolve_hostname(ip, "a.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_CANT_RESOLVE);
    answer_names(EAI_MEMORY, 0, 0);
    IS(sps_ip_resolve_hostname(ip, "b.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_OUT_OF_MEMORY);
    answer_names(EAI_NONAME, 0, 0);
    IS(sps_ip_resolve_hostname(ip, "c.test", SPS_IP_TYPE_ANY, text, sizeof text, NULL),
       SPS_ERR_CANT_RESOLVE);
    sps_ip_destroy(ip);
}
END_TEST

START_TEST(addresses_that_the_os_does_not_tell) {
    sps_ip *ip;
    OK(sps_ip_create(NULL, &ip));
    size_t count = 9;
    fail_next("getifaddrs", ENOBUFS, 1);
    IS(sps_ip_get_local_addresses(ip, NULL, 0, &count), SPS_ERR_OUT_OF_MEMORY);
    ck_assert_uint_eq(count, 0);
    fail_next("getifaddrs", EACCES, 1);
    IS(sps_ip_get_local_addresses(ip, NULL, 0, &count), SPS_FAILED);
    OK(sps_ip_get_local_addresses(ip, NULL, 0, &count));
    ck_assert_uint_gt(count, 0);
    sps_ip_destroy(ip);
}
END_TEST

// ---- A path's lock

static bool is_there(const char *path) {
    return access(path, F_OK) == 0;
}

START_TEST(a_lock_is_asked_for_until_it_is_ours_or_anothers) {
    const place place = nowhere(UDS);
    char file[sizeof place.path + 16];
    snprintf(file, sizeof file, "%s.sps-lock", place.path);
    static const struct {
        const char *call;
        int error;
    } passing[] = {
        {"open", EEXIST}, // another made the file meanwhile
        {"open", EINTR},   {"flock", EINTR},
        {"lstat", ENOENT}, // whoever had the lock has removed the file
        {"fstat", EIO},
    };
    spsi_handle lock;
    for (size_t i = 0; i < COUNT(passing); i++) {
        fail_next(passing[i].call, passing[i].error, 1);
        expect(os()->lock_path(os(), place.path, &lock), SPSI_DONE, 0);
        os()->unlock_path(os(), place.path, lock);
        ck_assert(!is_there(file));
    }
    fail_next("open", EMFILE, 1);
    expect(os()->lock_path(os(), place.path, &lock), SPSI_NO_HANDLES, EMFILE);
    fail_next("flock", ENOLCK, 1);
    expect(os()->lock_path(os(), place.path, &lock), SPSI_FAILED, ENOLCK);
    DONE(os()->lock_path(os(), place.path, &lock));
    fail_next("fstat", EIO, 1); // what it is cannot be seen, so it is left
    os()->unlock_path(os(), place.path, lock);
    ck_assert(is_there(file));
}
END_TEST

// The place of the lock's file may be taken by somebody's own.
START_TEST(what_is_no_empty_file_is_not_removed_with_the_lock) {
    const place place = nowhere(UDS);
    char file[sizeof place.path + 16];
    snprintf(file, sizeof file, "%s.sps-lock", place.path);
    spsi_handle lock;
    ck_assert_int_eq(mkfifo(file, 0600), 0);
    DONE(os()->lock_path(os(), place.path, &lock));
    os()->unlock_path(os(), place.path, lock);
    ck_assert(is_there(file));
    unlink(file);
    FILE *written = fopen(file, "w");
    fputs("mine", written);
    fclose(written);
    DONE(os()->lock_path(os(), place.path, &lock));
    os()->unlock_path(os(), place.path, lock);
    ck_assert(is_there(file));
}
END_TEST

// Only the very file that is known is removed.
START_TEST(a_file_of_another_device_is_left) {
    const place place = nowhere(UDS);
    const spsi_handle handle = open_socket(SPSI_FAMILY_UNIX);
    spsi_address address = {.family = SPSI_FAMILY_UNIX};
    memcpy(address.path, place.path, sizeof place.path);
    DONE(os()->bind(os(), handle, &address));
    spsi_file file;
    ck_assert(os()->file_of(os(), place.path, &file));
    const spsi_file other = {file.device + 1, file.number};
    os()->remove_file(os(), place.path, &other);
    ck_assert(is_there(place.path));
    os()->remove_file(os(), place.path, &file);
    ck_assert(!is_there(place.path));
    os()->close(os(), handle);
}
END_TEST

Suite *syscalls_suite(void) {
    Suite *suite = suite_create("syscalls");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, each_errno_has_its_code);
    tcase_add_test(all, a_signal_interrupts_no_transfer);
    tcase_add_test(all, a_signal_ends_no_wait_early);
    tcase_add_test(all, times_are_cut_to_what_the_os_can_count);
    tcase_add_test(all, connections_that_failed_while_they_waited_are_skipped);
    tcase_add_test(all, a_connect_that_is_under_way_goes_on);
    tcase_add_test(all, a_connect_that_finds_no_port_has_failed);
    tcase_add_test(all, a_connect_whose_outcome_cannot_be_asked_has_failed);
    tcase_add_test(all, the_counters_tell_why_the_os_has_given_up);
    tcase_add_test(all, without_counters_the_code_is_all_there_is);
    tcase_add_test(all, numbers_that_the_os_does_not_know_are_0);
    tcase_add_test(all, an_option_that_the_os_refuses_is_told);
    tcase_add_test(all, credentials_that_the_os_refuses_are_told);
    tcase_add_test(all, what_cannot_be_prepared_is_not_adopted);
    tcase_add_test(all, a_socket_that_cannot_be_prepared_is_not_opened);
    tcase_add_test(all, a_server_that_cannot_be_prepared_is_not_adopted);
    tcase_add_test(all, what_cannot_be_looked_at_is_no_stream_socket);
    tcase_add_test(all, a_descriptor_that_keeps_its_flags_can_be_waited_for);
    tcase_add_test(all, a_selector_that_cannot_be_made_leaves_nothing);
    tcase_add_test(all, what_the_kernel_has_no_room_for_is_not_watched);
    tcase_add_test(all, a_selector_without_memory_takes_no_more);
    tcase_add_test(all, no_wake_is_lost_by_a_signal);
    tcase_add_test(all, a_shortage_is_no_unknown_name);
    tcase_add_test(all, no_more_addresses_are_given_than_there_is_room_for);
    tcase_add_test(all, a_look_up_without_a_thread_is_short_of_memory);
    tcase_add_test(all, a_look_up_is_waited_for_no_longer_than_told);
    tcase_add_test(all, who_has_left_is_not_woken);
    tcase_add_test(all, a_selector_tells_what_it_was_asked_for);
    tcase_add_test(all, ip_tells_what_its_names_come_to);
    tcase_add_test(all, addresses_that_the_os_does_not_tell);
    tcase_add_test(all, a_lock_is_asked_for_until_it_is_ours_or_anothers);
    tcase_add_test(all, what_is_no_empty_file_is_not_removed_with_the_lock);
    tcase_add_test(all, a_file_of_another_device_is_left);
    return suite;
}

const suite_maker suites[] = {syscalls_suite, NULL};
