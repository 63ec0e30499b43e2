// SPDX-License-Identifier: MIT
//
// One wait for many sockets. A wait goes through four steps, each in proportion to what has happened:
//
//   1. what was noted since the last wait: puts are sent, emptied buffers given back, and what the
//      callers themselves have changed is taken in;
//   2. the selector waits: one syscall;
//   3. what it tells, and whatever is due, is made ready;
//   4. what is ready is served: one receive each, or a step of connecting or closing.
//
// A peer that is not done within its share is noted again, behind the others.
#include "poller.h"

enum { CACHE_LINE_BYTES = 64 };

// Events that were not taken: those that are not so any more are dropped. Nobody has said that he is done
// with the objects, so all of them are looked at.
static void look_at_untaken(sps_poller *poller) {
    spsi_watch *next;
    for (spsi_watch *watch = poller->group.events.first; watch != NULL; watch = next) {
        next = watch->links[SPSI_LANE_EVENTS].next;
        if (spsi_poller_kinds(watch) == 0) {
            spsi_watch_silence(watch);
        }
        spsi_watch_note(watch);
    }
}

// Step 1. Each is looked at once; serving one moves no other.
static void serve_noted(sps_poller *poller) {
    spsi_watch *next;
    for (spsi_watch *watch = poller->group.work[SPSI_NOTED].first; watch != NULL; watch = next) {
        next = watch->links[SPSI_LANE_WORK].next;
        spsi_poller_serve(poller, watch, false);
    }
}

// Those that a budget has left for this wait may have been put to since.
static void send_of_ready(sps_poller *poller) {
    const spsi_watch *watch = poller->group.work[SPSI_READY].first;
    for (; watch != NULL; watch = watch->links[SPSI_LANE_WORK].next) {
        if (watch->changed && !watch->is_server) {
            spsi_poller_send(watch);
        }
    }
}

// Step 2. How long the selector may wait.
static uint64_t time_to_wait(const sps_poller *poller, uint64_t until_us) {
    const spsi_watch_group *group = &poller->group;
    if (until_us == 0 || group->events.count > 0 || group->work[SPSI_READY].count > 0) {
        return 0;
    }
    const uint64_t next_us = spsi_timers_next_us(&group->timers);
    const uint64_t end_us = next_us < until_us ? next_us : until_us;
    if (end_us == SPSI_NEVER) {
        return SPSI_FOREVER;
    }
    const uint64_t now = spsi_poller_now(poller);
    return now < end_us ? end_us - now : 0;
}

// Of thousands of peers those that are active now are in no cache. All that is to be served comes into
// them side by side, instead of one after the other.
static void prefetch(const spsi_watch *watch) {
#if defined(__GNUC__)
    const uintptr_t object = (uintptr_t)watch - offsetof(spsi_socket, watch);
    for (size_t offset = 0; offset < sizeof(spsi_socket); offset += CACHE_LINE_BYTES) {
        __builtin_prefetch((const void *)(object + offset));
    }
#else
    (void)watch;
#endif
}

// Step 3. Whether the caller has woken the wait.
static bool collect_told(sps_poller *poller) {
    const spsi_watch_group *group = &poller->group;
    bool woken = false;
    spsi_ready ready;
    while (group->platform->selector_next(group->platform, group->selector, &ready)) {
        spsi_watch *watch = ready.token;
        if (watch == NULL) {
            woken = woken || (ready.told & SPSI_WOKEN) != 0;
            continue;
        }
        prefetch(watch);
        watch->told = (uint8_t)(watch->told | ready.told);
        spsi_watch_set_work(watch, SPSI_READY);
    }
    return woken;
}

static void collect_due(sps_poller *poller) {
    spsi_timers *timers = &poller->group.timers;
    if (spsi_timers_next_us(timers) == SPSI_NEVER) {
        return;
    }
    const uint64_t now = spsi_poller_now(poller);
    while (spsi_timers_next_us(timers) <= now) {
        spsi_watch *watch = (spsi_watch *)timers->heap[0];
        spsi_timers_set(timers, &watch->timer, SPSI_NEVER);
        if (watch->is_server) {
            ((sps_server *)watch->object)->is_short = false;
        } else {
            watch->told |= SPSI_READABLE | SPSI_WRITABLE; // it is idle for too long, or has rested
        }
        spsi_watch_set_work(watch, SPSI_READY);
    }
}

// Step 4. Who is served is ready no longer.
static void serve_ready(sps_poller *poller) {
    const spsi_watch_group *group = &poller->group;
    const uint64_t until_us =
        poller->max_time_us != 0 ? spsi_poller_now(poller) + poller->max_time_us : 0;
    for (size_t left = group->work[SPSI_READY].count; left > 0; left--) {
        if (group->events.count >= poller->max_events) {
            return;
        }
        spsi_poller_serve(poller, group->work[SPSI_READY].first, true);
        if (until_us != 0 && spsi_poller_now(poller) >= until_us) {
            return;
        }
    }
}

static bool is_over(const sps_poller *poller, uint64_t until_us) {
    return until_us == 0 || (until_us != SPSI_NEVER && spsi_poller_now(poller) >= until_us);
}

// 0: it does not wait.
static uint64_t end_of_wait(const sps_poller *poller, int32_t timeout_ms) {
    if (timeout_ms <= 0) {
        return timeout_ms == 0 ? 0 : SPSI_NEVER;
    }
    return spsi_poller_now(poller) + (uint64_t)timeout_ms * 1000;
}

sps_error sps_poller_wait(sps_poller *poller, int32_t timeout_ms, size_t *out_count) {
    if (out_count == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_count = 0;
    if (poller == NULL || timeout_ms < -1) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_watch_group *group = &poller->group;
    const uint64_t until_us = end_of_wait(poller, timeout_ms);
    bool woken = false;
    spsi_poller_finish_taken(poller);
    look_at_untaken(poller);
    do {
        send_of_ready(poller);
        serve_noted(poller);
        const spsi_result result = group->platform->selector_wait(group->platform, group->selector,
                                                                  time_to_wait(poller, until_us));
        if (result.code != SPSI_DONE && result.code != SPSI_AGAIN) {
            return SPS_FAILED;
        }
        woken = collect_told(poller);
        collect_due(poller);
        serve_ready(poller);
    } while (group->events.count == 0 && !woken && !is_over(poller, until_us));
    *out_count = group->events.count;
    return SPS_OK;
}

sps_error sps_poller_wake(sps_poller *poller) {
    if (poller == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_watch_group *group = &poller->group;
    group->platform->selector_wake(group->platform, group->selector, SPSI_WAKER_CALLER);
    return SPS_OK;
}
