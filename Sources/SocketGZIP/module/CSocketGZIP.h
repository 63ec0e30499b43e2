// SPDX-License-Identifier: MIT
//
// The library for gzip as a module of Swift. CMake installs the header in include/ instead.
#ifndef C_SOCKET_GZIP_H
#define C_SOCKET_GZIP_H

#include <streampeersocket/streampeersocket.h>

#include <streampeersocket/gzip.h>

#endif
