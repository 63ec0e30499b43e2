// SPDX-License-Identifier: MIT
//
// The inside of options.
#ifndef SPSI_TLS_OPTIONS_H
#define SPSI_TLS_OPTIONS_H

#include "backend.h"
#include "name.h"
#include "references.h"

struct sps_tls_options {
    spsi_tls_references references;
    spsi_tls_role role;
    const spsi_tls_backend *backend;
    spsi_tls_context *context;
    spsi_tls_certificates *trusted; // each NULL: none
    spsi_tls_certificates *own;
    spsi_tls_key *key;
    char common_name_override[SPSI_TLS_NAME_SIZE];
};

// The caller's options with one more reference; for NULL, those of a verifying client. Codes as
// sps_tls_options_create_client().
sps_error spsi_tls_options_retain(sps_tls_options *options, sps_tls_options **out_options);

#endif
