/* SPDX-License-Identifier: MIT */
/**
 * @file certificates.h
 * Certificates and keys for TLS (tls.h). The counterparts of Godot's X509Certificate and CryptoKey.
 * They belong to the library streampeersocket-tls.
 *
 * Options of TLS share the contents of these objects. So the caller can destroy an object, or load
 * another certificate into it, as soon as the options are created.
 *
 * An error text never contains a key. The library wipes the memory of private keys, of the files
 * they came from, and of the texts it wrote.
 */
#ifndef STREAMPEERSOCKET_CERTIFICATES_H
#define STREAMPEERSOCKET_CERTIFICATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "error.h"
#include "export.h"

/**
 * Marks the exported symbols of streampeersocket-tls. Define SPS_TLS_STATIC to link its static
 * library. The CMake target StreamPeerSocket::TLSStatic defines it.
 */
#if defined(SPS_TLS_STATIC)
#define SPS_TLS_API
#elif defined(_WIN32)
#if defined(SPS_TLS_BUILDING)
#define SPS_TLS_API __declspec(dllexport)
#else
#define SPS_TLS_API __declspec(dllimport)
#endif
#elif defined(__GNUC__)
#define SPS_TLS_API __attribute__((visibility("default")))
#else
#define SPS_TLS_API
#endif

SPS_BEGIN_DECLARATIONS

/* ---- Certificates */

/** A certificate, or several: a chain, or a list of trusted ones. Opaque. */
typedef struct sps_x509_certificate sps_x509_certificate;

/**
 * Creates an object without a certificate. Since 0.1.
 *
 * @param out_certificate NULL on failure.
 * @return OK, or:
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_x509_certificate_create(sps_x509_certificate **out_certificate);

/** Frees the object. NULL is allowed and does nothing. Since 0.1. */
SPS_TLS_API void sps_x509_certificate_destroy(sps_x509_certificate *certificate);

/**
 * Loads all certificates of a file, PEM or DER. They replace the ones that the object had. On
 * failure it keeps those. Godot: X509Certificate.load. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_FILE_NOT_FOUND: there is no such file.
 *         - ERR_FILE_CANT_OPEN: the file exists, but the OS does not open it.
 *         - ERR_FILE_CANT_READ: the OS does not read it, or it is above 16 MiB.
 *         - ERR_INVALID_DATA: no certificate is in it, or one is malformed.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_x509_certificate_load(sps_x509_certificate *certificate,
                                                const char *path);

/**
 * sps_x509_certificate_load() from PEM text. Text outside the certificates is skipped.
 * Godot: X509Certificate.load_from_string. Since 0.1.
 *
 * @param text not necessarily NUL-terminated.
 */
SPS_TLS_API sps_error sps_x509_certificate_load_from_string(sps_x509_certificate *certificate,
                                                            const char *text, size_t byte_count);

/**
 * sps_x509_certificate_load() from memory: PEM, or DER certificates one after the other. Since 0.1.
 */
SPS_TLS_API sps_error sps_x509_certificate_load_from_memory(sps_x509_certificate *certificate,
                                                            const void *data, size_t byte_count);

/**
 * Writes all certificates to a file, as PEM. Godot: X509Certificate.save. Since 0.1.
 *
 * @return OK, or:
 *         - ERR_UNCONFIGURED: the object has no certificate.
 *         - ERR_FILE_CANT_OPEN: the OS does not create the file.
 *         - ERR_FILE_CANT_WRITE: the OS does not take all bytes.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_x509_certificate_save(sps_x509_certificate *certificate,
                                                const char *path);

/**
 * Returns all certificates as PEM text. Godot: X509Certificate.save_to_string. Since 0.1.
 *
 * @param out_text NUL-terminated, in the object's memory. It is valid until the next call on this
 *         object. NULL on failure.
 * @param out_bytes its length without the NUL.
 * @return OK, or:
 *         - ERR_UNCONFIGURED: the object has no certificate.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_x509_certificate_save_to_string(sps_x509_certificate *certificate,
                                                          const char **out_text, size_t *out_bytes);

/** Counts the certificates of the object. Since 0.1. */
SPS_TLS_API sps_error sps_x509_certificate_get_count(const sps_x509_certificate *certificate,
                                                     size_t *out_count);

/** The readable part of one certificate. The texts are in the memory of its object. */
typedef struct sps_x509_info {
    /** sizeof(sps_x509_info). The caller sets it. The library fills the fields that it covers. */
    uint32_t struct_size;
    /** 1: the certificate may sign others (it belongs to an authority). */
    uint32_t is_authority;
    /** The first second of its validity, counted from 1970-01-01 00:00 UTC. */
    int64_t valid_from_s;
    /** The last second of its validity. */
    int64_t valid_until_s;
    /** The holder, such as "CN=example.org". */
    const char *subject;
    /** The holder of the certificate that signed it. */
    const char *issuer;
    /** The host names and IP addresses that it is for, separated by ", ". Empty if it has none. */
    const char *names;
    /** The SHA-256 of the whole certificate: 64 hexadecimal digits. */
    const char *fingerprint;
} sps_x509_info;

/**
 * Describes one certificate, for example of the peer's chain. Since 0.1.
 *
 * @param index below the count.
 * @param out_info its texts are valid until the next call on this object.
 * @return OK, or:
 *         - ERR_INVALID_PARAMETER: also if struct_size is 0.
 *         - ERR_DOES_NOT_EXIST: there is no certificate of this index.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_x509_certificate_get_info(sps_x509_certificate *certificate, size_t index,
                                                    sps_x509_info *out_info);

/* ---- Keys */

/** A key: private with its public part, or public only. Opaque. */
typedef struct sps_crypto_key sps_crypto_key;

/**
 * Creates an object without a key. Since 0.1.
 *
 * @param out_key NULL on failure.
 * @return OK, or:
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_crypto_key_create(sps_crypto_key **out_key);

/** Wipes and frees the key. NULL is allowed and does nothing. Since 0.1. */
SPS_TLS_API void sps_crypto_key_destroy(sps_crypto_key *key);

/**
 * Loads a key from a file, PEM or DER: RSA, elliptic curve or Edwards curve. It replaces the one
 * that the object had. On failure the object keeps that. Godot: CryptoKey.load. Since 0.1.
 *
 * @param public_only true: the file has a public key.
 * @return OK, or:
 *         - ERR_FILE_NOT_FOUND, ERR_FILE_CANT_OPEN, ERR_FILE_CANT_READ: as for
 *           sps_x509_certificate_load().
 *         - ERR_UNAUTHORIZED: the key is encrypted. The library never asks for a password. Remove
 *           it first: openssl pkey -in FILE -out NEW_FILE.
 *         - ERR_INVALID_DATA: no key of the requested kind is in it.
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_crypto_key_load(sps_crypto_key *key, const char *path, bool public_only);

/**
 * sps_crypto_key_load() from PEM text. Godot: CryptoKey.load_from_string. Since 0.1.
 *
 * @param text not necessarily NUL-terminated.
 */
SPS_TLS_API sps_error sps_crypto_key_load_from_string(sps_crypto_key *key, const char *text,
                                                      size_t byte_count, bool public_only);

/** sps_crypto_key_load() from memory, PEM or DER. Since 0.1. */
SPS_TLS_API sps_error sps_crypto_key_load_from_memory(sps_crypto_key *key, const void *data,
                                                      size_t byte_count, bool public_only);

/**
 * Writes the key to a file, as PEM. Only the owner may read the file of a private key (mode 0600),
 * if the file is new. Godot: CryptoKey.save. Since 0.1.
 *
 * @param public_only true: only the public part.
 * @return OK, or:
 *         - ERR_UNCONFIGURED: the object has no key, or no private part while public_only is false.
 *         - ERR_FILE_CANT_OPEN, ERR_FILE_CANT_WRITE: as for sps_x509_certificate_save().
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_crypto_key_save(sps_crypto_key *key, const char *path, bool public_only);

/**
 * Returns the key as PEM text. Godot: CryptoKey.save_to_string. Since 0.1.
 *
 * @param out_text NUL-terminated, in the object's memory. The next call on this object wipes it.
 *         NULL on failure.
 * @param out_bytes its length without the NUL.
 * @return OK, or:
 *         - ERR_UNCONFIGURED: as for sps_crypto_key_save().
 *         - ERR_OUT_OF_MEMORY.
 */
SPS_TLS_API sps_error sps_crypto_key_save_to_string(sps_crypto_key *key, bool public_only,
                                                    const char **out_text, size_t *out_bytes);

/**
 * Returns whether the object has only a public key. false without a key.
 * Godot: CryptoKey.is_public_only. Since 0.1.
 */
SPS_TLS_API sps_error sps_crypto_key_is_public_only(const sps_crypto_key *key,
                                                    bool *out_public_only);

SPS_END_DECLARATIONS

#endif
