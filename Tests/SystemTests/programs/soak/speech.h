// SPDX-License-Identifier: MIT
//
// What one side of a connection says: item after item, of every kind that the library has. The key decides all
// of it, so the other side, which knows the key, can tell what must come, to the last byte.
#ifndef SPEECH_H
#define SPEECH_H

#include <stdbool.h>
#include <stdint.h>

#include <streampeersocket/streampeersocket.h>

// The largest item that is put whole, with all that belongs to it; a write buffer must hold it.
enum { MOST_WHOLE_BYTES = 8000 };

// A packet longer than this is refused by its receiver.
enum { MOST_PACKET_BYTES = 16380 };

// How far a speech has come, at its speaker or its listener.
typedef struct speech {
    uint64_t key;
    uint64_t items;  // that are whole
    uint64_t bytes;  // on the wire
    uint32_t offset; // bytes of the next item: only one that is put in parts has some
} speech;

// Puts the next item, whole or, when there is no room for it, not at all (ERR_BUSY). A long one goes in parts: it
// may be ERR_BUSY with some of it put.
sps_error speech_put(speech *mouth, sps_stream *stream, sps_packet_peer *packets);

// Takes the next item without waiting. ERR_BUG: it is not what was to come.
sps_error speech_take(speech *ear, sps_stream *stream, sps_packet_peer *packets);

// The last words: how many bytes were said before. Like the others.
sps_error speech_put_sum(const speech *mouth, sps_stream *stream);
sps_error speech_take_sum(const speech *ear, sps_stream *stream);

// In place of the last words: the begin of a packet that no listener takes.
sps_error speech_put_monster(sps_stream *stream);

// Whether the bytes are how the next item (or the sum) begins: what is left when the speaker has died.
bool speech_begins_with(const speech *ear, bool is_at_sum, bool big_endian, const uint8_t *data,
                        size_t count);

// The name of the kind that the next item is of.
const char *speech_kind(const speech *speech);

#endif
