// SPDX-License-Identifier: MIT
//
// The platform's results in the words of the API.
#ifndef SPSI_RESULTS_H
#define SPSI_RESULTS_H

#include "streampeersocket/error.h"
#include "streampeersocket/socket.h"

#include "platform/platform.h"

// The error for a result of opening, binding or listening; OK for DONE.
sps_error spsi_error_of(spsi_result result);

// The close reason for a failure.
sps_close_reason spsi_close_reason_of(spsi_result result);

#endif
