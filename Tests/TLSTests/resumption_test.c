// SPDX-License-Identifier: MIT
//
// Sessions that are resumed, application protocols, and the key log.
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/hand.h"

static const sps_tls_version versions[] = {SPS_TLS_VERSION_1_2, SPS_TLS_VERSION_1_3};

// Connects once. Returns whether the session was resumed.
static bool connect_once(sps_tls_options *client, const char *name, sps_tls_options *server) {
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, name, server);
    finish_handshakes(&link);
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    expect_delivery(&link, link.server, link.client, "hello"); // the tickets come with it
    expect_delivery(&link, link.client, link.server, "hello");
    const bool is_resumed = tls_info(link.client).is_resumed == 1;
    ck_assert_int_eq(tls_info(link.server).is_resumed, is_resumed);
    sps_x509_certificate *peer;
    OK(sps_tls_get_peer_certificate(link.client, &peer)); // also of a resumed session
    sps_x509_certificate_destroy(peer);
    drop_link(&link);
    return is_resumed;
}

START_TEST(the_second_connection_resumes) {
    const sps_tls_settings settings = {.struct_size = sizeof settings, .max_version = versions[_i]};
    sps_tls_options *client = client_options(&settings), *server = server_options(NULL);
    ck_assert(!connect_once(client, "game.test", server));
    ck_assert(connect_once(client, "game.test", server));
    ck_assert(connect_once(client, "game.test", server));
    ck_assert(!connect_once(client, "any.wild.test", server)); // another name
    ck_assert(connect_once(client, "any.wild.test", server));
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}
END_TEST

// Another server, or one that was restarted, does not know the ticket. It costs nothing.
START_TEST(a_ticket_that_the_server_does_not_know) {
    const sps_tls_settings settings = {.struct_size = sizeof settings, .max_version = versions[_i]};
    sps_tls_options *client = client_options(&settings);
    for (int i = 0; i < 3; i++) {
        sps_tls_options *server = server_options(NULL);
        ck_assert(!connect_once(client, "game.test", server));
        sps_tls_options_destroy(server);
    }
    sps_tls_options_destroy(client);
}
END_TEST

// Without a name two servers would share their tickets, so none is kept.
START_TEST(nameless_servers_leave_no_tickets) {
    const sps_tls_settings settings = {.struct_size = sizeof settings, .max_version = versions[_i]};
    sps_tls_options *client, *server = server_options(NULL);
    OK(sps_tls_options_create_client_unsafe(NULL, &settings, &client));
    ck_assert(!connect_once(client, "game.test", server));
    for (int i = 0; i < 70; i++) { // as many as the options keep, and more
        ck_assert(!connect_once(client, NULL, server));
    }
    ck_assert(connect_once(client, "game.test", server));
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}
END_TEST

START_TEST(resumption_is_an_option) {
    const sps_tls_settings off = {
        .struct_size = sizeof off, .max_version = versions[_i % 2], .no_resumption = 1};
    const sps_tls_settings on = {.struct_size = sizeof on, .max_version = versions[_i % 2]};
    sps_tls_options *client = client_options(_i < 2 ? &off : &on);
    sps_tls_options *server = server_options(_i < 2 ? &on : &off);
    ck_assert(!connect_once(client, "game.test", server));
    ck_assert(!connect_once(client, "game.test", server));
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}
END_TEST

// A session that was verified for one name is not used for another, also over one server.
START_TEST(a_resumed_session_keeps_its_client) {
    const sps_tls_settings of_client = {
        .struct_size = sizeof of_client, .certificate = player.certificate, .key = player.key};
    const sps_tls_settings of_server = {
        .struct_size = sizeof of_server,
        .client_certificates = SPS_TLS_CLIENT_CERTIFICATE_REQUIRED,
        .client_trusted_chain = authority.certificate,
    };
    sps_tls_options *client = client_options(&of_client), *server = server_options(&of_server);
    connect_once(client, "game.test", server);
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, client, "game.test", server);
    finish_handshakes(&link);
    ck_assert_int_eq(tls_info(link.server).is_resumed, 1);
    sps_x509_certificate *shown;
    OK(sps_tls_get_peer_certificate(link.server, &shown));
    sps_x509_info info = {.struct_size = sizeof info};
    OK(sps_x509_certificate_get_info(shown, 0, &info));
    ck_assert_str_eq(info.subject, "CN=A Player");
    sps_x509_certificate_destroy(shown);
    drop_link(&link);
    sps_tls_options_destroy(client);
    sps_tls_options_destroy(server);
}
END_TEST

// ---- Application protocols

static tls_link with_protocols(const char *const *client, size_t client_count,
                               const char *const *server, size_t server_count) {
    const sps_tls_settings of_client = {
        .struct_size = sizeof of_client, .protocols = client, .protocol_count = client_count};
    const sps_tls_settings of_server = {
        .struct_size = sizeof of_server, .protocols = server, .protocol_count = server_count};
    sps_tls_options *one = client_options(&of_client), *other = server_options(&of_server);
    tls_link link = make_link(OVER_PIPE);
    begin_link(&link, one, "game.test", other);
    finish_handshakes(&link);
    sps_tls_options_destroy(one);
    sps_tls_options_destroy(other);
    return link;
}

START_TEST(the_server_selects_a_protocol) {
    static const char *const of_client[] = {"http/1.1", "h2", "game/1"};
    static const char *const of_server[] = {"game/2", "game/1", "h2"};
    tls_link link = with_protocols(of_client, 3, of_server, 3);
    ck_assert_str_eq(tls_info(link.client).protocol, "game/1");
    ck_assert_str_eq(tls_info(link.server).protocol, "game/1");
    drop_link(&link);
    link = with_protocols(of_client, 3, NULL, 0); // the server selects none
    ck_assert_int_eq(tls_status(link.client), SPS_TLS_STATUS_CONNECTED);
    ck_assert_str_eq(tls_info(link.client).protocol, "");
    drop_link(&link);
    link = with_protocols(NULL, 0, of_server, 3); // the client offers none
    ck_assert_int_eq(tls_status(link.server), SPS_TLS_STATUS_CONNECTED);
    drop_link(&link);
}
END_TEST

START_TEST(no_common_protocol) {
    static const char *const of_client[] = {"h2"}, *const of_server[] = {"game/1"};
    tls_link link = with_protocols(of_client, 1, of_server, 1);
    expect_failure(link.client, SPS_TLS_FAILURE_NO_SHARED_PROTOCOL, "alert 120", "ALPN");
    expect_failure(link.server, SPS_TLS_FAILURE_NO_SHARED_PROTOCOL, "ALPN", NULL);
    drop_link(&link);
}
END_TEST

// ---- The key log

static size_t read_file(const char *path, char *out, size_t size) {
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    const size_t count = fread(out, 1, size - 1, file);
    out[count] = '\0';
    fclose(file);
    return count;
}

START_TEST(keys_are_logged_only_on_request) {
    char path[64], text[8192];
    snprintf(path, sizeof path, "/tmp/sps-keys-%d", (int)getpid());
    setenv("SSLKEYLOGFILE", path, 1);
    tls_link link = connect_link(OVER_PIPE, NULL, NULL);
    drop_link(&link);
    ck_assert_int_ne(access(path, F_OK), 0);
    const sps_tls_settings settings = {.struct_size = sizeof settings, .key_log_path = path};
    link = connect_link(OVER_PIPE, &settings, NULL);
    drop_link(&link);
    struct stat state;
    ck_assert_int_eq(stat(path, &state), 0);
    ck_assert_int_eq(state.st_mode & 0777, 0600);
    read_file(path, text, sizeof text);
    ck_assert_ptr_nonnull(strstr(text, "CLIENT_TRAFFIC_SECRET_0 "));
    ck_assert_ptr_nonnull(strstr(text, "SERVER_HANDSHAKE_TRAFFIC_SECRET "));
    unlink(path);
    const sps_tls_settings bad = {.struct_size = sizeof bad, .key_log_path = "/nowhere/keys"};
    sps_tls_options *options;
    IS(sps_tls_options_create_client(authority.certificate, NULL, &bad, &options),
       SPS_ERR_FILE_CANT_OPEN);
    ck_assert_ptr_null(options);
}
END_TEST

Suite *tls_resumption_suite(void) {
    Suite *suite = suite_create("tls_resumption");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_loop_test(all, the_second_connection_resumes, 0, 2);
    tcase_add_loop_test(all, a_ticket_that_the_server_does_not_know, 0, 2);
    tcase_add_loop_test(all, nameless_servers_leave_no_tickets, 0, 2);
    tcase_add_loop_test(all, resumption_is_an_option, 0, 4);
    tcase_add_test(all, a_resumed_session_keeps_its_client);
    tcase_add_test(all, the_server_selects_a_protocol);
    tcase_add_test(all, no_common_protocol);
    tcase_add_test(all, keys_are_logged_only_on_request);
    return suite;
}
