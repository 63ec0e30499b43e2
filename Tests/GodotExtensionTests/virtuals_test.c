// SPDX-License-Identifier: MIT
//
// The virtual functions of StreamPeerExtension, as Godot's own classes call them: by name, with
// pointers to a buffer, a size and a count.
#include <string.h>

#include "support/plain.h"
#include "support/sockets.h"

typedef struct moved {
    int64_t error;
    int32_t count;
} moved;

// Fails unless the function writes the whole error, and exactly one int for the count.
static moved move(host_object *peer, const char *function, const void *buffer, int64_t size) {
    struct {
        int32_t before, count, after;
    } guarded = {0x5A5A5A5A, -7, 0x5A5A5A5A};
    int32_t *pointer = &guarded.count;
    const void *const arguments[] = {&buffer, &size, &pointer};
    moved moved = {.error = INT64_C(0x5A5A5A5A5A5A5A5A)};
    ck_assert(host_call_virtual(peer, function, arguments, &moved.error));
    ck_assert_int_eq(guarded.before, 0x5A5A5A5A);
    ck_assert_int_eq(guarded.after, 0x5A5A5A5A);
    ck_assert_int_ge(guarded.count, 0);
    ck_assert(host_is_of_enum("Error", moved.error));
    moved.count = guarded.count;
    return moved;
}

static void expect_moved(moved moved, int64_t error, int32_t count) {
    ck_assert_int_eq(moved.error, error);
    ck_assert_int_eq(moved.count, count);
}

START_TEST(bytes_move_through_them) {
    char buffer[8] = "abcdefg";
    wire wire = open_wire((transport)_i);
    expect_moved(move(wire.peer, "_put_data", buffer, 3), GD_OK, 3);
    expect_moved(move(wire.peer, "_put_partial_data", buffer + 3, 4), GD_OK, 4);
    expect_plain(wire.socket, "abcdefg", 7);
    ck_assert_int_eq(available(wire.peer), 0);
    expect_moved(move(wire.peer, "_get_partial_data", buffer, 8), GD_OK, 0);
    send_plain(wire.socket, "12345", 5);
    expect_moved(move(wire.peer, "_get_data", buffer, 2), GD_OK, 2);
    await_available(wire.peer, 3);
    ck_assert_int_eq(available(wire.peer), 3);
    expect_moved(move(wire.peer, "_get_partial_data", buffer + 2, 6), GD_OK, 3);
    ck_assert_int_eq(memcmp(buffer, "12345", 5), 0);
    close_wire(&wire);
}
END_TEST

// Godot returns the array of a get that failed, with its whole length, to the script.
START_TEST(a_get_that_fails_leaves_no_old_memory) {
    char buffer[8];
    memset(buffer, 'x', sizeof buffer);
    wire wire = open_wire((transport)_i);
    send_plain(wire.socket, "12", 2);
    shutdown(wire.socket, SHUT_WR);
    expect_moved(move(wire.peer, "_get_data", buffer, 8), GD_ERR_FILE_EOF, 2);
    ck_assert_int_eq(memcmp(buffer, "12\0\0\0\0\0\0", 8), 0);
    close_wire(&wire);
}
END_TEST

START_TEST(the_end_is_an_error) {
    char buffer[8];
    wire wire = open_wire((transport)_i);
    send_plain(wire.socket, "12", 2);
    shutdown(wire.socket, SHUT_WR);
    expect_moved(move(wire.peer, "_get_data", buffer, 3), GD_ERR_FILE_EOF, 2);
    ck_assert_int_ne(move(wire.peer, "_get_data", buffer, 1).error, GD_OK);
    ck_assert_int_ne(move(wire.peer, "_put_data", buffer, 1).error, GD_OK);
    ck_assert_int_eq(available(wire.peer), -1);
    close_wire(&wire);
}
END_TEST

START_TEST(without_a_connection_they_fail) {
    char buffer[8] = "";
    host_object *peer = host_new(peer_classes[_i]);
    expect_moved(move(peer, "_get_data", buffer, 1), GD_FAILED, 0);
    ck_assert_int_ne(move(peer, "_get_data", buffer, -1).error, GD_OK);
    ck_assert_int_ne(move(peer, "_get_data", NULL, 4).error, GD_OK);
    expect_moved(move(peer, "_get_partial_data", buffer, 1), GD_FAILED, 0);
    expect_moved(move(peer, "_put_data", buffer, 1), GD_FAILED, 0);
    expect_moved(move(peer, "_put_partial_data", buffer, 1), GD_FAILED, 0);
    ck_assert_int_eq(available(peer), -1);
    host_drop(peer);
}
END_TEST

START_TEST(bad_sizes_are_refused) {
    static const char *const functions[] = {"_get_data", "_get_partial_data", "_put_data",
                                            "_put_partial_data"};
    static const int64_t sizes[] = {-1, INT64_MIN};
    char buffer[8] = "";
    wire wire = open_wire((transport)_i);
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < 2; j++) {
            expect_moved(move(wire.peer, functions[i], buffer, sizes[j]), GD_ERR_INVALID_PARAMETER,
                         0);
        }
        expect_moved(move(wire.peer, functions[i], buffer, 0), GD_OK, 0);
        expect_moved(move(wire.peer, functions[i], NULL, 0), GD_OK, 0);
        expect_moved(move(wire.peer, functions[i], NULL, 4), GD_ERR_INVALID_PARAMETER, 0);
    }
    close_wire(&wire);
}
END_TEST

START_TEST(other_names_are_not_theirs) {
    host_object *peer = host_new(peer_classes[_i]);
    ck_assert(!host_call_virtual(peer, "_process", NULL, NULL));
    ck_assert(!host_call_virtual(peer, "get_data", NULL, NULL));
    ck_assert(!host_call_virtual(peer, "", NULL, NULL));
    host_drop(peer);
}
END_TEST

// Both ways read the same queue.
START_TEST(typed_values_and_bytes_mix) {
    char buffer[4] = "";
    wire wire = open_wire((transport)_i);
    send_plain(wire.socket, "\1ab\2\0cd", 7);
    await_available(wire.peer, 7);
    ck_assert_int_eq(INT(wire.peer, "get_u8"), 1);
    expect_moved(move(wire.peer, "_get_data", buffer, 2), GD_OK, 2);
    ck_assert_int_eq(memcmp(buffer, "ab", 2), 0);
    ck_assert_int_eq(INT(wire.peer, "get_u16"), 2);
    expect_moved(move(wire.peer, "_get_partial_data", buffer, 4), GD_OK, 2);
    close_wire(&wire);
}
END_TEST

// ---- In a poller, whose members wait for its waits. Godot's StreamPeerTLS repeats partial calls.

static host_object *watch_peer(const wire *wire) {
    host_object *poller = host_new("SPSPoller");
    ck_assert_int_eq(INT(poller, "add", object(wire->peer)), GD_OK);
    return poller;
}

START_TEST(partial_calls_do_not_need_a_wait) {
    char buffer[8] = "";
    wire wire = open_wire((transport)_i);
    host_object *poller = watch_peer(&wire);
    expect_moved(move(wire.peer, "_put_partial_data", "abc", 3), GD_OK, 3);
    expect_moved(move(wire.peer, "_get_partial_data", buffer, 8), GD_OK, 0);
    send_plain(wire.socket, "123", 3);
    moved moved = {0};
    WAIT_UNTIL((moved = move(wire.peer, "_get_partial_data", buffer, 8), moved.count > 0));
    expect_moved(moved, GD_OK, 3);
    host_drop(poller);
    close_wire(&wire);
}
END_TEST

// The last bytes come without an error, and the end comes after them.
START_TEST(the_last_bytes_come_before_the_end) {
    char buffer[8] = "";
    wire wire = open_wire((transport)_i);
    host_object *poller = watch_peer(&wire);
    send_plain(wire.socket, "123", 3);
    shutdown(wire.socket, SHUT_WR);
    moved moved = {0};
    WAIT_UNTIL((moved = move(wire.peer, "_get_partial_data", buffer, 8),
                moved.count > 0 || moved.error != GD_OK));
    expect_moved(moved, GD_OK, 3);
    WAIT_UNTIL((moved = move(wire.peer, "_get_partial_data", buffer, 8), moved.error != GD_OK));
    ck_assert_int_eq(moved.count, 0);
    host_drop(poller);
    close_wire(&wire);
}
END_TEST

// Nobody reads, so the OS takes no more at some time.
START_TEST(a_full_connection_takes_nothing) {
    static char bytes[65536];
    wire wire = open_wire((transport)_i);
    host_object *poller = watch_peer(&wire);
    moved moved = {.count = 1};
    while (moved.count > 0) {
        moved = move(wire.peer, "_put_partial_data", bytes, sizeof bytes);
        ck_assert_int_eq(moved.error, GD_OK);
    }
    host_drop(poller);
    close_wire(&wire);
}
END_TEST

Suite *virtuals_suite(void) {
    Suite *suite = suite_create("virtuals");
    TCase *test_case = add_godot_case(suite, "virtuals");
    tcase_add_loop_test(test_case, bytes_move_through_them, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, a_get_that_fails_leaves_no_old_memory, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, the_end_is_an_error, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, without_a_connection_they_fail, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, bad_sizes_are_refused, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, other_names_are_not_theirs, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, typed_values_and_bytes_mix, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, partial_calls_do_not_need_a_wait, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, the_last_bytes_come_before_the_end, 0, MOST_TRANSPORTS);
    tcase_add_loop_test(test_case, a_full_connection_takes_nothing, 0, MOST_TRANSPORTS);
    return suite;
}
