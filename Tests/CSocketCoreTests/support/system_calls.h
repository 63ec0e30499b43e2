// SPDX-License-Identifier: MIT
//
// What the tests of the platform share, when the OS's own calls fail.
#ifndef SYSCALL_SUPPORT_H
#define SYSCALL_SUPPORT_H

#include "platform/posix/unix.h"
#include "support/fake_libc.h"
#include "support/support.h"

#define DONE(call) ck_assert_int_eq((call).code, SPSI_DONE)
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const sps_platform *os(void);
bool is_linux(void);

// The call answers this, after all that was to fail has.
void expect(spsi_result result, spsi_code code, int os_code);

const sps_allocator *heap(void);

// Two ends of a connection.
typedef struct ends {
    int one, other;
} ends;

ends make_ends(void);
void close_ends(const ends *ends);

spsi_handle open_socket(spsi_family family);
spsi_address loopback(void);

// A socket that listens; where.
spsi_handle listen_at_loopback(spsi_address *out_address);

spsi_selector *make_selector(void);

// Waits for a wake, which must come: whether it is the caller's.
bool is_woken(spsi_selector *selector);

#endif
