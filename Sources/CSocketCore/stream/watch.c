// SPDX-License-Identifier: MIT
#include "stream/watch.h"

#include <assert.h>
#include <string.h>

#include "platform/calls.h"

bool spsi_watch_begin(spsi_watch *watch, spsi_watch_group *group, void *object, bool is_server,
                      void *user_data) {
    memset(watch, 0, sizeof *watch);
    watch->group = group;
    watch->object = object;
    watch->is_server = is_server;
    watch->user_data = user_data;
    watch->work = SPSI_IDLE;
    return spsi_timers_add(&group->timers, &watch->timer, &group->allocator);
}

void spsi_watch_end(spsi_watch *watch) {
    spsi_watch_group *group = watch->group;
    spsi_watch_set_work(watch, SPSI_IDLE);
    spsi_watch_drop_events(watch);
    spsi_timers_remove(&group->timers, &watch->timer);
    group->last_reported = group->last_reported == watch ? NULL : group->last_reported;
}

void spsi_watch_enlist(spsi_watch_list *list, spsi_watch *watch) {
    const spsi_lane lane = list->lane;
    watch->links[lane].next = NULL;
    watch->links[lane].previous = list->last;
    *(list->last != NULL ? &list->last->links[lane].next : &list->first) = watch;
    list->last = watch;
    list->count++;
    assert(list->first != NULL && watch->links[lane].previous != watch);
}

void spsi_watch_unlist(spsi_watch_list *list, spsi_watch *watch) {
    const spsi_lane lane = list->lane;
    spsi_watch *next = watch->links[lane].next;
    spsi_watch *previous = watch->links[lane].previous;
    *(previous != NULL ? &previous->links[lane].next : &list->first) = next;
    *(next != NULL ? &next->links[lane].previous : &list->last) = previous;
    assert(list->count > 0);
    list->count--;
    assert((list->count == 0) == (list->first == NULL));
}

void spsi_watch_set_work(spsi_watch *watch, spsi_work work) {
    const uint8_t before = watch->work;
    assert(before <= SPSI_IDLE && work <= SPSI_IDLE);
    if (before == (uint8_t)work) {
        return;
    }
    if (before != SPSI_IDLE) {
        spsi_watch_unlist(&watch->group->work[before], watch);
    }
    if (work != SPSI_IDLE) {
        spsi_watch_enlist(&watch->group->work[work], watch);
    }
    watch->work = (uint8_t)work;
}

void spsi_watch_report(spsi_watch *watch, unsigned events) {
    if (events != 0 && watch->events == 0 && !watch->is_below) {
        spsi_watch_enlist(&watch->group->events, watch);
    }
    watch->events = (uint8_t)(watch->events | events);
}

void spsi_watch_drop_events(spsi_watch *watch) {
    if (watch->events != 0 && !watch->is_below) {
        spsi_watch_unlist(&watch->group->events, watch);
    }
    watch->events = 0;
}

spsi_result spsi_watch_set_interests(spsi_watch *watch, spsi_handle handle, unsigned interests) {
    if (watch->interests == interests) {
        return (spsi_result){SPSI_DONE, 0};
    }
    const spsi_watch_group *group = watch->group;
    const spsi_result result = spsi_os_selector_set(group->platform, group->selector, handle,
                                                    watch->interests, interests, watch);
    if (result.code == SPSI_DONE || interests == 0) {
        watch->interests = (uint8_t)interests;
    }
    return result;
}
