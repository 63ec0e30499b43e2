// SPDX-License-Identifier: MIT
#include "object.h"

#include <stdlib.h>
#include <string.h>

#include "file.h"

static const spsi_tls_backend *backend(void) {
    return spsi_tls_backend_default();
}

sps_error sps_x509_certificate_create(sps_x509_certificate **out_certificate) {
    if (out_certificate == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_certificate = calloc(1, sizeof **out_certificate);
    return *out_certificate != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

static void drop(sps_x509_certificate *certificate) {
    if (certificate->certificates != NULL) {
        backend()->certificates_release(certificate->certificates);
        certificate->certificates = NULL;
    }
}

void sps_x509_certificate_destroy(sps_x509_certificate *certificate) {
    if (certificate != NULL) {
        drop(certificate);
        spsi_tls_text_clear(&certificate->text);
        free(certificate);
    }
}

sps_error spsi_tls_certificate_wrap(const spsi_tls_certificates *certificates,
                                    sps_x509_certificate **out_certificate) {
    sps_error error = sps_x509_certificate_create(out_certificate);
    if (error == SPS_OK) {
        (*out_certificate)->certificates = backend()->certificates_share(certificates);
        error = (*out_certificate)->certificates != NULL ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
    }
    if (error != SPS_OK) {
        sps_x509_certificate_destroy(*out_certificate);
        *out_certificate = NULL;
    }
    return error;
}

// ---- Loading

sps_error sps_x509_certificate_load_from_memory(sps_x509_certificate *certificate, const void *data,
                                                size_t byte_count) {
    if (certificate == NULL || byte_count > PTRDIFF_MAX || (data == NULL && byte_count > 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_tls_certificates *parsed;
    const sps_error error = backend()->certificates_parse(data, byte_count, &parsed);
    if (error == SPS_OK) {
        spsi_tls_text_clear(&certificate->text);
        drop(certificate);
        certificate->certificates = parsed;
    }
    return error;
}

sps_error sps_x509_certificate_load_from_string(sps_x509_certificate *certificate, const char *text,
                                                size_t byte_count) {
    return sps_x509_certificate_load_from_memory(certificate, text, byte_count);
}

sps_error sps_x509_certificate_load(sps_x509_certificate *certificate, const char *path) {
    if (certificate == NULL || path == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_tls_text file = {0};
    sps_error error = spsi_tls_file_read(path, &file);
    if (error == SPS_OK) {
        error = sps_x509_certificate_load_from_memory(certificate, file.data, file.size);
    }
    spsi_tls_text_clear(&file);
    return error;
}

// ---- Saving

sps_error sps_x509_certificate_save_to_string(sps_x509_certificate *certificate,
                                              const char **out_text, size_t *out_bytes) {
    if (certificate == NULL || out_text == NULL || out_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_text = NULL;
    *out_bytes = 0;
    spsi_tls_text_clear(&certificate->text);
    if (certificate->certificates == NULL) {
        return SPS_ERR_UNCONFIGURED;
    }
    const sps_error error =
        backend()->certificates_print(certificate->certificates, &certificate->text);
    if (error == SPS_OK) {
        *out_text = certificate->text.data;
        *out_bytes = certificate->text.size;
    }
    return error;
}

sps_error sps_x509_certificate_save(sps_x509_certificate *certificate, const char *path) {
    if (path == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const char *text;
    size_t size;
    const sps_error error = sps_x509_certificate_save_to_string(certificate, &text, &size);
    return error == SPS_OK ? spsi_tls_file_write(path, &certificate->text, false) : error;
}

// ---- Describing

sps_error sps_x509_certificate_get_count(const sps_x509_certificate *certificate,
                                         size_t *out_count) {
    if (certificate == NULL || out_count == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_count = certificate->certificates != NULL
                     ? backend()->certificates_count(certificate->certificates)
                     : 0;
    return SPS_OK;
}

sps_error sps_x509_certificate_get_info(sps_x509_certificate *certificate, size_t index,
                                        sps_x509_info *out_info) {
    if (certificate == NULL || out_info == NULL || out_info->struct_size == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (certificate->certificates == NULL) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    spsi_tls_text_clear(&certificate->text);
    spsi_tls_description found;
    const sps_error error = backend()->certificate_describe(certificate->certificates, index,
                                                            &certificate->text, &found);
    if (error != SPS_OK) {
        return error;
    }
    const char *texts = certificate->text.data; // it moves no more
    const uint32_t size = out_info->struct_size;
    const sps_x509_info info = {
        .struct_size = size,
        .is_authority = found.is_authority,
        .valid_from_s = found.valid_from_s,
        .valid_until_s = found.valid_until_s,
        .subject = texts + found.subject,
        .issuer = texts + found.issuer,
        .names = texts + found.names,
        .fingerprint = texts + found.fingerprint,
    };
    memcpy(out_info, &info, size < sizeof info ? size : sizeof info);
    return SPS_OK;
}
