// SPDX-License-Identifier: MIT
//
// Shared by the files of the OpenSSL implementation.
#ifndef SPSI_TLS_OPENSSL_H
#define SPSI_TLS_OPENSSL_H

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "backend.h"
#include "openssl/seeded.h"
#include "openssl/ticket_keys.h"
#include "openssl/tickets.h"

#if OPENSSL_VERSION_NUMBER < 0x30000000L
#error "streampeersocket-tls needs OpenSSL 3"
#endif

struct spsi_tls_context {
    spsi_tls_seeded seeded;
    SSL_CTX *ssl;
    spsi_tls_role role;
    bool verifies;      // the peer's certificate
    char *unread_file;  // of SSL_CERT_FILE, if it cannot be read; or NULL
    uint8_t *protocols; // the list of ALPN, in the form of the protocol
    unsigned protocols_size;
    FILE *key_log;
    spsi_tls_tickets tickets;         // a client's
    spsi_tls_ticket_keys ticket_keys; // a server's
};

enum { SPSI_TLS_NAME_BYTES = 256 };

struct spsi_tls_session {
    SSL *ssl;
    spsi_tls_context *context;
    spsi_tls_io *io;
    spsi_tls_fault *fault;
    bool is_connected;
    bool has_offered_ticket;
    unsigned messages;              // that the peer has sent since the last data
    char name[SPSI_TLS_NAME_BYTES]; // the expected one, or empty
    char protocol[SPSI_TLS_NAME_BYTES];
};

// The certificates are a STACK_OF(X509), the key is an EVP_PKEY.
static inline STACK_OF(X509) * spsi_tls_stack(const spsi_tls_certificates *certificates) {
    return (STACK_OF(X509) *)(uintptr_t)certificates;
}
static inline EVP_PKEY *spsi_tls_pkey(const spsi_tls_key *key) {
    return (EVP_PKEY *)(uintptr_t)key;
}

// certificates.c and keys.c: as in the table.
sps_error spsi_tls_openssl_certificates_parse(const uint8_t *data, size_t byte_count,
                                              spsi_tls_certificates **out);
spsi_tls_certificates *spsi_tls_openssl_certificates_share(const spsi_tls_certificates *);
void spsi_tls_openssl_certificates_release(spsi_tls_certificates *);
size_t spsi_tls_openssl_certificates_count(const spsi_tls_certificates *);
sps_error spsi_tls_openssl_certificates_print(const spsi_tls_certificates *, spsi_tls_text *out);
sps_error spsi_tls_openssl_certificate_describe(const spsi_tls_certificates *, size_t index,
                                                spsi_tls_text *out,
                                                spsi_tls_description *out_description);
sps_error spsi_tls_openssl_key_parse(const uint8_t *data, size_t byte_count, bool public_only,
                                     spsi_tls_key **out);
spsi_tls_key *spsi_tls_openssl_key_share(const spsi_tls_key *);
void spsi_tls_openssl_key_release(spsi_tls_key *);
sps_error spsi_tls_openssl_key_print(const spsi_tls_key *, bool public_only, spsi_tls_text *out);

// The names of a certificate: "a.test, 10.0.0.1". Cut to the size.
void spsi_tls_names_of(const X509 *certificate, char *out, size_t size);

// A name of a certificate's holder or issuer, as in RFC 2253. Cut to the size.
void spsi_tls_print_name(const X509_NAME *name, char *out, size_t size);

// context.c
sps_error spsi_tls_openssl_context_create(const spsi_tls_plan *, spsi_tls_context **out);
void spsi_tls_openssl_context_release(spsi_tls_context *);

// verification.c: sets how a context verifies the peer's certificate.
sps_error spsi_tls_openssl_set_verification(spsi_tls_context *, const spsi_tls_plan *);

// trust.c: the store of the operating system's certificates, shared by all contexts. The caller
// releases it. ERR_UNAVAILABLE, ERR_OUT_OF_MEMORY.
// out_unread: the file of SSL_CERT_FILE if it cannot be read, else NULL. The caller frees it.
sps_error spsi_tls_system_store(X509_STORE **out_store, char **out_unread);

// bio.c: a BIO over io, or NULL.
BIO *spsi_tls_bio_create(spsi_tls_io *io);

// failures.c: explains a rejected certificate, and the queue of OpenSSL's errors.
void spsi_tls_explain_certificate(spsi_tls_session *session, X509_STORE_CTX *store);
void spsi_tls_explain_errors(spsi_tls_session *session);

// ERR_OUT_OF_MEMORY if the queue of OpenSSL's errors says so, else `otherwise`. Clears the queue.
sps_error spsi_tls_error_of_queue(sps_error otherwise);

#endif
