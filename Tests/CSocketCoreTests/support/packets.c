// SPDX-License-Identifier: MIT
#include "support/packets.h"

#include <stdlib.h>
#include <string.h>

sps_packet_peer *make_packets(sps_stream *stream) {
    sps_packet_peer *packets = NULL;
    OK(sps_packet_stream_create(NULL, &packets));
    OK(sps_packet_peer_set_stream(packets, stream));
    return packets;
}

void destroy_with_stream(sps_packet_peer *packets) {
    sps_stream *stream = NULL;
    OK(sps_packet_peer_get_stream(packets, &stream));
    sps_packet_peer_destroy(packets);
    sps_stream_destroy(stream);
}

packet_pair connect_packets_with(transport transport, const sps_stream_options *options) {
    const pair connection = connect_pair_with(transport, options);
    return (packet_pair){
        .connection = connection,
        .client = connection.client,
        .peer = connection.peer,
        .packets = make_packets(connection.client),
        .peer_packets = make_packets(connection.peer),
    };
}

packet_pair connect_packets(transport transport) {
    return connect_packets_with(transport, NULL);
}

void close_packets(packet_pair *pair) {
    sps_packet_peer_destroy(pair->packets);
    sps_packet_peer_destroy(pair->peer_packets);
    close_pair(&pair->connection);
}

// ---- Packets

size_t count_of(sps_packet_peer *packets) {
    size_t count = 99;
    OK(sps_packet_peer_get_available_packet_count(packets, &count));
    return count;
}

sps_error get_error(sps_packet_peer *packets) {
    const uint8_t *data = (const uint8_t *)"";
    size_t bytes = 99;
    const sps_error error = sps_packet_peer_get_packet(packets, &data, &bytes);
    if (error != SPS_OK) {
        ck_assert_ptr_null(data);
        ck_assert_uint_eq(bytes, 0);
    }
    return error;
}

void expect_packet(sps_packet_peer *packets, const void *expected, size_t size) {
    const uint8_t *data = NULL;
    size_t bytes = 99;
    OK(sps_packet_peer_get_packet(packets, &data, &bytes));
    ck_assert_uint_eq(bytes, size);
    ck_assert_ptr_nonnull(data);
    ck_assert(size == 0 || memcmp(data, expected, size) == 0);
}

void expect_no_packet(sps_packet_peer *packets) {
    ck_assert_uint_eq(count_of(packets), 0);
    IS(get_error(packets), SPS_ERR_UNAVAILABLE);
}

void expect_ended(const packet_pair *pair, sps_close_reason reason) {
    ck_assert_int_eq(status_of(pair->client), SPS_STATUS_NONE);
    expect_reason(pair->client, reason);
    IS(get_error(pair->packets), SPS_FAILED); // not connected
}

// ---- Bytes

void send_bytes(sps_stream *stream, const void *bytes, size_t size) {
    OK(sps_stream_put_data(stream, bytes, size, NULL));
}

void wait_for(sps_stream *stream, size_t bytes) {
    size_t there = 0;
    WAIT_UNTIL((OK(sps_stream_get_available_bytes(stream, &there)), there >= bytes));
}

void expect_bytes(sps_stream *stream, const void *expected, size_t size) {
    uint8_t *got = malloc(size + 1);
    size_t more = 99;
    OK(sps_stream_get_data(stream, got, size, NULL));
    ck_assert_mem_eq(got, expected, size);
    OK(sps_stream_get_available_bytes(stream, &more));
    ck_assert_uint_eq(more, 0);
    free(got);
}

// ---- A source

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

sps_stream *open_source(source *source, const sps_stream_options *options) {
    const sps_custom_operations operations = {.struct_size = sizeof operations,
                                              .get_partial_data = read_source,
                                              .put_partial_data = write_source};
    sps_stream *stream = NULL;
    OK(sps_custom_create(&operations, source, options, &stream));
    return stream;
}
