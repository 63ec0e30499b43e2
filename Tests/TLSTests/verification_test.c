// SPDX-License-Identifier: MIT
//
// The certificates that a client and a server accept, and the sentences for those they reject.
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <unistd.h>

#include "support/links.h"

// Connects with a server of this identity. The client trusts `authority`, and expects this name.
static void expect_rejected(const identity_plan *plan, const char *name, sps_tls_failure failure,
                            const char *first, const char *second) {
    identity made = issue(plan);
    sps_tls_options *client = client_options(NULL), *server;
    OK(sps_tls_options_create_server(made.key, made.certificate, NULL, &server));
    expect_client_failure(client, name, server, failure, first, second);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    drop_identity(&made);
}

START_TEST(expired) {
    const identity_plan plan = {.subject = "Old",
                                .names = "DNS:game.test",
                                .issuer = &authority,
                                .from_days = -30,
                                .until_days = -10};
    expect_rejected(&plan, "game.test", SPS_TLS_FAILURE_EXPIRED, "CN=Old", "expired on 20");
}
END_TEST

START_TEST(not_valid_yet) {
    const identity_plan plan = {.subject = "Early",
                                .names = "DNS:game.test",
                                .issuer = &authority,
                                .from_days = 10,
                                .until_days = 30};
    expect_rejected(&plan, "game.test", SPS_TLS_FAILURE_NOT_YET_VALID, "CN=Early", "clock");
}
END_TEST

START_TEST(an_unknown_issuer) {
    const identity_plan plan = {
        .subject = "Stray", .names = "DNS:game.test", .issuer = &other_authority};
    expect_rejected(&plan, "game.test", SPS_TLS_FAILURE_UNKNOWN_ISSUER, "CN=Stray",
                    "CN=Other Authority");
}
END_TEST

START_TEST(a_missing_intermediate) {
    const identity_plan plan = {.subject = "Deep", .names = "DNS:game.test", .issuer = &middle};
    expect_rejected(&plan, "game.test", SPS_TLS_FAILURE_UNKNOWN_ISSUER, "CN=Middle Authority",
                    "intermediate");
}
END_TEST

START_TEST(signed_by_itself) {
    const identity_plan plan = {.subject = "Me", .names = "DNS:game.test"};
    expect_rejected(&plan, "game.test", SPS_TLS_FAILURE_SELF_SIGNED, "CN=Me", "signed by itself");
}
END_TEST

START_TEST(a_wrong_purpose) {
    const identity_plan plan = {.subject = "A Client",
                                .names = "DNS:game.test",
                                .issuer = &authority,
                                .purpose = "clientAuth"};
    expect_rejected(&plan, "game.test", SPS_TLS_FAILURE_BAD_CERTIFICATE, "CN=A Client", "purpose");
}
END_TEST

// An issuer that is no authority, such as another customer of the same authority.
START_TEST(an_issuer_that_may_not_issue) {
    identity forged =
        issue(&(identity_plan){.subject = "Forged", .names = "DNS:game.test", .issuer = &game});
    const identity *const both[] = {&forged, &game};
    sps_x509_certificate *chain = bundle(both, 2);
    sps_tls_options *client = client_options(NULL), *server;
    OK(sps_tls_options_create_server(forged.key, chain, NULL, &server));
    expect_client_failure(client, "game.test", server, SPS_TLS_FAILURE_BAD_CERTIFICATE,
                          "CN=", NULL);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    sps_x509_certificate_destroy(chain);
    drop_identity(&forged);
}
END_TEST

// ---- Names (RFC 9525)

static bool accepts_name(const char *name) {
    sps_tls_options *client = client_options(NULL), *server = server_options(NULL);
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, name, server);
    finish_handshakes(&link);
    const sps_tls_status status = tls_status(link.client);
    if (status != SPS_TLS_STATUS_CONNECTED) {
        ck_assert_int_eq(status, SPS_TLS_STATUS_ERROR_HOSTNAME_MISMATCH);
        expect_failure(link.client, SPS_TLS_FAILURE_WRONG_NAME, "game.test", "127.0.0.1");
    }
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    return status == SPS_TLS_STATUS_CONNECTED;
}

START_TEST(names_of_the_certificate) {
    static const char *const good[] = {"game.test",     "GAME.test", "game.test.",
                                       "any.wild.test", "127.0.0.1", "::1",
                                       "[::1]",         "::1%lo",    "0:0:0:0:0:0:0:1"};
    static const char *const bad[] = {"test",      "wild.test", "a.b.wild.test", "game.test.evil",
                                      "127.0.0.2", "::2",       "agame.test"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        ck_assert_msg(accepts_name(good[i]), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!accepts_name(bad[i]), "%s", bad[i]);
    }
}
END_TEST

// The common name of a certificate is no host name (RFC 9525, 6.3).
START_TEST(the_subject_is_not_a_name) {
    const identity_plan plan = {.subject = "game.test", .issuer = &authority};
    expect_rejected(&plan, "game.test", SPS_TLS_FAILURE_WRONG_NAME, "no host name", "game.test");
}
END_TEST

START_TEST(names_that_no_server_has) {
    static const char *const bad[] = {
        ".game.test", "*.wild.test", "game..test", "a b", "h\xc3\xa9.test",
        "game/test",  "[",           "[]",         NULL,  ""};
    sps_tls_options *client = client_options(NULL);
    tls_link link = make_link(OVER_PIPE);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        IS(sps_tls_connect_to_stream(link.client, link.client_base, bad[i], client),
           SPS_ERR_INVALID_PARAMETER);
        ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_DISCONNECTED);
    }
    char longest[300];
    memset(longest, 'a', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    IS(sps_tls_connect_to_stream(link.client, link.client_base, longest, client),
       SPS_ERR_INVALID_PARAMETER);
    drop_link(&link);
    sps_tls_options_destroy(client);
}
END_TEST

START_TEST(an_override_replaces_the_name) {
    sps_tls_options *client, *server = server_options(NULL);
    OK(sps_tls_options_create_client(authority.certificate, "game.test", NULL, &client));
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, "192.0.2.1", server);
    finish_handshakes(&link);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    ck_assert_str_eq(tls_info(link.server).server_name, "game.test");
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}
END_TEST

// A certificate that is trusted itself ends its chain.
START_TEST(a_pinned_certificate) {
    sps_tls_options *pinned, *other, *server = server_options(NULL);
    OK(sps_tls_options_create_client(game.certificate, NULL, NULL, &pinned));
    OK(sps_tls_options_create_client(deep.certificate, NULL, NULL, &other));
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, pinned, "game.test", server);
    finish_handshakes(&link);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    drop_link(&link);
    expect_client_failure(other, "game.test", server, SPS_TLS_FAILURE_UNKNOWN_ISSUER,
                          "Test Authority", NULL);
    sps_tls_options_destroy(pinned);
    sps_tls_options_destroy(other);
    sps_tls_options_destroy(server);
}
END_TEST

// An unsafe client with a trusted chain verifies the chain, and no name.
START_TEST(an_unsafe_client_with_a_chain) {
    sps_tls_options *client, *server = server_options(NULL), *stranger;
    OK(sps_tls_options_create_client_unsafe(authority.certificate, NULL, &client));
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, "other.test", server);
    finish_handshakes(&link);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    drop_link(&link);
    identity stray = issue(&(identity_plan){.subject = "Stray", .issuer = &other_authority});
    OK(sps_tls_options_create_server(stray.key, stray.certificate, NULL, &stranger));
    expect_client_failure(client, "other.test", stranger, SPS_TLS_FAILURE_UNKNOWN_ISSUER,
                          "Other Authority", NULL);
    drop_identity(&stray);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    sps_tls_options_destroy(stranger);
}
END_TEST

// The time of verification is the caller's to choose, for a simulated network.
START_TEST(certificates_of_another_time) {
    const sps_tls_settings past = {.struct_size = sizeof past, .verify_time_s = 1000000000};
    const sps_tls_settings future = {.struct_size = sizeof future, .verify_time_s = 4000000000};
    sps_tls_options *server = server_options(NULL), *client = client_options(&past);
    expect_client_failure(client, "game.test", server, SPS_TLS_FAILURE_NOT_YET_VALID, NULL, NULL);
    sps_tls_options_destroy(client);
    client = client_options(&future);
    expect_client_failure(client, "game.test", server, SPS_TLS_FAILURE_EXPIRED, NULL, NULL);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}
END_TEST

// OpenSSL cannot use a list that knows some reasons only (RFC 5280, 5.2.5).
static void limit_reasons(X509_CRL *list) {
    ISSUING_DIST_POINT *point = ISSUING_DIST_POINT_new();
    point->onlysomereasons = ASN1_BIT_STRING_new();
    ASN1_BIT_STRING_set_bit(point->onlysomereasons, 1, 1);
    ck_assert_int_eq(X509_CRL_add1_ext_i2d(list, NID_issuing_distribution_point, point, 1, 0), 1);
    ISSUING_DIST_POINT_free(point);
}

// The list of revoked certificates of an authority, as PEM. The caller frees the BIO.
static BIO *list_revoked(const identity *issuer, const identity *revoked, bool is_limited) {
    X509_CRL *list = X509_CRL_new();
    ASN1_TIME *now = X509_gmtime_adj(NULL, -60), *next = X509_gmtime_adj(NULL, 3600);
    X509_CRL_set_version(list, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer->x509));
    X509_CRL_set1_lastUpdate(list, now);
    X509_CRL_set1_nextUpdate(list, next);
    if (revoked != NULL) {
        X509_REVOKED *entry = X509_REVOKED_new();
        X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(revoked->x509));
        X509_REVOKED_set_revocationDate(entry, now);
        X509_CRL_add0_revoked(list, entry);
    }
    if (is_limited) {
        limit_reasons(list);
    }
    X509_CRL_sign(list, issuer->pkey, EVP_sha256());
    BIO *bio = BIO_new(BIO_s_mem());
    ck_assert_int_eq(PEM_write_bio_X509_CRL(bio, list), 1);
    X509_CRL_free(list);
    ASN1_TIME_free(now);
    ASN1_TIME_free(next);
    return bio;
}

START_TEST(a_revoked_certificate) {
    BIO *bio = list_revoked(&authority, _i == 0 ? &game : NULL, false);
    char *text;
    const long size = BIO_get_mem_data(bio, &text);
    const sps_tls_settings settings = {
        .struct_size = sizeof settings, .revocation_lists = text, .revocation_bytes = (size_t)size};
    sps_tls_options *client = client_options(&settings), *server = server_options(NULL), *none;
    if (_i == 0) {
        expect_client_failure(client, "game.test", server, SPS_TLS_FAILURE_REVOKED, "CN=A Game",
                              "revoked");
    } else {
        tls_link link = make_link(OVER_PIPE);
        begin_link(&link, client, "game.test", server);
        finish_handshakes(&link);
        ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
        drop_link(&link);
    }
    const sps_tls_settings bad = {
        .struct_size = sizeof bad, .revocation_lists = "none", .revocation_bytes = 4};
    IS(sps_tls_options_create_client(authority.certificate, NULL, &bad, &none),
       SPS_ERR_INVALID_DATA);
    // Without a chain of the caller's nothing would be checked.
    IS(sps_tls_options_create_client(NULL, NULL, &settings, &none), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tls_options_create_client_unsafe(NULL, &settings, &none), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tls_options_create_server(game.key, game.certificate, &settings, &none),
       SPS_ERR_INVALID_PARAMETER);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    BIO_free(bio);
}
END_TEST

static size_t add_text(BIO *bio, char *out, size_t used) {
    char *text;
    const long size = BIO_get_mem_data(bio, &text);
    memcpy(out + used, text, (size_t)size);
    BIO_free(bio);
    return used + (size_t)size;
}

// The chain of `deep` has the authority `middle`, which `authority` may have revoked. 0: revoked,
// 1: not revoked, 2: without its list, 3: without the list of `middle`, 4: revoked by a list that
// cannot be used.
START_TEST(a_revoked_authority) {
    char lists[8192];
    size_t size = 0;
    if (_i != 3) {
        size = add_text(list_revoked(&middle, NULL, false), lists, size);
    }
    if (_i != 2) {
        const bool revokes = _i == 0 || _i == 4;
        size = add_text(list_revoked(&authority, revokes ? &middle : NULL, _i == 4), lists, size);
    }
    const sps_tls_settings settings = {
        .struct_size = sizeof settings, .revocation_lists = lists, .revocation_bytes = size};
    const identity *const chain[] = {&deep, &middle};
    sps_x509_certificate *shown = bundle(chain, 2);
    sps_tls_options *client = client_options(&settings), *server;
    OK(sps_tls_options_create_server(deep.key, shown, NULL, &server));
    if (_i == 0) {
        expect_client_failure(client, "game.test", server, SPS_TLS_FAILURE_REVOKED, "Middle",
                              "revoked");
    } else if (_i >= 3) {
        expect_client_failure(client, "game.test", server, SPS_TLS_FAILURE_BAD_CERTIFICATE, "CRL",
                              NULL);
    } else {
        tls_link link = make_link(OVER_PIPE);
        begin_link(&link, client, "game.test", server);
        finish_handshakes(&link);
        ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
        drop_link(&link);
    }
    sps_x509_certificate_destroy(shown);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}
END_TEST

// A file of trusted certificates that cannot be read is named, and is tried again.
START_TEST(an_unreadable_file_of_certificates) {
    char folder[] = "/tmp/sps-tls-XXXXXX", path[64];
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/trusted.pem", folder);
    setenv("SSL_CERT_FILE", path, 1);
    unsetenv("SSL_CERT_DIR");
    sps_tls_options *client, *server = server_options(NULL);
    IS(sps_tls_options_create_client(NULL, NULL, NULL, &client), SPS_ERR_UNAVAILABLE);
    setenv("SSL_CERT_DIR", folder, 1);
    OK(sps_tls_options_create_client(NULL, NULL, NULL, &client));
    expect_client_failure(client, "game.test", server, SPS_TLS_FAILURE_UNKNOWN_ISSUER,
                          "SSL_CERT_FILE", path);
    sps_tls_options_destroy(client);
    OK(sps_x509_certificate_save(authority.certificate, path));
    OK(sps_tls_options_create_client(NULL, NULL, NULL, &client));
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, "game.test", server);
    finish_handshakes(&link);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    unsetenv("SSL_CERT_FILE");
    unsetenv("SSL_CERT_DIR");
    unlink(path);
    rmdir(folder);
}
END_TEST

// A hostile certificate must not write to the terminal of a log.
START_TEST(control_characters_are_replaced) {
    const identity_plan plan = {
        .subject = "\x1b[31mred\nline", .names = "DNS:game.test", .issuer = &other_authority};
    identity made = issue(&plan);
    sps_tls_options *client = client_options(NULL), *server;
    OK(sps_tls_options_create_server(made.key, made.certificate, NULL, &server));
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, "game.test", server);
    finish_handshakes(&link);
    const char *message;
    OK(sps_tls_get_message(link.client, &message));
    for (const char *each = message; *each != '\0'; each++) {
        ck_assert(*each >= ' ' && *each < 0x7f);
    }
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    drop_identity(&made);
}
END_TEST

// ---- Certificates of clients

static tls_link with_client_certificate(const identity *client, sps_tls_client_certificates demand,
                                        sps_tls_version version) {
    const sps_tls_settings of_client = {
        .struct_size = sizeof of_client,
        .max_version = version,
        .certificate = client != NULL ? client->certificate : NULL,
        .key = client != NULL ? client->key : NULL,
    };
    const sps_tls_settings of_server = {
        .struct_size = sizeof of_server,
        .client_certificates = demand,
        .client_trusted_chain = authority.certificate,
    };
    sps_tls_options *one = client_options(&of_client), *other = server_options(&of_server);
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, one, "game.test", other);
    finish_handshakes(&link);
    sps_tls_options_destroy(one);
    sps_tls_options_destroy(other);
    return link;
}

static const sps_tls_version versions[] = {SPS_TLS_VERSION_1_2, SPS_TLS_VERSION_1_3};

START_TEST(a_client_shows_its_certificate) {
    tls_link link =
        with_client_certificate(&player, SPS_TLS_CLIENT_CERTIFICATE_REQUIRED, versions[_i]);
    ck_assert_int_eq(tls_status(link.server), SPS_TLS_STATUS_CONNECTED);
    sps_x509_certificate *shown;
    OK(sps_tls_get_peer_certificate(link.server, &shown));
    sps_x509_info info = {.struct_size = sizeof info};
    OK(sps_x509_certificate_get_info(shown, 0, &info));
    ck_assert_str_eq(info.subject, "CN=A Player");
    sps_x509_certificate_destroy(shown);
    expect_delivery(&link, link.client, link.server, "it is me");
    drop_link(&link);
}
END_TEST

START_TEST(a_client_without_the_required_certificate) {
    tls_link link =
        with_client_certificate(NULL, SPS_TLS_CLIENT_CERTIFICATE_REQUIRED, versions[_i]);
    ck_assert_int_eq(tls_status(link.server), SPS_TLS_STATUS_ERROR);
    expect_failure(link.server, SPS_TLS_FAILURE_NO_CERTIFICATE, "certificate", NULL);
    // With TLS 1.3 a client is connected before the server judges. It learns of it when it reads.
    DRIVE_UNTIL(&link, tls_status(link.client) == SPS_TLS_STATUS_ERROR);
    sps_tls_failure failure;
    OK(sps_tls_get_failure(link.client, &failure));
    ck_assert_int_eq(failure,
                     _i == 1 ? SPS_TLS_FAILURE_NO_CERTIFICATE : SPS_TLS_FAILURE_PEER_ALERT);
    drop_link(&link);
}
END_TEST

START_TEST(an_optional_certificate) {
    tls_link link =
        with_client_certificate(NULL, SPS_TLS_CLIENT_CERTIFICATE_OPTIONAL, versions[_i]);
    ck_assert_int_eq(tls_status(link.server), SPS_TLS_STATUS_CONNECTED);
    sps_x509_certificate *shown;
    IS(sps_tls_get_peer_certificate(link.server, &shown), SPS_ERR_DOES_NOT_EXIST);
    drop_link(&link);
    identity stray = issue(&(identity_plan){.subject = "Stray", .issuer = &other_authority});
    link = with_client_certificate(&stray, SPS_TLS_CLIENT_CERTIFICATE_OPTIONAL, versions[_i]);
    ck_assert_int_eq(tls_status(link.server), SPS_TLS_STATUS_ERROR);
    expect_failure(link.server, SPS_TLS_FAILURE_UNKNOWN_ISSUER, "client", "Other Authority");
    DRIVE_UNTIL(&link, tls_status(link.client) == SPS_TLS_STATUS_ERROR);
    expect_failure(link.client, SPS_TLS_FAILURE_PEER_ALERT, "alert 48", "unknown_ca");
    drop_link(&link);
    drop_identity(&stray);
}
END_TEST

Suite *tls_verification_suite(void) {
    Suite *suite = suite_create("tls_verification");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_test(all, expired);
    tcase_add_test(all, not_valid_yet);
    tcase_add_test(all, an_unknown_issuer);
    tcase_add_test(all, a_missing_intermediate);
    tcase_add_test(all, signed_by_itself);
    tcase_add_test(all, a_wrong_purpose);
    tcase_add_test(all, an_issuer_that_may_not_issue);
    tcase_add_test(all, names_of_the_certificate);
    tcase_add_test(all, the_subject_is_not_a_name);
    tcase_add_test(all, names_that_no_server_has);
    tcase_add_test(all, an_override_replaces_the_name);
    tcase_add_test(all, a_pinned_certificate);
    tcase_add_test(all, an_unsafe_client_with_a_chain);
    tcase_add_test(all, certificates_of_another_time);
    tcase_add_loop_test(all, a_revoked_certificate, 0, 2);
    tcase_add_loop_test(all, a_revoked_authority, 0, 5);
    tcase_add_test(all, an_unreadable_file_of_certificates);
    tcase_add_test(all, control_characters_are_replaced);
    tcase_add_loop_test(all, a_client_shows_its_certificate, 0, 2);
    tcase_add_loop_test(all, a_client_without_the_required_certificate, 0, 2);
    tcase_add_loop_test(all, an_optional_certificate, 0, 2);
    return suite;
}
