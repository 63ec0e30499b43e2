// SPDX-License-Identifier: MIT
//
// Shared by the tests of packets: a pair with packet peers over both streams, a source of bytes,
// and checks.
#ifndef PACKET_SUPPORT_H
#define PACKET_SUPPORT_H

#include "support/support.h"

enum { MIB = 1 << 20 };

sps_packet_peer *make_packets(sps_stream *stream);

// Also destroys the stream below.
void destroy_with_stream(sps_packet_peer *packets);

// A pair, with a packet peer over each stream.
typedef struct packet_pair {
    pair connection;
    sps_stream *client, *peer;               // the streams of the connection
    sps_packet_peer *packets, *peer_packets; // the client's, and the peer's
} packet_pair;

packet_pair connect_packets(transport transport);
packet_pair connect_packets_with(transport transport, const sps_stream_options *options);
void close_packets(packet_pair *pair);

size_t count_of(sps_packet_peer *packets);

// Returns the result of a get. Checks that a failed one gives nothing.
sps_error get_error(sps_packet_peer *packets);

// Checks that the next packet is this one; or that there is none now.
void expect_packet(sps_packet_peer *packets, const void *expected, size_t size);
void expect_no_packet(sps_packet_peer *packets);

// Checks that the client has closed for this reason.
void expect_ended(const packet_pair *pair, sps_close_reason reason);

void send_bytes(sps_stream *stream, const void *bytes, size_t size);
void wait_for(sps_stream *stream, size_t bytes);

// Checks that the stream holds exactly these bytes.
void expect_bytes(sps_stream *stream, const void *expected, size_t size);

// A custom stream. It gives endless packets of one byte, or the rest of a text.
typedef struct source {
    const char *bytes;
    size_t size, read;
    size_t written;
    sps_error at_end;
} source;

sps_stream *open_source(source *source, const sps_stream_options *options);

#endif
