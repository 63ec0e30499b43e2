// SPDX-License-Identifier: MIT
//
// Pollers and the parts of Unix that other systems lack: signals, listening sockets of several
// processes, a limit of descriptors, and descriptors inside messages.
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "support/pollers.h"

// ---- Signals

static sps_poller *woken_by_signal;
static volatile sig_atomic_t signals_to_ignore = 3;

static void on_alarm(int number) {
    (void)number;
    if (signals_to_ignore > 0) {
        signals_to_ignore--;
    } else {
        sps_poller_wake(woken_by_signal);
    }
}

// A signal alone does not end the wait. Its handler does.
START_TEST(a_signals_handler_may_wake) {
    woken_by_signal = make_poller(NULL);
    const struct sigaction action = {.sa_handler = on_alarm};
    sigaction(SIGALRM, &action, NULL);
    const struct itimerval every_20_ms = {{0, 20000}, {0, 20000}}, never = {{0, 0}, {0, 0}};
    ck_assert_int_eq(setitimer(ITIMER_REAL, &every_20_ms, NULL), 0);
    ck_assert_uint_eq(wait_once(woken_by_signal, -1), 0);
    ck_assert_int_eq(signals_to_ignore, 0);
    ck_assert_int_eq(setitimer(ITIMER_REAL, &never, NULL), 0);
    sps_poller_destroy(woken_by_signal);
}
END_TEST

// ---- A listening socket that another process has, too

// Returns a second descriptor of the listening socket. The file of a Unix server stays.
static int share_listening_descriptor(sps_server *server, transport transport) {
    sps_server *first = make_server(transport, NULL);
    listen_somewhere(first, transport);
    intptr_t fd;
    OK(sps_server_release_fd(first, &fd));
    sps_server_destroy(first);
    const int other = dup((int)fd);
    ck_assert_int_ne(other, -1);
    OK(transport == TCP ? sps_tcp_server_adopt_fd(server, fd)
                        : sps_uds_server_adopt_fd(server, fd));
    return other;
}

// The parent of several accepting processes shuts the shared socket down to stop them all.
START_TEST(a_server_that_another_process_has_shut_down_is_closed) {
    sps_server *server = make_server(_i, NULL);
    const int other = share_listening_descriptor(server, _i);
    sps_poller *poller = make_poller(NULL);
    OK(sps_poller_add_server(poller, server, NULL));
    shutdown(other, SHUT_RDWR);
    const sps_event event = wait_for_event(poller);
    ck_assert_ptr_eq(event.server, server);
    ck_assert_uint_eq(event.kinds, SPS_EVENT_CLOSED);
    ck_assert_int_eq(event.close_reason, SPS_CLOSE_FAILED);
    bool listening;
    OK(sps_server_is_listening(server, &listening));
    ck_assert(!listening);
    sps_stream *taken;
    IS(sps_server_take_connection(server, &taken), SPS_ERR_UNCONFIGURED);
    expect_rest(poller, 300);
    close(other);
    const place place = listen_somewhere(server, _i); // it may listen again
    ck_assert_int_eq(place.transport, (transport)_i);
    sps_server_destroy(server);
    sps_poller_destroy(poller);
}
END_TEST

// The same without a poller.
START_TEST(a_take_from_a_server_that_was_shut_down_fails) {
    sps_server *server = make_server(TCP, NULL);
    const int other = share_listening_descriptor(server, TCP);
    shutdown(other, SHUT_RDWR);
    close(other);
    sps_stream *taken;
    IS(sps_server_take_connection(server, &taken), SPS_FAILED);
    int32_t code;
    OK(sps_server_get_os_error(server, &code));
    ck_assert_int_eq(code, EINVAL);
    IS(sps_server_take_connection(server, &taken), SPS_ERR_UNCONFIGURED);
    sps_server_destroy(server);
}
END_TEST

// ---- No descriptors

// Without descriptors the server rests, and the wait does not spin. When some are free, it
// continues by itself.
START_TEST(a_server_without_descriptors_backs_off) {
    NOT_IN_VALGRIND("it ends the connection for which accept(2) has no descriptor")
    pair pair = prepare_pair(_i, NULL);
    pair.poller = make_poller(NULL);
    OK(sps_poller_add_server(pair.poller, pair.server, NULL));
    OK(connect_to(pair.client, &pair.place));
    ck_assert_ptr_eq(wait_for_event(pair.poller).server, pair.server);
    struct rlimit before;
    getrlimit(RLIMIT_NOFILE, &before);
    const struct rlimit none = {3, before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    int rests = 0;
    const uint64_t start = now_ms();
    while (now_ms() - start < 550) {
        IS(sps_server_take_connection(pair.server, &pair.peer), SPS_ERR_CANT_ACQUIRE_RESOURCE);
        rests++;
        ck_assert_ptr_eq(wait_for_event(pair.poller).server, pair.server);
    }
    ck_assert_int_le(rests, 8);
    setrlimit(RLIMIT_NOFILE, &before);
    OK(sps_server_take_connection(pair.server, &pair.peer));
    expect_nothing(pair.poller);
    close_pair(&pair);
}
END_TEST

START_TEST(without_descriptors_no_poller_is_made) {
    struct rlimit before;
    getrlimit(RLIMIT_NOFILE, &before);
    const int next = dup(0);
    close(next);
    sps_poller *poller = NULL;
    for (int spare = 0; spare < 2; spare++) { // the server needs two descriptors
        const struct rlimit few = {(rlim_t)next + (rlim_t)spare, before.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
        IS(sps_poller_create(NULL, &poller), SPS_ERR_CANT_ACQUIRE_RESOURCE);
        ck_assert_ptr_null(poller);
    }
    setrlimit(RLIMIT_NOFILE, &before);
    poller = make_poller(NULL);
    sps_poller_destroy(poller);
}
END_TEST

// ---- Ancillary data

// A read of a Unix socket stops at a passed descriptor, and no later byte is lost.
START_TEST(bytes_behind_ancillary_data_are_read) {
    pair pair = connect_watched(UDS);
    intptr_t fd;
    OK(sps_uds_release_fd(pair.peer, &fd));
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    memset(&control, 0, sizeof control);
    control.header.cmsg_level = SOL_SOCKET;
    control.header.cmsg_type = SCM_RIGHTS;
    control.header.cmsg_len = CMSG_LEN(sizeof(int));
    const int passed = (int)fd;
    memcpy(CMSG_DATA(&control.header), &passed, sizeof passed);
    struct iovec piece = {"with", 4};
    const struct msghdr message = {.msg_iov = &piece,
                                   .msg_iovlen = 1,
                                   .msg_control = &control,
                                   .msg_controllen = sizeof control};
    ck_assert_int_eq(sendmsg((int)fd, &message, 0), 4);
    ck_assert_int_eq(send((int)fd, "behind", 6, 0), 6);
    expect_watched_text(&pair, "withbehind");
    close((int)fd);
    close_pair(&pair);
}
END_TEST

Suite *poller_unix_suite(void) {
    Suite *suite = suite_create("poller_unix");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_server_that_another_process_has_shut_down_is_closed, 0, TRANSPORTS);
    tcase_add_test(all, a_take_from_a_server_that_was_shut_down_fails);
    tcase_add_test(all, a_signals_handler_may_wake);
    tcase_add_loop_test(all, a_server_without_descriptors_backs_off, 0, TRANSPORTS);
    tcase_add_test(all, without_descriptors_no_poller_is_made);
    tcase_add_test(all, bytes_behind_ancillary_data_are_read);
    return suite;
}
