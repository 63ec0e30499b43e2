// SPDX-License-Identifier: MIT
//
// The OS's own calls, of which one may fail: a program's definitions come before those of libc, also for the
// library in it. (The faults of fault_platform.h begin above the platform; these are what it stands on.)
#ifndef FAKE_CALLS_H
#define FAKE_CALLS_H

#include <stdbool.h>
#include <stddef.h>

// The next `times` calls fail with an errno, without reaching the OS. accept4(2) counts as accept.
void fail_next(const char *call, int error, int times);

// The same, once `skipped` calls went well.
void fail_later(const char *call, int skipped, int error);

// Whether all of them have failed.
bool all_have_failed(void);

// What getaddrinfo(3) answers from now on: a code, and with EAI_SYSTEM an errno. 0: `count` addresses,
// 192.0.2.1 and on. It answers nothing while it is held.
void answer_names(int code, int error, size_t count);

// The same, of both families: first the IPv6 addresses 2001:db8::1 and on.
void answer_names_of_both(size_t ipv6_count, size_t ipv4_count);
void hold_names(void);
int count_held_names(void);
void release_names(void);

// What the OS tells of a TCP connection (TCP_INFO) from now on.
void tell_tcp_info(unsigned retransmits, unsigned not_sent_bytes, unsigned probes);

#endif
