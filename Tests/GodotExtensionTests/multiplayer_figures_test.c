// SPDX-License-Identifier: MIT
//
// The figures of SPSMultiplayerPeer: totals, the figures of TCP, and how a connect went.
#include "support/game.h"
#include "support/sockets.h"

static slot statistic(host_object *peer, int64_t which) {
    return CALL(peer, "pop_statistic", whole(which));
}

START_TEST(statistics_count_packets) {
    enum { SENT_DATA, SENT_PACKETS, RECEIVED_DATA, RECEIVED_PACKETS };
    call_by(_i);
    game game = begin_game();
    host_object *server = game.peers[0];
    host_object *client = join_and_wait(&game);
    const int64_t id = ask(client, "_get_unique_id");
    join_and_wait(&game);
    ck_assert_int_eq(put(server, 0, "all", 3), GD_OK);
    ck_assert_int_eq(put(server, id, "one", 3), GD_OK);
    await_packet(&game, client);
    expect_packet(client, SERVER, "all");
    await_packet(&game, client);
    expect_packet(client, SERVER, "one");
    ck_assert_double_eq(to_real(statistic(server, SENT_DATA)), 9);
    ck_assert_double_eq(to_real(statistic(server, SENT_DATA)), 0);
    ck_assert_double_eq(to_real(statistic(server, SENT_PACKETS)), 3);
    ck_assert_double_eq(to_real(statistic(server, RECEIVED_PACKETS)), 0);
    ck_assert_double_eq(to_real(statistic(client, RECEIVED_DATA)), 6);
    ck_assert_double_eq(to_real(statistic(client, RECEIVED_PACKETS)), 2);
    drop(statistic(client, 4));
    expect_message("SPSMultiplayerPeer.pop_statistic");
    drop(statistic(client, -1));
    expect_message("SPSMultiplayerPeer.pop_statistic");
    end_game(&game);
}
END_TEST

START_TEST(connections_have_figures) {
    call_by(_i);
    game game = begin_game();
    host_object *server = game.peers[0];
    host_object *client = join_and_wait(&game);
    const int64_t id = ask(client, "_get_unique_id");
    slot info = CALL(server, "get_tcp_info", whole(id));
    ck_assert_int_ge(field_of(&info, "round_trip_us"), 0);
    ck_assert_int_gt(field_of(&info, "segment_bytes"), 0);
    drop(info);
    info = CALL(server, "get_tcp_info", whole(id + 1));
    ck_assert_uint_eq(host_contents(GODOT_DICTIONARY, host_inside(&info))->count, 0);
    drop(info);
    ck_assert_int_eq(INT(server, "get_pending_write_bytes", whole(id)), 0);
    ck_assert_int_eq(put(server, id, "1234", 4), GD_OK);
    ck_assert_int_ge(INT(server, "get_pending_write_bytes", whole(id)), 8);
    ck_assert_int_eq(INT(server, "get_pending_write_bytes", whole(id + 1)), 0);
    slot attempts = CALL(client, "get_connect_attempts");
    ck_assert_uint_eq(host_contents(GODOT_ARRAY, host_inside(&attempts))->count, 1);
    drop(attempts);
    attempts = CALL(server, "get_connect_attempts");
    ck_assert_uint_eq(host_contents(GODOT_ARRAY, host_inside(&attempts))->count, 0);
    drop(attempts);
    end_game(&game);
}
END_TEST

// A connect that fails leaves its attempts and its reason, also if it fails at once.
START_TEST(a_failed_connect_leaves_its_attempts) {
    call_by(_i);
    const place nobody = unused_place(TCP);
    host_object *client = new_peer();
    DO(client, "set_attempt_delay_ms", whole(20));
    ck_assert_int_eq(INT(client, "get_attempt_delay_ms"), 20);
    DO(client, "set_attempt_delay_ms", whole(-1));
    expect_message("SPSMultiplayerPeer.set_attempt_delay_ms");
    INT(client, "create_client", text("127.0.0.1"), whole(nobody.port));
    WAIT_UNTIL((poll_all(&client, 1), ask(client, "_get_connection_status") == DISCONNECTED));
    ck_assert_int_eq(INT(client, "get_close_reason"), SPS_CLOSE_REFUSED);
    const slot attempts = CALL(client, "get_connect_attempts");
    ck_assert_uint_eq(host_contents(GODOT_ARRAY, host_inside(&attempts))->count, 1);
    drop(attempts);
    host_drop(client);
}
END_TEST

// No TCP goes to the broadcast address, so the OS refuses at once.
START_TEST(a_connect_that_fails_at_once_leaves_its_attempts) {
    call_by(_i);
    host_object *client = new_peer();
    ck_assert_int_eq(INT(client, "create_client", text("255.255.255.255"), whole(9)), GD_FAILED);
    ck_assert_int_eq(ask(client, "_get_connection_status"), DISCONNECTED);
    ck_assert_int_ne(INT(client, "get_close_reason"), SPS_CLOSE_NONE);
    const slot attempts = CALL(client, "get_connect_attempts");
    ck_assert_uint_eq(host_contents(GODOT_ARRAY, host_inside(&attempts))->count, 1);
    drop(attempts);
    host_drop(client);
}
END_TEST

Suite *multiplayer_figures_suite(void) {
    Suite *suite = suite_create("multiplayer-figures");
    TCase *test_case = add_godot_case(suite, "multiplayer-figures");
    BY_BOTH(test_case, statistics_count_packets);
    BY_BOTH(test_case, connections_have_figures);
    BY_BOTH(test_case, a_failed_connect_leaves_its_attempts);
    BY_BOTH(test_case, a_connect_that_fails_at_once_leaves_its_attempts);
    return suite;
}
