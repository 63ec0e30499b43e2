// SPDX-License-Identifier: MIT
//
// Messages that their number determines. A way counts them, so a lost, repeated or swapped one
// shows.
#ifndef FAULT_MESSAGES_H
#define FAULT_MESSAGES_H

#include "faults/connection.h"

typedef bool (*value_taker)(void *where, const uint8_t *data, size_t size);

// Makes the nth value in memory that may fail, and passes it to `take`. Returns whether it was
// accepted.
bool put_value(uint64_t n, value_taker take, void *where);
bool is_value(uint64_t n, const uint8_t *data, size_t size);

void put_next_packet(way *way, sps_packet_peer *peer);

// Takes all packets that are available. Returns false if none is left.
bool take_packets(way *way, sps_packet_peer *peer);

// Puts the next message of a way. Returns false if the stream did not accept it, and records an
// error.
bool put_next_var(way *way, sps_stream *stream);
bool take_var(way *way, sps_stream *stream, bool waits);
bool put_next_line(way *way, sps_stream *stream);
bool take_line(way *way, sps_stream *stream, bool waits);

#endif
