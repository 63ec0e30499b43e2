// SPDX-License-Identifier: MIT
//
// The other end of a connection: OpenSSL over two BIOs in memory. Its random numbers, its identity
// and the time of its certificate are fixed, so an input replays byte for byte.
#define OPENSSL_SUPPRESS_DEPRECATED // a method for random numbers is far shorter than a provider
#include "tls.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { MOST_EXTRAS = 4, CHUNK_BYTES = 16384 };

// ---- Random numbers

static uint64_t random_states[SIDES];
static side random_side;

void restart_random(void) {
    random_states[LIBRARY] = 1;
    random_states[PEER] = 2;
}

void use_random(side side) {
    random_side = side;
}

// SplitMix64.
static uint64_t next_random(void) {
    uint64_t value = random_states[random_side] += UINT64_C(0x9e3779b97f4a7c15);
    value = (value ^ value >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ value >> 27) * UINT64_C(0x94d049bb133111eb);
    return value ^ value >> 31;
}

static int fill_random(unsigned char *bytes, int size) {
    for (int i = 0; i < size; i++) {
        bytes[i] = (unsigned char)next_random();
    }
    return 1;
}

static int has_random(void) {
    return 1;
}

// ---- The identity

sps_x509_certificate *own_certificate;
sps_crypto_key *own_key;
const int64_t valid_time_s = 1800000000; // 2027-01-15
static X509 *x509;
static EVP_PKEY *pkey;

static void name_certificate(void) {
    X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_ASC,
                               (const unsigned char *)"A Game", -1, -1, 0);
    X509_set_issuer_name(x509, X509_get_subject_name(x509));
    X509_EXTENSION *names =
        X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, "DNS:game.test,IP:127.0.0.1");
    FUZZ_ASSERT(names != NULL && X509_add_ext(x509, names, -1));
    X509_EXTENSION_free(names);
}

static void share_identity(void) {
    uint8_t *bytes = NULL;
    int size = i2d_X509(x509, &bytes);
    FUZZ_ASSERT(sps_x509_certificate_create(&own_certificate) == SPS_OK);
    FUZZ_ASSERT(sps_x509_certificate_load_from_memory(own_certificate, bytes, (size_t)size) ==
                SPS_OK);
    OPENSSL_free(bytes);
    bytes = NULL;
    size = i2d_PrivateKey(pkey, &bytes);
    FUZZ_ASSERT(sps_crypto_key_create(&own_key) == SPS_OK);
    FUZZ_ASSERT(sps_crypto_key_load_from_memory(own_key, bytes, (size_t)size, false) == SPS_OK);
    OPENSSL_free(bytes);
}

void make_identity(void) {
    static RAND_METHOD method = {
        .bytes = fill_random, .pseudorand = fill_random, .status = has_random};
    if (own_certificate != NULL) {
        return;
    }
    FUZZ_ASSERT(RAND_set_rand_method(&method));
    restart_random();
    pkey = EVP_EC_gen("P-256");
    x509 = X509_new();
    FUZZ_ASSERT(pkey != NULL && x509 != NULL && X509_set_version(x509, X509_VERSION_3));
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    ASN1_TIME_set_string(X509_getm_notBefore(x509), "20260101000000Z");
    ASN1_TIME_set_string(X509_getm_notAfter(x509), "20360101000000Z");
    X509_set_pubkey(x509, pkey);
    name_certificate();
    FUZZ_ASSERT(X509_sign(x509, pkey, EVP_sha256()) > 0);
    share_identity();
}

// ---- The peer

static int select_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_size,
                           const unsigned char *offered, unsigned offered_size, void *user_data) {
    (void)ssl;
    (void)user_data;
    *out = offered + 1;
    *out_size = offered[0];
    return offered_size > 0 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

SSL_CTX *peer_context(const plan *plan) {
    static const unsigned char protocols[] = "\2h2\4game";
    use_random(PEER);
    SSL_CTX *context = SSL_CTX_new(plan->is_server ? TLS_client_method() : TLS_server_method());
    FUZZ_ASSERT(context != NULL);
    if (!plan->is_server || plan->has_client_certificate) {
        FUZZ_ASSERT(SSL_CTX_use_certificate(context, x509) &&
                    SSL_CTX_use_PrivateKey(context, pkey));
    }
    if (plan->has_client_certificate && !plan->is_server) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context), x509);
        X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), (time_t)valid_time_s);
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_PARTIAL_CHAIN);
        SSL_CTX_set_session_id_context(context, protocols, sizeof protocols);
    }
    if (plan->has_protocol) {
        SSL_CTX_set_alpn_protos(context, protocols, sizeof protocols - 1);
        SSL_CTX_set_alpn_select_cb(context, select_protocol, NULL);
    }
    // Runs share it, and each has the same random session identifiers.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (plan->has_retry) {
        SSL_CTX_set1_groups_list(context, plan->is_server ? "ffdhe2048:P-256" : "P-256");
    }
    use_random(LIBRARY);
    return context;
}

// Sends what the last call made.
static void flush(peer *peer, size_t before) {
    uint8_t bytes[CHUNK_BYTES];
    peer->lane->is_1_2 = SSL_version(peer->ssl) == TLS1_2_VERSION;
    for (int count; (count = BIO_read(peer->out, bytes, sizeof bytes)) > 0;) {
        lane_carry(peer->lane, bytes, (size_t)count, before, peer->sent);
    }
    ERR_clear_error();
    use_random(LIBRARY);
}

// Records the result of a call that failed.
static void stop(peer *peer, int result) {
    switch (SSL_get_error(peer->ssl, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        break;
    case SSL_ERROR_ZERO_RETURN:
        peer->has_ended = true;
        break;
    default:
        peer->is_broken = true;
        break;
    }
}

void peer_begin(peer *peer, SSL_CTX *context, const plan *plan, lane *lane) {
    *peer = (struct peer){.lane = lane, .in = BIO_new(BIO_s_mem()), .out = BIO_new(BIO_s_mem())};
    use_random(PEER);
    peer->ssl = SSL_new(context);
    FUZZ_ASSERT(peer->ssl != NULL && peer->in != NULL && peer->out != NULL);
    SSL_set_bio(peer->ssl, peer->in, peer->out);
    if (plan->is_server) {
        SSL_set_connect_state(peer->ssl);
        SSL_set_tlsext_host_name(peer->ssl, "game.test");
    } else {
        SSL_set_accept_state(peer->ssl);
    }
    use_random(LIBRARY);
}

void peer_end(peer *peer) {
    SSL_free(peer->ssl);
    peer->ssl = NULL;
}

bool peer_is_connected(const peer *peer) {
    return SSL_is_init_finished(peer->ssl) && !peer->is_broken;
}

void peer_take(peer *peer, const uint8_t *bytes, size_t size) {
    FUZZ_ASSERT(BIO_write(peer->in, bytes, (int)size) == (int)size);
}

void peer_advance(peer *peer) {
    if (peer->is_broken || SSL_is_init_finished(peer->ssl)) {
        return;
    }
    use_random(PEER);
    const int result = SSL_do_handshake(peer->ssl);
    if (result != 1) {
        stop(peer, result);
    }
    flush(peer, peer->sent);
}

void peer_write(peer *peer, size_t size) {
    uint8_t bytes[CHUNK_BYTES];
    size = size < sizeof bytes ? size : sizeof bytes;
    size = size < MOST_PLAIN_BYTES - peer->sent ? size : MOST_PLAIN_BYTES - peer->sent;
    if (!peer_is_connected(peer) || peer->has_closed || size == 0) {
        return;
    }
    const size_t before = peer->sent;
    size_t written = 0;
    fill_pattern(bytes, size, before, false);
    use_random(PEER);
    const int result = SSL_write_ex(peer->ssl, bytes, size, &written);
    if (result != 1) {
        stop(peer, result);
    }
    peer->sent += written;
    flush(peer, before);
}

void peer_read(peer *peer, size_t most, size_t limit) {
    uint8_t bytes[CHUNK_BYTES];
    most = most < sizeof bytes ? most : sizeof bytes;
    if (!peer_is_connected(peer) || peer->has_ended || most == 0) {
        return;
    }
    size_t count = 0;
    use_random(PEER);
    const int result = SSL_read_ex(peer->ssl, bytes, most, &count);
    if (result != 1) {
        stop(peer, result);
    }
    for (size_t i = 0; i < count; i++) {
        FUZZ_ASSERT(bytes[i] == pattern_at(peer->received + i, true));
    }
    peer->received += count;
    FUZZ_ASSERT(peer->received <= limit);
    flush(peer, peer->sent);
}

void peer_add_extra(peer *peer, bool wants_answer) {
    if (!peer_is_connected(peer) || peer->has_closed || peer->extras == MOST_EXTRAS) {
        return;
    }
    peer->extras++;
    use_random(PEER);
    if (SSL_version(peer->ssl) == TLS1_3_VERSION) {
        SSL_key_update(peer->ssl,
                       wants_answer ? SSL_KEY_UPDATE_REQUESTED : SSL_KEY_UPDATE_NOT_REQUESTED);
    } else {
        SSL_renegotiate(peer->ssl);
        peer->has_renegotiated = true;
    }
    const int result = SSL_do_handshake(peer->ssl);
    if (result != 1) {
        stop(peer, result);
    }
    flush(peer, peer->sent);
}

void peer_close(peer *peer) {
    if (!peer_is_connected(peer) || peer->has_closed) {
        return;
    }
    use_random(PEER);
    SSL_shutdown(peer->ssl);
    peer->has_closed = true;
    flush(peer, peer->sent);
}
