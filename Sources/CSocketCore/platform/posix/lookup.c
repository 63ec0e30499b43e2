// SPDX-License-Identifier: MIT
//
// Names, by getaddrinfo(3) on threads of their own: the call may take many seconds and nothing can
// stop it. Workers begin when there is something to do, end when there is not, and are bounded in
// number. Those who ask for a name that is being looked up share the one look-up, so that a slow name
// holds one worker, however many want it; and the names of one domain hold half of the workers at
// most, so that a domain whose name server is silent leaves the others theirs. What was found is
// kept for a while.
//
// A look-up belongs to all who asked, to the worker that runs it, and to those that are kept; the last
// one frees it, so anybody may leave at any time.
#include "platform/posix/unix.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    MAX_WORKERS = 16,
    MAX_WORKERS_OF_DOMAIN = MAX_WORKERS / 2,
    MAX_KEPT = 64,
    KEPT_US = 60 * 1000000, // ip.h promises both
};

typedef enum lookup_state { QUEUED, RUNNING, DONE } lookup_state;

struct spsi_lookup {
    spsi_lookup *next; // in one of the lists below, or in none
    uint64_t done_us;
    int owners;
    lookup_state state;
    spsi_result result;
    size_t count;
    spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    char name[]; // NUL-terminated
};

// Everything below is used under the mutex only.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t one_is_done;
static pthread_once_t one_is_done_once = PTHREAD_ONCE_INIT;
static spsi_lookup *not_done; // the oldest first
static spsi_lookup *kept;     // found, and given to whoever asks; the oldest first
static int workers;

// ---- Under the mutex

static spsi_lookup *find_name(spsi_lookup *list, const char *name) {
    while (list != NULL && strcmp(list->name, name) != 0) {
        list = list->next;
    }
    return list;
}

static void append(spsi_lookup **list, spsi_lookup *lookup) {
    while (*list != NULL) {
        list = &(*list)->next;
    }
    *list = lookup;
}

// Whether it was there.
static bool remove_from(spsi_lookup **list, const spsi_lookup *lookup) {
    for (; *list != NULL; list = &(*list)->next) {
        if (*list == lookup) {
            *list = lookup->next;
            return true;
        }
    }
    return false;
}

static void release(spsi_lookup *lookup) {
    if (--lookup->owners == 0) { // nobody waits for it, no worker has it, and it is not kept
        remove_from(&not_done, lookup);
        free(lookup);
    }
}

static void forget(spsi_lookup *lookup) {
    if (remove_from(&kept, lookup)) {
        release(lookup);
    }
}

static void keep(spsi_lookup *lookup) {
    size_t count = 1;
    for (const spsi_lookup *other = kept; other != NULL; other = other->next) {
        count++;
    }
    if (count > MAX_KEPT) {
        forget(kept);
    }
    lookup->next = NULL;
    lookup->owners++;
    append(&kept, lookup);
}

static void forget_the_old(void) {
    while (kept != NULL && spsi_posix_now_us(NULL) - kept->done_us >= KEPT_US) {
        forget(kept);
    }
}

// The last two labels of a name: who answers for one mostly answers for all of them.
static const char *domain_of(const char *name) {
    const char *domain = name + strlen(name);
    for (int dots = 0; domain > name; domain--) {
        dots += domain[-1] == '.';
        if (dots == 2) {
            break;
        }
    }
    return domain;
}

static bool domain_is_busy(const char *name) {
    int running = 0;
    for (const spsi_lookup *other = not_done; other != NULL; other = other->next) {
        running += other->state == RUNNING && strcmp(domain_of(other->name), domain_of(name)) == 0;
    }
    return running >= MAX_WORKERS_OF_DOMAIN;
}

static spsi_lookup *find_queued(void) {
    spsi_lookup *lookup = not_done;
    while (lookup != NULL && (lookup->state != QUEUED || domain_is_busy(lookup->name))) {
        lookup = lookup->next;
    }
    return lookup;
}

// ---- The workers

// EAI_SYSTEM leaves the reason in errno; the other codes are getaddrinfo's own.
static spsi_result failure_of(int code, int error) {
    switch (code) {
    case EAI_SYSTEM:
        return spsi_posix_failure(error);
    case EAI_MEMORY:
        return (spsi_result){SPSI_NO_MEMORY, code};
    default:
        return (spsi_result){SPSI_NAME_UNKNOWN, code};
    }
}

static size_t copy_addresses(const struct addrinfo *list, spsi_address *out) {
    size_t count = 0;
    for (; list != NULL && count < SPS_IP_MAX_ADDRESSES; list = list->ai_next) {
        struct sockaddr_storage storage;
        memset(&storage, 0, sizeof storage);
        memcpy(&storage, list->ai_addr, list->ai_addrlen);
        spsi_posix_to_address(&storage, list->ai_addrlen, &out[count++]);
    }
    return count;
}

// Without the mutex: the one call that takes its time. Nobody else looks at the fields that it fills
// before the look-up is DONE.
static void resolve(spsi_lookup *lookup) {
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM; // else each address comes once for each kind of socket
    struct addrinfo *list = NULL;
    const int code = getaddrinfo(lookup->name, NULL, &hints, &list);
    const int error = errno;
    if (code == 0) {
        lookup->count = copy_addresses(list, lookup->addresses);
        freeaddrinfo(list);
    }
    lookup->result = lookup->count > 0 ? spsi_posix_done() : failure_of(code, error);
}

static void finish(spsi_lookup *lookup) {
    lookup->state = DONE;
    lookup->done_us = spsi_posix_now_us(NULL);
    remove_from(&not_done, lookup);
    if (lookup->result.code == SPSI_DONE) {
        keep(lookup);
    }
    release(lookup);
    pthread_cond_broadcast(&one_is_done);
}

static void *work(void *unused) {
    (void)unused;
    pthread_mutex_lock(&mutex);
    for (spsi_lookup *lookup; (lookup = find_queued()) != NULL;) {
        lookup->state = RUNNING;
        lookup->owners++;
        pthread_mutex_unlock(&mutex);
        resolve(lookup);
        pthread_mutex_lock(&mutex);
        finish(lookup);
    }
    workers--;
    pthread_mutex_unlock(&mutex);
    return NULL;
}

// A worker blocks every signal, so that the program's handlers run where the program expects.
static int start_worker(void) {
    pthread_attr_t attributes;
    int code = pthread_attr_init(&attributes);
    if (code != 0) {
        return code;
    }
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
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

// ---- Waiting for a worker

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
}

static void wait_until(uint64_t end_us) {
#ifdef __APPLE__
    const uint64_t now_us = spsi_posix_now_us(NULL);
    const uint64_t time_us = now_us < end_us ? end_us - now_us : 0;
    const struct timespec time = {(time_t)(time_us / 1000000), (long)(time_us % 1000000) * 1000};
    pthread_cond_timedwait_relative_np(&one_is_done, &mutex, &time);
#else
    const struct timespec time = {(time_t)(end_us / 1000000), (long)(end_us % 1000000) * 1000};
    pthread_cond_timedwait(&one_is_done, &mutex, &time);
#endif
}

// ---- The contract

static spsi_lookup *create(const char *name) {
    const size_t length = strlen(name);
    spsi_lookup *lookup = calloc(1, sizeof *lookup + length + 1);
    if (lookup != NULL) {
        memcpy(lookup->name, name, length);
    }
    return lookup;
}

// Under the mutex: a look-up of its own for the name, and a worker if one more may be had. With
// workers at their bound it waits for one of them.
static spsi_result begin(const char *name, spsi_lookup **out_lookup) {
    spsi_lookup *lookup = create(name);
    if (lookup == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    pthread_once(&one_is_done_once, make_condition);
    const bool may_start = workers < MAX_WORKERS && !domain_is_busy(name);
    const int code = may_start ? start_worker() : 0;
    if (code != 0 && workers == 0) { // EAGAIN: out of threads, which are memory too
        free(lookup);
        return (spsi_result){SPSI_NO_MEMORY, code};
    }
    append(&not_done, lookup);
    *out_lookup = lookup;
    return spsi_posix_done();
}

spsi_result spsi_posix_lookup_start(const sps_platform *platform, const char *name,
                                    spsi_lookup **out_lookup) {
    (void)platform;
    spsi_result result = spsi_posix_done();
    pthread_mutex_lock(&mutex);
    forget_the_old();
    *out_lookup = find_name(kept, name);
    if (*out_lookup == NULL) {
        *out_lookup = find_name(not_done, name);
    }
    if (*out_lookup == NULL) {
        result = begin(name, out_lookup);
    }
    if (result.code == SPSI_DONE) {
        (*out_lookup)->owners++;
    }
    pthread_mutex_unlock(&mutex);
    return result;
}

spsi_result spsi_posix_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                     spsi_address *out_addresses, size_t capacity,
                                     size_t *out_count) {
    (void)platform;
    *out_count = 0;
    pthread_mutex_lock(&mutex);
    const bool is_done = lookup->state == DONE;
    pthread_mutex_unlock(&mutex);
    if (!is_done) {
        return (spsi_result){SPSI_AGAIN, 0};
    }
    *out_count = lookup->count < capacity ? lookup->count : capacity;
    memcpy(out_addresses, lookup->addresses, *out_count * sizeof *out_addresses);
    return lookup->result;
}

spsi_result spsi_posix_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                                   uint64_t timeout_us) {
    (void)platform;
    const uint64_t end_us = spsi_posix_now_us(NULL) + timeout_us;
    pthread_mutex_lock(&mutex);
    while (lookup->state != DONE && spsi_posix_now_us(NULL) < end_us) {
        wait_until(end_us);
    }
    const bool is_done = lookup->state == DONE;
    pthread_mutex_unlock(&mutex);
    return is_done ? spsi_posix_done() : (spsi_result){SPSI_AGAIN, 0};
}

void spsi_posix_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful) {
    (void)platform;
    pthread_mutex_lock(&mutex);
    if (!was_useful) {
        forget(lookup);
    }
    release(lookup);
    pthread_mutex_unlock(&mutex);
}

void spsi_posix_lookup_forget(const sps_platform *platform, const char *name) {
    (void)platform;
    pthread_mutex_lock(&mutex);
    for (spsi_lookup *lookup = kept, *next; lookup != NULL; lookup = next) {
        next = lookup->next;
        if (name == NULL || strcmp(lookup->name, name) == 0) {
            forget(lookup);
        }
    }
    pthread_mutex_unlock(&mutex);
}
