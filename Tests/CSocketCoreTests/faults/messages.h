// SPDX-License-Identifier: MIT
//
// Messages that follow from their number: a way counts them, so that a loss, a doubling or a swap shows.
#ifndef FAULT_MESSAGES_H
#define FAULT_MESSAGES_H

#include "faults/connection.h"

typedef bool (*value_taker)(void *where, const uint8_t *data, size_t size);

// Makes the nth value in memory that may fail, and hands it on. Whether it was taken.
bool put_value(uint64_t n, value_taker take, void *where);
bool is_value(uint64_t n, const uint8_t *data, size_t size);

void put_next_packet(way *way, sps_packet_peer *peer);

// All that are there. False: none is left.
bool take_packets(way *way, sps_packet_peer *peer);

// The next of a way. False: it was not taken; an error is told.
bool put_next_var(way *way, sps_stream *stream);
bool take_var(way *way, sps_stream *stream, bool waits);
bool put_next_line(way *way, sps_stream *stream);
bool take_line(way *way, sps_stream *stream, bool waits);

#endif
