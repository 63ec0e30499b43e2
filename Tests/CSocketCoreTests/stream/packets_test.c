// SPDX-License-Identifier: MIT
//
// Packets over streams of every kind. The bytes are Godot's, each stream keeps its own, and an
// invalid argument changes nothing.
#include <string.h>

#include "support/json.h"
#include "support/packets.h"

// ---- The bytes

START_TEST(a_packet_is_its_length_and_its_bytes) {
    packet_pair pair = connect_packets(_i % TRANSPORTS);
    const bool big_endian = _i >= TRANSPORTS; // packets are always little-endian
    OK(sps_stream_set_big_endian(pair.client, big_endian));
    OK(sps_stream_set_big_endian(pair.peer, big_endian));
    uint8_t large[0x1234];
    fill_pattern(large, sizeof large, 0);
    OK(sps_packet_peer_put_packet(pair.packets, "abc", 3));
    OK(sps_packet_peer_put_packet(pair.packets, large, sizeof large));
    wait_for(pair.peer, 7 + 4 + sizeof large);
    uint8_t prefix[11];
    OK(sps_stream_get_data(pair.peer, prefix, sizeof prefix, NULL));
    ck_assert_mem_eq(prefix, "\3\0\0\0abc\x34\x12\0\0", sizeof prefix);
    expect_bytes(pair.peer, large, sizeof large);
    send_bytes(pair.client, "\2\0\0\0hi\0\0\0\0\1\0\0\0x", 15);
    wait_for(pair.peer, 15);
    ck_assert_uint_eq(count_of(pair.peer_packets), 3);
    expect_packet(pair.peer_packets, "hi", 2);
    expect_packet(pair.peer_packets, NULL, 0);
    expect_packet(pair.peer_packets, "x", 1);
    expect_no_packet(pair.peer_packets);
    close_packets(&pair);
}
END_TEST

static void exchange_row(json_t *row, void *user_data) {
    const packet_pair *pair = user_data;
    static uint8_t bytes[MIB];
    const size_t size = parse_hex(text_of(row, "hex"), bytes, sizeof bytes);
    OK(sps_packet_peer_put_var(pair->packets, bytes + 4, size - 4));
    expect_bytes(pair->peer, bytes, size);
    send_bytes(pair->client, bytes, size);
    wait_for(pair->peer, size);
    const uint8_t *value;
    size_t value_bytes;
    OK(sps_packet_peer_get_var(pair->peer_packets, &value, &value_bytes));
    ck_assert_uint_eq(value_bytes, size - 4);
    ck_assert_mem_eq(value, bytes + 4, value_bytes);
}

// Godot's put_var of a little-endian stream writes the same bytes as its put_var of a packet.
START_TEST(variants_are_godots_packets) {
    packet_pair pair = connect_packets(TCP);
    ck_assert_uint_gt(visit_wire_rows("put_var", exchange_row, &pair), 80);
    close_packets(&pair);
}
END_TEST

START_TEST(a_packet_lies_in_the_streams_memory) {
    packet_pair pair = connect_packets(_i);
    send_bytes(pair.peer, "\2\0\0\0hi\1\0\0\0x", 11);
    wait_for(pair.client, 11);
    const uint8_t *buffered, *data;
    size_t bytes;
    OK(sps_stream_peek(pair.client, 11, &buffered, &bytes));
    OK(sps_packet_peer_get_packet(pair.packets, &data, &bytes));
    ck_assert_ptr_eq(data, buffered + 4);
    close_packets(&pair);
}
END_TEST

START_TEST(a_packet_that_is_cut_anywhere_is_whole_or_not_there) {
    static const char bytes[] = "\3\0\0\0abc\0\0\0\0\1\0\0\0z";
    static const struct {
        const char *text;
        size_t size, end;
    } packet[] = {{"abc", 3, 7}, {"", 0, 11}, {"z", 1, 16}};
    enum { SIZE = sizeof bytes - 1 };
    packet_pair pair = connect_packets(_i);
    for (size_t cut = 0; cut <= SIZE; cut++) {
        size_t whole = 0;
        while (whole < 3 && packet[whole].end <= cut) {
            whole++;
        }
        send_bytes(pair.peer, bytes, cut);
        wait_for(pair.client, cut);
        ck_assert_uint_eq(count_of(pair.packets), whole);
        for (size_t i = 0; i < whole; i++) {
            expect_packet(pair.packets, packet[i].text, packet[i].size);
        }
        expect_no_packet(pair.packets);
        send_bytes(pair.peer, bytes + cut, SIZE - cut);
        wait_for(pair.client, SIZE - (whole > 0 ? packet[whole - 1].end : 0));
        ck_assert_uint_eq(count_of(pair.packets), 3 - whole);
        for (size_t i = whole; i < 3; i++) {
            expect_packet(pair.packets, packet[i].text, packet[i].size);
        }
        expect_no_packet(pair.packets);
    }
    close_packets(&pair);
}
END_TEST

START_TEST(raw_bytes_and_packets_may_be_mixed) {
    packet_pair pair = connect_packets(_i);
    send_bytes(pair.peer, "\5\0\2\0\0\0hi\7\0\0\0\0\1\0", 15);
    wait_for(pair.client, 15);
    uint16_t number;
    uint8_t byte;
    OK(sps_stream_get_u16(pair.client, &number));
    ck_assert_uint_eq(number, 5);
    expect_packet(pair.packets, "hi", 2);
    OK(sps_stream_get_u8(pair.client, &byte));
    ck_assert_uint_eq(byte, 7);
    expect_packet(pair.packets, NULL, 0);
    expect_no_packet(pair.packets); // nothing is consumed
    OK(sps_stream_get_u16(pair.client, &number));
    ck_assert_uint_eq(number, 1);
    close_packets(&pair);
}
END_TEST

// ---- Streams with settings

START_TEST(bytes_stay_in_their_stream) {
    pair one = connect_pair(_i), other = connect_pair(_i);
    sps_packet_peer *packets = make_packets(one.client);
    send_bytes(one.peer, "\3\0\0\0one\3\0\0\0two", 14);
    send_bytes(other.peer, "\5\0\0\0other", 9);
    wait_for(one.client, 14);
    wait_for(other.client, 9);
    ck_assert_uint_eq(count_of(packets), 2);
    sps_stream *stream = NULL;
    OK(sps_packet_peer_get_stream(packets, &stream));
    ck_assert_ptr_eq(stream, one.client);
    OK(sps_packet_peer_set_stream(packets, other.client));
    ck_assert_uint_eq(count_of(packets), 1);
    expect_packet(packets, "other", 5);
    OK(sps_packet_peer_set_stream(packets, one.client));
    ck_assert_uint_eq(count_of(packets), 2);
    expect_packet(packets, "one", 3);
    sps_packet_peer_destroy(packets);
    expect_bytes(one.client, "\3\0\0\0two", 7);
    close_pair(&one);
    close_pair(&other);
}
END_TEST

// The caller may overwrite a buffer. The packets that were counted there no longer exist.
START_TEST(packets_in_a_buffer_follow_its_content) {
    sps_stream *buffer;
    OK(sps_buffer_create(NULL, &buffer));
    sps_packet_peer *packets = make_packets(buffer);
    expect_no_packet(packets);
    OK(sps_packet_peer_put_packet(packets, "one", 3));
    OK(sps_packet_peer_put_packet(packets, "two", 3));
    OK(sps_buffer_seek(buffer, 0));
    ck_assert_uint_eq(count_of(packets), 2);
    OK(sps_packet_peer_put_packet(packets, "0123456789", 10)); // as long as both together
    OK(sps_buffer_seek(buffer, 0));
    const uint8_t *there;
    size_t size;
    OK(sps_stream_peek(buffer, 1, &there, &size)); // the packet is read in place
    ck_assert_uint_eq(count_of(packets), 1);
    expect_packet(packets, "0123456789", 10);
    expect_no_packet(packets);
    OK(sps_stream_put_u16(buffer, 7)); // a part of a length
    OK(sps_buffer_seek(buffer, 0));
    ck_assert_uint_eq(count_of(packets), 1);
    ck_assert_uint_eq(count_of(packets), 1); // looks for another packet
    expect_packet(packets, "0123456789", 10);
    expect_no_packet(packets);
    size_t position;
    OK(sps_buffer_get_position(buffer, &position));
    ck_assert_uint_eq(position, 14);
    destroy_with_stream(packets);
}
END_TEST

typedef union max_align {
    uint64_t integer;
    double real;
    void *pointer;
    char room[16];
} max_align;

// Returns the same memory to each caller that asks for the same sizes in the same order.
typedef struct arena {
    max_align bytes[512];
    size_t used; // bytes in use
} arena;

static void *from_arena(void *user_data, void *block, size_t old_bytes, size_t new_bytes) {
    arena *arena = user_data;
    if (new_bytes == 0) {
        return NULL;
    }
    max_align *given = arena->bytes + arena->used;
    arena->used += (new_bytes + sizeof *given - 1) / sizeof *given;
    ck_assert_uint_le(arena->used, sizeof arena->bytes / sizeof *given);
    return block != NULL ? memcpy(given, block, old_bytes) : given;
}

static sps_stream *open_in_arena(arena *arena, source *source) {
    const sps_allocator allocator = {sizeof(sps_allocator), from_arena, arena};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    arena->used = 0;
    sps_stream *stream = open_source(source, &options);
    const uint8_t *span;
    size_t bytes;
    OK(sps_stream_peek(stream, source->size, &span, &bytes));
    return stream;
}

START_TEST(another_stream_in_the_same_place_is_another) {
    static arena arena;
    source first = {.bytes = "\1\0\0\0a\1\0\0\0b", .size = 10};
    source second = {.bytes = "\6\0\0\0second", .size = 10};
    sps_stream *stream = open_in_arena(&arena, &first);
    sps_packet_peer *packets = make_packets(stream);
    ck_assert_uint_eq(count_of(packets), 2);
    sps_stream_destroy(stream);
    sps_stream *other = open_in_arena(&arena, &second);
    ck_assert_ptr_eq(other, stream);
    OK(sps_packet_peer_set_stream(packets, other));
    ck_assert_uint_eq(count_of(packets), 1);
    sps_stream_destroy(other);
    sps_packet_peer_destroy(packets);
}
END_TEST

START_TEST(without_a_stream_it_is_unconfigured) {
    sps_packet_peer *packets = make_packets(NULL);
    sps_stream *stream = (sps_stream *)packets;
    size_t count = 99;
    OK(sps_packet_peer_get_stream(packets, &stream));
    ck_assert_ptr_null(stream);
    IS(get_error(packets), SPS_ERR_UNCONFIGURED);
    IS(sps_packet_peer_get_available_packet_count(packets, &count), SPS_ERR_UNCONFIGURED);
    ck_assert_uint_eq(count, 0);
    IS(sps_packet_peer_put_packet(packets, "x", 1), SPS_ERR_UNCONFIGURED);
    IS(sps_packet_peer_put_packet(packets, "", 0), SPS_ERR_UNCONFIGURED);
    IS(sps_packet_peer_put_packet(packets, NULL, 0), SPS_ERR_UNCONFIGURED);
    IS(sps_packet_peer_put_packet(packets, "x", 65533), SPS_ERR_UNCONFIGURED); // for every size
    IS(sps_packet_peer_put_var(packets, "x", 1), SPS_ERR_UNCONFIGURED);
    sps_packet_peer_destroy(packets);
}
END_TEST

START_TEST(a_stream_that_is_not_connected_has_no_packets) {
    sps_stream *stream = make_stream(_i, NULL);
    sps_packet_peer *packets = make_packets(stream);
    size_t count = 99;
    IS(get_error(packets), SPS_FAILED);
    IS(sps_packet_peer_get_available_packet_count(packets, &count), SPS_FAILED);
    ck_assert_uint_eq(count, 0);
    IS(sps_packet_peer_put_packet(packets, "x", 1), SPS_FAILED);
    destroy_with_stream(packets);
}
END_TEST

START_TEST(a_stream_that_cannot_be_read_or_written_is_failed) {
    const sps_custom_operations nothing = {.struct_size = sizeof nothing};
    sps_stream *stream = NULL;
    OK(sps_custom_create(&nothing, NULL, NULL, &stream));
    sps_packet_peer *packets = make_packets(stream);
    size_t count = 1;
    IS(sps_packet_peer_get_available_packet_count(packets, &count), SPS_FAILED);
    ck_assert_uint_eq(count, 0);
    IS(get_error(packets), SPS_FAILED);
    IS(sps_packet_peer_put_packet(packets, "x", 1), SPS_FAILED);
    destroy_with_stream(packets);
}
END_TEST

START_TEST(the_last_error_of_a_get_is_kept) {
    packet_pair pair = connect_packets(_i);
    const uint8_t *data;
    size_t bytes;
    sps_error last = SPS_FAILED;
    OK(sps_packet_peer_get_packet_error(pair.packets, &last));
    IS(last, SPS_OK);
    IS(get_error(pair.packets), SPS_ERR_UNAVAILABLE);
    // neither the packet nor a count changes anything
    OK(sps_packet_peer_put_packet(pair.packets, "x", 1));
    ck_assert_uint_eq(count_of(pair.packets), 0);
    OK(sps_packet_peer_get_packet_error(pair.packets, &last));
    IS(last, SPS_ERR_UNAVAILABLE);
    send_bytes(pair.peer, "\0\0\0\0", 4);
    WAIT_UNTIL(sps_packet_peer_get_var(pair.packets, &data, &bytes) == SPS_OK);
    OK(sps_packet_peer_get_packet_error(pair.packets, &last));
    IS(last, SPS_OK);
    close_packets(&pair);
}
END_TEST

// ---- Bad input

START_TEST(null_is_an_invalid_parameter) {
    sps_packet_peer *packets = make_packets(NULL);
    const uint8_t *data;
    size_t bytes;
    uint32_t size;
    sps_error error;
    sps_stream *stream;
    sps_packet_peer_destroy(NULL);
    IS(sps_packet_stream_create(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_set_stream(NULL, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_stream(NULL, &stream), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_stream(packets, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_available_packet_count(NULL, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_available_packet_count(packets, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_packet(NULL, &data, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_packet(packets, NULL, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_packet(packets, &data, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_var(NULL, &data, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_var(packets, NULL, &bytes), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_packet_error(NULL, &error), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_packet_error(packets, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_put_packet(NULL, "x", 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_put_packet(NULL, NULL, 0), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_put_packet(packets, NULL, 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_put_var(NULL, "x", SIZE_MAX), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_put_var(packets, NULL, SIZE_MAX), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_set_input_buffer_max_size(NULL, 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_input_buffer_max_size(NULL, &size), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_input_buffer_max_size(packets, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_set_output_buffer_max_size(NULL, 1), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_output_buffer_max_size(NULL, &size), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_output_buffer_max_size(packets, NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_set_encode_buffer_max_size(NULL, 1024), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_encode_buffer_max_size(NULL, &size), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_get_encode_buffer_max_size(packets, NULL), SPS_ERR_INVALID_PARAMETER);
    sps_packet_peer_destroy(packets);
}
END_TEST

START_TEST(without_a_packet_peer_there_is_no_result) {
    const uint8_t *data = (const uint8_t *)"old";
    size_t bytes = 99, count = 99;
    IS(sps_packet_peer_get_available_packet_count(NULL, &count), SPS_ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(count, 0);
    IS(sps_packet_peer_get_packet(NULL, &data, &bytes), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(data);
    ck_assert_uint_eq(bytes, 0);
}
END_TEST

Suite *packets_suite(void) {
    Suite *suite = suite_create("packets");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_packet_is_its_length_and_its_bytes, 0, 2 * TRANSPORTS);
    tcase_add_test(all, variants_are_godots_packets);
    tcase_add_loop_test(all, a_packet_lies_in_the_streams_memory, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_packet_that_is_cut_anywhere_is_whole_or_not_there, 0, TRANSPORTS);
    tcase_add_loop_test(all, raw_bytes_and_packets_may_be_mixed, 0, TRANSPORTS);
    tcase_add_loop_test(all, bytes_stay_in_their_stream, 0, TRANSPORTS);
    tcase_add_test(all, packets_in_a_buffer_follow_its_content);
    tcase_add_test(all, another_stream_in_the_same_place_is_another);
    tcase_add_test(all, without_a_stream_it_is_unconfigured);
    tcase_add_loop_test(all, a_stream_that_is_not_connected_has_no_packets, 0, TRANSPORTS);
    tcase_add_test(all, a_stream_that_cannot_be_read_or_written_is_failed);
    tcase_add_loop_test(all, the_last_error_of_a_get_is_kept, 0, TRANSPORTS);
    tcase_add_test(all, null_is_an_invalid_parameter);
    tcase_add_test(all, without_a_packet_peer_there_is_no_result);
    return suite;
}
