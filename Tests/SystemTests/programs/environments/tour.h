// SPDX-License-Identifier: MIT
//
// A tour of the library makes every call that needs the OS, at least once. Where the OS refuses,
// each call returns an error that its header names. No call hangs, and nothing stays open.
#ifndef TOUR_H
#define TOUR_H

#include <stdbool.h>
#include <stddef.h>

#include <streampeersocket/streampeersocket.h>

// The result of a tour, in memory that it shares with its parent.
typedef struct report {
    int calls;
    int refused;       // calls that did not return OK
    char refusal[160]; // the first of them
    char mistake[300]; // the first call that broke its contract, or empty
    volatile bool is_done;
} report;

// The folder is for Unix sockets. The name resolves to an address of this machine. The allocator
// may be NULL.
typedef struct tour {
    report *report;
    const char *folder;
    const char *name;
    const sps_allocator *allocator;
} tour;

void run_tour(const tour *tour);

#endif
