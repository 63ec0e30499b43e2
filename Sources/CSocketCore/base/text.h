// SPDX-License-Identifier: MIT
//
// Text that a caller's buffer receives.
#ifndef SPSI_TEXT_H
#define SPSI_TEXT_H

#include <stddef.h>

#include "streampeersocket/error.h"

// Copies a text and its NUL, as the getters of hosts and paths do. *out_length (if not NULL) is its
// length without the NUL. ERR_PARAMETER_RANGE_ERROR, and nothing is copied, if it does not fit.
sps_error spsi_copy_text(const char *text, char *buffer, size_t buffer_bytes, size_t *out_length);

#endif
