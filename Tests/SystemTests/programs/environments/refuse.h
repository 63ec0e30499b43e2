// SPDX-License-Identifier: MIT
//
// Syscalls that the kernel refuses to this process from now on (seccomp(2)).
#ifndef REFUSE_H
#define REFUSE_H

#include <stdbool.h>
#include <stddef.h>

// A syscall that the library or its libc makes on a tour, or one of them with a certain first
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

// NULL when there is none of that name.
const refusal *refusal_named(const char *name);

// Each ends the process when the kernel will not.
void refuse(const refusal *refused, int error);

// Ends the process at the first syscall that is not listed; *out_number tells which.
void refuse_the_rest(volatile long *out_number);

#endif
