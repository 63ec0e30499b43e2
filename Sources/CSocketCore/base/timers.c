// SPDX-License-Identifier: MIT
#include "base/timers.h"

#include <assert.h>

#include "base/memory.h"

static bool make_room(spsi_timers *timers, const sps_allocator *allocator) {
    spsi_timer **heap = spsi_grow(allocator, timers->heap, &timers->capacity, timers->count + 1,
                                  sizeof *timers->heap);
    if (heap == NULL) {
        return false;
    }
    timers->heap = heap;
    return true;
}

static void put(spsi_timers *timers, size_t place, spsi_timer *timer) {
    timers->heap[place - 1] = timer;
    timer->place = (uint32_t)place;
}

static spsi_timer *at(const spsi_timers *timers, size_t place) {
    return timers->heap[place - 1];
}

// Moves the timer that is to stand at `place` up, past those that are due later.
static size_t rise(spsi_timers *timers, size_t place, uint64_t due_us) {
    while (place > 1 && at(timers, place / 2)->due_us > due_us) {
        put(timers, place, at(timers, place / 2));
        place /= 2;
    }
    return place;
}

static size_t sink(spsi_timers *timers, size_t place, uint64_t due_us) {
    for (size_t child; (child = 2 * place) <= timers->count; place = child) {
        if (child < timers->count && at(timers, child + 1)->due_us < at(timers, child)->due_us) {
            child++;
        }
        if (at(timers, child)->due_us >= due_us) {
            break;
        }
        put(timers, place, at(timers, child));
    }
    return place;
}

static void settle(spsi_timers *timers, size_t place, spsi_timer *timer) {
    place = rise(timers, place, timer->due_us);
    put(timers, sink(timers, place, timer->due_us), timer);
}

bool spsi_timers_add(spsi_timers *timers, spsi_timer *timer, const sps_allocator *allocator) {
    if (!make_room(timers, allocator)) {
        return false;
    }
    timer->due_us = SPSI_NEVER;
    put(timers, ++timers->count, timer);
    return true;
}

void spsi_timers_set(spsi_timers *timers, spsi_timer *timer, uint64_t due_us) {
    assert(timer->place >= 1 && timer->place <= timers->count && at(timers, timer->place) == timer);
    timer->due_us = due_us;
    settle(timers, timer->place, timer);
}

void spsi_timers_remove(spsi_timers *timers, spsi_timer *timer) {
    assert(timer->place >= 1 && timer->place <= timers->count && at(timers, timer->place) == timer);
    spsi_timer *last = at(timers, timers->count--);
    if (last != timer) {
        settle(timers, timer->place, last);
    }
}

void spsi_timers_release(spsi_timers *timers, const sps_allocator *allocator) {
    spsi_free(allocator, timers->heap, timers->capacity * sizeof *timers->heap);
    *timers = (spsi_timers){NULL, 0, 0};
}
