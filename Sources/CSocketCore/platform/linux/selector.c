// SPDX-License-Identifier: MIT
//
// The selector on epoll(7). A handle with SPSI_EDGE is registered once, edge-triggered (EPOLLET).
// This saves the kernel a second check of every reported socket. Only the interest in writing
// changes later: with a permanent one, a Unix socket would wake us each time its peer has read.
#ifndef _WIN32

#include "platform/posix/unix.h"

#ifdef SPSI_USE_EPOLL

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/memory.h"

struct spsi_selector {
    const sps_allocator *allocator;
    int epoll_fd;
    int wake_fd;                // an eventfd(2), whose token is the selector
    struct epoll_event *events; // room for every handle that is watched, so that no wait allocates
    size_t capacity;
    size_t watched;
    size_t count; // events of the last wait
    size_t next;  // the next event to return
};

// An eventfd adds up what is written: this much a wake by the caller, and 1 a wake by a look-up.
static const uint64_t by_caller = (uint64_t)1 << 32;

// Makes room for one more handle, and the eventfd.
static bool make_room(spsi_selector *selector) {
    struct epoll_event *events =
        spsi_grow(selector->allocator, selector->events, &selector->capacity, selector->watched + 2,
                  sizeof *selector->events);
    if (events == NULL) {
        return false;
    }
    selector->events = events;
    return true;
}

static bool open_fds(spsi_selector *selector) {
    selector->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (selector->epoll_fd == -1) {
        return false;
    }
    selector->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (selector->wake_fd == -1) {
        return false;
    }
    // Edge-triggered, so a wake that cannot be read does not turn waits into a busy loop.
    struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.ptr = selector};
    return epoll_ctl(selector->epoll_fd, EPOLL_CTL_ADD, selector->wake_fd, &event) == 0;
}

spsi_result spsi_unix_selector_create(const sps_platform *platform, const sps_allocator *allocator,
                                      spsi_selector **out_selector) {
    spsi_selector *selector = spsi_allocate_zeroed(allocator, sizeof *selector);
    if (selector == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    selector->allocator = allocator;
    selector->epoll_fd = selector->wake_fd = -1;
    spsi_result result = spsi_posix_done();
    if (!make_room(selector)) {
        result = (spsi_result){SPSI_NO_MEMORY, 0};
    } else if (!open_fds(selector)) {
        result = spsi_posix_failure(errno);
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
    if (selector->wake_fd != -1) {
        close(selector->wake_fd);
    }
    if (selector->epoll_fd != -1) {
        close(selector->epoll_fd);
    }
    spsi_free(selector->allocator, selector->events, selector->capacity * sizeof *selector->events);
    spsi_free(selector->allocator, selector, sizeof *selector);
}

// EPOLLRDHUP and EPOLLPRI report the end and urgent data. A short read does not show these, because
// a read stops at the mark of urgent data (tcp(7)).
static uint32_t events_of(unsigned interests) {
    uint32_t events = interests & SPSI_WRITABLE ? EPOLLOUT : 0;
    if (interests & SPSI_EDGE) {
        events |= EPOLLET | EPOLLIN | EPOLLRDHUP | EPOLLPRI;
    } else if (interests & SPSI_READABLE) {
        events |= EPOLLIN | EPOLLRDHUP;
    }
    return events;
}

static spsi_result control(spsi_selector *selector, int operation, spsi_handle handle,
                           unsigned interests, void *token) {
    struct epoll_event event = {.events = events_of(interests), .data.ptr = token};
    if (epoll_ctl(selector->epoll_fd, operation, (int)handle, &event) == 0) {
        return spsi_posix_done();
    }
    if (errno == ENOSPC) { // epoll(7): max_user_watches
        return (spsi_result){SPSI_NO_MEMORY, ENOSPC};
    }
    return spsi_posix_failure(errno);
}

spsi_result spsi_unix_selector_set(const sps_platform *platform, spsi_selector *selector,
                                   spsi_handle handle, unsigned before, unsigned after,
                                   void *token) {
    (void)platform;
    if (after == 0) {
        selector->watched--;
        return control(selector, EPOLL_CTL_DEL, handle, 0, NULL);
    }
    if (before == 0) {
        if (!make_room(selector)) {
            return (spsi_result){SPSI_NO_MEMORY, 0};
        }
        const spsi_result result = control(selector, EPOLL_CTL_ADD, handle, after, token);
        selector->watched += result.code == SPSI_DONE;
        return result;
    }
    if (events_of(before) == events_of(after)) {
        return spsi_posix_done();
    }
    return control(selector, EPOLL_CTL_MOD, handle, after, token);
}

static int wait_once(void *context, uint64_t timeout_us) {
    const spsi_selector *selector = context;
    return epoll_wait(selector->epoll_fd, selector->events, (int)selector->watched + 1,
                      spsi_posix_wait_ms(timeout_us));
}

spsi_result spsi_unix_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                    uint64_t timeout_us) {
    (void)platform;
    selector->next = 0;
    return spsi_posix_wait(wait_once, selector, timeout_us, &selector->count);
}

static unsigned mask_of(uint32_t events) {
    unsigned mask = 0;
    if (events & (EPOLLHUP | EPOLLERR)) {
        mask = SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE;
        mask |= events & EPOLLERR ? (unsigned)SPSI_BROKEN : 0;
    }
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLPRI)) {
        mask |= SPSI_READABLE;
    }
    if (events & (EPOLLRDHUP | EPOLLPRI)) {
        mask |= SPSI_MORE;
    }
    return events & EPOLLOUT ? mask | SPSI_WRITABLE : mask;
}

// A wake that cannot be read (seccomp(2)) counts as the caller's.
static spsi_ready take_wake(const spsi_selector *selector) {
    uint64_t wakes = by_caller;
    while (read(selector->wake_fd, &wakes, sizeof wakes) == -1 && errno == EINTR) {
    }
    return (spsi_ready){NULL, wakes >= by_caller ? SPSI_WOKEN : 0};
}

bool spsi_unix_selector_next(const sps_platform *platform, spsi_selector *selector,
                             spsi_ready *out_ready) {
    (void)platform;
    if (selector->next == selector->count) {
        return false;
    }
    const struct epoll_event *event = &selector->events[selector->next++];
    *out_ready = event->data.ptr == selector
                     ? take_wake(selector)
                     : (spsi_ready){event->data.ptr, mask_of(event->events)};
    return true;
}

// An eventfd that can count no further (EAGAIN) wakes already.
void spsi_unix_selector_wake(const sps_platform *platform, spsi_selector *selector,
                             spsi_waker waker) {
    (void)platform;
    const int saved = errno;
    const uint64_t wakes = waker == SPSI_WAKER_CALLER ? by_caller : 1;
    while (write(selector->wake_fd, &wakes, sizeof wakes) == -1 && errno == EINTR) {
    }
    errno = saved;
}

spsi_handle spsi_unix_selector_descriptor(const sps_platform *platform,
                                          const spsi_selector *selector) {
    (void)platform;
    return selector->epoll_fd;
}

#else
typedef int spsi_epoll_is_elsewhere; // ISO C wants a declaration in each file
#endif

#else
typedef int spsi_linux_selector_is_elsewhere; // ISO C wants a declaration in each file
#endif
