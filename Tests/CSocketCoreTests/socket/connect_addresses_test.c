// SPDX-License-Identifier: MIT
//
// The targets of a TCP connect. It tries each address of a name, except families that the OS lacks,
// and never connects to itself. Also the delay setting of a new connection.
#include <errno.h>

#include "support/counting_platform.h"
#include "support/sockets.h"

// ---- Addresses

static spsi_result open_no_ipv6(const sps_platform *platform, spsi_family family,
                                spsi_handle *out_handle) {
    return family == SPSI_FAMILY_IPV6 ? (spsi_result){SPSI_UNSUPPORTED, EAFNOSUPPORT}
                                      : os()->open(platform, family, out_handle);
}

START_TEST(without_ipv6_any_address_is_ipv4s) {
    sps_server *server = counted_server(TCP);
    counting.open = open_no_ipv6;
    OK(sps_tcp_server_listen(server, 0, "*"));
    sps_server_stop(server);
    sps_server_destroy(server);
}
END_TEST

// The addresses of the name.
static const char *addresses_of_name[] = {"::1", "127.0.0.2", "127.0.0.1"};
static size_t address_count = 3;

static spsi_result start_lookup(const sps_platform *platform, const char *name, unsigned families,
                                spsi_lookup **out_lookup) {
    (void)platform;
    (void)name;
    (void)families;
    *out_lookup = (spsi_lookup *)(uintptr_t)addresses_of_name;
    return (spsi_result){SPSI_DONE, 0};
}

static spsi_result answer_lookup(const sps_platform *platform, spsi_lookup *lookup,
                                 spsi_address *out, size_t capacity, size_t *out_count) {
    (void)platform;
    (void)lookup;
    (void)capacity;
    for (*out_count = 0; *out_count < address_count; (*out_count)++) {
        ck_assert(spsi_ip_from_text(addresses_of_name[*out_count], &out[*out_count]));
    }
    return (spsi_result){SPSI_DONE, 0};
}

static void end_lookup(const sps_platform *platform, spsi_lookup *lookup, bool was_useful) {
    (void)platform;
    (void)was_useful;
    (void)lookup;
}

static void know_the_name(void) {
    counting.lookup_start = start_lookup;
    counting.lookup_result = answer_lookup;
    counting.lookup_end = end_lookup;
}

START_TEST(every_address_of_a_name_is_tried) {
    const sps_stream_options options = counted_options();
    know_the_name();
    sps_server *server = make_server(TCP, NULL);
    const place place = listen_somewhere(server, TCP); // on 127.0.0.1 only
    sps_stream *stream = make_stream(TCP, &options);
    if (_i == 1) { // each attempt binds the same local address
        OK(sps_tcp_bind(stream, 0, "*"));
    }
    OK(sps_tcp_connect(stream, "any.name", place.port));
    WAIT_UNTIL(polled_status(stream) != SPS_STATUS_CONNECTING);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    char host[SPS_HOST_TEXT_BYTES];
    OK(sps_tcp_get_connected_host(stream, host, sizeof host, NULL));
    ck_assert_str_eq(host, "127.0.0.1");
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

// ---- Queries of a connecting stream

static const char *host_of(const sps_stream *stream) {
    static char host[SPS_HOST_TEXT_BYTES];
    OK(sps_tcp_get_connected_host(stream, host, sizeof host, NULL));
    return host;
}

static int32_t port_of(const sps_stream *stream) {
    int32_t port;
    OK(sps_tcp_get_connected_port(stream, &port));
    return port;
}

static int32_t local_port_of(const sps_stream *stream) {
    int32_t port;
    OK(sps_tcp_get_local_port(stream, &port));
    return port;
}

static void expect_no_bytes(sps_stream *stream) {
    size_t count = 1;
    OK(sps_stream_get_available_bytes(stream, &count));
    ck_assert_uint_eq(count, 0);
}

// As in Godot, the getters return the given address from the start of the connect.
START_TEST(an_address_is_known_while_connecting) {
    backlog backlog = fill_backlog(TCP, 0);
    sps_stream *stream = backlog.last;
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
    ck_assert_str_eq(host_of(stream), "127.0.0.1");
    ck_assert_int_eq(port_of(stream), backlog.place.port);
    expect_no_bytes(stream);
    const int32_t local = local_port_of(stream);
    ck_assert_int_ne(local, 0);
    take_from_backlog(&backlog);
    WAIT_UNTIL(polled_status(stream) == SPS_STATUS_CONNECTED);
    ck_assert_int_eq(local_port_of(stream), local);
    OK(sps_socket_disconnect(stream));
    ck_assert_str_eq(host_of(stream), "");
    ck_assert_int_eq(port_of(stream), 0);
    close_backlog(&backlog);
}
END_TEST

START_TEST(a_path_is_known_while_connecting) {
    NEEDS_UNIX_SOCKETS
    backlog backlog = fill_backlog(UDS, 0);
    ck_assert_int_eq(status_of(backlog.last), SPS_STATUS_CONNECTING);
    char path[SPS_PATH_TEXT_BYTES];
    OK(sps_uds_get_connected_path(backlog.last, path, sizeof path, NULL));
    ck_assert_str_eq(path, backlog.place.path);
    expect_no_bytes(backlog.last);
    OK(sps_socket_disconnect(backlog.last));
    OK(sps_uds_get_connected_path(backlog.last, path, sizeof path, NULL));
    ck_assert_str_eq(path, "");
    close_backlog(&backlog);
}
END_TEST

// As in Godot. TCP does not do this.
START_TEST(a_unix_stream_connects_again_from_error) {
    NEEDS_UNIX_SOCKETS
    backlog backlog = fill_backlog(UDS, 0);
    sps_stream *stream = backlog.last;
    OK(sps_socket_set_connect_timeout(stream, 1));
    WAIT_UNTIL(polled_status(stream) == SPS_STATUS_ERROR);
    IS(sps_uds_connect(stream, ""), SPS_ERR_INVALID_PARAMETER);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_ERROR);
    take_from_backlog(&backlog);
    OK(connect_to(stream, &backlog.place));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTED);
    expect_reason(stream, SPS_CLOSE_NONE);
    IS(connect_to(stream, &backlog.place), SPS_ERR_ALREADY_IN_USE);
    close_backlog(&backlog);
}
END_TEST

START_TEST(a_refused_unix_connect_in_error_leads_to_none) {
    NEEDS_UNIX_SOCKETS
    backlog backlog = fill_backlog(UDS, 0);
    OK(sps_socket_set_connect_timeout(backlog.last, 1));
    WAIT_UNTIL(polled_status(backlog.last) == SPS_STATUS_ERROR);
    const place place = unused_place(UDS);
    IS(connect_to(backlog.last, &place), SPS_FAILED);
    ck_assert_int_eq(status_of(backlog.last), SPS_STATUS_NONE);
    close_backlog(&backlog);
}
END_TEST

START_TEST(a_bound_stream_has_a_port_and_no_bytes) {
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_bind(stream, 0, "127.0.0.1"));
    const int32_t local = local_port_of(stream);
    ck_assert_int_ne(local, 0);
    expect_no_bytes(stream);
    OK(sps_tcp_connect(stream, "localhost", 9)); // the status afterwards does not matter
    if (status_of(stream) == SPS_STATUS_CONNECTING) {
        ck_assert_int_eq(local_port_of(stream), local);
    }
    sps_stream_destroy(stream);
}
END_TEST

// During the test, a connect to this address neither succeeds nor fails.
static spsi_result connect_later(const sps_platform *platform, spsi_handle handle,
                                 const spsi_address *peer) {
    (void)platform;
    (void)handle;
    const bool refuses = peer->family == SPSI_FAMILY_IPV6;
    return (spsi_result){refuses ? SPSI_REFUSED : SPSI_AGAIN, refuses ? ECONNREFUSED : EINPROGRESS};
}

static spsi_result still_connecting(const sps_platform *platform, spsi_handle handle) {
    (void)platform;
    (void)handle;
    return (spsi_result){SPSI_AGAIN, 0};
}

// The connect has no address during the look-up, or while two addresses race. Afterwards it has the
// last candidate.
START_TEST(a_name_has_an_address_once_it_is_chosen) {
    static const struct {
        const char *addresses[2];
        size_t count;
        const char *host;
    } rows[] = {{{"127.0.0.7"}, 1, "127.0.0.7"},
                {{"127.0.0.7", "127.0.0.8"}, 2, ""},
                {{"::7", "127.0.0.8"}, 2, "127.0.0.8"}}; // the first one refuses at once
    const sps_stream_options options = counted_options();
    know_the_name();
    address_count = rows[_i].count;
    addresses_of_name[0] = rows[_i].addresses[0];
    addresses_of_name[1] = rows[_i].addresses[1];
    counting.connect = connect_later;
    counting.connect_result = still_connecting;
    sps_stream *stream = make_stream(TCP, &options);
    OK(sps_tcp_connect(stream, "any.name", 4321));
    ck_assert_str_eq(host_of(stream), "");
    ck_assert_int_eq(port_of(stream), 4321);
    ck_assert_int_eq(local_port_of(stream), 0);
    expect_no_bytes(stream);
    OK(sps_socket_poll(stream));
    ck_assert_int_eq(status_of(stream), SPS_STATUS_CONNECTING);
    ck_assert_str_eq(host_of(stream), rows[_i].host);
    ck_assert_int_eq(port_of(stream), 4321);
    sps_stream_destroy(stream);
}
END_TEST

// ---- The poller itself

// A socket that connects to itself (RFC 9293, 3.5) counts as refused. The test fakes its address.
static spsi_address self;

static spsi_result local_is_self(const sps_platform *platform, spsi_handle handle,
                                 spsi_address *out) {
    (void)platform;
    (void)handle;
    *out = self;
    return (spsi_result){SPSI_DONE, 0};
}

// Immediately or at a later poll, as the OS chooses.
static void expect_refusal(sps_stream *stream, sps_error error) {
    if (error == SPS_OK) {
        WAIT_UNTIL((error = sps_socket_poll(stream)) != SPS_OK);
        IS(error, SPS_ERR_CONNECTION_ERROR);
    } else {
        IS(error, SPS_FAILED);
    }
    expect_reason(stream, SPS_CLOSE_REFUSED);
}

// The wildcard address reaches this machine, and so the socket itself.
START_TEST(a_real_connection_to_itself_is_refused) {
    static const char *const hosts[] = {"127.0.0.1", "0.0.0.0"};
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_bind(stream, 0, "127.0.0.1"));
    int32_t port;
    OK(sps_tcp_get_local_port(stream, &port));
    expect_refusal(stream, sps_tcp_connect(stream, hosts[_i], port));
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_connection_to_itself_is_refused) {
    sps_server *server = make_server(TCP, NULL);
    const place place = listen_somewhere(server, TCP);
    ck_assert(spsi_ip_from_text("127.0.0.1", &self));
    self.port = (uint16_t)place.port;
    const sps_stream_options options = counted_options();
    counting.local_address = local_is_self;
    sps_stream *stream = make_stream(TCP, &options);
    expect_refusal(stream, connect_to(stream, &place));
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

// ---- Delay

static int no_delay_of(sps_stream *stream) {
    const spsi_socket *socket = (const spsi_socket *)stream;
    return option_of_socket(socket->handle, IPPROTO_TCP, TCP_NODELAY);
}

START_TEST(no_delay_is_the_oss_own_until_set) {
    pair pair = connect_pair(TCP);
    ck_assert_int_eq(no_delay_of(pair.client), 0);
    OK(sps_tcp_set_no_delay(pair.client, true));
    ck_assert_int_ne(no_delay_of(pair.client), 0);
    OK(sps_tcp_set_no_delay(pair.client, false));
    ck_assert_int_eq(no_delay_of(pair.client), 0);
    close_pair(&pair);
}
END_TEST

START_TEST(no_delay_may_be_set_while_connecting) {
    sps_server *server = make_server(TCP, NULL);
    const place place = listen_somewhere(server, TCP);
    sps_stream *stream = make_stream(TCP, NULL);
    OK(sps_tcp_connect(stream, "localhost", place.port));
    OK(sps_tcp_set_no_delay(stream, true));
    WAIT_UNTIL(polled_status(stream) == SPS_STATUS_CONNECTED);
    ck_assert_int_ne(no_delay_of(stream), 0);
    OK(sps_socket_disconnect(stream));
    OK(connect_to(stream, &place)); // a new connection has the OS's default again
    WAIT_UNTIL(polled_status(stream) == SPS_STATUS_CONNECTED);
    ck_assert_int_eq(no_delay_of(stream), 0);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

Suite *connect_addresses_suite(void) {
    Suite *suite = suite_create("connect_addresses");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, without_ipv6_any_address_is_ipv4s);
    tcase_add_loop_test(all, every_address_of_a_name_is_tried, 0, 2);
    tcase_add_test(all, an_address_is_known_while_connecting);
    tcase_add_test(all, a_path_is_known_while_connecting);
    tcase_add_test(all, a_unix_stream_connects_again_from_error);
    tcase_add_test(all, a_refused_unix_connect_in_error_leads_to_none);
    tcase_add_test(all, a_bound_stream_has_a_port_and_no_bytes);
    tcase_add_loop_test(all, a_name_has_an_address_once_it_is_chosen, 0, 3);
    tcase_add_loop_test(all, a_real_connection_to_itself_is_refused, 0, 2);
    tcase_add_test(all, a_connection_to_itself_is_refused);
    tcase_add_test(all, no_delay_is_the_oss_own_until_set);
    tcase_add_test(all, no_delay_may_be_set_while_connecting);
    return suite;
}
