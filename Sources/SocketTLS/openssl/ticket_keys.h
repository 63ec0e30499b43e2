// SPDX-License-Identifier: MIT
//
// The keys that a server encrypts its tickets with. A stolen key opens the sessions of its tickets,
// so a new one replaces it regularly. The one before still opens tickets.
#ifndef SPSI_TLS_TICKET_KEYS_H
#define SPSI_TLS_TICKET_KEYS_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stdint.h>

// OpenSSL's tickets live for two hours by default.
enum { SPSI_TLS_TICKET_KEY_SECONDS = 2 * 60 * 60 };

enum { SPSI_TLS_TICKET_NAME_BYTES = 16 };

typedef struct spsi_tls_ticket_key {
    uint8_t name[SPSI_TLS_TICKET_NAME_BYTES];
    uint8_t cipher_key[32];
    uint8_t mac_key[32];
    int64_t made_s;
    bool is_set;
} spsi_tls_ticket_key;

typedef struct spsi_tls_ticket_keys {
    CRYPTO_RWLOCK *lock; // NULL: there are no keys
    OSSL_LIB_CTX *library;
    spsi_tls_ticket_key current, previous;
} spsi_tls_ticket_keys;

// False without memory. `library` is the source of random numbers; NULL: OpenSSL's default.
bool spsi_tls_ticket_keys_create(spsi_tls_ticket_keys *keys, OSSL_LIB_CTX *library);

// Wipes the keys, and frees the lock.
void spsi_tls_ticket_keys_clear(spsi_tls_ticket_keys *keys);

// Begins to encrypt or to decrypt a ticket at a time: a callback of
// SSL_CTX_set_tlsext_ticket_key_evp_cb(3), with its result.
int spsi_tls_ticket_keys_begin(spsi_tls_ticket_keys *keys, int64_t now_s, uint8_t *name,
                               uint8_t *vector, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                               bool is_encrypting);

#endif
