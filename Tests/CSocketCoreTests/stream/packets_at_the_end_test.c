// SPDX-License-Identifier: MIT
//
// When a stream ends, by its peer, a reset or a failure, the packets that came before are not lost.
#include "support/packets.h"

START_TEST(packets_before_the_end_come_first) {
    packet_pair pair = connect_packets(_i);
    send_bytes(pair.peer, "\1\0\0\0x\2\0\0\0yy", 11);
    OK(sps_socket_disconnect(pair.peer));
    wait_for(pair.client, 11);
    OK(sps_socket_poll(pair.client)); // meets the end
    OK(sps_socket_poll(pair.client));
    ck_assert_uint_eq(count_of(pair.packets), 2);
    expect_packet(pair.packets, "x", 1);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    expect_packet(pair.packets, "yy", 2);
    IS(get_error(pair.packets), SPS_ERR_FILE_EOF);
    expect_ended(&pair, SPS_CLOSE_PEER_FINISHED);
    close_packets(&pair);
}
END_TEST

// Cut in the length (first half of the loop) or in the body; met by a count or by a get.
START_TEST(a_part_of_a_packet_is_dropped_at_the_end) {
    packet_pair pair = connect_packets(_i % TRANSPORTS);
    const size_t sent = (_i / TRANSPORTS) % 2 == 0 ? 2 : 6;
    send_bytes(pair.peer, "\1\0\0\0x", 5);
    send_bytes(pair.peer, "\3\0\0\0ab", sent);
    OK(sps_socket_shutdown_write(pair.peer));
    wait_for(pair.client, 5 + sent);
    expect_packet(pair.packets, "x", 1);
    size_t count = 99;
    if (_i / TRANSPORTS < 2) {
        WAIT_UNTIL(sps_packet_peer_get_available_packet_count(pair.packets, &count) ==
                   SPS_ERR_FILE_EOF);
        ck_assert_uint_eq(count, 0);
    } else {
        WAIT_UNTIL(get_error(pair.packets) == SPS_ERR_FILE_EOF);
    }
    expect_ended(&pair, SPS_CLOSE_PEER_FINISHED);
    close_packets(&pair);
}
END_TEST

// A close with bytes unread is a reset, on either transport.
static void reset_by_peer(const packet_pair *pair) {
    OK(sps_stream_put_u8(pair->client, 1));
    wait_for(pair->peer, 1);
    OK(sps_socket_disconnect(pair->peer));
}

START_TEST(packets_before_a_reset_come_first) {
    packet_pair pair = connect_packets(_i);
    send_bytes(pair.peer, "\1\0\0\0x\2\0\0\0yy\5\0\0", 14);
    wait_for(pair.client, 14);
    OK(sps_socket_poll(pair.client)); // what is not here may be lost in a reset
    reset_by_peer(&pair);
    ck_assert_uint_eq(count_of(pair.packets), 2);
    expect_packet(pair.packets, "x", 1);
    expect_packet(pair.packets, "yy", 2);
    sps_error error = SPS_OK;
    WAIT_UNTIL((error = get_error(pair.packets)) != SPS_ERR_UNAVAILABLE);
    IS(error, SPS_FAILED);
    expect_ended(&pair, SPS_CLOSE_RESET);
    close_packets(&pair);
}
END_TEST

START_TEST(a_put_that_fails_loses_no_packet) {
    packet_pair pair = connect_packets(_i);
    send_bytes(pair.peer, "\1\0\0\0x\2\0\0\0yy", 11);
    OK(sps_socket_disconnect(pair.peer));
    sps_error error = SPS_OK;
    WAIT_UNTIL((error = sps_packet_peer_put_packet(pair.packets, "z", 1)) != SPS_OK);
    IS(error, SPS_FAILED);
    expect_packet(pair.packets, "x", 1);
    expect_packet(pair.packets, "yy", 2);
    IS(get_error(pair.packets), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    close_packets(&pair);
}
END_TEST

START_TEST(a_custom_stream_ends_as_its_operations_say) {
    static const sps_error ends[] = {SPS_ERR_FILE_EOF, SPS_ERR_FILE_CORRUPT};
    static const sps_error later[] = {SPS_FAILED, SPS_ERR_FILE_CORRUPT}; // only the end is for good
    source source = {.bytes = "\1\0\0\0x\1\0", .size = 7, .at_end = ends[_i]};
    sps_packet_peer *packets = make_packets(open_source(&source, NULL));
    ck_assert_uint_eq(count_of(packets), 1);
    expect_packet(packets, "x", 1);
    IS(get_error(packets), ends[_i]);
    IS(get_error(packets), later[_i]);
    destroy_with_stream(packets);
}
END_TEST

Suite *packets_at_the_end_suite(void) {
    Suite *suite = suite_create("packets_at_the_end");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, packets_before_the_end_come_first, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_part_of_a_packet_is_dropped_at_the_end, 0, 4 * TRANSPORTS);
    tcase_add_loop_test(all, packets_before_a_reset_come_first, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_put_that_fails_loses_no_packet, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_custom_stream_ends_as_its_operations_say, 0, 2);
    return suite;
}
