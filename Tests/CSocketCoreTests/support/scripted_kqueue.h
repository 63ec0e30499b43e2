// SPDX-License-Identifier: MIT
//
// The selector of the BSDs and macOS, on a stand-in for kqueue(2). A test sets the state of each
// filter of a socket, as the kernel would report it. The stand-in keeps what is registered, reports
// states as levels, or once with EV_CLEAR, and refuses what a kernel refuses. Pipes, which wake the
// selector, have their real state.
#ifndef SCRIPTED_KQUEUE_H
#define SCRIPTED_KQUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/platform.h"

// SPSI_READABLE or SPSI_WRITABLE: which filter of a socket.
typedef struct filter_state {
    unsigned flags;  // FILTER_…
    unsigned fflags; // the socket's error, with FILTER_EOF
    intptr_t data;   // bytes to read, or room
} filter_state;

enum { FILTER_OOB = 0x2000, FILTER_ERROR = 0x4000, FILTER_EOF = 0x8000 };

// The OS's table with this selector. The functions below are about all its selectors.
const sps_platform *kqueue_platform(void);

// The filter is active in this state from now on, until forget_state() or the next state. A filter
// that is registered later is active at once.
void set_state(spsi_handle handle, unsigned interest, filter_state state);
void forget_state(spsi_handle handle, unsigned interest);

// How a filter is registered.
typedef struct registration {
    bool is_there, is_once; // EV_CLEAR
    intptr_t low_water;     // 0: none
} registration;
registration registration_of(spsi_handle handle, unsigned interest);

// Registered filters of sockets, and how often kevent() has reported one.
size_t count_filters(void);
size_t count_reports(void);

// One change, after `skipped` ones, fails with an error. With EINTR it is done all the same.
void fail_change(int skipped, int error);

// The next kqueue() fails.
void fail_kqueue(int error);

#endif
