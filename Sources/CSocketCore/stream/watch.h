// SPDX-License-Identifier: MIT
//
// An object in a poller, as the object sees it. The object tells what has become of it by noting its
// watch, and the poller looks at what is noted; neither looks at the others. The watch lies inside the
// object: with thousands of peers, a block of memory more for each would be a cache miss more for each.
#ifndef SPSI_WATCH_H
#define SPSI_WATCH_H

#include "base/block_pool.h"
#include "base/timers.h"
#include "platform/platform.h"

typedef struct spsi_watch spsi_watch;

// The two places that a watch can stand in at once.
typedef enum spsi_lane { SPSI_LANE_WORK, SPSI_LANE_EVENTS, SPSI_LANES } spsi_lane;

typedef struct spsi_watch_list {
    spsi_watch *first, *last;
    size_t count;
    spsi_lane lane;
} spsi_watch_list;

// What a watch waits for in the lane of work.
typedef enum spsi_work {
    SPSI_PENDING, // to be looked at before the OS is asked
    SPSI_READY,   // to be served
    SPSI_WORK_LISTS,
    SPSI_IDLE = SPSI_WORK_LISTS, // nothing
} spsi_work;

// What the watches of one poller share.
typedef struct spsi_watch_group {
    const sps_platform *platform;
    sps_allocator allocator;
    spsi_selector *selector;
    spsi_watch_list work[SPSI_WORK_LISTS];
    spsi_watch_list events;    // those that have events to be taken
    spsi_watch *last_reported; // whose events were taken last, until the next are; NULL: it is gone
    spsi_timers timers;        // of every watch
    spsi_block_pool blocks;
    // Of one stream in one wait, by the wait and by gets after it. UINT32_MAX: the caller set none.
    uint32_t max_read_bytes;
} spsi_watch_group;

// What was told of a stream's end while it is still open.
typedef enum spsi_reported_end { SPSI_NO_END, SPSI_ORDERLY_END, SPSI_BROKEN_END } spsi_reported_end;

struct spsi_watch {
    spsi_timer timer; // first: a timer of the group is a watch
    void *object;     // an sps_stream, or an sps_server
    spsi_watch_group *group;
    struct {
        spsi_watch *next, *previous;
    } links[SPSI_LANES];
    void *user_data;
    uint8_t work;         // spsi_work
    uint8_t events;       // SPS_EVENT_… that have not been taken
    uint8_t status;       // the stream's, as far as it was told
    uint8_t interests;    // what the selector is asked for the socket's own handle
    uint8_t ready_mask;   // by the selector, since it was served last
    uint8_t reported_end; // spsi_reported_end
    bool is_server : 1;
    bool shares_blocks : 1; // the stream's allocator is the group's
    bool changed : 1;       // by its object, or its caller, since it was served last
    bool was_batching : 1;  // before it was added
};

// Prepares the watch of an object. False when there is no memory.
bool spsi_watch_begin(spsi_watch *watch, spsi_watch_group *group, void *object, bool is_server,
                      void *user_data);

// It stands in no list from now on, and no timer is set. The selector must not watch for it any more.
void spsi_watch_end(spsi_watch *watch);

void spsi_watch_enlist(spsi_watch_list *list, spsi_watch *watch);
void spsi_watch_unlist(spsi_watch_list *list, spsi_watch *watch);

// Moves it to another list of work, or to none.
void spsi_watch_set_work(spsi_watch *watch, spsi_work work);

// The object has changed, and is to be looked at. NULL does nothing.
static inline void spsi_watch_mark_changed(spsi_watch *watch) {
    if (watch == NULL) {
        return;
    }
    watch->changed = true;
    if (watch->work == SPSI_IDLE) {
        spsi_watch_set_work(watch, SPSI_PENDING);
    }
}

// Adds to the events that wait to be taken, or takes all away.
void spsi_watch_report(spsi_watch *watch, unsigned events);
void spsi_watch_drop_events(spsi_watch *watch);

// Changes what the selector is asked for the object's own handle.
spsi_result spsi_watch_set_interests(spsi_watch *watch, spsi_handle handle, unsigned interests);

#endif
