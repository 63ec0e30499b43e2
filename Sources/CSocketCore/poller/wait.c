// SPDX-License-Identifier: MIT
//
// One wait for many sockets, in four steps. Each costs in proportion to what has happened.
//
//   1. Serves pending watches: sends puts, gives empty buffers back, applies callers' changes.
//      Filters come first, then the sockets below them.
//   2. The selector waits: one syscall.
//   3. Due timers make their watches ready.
//   4. Serves ready watches: one receive each, or a step of connecting or closing.
//
// A peer that exceeds its share becomes pending again, behind the others.
#include "poller/poller.h"

#include "platform/calls.h"

// Drops untaken events that are no longer true. The caller may still be using these objects, so
// re-checks all of them.
static void recheck_reported(sps_poller *poller) {
    spsi_watch *next;
    for (spsi_watch *watch = poller->group.events.first; watch != NULL; watch = next) {
        next = watch->links[SPSI_LANE_EVENTS].next;
        if (spsi_poller_kinds(watch) == 0) {
            spsi_watch_drop_events(watch);
        }
        spsi_watch_mark_changed(watch);
    }
}

// Serves each pending socket and server once. Serving one moves no other.
static void serve_pending(sps_poller *poller) {
    spsi_watch *next;
    for (spsi_watch *watch = poller->group.work[SPSI_PENDING].first; watch != NULL; watch = next) {
        next = watch->links[SPSI_LANE_WORK].next;
        spsi_poller_serve(poller, watch, false);
    }
}

// Serves the filters that the caller or a filter above has changed, or that gets have emptied. Each
// leaves the list. Its puts make the socket below pending, or change the filter below.
static void serve_filters(sps_poller *poller) {
    const spsi_watch_list *filters = &poller->group.work[SPSI_FILTERS];
    while (filters->first != NULL) {
        spsi_poller_serve(poller, filters->first, false);
    }
}

// Sends the puts of watches that the budget of the last wait has left ready.
static void send_of_ready(sps_poller *poller) {
    const spsi_watch *watch = poller->group.work[SPSI_READY].first;
    for (; watch != NULL; watch = watch->links[SPSI_LANE_WORK].next) {
        if (watch->changed && !watch->is_server) {
            spsi_poller_send(watch);
        }
    }
}

// Gives a turn to the streams that gets have emptied or made room in. A get does not mark its
// stream as changed, so the wait must look.
static void look_at_holders(sps_poller *poller) {
    spsi_watch *next;
    for (spsi_watch *watch = poller->group.work[SPSI_HOLDING].first; watch != NULL; watch = next) {
        next = watch->links[SPSI_LANE_WORK].next;
        if (spsi_poller_has_turn(watch)) {
            spsi_watch_set_work(watch, watch->is_filter ? SPSI_FILTERS : SPSI_PENDING);
        }
    }
}

// Step 1. A pending socket may have room for what its filter holds, and the filter then makes the
// socket pending again. So the step is repeated, but not for ever: the peer may read as fast as the
// filter writes. False: something is still pending, and the selector must not wait.
static bool serve_before_waiting(sps_poller *poller) {
    enum { MOST_ROUNDS = 8 };
    look_at_holders(poller);
    for (int i = 0; i < MOST_ROUNDS; i++) {
        poller->has_served_above = false;
        serve_filters(poller);
        send_of_ready(poller);
        serve_pending(poller);
        if (!poller->has_served_above) {
            return true;
        }
    }
    return false;
}

// Step 2. The limit of the selector's wait.
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

// The memory that serving a stream touches: bytes before its watch, and bytes from the watch on. A
// server has as many bytes around its watch, so no prefetched address lies outside of an object.
enum {
    TOUCHED_BEFORE = offsetof(spsi_socket, watch) - offsetof(spsi_socket, stream.in),
    TOUCHED_BEHIND = offsetof(spsi_socket, settings.idle_timeout_ms) + sizeof(uint32_t) -
                     offsetof(spsi_socket, watch),
};
typedef char a_server_is_as_large[offsetof(sps_server, own_watch) >= TOUCHED_BEFORE &&
                                          sizeof(sps_server) - offsetof(sps_server, own_watch) >=
                                              TOUCHED_BEHIND
                                      ? 1
                                      : -1];

// Among thousands of peers the active ones are in no cache. While the OS reads for one, the memory
// of the next comes into the cache.
static void prefetch(const spsi_watch *watch) {
#if defined(__GNUC__)
    const char *begin = (const char *)watch - TOUCHED_BEFORE;
    for (size_t at = 0; at < TOUCHED_BEFORE + TOUCHED_BEHIND; at += SPSI_CACHE_LINE_BYTES) {
        __builtin_prefetch(begin + at);
    }
#else
    (void)watch;
#endif
}

// The rest of a wait's budget.
typedef struct budget {
    uint64_t until_us; // 0: no limit
    bool is_spent;
} budget;

static bool has_enough_events(const sps_poller *poller) {
    return poller->group.events.count >= poller->max_events;
}

static budget begin_budget(const sps_poller *poller) {
    const uint64_t until_us =
        poller->max_time_us != 0 ? spsi_poller_now(poller) + poller->max_time_us : 0;
    return (budget){until_us, has_enough_events(poller)};
}

// Serves one watch, or defers it to the next wait if the budget is used up.
static void serve_within(sps_poller *poller, spsi_watch *watch, budget *left) {
    if (left->is_spent) {
        spsi_watch_set_work(watch, SPSI_READY);
        return;
    }
    spsi_poller_serve(poller, watch, true);
    left->is_spent = has_enough_events(poller) ||
                     (left->until_us != 0 && spsi_poller_now(poller) >= left->until_us);
}

// Step 3. Due timers.
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
            ((sps_server *)watch->object)->rest = SPSI_REST_NONE;
        } else {
            watch->ready_mask |= SPSI_READABLE; // its idle timeout or its rest is over
        }
        spsi_watch_set_work(watch, SPSI_READY);
    }
}

// The next ready object; false: no more. Sets *woken if the caller has woken the wait.
static bool next_ready(const spsi_watch_group *group, spsi_ready *out_ready, bool *woken) {
    while (spsi_os_selector_next(group->platform, group->selector, out_ready)) {
        if (out_ready->token != NULL) {
            prefetch(out_ready->token);
            return true;
        }
        *woken |= (out_ready->mask & SPSI_WOKEN) != 0;
    }
    return false;
}

// Step 4. Watches that the last wait has left ready come first, in their order. Newly ready ones
// follow. Usually none was left, and newly ready ones are served at once. True if the caller has
// woken the wait.
static bool serve_all(sps_poller *poller) {
    const spsi_watch_group *group = &poller->group;
    const spsi_watch_list *ready = &group->work[SPSI_READY];
    const bool is_first = ready->count == 0;
    budget left = begin_budget(poller);
    bool woken = false;
    spsi_ready next;
    bool has_next = next_ready(group, &next, &woken);
    while (has_next) {
        const spsi_ready ready_now = next;
        spsi_watch *watch = ready_now.token;
        has_next = next_ready(group, &next, &woken);
        watch->ready_mask = (uint8_t)(watch->ready_mask | ready_now.mask);
        if (is_first) {
            serve_within(poller, watch, &left);
        } else {
            spsi_watch_set_work(watch, SPSI_READY);
        }
    }
    for (size_t count = is_first ? 0 : ready->count; count > 0 && !left.is_spent; count--) {
        serve_within(poller, ready->first, &left);
    }
    return woken;
}

static bool is_over(const sps_poller *poller, uint64_t until_us) {
    return until_us == 0 || (until_us != SPSI_NEVER && spsi_poller_now(poller) >= until_us);
}

// 0: no wait.
static uint64_t end_of_wait(const sps_poller *poller, int32_t timeout_ms) {
    if (timeout_ms <= 0) {
        return timeout_ms == 0 ? 0 : SPSI_NEVER;
    }
    return spsi_poller_now(poller) + (uint64_t)timeout_ms * 1000;
}

static sps_error wait_for_events(sps_poller *poller, uint64_t until_us) {
    const spsi_watch_group *group = &poller->group;
    bool woken = false;
    spsi_poller_finish_reported(poller);
    recheck_reported(poller);
    do {
        poller->turn++;
        const bool may_wait = serve_before_waiting(poller);
        const spsi_result result = spsi_os_selector_wait(
            group->platform, group->selector, time_to_wait(poller, may_wait ? until_us : 0));
        if (result.code != SPSI_DONE && result.code != SPSI_AGAIN) {
            return result.code == SPSI_NO_MEMORY ? SPS_ERR_OUT_OF_MEMORY : SPS_FAILED;
        }
        collect_due(poller);
        woken = serve_all(poller);
    } while (group->events.count == 0 && !woken && !is_over(poller, until_us));
    return SPS_OK;
}

sps_error sps_poller_wait(sps_poller *poller, int32_t timeout_ms, size_t *out_count) {
    size_t unused;
    out_count = out_count != NULL ? out_count : &unused;
    *out_count = 0;
    if (poller == NULL || timeout_ms < -1) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (poller->group.is_waiting) {
        return SPS_ERR_BUSY;
    }
    poller->group.is_waiting = true;
    const sps_error error = wait_for_events(poller, end_of_wait(poller, timeout_ms));
    poller->group.is_waiting = false;
    *out_count = error == SPS_OK ? poller->group.events.count : 0;
    return error;
}

// Whether the next wait finishes the stream of the last event, and then has something to do.
static bool has_to_finish(const spsi_watch *last) {
    if (last == NULL || last->is_server || last->work != SPSI_IDLE) {
        return false;
    }
    const sps_stream *stream = last->object;
    return stream->in.block != NULL && spsi_poller_has_turn(last);
}

// Whether the next wait has something to do before its selector waits.
static bool has_work(const sps_poller *poller) {
    const spsi_watch_list *work = poller->group.work;
    const spsi_watch *holder = work[SPSI_HOLDING].first;
    while (holder != NULL && !spsi_poller_has_turn(holder)) {
        holder = holder->links[SPSI_LANE_WORK].next;
    }
    return work[SPSI_PENDING].count > 0 || work[SPSI_FILTERS].count > 0 || holder != NULL ||
           has_to_finish(poller->group.last_reported);
}

sps_error sps_poller_get_timeout_us(const sps_poller *poller, int64_t *out_us) {
    if (poller == NULL || out_us == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const uint64_t time_us = has_work(poller) ? 0 : time_to_wait(poller, SPSI_NEVER);
    *out_us = time_us == SPSI_FOREVER || time_us > INT64_MAX ? -1 : (int64_t)time_us;
    return SPS_OK;
}

sps_error sps_poller_get_fd(const sps_poller *poller, intptr_t *out_fd) {
    if (out_fd == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_fd = SPSI_NO_HANDLE;
    if (poller == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_watch_group *group = &poller->group;
    *out_fd = spsi_os_selector_descriptor(group->platform, group->selector);
    return *out_fd != SPSI_NO_HANDLE ? SPS_OK : SPS_ERR_UNAVAILABLE;
}

sps_error sps_poller_wake(sps_poller *poller) {
    if (poller == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const spsi_watch_group *group = &poller->group;
    spsi_os_selector_wake(group->platform, group->selector, SPSI_WAKER_CALLER);
    return SPS_OK;
}
