// SPDX-License-Identifier: MIT
//
// Players of SPSMultiplayerPeer that speak no protocol, or too much, or that do not listen.
#include <errno.h>
#include <string.h>

#include "support/game.h"
#include "support/plain.h"
#include "support/sockets.h"

// A greeting is a packet: its length, and five bytes.
static const char GREETING[] = "\5\0\0\0SPSM\1";
enum { GREETING_BYTES = sizeof GREETING - 1, GREETING_MS = 10000 };

// Waits until the server has closed a plain connection. With unread bytes that is a reset.
static void await_end(game *game, int socket) {
    char byte;
    ptrdiff_t count = -1;
    WAIT_UNTIL((poll_all(game->peers, game->count), count = receive_now(socket, &byte, 1),
                count == 0 || (count < 0 && errno == ECONNRESET)));
}

// ---- Strangers

typedef struct stranger {
    const char *bytes;
    size_t size;
} stranger;

// The server hangs up on a client of another protocol, and emits no signal.
START_TEST(a_server_hangs_up_on_strangers) {
    static const stranger strangers[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18},                // a length of a gigabyte
        {"\5\0\0\0WRONG", 9},                          // a wrong greeting
        {"\5\0\0\0SPSM\2", 9},                         // of another version
        {"\6\0\0\0SPSM\1x", 10},                       // too long
        {"\0\0\0\0", 4},                               // an empty packet
        {"\xFF\xFF\xFF\x7F", 4},                       // a length of two gigabytes
        {"\x40\0\0\0aaaaaaaaaaaaaaaaaaaaaaaaaaaa", 32} // more than a greeting may have
    };
    game game = begin_game();
    listen_to(game.peers[0], &game.heard);
    const int socket = connect_plain(game.port);
    send_plain(socket, strangers[_i].bytes, strangers[_i].size);
    const uint64_t start = now_ms();
    await_end(&game, socket);
    ck_assert_uint_lt(now_ms() - start, GREETING_MS / 2); // not only by the timeout
    ck_assert_int_eq(game.heard.connected + game.heard.disconnected, 0);
    close_socket(socket);
    join_and_wait(&game);
    end_game(&game);
}
END_TEST

// One that is never silent must not hold a place for long. Its bytes make no whole packet.
START_TEST(a_server_hangs_up_on_a_slow_greeting) {
    static const char bytes[63] = {60}; // the longest packet that a stranger may send
    game game = begin_game();
    const int socket = connect_plain(game.port);
    char byte;
    size_t sent = 0;
    while (sent < sizeof bytes && receive_now(socket, &byte, 1) < 0 && errno != ECONNRESET &&
           send_now(socket, bytes + sent, 1) == 1) {
        sent++;
        poll_all(game.peers, game.count);
    }
    ck_assert_uint_lt(sent, sizeof bytes);
    close_socket(socket);
    join_and_wait(&game);
    end_game(&game);
}
END_TEST

// A client that greets, and then sends nonsense.
START_TEST(a_server_hangs_up_on_nonsense) {
    game game = begin_game();
    listen_to(game.peers[0], &game.heard);
    const int socket = connect_plain(game.port);
    send_plain(socket, GREETING, GREETING_BYTES);
    WAIT_UNTIL((poll_all(game.peers, game.count), game.heard.connected > 0));
    send_plain(socket, "\xFF\xFF\xFF\x7F", 4);
    WAIT_UNTIL((poll_all(game.peers, game.count), ask(game.peers[0], "_get_available_packet_count"),
                game.heard.disconnected > 0));
    close_socket(socket);
    end_game(&game);
}
END_TEST

// Numbers that no client may have, and no answer at all.
START_TEST(a_client_hangs_up_on_strangers) {
    static const stranger answers[] = {
        {"\x09\0\0\0SPSM\1\0\0\0\0", 13},         // 0
        {"\x09\0\0\0SPSM\1\1\0\0\0", 13},         // the server's
        {"\x09\0\0\0SPSM\1\xFF\xFF\xFF\xFF", 13}, // negative
        {"\5\0\0\0SPSM\1", 9},                    // no number
        {"HTTP/1.1 400 Bad Request\r\n\r\n", 28},
    };
    int64_t port;
    host_object *client = new_peer();
    const int listener = listen_plain(&port);
    ck_assert_int_eq(INT(client, "create_client", text("127.0.0.1"), whole(port)), GD_OK);
    const int socket = accept_plain(listener);
    send_plain(socket, answers[_i].bytes, answers[_i].size);
    WAIT_UNTIL((poll_all(&client, 1), ask(client, "_get_connection_status") == DISCONNECTED));
    ck_assert_int_ne(INT(client, "get_close_reason"), SPS_CLOSE_NONE);
    ck_assert_int_eq(ask(client, "_get_unique_id"), 0);
    close_socket(listener);
    close_socket(socket);
    host_drop(client);
}
END_TEST

// The client was connected before, but has not greeted.
START_TEST(a_server_that_refuses_admits_no_stranger) {
    const uint8_t refuses = 1;
    const void *const arguments[] = {&refuses};
    game game = begin_game();
    listen_to(game.peers[0], &game.heard);
    const int socket = connect_plain(game.port);
    host_object *client = join_and_wait(&game); // accepted after the plain one
    ck_assert_int_eq(game.heard.connected, 1);
    ck_assert(host_call_virtual(game.peers[0], "_set_refuse_new_connections", arguments, NULL));
    send_plain(socket, GREETING, GREETING_BYTES);
    await_end(&game, socket);
    ck_assert_int_eq(game.heard.connected, 1);
    ck_assert_int_eq(ask(client, "_get_connection_status"), CONNECTED);
    close_socket(socket);
    end_game(&game);
}
END_TEST

// ---- Floods

// The packets that are there until the next poll.
static size_t take_packets(host_object *peer, uint32_t *sum) {
    size_t taken = 0;
    while (ask(peer, "_get_available_packet_count") > 0) {
        const uint8_t *data = NULL, **pointer = &data;
        int32_t size = -1, *size_pointer = &size;
        const void *const arguments[] = {&pointer, &size_pointer};
        int64_t error = -1;
        ck_assert(host_call_virtual(peer, "_get_packet", arguments, &error));
        ck_assert_int_eq(error, GD_OK);
        ck_assert_int_eq(size, 1);
        *sum = 31 * *sum + data[0];
        taken++;
    }
    return taken;
}

// A client that sends faster than a frame can handle.
START_TEST(a_flood_waits_for_the_next_poll) {
    enum { PACKETS = 3000, MOST = 1024 };
    static char flood[PACKETS * 5];
    uint32_t sum = 0, wanted = 0;
    game game = begin_game();
    listen_to(game.peers[0], &game.heard);
    const int socket = connect_plain(game.port);
    send_plain(socket, GREETING, GREETING_BYTES);
    WAIT_UNTIL((poll_all(game.peers, game.count), game.heard.connected > 0));
    for (size_t i = 0; i < PACKETS; i++) {
        flood[5 * i] = 1;
        flood[5 * i + 4] = (char)(i % 100);
        wanted = 31 * wanted + (uint32_t)(i % 100);
    }
    send_plain(socket, flood, sizeof flood);
    for (size_t taken = 0, polls = 0; taken < PACKETS; polls++) {
        poll_all(game.peers, game.count);
        const size_t now = take_packets(game.peers[0], &sum);
        ck_assert_uint_le(now, MOST);
        taken += now;
        ck_assert_uint_lt(polls, 100000);
    }
    ck_assert_uint_eq(sum, wanted);
    close_socket(socket);
    WAIT_UNTIL((poll_all(game.peers, game.count), take_packets(game.peers[0], &sum),
                game.heard.disconnected > 0));
    end_game(&game);
}
END_TEST

// Two of them flood, and one of these goes.
START_TEST(members_may_leave_while_they_flood) {
    static char flood[2000 * 5];
    int sockets[2];
    uint32_t sum = 0;
    game game = begin_game();
    listen_to(game.peers[0], &game.heard);
    for (size_t i = 0; i < sizeof flood; i += 5) {
        flood[i] = 1;
    }
    for (int i = 0; i < 2; i++) {
        sockets[i] = connect_plain(game.port);
        send_plain(sockets[i], GREETING, GREETING_BYTES);
        send_plain(sockets[i], flood, sizeof flood);
    }
    WAIT_UNTIL((poll_all(game.peers, game.count), game.heard.connected == 2));
    ck_assert_uint_gt(take_packets(game.peers[0], &sum), 0);
    disconnect(game.peers[0], game.heard.id - _i, true);
    WAIT_UNTIL((poll_all(game.peers, game.count), take_packets(game.peers[0], &sum) == 0));
    close_socket(sockets[0]);
    close_socket(sockets[1]);
    end_game(&game);
}
END_TEST

// ---- Back-pressure

// The client is not polled, so its queue fills. The other client loses nothing.
START_TEST(a_client_that_does_not_read_is_dropped) {
    static char packet[500000];
    game game = begin_game();
    host_object *slow = join_and_wait(&game), *quick = join_and_wait(&game);
    host_object *const polled[] = {game.peers[0], quick};
    const int64_t id = ask(slow, "_get_unique_id");
    listen_to(game.peers[0], &game.heard);
    for (int i = 0; i < 200 && game.heard.disconnected == 0; i++) {
        put(game.peers[0], id, packet, sizeof packet);
        poll_all(polled, 2);
    }
    ck_assert_int_eq(game.heard.disconnected, 1);
    ck_assert_int_eq(game.heard.id, id);
    ck_assert_int_eq(put(game.peers[0], 0, "still here", 10), GD_OK);
    WAIT_UNTIL((poll_all(polled, 2), ask(quick, "_get_available_packet_count") > 0));
    expect_packet(quick, SERVER, "still here");
    end_game(&game);
}
END_TEST

// The server is not polled, so the queue of the client itself fills.
START_TEST(a_client_that_cannot_send_leaves) {
    enum { DISCONNECTED = 0 };
    static char packet[500000];
    game game = begin_game();
    host_object *client = join_and_wait(&game);
    for (int i = 0; i < 200 && ask(client, "_get_connection_status") != DISCONNECTED; i++) {
        put(client, SERVER, packet, sizeof packet);
        poll_all(&client, 1);
    }
    ck_assert_int_eq(ask(client, "_get_connection_status"), DISCONNECTED);
    ck_assert_int_eq(INT(client, "get_close_reason"), SPS_CLOSE_PUT_TIMED_OUT);
    host_forget_messages();
    end_game(&game);
}
END_TEST

Suite *hostile_suite(void) {
    Suite *suite = suite_create("hostile");
    TCase *test_case = add_godot_case(suite, "hostile");
    tcase_add_test(test_case, a_flood_waits_for_the_next_poll);
    tcase_add_loop_test(test_case, members_may_leave_while_they_flood, 0, 2);
    tcase_add_test(test_case, a_client_that_does_not_read_is_dropped);
    tcase_add_test(test_case, a_client_that_cannot_send_leaves);
    tcase_add_test(test_case, a_server_that_refuses_admits_no_stranger);
    tcase_add_loop_test(test_case, a_server_hangs_up_on_strangers, 0, 7);
    tcase_add_test(test_case, a_server_hangs_up_on_a_slow_greeting);
    tcase_add_test(test_case, a_server_hangs_up_on_nonsense);
    tcase_add_loop_test(test_case, a_client_hangs_up_on_strangers, 0, 5);
    return suite;
}
