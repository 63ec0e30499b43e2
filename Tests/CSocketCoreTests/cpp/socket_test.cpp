// SPDX-License-Identifier: MIT
//
// The sockets and servers of the C++ header. Each call reaches its C function and returns what
// Godot's would. The C tests check the functions' behaviour.
#include <cstring>
#include <memory>
#include <string>

#include "support/cpp_support.hpp"

namespace {

using namespace std::string_literals;
using sps::StreamPeerSocket;
using sps::StreamPeerTCP;
using sps::StreamPeerUDS;
using sps::TCPServer;
using sps::UDSServer;

START_TEST(tcp_names_and_options) {
    Connection c;
    ck_assert(c.client.get_connected_host() == "127.0.0.1");
    ck_assert_int_eq(c.client.get_connected_port(), c.server.get_local_port());
    ck_assert_int_eq(c.peer->get_connected_port(), c.client.get_local_port());
    OK(c.client.set_no_delay(true));
    OK(c.client.set_connect_timeout(1000));
    OK(c.client.set_attempt_delay(100));
    const auto attempts = c.client.get_connect_attempts();
    ck_assert_uint_eq(attempts.size(), 1);
    ck_assert_str_eq(attempts[0].host, "127.0.0.1");
    ck_assert_int_eq(attempts[0].state, SPS_ATTEMPT_CONNECTED);
    ck_assert(c.peer->get_connect_attempts().empty());
    IS(c.client.connect_to_host("127.0.0.1", 5), sps::ERR_ALREADY_IN_USE);
    c.peer.reset(); // destroying a peer closes it
    WAIT_UNTIL((c.client.poll(), c.client.get_status()) == StreamPeerSocket::STATUS_NONE);
    ck_assert(c.client.get_connected_host().empty());
    ck_assert_int_eq(c.client.get_os_error(), 0);
    ck_assert_int_eq(c.client.get_close_reason(), StreamPeerSocket::CLOSE_PEER_FINISHED);
}
END_TEST

START_TEST(the_local_host) {
    Connection c;
    ck_assert(c.client.get_local_host() == "127.0.0.1");
    c.client.disconnect_from_host();
    ck_assert(c.client.get_local_host().empty());
    OK(c.client.get_last_error());
}
END_TEST

START_TEST(a_graceful_close_ends_when_the_peer_has_finished) {
    Connection c;
    OK(c.client.put_utf8_string("bye"));
    OK(c.client.close_gracefully(20000));
    ck_assert_int_eq(c.client.get_status(), StreamPeerSocket::STATUS_CONNECTED);
    ck_assert(c.peer->get_utf8_string() == "bye");
    WAIT_UNTIL((c.peer->poll(), c.peer->get_status()) == StreamPeerSocket::STATUS_NONE);
    WAIT_UNTIL((c.client.poll(), c.client.get_status()) == StreamPeerSocket::STATUS_NONE);
    ck_assert_int_eq(c.client.get_close_reason(), StreamPeerSocket::CLOSE_LOCAL);
}
END_TEST

START_TEST(a_close_can_wait_for_the_peer) {
    Connection c;
    OK(c.peer->shutdown_write());
    OK(c.client.close_and_wait());
    ck_assert_int_eq(c.client.get_status(), StreamPeerSocket::STATUS_NONE);
    ck_assert_int_eq(c.client.get_close_reason(), StreamPeerSocket::CLOSE_LOCAL);
}
END_TEST

START_TEST(a_close_waits_no_longer_than_its_time) {
    Connection c;
    IS(c.client.close_and_wait(1), sps::ERR_TIMEOUT);
    ck_assert_int_eq(c.client.get_status(), StreamPeerSocket::STATUS_NONE);
    ck_assert_int_eq(c.client.get_close_reason(), StreamPeerSocket::CLOSE_GRACE_TIMED_OUT);
}
END_TEST

START_TEST(a_get_waits_no_longer_than_the_io_timeout) {
    Connection c;
    OK(c.client.set_io_timeout(1));
    ck_assert_uint_eq(c.client.get_u8(), 0);
    IS(c.client.get_last_error(), sps::ERR_TIMEOUT);
    ck_assert_int_eq(c.client.get_status(), StreamPeerSocket::STATUS_CONNECTED);
}
END_TEST

START_TEST(a_silent_peer_is_given_up_after_the_idle_timeout) {
    Connection c;
    OK(c.client.set_idle_timeout(1));
    WAIT_UNTIL((c.client.poll(), c.client.get_status()) == StreamPeerSocket::STATUS_ERROR);
    ck_assert_int_eq(c.client.get_close_reason(), StreamPeerSocket::CLOSE_IDLE);
}
END_TEST

START_TEST(the_buffers_of_the_os_have_the_size_that_was_set) {
    Connection c;
    OK(c.client.set_os_buffers(96 * 1024, 32 * 1024));
    const StreamPeerSocket::OsBuffers buffers = c.client.get_os_buffers();
    OK(c.client.get_last_error());
    ck_assert_int_ge(buffers.receive_bytes, 32 * 1024);
    ck_assert_int_ge(buffers.send_bytes, 96 * 1024);
    ck_assert_int_lt(buffers.receive_bytes, buffers.send_bytes);
}
END_TEST

START_TEST(another_loop_may_wait_for_a_stream) {
    Connection c;
    const sps_socket_wait wait = c.client.get_wait();
    OK(c.client.get_last_error());
    ck_assert_int_ge(wait.fd, 0);
    ck_assert_uint_eq(wait.interests, SPS_WAIT_READABLE);
    sps::SocketPoller poller;
    OK(poller.add(c.client));
    ck_assert_int_eq(c.client.get_wait().fd, -1);
    IS(c.client.get_last_error(), sps::ERR_ALREADY_IN_USE);
}
END_TEST

START_TEST(a_closed_socket_has_no_buffers) {
    const StreamPeerTCP peer;
    const StreamPeerSocket::OsBuffers buffers = peer.get_os_buffers();
    IS(peer.get_last_error(), sps::FAILED);
    ck_assert_int_eq(buffers.send_bytes, 0);
    ck_assert_int_eq(buffers.receive_bytes, 0);
}
END_TEST

START_TEST(keepalive_and_its_limits) {
    Connection c;
    OK(c.client.set_keepalive(10000, 1000, 127));
    OK(c.client.set_keepalive(10000));
    OK(c.client.set_keepalive(0));
    IS(c.client.set_keepalive(32767001), sps::ERR_PARAMETER_RANGE_ERROR);
    IS(c.client.set_keepalive(10000, 32767001), sps::ERR_PARAMETER_RANGE_ERROR);
    IS(c.client.set_keepalive(10000, 1000, 128), sps::ERR_PARAMETER_RANGE_ERROR);
}
END_TEST

START_TEST(the_user_timeout_can_be_set_where_the_os_has_one) {
    Connection c;
    const sps::Error error = c.client.set_user_timeout(5000);
    ck_assert(error == sps::OK || error == sps::ERR_UNAVAILABLE);
    ck_assert_int_eq(c.client.get_last_error(), error);
}
END_TEST

START_TEST(the_os_reports_a_connections_numbers) {
    Connection c;
    expect_text_arrives(c.client, *c.peer);
    const sps_tcp_info info = c.peer->get_info();
    if (c.peer->get_last_error() == sps::OK) {
        ck_assert_uint_eq(info.struct_size, sizeof info);
        ck_assert_uint_gt(info.segment_bytes, 0);
        ck_assert_uint_eq(info.received_bytes, 6);
    } else {
        IS(c.peer->get_last_error(), sps::ERR_UNAVAILABLE);
    }
}
END_TEST

// After a failed call, a query of the status leaves the call's error code in place.
START_TEST(a_look_at_the_status_leaves_the_last_error) {
    sps::StreamPeerTCP peer;
    IS(peer.connect_to_host("not a host", 0), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(peer.get_status(), peer.STATUS_NONE);
    ck_assert_int_eq(peer.get_close_reason(), peer.CLOSE_NONE);
    ck_assert_int_eq(peer.get_os_error(), 0);
    IS(peer.get_last_error(), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(without_a_connection_there_are_no_numbers) {
    const StreamPeerTCP peer;
    const sps_tcp_info info = peer.get_info();
    IS(peer.get_last_error(), sps::FAILED);
    ck_assert_uint_eq(info.struct_size, 0);
    ck_assert_uint_eq(info.segment_bytes, 0);
}
END_TEST

START_TEST(a_hard_close_is_a_reset_for_the_peer) {
    Connection c;
    OK(c.client.close_reset());
    ck_assert_int_eq(c.client.get_status(), StreamPeerSocket::STATUS_NONE);
    WAIT_UNTIL((c.peer->poll(), c.peer->get_status()) == StreamPeerSocket::STATUS_ERROR);
    ck_assert_int_eq(c.peer->get_close_reason(), StreamPeerSocket::CLOSE_RESET);
}
END_TEST

START_TEST(a_tcp_connection_goes_from_one_stream_to_another) {
    Connection c;
    const intptr_t fd = c.client.release_fd();
    OK(c.client.get_last_error());
    ck_assert_int_eq(c.client.get_status(), StreamPeerSocket::STATUS_NONE);
    StreamPeerTCP other;
    OK(other.adopt_fd(fd));
    ck_assert_int_eq(other.get_status(), StreamPeerSocket::STATUS_CONNECTED);
    expect_text_arrives(other, *c.peer);
    IS(other.adopt_fd(fd), sps::ERR_ALREADY_IN_USE);
}
END_TEST

START_TEST(without_a_connection_there_is_no_descriptor) {
    StreamPeerTCP peer;
    ck_assert_int_eq(peer.release_fd(), -1);
    IS(peer.get_last_error(), sps::FAILED);
    IS(peer.adopt_fd(-1), sps::ERR_INVALID_PARAMETER);
    StreamPeerUDS unix_peer;
    ck_assert_int_eq(unix_peer.release_fd(), -1);
    IS(unix_peer.get_last_error(), sps::FAILED);
    IS(unix_peer.adopt_fd(-1), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(a_tcp_listener_goes_from_one_server_to_another) {
    TCPServer first;
    OK(first.listen(0, "127.0.0.1"));
    const int port = first.get_local_port();
    TCPServer second;
    OK(second.adopt_fd(first.release_fd()));
    ck_assert(!first.is_listening());
    ck_assert_int_eq(second.get_local_port(), port);
    StreamPeerTCP client;
    OK(client.connect_to_host("127.0.0.1", port));
    WAIT_UNTIL(second.take_connection() != nullptr);
}
END_TEST

START_TEST(a_unix_listener_goes_from_one_server_to_another) {
    NEEDS_UNIX_SOCKETS
    const std::string path = unused_place(UDS).path;
    UDSServer first;
    OK(first.listen(path));
    UDSServer second;
    OK(second.adopt_fd(first.release_fd()));
    ck_assert(!first.is_listening());
    StreamPeerUDS client;
    OK(client.connect_to_host(path));
    WAIT_UNTIL(second.take_connection() != nullptr);
}
END_TEST

START_TEST(without_a_listener_there_is_no_descriptor) {
    TCPServer server;
    ck_assert_int_eq(server.release_fd(), -1);
    IS(server.get_last_error(), sps::ERR_UNCONFIGURED);
    IS(server.adopt_fd(-1), sps::ERR_INVALID_PARAMETER);
    UDSServer unix_server;
    ck_assert_int_eq(unix_server.release_fd(), -1);
    IS(unix_server.get_last_error(), sps::ERR_UNCONFIGURED);
    IS(unix_server.adopt_fd(-1), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(bind_and_its_errors) {
    StreamPeerTCP peer;
    IS(peer.bind(70000), sps::ERR_INVALID_PARAMETER);
    IS(peer.bind(0, "*\0"s), sps::ERR_INVALID_PARAMETER);
    IS(peer.connect_to_host("127.0.0.1\0x"s, 80), sps::ERR_INVALID_PARAMETER);
    OK(peer.bind(0));
    ck_assert_int_gt(peer.get_local_port(), 0);
    IS(peer.bind(0), sps::ERR_ALREADY_IN_USE);
    peer.disconnect_from_host();
    ck_assert_int_eq(peer.get_local_port(), 0);
}
END_TEST

START_TEST(unix_sockets) {
    NEEDS_UNIX_SOCKETS
    const place somewhere = unused_place(UDS);
    const std::string path = somewhere.path;
    UDSServer server;
    IS(server.listen("a\0b"s), sps::ERR_INVALID_PARAMETER);
    OK(server.listen(path));
    ck_assert(server.is_listening());
    IS(server.listen(path), sps::ERR_ALREADY_IN_USE);
    StreamPeerUDS client;
    IS(client.connect_to_host("a\0b"s), sps::ERR_INVALID_PARAMETER);
    OK(client.connect_to_host(path));
    ck_assert(server.is_connection_available());
    sps::SocketServer &base = server;
    const std::unique_ptr<StreamPeerSocket> peer = base.take_socket_connection();
    ck_assert(peer != nullptr);
    ck_assert(client.get_connected_path() == path);
    OK(client.put_utf8_string("hi"));
    ck_assert(peer->get_utf8_string() == "hi");
    server.stop();
    ck_assert(!server.is_listening());
}
END_TEST

START_TEST(the_peer_of_a_unix_socket_is_known) {
    NEEDS_UNIX_SOCKETS
    UnixConnection c;
    const sps_peer_credentials who = c.peer->get_peer_credentials();
    if (c.peer->get_last_error() == sps::OK) {
        ck_assert_uint_eq(who.struct_size, sizeof who);
        expect_own_credentials(&who);
    } else {
        IS(c.peer->get_last_error(), sps::ERR_UNAVAILABLE);
    }
}
END_TEST

START_TEST(without_a_connection_there_are_no_credentials) {
    const StreamPeerUDS peer;
    const sps_peer_credentials who = peer.get_peer_credentials();
    IS(peer.get_last_error(), sps::FAILED);
    ck_assert_uint_eq(who.struct_size, 0);
}
END_TEST

START_TEST(a_unix_connection_goes_from_one_stream_to_another) {
    NEEDS_UNIX_SOCKETS
    UnixConnection c;
    const intptr_t fd = c.client.release_fd();
    OK(c.client.get_last_error());
    ck_assert_int_eq(c.client.get_status(), StreamPeerSocket::STATUS_NONE);
    StreamPeerUDS other;
    OK(other.adopt_fd(fd));
    expect_text_arrives(other, *c.peer);
}
END_TEST

START_TEST(a_c_stream_can_be_adopted) {
    sps_stream *stream = nullptr;
    OK(sps_uds_create(nullptr, &stream));
    StreamPeerTCP peer(sps::Adopt{stream});
    IS(peer.connect_to_host("127.0.0.1", 9), sps::ERR_UNAVAILABLE);
}
END_TEST

} // namespace

extern "C" Suite *cpp_socket_suite() {
    Suite *suite = suite_create("cpp_socket");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, tcp_names_and_options);
    tcase_add_test(all, the_local_host);
    tcase_add_test(all, a_graceful_close_ends_when_the_peer_has_finished);
    tcase_add_test(all, a_close_can_wait_for_the_peer);
    tcase_add_test(all, a_close_waits_no_longer_than_its_time);
    tcase_add_test(all, a_get_waits_no_longer_than_the_io_timeout);
    tcase_add_test(all, a_silent_peer_is_given_up_after_the_idle_timeout);
    tcase_add_test(all, the_buffers_of_the_os_have_the_size_that_was_set);
    tcase_add_test(all, another_loop_may_wait_for_a_stream);
    tcase_add_test(all, a_closed_socket_has_no_buffers);
    tcase_add_test(all, keepalive_and_its_limits);
    tcase_add_test(all, the_user_timeout_can_be_set_where_the_os_has_one);
    tcase_add_test(all, the_os_reports_a_connections_numbers);
    tcase_add_test(all, a_look_at_the_status_leaves_the_last_error);
    tcase_add_test(all, without_a_connection_there_are_no_numbers);
    tcase_add_test(all, a_hard_close_is_a_reset_for_the_peer);
    tcase_add_test(all, a_tcp_connection_goes_from_one_stream_to_another);
    tcase_add_test(all, without_a_connection_there_is_no_descriptor);
    tcase_add_test(all, a_tcp_listener_goes_from_one_server_to_another);
    tcase_add_test(all, a_unix_listener_goes_from_one_server_to_another);
    tcase_add_test(all, without_a_listener_there_is_no_descriptor);
    tcase_add_test(all, bind_and_its_errors);
    tcase_add_test(all, unix_sockets);
    tcase_add_test(all, the_peer_of_a_unix_socket_is_known);
    tcase_add_test(all, without_a_connection_there_are_no_credentials);
    tcase_add_test(all, a_unix_connection_goes_from_one_stream_to_another);
    tcase_add_test(all, a_c_stream_can_be_adopted);
    return suite;
}
