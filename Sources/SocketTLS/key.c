// SPDX-License-Identifier: MIT
#include "object.h"

#include <stdlib.h>

#include "file.h"

static const spsi_tls_backend *backend(void) {
    return spsi_tls_backend_default();
}

sps_error sps_crypto_key_create(sps_crypto_key **out_key) {
    if (out_key == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_key = calloc(1, sizeof **out_key);
    return *out_key != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

static void drop(sps_crypto_key *key) {
    if (key->key != NULL) {
        backend()->key_release(key->key);
        key->key = NULL;
    }
}

void sps_crypto_key_destroy(sps_crypto_key *key) {
    if (key != NULL) {
        drop(key);
        spsi_tls_text_clear(&key->text);
        free(key);
    }
}

sps_error spsi_tls_key_wrap(const spsi_tls_key *key, sps_crypto_key **out_key) {
    sps_error error = sps_crypto_key_create(out_key);
    if (error == SPS_OK) {
        (*out_key)->key = backend()->key_share(key);
        error = (*out_key)->key != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
    }
    if (error != SPS_OK) {
        sps_crypto_key_destroy(*out_key);
        *out_key = NULL;
    }
    return error;
}

// ---- Loading

sps_error sps_crypto_key_load_from_memory(sps_crypto_key *key, const void *data, size_t byte_count,
                                          bool public_only) {
    if (key == NULL || byte_count > PTRDIFF_MAX || (data == NULL && byte_count > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_tls_key *parsed;
    const sps_error error = backend()->key_parse(data, byte_count, public_only, &parsed);
    if (error == SPS_OK) {
        spsi_tls_text_clear(&key->text);
        drop(key);
        key->key = parsed;
        key->is_public_only = public_only;
    }
    return error;
}

sps_error sps_crypto_key_load_from_string(sps_crypto_key *key, const char *text, size_t byte_count,
                                          bool public_only) {
    return sps_crypto_key_load_from_memory(key, text, byte_count, public_only);
}

sps_error sps_crypto_key_load(sps_crypto_key *key, const char *path, bool public_only) {
    if (key == NULL || path == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_tls_text file = {0};
    sps_error error = spsi_tls_file_read(path, &file);
    if (error == SPS_OK) {
        error = sps_crypto_key_load_from_memory(key, file.data, file.size, public_only);
    }
    spsi_tls_text_clear(&file);
    return error;
}

// ---- Saving

sps_error sps_crypto_key_save_to_string(sps_crypto_key *key, bool public_only,
                                        const char **out_text, size_t *out_bytes) {
    if (key == NULL || out_text == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_text = NULL;
    *out_bytes = 0;
    spsi_tls_text_clear(&key->text);
    if (key->key == NULL || (key->is_public_only && !public_only)) {
        return SPS_ERR_UNCONFIGURED;
    }
    const sps_error error = backend()->key_print(key->key, public_only, &key->text);
    if (error == SPS_OK) {
        *out_text = key->text.data;
        *out_bytes = key->text.size;
    }
    return error;
}

sps_error sps_crypto_key_save(sps_crypto_key *key, const char *path, bool public_only) {
    if (path == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const char *text;
    size_t size;
    sps_error error = sps_crypto_key_save_to_string(key, public_only, &text, &size);
    if (error == SPS_OK) {
        error = spsi_tls_file_write(path, &key->text, !public_only);
        spsi_tls_text_clear(&key->text);
    }
    return error;
}

sps_error sps_crypto_key_is_public_only(const sps_crypto_key *key, bool *out_public_only) {
    if (key == NULL || out_public_only == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_public_only = key->key != NULL && key->is_public_only;
    return SPS_OK;
}
