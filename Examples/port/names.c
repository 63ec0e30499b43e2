// SPDX-License-Identifier: MIT
//
// Look-ups without a thread: lookup_start() itself waits for the answer. A frame then blocks for as
// long as a name server takes. An SDK with an asynchronous call does better.
#include "port.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct spsi_lookup {
    spsi_result result;
    spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    size_t count;
};

static void read_answer(spsi_lookup *lookup, const struct addrinfo *list) {
    for (; list != NULL && lookup->count < SPS_IP_MAX_ADDRESSES; list = list->ai_next) {
        const struct sockaddr_in *from = (const struct sockaddr_in *)(const void *)list->ai_addr;
        spsi_address *address = &lookup->addresses[lookup->count++];
        *address = (spsi_address){.family = SPSI_FAMILY_IPV4};
        memcpy(address->ip, &from->sin_addr, 4);
    }
}

static void ask(spsi_lookup *lookup, const char *name) {
    const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    const int code = getaddrinfo(name, NULL, &hints, &list);
    if (code == 0) {
        read_answer(lookup, list);
        freeaddrinfo(list);
        return;
    }
    const bool is_unknown = code == EAI_NONAME;
    const spsi_code failure = code == EAI_MEMORY ? SPSI_NO_MEMORY : SPSI_NAME_UNANSWERED;
    lookup->result = (spsi_result){is_unknown ? SPSI_NAME_UNKNOWN : failure, code};
}

// RFC 6761, 6.4.
static bool is_invalid(const char *name) {
    const char *dot = strrchr(name, '.');
    return strcasecmp(dot != NULL ? dot + 1 : name, "invalid") == 0;
}

spsi_result port_lookup_start(const sps_platform *platform, const char *name, unsigned families,
                              spsi_lookup **out_lookup) {
    (void)platform;
    spsi_lookup *lookup = calloc(1, sizeof *lookup);
    if (lookup == NULL) {
        return (spsi_result){SPSI_NO_MEMORY, ENOMEM};
    }
    if ((families & SPSI_IPV4) != 0 && !is_invalid(name)) {
        ask(lookup, name);
    } else {
        lookup->result = (spsi_result){SPSI_NAME_UNKNOWN, EAI_NONAME};
    }
    *out_lookup = lookup;
    return (spsi_result){SPSI_DONE, 0};
}

spsi_result port_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                               spsi_address *out_addresses, size_t capacity, size_t *out_count) {
    (void)platform;
    *out_count = lookup->count < capacity ? lookup->count : capacity;
    memcpy(out_addresses, lookup->addresses, *out_count * sizeof *out_addresses);
    return lookup->result;
}

spsi_result port_lookup_wait(const sps_platform *platform, spsi_lookup *lookup,
                             uint64_t timeout_us) {
    (void)platform;
    (void)lookup;
    (void)timeout_us;
    return (spsi_result){SPSI_DONE, 0};
}

// It is done already, so the selector wakes at once.
void port_lookup_watch(const sps_platform *platform, spsi_lookup *lookup,
                       spsi_lookup_watch *watch) {
    (void)lookup;
    port_selector_wake(platform, watch->selector, SPSI_WAKER_LOOKUP);
}

void port_lookup_unwatch(const sps_platform *platform, spsi_lookup *lookup,
                         spsi_lookup_watch *watch) {
    (void)platform;
    (void)lookup;
    (void)watch;
}

void port_lookup_end(const sps_platform *platform, spsi_lookup *lookup, bool was_useful) {
    (void)platform;
    (void)was_useful;
    free(lookup);
}

// No answer is kept.
void port_lookup_forget(const sps_platform *platform, const char *name) {
    (void)platform;
    (void)name;
}

// No thread is left to wait for.
spsi_result spsi_os_shutdown(uint64_t timeout_us) {
    (void)timeout_us;
    return (spsi_result){SPSI_DONE, 0};
}

// ---- The lock

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void port_lock(const sps_platform *platform) {
    (void)platform;
    pthread_mutex_lock(&mutex);
}

void port_unlock(const sps_platform *platform) {
    (void)platform;
    pthread_mutex_unlock(&mutex);
}
