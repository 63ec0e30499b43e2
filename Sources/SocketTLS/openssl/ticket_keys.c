// SPDX-License-Identifier: MIT
#include "openssl/ticket_keys.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <string.h>

// The results of the callback.
enum { BROKEN = -1, UNKNOWN = 0, READY = 1, READY_AND_OLD = 2 };

bool spsi_tls_ticket_keys_create(spsi_tls_ticket_keys *keys, OSSL_LIB_CTX *library) {
    keys->library = library;
    keys->lock = CRYPTO_THREAD_lock_new();
    return keys->lock != NULL;
}

void spsi_tls_ticket_keys_clear(spsi_tls_ticket_keys *keys) {
    CRYPTO_THREAD_lock_free(keys->lock);
    OPENSSL_cleanse(keys, sizeof *keys);
}

// ---- Rotation

static bool make_key(OSSL_LIB_CTX *library, int64_t now_s, spsi_tls_ticket_key *out) {
    spsi_tls_ticket_key made = {.made_s = now_s, .is_set = true};
    const bool is_made =
        RAND_bytes_ex(library, made.name, sizeof made.name, 0) > 0 &&
        RAND_priv_bytes_ex(library, made.cipher_key, sizeof made.cipher_key, 0) > 0 &&
        RAND_priv_bytes_ex(library, made.mac_key, sizeof made.mac_key, 0) > 0;
    if (is_made) {
        *out = made;
    }
    OPENSSL_cleanse(&made, sizeof made);
    return is_made;
}

// A clock that was set back also makes a key old.
static bool is_older(const spsi_tls_ticket_key *key, int64_t now_s, int64_t seconds) {
    return now_s < key->made_s || now_s - key->made_s >= seconds;
}

static void forget(spsi_tls_ticket_key *key) {
    OPENSSL_cleanse(key, sizeof *key);
}

// Retires the keys whose time is over. The keys must be locked.
static bool rotate(spsi_tls_ticket_keys *keys, int64_t now_s) {
    enum { PERIOD = SPSI_TLS_TICKET_KEY_SECONDS };
    if (keys->current.is_set && !is_older(&keys->current, now_s, PERIOD)) {
        return true;
    }
    spsi_tls_ticket_key fresh;
    if (!make_key(keys->library, now_s, &fresh)) {
        return false;
    }
    forget(&keys->previous);
    if (keys->current.is_set && !is_older(&keys->current, now_s, 2 * PERIOD)) {
        keys->previous = keys->current;
    }
    keys->current = fresh;
    forget(&fresh);
    return true;
}

static bool find(spsi_tls_ticket_keys *keys, int64_t now_s, const uint8_t *name,
                 spsi_tls_ticket_key *out) {
    enum { PERIOD = SPSI_TLS_TICKET_KEY_SECONDS };
    const spsi_tls_ticket_key *both[] = {&keys->current, &keys->previous};
    for (size_t i = 0; i < 2; i++) {
        if (both[i]->is_set && !is_older(both[i], now_s, 2 * PERIOD) &&
            memcmp(both[i]->name, name, sizeof both[i]->name) == 0) {
            *out = *both[i];
            return true;
        }
    }
    return false;
}

// ---- Using a key

static bool set_mac(EVP_MAC_CTX *mac, spsi_tls_ticket_key *key) {
    static char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->mac_key, sizeof key->mac_key),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters) > 0;
}

static bool set_cipher(EVP_CIPHER_CTX *cipher, const spsi_tls_ticket_key *key,
                       const uint8_t *vector, bool is_encrypting) {
    return EVP_CipherInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->cipher_key, vector,
                             is_encrypting) > 0;
}

int spsi_tls_ticket_keys_begin(spsi_tls_ticket_keys *keys, int64_t now_s, uint8_t *name,
                               uint8_t *vector, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac,
                               bool is_encrypting) {
    spsi_tls_ticket_key key = {0};
    if (!CRYPTO_THREAD_write_lock(keys->lock)) {
        return BROKEN;
    }
    bool is_found = rotate(keys, now_s);
    if (is_found && is_encrypting) {
        key = keys->current;
    } else if (is_found) {
        is_found = find(keys, now_s, name, &key);
    }
    const bool is_current = memcmp(key.name, keys->current.name, sizeof key.name) == 0;
    CRYPTO_THREAD_unlock(keys->lock);
    if (!is_found) {
        return is_encrypting ? BROKEN : UNKNOWN;
    }
    bool is_ready = true;
    if (is_encrypting) {
        memcpy(name, key.name, sizeof key.name);
        is_ready = RAND_bytes_ex(keys->library, vector, EVP_MAX_IV_LENGTH, 0) > 0;
    }
    is_ready = is_ready && set_cipher(cipher, &key, vector, is_encrypting) && set_mac(mac, &key);
    forget(&key);
    return !is_ready ? BROKEN : is_current ? READY : READY_AND_OLD;
}
