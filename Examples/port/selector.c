// SPDX-License-Identifier: MIT
//
// Many sockets and one wait. A row for each handle; each wait puts all of them into the sets of
// select(2). It reports levels, so SPSI_EDGE needs no code. With SPSI_EDGE alone a handle is in no
// set: this port reports no SPSI_BROKEN.
#include "port.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/memory.h"

typedef struct row {
    spsi_handle handle;
    unsigned interests, ready;
    void *token;
} row;

struct spsi_selector {
    const sps_allocator *allocator;
    int wake_fd; // a datagram socket that is connected to itself
    bool is_woken;
    row *rows;
    size_t capacity, count;
    size_t next; // the next row to report
};

// ---- Waking

static bool make_wake_fd(int *out_fd) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof own;
    struct sockaddr *address = (struct sockaddr *)&own;
    *out_fd = socket(AF_INET, SOCK_DGRAM, 0);
    return *out_fd != -1 && port_is_selectable(*out_fd) && bind(*out_fd, address, size) == 0 &&
           getsockname(*out_fd, address, &size) == 0 && connect(*out_fd, address, size) == 0 &&
           fcntl(*out_fd, F_SETFL, O_NONBLOCK) != -1 && fcntl(*out_fd, F_SETFD, FD_CLOEXEC) != -1;
}

// A full buffer wakes already.
void port_selector_wake(const sps_platform *platform, spsi_selector *selector, spsi_waker waker) {
    (void)platform;
    const int saved = errno;
    const char byte = (char)waker;
    while (send(selector->wake_fd, &byte, 1, 0) == -1 && errno == EINTR) {
    }
    errno = saved;
}

// Takes all wakes. Whether the caller was among the wakers.
static bool take_wakes(const spsi_selector *selector) {
    bool by_caller = false;
    char byte;
    ssize_t count;
    do {
        count = recv(selector->wake_fd, &byte, 1, 0);
        by_caller = by_caller || (count == 1 && byte == SPSI_WAKER_CALLER);
    } while (count == 1 || (count == -1 && errno == EINTR));
    return by_caller;
}

// ---- Making and ending

spsi_result port_selector_create(const sps_platform *platform, const sps_allocator *allocator,
                                 spsi_selector **out_selector) {
    spsi_selector *selector = spsi_allocate_zeroed(allocator, sizeof *selector);
    if (selector == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    selector->allocator = allocator;
    if (!make_wake_fd(&selector->wake_fd)) {
        const spsi_result result = port_failure(errno);
        port_selector_destroy(platform, selector);
        return result.code == SPSI_NO_HANDLES ? result : (spsi_result){SPSI_FAILED, result.os_code};
    }
    *out_selector = selector;
    return (spsi_result){SPSI_DONE, 0};
}

void port_selector_destroy(const sps_platform *platform, spsi_selector *selector) {
    (void)platform;
    const sps_allocator *allocator = selector->allocator;
    if (selector->wake_fd != -1) {
        close(selector->wake_fd);
    }
    spsi_free(allocator, selector->rows, selector->capacity * sizeof *selector->rows);
    spsi_free(allocator, selector, sizeof *selector);
}

// ---- The rows

static row *find(spsi_selector *selector, spsi_handle handle) {
    row *each = selector->rows;
    while (each->handle != handle) {
        each++;
    }
    return each;
}

static row *add(spsi_selector *selector, spsi_handle handle) {
    row *rows = spsi_grow(selector->allocator, selector->rows, &selector->capacity,
                          selector->count + 1, sizeof *rows);
    if (rows == NULL) {
        return NULL;
    }
    selector->rows = rows;
    rows[selector->count].handle = handle;
    return &rows[selector->count++];
}

spsi_result port_selector_set(const sps_platform *platform, spsi_selector *selector,
                              spsi_handle handle, unsigned before, unsigned after, void *token) {
    (void)platform;
    if (!port_is_selectable(handle)) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    row *own = before == 0 ? add(selector, handle) : find(selector, handle);
    if (own == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    own->interests = after;
    own->token = token;
    own->ready = 0;
    if (after == 0) {
        *own = selector->rows[--selector->count];
    }
    return (spsi_result){SPSI_DONE, 0};
}

// ---- Waiting

static int fill_sets(const spsi_selector *selector, fd_set sets[2]) {
    int limit = selector->wake_fd + 1;
    FD_ZERO(&sets[0]);
    FD_ZERO(&sets[1]);
    FD_SET(selector->wake_fd, &sets[0]);
    for (size_t i = 0; i < selector->count; i++) {
        const row *each = &selector->rows[i];
        const int fd = (int)each->handle;
        if (each->interests & SPSI_READABLE) {
            FD_SET(fd, &sets[0]);
        }
        if (each->interests & SPSI_WRITABLE) {
            FD_SET(fd, &sets[1]);
        }
        limit = fd >= limit ? fd + 1 : limit;
    }
    return limit;
}

spsi_result port_selector_wait(const sps_platform *platform, spsi_selector *selector,
                               uint64_t timeout_us) {
    (void)platform;
    fd_set sets[2];
    const int limit = fill_sets(selector, sets);
    const spsi_result result = port_select(limit, sets, timeout_us);
    const bool is_ready = result.code == SPSI_DONE;
    selector->next = 0;
    selector->is_woken = is_ready && FD_ISSET(selector->wake_fd, &sets[0]);
    for (size_t i = 0; i < selector->count; i++) {
        row *each = &selector->rows[i];
        each->ready = 0;
        if (is_ready) {
            each->ready |= FD_ISSET((int)each->handle, &sets[0]) ? SPSI_READABLE : 0;
            each->ready |= FD_ISSET((int)each->handle, &sets[1]) ? SPSI_WRITABLE : 0;
        }
    }
    return result;
}

bool port_selector_next(const sps_platform *platform, spsi_selector *selector,
                        spsi_ready *out_ready) {
    (void)platform;
    if (selector->is_woken) {
        selector->is_woken = false;
        *out_ready = (spsi_ready){NULL, take_wakes(selector) ? (unsigned)SPSI_WOKEN : 0};
        return true;
    }
    while (selector->next < selector->count) {
        const row *each = &selector->rows[selector->next++];
        if (each->ready != 0) {
            *out_ready = (spsi_ready){each->token, each->ready};
            return true;
        }
    }
    return false;
}
