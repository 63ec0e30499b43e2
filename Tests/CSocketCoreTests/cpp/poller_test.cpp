// SPDX-License-Identifier: MIT
//
// The poller of the C++ header, and its loop over events.

#include <algorithm>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "support/cpp_support.hpp"
#include "support/sockets.h"

namespace {

using sps::SocketEvent;
using sps::SocketPoller;
using sps::StreamPeerSocket;
using sps::StreamPeerTCP;
using sps::TCPServer;

enum Kind {
    CONNECTED = SPS_EVENT_CONNECTED,
    READABLE = SPS_EVENT_READABLE,
    WRITABLE = SPS_EVENT_WRITABLE,
    FINISHED = SPS_EVENT_FINISHED,
    CLOSED = SPS_EVENT_CLOSED,
    CONNECTION_AVAILABLE = SPS_EVENT_CONNECTION_AVAILABLE
};

int kinds_of(const SocketEvent &event) {
    return (event.is_connected() ? CONNECTED : 0) | (event.is_readable() ? READABLE : 0) |
           (event.is_writable() ? WRITABLE : 0) | (event.is_finished() ? FINISHED : 0) |
           (event.is_closed() ? CLOSED : 0) |
           (event.is_connection_available() ? CONNECTION_AVAILABLE : 0);
}

// Returns the next event. It must come, and have these kinds.
SocketEvent expect_event(SocketPoller &poller, int kinds) {
    SocketEvent event;
    ck_assert_int_ge(poller.wait(20000), 1);
    OK(poller.get_last_error());
    ck_assert(poller.next_event(event));
    OK(poller.get_last_error());
    ck_assert_int_eq(kinds_of(event), kinds);
    return event;
}

// Checks that no event comes after everything has settled.
void expect_no_event(SocketPoller &poller) {
    SocketEvent event;
    for (int i = 0; i < 5; i++) {
        ck_assert_int_eq(poller.wait(2), 0);
    }
    ck_assert(!poller.next_event(event));
    IS(poller.get_last_error(), sps::ERR_BUSY);
}

template <class AConnection> void expect_each_kind_of_event() {
    AConnection c;
    SocketPoller poller;
    int mark = 0;
    OK(poller.add(c.client, &mark));
    expect_no_event(poller);
    OK(c.peer->put_utf8_string("bye"));
    c.peer->disconnect_from_host();
    int reported = 0;
    while (reported != (READABLE | FINISHED)) {
        ck_assert_int_ge(poller.wait(20000), 1);
        for (const SocketEvent &event : poller.events()) {
            ck_assert(event.is_of(c.client));
            ck_assert(!event.is_of(*c.peer));
            ck_assert(!event.is_of(c.server));
            ck_assert_ptr_eq(event.get_user_data<int>(), &mark);
            ck_assert_ptr_eq(event.get_user_data(), &mark);
            ck_assert_int_eq(event.get_close_reason(), event.is_finished()
                                                           ? StreamPeerSocket::CLOSE_PEER_FINISHED
                                                           : StreamPeerSocket::CLOSE_NONE);
            reported |= kinds_of(event);
        }
    }
    ck_assert(c.client.get_utf8_string() == "bye");
    const SocketEvent last = expect_event(poller, CLOSED);
    ck_assert_int_eq(last.get_close_reason(), StreamPeerSocket::CLOSE_PEER_FINISHED);
    OK(poller.remove(c.client));
}

START_TEST(a_poller_reports_a_streams_events) {
    NEEDS_UNIX_SOCKETS
    expect_each_kind_of_event<Connection>();
    expect_each_kind_of_event<UnixConnection>();
}
END_TEST

START_TEST(a_poller_reports_servers_and_connecting) {
    SocketPoller poller;
    TCPServer server;
    StreamPeerTCP client;
    OK(server.listen(0, "127.0.0.1"));
    OK(poller.add(server, &server));
    OK(client.connect_to_host("127.0.0.1", server.get_local_port()));
    const SocketEvent event = expect_event(poller, CONNECTION_AVAILABLE);
    ck_assert(event.is_of(server));
    ck_assert(!event.is_of(client));
    ck_assert_ptr_eq(event.get_user_data<TCPServer>(), &server);
    const auto peer = server.take_connection();
    ck_assert(peer != nullptr);
    ck_assert(!event.is_of(StreamPeerTCP(sps::Adopt{nullptr}))); // NULL matches no object
    expect_no_event(poller);
    OK(poller.add(client));
    ck_assert(expect_event(poller, CONNECTED).is_of(client));
    OK(poller.remove(server));
    IS(poller.remove(server), sps::ERR_DOES_NOT_EXIST);
}
END_TEST

START_TEST(a_refused_connection_is_reported_with_its_reason) {
    SocketPoller poller;
    StreamPeerTCP client;
    OK(poller.add(client));
    OK(client.connect_to_host("localhost", unused_place(TCP).port));
    ck_assert_int_eq(expect_event(poller, CLOSED).get_close_reason(),
                     StreamPeerSocket::CLOSE_REFUSED);
}
END_TEST

START_TEST(a_full_buffer_is_busy_until_it_is_writable) {
    sps_stream_options options = {};
    options.struct_size = sizeof options;
    options.write_buffer_bytes = 100000;
    options.write_low_mark_bytes = 1;
    TCPServer server;
    StreamPeerTCP client(&options);
    SocketPoller poller;
    OK(server.listen(0, "127.0.0.1"));
    OK(poller.add(client));
    OK(client.connect_to_host("127.0.0.1", server.get_local_port()));
    expect_event(poller, CONNECTED);
    const auto peer = server.take_connection();
    const std::vector<uint8_t> piece(50000);
    const int bytes = static_cast<int>(piece.size());
    for (int busy = 0; busy < 2; poller.wait(0)) { // until the OS refuses more bytes, too
        busy = client.put_data(piece.data(), bytes) == sps::ERR_BUSY ? busy + 1 : 0;
    }
    expect_no_event(poller);
    WAIT_UNTIL((peer->get_partial_data(1 << 20), poller.wait(0)) == 1);
    expect_event(poller, WRITABLE);
    ck_assert_int_le(client.get_pending_write_bytes(), 1);
    OK(client.put_data(piece.data(), bytes));
}
END_TEST

// Each of ten connections has bytes. The handler of the first event destroys the other nine.
START_TEST(streams_may_end_inside_the_loop) {
    TCPServer server;
    OK(server.listen(0, "127.0.0.1"));
    SocketPoller poller;
    struct Player {
        StreamPeerTCP client;
        std::unique_ptr<StreamPeerTCP> peer;
    };
    std::vector<std::unique_ptr<Player>> players(10);
    for (auto &player : players) {
        player = std::make_unique<Player>();
        OK(player->client.connect_to_host("127.0.0.1", server.get_local_port()));
        WAIT_UNTIL((player->peer = server.take_connection()) != nullptr);
        OK(player->peer->put_u8(1));
        OK(poller.add(player->client, player.get()));
    }
    WAIT_UNTIL(poller.wait(10) == 10);
    int events = 0;
    for (const SocketEvent &event : poller.events()) {
        events++;
        const Player *reported = event.get_user_data<Player>();
        const auto is_other = [reported](const auto &player) { return player.get() != reported; };
        players.erase(std::remove_if(players.begin(), players.end(), is_other), players.end());
        ck_assert_uint_eq(players.size(), 1);
        OK(poller.add(server)); // others may be added
    }
    ck_assert_int_eq(events, 1);
    OK(players[0]->peer->put_u8(1));
    ck_assert_int_eq(poller.wait(20000), 1);
    for (const SocketEvent &event : poller.events()) {
        ck_assert_ptr_eq(event.get_user_data(), players[0].get());
        players.clear(); // including the stream of the event
    }
    expect_no_event(poller);
}
END_TEST

START_TEST(a_loop_that_is_left_loses_nothing) {
    Connection first, second;
    SocketPoller poller;
    OK(poller.add(first.client));
    OK(poller.add(second.client));
    OK(first.peer->put_u8(1));
    OK(second.peer->put_u8(1));
    WAIT_UNTIL(poller.wait(10) == 2);
    bool is_of_first = false;
    for (const SocketEvent &event : poller.events()) {
        is_of_first = event.is_of(first.client);
        break;
    }
    ck_assert_int_eq(poller.wait(0), 1);
    const SocketEvent rest = expect_event(poller, READABLE);
    ck_assert(rest.is_of(is_of_first ? second.client : first.client));
}
END_TEST

START_TEST(a_stream_that_moves_stays_in_its_poller) {
    Connection c;
    SocketPoller poller;
    OK(poller.add(c.client, &c));
    StreamPeerTCP moved(std::move(c.client));
    OK(c.peer->put_u8(1));
    const SocketEvent event = expect_event(poller, READABLE);
    ck_assert(event.is_of(moved));
    ck_assert(!event.is_of(c.client)); // deliberately without a handle
    IS(poller.add(moved), sps::ERR_ALREADY_IN_USE);
    moved = StreamPeerTCP(); // destroys the stream that `moved` held
    expect_no_event(poller);
    OK(poller.add(moved));
}
END_TEST

void expect_nothing_works(SocketPoller &poller) {
    StreamPeerTCP peer;
    TCPServer server;
    SocketEvent event;
    ck_assert_ptr_null(poller.handle());
    IS(poller.add(peer), sps::ERR_INVALID_PARAMETER);
    IS(poller.add(server), sps::ERR_INVALID_PARAMETER);
    IS(poller.remove(peer), sps::ERR_INVALID_PARAMETER);
    IS(poller.remove(server), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(poller.wait(-1), 0);
    IS(poller.get_last_error(), sps::ERR_INVALID_PARAMETER);
    ck_assert(!poller.next_event(event));
    IS(poller.get_last_error(), sps::ERR_INVALID_PARAMETER);
    for (const SocketEvent &none : poller.events()) {
        ck_assert_msg(false, "an event of %p", none.get_user_data());
    }
    IS(poller.wake(), sps::ERR_INVALID_PARAMETER);
}

START_TEST(without_memory_there_is_no_poller) {
    const sps_allocator allocator = {sizeof(sps_allocator), no_memory, nullptr};
    sps_poller_options options = {};
    options.struct_size = sizeof options;
    options.allocator = &allocator;
    SocketPoller poller(&options);
    IS(poller.get_last_error(), sps::ERR_OUT_OF_MEMORY);
    expect_nothing_works(poller);
}
END_TEST

START_TEST(a_poller_moves) {
    Connection c;
    SocketPoller first;
    OK(first.add(c.client));
    SocketPoller second(std::move(first));
    expect_nothing_works(first); // deliberately used after the move: it is empty
    OK(c.peer->put_u8(1));
    expect_event(second, READABLE);
    second = SocketPoller(); // the members of a poller outlive it
    IS(second.remove(c.client), sps::ERR_DOES_NOT_EXIST);
    ck_assert_uint_eq(c.client.get_u8(), 1);
}
END_TEST

START_TEST(a_poller_knows_when_it_is_due) {
    SocketPoller poller;
    Connection c;
    ck_assert_int_eq(poller.get_timeout_us(), -1);
    OK(poller.add(c.client));
    OK(c.client.put_u8(1));
    ck_assert_int_eq(poller.get_timeout_us(), 0);
}
END_TEST

START_TEST(another_loop_may_wait_for_a_poller) {
    SocketPoller poller;
    struct pollfd wait = {static_cast<raw_socket>(poller.get_fd()), POLLIN, 0};
#if !HAS_POLLER_DESCRIPTORS
    ck_assert_int_eq(wait.fd, -1);
#else
    ck_assert_int_eq(poll(&wait, 1, 0), 0);
    OK(poller.wake());
    ck_assert_int_eq(poll(&wait, 1, 0), 1);
#endif
}
END_TEST

START_TEST(another_thread_may_wake_a_poller) {
    SocketPoller poller;
    for (int i = 0; i < 100; i++) {
        std::thread waker([&poller] { OK(poller.wake()); });
        ck_assert_int_eq(poller.wait(-1), 0);
        OK(poller.get_last_error());
        waker.join();
    }
    ck_assert_int_eq(poller.wait(-2), 0);
    IS(poller.get_last_error(), sps::ERR_INVALID_PARAMETER);
    OK(poller.wake());
    IS(poller.get_last_error(), sps::ERR_INVALID_PARAMETER); // the waiting thread owns the poller
}
END_TEST

START_TEST(a_refused_call_of_a_poller_changes_nothing) {
    SocketPoller poller, other;
    Connection c;
    for (const int negative : {-2, INT32_MIN}) {
        ck_assert_int_eq(poller.wait(negative), 0);
        IS(poller.get_last_error(), sps::ERR_INVALID_PARAMETER);
    }
    OK(poller.add(c.client));
    IS(poller.add(c.client), sps::ERR_ALREADY_IN_USE);
    IS(other.add(c.client), sps::ERR_ALREADY_IN_USE);
    IS(other.remove(c.client), sps::ERR_DOES_NOT_EXIST);
    IS(poller.remove(c.server), sps::ERR_DOES_NOT_EXIST);
    StreamPeerTCP moved(std::move(*c.peer));
    IS(poller.add(*c.peer), sps::ERR_INVALID_PARAMETER);
    IS(poller.remove(*c.peer), sps::ERR_INVALID_PARAMETER);
    OK(moved.put_u8(1));
    ck_assert(expect_event(poller, READABLE).is_of(c.client));
}
END_TEST

} // namespace

extern "C" Suite *cpp_poller_suite() {
    Suite *suite = suite_create("cpp_poller");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_poller_reports_a_streams_events);
    tcase_add_test(all, a_poller_reports_servers_and_connecting);
    tcase_add_test(all, a_refused_connection_is_reported_with_its_reason);
    tcase_add_test(all, a_full_buffer_is_busy_until_it_is_writable);
    tcase_add_test(all, streams_may_end_inside_the_loop);
    tcase_add_test(all, a_loop_that_is_left_loses_nothing);
    tcase_add_test(all, a_stream_that_moves_stays_in_its_poller);
    tcase_add_test(all, without_memory_there_is_no_poller);
    tcase_add_test(all, a_poller_moves);
    tcase_add_test(all, a_poller_knows_when_it_is_due);
    tcase_add_test(all, another_loop_may_wait_for_a_poller);
    tcase_add_test(all, another_thread_may_wake_a_poller);
    tcase_add_test(all, a_refused_call_of_a_poller_changes_nothing);
    return suite;
}
