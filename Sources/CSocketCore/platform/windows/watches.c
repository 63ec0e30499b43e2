// SPDX-License-Identifier: MIT
#ifdef _WIN32

#include "platform/windows/watches.h"

#include <string.h>

#include "base/memory.h"

// ---- The table: open addressing, linear probing

enum { LEAST_SLOTS = 64 };

// Handles are multiples of 4 (Fibonacci hashing spreads them).
static size_t home_of(const spsi_afd_watches *watches, spsi_handle handle) {
    const uint64_t hash = ((uint64_t)handle >> 2) * UINT64_C(0x9e3779b97f4a7c15);
    return (size_t)(hash >> 32) & (watches->capacity - 1);
}

static size_t slot_of(const spsi_afd_watches *watches, spsi_handle handle) {
    size_t slot = home_of(watches, handle);
    while (watches->slots[slot] != NULL && watches->slots[slot]->handle != handle) {
        slot = (slot + 1) & (watches->capacity - 1);
    }
    return slot;
}

spsi_afd_watch *spsi_watches_find(const spsi_afd_watches *watches, spsi_handle handle) {
    return watches->capacity > 0 ? watches->slots[slot_of(watches, handle)] : NULL;
}

// At most three quarters of the slots are in use.
static bool make_slot(spsi_afd_watches *watches) {
    if ((watches->count + 1) * 4 <= watches->capacity * 3) {
        return true;
    }
    const spsi_afd_watches old = *watches;
    const size_t capacity = old.capacity > 0 ? old.capacity * 2 : LEAST_SLOTS;
    spsi_afd_watch **slots =
        spsi_allocate_zeroed(old.allocator, capacity * sizeof(spsi_afd_watch *));
    if (slots == NULL) {
        return false;
    }
    watches->slots = slots;
    watches->capacity = capacity;
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i] != NULL) {
            watches->slots[slot_of(watches, old.slots[i]->handle)] = old.slots[i];
        }
    }
    spsi_free(old.allocator, old.slots, old.capacity * sizeof(spsi_afd_watch *));
    return true;
}

// Moves those behind a hole into it that would not be found any more.
static void clear_slot(const spsi_afd_watches *watches, size_t hole) {
    const size_t last = watches->capacity - 1;
    for (size_t slot = (hole + 1) & last; watches->slots[slot] != NULL; slot = (slot + 1) & last) {
        const size_t home = home_of(watches, watches->slots[slot]->handle);
        if (((slot - home) & last) >= ((slot - hole) & last)) {
            watches->slots[hole] = watches->slots[slot];
            hole = slot;
        }
    }
    watches->slots[hole] = NULL;
}

// ---- The groups

static bool make_group(spsi_afd_watches *watches, HANDLE port, DWORD *out_error) {
    spsi_afd_group *group = spsi_allocate_zeroed(watches->allocator, sizeof *group);
    if (group == NULL) {
        *out_error = ERROR_NOT_ENOUGH_MEMORY;
        return false;
    }
    group->afd = spsi_afd_open(out_error);
    if (group->afd != NULL && CreateIoCompletionPort(group->afd, port, 0, 0) == NULL) {
        *out_error = GetLastError();
        CloseHandle(group->afd);
        group->afd = NULL;
    }
    if (group->afd == NULL) {
        spsi_free(watches->allocator, group, sizeof *group);
        return false;
    }
    SetFileCompletionNotificationModes(group->afd, FILE_SKIP_SET_EVENT_ON_HANDLE);
    group->next = watches->groups;
    watches->groups = group;
    for (size_t i = SPSI_GROUP_WATCHES; i-- > 0;) {
        group->watches[i].afd = group->afd;
        group->watches[i].next = watches->unused;
        watches->unused = &group->watches[i];
    }
    return true;
}

spsi_afd_watch *spsi_watches_add(spsi_afd_watches *watches, spsi_handle handle, HANDLE port,
                                 DWORD *out_error) {
    if (!make_slot(watches)) {
        *out_error = ERROR_NOT_ENOUGH_MEMORY;
        return NULL;
    }
    if (watches->unused == NULL && !make_group(watches, port, out_error)) {
        return NULL;
    }
    spsi_afd_watch *watch = watches->unused;
    watches->unused = watch->next;
    const HANDLE afd = watch->afd;
    memset(watch, 0, sizeof *watch);
    watch->afd = afd;
    watch->handle = handle;
    watches->slots[slot_of(watches, handle)] = watch;
    watches->count++;
    return watch;
}

void spsi_watches_remove(spsi_afd_watches *watches, spsi_afd_watch *watch) {
    clear_slot(watches, slot_of(watches, watch->handle));
    watches->count--;
    watch->next = watches->unused;
    watches->unused = watch;
}

void spsi_watches_cancel(const spsi_afd_watches *watches) {
    for (const spsi_afd_group *group = watches->groups; group != NULL; group = group->next) {
        CancelIoEx(group->afd, NULL);
    }
}

void spsi_watches_release(spsi_afd_watches *watches) {
    spsi_afd_group *next;
    for (spsi_afd_group *group = watches->groups; group != NULL; group = next) {
        next = group->next;
        CloseHandle(group->afd);
        spsi_free(watches->allocator, group, sizeof *group);
    }
    spsi_free(watches->allocator, watches->slots, watches->capacity * sizeof(spsi_afd_watch *));
}

#else
typedef int spsi_windows_watches_is_elsewhere; // ISO C wants a declaration in each file
#endif
