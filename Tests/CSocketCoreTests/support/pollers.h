// SPDX-License-Identifier: MIT
//
// What the tests of the poller share: a pair in a poller, to wait, and to say what must be told.
#ifndef POLLER_SUPPORT_H
#define POLLER_SUPPORT_H

#include "support/support.h"

sps_poller *make_poller(const sps_poller_options *options);

// Makes a poller for the pair and adds its client; close_pair() destroys it.
void watch_pair(pair *pair, const sps_poller_options *options);

// Takes the client out of that poller, and destroys it.
void unwatch_pair(pair *pair);

// A pair whose client is in a poller.
pair connect_watched(transport transport);
pair connect_watched_with(transport transport, const sps_stream_options *options);

size_t wait_once(sps_poller *poller, int32_t timeout_ms);
bool next_event(sps_poller *poller, sps_event *event);

// Waits for the next event, which must come.
sps_event wait_for_event(sps_poller *poller);

// The next event must be of this stream, and of these kinds.
void expect_event(sps_poller *poller, const sps_stream *stream, uint32_t kinds);

// The same of an event that must be there already.
void expect_event_now(sps_poller *poller, const sps_stream *stream, uint32_t kinds);

// The next event must be of the stream's end, and of no other kind.
void expect_closed(sps_poller *poller, const sps_stream *stream, sps_close_reason reason);

// Everything that can happen has happened, and nothing of it is an event.
void expect_nothing(sps_poller *poller);

// A wait must last so long, tell of nothing, and leave the processor to others.
void expect_rest(sps_poller *poller, int32_t duration_ms);

// Three times the peer sends so many bytes at once, which must be told of in portions of so many at most.
void expect_portions(pair *pair, size_t bytes, size_t most_at_once);

// Takes the events that are there, which must be of these kinds alone; how many.
size_t take_events(sps_poller *poller, uint32_t kinds);

// Gathers events of a stream until all of these kinds were told.
void gather_events(sps_poller *poller, const sps_stream *stream, uint32_t kinds);

// Takes events until one of them is of this kind.
void gather_until(sps_poller *poller, uint32_t kind);

// What a stream holds, to be sent and to be read, in bytes.
size_t pending(const sps_stream *stream);
size_t buffered(sps_stream *stream);

// Puts pieces of the pattern until one is ERR_BUSY; returns the offset behind what was taken.
uint64_t put_until_busy(sps_stream *stream, size_t piece, uint64_t offset);

// The same until it is ERR_BUSY for 250 ms: what is on its way makes room a little later, as
// when TCP delays an ACK or probes a window (200 ms).
uint64_t fill(sps_poller *poller, sps_stream *stream, size_t piece, uint64_t offset);

// Reads what is there, which must be the pattern from this offset; returns the offset behind it.
uint64_t drain(sps_stream *stream, uint64_t offset);

// The peer reads like that until a wait of the pair's poller has something to tell.
uint64_t drain_until_told(pair *pair, uint64_t offset);

#endif
