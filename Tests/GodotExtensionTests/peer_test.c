// SPDX-License-Identifier: MIT
//
// SPSStreamPeerTCP and SPSStreamPeerUDS against plain sockets. Each test runs over both transports
// and by both conventions.
#include <string.h>

#include "support/plain.h"
#include "support/sockets.h"

enum { WAYS = MOST_TRANSPORTS * HOST_CONVENTIONS };

static wire begin(int way) {
    call_by(way / MOST_TRANSPORTS);
    return open_wire((transport)(way % MOST_TRANSPORTS));
}

// ---- Values

START_TEST(values_go_out) {
    wire wire = begin(_i);
    DO(wire.peer, "put_u32", whole(0x01020304));
    expect_plain(wire.socket, "\4\3\2\1", 4);
    DO(wire.peer, "put_8", whole(-2));
    expect_plain(wire.socket, "\xFE", 1);
    DO(wire.peer, "put_utf8_string", text("h\xC3\xA9"));
    expect_plain(wire.socket, "\3\0\0\0h\xC3\xA9", 7);
    ck_assert_int_eq(INT(wire.peer, "put_line", text("line")), GD_OK);
    expect_plain(wire.socket, "line\n", 5);
    ck_assert_int_eq(INT(wire.peer, "put_text", text("raw")), GD_OK);
    expect_plain(wire.socket, "raw", 3);
    close_wire(&wire);
}
END_TEST

START_TEST(values_come_in) {
    wire wire = begin(_i);
    send_plain(wire.socket, "\4\3\2\1\xFE\xFF\0\0\x80\x3F", 10);
    ck_assert_int_eq(INT(wire.peer, "get_u32"), 0x01020304);
    ck_assert_int_eq(INT(wire.peer, "get_16"), -2);
    ck_assert_double_eq(REAL(wire.peer, "get_float"), 1.0);
    send_plain(wire.socket, "\2\0\0\0ab", 6);
    expect_text(CALL(wire.peer, "get_utf8_string"), "ab");
    send_plain(wire.socket, "a line\r\nthe rest", 16);
    expect_text(CALL(wire.peer, "get_line", whole(100)), "a line");
    expect_text(CALL(wire.peer, "get_utf8_string", whole(8)), "the rest");
    close_wire(&wire);
}
END_TEST

// Godot's own code may change the order without a call of the extension.
START_TEST(the_byte_order_is_that_of_godot) {
    wire wire = begin(_i);
    for (int i = 0; i < 4; i++) {
        wire.peer->big_endian = i % 2 != 0;
        DO(wire.peer, "put_u16", whole(0x0102));
        expect_plain(wire.socket, wire.peer->big_endian ? "\1\2" : "\2\1", 2);
        send_plain(wire.socket, wire.peer->big_endian ? "\1\2\0\0\0\1x" : "\2\1\1\0\0\0x", 7);
        ck_assert_int_eq(INT(wire.peer, "get_u16"), 0x0102);
        expect_text(CALL(wire.peer, "get_utf8_string"), "x");
    }
    close_wire(&wire);
}
END_TEST

START_TEST(a_try_takes_all_or_nothing) {
    wire wire = begin(_i);
    expect_nil(CALL(wire.peer, "try_get_u16"));
    send_plain(wire.socket, "\1", 1);
    await_available(wire.peer, 1);
    expect_nil(CALL(wire.peer, "try_get_u16"));
    ck_assert_int_eq(INT(wire.peer, "get_last_error"), GD_ERR_BUSY);
    send_plain(wire.socket, "\2abcd", 5);
    await_available(wire.peer, 6);
    ck_assert_int_eq(INT(wire.peer, "try_get_u16"), 0x0201);
    ck_assert_int_eq(INT(wire.peer, "get_last_error"), GD_OK);
    expect_nil(CALL(wire.peer, "try_get_data", whole(5)));
    expect_bytes(CALL(wire.peer, "try_get_data", whole(3)), "abc", 3);
    expect_bytes(CALL(wire.peer, "try_get_data", whole(0)), "", 0);
    expect_nil(CALL(wire.peer, "try_get_line"));
    close_wire(&wire);
}
END_TEST

START_TEST(bytes_up_to_a_delimiter) {
    wire wire = begin(_i);
    send_plain(wire.socket, "key=value;next", 14);
    await_available(wire.peer, 14);
    expect_bytes(CALL(wire.peer, "get_until", bytes("=", 1)), "key", 3);
    expect_bytes(CALL(wire.peer, "try_get_until", bytes(";", 1), whole(100)), "value", 5);
    expect_nil(CALL(wire.peer, "try_get_until", bytes(";", 1)));
    expect_bytes(CALL(wire.peer, "get_until", bytes("", 0)), "", 0);
    ck_assert_int_eq(INT(wire.peer, "get_last_error"), GD_ERR_INVALID_PARAMETER);
    close_wire(&wire);
}
END_TEST

// A length of a Variant, the type, and an int of 32 bits.
START_TEST(variants_are_those_of_godot) {
    static const char encoded[] = "\x08\0\0\0\2\0\0\0\7\0\0\0";
    wire wire = begin(_i);
    DO(wire.peer, "put_var", whole(7));
    expect_plain(wire.socket, encoded, 12);
    send_plain(wire.socket, encoded, 12);
    ck_assert_int_eq(INT(wire.peer, "get_var"), 7);
    expect_nil(CALL(wire.peer, "try_get_var"));
    send_plain(wire.socket, encoded, 12);
    await_available(wire.peer, 12);
    ck_assert_int_eq(INT(wire.peer, "try_get_var", truth(true)), 7);
    close_wire(&wire);
}
END_TEST

// Godot refuses to decode these bytes, and says so.
START_TEST(a_bad_variant_is_null) {
    wire wire = begin(_i);
    send_plain(wire.socket, "\x04\0\0\0\xFF\0\0\0", 8);
    expect_nil(CALL(wire.peer, "get_var"));
    expect_message("invalid format");
    ck_assert_int_eq(INT(wire.peer, "get_last_error"), SPS_ERR_INVALID_DATA);
    close_wire(&wire);
}
END_TEST

START_TEST(batched_values_leave_at_a_flush) {
    char byte;
    wire wire = begin(_i);
    ck_assert(!BOOL(wire.peer, "is_write_batching"));
    DO(wire.peer, "set_write_batching", truth(true));
    ck_assert(BOOL(wire.peer, "is_write_batching"));
    DO(wire.peer, "put_u16", whole(0x4142));
    ck_assert_int_eq(INT(wire.peer, "get_pending_write_bytes"), 2);
    ck_assert_int_eq(receive_now(wire.socket, &byte, 1), -1);
    ck_assert_int_eq(INT(wire.peer, "flush"), GD_OK);
    expect_plain(wire.socket, "BA", 2);
    close_wire(&wire);
}
END_TEST

// ---- The end

START_TEST(the_peer_finishes) {
    wire wire = begin(_i);
    send_plain(wire.socket, "\7", 1);
    shutdown(wire.socket, SHUT_WR);
    ck_assert_int_eq(INT(wire.peer, "get_u8"), 7);
    WAIT_UNTIL((DO(wire.peer, "poll"), INT(wire.peer, "get_status") == GD_NONE));
    ck_assert_int_eq(INT(wire.peer, "get_close_reason"), SPS_CLOSE_PEER_FINISHED);
    ck_assert_int_eq(INT(wire.peer, "get_u8"), 0);
    ck_assert_int_ne(INT(wire.peer, "get_last_error"), GD_OK);
    close_wire(&wire);
}
END_TEST

START_TEST(this_end_finishes) {
    wire wire = begin(_i);
    DO(wire.peer, "put_u8", whole(7));
    DO(wire.peer, "disconnect_from_host");
    ck_assert_int_eq(INT(wire.peer, "get_status"), GD_NONE);
    ck_assert_int_eq(INT(wire.peer, "get_close_reason"), SPS_CLOSE_LOCAL);
    expect_plain(wire.socket, "\7", 1);
    expect_plain_end(wire.socket);
    close_wire(&wire);
}
END_TEST

START_TEST(a_graceful_close_waits_for_the_peer) {
    wire wire = begin(_i);
    DO(wire.peer, "put_u8", whole(7));
    DO(wire.peer, "close_gracefully", whole(20000));
    expect_plain(wire.socket, "\7", 1);
    expect_plain_end(wire.socket);
    shutdown(wire.socket, SHUT_WR);
    WAIT_UNTIL((DO(wire.peer, "poll"), INT(wire.peer, "get_status") == GD_NONE));
    ck_assert_int_eq(INT(wire.peer, "get_close_reason"), SPS_CLOSE_LOCAL);
    close_wire(&wire);
}
END_TEST

START_TEST(half_a_close_leaves_the_other_half) {
    wire wire = begin(_i);
    ck_assert_int_eq(INT(wire.peer, "shutdown_write"), GD_OK);
    expect_plain_end(wire.socket);
    send_plain(wire.socket, "\7", 1);
    ck_assert_int_eq(INT(wire.peer, "get_u8"), 7);
    close_wire(&wire);
}
END_TEST

START_TEST(a_message_says_why) {
    wire wire = begin(_i);
    shutdown(wire.socket, SHUT_RDWR);
    WAIT_UNTIL((DO(wire.peer, "poll"), INT(wire.peer, "get_status") == GD_NONE));
    const slot message = CALL(wire.peer, "get_close_message");
    ck_assert_uint_gt(strlen(host_text_in(&message)), 10);
    drop(message);
    close_wire(&wire);
}
END_TEST

START_TEST(a_peer_can_be_used_again) {
    wire wire = begin(_i);
    DO(wire.peer, "disconnect_from_host");
    DO(wire.peer, "disconnect_from_host");
    close_socket(wire.socket);
    struct wire again = open_wire((transport)(_i % MOST_TRANSPORTS));
    close_wire(&again);
    host_drop(wire.peer);
}
END_TEST

// ---- Timeouts

START_TEST(a_get_waits_for_its_timeout) {
    wire wire = begin(_i);
    DO(wire.peer, "set_io_timeout_ms", whole(1));
    ck_assert_int_eq(INT(wire.peer, "get_io_timeout_ms"), 1);
    ck_assert_int_eq(INT(wire.peer, "get_u32"), 0);
    ck_assert_int_eq(INT(wire.peer, "get_last_error"), SPS_ERR_TIMEOUT);
    close_wire(&wire);
}
END_TEST

Suite *peer_suite(void) {
    Suite *suite = suite_create("peers");
    TCase *test_case = add_godot_case(suite, "peers");
    tcase_add_loop_test(test_case, values_go_out, 0, WAYS);
    tcase_add_loop_test(test_case, values_come_in, 0, WAYS);
    tcase_add_loop_test(test_case, the_byte_order_is_that_of_godot, 0, WAYS);
    tcase_add_loop_test(test_case, a_try_takes_all_or_nothing, 0, WAYS);
    tcase_add_loop_test(test_case, bytes_up_to_a_delimiter, 0, WAYS);
    tcase_add_loop_test(test_case, variants_are_those_of_godot, 0, WAYS);
    tcase_add_loop_test(test_case, a_bad_variant_is_null, 0, WAYS);
    tcase_add_loop_test(test_case, batched_values_leave_at_a_flush, 0, WAYS);
    tcase_add_loop_test(test_case, the_peer_finishes, 0, WAYS);
    tcase_add_loop_test(test_case, this_end_finishes, 0, WAYS);
    tcase_add_loop_test(test_case, a_graceful_close_waits_for_the_peer, 0, WAYS);
    tcase_add_loop_test(test_case, half_a_close_leaves_the_other_half, 0, WAYS);
    tcase_add_loop_test(test_case, a_message_says_why, 0, WAYS);
    tcase_add_loop_test(test_case, a_peer_can_be_used_again, 0, WAYS);
    tcase_add_loop_test(test_case, a_get_waits_for_its_timeout, 0, WAYS);
    return suite;
}
