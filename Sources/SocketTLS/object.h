// SPDX-License-Identifier: MIT
//
// The public objects around certificates and keys, for the options.
#ifndef SPSI_TLS_OBJECT_H
#define SPSI_TLS_OBJECT_H

#include "backend.h"

struct sps_x509_certificate {
    spsi_tls_certificates *certificates; // NULL: none
    spsi_tls_text text;                  // of the last call that returned one
};

struct sps_crypto_key {
    spsi_tls_key *key; // NULL: none
    bool is_public_only;
    spsi_tls_text text;
};

// New objects with the contents. They share them, and do not take the caller's reference.
sps_error spsi_tls_certificate_wrap(const spsi_tls_certificates *certificates,
                                    sps_x509_certificate **out_certificate);
sps_error spsi_tls_key_wrap(const spsi_tls_key *key, sps_crypto_key **out_key);

#endif
