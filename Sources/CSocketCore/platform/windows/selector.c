// SPDX-License-Identifier: MIT
//
// The selector on polls of the driver (afd.h) and a completion port.
//
// Each socket has a one-shot poll in flight. Its completion makes the watch ready. The next wait
// begins a new one, which completes at once if the reason is still there. So the selector is
// level-triggered, even with SPSI_EDGE. Only a failure, which never ends, is reported once with
// SPSI_EDGE.
//
// A change of interests cancels the poll if it lacks an event. A new one must not begin before the
// old one has ended. A removed socket's watch stays until then, too. If its handle is added again
// meanwhile, the same or a new socket with that number, the watch serves it.
#ifdef _WIN32

#include "platform/windows/watches.h"

#include <string.h>

#include "base/memory.h"

typedef struct watch_list {
    spsi_afd_watch *first, *last;
} watch_list;

// Bits of `wakes`. The port holds at most one packet for all wakes.
enum { BY_CALLER = 1, BY_LOOKUP = 2, IS_POSTED = 4 };

struct spsi_selector {
    HANDLE port;
    spsi_afd_watches watches;
    watch_list lists[SPSI_IN_READY + 1];
    size_t in_flight; // polls
    size_t cancelled; // of these, polls whose result is void
    volatile LONG wakes;
    LONG woken; // the wakes that selector_next() has to return
};

// ---- Lists

static void unlist(spsi_selector *selector, spsi_afd_watch *watch) {
    if (watch->list == SPSI_IN_NO_LIST) {
        return;
    }
    watch_list *list = &selector->lists[watch->list];
    *(watch->previous != NULL ? &watch->previous->next : &list->first) = watch->next;
    *(watch->next != NULL ? &watch->next->previous : &list->last) = watch->previous;
    watch->list = SPSI_IN_NO_LIST;
}

static void enlist(spsi_selector *selector, spsi_afd_watch *watch, uint8_t name) {
    if (watch->list == name) {
        return;
    }
    unlist(selector, watch);
    watch_list *list = &selector->lists[name];
    watch->next = NULL;
    watch->previous = list->last;
    *(list->last != NULL ? &list->last->next : &list->first) = watch;
    list->last = watch;
    watch->list = name;
}

// ---- Making and ending

spsi_result spsi_windows_selector_create(const sps_platform *platform,
                                         const sps_allocator *allocator,
                                         spsi_selector **out_selector) {
    (void)platform;
    spsi_selector *selector = spsi_allocate_zeroed(allocator, sizeof *selector);
    if (selector == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    selector->watches.allocator = allocator;
    selector->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    if (selector->port == NULL) {
        const DWORD error = GetLastError();
        spsi_free(allocator, selector, sizeof *selector);
        return spsi_windows_failure(error);
    }
    *out_selector = selector;
    return spsi_windows_done();
}

static spsi_result collect(spsi_selector *selector, DWORD timeout_ms);

// The driver writes to the memory of a poll until it has ended. A cancelled poll ends at once.
void spsi_windows_selector_destroy(const sps_platform *platform, spsi_selector *selector) {
    (void)platform;
    spsi_watches_cancel(&selector->watches);
    while (selector->in_flight > 0 && collect(selector, INFINITE).code == SPSI_DONE) {
    }
    const sps_allocator *allocator = selector->watches.allocator;
    spsi_watches_release(&selector->watches);
    CloseHandle(selector->port);
    spsi_free(allocator, selector, sizeof *selector);
}

// ---- Interests

static ULONG events_of(const spsi_afd_watch *watch) {
    ULONG events = watch->is_told ? 0 : SPSI_AFD_FAILURES;
    if (watch->interests & SPSI_READABLE) {
        events |= SPSI_AFD_RECEIVE | SPSI_AFD_DISCONNECT | SPSI_AFD_ACCEPT;
    }
    return watch->interests & SPSI_WRITABLE ? events | SPSI_AFD_SEND : events;
}

// The poll may have ended already. Its completion arrives in either case.
static void cancel(spsi_selector *selector, spsi_afd_watch *watch) {
    if (watch->state == SPSI_POLL_PENDING) {
        CancelIoEx(watch->afd, &watch->poll.overlapped);
        watch->state = SPSI_POLL_CANCELLED;
        selector->cancelled++;
    }
}

static void remove_watch(spsi_selector *selector, spsi_afd_watch *watch) {
    unlist(selector, watch);
    watch->interests = 0;
    cancel(selector, watch);
    if (watch->state == SPSI_POLL_IDLE) {
        spsi_watches_remove(&selector->watches, watch);
    }
}

// The watch of a handle that is added.
static spsi_result add_watch(spsi_selector *selector, spsi_handle handle,
                             spsi_afd_watch **out_watch) {
    DWORD error;
    spsi_afd_watch *watch = spsi_watches_find(&selector->watches, handle);
    watch = watch != NULL ? watch
                          : spsi_watches_add(&selector->watches, handle, selector->port, &error);
    if (watch == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, (int32_t)error};
    }
    watch->base = spsi_afd_base_of((SOCKET)handle);
    watch->is_told = false;
    *out_watch = watch;
    return spsi_windows_done();
}

spsi_result spsi_windows_selector_set(const sps_platform *platform, spsi_selector *selector,
                                      spsi_handle handle, unsigned before, unsigned after,
                                      void *token) {
    (void)platform;
    spsi_afd_watch *watch = NULL;
    if (before == 0) {
        const spsi_result result = add_watch(selector, handle, &watch);
        if (result.code != SPSI_DONE) {
            return result;
        }
    } else {
        watch = spsi_watches_find(&selector->watches, handle);
    }
    if (after == 0) {
        remove_watch(selector, watch);
        return spsi_windows_done();
    }
    watch->interests = (uint8_t)after;
    watch->token = token;
    if (watch->state == SPSI_POLL_PENDING && (events_of(watch) & ~watch->asked) != 0) {
        cancel(selector, watch);
    } else if (watch->state == SPSI_POLL_IDLE && watch->list == SPSI_IN_NO_LIST) {
        enlist(selector, watch, SPSI_IN_UPDATES);
    }
    return spsi_windows_done();
}

// ---- Completions

static unsigned mask_of(const spsi_afd_watch *watch, ULONG events) {
    unsigned mask = 0;
    if (events & (SPSI_AFD_FAILURES | SPSI_AFD_LOCAL_CLOSE)) {
        return SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE | SPSI_BROKEN;
    }
    if (events & (SPSI_AFD_RECEIVE | SPSI_AFD_ACCEPT)) {
        mask |= SPSI_READABLE;
    }
    if (events & SPSI_AFD_DISCONNECT) {
        mask |= SPSI_READABLE | SPSI_MORE;
    }
    if (events & SPSI_AFD_SEND) {
        mask |= SPSI_WRITABLE;
    }
    // Interests may have been taken away since the poll began.
    const unsigned wanted = mask & watch->interests & (SPSI_READABLE | SPSI_WRITABLE);
    return wanted != 0 ? wanted | (mask & SPSI_MORE) : 0;
}

static void make_ready(spsi_selector *selector, spsi_afd_watch *watch, ULONG events) {
    const unsigned mask = mask_of(watch, events);
    if (mask == 0) {
        enlist(selector, watch, SPSI_IN_UPDATES);
        return;
    }
    watch->mask = (uint8_t)mask;
    watch->is_told |= (mask & SPSI_BROKEN) && (watch->interests & SPSI_EDGE);
    enlist(selector, watch, SPSI_IN_READY);
}

static void complete(spsi_selector *selector, spsi_afd_watch *watch) {
    const bool is_void = watch->state == SPSI_POLL_CANCELLED;
    const LONG status = spsi_afd_status(&watch->poll);
    selector->in_flight--;
    selector->cancelled -= is_void;
    watch->state = SPSI_POLL_IDLE;
    if (watch->interests == 0) {
        spsi_watches_remove(&selector->watches, watch);
    } else if (is_void || status == SPSI_AFD_CANCELLED) {
        enlist(selector, watch, SPSI_IN_UPDATES);
    } else {
        make_ready(selector, watch, status < 0 ? SPSI_AFD_ABORT : spsi_afd_events(&watch->poll));
    }
}

// Takes what the port has, and waits for the first. AGAIN after the timeout.
static spsi_result collect(spsi_selector *selector, DWORD timeout_ms) {
    enum { AT_ONCE = 64 };
    OVERLAPPED_ENTRY entries[AT_ONCE];
    bool found = false;
    for (ULONG count = AT_ONCE; count == AT_ONCE; timeout_ms = 0) {
        if (!GetQueuedCompletionStatusEx(selector->port, entries, AT_ONCE, &count, timeout_ms,
                                         FALSE)) {
            const DWORD error = GetLastError();
            if (error != WAIT_TIMEOUT) {
                return spsi_windows_failure(error);
            }
            return (spsi_result){found ? SPSI_DONE : SPSI_AGAIN, 0};
        }
        found = true;
        for (ULONG i = 0; i < count; i++) {
            if (entries[i].lpOverlapped != NULL) {
                complete(selector, (spsi_afd_watch *)entries[i].lpOverlapped);
            } else {
                selector->woken |= InterlockedExchange(&selector->wakes, 0);
            }
        }
    }
    return spsi_windows_done();
}

// ---- Waiting

// Begins the poll of a watch, unless nothing is left to wait for.
static DWORD begin_poll(spsi_selector *selector, spsi_afd_watch *watch) {
    const ULONG events = events_of(watch);
    if (events == 0) {
        return ERROR_SUCCESS;
    }
    memset(&watch->poll.overlapped, 0, sizeof watch->poll.overlapped);
    const DWORD error = spsi_afd_begin(watch->afd, &watch->poll, watch->base, events, INT64_MAX);
    if (error != ERROR_SUCCESS && error != ERROR_IO_PENDING) {
        return error;
    }
    watch->asked = (uint16_t)events;
    watch->state = SPSI_POLL_PENDING;
    selector->in_flight++;
    return ERROR_SUCCESS;
}

// Begins the polls that are due. A handle that is not a socket any more counts as broken. If memory
// is short, the rest stays for the next wait.
static spsi_result begin_polls(spsi_selector *selector) {
    spsi_afd_watch *watch;
    while ((watch = selector->lists[SPSI_IN_UPDATES].first) != NULL) {
        const DWORD error =
            watch->state == SPSI_POLL_IDLE ? begin_poll(selector, watch) : ERROR_SUCCESS;
        if (error == ERROR_INVALID_HANDLE) {
            watch->is_told = true;
            make_ready(selector, watch, SPSI_AFD_ABORT);
        } else if (error != ERROR_SUCCESS) {
            return spsi_windows_failure(error);
        } else {
            unlist(selector, watch);
        }
    }
    return spsi_windows_done();
}

static bool has_found(const spsi_selector *selector) {
    return selector->lists[SPSI_IN_READY].first != NULL || selector->woken != 0;
}

// One round: DONE if something is ready, or if a poll is to begin again.
static spsi_result wait_once(spsi_selector *selector, uint64_t timeout_us) {
    const spsi_result begun = begin_polls(selector);
    if (begun.code != SPSI_DONE) {
        return begun;
    }
    const LONG wakes = InterlockedOr(&selector->wakes, 0);
    if (wakes != 0 && !(wakes & IS_POSTED)) {
        selector->woken |= InterlockedExchange(&selector->wakes, 0);
    }
    return collect(selector, has_found(selector) ? 0 : spsi_windows_wait_ms(timeout_us));
}

spsi_result spsi_windows_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                       uint64_t timeout_us) {
    (void)platform;
    const bool limited = timeout_us != SPSI_FOREVER && timeout_us != 0;
    const uint64_t deadline = limited ? spsi_windows_now_us(NULL) + timeout_us : 0;
    spsi_afd_watch *watch;
    while ((watch = selector->lists[SPSI_IN_READY].first) != NULL) {
        enlist(selector, watch, SPSI_IN_UPDATES);
    }
    if (selector->cancelled > 0) { // their sockets are due, with the others
        collect(selector, 0);
    }
    for (;;) {
        const spsi_result result = wait_once(selector, timeout_us);
        if (has_found(selector)) {
            return spsi_windows_done();
        }
        if (result.code != SPSI_DONE && result.code != SPSI_AGAIN) {
            return result;
        }
        if (limited) { // a wait may end a tick too early
            const uint64_t now = spsi_windows_now_us(NULL);
            timeout_us = now < deadline ? deadline - now : 0;
        }
        if (timeout_us == 0 && result.code == SPSI_AGAIN) {
            return result;
        }
    }
}

bool spsi_windows_selector_next(const sps_platform *platform, spsi_selector *selector,
                                spsi_ready *out_ready) {
    (void)platform;
    if (selector->woken != 0) {
        *out_ready = (spsi_ready){NULL, selector->woken & BY_CALLER ? SPSI_WOKEN : 0};
        selector->woken = 0;
        return true;
    }
    spsi_afd_watch *watch = selector->lists[SPSI_IN_READY].first;
    if (watch == NULL) {
        return false;
    }
    *out_ready = (spsi_ready){watch->token, watch->mask};
    enlist(selector, watch, SPSI_IN_UPDATES);
    return true;
}

// ---- Waking

// If the port has no memory for a packet, the next wake tries again, and the next wait looks at the
// bits before it waits.
void spsi_windows_selector_wake(const sps_platform *platform, spsi_selector *selector,
                                spsi_waker waker) {
    (void)platform;
    const DWORD saved = GetLastError();
    const LONG bits = (waker == SPSI_WAKER_CALLER ? BY_CALLER : BY_LOOKUP) | IS_POSTED;
    if (!(InterlockedOr(&selector->wakes, bits) & IS_POSTED) &&
        !PostQueuedCompletionStatus(selector->port, 0, 0, NULL)) {
        InterlockedAnd(&selector->wakes, ~(LONG)IS_POSTED);
    }
    SetLastError(saved);
}

spsi_handle spsi_windows_selector_descriptor(const sps_platform *platform,
                                             const spsi_selector *selector) {
    (void)platform;
    (void)selector;
    return SPSI_NO_HANDLE;
}

#else
typedef int spsi_windows_selector_is_elsewhere; // ISO C wants a declaration in each file
#endif
