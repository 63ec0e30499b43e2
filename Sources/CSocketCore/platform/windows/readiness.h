// SPDX-License-Identifier: MIT
//
// The readiness of one socket, by a poll of the driver.
#ifndef SPSI_PLATFORM_WINDOWS_READINESS_H
#define SPSI_PLATFORM_WINDOWS_READINESS_H

#include "platform/windows/afd.h"

// Polls one socket and waits for the end of the poll. DONE: *out_events are there, and *out_status
// is the driver's status of the socket. AGAIN: there were none in time.
spsi_result spsi_afd_wait(SOCKET socket, ULONG events, uint64_t timeout_us, ULONG *out_events,
                          LONG *out_status);

// Whether the connection has been reset or aborted. Some calls do not say it, least of all under
// wine, whose server takes the failure before they can.
bool spsi_afd_is_broken(SOCKET socket);

#endif
