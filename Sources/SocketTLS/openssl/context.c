// SPDX-License-Identifier: MIT
//
// Shared by all connections of one options object: versions, ciphers, certificates, tickets.
#include "openssl/openssl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

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

// Without a name two servers would share their tickets.
static int keep_session(SSL *ssl, SSL_SESSION *resumable) {
    const spsi_tls_session *session = SSL_get_app_data(ssl);
    return session->name[0] != '\0' &&
           spsi_tls_tickets_keep(&session->context->tickets, session->name, resumable);
}

static int use_ticket_key(SSL *ssl, unsigned char *name, unsigned char *vector,
                          EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_encrypting) {
    const spsi_tls_session *session = SSL_get_app_data(ssl);
    return spsi_tls_ticket_keys_begin(&session->context->ticket_keys, time(NULL), name, vector,
                                      cipher, mac, is_encrypting == 1);
}

static sps_error set_server_resumption(spsi_tls_context *context) {
    static const unsigned char id[] = "streampeersocket";
    const bool is_set =
        SSL_CTX_set_session_id_context(context->ssl, id, sizeof id - 1) &&
        spsi_tls_ticket_keys_create(&context->ticket_keys, context->seeded.library) &&
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context->ssl, use_ticket_key);
    return is_set ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
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
        return set_server_resumption(context);
    }
    context->tickets.lock = CRYPTO_THREAD_lock_new();
    if (context->tickets.lock == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ssl, keep_session);
    return SPS_OK;
}

// A ticket has the machine's time in it, so a run with tickets would not replay.
static bool is_without_resumption(const sps_tls_settings *settings) {
    return settings->no_resumption != 0 || settings->insecure_seed != 0;
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

// A version that the caller does not choose is the machine's (MinProtocol, MaxProtocol of
// openssl.cnf), but never below TLS 1.2.
static sps_error set_versions(SSL_CTX *ssl, const sps_tls_settings *settings) {
    const long of_machine = SSL_CTX_get_min_proto_version(ssl); // 0: any
    long lowest = settings->min_version;
    if (lowest == 0) {
        lowest = of_machine > TLS1_2_VERSION ? of_machine : TLS1_2_VERSION;
    }
    if (settings->max_version != 0 && settings->max_version < lowest) {
        return SPS_ERR_UNAUTHORIZED;
    }
    const bool is_set =
        SSL_CTX_set_min_proto_version(ssl, (int)lowest) &&
        (settings->max_version == 0 || SSL_CTX_set_max_proto_version(ssl, settings->max_version));
    return is_set ? SPS_OK : SPS_ERR_INVALID_PARAMETER;
}

// Of TLS 1.2: keys of this connection only (forward secrecy), and records that are authenticated
// with their encryption (AEAD). RFC 9325, 4.2. Every cipher of TLS 1.3 is like that.
static bool is_modern(const SSL_CIPHER *cipher) {
    const int exchange = SSL_CIPHER_get_kx_nid(cipher);
    return (exchange == NID_kx_ecdhe || exchange == NID_kx_dhe) && SSL_CIPHER_is_aead(cipher) &&
           SSL_CIPHER_get_auth_nid(cipher) != NID_auth_null;
}

// The names of the modern ones among them, in the form of OpenSSL. False without memory.
static bool list_modern(STACK_OF(SSL_CIPHER) * ciphers, spsi_tls_text *out) {
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
        const SSL_CIPHER *each = sk_SSL_CIPHER_value(ciphers, i);
        const char *name = SSL_CIPHER_get_name(each);
        if (is_modern(each) && (!spsi_tls_text_append(out, name, strlen(name)) ||
                                !spsi_tls_text_append(out, ":", 1))) {
            return false;
        }
    }
    return true;
}

// Removes the other ciphers from the list of the machine, which keeps its order.
static sps_error set_ciphers(SSL_CTX *ssl, const sps_tls_settings *settings) {
    if (settings->old_ciphers != 0) {
        return SPS_OK;
    }
    spsi_tls_text names = {0};
    bool is_set = list_modern(SSL_CTX_get_ciphers(ssl), &names);
    if (is_set && names.size == 0) {
        SSL_CTX_set_options(ssl, SSL_OP_NO_TLSv1_2); // the machine enables none for it
    } else if (is_set) {
        is_set = SSL_CTX_set_cipher_list(ssl, names.data);
    }
    spsi_tls_text_clear(&names);
    return is_set ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
}

static sps_error fill(spsi_tls_context *context, const spsi_tls_plan *plan) {
    SSL_CTX *ssl = context->ssl;
    SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
    // The peer gets the chain that the caller gave. An idle connection holds no record buffers.
    SSL_CTX_set_mode(ssl, SSL_MODE_NO_AUTO_CHAIN | SSL_MODE_RELEASE_BUFFERS |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    sps_error error = set_versions(ssl, plan->settings);
    error = error != SPS_OK ? error : set_ciphers(ssl, plan->settings);
    error = error != SPS_OK ? error : use_own(context, plan);
    error = error != SPS_OK ? error : spsi_tls_openssl_set_verification(context, plan);
    error = error != SPS_OK ? error : set_protocols(context, plan->settings);
    error =
        error != SPS_OK ? error : set_resumption(context, is_without_resumption(plan->settings));
    return error != SPS_OK ? error : set_key_log(context, plan->settings->key_log_path);
}

static const SSL_METHOD *method_of(spsi_tls_role role) {
    return role == SPSI_TLS_SERVER ? TLS_server_method() : TLS_client_method();
}

sps_error spsi_tls_openssl_context_create(const spsi_tls_plan *plan, spsi_tls_context **out) {
    *out = NULL;
    ERR_clear_error();
    spsi_tls_context *context = calloc(1, sizeof *context);
    if (context == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    context->role = plan->role;
    const uint64_t seed = plan->settings->insecure_seed;
    if (seed == 0 || spsi_tls_seeded_create(&context->seeded, seed)) {
        context->ssl = SSL_CTX_new_ex(context->seeded.library, NULL, method_of(plan->role));
    }
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
    spsi_tls_ticket_keys_clear(&context->ticket_keys);
    spsi_tls_seeded_free(&context->seeded);
    if (context->key_log != NULL) {
        fclose(context->key_log);
    }
    OPENSSL_free(context->unread_file);
    free(context->protocols);
    free(context);
}
