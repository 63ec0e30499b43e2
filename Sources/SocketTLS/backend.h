// SPDX-License-Identifier: MIT
//
// The table of a TLS implementation. OpenSSL is the first one. Everything outside the folder of an
// implementation knows only this file.
#ifndef SPSI_TLS_BACKEND_H
#define SPSI_TLS_BACKEND_H

#include "streampeersocket/tls.h"

#include "failure.h"
#include "io.h"
#include "text.h"

// Objects of the implementation. Certificates and keys never change, so sharing counts references.
typedef struct spsi_tls_certificates spsi_tls_certificates;
typedef struct spsi_tls_key spsi_tls_key;
typedef struct spsi_tls_context spsi_tls_context;
typedef struct spsi_tls_session spsi_tls_session;

typedef enum spsi_tls_role {
    SPSI_TLS_CLIENT,
    SPSI_TLS_CLIENT_UNSAFE,
    SPSI_TLS_SERVER,
} spsi_tls_role;

// The parts of options that a context is made of. All pointers are borrowed.
typedef struct spsi_tls_plan {
    spsi_tls_role role;
    const spsi_tls_certificates *trusted; // NULL: those of the operating system
    const spsi_tls_certificates *own;
    const spsi_tls_key *key;
    const sps_tls_settings *settings;
} spsi_tls_plan;

// One certificate. The texts are at these places of a spsi_tls_text, each with its NUL.
typedef struct spsi_tls_description {
    bool is_authority;
    int64_t valid_from_s, valid_until_s;
    size_t subject, issuer, names, fingerprint;
} spsi_tls_description;

// The result of a step of a session.
typedef enum spsi_tls_step {
    SPSI_TLS_DONE,
    SPSI_TLS_WAIT,   // the stream below has no bytes, or takes none
    SPSI_TLS_END,    // the peer has sent close_notify
    SPSI_TLS_FAILED, // for good; the fault is set
} spsi_tls_step;

typedef struct spsi_tls_backend {
    // Certificates, as PEM or DER. ERR_INVALID_DATA, ERR_OUT_OF_MEMORY.
    sps_error (*certificates_parse)(const uint8_t *data, size_t byte_count,
                                    spsi_tls_certificates **out);
    spsi_tls_certificates *(*certificates_share)(const spsi_tls_certificates *); // NULL: no memory
    void (*certificates_release)(spsi_tls_certificates *);
    size_t (*certificates_count)(const spsi_tls_certificates *);
    sps_error (*certificates_print)(const spsi_tls_certificates *, spsi_tls_text *out);
    // Appends the texts to `out`.
    sps_error (*certificate_describe)(const spsi_tls_certificates *, size_t index,
                                      spsi_tls_text *out, spsi_tls_description *out_description);

    // Keys, as PEM or DER. ERR_UNAUTHORIZED: encrypted.
    sps_error (*key_parse)(const uint8_t *data, size_t byte_count, bool public_only,
                           spsi_tls_key **out);
    spsi_tls_key *(*key_share)(const spsi_tls_key *);
    void (*key_release)(spsi_tls_key *);
    sps_error (*key_print)(const spsi_tls_key *, bool public_only, spsi_tls_text *out);

    // The codes of sps_tls_options_create_client().
    sps_error (*context_create)(const spsi_tls_plan *, spsi_tls_context **out);
    void (*context_release)(spsi_tls_context *);

    // A session reads and writes through io, and sets the fault. It borrows all but the name.
    // name: checked, without dots at its end; NULL: none. ERR_OUT_OF_MEMORY.
    sps_error (*session_create)(spsi_tls_context *, const char *name, spsi_tls_io *,
                                spsi_tls_fault *, spsi_tls_session **out);
    void (*session_destroy)(spsi_tls_session *);
    spsi_tls_step (*handshake)(spsi_tls_session *);
    // DONE with at least one byte.
    spsi_tls_step (*read)(spsi_tls_session *, uint8_t *buffer, size_t most, size_t *out_read);
    // Opens a record if none is open. DONE with the count of its bytes that are left.
    spsi_tls_step (*peek)(spsi_tls_session *, size_t *out_bytes);
    // Takes all of at most SPSI_TLS_RECORD_BYTES.
    spsi_tls_step (*write)(spsi_tls_session *, const uint8_t *data, size_t byte_count);
    // Writes close_notify, or cannot yet: WAIT. After DONE it is not called again.
    spsi_tls_step (*close)(spsi_tls_session *);
    void (*describe)(spsi_tls_session *, sps_tls_info *out_info);
    // ERR_DOES_NOT_EXIST: the peer sent none.
    sps_error (*peer_certificates)(const spsi_tls_session *, spsi_tls_certificates **out);
} spsi_tls_backend;

// The largest content of a record (RFC 8446, 5.1).
enum { SPSI_TLS_RECORD_BYTES = 16384 };

extern const spsi_tls_backend spsi_tls_openssl;

static inline const spsi_tls_backend *spsi_tls_backend_default(void) {
    return &spsi_tls_openssl;
}

#endif
