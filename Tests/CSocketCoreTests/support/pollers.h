// SPDX-License-Identifier: MIT
//
// Shared by the tests of pollers: a pair in a poller, waits, and checks of events.
#ifndef POLLER_SUPPORT_H
#define POLLER_SUPPORT_H

#include "support/support.h"

sps_poller *make_poller(const sps_poller_options *options);

// Makes a poller for the pair and adds its client. close_pair() destroys the poller.
void watch_pair(pair *pair, const sps_poller_options *options);

// Removes the client from the poller, and destroys the poller.
void unwatch_pair(pair *pair);

// Makes a pair with the client in a poller.
pair connect_watched(transport transport);
pair connect_watched_with(transport transport, const sps_stream_options *options);

size_t wait_once(sps_poller *poller, int32_t timeout_ms);
bool next_event(sps_poller *poller, sps_event *event);

// Waits for the next event, and fails if none comes.
sps_event wait_for_event(sps_poller *poller);

// Waits for the next event, which must be of this stream and these kinds.
void expect_event(sps_poller *poller, const sps_stream *stream, uint32_t kinds);

// The same, without a wait: the event must be there already.
void expect_event_now(sps_poller *poller, const sps_stream *stream, uint32_t kinds);

// Waits for the next event, which must be only the end of this stream.
void expect_closed(sps_poller *poller, const sps_stream *stream, sps_close_reason reason);

// Checks that no event comes after everything has settled.
void expect_nothing(sps_poller *poller);

// Checks that a wait lasts this long, reports no event, and uses hardly any processor time.
void expect_rest(sps_poller *poller, int32_t duration_ms);

// The peer sends `bytes` at once, three times. The poller must report them in portions of at most
// `most`.
void expect_portions(pair *pair, size_t bytes, size_t most_at_once);

// Takes all events that are there, and returns their number. They must be only of these kinds.
size_t take_events(sps_poller *poller, uint32_t kinds);

// Takes events of a stream until all of these kinds were reported.
void gather_events(sps_poller *poller, const sps_stream *stream, uint32_t kinds);

// Takes events until one is of this kind.
void gather_until(sps_poller *poller, uint32_t kind);

// The number of bytes that a stream holds to be sent, and to be read.
size_t pending(const sps_stream *stream);
size_t buffered(sps_stream *stream);

// Puts pieces of the pattern until a put returns ERR_BUSY. Returns the offset after the accepted
// bytes.
uint64_t put_until_busy(sps_stream *stream, size_t piece, uint64_t offset);

// The same until puts return ERR_BUSY for 250 ms. Bytes in flight make room a little later, because
// TCP delays an ACK or a window probe (200 ms).
uint64_t fill(sps_poller *poller, sps_stream *stream, size_t piece, uint64_t offset);

// Reads all available bytes, which must be the pattern from this offset. Returns the offset after
// them.
uint64_t drain(sps_stream *stream, uint64_t offset);

// The peer reads in this way until the pair's poller has an event.
uint64_t drain_until_reported(pair *pair, uint64_t offset);

// Waits until the watched client of a pair has received exactly this text, of at most 15 bytes.
void expect_watched_text(pair *pair, const char *text);

#endif
