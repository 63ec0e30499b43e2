// SPDX-License-Identifier: MIT
//
// The selector on poll(2), for any Unix without better: what is waited for is a table, which the OS
// goes through in each wait. It tells as long as a thing is so, whatever SPSI_EDGE allows. With
// SPSI_EDGE alone it tells once.
#ifndef _WIN32

#include "platform/posix/unix.h"

#ifdef SPSI_USE_POLL

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/memory.h"

// A row waits for one handle. Row 0 is the pipe that wakes.
struct spsi_selector {
    const sps_allocator *allocator;
    spsi_wake_pipe pipe;
    struct pollfd *rows;
    void **tokens;    // of each row
    uint32_t *row_of; // each descriptor's; 0: none
    size_t row_capacity, token_capacity, row_of_capacity;
    size_t count; // of rows
    size_t left;  // ready rows of the last wait that are not returned yet,
    size_t next;  // from this one on
};

// ---- Making and ending

static bool make_row(spsi_selector *selector) {
    const size_t wanted = selector->count + 1;
    struct pollfd *rows = spsi_grow(selector->allocator, selector->rows, &selector->row_capacity,
                                    wanted, sizeof *selector->rows);
    if (rows == NULL) {
        return false;
    }
    selector->rows = rows;
    void **tokens = spsi_grow(selector->allocator, selector->tokens, &selector->token_capacity,
                              wanted, sizeof *selector->tokens);
    if (tokens == NULL) {
        return false;
    }
    selector->tokens = tokens;
    return true;
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
    if (!make_row(selector)) {
        spsi_unix_selector_destroy(platform, selector);
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    selector->rows[0] = (struct pollfd){.fd = selector->pipe.read_fd, .events = POLLIN};
    selector->count = 1;
    *out_selector = selector;
    return result;
}

void spsi_unix_selector_destroy(const sps_platform *platform, spsi_selector *selector) {
    (void)platform;
    const sps_allocator *allocator = selector->allocator;
    spsi_wake_pipe_close(&selector->pipe);
    spsi_free(allocator, selector->rows, selector->row_capacity * sizeof *selector->rows);
    spsi_free(allocator, selector->tokens, selector->token_capacity * sizeof *selector->tokens);
    spsi_free(allocator, selector->row_of, selector->row_of_capacity * sizeof *selector->row_of);
    spsi_free(allocator, selector, sizeof *selector);
}

// ---- The table

static bool add(spsi_selector *selector, int fd) {
    uint32_t *row_of = spsi_grow(selector->allocator, selector->row_of, &selector->row_of_capacity,
                                 (size_t)fd + 1, sizeof *selector->row_of);
    if (row_of == NULL) {
        return false;
    }
    selector->row_of = row_of;
    if (!make_row(selector)) {
        return false;
    }
    selector->row_of[fd] = (uint32_t)selector->count++;
    return true;
}

// A row that has reported a failure has a negative descriptor, for which poll(2) does nothing.
static int fd_of_row(const struct pollfd *row) {
    return row->fd >= 0 ? row->fd : -row->fd - 1;
}

// The last row takes its place.
static void drop(spsi_selector *selector, int fd) {
    const size_t row = selector->row_of[fd];
    const size_t last = --selector->count;
    selector->rows[row] = selector->rows[last];
    selector->tokens[row] = selector->tokens[last];
    selector->row_of[fd_of_row(&selector->rows[last])] = (uint32_t)row;
    selector->row_of[fd] = 0;
}

spsi_result spsi_unix_selector_set(const sps_platform *platform, spsi_selector *selector,
                                   spsi_handle handle, unsigned before, unsigned after,
                                   void *token) {
    (void)platform;
    const int fd = (int)handle;
    if (after == 0) {
        drop(selector, fd);
        return spsi_posix_done();
    }
    if (before == 0 && !add(selector, fd)) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    const size_t row = selector->row_of[fd];
    selector->rows[row] = (struct pollfd){
        .fd = fd,
        .events =
            (short)((after & SPSI_READABLE ? POLLIN : 0) | (after & SPSI_WRITABLE ? POLLOUT : 0)),
    };
    selector->tokens[row] = token;
    return spsi_posix_done();
}

// ---- Waiting

static int wait_once(void *context, uint64_t timeout_us) {
    const spsi_selector *selector = context;
    return poll(selector->rows, (nfds_t)selector->count, spsi_posix_wait_ms(timeout_us));
}

spsi_result spsi_unix_selector_wait(const sps_platform *platform, spsi_selector *selector,
                                    uint64_t timeout_us) {
    (void)platform;
    selector->next = 0;
    return spsi_posix_wait(wait_once, selector, timeout_us, &selector->left);
}

// poll(2) reports a failure whether it is asked for or not, and again in each wait. If nobody asks
// for more, one report is enough.
static void report_once(struct pollfd *row) {
    if (row->events == 0) {
        row->fd = -row->fd - 1;
    }
}

static unsigned mask_of(short events) {
    if (events & (POLLERR | POLLNVAL)) {
        return SPSI_READABLE | SPSI_WRITABLE | SPSI_MORE | SPSI_BROKEN;
    }
    const unsigned mask = events & (POLLIN | POLLHUP) ? SPSI_READABLE : 0;
    return events & (POLLOUT | POLLHUP) ? mask | SPSI_WRITABLE : mask;
}

bool spsi_unix_selector_next(const sps_platform *platform, spsi_selector *selector,
                             spsi_ready *out_ready) {
    (void)platform;
    if (selector->left == 0) {
        return false;
    }
    while (selector->next < selector->count && selector->rows[selector->next].revents == 0) {
        selector->next++;
    }
    if (selector->next == selector->count) {
        return false;
    }
    const size_t row = selector->next++;
    selector->left--;
    if (row == 0) {
        *out_ready =
            (spsi_ready){NULL, spsi_wake_pipe_drain(&selector->pipe) ? (unsigned)SPSI_WOKEN : 0};
    } else {
        *out_ready = (spsi_ready){selector->tokens[row], mask_of(selector->rows[row].revents)};
        report_once(&selector->rows[row]);
    }
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
    (void)selector;
    return SPSI_NO_HANDLE;
}

#else
typedef int spsi_poll_is_elsewhere; // ISO C wants a declaration in each file
#endif

#else
typedef int spsi_posix_selector_is_elsewhere; // ISO C wants a declaration in each file
#endif
