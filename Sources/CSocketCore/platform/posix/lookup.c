// SPDX-License-Identifier: MIT
//
// Names, by getaddrinfo(3) on threads of their own: the call may take many seconds and nothing can
// stop it. Workers begin when there is something to do, end when there is not, and are bounded in
// number. Those who ask for a name that is being looked up share the one look-up, so that a slow name
// holds one worker, however many want it. A look-up belongs to all who asked and to the worker that
// runs it; the last one frees it, so anybody may leave at any time.
#include "platform/posix/unix.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_WORKERS = 16, MAX_ADDRESSES = 16 };

typedef enum lookup_state { QUEUED, RUNNING, DONE } lookup_state;

struct spsi_lookup {
    spsi_lookup *next; // in the list of those that are not done
    int owners;
    lookup_state state;
    spsi_result result;
    size_t count;
    spsi_address addresses[MAX_ADDRESSES];
    char name[]; // NUL-terminated
};

// Everything below is used under the mutex only.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static spsi_lookup *not_done; // the oldest first
static int workers;

// ---- Under the mutex

static spsi_lookup *find_name(const char *name) {
    spsi_lookup *lookup = not_done;
    while (lookup != NULL && strcmp(lookup->name, name) != 0) {
        lookup = lookup->next;
    }
    return lookup;
}

static spsi_lookup *find_queued(void) {
    spsi_lookup *lookup = not_done;
    while (lookup != NULL && lookup->state != QUEUED) {
        lookup = lookup->next;
    }
    return lookup;
}

static void append(spsi_lookup *lookup) {
    spsi_lookup **link = &not_done;
    while (*link != NULL) {
        link = &(*link)->next;
    }
    *link = lookup;
}

static void remove_from_list(spsi_lookup *lookup) {
    for (spsi_lookup **link = &not_done; *link != NULL; link = &(*link)->next) {
        if (*link == lookup) {
            *link = lookup->next;
            return;
        }
    }
}

static void release(spsi_lookup *lookup) {
    if (--lookup->owners == 0) { // nobody waits for it, and no worker has it
        remove_from_list(lookup);
        free(lookup);
    }
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
    for (; list != NULL && count < MAX_ADDRESSES; list = list->ai_next) {
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

static void *work(void *unused) {
    (void)unused;
    pthread_mutex_lock(&mutex);
    for (spsi_lookup *lookup; (lookup = find_queued()) != NULL;) {
        lookup->state = RUNNING;
        lookup->owners++;
        pthread_mutex_unlock(&mutex);
        resolve(lookup);
        pthread_mutex_lock(&mutex);
        lookup->state = DONE;
        remove_from_list(lookup);
        release(lookup);
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
    const int code = workers < MAX_WORKERS ? start_worker() : 0;
    if (code != 0 && workers == 0) { // EAGAIN: out of threads, which are memory too
        free(lookup);
        return (spsi_result){SPSI_NO_MEMORY, code};
    }
    lookup->owners = 1;
    append(lookup);
    *out_lookup = lookup;
    return spsi_posix_done();
}

spsi_result spsi_posix_lookup_start(const sps_platform *platform, const char *name,
                                    spsi_lookup **out_lookup) {
    (void)platform;
    spsi_result result = spsi_posix_done();
    pthread_mutex_lock(&mutex);
    *out_lookup = find_name(name);
    if (*out_lookup != NULL) {
        (*out_lookup)->owners++;
    } else {
        result = begin(name, out_lookup);
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

void spsi_posix_lookup_end(const sps_platform *platform, spsi_lookup *lookup) {
    (void)platform;
    pthread_mutex_lock(&mutex);
    release(lookup);
    pthread_mutex_unlock(&mutex);
}
