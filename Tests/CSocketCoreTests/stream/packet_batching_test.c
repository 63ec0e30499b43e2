// SPDX-License-Identifier: MIT
//
// Packets that gather before they leave, in a stream's own batch or in a poller.
#include "support/packets.h"
#include "support/pollers.h"

START_TEST(a_batch_takes_whole_packets) {
    const sps_stream_options options = {.struct_size = sizeof options, .write_buffer_bytes = 1000};
    packet_pair pair = connect_packets_with(_i, &options);
    OK(sps_stream_set_write_batching(pair.client, true));
    uint8_t bytes[997];
    IS(sps_packet_peer_put_packet(pair.packets, bytes, 997), SPS_ERR_PARAMETER_RANGE_ERROR);
    uint64_t put = 0, got = 0;
    sps_error error = SPS_OK;
    while (error == SPS_OK) { // until the OS refuses more bytes, too
        fill_pattern(bytes, 600, put);
        error = sps_packet_peer_put_packet(pair.packets, bytes, 600);
        put += error == SPS_OK ? 600 : 0;
    }
    IS(error, SPS_ERR_BUSY);
    while (got < put) {
        OK(sps_socket_poll(pair.client));
        while (count_of(pair.peer_packets) > 0) {
            const uint8_t *data;
            size_t size;
            OK(sps_packet_peer_get_packet(pair.peer_packets, &data, &size));
            ck_assert_uint_eq(size, 600);
            ck_assert(is_pattern(data, size, got));
            got += size;
        }
    }
    expect_no_packet(pair.peer_packets);
    close_packets(&pair);
}
END_TEST

START_TEST(packets_put_while_connecting_are_kept_in_a_batch) {
    sps_server *server = make_server(TCP, NULL);
    const place place = listen_somewhere(server, TCP);
    sps_stream *stream = make_stream(TCP, NULL);
    sps_packet_peer *packets = make_packets(stream);
    OK(sps_stream_set_write_batching(stream, true));
    IS(sps_packet_peer_put_packet(packets, "x", 1), SPS_FAILED);
    OK(sps_tcp_connect(stream, "localhost", place.port));
    IS(get_error(packets), SPS_FAILED); // CONNECTING
    OK(sps_packet_peer_put_packet(packets, "early", 5));
    WAIT_UNTIL(polled_status(stream) == SPS_STATUS_CONNECTED);
    sps_stream *peer = take_from(server);
    wait_for(peer, 9);
    expect_bytes(peer, "\5\0\0\0early", 9);
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(peer);
    sps_stream_destroy(stream);
    sps_server_destroy(server);
}
END_TEST

// Puts packets until a put finds no room.
static void put_while_possible(sps_packet_peer *packets, const uint8_t *bytes, const size_t *sizes,
                               int count, int *put) {
    while (*put < count) {
        const sps_error error = sps_packet_peer_put_packet(packets, bytes, sizes[*put]);
        if (error == SPS_ERR_BUSY) {
            return;
        }
        OK(error);
        ++*put;
    }
}

// Packets larger and smaller than the read buffer, and many at once. Some are counted before they
// are taken.
START_TEST(packets_of_any_size_come_through_a_poller) {
    static const size_t sizes[] = {1, 300000, 4, 65536, 65532, 65531, 1000000, 1, 2, 3, 999999, 7};
    enum { COUNT = sizeof sizes / sizeof sizes[0] };
    const sps_stream_options options = {
        .struct_size = sizeof options, .read_buffer_bytes = 4096, .write_buffer_bytes = 2 * MIB};
    packet_pair pair = connect_packets_with(_i % TRANSPORTS, &options);
    OK(sps_packet_peer_set_output_buffer_max_size(pair.packets, MIB));
    OK(sps_packet_peer_set_input_buffer_max_size(pair.peer_packets, MIB));
    sps_poller *poller = make_poller(NULL);
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_poller_add(poller, pair.peer, NULL));
    static uint8_t bytes[MIB];
    fill_pattern(bytes, sizeof bytes, 0);
    int put = 0, got = 0;
    put_while_possible(pair.packets, bytes, sizes, COUNT, &put);
    while (got < COUNT) {
        const sps_event event = wait_for_event(poller);
        if (event.stream == pair.client) {
            put_while_possible(pair.packets, bytes, sizes, COUNT, &put);
            continue;
        }
        sps_error error = SPS_OK;
        while ((_i < TRANSPORTS || count_of(pair.peer_packets) > 0) && error == SPS_OK) {
            const uint8_t *data;
            size_t size;
            error = sps_packet_peer_get_packet(pair.peer_packets, &data, &size);
            if (error == SPS_OK) {
                ck_assert_uint_eq(size, sizes[got++]);
                ck_assert_mem_eq(data, bytes, size);
            } else {
                IS(error, SPS_ERR_UNAVAILABLE);
            }
        }
    }
    expect_no_packet(pair.peer_packets);
    close_packets(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_poller_reports_the_close_reason) {
    packet_pair pair = connect_packets(_i % TRANSPORTS);
    const bool too_large = _i / TRANSPORTS == 0;
    sps_poller *poller = make_poller(NULL);
    OK(sps_poller_add(poller, pair.client, NULL));
    if (too_large) {
        send_bytes(pair.peer, "\xff\xff\xff\xff", 4);
    } else {
        send_bytes(pair.peer, "\1\0\0", 3);
        OK(sps_socket_disconnect(pair.peer));
    }
    sps_event event;
    do {
        event = wait_for_event(poller);
        size_t count;
        sps_packet_peer_get_available_packet_count(pair.packets, &count);
        ck_assert_uint_eq(count, 0);
    } while (!(event.kinds & SPS_EVENT_CLOSED));
    ck_assert_int_eq(event.close_reason, too_large ? SPS_CLOSE_LIMIT : SPS_CLOSE_PEER_FINISHED);
    close_packets(&pair);
    sps_poller_destroy(poller);
}
END_TEST

Suite *packet_batching_suite(void) {
    Suite *suite = suite_create("packet_batching");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_batch_takes_whole_packets, 0, TRANSPORTS);
    tcase_add_test(all, packets_put_while_connecting_are_kept_in_a_batch);
    tcase_add_loop_test(all, packets_of_any_size_come_through_a_poller, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, a_poller_reports_the_close_reason, 0, 2 * TRANSPORTS);
    return suite;
}
