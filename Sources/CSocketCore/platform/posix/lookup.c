// SPDX-License-Identifier: MIT
//
// Looks names up with getaddrinfo(3) on worker threads, because the call may take many seconds and
// cannot be stopped. Workers start on demand and end when idle; lookup_queue.c bounds their number.
// Callers that want the same name share one look-up. Answers are kept for a while.
//
// The owners of a look-up are its callers, its worker, and the list of kept answers. The last owner
// frees it, so a caller may leave at any time.
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "platform/lookup_queue.h"

// Everything below is used under the lock only.
static pthread_mutex_t *mutex;
static pthread_cond_t one_is_done;
static bool has_condition;
static spsi_lookup_queue queue;
static int workers;
static int stopping;   // so many wait for the workers' end: none begins anything
static unsigned forks; // that the above knows of

static uint64_t now_us(void) {
    return spsi_posix_now_us(NULL);
}

// ---- The lock

// The condition waits on the monotonic clock, which only pthread_condattr_setclock(3) can choose.
// macOS lacks that call, but has a relative wait.
static void make_condition(void) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
#ifndef __APPLE__
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
#endif
    pthread_cond_init(&one_is_done, &attributes);
    pthread_condattr_destroy(&attributes);
    has_condition = true;
    spsi_posix_exit_prepare();
}

// A child of fork(2) has none of its parent's threads: neither workers, nor those that waited.
static void start_over(void) {
    workers = 0;
    stopping = 0;
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

static void wake_watches(const spsi_lookup *lookup) {
    for (const spsi_lookup_watch *each = lookup->watches; each != NULL; each = each->next) {
        spsi_unix_selector_wake(NULL, each->selector, SPSI_WAKER_LOOKUP);
    }
}

static spsi_lookup *take_next(void) {
    return stopping == 0 ? spsi_lookup_take_next(&queue, now_us()) : NULL;
}

static void run(spsi_lookup *lookup) {
    unlock();
    spsi_lookup_resolve(lookup);
    lock();
    wake_watches(lookup);
    spsi_lookup_finish(&queue, lookup, now_us());
    pthread_cond_broadcast(&one_is_done);
}

static void run_all(void) {
    for (spsi_lookup *lookup; (lookup = take_next()) != NULL;) {
        run(lookup);
    }
}

// Until the exit is begun, others count on the worker: what they have queued meanwhile it takes
// first.
static bool begin_exit(void) {
    unlock();
    spsi_posix_exit_begin();
    lock();
    const bool is_idle = stopping > 0 || !spsi_lookup_has_next(&queue, now_us());
    if (!is_idle) {
        spsi_posix_exit_cancel();
    }
    return is_idle;
}

static void *work(void *unused) {
    (void)unused;
    lock();
    do {
        run_all();
    } while (!begin_exit());
    workers--;
    pthread_cond_broadcast(&one_is_done);
    unlock();
    return NULL;
}

// In a forked child, glibc (2.36) reuses the stack of a parent's thread, together with its resolver
// state. The sockets in it are the parent's too, and each process would steal the other's answers.
// glibc does not reuse a stack that is too small, so each generation asks for a larger one.
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
    if (stopping > 0) {
        return 0;
    }
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

static uint64_t end_of(uint64_t now, uint64_t timeout_us) {
    return timeout_us < SPSI_FOREVER - now ? now + timeout_us : SPSI_FOREVER;
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
    return spsi_lookup_read(lookup, out_addresses, capacity, out_count);
}

enum { LOOK_AROUND_US = 500000 };

spsi_result spsi_posix_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                   uint64_t timeout_us) {
    (void)platform;
    uint64_t now = now_us();
    const uint64_t end_us = end_of(now, timeout_us);
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
    spsi_lookup_add_watch(lookup, watch);
    if (spsi_lookup_is_done(&queue, lookup)) {
        spsi_unix_selector_wake(NULL, watch->selector, SPSI_WAKER_LOOKUP);
    }
    unlock();
}

void spsi_posix_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                               spsi_lookup_watch *watch) {
    (void)platform;
    lock();
    spsi_lookup_remove_watch(lookup, watch);
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

spsi_result spsi_os_shutdown(uint64_t timeout_us) {
    uint64_t now = now_us();
    const uint64_t end_us = end_of(now, timeout_us);
    lock();
    stopping++;
    while (workers > 0 && now < end_us) {
        wait_until(end_us - now > LOOK_AROUND_US ? now + LOOK_AROUND_US : end_us);
        now = now_us();
    }
    stopping--;
    spsi_lookup_forget_name(&queue, NULL);
    const bool is_done = workers == 0;
    unlock();
    if (is_done) {
        spsi_posix_exit_wait();
    }
    return is_done ? spsi_posix_done() : (spsi_result){SPSI_AGAIN, 0};
}

#else
typedef int spsi_posix_lookup_is_elsewhere; // ISO C wants a declaration in each file
#endif
