// SPDX-License-Identifier: MIT
//
// Certificates that the tests make with OpenSSL.
#ifndef TLS_TEST_IDENTITIES_H
#define TLS_TEST_IDENTITIES_H

#include <openssl/ssl.h>

#include "streampeersocket/tls.h"
#include "support/support.h"

// A certificate with its key, for OpenSSL and for the library.
typedef struct identity {
    X509 *x509;
    EVP_PKEY *pkey;
    sps_x509_certificate *certificate;
    sps_crypto_key *key;
} identity;

typedef struct identity_plan {
    const char *subject;    // the common name
    const char *names;      // of the extension, such as "DNS:game.test,IP:127.0.0.1"
    const identity *issuer; // NULL: itself
    bool is_authority;
    int from_days, until_days; // from now; 0 and 0: from yesterday, for a month
    const char *purpose;       // extendedKeyUsage, or NULL
    int rsa_bits;              // 0: an elliptic curve
} identity_plan;

identity issue(const identity_plan *plan);
void drop_identity(identity *identity);

// The identities of most tests. The fixture makes them.
extern identity authority;       // the tests' own
extern identity other_authority; // nobody trusts it
extern identity middle;          // an intermediate authority of `authority`
extern identity game;            // of `authority`: game.test, *.wild.test, 127.0.0.1, ::1
extern identity deep;            // of `middle`: game.test
extern identity player;          // of `authority`: a client's

void make_identities(void);
void drop_identities(void);

// A certificate object with these certificates, in this order.
sps_x509_certificate *bundle(const identity *const *identities, size_t count);

// A test case with the fixtures of the core, and the identities.
TCase *add_tls_case(Suite *suite, const char *name);

#endif
