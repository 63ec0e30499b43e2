// SPDX-License-Identifier: MIT
#include "simulated_hosts.h"

sps_simulation *simulation;
sps_simulated_host *server_host, *client_host;
link_pair ends;

void begin_hosts_with(const sps_simulation_options *options) {
    OK(sps_simulation_create(options, &simulation));
    OK(sps_simulation_add_host(simulation, "server", "10.0.0.1", &server_host));
    OK(sps_simulation_add_host(simulation, "client", "10.0.0.2", &client_host));
}

void begin_hosts(void) {
    begin_hosts_with(NULL);
}

void end_hosts(void) {
    ck_assert_uint_eq(sps_simulated_host_open_handles(server_host), 0);
    ck_assert_uint_eq(sps_simulated_host_open_handles(client_host), 0);
    ck_assert_uint_eq(sps_simulation_count_mistakes(simulation), 0);
    sps_simulation_destroy(simulation);
}

static void begin_linked(void) {
    begin_hosts();
    ends = connect_hosts();
}

static void end_linked(void) {
    close_hosts(&ends);
    end_hosts();
}

TCase *add_hosts_case(Suite *suite, const char *name) {
    TCase *test_case = add_bare_case(suite, name);
    tcase_add_checked_fixture(test_case, begin_hosts, end_hosts);
    return test_case;
}

TCase *add_linked_case(Suite *suite, const char *name) {
    TCase *test_case = add_bare_case(suite, name);
    tcase_add_checked_fixture(test_case, begin_linked, end_linked);
    return test_case;
}

// ---- Streams

sps_stream *stream_at(const sps_simulated_host *host) {
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .platform = sps_simulated_host_platform(host)};
    sps_stream *stream = NULL;
    OK(sps_tcp_create(&options, &stream));
    return stream;
}

sps_server *server_at(const sps_simulated_host *host, uint32_t backlog) {
    const sps_stream_options of_streams = {.struct_size = sizeof of_streams,
                                           .platform = sps_simulated_host_platform(host)};
    const sps_server_options options = {
        .struct_size = sizeof options, .stream = &of_streams, .backlog = backlog};
    sps_server *server = NULL;
    OK(sps_tcp_server_create(&options, &server));
    OK(sps_tcp_server_listen(server, 4000, "*"));
    return server;
}

sps_status connected_status(sps_stream *stream) {
    while (polled_status(stream) == SPS_STATUS_CONNECTING) {
        advance_ms(1);
    }
    return status_of(stream);
}

void expect_no_connection(sps_stream *stream, const char *host, sps_close_reason reason) {
    OK(sps_tcp_connect(stream, host, 4000));
    ck_assert_int_eq(connected_status(stream), SPS_STATUS_ERROR);
    expect_reason(stream, reason);
    OK(sps_socket_disconnect(stream));
}

link_pair connect_hosts(void) {
    link_pair pair = {server_at(server_host, 0), stream_at(client_host), NULL};
    OK(sps_tcp_connect(pair.client, "server", 4000));
    ck_assert_int_eq(connected_status(pair.client), SPS_STATUS_CONNECTED);
    while (sps_server_take_connection(pair.server, &pair.peer) == SPS_ERR_BUSY) {
        advance_ms(1);
    }
    ck_assert_ptr_nonnull(pair.peer);
    return pair;
}

void close_hosts(link_pair *pair) {
    sps_stream_destroy(pair->client);
    sps_stream_destroy(pair->peer);
    sps_server_destroy(pair->server);
}

// ---- Time

uint64_t simulated_us(void) {
    return sps_simulation_now_us(simulation);
}

void advance_ms(uint64_t time_ms) {
    OK(sps_simulation_advance(simulation, time_ms * 1000));
}
