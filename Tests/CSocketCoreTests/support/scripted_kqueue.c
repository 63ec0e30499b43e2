// SPDX-License-Identifier: MIT
#include "support/scripted_kqueue.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>

// The selector under test, under names of its own beside that of this OS.
#define SPSI_USE_KQUEUE
#define spsi_unix_selector_create kqueue_selector_create
#define spsi_unix_selector_destroy kqueue_selector_destroy
#define spsi_unix_selector_set kqueue_selector_set
#define spsi_unix_selector_wait kqueue_selector_wait
#define spsi_unix_selector_next kqueue_selector_next
#define spsi_unix_selector_wake kqueue_selector_wake
#define spsi_unix_selector_descriptor kqueue_selector_descriptor
#include "platform/bsd/selector.c"

#include "support/support.h"

enum { MOST_FILTERS = 64, LONGEST_WAIT_S = 100000000 };

// One filter of a descriptor. `event` is as registered.
typedef struct knote {
    struct kevent event;
    bool is_there; // registered
    bool has_state, is_active;
    filter_state state;
} knote;

static knote knotes[MOST_FILTERS];
static size_t reports;
static struct { int skipped, error; } planned_change;
static int planned_kqueue;

const sps_platform *kqueue_platform(void) {
    static sps_platform table;
    table = *spsi_os_platform();
    table.selector_create = kqueue_selector_create;
    table.selector_destroy = kqueue_selector_destroy;
    table.selector_set = kqueue_selector_set;
    table.selector_wait = kqueue_selector_wait;
    table.selector_next = kqueue_selector_next;
    table.selector_wake = kqueue_selector_wake;
    table.selector_descriptor = kqueue_selector_descriptor;
    return &table;
}

// ---- Filters

static bool is_unused(const knote *each) {
    return !each->is_there && !each->has_state;
}

// The filter's place; a new one if there is none.
static knote *find(uintptr_t ident, short filter) {
    knote *unused = NULL;
    for (knote *each = knotes; each < knotes + MOST_FILTERS; each++) {
        if (is_unused(each)) {
            unused = unused != NULL ? unused : each;
        } else if (each->event.ident == ident && each->event.filter == filter) {
            return each;
        }
    }
    ck_assert_ptr_nonnull(unused);
    *unused = (knote){.event = {.ident = ident, .filter = filter}};
    return unused;
}

static knote *find_of(spsi_handle handle, unsigned interest) {
    return find((uintptr_t)handle, interest == SPSI_READABLE ? EVFILT_READ : EVFILT_WRITE);
}

void set_state(spsi_handle handle, unsigned interest, filter_state state) {
    knote *note = find_of(handle, interest);
    note->state = state;
    note->has_state = note->is_active = true;
}

void forget_state(spsi_handle handle, unsigned interest) {
    knote *note = find_of(handle, interest);
    note->has_state = note->is_active = false;
}

registration registration_of(spsi_handle handle, unsigned interest) {
    const knote *note = find_of(handle, interest);
    return (registration){note->is_there, (note->event.flags & EV_CLEAR) != 0,
                          note->event.fflags & NOTE_LOWAT ? note->event.data : 0};
}

static bool is_pipe(const knote *note) {
    struct stat info;
    return fstat((int)note->event.ident, &info) == 0 && S_ISFIFO(info.st_mode);
}

size_t count_filters(void) {
    size_t count = 0;
    for (const knote *each = knotes; each < knotes + MOST_FILTERS; each++) {
        count += each->is_there && !is_pipe(each);
    }
    return count;
}

size_t count_reports(void) {
    return reports;
}

// ---- The two calls

void fail_change(int skipped, int error) {
    planned_change.skipped = skipped;
    planned_change.error = error;
}

void fail_kqueue(int error) {
    planned_kqueue = error;
}

// Any descriptor will do.
int kqueue(void) {
    errno = planned_kqueue;
    planned_kqueue = 0;
    return errno != 0 ? -1 : open("/dev/null", O_RDONLY);
}

// The kernel drops the filters of a descriptor that is closed.
int closed_with_its_filters(int fd) __asm__("close");
int closed_with_its_filters(int fd) {
    for (knote *each = knotes; each < knotes + MOST_FILTERS; each++) {
        if (!is_unused(each) && each->event.ident == (uintptr_t)fd) {
            *each = (knote){.is_there = false};
        }
    }
    int (*real)(int);
    *(void **)&real = dlsym(RTLD_NEXT, "close");
    return real(fd);
}

static bool is_open(uintptr_t ident) {
    return fcntl((int)ident, F_GETFD) != -1;
}

// As in FreeBSD: EV_ADD changes what it is called with, but not EV_CLEAR of a filter that is there.
// A filter that is added sees the state that there is. Returns an errno, or 0.
static int apply(const struct kevent *change) {
    if (!is_open(change->ident)) {
        return EBADF;
    }
    knote *note = find(change->ident, change->filter);
    if (change->flags & EV_DELETE) {
        const int error = note->is_there ? 0 : ENOENT;
        note->is_there = false;
        return error;
    }
    const unsigned short clear = note->is_there ? note->event.flags & EV_CLEAR : change->flags;
    note->event = *change;
    note->event.flags = (unsigned short)((change->flags & ~EV_CLEAR) | (clear & EV_CLEAR));
    note->is_there = true;
    note->is_active = note->has_state;
    return 0;
}

static bool is_planned(void) {
    return planned_change.error != 0 && planned_change.skipped-- == 0;
}

static int change_one(const struct kevent *change) {
    int error = 0;
    if (is_planned()) {
        error = planned_change.error;
        planned_change.error = 0;
    }
    if (error == 0 || error == EINTR) {
        const int refused = apply(change);
        error = refused != 0 ? refused : error;
    }
    errno = error;
    return error != 0 ? -1 : 0;
}

// The event of a filter now. False: there is none. A number of bytes below the low-water mark makes
// no event, but the end does.
static bool report(knote *note, struct kevent *out) {
    if (is_pipe(note)) {
        struct pollfd pipe = {.fd = (int)note->event.ident, .events = POLLIN};
        *out = note->event;
        return poll(&pipe, 1, 0) == 1;
    }
    const filter_state *state = &note->state;
    const bool is_low = (note->event.fflags & NOTE_LOWAT) != 0 && state->data < note->event.data;
    if (!note->is_active || (is_low && (state->flags & FILTER_EOF) == 0)) {
        return false;
    }
    note->is_active = (note->event.flags & EV_CLEAR) == 0;
    *out = note->event;
    out->flags = (unsigned short)((note->event.flags & EV_CLEAR) | state->flags);
    out->fflags = state->fflags;
    out->data = state->data;
    reports++;
    return true;
}

// It never sleeps: nothing happens by itself, so a wait without limit would be one for ever.
int kevent(int fd, const struct kevent *changes, int change_count, struct kevent *events,
           int event_count, const struct timespec *timeout) {
    ck_assert(is_open((uintptr_t)fd));
    if (change_count == 1) {
        return change_one(changes);
    }
    ck_assert_int_eq(change_count, 0);
    if (timeout != NULL && (timeout->tv_sec > LONGEST_WAIT_S || timeout->tv_nsec >= 1000000000)) {
        errno = EINVAL;
        return -1;
    }
    int count = 0;
    for (knote *each = knotes; each < knotes + MOST_FILTERS && count < event_count; each++) {
        count += each->is_there && report(each, events + count);
    }
    ck_assert_msg(count > 0 || timeout != NULL, "waits for ever");
    return count;
}
