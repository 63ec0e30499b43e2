// SPDX-License-Identifier: MIT
//
// SPSTLSOptions: certificates and settings as properties.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/secure.h"
#include "support/sockets.h"

enum { GD_ERR_FILE_NOT_FOUND = 7, GD_ERR_INVALID_DATA = 30 };

static host_object *new_options(int convention) {
    call_by(convention);
    return host_new("SPSTLSOptions");
}

START_TEST(properties_are_kept) {
    host_object *options = new_options(_i);
    DO(options, "set_common_name_override", text("game.test"));
    expect_text(CALL(options, "get_common_name_override"), "game.test");
    DO(options, "set_key_log_path", text("/tmp/nowhere/keys"));
    expect_text(CALL(options, "get_key_log_path"), "/tmp/nowhere/keys");
    DO(options, "set_min_version", whole(SPS_TLS_VERSION_1_3));
    ck_assert_int_eq(INT(options, "get_min_version"), SPS_TLS_VERSION_1_3);
    DO(options, "set_verify_time_s", whole(1700000000));
    ck_assert_int_eq(INT(options, "get_verify_time_s"), 1700000000);
    DO(options, "set_old_ciphers", truth(true));
    ck_assert(BOOL(options, "get_old_ciphers"));
    DO(options, "set_protocols", strings("h2"));
    const slot protocols = CALL(options, "get_protocols");
    ck_assert_uint_eq(host_contents(GODOT_PACKED_STRING_ARRAY, host_inside(&protocols))->count, 1);
    drop(protocols);
    DO(options, "set_client_certificates", whole(3));
    expect_message("SPSTLSOptions.set_client_certificates");
    ck_assert_int_eq(INT(options, "get_client_certificates"), 0);
    host_drop(options);
}
END_TEST

START_TEST(bad_material_is_refused) {
    host_object *options = new_options(_i);
    DO(options, "set_trusted_chain", text("/no/such/file.pem"));
    ck_assert_int_eq(INT(options, "prepare", truth(false)), GD_ERR_FILE_NOT_FOUND);
    DO(options, "set_trusted_chain", text("-----BEGIN CERTIFICATE-----\nx\n"));
    ck_assert_int_eq(INT(options, "prepare", truth(false)), GD_ERR_INVALID_DATA);
    DO(options, "set_trusted_chain", text(""));
    DO(options, "set_key", text("-----BEGIN PRIVATE KEY-----\nx\n"));
    ck_assert_int_eq(INT(options, "prepare", truth(true)), GD_ERR_INVALID_DATA);
    DO(options, "set_key", text(""));
    ck_assert_int_eq(INT(options, "prepare", truth(true)), GD_ERR_INVALID_PARAMETER);
    host_drop(options);
    options = trusting(&authority);
    DO(options, "set_protocols", strings(""));
    ck_assert_int_eq(INT(options, "prepare", truth(false)), GD_ERR_INVALID_PARAMETER);
    DO(options, "set_protocols", strings(NULL));
    DO(options, "set_revocation_lists", text("no list"));
    ck_assert_int_eq(INT(options, "prepare", truth(false)), GD_ERR_INVALID_DATA);
    DO(options, "set_revocation_lists", text(""));
    DO(options, "set_min_version", whole(5));
    ck_assert_int_eq(INT(options, "prepare", truth(false)), GD_ERR_INVALID_PARAMETER);
    DO(options, "set_min_version", whole(SPS_TLS_VERSION_NONE));
    ck_assert_int_eq(INT(options, "prepare", truth(false)), GD_OK);
    host_drop(options);
}
END_TEST

// Certificates and keys may be files.
START_TEST(material_can_be_in_files) {
    const place certificate = new_path(), key = new_path();
    host_object *options = new_options(_i);
    OK(sps_x509_certificate_save(game.certificate, certificate.path));
    OK(sps_crypto_key_save(game.key, key.path, false));
    DO(options, "set_certificate", text(certificate.path));
    DO(options, "set_key", text(key.path));
    ck_assert_int_eq(INT(options, "prepare", truth(true)), GD_OK);
    unlink(certificate.path);
    unlink(key.path);
    secure secure = begin_secure(trusting(&authority), "game.test", options);
    settle_secure(&secure);
    ck_assert_int_eq(INT(secure.client, "get_status"), TLS_CONNECTED);
    close_secure(&secure);
}
END_TEST

static bool resumes(host_object *trust, host_object *own) {
    host_reference(trust);
    host_reference(own);
    secure secure = begin_secure(trust, "game.test", own);
    settle_secure(&secure);
    DO(secure.server, "put_u8", whole(1)); // the ticket comes before it
    WAIT_UNTIL((DO(secure.client, "poll"), available(secure.client) > 0));
    const slot info = CALL(secure.client, "get_tls_info");
    const bool is_resumed =
        *(const uint8_t *)host_inside(host_value_of_key(host_inside(&info), "is_resumed")) != 0;
    drop(info);
    close_secure(&secure);
    return is_resumed;
}

// The options hold the sessions, until they change.
START_TEST(the_same_options_resume_a_session) {
    call_by(_i);
    host_object *trust = trusting(&authority), *own = being(&game);
    ck_assert(!resumes(trust, own));
    ck_assert(resumes(trust, own));
    DO(trust, "set_old_ciphers", truth(false));
    ck_assert(!resumes(trust, own));
    host_drop(trust);
    host_drop(own);
}
END_TEST

Suite *tls_options_suite(void) {
    Suite *suite = suite_create("tls-options");
    TCase *test_case = add_secure_case(suite, "tls-options");
    BY_BOTH(test_case, properties_are_kept);
    BY_BOTH(test_case, bad_material_is_refused);
    BY_BOTH(test_case, material_can_be_in_files);
    BY_BOTH(test_case, the_same_options_resume_a_session);
    return suite;
}
