// SPDX-License-Identifier: MIT
//
// Sentences for the failures of OpenSSL. They name the certificate, the names and the dates, and
// what a person can do.
#include "openssl/openssl.h"

#include <string.h>
#include <time.h>

sps_error spsi_tls_error_of_queue(sps_error otherwise) {
    sps_error found = otherwise;
    for (unsigned long each; (each = ERR_get_error()) != 0;) {
        if (ERR_GET_REASON(each) == ERR_R_MALLOC_FAILURE) {
            found = SPS_ERR_OUT_OF_MEMORY;
        }
    }
    return found;
}

// ---- Certificates

static void print_time(const ASN1_TIME *time, char *out, size_t size) {
    struct tm tm;
    if (time == NULL || !ASN1_TIME_to_tm(time, &tm)) {
        snprintf(out, size, "an unknown time");
        return;
    }
    snprintf(out, size, "%04d-%02d-%02d %02d:%02d UTC", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min);
}

static void explain_name(spsi_tls_session *session, const X509 *certificate) {
    char names[256];
    spsi_tls_names_of(certificate, names, sizeof names);
    if (names[0] == '\0') {
        spsi_tls_fail(session->fault, SPS_TLS_FAILURE_WRONG_NAME,
                      "The certificate of the server is for no host name at all, not for \"%s\".",
                      session->name);
        return;
    }
    spsi_tls_fail(session->fault, SPS_TLS_FAILURE_WRONG_NAME,
                  "The certificate of the server is for \"%s\", not for \"%s\".", names,
                  session->name);
}

static const char *peer_of(const spsi_tls_session *session) {
    return session->context->role == SPSI_TLS_SERVER ? "client" : "server";
}

// Names the file that may have the missing authority.
static void print_hint(const spsi_tls_session *session, char *out, size_t size) {
    const char *file = session->context->unread_file;
    out[0] = '\0';
    if (file != NULL) {
        snprintf(out, size, " The file of SSL_CERT_FILE, \"%s\", cannot be read.", file);
    }
}

static void explain_issuer(spsi_tls_session *session, int code, const char *subject,
                           const char *issuer) {
    const char *peer = peer_of(session);
    char hint[160];
    print_hint(session, hint, sizeof hint);
    if (code == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT) {
        spsi_tls_fail(session->fault, SPS_TLS_FAILURE_SELF_SIGNED,
                      "The certificate \"%s\" of the %s is signed by itself, and it is not trusted."
                      " Add it to the trusted chain if it is yours.%s",
                      subject, peer, hint);
    } else if (code == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN) {
        spsi_tls_fail(session->fault, SPS_TLS_FAILURE_UNKNOWN_ISSUER,
                      "The authority \"%s\" at the end of the %s's chain is not trusted.%s",
                      subject, peer, hint);
    } else {
        spsi_tls_fail(session->fault, SPS_TLS_FAILURE_UNKNOWN_ISSUER,
                      "The certificate \"%s\" of the %s was issued by \"%s\", which is not trusted."
                      " Either that authority is unknown here, or the %s does not send its"
                      " intermediate certificates.%s",
                      subject, peer, issuer, peer, hint);
    }
}

static void explain_validity(spsi_tls_session *session, const X509 *certificate, int code,
                             const char *subject) {
    char time[64];
    if (code == X509_V_ERR_CERT_NOT_YET_VALID) {
        print_time(X509_get0_notBefore(certificate), time, sizeof time);
        spsi_tls_fail(session->fault, SPS_TLS_FAILURE_NOT_YET_VALID,
                      "The certificate \"%s\" of the %s is not valid before %s. The clock of this"
                      " machine may be wrong.",
                      subject, peer_of(session), time);
        return;
    }
    print_time(X509_get0_notAfter(certificate), time, sizeof time);
    spsi_tls_fail(session->fault, SPS_TLS_FAILURE_EXPIRED,
                  "The certificate \"%s\" of the %s expired on %s. Its owner must renew it, or the"
                  " clock of this machine is wrong.",
                  subject, peer_of(session), time);
}

void spsi_tls_explain_certificate(spsi_tls_session *session, X509_STORE_CTX *store) {
    const int code = X509_STORE_CTX_get_error(store);
    X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    if (certificate == NULL) {
        certificate = X509_STORE_CTX_get0_cert(store);
    }
    char subject[128] = "", issuer[128] = "";
    if (certificate != NULL) {
        spsi_tls_print_name(X509_get_subject_name(certificate), subject, sizeof subject);
        spsi_tls_print_name(X509_get_issuer_name(certificate), issuer, sizeof issuer);
    }
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        explain_validity(session, certificate, code, subject);
        break;
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        explain_name(session, certificate);
        break;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        explain_issuer(session, code, subject, issuer);
        break;
    case X509_V_ERR_CERT_REVOKED:
        spsi_tls_fail(session->fault, SPS_TLS_FAILURE_REVOKED,
                      "The issuer has revoked the certificate \"%s\" of the %s.", subject,
                      peer_of(session));
        break;
    case X509_V_ERR_OUT_OF_MEM:
        spsi_tls_fail(session->fault, SPS_TLS_FAILURE_NO_MEMORY,
                      "There is no memory to verify the certificate of the %s.", peer_of(session));
        break;
    default:
        spsi_tls_fail(session->fault, SPS_TLS_FAILURE_BAD_CERTIFICATE,
                      "The certificate \"%s\" of the %s is rejected: %s.", subject,
                      peer_of(session), X509_verify_cert_error_string(code));
        break;
    }
}

// ---- The protocol

static sps_tls_failure failure_of_reason(int reason) {
    switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_UNKNOWN_PROTOCOL:
        return SPS_TLS_FAILURE_NOT_TLS;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNSUPPORTED_SSL_VERSION:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_INAPPROPRIATE_FALLBACK:
        return SPS_TLS_FAILURE_PROTOCOL_VERSION;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
    case SSL_R_NO_SUITABLE_KEY_SHARE:
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_NO_CIPHERS_AVAILABLE:
        return SPS_TLS_FAILURE_NO_SHARED_CIPHER;
    case SSL_R_NO_APPLICATION_PROTOCOL:
        return SPS_TLS_FAILURE_NO_SHARED_PROTOCOL;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
        return SPS_TLS_FAILURE_NO_CERTIFICATE;
    default:
        return SPS_TLS_FAILURE_BAD_RECORD;
    }
}

static const char *sentence_of(sps_tls_failure failure) {
    switch (failure) {
    case SPS_TLS_FAILURE_NOT_TLS:
        return "The peer does not speak TLS. This may be the port of another protocol";
    case SPS_TLS_FAILURE_PROTOCOL_VERSION:
        return "The two sides have no version of TLS in common";
    case SPS_TLS_FAILURE_NO_SHARED_CIPHER:
        return "The two sides have no cipher, group or signature algorithm in common";
    case SPS_TLS_FAILURE_NO_SHARED_PROTOCOL:
        return "The client offers no application protocol (ALPN) of this server";
    case SPS_TLS_FAILURE_NO_CERTIFICATE:
        return "The client sent no certificate, and this server requires one";
    default:
        return "The peer broke the protocol, or bytes were changed on the way";
    }
}

// An alert of the peer has its own numbers among OpenSSL's reasons.
static bool is_alert(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) > SSL_AD_REASON_OFFSET;
}

// The first error is the cause. A cipher or a curve that fails reports itself before TLS says what
// that means (RFC 5246, 7.2.2).
static unsigned long find_cause(void) {
    const unsigned long first = ERR_peek_error(), last = ERR_peek_last_error();
    const bool is_of_tls = ERR_GET_LIB(last) == ERR_LIB_SSL;
    return ERR_GET_LIB(first) != ERR_LIB_SSL && is_of_tls ? last : first;
}

void spsi_tls_explain_errors(spsi_tls_session *session) {
    spsi_tls_fault *fault = session->fault;
    const unsigned long error = find_cause();
    const char *words = ERR_reason_error_string(error);
    words = words != NULL ? words : "no further words";
    if (is_alert(error) && fault->alert > 0) {
        spsi_tls_fail_by_alert(fault, fault->alert);
    } else if (spsi_tls_error_of_queue(SPS_OK) == SPS_ERR_OUT_OF_MEMORY) {
        spsi_tls_fail(fault, SPS_TLS_FAILURE_NO_MEMORY, "There is no memory for TLS.");
    } else if (ERR_GET_LIB(error) == ERR_LIB_SSL) {
        sps_tls_failure failure = failure_of_reason(ERR_GET_REASON(error));
        const bool is_vague =
            failure == SPS_TLS_FAILURE_NOT_TLS || failure == SPS_TLS_FAILURE_OTHER;
        if (is_vague && session->is_connected) { // it did speak TLS
            failure = SPS_TLS_FAILURE_BAD_RECORD;
        }
        spsi_tls_fail(fault, failure, "%s (%s).", sentence_of(failure), words);
    } else {
        spsi_tls_fail(fault, SPS_TLS_FAILURE_OTHER, "TLS failed: %s.", words);
    }
    ERR_clear_error();
}
