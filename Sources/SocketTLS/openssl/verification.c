// SPDX-License-Identifier: MIT
//
// The peer's certificate: the authorities that a context trusts, and their revocations.
#include "openssl/openssl.h"

#include <limits.h>
#include <openssl/pem.h>

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
    X509_STORE *store;
    const sps_error error = spsi_tls_system_store(&store, &context->unread_file);
    if (error == SPS_OK) {
        SSL_CTX_set_cert_store(context->ssl, store);
    }
    return error;
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
    const unsigned long flags = X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL;
    return X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(ssl), flags) ? SPS_OK
                                                                       : SPS_ERR_OUT_OF_MEMORY;
}

static sps_error use_revocations(const spsi_tls_context *context, const spsi_tls_plan *plan) {
    const size_t size = plan->settings->revocation_bytes;
    if (plan->settings->revocation_lists == NULL) {
        return SPS_OK;
    }
    if (size > INT_MAX) {
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

// Whether there is a list of the issuer. OpenSSL may be unable to use it, for example a list of
// some reasons only.
static bool has_list(X509_STORE_CTX *store) {
    const X509 *certificate = X509_STORE_CTX_get_current_cert(store);
    STACK_OF(X509_CRL) *lists = X509_STORE_CTX_get1_crls(store, X509_get_issuer_name(certificate));
    const bool has_any = sk_X509_CRL_num(lists) > 0;
    sk_X509_CRL_pop_free(lists, X509_CRL_free);
    return has_any;
}

// A caller need not have the list of each authority above the peer's issuer.
static bool is_tolerated(X509_STORE_CTX *store) {
    return X509_STORE_CTX_get_error(store) == X509_V_ERR_UNABLE_TO_GET_CRL &&
           X509_STORE_CTX_get_error_depth(store) > 0 && !has_list(store);
}

// Judges what OpenSSL found, and explains a rejected certificate while its details are at hand.
static int judge(int is_good, X509_STORE_CTX *store) {
    if (!is_good && is_tolerated(store)) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
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

sps_error spsi_tls_openssl_set_verification(spsi_tls_context *context, const spsi_tls_plan *plan) {
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
    SSL_CTX_set_verify(context->ssl, mode, judge);
    if (plan->settings->verify_time_s != 0) {
        X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context->ssl),
                                   (time_t)plan->settings->verify_time_s);
    }
    const sps_error error = use_trust(context, plan->trusted);
    return error == SPS_OK ? use_revocations(context, plan) : error;
}
