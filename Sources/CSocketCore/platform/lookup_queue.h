// SPDX-License-Identifier: MIT
//
// The queue of posix/lookup.c and windows/lookup.c, which chooses the next look-up. It has no
// threads; their lock protects it. A worker is a thread or, on Windows, a request to the OS.
//
// Look-ups run in the order of their requests. But if the oldest has waited for long, the newest
// goes first: most of the others then wait in vain, and the newest may not. A limit
// for each domain and family keeps a silent name server from blocking other domains.
#ifndef SPSI_LOOKUP_QUEUE_H
#define SPSI_LOOKUP_QUEUE_H

#include "platform/platform.h"

// One name server usually answers for all names with the same end. It may be silent about one
// family.
typedef struct spsi_domain {
    struct spsi_domain *next;
    unsigned families;
    int lookups;
    int running;
    char name[]; // NUL-terminated
} spsi_domain;

struct spsi_lookup {
    spsi_lookup *previous, *next; // in the list that it is in
    struct spsi_lookup_list *list;
    spsi_domain *domain;
    uint64_t since_us; // in that list
    unsigned families;
    int owners;
    spsi_lookup_watch *watches; // selectors to wake
    spsi_result result;
    size_t count;
    spsi_address addresses[SPS_IP_MAX_ADDRESSES];
    char name[]; // NUL-terminated
};

typedef struct spsi_lookup_list {
    spsi_lookup *first, *last;
} spsi_lookup_list;

// The oldest of each come first.
typedef struct spsi_lookup_queue {
    spsi_lookup_list queued;
    spsi_lookup_list running;
    spsi_lookup_list kept; // answers that later callers get
    spsi_domain *domains;
} spsi_lookup_queue;

// A look-up that is queued, without an owner; NULL when there is no memory.
spsi_lookup *spsi_lookup_create(spsi_lookup_queue *queue, const char *name, unsigned families,
                                uint64_t now_us);

// One that is kept, or on its way; NULL when there is none.
spsi_lookup *spsi_lookup_find(const spsi_lookup_queue *queue, const char *name, unsigned families);

// Takes the one that is to run now; NULL when there is none. The runner becomes an owner.
spsi_lookup *spsi_lookup_take_next(spsi_lookup_queue *queue, uint64_t now_us);

// Whether there is one.
bool spsi_lookup_has_next(const spsi_lookup_queue *queue, uint64_t now_us);

// Whether one that is queued could run if there were another worker, of which there are `workers`.
bool spsi_lookup_needs_worker(const spsi_lookup_queue *queue, const spsi_lookup *lookup,
                              int workers, uint64_t now_us);

// The worker is done and no longer an owner. Keeps the answer.
void spsi_lookup_finish(spsi_lookup_queue *queue, spsi_lookup *lookup, uint64_t now_us);

static inline bool spsi_lookup_is_done(const spsi_lookup_queue *queue, const spsi_lookup *lookup) {
    return lookup->list != &queue->queued && lookup->list != &queue->running;
}

// The room for a family with `own` addresses beside `others` of the other family. Each family has
// half of the room for itself.
static inline size_t spsi_lookup_share(size_t own, size_t others) {
    enum { HALF = SPS_IP_MAX_ADDRESSES / 2 };
    const size_t room = others < HALF ? SPS_IP_MAX_ADDRESSES - others : HALF;
    return own < room ? own : room;
}

// One owner less; the last one frees it.
void spsi_lookup_release(spsi_lookup_queue *queue, spsi_lookup *lookup);

// Every runner is gone without a word: what ran waits for another, if somebody still wants it.
void spsi_lookup_restart(spsi_lookup_queue *queue, uint64_t now_us);

// A watch that is part of the look-up until its removal.
void spsi_lookup_add_watch(spsi_lookup *lookup, spsi_lookup_watch *watch);
void spsi_lookup_remove_watch(spsi_lookup *lookup, const spsi_lookup_watch *watch);

// The answer of one that is done, which no longer changes.
spsi_result spsi_lookup_read(const spsi_lookup *lookup, spsi_address *out_addresses,
                             size_t capacity, size_t *out_count);

// No longer kept, if it was.
void spsi_lookup_forget(spsi_lookup_queue *queue, spsi_lookup *lookup);
void spsi_lookup_forget_old(spsi_lookup_queue *queue, uint64_t now_us);
void spsi_lookup_forget_name(spsi_lookup_queue *queue, const char *name); // NULL: all

#endif
