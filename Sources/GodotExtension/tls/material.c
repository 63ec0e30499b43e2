// SPDX-License-Identifier: MIT
//
// Certificates, keys and names out of the properties of SPSTLSOptions, for the library.
#include <stdlib.h>
#include <string.h>

#include "../values/containers.h"
#include "../values/text.h"
#include "../values/types.h"
#include "tls.h"

struct protocols {
    size_t count;
    struct spsi_godot_text *texts;
    const char **names;
};

struct material {
    sps_x509_certificate *trusted, *own; // NULL: none
    sps_crypto_key *key;
    struct spsi_godot_text name, lists, log_path;
    struct protocols protocols;
};

// A text that is lost would be one that is not set, and so less strict options.
static sps_error read_text(const struct spsi_godot_tls_options *self, int nth,
                           struct spsi_godot_text *text) {
    godot_string string;
    spsi_godot_from_variant(GODOT_STRING, &string, &self->texts[nth]);
    const bool is_whole = spsi_godot_get_text(text, &string);
    spsi_godot_destroy(GODOT_STRING, &string);
    return is_whole ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

// A text with PEM in it is no path.
static bool is_pem(const struct spsi_godot_text *text) {
    return strstr(text->bytes, "-----BEGIN") != NULL;
}

static sps_error load_certificate(const struct spsi_godot_tls_options *self, int nth,
                                  sps_x509_certificate **out) {
    struct spsi_godot_text text;
    sps_error error = read_text(self, nth, &text);
    if (text.length > 0) {
        error = sps_x509_certificate_create(out);
    }
    if (*out != NULL) {
        error = is_pem(&text) ? sps_x509_certificate_load_from_string(*out, text.bytes, text.length)
                              : sps_x509_certificate_load(*out, text.bytes);
    }
    spsi_godot_free_text(&text);
    return error;
}

// The compiler must not leave this out, as it may a memset() before free().
static void wipe(struct spsi_godot_text *text) {
    volatile char *bytes = text->bytes;
    for (size_t i = 0; i < text->length; i++) {
        bytes[i] = 0;
    }
}

static sps_error load_key(const struct spsi_godot_tls_options *self, sps_crypto_key **out) {
    struct spsi_godot_text text;
    sps_error error = read_text(self, SPS_KEY, &text);
    if (text.length > 0) {
        error = sps_crypto_key_create(out);
    }
    if (*out != NULL) {
        error = is_pem(&text)
                    ? sps_crypto_key_load_from_string(*out, text.bytes, text.length, false)
                    : sps_crypto_key_load(*out, text.bytes, false);
    }
    wipe(&text);
    spsi_godot_free_text(&text);
    return error;
}

static sps_error read_protocols(const struct spsi_godot_tls_options *self,
                                struct protocols *protocols) {
    godot_packed_array array;
    sps_error error = SPS_OK;
    spsi_godot_from_variant(GODOT_PACKED_STRING_ARRAY, &array, &self->texts[SPS_PROTOCOLS]);
    const size_t count = spsi_godot_count_strings(&array);
    if (count > 0) {
        protocols->texts = calloc(count, sizeof *protocols->texts);
        protocols->names = calloc(count, sizeof *protocols->names);
        if (protocols->texts == NULL || protocols->names == NULL) {
            error = SPS_ERR_OUT_OF_MEMORY;
        }
    }
    for (size_t i = 0; error == SPS_OK && i < count; i++) {
        if (!spsi_godot_get_text(&protocols->texts[i], spsi_godot_string_at(&array, i))) {
            error = SPS_ERR_OUT_OF_MEMORY;
        }
        protocols->names[i] = protocols->texts[i].bytes;
        protocols->count++;
    }
    spsi_godot_destroy(GODOT_PACKED_STRING_ARRAY, &array);
    return error;
}

static sps_error load(const struct spsi_godot_tls_options *self, struct material *material) {
    memset(material, 0, sizeof *material);
    // Each text is made, also after a failure, because unload() frees them all.
    const sps_error errors[] = {read_text(self, SPS_COMMON_NAME_OVERRIDE, &material->name),
                                read_text(self, SPS_REVOCATION_LISTS, &material->lists),
                                read_text(self, SPS_KEY_LOG_PATH, &material->log_path)};
    sps_error error = read_protocols(self, &material->protocols);
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
        error = error == SPS_OK ? errors[i] : error;
    }
    if (error == SPS_OK) {
        error = load_certificate(self, SPS_TRUSTED_CHAIN, &material->trusted);
    }
    if (error == SPS_OK) {
        error = load_certificate(self, SPS_CERTIFICATE, &material->own);
    }
    if (error == SPS_OK) {
        error = load_key(self, &material->key);
    }
    return error;
}

static void unload(struct material *material) {
    for (size_t i = 0; i < material->protocols.count; i++) {
        spsi_godot_free_text(&material->protocols.texts[i]);
    }
    free(material->protocols.texts);
    free(material->protocols.names);
    spsi_godot_free_text(&material->name);
    spsi_godot_free_text(&material->lists);
    spsi_godot_free_text(&material->log_path);
    sps_x509_certificate_destroy(material->trusted);
    sps_x509_certificate_destroy(material->own);
    sps_crypto_key_destroy(material->key);
}

static sps_tls_settings settings_of(const struct spsi_godot_tls_options *self,
                                    const struct material *material, bool is_server) {
    const bool has_lists = material->lists.length > 0;
    return (sps_tls_settings){
        .struct_size = sizeof(sps_tls_settings),
        .min_version = (sps_tls_version)self->numbers[SPS_MIN_VERSION],
        .max_version = (sps_tls_version)self->numbers[SPS_MAX_VERSION],
        .client_certificates = (sps_tls_client_certificates)self->numbers[SPS_CLIENT_CERTIFICATES],
        .protocols = material->protocols.names,
        .protocol_count = material->protocols.count,
        .certificate = is_server ? NULL : material->own,
        .key = is_server ? NULL : material->key,
        .client_trusted_chain = is_server ? material->trusted : NULL,
        .key_log_path = material->log_path.length > 0 ? material->log_path.bytes : NULL,
        .verify_time_s = self->numbers[SPS_VERIFY_TIME_S],
        .no_resumption = (uint32_t)self->numbers[SPS_NO_RESUMPTION],
        .revocation_lists = has_lists ? material->lists.bytes : NULL,
        .revocation_bytes = material->lists.length,
        .old_ciphers = (uint32_t)self->numbers[SPS_OLD_CIPHERS],
    };
}

sps_error spsi_godot_tls_options_make(struct spsi_godot_tls_options *self, bool is_server,
                                      sps_tls_options **out_options) {
    struct material material;
    sps_error error = load(self, &material);
    const sps_tls_settings settings = settings_of(self, &material, is_server);
    if (error != SPS_OK) {
        *out_options = NULL;
    } else if (is_server) {
        error = sps_tls_options_create_server(material.key, material.own, &settings, out_options);
    } else if (self->numbers[SPS_UNSAFE] != 0) {
        error = sps_tls_options_create_client_unsafe(material.trusted, &settings, out_options);
    } else {
        error = sps_tls_options_create_client(material.trusted, material.name.bytes, &settings,
                                              out_options);
    }
    unload(&material);
    return error;
}
