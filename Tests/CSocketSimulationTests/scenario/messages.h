// SPDX-License-Identifier: MIT
//
// Messages that the ends of a scenario may send instead of bytes. Sender and number determine each
// one.
#ifndef TEST_SCENARIO_MESSAGES_H
#define TEST_SCENARIO_MESSAGES_H

#include "streampeersocket/streampeersocket.h"

typedef enum dialect { BYTES, PACKETS, VARIANTS, LINES, DIALECTS } dialect;

// The byte at an offset of a sender's pattern.
uint8_t pattern_byte(uint64_t key, uint64_t offset);

// Puts the nth message of a sender, with one call of the library.
sps_error message_put(dialect dialect, sps_stream *stream, sps_packet_peer *peer, uint64_t key,
                      uint64_t n);

// Gets a message. It also returns OK for a wrong message, and sets *out_is_right to false.
sps_error message_get(dialect dialect, sps_stream *stream, sps_packet_peer *peer, bool waits,
                      uint64_t key, uint64_t n, bool *out_is_right);

#endif
