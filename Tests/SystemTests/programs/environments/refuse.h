// SPDX-License-Identifier: MIT
//
// Makes the kernel refuse syscalls to this process from now on (seccomp(2)).
#ifndef REFUSE_H
#define REFUSE_H

#include <stdbool.h>
#include <stddef.h>

// A syscall that the library or its libc makes on a tour, perhaps only with one value of an
// argument.
typedef struct refusal {
    const char *name;
    long number;
    bool has_argument;
    unsigned argument;
    int error; // 0: any
} refusal;

size_t refusal_count(void);
const refusal *refusal_at(size_t index);

// Returns NULL if there is none of that name.
const refusal *refusal_named(const char *name);

// Ends the process if the kernel does not install the filter.
void refuse(const refusal *refused, int error);

// Ends the process at the first syscall that is not listed. *out_number reports which one.
void refuse_the_rest(volatile long *out_number);

#endif
