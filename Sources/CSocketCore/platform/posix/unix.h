// SPDX-License-Identifier: MIT
//
// What the POSIX side needs from each Unix beneath it, and what its own files share.
#ifndef SPSI_POSIX_UNIX_H
#define SPSI_POSIX_UNIX_H

// The compilers are asked for strict C99, which hides the OS's calls unless they are asked for.
// This header therefore comes first in each file.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#ifndef _DARWIN_C_SOURCE
#define _DARWIN_C_SOURCE
#endif

#include <sys/socket.h>

#include "platform/platform.h"

// ---- Each Unix gives these (linux/socket.c, bsd/socket.c).

// A stream socket: non-blocking, close-on-exec, without SIGPIPE; -1 and errno.
int spsi_unix_socket(int domain);

// accept(2) with the same three properties; -1 and errno. One try: EINTR is the caller's.
int spsi_unix_accept(int fd, struct sockaddr *address, socklen_t *size);

// Flags for sendmsg(2) that keep SIGPIPE away.
extern const int spsi_unix_send_flags;

// The option of SOL_SOCKET with which sockets that do not listen may share an address.
extern const int spsi_unix_shared_bind;

// ---- errors.c

// The result for the value of errno.
spsi_result spsi_posix_failure(int error);

static inline spsi_result spsi_posix_done(void) {
    return (spsi_result){SPSI_DONE, 0};
}

// ---- address.c

// Writes the OS's form of an address; returns its size.
socklen_t spsi_posix_from_address(const spsi_address *address, struct sockaddr_storage *out);

// Reads the OS's form; an IPv4 address inside IPv6 (RFC 4291, 2.5.5.2) becomes plain IPv4.
void spsi_posix_to_address(const struct sockaddr_storage *from, socklen_t size, spsi_address *out);

// ---- lookup.c

spsi_result spsi_posix_lookup_start(const sps_platform *platform, const char *name,
                                    spsi_lookup **out_lookup);
spsi_result spsi_posix_lookup_result(const sps_platform *platform, spsi_lookup *lookup,
                                     spsi_address *out_addresses, size_t capacity,
                                     size_t *out_count);
void spsi_posix_lookup_end(const sps_platform *platform, spsi_lookup *lookup);

#endif
