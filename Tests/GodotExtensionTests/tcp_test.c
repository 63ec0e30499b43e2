// SPDX-License-Identifier: MIT
//
// The parts that only TCP has: ports, attempts and options. And how a connect fails.
#include <errno.h>
#include <string.h>

#include "support/plain.h"
#include "support/sockets.h"

static const host_container *rows_of(const slot *array) {
    ck_assert_int_eq(host_type_of(array), GODOT_ARRAY);
    return host_contents(GODOT_ARRAY, host_inside(array));
}

// ---- Addresses

START_TEST(both_ends_have_addresses) {
    int64_t port;
    call_by(_i);
    host_object *peer = host_new("SPSStreamPeerTCP");
    const int listener = listen_plain(&port);
    expect_text(CALL(peer, "get_connected_host"), "");
    ck_assert_int_eq(INT(peer, "get_connected_port"), 0);
    ck_assert_int_eq(INT(peer, "get_local_port"), 0);
    ck_assert_int_eq(INT(peer, "connect_to_host", text("127.0.0.1"), whole(port)), GD_OK);
    ck_assert_int_eq(await_connection(peer), GD_CONNECTED);
    expect_text(CALL(peer, "get_connected_host"), "127.0.0.1");
    expect_text(CALL(peer, "get_local_host"), "127.0.0.1");
    ck_assert_int_eq(INT(peer, "get_connected_port"), port);
    ck_assert_int_gt(INT(peer, "get_local_port"), 0);
    DO(peer, "set_no_delay", truth(true));
    ck_assert_int_eq(INT(peer, "get_last_error"), GD_OK);
    close_socket(listener);
    host_drop(peer);
}
END_TEST

START_TEST(a_name_is_an_address_later) {
    int64_t port;
    call_by(_i);
    host_object *peer = host_new("SPSStreamPeerTCP");
    const int listener = listen_plain(&port);
    ck_assert_int_eq(INT(peer, "connect_to_host", text("localhost"), whole(port)), GD_OK);
    ck_assert_int_eq(await_connection(peer), GD_CONNECTED);
    expect_text(CALL(peer, "get_connected_host"), "127.0.0.1");
    close_socket(listener);
    host_drop(peer);
}
END_TEST

START_TEST(a_bound_port_is_the_local_port) {
    int64_t port;
    call_by(_i);
    host_object *peer = host_new("SPSStreamPeerTCP");
    const int listener = listen_plain(&port);
    ck_assert_int_eq(INT(peer, "bind", whole(0), text("127.0.0.1")), GD_OK);
    const int64_t local = INT(peer, "get_local_port");
    ck_assert_int_gt(local, 0);
    ck_assert_int_eq(INT(peer, "bind", whole(0)), GD_ERR_ALREADY_IN_USE);
    expect_message("SPSStreamPeerTCP.bind");
    ck_assert_int_eq(INT(peer, "connect_to_host", text("127.0.0.1"), whole(port)), GD_OK);
    ck_assert_int_eq(await_connection(peer), GD_CONNECTED);
    ck_assert_int_eq(INT(peer, "get_local_port"), local);
    close_socket(listener);
    host_drop(peer);
}
END_TEST

START_TEST(the_delay_of_attempts_is_kept) {
    call_by(_i);
    host_object *peer = host_new("SPSStreamPeerTCP");
    DO(peer, "set_attempt_delay_ms", whole(100));
    DO(peer, "set_max_value_bytes", whole(1000)); // a new stream
    ck_assert_int_eq(INT(peer, "get_attempt_delay_ms"), 100);
    DO(peer, "set_attempt_delay_ms", whole((int64_t)1 << 31));
    expect_message("SPSStreamPeerTCP.set_attempt_delay_ms");
    ck_assert_int_eq(INT(peer, "get_last_error"), GD_ERR_INVALID_PARAMETER);
    ck_assert_int_eq(INT(peer, "get_attempt_delay_ms"), 100);
    host_drop(peer);
}
END_TEST

// ---- Failures

START_TEST(a_refused_connect_says_why) {
    call_by(_i);
    const place nobody = unused_place(TCP);
    host_object *peer = host_new("SPSStreamPeerTCP");
    const int64_t error = INT(peer, "connect_to_host", text("127.0.0.1"), whole(nobody.port));
    if (error == GD_OK) {
        ck_assert_int_eq(await_connection(peer), GD_ERROR);
    }
    ck_assert_int_eq(INT(peer, "get_close_reason"), SPS_CLOSE_REFUSED);
    ck_assert_int_eq(INT(peer, "get_os_error"), ECONNREFUSED);
    const slot attempts = CALL(peer, "get_connect_attempts");
    ck_assert_uint_eq(rows_of(&attempts)->count, 1);
    slot attempt;
    host_copy(HOST_VARIANT, &attempt, rows_of(&attempts)->items[0]);
    ck_assert_int_eq(field_of(&attempt, "port"), nobody.port);
    ck_assert_int_eq(field_of(&attempt, "os_error"), ECONNREFUSED);
    ck_assert_int_eq(field_of(&attempt, "state"), SPS_ATTEMPT_FAILED);
    ck_assert_int_ge(field_of(&attempt, "end_us"), field_of(&attempt, "start_us"));
    drop(attempt);
    drop(attempts);
    host_drop(peer);
}
END_TEST

START_TEST(a_reset_says_why) {
    call_by(_i);
    wire wire = open_wire(TCP);
    reset_at_close(wire.socket);
    close_socket(wire.socket);
    WAIT_UNTIL((DO(wire.peer, "poll"), INT(wire.peer, "get_status") != GD_CONNECTED));
    ck_assert_int_eq(INT(wire.peer, "get_status"), GD_ERROR);
    ck_assert_int_eq(INT(wire.peer, "get_close_reason"), SPS_CLOSE_RESET);
    host_drop(wire.peer);
}
END_TEST

START_TEST(this_end_can_reset) {
    char byte;
    call_by(_i);
    wire wire = open_wire(TCP);
    DO(wire.peer, "close_reset");
    ck_assert_int_eq(INT(wire.peer, "get_status"), GD_NONE);
    WAIT_UNTIL(receive_now(wire.socket, &byte, 1) < 0 && errno == ECONNRESET);
    close_wire(&wire);
}
END_TEST

// ---- Bad input. Each prints an error that names the method, as Godot's methods do.

START_TEST(bad_addresses_are_refused) {
    static const int64_t ports[] = {0, -1, 65536, INT64_MAX, INT64_MIN, INT64_C(0x100000050)};
    call_by(_i);
    host_object *peer = host_new("SPSStreamPeerTCP");
    for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
        ck_assert_int_eq(INT(peer, "connect_to_host", text("127.0.0.1"), whole(ports[i])),
                         GD_ERR_INVALID_PARAMETER);
        expect_message("SPSStreamPeerTCP.connect_to_host");
    }
    ck_assert_int_eq(INT(peer, "connect_to_host", text(""), whole(80)), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSStreamPeerTCP.connect_to_host");
    ck_assert_int_eq(INT(peer, "bind", whole(65536)), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSStreamPeerTCP.bind");
    ck_assert_int_eq(INT(peer, "bind", whole(0), text("no address")), GD_ERR_INVALID_PARAMETER);
    expect_message("SPSStreamPeerTCP.bind");
    ck_assert_int_eq(INT(peer, "get_status"), GD_NONE);
    host_drop(peer);
}
END_TEST

START_TEST(two_connects_are_one_too_many) {
    call_by(_i);
    wire wire = open_wire(TCP);
    ck_assert_int_eq(INT(wire.peer, "connect_to_host", text("127.0.0.1"), whole(1)),
                     GD_ERR_ALREADY_IN_USE);
    expect_message("SPSStreamPeerTCP.connect_to_host");
    ck_assert_int_eq(INT(wire.peer, "get_status"), GD_CONNECTED);
    close_wire(&wire);
}
END_TEST

START_TEST(no_delay_needs_a_connection) {
    call_by(_i);
    host_object *peer = host_new("SPSStreamPeerTCP");
    DO(peer, "set_no_delay", truth(true));
    expect_message("SPSStreamPeerTCP.set_no_delay");
    host_drop(peer);
}
END_TEST

// ---- Options

START_TEST(options_are_checked) {
    static const int64_t numbers[] = {-1, INT64_MIN, INT64_MAX};
    call_by(_i);
    host_object *peer = host_new("SPSStreamPeerTCP");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        DO(peer, "set_idle_timeout_ms", whole(numbers[i]));
        expect_message("SPSStreamPeerTCP.set_idle_timeout_ms");
        DO(peer, "set_max_value_bytes", whole(numbers[i]));
        expect_message("SPSStreamPeerTCP.set_max_value_bytes");
    }
    ck_assert_int_eq(INT(peer, "get_idle_timeout_ms"), 0);
    ck_assert_int_eq(INT(peer, "get_max_value_bytes"), 0);
    host_drop(peer);
}
END_TEST

START_TEST(an_open_stream_keeps_its_limits) {
    call_by(_i);
    wire wire = open_wire(TCP);
    DO(wire.peer, "set_max_value_bytes", whole(5));
    expect_message("SPSStreamPeerTCP.set_max_value_bytes");
    ck_assert_int_eq(INT(wire.peer, "get_max_value_bytes"), 0);
    DO(wire.peer, "set_keepalive_idle_ms", whole(1000));
    ck_assert_int_eq(INT(wire.peer, "get_keepalive_idle_ms"), 1000);
    close_wire(&wire);
}
END_TEST

START_TEST(a_claimed_length_is_limited) {
    int64_t port;
    call_by(_i);
    host_object *peer = host_new("SPSStreamPeerTCP");
    DO(peer, "set_max_value_bytes", whole(5));
    const int listener = listen_plain(&port);
    ck_assert_int_eq(INT(peer, "connect_to_host", text("127.0.0.1"), whole(port)), GD_OK);
    ck_assert_int_eq(await_connection(peer), GD_CONNECTED);
    const int socket = accept_plain(listener);
    send_plain(socket, "\6\0\0\0abcdef", 10);
    expect_text(CALL(peer, "get_utf8_string"), "");
    ck_assert_int_ne(INT(peer, "get_last_error"), GD_OK);
    close_socket(listener);
    close_socket(socket);
    host_drop(peer);
}
END_TEST

START_TEST(the_kernel_tells_of_the_connection) {
    call_by(_i);
    wire wire = open_wire(TCP);
    const slot info = CALL(wire.peer, "get_tcp_info");
    ck_assert_int_gt(field_of(&info, "segment_bytes"), 0);
    drop(info);
    DO(wire.peer, "disconnect_from_host");
    const slot nothing = CALL(wire.peer, "get_tcp_info");
    ck_assert_uint_eq(host_contents(GODOT_DICTIONARY, host_inside(&nothing))->count, 0);
    drop(nothing);
    close_wire(&wire);
}
END_TEST

Suite *tcp_suite(void) {
    Suite *suite = suite_create("tcp");
    TCase *test_case = add_godot_case(suite, "tcp");
    BY_BOTH(test_case, both_ends_have_addresses);
    BY_BOTH(test_case, a_name_is_an_address_later);
    BY_BOTH(test_case, a_bound_port_is_the_local_port);
    BY_BOTH(test_case, the_delay_of_attempts_is_kept);
    BY_BOTH(test_case, a_refused_connect_says_why);
    BY_BOTH(test_case, a_reset_says_why);
    BY_BOTH(test_case, this_end_can_reset);
    BY_BOTH(test_case, bad_addresses_are_refused);
    BY_BOTH(test_case, two_connects_are_one_too_many);
    BY_BOTH(test_case, no_delay_needs_a_connection);
    BY_BOTH(test_case, options_are_checked);
    BY_BOTH(test_case, an_open_stream_keeps_its_limits);
    BY_BOTH(test_case, a_claimed_length_is_limited);
    BY_BOTH(test_case, the_kernel_tells_of_the_connection);
    return suite;
}
