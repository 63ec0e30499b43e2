// SPDX-License-Identifier: MIT
//
// What the simulation itself promises, and faults of the library that only it has shown.
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "../../Sources/CSocketSimulation/world.h"
#include "scenario.h"
#include "streampeersocket_testing/simulation.h"
#include "support.h"

static sps_simulation *simulation;
static sps_simulated_host *server_host, *client_host;

static void begin_with(const sps_simulation_options *options) {
    OK(sps_simulation_create(options, &simulation));
    OK(sps_simulation_add_host(simulation, "server", "10.0.0.1", &server_host));
    OK(sps_simulation_add_host(simulation, "client", "10.0.0.2", &client_host));
}

static void begin(void) {
    begin_with(NULL);
}

static void end(void) {
    ck_assert_uint_eq(sps_simulated_host_open_handles(server_host), 0);
    ck_assert_uint_eq(sps_simulated_host_open_handles(client_host), 0);
    ck_assert_uint_eq(sps_simulation_count_mistakes(simulation), 0);
    sps_simulation_destroy(simulation);
}

static sps_stream *stream_at(const sps_simulated_host *host) {
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .platform = sps_simulated_host_platform(host)};
    sps_stream *stream = NULL;
    OK(sps_tcp_create(&options, &stream));
    return stream;
}

static sps_server *server_at(const sps_simulated_host *host, uint32_t backlog) {
    const sps_stream_options of_streams = {.struct_size = sizeof of_streams,
                                           .platform = sps_simulated_host_platform(host)};
    const sps_server_options options = {
        .struct_size = sizeof options, .stream = &of_streams, .backlog = backlog};
    sps_server *server = NULL;
    OK(sps_tcp_server_create(&options, &server));
    OK(sps_tcp_server_listen(server, 4000, "*"));
    return server;
}

static uint64_t now_us(void) {
    return sps_simulation_now_us(simulation);
}

static void advance_ms(uint64_t time_ms) {
    OK(sps_simulation_advance(simulation, time_ms * 1000));
}

// Polls until the stream is no longer CONNECTING, a millisecond at a time.
static sps_status connected_status(sps_stream *stream) {
    while (polled_status(stream) == SPS_STATUS_CONNECTING) {
        advance_ms(1);
    }
    return status_of(stream);
}

typedef struct link_pair {
    sps_server *server;
    sps_stream *client, *peer;
} link_pair;

static link_pair connect_hosts(void) {
    link_pair pair = {server_at(server_host, 0), stream_at(client_host), NULL};
    OK(sps_tcp_connect(pair.client, "server", 4000));
    ck_assert_int_eq(connected_status(pair.client), SPS_STATUS_CONNECTED);
    while (sps_server_take_connection(pair.server, &pair.peer) == SPS_ERR_BUSY) {
        advance_ms(1);
    }
    ck_assert_ptr_nonnull(pair.peer);
    return pair;
}

static void close_hosts(link_pair *pair) {
    sps_stream_destroy(pair->client);
    sps_stream_destroy(pair->peer);
    sps_server_destroy(pair->server);
}

// ---- Time

START_TEST(a_wait_costs_no_time_but_the_simulations) {
    begin();
    link_pair pair = connect_hosts();
    OK(sps_socket_set_io_timeout(pair.client, 20 * 60 * 1000));
    const uint64_t start_us = now_us();
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_TIMEOUT);
    ck_assert_uint_ge(now_us() - start_us, UINT64_C(20 * 60) * 1000000);
    ck_assert_uint_lt(now_us() - start_us, UINT64_C(20 * 60) * 1000000 + 1000);
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(bytes_take_the_latency) {
    begin();
    const sps_link_options link = {.struct_size = sizeof link, .latency_us = 80000};
    OK(sps_simulation_set_link(server_host, client_host, &link));
    link_pair pair = connect_hosts();
    const uint64_t start_us = now_us();
    OK(sps_stream_put_u32(pair.client, 7));
    uint32_t value;
    OK(sps_stream_get_u32(pair.peer, &value));
    ck_assert_uint_eq(value, 7);
    ck_assert_uint_ge(now_us() - start_us, 80000);
    ck_assert_uint_lt(now_us() - start_us, 80100);
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(bandwidth_is_a_limit) {
    begin();
    const sps_link_options link = {.struct_size = sizeof link, .bytes_per_second = 10000};
    OK(sps_simulation_set_link(server_host, client_host, &link));
    link_pair pair = connect_hosts();
    static uint8_t bytes[50000];
    const uint64_t start_us = now_us();
    OK(sps_stream_put_data(pair.client, bytes, sizeof bytes, NULL));
    OK(sps_stream_get_data(pair.peer, bytes, sizeof bytes, NULL));
    ck_assert_uint_ge(now_us() - start_us, 5000000);
    ck_assert_uint_lt(now_us() - start_us, 5010000);
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(a_deadlock_fails_at_once) {
    begin();
    link_pair pair = connect_hosts();
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    ck_assert_uint_eq(sps_simulation_count_deadlocks(simulation), 1);
    close_hosts(&pair);
    end();
}
END_TEST

typedef struct ticker {
    int count, depth, deepest;
} ticker;

static void tick(void *user_data) {
    ticker *own = user_data;
    own->count++;
    own->depth++;
    own->deepest = own->depth > own->deepest ? own->depth : own->deepest;
    OK(sps_simulation_advance(simulation, 25000)); // longer than the interval
    own->depth--;
}

static void count_tick(void *user_data) {
    ++*(int *)user_data;
}

START_TEST(a_callback_is_never_inside_itself) {
    begin();
    ticker own = {0};
    OK(sps_simulation_every(simulation, 10000, tick, &own));
    IS(sps_simulation_every(simulation, 10000, tick, &own), SPS_ERR_ALREADY_EXISTS);
    advance_ms(100);
    ck_assert_int_ge(own.count, 3);
    ck_assert_int_eq(own.deepest, 1);
    OK(sps_simulation_stop_every(simulation, tick, &own));
    const int count = own.count;
    advance_ms(100);
    ck_assert_int_eq(own.count, count);
    IS(sps_simulation_stop_every(simulation, tick, &own), SPS_ERR_DOES_NOT_EXIST);
    IS(sps_simulation_step(simulation), SPS_ERR_DOES_NOT_EXIST);
    end();
}
END_TEST

static void echo_byte(void *stream) {
    uint8_t value;
    if (sps_stream_try_get_u8(stream, &value) == SPS_OK) {
        OK(sps_stream_put_u8(stream, (uint8_t)(value + 1)));
    }
}

// One thread has a client that waits, and the server's frames.
START_TEST(other_programs_run_while_one_waits) {
    begin();
    link_pair pair = connect_hosts();
    OK(sps_simulation_every(simulation, 16667, echo_byte, pair.peer));
    for (uint8_t i = 0; i < 20; i++) {
        uint8_t value;
        OK(sps_stream_put_u8(pair.client, i));
        OK(sps_stream_get_u8(pair.client, &value));
        ck_assert_uint_eq(value, i + 1);
    }
    OK(sps_simulation_stop_every(simulation, echo_byte, pair.peer));
    close_hosts(&pair);
    end();
}
END_TEST

// A wait that only callbacks hold up is a deadlock in the end.
START_TEST(callbacks_that_do_nothing_do_not_hide_a_deadlock) {
    const sps_simulation_options options = {.struct_size = sizeof options,
                                            .longest_wait_us = 5000000};
    begin_with(&options);
    link_pair pair = connect_hosts();
    OK(sps_simulation_every(simulation, 16667, echo_byte, pair.peer));
    uint8_t value;
    IS(sps_stream_get_u8(pair.client, &value), SPS_FAILED);
    ck_assert_uint_eq(sps_simulation_count_deadlocks(simulation), 1);
    close_hosts(&pair);
    end();
}
END_TEST

// ---- Connecting

START_TEST(who_connects_learns_what_is_there) {
    begin();
    sps_stream *stream = stream_at(client_host);
    OK(sps_tcp_connect(stream, "10.0.0.1", 4000)); // nobody listens
    ck_assert_int_eq(connected_status(stream), SPS_STATUS_ERROR);
    expect_reason(stream, SPS_CLOSE_REFUSED);
    OK(sps_socket_disconnect(stream));
    IS(sps_tcp_connect(stream, "10.9.9.9", 4000), SPS_FAILED); // nobody has it
    expect_reason(stream, SPS_CLOSE_UNREACHABLE);
    sps_server *server = server_at(server_host, 0);
    OK(sps_simulation_cut_link(client_host, server_host, SPS_LINK_CUT_REFUSING));
    OK(sps_tcp_connect(stream, "10.0.0.1", 4000));
    ck_assert_int_eq(connected_status(stream), SPS_STATUS_ERROR);
    expect_reason(stream, SPS_CLOSE_REFUSED);
    OK(sps_socket_disconnect(stream));
    OK(sps_simulation_cut_link(client_host, server_host, SPS_LINK_CUT_UNREACHABLE));
    OK(sps_tcp_connect(stream, "10.0.0.1", 4000));
    ck_assert_int_eq(connected_status(stream), SPS_STATUS_ERROR);
    expect_reason(stream, SPS_CLOSE_UNREACHABLE);
    OK(sps_socket_disconnect(stream));
    OK(sps_simulation_cut_link(client_host, server_host, SPS_LINK_CUT_SILENT));
    const uint64_t start_us = now_us();
    OK(sps_tcp_connect(stream, "10.0.0.1", 4000));
    ck_assert_int_eq(connected_status(stream), SPS_STATUS_ERROR);
    expect_reason(stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    ck_assert_uint_ge(now_us() - start_us, 30000000);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
    end();
}
END_TEST

// RFC 8305: the next address after 250 ms, and the first one that stands wins.
START_TEST(addresses_are_raced) {
    begin();
    OK(sps_simulated_host_add_address(server_host, "fd00::1"));
    OK(sps_simulated_host_add_address(client_host, "fd00::2"));
    sps_simulated_host *silent;
    OK(sps_simulation_add_host(simulation, "silent", "fd00::bad", &silent));
    OK(sps_simulation_cut_link(client_host, silent, SPS_LINK_CUT_SILENT));
    OK(sps_simulation_add_name(simulation, "game.example", "fd00::bad"));
    OK(sps_simulation_add_name(simulation, "game.example", "10.0.0.1"));
    OK(sps_simulation_set_name_answer(simulation, "game.example", SPS_NAME_ANSWER_ADDRESSES,
                                      40000));
    sps_server *server = server_at(server_host, 0);
    sps_stream *client = stream_at(client_host);
    const uint64_t start_us = now_us();
    OK(sps_tcp_connect(client, "game.example", 4000));
    ck_assert_int_eq(connected_status(client), SPS_STATUS_CONNECTED);
    ck_assert_uint_ge(now_us() - start_us, 290000);
    ck_assert_uint_lt(now_us() - start_us, 300000);
    char host[SPS_HOST_TEXT_BYTES];
    OK(sps_tcp_get_connected_host(client, host, sizeof host, NULL));
    ck_assert_str_eq(host, "10.0.0.1");
    sps_stream_destroy(client);
    sps_server_destroy(server);
    end();
}
END_TEST

START_TEST(names_that_fail_or_never_answer) {
    begin();
    OK(sps_simulation_set_name_answer(simulation, "gone.example", SPS_NAME_ANSWER_UNKNOWN, 2000));
    OK(sps_simulation_set_name_answer(simulation, "slow.example", SPS_NAME_ANSWER_NEVER, 0));
    sps_stream *stream = stream_at(client_host);
    OK(sps_tcp_connect(stream, "gone.example", 4000));
    ck_assert_int_eq(connected_status(stream), SPS_STATUS_ERROR);
    expect_reason(stream, SPS_CLOSE_NAME_NOT_FOUND);
    OK(sps_socket_disconnect(stream));
    OK(sps_tcp_connect(stream, "never-added.example", 4000));
    ck_assert_int_eq(connected_status(stream), SPS_STATUS_ERROR);
    expect_reason(stream, SPS_CLOSE_NAME_NOT_FOUND);
    OK(sps_socket_disconnect(stream));
    OK(sps_tcp_connect(stream, "slow.example", 4000));
    ck_assert_int_eq(connected_status(stream), SPS_STATUS_ERROR);
    expect_reason(stream, SPS_CLOSE_CONNECT_TIMED_OUT);
    sps_stream_destroy(stream);
    end();
}
END_TEST

// A server that takes nobody holds the next ones up, and lets them in one by one.
START_TEST(a_full_backlog_holds_others_up) {
    begin();
    sps_server *server = server_at(server_host, 1);
    sps_stream *clients[3];
    for (int i = 0; i < 3; i++) {
        clients[i] = stream_at(client_host);
        OK(sps_tcp_connect(clients[i], "10.0.0.1", 4000));
        advance_ms(5);
    }
    ck_assert_int_eq(polled_status(clients[0]), SPS_STATUS_CONNECTED);
    ck_assert_int_eq(polled_status(clients[1]), SPS_STATUS_CONNECTED);
    advance_ms(500);
    ck_assert_int_eq(polled_status(clients[2]), SPS_STATUS_CONNECTING);
    sps_stream *taken;
    OK(sps_server_take_connection(server, &taken));
    ck_assert_int_eq(connected_status(clients[2]), SPS_STATUS_CONNECTED);
    sps_stream_destroy(taken);
    for (int i = 0; i < 3; i++) {
        sps_stream_destroy(clients[i]);
    }
    sps_server_destroy(server);
    end();
}
END_TEST

// ---- Addresses

static void is_read_as_by_the_os(const char *text) {
    uint8_t os_bytes[16] = {0};
    spsi_address address;
    const bool is_ipv4 = inet_pton(AF_INET, text, os_bytes) == 1;
    const bool is_address = is_ipv4 || inet_pton(AF_INET6, text, os_bytes) == 1;
    ck_assert_msg(spsi_sim_parse(text, &address) == is_address, "%s", text);
    if (!is_address) {
        return;
    }
    spsi_address of_os = {.family = is_ipv4 ? SPSI_FAMILY_IPV4 : SPSI_FAMILY_IPV6};
    memcpy(of_os.ip, os_bytes, sizeof os_bytes);
    spsi_sim_unmap(&of_os);
    ck_assert_msg(spsi_sim_is_same_ip(&address, &of_os), "%s", text);
    char written[SPS_HOST_TEXT_BYTES];
    spsi_address again;
    spsi_sim_write(&address, written, sizeof written);
    ck_assert_msg(spsi_sim_parse(written, &again), "%s", written);
    ck_assert_msg(spsi_sim_is_same_ip(&address, &again), "%s is %s", text, written);
}

// What is one letter away from an address, too.
START_TEST(addresses_are_read_as_by_the_os) {
    static const char *const texts[] = {"10.0.0.1",
                                        "255.255.255.255",
                                        "0.0.0.0",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "01.2.3.4",
                                        "256.1.1.1",
                                        "",
                                        "::",
                                        "::1",
                                        "1::",
                                        "fd00::1",
                                        "1:2:3::7:8",
                                        "1:2:3:4:5:6:7:8",
                                        "1::2::3",
                                        ":1:2:3:4:5:6:7",
                                        ":::",
                                        "1:2:3:4:5:6:7::",
                                        "::2:3:4:5:6:7:8",
                                        "1:2:3:4:5:6:1.2.3.4",
                                        "::1.2.3.4",
                                        "::ffff:10.0.0.1",
                                        "fe80::1%eth0",
                                        "1:2:3:4:5:6:7:1.2.3.4",
                                        "12345::",
                                        "FD00::AbCd:0:0:1",
                                        "1:2:3:4::5:6:7:8"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        char text[64];
        is_read_as_by_the_os(texts[i]);
        for (size_t at = 0; texts[i][at] != '\0'; at++) {
            for (const char *other = "0:.1fg"; *other != '\0'; other++) {
                strcpy(text, texts[i]);
                text[at] = *other;
                is_read_as_by_the_os(text);
            }
            memmove(text + at, texts[i] + at + 1, strlen(texts[i] + at));
            is_read_as_by_the_os(text);
        }
    }
}
END_TEST

START_TEST(addresses_are_written_as_rfc_5952_has_them) {
    static const char *const texts[][2] = {{"1:0:0:2:0:0:0:3", "1:0:0:2::3"},
                                           {"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},
                                           {"0:0:0:0:0:0:0:0", "::"},
                                           {"::1", "::1"},
                                           {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
                                           {"ABCD::", "abcd::"},
                                           {"0:1:2:3:4:5:0:0", "0:1:2:3:4:5::"},
                                           {"010:2::", "10:2::"},
                                           {"10.0.0.200", "10.0.0.200"}};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        spsi_address address;
        char text[SPS_HOST_TEXT_BYTES];
        ck_assert(spsi_sim_parse(texts[i][0], &address));
        spsi_sim_write(&address, text, sizeof text);
        ck_assert_str_eq(text, texts[i][1]);
    }
}
END_TEST

// ---- Cuts

START_TEST(nothing_is_lost_in_a_cut) {
    begin();
    link_pair pair = connect_hosts();
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_SILENT));
    for (uint32_t i = 0; i < 100; i++) {
        OK(sps_stream_put_u32(pair.client, i));
        advance_ms(100);
    }
    ck_assert_int_eq(polled_status(pair.peer), SPS_STATUS_CONNECTED);
    size_t count;
    OK(sps_stream_get_available_bytes(pair.peer, &count));
    ck_assert_uint_eq(count, 0);
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_NOT));
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t value;
        OK(sps_stream_get_u32(pair.peer, &value));
        ck_assert_uint_eq(value, i);
    }
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(a_stall_ends_by_itself) {
    begin();
    link_pair pair = connect_hosts();
    const uint64_t start_us = now_us();
    OK(sps_simulation_stall_link(server_host, client_host, 3000000));
    OK(sps_stream_put_u8(pair.client, 9));
    uint8_t value;
    OK(sps_stream_get_u8(pair.peer, &value));
    ck_assert_uint_eq(value, 9);
    ck_assert_uint_ge(now_us() - start_us, 3000000);
    ck_assert_uint_lt(now_us() - start_us, 3300000);
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(a_dead_peer_is_noticed) {
    begin();
    link_pair pair = connect_hosts();
    OK(sps_tcp_set_user_timeout(pair.client, 10000));
    OK(sps_tcp_set_keepalive(pair.peer, 5000, 1000, 3));
    OK(sps_stream_put_u8(pair.client, 1));
    advance_ms(10);
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_SILENT));
    OK(sps_stream_put_u8(pair.client, 2)); // never acknowledged
    advance_ms(7900);
    ck_assert_int_eq(polled_status(pair.peer), SPS_STATUS_CONNECTED);
    advance_ms(200);
    uint8_t value;
    OK(sps_stream_get_u8(pair.peer, &value)); // came before
    ck_assert_int_eq(polled_status(pair.peer), SPS_STATUS_ERROR);
    expect_reason(pair.peer, SPS_CLOSE_KEEPALIVE);
    ck_assert_int_eq(polled_status(pair.client), SPS_STATUS_CONNECTED);
    advance_ms(2000);
    ck_assert_int_eq(polled_status(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_NOT_ACKNOWLEDGED);
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(a_link_may_lose_its_memory) {
    begin();
    link_pair pair = connect_hosts();
    OK(sps_stream_put_u8(pair.client, 3));
    advance_ms(10);
    OK(sps_simulation_reset_link(server_host, client_host));
    uint8_t value;
    OK(sps_stream_get_u8(pair.peer, &value)); // what came before stays readable
    ck_assert_uint_eq(value, 3);
    ck_assert_int_eq(polled_status(pair.peer), SPS_STATUS_ERROR);
    expect_reason(pair.peer, SPS_CLOSE_RESET);
    ck_assert_int_eq(polled_status(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_hosts(&pair);
    end();
}
END_TEST

// close(2) with bytes that were not read makes TCP send a reset.
START_TEST(a_close_with_unread_bytes_is_a_reset) {
    begin();
    link_pair pair = connect_hosts();
    OK(sps_stream_put_u8(pair.client, 1));
    advance_ms(10);
    OK(sps_socket_disconnect(pair.peer));
    advance_ms(10);
    ck_assert_int_eq(polled_status(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_hosts(&pair);
    end();
}
END_TEST

// ---- Faults

// A reset that is lost in a cut is told once the other sends.
START_TEST(a_lost_reset_is_told_later) {
    begin();
    link_pair pair = connect_hosts();
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_SILENT));
    OK(sps_tcp_close_reset(pair.peer));
    advance_ms(1000);
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_NOT));
    advance_ms(1000);
    ck_assert_int_eq(polled_status(pair.client), SPS_STATUS_CONNECTED);
    OK(sps_stream_put_u8(pair.client, 1));
    advance_ms(10);
    ck_assert_int_eq(polled_status(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(one_call_fails) {
    begin();
    link_pair pair = connect_hosts();
    const uint64_t sends = sps_simulation_count_calls(simulation, SPS_CALL_SEND);
    OK(sps_simulation_fail_call(simulation, SPS_CALL_SEND, sends + 2, SPS_FAULT_RESET));
    OK(sps_stream_put_u8(pair.client, 1));
    ck_assert(!sps_simulation_has_failed_call(simulation));
    IS(sps_stream_put_u8(pair.client, 2), SPS_FAILED);
    ck_assert(sps_simulation_has_failed_call(simulation));
    expect_reason(pair.client, SPS_CLOSE_RESET);
    advance_ms(10);
    uint8_t value;
    OK(sps_stream_get_u8(pair.peer, &value));
    ck_assert_int_eq(polled_status(pair.peer), SPS_STATUS_ERROR);
    expect_reason(pair.peer, SPS_CLOSE_RESET);
    IS(sps_simulation_fail_call(simulation, SPS_CALL_CLOSE, 1, SPS_FAULT_FAILED),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_fail_call(simulation, SPS_CALL_SEND, 1, SPS_FAULT_NO_HANDLES),
       SPS_ERR_INVALID_PARAMETER);
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(handles_have_a_limit) {
    begin();
    OK(sps_simulated_host_set_handle_limit(client_host, 1));
    sps_stream *one = stream_at(client_host), *other = stream_at(client_host);
    OK(sps_tcp_bind(one, 0, "*"));
    ck_assert_uint_eq(sps_simulated_host_open_handles(client_host), 1);
    IS(sps_tcp_bind(other, 0, "*"), SPS_ERR_CANT_ACQUIRE_RESOURCE);
    sps_stream_destroy(one);
    OK(sps_tcp_bind(other, 0, "*"));
    sps_stream_destroy(other);
    end();
}
END_TEST

// A get that waits has had a part of its bytes when the OS runs out of memory: the others must not come
// before them. (Simulated seed 1794.)
START_TEST(a_get_that_runs_out_of_memory_keeps_the_order) {
    begin();
    link_pair pair = connect_hosts();
    uint8_t bytes[1000], got[800];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(pair.peer, bytes, 500, NULL));
    advance_ms(10);
    const uint64_t receives = sps_simulation_count_calls(simulation, SPS_CALL_RECEIVE);
    OK(sps_simulation_fail_call(simulation, SPS_CALL_RECEIVE, receives + 2, SPS_FAULT_NO_MEMORY));
    OK(sps_stream_put_data(pair.peer, bytes + 500, 500, NULL));
    OK(sps_stream_get_data(pair.client, got, sizeof got, NULL));
    ck_assert(sps_simulation_has_failed_call(simulation));
    ck_assert(is_pattern(got, sizeof got, 0));
    OK(sps_stream_get_data(pair.client, got, 200, NULL));
    ck_assert(is_pattern(got, 200, 800));
    close_hosts(&pair);
    end();
}
END_TEST

// The batch has left, and then the OS has no memory for the end: the room in the write buffer must not take
// what is put into a stream that closes. (Found by the fuzzer of the API.)
START_TEST(a_graceful_close_that_is_short_of_memory_takes_no_more) {
    begin();
    link_pair pair = connect_hosts();
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    const uint64_t before = sps_simulation_count_calls(simulation, SPS_CALL_SHUTDOWN_WRITE);
    OK(sps_simulation_fail_call(simulation, SPS_CALL_SHUTDOWN_WRITE, before + 1,
                                SPS_FAULT_NO_MEMORY));
    OK(sps_socket_close_gracefully(pair.client, 1000));
    ck_assert(sps_simulation_has_failed_call(simulation));
    IS(sps_stream_put_u8(pair.client, 2), SPS_FAILED);
    size_t count;
    uint8_t got[2];
    OK(sps_socket_poll(pair.client));
    advance_ms(10);
    OK(sps_stream_get_partial_data(pair.peer, got, sizeof got, &count));
    ck_assert_uint_eq(count, 1);
    close_hosts(&pair);
    end();
}
END_TEST

static uint64_t give(void *user_data) {
    return *(const uint64_t *)user_data;
}

START_TEST(chance_may_be_the_users) {
    uint64_t number = 999;
    const sps_simulation_options options = {
        .struct_size = sizeof options, .random = give, .random_user_data = &number};
    begin_with(&options);
    const sps_simulation_chaos chaos = {.struct_size = sizeof chaos, .refused_connects = 999};
    OK(sps_simulation_set_chaos(simulation, &chaos));
    link_pair pair = connect_hosts(); // 999 is no chance of 999 in 1,000
    sps_stream *other = stream_at(client_host);
    number = 998;
    OK(sps_tcp_connect(other, "10.0.0.1", 4000));
    ck_assert_int_eq(connected_status(other), SPS_STATUS_ERROR);
    expect_reason(other, SPS_CLOSE_REFUSED);
    sps_stream_destroy(other);
    close_hosts(&pair);
    end();
}
END_TEST

// Memory of which the nth piece is not there.
typedef struct scarce {
    uint64_t count, fails_at;
    size_t held_bytes;
} scarce;

static void *reallocate(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    scarce *own = user_data;
    if (new_bytes > old_bytes && ++own->count == own->fails_at) {
        return NULL;
    }
    own->held_bytes += new_bytes - old_bytes;
    if (new_bytes == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, new_bytes);
}

// Whatever can be made of a network, a server and a client, and an echo; false: something was not there.
static bool try_all(const sps_allocator *allocator) {
    const sps_simulation_options options = {.struct_size = sizeof options, .allocator = allocator};
    sps_simulated_host *hosts[2];
    int ticks = 0;
    if (sps_simulation_create(&options, &simulation) != SPS_OK) {
        return false;
    }
    bool good = sps_simulation_add_host(simulation, "server", "10.0.0.1", &hosts[0]) == SPS_OK &&
                sps_simulation_add_host(simulation, "client", "10.0.0.2", &hosts[1]) == SPS_OK &&
                sps_simulation_add_name(simulation, "game.example", "10.0.0.1") == SPS_OK &&
                sps_simulation_set_link(hosts[0], hosts[1], NULL) == SPS_OK &&
                sps_simulation_every(simulation, 1000, count_tick, &ticks) == SPS_OK;
    if (good) {
        sps_stream *client = stream_at(hosts[1]), *peer = NULL;
        sps_server *server = NULL;
        const sps_stream_options of_streams = {.struct_size = sizeof of_streams,
                                               .platform = sps_simulated_host_platform(hosts[0])};
        const sps_server_options of_server = {.struct_size = sizeof of_server,
                                              .stream = &of_streams};
        OK(sps_tcp_server_create(&of_server, &server));
        good = sps_tcp_server_listen(server, 4000, "*") == SPS_OK &&
               sps_tcp_connect(client, "game.example", 4000) == SPS_OK &&
               connected_status(client) == SPS_STATUS_CONNECTED;
        for (int i = 0; good && peer == NULL && i < 3; i++) {
            advance_ms(1);
            sps_server_take_connection(server, &peer);
        }
        uint32_t value = 0;
        good = good && peer != NULL && sps_stream_put_u32(client, 5) == SPS_OK &&
               sps_stream_get_u32(peer, &value) == SPS_OK && value == 5;
        sps_stream_destroy(client);
        sps_stream_destroy(peer);
        sps_server_destroy(server);
        ck_assert_uint_eq(sps_simulated_host_open_handles(hosts[0]), 0);
        ck_assert_uint_eq(sps_simulated_host_open_handles(hosts[1]), 0);
        ck_assert_uint_eq(sps_simulation_count_mistakes(simulation), 0);
    }
    sps_simulation_destroy(simulation);
    return good;
}

START_TEST(every_allocation_may_fail) {
    scarce memory = {0};
    const sps_allocator allocator = {reallocate, &memory};
    ck_assert(try_all(&allocator));
    ck_assert_uint_eq(memory.held_bytes, 0);
    const uint64_t total = memory.count;
    ck_assert_uint_gt(total, 15);
    int failed = 0;
    for (uint64_t n = 1; n <= total; n++) {
        memory = (scarce){.fails_at = n};
        failed += !try_all(&allocator);
        ck_assert_uint_eq(memory.held_bytes, 0);
    }
    ck_assert_int_gt(failed, 10);
}
END_TEST

// ---- Chaos, each kind of it alone

static void set_chaos(sps_simulation_chaos chaos) {
    chaos.struct_size = sizeof chaos;
    OK(sps_simulation_set_chaos(simulation, &chaos));
}

enum { CHUNK = 1000 };

// Puts a chunk; how many of its bytes are there once some are.
static size_t first_bytes_of_a_chunk(link_pair *pair) {
    uint8_t bytes[CHUNK];
    size_t count = 0;
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(pair->client, bytes, sizeof bytes, NULL));
    while (count == 0) {
        OK(sps_simulation_advance(simulation, 10));
        OK(sps_stream_get_partial_data(pair->peer, bytes, sizeof bytes, &count));
    }
    ck_assert(is_pattern(bytes, count, 0));
    return count;
}

START_TEST(reads_writes_and_deliveries_may_be_short) {
    static const sps_simulation_chaos kinds[] = {
        {.short_reads = 1000}, {.short_writes = 1000}, {.cut_deliveries = 1000}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        begin();
        link_pair pair = connect_hosts();
        ck_assert_uint_eq(first_bytes_of_a_chunk(&pair), CHUNK);
        set_chaos(kinds[i]);
        ck_assert_uint_lt(first_bytes_of_a_chunk(&pair), CHUNK);
        close_hosts(&pair);
        end();
    }
}
END_TEST

START_TEST(deliveries_may_be_late) {
    begin();
    link_pair pair = connect_hosts();
    set_chaos((sps_simulation_chaos){.late_deliveries = 1000, .late_us = 10000000});
    const uint64_t start_us = now_us();
    first_bytes_of_a_chunk(&pair);
    ck_assert_uint_gt(now_us() - start_us, 10000);
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(calls_may_say_not_now) {
    begin();
    link_pair pair = connect_hosts();
    OK(sps_stream_put_u8(pair.client, 7));
    advance_ms(10);
    set_chaos((sps_simulation_chaos){.false_again = 1000});
    size_t count = 9;
    uint8_t value;
    OK(sps_stream_put_partial_data(pair.client, "x", 1, &count));
    ck_assert_uint_eq(count, 0);
    IS(sps_stream_try_get_u8(pair.peer, &value), SPS_ERR_BUSY);
    OK(sps_simulation_set_chaos(simulation, NULL));
    OK(sps_stream_try_get_u8(pair.peer, &value));
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(connections_may_be_refused_or_reset) {
    begin();
    link_pair pair = connect_hosts();
    set_chaos((sps_simulation_chaos){.resets = 1000});
    OK(sps_stream_put_u8(pair.client, 1));
    advance_ms(10);
    polled_status(pair.peer);
    expect_reason(pair.peer, SPS_CLOSE_RESET);
    OK(sps_socket_disconnect(pair.client));
    set_chaos((sps_simulation_chaos){.refused_connects = 1000});
    OK(sps_tcp_connect(pair.client, "10.0.0.1", 4000));
    ck_assert_int_eq(connected_status(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_REFUSED);
    OK(sps_socket_disconnect(pair.client));
    set_chaos((sps_simulation_chaos){.failed_lookups = 1000});
    OK(sps_tcp_connect(pair.client, "server", 4000));
    ck_assert_int_eq(connected_status(pair.client), SPS_STATUS_ERROR);
    expect_reason(pair.client, SPS_CLOSE_NAME_NOT_FOUND);
    close_hosts(&pair);
    end();
}
END_TEST

START_TEST(the_os_may_be_out_of_all) {
    begin();
    sps_stream *stream = stream_at(client_host);
    set_chaos((sps_simulation_chaos){.no_handles = 1000});
    IS(sps_tcp_bind(stream, 0, "*"), SPS_ERR_CANT_ACQUIRE_RESOURCE);
    set_chaos((sps_simulation_chaos){.no_memory = 1000});
    IS(sps_tcp_bind(stream, 0, "*"), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_simulation_set_chaos(simulation, NULL));
    OK(sps_tcp_bind(stream, 0, "*"));
    sps_stream_destroy(stream);
    end();
}
END_TEST

// Values that arrive in the same microsecond: whose comes first is chance's, and follows from the seed.
static uint64_t hash_of_a_race(uint64_t seed, bool shuffled) {
    const sps_simulation_options options = {.struct_size = sizeof options, .seed = seed};
    const sps_link_options link = {.struct_size = sizeof link, .latency_us = 499};
    sps_simulated_host *nearer;
    begin_with(&options);
    OK(sps_simulation_add_host(simulation, "nearer", "10.0.0.3", &nearer));
    OK(sps_simulation_set_link(server_host, nearer, &link));
    link_pair pair = connect_hosts();
    sps_stream *other = stream_at(nearer);
    OK(sps_tcp_connect(other, "10.0.0.1", 4000));
    ck_assert_int_eq(connected_status(other), SPS_STATUS_CONNECTED);
    set_chaos((sps_simulation_chaos){.shuffled = shuffled});
    OK(sps_stream_put_u8(pair.client, 1));
    OK(sps_stream_put_u16(other, 2)); // a microsecond later, and a microsecond less on the way
    advance_ms(10);
    const uint64_t hash = sps_simulation_get_trace_hash(simulation);
    sps_stream_destroy(other);
    close_hosts(&pair);
    end();
    return hash;
}

START_TEST(what_happens_at_once_may_be_shuffled) {
    int different = 0;
    for (uint64_t seed = 0; seed < 8; seed++) {
        const uint64_t hash = hash_of_a_race(seed, true);
        ck_assert_uint_eq(hash, hash_of_a_race(seed, true));
        different += hash != hash_of_a_race(seed, false);
    }
    ck_assert_int_gt(different, 0);
}
END_TEST

// ---- The trace

static void count_line(void *user_data, const char *line) {
    ck_assert_ptr_null(strchr(line, '\n'));
    ++*(uint64_t *)user_data;
}

START_TEST(a_seed_is_a_run) {
    uint64_t lines = 0;
    const scenario_result first = scenario_run(11, NULL, NULL);
    const scenario_result again = scenario_run(11, count_line, &lines);
    const scenario_result other = scenario_run(12, NULL, NULL);
    ck_assert_uint_gt(lines, 100);
    ck_assert_uint_eq(first.trace_hash, again.trace_hash);
    ck_assert_uint_ne(first.trace_hash, other.trace_hash);
}
END_TEST

enum { SEEDS = 1000, SEEDS_A_TEST = 100 };

START_TEST(nothing_is_lost_whatever_happens) {
    const uint64_t first = (uint64_t)_i * SEEDS_A_TEST;
    uint64_t bytes = 0;
    for (uint64_t seed = first; seed < first + SEEDS_A_TEST; seed++) {
        const scenario_result result = scenario_run(seed, NULL, NULL);
        ck_assert_msg(result.problem[0] == '\0', "scripts/test simulate --seed %u --trace: %s",
                      (unsigned)seed, result.problem);
        bytes += result.bytes;
    }
    ck_assert_uint_gt(bytes, 0);
}
END_TEST

enum { FAULT_SEEDS = 8 };

// Every call of a short scenario, in every way it may fail, and every allocation.
START_TEST(nothing_is_lost_whatever_fails) {
    scenario_result result;
    scenario_fault fault;
    char text[64];
    const uint64_t runs = scenario_run_all_faults((uint64_t)_i, &result, &fault);
    scenario_describe_fault(&fault, text, sizeof text);
    ck_assert_msg(result.problem[0] == '\0', "scripts/test simulate --seed %d --faults: %s: %s", _i,
                  text, result.problem);
    ck_assert_uint_gt(runs, 100);
}
END_TEST

// ---- Bad input

START_TEST(bad_input_is_refused) {
    begin();
    sps_simulated_host *host = client_host;
    IS(sps_simulation_add_host(simulation, "", "10.0.0.9", &host), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(host);
    IS(sps_simulation_add_host(simulation, "x", "10.0.0", &host), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_add_host(simulation, "client", "10.0.0.9", &host), SPS_ERR_ALREADY_EXISTS);
    IS(sps_simulation_add_host(simulation, "x", "10.0.0.2", &host), SPS_ERR_ALREADY_EXISTS);
    IS(sps_simulation_add_host(simulation, "x", "127.0.0.1", &host), SPS_ERR_ALREADY_EXISTS);
    IS(sps_simulation_add_host(NULL, "x", NULL, &host), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_create(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    const sps_simulation_chaos chaos = {.struct_size = sizeof chaos, .resets = 1001};
    IS(sps_simulation_set_chaos(simulation, &chaos), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_cut_link(client_host, NULL, SPS_LINK_CUT_SILENT), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_cut_link(client_host, server_host, 9), SPS_ERR_INVALID_PARAMETER);
    IS(sps_simulation_every(simulation, 0, tick, NULL), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(sps_simulated_host_platform(NULL));
    ck_assert_str_eq(sps_simulated_call_name(SPS_CALL_RECEIVE), "receive");
    ck_assert_str_eq(sps_simulated_call_name(99), "unknown");
    ck_assert_str_eq(sps_simulated_fault_name(SPS_FAULT_RESET), "reset");
    ck_assert_str_eq(sps_simulated_fault_name(-1), "unknown");
    sps_simulation_destroy(NULL);
    end();
}
END_TEST

static Suite *simulation_suite(void) {
    Suite *suite = suite_create("simulation");
    TCase *time = add_bare_case(suite, "time");
    tcase_add_test(time, a_wait_costs_no_time_but_the_simulations);
    tcase_add_test(time, bytes_take_the_latency);
    tcase_add_test(time, bandwidth_is_a_limit);
    tcase_add_test(time, a_deadlock_fails_at_once);
    tcase_add_test(time, a_callback_is_never_inside_itself);
    tcase_add_test(time, other_programs_run_while_one_waits);
    tcase_add_test(time, callbacks_that_do_nothing_do_not_hide_a_deadlock);
    TCase *addresses = add_bare_case(suite, "addresses");
    tcase_add_test(addresses, addresses_are_read_as_by_the_os);
    tcase_add_test(addresses, addresses_are_written_as_rfc_5952_has_them);
    TCase *network = add_bare_case(suite, "network");
    tcase_add_test(network, who_connects_learns_what_is_there);
    tcase_add_test(network, addresses_are_raced);
    tcase_add_test(network, names_that_fail_or_never_answer);
    tcase_add_test(network, a_full_backlog_holds_others_up);
    tcase_add_test(network, nothing_is_lost_in_a_cut);
    tcase_add_test(network, a_stall_ends_by_itself);
    tcase_add_test(network, a_dead_peer_is_noticed);
    tcase_add_test(network, a_link_may_lose_its_memory);
    tcase_add_test(network, a_close_with_unread_bytes_is_a_reset);
    tcase_add_test(network, a_lost_reset_is_told_later);
    TCase *faults = add_bare_case(suite, "faults");
    tcase_add_test(faults, one_call_fails);
    tcase_add_test(faults, handles_have_a_limit);
    tcase_add_test(faults, a_get_that_runs_out_of_memory_keeps_the_order);
    tcase_add_test(faults, a_graceful_close_that_is_short_of_memory_takes_no_more);
    tcase_add_test(faults, chance_may_be_the_users);
    tcase_add_test(faults, every_allocation_may_fail);
    tcase_add_test(faults, bad_input_is_refused);
    TCase *chaos = add_bare_case(suite, "chaos");
    tcase_add_test(chaos, reads_writes_and_deliveries_may_be_short);
    tcase_add_test(chaos, deliveries_may_be_late);
    tcase_add_test(chaos, calls_may_say_not_now);
    tcase_add_test(chaos, connections_may_be_refused_or_reset);
    tcase_add_test(chaos, the_os_may_be_out_of_all);
    tcase_add_test(chaos, what_happens_at_once_may_be_shuffled);
    tcase_add_test(add_bare_case(suite, "trace"), a_seed_is_a_run);
    return suite;
}

// In three suites, which may run side by side.
static Suite *seeds_suite(const TTest *test, int begin, int end) {
    Suite *suite = suite_create("seeds");
    tcase_add_loop_test(add_bare_case(suite, "seeds"), test, begin, end);
    return suite;
}

enum { LOOPS = SEEDS / SEEDS_A_TEST };

static Suite *first_seeds_suite(void) {
    return seeds_suite(nothing_is_lost_whatever_happens, 0, LOOPS / 2);
}

static Suite *other_seeds_suite(void) {
    return seeds_suite(nothing_is_lost_whatever_happens, LOOPS / 2, LOOPS);
}

static Suite *failing_seeds_suite(void) {
    return seeds_suite(nothing_is_lost_whatever_fails, 0, FAULT_SEEDS);
}

const suite_maker suites[] = {failing_seeds_suite, first_seeds_suite, other_seeds_suite,
                              simulation_suite, NULL};
