// SPDX-License-Identifier: MIT
//
// The contract of platform.h for a connection's calls, for rare answers of the OS: a signal, a
// shortage, a failure before accept().
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/system_calls.h"

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

// A wait that a signal interrupts continues for the rest of its time.
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
    fail_next("poll", EINTR, 3); // signals come until its time is over
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

START_TEST(times_are_capped_at_the_limit_of_the_os) {
    ck_assert_int_eq(spsi_posix_wait_ms(0), 0);
    ck_assert_int_eq(spsi_posix_wait_ms(1), 1);
    ck_assert_int_eq(spsi_posix_wait_ms(1000), 1);
    ck_assert_int_eq(spsi_posix_wait_ms(1001), 2);
    ck_assert_int_eq(spsi_posix_wait_ms(SPSI_FOREVER - 1), INT_MAX);
    ck_assert_int_eq(spsi_posix_wait_ms(SPSI_FOREVER), -1);
}
END_TEST

// ---- Connections

static void finish_connect(spsi_handle handle) {
    ck_assert_int_eq(os()->wait(os(), handle, SPSI_WRITABLE, 20000000).code, SPSI_DONE);
    expect(os()->connect_result(os(), handle), SPSI_DONE, 0);
}

// accept(2), ERROR HANDLING: the error of one pending connection does not affect the next.
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
    fail_next("accept", EMFILE, 1); // this error is the process's own
    expect(os()->accept(os(), server, &none, &peer), SPSI_NO_HANDLES, EMFILE);
    ck_assert_int_eq(none, SPSI_NO_HANDLE);
    os()->close(os(), server);
}
END_TEST

// macOS refuses to change the flags of a socket whose peer has reset or closed it. The connection
// may hold bytes, so accept() returns it. Any other refusal is an error.
START_TEST(a_connection_that_ended_while_it_waited_is_taken) {
    if (is_linux()) {
        return; // the flags come with the call
    }
    spsi_address address, peer;
    const spsi_handle server = listen_at_loopback(&address);
    for (int i = 0; i < 2; i++) {
        const spsi_handle client = open_socket(SPSI_FAMILY_IPV4);
        os()->connect(os(), client, &address);
        finish_connect(client);
        spsi_handle taken;
        fail_later("fcntl", 2, i == 0 ? EINVAL : ENOMEM); // after that for exec(3), and a look
        const spsi_result result = os()->accept(os(), server, &taken, &peer);
        ck_assert_int_eq(result.code, i == 0 ? SPSI_DONE : SPSI_NO_MEMORY);
        ck_assert(all_have_failed());
        if (i == 0) {
            ck_assert_int_eq(fcntl((int)taken, F_GETFD), FD_CLOEXEC);
            os()->close(os(), taken);
        }
        os()->close(os(), client);
    }
    os()->close(os(), server);
}
END_TEST

// Peers could reset their connections as fast as accept() skips them.
START_TEST(one_accept_skips_a_bounded_number_of_connections) {
    spsi_address address, peer;
    const spsi_handle server = listen_at_loopback(&address);
    const spsi_handle client = open_socket(SPSI_FAMILY_IPV4);
    os()->connect(os(), client, &address);
    finish_connect(client);
    spsi_handle taken;
    fail_next("accept", ECONNABORTED, 150);
    ck_assert_int_eq(os()->accept(os(), server, &taken, &peer).code, SPSI_AGAIN);
    ck_assert_int_eq(taken, SPSI_NO_HANDLE);
    ck_assert(!all_have_failed());
    expect(os()->accept(os(), server, &taken, &peer), SPSI_DONE, 0);
    os()->close(os(), taken);
    os()->close(os(), client);
    os()->close(os(), server);
}
END_TEST

// connect(2): an interrupted connect continues by itself. The library may call it again.
START_TEST(an_interrupted_connect_continues) {
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

// EAGAIN from a Unix socket means a full backlog, so the library tries again. From TCP it means
// that no local port is left.
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

// EADDRNOTAVAIL of connect(2): a bind shows whether a local port is free. Linux answers it with
// EADDRINUSE, the BSDs with EADDRNOTAVAIL. EINVAL: it is bound, so it has a port.
START_TEST(a_connect_without_a_local_address_is_unreachable) {
    const spsi_address address = loopback();
    const spsi_handle bound = open_socket(SPSI_FAMILY_IPV4), handle = open_socket(SPSI_FAMILY_IPV4);
    DONE(os()->bind(os(), bound, &address));
    fail_next("connect", EADDRNOTAVAIL, 1);
    expect(os()->connect(os(), bound, &address), SPSI_UNREACHABLE, EADDRNOTAVAIL);
    fail_next("connect", EADDRNOTAVAIL, 1);
    expect(os()->connect(os(), handle, &address), SPSI_UNREACHABLE, EADDRNOTAVAIL);
    os()->close(os(), bound);
    os()->close(os(), handle);
}
END_TEST

// ---- What only macOS and the BSDs answer

// A send that meets the peer's close half-way. libuv has seen it on macOS.
START_TEST(a_send_into_a_teardown_is_a_reset) {
    const ends ends = make_ends();
    const spsi_slice slice = {(const uint8_t *)"x", 1};
    size_t count;
    fail_next("send", EPROTOTYPE, 1);
    expect(os()->send(os(), ends.one, &slice, 1, &count), is_linux() ? SPSI_FAILED : SPSI_RESET,
           EPROTOTYPE);
    close_ends(&ends);
}
END_TEST

// The close of a Unix socket ends both ways at once there. Of a TCP socket, only a reset does.
START_TEST(a_shutdown_behind_the_peers_close_is_no_failure) {
    const ends ends = make_ends();
    fail_next("shutdown", ENOTCONN, 1);
    const spsi_result result = os()->shutdown_write(os(), ends.one);
    ck_assert_int_eq(result.code, is_linux() ? SPSI_RESET : SPSI_DONE);
    close_ends(&ends);
    const spsi_handle handle = open_socket(SPSI_FAMILY_IPV4);
    fail_next("shutdown", ENOTCONN, 1);
    expect(os()->shutdown_write(os(), handle), SPSI_RESET, ENOTCONN);
    os()->close(os(), handle);
}
END_TEST

// ---- Why the OS gave up

static spsi_code code_of_receive(int fd, int error) {
    char byte;
    size_t count;
    fail_next("recv", error, 1);
    const spsi_result result = os()->receive(os(), fd, &byte, 1, &count);
    ck_assert_int_eq(result.os_code, error);
    ck_assert_uint_eq(count, 0);
    return result.code;
}

// The code that ends a connection may come from an old ICMP message. Linux's counters show the
// cause.
START_TEST(the_counters_show_why_the_os_gave_up) {
    if (!is_linux()) {
        return;
    }
    const ends ends = make_ends();
    static const int errors[] = {ETIMEDOUT, EHOSTUNREACH, EIO};
    static const spsi_code plain[] = {SPSI_TIMED_OUT, SPSI_UNREACHABLE, SPSI_FAILED};
    for (size_t i = 0; i < COUNT(errors); i++) {
        set_tcp_info(3, 0, 0);
        ck_assert_int_eq(code_of_receive(ends.one, errors[i]), SPSI_TIMED_OUT);
        set_tcp_info(0, 7, 2); // a window that stayed closed
        ck_assert_int_eq(code_of_receive(ends.one, errors[i]), SPSI_TIMED_OUT);
        set_tcp_info(0, 0, 2);
        ck_assert_int_eq(code_of_receive(ends.one, errors[i]), SPSI_NO_ANSWER);
        set_tcp_info(0, 0, 0);
        ck_assert_int_eq(code_of_receive(ends.one, errors[i]), plain[i]);
    }
    set_tcp_info(3, 0, 2); // neither a reset nor a shortage is a timeout
    ck_assert_int_eq(code_of_receive(ends.one, ECONNRESET), SPSI_RESET);
    ck_assert_int_eq(code_of_receive(ends.one, ENOMEM), SPSI_NO_MEMORY);
    ck_assert_int_eq(code_of_receive(ends.one, EAGAIN), SPSI_AGAIN);
    close_ends(&ends);
}
END_TEST

START_TEST(without_counters_the_code_decides) {
    const ends ends = make_ends(); // not TCP
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
    set_tcp_info(0, 5, 0);
    DONE(os()->tcp_info(os(), ends.one, &info));
    ck_assert_uint_eq(info.not_sent_bytes, 5);
    ck_assert_uint_eq(info.least_round_trip_us, 0);
    fail_next("getsockopt", EIO, 1);
    expect(os()->tcp_info(os(), ends.one, &info), SPSI_FAILED, EIO);
    close_ends(&ends);
}
END_TEST

// macOS refuses more than INT_MAX bytes in one call. This test's calls refuse them, too.
START_TEST(more_bytes_than_an_int_counts_are_no_failure) {
    const size_t size = ((size_t)INT_MAX / 4096 + 2) * 4096;
    uint8_t *huge = mmap(NULL, size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    ck_assert_ptr_ne(huge, MAP_FAILED);
    const ends ends = make_ends();
    const spsi_slice slices[] = {{(const uint8_t *)"head", 4}, {huge, size}, {huge, size}};
    size_t sent, received;
    expect(os()->send(os(), ends.one, slices + 1, 1, &sent), SPSI_DONE, 0);
    ck_assert_uint_gt(sent, 0);
    expect(os()->receive(os(), ends.other, huge, size, &received), SPSI_DONE, 0);
    ck_assert_uint_gt(received, 0);
    const struct ends fresh = make_ends();
    expect(os()->send(os(), fresh.one, slices, COUNT(slices), &sent), SPSI_DONE, 0);
    ck_assert_uint_gt(sent, 4);
    close_ends(&fresh);
    close_ends(&ends);
    munmap(huge, size);
}
END_TEST

Suite *connection_calls_suite(void) {
    Suite *suite = suite_create("connection_calls");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, each_errno_has_its_code);
    if (sizeof(size_t) > sizeof(int)) {
        tcase_add_test(all, more_bytes_than_an_int_counts_are_no_failure);
    }
    tcase_add_test(all, a_signal_interrupts_no_transfer);
    tcase_add_test(all, a_signal_ends_no_wait_early);
    tcase_add_test(all, times_are_capped_at_the_limit_of_the_os);
    tcase_add_test(all, connections_that_failed_while_they_waited_are_skipped);
    tcase_add_test(all, a_connection_that_ended_while_it_waited_is_taken);
    tcase_add_test(all, one_accept_skips_a_bounded_number_of_connections);
    tcase_add_test(all, an_interrupted_connect_continues);
    tcase_add_test(all, a_connect_that_finds_no_port_has_failed);
    tcase_add_test(all, a_connect_whose_outcome_cannot_be_asked_has_failed);
    tcase_add_test(all, a_connect_without_a_local_address_is_unreachable);
    tcase_add_test(all, a_send_into_a_teardown_is_a_reset);
    tcase_add_test(all, a_shutdown_behind_the_peers_close_is_no_failure);
    tcase_add_test(all, the_counters_show_why_the_os_gave_up);
    tcase_add_test(all, without_counters_the_code_decides);
    tcase_add_test(all, numbers_that_the_os_does_not_know_are_0);
    return suite;
}
