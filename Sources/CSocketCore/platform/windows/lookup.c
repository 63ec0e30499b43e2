// SPDX-License-Identifier: MIT
//
// Looks names up with requests to the OS (lookup_request.c). lookup_queue.c bounds their number,
// and chooses the next name. Callers that want the same name share one look-up. Answers are kept
// for a while.
//
// The owners of a look-up are its callers, its request, and the list of kept answers. The last
// owner frees it, so a caller may leave at any time. If no caller is left, the request is
// cancelled.
#ifdef _WIN32

#include "platform/windows/windows.h"

#include "platform/lookup_queue.h"
#include "platform/windows/lookup_request.h"

// Everything below is used under the lock only.
static SRWLOCK *held;
static CONDITION_VARIABLE one_is_done = CONDITION_VARIABLE_INIT;
static spsi_lookup_queue queue;
static spsi_lookup_request *requests;
static int running;  // so many look-ups have a request
static int stopping; // so many wait for the requests' end: none begins anything

static uint64_t now_us(void) {
    return spsi_windows_now_us(NULL);
}

static void lock(void) {
    held = spsi_windows_lock(SPSI_WINDOWS_LOOKUPS);
}

static void unlock(void) {
    spsi_windows_unlock(SPSI_WINDOWS_LOOKUPS);
}

// ---- Requests

static void wake_watches(const spsi_lookup *lookup) {
    for (const spsi_lookup_watch *each = lookup->watches; each != NULL; each = each->next) {
        spsi_windows_selector_wake(NULL, each->selector, SPSI_WAKER_LOOKUP);
    }
}

static void finish(spsi_lookup *lookup) {
    wake_watches(lookup);
    spsi_lookup_finish(&queue, lookup, now_us());
    WakeAllConditionVariable(&one_is_done);
}

static void forget_request(spsi_lookup_request *request) {
    spsi_lookup_request **link = &requests;
    while (*link != request) {
        link = &(*link)->next;
    }
    *link = request->next;
    spsi_lookup_request_destroy(request);
}

// The families to ask for after an answer; 0: none. A cancelled request begins again if callers
// came later. A cancel can also hit another request than its own, because Windows may use a handle
// again. If the families that are of use here know no address, the other one may, but its name
// server may be silent.
static unsigned next_families(const spsi_lookup_request *request, int code) {
    const bool is_wanted = request->lookup->owners > 1; // by more than its request
    if (!is_wanted) {
        return 0;
    }
    if (code == WSA_E_CANCELLED) {
        return request->families;
    }
    return request->lookup->result.code == SPSI_NAME_UNKNOWN ? request->left : 0;
}

// Whether a request that has ended asks again, and another answer will come.
static bool goes_on(spsi_lookup_request *request) {
    unsigned families;
    while ((families = next_families(request, spsi_lookup_request_read(request))) != 0) {
        if (spsi_lookup_request_ask(request, families)) {
            return true;
        }
    }
    return false;
}

static void answered(spsi_lookup_request *request);

// False: the look-up has ended at once.
static bool begin(spsi_lookup *lookup) {
    spsi_lookup_request *request = spsi_lookup_request_create(lookup, answered);
    if (request == NULL) {
        return false;
    }
    request->next = requests;
    requests = request;
    const unsigned both = SPSI_IPV4 | SPSI_IPV6;
    const bool is_of_both = lookup->families == both;
    const unsigned first = is_of_both ? spsi_windows_useful_families(both) : lookup->families;
    if (spsi_lookup_request_ask(request, first) || goes_on(request)) {
        return true;
    }
    forget_request(request);
    return false;
}

static void run_next(void) {
    spsi_lookup *lookup;
    while (stopping == 0 && (lookup = spsi_lookup_take_next(&queue, now_us())) != NULL) {
        if (begin(lookup)) {
            running++;
            return;
        }
        finish(lookup);
    }
}

static void answered(spsi_lookup_request *request) {
    lock();
    if (!goes_on(request)) {
        spsi_lookup *lookup = request->lookup;
        forget_request(request);
        finish(lookup);
        running--;
        run_next();
    }
    unlock();
}

// Begins another request for a look-up that waits for one, when one may be had.
static void serve(const spsi_lookup *lookup) {
    if (spsi_lookup_needs_worker(&queue, lookup, running, now_us())) {
        run_next();
    }
}

static void cancel(const spsi_lookup *lookup) {
    spsi_lookup_request *request = requests;
    while (request != NULL && request->lookup != lookup) {
        request = request->next;
    }
    if (request != NULL) {
        spsi_lookup_request_cancel(request);
    }
}

// ---- Waiting for a request

enum { LOOK_AROUND_US = 500000 };

// Returns the time afterwards.
static uint64_t wait_until(uint64_t now, uint64_t end_us) {
    const uint64_t left_us = end_us - now < LOOK_AROUND_US ? end_us - now : LOOK_AROUND_US;
    SleepConditionVariableSRW(&one_is_done, held, spsi_windows_wait_ms(left_us), 0);
    return now_us();
}

static uint64_t end_of(uint64_t now, uint64_t timeout_us) {
    return timeout_us < SPSI_FOREVER - now ? now + timeout_us : SPSI_FOREVER;
}

// ---- The contract

spsi_result spsi_windows_lookup_start(const sps_platform *platform, const char *name,
                                      unsigned families, spsi_lookup **out_lookup) {
    (void)platform;
    lock();
    const spsi_result started = spsi_windows_start();
    spsi_lookup_forget_old(&queue, now_us());
    spsi_lookup *lookup = spsi_lookup_find(&queue, name, families);
    if (lookup == NULL && started.code == SPSI_DONE) {
        lookup = spsi_lookup_create(&queue, name, families, now_us());
    }
    if (lookup != NULL) {
        lookup->owners++;
        serve(lookup);
        *out_lookup = lookup;
    }
    unlock();
    return lookup != NULL ? spsi_windows_done() : (spsi_result){SPSI_NO_MEMORY, started.os_code};
}

// Requests may be held by slow names that were quick when this one was asked for.
static bool is_done_or_served(const spsi_lookup *lookup) {
    serve(lookup);
    return spsi_lookup_is_done(&queue, lookup);
}

spsi_result spsi_windows_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
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

spsi_result spsi_windows_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                     uint64_t timeout_us) {
    (void)platform;
    uint64_t now = now_us();
    const uint64_t end_us = end_of(now, timeout_us);
    lock();
    bool is_done = is_done_or_served(lookup);
    while (!is_done && now < end_us) {
        now = wait_until(now, end_us);
        is_done = is_done_or_served(lookup);
    }
    unlock();
    return is_done ? spsi_windows_done() : (spsi_result){SPSI_AGAIN, 0};
}

void spsi_windows_lookup_watch(const sps_platform *platform, spsi_lookup *lookup,
                               spsi_lookup_watch *watch) {
    (void)platform;
    lock();
    spsi_lookup_add_watch(lookup, watch);
    if (spsi_lookup_is_done(&queue, lookup)) {
        spsi_windows_selector_wake(NULL, watch->selector, SPSI_WAKER_LOOKUP);
    }
    unlock();
}

void spsi_windows_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                                 spsi_lookup_watch *watch) {
    (void)platform;
    lock();
    spsi_lookup_remove_watch(lookup, watch);
    unlock();
}

void spsi_windows_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful) {
    (void)platform;
    lock();
    if (!was_useful) {
        spsi_lookup_forget(&queue, lookup);
    }
    const bool is_last = lookup->list == &queue.running && lookup->owners == 2; // and the request
    spsi_lookup_release(&queue, lookup);
    if (is_last) {
        cancel(lookup);
    }
    unlock();
}

void spsi_windows_lookup_forget(const sps_platform *platform, const char *name) {
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
    while (running > 0 && now < end_us) {
        now = wait_until(now, end_us);
    }
    stopping--;
    spsi_lookup_forget_name(&queue, NULL);
    const bool is_done = running == 0;
    if (is_done) {
        spsi_windows_stop();
    }
    unlock();
    return is_done ? spsi_windows_done() : (spsi_result){SPSI_AGAIN, 0};
}

#else
typedef int spsi_windows_lookup_is_elsewhere; // ISO C wants a declaration in each file
#endif
