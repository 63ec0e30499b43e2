// SPDX-License-Identifier: MIT
//
// The inside of a poller: what poller.c, poller_wait.c and poller_serve.c share.
#ifndef SPSI_POLLER_H
#define SPSI_POLLER_H

#include "streampeersocket/poller.h"

#include "platform/calls.h"
#include "socket/server.h"
#include "socket/socket.h"

struct sps_poller {
    spsi_watch_group group;
    uint32_t max_events;
    uint32_t max_time_us; // 0: no limit
};

static inline uint64_t spsi_poller_now(const sps_poller *poller) {
    return spsi_os_now_us(poller->group.platform);
}

// What a selector is asked for a connection's sake that is to be read.
unsigned spsi_poller_interest_in_reading(const spsi_socket *socket);

// Brings one object as far as it goes now, notes its events, and decides when it is looked at next.
// `reads`: the selector has told of it, or it is due; else only what the caller has changed is taken in.
void spsi_poller_serve(sps_poller *poller, spsi_watch *watch, bool reads);

// Who takes the next events, or waits, is done with those that were taken last: a stream that was read
// empty gives its buffer back while it is in the caches, and any other is to be looked at.
void spsi_poller_finish_reported(sps_poller *poller);

// Sends what waits of a connected stream, and leaves the rest to serving it.
void spsi_poller_send(const spsi_watch *watch);

// What is so of the events that wait to be taken: since then bytes may have been read, or have come, and
// room may have been taken.
unsigned spsi_poller_kinds(const spsi_watch *watch);

#endif
