// SPDX-License-Identifier: MIT
//
// The inside of a poller, shared by poller.c, wait.c and serve.c.
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

// The interests of a connection that the poller reads.
unsigned spsi_poller_interest_in_reading(const spsi_socket *socket);

// Advances one object as far as possible, reports its events, and schedules its next turn. `reads`:
// the object is ready or due. Otherwise this applies only the caller's changes.
void spsi_poller_serve(sps_poller *poller, spsi_watch *watch, bool reads);

// Called before the next event is taken, and before a wait: the caller has finished with the last
// event. A drained stream gives its buffer back while it is in the cache. Others become pending.
void spsi_poller_finish_reported(sps_poller *poller);

// Sends the pending bytes of a connected stream. Serving it does the rest.
void spsi_poller_send(const spsi_watch *watch);

// The untaken events that are still true. Since they were reported, bytes may have come or may have
// been read, and room may have been used.
unsigned spsi_poller_kinds(const spsi_watch *watch);

#endif
