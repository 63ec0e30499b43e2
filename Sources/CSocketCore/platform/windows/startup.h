// SPDX-License-Identifier: MIT
//
// The part of startup.c that only sockets need.
#ifndef SPSI_PLATFORM_WINDOWS_STARTUP_H
#define SPSI_PLATFORM_WINDOWS_STARTUP_H

#include "platform/windows/windows.h"

// The driver's handle for waits of one socket. Valid while the library uses Winsock.
HANDLE spsi_windows_afd(void);

#endif
