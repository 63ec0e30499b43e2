// SPDX-License-Identifier: MIT
//
// The C++ header: that each call reaches its C function and gives what Godot's would. What the calls
// then do is tested in C.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

#include <streampeersocket.hpp>

#include "cpp_suites.hpp"
#include "support.h"

namespace {

using namespace std::string_literals;
using sps::IP;
using sps::SocketEvent;
using sps::SocketPoller;
using sps::StreamPeerSocket;
using sps::StreamPeerTCP;
using sps::StreamPeerUDS;
using sps::TCPServer;
using sps::UDSServer;
using Strings = std::vector<std::string>;

const uint8_t *bytes_of(const char *text) {
    return reinterpret_cast<const uint8_t *>(text);
}

struct Connection {
    TCPServer server;
    StreamPeerTCP client;
    std::unique_ptr<StreamPeerTCP> peer;

    Connection() {
        OK(server.listen(0, "127.0.0.1"));
        OK(client.connect_to_host("127.0.0.1", server.get_local_port()));
        WAIT_UNTIL((peer = server.take_connection()) != nullptr);
        WAIT_UNTIL((client.poll(), client.get_status()) == StreamPeerSocket::STATUS_CONNECTED);
    }
};

struct UnixConnection {
    const std::string path = nowhere(UDS).path;
    UDSServer server;
    StreamPeerUDS client;
    std::unique_ptr<StreamPeerUDS> peer;

    UnixConnection() {
        OK(server.listen(path));
        OK(client.connect_to_host(path));
        WAIT_UNTIL((peer = server.take_connection()) != nullptr);
        WAIT_UNTIL((client.poll(), client.get_status()) == StreamPeerSocket::STATUS_CONNECTED);
    }
};

template <class Peer> void expect_text_arrives(Peer &from, sps::StreamPeer &to) {
    OK(from.put_utf8_string("hi"));
    ck_assert(to.get_utf8_string() == "hi");
}

// ---- Packets

using Bytes = std::vector<uint8_t>;

// Moved as what it is, or the stream that it keeps alive would be left behind.
static_assert(!std::is_move_constructible<sps::PacketPeer>::value &&
                  !std::is_move_assignable<sps::PacketPeer>::value &&
                  std::is_move_constructible<sps::PacketPeerStream>::value,
              "a packet peer is not cut");

START_TEST(variants_go_in_packets) {
    Connection connection;
    sps::PacketPeerStream client, peer;
    OK(client.set_stream_peer(connection.client));
    OK(peer.set_stream_peer(*connection.peer));
    const sps::Variant sent = sps::Dictionary{{"hp", 100}};
    OK(client.put_var(sent));
    WAIT_UNTIL(peer.get_available_packet_count() == 1);
    ck_assert(peer.get_var() == sent);
    OK(peer.get_last_error());
    ck_assert(peer.get_var().get_type() == sps::Variant::NIL);
    IS(peer.get_last_error(), sps::ERR_UNAVAILABLE);
    OK(client.put_packet(Bytes{200, 0, 0, 0})); // no type
    WAIT_UNTIL(peer.get_available_packet_count() == 1);
    peer.get_var();
    IS(peer.get_last_error(), sps::ERR_INVALID_DATA);
}
END_TEST

START_TEST(packets_come_as_they_were_put) {
    Connection connection;
    sps::PacketPeerStream client, peer;
    OK(client.set_stream_peer(connection.client));
    OK(peer.set_stream_peer(std::move(connection.peer))); // which it owns from now on
    OK(client.put_packet(Bytes{1, 2, 3}));
    OK(client.put_packet(Bytes{}));
    OK(client.put_packet(bytes_of("text"), 4));
    OK(client.put_var(bytes_of("\1\0\0\0\1\0\0\0"), 8));
    WAIT_UNTIL(peer.get_available_packet_count() == 3);
    ck_assert(peer.get_packet() == (Bytes{1, 2, 3}));
    const uint8_t *data = nullptr;
    int size = 7;
    OK(peer.get_packet(&data, size));
    ck_assert(std::string(data, data + size) == "text");
    OK(peer.get_var(&data, size));
    ck_assert_int_eq(size, 8);
    IS(peer.get_var(&data, size), sps::ERR_UNAVAILABLE);
    ck_assert_ptr_null(data);
    ck_assert_int_eq(size, 0);
    ck_assert(peer.get_packet().empty());
    IS(peer.get_packet_error(), sps::ERR_UNAVAILABLE);
    OK(peer.get_last_error()); // of the last call
    OK(peer.put_packet(Bytes{0x10}));
    ck_assert_uint_eq(connection.client.get_u32(), 1);
    ck_assert_uint_eq(connection.client.get_u8(), 0x10);
}
END_TEST

START_TEST(a_packet_peer_keeps_its_stream) {
    Connection connection;
    std::weak_ptr<sps::StreamPeer> stream;
    {
        sps::PacketPeerStream made, peer;
        ck_assert_ptr_null(made.get_stream_peer().get());
        IS(made.put_packet(Bytes{1}), sps::ERR_UNCONFIGURED);
        OK(made.set_stream_peer(std::move(connection.peer)));
        stream = made.get_stream_peer();
        StreamPeerTCP moved, now(std::move(moved));
        IS(made.set_stream_peer(moved), sps::ERR_INVALID_PARAMETER); // and nothing changes
        ck_assert_ptr_eq(made.get_stream_peer().get(), stream.lock().get());
        peer = std::move(made);
        OK(peer.put_packet(Bytes{1}));
        IS(made.put_packet(Bytes{1}), sps::ERR_INVALID_PARAMETER);
        OK(peer.set_stream_peer(connection.client));
        ck_assert_ptr_eq(peer.get_stream_peer().get(), &connection.client);
        ck_assert(stream.expired());
        OK(peer.set_stream_peer(nullptr));
        IS(peer.put_packet(Bytes{1}), sps::ERR_UNCONFIGURED);
    }
    ck_assert_int_eq(connection.client.get_status(), StreamPeerSocket::STATUS_CONNECTED);
    ck_assert_uint_eq(connection.client.get_u32(), 1);
}
END_TEST

START_TEST(packets_have_limits) {
    sps_packet_options options = {};
    options.struct_size = sizeof options;
    options.input_buffer_max_bytes = 100;
    options.output_buffer_max_bytes = 1000;
    options.encode_buffer_max_bytes = 2000;
    sps::PacketPeerStream client(&options), peer;
    ck_assert_int_eq(peer.get_input_buffer_max_size(), 65532);
    ck_assert_int_eq(peer.get_output_buffer_max_size(), 65532);
    ck_assert_int_eq(peer.get_encode_buffer_max_size(), 8 << 20);
    ck_assert_int_eq(client.get_input_buffer_max_size(), 124);
    ck_assert_int_eq(client.get_output_buffer_max_size(), 1020);
    ck_assert_int_eq(client.get_encode_buffer_max_size(), 2048);
    OK(client.set_input_buffer_max_size(10));
    OK(client.set_output_buffer_max_size(20));
    OK(client.set_encode_buffer_max_size(3000));
    IS(client.set_input_buffer_max_size(-1), sps::ERR_INVALID_PARAMETER);
    IS(client.set_output_buffer_max_size(-1), sps::ERR_INVALID_PARAMETER);
    IS(client.set_encode_buffer_max_size(-1), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(client.get_input_buffer_max_size(), 12);
    ck_assert_int_eq(client.get_output_buffer_max_size(), 28);
    ck_assert_int_eq(client.get_encode_buffer_max_size(), 4096);
    IS(client.put_packet(bytes_of("x"), -1), sps::ERR_INVALID_PARAMETER);
    IS(client.put_packet(Bytes(29)), sps::ERR_INVALID_PARAMETER);
    IS(client.put_var(Bytes(5000).data(), 5000), sps::ERR_OUT_OF_MEMORY);
    Connection connection;
    OK(client.set_stream_peer(connection.client));
    OK(peer.set_stream_peer(*connection.peer));
    OK(peer.put_packet(Bytes(13)));
    WAIT_UNTIL((client.get_available_packet_count(), client.get_last_error()) != sps::OK);
    IS(client.get_last_error(), sps::ERR_INVALID_DATA);
    ck_assert_int_eq(client.get_available_packet_count(), 0);
    ck_assert_int_eq(connection.client.get_close_reason(), StreamPeerSocket::CLOSE_LIMIT);
}
END_TEST

START_TEST(without_memory_there_are_no_packets) {
    const sps_allocator allocator = {
        [](void *, void *, size_t, size_t) -> void * { return nullptr; }, nullptr};
    sps_packet_options options = {};
    options.struct_size = sizeof options;
    options.allocator = &allocator;
    sps::PacketPeerStream packets(&options);
    IS(packets.get_last_error(), sps::ERR_OUT_OF_MEMORY);
    ck_assert_ptr_null(packets.handle());
    ck_assert_int_eq(packets.get_available_packet_count(), 0);
    ck_assert(packets.get_packet().empty());
    IS(packets.get_packet_error(), sps::ERR_INVALID_PARAMETER);
    IS(packets.put_packet(Bytes{1}), sps::ERR_INVALID_PARAMETER);
    IS(packets.set_stream_peer(nullptr), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(packets.get_encode_buffer_max_size(), 0);
}
END_TEST

// ---- Without a handle

void *no_memory(void *, void *, size_t, size_t) {
    return nullptr;
}

void expect_nothing_works(StreamPeerTCP &peer) {
    uint8_t bytes[4] = {};
    int count = 7;
    ck_assert_ptr_null(peer.handle());
    IS(peer.put_data(bytes, 1), sps::ERR_INVALID_PARAMETER);
    IS(peer.put_partial_data(bytes, 1, count), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(count, 0);
    IS(peer.get_data(bytes, 1), sps::ERR_INVALID_PARAMETER);
    IS(peer.get_data(3).first, sps::ERR_INVALID_PARAMETER);
    IS(peer.get_partial_data(300000).first, sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(peer.get_available_bytes(), -1);
    ck_assert_uint_eq(peer.get_u8(), 0);
    IS(peer.get_last_error(), sps::ERR_INVALID_PARAMETER);
    ck_assert(!peer.try_get_double());
    ck_assert(peer.get_string().empty());
    ck_assert_uint_eq(peer.peek(3).size, 0);
    IS(peer.poll(), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(peer.get_status(), StreamPeerSocket::STATUS_NONE);
    IS(peer.connect_to_host("::1", 1), sps::ERR_INVALID_PARAMETER);
    ck_assert(peer.get_connected_host().empty());
    ck_assert(peer.get_local_host().empty());
    IS(peer.close_gracefully(), sps::ERR_INVALID_PARAMETER);
    IS(peer.close_and_wait(), sps::ERR_INVALID_PARAMETER);
    IS(peer.close_reset(), sps::ERR_INVALID_PARAMETER);
    IS(peer.set_io_timeout(1), sps::ERR_INVALID_PARAMETER);
    IS(peer.set_idle_timeout(1), sps::ERR_INVALID_PARAMETER);
    IS(peer.set_os_buffers(0, 0), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(peer.get_os_buffers().send_bytes, 0);
    IS(peer.get_last_error(), sps::ERR_INVALID_PARAMETER);
    IS(peer.set_keepalive(1), sps::ERR_INVALID_PARAMETER);
    IS(peer.set_user_timeout(1), sps::ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(peer.get_info().struct_size, 0);
    IS(peer.get_last_error(), sps::ERR_INVALID_PARAMETER);
    IS(peer.adopt_fd(0), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(peer.release_fd(), -1);
    IS(peer.get_last_error(), sps::ERR_INVALID_PARAMETER);
}

void expect_nothing_works(IP &ip) {
    ck_assert_ptr_null(ip.handle());
    ck_assert(ip.resolve_hostname("::1").empty());
    IS(ip.get_last_error(), sps::ERR_INVALID_PARAMETER);
    ck_assert(ip.resolve_hostname_addresses("::1").empty());
    ck_assert_int_eq(ip.resolve_hostname_queue_item("::1"), IP::RESOLVER_INVALID_ID);
    ck_assert_int_eq(ip.get_resolve_item_status(0), IP::RESOLVER_STATUS_NONE);
    ck_assert(ip.get_resolve_item_address(0).empty());
    ck_assert(ip.get_resolve_item_addresses(0).empty());
    IS(ip.erase_resolve_item(0), sps::ERR_INVALID_PARAMETER);
    IS(ip.clear_cache(), sps::ERR_INVALID_PARAMETER);
    ck_assert(ip.get_local_addresses().empty());
    ck_assert(ip.get_local_interfaces().empty());
    IS(ip.get_last_error(), sps::ERR_INVALID_PARAMETER);
}

START_TEST(without_memory_there_is_no_handle_and_every_call_says_so) {
    const sps_allocator allocator = {no_memory, nullptr};
    sps_stream_options options = {};
    options.struct_size = sizeof options;
    options.allocator = &allocator;
    StreamPeerTCP peer(&options);
    IS(peer.get_last_error(), sps::ERR_OUT_OF_MEMORY);
    expect_nothing_works(peer);
    sps_server_options server_options = {};
    server_options.struct_size = sizeof server_options;
    server_options.stream = &options;
    TCPServer server(&server_options);
    IS(server.get_last_error(), sps::ERR_OUT_OF_MEMORY);
    IS(server.listen(0), sps::ERR_INVALID_PARAMETER);
    ck_assert(server.take_connection() == nullptr);
    IS(server.adopt_fd(0), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(server.release_fd(), -1);
    IS(server.get_last_error(), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(without_memory_there_is_no_queue_of_look_ups) {
    const sps_allocator allocator = {no_memory, nullptr};
    sps_ip_options options = {};
    options.struct_size = sizeof options;
    options.allocator = &allocator;
    IP ip(&options);
    IS(ip.get_last_error(), sps::ERR_OUT_OF_MEMORY);
    expect_nothing_works(ip);
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
    const sps_allocator allocator = {no_memory, nullptr};
    sps_poller_options options = {};
    options.struct_size = sizeof options;
    options.allocator = &allocator;
    SocketPoller poller(&options);
    IS(poller.get_last_error(), sps::ERR_OUT_OF_MEMORY);
    expect_nothing_works(poller);
}
END_TEST

START_TEST(a_peer_moves) {
    StreamPeerTCP first;
    StreamPeerTCP second(std::move(first));
    expect_nothing_works(first); // what was moved from is empty, on purpose
    ck_assert_ptr_nonnull(second.handle());
    first = std::move(second);
    ck_assert_ptr_nonnull(first.handle());
}
END_TEST

START_TEST(an_ip_moves) {
    IP first;
    IP second(std::move(first));
    expect_nothing_works(first); // what was moved from is empty, on purpose
    ck_assert(second.resolve_hostname("::1") == "::1");
}
END_TEST

// ---- Values

void exchange(sps::StreamPeer &from, sps::StreamPeer &to, bool big_endian) {
    from.set_big_endian(big_endian);
    to.set_big_endian(big_endian);
    ck_assert(from.is_big_endian_enabled() == big_endian);
    OK(from.put_8(-5));
    OK(from.put_u8(250));
    OK(from.put_16(-1234));
    OK(from.put_u16(54321));
    OK(from.put_32(-5));
    OK(from.put_u32(4000000000u));
    OK(from.put_64(-6));
    OK(from.put_u64(~0ull));
    OK(from.put_half(1.5f));
    OK(from.put_float(2.5f));
    OK(from.put_double(-3.5));
    OK(from.put_string("h\u00e9"));
    OK(from.put_utf8_string(std::string_view("a\0\u00e9", 4)));
    OK(from.put_utf8_string({}));
    ck_assert_int_eq(to.get_8(), -5);
    ck_assert_uint_eq(to.get_u8(), 250);
    ck_assert_int_eq(to.get_16(), -1234);
    ck_assert_uint_eq(to.get_u16(), 54321);
    ck_assert_int_eq(to.get_32(), -5);
    ck_assert_uint_eq(to.get_u32(), 4000000000u);
    ck_assert_int_eq(to.get_64(), -6);
    ck_assert_uint_eq(to.get_u64(), ~0ull);
    ck_assert(to.get_half() == 1.5f);
    ck_assert(to.get_float() == 2.5f);
    ck_assert(to.get_double() == -3.5);
    ck_assert(to.get_string() == "h ");
    ck_assert(to.get_utf8_string() == "a\0\u00e9"s);
    ck_assert(to.get_utf8_string().empty());
    OK(to.get_last_error());
}

START_TEST(every_typed_value_in_both_orders) {
    Connection c;
    exchange(c.client, *c.peer, false);
    exchange(*c.peer, c.client, true);
}
END_TEST

START_TEST(try_gets_are_empty_until_the_value_is_there) {
    Connection c;
    ck_assert(!c.peer->try_get_u16());
    IS(c.peer->get_last_error(), sps::ERR_BUSY);
    OK(c.client.put_u8(1));
    WAIT_UNTIL(c.peer->get_available_bytes() == 1);
    ck_assert(!c.peer->try_get_u16());
    ck_assert(c.peer->try_get_u8() == uint8_t{1});
    ck_assert(!c.peer->try_get_utf8_string());
    OK(c.client.put_utf8_string("xyz"));
    std::optional<std::string> text;
    WAIT_UNTIL((text = c.peer->try_get_utf8_string()).has_value());
    ck_assert(*text == "xyz");
}
END_TEST

// ---- Bytes

START_TEST(negative_counts_are_invalid_and_change_nothing) {
    Connection c;
    uint8_t bytes[4] = {};
    int count = 5;
    IS(c.client.get_data(bytes, -1), sps::ERR_INVALID_PARAMETER);
    IS(c.client.get_partial_data(bytes, -1, count), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(count, 0);
    IS(c.client.put_data(bytes, -1), sps::ERR_INVALID_PARAMETER);
    IS(c.client.put_partial_data(bytes, INT32_MIN, count), sps::ERR_INVALID_PARAMETER);
    IS(c.client.get_data(-1).first, sps::ERR_INVALID_PARAMETER);
    IS(c.client.get_partial_data(-1).first, sps::ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(c.client.peek(-1).size, 0);
    IS(c.client.get_last_error(), sps::ERR_INVALID_PARAMETER);
    IS(c.client.consume(-1), sps::ERR_INVALID_PARAMETER);
    ck_assert(c.client.get_string(-2).empty());
    IS(c.client.get_last_error(), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(c.client.get_status(), StreamPeerSocket::STATUS_CONNECTED);
    ck_assert_int_eq(c.peer->get_available_bytes(), 0);
}
END_TEST

START_TEST(negative_times_and_sizes_are_invalid) {
    StreamPeerTCP peer;
    for (const int negative : {-1, INT32_MIN}) {
        IS(peer.set_connect_timeout(negative), sps::ERR_INVALID_PARAMETER);
        IS(peer.set_attempt_delay(negative), sps::ERR_INVALID_PARAMETER);
        IS(peer.set_io_timeout(negative), sps::ERR_INVALID_PARAMETER);
        IS(peer.set_idle_timeout(negative), sps::ERR_INVALID_PARAMETER);
        IS(peer.set_user_timeout(negative), sps::ERR_INVALID_PARAMETER);
        IS(peer.set_keepalive(negative), sps::ERR_INVALID_PARAMETER);
        IS(peer.set_keepalive(1000, negative), sps::ERR_INVALID_PARAMETER);
        IS(peer.set_keepalive(1000, 1000, negative), sps::ERR_INVALID_PARAMETER);
        IS(peer.set_os_buffers(negative, 0), sps::ERR_INVALID_PARAMETER);
        IS(peer.set_os_buffers(0, negative), sps::ERR_INVALID_PARAMETER);
    }
}
END_TEST

START_TEST(a_close_with_a_negative_time_is_invalid_and_closes_nothing) {
    Connection c;
    IS(c.client.close_gracefully(-1), sps::ERR_INVALID_PARAMETER);
    IS(c.client.close_and_wait(-1), sps::ERR_INVALID_PARAMETER);
    expect_text_arrives(c.client, *c.peer);
}
END_TEST

START_TEST(bytes_into_vectors_cost_what_arrives) {
    Connection c;
    std::vector<uint8_t> sent(300000);
    fill_pattern(sent.data(), sent.size(), 0);
    size_t offset = 0;
    std::vector<uint8_t> got;
    while (offset < sent.size()) {
        int count = 0;
        const int left = static_cast<int>(sent.size() - offset);
        OK(c.client.put_partial_data(sent.data() + offset, left, count));
        offset += static_cast<size_t>(count);
        const auto part = c.peer->get_partial_data(1 << 20);
        OK(part.first);
        got.insert(got.end(), part.second.begin(), part.second.end());
    }
    const auto rest = c.peer->get_data(static_cast<int>(sent.size() - got.size()));
    OK(rest.first);
    got.insert(got.end(), rest.second.begin(), rest.second.end());
    ck_assert(got == sent);
    OK(c.client.put_data(sent.data(), 100));
    OK(c.client.shutdown_write());
    const auto last = c.peer->get_data(INT32_MAX);
    IS(last.first, sps::ERR_FILE_EOF);
    ck_assert_uint_eq(last.second.size(), 100);
    ck_assert_uint_le(last.second.capacity(), 70000);
    ck_assert_int_eq(c.peer->get_status(), StreamPeerSocket::STATUS_NONE);
}
END_TEST

START_TEST(peek_and_consume) {
    Connection c;
    OK(c.client.put_data(bytes_of("hello"), 5));
    WAIT_UNTIL(c.peer->peek(5).size == 5);
    const sps::ByteSpan span = c.peer->peek();
    ck_assert(std::string(span.begin(), span.end()) == "hello");
    IS(c.peer->consume(6), sps::ERR_PARAMETER_RANGE_ERROR);
    OK(c.peer->consume(2));
    ck_assert(c.peer->get_string(3) == "llo");
}
END_TEST

START_TEST(batching) {
    Connection c;
    OK(c.client.set_write_batching(true));
    ck_assert(c.client.is_write_batching());
    OK(c.client.put_u32(7));
    ck_assert_uint_eq(c.client.get_pending_write_bytes(), 4);
    OK(c.client.flush());
    ck_assert_uint_eq(c.client.get_pending_write_bytes(), 0);
    ck_assert_uint_eq(c.peer->get_u32(), 7);
}
END_TEST

// ---- Sockets and servers

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

START_TEST(the_os_tells_what_it_knows_of_a_connection) {
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

START_TEST(of_no_connection_there_is_nothing_to_tell) {
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
    const std::string path = nowhere(UDS).path;
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
    const place somewhere = nowhere(UDS);
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
    UnixConnection c;
    const sps_peer_credentials who = c.peer->get_peer_credentials();
    if (c.peer->get_last_error() == sps::OK) {
        ck_assert_uint_eq(who.struct_size, sizeof who);
        ck_assert(who.pid == getpid() || who.pid == 0);
        ck_assert_uint_eq(who.uid, geteuid());
        ck_assert_uint_eq(who.gid, getegid());
    } else {
        IS(c.peer->get_last_error(), sps::ERR_UNAVAILABLE);
    }
}
END_TEST

START_TEST(without_a_connection_nobody_is_known) {
    const StreamPeerUDS peer;
    const sps_peer_credentials who = peer.get_peer_credentials();
    IS(peer.get_last_error(), sps::FAILED);
    ck_assert_uint_eq(who.struct_size, 0);
}
END_TEST

START_TEST(a_unix_connection_goes_from_one_stream_to_another) {
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

// ---- Names of hosts

START_TEST(localhost_has_an_address_of_each_kind) {
    IP ip;
    ck_assert(ip.resolve_hostname("localhost", IP::TYPE_IPV4) == "127.0.0.1");
    ck_assert(ip.resolve_hostname("localhost", IP::TYPE_IPV6) == "::1");
    Strings both = ip.resolve_hostname_addresses("localhost");
    std::sort(both.begin(), both.end());
    ck_assert(both == Strings({"127.0.0.1", "::1"}));
    OK(ip.get_last_error());
}
END_TEST

START_TEST(an_address_is_its_own_name) {
    IP ip;
    ck_assert(ip.resolve_hostname("127.0.0.1") == "127.0.0.1");
    ck_assert(ip.resolve_hostname_addresses("::1") == Strings({"::1"}));
}
END_TEST

START_TEST(an_address_of_another_kind_is_not_found) {
    IP ip;
    ck_assert(ip.resolve_hostname("127.0.0.1", IP::TYPE_IPV6).empty());
    IS(ip.get_last_error(), sps::ERR_CANT_RESOLVE);
    ck_assert(ip.resolve_hostname_addresses("::1", IP::TYPE_IPV4).empty());
    IS(ip.get_last_error(), sps::ERR_CANT_RESOLVE);
}
END_TEST

START_TEST(what_is_no_host_is_invalid) {
    IP ip;
    for (const std::string &host : {"bad name!"s, "localhost\0x"s, ""s}) {
        ck_assert(ip.resolve_hostname(host).empty());
        IS(ip.get_last_error(), sps::ERR_INVALID_PARAMETER);
        ck_assert(ip.resolve_hostname_addresses(host).empty());
        IS(ip.get_last_error(), sps::ERR_INVALID_PARAMETER);
        ck_assert_int_eq(ip.resolve_hostname_queue_item(host), IP::RESOLVER_INVALID_ID);
        IS(ip.get_last_error(), sps::ERR_INVALID_PARAMETER);
    }
}
END_TEST

START_TEST(an_item_is_there_until_it_is_erased) {
    IP ip;
    const int id = ip.resolve_hostname_queue_item("localhost", IP::TYPE_IPV4);
    ck_assert_int_ge(id, 0);
    WAIT_UNTIL(ip.get_resolve_item_status(id) == IP::RESOLVER_STATUS_DONE);
    ck_assert(ip.get_resolve_item_address(id) == "127.0.0.1");
    ck_assert(ip.get_resolve_item_addresses(id) == Strings({"127.0.0.1"}));
    OK(ip.erase_resolve_item(id));
    ck_assert_int_eq(ip.get_resolve_item_status(id), IP::RESOLVER_STATUS_NONE);
    ck_assert(ip.get_resolve_item_address(id).empty());
    IS(ip.get_last_error(), sps::ERR_DOES_NOT_EXIST);
    ck_assert(ip.get_resolve_item_addresses(id).empty());
    IS(ip.get_last_error(), sps::ERR_DOES_NOT_EXIST);
    IS(ip.erase_resolve_item(id), sps::ERR_DOES_NOT_EXIST);
}
END_TEST

START_TEST(an_item_that_was_not_found_is_an_error) {
    IP ip;
    const int id = ip.resolve_hostname_queue_item("127.0.0.1", IP::TYPE_IPV6);
    WAIT_UNTIL(ip.get_resolve_item_status(id) == IP::RESOLVER_STATUS_ERROR);
    ck_assert(ip.get_resolve_item_address(id).empty());
    IS(ip.get_last_error(), sps::ERR_CANT_RESOLVE);
}
END_TEST

START_TEST(so_many_items_and_no_more) {
    IP ip;
    for (int i = 0; i < IP::RESOLVER_MAX_QUERIES; i++) {
        ck_assert_int_ne(ip.resolve_hostname_queue_item("::1"), IP::RESOLVER_INVALID_ID);
    }
    ck_assert_int_eq(ip.resolve_hostname_queue_item("::1"), IP::RESOLVER_INVALID_ID);
    IS(ip.get_last_error(), sps::ERR_CANT_ACQUIRE_RESOURCE);
}
END_TEST

START_TEST(the_cache_can_be_cleared_by_host_and_as_a_whole) {
    IP ip;
    OK(ip.clear_cache("localhost"));
    OK(ip.clear_cache());
    IS(ip.clear_cache("localhost\0x"s), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(this_machine_has_its_loopback_address) {
    const IP ip;
    const Strings addresses = ip.get_local_addresses();
    OK(ip.get_last_error());
    ck_assert(std::find(addresses.begin(), addresses.end(), "127.0.0.1") != addresses.end());
}
END_TEST

START_TEST(interfaces_have_the_local_addresses_among_them) {
    const IP ip;
    Strings addresses;
    std::vector<int> indices;
    for (const IP::Interface &interface : ip.get_local_interfaces()) {
        ck_assert_int_gt(interface.index, 0);
        ck_assert(!interface.name.empty());
        ck_assert(interface.friendly == interface.name);
        ck_assert(!interface.addresses.empty());
        ck_assert(std::find(indices.begin(), indices.end(), interface.index) == indices.end());
        indices.push_back(interface.index);
        addresses.insert(addresses.end(), interface.addresses.begin(), interface.addresses.end());
    }
    OK(ip.get_last_error());
    ck_assert(addresses == ip.get_local_addresses());
}
END_TEST

// It stays for the life of the process: made once, before the tests, it is no leak of the one that asks.
void make_singleton() {
    IP::get_singleton();
}

START_TEST(there_is_one_ip_for_all_threads) {
    IP *elsewhere = nullptr;
    std::thread([&elsewhere] { elsewhere = IP::get_singleton(); }).join();
    ck_assert_ptr_nonnull(elsewhere);
    ck_assert_ptr_eq(IP::get_singleton(), elsewhere);
    ck_assert(IP::get_singleton()->resolve_hostname("::1") == "::1");
}
END_TEST

START_TEST(each_thread_has_its_own_last_error_of_an_ip) {
    IP ip;
    sps::Error elsewhere = sps::OK;
    std::thread([&ip, &elsewhere] {
        ip.resolve_hostname("bad name!");
        elsewhere = ip.get_last_error();
    }).join();
    IS(elsewhere, sps::ERR_INVALID_PARAMETER);
    OK(ip.get_last_error());
}
END_TEST

// ---- Many sockets

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

// The next event, which must come, and be of these kinds.
SocketEvent expect_event(SocketPoller &poller, int kinds) {
    SocketEvent event;
    ck_assert_int_ge(poller.wait(20000), 1);
    OK(poller.get_last_error());
    ck_assert(poller.next_event(event));
    OK(poller.get_last_error());
    ck_assert_int_eq(kinds_of(event), kinds);
    return event;
}

// Everything that can happen has happened, and nothing of it is an event.
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
    int told = 0;
    while (told != (READABLE | FINISHED)) {
        ck_assert_int_ge(poller.wait(20000), 1);
        for (const SocketEvent &event : poller.events()) {
            ck_assert(event.is_of(c.client));
            ck_assert(!event.is_of(*c.peer));
            ck_assert(!event.is_of(c.server));
            ck_assert_ptr_eq(event.get_user_data<int>(), &mark);
            ck_assert_ptr_eq(event.get_user_data(), &mark);
            ck_assert_int_eq(event.get_close_reason(), StreamPeerSocket::CLOSE_NONE);
            told |= kinds_of(event);
        }
    }
    ck_assert(c.client.get_utf8_string() == "bye");
    const SocketEvent last = expect_event(poller, CLOSED);
    ck_assert_int_eq(last.get_close_reason(), StreamPeerSocket::CLOSE_PEER_FINISHED);
    OK(poller.remove(c.client));
}

START_TEST(a_poller_tells_what_happens_to_a_stream) {
    expect_each_kind_of_event<Connection>();
    expect_each_kind_of_event<UnixConnection>();
}
END_TEST

START_TEST(a_poller_tells_of_servers_and_of_connecting) {
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
    ck_assert(!event.is_of(StreamPeerTCP(sps::Adopt{nullptr}))); // NULL is nobody's handle
    expect_no_event(poller);
    OK(poller.add(client));
    ck_assert(expect_event(poller, CONNECTED).is_of(client));
    OK(poller.remove(server));
    IS(poller.remove(server), sps::ERR_DOES_NOT_EXIST);
}
END_TEST

START_TEST(a_refused_connection_is_told_with_its_reason) {
    SocketPoller poller;
    StreamPeerTCP client;
    OK(poller.add(client));
    OK(client.connect_to_host("localhost", nowhere(TCP).port));
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
    for (int busy = 0; busy < 2; poller.wait(0)) { // until the OS takes no more either
        busy = client.put_data(piece.data(), bytes) == sps::ERR_BUSY ? busy + 1 : 0;
    }
    expect_no_event(poller);
    WAIT_UNTIL((peer->get_partial_data(1 << 20), poller.wait(0)) == 1);
    expect_event(poller, WRITABLE);
    ck_assert_int_le(client.get_pending_write_bytes(), 1);
    OK(client.put_data(piece.data(), bytes));
}
END_TEST

// Each of ten connections has bytes; the first event's handler ends the other nine.
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
        const Player *told = event.get_user_data<Player>();
        const auto is_other = [told](const auto &player) { return player.get() != told; };
        players.erase(std::remove_if(players.begin(), players.end(), is_other), players.end());
        ck_assert_uint_eq(players.size(), 1);
        OK(poller.add(server)); // and others may come
    }
    ck_assert_int_eq(events, 1);
    OK(players[0]->peer->put_u8(1));
    ck_assert_int_eq(poller.wait(20000), 1);
    for (const SocketEvent &event : poller.events()) {
        ck_assert_ptr_eq(event.get_user_data(), players[0].get());
        players.clear(); // the one that the event is of
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
    ck_assert(!event.is_of(c.client)); // which has no handle: on purpose
    IS(poller.add(moved), sps::ERR_ALREADY_IN_USE);
    moved = StreamPeerTCP(); // the stream that was there has ended
    expect_no_event(poller);
    OK(poller.add(moved));
}
END_TEST

START_TEST(a_poller_moves) {
    Connection c;
    SocketPoller first;
    OK(first.add(c.client));
    SocketPoller second(std::move(first));
    expect_nothing_works(first); // what was moved from is empty, on purpose
    OK(c.peer->put_u8(1));
    expect_event(second, READABLE);
    second = SocketPoller(); // what is in a poller outlives it
    IS(second.remove(c.client), sps::ERR_DOES_NOT_EXIST);
    ck_assert_uint_eq(c.client.get_u8(), 1);
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
    IS(poller.get_last_error(), sps::ERR_INVALID_PARAMETER); // which is the waiting thread's
}
END_TEST

START_TEST(what_a_poller_refuses_changes_nothing) {
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

START_TEST(errors_have_names) {
    ck_assert_str_eq(sps::error_name(sps::ERR_BUSY), "ERR_BUSY");
    ck_assert_str_eq(sps::close_reason_name(sps::StreamPeerSocket::CLOSE_RESET),
                     sps_close_reason_name(SPS_CLOSE_RESET));
    ck_assert_str_eq(sps::error_message(sps::OK), "OK");
}
END_TEST

Suite *cpp_header_suite() {
    Suite *suite = suite_create("cpp_header");
    TCase *all = add_case(suite, "all");
    tcase_add_unchecked_fixture(all, make_singleton, nullptr);
    tcase_add_test(all, without_memory_there_is_no_handle_and_every_call_says_so);
    tcase_add_test(all, without_memory_there_is_no_queue_of_look_ups);
    tcase_add_test(all, without_memory_there_is_no_poller);
    tcase_add_test(all, a_peer_moves);
    tcase_add_test(all, an_ip_moves);
    tcase_add_test(all, every_typed_value_in_both_orders);
    tcase_add_test(all, try_gets_are_empty_until_the_value_is_there);
    tcase_add_test(all, negative_counts_are_invalid_and_change_nothing);
    tcase_add_test(all, negative_times_and_sizes_are_invalid);
    tcase_add_test(all, a_close_with_a_negative_time_is_invalid_and_closes_nothing);
    tcase_add_test(all, bytes_into_vectors_cost_what_arrives);
    tcase_add_test(all, peek_and_consume);
    tcase_add_test(all, batching);
    tcase_add_test(all, tcp_names_and_options);
    tcase_add_test(all, the_local_host);
    tcase_add_test(all, a_graceful_close_ends_when_the_peer_has_finished);
    tcase_add_test(all, a_close_can_wait_for_the_peer);
    tcase_add_test(all, a_close_waits_no_longer_than_its_time);
    tcase_add_test(all, a_get_waits_no_longer_than_the_io_timeout);
    tcase_add_test(all, a_silent_peer_is_given_up_after_the_idle_timeout);
    tcase_add_test(all, the_buffers_of_the_os_have_the_size_that_was_set);
    tcase_add_test(all, a_closed_socket_has_no_buffers);
    tcase_add_test(all, keepalive_and_its_limits);
    tcase_add_test(all, the_user_timeout_can_be_set_where_the_os_has_one);
    tcase_add_test(all, the_os_tells_what_it_knows_of_a_connection);
    tcase_add_test(all, of_no_connection_there_is_nothing_to_tell);
    tcase_add_test(all, a_hard_close_is_a_reset_for_the_peer);
    tcase_add_test(all, a_tcp_connection_goes_from_one_stream_to_another);
    tcase_add_test(all, without_a_connection_there_is_no_descriptor);
    tcase_add_test(all, a_tcp_listener_goes_from_one_server_to_another);
    tcase_add_test(all, a_unix_listener_goes_from_one_server_to_another);
    tcase_add_test(all, without_a_listener_there_is_no_descriptor);
    tcase_add_test(all, bind_and_its_errors);
    tcase_add_test(all, unix_sockets);
    tcase_add_test(all, the_peer_of_a_unix_socket_is_known);
    tcase_add_test(all, without_a_connection_nobody_is_known);
    tcase_add_test(all, a_unix_connection_goes_from_one_stream_to_another);
    tcase_add_test(all, a_c_stream_can_be_adopted);
    tcase_add_test(all, localhost_has_an_address_of_each_kind);
    tcase_add_test(all, an_address_is_its_own_name);
    tcase_add_test(all, an_address_of_another_kind_is_not_found);
    tcase_add_test(all, what_is_no_host_is_invalid);
    tcase_add_test(all, an_item_is_there_until_it_is_erased);
    tcase_add_test(all, an_item_that_was_not_found_is_an_error);
    tcase_add_test(all, so_many_items_and_no_more);
    tcase_add_test(all, the_cache_can_be_cleared_by_host_and_as_a_whole);
    tcase_add_test(all, this_machine_has_its_loopback_address);
    tcase_add_test(all, interfaces_have_the_local_addresses_among_them);
    tcase_add_test(all, there_is_one_ip_for_all_threads);
    tcase_add_test(all, each_thread_has_its_own_last_error_of_an_ip);
    tcase_add_test(all, errors_have_names);
    TCase *packets = add_case(suite, "packets");
    tcase_add_test(packets, variants_go_in_packets);
    tcase_add_test(packets, packets_come_as_they_were_put);
    tcase_add_test(packets, a_packet_peer_keeps_its_stream);
    tcase_add_test(packets, packets_have_limits);
    tcase_add_test(packets, without_memory_there_are_no_packets);
    TCase *polling = add_case(suite, "polling");
    tcase_add_test(polling, a_poller_tells_what_happens_to_a_stream);
    tcase_add_test(polling, a_poller_tells_of_servers_and_of_connecting);
    tcase_add_test(polling, a_refused_connection_is_told_with_its_reason);
    tcase_add_test(polling, a_full_buffer_is_busy_until_it_is_writable);
    tcase_add_test(polling, streams_may_end_inside_the_loop);
    tcase_add_test(polling, a_loop_that_is_left_loses_nothing);
    tcase_add_test(polling, a_stream_that_moves_stays_in_its_poller);
    tcase_add_test(polling, a_poller_moves);
    tcase_add_test(polling, another_thread_may_wake_a_poller);
    tcase_add_test(polling, what_a_poller_refuses_changes_nothing);
    return suite;
}

} // namespace

extern "C" {
const suite_maker suites[] = {cpp_header_suite, cpp_streams_suite, cpp_variant_suite, nullptr};
}
