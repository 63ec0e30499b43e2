// SPDX-License-Identifier: MIT
//
// Names, by getaddrinfo(3) on threads of their own: the call may take many seconds and nothing can
// stop it. Workers begin when there is something to do, end when there is not, and are bounded in
// number (lookup_queue.c). Those who ask for a name that is being looked up share the one look-up, and
// what was found is kept for a while.
//
// A look-up belongs to all who asked, to the worker that runs it, and to those that are kept; the last
// one frees it, so anybody may leave at any time.
#include "platform/posix/unix.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "platform/posix/lookup_queue.h"

// Everything below is used under the lock only.
static pthread_mutex_t *mutex;
static pthread_cond_t one_is_done;
static bool has_condition;
static spsi_lookup_queue queue;
static int workers;
static unsigned forks; // that the above knows of

static uint64_t now_us(void) {
    return spsi_posix_now_us(NULL);
}

// ---- The lock

// The condition waits on the monotonic clock, which cannot be chosen statically; macOS cannot choose
// it at all, but has a wait that counts from now.
static void make_condition(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
#ifndef __APPLE__
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
    pthread_cond_init(&one_is_done, &attributes);
    pthread_condattr_destroy(&attributes);
    has_condition = true;
}

// A child of fork(2) has none of its parent's threads: neither workers, nor those that waited.
static void start_over(void) {
    workers = 0;
    has_condition = false;
    spsi_lookup_restart(&queue, now_us());
}

static void lock(void) {
    mutex = spsi_posix_lock(SPSI_LOCK_LOOKUPS);
    if (forks != spsi_posix_forks()) {
        forks = spsi_posix_forks();
        start_over();
    }
    if (!has_condition) {
        make_condition();
    }
}

static void unlock(void) {
    spsi_posix_unlock(SPSI_LOCK_LOOKUPS);
}

// ---- The workers

// EAI_SYSTEM leaves the reason in errno, and so does a shortage of this machine's, whatever the code
// is that it ends in. Only a few codes say that there is no address; after any other there may be one.
static spsi_result failure_of(int code, int error) {
    const spsi_result result = spsi_posix_failure(error);
    if (code == EAI_MEMORY) {
        return (spsi_result){SPSI_NO_MEMORY, code};
    }
    if (result.code == SPSI_NO_MEMORY || result.code == SPSI_NO_HANDLES) {
        return result;
    }
    switch (code) {
    case EAI_NONAME:
#ifdef EAI_NODATA
    case EAI_NODATA:
#endif
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
#endif
        return (spsi_result){SPSI_NAME_UNKNOWN, code};
    default:
        return (spsi_result){SPSI_NAME_UNANSWERED, code == EAI_SYSTEM ? error : code};
    }
}

static bool read_row(const struct addrinfo *row, spsi_address *out) {
    if (row->ai_family != AF_INET && row->ai_family != AF_INET6) {
        return false;
    }
    struct sockaddr_storage storage;
    memset(&storage, 0, sizeof storage);
    memcpy(&storage, row->ai_addr, row->ai_addrlen);
    spsi_posix_to_address(&storage, row->ai_addrlen, out);
    return true;
}

// How many of a list with so many of one family and so many of another there is room for: half of the
// room is either's own.
static size_t share_of(size_t own, size_t others) {
    enum { HALF = SPS_IP_MAX_ADDRESSES / 2 };
    const size_t room = others < HALF ? SPS_IP_MAX_ADDRESSES - others : HALF;
    return own < room ? own : room;
}

// In the order of the list. What does not fit is the end of either family, never all of one
// (RFC 8305, section 4).
static size_t copy_addresses(const struct addrinfo *list, spsi_address *out) {
    size_t counts[2] = {0, 0}, left[2], count = 0;
    spsi_address address;
    for (const struct addrinfo *row = list; row != NULL; row = row->ai_next) {
        counts[row->ai_family == AF_INET6] += read_row(row, &address);
    }
    left[0] = share_of(counts[0], counts[1]);
    left[1] = share_of(counts[1], counts[0]);
    for (const struct addrinfo *row = list; row != NULL; row = row->ai_next) {
        size_t *own = &left[row->ai_family == AF_INET6];
        if (*own > 0 && read_row(row, &address)) {
            out[count++] = address;
            (*own)--;
        }
    }
    return count;
}

static int family_of(unsigned families) {
    switch (families) {
    case SPSI_IPV4:
        return AF_INET;
    case SPSI_IPV6:
        return AF_INET6;
    default:
        return AF_UNSPEC;
    }
}

// Without the lock: the one call that takes its time. Nobody else looks at the fields that it fills
// before the look-up is done.
static int ask(spsi_lookup *lookup, unsigned families) {
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = family_of(families);
    hints.ai_socktype = SOCK_STREAM; // else each address comes once for each kind of socket
    struct addrinfo *list = NULL;
    errno = 0;
    const int code = getaddrinfo(lookup->name, NULL, &hints, &list);
    const int error = errno;
    if (code == 0) {
        lookup->count = copy_addresses(list, lookup->addresses);
        freeaddrinfo(list);
    }
    lookup->result = lookup->count > 0 ? spsi_posix_done() : failure_of(code, error);
    return code;
}

// Whether a name of which one family has no address may have one of the other. A name server that does
// not know the name speaks for both (RFC 8020), but not for hosts(5), whose names seldom have a dot.
static bool other_may_be_known(const spsi_lookup *lookup, int code) {
    return lookup->result.code == SPSI_NAME_UNKNOWN &&
           (code != EAI_NONAME || strchr(lookup->name, '.') == NULL);
}

// "invalid", and every name under it, is no name (RFC 6761, 6.4): no name server need say so.
static bool is_known_to_be_none(const char *name) {
    static const char none[] = "invalid";
    const size_t size = sizeof none - 1;
    size_t length = strlen(name);
    length -= name[length - 1] == '.';
    return length >= size && strncasecmp(name + length - size, none, size) == 0 &&
           (length == size || name[length - size - 1] == '.');
}

// Of both families, one that is of no use here is the second choice: its name server may be silent.
static void resolve(spsi_lookup *lookup) {
    if (is_known_to_be_none(lookup->name)) {
        lookup->result = (spsi_result){SPSI_NAME_UNKNOWN, EAI_NONAME};
        return;
    }
    const unsigned both = SPSI_IPV4 | SPSI_IPV6;
    const bool is_of_both = lookup->families == both;
    const unsigned first = is_of_both ? spsi_posix_useful_families(both) : lookup->families;
    const int code = ask(lookup, first);
    if (first != lookup->families && other_may_be_known(lookup, code)) {
        ask(lookup, lookup->families & ~first);
    }
}

static void wake_watches(const spsi_lookup *lookup) {
    for (const spsi_lookup_watch *each = lookup->watches; each != NULL; each = each->next) {
        spsi_unix_selector_wake(NULL, each->selector, SPSI_WAKER_LOOKUP);
    }
}

static void *work(void *unused) {
    (void)unused;
    lock();
    for (spsi_lookup *lookup; (lookup = spsi_lookup_take_next(&queue, now_us())) != NULL;) {
        unlock();
        resolve(lookup);
        lock();
        wake_watches(lookup);
        spsi_lookup_finish(&queue, lookup, now_us());
        pthread_cond_broadcast(&one_is_done);
    }
    workers--;
    unlock();
    return NULL;
}

// glibc (2.36) gives a thread of a forked child the stack of one that the fork has left out, together
// with that one's resolver state: its sockets are the parent's too, and each side would steal the
// other's answers. It does not take a stack that is too small; so each generation asks for more.
static void avoid_stacks_of_the_parent(pthread_attr_t *attributes) {
    enum { GENERATIONS = 64 }; // so that it stays small
    size_t size;
    pthread_attr_getstacksize(attributes, &size);
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    pthread_attr_setstacksize(attributes, size + forks % GENERATIONS * page);
}

// A worker blocks every signal, so that the program's handlers run where the program expects.
static int start_worker(void) {
    pthread_attr_t attributes;
    int code = pthread_attr_init(&attributes);
    if (code != 0) {
        return code;
    }
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    avoid_stacks_of_the_parent(&attributes);
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_t thread;
    code = pthread_create(&thread, &attributes, work, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    workers += code == 0;
    return code;
}

// Starts another worker for a look-up that waits for one, when one may be had.
static int serve(const spsi_lookup *lookup) {
    return spsi_lookup_needs_worker(&queue, lookup, workers, now_us()) ? start_worker() : 0;
}

// ---- Waiting for a worker

static void wait_until(uint64_t end_us) {
#ifdef __APPLE__
    const uint64_t now = now_us();
    const uint64_t left_us = now < end_us ? end_us - now : 0;
    const struct timespec time = {(time_t)(left_us / 1000000), (long)(left_us % 1000000) * 1000};
    pthread_cond_timedwait_relative_np(&one_is_done, mutex, &time);
#else
    const struct timespec time = {(time_t)(end_us / 1000000), (long)(end_us % 1000000) * 1000};
    pthread_cond_timedwait(&one_is_done, mutex, &time);
#endif
}

// ---- The contract

// A look-up of its own for the name.
static spsi_result begin(const char *name, unsigned families, spsi_lookup **out_lookup) {
    spsi_lookup *lookup = spsi_lookup_create(&queue, name, families, now_us());
    if (lookup == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    lookup->owners = 1;
    const int code = serve(lookup);
    if (code != 0 && workers == 0) { // EAGAIN: out of threads, which are memory too
        spsi_lookup_release(&queue, lookup);
        return (spsi_result){SPSI_NO_MEMORY, code};
    }
    *out_lookup = lookup;
    return spsi_posix_done();
}

spsi_result spsi_posix_lookup_start(const sps_platform *platform, const char *name,
                                    unsigned families, spsi_lookup **out_lookup) {
    (void)platform;
    spsi_result result = spsi_posix_done();
    lock();
    spsi_lookup_forget_old(&queue, now_us());
    spsi_lookup *shared = spsi_lookup_find(&queue, name, families);
    if (shared != NULL) {
        shared->owners++;
        *out_lookup = shared;
    } else {
        result = begin(name, families, out_lookup);
    }
    unlock();
    return result;
}

// Workers may be held by slow names that were quick when this one was asked for.
static bool is_done_or_served(const spsi_lookup *lookup) {
    const bool is_done = spsi_lookup_is_done(&queue, lookup);
    if (!is_done) {
        serve(lookup);
    }
    return is_done;
}

spsi_result spsi_posix_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                     spsi_address *out_addresses, size_t capacity,
                                     size_t *out_count) {
    (void)platform;
    *out_count = 0;
    lock();
    const bool is_done = is_done_or_served(lookup);
    unlock();
    if (!is_done) {
        return (spsi_result){SPSI_AGAIN, 0};
    }
    *out_count = lookup->count < capacity ? lookup->count : capacity;
    memcpy(out_addresses, lookup->addresses, *out_count * sizeof *out_addresses);
    return lookup->result;
}

enum { LOOK_AROUND_US = 500000 };

spsi_result spsi_posix_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                   uint64_t timeout_us) {
    (void)platform;
    uint64_t now = now_us();
    const uint64_t end_us = now + timeout_us;
    lock();
    bool is_done = is_done_or_served(lookup);
    while (!is_done && now < end_us) {
        wait_until(end_us - now > LOOK_AROUND_US ? now + LOOK_AROUND_US : end_us);
        is_done = is_done_or_served(lookup);
        now = now_us();
    }
    unlock();
    return is_done ? spsi_posix_done() : (spsi_result){SPSI_AGAIN, 0};
}

void spsi_posix_lookup_watch(const sps_platform *platform, spsi_lookup *lookup,
                             spsi_lookup_watch *watch) {
    (void)platform;
    lock();
    watch->next = lookup->watches;
    lookup->watches = watch;
    if (spsi_lookup_is_done(&queue, lookup)) {
        spsi_unix_selector_wake(NULL, watch->selector, SPSI_WAKER_LOOKUP);
    }
    unlock();
}

void spsi_posix_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                               spsi_lookup_watch *watch) {
    (void)platform;
    lock();
    spsi_lookup_watch **link = &lookup->watches;
    while (*link != watch) {
        link = &(*link)->next;
    }
    *link = watch->next;
    unlock();
}

void spsi_posix_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful) {
    (void)platform;
    lock();
    if (!was_useful) {
        spsi_lookup_forget(&queue, lookup);
    }
    spsi_lookup_release(&queue, lookup);
    unlock();
}

void spsi_posix_lookup_forget(const sps_platform *platform, const char *name) {
    (void)platform;
    lock();
    spsi_lookup_forget_name(&queue, name);
    unlock();
}
