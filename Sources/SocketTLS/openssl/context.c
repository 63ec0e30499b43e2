// SPDX-License-Identifier: MIT
//
// Shared by all connections of one options object: versions, certificates, trust, tickets.
#include "openssl/openssl.h"

#include <limits.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#ifndef _WIN32
#include <fcntl.h>
#include <unistd.h>
#endif

// ---- This side's certificate

static X509 *find_leaf(STACK_OF(X509) * own, EVP_PKEY *key) {
    for (int i = 0; i < sk_X509_num(own); i++) {
        if (X509_check_private_key(sk_X509_value(own, i), key) == 1) {
            return sk_X509_value(own, i);
        }
    }
    return NULL;
}

static bool contains(STACK_OF(X509) * chain, const X509 *certificate) {
    for (int i = 0; i < sk_X509_num(chain); i++) {
        if (sk_X509_value(chain, i) == certificate) {
            return true;
        }
    }
    return false;
}

static X509 *find_issuer(STACK_OF(X509) * own, STACK_OF(X509) * chain, X509 *subject) {
    for (int i = 0; i < sk_X509_num(own); i++) {
        X509 *each = sk_X509_value(own, i);
        if (each != subject && !contains(chain, each) &&
            X509_check_issued(each, subject) == X509_V_OK) {
            return each;
        }
    }
    return NULL;
}

// Puts the chain in the order that TLS 1.2 demands (RFC 5246, 7.4.2): each certificate follows the
// one that it signed. The others follow, because some peer may need them.
static bool sort_chain(STACK_OF(X509) * own, X509 *leaf, STACK_OF(X509) * chain) {
    for (X509 *next = leaf; (next = find_issuer(own, chain, next)) != NULL;) {
        if (next == leaf) {
            break;
        }
        if (!sk_X509_push(chain, next)) {
            return false;
        }
    }
    for (int i = 0; i < sk_X509_num(own); i++) {
        X509 *each = sk_X509_value(own, i);
        if (each != leaf && !contains(chain, each) && !sk_X509_push(chain, each)) {
            return false;
        }
    }
    return true;
}

// The code for a certificate or key that OpenSSL does not use.
static sps_error refused(void) {
    const int reason = ERR_GET_REASON(ERR_peek_last_error());
    const bool is_weak = reason == SSL_R_EE_KEY_TOO_SMALL || reason == SSL_R_CA_KEY_TOO_SMALL ||
                         reason == SSL_R_CA_MD_TOO_WEAK || reason == SSL_R_DH_KEY_TOO_SMALL;
    return spsi_tls_error_of_queue(is_weak ? SPS_ERR_UNAUTHORIZED : SPS_ERR_INVALID_DATA);
}

static sps_error use_own(spsi_tls_context *context, const spsi_tls_plan *plan) {
    if (plan->own == NULL) {
        return SPS_OK;
    }
    STACK_OF(X509) *own = spsi_tls_stack(plan->own);
    X509 *leaf = find_leaf(own, spsi_tls_pkey(plan->key));
    ERR_clear_error();
    if (leaf == NULL) {
        return SPS_ERR_INVALID_DATA;
    }
    STACK_OF(X509) *chain = sk_X509_new_null();
    sps_error error = SPS_ERR_OUT_OF_MEMORY;
    if (chain != NULL && sort_chain(own, leaf, chain)) {
        error = SSL_CTX_use_cert_and_key(context->ssl, leaf, spsi_tls_pkey(plan->key), chain, 1)
                    ? SPS_OK
                    : refused();
    }
    sk_X509_free(chain);
    return error;
}

// ---- The peer's certificate

static bool add_trusted(SSL_CTX *ssl, const spsi_tls_certificates *trusted) {
    X509_STORE *store = SSL_CTX_get_cert_store(ssl);
    STACK_OF(X509) *stack = spsi_tls_stack(trusted);
    for (int i = 0; i < sk_X509_num(stack); i++) {
        if (!X509_STORE_add_cert(store, sk_X509_value(stack, i))) {
            return false;
        }
    }
    // Any trusted certificate ends a chain: also an intermediate one, or the peer's own.
    return X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ssl), X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

static sps_error use_trust(spsi_tls_context *context, const spsi_tls_certificates *trusted) {
    if (trusted != NULL) {
        return add_trusted(context->ssl, trusted) ? SPS_OK
                                                  : spsi_tls_error_of_queue(SPS_ERR_OUT_OF_MEMORY);
    }
    X509_STORE *store = spsi_tls_system_store();
    if (store == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    SSL_CTX_set_cert_store(context->ssl, store);
    return SPS_OK;
}

static sps_error add_revocations(SSL_CTX *ssl, BIO *bio) {
    int count = 0;
    for (X509_CRL *each; (each = PEM_read_bio_X509_CRL(bio, NULL, NULL, "")) != NULL; count++) {
        const bool is_added = X509_STORE_add_crl(SSL_CTX_get_cert_store(ssl), each) == 1;
        X509_CRL_free(each);
        if (!is_added) {
            return spsi_tls_error_of_queue(SPS_ERR_INVALID_DATA);
        }
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE || count == 0) {
        return spsi_tls_error_of_queue(SPS_ERR_INVALID_DATA);
    }
    ERR_clear_error();
    return X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ssl), X509_V_FLAG_CRL_CHECK)
               ? SPS_OK
               : SPS_ERR_OUT_OF_MEMORY;
}

static sps_error use_revocations(const spsi_tls_context *context, const spsi_tls_plan *plan) {
    const size_t size = plan->settings->revocation_bytes;
    if (plan->settings->revocation_lists == NULL) {
        return SPS_OK;
    }
    if (plan->trusted == NULL || size > INT_MAX) { // the system's store is shared
        return SPS_ERR_INVALID_PARAMETER;
    }
    BIO *bio = BIO_new_mem_buf(plan->settings->revocation_lists, (int)size);
    if (bio == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const sps_error error = add_revocations(context->ssl, bio);
    BIO_free(bio);
    return error;
}

// Explains a rejected certificate while its details are at hand.
static int explain(int is_good, X509_STORE_CTX *store) {
    if (!is_good) {
        const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
        spsi_tls_explain_certificate(SSL_get_app_data(ssl), store);
    }
    return is_good;
}

static bool add_client_authorities(SSL_CTX *ssl, const spsi_tls_certificates *trusted) {
    STACK_OF(X509) *stack = spsi_tls_stack(trusted);
    for (int i = 0; i < sk_X509_num(stack); i++) {
        if (!SSL_CTX_add_client_CA(ssl, sk_X509_value(stack, i))) {
            return false;
        }
    }
    return true;
}

static sps_error set_verification(spsi_tls_context *context, const spsi_tls_plan *plan) {
    const sps_tls_client_certificates demand = plan->settings->client_certificates;
    if (plan->role == SPSI_TLS_SERVER) {
        context->verifies = demand != SPS_TLS_CLIENT_CERTIFICATE_NONE;
    } else {
        context->verifies = plan->role == SPSI_TLS_CLIENT || plan->trusted != NULL;
    }
    if (!context->verifies) {
        SSL_CTX_set_verify(context->ssl, SSL_VERIFY_NONE, NULL);
        return SPS_OK;
    }
    int mode = SSL_VERIFY_PEER;
    if (plan->role == SPSI_TLS_SERVER) {
        mode |= demand == SPS_TLS_CLIENT_CERTIFICATE_REQUIRED ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
        if (!add_client_authorities(context->ssl, plan->trusted)) {
            return spsi_tls_error_of_queue(SPS_ERR_OUT_OF_MEMORY);
        }
    }
    SSL_CTX_set_verify(context->ssl, mode, explain);
    if (plan->settings->verify_time_s != 0) {
        X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context->ssl),
                                   (time_t)plan->settings->verify_time_s);
    }
    const sps_error error = use_trust(context, plan->trusted);
    return error == SPS_OK ? use_revocations(context, plan) : error;
}

// ---- Application protocols

static int select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                           const unsigned char *offered, unsigned offered_size, void *user_data) {
    (void)ssl;
    const spsi_tls_context *context = user_data;
    unsigned char *selected = NULL;
    if (SSL_select_next_proto(&selected, out_size, context->protocols, context->protocols_size,
                              offered, offered_size) != OPENSSL_NPN_NEGOTIATED) {
        return SSL_TLSEXT_ERR_ALERT_FATAL; // no_application_protocol (RFC 7301, 3.2)
    }
    *out = selected;
    return SSL_TLSEXT_ERR_OK;
}

static sps_error set_protocols(spsi_tls_context *context, const sps_tls_settings *settings) {
    size_t size = 0;
    for (size_t i = 0; i < settings->protocol_count; i++) {
        size += 1 + strlen(settings->protocols[i]);
    }
    if (size == 0) {
        return SPS_OK;
    }
    context->protocols = malloc(size);
    if (context->protocols == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    for (size_t i = 0; i < settings->protocol_count; i++) {
        const size_t length = strlen(settings->protocols[i]);
        context->protocols[context->protocols_size++] = (uint8_t)length;
        memcpy(context->protocols + context->protocols_size, settings->protocols[i], length);
        context->protocols_size += (unsigned)length;
    }
    if (context->role == SPSI_TLS_SERVER) {
        SSL_CTX_set_alpn_select_cb(context->ssl, select_protocol, context);
        return SPS_OK;
    }
    const int failed =
        SSL_CTX_set_alpn_protos(context->ssl, context->protocols, context->protocols_size);
    return failed ? SPS_ERR_OUT_OF_MEMORY : SPS_OK;
}

// ---- Sessions to resume

static int keep_session(SSL *ssl, SSL_SESSION *resumable) {
    const spsi_tls_session *session = SSL_get_app_data(ssl);
    return spsi_tls_tickets_keep(&session->context->tickets, session->name, resumable);
}

static sps_error set_resumption(spsi_tls_context *context, bool is_off) {
    SSL_CTX *ssl = context->ssl;
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF); // a server's tickets need no cache
    if (is_off) {
        SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET);
        SSL_CTX_set_num_tickets(ssl, 0);
        return SPS_OK;
    }
    if (context->role == SPSI_TLS_SERVER) {
        static const unsigned char id[] = "streampeersocket";
        return SSL_CTX_set_session_id_context(ssl, id, sizeof id - 1) ? SPS_OK
                                                                      : SPS_ERR_OUT_OF_MEMORY;
    }
    context->tickets.lock = CRYPTO_THREAD_lock_new();
    if (context->tickets.lock == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ssl, keep_session);
    return SPS_OK;
}

// ---- The key log

static void log_key(const SSL *ssl, const char *line) {
    const spsi_tls_session *session = SSL_get_app_data(ssl);
    if (session != NULL && session->context->key_log != NULL) {
        fprintf(session->context->key_log, "%s\n", line);
        fflush(session->context->key_log);
    }
}

static FILE *open_log(const char *path) {
#ifdef _WIN32
    return fopen(path, "a");
#else
    const int descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    FILE *file = descriptor >= 0 ? fdopen(descriptor, "a") : NULL;
    if (file == NULL && descriptor >= 0) {
        close(descriptor);
    }
    return file;
#endif
}

static sps_error set_key_log(spsi_tls_context *context, const char *path) {
    if (path == NULL) {
        return SPS_OK;
    }
    context->key_log = open_log(path);
    if (context->key_log == NULL) {
        return SPS_ERR_FILE_CANT_OPEN;
    }
    SSL_CTX_set_keylog_callback(context->ssl, log_key);
    return SPS_OK;
}

// ---- The context

static sps_error set_versions(SSL_CTX *ssl, const sps_tls_settings *settings) {
    const int lowest = settings->min_version != 0 ? settings->min_version : TLS1_2_VERSION;
    return SSL_CTX_set_min_proto_version(ssl, lowest) &&
                   SSL_CTX_set_max_proto_version(ssl, settings->max_version)
               ? SPS_OK
               : SPS_ERR_INVALID_PARAMETER;
}

static sps_error fill(spsi_tls_context *context, const spsi_tls_plan *plan) {
    SSL_CTX *ssl = context->ssl;
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // The peer gets the chain that the caller gave. An idle connection holds no record buffers.
    SSL_CTX_set_mode(ssl, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    sps_error error = set_versions(ssl, plan->settings);
    error = error != SPS_OK ? error : use_own(context, plan);
    error = error != SPS_OK ? error : set_verification(context, plan);
    error = error != SPS_OK ? error : set_protocols(context, plan->settings);
    error = error != SPS_OK ? error : set_resumption(context, plan->settings->no_resumption != 0);
    return error != SPS_OK ? error : set_key_log(context, plan->settings->key_log_path);
}

sps_error spsi_tls_openssl_context_create(const spsi_tls_plan *plan, spsi_tls_context **out) {
    *out = NULL;
    ERR_clear_error();
    spsi_tls_context *context = calloc(1, sizeof *context);
    if (context == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    context->role = plan->role;
    context->ssl =
        SSL_CTX_new(plan->role == SPSI_TLS_SERVER ? TLS_server_method() : TLS_client_method());
    const sps_error error = context->ssl != NULL ? fill(context, plan) : SPS_ERR_OUT_OF_MEMORY;
    ERR_clear_error();
    if (error != SPS_OK) {
        spsi_tls_openssl_context_release(context);
        return error;
    }
    *out = context;
    return SPS_OK;
}

void spsi_tls_openssl_context_release(spsi_tls_context *context) {
    SSL_CTX_free(context->ssl);
    spsi_tls_tickets_clear(&context->tickets);
    if (context->key_log != NULL) {
        fclose(context->key_log);
    }
    free(context->protocols);
    free(context);
}
