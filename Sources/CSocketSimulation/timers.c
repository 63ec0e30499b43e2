// SPDX-License-Identifier: MIT
#include "timers.h"

#include "memory.h"
#include "sim.h"

static bool is_before(const sim_timer *one, const sim_timer *other) {
    return one->due_us != other->due_us ? one->due_us < other->due_us : one->tie < other->tie;
}

static void put(sim_heap *heap, size_t place, sim_timer *timer) {
    heap->timers[place] = timer;
    timer->place = place;
}

static void rise(sim_heap *heap, sim_timer *timer) {
    size_t place = timer->place;
    while (place > 0 && is_before(timer, heap->timers[(place - 1) / 2])) {
        put(heap, place, heap->timers[(place - 1) / 2]);
        place = (place - 1) / 2;
    }
    put(heap, place, timer);
}

static void sink(sim_heap *heap, sim_timer *timer) {
    size_t place = timer->place;
    for (size_t child; (child = 2 * place + 1) < heap->count; place = child) {
        if (child + 1 < heap->count && is_before(heap->timers[child + 1], heap->timers[child])) {
            child++;
        }
        if (!is_before(heap->timers[child], timer)) {
            break;
        }
        put(heap, place, heap->timers[child]);
    }
    put(heap, place, timer);
}

bool spsi_sim_timer_add(sim_heap *heap, const sps_allocator *allocator, sim_timer *timer,
                        void (*fire)(void *owner), void *owner) {
    void *timers = heap->timers;
    if (!spsi_sim_grow(allocator, &timers, &heap->capacity, heap->count + 1,
                       sizeof *heap->timers)) {
        return false;
    }
    heap->timers = timers;
    *timer = (sim_timer){SIM_NEVER, UINT64_MAX, heap->count, fire, owner};
    heap->timers[heap->count++] = timer;
    return true;
}

void spsi_sim_timer_set(sim_heap *heap, sim_timer *timer, uint64_t due_us, uint64_t tie) {
    timer->due_us = due_us;
    timer->tie = tie;
    rise(heap, timer);
    sink(heap, timer);
}

void spsi_sim_timer_remove(sim_heap *heap, sim_timer *timer) {
    if (timer->fire == NULL) {
        return; // was never added
    }
    sim_timer *last = heap->timers[--heap->count];
    if (last != timer) {
        put(heap, timer->place, last);
        rise(heap, last);
        sink(heap, last);
    }
    timer->fire = NULL;
}

uint64_t spsi_sim_heap_next_us(const sim_heap *heap) {
    return heap->count > 0 ? heap->timers[0]->due_us : SIM_NEVER;
}
