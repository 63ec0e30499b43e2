// SPDX-License-Identifier: MIT
//
// The module CSocketTLS for Swift: tls.h. The rest of the C API is in the module CSocketCore.
#ifndef STREAMPEERSOCKET_CSOCKETTLS_H
#define STREAMPEERSOCKET_CSOCKETTLS_H

#include "streampeersocket/streampeersocket.h"

#include "streampeersocket/tls.h"

#endif
