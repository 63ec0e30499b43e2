// SPDX-License-Identifier: MIT
//
// The inside of a poller, shared by poller.c, wait.c and serve.c.
#ifndef SPSI_POLLER_H
#define SPSI_POLLER_H

#include "streampeersocket/poller.h"

#include "platform/calls.h"
#include "socket/server.h"
#include "socket/socket.h"
#include "stream/filter.h"

struct sps_poller {
    spsi_watch_group group;
    uint32_t max_events;
    uint32_t max_time_us;  // 0: no limit
    uint32_t turn;         // counts the rounds of all waits
    bool has_served_above; // a filter, with the events of the stream below: more may be pending now
};

static inline uint64_t spsi_poller_now(const sps_poller *poller) {
    return spsi_os_now_us(poller->group.platform);
}

// The interests of a connection that the poller reads.
unsigned spsi_poller_interest_in_reading(const spsi_socket *socket);

// Advances one object as far as possible, reports its events, and schedules its next turn. `reads`:
// the object is ready or due. Otherwise this applies only the caller's changes.
void spsi_poller_serve(sps_poller *poller, spsi_watch *watch, bool reads);

// spsi_poller_serve() for a filter alone, and its pending bytes: serve_filter.c.
void spsi_poller_serve_filter(sps_poller *poller, spsi_watch *watch, bool reads);
void spsi_poller_send_of_filter(const spsi_watch *watch);

// Events, as differences between an object and what was reported of it.
unsigned spsi_poller_change_of_status(spsi_watch *watch, uint8_t status);
unsigned spsi_poller_change_of_stream(spsi_watch *watch, sps_stream *stream);
unsigned spsi_poller_change_of_end(spsi_watch *watch, spsi_reported_end known);
unsigned spsi_poller_change_below(spsi_watch *watch, bool is_at_end);

// Moves the timer to an earlier time. A later time leaves it alone.
void spsi_poller_set_timer(spsi_watch *watch, uint64_t due_us);

// The caller, or the filter above, has finished with what a stream had to report. A drained stream
// gives its buffer back while it is in the cache. Others become pending.
void spsi_poller_finish(spsi_watch *watch);

// Whether a stream that held unread bytes needs a turn. Gets have emptied it. Or they have made
// room, and no event for new bytes is requested.
bool spsi_poller_has_turn(const spsi_watch *watch);

// spsi_poller_finish() for the last event: called before the next one is taken, and before a wait.
void spsi_poller_finish_reported(sps_poller *poller);

// Sends the pending bytes of a connected stream, and of the streams below it. Moves it to no other
// list. Serving it does the rest.
void spsi_poller_send(const spsi_watch *watch);

// The untaken events that are still true. Since they were reported, bytes may have come or may have
// been read, and room may have been used.
unsigned spsi_poller_kinds(const spsi_watch *watch);

#endif
