// SPDX-License-Identifier: MIT
//
// Descriptors that streams adopt and release, and the effects of settings on them.
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/support.h"

// ---- The caller's sockets

static int raw_listener(place *out_place) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, size), 0);
    ck_assert_int_eq(listen(fd, 8), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    *out_place = (place){.transport = TCP, .port = ntohs(address.sin_port)};
    return fd;
}

// Makes two connected sockets. The stream will adopt [0].
static void raw_pair(transport transport, int out_fds[2]) {
    if (transport == UDS) {
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, out_fds), 0);
        return;
    }
    place place;
    const int listener = raw_listener(&place);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                  .sin_port = htons((uint16_t)place.port)};
    out_fds[1] = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(connect(out_fds[1], (struct sockaddr *)&address, sizeof address), 0);
    out_fds[0] = accept(listener, NULL, NULL);
    ck_assert_int_ge(out_fds[0], 0);
    close(listener);
}

static sps_error adopt(transport transport, sps_stream *stream, intptr_t fd) {
    return transport == TCP ? sps_tcp_adopt_fd(stream, fd) : sps_uds_adopt_fd(stream, fd);
}

static sps_error release(transport transport, sps_stream *stream, intptr_t *out_fd) {
    return transport == TCP ? sps_tcp_release_fd(stream, out_fd)
                            : sps_uds_release_fd(stream, out_fd);
}

static sps_error adopt_server(transport transport, sps_server *server, intptr_t fd) {
    return transport == TCP ? sps_tcp_server_adopt_fd(server, fd)
                            : sps_uds_server_adopt_fd(server, fd);
}

// A stream with an adopted socket. The caller owns the other end.
typedef struct adopted {
    sps_stream *stream;
    int fd, other;
} adopted;

static adopted adopt_one(transport transport, sps_stream *stream) {
    int fds[2];
    raw_pair(transport, fds);
    OK(adopt(transport, stream, fds[0]));
    return (adopted){stream, fds[0], fds[1]};
}

static void end_adopted(const adopted *adopted) {
    sps_stream_destroy(adopted->stream); // closes its socket: the fixture counts descriptors
    close(adopted->other);
}

static int option_of(intptr_t fd, int level, int option) {
    int value = -1;
    socklen_t size = sizeof value;
    ck_assert_int_eq(getsockopt((int)fd, level, option, &value, &size), 0);
    return value;
}

START_TEST(an_adopted_socket_is_a_connection) {
    const adopted one = adopt_one(_i, make_stream(_i, NULL));
    ck_assert_int_eq(status_of(one.stream), SPS_STATUS_CONNECTED);
    ck_assert_int_ne(fcntl(one.fd, F_GETFL) & O_NONBLOCK, 0);
    ck_assert_int_ne(fcntl(one.fd, F_GETFD) & FD_CLOEXEC, 0);
    OK(sps_stream_put_u8(one.stream, 42));
    uint8_t value;
    ck_assert_int_eq(read(one.other, &value, 1), 1);
    ck_assert_uint_eq(value, 42);
    ck_assert_int_eq(write(one.other, "x", 1), 1);
    expect_u8(one.stream, 'x');
    if (_i == TCP) {
        char host[SPS_HOST_TEXT_BYTES];
        OK(sps_tcp_get_connected_host(one.stream, host, sizeof host, NULL));
        ck_assert_str_eq(host, "127.0.0.1");
    }
    end_adopted(&one);
}
END_TEST

START_TEST(a_released_socket_is_the_callers) {
    pair pair = connect_pair(_i);
    intptr_t fd = -1;
    OK(release(_i, pair.client, &fd));
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    OK(sps_stream_put_u8(pair.peer, 42));
    uint8_t value = 0;
    WAIT_UNTIL(read((int)fd, &value, 1) == 1);
    ck_assert_uint_eq(value, 42);
    OK(adopt(_i, pair.client, fd)); // and back
    OK(sps_stream_put_u8(pair.client, 43));
    expect_u8(pair.peer, 43);
    close_pair(&pair);
}
END_TEST

// The stream keeps nothing of its former connection.
START_TEST(an_adopted_socket_is_a_new_connection) {
    sps_stream *stream = make_stream(_i, NULL);
    const place place = unused_place(_i);
    if (connect_to(stream, &place) == SPS_OK) {
        WAIT_UNTIL(polled_status(stream) == SPS_STATUS_ERROR);
        OK(sps_socket_disconnect(stream));
    }
    int32_t os_error;
    OK(sps_socket_get_os_error(stream, &os_error));
    ck_assert_int_ne(os_error, 0);
    const adopted one = adopt_one(_i, stream);
    OK(sps_socket_get_os_error(stream, &os_error));
    ck_assert_int_eq(os_error, 0);
    expect_reason(stream, SPS_CLOSE_NONE);
    if (_i == TCP) {
        size_t attempts;
        OK(sps_tcp_get_connect_attempt_count(stream, &attempts));
        ck_assert_uint_eq(attempts, 0);
    }
    end_adopted(&one);
}
END_TEST

START_TEST(buffered_bytes_are_not_lost_by_a_release) {
    pair pair = connect_pair(_i);
    intptr_t fd;
    OK(sps_stream_put_u16(pair.peer, 0x0102));
    uint8_t value;
    OK(sps_stream_get_u8(pair.client, &value)); // the other byte is in the queue
    IS(release(_i, pair.client, &fd), SPS_ERR_BUSY);
    ck_assert_int_eq(fd, -1);
    OK(sps_stream_get_u8(pair.client, &value));
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    IS(release(_i, pair.client, &fd), SPS_ERR_BUSY);
    OK(sps_stream_flush(pair.client));
    OK(release(_i, pair.client, &fd));
    close((int)fd);
    close_pair(&pair);
}
END_TEST

START_TEST(a_refused_adoption_changes_nothing) {
    sps_stream *stream = make_stream(_i, NULL);
    place place;
    int pipes[2], others[2];
    const int listener = raw_listener(&place);
    const int fresh = socket(AF_INET, SOCK_STREAM, 0), datagram = socket(AF_INET, SOCK_DGRAM, 0);
    ck_assert_int_eq(pipe(pipes), 0);
    raw_pair(_i == TCP ? UDS : TCP, others); // connected, but of the other transport
    struct sockaddr_in anywhere = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(9)};
    ck_assert_int_eq(connect(datagram, (struct sockaddr *)&anywhere, sizeof anywhere), 0);
    int datagrams[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, datagrams), 0);
    const intptr_t bad[] = {-1,       99999,    INTPTR_MAX, listener,    fresh,
                            datagram, pipes[0], others[0],  datagrams[0]};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IS(adopt(_i, stream, bad[i]), SPS_ERR_INVALID_PARAMETER);
        ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    }
    ck_assert_int_eq(fcntl(others[0], F_GETFL) & O_NONBLOCK, 0);
    int fds[2];
    raw_pair(_i, fds);
    if (_i == TCP) { // a socket of the stream's family, but not connected
        OK(sps_tcp_bind(stream, 0, "127.0.0.1"));
        IS(adopt(_i, stream, fds[0]), SPS_ERR_ALREADY_IN_USE);
        OK(sps_socket_disconnect(stream));
    }
    OK(adopt(_i, stream, fds[0]));
    IS(adopt(_i, stream, fds[1]), SPS_ERR_ALREADY_IN_USE);
    IS(adopt(_i, NULL, fds[1]), SPS_ERR_INVALID_PARAMETER);
    const int all[] = {listener,  fresh,     datagram, pipes[0],     pipes[1],
                       others[0], others[1], fds[1],   datagrams[0], datagrams[1]};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ck_assert_int_eq(close(all[i]), 0); // the caller still owns it
    }
    sps_stream_destroy(stream);
}
END_TEST

// A release would lose the pending bytes.
START_TEST(a_connection_that_closes_is_not_released) {
    pair pair = connect_pair(_i);
    intptr_t fd;
    OK(sps_socket_close_gracefully(pair.client, 0));
    IS(release(_i, pair.client, &fd), SPS_FAILED);
    ck_assert_int_eq(fd, -1);
    OK(sps_socket_disconnect(pair.peer));
    WAIT_UNTIL(polled_status(pair.client) == SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_LOCAL);
    close_pair(&pair);
}
END_TEST

START_TEST(only_a_connection_is_released) {
    sps_stream *stream = make_stream(_i, NULL);
    sps_stream *other = make_stream(_i == TCP ? UDS : TCP, NULL);
    intptr_t fd = 7;
    IS(release(_i, stream, &fd), SPS_FAILED);
    ck_assert_int_eq(fd, -1);
    IS(release(_i, NULL, &fd), SPS_ERR_INVALID_PARAMETER);
    IS(release(_i, stream, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(release(_i, other, &fd), SPS_ERR_UNAVAILABLE);
    IS(adopt(_i, other, 0), SPS_ERR_UNAVAILABLE);
    sps_stream_destroy(stream);
    sps_stream_destroy(other);
}
END_TEST

// ---- Servers

START_TEST(waiting_connections_stay_with_the_listening_socket) {
    sps_server *first = make_server(_i, NULL), *second = make_server(_i, NULL);
    const place place = listen_somewhere(first, _i);
    sps_stream *waiting = make_stream(_i, NULL);
    OK(connect_to(waiting, &place));
    WAIT_UNTIL(polled_status(waiting) == SPS_STATUS_CONNECTED);
    intptr_t fd, none;
    OK(sps_server_release_fd(first, &fd));
    bool listening;
    OK(sps_server_is_listening(first, &listening));
    ck_assert(!listening);
    IS(sps_server_release_fd(first, &none), SPS_ERR_UNCONFIGURED);
    ck_assert_int_eq(none, -1);
    OK(adopt_server(_i, second, fd));
    IS(adopt_server(_i, second, fd), SPS_ERR_ALREADY_IN_USE);
    sps_stream *peer = take_from(second);
    OK(sps_stream_put_u8(waiting, 1));
    uint8_t value;
    OK(sps_stream_get_u8(peer, &value));
    sps_stream_destroy(waiting);
    sps_stream_destroy(peer);
    sps_server_destroy(first);
    sps_server_destroy(second);
    if (_i == UDS) { // its file is not removed
        ck_assert_int_eq(unlink(place.path), 0);
    }
}
END_TEST

// After the release, no server removes the file, even if it adopts the socket again.
START_TEST(a_released_servers_file_stays) {
    sps_server *server = make_server(UDS, NULL);
    const place place = listen_somewhere(server, UDS);
    intptr_t fd;
    OK(sps_server_release_fd(server, &fd));
    OK(sps_uds_server_adopt_fd(server, fd));
    sps_server_destroy(server);
    ck_assert_int_eq(unlink(place.path), 0);
}
END_TEST

START_TEST(a_socket_that_does_not_listen_is_not_adopted) {
    sps_server *server = make_server(_i, NULL), *other = make_server(_i == TCP ? UDS : TCP, NULL);
    int fds[2];
    raw_pair(_i, fds);
    place place;
    const int listener = raw_listener(&place);
    IS(adopt_server(_i, server, fds[0]), SPS_ERR_INVALID_PARAMETER);
    IS(adopt_server(_i, server, -1), SPS_ERR_INVALID_PARAMETER);
    IS(adopt_server(UDS, _i == UDS ? server : other, listener), SPS_ERR_INVALID_PARAMETER);
    IS(adopt_server(_i, other, listener), SPS_ERR_UNAVAILABLE);
    IS(adopt_server(_i, NULL, listener), SPS_ERR_INVALID_PARAMETER);
    intptr_t fd = 7;
    IS(sps_server_release_fd(NULL, &fd), SPS_ERR_INVALID_PARAMETER);
    ck_assert_int_eq(fd, -1);
    IS(sps_server_release_fd(server, NULL), SPS_ERR_INVALID_PARAMETER);
    close(fds[0]);
    close(fds[1]);
    close(listener);
    sps_server_destroy(server);
    sps_server_destroy(other);
}
END_TEST

// ---- Settings and the connection

static const sps_stream_options tuned = {
    .struct_size = sizeof tuned,
    .keepalive_idle_ms = 1500,
    .keepalive_interval_ms = 2000,
    .keepalive_count = 4,
    .os_send_buffer_bytes = 20000,
    .os_receive_buffer_bytes = 30000,
};

// The time before the first probe, the interval, and the number of probes. OpenBSD has none of them
// for one socket.
static const int keepalive_options[] = {
#if defined(TCP_KEEPIDLE)
    TCP_KEEPIDLE,
#elif defined(TCP_KEEPALIVE) // macOS
    TCP_KEEPALIVE,
#else
    -1,
#endif
#ifdef TCP_KEEPINTVL
    TCP_KEEPINTVL,
    TCP_KEEPCNT,
#endif
};

static void expect_keepalive(intptr_t fd, int idle_s, int interval_s, int count) {
    const int expected[] = {idle_s, interval_s, count};
    ck_assert_int_eq(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
    for (size_t i = 0; i < sizeof keepalive_options / sizeof keepalive_options[0]; i++) {
        ck_assert_int_eq(option_of(fd, IPPROTO_TCP, keepalive_options[i]), expected[i]);
    }
}

static void expect_user_timeout(intptr_t fd, int ms) {
#ifdef TCP_USER_TIMEOUT
    ck_assert_int_eq(option_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), ms);
#elif defined(TCP_RXT_CONNDROPTIME) // macOS, in seconds
    ck_assert_int_eq(option_of(fd, IPPROTO_TCP, TCP_RXT_CONNDROPTIME), (ms + 999) / 1000);
#else
    ck_abort_msg("%d has a user timeout of %d ms, which its OS does not have", (int)fd, ms);
#endif
}

// The options ask for 20,000 and 30,000 bytes. The OS doubles them (socket(7)).
static void expect_buffers(intptr_t fd) {
    ck_assert_int_eq(option_of(fd, SOL_SOCKET, SO_SNDBUF), 40000);
    ck_assert_int_eq(option_of(fd, SOL_SOCKET, SO_RCVBUF), 60000);
}

static void expect_tuned(sps_stream *stream) {
    intptr_t fd;
    OK(sps_tcp_release_fd(stream, &fd));
    expect_keepalive(fd, 2, 2, 4); // seconds, rounded up
    expect_buffers(fd);
    close((int)fd);
}

START_TEST(connections_of_both_sides_have_the_options) {
    pair pair = connect_pair_with(TCP, &tuned);
    expect_tuned(pair.client);
    expect_tuned(pair.peer);
    close_pair(&pair);
}
END_TEST

START_TEST(an_adopted_connection_has_the_options) {
    const adopted one = adopt_one(TCP, make_stream(TCP, &tuned));
    expect_tuned(one.stream);
    end_adopted(&one);
}
END_TEST

START_TEST(settings_are_kept_for_a_connection_to_come) {
    pair open = connect_pair(TCP);
    const bool has_user_timeout = sps_tcp_set_user_timeout(open.client, 1) == SPS_OK;
    close_pair(&open);
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_set_keepalive(stream, 3000, 1000, 2));
    OK(sps_tcp_set_user_timeout(stream, 12345));
    OK(sps_socket_set_os_buffers(stream, 20000, 30000));
    const adopted one = adopt_one(TCP, stream);
    expect_keepalive(one.fd, 3, 1, 2);
    expect_buffers(one.fd);
    if (has_user_timeout) {
        expect_user_timeout(one.fd, 12345);
    }
    end_adopted(&one);
}
END_TEST

START_TEST(settings_take_effect_on_an_open_connection) {
    sps_stream *stream = make_stream(TCP, NULL);
    const adopted one = adopt_one(TCP, stream);
    ck_assert_int_eq(option_of(one.fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    OK(sps_tcp_set_keepalive(stream, 3000, 1, 2));
    expect_keepalive(one.fd, 3, 1, 2);
    OK(sps_tcp_set_keepalive(stream, 0, 0, 0));
    ck_assert_int_eq(option_of(one.fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    const sps_error error = sps_tcp_set_user_timeout(stream, 12345);
    if (error == SPS_ERR_UNAVAILABLE) {
        printf("the platform has no user timeout\n");
    } else {
        OK(error);
        expect_user_timeout(one.fd, 12345);
        OK(sps_tcp_set_user_timeout(stream, 0));
        expect_user_timeout(one.fd, 0);
    }
    OK(sps_socket_set_os_buffers(stream, 20000, 0));
    ck_assert_int_eq(option_of(one.fd, SOL_SOCKET, SO_SNDBUF), 40000);
    uint32_t sending, receiving;
    OK(sps_socket_get_os_buffers(stream, &sending, &receiving));
    ck_assert_uint_eq(sending, 40000);
    ck_assert_uint_eq(receiving, (uint32_t)option_of(one.fd, SOL_SOCKET, SO_RCVBUF));
    end_adopted(&one);
}
END_TEST

// A setting that is made on a bound socket, and undone while it connects, is not applied.
START_TEST(a_setting_undone_while_connecting_is_not_applied) {
    pair pair = prepare_pair(TCP, NULL);
    sps_stream *stream = pair.client;
    OK(sps_tcp_bind(stream, 0, "127.0.0.1"));
    OK(sps_tcp_set_no_delay(stream, true));
    OK(sps_tcp_set_keepalive(stream, 5000, 0, 0));
    OK(connect_to(stream, &pair.place));
    OK(sps_tcp_set_no_delay(stream, false));
    OK(sps_tcp_set_keepalive(stream, 0, 0, 0));
    complete_pair(&pair);
    intptr_t fd;
    OK(sps_tcp_release_fd(stream, &fd));
    ck_assert_int_eq(option_of(fd, IPPROTO_TCP, TCP_NODELAY), 0);
    ck_assert_int_eq(option_of(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    close((int)fd);
    close_pair(&pair);
}
END_TEST

START_TEST(a_unix_servers_connections_have_the_buffers) {
    pair pair = connect_pair_with(UDS, &tuned);
    uint32_t sending, receiving;
    OK(sps_socket_get_os_buffers(pair.peer, &sending, &receiving));
    ck_assert_uint_eq(sending, 40000);
    ck_assert_uint_eq(receiving, 60000);
    close_pair(&pair);
}
END_TEST

// SO_LINGER is set only on request.
START_TEST(nothing_lingers) {
    pair pair = connect_pair(_i);
    intptr_t fd;
    OK(release(_i, pair.client, &fd));
    struct linger linger = {.l_onoff = 1};
    socklen_t size = sizeof linger;
    ck_assert_int_eq(getsockopt((int)fd, SOL_SOCKET, SO_LINGER, &linger, &size), 0);
    ck_assert_int_eq(linger.l_onoff, 0);
    close((int)fd);
    close_pair(&pair);
}
END_TEST

START_TEST(invalid_settings) {
    sps_stream *stream = make_stream(TCP, NULL), *other = make_stream(UDS, NULL);
    IS(sps_tcp_set_keepalive(stream, 32767001, 0, 0), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_tcp_set_keepalive(stream, 1000, 32767001, 0), SPS_ERR_PARAMETER_RANGE_ERROR);
    IS(sps_tcp_set_keepalive(stream, 1000, 0, 128), SPS_ERR_PARAMETER_RANGE_ERROR);
    OK(sps_tcp_set_keepalive(stream, 32767000, 32767000, 127));
    IS(sps_tcp_set_keepalive(other, 1000, 0, 0), SPS_ERR_UNAVAILABLE);
    IS(sps_tcp_set_keepalive(NULL, 1000, 0, 0), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_set_user_timeout(stream, (uint32_t)-1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tcp_set_user_timeout(other, 1), SPS_ERR_UNAVAILABLE);
    IS(sps_socket_set_os_buffers(stream, (uint32_t)-1, 0), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_set_os_buffers(stream, 0, (uint32_t)-1), SPS_ERR_INVALID_PARAMETER);
    uint32_t sending = 1, receiving = 1;
    IS(sps_socket_get_os_buffers(stream, &sending, &receiving), SPS_FAILED);
    ck_assert_uint_eq(sending + receiving, 0);
    IS(sps_socket_get_os_buffers(stream, NULL, &receiving), SPS_ERR_INVALID_PARAMETER);
    IS(sps_socket_get_os_buffers(stream, &sending, NULL), SPS_ERR_INVALID_PARAMETER);
    sps_stream_destroy(stream);
    sps_stream_destroy(other);
    const sps_stream_options options = {.struct_size = sizeof options, .keepalive_count = 128};
    IS(sps_tcp_create(&options, &stream), SPS_ERR_PARAMETER_RANGE_ERROR);
}
END_TEST

Suite *descriptors_suite(void) {
    Suite *suite = suite_create("descriptors");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, an_adopted_socket_is_a_connection, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_released_socket_is_the_callers, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_adopted_socket_is_a_new_connection, 0, TRANSPORTS);
    tcase_add_loop_test(all, buffered_bytes_are_not_lost_by_a_release, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_refused_adoption_changes_nothing, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_connection_that_closes_is_not_released, 0, TRANSPORTS);
    tcase_add_loop_test(all, only_a_connection_is_released, 0, TRANSPORTS);
    tcase_add_loop_test(all, waiting_connections_stay_with_the_listening_socket, 0, TRANSPORTS);
    tcase_add_test(all, a_released_servers_file_stays);
    tcase_add_loop_test(all, a_socket_that_does_not_listen_is_not_adopted, 0, TRANSPORTS);
    tcase_add_test(all, connections_of_both_sides_have_the_options);
    tcase_add_test(all, an_adopted_connection_has_the_options);
    tcase_add_test(all, settings_are_kept_for_a_connection_to_come);
    tcase_add_test(all, settings_take_effect_on_an_open_connection);
    tcase_add_test(all, a_setting_undone_while_connecting_is_not_applied);
    tcase_add_test(all, a_unix_servers_connections_have_the_buffers);
    tcase_add_loop_test(all, nothing_lingers, 0, TRANSPORTS);
    tcase_add_test(all, invalid_settings);
    return suite;
}
