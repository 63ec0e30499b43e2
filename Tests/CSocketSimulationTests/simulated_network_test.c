// SPDX-License-Identifier: MIT
//
// The simulated network. A connect gets the result of its target, addresses parse as in the OS, and
// cuts lose nothing.
#include <string.h>

#include "../../Sources/CSocketSimulation/address.h"
#include "simulated_hosts.h"
#include "support/sockets.h"

// ---- Connecting

START_TEST(a_connect_reports_the_state_of_its_target) {
    sps_stream *stream = stream_at(client_host);
    expect_no_connection(stream, "10.0.0.1", SPS_CLOSE_REFUSED); // no server listens
    IS(sps_tcp_connect(stream, "10.9.9.9", 4000), SPS_FAILED);   // no host has this address
    expect_reason(stream, SPS_CLOSE_UNREACHABLE);
    sps_server *server = server_at(server_host, 0);
    OK(sps_simulation_cut_link(client_host, server_host, SPS_LINK_CUT_REFUSING));
    expect_no_connection(stream, "10.0.0.1", SPS_CLOSE_REFUSED);
    OK(sps_simulation_cut_link(client_host, server_host, SPS_LINK_CUT_UNREACHABLE));
    expect_no_connection(stream, "10.0.0.1", SPS_CLOSE_UNREACHABLE);
    OK(sps_simulation_cut_link(client_host, server_host, SPS_LINK_CUT_SILENT));
    const uint64_t start_us = simulated_us();
    expect_no_connection(stream, "10.0.0.1", SPS_CLOSE_CONNECT_TIMED_OUT);
    ck_assert_uint_ge(simulated_us() - start_us, 30000000);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

// RFC 8305: the next address follows after 250 ms. The first established connection wins.
START_TEST(addresses_are_raced) {
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
    const uint64_t start_us = simulated_us();
    OK(sps_tcp_connect(client, "game.example", 4000));
    ck_assert_int_eq(connected_status(client), SPS_STATUS_CONNECTED);
    ck_assert_uint_ge(simulated_us() - start_us, 290000);
    ck_assert_uint_lt(simulated_us() - start_us, 300000);
    char host[SPS_HOST_TEXT_BYTES];
    OK(sps_tcp_get_connected_host(client, host, sizeof host, NULL));
    ck_assert_str_eq(host, "10.0.0.1");
    sps_stream_destroy(client);
    sps_server_destroy(server);
}
END_TEST

START_TEST(names_that_fail_or_never_answer) {
    OK(sps_simulation_set_name_answer(simulation, "gone.example", SPS_NAME_ANSWER_UNKNOWN, 2000));
    OK(sps_simulation_set_name_answer(simulation, "slow.example", SPS_NAME_ANSWER_NEVER, 0));
    sps_stream *stream = stream_at(client_host);
    expect_no_connection(stream, "gone.example", SPS_CLOSE_NAME_NOT_FOUND);
    expect_no_connection(stream, "never-added.example", SPS_CLOSE_NAME_NOT_FOUND);
    expect_no_connection(stream, "slow.example", SPS_CLOSE_CONNECT_TIMED_OUT);
    OK(sps_simulation_set_name_answer(simulation, "down.example", SPS_NAME_ANSWER_FAILURE, 2000));
    expect_no_connection(stream, "down.example", SPS_CLOSE_LOOKUP_FAILED);
    sps_stream_destroy(stream);
}
END_TEST

// The connect starts with the answer for one family (RFC 8305, 3).
START_TEST(a_name_server_that_is_silent_about_ipv6) {
    OK(sps_simulation_add_name(simulation, "half.example", "fd00::1"));
    OK(sps_simulation_add_name(simulation, "half.example", "10.0.0.1"));
    OK(sps_simulation_set_name_answer(simulation, "half.example", SPS_NAME_ANSWER_IPV4_ALONE,
                                      40000));
    sps_server *server = server_at(server_host, 0);
    sps_stream *client = stream_at(client_host);
    const uint64_t start_us = simulated_us();
    OK(sps_tcp_connect(client, "half.example", 4000));
    ck_assert_int_eq(connected_status(client), SPS_STATUS_CONNECTED);
    ck_assert_uint_ge(simulated_us() - start_us, 190000); // delays of 100, 40 and 50 ms
    ck_assert_uint_lt(simulated_us() - start_us, 210000);
    sps_stream_destroy(client);
    sps_server_destroy(server);
}
END_TEST

// A server that takes no connection delays the next ones, and then admits them one by one.
START_TEST(a_full_backlog_delays_connections) {
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
}
END_TEST

// ---- Addresses

static void is_read_as_by_the_os(const char *text) {
    uint8_t os_bytes[16] = {0};
    spsi_address address;
    const bool is_ipv4 = inet_pton(AF_INET, text, os_bytes) == 1;
    const bool is_address = is_ipv4 || inet_pton(AF_INET6, text, os_bytes) == 1;
    ck_assert_msg(spsi_sim_ip_from_text(text, &address) == is_address, "%s", text);
    if (!is_address) {
        return;
    }
    spsi_address of_os = {.family = is_ipv4 ? SPSI_FAMILY_IPV4 : SPSI_FAMILY_IPV6};
    memcpy(of_os.ip, os_bytes, sizeof os_bytes);
    spsi_sim_ip_unmap(&of_os);
    ck_assert_msg(spsi_sim_ip_is_same(&address, &of_os), "%s", text);
    char written[SPS_HOST_TEXT_BYTES];
    spsi_address again;
    spsi_sim_ip_to_text(&address, written, sizeof written);
    ck_assert_msg(spsi_sim_ip_from_text(written, &again), "%s", written);
    ck_assert_msg(spsi_sim_ip_is_same(&address, &again), "%s is %s", text, written);
}

// Also texts that differ from an address in one letter.
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

START_TEST(addresses_are_written_as_in_rfc_5952) {
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
        ck_assert(spsi_sim_ip_from_text(texts[i][0], &address));
        spsi_sim_ip_to_text(&address, text, sizeof text);
        ck_assert_str_eq(text, texts[i][1]);
    }
}
END_TEST

// ---- Cuts

START_TEST(nothing_is_lost_in_a_cut) {
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_SILENT));
    for (uint32_t i = 0; i < 100; i++) {
        OK(sps_stream_put_u32(ends.client, i));
        advance_ms(100);
    }
    ck_assert_int_eq(polled_status(ends.peer), SPS_STATUS_CONNECTED);
    size_t count;
    OK(sps_stream_get_available_bytes(ends.peer, &count));
    ck_assert_uint_eq(count, 0);
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_NOT));
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t value;
        OK(sps_stream_get_u32(ends.peer, &value));
        ck_assert_uint_eq(value, i);
    }
}
END_TEST

START_TEST(a_stall_ends_by_itself) {
    const uint64_t start_us = simulated_us();
    OK(sps_simulation_stall_link(server_host, client_host, 3000000));
    OK(sps_stream_put_u8(ends.client, 9));
    uint8_t value;
    OK(sps_stream_get_u8(ends.peer, &value));
    ck_assert_uint_eq(value, 9);
    ck_assert_uint_ge(simulated_us() - start_us, 3000000);
    ck_assert_uint_lt(simulated_us() - start_us, 3300000);
}
END_TEST

START_TEST(a_dead_peer_times_out) {
    OK(sps_tcp_set_user_timeout(ends.client, 10000));
    OK(sps_tcp_set_keepalive(ends.peer, 5000, 1000, 3));
    OK(sps_stream_put_u8(ends.client, 1));
    advance_ms(10);
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_SILENT));
    OK(sps_stream_put_u8(ends.client, 2)); // never acknowledged
    advance_ms(7900);
    ck_assert_int_eq(polled_status(ends.peer), SPS_STATUS_CONNECTED);
    advance_ms(200);
    uint8_t value;
    OK(sps_stream_get_u8(ends.peer, &value)); // arrived before
    ck_assert_int_eq(polled_status(ends.peer), SPS_STATUS_ERROR);
    expect_reason(ends.peer, SPS_CLOSE_KEEPALIVE);
    ck_assert_int_eq(polled_status(ends.client), SPS_STATUS_CONNECTED);
    advance_ms(2000);
    ck_assert_int_eq(polled_status(ends.client), SPS_STATUS_ERROR);
    expect_reason(ends.client, SPS_CLOSE_NOT_ACKNOWLEDGED);
}
END_TEST

START_TEST(a_link_may_lose_its_memory) {
    OK(sps_stream_put_u8(ends.client, 3));
    advance_ms(10);
    OK(sps_simulation_reset_link(server_host, client_host));
    uint8_t value;
    OK(sps_stream_get_u8(ends.peer, &value)); // earlier bytes stay readable
    ck_assert_uint_eq(value, 3);
    ck_assert_int_eq(polled_status(ends.peer), SPS_STATUS_ERROR);
    expect_reason(ends.peer, SPS_CLOSE_RESET);
    ck_assert_int_eq(polled_status(ends.client), SPS_STATUS_ERROR);
    expect_reason(ends.client, SPS_CLOSE_RESET);
}
END_TEST

// close(2) with unread bytes makes TCP send a reset.
START_TEST(a_close_with_unread_bytes_is_a_reset) {
    OK(sps_stream_put_u8(ends.client, 1));
    advance_ms(10);
    OK(sps_socket_disconnect(ends.peer));
    advance_ms(10);
    ck_assert_int_eq(polled_status(ends.client), SPS_STATUS_ERROR);
    expect_reason(ends.client, SPS_CLOSE_RESET);
}
END_TEST

// If a cut loses a reset, the sender learns of it at its next send.
static void say_something(const link_pair *pair) {
    sps_stream_put_u32(pair->client, 1);
    advance_ms(16);
}

// A closed end answers each segment with a reset. The sender reports only the first.
START_TEST(a_sender_gets_a_reset_after_the_close) {
    static const uint64_t latencies_us[] = {500, 20000, 80000};
    for (size_t i = 0; i < sizeof latencies_us / sizeof latencies_us[0]; i++) {
        const sps_link_options link = {.struct_size = sizeof link, .latency_us = latencies_us[i]};
        OK(sps_simulation_set_link(server_host, client_host, &link));
        link_pair pair = connect_hosts();
        for (int frame = 0; frame < 8; frame++) { // some are in flight
            uint8_t bytes[64];
            size_t count;
            say_something(&pair);
            OK(sps_stream_get_partial_data(pair.peer, bytes, sizeof bytes, &count));
        }
        if (_i == 0) {
            OK(sps_tcp_close_reset(pair.peer));
        } else {
            sps_stream_destroy(pair.peer); // nothing is unread, so the end is orderly
            pair.peer = NULL;
        }
        const uint64_t begin_us = simulated_us();
        while (polled_status(pair.client) == SPS_STATUS_CONNECTED) {
            say_something(&pair);
            ck_assert_uint_lt(simulated_us() - begin_us, 50000 + 2 * latencies_us[i]);
        }
        expect_reason(pair.client, _i == 0 ? SPS_CLOSE_RESET : SPS_CLOSE_PEER_FINISHED);
        close_hosts(&pair);
    }
}
END_TEST

START_TEST(a_lost_reset_is_repeated) {
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_SILENT));
    OK(sps_tcp_close_reset(ends.peer));
    advance_ms(1000);
    OK(sps_simulation_cut_link(server_host, client_host, SPS_LINK_CUT_NOT));
    advance_ms(1000);
    ck_assert_int_eq(polled_status(ends.client), SPS_STATUS_CONNECTED);
    OK(sps_stream_put_u8(ends.client, 1));
    advance_ms(10);
    ck_assert_int_eq(polled_status(ends.client), SPS_STATUS_ERROR);
    expect_reason(ends.client, SPS_CLOSE_RESET);
}
END_TEST

Suite *simulated_network_suite(void) {
    Suite *suite = suite_create("simulated_network");
    TCase *linked = add_linked_case(suite, "linked");
    tcase_add_test(linked, nothing_is_lost_in_a_cut);
    tcase_add_test(linked, a_stall_ends_by_itself);
    tcase_add_test(linked, a_dead_peer_times_out);
    tcase_add_test(linked, a_link_may_lose_its_memory);
    tcase_add_test(linked, a_close_with_unread_bytes_is_a_reset);
    tcase_add_test(linked, a_lost_reset_is_repeated);
    TCase *hosts = add_hosts_case(suite, "hosts");
    tcase_add_test(hosts, a_connect_reports_the_state_of_its_target);
    tcase_add_test(hosts, addresses_are_raced);
    tcase_add_test(hosts, names_that_fail_or_never_answer);
    tcase_add_test(hosts, a_name_server_that_is_silent_about_ipv6);
    tcase_add_test(hosts, a_full_backlog_delays_connections);
    tcase_add_loop_test(hosts, a_sender_gets_a_reset_after_the_close, 0, 2);
    TCase *bare = add_bare_case(suite, "bare");
    tcase_add_test(bare, addresses_are_read_as_by_the_os);
    tcase_add_test(bare, addresses_are_written_as_in_rfc_5952);
    return suite;
}
