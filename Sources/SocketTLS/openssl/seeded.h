// SPDX-License-Identifier: MIT
//
// An instance of OpenSSL whose random numbers follow from a seed, for tests that replay. Nothing in
// it is secret.
#ifndef SPSI_TLS_SEEDED_H
#define SPSI_TLS_SEEDED_H

#include <openssl/provider.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct spsi_tls_seeded {
    OSSL_LIB_CTX *library; // NULL: there is none, and OpenSSL's default one counts
    OSSL_PROVIDER *algorithms, *random;
} spsi_tls_seeded;

// False without memory.
bool spsi_tls_seeded_create(spsi_tls_seeded *seeded, uint64_t seed);

void spsi_tls_seeded_free(spsi_tls_seeded *seeded);

#endif
