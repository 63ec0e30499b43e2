// SPDX-License-Identifier: MIT
//
// The text of hosts, and sockets bound to them.
#ifndef SPSI_ADDRESS_H
#define SPSI_ADDRESS_H

#include "platform/platform.h"

#include "streampeersocket/error.h"

typedef enum spsi_host_kind { SPSI_HOST_INVALID, SPSI_HOST_ADDRESS, SPSI_HOST_NAME } spsi_host_kind;

// What a text names; the rules are those of tcp.h. The address has port 0.
spsi_host_kind spsi_host_parse(const sps_platform *platform, const char *text,
                               spsi_address *out_address);

// The address of a Unix path; ERR_INVALID_PARAMETER when it is empty or too long.
sps_error spsi_path_parse(const sps_platform *platform, const char *path,
                          spsi_address *out_address);

// Opens a socket that is bound to port (0 to 65535) of host, an address or "*".
// ERR_INVALID_PARAMETER when they are none; else as sps_tcp_bind().
sps_error spsi_bind_host(const sps_platform *platform, int32_t port, const char *host,
                         bool for_server, spsi_handle *out_handle);

// The same for a path.
sps_error spsi_bind_path(const sps_platform *platform, const char *path, spsi_handle *out_handle);

#endif
