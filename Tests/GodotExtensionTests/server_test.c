// SPDX-License-Identifier: MIT
//
// SPSTCPServer and SPSUDSServer, and the peers that they hand out.
#include <string.h>
#include <sys/stat.h>

#include "support/plain.h"
#include "support/sockets.h"

enum { WAYS = MOST_TRANSPORTS * HOST_CONVENTIONS };

static transport begin(int way) {
    call_by(way / MOST_TRANSPORTS);
    return (transport)(way % MOST_TRANSPORTS);
}

static void expect_null(host_object *server, const char *method) {
    const slot nothing = CALL(server, method);
    const godot_object *pointer = NULL;
    if (host_type_of(&nothing) == GODOT_OBJECT) {
        memcpy(&pointer, host_inside(&nothing), sizeof pointer);
    }
    ck_assert_ptr_null(pointer);
    drop(nothing);
}

START_TEST(a_server_hands_out_peers_of_its_kind) {
    ends ends = open_ends(begin(_i));
    ck_assert_str_eq(ends.peer->class->name, ends.client->class->name);
    ck_assert_int_eq(ends.peer->references, 1);
    ck_assert_int_eq(INT(ends.peer, "get_status"), GD_CONNECTED);
    DO(ends.client, "put_u32", whole(7));
    ck_assert_int_eq(INT(ends.peer, "get_u32"), 7);
    DO(ends.peer, "put_utf8_string", text("back"));
    expect_text(CALL(ends.client, "get_utf8_string"), "back");
    close_ends(&ends);
}
END_TEST

// A socket that listens already, as systemd passes it.
START_TEST(a_server_adopts_a_descriptor) {
    int64_t port;
    call_by(_i);
    host_object *server = host_new("SPSTCPServer");
    const int listener = listen_plain(&port);
    ck_assert_int_eq(INT(server, "adopt_fd", whole(-1)), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSTCPServer.adopt_fd");
    ck_assert_int_eq(INT(server, "adopt_fd", whole(INT64_C(1) << 40)), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSTCPServer.adopt_fd");
    ck_assert_int_eq(INT(server, "adopt_fd", whole(listener)), GD_OK);
    ck_assert_int_eq(INT(server, "get_local_port"), port);
    ck_assert_int_eq(INT(server, "adopt_fd", whole(listener)), GD_ERR_ALREADY_IN_USE);
    expect_message("SPSTCPServer.adopt_fd");
    const int socket = connect_plain(port);
    WAIT_UNTIL(BOOL(server, "is_connection_available"));
    host_drop(OBJECT(server, "take_connection"));
    close_socket(socket);
    host_drop(server);
}
END_TEST

START_TEST(nobody_waits_yet) {
    slot place;
    host_object *server = new_server(begin(_i), &place);
    ck_assert(!BOOL(server, "is_connection_available"));
    expect_null(server, "take_connection");
    expect_null(server, "take_socket_connection");
    drop(place);
    host_drop(server);
}
END_TEST

// The socket server's method has the type of the socket peer.
START_TEST(a_peer_has_the_common_type) {
    slot place;
    const transport transport = begin(_i);
    host_object *server = new_server(transport, &place);
    host_object *client = host_new(peer_classes[transport]);
    if (transport == TCP) {
        drop(CALL(client, "connect_to_host", text("127.0.0.1"), place));
    } else {
        drop(CALL(client, "connect_to_host", place));
    }
    WAIT_UNTIL((DO(client, "poll"), BOOL(server, "is_connection_available")));
    host_object *peer = OBJECT(server, "take_socket_connection");
    ck_assert(host_inherits(peer->class, "SPSStreamPeerSocket"));
    host_drop(peer);
    host_drop(client);
    host_drop(server);
}
END_TEST

START_TEST(a_server_can_stop_and_listen_again) {
    slot place;
    const transport transport = begin(_i);
    host_object *server = new_server(transport, &place);
    drop(place);
    ck_assert(BOOL(server, "is_listening"));
    if (transport == TCP) {
        ck_assert_int_eq(INT(server, "listen", whole(0)), GD_ERR_ALREADY_IN_USE);
    } else {
        ck_assert_int_eq(INT(server, "listen", text(new_path().path)), GD_ERR_ALREADY_IN_USE);
    }
    expect_message(".listen");
    DO(server, "stop");
    ck_assert(!BOOL(server, "is_listening"));
    expect_null(server, "take_connection");
    if (transport == TCP) {
        ck_assert_int_eq(INT(server, "get_local_port"), 0);
        ck_assert_int_eq(INT(server, "listen", whole(0)), GD_OK);
    }
    host_drop(server);
}
END_TEST

START_TEST(bad_places_are_refused) {
    call_by(_i);
    host_object *tcp = host_new("SPSTCPServer"), *uds = host_new("SPSUDSServer");
    static const int64_t ports[] = {-1, 65536, INT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(INT(tcp, "listen", whole(ports[i])), GD_ERR_INVALID_PARAMETER);
        expect_message("SPSTCPServer.listen");
    }
    ck_assert_int_eq(INT(tcp, "listen", whole(0), text("nonsense")), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSTCPServer.listen");
    ck_assert_int_eq(INT(uds, "listen", text("")), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSUDSServer.listen");
    host_drop(tcp);
    host_drop(uds);
}
END_TEST

START_TEST(options_are_those_of_the_peers) {
    call_by(_i);
    int64_t port;
    host_object *server = host_new("SPSTCPServer");
    DO(server, "set_max_value_bytes", whole(5));
    DO(server, "set_backlog", whole(3));
    ck_assert_int_eq(INT(server, "get_backlog"), 3);
    ck_assert_int_eq(INT(server, "listen", whole(0), text("127.0.0.1")), GD_OK);
    port = INT(server, "get_local_port");
    DO(server, "set_backlog", whole(4));
    expect_message("SPSTCPServer.set_backlog");
    ck_assert_int_eq(INT(server, "get_backlog"), 3);
    const int socket = connect_plain(port);
    WAIT_UNTIL(BOOL(server, "is_connection_available"));
    host_object *peer = OBJECT(server, "take_connection");
    ck_assert_int_eq(INT(peer, "get_max_value_bytes"), 5);
    send_plain(socket, "\6\0\0\0abcdef", 10);
    expect_text(CALL(peer, "get_utf8_string"), "");
    close_socket(socket);
    host_drop(peer);
    host_drop(server);
}
END_TEST

// ---- Unix sockets

START_TEST(unix_peers_know_paths_and_users) {
    sps_peer_credentials found = {.struct_size = sizeof found};
    call_by(_i);
    slot place, copy;
    host_object *server = new_server(UDS, &place);
    host_copy(HOST_VARIANT, &copy, &place);
    host_object *client = host_new("SPSStreamPeerUDS");
    ck_assert_int_eq(INT(client, "connect_to_host", place), GD_OK);
    ck_assert_int_eq(await_connection(client), GD_CONNECTED);
    expect_text(CALL(client, "get_connected_path"), host_text_in(&copy));
    const slot credentials = CALL(client, "get_peer_credentials");
    found.pid = (int32_t)field_of(&credentials, "pid");
    found.uid = (uint32_t)field_of(&credentials, "uid");
    found.gid = (uint32_t)field_of(&credentials, "gid");
    expect_own_credentials(&found);
    drop(credentials);
    drop(copy);
    host_drop(client);
    host_drop(server);
}
END_TEST

START_TEST(a_file_has_its_mode) {
    struct stat about;
    const place place = new_path();
    call_by(_i);
    host_object *server = host_new("SPSUDSServer");
    DO(server, "set_file_mode", whole(0600));
    ck_assert_int_eq(INT(server, "listen", text(place.path)), GD_OK);
    ck_assert_int_eq(stat(place.path, &about), 0);
    ck_assert_int_eq(about.st_mode & 0777, 0600);
    host_drop(server);
    ck_assert_int_ne(stat(place.path, &about), 0);
}
END_TEST

START_TEST(a_missing_path_refuses) {
    call_by(_i);
    host_object *client = host_new("SPSStreamPeerUDS");
    ck_assert_int_ne(INT(client, "connect_to_host", text(new_path().path)), GD_OK);
    ck_assert_int_eq(INT(client, "get_status"), GD_NONE);
    ck_assert_int_eq(INT(client, "connect_to_host", text("")), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSStreamPeerUDS.connect_to_host");
    host_drop(client);
}
END_TEST

Suite *servers_suite(void) {
    Suite *suite = suite_create("servers");
    TCase *test_case = add_godot_case(suite, "servers");
    tcase_add_loop_test(test_case, a_server_hands_out_peers_of_its_kind, 0, WAYS);
    BY_BOTH(test_case, a_server_adopts_a_descriptor);
    tcase_add_loop_test(test_case, nobody_waits_yet, 0, WAYS);
    tcase_add_loop_test(test_case, a_peer_has_the_common_type, 0, WAYS);
    tcase_add_loop_test(test_case, a_server_can_stop_and_listen_again, 0, WAYS);
    BY_BOTH(test_case, bad_places_are_refused);
    BY_BOTH(test_case, options_are_those_of_the_peers);
    BY_BOTH(test_case, unix_peers_know_paths_and_users);
    BY_BOTH(test_case, a_file_has_its_mode);
    BY_BOTH(test_case, a_missing_path_refuses);
    return suite;
}
