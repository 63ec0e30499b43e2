// SPDX-License-Identifier: MIT
//
// What the tests of packets share: a pair with packets over both of its streams, a source of any bytes, and
// what must be there.
#ifndef PACKET_SUPPORT_H
#define PACKET_SUPPORT_H

#include "support/support.h"

enum { MIB = 1 << 20 };

sps_packet_peer *make_packets(sps_stream *stream);

// Destroys the stream, too, over which they are.
void destroy_with_stream(sps_packet_peer *packets);

// A pair, and packets over each of its streams.
typedef struct packet_pair {
    pair connection;
    sps_stream *client, *peer;               // those of the connection
    sps_packet_peer *packets, *peer_packets; // the client's, and the peer's
} packet_pair;

packet_pair connect_packets(transport transport);
packet_pair connect_packets_with(transport transport, const sps_stream_options *options);
void close_packets(packet_pair *pair);

size_t count_of(sps_packet_peer *packets);

// What a get answers; one that fails gives nothing.
sps_error get_error(sps_packet_peer *packets);

// The next packet must be this one; none must be there now.
void expect_packet(sps_packet_peer *packets, const void *expected, size_t size);
void expect_no_packet(sps_packet_peer *packets);

// The client must have ended, for this reason.
void expect_ended(const packet_pair *pair, sps_close_reason reason);

void send_bytes(sps_stream *stream, const void *bytes, size_t size);
void wait_for(sps_stream *stream, size_t bytes);

// The stream must hold these bytes, and no others.
void expect_bytes(sps_stream *stream, const void *expected, size_t size);

// A stream of the caller's own: an endless number of packets of one byte, or what is left of a text.
typedef struct source {
    const char *bytes;
    size_t size, read;
    size_t written;
    sps_error at_end;
} source;

sps_stream *open_source(source *source, const sps_stream_options *options);

#endif
