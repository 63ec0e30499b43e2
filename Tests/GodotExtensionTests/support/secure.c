// SPDX-License-Identifier: MIT
#include "support/secure.h"

#include "support/sockets.h"

TCase *add_secure_case(Suite *suite, const char *name) {
    TCase *test_case = add_godot_case(suite, name);
    tcase_add_checked_fixture(test_case, make_identities, drop_identities);
    return test_case;
}

static slot pem_of(const identity *of) {
    const char *pem;
    size_t size;
    OK(sps_x509_certificate_save_to_string(of->certificate, &pem, &size));
    return text(pem);
}

static slot key_of(const identity *of) {
    const char *pem;
    size_t size;
    OK(sps_crypto_key_save_to_string(of->key, false, &pem, &size));
    return text(pem);
}

host_object *trusting(const identity *of) {
    host_object *options = host_new("SPSTLSOptions");
    DO(options, "set_trusted_chain", pem_of(of));
    return options;
}

void set_identity(host_object *options, const identity *own) {
    DO(options, "set_certificate", pem_of(own));
    DO(options, "set_key", key_of(own));
}

host_object *being(const identity *own) {
    host_object *options = host_new("SPSTLSOptions");
    set_identity(options, own);
    return options;
}

secure begin_secure(host_object *client_options, const char *name, host_object *server_options) {
    secure made = {.ends = open_ends(TCP),
                   .client = host_new("SPSStreamPeerTLS"),
                   .server = host_new("SPSStreamPeerTLS")};
    ck_assert_int_eq(INT(made.client, "connect_to_stream", object(made.ends.client), text(name),
                         object(client_options)),
                     GD_OK);
    ck_assert_int_eq(
        INT(made.server, "accept_stream", object(made.ends.peer), object(server_options)), GD_OK);
    host_drop(client_options);
    host_drop(server_options);
    return made;
}

static bool is_settled(const secure *secure) {
    drop(CALL(secure->client, "poll"));
    drop(CALL(secure->server, "poll"));
    return INT(secure->client, "get_status") != TLS_HANDSHAKING &&
           INT(secure->server, "get_status") != TLS_HANDSHAKING;
}

void settle_secure(const secure *secure) {
    WAIT_UNTIL(is_settled(secure));
}

secure open_secure(void) {
    secure made = begin_secure(trusting(&authority), "game.test", being(&game));
    settle_secure(&made);
    ck_assert_int_eq(INT(made.client, "get_status"), TLS_CONNECTED);
    ck_assert_int_eq(INT(made.server, "get_status"), TLS_CONNECTED);
    return made;
}

void close_secure(secure *secure) {
    host_drop(secure->client);
    host_drop(secure->server);
    close_ends(&secure->ends);
}
