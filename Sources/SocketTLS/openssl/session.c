// SPDX-License-Identifier: MIT
//
// One connection.
#include "openssl/openssl.h"

#include <stdlib.h>
#include <string.h>

static void observe(const SSL *ssl, int where, int value) {
    spsi_tls_session *session = SSL_get_app_data(ssl);
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT && session != NULL) {
        session->fault->alert = value & 0xff;
    }
}

// Handshake messages that a peer may send in a row. Data in either direction resets the count. A
// handshake needs fewer. OpenSSL limits neither new keys, nor tickets, nor requests for a
// renegotiation.
enum { MESSAGES_WITHOUT_DATA = 32 };

static void count_message(int is_written, int version, int type, const void *data, size_t size,
                          SSL *ssl, void *user_data) {
    (void)version, (void)data, (void)size, (void)user_data;
    spsi_tls_session *session = SSL_get_app_data(ssl);
    if (is_written || type != SSL3_RT_HANDSHAKE || session == NULL) {
        return;
    }
    if (++session->messages > MESSAGES_WITHOUT_DATA) {
        spsi_tls_fail(session->fault, SPS_TLS_FAILURE_BAD_RECORD,
                      "The peer sent %d messages of the protocol in a row and no data. This may be"
                      " an attack that keeps this side busy.",
                      MESSAGES_WITHOUT_DATA + 1);
        session->io->is_refused = true;
    }
}

// ---- Creating

static bool is_address(const char *name) {
    ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
    ASN1_OCTET_STRING_free(address);
    return address != NULL;
}

// RFC 9525: only the names of the extension count, and a wildcard stands for one whole label.
static bool expect_name(spsi_tls_session *session, bool name_is_address) {
    X509_VERIFY_PARAM *rules = SSL_get0_param(session->ssl);
    X509_VERIFY_PARAM_set_hostflags(rules, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                               X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
    return name_is_address ? X509_VERIFY_PARAM_set1_ip_asc(rules, session->name)
                           : X509_VERIFY_PARAM_set1_host(rules, session->name, 0);
}

static void offer_ticket(spsi_tls_session *session) {
    SSL_SESSION *resumable = spsi_tls_tickets_take(&session->context->tickets, session->name);
    if (resumable != NULL) {
        session->has_offered_ticket = SSL_set_session(session->ssl, resumable) == 1;
        SSL_SESSION_free(resumable);
    }
}

static bool prepare_client(spsi_tls_session *session, const char *name) {
    SSL_set_connect_state(session->ssl);
    if (name == NULL) {
        return true;
    }
    snprintf(session->name, sizeof session->name, "%s", name);
    const bool name_is_address = is_address(name);
    if (!name_is_address && !SSL_set_tlsext_host_name(session->ssl, name)) {
        return false;
    }
    if (session->context->role == SPSI_TLS_CLIENT && !expect_name(session, name_is_address)) {
        return false;
    }
    offer_ticket(session);
    return true;
}

static bool prepare(spsi_tls_session *session, const char *name) {
    session->ssl = SSL_new(session->context->ssl);
    BIO *bio = spsi_tls_bio_create(session->io);
    if (session->ssl == NULL || bio == NULL) {
        BIO_free(bio);
        return false;
    }
    SSL_set_bio(session->ssl, bio, bio); // owns it
    if (!SSL_set_app_data(session->ssl, session)) {
        return false;
    }
    SSL_set_info_callback(session->ssl, observe);
    SSL_set_msg_callback(session->ssl, count_message);
    if (session->context->role == SPSI_TLS_SERVER) {
        SSL_set_accept_state(session->ssl);
        return true;
    }
    return prepare_client(session, name);
}

static void destroy_session(spsi_tls_session *session) {
    ERR_clear_error();
    SSL_free(session->ssl);
    ERR_clear_error();
    free(session);
}

static sps_error create_session(spsi_tls_context *context, const char *name, spsi_tls_io *io,
                                spsi_tls_fault *fault, spsi_tls_session **out) {
    *out = NULL;
    ERR_clear_error();
    spsi_tls_session *session = calloc(1, sizeof *session);
    if (session == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    session->context = context;
    session->io = io;
    session->fault = fault;
    if (!prepare(session, name)) {
        destroy_session(session);
        return SPS_ERR_OUT_OF_MEMORY;
    }
    *out = session;
    return SPS_OK;
}

// ---- Steps

// Clearing an empty queue takes longer than the rest of a small call.
static void clear_errors(void) {
    if (ERR_peek_error() != 0) {
        ERR_clear_error();
    }
}

// The result of a call of OpenSSL that failed.
static spsi_tls_step stop(spsi_tls_session *session, int result) {
    switch (SSL_get_error(session->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return SPSI_TLS_WAIT;
    case SSL_ERROR_ZERO_RETURN:
        return SPSI_TLS_END;
    default:
        spsi_tls_explain_errors(session);
        return SPSI_TLS_FAILED;
    }
}

static spsi_tls_step handshake(spsi_tls_session *session) {
    clear_errors();
    const int result = SSL_do_handshake(session->ssl);
    if (result == 1) {
        session->is_connected = true;
        session->messages = 0;
        return SPSI_TLS_DONE;
    }
    const spsi_tls_step step = stop(session, result);
    if (step == SPSI_TLS_FAILED && session->has_offered_ticket) {
        // Some servers fail on a ticket that they do not know. The next attempt comes without.
        spsi_tls_tickets_drop(&session->context->tickets, session->name);
    }
    return step;
}

static spsi_tls_step read_some(spsi_tls_session *session, uint8_t *buffer, size_t most,
                               size_t *out_read) {
    clear_errors();
    *out_read = 0;
    const int result = SSL_read_ex(session->ssl, buffer, most, out_read);
    if (result != 1) {
        return stop(session, result);
    }
    session->messages = 0;
    return SPSI_TLS_DONE;
}

static spsi_tls_step peek(spsi_tls_session *session, size_t *out_bytes) {
    const int open = SSL_pending(session->ssl);
    *out_bytes = open > 0 ? (size_t)open : 0;
    if (open > 0) {
        return SPSI_TLS_DONE;
    }
    clear_errors();
    uint8_t byte;
    size_t count = 0;
    const int result = SSL_peek_ex(session->ssl, &byte, 1, &count);
    if (result != 1) {
        return stop(session, result);
    }
    session->messages = 0;
    const int opened = SSL_pending(session->ssl);
    *out_bytes = opened > 0 ? (size_t)opened : count;
    return SPSI_TLS_DONE;
}

static spsi_tls_step write_all(spsi_tls_session *session, const uint8_t *data, size_t byte_count) {
    clear_errors();
    size_t written = 0;
    const int result = SSL_write_ex(session->ssl, data, byte_count, &written);
    if (result != 1) {
        return stop(session, result);
    }
    session->messages = 0;
    return SPSI_TLS_DONE;
}

// OpenSSL sends no alert while it has a part of a handshake message, such as a ticket.
static spsi_tls_step close_session(spsi_tls_session *session) {
    if (!session->is_connected) {
        return SPSI_TLS_DONE;
    }
    if (SSL_in_init(session->ssl)) {
        return SPSI_TLS_WAIT;
    }
    ERR_clear_error();
    const int result = SSL_shutdown(session->ssl); // the first one only sends
    const bool waits = result < 0 && SSL_get_error(session->ssl, result) == SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    return waits ? SPSI_TLS_WAIT : SPSI_TLS_DONE;
}

// ---- Describing

static const char *or_empty(const char *text) {
    return text != NULL ? text : "";
}

static const char *group_of(SSL *ssl) {
    const int group = (int)SSL_get_negotiated_group(ssl);
    return group != 0 ? or_empty(OBJ_nid2ln(group & ~TLSEXT_nid_unknown)) : "";
}

static void describe(spsi_tls_session *session, sps_tls_info *out_info) {
    SSL *ssl = session->ssl;
    const unsigned char *protocol = NULL;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &size);
    if (size > 0) {
        memcpy(session->protocol, protocol, size);
    }
    session->protocol[size] = '\0';
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
    out_info->version = SSL_version(ssl);
    out_info->cipher = cipher != NULL ? or_empty(SSL_CIPHER_standard_name(cipher)) : "";
    out_info->protocol = session->protocol;
    out_info->server_name = or_empty(SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name));
    out_info->group = group_of(ssl);
    out_info->is_resumed = SSL_session_reused(ssl) == 1;
}

static sps_error peer_certificates(const spsi_tls_session *session, spsi_tls_certificates **out) {
    *out = NULL;
    X509 *own = SSL_get1_peer_certificate(session->ssl);
    if (own == NULL) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    STACK_OF(X509) *sent = SSL_get_peer_cert_chain(session->ssl);
    STACK_OF(X509) *chain = sent != NULL ? X509_chain_up_ref(sent) : sk_X509_new_null();
    // A server's list is without the client's own.
    const bool has_own =
        chain != NULL && sk_X509_num(chain) > 0 && X509_cmp(sk_X509_value(chain, 0), own) == 0;
    if (chain == NULL || (!has_own && !sk_X509_unshift(chain, own))) {
        sk_X509_pop_free(chain, X509_free);
        X509_free(own);
        return SPS_ERR_OUT_OF_MEMORY;
    }
    if (has_own) {
        X509_free(own);
    }
    *out = (spsi_tls_certificates *)chain;
    return SPS_OK;
}

const spsi_tls_backend spsi_tls_openssl = {
    .certificates_parse = spsi_tls_openssl_certificates_parse,
    .certificates_share = spsi_tls_openssl_certificates_share,
    .certificates_release = spsi_tls_openssl_certificates_release,
    .certificates_count = spsi_tls_openssl_certificates_count,
    .certificates_print = spsi_tls_openssl_certificates_print,
    .certificate_describe = spsi_tls_openssl_certificate_describe,
    .key_parse = spsi_tls_openssl_key_parse,
    .key_share = spsi_tls_openssl_key_share,
    .key_release = spsi_tls_openssl_key_release,
    .key_print = spsi_tls_openssl_key_print,
    .context_create = spsi_tls_openssl_context_create,
    .context_release = spsi_tls_openssl_context_release,
    .session_create = create_session,
    .session_destroy = destroy_session,
    .handshake = handshake,
    .read = read_some,
    .peek = peek,
    .write = write_all,
    .close = close_session,
    .describe = describe,
    .peer_certificates = peer_certificates,
};
