// SPDX-License-Identifier: MIT
//
// The selector on kqueue(2). Reading and writing are two filters of a handle, added and deleted
// apart. They are level-triggered, even with SPSI_EDGE. With EV_CLEAR no event would show bytes
// behind urgent data. SPSI_EDGE alone asks for no bytes: its filter of reading has EV_CLEAR, and a
// low-water mark that no number of bytes reaches. It reports the end and failures.
#ifndef _WIN32

#include "platform/posix/unix.h"

#ifdef SPSI_USE_KQUEUE

#include <sys/types.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/event.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/memory.h"

enum { FILTERS = 2 };

struct spsi_selector {
    const sps_allocator *allocator;
    int fd;
    spsi_wake_pipe pipe; // its token is the selector
    struct kevent *events;
    size_t capacity;
    size_t watched; // handles
    size_t count;   // events that the last wait has brought
    size_t next;    // the next event to return
};

// Makes room for one more handle, and the pipe.
static bool make_room(spsi_selector *selector) {
    struct kevent *events = spsi_grow(selector->allocator, selector->events, &selector->capacity,
                                      (selector->watched + 2) * FILTERS, sizeof *selector->events);
    if (events == NULL) {
        return false;
    }
    selector->events = events;
    return true;
}

static spsi_result change(const spsi_selector *selector, spsi_handle handle, short filter,
                          unsigned short flags, void *token) {
    struct kevent event;
    const bool is_for_failures = (flags & EV_CLEAR) != 0;
    EV_SET(&event, (uintptr_t)handle, filter, flags, is_for_failures ? NOTE_LOWAT : 0,
           is_for_failures ? INT_MAX : 0, token);
    if (kevent(selector->fd, &event, 1, NULL, 0, NULL) == -1) {
        return spsi_posix_failure(errno);
    }
    return spsi_posix_done();
}

spsi_result spsi_unix_selector_create(const sps_platform *platform, const sps_allocator *allocator,
                                      spsi_selector **out_selector) {
    spsi_selector *selector = spsi_allocate_zeroed(allocator, sizeof *selector);
    if (selector == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    selector->allocator = allocator;
    spsi_result result = spsi_wake_pipe_open(&selector->pipe);
    if (result.code != SPSI_DONE) {
        spsi_free(allocator, selector, sizeof *selector);
        return result;
    }
    selector->fd = kqueue();
    if (selector->fd == -1) {
        result = spsi_posix_failure(errno);
    } else if (fcntl(selector->fd, F_SETFD, FD_CLOEXEC) == -1) {
        result = spsi_posix_failure(errno);
    } else if (!make_room(selector)) {
        result = (spsi_result){SPSI_NO_MEMORY, 0};
    } else {
        result = change(selector, selector->pipe.read_fd, EVFILT_READ, EV_ADD, selector);
    }
    if (result.code != SPSI_DONE) {
        spsi_unix_selector_destroy(platform, selector);
        return result;
    }
    *out_selector = selector;
    return result;
}

void spsi_unix_selector_destroy(const sps_platform *platform, spsi_selector *selector) {
    (void)platform;
    spsi_wake_pipe_close(&selector->pipe);
    if (selector->fd != -1) {
        close(selector->fd);
    }
    spsi_free(selector->allocator, selector->events, selector->capacity * sizeof *selector->events);
    spsi_free(selector->allocator, selector, sizeof *selector);
}

// Adds or deletes one filter, if that changes.
static spsi_result change_filter(const spsi_selector *selector, spsi_handle handle, short filter,
                                 bool before, bool after, void *token) {
    if (before == after) {
        return spsi_posix_done();
    }
    return change(selector, handle, filter, after ? EV_ADD : EV_DELETE, token);
}

// The flags that add the filter of reading; 0: none.
static unsigned short reading_of(unsigned interests) {
    if (interests & SPSI_READABLE) {
        return EV_ADD;
    }
    return interests & SPSI_EDGE ? EV_ADD | EV_CLEAR : 0;
}

// Not every BSD changes EV_CLEAR of a filter that is there, so the old one is deleted first.
static spsi_result change_reading(const spsi_selector *selector, spsi_handle handle,
                                  unsigned before, unsigned after, void *token) {
    const unsigned short old = reading_of(before), wanted = reading_of(after);
    if (old == wanted) {
        return spsi_posix_done();
    }
    if (old != 0) {
        change(selector, handle, EVFILT_READ, EV_DELETE, NULL);
    }
    const spsi_result result =
        wanted != 0 ? change(selector, handle, EVFILT_READ, wanted, token) : spsi_posix_done();
    if (result.code != SPSI_DONE && old != 0) {
        change(selector, handle, EVFILT_READ, old, token);
    }
    return result;
}

spsi_result spsi_unix_selector_set(const sps_platform *platform, spsi_selector *selector,
                                   spsi_handle handle, unsigned before, unsigned after,
                                   void *token) {
    (void)platform;
    if (before == 0 && !make_room(selector)) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    const spsi_result result = change_reading(selector, handle, before, after, token);
    if (result.code != SPSI_DONE && after != 0) {
        return result;
    }
    const spsi_result written =
        change_filter(selector, handle, EVFILT_WRITE, (before & SPSI_WRITABLE) != 0,
                      (after & SPSI_WRITABLE) != 0, token);
    if (written.code != SPSI_DONE && after != 0) {
        change_reading(selector, handle, after, before, token);
        return written;
    }
    selector->watched += before == 0;
    selector->watched -= after == 0;
    return spsi_posix_done();
}

static int wait_once(void *context, uint64_t timeout_us) {
    const spsi_selector *selector = context;
    const struct timespec time = {(time_t)(timeout_us / 1000000),
                                  (long)(timeout_us % 1000000) * 1000};
    return kevent(selector->fd, NULL, 0, selector->events, (int)((selector->watched + 1) * FILTERS),
                  timeout_us == SPSI_FOREVER ? NULL : &time);
}

spsi_result spsi_unix_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                    uint64_t timeout_us) {
    (void)platform;
    selector->next = 0;
    return spsi_posix_wait(wait_once, selector, timeout_us, &selector->count);
}

bool spsi_unix_selector_next(const sps_platform *platform, spsi_selector *selector,
                             spsi_ready *out_ready) {
    (void)platform;
    if (selector->next == selector->count) {
        return false;
    }
    const struct kevent *event = &selector->events[selector->next++];
    if (event->udata == selector) {
        const bool by_caller = spsi_wake_pipe_drain(&selector->pipe);
        *out_ready = (spsi_ready){NULL, by_caller ? SPSI_WOKEN : 0};
        return true;
    }
    unsigned mask = event->filter == EVFILT_READ ? SPSI_READABLE : SPSI_WRITABLE;
    mask |= event->flags & (EV_EOF | EV_ERROR) ? (unsigned)SPSI_MORE : 0;
    mask |= (event->flags & EV_EOF) && event->fflags != 0 ? (unsigned)SPSI_BROKEN : 0;
    *out_ready = (spsi_ready){event->udata, mask};
    return true;
}

void spsi_unix_selector_wake(const sps_platform *platform, spsi_selector *selector,
                             spsi_waker waker) {
    (void)platform;
    spsi_wake_pipe_wake(&selector->pipe, waker);
}

spsi_handle spsi_unix_selector_descriptor(const sps_platform *platform,
                                          const spsi_selector *selector) {
    (void)platform;
    return selector->fd;
}

#else
typedef int spsi_kqueue_is_elsewhere; // ISO C wants a declaration in each file
#endif

#else
typedef int spsi_bsd_selector_is_elsewhere; // ISO C wants a declaration in each file
#endif
