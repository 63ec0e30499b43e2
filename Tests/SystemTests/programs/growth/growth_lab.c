// SPDX-License-Identifier: MIT
//
// Work of a given size, whose cost another program counts: growth_lab CASE SIZE. The cost of the
// setup is also proportional to the size.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lab.h"

// ---- A stream whose bytes arrive one at a time

typedef struct source {
    const uint8_t *data;
    size_t size;
    size_t at;
    size_t arrived; // the bytes that the stream may read
} source;

static sps_error give(void *user_data, uint8_t *buffer, size_t byte_count, size_t *out_received) {
    source *source = user_data;
    const size_t left = source->arrived - source->at;
    *out_received = left < byte_count ? left : byte_count;
    memcpy(buffer, source->data + source->at, *out_received);
    source->at += *out_received;
    return SPS_OK;
}

static sps_stream *stream_of(source *source) {
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = give};
    const sps_stream_options options = {.struct_size = sizeof options, .max_value_bytes = 1 << 30};
    sps_stream *stream;
    EXPECT_OK(sps_custom_create(&operations, source, &options, &stream));
    return stream;
}

typedef sps_error (*attempt)(sps_stream *stream);

// Nine tenths come at once. Then bytes come one at a time, and after each one the caller tries the
// whole get.
static void drip(const uint8_t *data, size_t size, sps_error meanwhile, attempt attempt) {
    source source = {data, size, 0, size - size / 10};
    sps_stream *stream = stream_of(&source);
    while (source.arrived < size) {
        const sps_error error = attempt(stream);
        EXPECT(error == meanwhile, "%s", sps_error_name(error));
        source.arrived++;
    }
    EXPECT_OK(attempt(stream));
    sps_stream_destroy(stream);
}

static uint8_t *filled(size_t size, char byte) {
    uint8_t *data = malloc(size + 8);
    EXPECT(data != NULL, "no memory");
    memset(data, byte, size + 8);
    return data;
}

static sps_error try_line(sps_stream *stream) {
    const char *text;
    size_t bytes;
    return sps_stream_try_get_line(stream, 0, &text, &bytes);
}

static void line_drips(size_t size) {
    uint8_t *data = filled(size, 'a');
    data[size - 1] = '\n';
    drip(data, size, SPS_ERR_BUSY, try_line);
    free(data);
}

static sps_error try_head(sps_stream *stream) {
    const uint8_t *data;
    size_t bytes;
    return sps_stream_try_get_until(stream, "\r\n\r\n", 4, 0, &data, &bytes);
}

// Each byte could begin the delimiter.
static void until_drips(size_t size) {
    uint8_t *data = filled(size, '\r');
    memcpy(data + size - 3, "\n\r\n", 3);
    drip(data, size, SPS_ERR_BUSY, try_head);
    free(data);
}

static const char boundary[] = "\r\n--a boundary that is about as long as they come in mail--\r\n";

static sps_error try_part(sps_stream *stream) {
    const uint8_t *data;
    size_t bytes;
    return sps_stream_try_get_until(stream, boundary, sizeof boundary - 1, 0, &data, &bytes);
}

static void part_drips(size_t size) {
    uint8_t *data = filled(size, '-');
    memcpy(data + size - (sizeof boundary - 1), boundary, sizeof boundary - 1);
    drip(data, size, SPS_ERR_BUSY, try_part);
    free(data);
}

// A u32 with `size`, and then the bytes.
static uint8_t *prefixed(size_t size, char byte) {
    uint8_t *data = filled(size + 4, byte);
    for (unsigned i = 0; i < 4; i++) {
        data[i] = (uint8_t)(size >> 8 * i);
    }
    return data;
}

static void prefixed_drips(size_t size, sps_error meanwhile, attempt attempt) {
    uint8_t *data = prefixed(size, 'a');
    drip(data, size + 4, meanwhile, attempt);
    free(data);
}

static sps_error try_string(sps_stream *stream) {
    const char *text;
    size_t bytes;
    return sps_stream_try_get_string(stream, SPS_LENGTH_PREFIXED, &text, &bytes);
}

static void string_drips(size_t size) {
    prefixed_drips(size, SPS_ERR_BUSY, try_string);
}

static sps_error try_utf8(sps_stream *stream) {
    const char *text;
    size_t bytes;
    return sps_stream_try_get_utf8_string(stream, SPS_LENGTH_PREFIXED, &text, &bytes);
}

static void utf8_drips(size_t size) {
    prefixed_drips(size, SPS_ERR_BUSY, try_utf8);
}

static sps_error try_var(sps_stream *stream) {
    const uint8_t *value;
    size_t bytes;
    return sps_stream_try_get_var(stream, &value, &bytes);
}

static void var_drips(size_t size) {
    prefixed_drips(size, SPS_ERR_BUSY, try_var);
}

static size_t wanted;

static sps_error try_peek(sps_stream *stream) {
    const uint8_t *data;
    size_t bytes;
    const sps_error error = sps_stream_peek(stream, wanted, &data, &bytes);
    return error == SPS_OK && bytes < wanted ? SPS_ERR_BUSY : error;
}

static void peek_drips(size_t size) {
    uint8_t *data = filled(size, 'a');
    wanted = size;
    drip(data, size, SPS_ERR_BUSY, try_peek);
    free(data);
}

// ---- Packets

static sps_packet_peer *packets;

static sps_packet_peer *new_packets(void) {
    const sps_packet_options options = {.struct_size = sizeof options,
                                        .input_buffer_max_bytes = 1 << 24};
    sps_packet_peer *peer;
    EXPECT_OK(sps_packet_stream_create(&options, &peer));
    return peer;
}

static sps_error try_packet(sps_stream *stream) {
    const uint8_t *data;
    size_t bytes, count;
    EXPECT_OK(sps_packet_peer_set_stream(packets, stream));
    EXPECT_OK(sps_packet_peer_get_available_packet_count(packets, &count));
    return sps_packet_peer_get_packet(packets, &data, &bytes);
}

static void packet_drips(size_t size) {
    packets = new_packets();
    prefixed_drips(size, SPS_ERR_UNAVAILABLE, try_packet);
    sps_packet_peer_destroy(packets);
}

// All packets are there. Each one is counted and taken.
static void packets_are_taken(size_t size) {
    uint8_t *data = filled(8 * size, 0);
    for (size_t i = 0; i < size; i++) {
        data[8 * i] = 4;
    }
    source source = {data, 8 * size, 0, 8 * size};
    sps_stream *stream = stream_of(&source);
    sps_packet_peer *peer = new_packets();
    EXPECT_OK(sps_packet_peer_set_stream(peer, stream));
    for (size_t i = 0; i < size; i++) {
        size_t count, bytes;
        const uint8_t *packet;
        EXPECT_OK(sps_packet_peer_get_available_packet_count(peer, &count));
        EXPECT_OK(sps_packet_peer_get_packet(peer, &packet, &bytes));
    }
    sps_packet_peer_destroy(peer);
    sps_stream_destroy(stream);
    free(data);
}

// ---- Many values

static void lines_are_taken(size_t size) {
    uint8_t *data = filled(size, '\n');
    source source = {data, size, 0, size};
    sps_stream *stream = stream_of(&source);
    for (size_t i = 0; i < size; i++) {
        EXPECT_OK(try_line(stream));
    }
    sps_stream_destroy(stream);
    free(data);
}

static void buffer_grows(size_t size) {
    sps_stream *buffer;
    EXPECT_OK(sps_buffer_create(NULL, &buffer));
    for (size_t i = 0; i < size; i++) {
        EXPECT_OK(sps_stream_put_u32(buffer, 7));
        if (i % 2 == 0) { // a get closes the puts' window
            uint32_t value;
            EXPECT_OK(sps_buffer_seek(buffer, 4 * i));
            EXPECT_OK(sps_stream_get_u32(buffer, &value));
        }
    }
    sps_stream_destroy(buffer);
}

static void text_is_put(size_t size) {
    char *text = malloc(2 * size);
    EXPECT(text != NULL, "no memory");
    for (size_t i = 0; i < size; i++) {
        memcpy(text + 2 * i, "\xc3\xa9", 2);
    }
    sps_stream *buffer;
    EXPECT_OK(sps_buffer_create(NULL, &buffer));
    EXPECT_OK(sps_stream_put_string(buffer, text, 2 * size));
    EXPECT_OK(sps_stream_put_utf8_string(buffer, text, 2 * size));
    sps_stream_destroy(buffer);
    free(text);
}

// ---- Variants

static void read_all(const uint8_t *data, size_t bytes) {
    sps_variant_reader reader;
    reader.struct_size = sizeof reader;
    sps_variant_item item = {.struct_size = sizeof item};
    EXPECT_OK(sps_variant_reader_init(&reader, data, bytes, NULL));
    sps_error error;
    while ((error = sps_variant_reader_next(&reader, &item)) == SPS_OK) {
    }
    EXPECT(error == SPS_ERR_FILE_EOF, "%s", sps_error_name(error));
}

static void read_written(sps_variant_writer *writer) {
    const uint8_t *data;
    size_t bytes;
    EXPECT_OK(sps_variant_writer_get_data(writer, &data, &bytes));
    read_all(data, bytes);
    sps_variant_writer_destroy(writer);
}

static sps_variant_writer *new_writer(void) {
    static sps_variant_writer writer;
    writer.struct_size = sizeof writer;
    const sps_variant_writer_options options = {.struct_size = sizeof options,
                                                .max_bytes = 1 << 30};
    EXPECT_OK(sps_variant_writer_init(&writer, &options));
    return &writer;
}

static void arrays_are_written_and_read(size_t size) {
    sps_variant_writer *writer = new_writer();
    EXPECT_OK(sps_variant_write_array(writer, (uint32_t)size, NULL));
    for (size_t i = 0; i < size; i++) {
        EXPECT_OK(sps_variant_write_array(writer, 1, NULL));
        EXPECT_OK(sps_variant_write_int(writer, (int64_t)i));
    }
    read_written(writer);
}

static void dictionaries_are_written_and_read(size_t size) {
    sps_variant_writer *writer = new_writer();
    EXPECT_OK(sps_variant_write_dictionary(writer, (uint32_t)size, NULL, NULL));
    for (size_t i = 0; i < size; i++) {
        EXPECT_OK(sps_variant_write_int(writer, (int64_t)i));
        EXPECT_OK(sps_variant_write_string(writer, "value", 5));
    }
    read_written(writer);
}

static void texts_are_written_and_read(size_t size) {
    sps_variant_writer *writer = new_writer();
    uint8_t *text = filled(size, 'a');
    EXPECT_OK(sps_variant_write_string(writer, (const char *)text, size));
    free(text);
    read_written(writer);
}

static void packed_strings_are_read(size_t size) {
    const char **texts = malloc(size * sizeof *texts);
    size_t *lengths = malloc(size * sizeof *lengths);
    EXPECT(texts != NULL && lengths != NULL, "no memory");
    for (size_t i = 0; i < size; i++) {
        texts[i] = "text";
        lengths[i] = 4;
    }
    sps_variant_writer *writer = new_writer();
    EXPECT_OK(sps_variant_write_packed_strings(writer, texts, lengths, (uint32_t)size));
    const uint8_t *data;
    size_t bytes, position = 0, length;
    const char *text;
    EXPECT_OK(sps_variant_writer_get_data(writer, &data, &bytes));
    sps_variant_reader reader;
    reader.struct_size = sizeof reader;
    sps_variant_item item = {.struct_size = sizeof item};
    EXPECT_OK(sps_variant_reader_init(&reader, data, bytes, NULL));
    EXPECT_OK(sps_variant_reader_next(&reader, &item));
    while (sps_variant_next_string(&item, &position, &text, &length) == SPS_OK) {
    }
    sps_variant_writer_destroy(writer);
    free(texts);
    free(lengths);
}

// ---- Pollers

typedef struct crowd {
    sps_poller *poller;
    size_t size;
    sps_stream **streams;
    int *peers;
} crowd;

static crowd gather(size_t size) {
    crowd crowd = {.size = size};
    crowd.streams = calloc(size, sizeof *crowd.streams);
    crowd.peers = calloc(size, sizeof *crowd.peers);
    EXPECT(crowd.streams != NULL && crowd.peers != NULL, "no memory");
    EXPECT_OK(sps_poller_create(NULL, &crowd.poller));
    const sps_stream_options options = {.struct_size = sizeof options, .idle_timeout_ms = 600000};
    for (size_t i = 0; i < size; i++) {
        int fds[2];
        EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
        EXPECT_OK(sps_uds_create(&options, &crowd.streams[i]));
        EXPECT_OK(sps_uds_adopt_fd(crowd.streams[i], fds[0]));
        EXPECT_OK(sps_poller_add(crowd.poller, crowd.streams[i], NULL));
        crowd.peers[i] = fds[1];
    }
    return crowd;
}

// Removes every second one first.
static void disperse(crowd *crowd) {
    for (size_t first = 0; first < 2; first++) {
        for (size_t i = first; i < crowd->size; i += 2) {
            sps_stream_destroy(crowd->streams[i]);
            close(crowd->peers[i]);
        }
    }
    sps_poller_destroy(crowd->poller);
    free(crowd->streams);
    free(crowd->peers);
}

static size_t serve(const crowd *crowd) {
    size_t reported = 0;
    sps_event event = {.struct_size = sizeof event};
    EXPECT_OK(sps_poller_wait(crowd->poller, 0, NULL));
    while (sps_poller_next_event(crowd->poller, &event) == SPS_OK) {
        uint8_t value;
        while (sps_stream_try_get_u8(event.stream, &value) == SPS_OK) {
        }
        EXPECT_OK(sps_stream_put_u8(event.stream, 1));
        reported++;
    }
    return reported;
}

static void members_come_and_go(size_t size) {
    crowd crowd = gather(size);
    disperse(&crowd);
}

static void members_are_served(size_t size) {
    crowd crowd = gather(size);
    for (int frame = 0; frame < 3; frame++) {
        for (size_t i = 0; i < size; i++) {
            EXPECT(write(crowd.peers[i], "x", 1) == 1, "write");
        }
        EXPECT(serve(&crowd) == size, "each is reported");
    }
    disperse(&crowd);
}

// The same line, through a poller.
static void line_drips_in_a_poller(size_t size) {
    crowd crowd = gather(1);
    uint8_t *data = filled(size, 'a');
    size_t sent = 0;
    while (sent < size) {
        const size_t bulk = size - size / 10 - sent;
        const size_t count = sent < size - size / 10 ? (bulk < 4096 ? bulk : 4096) : 1;
        EXPECT(write(crowd.peers[0], data + sent, count) == (ssize_t)count, "write");
        sent += count;
        EXPECT_OK(sps_poller_wait(crowd.poller, 0, NULL));
        sps_event event = {.struct_size = sizeof event};
        while (sps_poller_next_event(crowd.poller, &event) == SPS_OK) {
            const sps_error error = try_line(event.stream);
            EXPECT(error == SPS_ERR_BUSY, "%s", sps_error_name(error));
        }
    }
    free(data);
    disperse(&crowd);
}

static void nothing(size_t size) {
    (void)size;
}

static const struct {
    const char *name;
    void (*run)(size_t size);
} cases[] = {
#define CASE(name)                                                                                 \
    { #name, name }
    CASE(nothing),
    CASE(line_drips),
    CASE(line_drips_in_a_poller),
    CASE(until_drips),
    CASE(part_drips),
    CASE(string_drips),
    CASE(utf8_drips),
    CASE(var_drips),
    CASE(peek_drips),
    CASE(packet_drips),
    CASE(packets_are_taken),
    CASE(lines_are_taken),
    CASE(buffer_grows),
    CASE(text_is_put),
    CASE(arrays_are_written_and_read),
    CASE(dictionaries_are_written_and_read),
    CASE(texts_are_written_and_read),
    CASE(packed_strings_are_read),
    CASE(members_come_and_go),
    CASE(members_are_served),
};

int main(int argc, char **argv) {
    EXPECT(argc == 3, "usage: growth_lab CASE SIZE");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(argv[1], cases[i].name) == 0) {
            cases[i].run(number(argv[2]));
            return EXIT_SUCCESS;
        }
    }
    EXPECT(false, "no case '%s'", argv[1]);
    return EXIT_FAILURE;
}
