// SPDX-License-Identifier: MIT
//
// What the tests of the poller share: to wait, and to say what must be told.
#ifndef POLLER_SUPPORT_H
#define POLLER_SUPPORT_H

#include "support.h"

sps_poller *make_poller(const sps_poller_options *options);
size_t wait_once(sps_poller *poller, int32_t timeout_ms);
bool next_event(sps_poller *poller, sps_event *event);

// Waits for the next event, which must come.
sps_event wait_for_event(sps_poller *poller);

// The next event must be of this stream, and of these kinds.
void expect_event(sps_poller *poller, const sps_stream *stream, uint32_t kinds);

// Everything that can happen has happened, and nothing of it is an event.
void expect_nothing(sps_poller *poller);

// Gathers events of a stream until all of these kinds were told.
void gather_events(sps_poller *poller, const sps_stream *stream, uint32_t kinds);

// Takes events until one of them is of this kind.
void gather_until(sps_poller *poller, uint32_t kind);

// What a stream holds, to be sent and to be read, in bytes.
size_t pending(const sps_stream *stream);
size_t buffered(sps_stream *stream);

// Puts pieces of the pattern until it is ERR_BUSY for 250 ms: what is on its way makes room a little later, as
// when TCP delays an ACK or probes a window (200 ms). Returns the offset behind what was taken.
uint64_t fill(sps_poller *poller, sps_stream *stream, size_t piece, uint64_t offset);

// Reads what is there, which must be the pattern from this offset; returns the offset behind it.
uint64_t drain(sps_stream *stream, uint64_t offset);

// What this process has used of the processor.
int64_t processor_ms(void);

#endif
