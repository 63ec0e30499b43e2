// SPDX-License-Identifier: MIT
#include "support/identities.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

identity authority, other_authority, middle, game, deep, player;

// ---- Issuing

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    ck_assert_ptr_nonnull(extension);
    ck_assert_int_eq(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void add_extensions(X509 *certificate, X509 *issuer, const identity_plan *plan) {
    add_extension(certificate, issuer, NID_basic_constraints,
                  plan->is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    add_extension(certificate, issuer, NID_subject_key_identifier, "hash");
    if (plan->is_authority) {
        add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
    }
    if (plan->names != NULL) {
        add_extension(certificate, issuer, NID_subject_alt_name, plan->names);
    }
    if (plan->purpose != NULL) {
        add_extension(certificate, issuer, NID_ext_key_usage, plan->purpose);
    }
}

static void set_validity(X509 *certificate, const identity_plan *plan) {
    const bool is_default = plan->from_days == 0 && plan->until_days == 0;
    const long day = 24 * 60 * 60;
    X509_gmtime_adj(X509_getm_notBefore(certificate), (is_default ? -1 : plan->from_days) * day);
    X509_gmtime_adj(X509_getm_notAfter(certificate), (is_default ? 30 : plan->until_days) * day);
}

static void load(identity *made) {
    uint8_t *bytes = NULL;
    int size = i2d_X509(made->x509, &bytes);
    OK(sps_x509_certificate_create(&made->certificate));
    OK(sps_x509_certificate_load_from_memory(made->certificate, bytes, (size_t)size));
    OPENSSL_free(bytes);
    bytes = NULL;
    size = i2d_PrivateKey(made->pkey, &bytes);
    OK(sps_crypto_key_create(&made->key));
    OK(sps_crypto_key_load_from_memory(made->key, bytes, (size_t)size, false));
    OPENSSL_free(bytes);
}

identity issue(const identity_plan *plan) {
    identity made = {.x509 = X509_new()};
    made.pkey = plan->rsa_bits > 0 ? EVP_RSA_gen((unsigned)plan->rsa_bits) : EVP_EC_gen("P-256");
    ck_assert_ptr_nonnull(made.x509);
    ck_assert_ptr_nonnull(made.pkey);
    static long serial = 1;
    X509_set_version(made.x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.x509), serial++);
    set_validity(made.x509, plan);
    X509_set_pubkey(made.x509, made.pkey);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.x509), "CN", MBSTRING_UTF8,
                               (const unsigned char *)plan->subject, -1, -1, 0);
    X509 *issuer = plan->issuer != NULL ? plan->issuer->x509 : made.x509;
    X509_set_issuer_name(made.x509, X509_get_subject_name(issuer));
    add_extensions(made.x509, issuer, plan);
    EVP_PKEY *signer = plan->issuer != NULL ? plan->issuer->pkey : made.pkey;
    ck_assert_int_gt(X509_sign(made.x509, signer, EVP_sha256()), 0);
    load(&made);
    return made;
}

void drop_identity(identity *identity) {
    X509_free(identity->x509);
    EVP_PKEY_free(identity->pkey);
    sps_x509_certificate_destroy(identity->certificate);
    sps_crypto_key_destroy(identity->key);
}

sps_x509_certificate *bundle(const identity *const *identities, size_t count) {
    uint8_t bytes[16384];
    uint8_t *end = bytes;
    for (size_t i = 0; i < count; i++) {
        ck_assert_int_gt(i2d_X509(identities[i]->x509, &end), 0);
    }
    sps_x509_certificate *made;
    OK(sps_x509_certificate_create(&made));
    OK(sps_x509_certificate_load_from_memory(made, bytes, (size_t)(end - bytes)));
    return made;
}

// ---- The identities of most tests

void make_identities(void) {
    authority = issue(&(identity_plan){.subject = "Test Authority", .is_authority = true});
    other_authority = issue(&(identity_plan){.subject = "Other Authority", .is_authority = true});
    middle = issue(&(identity_plan){
        .subject = "Middle Authority", .is_authority = true, .issuer = &authority});
    game = issue(&(identity_plan){.subject = "A Game",
                                  .names = "DNS:game.test,DNS:*.wild.test,IP:127.0.0.1,IP:::1",
                                  .issuer = &authority});
    deep = issue(
        &(identity_plan){.subject = "A Deep Game", .names = "DNS:game.test", .issuer = &middle});
    player = issue(
        &(identity_plan){.subject = "A Player", .names = "DNS:player.test", .issuer = &authority});
}

void drop_identities(void) {
    drop_identity(&authority);
    drop_identity(&other_authority);
    drop_identity(&middle);
    drop_identity(&game);
    drop_identity(&deep);
    drop_identity(&player);
}

TCase *add_tls_case(Suite *suite, const char *name) {
    TCase *test_case = add_case(suite, name);
    tcase_add_checked_fixture(test_case, make_identities, drop_identities);
    return test_case;
}
