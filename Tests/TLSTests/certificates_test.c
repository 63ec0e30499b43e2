// SPDX-License-Identifier: MIT
//
// Certificates, keys and options as objects: load, save, describe, and every bad argument.
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/identities.h"

static char folder[] = "/tmp/sps-certificates-XXXXXX";
static char path[128];

static const char *file(const char *name) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void make_folder(void) {
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void drop_folder(void) {
    unlink(file("one"));
    rmdir(folder);
}

static void write_file(const char *name, const void *data, size_t size) {
    FILE *out = fopen(file(name), "wb");
    ck_assert_ptr_nonnull(out);
    ck_assert_uint_eq(fwrite(data, 1, size, out), size);
    fclose(out);
}

static size_t count_of(const sps_x509_certificate *certificate) {
    size_t count;
    OK(sps_x509_certificate_get_count(certificate, &count));
    return count;
}

// ---- Certificates

START_TEST(certificates_survive_saving) {
    const identity *const both[] = {&deep, &middle};
    sps_x509_certificate *chain = bundle(both, 2), *loaded;
    OK(sps_x509_certificate_create(&loaded));
    OK(sps_x509_certificate_save(chain, file("one")));
    OK(sps_x509_certificate_load(loaded, file("one")));
    ck_assert_uint_eq(count_of(loaded), 2);
    const char *text, *again;
    size_t size, again_size;
    OK(sps_x509_certificate_save_to_string(chain, &text, &size));
    ck_assert_uint_eq(strlen(text), size);
    ck_assert_int_eq(strncmp(text, "-----BEGIN CERTIFICATE-----\n", 28), 0);
    OK(sps_x509_certificate_load_from_string(loaded, text, size));
    OK(sps_x509_certificate_save_to_string(loaded, &again, &again_size));
    ck_assert_str_eq(text, again);
    sps_x509_certificate_destroy(chain);
    sps_x509_certificate_destroy(loaded);
}
END_TEST

START_TEST(text_around_a_certificate_is_skipped) {
    const char *pem;
    size_t size;
    OK(sps_x509_certificate_save_to_string(game.certificate, &pem, &size));
    char text[8192];
    snprintf(text, sizeof text, "Issuer: somebody\n%snotes\n%s\n", pem, pem);
    sps_x509_certificate *loaded;
    OK(sps_x509_certificate_create(&loaded));
    OK(sps_x509_certificate_load_from_string(loaded, text, strlen(text)));
    ck_assert_uint_eq(count_of(loaded), 2);
    sps_x509_certificate_destroy(loaded);
}
END_TEST

START_TEST(bad_certificates_change_nothing) {
    static const char *const bad[] = {
        "", "nothing", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\nMIIB"};
    sps_x509_certificate *loaded;
    OK(sps_x509_certificate_create(&loaded));
    const char *text;
    size_t size;
    IS(sps_x509_certificate_save_to_string(loaded, &text, &size), SPS_ERR_UNCONFIGURED);
    IS(sps_x509_certificate_save(loaded, file("one")), SPS_ERR_UNCONFIGURED);
    ck_assert_uint_eq(count_of(loaded), 0);
    OK(sps_x509_certificate_save_to_string(game.certificate, &text, &size));
    OK(sps_x509_certificate_load_from_string(loaded, text, size));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        IS(sps_x509_certificate_load_from_string(loaded, bad[i], strlen(bad[i])),
           SPS_ERR_INVALID_DATA);
    }
    uint8_t *der = NULL;
    const int der_size = i2d_X509(game.x509, &der);
    for (int cut = 1; cut < der_size; cut += 7) {
        IS(sps_x509_certificate_load_from_memory(loaded, der, (size_t)cut), SPS_ERR_INVALID_DATA);
    }
    OPENSSL_free(der);
    IS(sps_x509_certificate_load(loaded, file("none")), SPS_ERR_FILE_NOT_FOUND);
    IS(sps_x509_certificate_load(loaded, folder), SPS_ERR_FILE_CANT_READ);
    IS(sps_x509_certificate_save(loaded, "/nowhere/file"), SPS_ERR_FILE_CANT_OPEN);
    IS(sps_x509_certificate_save(loaded, "/dev/full"), SPS_ERR_FILE_CANT_WRITE);
    ck_assert_uint_eq(count_of(loaded), 1);
    sps_x509_certificate_destroy(loaded);
}
END_TEST

START_TEST(a_certificate_describes_itself) {
    sps_x509_info info = {.struct_size = sizeof info};
    OK(sps_x509_certificate_get_info(game.certificate, 0, &info));
    ck_assert_str_eq(info.subject, "CN=A Game");
    ck_assert_str_eq(info.issuer, "CN=Test Authority");
    ck_assert_str_eq(info.names, "game.test, *.wild.test, 127.0.0.1, 0:0:0:0:0:0:0:1");
    ck_assert_uint_eq(strlen(info.fingerprint), 64);
    ck_assert_int_eq(info.is_authority, 0);
    ck_assert_int_eq(info.valid_until_s - info.valid_from_s, 31 * 24 * 60 * 60);
    OK(sps_x509_certificate_get_info(authority.certificate, 0, &info));
    ck_assert_int_eq(info.is_authority, 1);
    ck_assert_str_eq(info.names, "");
    IS(sps_x509_certificate_get_info(game.certificate, 1, &info), SPS_ERR_DOES_NOT_EXIST);
    sps_x509_info older = {.struct_size = offsetof(sps_x509_info, subject)};
    OK(sps_x509_certificate_get_info(game.certificate, 0, &older));
    ck_assert_ptr_null(older.subject); // a field that the caller does not know
}
END_TEST

// ---- Keys

START_TEST(keys_survive_saving) {
    sps_crypto_key *loaded;
    OK(sps_crypto_key_create(&loaded));
    bool is_public;
    OK(sps_crypto_key_is_public_only(loaded, &is_public));
    ck_assert(!is_public);
    OK(sps_crypto_key_save(game.key, file("one"), false));
    struct stat state;
    ck_assert_int_eq(stat(path, &state), 0);
    ck_assert_int_eq(state.st_mode & 0777, 0600);
    OK(sps_crypto_key_load(loaded, file("one"), false));
    sps_tls_options *server;
    OK(sps_tls_options_create_server(loaded, game.certificate, NULL, &server));
    sps_tls_options_destroy(server);
    const char *text;
    size_t size;
    OK(sps_crypto_key_save_to_string(loaded, false, &text, &size));
    ck_assert_int_eq(strncmp(text, "-----BEGIN PRIVATE KEY-----\n", 28), 0);
    OK(sps_crypto_key_save_to_string(loaded, true, &text, &size));
    ck_assert_int_eq(strncmp(text, "-----BEGIN PUBLIC KEY-----\n", 27), 0);
    write_file("one", text, size);
    OK(sps_crypto_key_load(loaded, file("one"), true));
    OK(sps_crypto_key_is_public_only(loaded, &is_public));
    ck_assert(is_public);
    IS(sps_crypto_key_save_to_string(loaded, false, &text, &size), SPS_ERR_UNCONFIGURED);
    ck_assert_ptr_null(text);
    IS(sps_tls_options_create_server(loaded, game.certificate, NULL, &server),
       SPS_ERR_UNCONFIGURED);
    sps_crypto_key_destroy(loaded);
}
END_TEST

// The next call wipes the text of a private key.
START_TEST(the_text_of_a_key_is_wiped) {
    const char *text;
    size_t size;
    OK(sps_crypto_key_save_to_string(game.key, false, &text, &size));
    char copy[64];
    memcpy(copy, text, sizeof copy);
    ck_assert_mem_eq(text, copy, sizeof copy);
    const char *next;
    OK(sps_crypto_key_save_to_string(game.key, true, &next, &size));
    ck_assert_ptr_null(strstr(next, "PRIVATE"));
}
END_TEST

START_TEST(bad_keys) {
    sps_crypto_key *key;
    OK(sps_crypto_key_create(&key));
    const char *text;
    size_t size;
    IS(sps_crypto_key_save_to_string(key, true, &text, &size), SPS_ERR_UNCONFIGURED);
    IS(sps_crypto_key_load_from_string(key, "nothing", 7, false), SPS_ERR_INVALID_DATA);
    IS(sps_crypto_key_load_from_memory(key, NULL, 0, false), SPS_ERR_INVALID_DATA);
    OK(sps_crypto_key_save_to_string(game.key, true, &text, &size));
    IS(sps_crypto_key_load_from_string(key, text, size, false), SPS_ERR_INVALID_DATA);
    BIO *bio = BIO_new(BIO_s_mem());
    ck_assert_int_eq(
        PEM_write_bio_PKCS8PrivateKey(bio, game.pkey, EVP_aes_128_cbc(), "secret", 6, NULL, NULL),
        1);
    char *encrypted;
    const long encrypted_size = BIO_get_mem_data(bio, &encrypted);
    IS(sps_crypto_key_load_from_string(key, encrypted, (size_t)encrypted_size, false),
       SPS_ERR_UNAUTHORIZED); // and nothing asks on the terminal
    BIO_free(bio);
    IS(sps_crypto_key_load(key, file("none"), false), SPS_ERR_FILE_NOT_FOUND);
    sps_crypto_key_destroy(key);
}
END_TEST

// ---- Options

START_TEST(options_return_what_they_were_made_of) {
    sps_tls_options *client, *server, *loose;
    OK(sps_tls_options_create_client(authority.certificate, "game.test.", NULL, &client));
    OK(sps_tls_options_create_client_unsafe(NULL, NULL, &loose));
    OK(sps_tls_options_create_server(game.key, game.certificate, NULL, &server));
    bool answer;
    OK(sps_tls_options_is_server(client, &answer));
    ck_assert(!answer);
    OK(sps_tls_options_is_server(server, &answer));
    ck_assert(answer);
    OK(sps_tls_options_is_unsafe_client(loose, &answer));
    ck_assert(answer);
    OK(sps_tls_options_is_unsafe_client(client, &answer));
    ck_assert(!answer);
    const char *name;
    OK(sps_tls_options_get_common_name_override(client, &name));
    ck_assert_str_eq(name, "game.test");
    sps_x509_certificate *chain;
    OK(sps_tls_options_get_trusted_ca_chain(client, &chain));
    ck_assert_uint_eq(count_of(chain), 1);
    sps_x509_certificate_destroy(chain);
    OK(sps_tls_options_get_trusted_ca_chain(loose, &chain));
    ck_assert_ptr_null(chain);
    OK(sps_tls_options_get_own_certificate(server, &chain));
    ck_assert_uint_eq(count_of(chain), 1);
    sps_x509_certificate_destroy(chain);
    sps_crypto_key *key;
    OK(sps_tls_options_get_private_key(server, &key));
    ck_assert_ptr_nonnull(key);
    sps_crypto_key_destroy(key);
    OK(sps_tls_options_get_private_key(client, &key));
    ck_assert_ptr_null(key);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    sps_tls_options_destroy(loose);
}
END_TEST

static void expect_bad_settings(const sps_tls_settings *settings, sps_error code) {
    sps_tls_options *options;
    IS(sps_tls_options_create_client(authority.certificate, NULL, settings, &options), code);
    ck_assert_ptr_null(options);
}

START_TEST(bad_settings) {
    static const char *const empty[] = {""};
    char long_name[257];
    memset(long_name, 'a', 256);
    long_name[256] = '\0';
    const char *const too_long[] = {long_name};
    const uint32_t size = sizeof(sps_tls_settings);
    const sps_error bad = SPS_ERR_INVALID_PARAMETER;
    expect_bad_settings(&(sps_tls_settings){0}, bad);
    expect_bad_settings(&(sps_tls_settings){.struct_size = size, .min_version = 0x302}, bad);
    expect_bad_settings(&(sps_tls_settings){.struct_size = size,
                                            .min_version = SPS_TLS_VERSION_1_3,
                                            .max_version = SPS_TLS_VERSION_1_2},
                        bad);
    expect_bad_settings(
        &(sps_tls_settings){.struct_size = size, .protocols = empty, .protocol_count = 1}, bad);
    expect_bad_settings(
        &(sps_tls_settings){.struct_size = size, .protocols = too_long, .protocol_count = 1}, bad);
    expect_bad_settings(&(sps_tls_settings){.struct_size = size, .protocol_count = 1}, bad);
    expect_bad_settings(&(sps_tls_settings){.struct_size = size, .client_certificates = 3}, bad);
    expect_bad_settings(&(sps_tls_settings){.struct_size = size, .certificate = player.certificate},
                        bad);
    expect_bad_settings(&(sps_tls_settings){.struct_size = size,
                                            .certificate = player.certificate,
                                            .key = game.key},
                        SPS_ERR_INVALID_DATA);
}
END_TEST

START_TEST(a_server_needs_its_own_key) {
    sps_tls_options *options;
    sps_x509_certificate *none;
    OK(sps_x509_certificate_create(&none));
    IS(sps_tls_options_create_server(NULL, game.certificate, NULL, &options),
       SPS_ERR_INVALID_PARAMETER);
    IS(sps_tls_options_create_server(game.key, NULL, NULL, &options), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tls_options_create_server(game.key, none, NULL, &options), SPS_ERR_UNCONFIGURED);
    IS(sps_tls_options_create_server(player.key, game.certificate, NULL, &options),
       SPS_ERR_INVALID_DATA);
    IS(sps_tls_options_create_client(none, NULL, NULL, &options), SPS_ERR_UNCONFIGURED);
    IS(sps_tls_options_create_client(NULL, "*.test", NULL, &options), SPS_ERR_INVALID_PARAMETER);
    identity weak = issue(&(identity_plan){.subject = "Weak", .rsa_bits = 1024});
    IS(sps_tls_options_create_server(weak.key, weak.certificate, NULL, &options),
       SPS_ERR_UNAUTHORIZED);
    drop_identity(&weak);
    const sps_tls_settings settings = {.struct_size = sizeof settings,
                                       .client_certificates = SPS_TLS_CLIENT_CERTIFICATE_REQUIRED};
    IS(sps_tls_options_create_server(game.key, game.certificate, &settings, &options),
       SPS_ERR_INVALID_PARAMETER);
    sps_x509_certificate_destroy(none);
}
END_TEST

START_TEST(calls_on_other_streams_and_null) {
    sps_stream *tcp, *tls, *found;
    OK(sps_tcp_create(NULL, &tcp));
    OK(sps_tls_create(NULL, &tls));
    sps_tls_options *client, *server;
    OK(sps_tls_options_create_client(authority.certificate, NULL, NULL, &client));
    OK(sps_tls_options_create_server(game.key, game.certificate, NULL, &server));
    sps_tls_status status;
    sps_tls_info info = {.struct_size = sizeof info};
    sps_x509_certificate *peer;
    IS(sps_tls_poll(tcp), SPS_ERR_UNAVAILABLE);
    IS(sps_tls_poll(NULL), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tls_get_status(tcp, &status), SPS_ERR_UNAVAILABLE);
    IS(sps_tls_disconnect_from_stream(tcp), SPS_ERR_UNAVAILABLE);
    IS(sps_tls_get_info(tls, &info), SPS_ERR_UNCONFIGURED);
    IS(sps_tls_get_peer_certificate(tls, &peer), SPS_ERR_UNCONFIGURED);
    IS(sps_tls_close_gracefully(tls, 0), SPS_FAILED);
    IS(sps_tls_shutdown_write(tls), SPS_FAILED);
    OK(sps_tls_poll(tls));
    OK(sps_tls_disconnect_from_stream(tls));
    OK(sps_tls_get_stream(tls, &found));
    ck_assert_ptr_null(found);
    IS(sps_tls_connect_to_stream(tls, NULL, "game.test", client), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tls_connect_to_stream(tls, tls, "game.test", client), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tls_connect_to_stream(tls, tcp, "game.test", client), SPS_ERR_CONNECTION_ERROR);
    IS(sps_tls_accept_stream(tls, tcp, server), SPS_ERR_CONNECTION_ERROR);
    sps_stream *memory;
    OK(sps_buffer_create(NULL, &memory));
    IS(sps_tls_connect_to_stream(tls, memory, "game.test", server), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tls_accept_stream(tls, memory, client), SPS_ERR_INVALID_PARAMETER);
    IS(sps_tls_accept_stream(tls, memory, NULL), SPS_ERR_INVALID_PARAMETER);
    const sps_stream_options no_size = {0};
    IS(sps_tls_create(&no_size, &found), SPS_ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(found);
    sps_stream_destroy(tls);
    sps_stream_destroy(memory);
    sps_stream_destroy(tcp);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
    sps_tls_options_destroy(NULL);
    sps_crypto_key_destroy(NULL);
    sps_x509_certificate_destroy(NULL);
}
END_TEST

Suite *tls_certificates_suite(void) {
    Suite *suite = suite_create("tls_certificates");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_checked_fixture(all, make_folder, drop_folder);
    tcase_add_test(all, certificates_survive_saving);
    tcase_add_test(all, text_around_a_certificate_is_skipped);
    tcase_add_test(all, bad_certificates_change_nothing);
    tcase_add_test(all, a_certificate_describes_itself);
    tcase_add_test(all, keys_survive_saving);
    tcase_add_test(all, the_text_of_a_key_is_wiped);
    tcase_add_test(all, bad_keys);
    tcase_add_test(all, options_return_what_they_were_made_of);
    tcase_add_test(all, bad_settings);
    tcase_add_test(all, a_server_needs_its_own_key);
    tcase_add_test(all, calls_on_other_streams_and_null);
    return suite;
}
