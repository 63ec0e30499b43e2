// SPDX-License-Identifier: MIT
//
// Why a stream failed: a code, and a sentence for a person.
#ifndef SPSI_TLS_FAILURE_H
#define SPSI_TLS_FAILURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "streampeersocket/tls.h"

enum { SPSI_TLS_MESSAGE_BYTES = 512 };

typedef struct spsi_tls_fault {
    sps_tls_failure failure;
    int32_t alert; // the last one from the peer; -1: none
    char message[SPSI_TLS_MESSAGE_BYTES];
} spsi_tls_fault;

void spsi_tls_fault_clear(spsi_tls_fault *fault);

// Sets the failure and its sentence, like printf(). The first failure stays.
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void spsi_tls_fail(spsi_tls_fault *fault, sps_tls_failure failure, const char *format, ...);

// Sets the failure for an alert of the peer.
void spsi_tls_fail_by_alert(spsi_tls_fault *fault, int32_t alert);

// The name of an alert (RFC 8446, 6), such as "unknown_ca", or "unknown".
const char *spsi_tls_alert_name(int32_t alert);

#endif
