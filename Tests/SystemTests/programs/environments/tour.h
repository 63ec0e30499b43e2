// SPDX-License-Identifier: MIT
//
// A tour of the library: every call that asks the OS for something, once at least. Where the OS
// refuses, each call answers with an error that its header names, nothing hangs, and nothing is
// left open.
#ifndef TOUR_H
#define TOUR_H

#include <stdbool.h>
#include <stddef.h>

#include <streampeersocket/streampeersocket.h>

// What a tour came to. In memory that the tour shares with its parent.
typedef struct report {
    int calls;
    int refused;       // that were not OK
    char refusal[160]; // the first of them
    char mistake[300]; // the first that was not as the headers say, or empty
    volatile bool is_done;
} report;

// The folder is for Unix sockets. The name is to be looked up, and is an address of this machine.
// The allocator may be NULL.
typedef struct tour {
    report *report;
    const char *folder;
    const char *name;
    const sps_allocator *allocator;
} tour;

void run_tour(const tour *tour);

#endif
