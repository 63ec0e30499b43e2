// SPDX-License-Identifier: MIT
//
// The versions and ciphers that are accepted, by the library's own rules and by the machine's
// openssl.cnf.
#include <openssl/conf.h>
#include <string.h>

#include "support/hand.h"

// ---- Ciphers of TLS 1.2

static const char *const old_ciphers[] = {
    "AES128-GCM-SHA256",      // no forward secrecy
    "ECDHE-RSA-AES128-SHA",   // CBC, and SHA-1
    "ECDHE-RSA-AES256-SHA384" // CBC
};
static const char *const modern_ciphers[] = {
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-CHACHA20-POLY1305", "DHE-RSA-AES128-GCM-SHA256"};
enum { CIPHERS = 3, FINITE_FIELD = 2 };

// Connects to a peer with this cipher only, as a client or a server. Returns the library's stream.
static hand meet(const identity *rsa, const char *cipher, bool is_client, uint32_t accepts_old) {
    const sps_tls_settings settings = {.struct_size = sizeof settings, .old_ciphers = accepts_old};
    hand peer = make_hand(is_client);
    SSL_CTX_set_max_proto_version(peer.context, TLS1_2_VERSION);
    SSL_CTX_set_dh_auto(peer.context, 1);
    ck_assert_int_eq(SSL_CTX_set_cipher_list(peer.context, cipher), 1);
    sps_tls_options *options;
    if (is_client) {
        ck_assert_int_eq(SSL_CTX_use_certificate(peer.context, rsa->x509), 1);
        ck_assert_int_eq(SSL_CTX_use_PrivateKey(peer.context, rsa->pkey), 1);
        options = client_options(&settings);
    } else {
        OK(sps_tls_options_create_server(rsa->key, rsa->certificate, &settings, &options));
    }
    begin_hand(&peer, options);
    DRIVE_HAND_UNTIL(&peer, tls_status(peer.tls) != SPS_TLS_STATUS_HANDSHAKING);
    sps_tls_options_destroy(options);
    return peer;
}

static identity issue_rsa(void) {
    return issue(&(identity_plan){
        .subject = "RSA", .names = "DNS:game.test", .issuer = &authority, .rsa_bits = 2048});
}

START_TEST(old_ciphers_are_an_option) {
    identity rsa = issue_rsa();
    const bool is_client = _i == 0;
    for (int i = 0; i < CIPHERS; i++) {
        hand refused = meet(&rsa, old_ciphers[i], is_client, 0);
        ck_assert_int_eq(tls_status(refused.tls), SPS_TLS_STATUS_ERROR);
        drop_hand(&refused);
        hand accepted = meet(&rsa, old_ciphers[i], is_client, 1);
        ck_assert_int_eq(tls_status(accepted.tls), SPS_TLS_STATUS_CONNECTED);
        drop_hand(&accepted);
    }
    drop_identity(&rsa);
}
END_TEST

START_TEST(modern_ciphers_are_accepted) {
    identity rsa = issue_rsa();
    const bool is_client = _i == 0;
    for (int i = 0; i < (is_client ? CIPHERS : FINITE_FIELD); i++) { // a server needs ECDHE
        hand peer = meet(&rsa, modern_ciphers[i], is_client, 0);
        ck_assert_int_eq(tls_status(peer.tls), SPS_TLS_STATUS_CONNECTED);
        drop_hand(&peer);
    }
    drop_identity(&rsa);
}
END_TEST

// ---- The machine's configuration

// Loads it as OpenSSL does at the start of a program.
static void configure_machine(const char *lines) {
    char text[256];
    const int size = snprintf(text, sizeof text,
                              "openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\n"
                              "system_default = machine\n[machine]\n%s\n",
                              lines);
    BIO *bio = BIO_new_mem_buf(text, size);
    CONF *conf = NCONF_new(NULL);
    ck_assert_int_gt(NCONF_load_bio(conf, bio, NULL), 0);
    ck_assert_int_gt(CONF_modules_load(conf, NULL, 0), 0);
    NCONF_free(conf);
    BIO_free(bio);
}

// Connects to a server with versions up to this one, on a machine with this configuration.
static void expect_version(const char *lines, const sps_tls_settings *settings, int of_server,
                           sps_tls_version expected) {
    hand peer = make_hand(true);
    SSL_CTX_set_max_proto_version(peer.context, of_server);
    configure_machine(lines);
    sps_tls_options *options = client_options(settings);
    begin_hand(&peer, options);
    DRIVE_HAND_UNTIL(&peer, tls_status(peer.tls) != SPS_TLS_STATUS_HANDSHAKING);
    if (expected == SPS_TLS_VERSION_NONE) {
        expect_failure(peer.tls, SPS_TLS_FAILURE_PROTOCOL_VERSION, NULL, NULL);
    } else {
        ck_assert_int_eq(tls_info(peer.tls).version, expected);
    }
    sps_tls_options_destroy(options);
    drop_hand(&peer);
    configure_machine("Options = SessionTicket");
}

START_TEST(the_stricter_version_is_the_default) {
    const sps_tls_settings lowest = {.struct_size = sizeof lowest,
                                     .min_version = SPS_TLS_VERSION_1_2};
    const sps_tls_settings highest = {.struct_size = sizeof highest,
                                      .max_version = SPS_TLS_VERSION_1_3};
    const char *strict = "MinProtocol = TLSv1.3", *loose = "MinProtocol = TLSv1";
    const char *old = "MaxProtocol = TLSv1.2";
    expect_version(strict, NULL, TLS1_3_VERSION, SPS_TLS_VERSION_1_3);
    expect_version(strict, NULL, TLS1_2_VERSION, SPS_TLS_VERSION_NONE);
    expect_version(strict, &lowest, TLS1_2_VERSION, SPS_TLS_VERSION_1_2); // the caller decides
    expect_version(loose, NULL, TLS1_2_VERSION, SPS_TLS_VERSION_1_2);
    expect_version(old, NULL, TLS1_3_VERSION, SPS_TLS_VERSION_1_2);
    expect_version(old, &highest, TLS1_3_VERSION, SPS_TLS_VERSION_1_3);
}
END_TEST

START_TEST(no_version_is_left) {
    const sps_tls_settings old = {.struct_size = sizeof old, .max_version = SPS_TLS_VERSION_1_2};
    sps_tls_options *options;
    configure_machine("MinProtocol = TLSv1.3");
    IS(sps_tls_options_create_client(authority.certificate, NULL, &old, &options),
       SPS_ERR_UNAUTHORIZED);
    configure_machine("Options = SessionTicket");
    OK(sps_tls_options_create_client(authority.certificate, NULL, &old, &options));
    sps_tls_options_destroy(options);
}
END_TEST

// A machine that enables only old ciphers for TLS 1.2 leaves TLS 1.3.
START_TEST(the_ciphers_of_the_machine) {
    expect_version("CipherString = AES128-SHA", NULL, TLS1_2_VERSION, SPS_TLS_VERSION_NONE);
    expect_version("CipherString = AES128-SHA", NULL, TLS1_3_VERSION, SPS_TLS_VERSION_1_3);
    expect_version("CipherString = ECDHE+AESGCM", NULL, TLS1_2_VERSION, SPS_TLS_VERSION_1_2);
}
END_TEST

Suite *tls_policy_suite(void) {
    Suite *suite = suite_create("tls_policy");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, old_ciphers_are_an_option, 0, 2);
    tcase_add_loop_test(all, modern_ciphers_are_accepted, 0, 2);
    tcase_add_test(all, the_stricter_version_is_the_default);
    tcase_add_test(all, no_version_is_left);
    tcase_add_test(all, the_ciphers_of_the_machine);
    return suite;
}
