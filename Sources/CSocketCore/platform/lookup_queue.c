// SPDX-License-Identifier: MIT
#include "platform/lookup_queue.h"

#include <stdlib.h>
#include <string.h>

enum {
    // The limit of workers with prompt names, and the limit if slow names hold some of them.
    PROMPT_WORKERS = 16,
    MOST_WORKERS = 64,
    MOST_OF_DOMAIN = 8,
    SLOW_US = 1000000, // a name that takes longer is slow
    MOST_KEPT = 64,
    KEPT_US = 60 * 1000000, // ip.h promises both
};

// ---- Lists

static void add(spsi_lookup_list *list, spsi_lookup *lookup, uint64_t now_us) {
    lookup->list = list;
    lookup->since_us = now_us;
    lookup->next = NULL;
    lookup->previous = list->last;
    *(list->last != NULL ? &list->last->next : &list->first) = lookup;
    list->last = lookup;
}

static void take_out(spsi_lookup *lookup) {
    spsi_lookup_list *list = lookup->list;
    if (list == NULL) {
        return;
    }
    *(lookup->previous != NULL ? &lookup->previous->next : &list->first) = lookup->next;
    *(lookup->next != NULL ? &lookup->next->previous : &list->last) = lookup->previous;
    lookup->list = NULL;
}

static spsi_lookup *find_in(const spsi_lookup_list *list, const char *name, unsigned families) {
    spsi_lookup *lookup = list->first;
    while (lookup != NULL && (lookup->families != families || strcmp(lookup->name, name) != 0)) {
        lookup = lookup->next;
    }
    return lookup;
}

static size_t count_of(const spsi_lookup_list *list) {
    size_t count = 0;
    for (const spsi_lookup *lookup = list->first; lookup != NULL; lookup = lookup->next) {
        count++;
    }
    return count;
}

// ---- Domains

// The last two labels of a name, without the dot that may end it.
static const char *domain_of(const char *name, size_t *out_length) {
    const char *end = name + strlen(name);
    end -= end > name && end[-1] == '.';
    const char *start = end;
    for (int dots = 0; start > name; start--) {
        dots += start[-1] == '.';
        if (dots == 2) {
            break;
        }
    }
    *out_length = (size_t)(end - start);
    return start;
}

static spsi_domain *create_domain(spsi_lookup_queue *queue, const char *name, size_t length,
                                  unsigned families) {
    spsi_domain *domain = calloc(1, sizeof *domain + length + 1);
    if (domain != NULL) {
        memcpy(domain->name, name, length);
        domain->families = families;
        domain->next = queue->domains;
        queue->domains = domain;
    }
    return domain;
}

static bool is_domain(const spsi_domain *domain, const char *name, size_t length,
                      unsigned families) {
    return domain->families == families && strncmp(domain->name, name, length) == 0 &&
           domain->name[length] == '\0';
}

static spsi_domain *find_or_create_domain(spsi_lookup_queue *queue, const char *host,
                                          unsigned families) {
    size_t length;
    const char *name = domain_of(host, &length);
    for (spsi_domain *domain = queue->domains; domain != NULL; domain = domain->next) {
        if (is_domain(domain, name, length, families)) {
            return domain;
        }
    }
    return create_domain(queue, name, length, families);
}

static void leave_domain(spsi_lookup_queue *queue, spsi_domain *domain) {
    if (--domain->lookups > 0) {
        return;
    }
    spsi_domain **link = &queue->domains;
    while (*link != domain) {
        link = &(*link)->next;
    }
    *link = domain->next;
    free(domain);
}

// ---- Look-ups

spsi_lookup *spsi_lookup_create(spsi_lookup_queue *queue, const char *name, unsigned families,
                                uint64_t now_us) {
    const size_t length = strlen(name);
    spsi_lookup *lookup = calloc(1, sizeof *lookup + length + 1);
    if (lookup == NULL) {
        return NULL;
    }
    memcpy(lookup->name, name, length);
    lookup->families = families;
    lookup->domain = find_or_create_domain(queue, name, families);
    if (lookup->domain == NULL) {
        free(lookup);
        return NULL;
    }
    lookup->domain->lookups++;
    add(&queue->queued, lookup, now_us);
    return lookup;
}

spsi_lookup *spsi_lookup_find(const spsi_lookup_queue *queue, const char *name, unsigned families) {
    spsi_lookup *lookup = find_in(&queue->kept, name, families);
    if (lookup == NULL) {
        lookup = find_in(&queue->running, name, families);
    }
    return lookup != NULL ? lookup : find_in(&queue->queued, name, families);
}

void spsi_lookup_release(spsi_lookup_queue *queue, spsi_lookup *lookup) {
    if (--lookup->owners > 0) {
        return;
    }
    take_out(lookup); // nobody waits for it any more
    leave_domain(queue, lookup->domain);
    free(lookup);
}

// ---- Whose turn it is

static bool may_run(const spsi_lookup *lookup) {
    return lookup->domain->running < MOST_OF_DOMAIN;
}

static spsi_lookup *find_next(const spsi_lookup_queue *queue, uint64_t now_us) {
    spsi_lookup *lookup = queue->queued.first;
    const bool newest_first = lookup != NULL && now_us - lookup->since_us > SLOW_US;
    if (newest_first) {
        lookup = queue->queued.last;
    }
    while (lookup != NULL && !may_run(lookup)) {
        lookup = newest_first ? lookup->previous : lookup->next;
    }
    return lookup;
}

spsi_lookup *spsi_lookup_take_next(spsi_lookup_queue *queue, uint64_t now_us) {
    spsi_lookup *lookup = find_next(queue, now_us);
    if (lookup != NULL) {
        take_out(lookup);
        add(&queue->running, lookup, now_us);
        lookup->domain->running++;
        lookup->owners++;
    }
    return lookup;
}

bool spsi_lookup_has_next(const spsi_lookup_queue *queue, uint64_t now_us) {
    return find_next(queue, now_us) != NULL;
}

bool spsi_lookup_needs_worker(const spsi_lookup_queue *queue, const spsi_lookup *lookup,
                              int workers, uint64_t now_us) {
    if (lookup->list != &queue->queued || !may_run(lookup) || workers >= MOST_WORKERS) {
        return false;
    }
    int slow = 0;
    for (const spsi_lookup *other = queue->running.first; other != NULL; other = other->next) {
        slow += now_us - other->since_us > SLOW_US;
    }
    return workers - slow < PROMPT_WORKERS;
}

void spsi_lookup_restart(spsi_lookup_queue *queue, uint64_t now_us) {
    for (spsi_lookup *lookup; (lookup = queue->running.first) != NULL;) {
        take_out(lookup);
        lookup->domain->running--;
        lookup->count = 0;
        add(&queue->queued, lookup, now_us);
        spsi_lookup_release(queue, lookup); // the runner's part
    }
}

// ---- Watches

void spsi_lookup_add_watch(spsi_lookup *lookup, spsi_lookup_watch *watch) {
    watch->next = lookup->watches;
    lookup->watches = watch;
}

void spsi_lookup_remove_watch(spsi_lookup *lookup, const spsi_lookup_watch *watch) {
    spsi_lookup_watch **link = &lookup->watches;
    while (*link != watch) {
        link = &(*link)->next;
    }
    *link = watch->next;
}

// ---- What is done

spsi_result spsi_lookup_read(const spsi_lookup *lookup, spsi_address *out_addresses,
                             size_t capacity, size_t *out_count) {
    *out_count = lookup->count < capacity ? lookup->count : capacity;
    memcpy(out_addresses, lookup->addresses, *out_count * sizeof *out_addresses);
    return lookup->result;
}

static void keep(spsi_lookup_queue *queue, spsi_lookup *lookup, uint64_t now_us) {
    if (count_of(&queue->kept) >= MOST_KEPT) {
        spsi_lookup_forget(queue, queue->kept.first);
    }
    add(&queue->kept, lookup, now_us);
    lookup->owners++;
}

void spsi_lookup_finish(spsi_lookup_queue *queue, spsi_lookup *lookup, uint64_t now_us) {
    take_out(lookup);
    lookup->domain->running--;
    if (lookup->result.code == SPSI_DONE) {
        keep(queue, lookup, now_us);
    }
    spsi_lookup_release(queue, lookup);
}

void spsi_lookup_forget(spsi_lookup_queue *queue, spsi_lookup *lookup) {
    if (lookup->list == &queue->kept) {
        take_out(lookup);
        spsi_lookup_release(queue, lookup);
    }
}

void spsi_lookup_forget_old(spsi_lookup_queue *queue, uint64_t now_us) {
    while (queue->kept.first != NULL && now_us - queue->kept.first->since_us >= KEPT_US) {
        spsi_lookup_forget(queue, queue->kept.first);
    }
}

void spsi_lookup_forget_name(spsi_lookup_queue *queue, const char *name) {
    for (spsi_lookup *lookup = queue->kept.first, *next; lookup != NULL; lookup = next) {
        next = lookup->next;
        if (name == NULL || strcmp(lookup->name, name) == 0) {
            spsi_lookup_forget(queue, lookup);
        }
    }
}
