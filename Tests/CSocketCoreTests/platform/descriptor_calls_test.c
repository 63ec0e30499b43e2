// SPDX-License-Identifier: MIT
//
// What is asked of a descriptor and set at it, be it the library's own or another's, when the OS refuses.
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/system_calls.h"

// ---- Options

START_TEST(an_option_that_the_os_refuses_is_an_error) {
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

START_TEST(refused_credentials_are_an_error) {
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

START_TEST(a_descriptor_that_cannot_be_prepared_is_refused) {
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

START_TEST(a_descriptor_that_cannot_be_examined_is_refused) {
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

Suite *descriptor_calls_suite(void) {
    Suite *suite = suite_create("descriptor_calls");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, an_option_that_the_os_refuses_is_an_error);
    tcase_add_test(all, refused_credentials_are_an_error);
    tcase_add_test(all, a_descriptor_that_cannot_be_prepared_is_refused);
    tcase_add_test(all, a_socket_that_cannot_be_prepared_is_not_opened);
    tcase_add_test(all, a_server_that_cannot_be_prepared_is_not_adopted);
    tcase_add_test(all, a_descriptor_that_cannot_be_examined_is_refused);
    tcase_add_test(all, a_descriptor_that_keeps_its_flags_can_be_waited_for);
    return suite;
}
