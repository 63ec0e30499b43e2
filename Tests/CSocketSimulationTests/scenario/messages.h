// SPDX-License-Identifier: MIT
//
// What the ends of a scenario may send each other instead of bytes: messages that follow from their sender and number.
#ifndef TEST_SCENARIO_MESSAGES_H
#define TEST_SCENARIO_MESSAGES_H

#include "streampeersocket/streampeersocket.h"

typedef enum dialect { BYTES, PACKETS, VARIANTS, LINES, DIALECTS } dialect;

// The byte of a sender's pattern at an offset.
uint8_t pattern_byte(uint64_t key, uint64_t offset);

// Puts the nth message of a sender: one call of the library's.
sps_error message_put(dialect dialect, sps_stream *stream, sps_packet_peer *peer, uint64_t key,
                      uint64_t n);

// Takes one. OK also when it is not the nth message of that sender, as *out_is_right tells.
sps_error message_get(dialect dialect, sps_stream *stream, sps_packet_peer *peer, bool waits,
                      uint64_t key, uint64_t n, bool *out_is_right);

#endif
