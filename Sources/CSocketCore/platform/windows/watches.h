// SPDX-License-Identifier: MIT
//
// The sockets of a selector, and the memory of their polls.
#ifndef SPSI_PLATFORM_WINDOWS_WATCHES_H
#define SPSI_PLATFORM_WINDOWS_WATCHES_H

#include "platform/windows/afd.h"

// The poll of a watch.
enum {
    SPSI_POLL_IDLE,
    SPSI_POLL_PENDING,
    SPSI_POLL_CANCELLED // will still complete, and its result is void
};

// The list that a watch is in.
enum {
    SPSI_IN_NO_LIST,
    SPSI_IN_UPDATES, // the next wait begins its poll
    SPSI_IN_READY    // the last wait has found it ready
};

// One socket. It stays where it is, because the driver writes to the poll. A watch without
// interests only waits for the end of its poll.
typedef struct spsi_afd_watch {
    spsi_afd_poll poll; // first: a completion leads to the watch
    struct spsi_afd_watch *next, *previous;
    void *token;
    spsi_handle handle;
    SOCKET base;
    HANDLE afd;
    uint16_t asked; // the events of the poll in flight
    uint8_t interests;
    uint8_t mask;  // of the last wait
    uint8_t state; // of the poll
    uint8_t list;
    bool is_told; // of a failure that would be there in each wait
} spsi_afd_watch;

// How many polls share a handle of the driver. The kernel keeps them in a list that a cancel
// searches. So few polls share one, and many sockets need few handles.
enum { SPSI_GROUP_WATCHES = 32 };

typedef struct spsi_afd_group {
    struct spsi_afd_group *next;
    HANDLE afd;
    spsi_afd_watch watches[SPSI_GROUP_WATCHES];
} spsi_afd_group;

// A hash table of the watches by their handles, and the groups that they live in.
typedef struct spsi_afd_watches {
    const sps_allocator *allocator;
    spsi_afd_watch **slots; // NULL: free. The capacity is a power of two, or 0.
    size_t capacity;
    size_t count;
    spsi_afd_group *groups;
    spsi_afd_watch *unused; // linked by `next`
} spsi_afd_watches;

// The watch of a handle, or NULL.
spsi_afd_watch *spsi_watches_find(const spsi_afd_watches *watches, spsi_handle handle);

// Adds a watch. All but its handle and the driver's handle is zero. NULL, and *out_error, if memory
// or handles are short. The polls of the group are reported to the port.
spsi_afd_watch *spsi_watches_add(spsi_afd_watches *watches, spsi_handle handle, HANDLE port,
                                 DWORD *out_error);

// The memory serves the next watch.
void spsi_watches_remove(spsi_afd_watches *watches, spsi_afd_watch *watch);

// Cancels all polls. Their completions still arrive.
void spsi_watches_cancel(const spsi_afd_watches *watches);

// Frees everything. No poll may be in flight.
void spsi_watches_release(spsi_afd_watches *watches);

#endif
