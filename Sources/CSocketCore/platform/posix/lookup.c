// SPDX-License-Identifier: MIT
//
// Names, by getaddrinfo(3) on a thread of its own: the call may take many seconds and nothing
// can stop it. The look-up is shared by two owners, the caller and the thread; the last one
// frees it, so a caller may leave at any time.
#include "platform/posix/unix.h"

#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ADDRESSES 16

struct spsi_lookup {
    pthread_mutex_t mutex;
    int owners;
    bool done;
    spsi_result result;
    size_t count;
    spsi_address addresses[MAX_ADDRESSES];
    char name[]; // NUL-terminated
};

static void release(spsi_lookup *lookup) {
    pthread_mutex_lock(&lookup->mutex);
    const bool last = --lookup->owners == 0;
    pthread_mutex_unlock(&lookup->mutex);
    if (last) {
        pthread_mutex_destroy(&lookup->mutex);
        free(lookup);
    }
}

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

static void publish(spsi_lookup *lookup, const struct addrinfo *list, spsi_result failure) {
    pthread_mutex_lock(&lookup->mutex);
    for (const struct addrinfo *i = list; i != NULL && lookup->count < MAX_ADDRESSES;
         i = i->ai_next) {
        struct sockaddr_storage storage;
        memset(&storage, 0, sizeof storage);
        memcpy(&storage, i->ai_addr, i->ai_addrlen);
        spsi_posix_to_address(&storage, i->ai_addrlen, &lookup->addresses[lookup->count++]);
    }
    lookup->result = lookup->count > 0 ? spsi_posix_done() : failure;
    lookup->done = true;
    pthread_mutex_unlock(&lookup->mutex);
}

static void *run(void *argument) {
    spsi_lookup *lookup = argument;
    struct addrinfo hints;
    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM; // else each address comes once for each kind of socket
    struct addrinfo *list = NULL;
    const int code = getaddrinfo(lookup->name, NULL, &hints, &list);
    const int error = errno;
    publish(lookup, code == 0 ? list : NULL, failure_of(code, error));
    if (code == 0) {
        freeaddrinfo(list);
    }
    release(lookup);
    return NULL;
}

// The thread blocks every signal, so that the program's handlers run where the program expects.
static int start_thread(spsi_lookup *lookup) {
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
    code = pthread_create(&thread, &attributes, run, lookup);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return code;
}

spsi_result spsi_posix_lookup_start(const sps_platform *platform, const char *name,
                                    spsi_lookup **out_lookup) {
    (void)platform;
    const size_t length = strlen(name);
    spsi_lookup *lookup = calloc(1, sizeof *lookup + length + 1);
    if (lookup == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    memcpy(lookup->name, name, length);
    lookup->owners = 2;
    if (pthread_mutex_init(&lookup->mutex, NULL) != 0) {
        free(lookup);
        return (spsi_result){SPSI_NO_MEMORY, 0};
    }
    const int code = start_thread(lookup);
    if (code != 0) { // EAGAIN: out of threads, which are memory too
        pthread_mutex_destroy(&lookup->mutex);
        free(lookup);
        return (spsi_result){SPSI_NO_MEMORY, code};
    }
    *out_lookup = lookup;
    return spsi_posix_done();
}

spsi_result spsi_posix_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                     spsi_address *out_addresses, size_t capacity,
                                     size_t *out_count) {
    (void)platform;
    pthread_mutex_lock(&lookup->mutex);
    spsi_result result = {SPSI_AGAIN, 0};
    *out_count = 0;
    if (lookup->done) {
        result = lookup->result;
        *out_count = lookup->count < capacity ? lookup->count : capacity;
        memcpy(out_addresses, lookup->addresses, *out_count * sizeof *out_addresses);
    }
    pthread_mutex_unlock(&lookup->mutex);
    return result;
}

void spsi_posix_lookup_end(const sps_platform *platform, spsi_lookup *lookup) {
    (void)platform;
    release(lookup);
}
