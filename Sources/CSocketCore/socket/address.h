// SPDX-License-Identifier: MIT
//
// The text of hosts, and sockets bound to them.
#ifndef SPSI_ADDRESS_H
#define SPSI_ADDRESS_H

#include "platform/platform.h"

#include "streampeersocket/error.h"

typedef enum spsi_host_kind {
    SPSI_HOST_INVALID,
    SPSI_HOST_KNOWN, // its addresses are known without a look-up
    SPSI_HOST_NAME
} spsi_host_kind;

// The most addresses that are known of a host: localhost has one of each family.
enum { SPSI_KNOWN_ADDRESSES = 2 };

// Parses a host by the rules of tcp.h. Known addresses have port 0.
spsi_host_kind spsi_host_parse(const sps_platform *platform, const char *text,
                               spsi_address out_addresses[SPSI_KNOWN_ADDRESSES], size_t *out_count);

// The address of a Unix path; ERR_INVALID_PARAMETER when it is empty or too long, ERR_UNAVAILABLE
// for an abstract name where there are none.
sps_error spsi_path_parse(const sps_platform *platform, const char *path,
                          spsi_address *out_address);

// Opens a socket that is bound to port (0 to 65535) of host, an address or "*", with an option set
// before: SPSI_SHARED_BIND, SPSI_REBIND or SPSI_REUSE_PORT. ADDRESS_INVALID when they are
// none; else what open(), bind() or set_option() came to.
spsi_result spsi_bind_host(const sps_platform *platform, int32_t port, const char *host,
                           spsi_option option, spsi_handle *out_handle);

// Opens a socket that is bound to the address of a path.
spsi_result spsi_bind_path(const sps_platform *platform, const spsi_address *address,
                           spsi_handle *out_handle);

#endif
