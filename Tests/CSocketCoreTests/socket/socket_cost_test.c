// SPDX-License-Identifier: MIT
//
// The cost of a socket: OS calls, and memory while it is idle.
#include <string.h>

#include "support/counting_platform.h"

START_TEST(poll_is_no_syscall_unless_connected) {
    pair pair = counted_pair(_i);
    OK(sps_socket_disconnect(pair.client));
    OK(sps_socket_poll(pair.client));
    expect_calls(0, 0, 0, 0);
    close_pair(&pair);
}
END_TEST

START_TEST(poll_is_one_syscall_in_each_direction) {
    pair pair = counted_pair(_i);
    OK(sps_socket_poll(pair.client));
    expect_calls(1, 0, 0, 0);
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u32(pair.client, 1));
    OK(sps_stream_put_u32(pair.client, 1));
    expect_calls(0, 0, 0, 0);
    OK(sps_socket_poll(pair.client));
    expect_calls(1, 1, 0, 0);
    close_pair(&pair);
}
END_TEST

// It holds no memory either, and gets make no syscall.
START_TEST(poll_of_a_half_open_stream_is_one_syscall) {
    sps_stream_options options = counted_options();
    options.half_open = 1;
    pair pair = connect_pair_with(_i, &options);
    uint8_t value;
    OK(sps_stream_put_u8(pair.peer, 1));
    OK(sps_socket_shutdown_write(pair.peer));
    OK(sps_stream_get_u8(pair.client, &value));
    WAIT_UNTIL((memset(&called, 0, sizeof called), OK(sps_socket_poll(pair.client)),
                called.receive) == 0); // a poll before has met the end
    ck_assert_ptr_null(pair.client->in.block);
    expect_calls(0, 0, 0, 1);
    for (int i = 0; i < 10; i++) {
        IS(sps_stream_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
        IS(sps_stream_try_get_u8(pair.client, &value), SPS_ERR_FILE_EOF);
    }
    expect_calls(0, 0, 0, 0);
    close_pair(&pair);
}
END_TEST

// This includes the poll that ends an idle phase. The next get reads the rest.
START_TEST(a_poll_that_wakes_up_is_one_syscall) {
    pair pair = counted_pair(_i);
    uint8_t bytes[1000], received[1000];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    wait_for_bytes(pair.client, sizeof bytes);
    OK(sps_socket_poll(pair.client));
    expect_calls(1, 0, 0, 0);
    OK(sps_stream_get_data(pair.client, received, sizeof received, NULL));
    ck_assert(is_pattern(received, sizeof received, 0));
    close_pair(&pair);
}
END_TEST

START_TEST(small_gets_are_one_syscall_together) {
    pair pair = counted_pair(_i);
    for (uint32_t i = 0; i < 100; i++) {
        OK(sps_stream_put_u32(pair.peer, i));
    }
    expect_calls(0, 100, 0, 0);
    wait_for_bytes(pair.client, 400);
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t value;
        OK(sps_stream_get_u32(pair.client, &value));
        ck_assert_uint_eq(value, i);
    }
    expect_calls(1, 0, 0, 0);
    close_pair(&pair);
}
END_TEST

START_TEST(a_string_is_one_write) {
    pair pair = counted_pair(_i);
    OK(sps_stream_put_utf8_string(pair.client, "body", 4));
    OK(sps_stream_put_string(pair.client,
                             "b\xc3\xb6"
                             "dy",
                             5));
    expect_calls(0, 2, 0, 0);
    close_pair(&pair);
}
END_TEST

static size_t packets_of(sps_packet_peer *packets) {
    size_t count = 99;
    OK(sps_packet_peer_get_available_packet_count(packets, &count));
    return count;
}

START_TEST(packets_cost_few_syscalls) {
    pair pair = counted_pair(_i);
    sps_packet_peer *client, *peer;
    OK(sps_packet_stream_create(NULL, &client));
    OK(sps_packet_stream_create(NULL, &peer));
    OK(sps_packet_peer_set_stream(client, pair.client));
    OK(sps_packet_peer_set_stream(peer, pair.peer));
    for (int i = 0; i < 100; i++) {
        OK(sps_packet_peer_put_packet(client, "four", 4));
    }
    expect_calls(0, 100, 0, 0); // length and bytes are one write
    wait_for_bytes(pair.peer, 800);
    for (size_t left = 100; left > 0; left--) {
        const uint8_t *data;
        size_t bytes;
        ck_assert_uint_eq(packets_of(peer), left);
        OK(sps_packet_peer_get_packet(peer, &data, &bytes));
    }
    expect_calls(1, 0, 0, 0);
    ck_assert_uint_eq(packets_of(peer), 0);
    expect_calls(1, 0, 0, 0);
    OK(sps_stream_set_write_batching(pair.client, true));
    for (int i = 0; i < 100; i++) {
        OK(sps_packet_peer_put_packet(client, "four", 4));
    }
    OK(sps_stream_flush(pair.client));
    expect_calls(0, 1, 0, 0);
    sps_packet_peer_destroy(client);
    sps_packet_peer_destroy(peer);
    close_pair(&pair);
}
END_TEST

START_TEST(nothing_is_read_beyond_the_buffer) {
    sps_stream_options options = counted_options();
    options.read_buffer_bytes = 100;
    pair pair = connect_pair_with(_i, &options);
    uint8_t bytes[1000] = {0};
    OK(sps_stream_put_data(pair.peer, bytes, sizeof bytes, NULL));
    memset(&called, 0, sizeof called);
    const uint8_t *span;
    size_t size = 0;
    WAIT_UNTIL((OK(sps_socket_poll(pair.client)), OK(sps_stream_peek(pair.client, 0, &span, &size)),
                size) > 0);
    for (int i = 0; i < 5; i++) {
        OK(sps_socket_poll(pair.client));
    }
    OK(sps_stream_peek(pair.client, 0, &span, &size));
    ck_assert_uint_eq(size, 100);
    close_pair(&pair);
}
END_TEST

START_TEST(an_idle_peer_is_small) {
    ck_assert_uint_le(sizeof(spsi_socket), 512);
    pair pair = connect_pair(_i);
    OK(sps_stream_put_u32(pair.peer, 1));
    uint32_t value;
    OK(sps_stream_get_u32(pair.client, &value));
    OK(sps_stream_set_write_batching(pair.client, true));
    OK(sps_stream_put_u8(pair.client, 1));
    ck_assert_ptr_nonnull(pair.client->in.block);
    ck_assert_ptr_nonnull(pair.client->out.block);
    for (int i = 0; i < 100; i++) { // idle
        OK(sps_socket_poll(pair.client));
    }
    ck_assert_ptr_null(pair.client->in.block);
    ck_assert_ptr_null(pair.client->out.block);
    close_pair(&pair);
}
END_TEST

Suite *socket_cost_suite(void) {
    Suite *suite = suite_create("socket_cost");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, poll_is_no_syscall_unless_connected, 0, TRANSPORTS);
    tcase_add_loop_test(all, poll_is_one_syscall_in_each_direction, 0, TRANSPORTS);
    tcase_add_loop_test(all, poll_of_a_half_open_stream_is_one_syscall, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_poll_that_wakes_up_is_one_syscall, 0, TRANSPORTS);
    tcase_add_loop_test(all, small_gets_are_one_syscall_together, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_string_is_one_write, 0, TRANSPORTS);
    tcase_add_loop_test(all, packets_cost_few_syscalls, 0, TRANSPORTS);
    tcase_add_loop_test(all, nothing_is_read_beyond_the_buffer, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_idle_peer_is_small, 0, TRANSPORTS);
    return suite;
}
