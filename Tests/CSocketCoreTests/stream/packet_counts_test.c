// SPDX-License-Identifier: MIT
//
// The count of available packets is right, reads no further than allowed, and is cheap.
#include <string.h>

#include "support/packets.h"

// If each count started over, this test would take hours.
START_TEST(counting_before_each_packet_is_cheap) {
    enum { COUNT = 1000000 };
    source source = {.size = 5 * COUNT};
    sps_stream *stream = open_source(&source, NULL);
    sps_packet_peer *packets = make_packets(stream);
    OK(sps_packet_peer_set_input_buffer_max_size(packets, 8 * MIB));
    OK(sps_stream_set_write_batching(stream, true)); // the answers gather meanwhile
    for (size_t left = COUNT; left > 0; left--) {
        size_t count, bytes;
        const uint8_t *data;
        OK(sps_packet_peer_get_available_packet_count(packets, &count));
        OK(sps_packet_peer_get_packet(packets, &data, &bytes));
        OK(sps_packet_peer_put_packet(packets, data, bytes));
        if (count != left || bytes != 1) { // an assertion of Check costs more than this whole loop
            ck_abort_msg("%zu packets, and one of %zu bytes, with %zu left", count, bytes, left);
        }
    }
    OK(sps_stream_flush(stream));
    ck_assert_uint_eq(source.written, source.size);
    expect_no_packet(packets);
    destroy_with_stream(packets);
}
END_TEST

// A hundred thousand bytes. The count reads as much as Godot's buffer would hold.
START_TEST(a_count_reads_as_far_as_the_input_buffer) {
    source source = {.size = 100000};
    sps_stream *stream = open_source(&source, NULL);
    sps_packet_peer *packets = make_packets(stream);
    OK(sps_packet_peer_set_input_buffer_max_size(packets, 1020));
    const uint8_t *span;
    size_t bytes;
    ck_assert_uint_eq(count_of(packets), 204);
    OK(sps_stream_peek(stream, 0, &span, &bytes));
    ck_assert_uint_le(bytes, 1024);
    for (size_t i = 0; i < 20000; i++) {
        expect_packet(packets, "", 1);
    }
    expect_no_packet(packets);
    destroy_with_stream(packets);
}
END_TEST

START_TEST(a_get_reads_no_further_than_its_packet) {
    source source = {.size = 100};
    sps_packet_peer *packets = make_packets(open_source(&source, NULL));
    expect_packet(packets, "", 1);
    ck_assert_uint_eq(source.read, 5);
    destroy_with_stream(packets);
}
END_TEST

// A caller that waits for two packets must see the second.
START_TEST(a_count_that_is_repeated_reads_on) {
    packet_pair pair = connect_packets(_i);
    for (size_t i = 1; i < 5; i++) {
        send_bytes(pair.peer, "\1\0\0\0x", 5);
        WAIT_UNTIL(count_of(pair.packets) == i);
    }
    close_packets(&pair);
}
END_TEST

START_TEST(a_count_is_right_after_another_read) {
    packet_pair pair = connect_packets(_i);
    send_bytes(pair.peer, "\1\0\0\0a\2\0\0\0bb\3\0\0\0ccc", 18);
    wait_for(pair.client, 18);
    ck_assert_uint_eq(count_of(pair.packets), 3);
    uint32_t length;
    OK(sps_stream_get_u32(pair.client, &length));
    OK(sps_stream_consume(pair.client, length));
    ck_assert_uint_eq(count_of(pair.packets), 2);
    expect_packet(pair.packets, "bb", 2);
    ck_assert_uint_eq(count_of(pair.packets), 1);
    close_packets(&pair);
}
END_TEST

// Other bytes may have replaced the counted ones in the same memory.
START_TEST(a_count_is_right_in_a_reused_block) {
    packet_pair pair = connect_packets(_i);
    uint8_t all[14];
    send_bytes(pair.peer, "\3\0\0\0abc\3\0\0\0def", sizeof all);
    wait_for(pair.client, sizeof all);
    ck_assert_uint_eq(count_of(pair.packets), 2);
    OK(sps_stream_get_data(pair.client, all, sizeof all, NULL));
    send_bytes(pair.peer, "\1\0\0\0a\0\0\0\0\1\0\0\0b", sizeof all);
    wait_for(pair.client, sizeof all);
    OK(sps_socket_poll(pair.client));
    ck_assert_uint_eq(count_of(pair.packets), 3);
    close_packets(&pair);
}
END_TEST

// ---- Any calls in any order

enum { RANDOM_BYTES = 20000, RANDOM_STEPS = 5000 };

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

// Counts the whole packets from an offset on. Also returns where the first one ends, or 0.
static size_t count_whole(const source *source, size_t at, size_t *out_end) {
    const uint8_t *bytes = (const uint8_t *)source->bytes;
    size_t count = 0;
    *out_end = 0;
    while (source->size - at >= 4) {
        const size_t length = bytes[at] | (size_t)bytes[at + 1] << 8 | (size_t)bytes[at + 2] << 16 |
                              (size_t)bytes[at + 3] << 24;
        if (source->size - at - 4 < length) {
            break;
        }
        at += 4 + length;
        *out_end = count++ == 0 ? at : *out_end;
    }
    return count;
}

// A count may report only some of the packets. A repeated count reports all.
static void check_counts(sps_packet_peer *packets, size_t whole) {
    const size_t first = count_of(packets);
    ck_assert_uint_le(first, whole);
    ck_assert((first > 0) == (whole > 0));
    ck_assert_uint_eq(count_of(packets), whole);
}

// Takes a packet, if one is whole, and returns the offset behind it.
static size_t check_get(sps_packet_peer *packets, const source *source, size_t at, size_t end) {
    if (end == 0) {
        IS(get_error(packets), SPS_ERR_UNAVAILABLE);
        return at;
    }
    expect_packet(packets, source->bytes + at + 4, end - at - 4);
    return end;
}

static size_t get_raw(sps_stream *stream, const source *source, size_t at, size_t most) {
    char got[16];
    size_t count = 0;
    OK(sps_stream_get_partial_data(stream, got, most, &count));
    ck_assert(memcmp(got, source->bytes + at, count) == 0);
    return at + count;
}

// Random bytes, mostly small lengths, come in pieces and are read by random calls. A plain model
// predicts each result.
START_TEST(any_calls_in_any_order_match_a_model) {
    static char bytes[RANDOM_BYTES];
    uint32_t random = (uint32_t)_i;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(next_random(&random) % 10 == 0 ? next_random(&random) % 4 : 0);
    }
    source source = {.bytes = bytes};
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .read_buffer_bytes = (uint32_t)(_i % 3) * 50};
    sps_stream *stream = open_source(&source, &options);
    sps_packet_peer *packets = make_packets(stream);
    OK(sps_packet_peer_set_input_buffer_max_size(packets, 1 << 29));
    size_t at = 0;
    for (int step = 0; step < RANDOM_STEPS && at < RANDOM_BYTES; step++) {
        size_t end;
        const size_t whole = count_whole(&source, at, &end);
        switch (next_random(&random) % 8) {
        case 0:
            source.size += next_random(&random) % 40;
            source.size = source.size < RANDOM_BYTES ? source.size : RANDOM_BYTES;
            break;
        case 1:
            at = get_raw(stream, &source, at, 1 + next_random(&random) % 16);
            break;
        case 2:
        case 3:
            check_counts(packets, whole);
            break;
        default:
            at = check_get(packets, &source, at, end);
        }
    }
    destroy_with_stream(packets);
}
END_TEST

Suite *packet_counts_suite(void) {
    Suite *suite = suite_create("packet_counts");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, counting_before_each_packet_is_cheap);
    tcase_add_test(all, a_count_reads_as_far_as_the_input_buffer);
    tcase_add_test(all, a_get_reads_no_further_than_its_packet);
    tcase_add_loop_test(all, a_count_that_is_repeated_reads_on, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_count_is_right_after_another_read, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_count_is_right_in_a_reused_block, 0, TRANSPORTS);
    tcase_add_loop_test(all, any_calls_in_any_order_match_a_model, 0, 30);
    return suite;
}
