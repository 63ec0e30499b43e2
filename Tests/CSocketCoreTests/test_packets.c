// SPDX-License-Identifier: MIT
//
// Packets over streams of every kind: the bytes are Godot's, and none is lost, whatever becomes of the stream.
#include <stdlib.h>
#include <string.h>

#include "support.h"
#include "support_json.h"

enum { DEFAULT_LIMIT = 65532, MIB = 1 << 20 };

static sps_packet_peer *make_packets(sps_stream *stream) {
    sps_packet_peer *packets = NULL;
    OK(sps_packet_stream_create(NULL, &packets));
    OK(sps_packet_peer_set_stream(packets, stream));
    return packets;
}

static size_t count_of(sps_packet_peer *packets) {
    size_t count = 99;
    OK(sps_packet_peer_get_available_packet_count(packets, &count));
    return count;
}

static sps_error get_error(sps_packet_peer *packets) {
    const uint8_t *data = (const uint8_t *)"";
    size_t bytes = 99;
    const sps_error error = sps_packet_peer_get_packet(packets, &data, &bytes);
    if (error != SPS_OK) {
        ck_assert_ptr_null(data);
        ck_assert_uint_eq(bytes, 0);
    }
    return error;
}

static void expect_packet(sps_packet_peer *packets, const void *expected, size_t size) {
    const uint8_t *data = NULL;
    size_t bytes = 99;
    OK(sps_packet_peer_get_packet(packets, &data, &bytes));
    ck_assert_uint_eq(bytes, size);
    ck_assert_ptr_nonnull(data);
    ck_assert(size == 0 || memcmp(data, expected, size) == 0);
}

static void expect_no_packet(sps_packet_peer *packets) {
    ck_assert_uint_eq(count_of(packets), 0);
    IS(get_error(packets), SPS_ERR_UNAVAILABLE);
}

static void expect_end(sps_packet_peer *packets, sps_stream *stream, sps_error end,
                       sps_close_reason reason) {
    IS(get_error(packets), end);
    ck_assert_int_eq(status_of(stream), SPS_STATUS_NONE);
    expect_reason(stream, reason);
    IS(get_error(packets), SPS_FAILED); // not connected
}

static void send_bytes(sps_stream *stream, const void *bytes, size_t size) {
    OK(sps_stream_put_data(stream, bytes, size, NULL));
}

static void wait_for(sps_stream *stream, size_t bytes) {
    size_t there = 0;
    WAIT_UNTIL((OK(sps_stream_get_available_bytes(stream, &there)), there >= bytes));
}

static void expect_bytes(sps_stream *stream, const void *expected, size_t size) {
    uint8_t *got = malloc(size + 1);
    size_t more = 99;
    OK(sps_stream_get_data(stream, got, size, NULL));
    ck_assert_mem_eq(got, expected, size);
    OK(sps_stream_get_available_bytes(stream, &more));
    ck_assert_uint_eq(more, 0);
    free(got);
}

// ---- The bytes

START_TEST(a_packet_is_its_length_and_its_bytes) {
    pair pair = connect_pair(_i % TRANSPORTS);
    const bool big_endian = _i >= TRANSPORTS; // which makes no difference
    OK(sps_stream_set_big_endian(pair.client, big_endian));
    OK(sps_stream_set_big_endian(pair.peer, big_endian));
    sps_packet_peer *client = make_packets(pair.client), *peer = make_packets(pair.peer);
    uint8_t large[0x1234];
    fill_pattern(large, sizeof large, 0);
    OK(sps_packet_peer_put_packet(client, "abc", 3));
    OK(sps_packet_peer_put_packet(client, large, sizeof large));
    wait_for(pair.peer, 7 + 4 + sizeof large);
    uint8_t prefix[11];
    OK(sps_stream_get_data(pair.peer, prefix, sizeof prefix, NULL));
    ck_assert_mem_eq(prefix, "\3\0\0\0abc\x34\x12\0\0", sizeof prefix);
    expect_bytes(pair.peer, large, sizeof large);
    send_bytes(pair.client, "\2\0\0\0hi\0\0\0\0\1\0\0\0x", 15);
    wait_for(pair.peer, 15);
    ck_assert_uint_eq(count_of(peer), 3);
    expect_packet(peer, "hi", 2);
    expect_packet(peer, NULL, 0);
    expect_packet(peer, "x", 1);
    expect_no_packet(peer);
    sps_packet_peer_destroy(client);
    sps_packet_peer_destroy(peer);
    close_pair(&pair);
}
END_TEST

// What Godot's put_var writes to a little-endian stream is what its put_var writes as a packet.
START_TEST(variants_are_godots_packets) {
    pair pair = connect_pair(TCP);
    sps_packet_peer *client = make_packets(pair.client), *peer = make_packets(pair.peer);
    FILE *file = fopen(FIXTURES "/godot-4.6-wire.jsonl", "r");
    ck_assert_ptr_nonnull(file);
    static char line[MIB];
    static uint8_t bytes[MIB];
    int rows = 0;
    while (fgets(line, sizeof line, file) != NULL) {
        json_t *row = parse_json(line);
        if (strcmp(json_string_value(json_object_get(row, "group")), "put_var") == 0) {
            const char *hex = json_string_value(json_object_get(row, "hex"));
            const size_t size = parse_hex(hex, bytes, sizeof bytes);
            OK(sps_packet_peer_put_var(client, bytes + 4, size - 4));
            expect_bytes(pair.peer, bytes, size);
            send_bytes(pair.client, bytes, size);
            wait_for(pair.peer, size);
            const uint8_t *value;
            size_t value_bytes;
            OK(sps_packet_peer_get_var(peer, &value, &value_bytes));
            ck_assert_uint_eq(value_bytes, size - 4);
            ck_assert_mem_eq(value, bytes + 4, value_bytes);
            rows++;
        }
        json_decref(row);
    }
    fclose(file);
    ck_assert_int_gt(rows, 80);
    sps_packet_peer_destroy(client);
    sps_packet_peer_destroy(peer);
    close_pair(&pair);
}
END_TEST

START_TEST(a_packet_lies_in_the_streams_memory) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    send_bytes(pair.peer, "\2\0\0\0hi\1\0\0\0x", 11);
    wait_for(pair.client, 11);
    const uint8_t *buffered, *data;
    size_t bytes;
    OK(sps_stream_peek(pair.client, 11, &buffered, &bytes));
    OK(sps_packet_peer_get_packet(packets, &data, &bytes));
    ck_assert_ptr_eq(data, buffered + 4);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

START_TEST(a_packet_that_is_cut_anywhere_is_whole_or_not_there) {
    static const char bytes[] = "\3\0\0\0abc\0\0\0\0\1\0\0\0z";
    static const struct {
        const char *text;
        size_t size, end;
    } packet[] = {{"abc", 3, 7}, {"", 0, 11}, {"z", 1, 16}};
    enum { SIZE = sizeof bytes - 1 };
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    for (size_t cut = 0; cut <= SIZE; cut++) {
        size_t whole = 0;
        while (whole < 3 && packet[whole].end <= cut) {
            whole++;
        }
        send_bytes(pair.peer, bytes, cut);
        wait_for(pair.client, cut);
        ck_assert_uint_eq(count_of(packets), whole);
        for (size_t i = 0; i < whole; i++) {
            expect_packet(packets, packet[i].text, packet[i].size);
        }
        expect_no_packet(packets);
        send_bytes(pair.peer, bytes + cut, SIZE - cut);
        wait_for(pair.client, SIZE - (whole > 0 ? packet[whole - 1].end : 0));
        ck_assert_uint_eq(count_of(packets), 3 - whole);
        for (size_t i = whole; i < 3; i++) {
            expect_packet(packets, packet[i].text, packet[i].size);
        }
        expect_no_packet(packets);
    }
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// ---- Counting

// A stream of the caller's own: an endless number of packets of one byte, or what is left of a text.
typedef struct source {
    const char *bytes;
    size_t size, read;
    size_t written;
    sps_error at_end;
} source;

static sps_error read_source(void *user_data, uint8_t *buffer, size_t count, size_t *out) {
    source *source = user_data;
    const size_t left = source->size - source->read;
    *out = count < left ? count : left;
    for (size_t i = 0; i < *out; i++, source->read++) {
        const uint8_t one = source->read % 5 == 0;
        buffer[i] = source->bytes != NULL ? (uint8_t)source->bytes[source->read] : one;
    }
    return *out == 0 ? source->at_end : SPS_OK;
}

static sps_error write_source(void *user_data, const uint8_t *data, size_t count, size_t *out) {
    (void)data;
    ((source *)user_data)->written += count;
    *out = count;
    return SPS_OK;
}

static sps_stream *open_source(source *source) {
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = read_source,
                                              .put_partial_data = write_source};
    sps_stream *stream = NULL;
    OK(sps_custom_create(&operations, source, NULL, &stream));
    return stream;
}

// Counted anew each time, these would take hours.
START_TEST(counting_before_each_packet_is_cheap) {
    enum { COUNT = 1000000 };
    source source = {.size = 5 * COUNT};
    sps_stream *stream = open_source(&source);
    sps_packet_peer *packets = make_packets(stream);
    OK(sps_packet_peer_set_input_buffer_max_size(packets, 8 * MIB));
    OK(sps_stream_set_write_batching(stream, true)); // answers gather meanwhile
    for (size_t left = COUNT; left > 0; left--) {
        size_t count, bytes;
        const uint8_t *data;
        OK(sps_packet_peer_get_available_packet_count(packets, &count));
        OK(sps_packet_peer_get_packet(packets, &data, &bytes));
        OK(sps_packet_peer_put_packet(packets, data, bytes));
        if (count != left || bytes != 1) { // an assertion of Check's costs more than all this
            ck_abort_msg("%zu packets, and one of %zu bytes, with %zu left", count, bytes, left);
        }
    }
    OK(sps_stream_flush(stream));
    ck_assert_uint_eq(source.written, source.size);
    expect_no_packet(packets);
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
}
END_TEST

// A hundred thousand bytes, and no more than a buffer of Godot's would hold.
START_TEST(a_count_reads_as_far_as_the_input_buffer) {
    source source = {.size = 100000};
    sps_stream *stream = open_source(&source);
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
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_get_reads_no_further_than_its_packet) {
    source source = {.size = 100};
    sps_stream *stream = open_source(&source);
    sps_packet_peer *packets = make_packets(stream);
    expect_packet(packets, "", 1);
    ck_assert_uint_eq(source.read, 5);
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
}
END_TEST

// Who waits for two packets must see the second.
START_TEST(a_count_that_is_repeated_reads_on) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    for (size_t i = 1; i < 5; i++) {
        send_bytes(pair.peer, "\1\0\0\0x", 5);
        WAIT_UNTIL(count_of(packets) == i);
    }
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

START_TEST(a_count_is_right_after_somebody_has_read) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    send_bytes(pair.peer, "\1\0\0\0a\2\0\0\0bb\3\0\0\0ccc", 18);
    wait_for(pair.client, 18);
    ck_assert_uint_eq(count_of(packets), 3);
    uint32_t length;
    OK(sps_stream_get_u32(pair.client, &length));
    OK(sps_stream_consume(pair.client, length));
    ck_assert_uint_eq(count_of(packets), 2);
    expect_packet(packets, "bb", 2);
    ck_assert_uint_eq(count_of(packets), 1);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// Other bytes may have come to lie where those were that were counted.
START_TEST(a_count_is_right_where_others_lay_before) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    uint8_t all[14];
    send_bytes(pair.peer, "\3\0\0\0abc\3\0\0\0def", sizeof all);
    wait_for(pair.client, sizeof all);
    ck_assert_uint_eq(count_of(packets), 2);
    OK(sps_stream_get_data(pair.client, all, sizeof all, NULL));
    send_bytes(pair.peer, "\1\0\0\0a\0\0\0\0\1\0\0\0b", sizeof all);
    wait_for(pair.client, sizeof all);
    OK(sps_socket_poll(pair.client));
    ck_assert_uint_eq(count_of(packets), 3);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

START_TEST(raw_bytes_and_packets_may_be_mixed) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    send_bytes(pair.peer, "\5\0\2\0\0\0hi\7\0\0\0\0\1\0", 15);
    wait_for(pair.client, 15);
    uint16_t number;
    uint8_t byte;
    OK(sps_stream_get_u16(pair.client, &number));
    ck_assert_uint_eq(number, 5);
    expect_packet(packets, "hi", 2);
    OK(sps_stream_get_u8(pair.client, &byte));
    ck_assert_uint_eq(byte, 7);
    expect_packet(packets, NULL, 0);
    expect_no_packet(packets); // nothing is consumed
    OK(sps_stream_get_u16(pair.client, &number));
    ck_assert_uint_eq(number, 1);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// ---- Anything in any order

enum { RANDOM_BYTES = 20000, RANDOM_STEPS = 5000 };

static uint32_t next_random(uint32_t *state) {
    *state = *state * 1664525 + 1013904223;
    return *state >> 16;
}

// How many packets are whole from an offset on, and where the first of them ends: 0 when there is none.
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

// A count tells of some that are there, and of all when it is asked again.
static void check_counts(sps_packet_peer *packets, size_t whole) {
    const size_t first = count_of(packets);
    ck_assert_uint_le(first, whole);
    ck_assert((first > 0) == (whole > 0));
    ck_assert_uint_eq(count_of(packets), whole);
}

// Takes a packet, if one is whole, and returns what follows it.
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

// Bytes of any meaning, most of them small lengths, come in pieces and are read in any way: what a plain model
// says is what happens.
START_TEST(anything_in_any_order_is_as_a_model_says) {
    static char bytes[RANDOM_BYTES];
    uint32_t random = (uint32_t)_i;
    for (size_t i = 0; i < sizeof bytes; i++) {
        bytes[i] = (char)(next_random(&random) % 10 == 0 ? next_random(&random) % 4 : 0);
    }
    source source = {.bytes = bytes};
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = read_source};
    const sps_stream_options options = {.struct_size = sizeof options,
                                        .read_buffer_bytes = (uint32_t)(_i % 3) * 50};
    sps_stream *stream;
    OK(sps_custom_create(&operations, &source, &options, &stream));
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
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
}
END_TEST

// ---- Limits

START_TEST(limits_are_godots) {
    sps_packet_peer *packets = NULL;
    uint32_t input, output, encode;
    OK(sps_packet_stream_create(NULL, &packets));
    OK(sps_packet_peer_get_input_buffer_max_size(packets, &input));
    OK(sps_packet_peer_get_output_buffer_max_size(packets, &output));
    OK(sps_packet_peer_get_encode_buffer_max_size(packets, &encode));
    ck_assert_uint_eq(input, 65536 - 4);
    ck_assert_uint_eq(output, 65536 - 4);
    ck_assert_uint_eq(encode, 8 * MIB);
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
        OK(sps_packet_peer_get_input_buffer_max_size(packets, &input));
        ck_assert_uint_eq(input, rounded[i][1]);
        OK(sps_packet_peer_set_output_buffer_max_size(packets, rounded[i][0]));
        OK(sps_packet_peer_get_output_buffer_max_size(packets, &output));
        ck_assert_uint_eq(output, rounded[i][1]);
    }
    static const uint32_t encoded[][2] = {
        {1024, 1024}, {1025, 2048}, {3 * MIB, 4 * MIB}, {256 * MIB, 256 * MIB}};
    for (size_t i = 0; i < sizeof encoded / sizeof encoded[0]; i++) {
        OK(sps_packet_peer_set_encode_buffer_max_size(packets, encoded[i][0]));
        OK(sps_packet_peer_get_encode_buffer_max_size(packets, &encode));
        ck_assert_uint_eq(encode, encoded[i][1]);
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
    uint32_t input, output, encode;
    OK(sps_packet_stream_create(&options, &packets));
    OK(sps_packet_peer_get_input_buffer_max_size(packets, &input));
    OK(sps_packet_peer_get_output_buffer_max_size(packets, &output));
    OK(sps_packet_peer_get_encode_buffer_max_size(packets, &encode));
    ck_assert_uint_eq(input, 124);
    ck_assert_uint_eq(output, 1020);
    ck_assert_uint_eq(encode, 2048);
    sps_packet_peer_destroy(packets);
}
END_TEST

// Godot's own receiver stalls at the largest packet that its sender sends.
START_TEST(the_largest_packet_comes_through) {
    pair pair = connect_pair(_i);
    sps_packet_peer *client = make_packets(pair.client), *peer = make_packets(pair.peer);
    static uint8_t bytes[DEFAULT_LIMIT + 1];
    fill_pattern(bytes, sizeof bytes, 0);
    OK(sps_stream_set_write_batching(pair.client, true)); // nobody reads while it is put
    IS(sps_packet_peer_put_packet(client, bytes, DEFAULT_LIMIT + 1), SPS_ERR_INVALID_PARAMETER);
    for (size_t size = DEFAULT_LIMIT - 3; size <= DEFAULT_LIMIT; size++) {
        OK(sps_packet_peer_put_packet(client, bytes, size));
        WAIT_UNTIL((sps_stream_flush(pair.client), count_of(peer)) == 1);
        expect_packet(peer, bytes, size);
    }
    expect_no_packet(peer);
    sps_packet_peer_destroy(client);
    sps_packet_peer_destroy(peer);
    close_pair(&pair);
}
END_TEST

START_TEST(what_is_too_large_to_put_is_refused) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    static const uint8_t bytes[4096];
    OK(sps_packet_peer_set_output_buffer_max_size(packets, 2044));
    OK(sps_packet_peer_set_encode_buffer_max_size(packets, 1024));
    IS(sps_packet_peer_put_packet(packets, bytes, 2045), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_put_packet(packets, bytes, SIZE_MAX), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_put_var(packets, bytes, 1025), SPS_ERR_OUT_OF_MEMORY);
    OK(sps_packet_peer_put_packet(packets, bytes, 0)); // as in Godot
    OK(sps_packet_peer_put_packet(packets, NULL, 0));
    OK(sps_packet_peer_set_encode_buffer_max_size(packets, 4096));
    IS(sps_packet_peer_put_var(packets, bytes, 2045), SPS_ERR_INVALID_PARAMETER);
    OK(sps_packet_peer_put_packet(packets, "x", 1));
    wait_for(pair.peer, 5);
    expect_bytes(pair.peer, "\1\0\0\0x", 5); // and nothing else
    OK(sps_packet_peer_set_encode_buffer_max_size(packets, 1024));
    OK(sps_packet_peer_put_var(packets, bytes, 1024)); // all that is allowed
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// The packets before it are taken first. Godot would wait for ever.
START_TEST(a_packet_above_the_limit_closes_the_stream) {
    pair pair = connect_pair(_i % TRANSPORTS);
    sps_packet_peer *packets = make_packets(pair.client);
    OK(sps_packet_peer_set_input_buffer_max_size(packets, 1020));
    send_bytes(pair.peer, "\1\0\0\0x\2\0\0\0yy", 11);
    if (_i / TRANSPORTS == 0) {
        send_bytes(pair.peer, "\xff\xff\xff\xff", 4);
    } else {
        send_bytes(pair.peer, "\xfd\3\0\0", 4); // 1021
    }
    wait_for(pair.client, 15);
    ck_assert_uint_eq(count_of(packets), 2);
    expect_packet(packets, "x", 1);
    expect_packet(packets, "yy", 2);
    if (_i / TRANSPORTS == 0) {
        size_t count = 99;
        IS(sps_packet_peer_get_available_packet_count(packets, &count), SPS_ERR_INVALID_DATA);
        ck_assert_uint_eq(count, 0);
        IS(sps_packet_peer_get_available_packet_count(packets, &count), SPS_FAILED);
    } else {
        IS(get_error(packets), SPS_ERR_INVALID_DATA);
    }
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_LIMIT);
    IS(get_error(packets), SPS_FAILED);
    WAIT_UNTIL(polled_status(pair.peer) != SPS_STATUS_CONNECTED);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// Somebody who sends what is no packet and goes away did send it.
START_TEST(the_limit_is_the_reason_on_a_broken_connection_too) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    send_bytes(pair.peer, "\xff\xff\xff\xff", 4);
    OK(sps_socket_disconnect(pair.peer));
    sps_error error = SPS_OK;
    WAIT_UNTIL((error = sps_packet_peer_put_packet(packets, "z", 1)) != SPS_OK);
    IS(error, SPS_FAILED);
    IS(get_error(packets), SPS_ERR_INVALID_DATA);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_LIMIT);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

START_TEST(a_stream_that_is_no_socket_ends_above_the_limit) {
    source source = {.bytes = "\1\0\0\0x\xff\xff\xff\xff\1\0\0\0x", .size = 14};
    sps_stream *stream = open_source(&source);
    sps_packet_peer *packets = make_packets(stream);
    expect_packet(packets, "x", 1);
    IS(get_error(packets), SPS_ERR_INVALID_DATA);
    IS(get_error(packets), SPS_FAILED);
    uint8_t byte;
    IS(sps_stream_get_u8(stream, &byte), SPS_FAILED);
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_limit_that_is_changed_holds_for_what_is_buffered) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    static uint8_t bytes[204] = "\xc8"; // 200
    send_bytes(pair.peer, "\4\0\0\0four", 8);
    send_bytes(pair.peer, bytes, sizeof bytes);
    wait_for(pair.client, 8 + sizeof bytes);
    ck_assert_uint_eq(count_of(packets), 2);
    OK(sps_packet_peer_set_input_buffer_max_size(packets, 100));
    ck_assert_uint_eq(count_of(packets), 1);
    expect_packet(packets, "four", 4);
    OK(sps_packet_peer_set_input_buffer_max_size(packets, 200));
    ck_assert_uint_eq(count_of(packets), 1);
    expect_packet(packets, bytes + 4, 200);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// ---- The end

START_TEST(packets_before_the_end_come_first) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    send_bytes(pair.peer, "\1\0\0\0x\2\0\0\0yy", 11);
    OK(sps_socket_disconnect(pair.peer));
    wait_for(pair.client, 11);
    OK(sps_socket_poll(pair.client)); // meets the end
    OK(sps_socket_poll(pair.client));
    ck_assert_uint_eq(count_of(packets), 2);
    expect_packet(packets, "x", 1);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_CONNECTED);
    expect_packet(packets, "yy", 2);
    expect_end(packets, pair.client, SPS_ERR_FILE_EOF, SPS_CLOSE_PEER_FINISHED);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// Cut in the length (first half of the loop) or in the body; met by a count or by a get.
START_TEST(a_part_of_a_packet_is_dropped_at_the_end) {
    pair pair = connect_pair(_i % TRANSPORTS);
    sps_packet_peer *packets = make_packets(pair.client);
    const size_t sent = (_i / TRANSPORTS) % 2 == 0 ? 2 : 6;
    send_bytes(pair.peer, "\1\0\0\0x", 5);
    send_bytes(pair.peer, "\3\0\0\0ab", sent);
    OK(sps_socket_shutdown_write(pair.peer));
    wait_for(pair.client, 5 + sent);
    expect_packet(packets, "x", 1);
    size_t count = 99;
    if (_i / TRANSPORTS < 2) {
        WAIT_UNTIL(sps_packet_peer_get_available_packet_count(packets, &count) == SPS_ERR_FILE_EOF);
        ck_assert_uint_eq(count, 0);
    } else {
        WAIT_UNTIL(get_error(packets) == SPS_ERR_FILE_EOF);
    }
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_PEER_FINISHED);
    IS(get_error(packets), SPS_FAILED);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

// A close with bytes unread is a reset, on either transport.
static void reset_by_peer(const pair *pair) {
    OK(sps_stream_put_u8(pair->client, 1));
    wait_for(pair->peer, 1);
    OK(sps_socket_disconnect(pair->peer));
}

START_TEST(packets_before_a_reset_come_first) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    send_bytes(pair.peer, "\1\0\0\0x\2\0\0\0yy\5\0\0", 14);
    wait_for(pair.client, 14);
    OK(sps_socket_poll(pair.client)); // what is not here may be lost in a reset
    reset_by_peer(&pair);
    ck_assert_uint_eq(count_of(packets), 2);
    expect_packet(packets, "x", 1);
    expect_packet(packets, "yy", 2);
    sps_error error = SPS_OK;
    WAIT_UNTIL((error = get_error(packets)) != SPS_ERR_UNAVAILABLE);
    IS(error, SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    expect_reason(pair.client, SPS_CLOSE_RESET);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

START_TEST(a_put_that_fails_loses_no_packet) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    send_bytes(pair.peer, "\1\0\0\0x\2\0\0\0yy", 11);
    OK(sps_socket_disconnect(pair.peer));
    sps_error error = SPS_OK;
    WAIT_UNTIL((error = sps_packet_peer_put_packet(packets, "z", 1)) != SPS_OK);
    IS(error, SPS_FAILED);
    expect_packet(packets, "x", 1);
    expect_packet(packets, "yy", 2);
    IS(get_error(packets), SPS_FAILED);
    ck_assert_int_eq(status_of(pair.client), SPS_STATUS_NONE);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
}
END_TEST

START_TEST(a_custom_stream_ends_as_its_operations_say) {
    static const sps_error ends[] = {SPS_ERR_FILE_EOF, SPS_ERR_FILE_CORRUPT};
    static const sps_error answers[] = {SPS_ERR_FILE_EOF, SPS_FAILED};
    source source = {.bytes = "\1\0\0\0x\1\0", .size = 7, .at_end = ends[_i]};
    sps_stream *stream = open_source(&source);
    sps_packet_peer *packets = make_packets(stream);
    ck_assert_uint_eq(count_of(packets), 1);
    expect_packet(packets, "x", 1);
    IS(get_error(packets), answers[_i]);
    IS(get_error(packets), SPS_FAILED);
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
}
END_TEST

// ---- Batches and pollers

START_TEST(a_batch_takes_whole_packets) {
    const sps_stream_options options = {.struct_size = sizeof options, .write_buffer_bytes = 1000};
    pair pair = connect_pair_with(_i, &options);
    sps_packet_peer *client = make_packets(pair.client), *peer = make_packets(pair.peer);
    OK(sps_stream_set_write_batching(pair.client, true));
    uint8_t bytes[997];
    IS(sps_packet_peer_put_packet(client, bytes, 997), SPS_ERR_PARAMETER_RANGE_ERROR);
    uint64_t put = 0, got = 0;
    sps_error error = SPS_OK;
    while (error == SPS_OK) { // until the OS takes no more either
        fill_pattern(bytes, 600, put);
        error = sps_packet_peer_put_packet(client, bytes, 600);
        put += error == SPS_OK ? 600 : 0;
    }
    IS(error, SPS_ERR_BUSY);
    while (got < put) {
        OK(sps_socket_poll(pair.client));
        while (count_of(peer) > 0) {
            const uint8_t *data;
            size_t size;
            OK(sps_packet_peer_get_packet(peer, &data, &size));
            ck_assert_uint_eq(size, 600);
            ck_assert(is_pattern(data, size, got));
            got += size;
        }
    }
    expect_no_packet(peer);
    sps_packet_peer_destroy(client);
    sps_packet_peer_destroy(peer);
    close_pair(&pair);
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

static sps_event next_event(sps_poller *poller) {
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(poller, &event) != SPS_OK) {
        size_t count;
        OK(sps_poller_wait(poller, 20000, &count));
        ck_assert_msg(count > 0, "no event came");
    }
    return event;
}

// Puts as many packets as there is room for.
static void put_what_goes(sps_packet_peer *packets, const uint8_t *bytes, const size_t *sizes,
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

// Larger than the read buffer, smaller, and many at once; each is counted, or is not, before it is taken.
START_TEST(packets_of_any_size_come_through_a_poller) {
    static const size_t sizes[] = {1, 300000, 4, 65536, 65532, 65531, 1000000, 1, 2, 3, 999999, 7};
    enum { COUNT = sizeof sizes / sizeof sizes[0] };
    const sps_stream_options options = {
        .struct_size = sizeof options, .read_buffer_bytes = 4096, .write_buffer_bytes = 2 * MIB};
    pair pair = connect_pair_with(_i % TRANSPORTS, &options);
    sps_packet_peer *client = make_packets(pair.client), *peer = make_packets(pair.peer);
    OK(sps_packet_peer_set_output_buffer_max_size(client, MIB));
    OK(sps_packet_peer_set_input_buffer_max_size(peer, MIB));
    sps_poller *poller = NULL;
    OK(sps_poller_create(NULL, &poller));
    OK(sps_poller_add(poller, pair.client, NULL));
    OK(sps_poller_add(poller, pair.peer, NULL));
    static uint8_t bytes[MIB];
    fill_pattern(bytes, sizeof bytes, 0);
    int put = 0, got = 0;
    put_what_goes(client, bytes, sizes, COUNT, &put);
    while (got < COUNT) {
        const sps_event event = next_event(poller);
        if (event.stream == pair.client) {
            put_what_goes(client, bytes, sizes, COUNT, &put);
            continue;
        }
        sps_error error = SPS_OK;
        while ((_i < TRANSPORTS || count_of(peer) > 0) && error == SPS_OK) {
            const uint8_t *data;
            size_t size;
            error = sps_packet_peer_get_packet(peer, &data, &size);
            if (error == SPS_OK) {
                ck_assert_uint_eq(size, sizes[got++]);
                ck_assert_mem_eq(data, bytes, size);
            } else {
                IS(error, SPS_ERR_UNAVAILABLE);
            }
        }
    }
    expect_no_packet(peer);
    sps_packet_peer_destroy(client);
    sps_packet_peer_destroy(peer);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

START_TEST(a_poller_tells_why_a_stream_closed) {
    pair pair = connect_pair(_i % TRANSPORTS);
    const bool too_large = _i / TRANSPORTS == 0;
    sps_packet_peer *packets = make_packets(pair.client);
    sps_poller *poller = NULL;
    OK(sps_poller_create(NULL, &poller));
    OK(sps_poller_add(poller, pair.client, NULL));
    if (too_large) {
        send_bytes(pair.peer, "\xff\xff\xff\xff", 4);
    } else {
        send_bytes(pair.peer, "\1\0\0", 3);
        OK(sps_socket_disconnect(pair.peer));
    }
    sps_event event;
    do {
        event = next_event(poller);
        size_t count;
        sps_packet_peer_get_available_packet_count(packets, &count);
        ck_assert_uint_eq(count, 0);
    } while (!(event.kinds & SPS_EVENT_CLOSED));
    ck_assert_int_eq(event.close_reason, too_large ? SPS_CLOSE_LIMIT : SPS_CLOSE_PEER_FINISHED);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
    sps_poller_destroy(poller);
}
END_TEST

// ---- Streams that are set

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

// A buffer may be written over: what was counted there is no more.
START_TEST(packets_in_a_buffer_are_what_it_holds_now) {
    sps_stream *buffer;
    OK(sps_buffer_create(NULL, &buffer));
    sps_packet_peer *packets = make_packets(buffer);
    expect_no_packet(packets);
    OK(sps_packet_peer_put_packet(packets, "one", 3));
    OK(sps_packet_peer_put_packet(packets, "two", 3));
    OK(sps_buffer_seek(buffer, 0));
    ck_assert_uint_eq(count_of(packets), 2);
    OK(sps_packet_peer_put_packet(packets, "0123456789", 10)); // as long as both
    OK(sps_buffer_seek(buffer, 0));
    const uint8_t *there;
    size_t size;
    OK(sps_stream_peek(buffer, 1, &there, &size)); // it is read where it was counted
    ck_assert_uint_eq(count_of(packets), 1);
    expect_packet(packets, "0123456789", 10);
    expect_no_packet(packets);
    OK(sps_stream_put_u16(buffer, 7)); // a part of a length
    OK(sps_buffer_seek(buffer, 0));
    ck_assert_uint_eq(count_of(packets), 1);
    ck_assert_uint_eq(count_of(packets), 1); // looks for more
    expect_packet(packets, "0123456789", 10);
    expect_no_packet(packets);
    size_t position;
    OK(sps_buffer_get_position(buffer, &position));
    ck_assert_uint_eq(position, 14);
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(buffer);
}
END_TEST

typedef union max_align {
    uint64_t integer;
    double real;
    void *pointer;
    char room[16];
} max_align;

// Gives the same memory to each who asks for the same in the same order.
typedef struct arena {
    max_align bytes[512];
    size_t used; // of them
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
    const sps_allocator allocator = {from_arena, arena};
    const sps_stream_options options = {.struct_size = sizeof options, .allocator = &allocator};
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = read_source};
    sps_stream *stream = NULL;
    arena->used = 0;
    OK(sps_custom_create(&operations, source, &options, &stream));
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
    IS(sps_packet_peer_put_var(packets, "x", 1), SPS_ERR_UNCONFIGURED);
    OK(sps_packet_peer_put_packet(packets, NULL, 0));
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
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(a_stream_that_cannot_be_read_has_none_now) {
    const sps_custom_operations nothing = {.struct_size = sizeof nothing};
    sps_stream *stream = NULL;
    OK(sps_custom_create(&nothing, NULL, NULL, &stream));
    sps_packet_peer *packets = make_packets(stream);
    expect_no_packet(packets);
    IS(sps_packet_peer_put_packet(packets, "x", 1), SPS_ERR_UNAVAILABLE);
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
}
END_TEST

START_TEST(the_last_error_of_a_get_is_kept) {
    pair pair = connect_pair(_i);
    sps_packet_peer *packets = make_packets(pair.client);
    const uint8_t *data;
    size_t bytes;
    sps_error last = SPS_FAILED;
    OK(sps_packet_peer_get_packet_error(packets, &last));
    IS(last, SPS_OK);
    IS(get_error(packets), SPS_ERR_UNAVAILABLE);
    OK(sps_packet_peer_put_packet(packets, "x", 1)); // and a count, change nothing
    ck_assert_uint_eq(count_of(packets), 0);
    OK(sps_packet_peer_get_packet_error(packets, &last));
    IS(last, SPS_ERR_UNAVAILABLE);
    send_bytes(pair.peer, "\0\0\0\0", 4);
    WAIT_UNTIL(sps_packet_peer_get_var(packets, &data, &bytes) == SPS_OK);
    OK(sps_packet_peer_get_packet_error(packets, &last));
    IS(last, SPS_OK);
    sps_packet_peer_destroy(packets);
    close_pair(&pair);
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

START_TEST(a_size_that_is_none_changes_nothing) {
    sps_packet_peer *packets = make_packets(NULL);
    static const uint32_t bad[] = {(1 << 30) - 3, INT32_MAX, (uint32_t)-1};
    uint32_t size;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        IS(sps_packet_peer_set_input_buffer_max_size(packets, bad[i]), SPS_ERR_INVALID_PARAMETER);
        IS(sps_packet_peer_set_output_buffer_max_size(packets, bad[i]), SPS_ERR_INVALID_PARAMETER);
    }
    IS(sps_packet_peer_set_encode_buffer_max_size(packets, 1023), SPS_ERR_INVALID_PARAMETER);
    IS(sps_packet_peer_set_encode_buffer_max_size(packets, 256 * MIB + 1),
       SPS_ERR_INVALID_PARAMETER);
    OK(sps_packet_peer_get_input_buffer_max_size(packets, &size));
    ck_assert_uint_eq(size, DEFAULT_LIMIT);
    OK(sps_packet_peer_get_output_buffer_max_size(packets, &size));
    ck_assert_uint_eq(size, DEFAULT_LIMIT);
    OK(sps_packet_peer_get_encode_buffer_max_size(packets, &size));
    ck_assert_uint_eq(size, 8 * MIB);
    sps_packet_peer_destroy(packets);
}
END_TEST

START_TEST(options_that_are_none_make_nothing) {
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

Suite *packets_suite(void) {
    Suite *suite = suite_create("packets");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, a_packet_is_its_length_and_its_bytes, 0, 2 * TRANSPORTS);
    tcase_add_test(all, variants_are_godots_packets);
    tcase_add_loop_test(all, a_packet_lies_in_the_streams_memory, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_packet_that_is_cut_anywhere_is_whole_or_not_there, 0, TRANSPORTS);
    tcase_add_test(all, counting_before_each_packet_is_cheap);
    tcase_add_test(all, a_count_reads_as_far_as_the_input_buffer);
    tcase_add_test(all, a_get_reads_no_further_than_its_packet);
    tcase_add_loop_test(all, a_count_that_is_repeated_reads_on, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_count_is_right_after_somebody_has_read, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_count_is_right_where_others_lay_before, 0, TRANSPORTS);
    tcase_add_loop_test(all, raw_bytes_and_packets_may_be_mixed, 0, TRANSPORTS);
    tcase_add_loop_test(all, anything_in_any_order_is_as_a_model_says, 0, 30);
    tcase_add_test(all, limits_are_godots);
    tcase_add_test(all, options_are_the_limits);
    tcase_add_loop_test(all, the_largest_packet_comes_through, 0, TRANSPORTS);
    tcase_add_loop_test(all, what_is_too_large_to_put_is_refused, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_packet_above_the_limit_closes_the_stream, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, the_limit_is_the_reason_on_a_broken_connection_too, 0, TRANSPORTS);
    tcase_add_test(all, a_stream_that_is_no_socket_ends_above_the_limit);
    tcase_add_loop_test(all, a_limit_that_is_changed_holds_for_what_is_buffered, 0, TRANSPORTS);
    tcase_add_loop_test(all, packets_before_the_end_come_first, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_part_of_a_packet_is_dropped_at_the_end, 0, 4 * TRANSPORTS);
    tcase_add_loop_test(all, packets_before_a_reset_come_first, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_put_that_fails_loses_no_packet, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_custom_stream_ends_as_its_operations_say, 0, 2);
    tcase_add_loop_test(all, a_batch_takes_whole_packets, 0, TRANSPORTS);
    tcase_add_test(all, packets_put_while_connecting_are_kept_in_a_batch);
    tcase_add_loop_test(all, packets_of_any_size_come_through_a_poller, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, a_poller_tells_why_a_stream_closed, 0, 2 * TRANSPORTS);
    tcase_add_loop_test(all, bytes_stay_in_their_stream, 0, TRANSPORTS);
    tcase_add_test(all, packets_in_a_buffer_are_what_it_holds_now);
    tcase_add_test(all, another_stream_in_the_same_place_is_another);
    tcase_add_test(all, without_a_stream_it_is_unconfigured);
    tcase_add_loop_test(all, a_stream_that_is_not_connected_has_no_packets, 0, TRANSPORTS);
    tcase_add_test(all, a_stream_that_cannot_be_read_has_none_now);
    tcase_add_loop_test(all, the_last_error_of_a_get_is_kept, 0, TRANSPORTS);
    tcase_add_test(all, null_is_an_invalid_parameter);
    tcase_add_test(all, a_size_that_is_none_changes_nothing);
    tcase_add_loop_test(all, options_that_are_none_make_nothing, 0, 4);
    return suite;
}
