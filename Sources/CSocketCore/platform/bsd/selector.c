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

// The counts of kevent(2).
#ifdef __NetBSD__
typedef size_t event_count;
#else
typedef int event_count;
#endif

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
    // A signal ends the call after the change (kevent(2), EINTR).
    if (kevent(selector->fd, &event, 1, NULL, 0, NULL) == -1 && errno != EINTR) {
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

// A descriptor that other code has closed took its filters along, so nothing is left to delete.
static void delete_filter(const spsi_selector *selector, spsi_handle handle, short filter) {
    (void)change(selector, handle, filter, EV_DELETE, NULL);
}

// Adds or deletes the filter of writing, if that changes.
static spsi_result change_writing(const spsi_selector *selector, spsi_handle handle, bool before,
                                  bool after, void *token) {
    if (before == after) {
        return spsi_posix_done();
    }
    if (after) {
        return change(selector, handle, EVFILT_WRITE, EV_ADD, token);
    }
    delete_filter(selector, handle, EVFILT_WRITE);
    return spsi_posix_done();
}

// The flags that add the filter of reading; 0: none.
static unsigned short reading_of(unsigned interests) {
    if (interests & SPSI_READABLE) {
        return EV_ADD;
    }
    return interests & SPSI_EDGE ? EV_ADD | EV_CLEAR : 0;
}

// Not every BSD changes EV_CLEAR of a filter that is there, so the old one is deleted first. A
// change to failures alone removes an interest, so it succeeds even if the OS has no memory for it.
static spsi_result change_reading(const spsi_selector *selector, spsi_handle handle,
                                  unsigned before, unsigned after, void *token) {
    const unsigned short old = reading_of(before), wanted = reading_of(after);
    if (old == wanted) {
        return spsi_posix_done();
    }
    if (old != 0) {
        delete_filter(selector, handle, EVFILT_READ);
    }
    if (wanted == 0) {
        return spsi_posix_done();
    }
    const spsi_result result = change(selector, handle, EVFILT_READ, wanted, token);
    if (result.code == SPSI_DONE || old == 0) {
        return result;
    }
    if (wanted & EV_CLEAR) {
        return spsi_posix_done();
    }
    change(selector, handle, EVFILT_READ, old, token);
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
    const spsi_result written = change_writing(selector, handle, (before & SPSI_WRITABLE) != 0,
                                               (after & SPSI_WRITABLE) != 0, token);
    if (written.code != SPSI_DONE && after != 0) {
        change_reading(selector, handle, after, before, token);
        return written;
    }
    selector->watched += before == 0;
    selector->watched -= after == 0;
    return spsi_posix_done();
}

// macOS refuses longer waits (itimerfix() of XNU). The caller's loop then waits again.
static const uint64_t longest_wait_us = 100000000ull * 1000000;

static int wait_once(void *context, uint64_t timeout_us) {
    const spsi_selector *selector = context;
    const uint64_t limited_us = timeout_us < longest_wait_us ? timeout_us : longest_wait_us;
    const struct timespec time = {(time_t)(limited_us / 1000000),
                                  (long)(limited_us % 1000000) * 1000};
    const event_count most = (event_count)((selector->watched + 1) * FILTERS);
    return kevent(selector->fd, NULL, 0, selector->events, most,
                  timeout_us == SPSI_FOREVER ? NULL : &time);
}

spsi_result spsi_unix_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                    uint64_t timeout_us) {
    (void)platform;
    selector->next = 0;
    return spsi_posix_wait(wait_once, selector, timeout_us, &selector->count);
}

// macOS marks urgent data.
#ifdef EV_OOBAND
enum { NO_PROOF = EV_EOF | EV_OOBAND };
#else
enum { NO_PROOF = EV_EOF };
#endif

// EV_EOF of reading: the peer has finished, and bytes may be left. EV_EOF of writing: no byte can
// leave any more. A socket that fails reports no EV_ERROR but EV_EOF, with its error in fflags.
static unsigned mask_of(const struct kevent *event) {
    const bool has_failed = (event->flags & EV_EOF) != 0 && event->fflags != 0;
    if (has_failed || (event->flags & EV_ERROR) != 0) {
        return SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE | SPSI_BROKEN;
    }
    const unsigned mask = event->filter == EVFILT_READ ? SPSI_READABLE : SPSI_WRITABLE;
    return event->flags & NO_PROOF ? mask | SPSI_MORE : mask;
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
    *out_ready = (spsi_ready){event->udata, mask_of(event)};
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
