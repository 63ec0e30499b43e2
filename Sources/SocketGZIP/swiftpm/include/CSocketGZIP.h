// SPDX-License-Identifier: MIT
//
// The module CSocketGZIP for Swift: gzip.h. The rest of the C API is in the module CSocketCore.
#ifndef STREAMPEERSOCKET_CSOCKETGZIP_H
#define STREAMPEERSOCKET_CSOCKETGZIP_H

#include "streampeersocket/streampeersocket.h"

#include "streampeersocket/gzip.h"

#endif
