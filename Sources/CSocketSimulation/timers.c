// SPDX-License-Identifier: MIT
#include "timers.h"

#include <assert.h>

#include "memory.h"
#include "sim.h"

static bool is_before(const spsi_sim_timer *one, const spsi_sim_timer *other) {
    return one->due_us != other->due_us ? one->due_us < other->due_us
                                        : one->tie_break < other->tie_break;
}

static void put(spsi_sim_heap *heap, size_t index, spsi_sim_timer *timer) {
    heap->timers[index] = timer;
    timer->index = index;
}

static bool is_in_heap(const spsi_sim_heap *heap, const spsi_sim_timer *timer) {
    return timer->fire != NULL && timer->index < heap->count && heap->timers[timer->index] == timer;
}

bool spsi_sim_timer_is_in_order(const spsi_sim_heap *heap, const spsi_sim_timer *timer) {
    if (!is_in_heap(heap, timer)) {
        return false;
    }
    const size_t index = timer->index, child = 2 * index + 1;
    return (index == 0 || !is_before(timer, heap->timers[(index - 1) / 2])) &&
           (child >= heap->count || !is_before(heap->timers[child], timer)) &&
           (child + 1 >= heap->count || !is_before(heap->timers[child + 1], timer));
}

bool spsi_sim_heap_is_consistent(const spsi_sim_heap *heap) {
    for (size_t i = 0; i < heap->count; i++) {
        if (heap->timers[i]->index != i || !spsi_sim_timer_is_in_order(heap, heap->timers[i])) {
            return false;
        }
    }
    return heap->count <= heap->capacity;
}

static void rise(spsi_sim_heap *heap, spsi_sim_timer *timer) {
    size_t index = timer->index;
    while (index > 0 && is_before(timer, heap->timers[(index - 1) / 2])) {
        put(heap, index, heap->timers[(index - 1) / 2]);
        index = (index - 1) / 2;
    }
    put(heap, index, timer);
}

static void sink(spsi_sim_heap *heap, spsi_sim_timer *timer) {
    size_t index = timer->index;
    for (size_t child; (child = 2 * index + 1) < heap->count; index = child) {
        if (child + 1 < heap->count && is_before(heap->timers[child + 1], heap->timers[child])) {
            child++;
        }
        if (!is_before(heap->timers[child], timer)) {
            break;
        }
        put(heap, index, heap->timers[child]);
    }
    put(heap, index, timer);
}

bool spsi_sim_timer_add(spsi_sim_heap *heap, const sps_allocator *allocator, spsi_sim_timer *timer,
                        void (*fire)(void *owner), void *owner) {
    assert(timer->fire == NULL && fire != NULL);
    void *timers = heap->timers;
    if (!spsi_sim_grow(allocator, &timers, &heap->capacity, heap->count + 1,
                       sizeof *heap->timers)) {
        return false;
    }
    heap->timers = timers;
    *timer = (spsi_sim_timer){SPSI_SIM_NEVER, UINT64_MAX, heap->count, fire, owner};
    heap->timers[heap->count++] = timer;
    assert(spsi_sim_timer_is_in_order(heap, timer));
    return true;
}

void spsi_sim_timer_set(spsi_sim_heap *heap, spsi_sim_timer *timer, uint64_t due_us,
                        uint64_t tie_break) {
    assert(spsi_sim_timer_is_in_order(heap, timer));
    timer->due_us = due_us;
    timer->tie_break = tie_break;
    rise(heap, timer);
    sink(heap, timer);
    assert(spsi_sim_timer_is_in_order(heap, timer));
}

void spsi_sim_timer_remove(spsi_sim_heap *heap, spsi_sim_timer *timer) {
    if (timer->fire == NULL) {
        return; // was never added
    }
    assert(spsi_sim_timer_is_in_order(heap, timer));
    spsi_sim_timer *last = heap->timers[--heap->count];
    if (last != timer) {
        put(heap, timer->index, last);
        rise(heap, last);
        sink(heap, last);
        assert(spsi_sim_timer_is_in_order(heap, last));
    }
    timer->fire = NULL;
}

uint64_t spsi_sim_heap_next_us(const spsi_sim_heap *heap) {
    return heap->count > 0 ? heap->timers[0]->due_us : SPSI_SIM_NEVER;
}
