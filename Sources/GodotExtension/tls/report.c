// SPDX-License-Identifier: MIT
//
// Answers of SPSStreamPeerTLS: why it failed, what both sides agreed on, and who the other one is.
#include "../values/containers.h"
#include "../values/types.h"
#include "tls.h"

static void get_failure(void *self, const void *const *arguments, void *result) {
    sps_tls_failure failure = SPS_TLS_FAILURE_NONE;
    (void)arguments;
    sps_tls_get_failure(((const struct spsi_godot_endpoint *)self)->stream, &failure);
    *(int64_t *)result = failure;
}

static void get_alert(void *self, const void *const *arguments, void *result) {
    int32_t alert = -1;
    (void)arguments;
    sps_tls_get_alert(((const struct spsi_godot_endpoint *)self)->stream, &alert);
    *(int64_t *)result = alert;
}

static void put_bool(godot_dictionary *row, const char *key, bool is_true) {
    const godot_bool value = is_true;
    spsi_godot_put(row, key, GODOT_BOOL, &value);
}

// Empty on failure.
static void get_tls_info(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    sps_tls_info info = {.struct_size = sizeof info};
    (void)arguments;
    spsi_godot_set_dictionary(result);
    if (spsi_godot_remember(peer, sps_tls_get_info(peer->stream, &info)) != SPS_OK) {
        return;
    }
    spsi_godot_put_int(result, "version", info.version);
    spsi_godot_put_text(result, "cipher", info.cipher);
    spsi_godot_put_text(result, "protocol", info.protocol);
    spsi_godot_put_text(result, "server_name", info.server_name);
    spsi_godot_put_text(result, "group", info.group);
    put_bool(result, "is_resumed", info.is_resumed != 0);
}

static void describe(godot_variant *element, const sps_x509_info *info) {
    godot_dictionary row;
    spsi_godot_make(GODOT_DICTIONARY, &row);
    spsi_godot_put_text(&row, "subject", info->subject);
    spsi_godot_put_text(&row, "issuer", info->issuer);
    spsi_godot_put_text(&row, "names", info->names);
    spsi_godot_put_text(&row, "fingerprint", info->fingerprint);
    spsi_godot_put_int(&row, "valid_from_s", info->valid_from_s);
    spsi_godot_put_int(&row, "valid_until_s", info->valid_until_s);
    put_bool(&row, "is_authority", info->is_authority != 0);
    spsi_godot_set_variant(element, GODOT_DICTIONARY, &row);
    spsi_godot_destroy(GODOT_DICTIONARY, &row);
}

// The whole chain, or nothing.
static sps_error describe_all(sps_x509_certificate *chain, godot_array *rows) {
    size_t count = 0;
    sps_error error = sps_x509_certificate_get_count(chain, &count);
    spsi_godot_set_dictionary_array(rows, count);
    for (size_t i = 0; error == SPS_OK && i < count; i++) {
        sps_x509_info info = {.struct_size = sizeof info};
        error = sps_x509_certificate_get_info(chain, i, &info);
        if (error == SPS_OK) {
            describe(spsi_godot_at(rows, i), &info);
        }
    }
    if (error != SPS_OK) {
        spsi_godot_set_dictionary_array(rows, 0);
    }
    return error;
}

static void get_peer_certificates(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    sps_x509_certificate *chain = NULL;
    (void)arguments;
    sps_error error = sps_tls_get_peer_certificate(peer->stream, &chain);
    spsi_godot_set_dictionary_array(result, 0);
    if (error == SPS_OK) {
        error = describe_all(chain, result);
    }
    spsi_godot_remember(peer, error);
    sps_x509_certificate_destroy(chain);
}

const struct spsi_godot_method spsi_godot_tls_report_methods[SPS_TLS_REPORT_METHOD_COUNT] = {
    {"get_failure",
     get_failure,
     SPS_ENUM("SPSStreamPeerTLS.Failure"),
     GODOT_METHOD_CONST,
     0,
     {{0}}},
    {"get_alert", get_alert, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_tls_info", get_tls_info, SPS_DICTIONARY, 0, 0, {{0}}},
    {"get_peer_certificates", get_peer_certificates, SPS_DICTIONARIES, 0, 0, {{0}}},
};

#define STATUS_ROW(name) {"Status", "STATUS_" #name, SPS_TLS_STATUS_##name},
#define FAILURE_ROW(name) {"Failure", "FAILURE_" #name, SPS_TLS_FAILURE_##name},

const struct spsi_godot_constant spsi_godot_tls_constants[SPS_TLS_CONSTANT_COUNT] = {
    STATUS_ROW(DISCONNECTED) STATUS_ROW(HANDSHAKING) STATUS_ROW(CONNECTED) STATUS_ROW(ERROR)
        STATUS_ROW(ERROR_HOSTNAME_MISMATCH) FAILURE_ROW(NONE) FAILURE_ROW(EXPIRED)
            FAILURE_ROW(NOT_YET_VALID) FAILURE_ROW(UNKNOWN_ISSUER) FAILURE_ROW(SELF_SIGNED)
                FAILURE_ROW(WRONG_NAME) FAILURE_ROW(REVOKED) FAILURE_ROW(BAD_CERTIFICATE)
                    FAILURE_ROW(NO_CERTIFICATE) FAILURE_ROW(PROTOCOL_VERSION)
                        FAILURE_ROW(NO_SHARED_CIPHER) FAILURE_ROW(NO_SHARED_PROTOCOL)
                            FAILURE_ROW(PEER_ALERT) FAILURE_ROW(NOT_TLS) FAILURE_ROW(BAD_RECORD)
                                FAILURE_ROW(HANDSHAKE_CUT) FAILURE_ROW(TRUNCATED)
                                    FAILURE_ROW(NO_MEMORY) FAILURE_ROW(TIMED_OUT)
                                        FAILURE_ROW(OTHER)};
