// SPDX-License-Identifier: MIT
//
// An object in a poller, as the object sees it. The object marks its watch as changed, and the
// poller serves marked watches. Neither scans the others. The watch lies inside the object, because
// a block of its own would cost a cache miss for each of thousands of peers.
#ifndef SPSI_WATCH_H
#define SPSI_WATCH_H

#include "streampeersocket/stream.h"

#include "base/block_pool.h"
#include "base/timers.h"
#include "platform/platform.h"

typedef struct spsi_watch spsi_watch;

// How long an object rests if the OS or the heap is short of something. A filter also rests after
// an unusual code of an operation.
enum { SPSI_REST_US = 10000 };

// A watch stands in at most one list of each lane.
typedef enum spsi_lane { SPSI_LANE_WORK, SPSI_LANE_EVENTS, SPSI_LANES } spsi_lane;

typedef struct spsi_watch_list {
    spsi_watch *first, *last;
    size_t count;
    spsi_lane lane;
} spsi_watch_list;

// The lists of the lane of work.
typedef enum spsi_work {
    SPSI_PENDING, // served before the selector waits
    SPSI_READY,   // served after the selector has waited
    SPSI_FILTERS, // served before the pending ones, because what they put is pending then
    SPSI_HOLDING, // only hold unread bytes: served again once gets have made room
    SPSI_WORK_LISTS,
    SPSI_IDLE = SPSI_WORK_LISTS, // in no list
} spsi_work;

// Shared by the watches of one poller.
typedef struct spsi_watch_group {
    const sps_platform *platform;
    sps_allocator allocator;
    spsi_selector *selector;
    spsi_watch_list work[SPSI_WORK_LISTS];
    spsi_watch_list events;    // watches with untaken events
    spsi_watch *last_reported; // whose events were taken last; NULL: none, or it is gone
    spsi_timers timers;        // one of each watch
    spsi_block_pool blocks;
    // Limit for one stream in one round of a wait, and for the gets after it. UINT32_MAX: not set.
    uint32_t max_read_bytes;
    bool is_waiting; // sps_poller_wait() runs; an operation of a filter may be on the stack
    // For filters that get or lose a base. Adopts the streams from `base` down, below a filter.
    sps_error (*adopt)(spsi_watch *above, sps_stream *base);
    void (*release)(spsi_watch *below); // the reverse
} spsi_watch_group;

// The end that was reported of a stream that is still open.
typedef enum spsi_reported_end { SPSI_NO_END, SPSI_ORDERLY_END, SPSI_BROKEN_END } spsi_reported_end;

struct spsi_watch {
    spsi_timer timer; // first: a timer of the group is a watch
    void *object;     // an sps_stream, or an sps_server
    spsi_watch_group *group;
    struct {
        spsi_watch *next, *previous;
    } links[SPSI_LANES];
    void *user_data;      // the caller's; the watch above if is_below
    uint8_t work;         // spsi_work
    uint8_t events;       // untaken events: SPS_EVENT_…
    uint8_t status;       // the stream's status at the last report
    uint8_t interests;    // of the selector, for the socket's own handle
    uint8_t ready_mask;   // reported by the selector since the last turn
    uint8_t reported_end; // spsi_reported_end
    bool is_server : 1;
    bool is_filter : 1;
    bool is_below : 1;      // a filter above gets its events; the caller gets none
    bool met_end : 1;       // is_below: the filter above was served for the end
    bool shares_blocks : 1; // the stream's allocator is the group's
    bool changed : 1;       // by its object or the caller, since the last turn
    bool was_batching : 1;  // before it was added
};

// Prepares the watch of an object. False without memory.
bool spsi_watch_begin(spsi_watch *watch, spsi_watch_group *group, void *object, bool is_server,
                      void *user_data);

// Removes it from all lists and timers. The selector must not watch its handle any more.
void spsi_watch_end(spsi_watch *watch);

void spsi_watch_enlist(spsi_watch_list *list, spsi_watch *watch);
void spsi_watch_unlist(spsi_watch_list *list, spsi_watch *watch);

// Moves it to another list of the lane of work, or to none.
void spsi_watch_set_work(spsi_watch *watch, spsi_work work);

// The object has changed, so the poller must serve it. NULL does nothing.
static inline void spsi_watch_mark_changed(spsi_watch *watch) {
    if (watch == NULL) {
        return;
    }
    watch->changed = true;
    if (watch->work >= SPSI_HOLDING) {
        spsi_watch_set_work(watch, watch->is_filter ? SPSI_FILTERS : SPSI_PENDING);
    }
}

// Adds untaken events, or drops all of them. Those of a watch below another are in no list: the
// poller serves the one above with them.
void spsi_watch_report(spsi_watch *watch, unsigned events);
void spsi_watch_drop_events(spsi_watch *watch);

// Changes the selector's interests in the object's own handle.
spsi_result spsi_watch_set_interests(spsi_watch *watch, spsi_handle handle, unsigned interests);

#endif
