// SPDX-License-Identifier: MIT
#include "failure.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void spsi_tls_fault_clear(spsi_tls_fault *fault) {
    *fault = (spsi_tls_fault){.alert = -1};
}

// Texts of the peer's certificate must not control the terminal that a log is read on.
static void replace_controls(char *text) {
    for (; *text != '\0'; text++) {
        const unsigned char byte = (unsigned char)*text;
        if (byte < 0x20 || byte == 0x7f) {
            *text = '?';
        }
    }
}

void spsi_tls_fail(spsi_tls_fault *fault, sps_tls_failure failure, const char *format, ...) {
    if (fault->failure != SPS_TLS_FAILURE_NONE) {
        return;
    }
    fault->failure = failure;
    va_list values;
    va_start(values, format);
    vsnprintf(fault->message, sizeof fault->message, format, values);
    va_end(values);
    replace_controls(fault->message);
}

// ---- Alerts

typedef struct alert_row {
    int32_t number;
    sps_tls_failure failure;
    const char *name;
    const char *advice; // follows "The peer refused: "
} alert_row;

static const alert_row alerts[] = {
    {0, SPS_TLS_FAILURE_NONE, "close_notify", ""},
    {10, SPS_TLS_FAILURE_PEER_ALERT, "unexpected_message", "it got a message out of order"},
    {20, SPS_TLS_FAILURE_PEER_ALERT, "bad_record_mac", "bytes were changed on the way to it"},
    {22, SPS_TLS_FAILURE_PEER_ALERT, "record_overflow", "it got a record that is too long"},
    {40, SPS_TLS_FAILURE_PEER_ALERT, "handshake_failure",
     "the two sides have no cipher or other parameter in common, or it wants a certificate"},
    {42, SPS_TLS_FAILURE_PEER_ALERT, "bad_certificate", "it rejects this side's certificate"},
    {43, SPS_TLS_FAILURE_PEER_ALERT, "unsupported_certificate",
     "it does not support the kind of this side's certificate"},
    {44, SPS_TLS_FAILURE_PEER_ALERT, "certificate_revoked",
     "this side's certificate was revoked by its issuer"},
    {45, SPS_TLS_FAILURE_PEER_ALERT, "certificate_expired",
     "this side's certificate has expired, or its clock is wrong"},
    {46, SPS_TLS_FAILURE_PEER_ALERT, "certificate_unknown",
     "it does not accept this side's certificate"},
    {47, SPS_TLS_FAILURE_PEER_ALERT, "illegal_parameter", "it found a wrong value in a message"},
    {48, SPS_TLS_FAILURE_PEER_ALERT, "unknown_ca",
     "it does not trust the issuer of this side's certificate"},
    {49, SPS_TLS_FAILURE_PEER_ALERT, "access_denied",
     "the owner of this side's certificate has no access"},
    {50, SPS_TLS_FAILURE_PEER_ALERT, "decode_error", "it could not read a message"},
    {51, SPS_TLS_FAILURE_PEER_ALERT, "decrypt_error",
     "it could not verify a signature, so a key may not fit its certificate"},
    {70, SPS_TLS_FAILURE_PROTOCOL_VERSION, "protocol_version",
     "the two sides have no version of TLS in common"},
    {71, SPS_TLS_FAILURE_PEER_ALERT, "insufficient_security",
     "it demands stronger ciphers than this side offers"},
    {80, SPS_TLS_FAILURE_PEER_ALERT, "internal_error", "it has an internal failure"},
    {86, SPS_TLS_FAILURE_PROTOCOL_VERSION, "inappropriate_fallback",
     "it supports a later version of TLS than the one that was offered"},
    {90, SPS_TLS_FAILURE_PEER_ALERT, "user_canceled", "it has given up"},
    {100, SPS_TLS_FAILURE_PEER_ALERT, "no_renegotiation", "it does not renegotiate"},
    {109, SPS_TLS_FAILURE_PEER_ALERT, "missing_extension", "it misses an extension"},
    {110, SPS_TLS_FAILURE_PEER_ALERT, "unsupported_extension",
     "it got an extension that it did not request"},
    {112, SPS_TLS_FAILURE_PEER_ALERT, "unrecognized_name",
     "it has no certificate for the requested name"},
    {113, SPS_TLS_FAILURE_PEER_ALERT, "bad_certificate_status_response",
     "it rejects the status of this side's certificate"},
    {115, SPS_TLS_FAILURE_PEER_ALERT, "unknown_psk_identity", "it does not know the shared key"},
    {116, SPS_TLS_FAILURE_NO_CERTIFICATE, "certificate_required",
     "it requires a certificate of this side"},
    {120, SPS_TLS_FAILURE_NO_SHARED_PROTOCOL, "no_application_protocol",
     "the two sides have no application protocol (ALPN) in common"},
};

static const alert_row *find_alert(int32_t number) {
    for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++) {
        if (alerts[i].number == number) {
            return &alerts[i];
        }
    }
    return NULL;
}

const char *spsi_tls_alert_name(int32_t alert) {
    const alert_row *row = find_alert(alert);
    return row != NULL ? row->name : "unknown";
}

void spsi_tls_fail_by_alert(spsi_tls_fault *fault, int32_t alert) {
    const alert_row *row = find_alert(alert);
    if (row == NULL) {
        spsi_tls_fail(fault, SPS_TLS_FAILURE_PEER_ALERT,
                      "The peer ended the connection with alert %d, which is unknown.", (int)alert);
        return;
    }
    spsi_tls_fail(fault, row->failure, "The peer ended the connection: %s (alert %d, %s).",
                  row->advice, (int)alert, row->name);
}

// ---- Names

const char *sps_tls_failure_name(sps_tls_failure failure) {
    // Arrays in place of pointers, which would be relocations.
    static const char names[][32] = {
        "TLS_FAILURE_NONE",
        "TLS_FAILURE_EXPIRED",
        "TLS_FAILURE_NOT_YET_VALID",
        "TLS_FAILURE_UNKNOWN_ISSUER",
        "TLS_FAILURE_SELF_SIGNED",
        "TLS_FAILURE_WRONG_NAME",
        "TLS_FAILURE_REVOKED",
        "TLS_FAILURE_BAD_CERTIFICATE",
        "TLS_FAILURE_NO_CERTIFICATE",
        "TLS_FAILURE_PROTOCOL_VERSION",
        "TLS_FAILURE_NO_SHARED_CIPHER",
        "TLS_FAILURE_NO_SHARED_PROTOCOL",
        "TLS_FAILURE_PEER_ALERT",
        "TLS_FAILURE_NOT_TLS",
        "TLS_FAILURE_BAD_RECORD",
        "TLS_FAILURE_HANDSHAKE_CUT",
        "TLS_FAILURE_TRUNCATED",
        "TLS_FAILURE_NO_MEMORY",
        "TLS_FAILURE_TIMED_OUT",
        "TLS_FAILURE_OTHER",
    };
    const size_t count = sizeof names / sizeof *names;
    return failure >= 0 && (size_t)failure < count ? names[failure] : "UNKNOWN";
}
