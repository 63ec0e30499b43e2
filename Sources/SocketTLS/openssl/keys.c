// SPDX-License-Identifier: MIT
#include "openssl/openssl.h"

#include <limits.h>
#include <openssl/pem.h>
#include <string.h>

static bool is_pem(const uint8_t *data, size_t byte_count) {
    static const char begin[] = "-----BEGIN ";
    const size_t size = sizeof begin - 1;
    for (size_t i = 0; i + size <= byte_count; i++) {
        if (memcmp(data + i, begin, size) == 0) {
            return true;
        }
    }
    return false;
}

// OpenSSL asks for the password of an encrypted key, by default on the terminal.
static int refuse_password(char *buffer, int size, int is_written, void *was_asked) {
    (void)buffer;
    (void)size;
    (void)is_written;
    *(bool *)was_asked = true;
    return -1;
}

static EVP_PKEY *parse_pem(const uint8_t *data, size_t byte_count, bool public_only,
                           bool *out_encrypted) {
    BIO *bio = BIO_new_mem_buf(data, (int)byte_count);
    if (bio == NULL) {
        return NULL;
    }
    EVP_PKEY *key = public_only
                        ? PEM_read_bio_PUBKEY(bio, NULL, refuse_password, out_encrypted)
                        : PEM_read_bio_PrivateKey(bio, NULL, refuse_password, out_encrypted);
    BIO_free(bio);
    return key;
}

static EVP_PKEY *parse_der(const uint8_t *data, size_t byte_count, bool public_only) {
    return public_only ? d2i_PUBKEY(NULL, &data, (long)byte_count)
                       : d2i_AutoPrivateKey(NULL, &data, (long)byte_count);
}

sps_error spsi_tls_openssl_key_parse(const uint8_t *data, size_t byte_count, bool public_only,
                                     spsi_tls_key **out) {
    *out = NULL;
    if (byte_count == 0 || byte_count > INT_MAX) {
        return SPS_ERR_INVALID_DATA;
    }
    ERR_clear_error();
    bool is_encrypted = false;
    EVP_PKEY *key = is_pem(data, byte_count)
                        ? parse_pem(data, byte_count, public_only, &is_encrypted)
                        : parse_der(data, byte_count, public_only);
    if (key == NULL) {
        return spsi_tls_error_of_queue(is_encrypted ? SPS_ERR_UNAUTHORIZED : SPS_ERR_INVALID_DATA);
    }
    ERR_clear_error();
    *out = (spsi_tls_key *)key;
    return SPS_OK;
}

spsi_tls_key *spsi_tls_openssl_key_share(const spsi_tls_key *key) {
    return EVP_PKEY_up_ref(spsi_tls_pkey(key)) ? (spsi_tls_key *)spsi_tls_pkey(key) : NULL;
}

void spsi_tls_openssl_key_release(spsi_tls_key *key) {
    EVP_PKEY_free(spsi_tls_pkey(key));
}

sps_error spsi_tls_openssl_key_print(const spsi_tls_key *key, bool public_only,
                                     spsi_tls_text *out) {
    ERR_clear_error();
    BIO *bio = BIO_new(BIO_s_mem()); // wipes its memory when it frees it
    if (bio == NULL) {
        return spsi_tls_error_of_queue(SPS_ERR_OUT_OF_MEMORY);
    }
    const bool is_printed = public_only ? PEM_write_bio_PUBKEY(bio, spsi_tls_pkey(key)) == 1
                                        : PEM_write_bio_PKCS8PrivateKey(bio, spsi_tls_pkey(key),
                                                                        NULL, NULL, 0, NULL, NULL);
    sps_error error = is_printed ? SPS_OK : spsi_tls_error_of_queue(SPS_ERR_UNCONFIGURED);
    char *text;
    const long size = BIO_get_mem_data(bio, &text);
    if (error == SPS_OK && !spsi_tls_text_append(out, text, (size_t)size)) {
        error = SPS_ERR_OUT_OF_MEMORY;
    }
    BIO_free(bio);
    return error;
}
