// SPDX-License-Identifier: MIT
//
// The names of servers.
#ifndef SPSI_TLS_NAME_H
#define SPSI_TLS_NAME_H

#include <stdbool.h>
#include <stddef.h>

// A host name has at most 253 characters (RFC 1035); with one dot at its end, and the NUL.
enum { SPSI_TLS_NAME_SIZE = 256 };

// Copies a host name or IP address in the form that certificates have: without a dot at its end,
// without brackets, without a zone. False if it is invalid. NULL and "" give "".
bool spsi_tls_name_copy(const char *name, char *out);

#endif
