// SPDX-License-Identifier: MIT
//
// Packets, Variants and lines: a message comes whole, as it was, once and in its turn, or not at all.
#include "faults/messages.h"

#include <string.h>

#include "faults/connection.h"
#include "faults/scenarios.h"

enum {
    MESSAGES = 6,
    MOST_MESSAGE = 24000, // far beyond what a stream's write buffer has
    MOST_VALUE = 65536,
};

// What says that nothing has happened may be called again.
#define REPEAT(call) ((call) == SPS_OK || (call) == SPS_OK)

// ---- What the messages are

// Small ones for the most part, none of them empty.
static size_t size_of_message(uint64_t n) {
    return n % 5 == 4 ? MOST_MESSAGE - (size_t)n : 1 + (size_t)(n * 97) % 3000;
}

static void fill_message(uint64_t n, uint8_t *out) {
    fill_pattern(out, size_of_message(n), n * MOST_MESSAGE);
}

static bool is_message(uint64_t n, const uint8_t *bytes, size_t size) {
    return size == size_of_message(n) && is_pattern(bytes, size, n * MOST_MESSAGE);
}

// An array of a dictionary, packed arrays and text; a failed write has written nothing, and can be made again.
static bool write_value(sps_variant_writer *writer, uint64_t n) {
    uint8_t bytes[MOST_MESSAGE];
    int32_t integers[500];
    static const char *const texts[] = {"one", "", "three"};
    static const size_t sizes[] = {3, 0, 5};
    const double corner[3] = {(double)n, 0.5, -1};
    fill_message(n, bytes);
    for (int32_t i = 0; i < 500; i++) {
        integers[i] = i * 7 + (int32_t)n;
    }
    return REPEAT(sps_variant_write_array(writer, 5, NULL)) &&
           REPEAT(sps_variant_write_dictionary(writer, 2, NULL, NULL)) &&
           REPEAT(sps_variant_write_string(writer, "bytes", 5)) &&
           REPEAT(sps_variant_write_packed(writer, SPS_VARIANT_PACKED_BYTE_ARRAY, bytes,
                                           (uint32_t)size_of_message(n))) &&
           REPEAT(sps_variant_write_int(writer, (int64_t)n)) &&
           REPEAT(sps_variant_write_array(writer, 1, NULL)) &&
           REPEAT(sps_variant_write_reals(writer, SPS_VARIANT_VECTOR3, corner)) &&
           REPEAT(
               sps_variant_write_packed(writer, SPS_VARIANT_PACKED_INT32_ARRAY, integers, 500)) &&
           REPEAT(sps_variant_write_packed_strings(writer, texts, sizes, 3)) &&
           REPEAT(sps_variant_write_node_path(writer, "/root/a:b", 9)) &&
           REPEAT(sps_variant_write_nil(writer));
}

// The same value without an allocation.
static size_t expected_value(uint64_t n, uint8_t *out) {
    sps_variant_writer writer = {.struct_size = sizeof writer};
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .buffer = out, .buffer_bytes = MOST_VALUE};
    const uint8_t *data;
    size_t size;
    EXPECT(sps_variant_writer_init(&writer, &options) == SPS_OK);
    EXPECT(write_value(&writer, n));
    EXPECT(sps_variant_writer_get_data(&writer, &data, &size) == SPS_OK);
    sps_variant_writer_destroy(&writer);
    return size;
}

// A writer whose memory may fail; false: it has.
static bool begin_value(sps_variant_writer *writer, uint64_t n) {
    const sps_variant_writer_options options = {.struct_size = sizeof options,
                                                .allocator = fault_allocator()};
    EXPECT(sps_variant_writer_init(writer, &options) == SPS_OK);
    return write_value(writer, n);
}

bool put_value(uint64_t n, value_taker take, void *where) {
    static uint8_t expected[MOST_VALUE];
    static sps_variant_writer writer = {.struct_size = sizeof writer};
    const uint8_t *data;
    size_t size;
    bool taken = false;
    if (begin_value(&writer, n)) {
        EXPECT(sps_variant_writer_get_data(&writer, &data, &size) == SPS_OK);
        EXPECT(size == expected_value(n, expected) && memcmp(data, expected, size) == 0);
        taken = take(where, data, size);
    } else {
        EXPECT(the_plan.struck > 0);
    }
    sps_variant_writer_destroy(&writer);
    return taken;
}

// What a reader hands out is written as it was.
bool is_value(uint64_t n, const uint8_t *data, size_t size) {
    static uint8_t expected[MOST_VALUE], again[MOST_VALUE];
    static sps_variant_writer writer = {.struct_size = sizeof writer};
    sps_variant_reader reader = {.struct_size = sizeof reader};
    sps_variant_item item = {.struct_size = sizeof item};
    const sps_variant_writer_options options = {
        .struct_size = sizeof options, .buffer = again, .buffer_bytes = sizeof again};
    const uint8_t *written;
    size_t written_bytes;
    EXPECT(sps_variant_reader_init(&reader, data, size, NULL) == SPS_OK);
    EXPECT(sps_variant_writer_init(&writer, &options) == SPS_OK);
    while (sps_variant_reader_next(&reader, &item) == SPS_OK) {
        EXPECT(sps_variant_write(&writer, &item) == SPS_OK);
    }
    EXPECT(sps_variant_reader_fault(&reader) == SPS_VARIANT_SOUND);
    EXPECT(sps_variant_writer_get_data(&writer, &written, &written_bytes) == SPS_OK);
    const bool is = size == expected_value(n, expected) && memcmp(data, expected, size) == 0 &&
                    size == written_bytes && memcmp(written, expected, size) == 0;
    sps_variant_writer_destroy(&writer);
    return is;
}

// ---- Packets

// Each third packet is a Variant.
static bool is_variant(uint64_t n) {
    return n % 3 == 2;
}

typedef struct sender {
    way *way;
    sps_packet_peer *peer;
} sender;

static bool note_put(way *way, sps_error error) {
    way->taken += error == SPS_OK;
    is_error(way, error);
    return error == SPS_OK;
}

static bool put_packet_var(void *where, const uint8_t *data, size_t size) {
    sender *sender = where;
    return note_put(sender->way, sps_packet_peer_put_var(sender->peer, data, size));
}

void put_next_packet(way *way, sps_packet_peer *peer) {
    uint8_t bytes[MOST_MESSAGE];
    const uint64_t n = way->taken;
    if (is_variant(n)) {
        put_value(n, put_packet_var, &(sender){way, peer});
    } else {
        fill_message(n, bytes);
        note_put(way, sps_packet_peer_put_packet(peer, bytes, size_of_message(n)));
    }
}

static bool take_packet(way *way, sps_packet_peer *peer) {
    const uint8_t *data = (const uint8_t *)"";
    size_t size = 1;
    sps_error last;
    const sps_error error = is_variant(way->got) ? sps_packet_peer_get_var(peer, &data, &size)
                                                 : sps_packet_peer_get_packet(peer, &data, &size);
    EXPECT(sps_packet_peer_get_packet_error(peer, &last) == SPS_OK && last == error);
    if (error != SPS_OK) {
        EXPECT(data == NULL && size == 0);
        is_error(way, error == SPS_ERR_UNAVAILABLE ? SPS_ERR_BUSY : error);
        return false;
    }
    EXPECT(way->got < way->taken);
    EXPECT(is_variant(way->got) ? is_value(way->got, data, size)
                                : is_message(way->got, data, size));
    way->got++;
    return true;
}

// Those that are counted are there.
bool take_packets(way *way, sps_packet_peer *peer) {
    size_t count;
    const sps_error error = sps_packet_peer_get_available_packet_count(peer, &count);
    EXPECT(error == SPS_OK || count == 0);
    EXPECT(way->got + count <= way->taken);
    is_error(way, error);
    for (size_t i = 0; i < count; i++) {
        EXPECT(take_packet(way, peer));
    }
    return error == SPS_OK && take_packet(way, peer);
}

// Until all have come, or somebody was told that they would not.
static void take_all_packets(way *way, sps_packet_peer *to, sps_stream *from, int patience) {
    for (int i = 0; i < patience && way->got < way->taken; i++) {
        if (!take_packets(way, to)) {
            if (way->told) {
                return;
            }
            is_error(way, sps_socket_poll(from));
            if (i > PATIENCE / 10) {
                pause_briefly();
            }
        }
    }
}

// What waits leaves first, which may take more than one call.
static void finish_writing(way *way, sps_stream *stream) {
    sps_error error = SPS_ERR_BUSY;
    for (int i = 0; i < PATIENCE && error == SPS_ERR_BUSY; i++) {
        error = sps_socket_shutdown_write(stream);
    }
    is_error(way, error);
}

// Both directions, then the client finishes: what it has put comes before the end.
static void exchange_packets(connection *connection, sps_packet_peer *peers[2]) {
    way *there = &connection->there, *back = &connection->back;
    EXPECT(sps_packet_peer_set_stream(peers[0], connection->client) == SPS_OK);
    EXPECT(sps_packet_peer_set_stream(peers[1], connection->peer) == SPS_OK);
    for (int i = 0; i < MESSAGES && !there->told && !back->told; i++) {
        put_next_packet(there, peers[0]);
        put_next_packet(back, peers[1]);
        if (i % 3 != 0) { // or they gather
            take_all_packets(there, peers[1], connection->client, PATIENCE / 2);
            take_all_packets(back, peers[0], connection->peer, PATIENCE / 2);
        }
    }
    take_all_packets(back, peers[0], connection->peer, 8 * PATIENCE);
    put_next_packet(there, peers[0]);
    finish_writing(there, connection->client);
    take_all_packets(there, peers[1], connection->client, 8 * PATIENCE);
    there->told = there->told || !is_open(connection->client);
    back->told = back->told || !is_open(connection->peer);
    if (!there->told) { // the end is told behind the last packet, and once
        for (int i = 0; i < 8 * PATIENCE && !there->told; i++) {
            EXPECT(!take_packets(there, peers[1]));
            is_error(there, sps_socket_poll(connection->client));
            pause_briefly();
        }
        EXPECT(there->told);
    }
}

// After a close the same packet peers go on over the next connection.
static bool connect_again(connection *connection) {
    check_stream(connection->client);
    check_stream(connection->peer);
    sps_stream_destroy(connection->peer);
    connection->peer = NULL;
    connection->there = connection->back = (way){0, 0, false};
    return connect_client(connection) && join(connection);
}

static void packets(transport transport, bool batched) {
    const sps_packet_options options = {.struct_size = sizeof options,
                                        .allocator = fault_allocator()};
    sps_stream_options of_streams = stream_options();
    of_streams.write_buffer_bytes = batched ? 4 * MOST_MESSAGE : of_streams.write_buffer_bytes;
    sps_packet_peer *peers[2] = {NULL, NULL};
    connection connection;
    if (make_connection_with(&connection, transport, &of_streams) &&
        sps_packet_stream_create(&options, &peers[0]) == SPS_OK &&
        sps_packet_stream_create(&options, &peers[1]) == SPS_OK &&
        begin_to_connect(&connection, transport) && join(&connection)) {
        is_error(&connection.there, sps_stream_set_write_batching(connection.client, batched));
        exchange_packets(&connection, peers);
        if (connect_again(&connection)) {
            exchange_packets(&connection, peers);
        }
    }
    end_connection(&connection);
    sps_packet_peer_destroy(peers[0]);
    sps_packet_peer_destroy(peers[1]);
}

static void packets_at_once(transport transport) {
    packets(transport, false);
}

static void packets_batched(transport transport) {
    packets(transport, true);
}

// ---- Variants

typedef struct target {
    way *way;
    sps_stream *stream;
} target;

static bool put_stream_var(void *where, const uint8_t *data, size_t size) {
    target *target = where;
    return note_put(target->way, sps_stream_put_var(target->stream, data, size));
}

bool put_next_var(way *way, sps_stream *stream) {
    return put_value(way->taken, put_stream_var, &(target){way, stream});
}

// With or without waiting; false: it is not there, and nothing was taken.
bool take_var(way *way, sps_stream *stream, bool waits) {
    const uint8_t *data = (const uint8_t *)"";
    size_t size = 1;
    const sps_error error = waits ? sps_stream_get_var(stream, &data, &size)
                                  : sps_stream_try_get_var(stream, &data, &size);
    if (error != SPS_OK) {
        EXPECT(data == NULL && size == 0);
        is_error(way, error);
        return false;
    }
    EXPECT(way->got < way->taken);
    EXPECT(is_value(way->got, data, size));
    way->got++;
    return true;
}

static void take_all_vars(way *way, sps_stream *to, sps_stream *from) {
    for (int i = 0; i < 8 * PATIENCE && way->got < way->taken; i++) {
        is_error(way, sps_socket_poll(from));
        if (!take_var(way, to, false)) {
            if (way->told) {
                return;
            }
            if (i > PATIENCE / 10) {
                pause_briefly();
            }
        }
    }
}

static void variants(transport transport) {
    connection connection;
    if (establish(&connection, transport)) {
        way *there = &connection.there, *back = &connection.back;
        for (int i = 0; i < MESSAGES / 2 && !there->told && !back->told; i++) {
            put_next_var(there, connection.client);
            put_next_var(there, connection.client);
            put_next_var(back, connection.peer);
            if (there->taken > there->got && !take_var(there, connection.peer, true)) {
                there->told = there->told || the_plan.struck > 0;
            }
            take_all_vars(there, connection.peer, connection.client);
            take_all_vars(back, connection.client, connection.peer);
        }
        there->told = there->told || !is_open(connection.client) || !is_open(connection.peer);
        back->told = back->told || there->told;
    }
    end_connection(&connection);
}

// ---- Lines

static size_t fill_line(uint64_t n, char *out) {
    size_t size = n % 5 == 4 ? 9000 : (size_t)(n * 61) % 500;
    for (size_t i = 0; i < size; i++) {
        out[i] = (char)('a' + (n + i) % 26);
    }
    return size;
}

// Every other line ends as others end theirs; each third is up to its own mark.
static const char *ending_of(uint64_t n) {
    return n % 3 == 2 ? "\r\n--\r\n" : n % 2 == 0 ? "\n" : "\r\n";
}

bool put_next_line(way *way, sps_stream *stream) {
    char text[9100];
    const char *ending = ending_of(way->taken);
    const size_t size = fill_line(way->taken, text);
    memcpy(text + size, ending, strlen(ending));
    return note_put(way, sps_stream_put_text(stream, text, size + strlen(ending)));
}

bool take_line(way *way, sps_stream *stream, bool waits) {
    char expected[9100];
    const char *text = "";
    size_t size = 1;
    const char *mark = ending_of(way->got);
    sps_error error;
    if (way->got % 3 == 2) {
        const uint8_t *data;
        error = waits ? sps_stream_get_until(stream, mark, strlen(mark), 0, &data, &size)
                      : sps_stream_try_get_until(stream, mark, strlen(mark), 0, &data, &size);
        text = (const char *)data;
    } else {
        error = waits ? sps_stream_get_line(stream, 0, &text, &size)
                      : sps_stream_try_get_line(stream, 0, &text, &size);
    }
    if (error != SPS_OK) {
        EXPECT(text == NULL && size == 0);
        is_error(way, error);
        return false;
    }
    EXPECT(way->got < way->taken);
    EXPECT(size == fill_line(way->got, expected) && memcmp(text, expected, size) == 0);
    way->got++;
    return true;
}

static void lines(transport transport) {
    connection connection;
    if (establish(&connection, transport)) {
        way *there = &connection.there;
        for (int i = 0; i < MESSAGES && !there->told; i++) {
            put_next_line(there, connection.client);
            put_next_line(there, connection.client);
            if (there->got < there->taken) {
                take_line(there, connection.peer, true);
            }
            for (int tries = 0; tries < 8 * PATIENCE && there->got < there->taken && !there->told;
                 tries++) {
                is_error(there, sps_socket_poll(connection.client));
                take_line(there, connection.peer, false);
            }
        }
        there->told = there->told || !is_open(connection.client) || !is_open(connection.peer);
    }
    end_connection(&connection);
}

const scenario message_scenarios[] = {{"tcp packets", packets_at_once, TCP},
                                      {"uds packets", packets_at_once, UDS},
                                      {"tcp packets, batched", packets_batched, TCP},
                                      {"uds packets, batched", packets_batched, UDS},
                                      {"tcp Variants", variants, TCP},
                                      {"uds Variants", variants, UDS},
                                      {"tcp lines", lines, TCP},
                                      {"uds lines", lines, UDS},
                                      {NULL, NULL, TCP}};
