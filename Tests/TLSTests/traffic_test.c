// SPDX-License-Identifier: MIT
//
// Everything that a stream carries, over TLS: typed values, strings, lines, packets, Variants,
// bulk.
#include <string.h>

#include "support/links.h"

START_TEST(both_sides_connect) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    ck_assert_int_eq(tls_info(link.client).version, SPS_TLS_VERSION_1_3);
    ck_assert_int_eq(tls_info(link.server).version, SPS_TLS_VERSION_1_3);
    ck_assert_str_eq(tls_info(link.server).server_name, "game.test");
    ck_assert_str_eq(tls_info(link.client).cipher, tls_info(link.server).cipher);
    sps_stream *base;
    OK(sps_tls_get_stream(link.client, &base));
    ck_assert_ptr_eq(base, link.client_base);
    expect_delivery(&link, link.client, link.server, "hello, server");
    expect_delivery(&link, link.server, link.client, "hello, client");
    drop_link(&link);
}
END_TEST

START_TEST(tls_1_2_works_too) {
    const sps_tls_settings old = {.struct_size = sizeof old, .max_version = SPS_TLS_VERSION_1_2};
    tls_link link = connect_link((base_kind)_i, &old, NULL);
    ck_assert_int_eq(tls_info(link.client).version, SPS_TLS_VERSION_1_2);
    ck_assert_int_eq(tls_info(link.server).version, SPS_TLS_VERSION_1_2);
    expect_delivery(&link, link.client, link.server, "hello, server");
    expect_delivery(&link, link.server, link.client, "hello, client");
    drop_link(&link);
}
END_TEST

// Four records of 16 KiB are one write.
START_TEST(a_large_put_is_one_write) {
    static const uint8_t bytes[65536];
    tls_link link = connect_link(OVER_PIPE, NULL, NULL);
    const pipe_lane *lane = &link.pipe->lanes[1];
    const int before = lane->puts;
    size_t sent;
    OK(sps_stream_put_partial_data(link.client, bytes, sizeof bytes, &sent));
    ck_assert_uint_eq(sent, sizeof bytes);
    ck_assert_int_eq(lane->puts, before + 1);
    drop_link(&link);
}
END_TEST

// Puts of values may be refused by a pipe that moves little; batched ones gather.
static void batch(tls_link *link) {
    OK(sps_stream_set_write_batching(link->client, true));
    OK(sps_stream_set_write_batching(link->server, true));
}

START_TEST(typed_values_cross) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    batch(&link);
    OK(sps_stream_set_big_endian(link.client, true));
    OK(sps_stream_set_big_endian(link.server, true));
    OK(sps_stream_put_u8(link.client, 0xab));
    OK(sps_stream_put_u32(link.client, 0x01020304));
    OK(sps_stream_put_double(link.client, 2.5));
    OK(sps_stream_put_utf8_string(link.client, "h\xc3\xa9llo", 6));
    uint8_t byte;
    DRIVE_UNTIL(&link, sps_stream_try_get_u8(link.server, &byte) == SPS_OK);
    ck_assert_uint_eq(byte, 0xab);
    uint32_t number;
    DRIVE_UNTIL(&link, sps_stream_try_get_u32(link.server, &number) == SPS_OK);
    ck_assert_uint_eq(number, 0x01020304);
    double real;
    DRIVE_UNTIL(&link, sps_stream_try_get_double(link.server, &real) == SPS_OK);
    ck_assert_double_eq(real, 2.5);
    const char *text;
    size_t size;
    DRIVE_UNTIL(&link, sps_stream_try_get_utf8_string(link.server, SPS_LENGTH_PREFIXED, &text,
                                                      &size) == SPS_OK);
    ck_assert_uint_eq(size, 6);
    ck_assert_mem_eq(text, "h\xc3\xa9llo", 6);
    drop_link(&link);
}
END_TEST

START_TEST(lines_cross) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    batch(&link);
    OK(sps_stream_put_data(link.server, "one\ntwo\n", 8, NULL));
    const char *line;
    size_t size;
    DRIVE_UNTIL(&link, sps_stream_try_get_line(link.client, 100, &line, &size) == SPS_OK);
    ck_assert_uint_eq(size, 3);
    ck_assert_mem_eq(line, "one", 3);
    DRIVE_UNTIL(&link, sps_stream_try_get_line(link.client, 100, &line, &size) == SPS_OK);
    ck_assert_mem_eq(line, "two", 3);
    drop_link(&link);
}
END_TEST

// ---- Bulk

// Puts and gets the pattern in both directions at once until `total` bytes have crossed in each.
static void exchange(tls_link *link, uint64_t total, size_t piece) {
    static uint8_t bytes[200000];
    sps_stream *sides[2] = {link->client, link->server};
    uint64_t sent[2] = {0, 0}, received[2] = {0, 0};
    const uint64_t deadline = now_ms() + 100000;
    while (received[0] < total || received[1] < total) {
        for (int i = 0; i < 2; i++) {
            const uint64_t left = total - sent[i];
            const size_t size = left < piece ? (size_t)left : piece;
            fill_pattern(bytes, size, sent[i]);
            size_t count;
            OK(sps_stream_put_partial_data(sides[i], bytes, size, &count));
            sent[i] += count;
            OK(sps_stream_get_partial_data(sides[i], bytes, sizeof bytes, &count));
            ck_assert(is_pattern(bytes, count, received[i]));
            received[i] += count;
        }
        sps_tls_poll(link->client);
        sps_tls_poll(link->server);
        ck_assert(now_ms() < deadline);
    }
    ck_assert_uint_eq(received[0], total);
    ck_assert_uint_eq(received[1], total);
}

START_TEST(bulk_crosses_in_both_directions) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    exchange(&link, _i == OVER_BYTES ? 100000 : 5000000, 100000);
    drop_link(&link);
}
END_TEST

START_TEST(small_pieces_cross) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    exchange(&link, 3000, 1);
    drop_link(&link);
}
END_TEST

// A peer that does not read stops the puts, and loses nothing.
START_TEST(a_full_stream_refuses_puts_and_goes_on) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    if (link.pipe != NULL) {
        link.pipe->lanes[1].most = 50000;
    }
    uint64_t sent = put_until_full(link.client, 0);
    ck_assert_uint_gt(sent, 0);
    uint64_t received = 0;
    DRIVE_UNTIL(&link, (OK(get_pattern(link.server, &received)), received == sent));
    sent += 16384; // it takes more again
    uint8_t bytes[16384];
    fill_pattern(bytes, sizeof bytes, received);
    size_t count = 0;
    DRIVE_UNTIL(&link, (OK(sps_stream_put_partial_data(link.client, bytes, sizeof bytes, &count)),
                        count > 0));
    sent = received + count;
    DRIVE_UNTIL(&link, (OK(get_pattern(link.server, &received)), received == sent));
    drop_link(&link);
}
END_TEST

// Over a socket, calls that wait do so.
START_TEST(waiting_calls_wait_over_a_socket) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    OK(sps_socket_set_io_timeout(link.client_base, 50));
    uint32_t number;
    OK(sps_stream_put_u32(link.server, 7));
    OK(sps_stream_get_u32(link.client, &number));
    ck_assert_uint_eq(number, 7);
    OK(sps_stream_put_utf8_string(link.client, "done", 4));
    const char *text;
    size_t size;
    OK(sps_stream_get_utf8_string(link.server, SPS_LENGTH_PREFIXED, &text, &size));
    ck_assert_mem_eq(text, "done", 4);
    IS(sps_stream_get_u32(link.client, &number), SPS_ERR_TIMEOUT);
    OK(sps_stream_put_u32(link.server, 8)); // nothing was lost
    OK(sps_stream_get_u32(link.client, &number));
    ck_assert_uint_eq(number, 8);
    drop_link(&link);
}
END_TEST

// ---- Packets and Variants

START_TEST(packets_and_variants_cross) {
    tls_link link = connect_link((base_kind)_i, NULL, NULL);
    batch(&link);
    sps_packet_peer *from, *to;
    OK(sps_packet_stream_create(NULL, &from));
    OK(sps_packet_stream_create(NULL, &to));
    OK(sps_packet_peer_set_stream(from, link.client));
    OK(sps_packet_peer_set_stream(to, link.server));
    OK(sps_packet_peer_put_packet(from, "a packet", 8));
    const uint8_t *packet;
    size_t size;
    DRIVE_UNTIL(&link, sps_packet_peer_get_packet(to, &packet, &size) == SPS_OK);
    ck_assert_uint_eq(size, 8);
    ck_assert_mem_eq(packet, "a packet", 8);
    static const uint8_t number[] = {2, 0, 0, 0, 7, 0, 0, 0}; // a Variant: the int 7
    OK(sps_packet_peer_put_var(from, number, sizeof number));
    DRIVE_UNTIL(&link, sps_packet_peer_get_var(to, &packet, &size) == SPS_OK);
    ck_assert_uint_eq(size, sizeof number);
    ck_assert_mem_eq(packet, number, sizeof number);
    sps_packet_peer_destroy(from);
    sps_packet_peer_destroy(to);
    drop_link(&link);
}
END_TEST

Suite *tls_traffic_suite(void) {
    Suite *suite = suite_create("tls_traffic");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, both_sides_connect, 0, BASES);
    tcase_add_loop_test(all, tls_1_2_works_too, 0, BASES);
    tcase_add_loop_test(all, typed_values_cross, 0, BASES);
    tcase_add_loop_test(all, lines_cross, 0, BASES);
    tcase_add_loop_test(all, bulk_crosses_in_both_directions, 0, BASES);
    tcase_add_loop_test(all, small_pieces_cross, 0, BASES);
    tcase_add_test(all, a_large_put_is_one_write);
    tcase_add_loop_test(all, a_full_stream_refuses_puts_and_goes_on, 0, BASES);
    tcase_add_loop_test(all, waiting_calls_wait_over_a_socket, OVER_TCP, OVER_UDS + 1);
    tcase_add_loop_test(all, packets_and_variants_cross, 0, BASES);
    return suite;
}
