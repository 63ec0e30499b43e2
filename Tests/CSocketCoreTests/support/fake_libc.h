// SPDX-License-Identifier: MIT
//
// The OS's own calls, one of which may fail. A program's definitions replace those of libc, also
// for the library. (The faults of failing_platform.h act on the platform's functions, which are
// above these calls.)
#ifndef FAKE_CALLS_H
#define FAKE_CALLS_H

#include <stdbool.h>
#include <stddef.h>

// The next `times` calls fail with an errno, and do not reach the OS. accept4(2) counts as accept.
void fail_next(const char *call, int error, int times);

// The same after `skipped` successful calls.
void fail_later(const char *call, int skipped, int error);

// Whether all planned failures have happened.
bool all_have_failed(void);

// Sets the result of getaddrinfo(3): a code, and with EAI_SYSTEM an errno. With code 0 it returns
// `count` addresses from 192.0.2.1 on. hold_names() blocks it.
void answer_names(int code, int error, size_t count);

// The same for both families: first the IPv6 addresses from 2001:db8::1 on.
void answer_names_of_both(size_t ipv6_count, size_t ipv4_count);
void hold_names(void);
int count_held_names(void);
void release_names(void);

// Sets what the OS reports about a TCP connection (TCP_INFO).
void set_tcp_info(unsigned retransmits, unsigned not_sent_bytes, unsigned probes);

#endif
