// SPDX-License-Identifier: MIT
#include "options.h"

#include <stdlib.h>
#include <string.h>

#include "object.h"

// ---- Settings

static bool is_version(sps_tls_version version) {
    return version == SPS_TLS_VERSION_NONE || version == SPS_TLS_VERSION_1_2 ||
           version == SPS_TLS_VERSION_1_3;
}

static bool are_protocols_valid(const sps_tls_settings *settings) {
    size_t total = 0;
    if (settings->protocols == NULL) {
        return settings->protocol_count == 0;
    }
    for (size_t i = 0; i < settings->protocol_count; i++) {
        const size_t length = settings->protocols[i] != NULL ? strlen(settings->protocols[i]) : 0;
        total += length + 1;
        if (length == 0 || length > 255 || total > UINT16_MAX) {
            return false;
        }
    }
    return true;
}

static bool are_valid(const sps_tls_settings *settings) {
    const bool has_range =
        settings->max_version == 0 || settings->min_version <= settings->max_version;
    return is_version(settings->min_version) && is_version(settings->max_version) && has_range &&
           settings->client_certificates <= SPS_TLS_CLIENT_CERTIFICATE_REQUIRED &&
           (settings->certificate == NULL) == (settings->key == NULL) &&
           are_protocols_valid(settings);
}

// Copies the fields that the caller knows. False if they are invalid.
static bool read_settings(const sps_tls_settings *given, sps_tls_settings *out) {
    *out = (sps_tls_settings){.struct_size = sizeof *out};
    if (given == NULL) {
        return true;
    }
    const uint32_t size = given->struct_size;
    if (size == 0) {
        return false;
    }
    memcpy(out, given, size < sizeof *out ? size : sizeof *out);
    return are_valid(out);
}

// ---- Creating

static sps_error share_certificates(const spsi_tls_backend *backend,
                                    const sps_x509_certificate *given,
                                    spsi_tls_certificates **out) {
    if (given == NULL) {
        return SPS_OK;
    }
    if (given->certificates == NULL) {
        return SPS_ERR_UNCONFIGURED;
    }
    *out = backend->certificates_share(given->certificates);
    return *out != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

static sps_error share_key(const spsi_tls_backend *backend, const sps_crypto_key *given,
                           spsi_tls_key **out) {
    if (given == NULL) {
        return SPS_OK;
    }
    if (given->key == NULL || given->is_public_only) {
        return SPS_ERR_UNCONFIGURED;
    }
    *out = backend->key_share(given->key);
    return *out != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

static sps_error fill(sps_tls_options *options, const sps_x509_certificate *trusted,
                      const sps_tls_settings *settings) {
    const spsi_tls_backend *backend = options->backend;
    sps_error error = share_certificates(backend, trusted, &options->trusted);
    if (error == SPS_OK) {
        error = share_certificates(backend, settings->certificate, &options->own);
    }
    if (error == SPS_OK) {
        error = share_key(backend, settings->key, &options->key);
    }
    if (error != SPS_OK) {
        return error;
    }
    const spsi_tls_plan plan = {
        .role = options->role,
        .trusted = options->trusted,
        .own = options->own,
        .key = options->key,
        .settings = settings,
    };
    return backend->context_create(&plan, &options->context);
}

static void free_options(sps_tls_options *options) {
    const spsi_tls_backend *backend = options->backend;
    if (options->context != NULL) {
        backend->context_release(options->context);
    }
    if (options->trusted != NULL) {
        backend->certificates_release(options->trusted);
    }
    if (options->own != NULL) {
        backend->certificates_release(options->own);
    }
    if (options->key != NULL) {
        backend->key_release(options->key);
    }
    free(options);
}

static sps_error create(spsi_tls_role role, const sps_x509_certificate *trusted, const char *name,
                        const sps_tls_settings *settings, sps_tls_options **out_options) {
    sps_tls_options *options = calloc(1, sizeof *options);
    if (options == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    options->references = 1;
    options->role = role;
    options->backend = spsi_tls_backend_default();
    sps_error error = SPS_ERR_INVALID_PARAMETER;
    // All options share one store of the operating system's certificates. Lists in it would count
    // for all of them.
    const bool is_checkable = settings->revocation_lists == NULL || trusted != NULL;
    if (is_checkable && spsi_tls_name_copy(name, options->common_name_override)) {
        error = fill(options, trusted, settings);
    }
    if (error != SPS_OK) {
        free_options(options);
        return error;
    }
    *out_options = options;
    return SPS_OK;
}

sps_error sps_tls_options_create_client(const sps_x509_certificate *trusted_chain,
                                        const char *common_name_override,
                                        const sps_tls_settings *settings,
                                        sps_tls_options **out_options) {
    if (out_options == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_options = NULL;
    sps_tls_settings known;
    if (!read_settings(settings, &known)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    known.client_certificates = SPS_TLS_CLIENT_CERTIFICATE_NONE;
    return create(SPSI_TLS_CLIENT, trusted_chain, common_name_override, &known, out_options);
}

sps_error sps_tls_options_create_client_unsafe(const sps_x509_certificate *trusted_chain,
                                               const sps_tls_settings *settings,
                                               sps_tls_options **out_options) {
    if (out_options == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_options = NULL;
    sps_tls_settings known;
    if (!read_settings(settings, &known)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    known.client_certificates = SPS_TLS_CLIENT_CERTIFICATE_NONE;
    return create(SPSI_TLS_CLIENT_UNSAFE, trusted_chain, NULL, &known, out_options);
}

sps_error sps_tls_options_create_server(const sps_crypto_key *key,
                                        const sps_x509_certificate *certificate,
                                        const sps_tls_settings *settings,
                                        sps_tls_options **out_options) {
    if (out_options == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_options = NULL;
    sps_tls_settings known;
    if (key == NULL || certificate == NULL || !read_settings(settings, &known)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const bool asks = known.client_certificates != SPS_TLS_CLIENT_CERTIFICATE_NONE;
    if (asks && known.client_trusted_chain == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    known.certificate = certificate;
    known.key = key;
    return create(SPSI_TLS_SERVER, asks ? known.client_trusted_chain : NULL, NULL, &known,
                  out_options);
}

// ---- Sharing

void sps_tls_options_destroy(sps_tls_options *options) {
    if (options != NULL && spsi_tls_references_drop(&options->references)) {
        free_options(options);
    }
}

sps_error spsi_tls_options_retain(sps_tls_options *options, sps_tls_options **out_options) {
    if (options != NULL) {
        spsi_tls_references_add(&options->references);
        *out_options = options;
        return SPS_OK;
    }
    return sps_tls_options_create_client(NULL, NULL, NULL, out_options);
}

// ---- Getters

sps_error sps_tls_options_is_server(const sps_tls_options *options, bool *out_is_server) {
    if (options == NULL || out_is_server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_is_server = options->role == SPSI_TLS_SERVER;
    return SPS_OK;
}

sps_error sps_tls_options_is_unsafe_client(const sps_tls_options *options, bool *out_is_unsafe) {
    if (options == NULL || out_is_unsafe == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_is_unsafe = options->role == SPSI_TLS_CLIENT_UNSAFE;
    return SPS_OK;
}

sps_error sps_tls_options_get_common_name_override(const sps_tls_options *options,
                                                   const char **out_name) {
    if (options == NULL || out_name == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_name = options->common_name_override;
    return SPS_OK;
}

static sps_error wrap(const spsi_tls_certificates *certificates, sps_x509_certificate **out) {
    *out = NULL;
    return certificates != NULL ? spsi_tls_certificate_wrap(certificates, out) : SPS_OK;
}

sps_error sps_tls_options_get_trusted_ca_chain(const sps_tls_options *options,
                                               sps_x509_certificate **out_chain) {
    if (options == NULL || out_chain == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return wrap(options->trusted, out_chain);
}

sps_error sps_tls_options_get_own_certificate(const sps_tls_options *options,
                                              sps_x509_certificate **out_certificate) {
    if (options == NULL || out_certificate == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return wrap(options->own, out_certificate);
}

sps_error sps_tls_options_get_private_key(const sps_tls_options *options,
                                          sps_crypto_key **out_key) {
    if (options == NULL || out_key == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_key = NULL;
    return options->key != NULL ? spsi_tls_key_wrap(options->key, out_key) : SPS_OK;
}
