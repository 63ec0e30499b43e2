// SPDX-License-Identifier: MIT
//
// The items that one side of a connection says, of every kind that the library has. The key decides
// all of them. The other side knows the key, so it knows every byte that must come.
#ifndef SPEECH_H
#define SPEECH_H

#include <stdbool.h>
#include <stdint.h>

#include <streampeersocket/streampeersocket.h>

// The largest item that is put whole, with its overhead. A write buffer must hold it.
enum { MOST_WHOLE_BYTES = 8000 };

// The receiver refuses a longer packet.
enum { MOST_PACKET_BYTES = 16380 };

// The progress of a speech, at its speaker or its listener.
typedef struct speech {
    uint64_t key;
    uint64_t items;  // that are whole
    uint64_t bytes;  // on the wire
    uint32_t offset; // bytes of the next item, if it is put in parts
} speech;

// Puts the next item whole, or not at all if there is no room (ERR_BUSY). A long one goes in parts.
// Then ERR_BUSY means that some of it may be put.
sps_error speech_put(speech *mouth, sps_stream *stream, sps_packet_peer *packets);

// Takes the next item without waiting. ERR_BUG: it is not the expected one.
sps_error speech_take(speech *ear, sps_stream *stream, sps_packet_peer *packets);

// Puts and takes the last words: the number of bytes before them. The results are as above.
sps_error speech_put_sum(const speech *mouth, sps_stream *stream);
sps_error speech_take_sum(const speech *ear, sps_stream *stream);

// Instead of the last words: the start of a packet that no listener accepts.
sps_error speech_put_oversized(sps_stream *stream);

// Whether the next item (or the sum) begins with these bytes. A speaker that died leaves such
// bytes.
bool speech_begins_with(const speech *ear, bool is_at_sum, bool big_endian, const uint8_t *data,
                        size_t count);

// The name of the next item's kind.
const char *speech_kind(const speech *speech);

#endif
