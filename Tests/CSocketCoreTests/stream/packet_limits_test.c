// SPDX-License-Identifier: MIT
//
// The largest packet in each direction, and the effect of a larger one on the stream.
#include "support/packets.h"

enum { DEFAULT_LIMIT = 65536 - 4 };

static void expect_limits(const sps_packet_peer *packets, uint32_t input, uint32_t output,
                          uint32_t encode) {
    uint32_t size;
    OK(sps_packet_peer_get_input_buffer_max_size(packets, &size));
    ck_assert_uint_eq(size, input);
    OK(sps_packet_peer_get_output_buffer_max_size(packets, &size));
    ck_assert_uint_eq(size, output);
    OK(sps_packet_peer_get_encode_buffer_max_size(packets, &size));
    ck_assert_uint_eq(size, encode);
}

START_TEST(limits_are_as_in_godot) {
    sps_packet_peer *packets = make_packets(NULL);
    expect_limits(packets, DEFAULT_LIMIT, DEFAULT_LIMIT, 8 * MIB);
    static const uint32_t rounded[][2] = {{0, 0},
                                          {1, 4},
                                          {4, 4},
                                          {5, 12},
                                          {1000, 1020},
                                          {65532, 65532},
                                          {65533, 131068},
                                          {8 * MIB, 16 * MIB - 4},
                                          {(1 << 30) - 4, (1 << 30) - 4}};
    for (size_t i = 0; i < sizeof rounded / sizeof rounded[0]; i++) {
        OK(sps_packet_peer_set_input_buffer_max_size(packets, rounded[i][0]));
        OK(sps_packet_peer_set_output_buffer_max_size(packets, rounded[i][0]));
        expect_limits(packets, rounded[i][1], rounded[i][1], 8 * MIB);
    }
    static const uint32_t encoded[][2] = {
        {1024, 1024}, {1025, 2048}, {3 * MIB, 4 * MIB}, {256 * MIB, 256 * MIB}};
    for (size_t i = 0; i < sizeof encoded / sizeof encoded[0]; i++) {
        OK(sps_packet_peer_set_encode_buffer_max_size(packets, encoded[i][0]));
        expect_limits(packets, (1 << 30) - 4, (1 << 30) - 4, encoded[i][1]);
    }
    sps_packet_peer_destroy(packets);
}
END_TEST

START_TEST(options_are_the_limits) {
    const sps_packet_options options = {.struct_size = sizeof options,
                                        .input_buffer_max_bytes = 100,
                                        .output_buffer_max_bytes = 1000,
                                        .encode_buffer_max_bytes = 2000};
    sps_packet_peer *packets = NULL;
    OK(sps_packet_stream_create(&options, &packets));
    expect_limits(packets, 124, 1020, 2048);
    sps_packet_peer_destroy(packets);
}
END_TEST

START_TEST(an_invalid_size_changes_nothing) {
    sps_packet_peer *packets = make_packets(NULL);
    static const uint32_t bad[] = {(1 << 30) - 3, INT32_MAX, (uint32_t)-1};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IS(sps_packet_peer_set_input_buffer_max_size(packets, bad[i]), SPS_ERR_INVALID_PARAMETER);
        IS(sps_packet_peer_set_output_buffer_max_size(packets, bad[i]), SPS_ERR_INVALID_PARAMETER);
    }
    IS(sps_packet_peer_set_encode_buffer_max_size(packets, 1023), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_set_encode_buffer_max_size(packets, 256 * MIB + 1),
       SPS_ERR_INVALID_PARAMETER);
    expect_limits(packets, DEFAULT_LIMIT, DEFAULT_LIMIT, 8 * MIB);
    sps_packet_peer_destroy(packets);
}
END_TEST

START_TEST(invalid_options_create_nothing) {
    static const sps_packet_options bad[] = {
        {.struct_size = 0},
        {.struct_size = sizeof bad[0], .input_buffer_max_bytes = 1 << 30},
        {.struct_size = sizeof bad[0], .output_buffer_max_bytes = 1 << 30},
        {.struct_size = sizeof bad[0], .encode_buffer_max_bytes = 1000},
    };
    sps_stream *unused = NULL;
    sps_packet_peer *packets = (sps_packet_peer *)&unused;
    IS(sps_packet_stream_create(&bad[_i], &packets), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(packets);
}
END_TEST

// Godot's receiver stalls at the largest packet that its sender allows.
START_TEST(the_largest_packet_comes_through) {
    packet_pair pair = connect_packets(_i);
    static uint8_t bytes[DEFAULT_LIMIT + 1];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_set_write_batching(pair.client, true)); // no reader runs during the put
    IS(sps_packet_peer_put_packet(pair.packets, bytes, DEFAULT_LIMIT + 1),
       SPS_ERR_INVALID_PARAMETER);
    for (size_t size = DEFAULT_LIMIT - 3; size <= DEFAULT_LIMIT; size++) {
        OK(sps_packet_peer_put_packet(pair.packets, bytes, size));
        WAIT_UNTIL((sps_stream_flush(pair.client), count_of(pair.peer_packets)) == 1);
        expect_packet(pair.peer_packets, bytes, size);
    }
    expect_no_packet(pair.peer_packets);
    close_packets(&pair);
}
END_TEST

START_TEST(a_packet_above_the_limit_is_refused) {
    packet_pair pair = connect_packets(_i);
    static const uint8_t bytes[4096];
    OK(sps_packet_peer_set_output_buffer_max_size(pair.packets, 2044));
    OK(sps_packet_peer_set_encode_buffer_max_size(pair.packets, 1024));
    IS(sps_packet_peer_put_packet(pair.packets, bytes, 2045), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_put_packet(pair.packets, bytes, SIZE_MAX), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_put_var(pair.packets, bytes, 1025), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_packet_peer_put_packet(pair.packets, bytes, 0)); // as in Godot
    OK(sps_packet_peer_put_packet(pair.packets, NULL, 0));
    OK(sps_packet_peer_set_encode_buffer_max_size(pair.packets, 4096));
    IS(sps_packet_peer_put_var(pair.packets, bytes, 2045), SPS_ERR_INVALID_PARAMETER);
    OK(sps_packet_peer_put_packet(pair.packets, "x", 1));
    wait_for(pair.peer, 5);
    expect_bytes(pair.peer, "\1\0\0\0x", 5); // and nothing else
    OK(sps_packet_peer_set_encode_buffer_max_size(pair.packets, 1024));
    OK(sps_packet_peer_put_var(pair.packets, bytes, 1024)); // exactly the limit
    close_packets(&pair);
}
END_TEST

// The caller takes the earlier packets first. Godot would wait for ever.
START_TEST(a_packet_above_the_limit_closes_the_stream) {
    packet_pair pair = connect_packets(_i % TRANSPORTS);
    OK(sps_packet_peer_set_input_buffer_max_size(pair.packets, 1020));
    send_bytes(pair.peer, "\1\0\0\0x\2\0\0\0yy", 11);
    if (_i / TRANSPORTS == 0) {
        send_bytes(pair.peer, "\xff\xff\xff\xff", 4);
    } else {
        send_bytes(pair.peer, "\xfd\3\0\0", 4); // 1021
    }
    wait_for(pair.client, 15);
    ck_assert_uint_eq(count_of(pair.packets), 2);
    expect_packet(pair.packets, "x", 1);
    expect_packet(pair.packets, "yy", 2);
    if (_i / TRANSPORTS == 0) {
        size_t count = 99;
        IS(sps_packet_peer_get_available_packet_count(pair.packets, &count), SPS_ERR_INVALID_DATA);
        ck_assert_uint_eq(count, 0);
        IS(sps_packet_peer_get_available_packet_count(pair.packets, &count), SPS_FAILED);
    } else {
        IS(get_error(pair.packets), SPS_ERR_INVALID_DATA);
    }
    expect_ended(&pair, SPS_CLOSE_LIMIT);
    WAIT_UNTIL(polled_status(pair.peer) != SPS_STATUS_CONNECTED);
    close_packets(&pair);
}
END_TEST

// A peer that sends an invalid packet and then leaves did send it.
START_TEST(the_limit_is_the_reason_on_a_broken_connection_too) {
    packet_pair pair = connect_packets(_i);
    send_bytes(pair.peer, "\xff\xff\xff\xff", 4);
    OK(sps_socket_disconnect(pair.peer));
    sps_error error = SPS_OK;
    WAIT_UNTIL((error = sps_packet_peer_put_packet(pair.packets, "z", 1)) != SPS_OK);
    IS(error, SPS_FAILED);
    IS(get_error(pair.packets), SPS_ERR_INVALID_DATA);
    expect_ended(&pair, SPS_CLOSE_LIMIT);
    close_packets(&pair);
}
END_TEST

START_TEST(a_custom_stream_ends_above_the_limit) {
    source source = {.bytes = "\1\0\0\0x\xff\xff\xff\xff\1\0\0\0x", .size = 14};
    sps_stream *stream = open_source(&source, NULL);
    sps_packet_peer *packets = make_packets(stream);
    expect_packet(packets, "x", 1);
    IS(get_error(packets), SPS_ERR_INVALID_DATA);
    IS(get_error(packets), SPS_FAILED);
    uint8_t byte;
    IS(sps_stream_get_u8(stream, &byte), SPS_FAILED);
    destroy_with_stream(packets);
}
END_TEST

START_TEST(a_changed_limit_applies_to_buffered_packets) {
    packet_pair pair = connect_packets(_i);
    static uint8_t bytes[204] = "\xc8"; // 200
    send_bytes(pair.peer, "\4\0\0\0four", 8);
    send_bytes(pair.peer, bytes, sizeof bytes);
    wait_for(pair.client, 8 + sizeof bytes);
    ck_assert_uint_eq(count_of(pair.packets), 2);
    OK(sps_packet_peer_set_input_buffer_max_size(pair.packets, 100));
    ck_assert_uint_eq(count_of(pair.packets), 1);
    expect_packet(pair.packets, "four", 4);
    OK(sps_packet_peer_set_input_buffer_max_size(pair.packets, 200));
    ck_assert_uint_eq(count_of(pair.packets), 1);
    expect_packet(pair.packets, bytes + 4, 200);
    close_packets(&pair);
}
END_TEST

Suite *packet_limits_suite(void) {
    Suite *suite = suite_create("packet_limits");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, limits_are_as_in_godot);
    tcase_add_test(all, options_are_the_limits);
    tcase_add_test(all, an_invalid_size_changes_nothing);
    tcase_add_loop_test(all, invalid_options_create_nothing, 0, 4);
    tcase_add_loop_test(all, the_largest_packet_comes_through, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_packet_above_the_limit_is_refused, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_packet_above_the_limit_closes_the_stream, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, the_limit_is_the_reason_on_a_broken_connection_too, 0, TRANSPORTS);
    tcase_add_test(all, a_custom_stream_ends_above_the_limit);
    tcase_add_loop_test(all, a_changed_limit_applies_to_buffered_packets, 0, TRANSPORTS);
    return suite;
}
