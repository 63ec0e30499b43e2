// SPDX-License-Identifier: MIT
//
// SPSStreamPeerTLS over peers of the extension.
#include <string.h>

#include "support/secure.h"
#include "support/sockets.h"

// Node.NOTIFICATION_INTERNAL_PROCESS
#define INTERNAL_PROCESS 25

START_TEST(values_travel_over_tls) {
    call_by(_i);
    secure secure = open_secure();
    ck_assert(host_inherits(secure.client->class, "SPSStreamPeerSocket"));
    DO(secure.client, "put_u32", whole(77));
    DO(secure.client, "put_line", text("a line"));
    WAIT_UNTIL((DO(secure.server, "poll"), available(secure.server) >= 11));
    ck_assert_int_eq(INT(secure.server, "get_u32"), 77);
    expect_text(CALL(secure.server, "get_line"), "a line");
    DO(secure.server, "put_utf8_string", text("back"));
    expect_text(CALL(secure.client, "get_utf8_string"), "back");
    expect_nil(CALL(secure.client, "try_get_u8"));
    close_secure(&secure);
}
END_TEST

START_TEST(both_sides_know_what_they_agreed_on) {
    call_by(_i);
    secure secure = open_secure();
    slot info = CALL(secure.client, "get_tls_info");
    ck_assert_int_eq(field_of(&info, "version"), SPS_TLS_VERSION_1_3);
    ck_assert_ptr_nonnull(
        strstr(host_text_in(host_value_of_key(host_inside(&info), "cipher")), "TLS_"));
    drop(info);
    const slot chain = CALL(secure.client, "get_peer_certificates");
    const host_container *rows = host_contents(GODOT_ARRAY, host_inside(&chain));
    ck_assert_uint_eq(rows->count, 1);
    const void *row = host_inside(rows->items[0]);
    ck_assert_str_eq(host_text_in(host_value_of_key(row, "subject")), "CN=A Game");
    ck_assert_uint_eq(strlen(host_text_in(host_value_of_key(row, "fingerprint"))), 64);
    drop(chain);
    ck_assert_int_eq(INT(secure.client, "get_failure"), SPS_TLS_FAILURE_NONE);
    ck_assert_int_eq(INT(secure.client, "get_alert"), -1);
    const slot none = CALL(secure.server, "get_peer_certificates");
    ck_assert_uint_eq(host_contents(GODOT_ARRAY, host_inside(&none))->count, 0);
    drop(none);
    close_secure(&secure);
}
END_TEST

// ---- Trust

static void expect_refusal(const secure *secure, int64_t status, int64_t failure,
                           const char *part) {
    settle_secure(secure);
    ck_assert_int_eq(INT(secure->client, "get_status"), status);
    ck_assert_int_eq(INT(secure->client, "get_failure"), failure);
    ck_assert_int_eq(INT(secure->client, "get_close_reason"), SPS_CLOSE_UNTRUSTED);
    const slot message = CALL(secure->client, "get_close_message");
    ck_assert_ptr_nonnull(strstr(host_text_in(&message), part));
    drop(message);
}

START_TEST(a_stranger_is_not_trusted) {
    call_by(_i);
    secure secure = begin_secure(trusting(&other_authority), "game.test", being(&game));
    expect_refusal(&secure, TLS_ERROR, SPS_TLS_FAILURE_UNKNOWN_ISSUER, "Test Authority");
    close_secure(&secure);
}
END_TEST

START_TEST(another_name_is_not_trusted) {
    call_by(_i);
    secure secure = begin_secure(trusting(&authority), "bank.test", being(&game));
    expect_refusal(&secure, TLS_ERROR_HOSTNAME_MISMATCH, SPS_TLS_FAILURE_WRONG_NAME, "bank.test");
    close_secure(&secure);
}
END_TEST

START_TEST(a_client_can_trust_anybody) {
    call_by(_i);
    host_object *options = host_new("SPSTLSOptions");
    DO(options, "set_unsafe_client", truth(true));
    secure secure = begin_secure(options, "", being(&game));
    settle_secure(&secure);
    ck_assert_int_eq(INT(secure.client, "get_status"), TLS_CONNECTED);
    close_secure(&secure);
}
END_TEST

START_TEST(a_server_can_require_a_certificate) {
    enum { REQUIRED = 2 };
    call_by(_i);
    for (int has_one = 0; has_one < 2; has_one++) {
        host_object *client = trusting(&authority), *server = trusting(&authority);
        set_identity(server, &game);
        DO(server, "set_client_certificates", whole(REQUIRED));
        if (has_one) {
            set_identity(client, &player);
        }
        secure secure = begin_secure(client, "game.test", server);
        settle_secure(&secure);
        ck_assert_int_eq(INT(secure.server, "get_status"), has_one ? TLS_CONNECTED : TLS_ERROR);
        ck_assert_int_eq(INT(secure.server, "get_failure"),
                         has_one ? SPS_TLS_FAILURE_NONE : SPS_TLS_FAILURE_NO_CERTIFICATE);
        close_secure(&secure);
    }
}
END_TEST

START_TEST(both_sides_agree_on_a_protocol) {
    call_by(_i);
    host_object *client = trusting(&authority), *server = being(&game);
    DO(client, "set_protocols", strings("game/2"));
    DO(server, "set_protocols", strings("game/2"));
    secure secure = begin_secure(client, "game.test", server);
    settle_secure(&secure);
    const slot info = CALL(secure.server, "get_tls_info");
    ck_assert_str_eq(host_text_in(host_value_of_key(host_inside(&info), "protocol")), "game/2");
    drop(info);
    close_secure(&secure);
}
END_TEST

// ---- The peer below

static bool is_open_below(const secure *secure) {
    return INT(secure->ends.client, "get_status") == GD_CONNECTED;
}

START_TEST(the_peer_below_is_held) {
    call_by(_i);
    secure secure = open_secure();
    host_object *below = secure.ends.client;
    host_object *stream = OBJECT(secure.client, "get_stream");
    ck_assert_ptr_eq(stream, below);
    host_drop(stream);
    ck_assert_int_eq(below->references, 2);
    DO(secure.client, "disconnect_from_stream");
    ck_assert_int_eq(INT(secure.client, "get_status"), TLS_DISCONNECTED);
    ck_assert_int_eq(below->references, 1);
    ck_assert(is_open_below(&secure));
    WAIT_UNTIL(
        (drop(CALL(secure.server, "poll")), INT(secure.server, "get_status") == TLS_DISCONNECTED));
    ck_assert_int_eq(INT(secure.server, "get_close_reason"), SPS_CLOSE_PEER_FINISHED);
    close_secure(&secure);
}
END_TEST

// Any peer can be closed by the method of SPSStreamPeerSocket.
START_TEST(a_disconnect_closes_the_peer_below) {
    call_by(_i);
    secure secure = open_secure();
    DO(secure.client, "disconnect_from_host");
    ck_assert(!is_open_below(&secure));
    ck_assert_int_eq(secure.ends.client->references, 1);
    DO(secure.client, "disconnect_from_host");
    DO(secure.client, "disconnect_from_stream");
    close_secure(&secure);
}
END_TEST

START_TEST(tls_closes_gracefully) {
    call_by(_i);
    secure secure = open_secure();
    DO(secure.client, "put_u8", whole(9));
    ck_assert_int_eq(INT(secure.client, "close_gracefully"), GD_OK);
    WAIT_UNTIL((DO(secure.server, "poll"), available(secure.server) > 0));
    ck_assert_int_eq(INT(secure.server, "get_u8"), 9);
    WAIT_UNTIL((drop(CALL(secure.server, "poll")), drop(CALL(secure.client, "poll")),
                INT(secure.client, "get_status") == TLS_DISCONNECTED));
    ck_assert_int_eq(INT(secure.client, "get_close_reason"), SPS_CLOSE_LOCAL);
    close_secure(&secure);
}
END_TEST

// The script forgets all of it, and the connection ends.
START_TEST(the_last_reference_ends_both) {
    call_by(_i);
    secure secure = open_secure();
    const uint64_t id = secure.ends.client->id;
    host_drop(secure.ends.client);
    ck_assert_ptr_nonnull(host_object_with(id));
    host_drop(secure.client);
    ck_assert_ptr_null(host_object_with(id));
    secure.client = host_new("SPSStreamPeerTLS");
    secure.ends.client = host_new("SPSStreamPeerTCP");
    close_secure(&secure);
}
END_TEST

START_TEST(a_peer_below_that_closes_is_the_end) {
    call_by(_i);
    secure secure = open_secure();
    DO(secure.ends.peer, "disconnect_from_host");
    WAIT_UNTIL(
        (drop(CALL(secure.client, "poll")), INT(secure.client, "get_status") != TLS_CONNECTED));
    ck_assert_int_eq(INT(secure.client, "get_close_reason"), SPS_CLOSE_TRUNCATED);
    drop(CALL(secure.server, "poll"));
    ck_assert_int_ne(INT(secure.server, "get_status"), TLS_CONNECTED);
    close_secure(&secure);
}
END_TEST

// ---- In a loop

typedef struct heard {
    int connected, readable, closed;
    int64_t reason;
    char message[600];
} heard;

static void hear_connected(void *context, const void *const *arguments, size_t count) {
    (void)arguments;
    (void)count;
    ((heard *)context)->connected++;
}

static void hear_readable(void *context, const void *const *arguments, size_t count) {
    (void)arguments;
    (void)count;
    ((heard *)context)->readable++;
}

static void hear_closed(void *context, const void *const *arguments, size_t count) {
    heard *heard = context;
    ck_assert_uint_eq(count, 3);
    heard->closed++;
    memcpy(&heard->reason, host_inside(arguments[1]), sizeof heard->reason);
    snprintf(heard->message, sizeof heard->message, "%s", host_text_in(arguments[2]));
}

static host_object *loop_of(host_object *peer, heard *heard) {
    host_object *loop = host_new("SPSNetworkLoop");
    host_connect(loop, "connected", hear_connected, heard);
    host_connect(loop, "readable", hear_readable, heard);
    host_connect(loop, "closed", hear_closed, heard);
    ck_assert_int_eq(INT(loop, "add_peer", object(peer)), GD_OK);
    return loop;
}

static void turn(host_object *loop, host_object *other) {
    host_notify(loop, INTERNAL_PROCESS, false);
    drop(CALL(other, "poll"));
}

START_TEST(a_loop_takes_tls) {
    heard heard = {0};
    call_by(_i);
    secure secure = begin_secure(trusting(&authority), "game.test", being(&game));
    host_object *loop = loop_of(secure.client, &heard);
    WAIT_UNTIL((turn(loop, secure.server), heard.connected > 0));
    WAIT_UNTIL((turn(loop, secure.server), INT(secure.server, "get_status") == TLS_CONNECTED));
    DO(secure.client, "put_u16", whole(500));
    WAIT_UNTIL((turn(loop, secure.server), available(secure.server) == 2));
    ck_assert_int_eq(INT(secure.server, "get_u16"), 500);
    DO(secure.server, "put_u8", whole(3));
    WAIT_UNTIL((turn(loop, secure.server), heard.readable > 0));
    ck_assert_int_eq(INT(secure.client, "try_get_u8"), 3);
    DO(secure.server, "disconnect_from_stream");
    WAIT_UNTIL((turn(loop, secure.server), heard.closed > 0));
    ck_assert_int_eq(heard.reason, SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(INT(loop, "get_count"), 0);
    ck_assert_int_eq(secure.client->references, 1);
    host_drop(loop);
    close_secure(&secure);
}
END_TEST

START_TEST(a_loop_tells_why_tls_failed) {
    heard heard = {0};
    call_by(_i);
    secure secure = begin_secure(trusting(&authority), "bank.test", being(&game));
    host_object *loop = loop_of(secure.client, &heard);
    WAIT_UNTIL((turn(loop, secure.server), heard.closed > 0));
    ck_assert_int_eq(heard.connected, 0);
    ck_assert_int_eq(heard.reason, SPS_CLOSE_UNTRUSTED);
    ck_assert_ptr_nonnull(strstr(heard.message, "bank.test"));
    host_drop(loop);
    close_secure(&secure);
}
END_TEST

// ---- Bad calls

START_TEST(bad_arguments_are_refused) {
    call_by(_i);
    host_object *tls = host_new("SPSStreamPeerTLS"), *tcp = host_new("SPSStreamPeerTCP");
    host_object *empty = host_new("SPSTLSOptions"), *other = host_new("RefCounted");
    ck_assert_int_eq(INT(tls, "connect_to_stream", nil(), text("x")), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSStreamPeerTLS.connect_to_stream");
    ck_assert_int_eq(INT(tls, "accept_stream", object(tcp), nil()), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSTLSOptions");
    ck_assert_int_eq(INT(tls, "accept_stream", object(tcp), object(other)),
                     GD_ERR_INVALID_PARAMETER);
    expect_message("SPSTLSOptions");
    ck_assert_int_eq(INT(tls, "accept_stream", object(tcp), object(empty)),
                     GD_ERR_INVALID_PARAMETER); // it has no key
    expect_message("SPSStreamPeerTLS.accept_stream");
    DO(empty, "set_unsafe_client", truth(true));
    ck_assert_int_ne(INT(tls, "connect_to_stream", object(tcp), text("x"), object(empty)), GD_OK);
    ck_assert_int_ne(INT(tls, "connect_to_stream", object(tls), text("x"), object(empty)), GD_OK);
    host_forget_messages();
    host_object *stream = OBJECT(tls, "get_stream");
    ck_assert_ptr_null(stream);
    ck_assert_int_eq(INT(tls, "get_status"), TLS_DISCONNECTED);
    ck_assert_int_eq(INT(tls, "poll"), GD_OK);
    DO(tls, "disconnect_from_stream");
    host_drop(other);
    host_drop(empty);
    host_drop(tcp);
    host_drop(tls);
}
END_TEST

START_TEST(options_of_sockets_are_set_below) {
    call_by(_i);
    host_object *tls = host_new("SPSStreamPeerTLS");
    DO(tls, "set_connect_timeout_ms", whole(500));
    ck_assert_int_eq(INT(tls, "get_connect_timeout_ms"), 500);
    DO(tls, "set_io_timeout_ms", whole(500));
    DO(tls, "set_max_value_bytes", whole(500));
    DO(tls, "set_idle_timeout_ms", whole(500));
    expect_message("Set this on the peer below");
    ck_assert_int_eq(INT(tls, "get_idle_timeout_ms"), 0);
    host_drop(tls);
}
END_TEST

// One filter carries another one, but none carries itself.
START_TEST(tls_runs_over_tls) {
    call_by(_i);
    secure secure = open_secure();
    host_object *client = host_new("SPSStreamPeerTLS"), *server = host_new("SPSStreamPeerTLS");
    host_object *trust = trusting(&authority), *own = being(&game);
    ck_assert_int_eq(
        INT(client, "connect_to_stream", object(secure.client), text("game.test"), object(trust)),
        GD_OK);
    ck_assert_int_eq(INT(server, "accept_stream", object(secure.server), object(own)), GD_OK);
    ck_assert_int_ne(
        INT(secure.client, "connect_to_stream", object(client), text("game.test"), object(trust)),
        GD_OK);
    host_forget_messages();
    WAIT_UNTIL(
        (drop(CALL(client, "poll")), drop(CALL(server, "poll")),
         INT(client, "get_status") == TLS_CONNECTED && INT(server, "get_status") == TLS_CONNECTED));
    DO(client, "disconnect_from_host");
    ck_assert(!is_open_below(&secure));
    host_drop(trust);
    host_drop(own);
    host_drop(client);
    host_drop(server);
    close_secure(&secure);
}
END_TEST

// ---- The end of the peer below

static host_object *the_peer;

static void drop_the_peer(void *context) {
    (void)context;
    host_drop(the_peer);
}

// A script of the peer below drops the last reference to the peer whose call closes both.
START_TEST(the_end_of_the_peer_below_may_end_the_peer) {
    static const char *const methods[] = {"disconnect_from_host", "disconnect_from_stream"};
    secure secure = open_secure();
    the_peer = secure.client;
    const uint64_t ids[] = {secure.client->id, secure.ends.client->id};
    secure.ends.client->at_end = drop_the_peer;
    host_drop(secure.ends.client);
    DO(secure.client, methods[_i]);
    ck_assert_ptr_null(host_object_with(ids[0]));
    ck_assert_ptr_null(host_object_with(ids[1]));
    host_drop(secure.server);
    host_drop(secure.ends.peer);
    host_drop(secure.ends.server);
}
END_TEST

Suite *tls_suite(void) {
    Suite *suite = suite_create("tls");
    TCase *test_case = add_secure_case(suite, "tls");
    BY_BOTH(test_case, values_travel_over_tls);
    BY_BOTH(test_case, both_sides_know_what_they_agreed_on);
    BY_BOTH(test_case, a_stranger_is_not_trusted);
    BY_BOTH(test_case, another_name_is_not_trusted);
    BY_BOTH(test_case, a_client_can_trust_anybody);
    BY_BOTH(test_case, a_server_can_require_a_certificate);
    BY_BOTH(test_case, both_sides_agree_on_a_protocol);
    BY_BOTH(test_case, the_peer_below_is_held);
    BY_BOTH(test_case, a_disconnect_closes_the_peer_below);
    BY_BOTH(test_case, tls_closes_gracefully);
    BY_BOTH(test_case, the_last_reference_ends_both);
    BY_BOTH(test_case, a_peer_below_that_closes_is_the_end);
    BY_BOTH(test_case, a_loop_takes_tls);
    BY_BOTH(test_case, a_loop_tells_why_tls_failed);
    BY_BOTH(test_case, bad_arguments_are_refused);
    BY_BOTH(test_case, options_of_sockets_are_set_below);
    BY_BOTH(test_case, tls_runs_over_tls);
    tcase_add_loop_test(test_case, the_end_of_the_peer_below_may_end_the_peer, 0, 2);
    return suite;
}
