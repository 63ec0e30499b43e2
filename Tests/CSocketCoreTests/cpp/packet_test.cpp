// SPDX-License-Identifier: MIT
//
// The packets of the C++ header: that each call reaches its C function and gives what Godot's would.
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/cpp_support.hpp"

namespace {

using sps::Dictionary;
using sps::StreamPeerSocket;
using sps::StreamPeerTCP;
using sps::Variant;

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
    IS(client.put_packet(Bytes(29)), sps::ERR_UNCONFIGURED);
    IS(client.put_var(Bytes(5000).data(), 5000), sps::ERR_OUT_OF_MEMORY);
    Connection connection;
    OK(client.set_stream_peer(connection.client));
    IS(client.put_packet(Bytes(29)), sps::ERR_INVALID_PARAMETER);
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
        sizeof(sps_allocator), [](void *, void *, size_t, size_t) -> void * { return nullptr; },
        nullptr};
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

} // namespace

extern "C" Suite *cpp_packet_suite() {
    Suite *suite = suite_create("cpp_packet");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, variants_go_in_packets);
    tcase_add_test(all, packets_come_as_they_were_put);
    tcase_add_test(all, a_packet_peer_keeps_its_stream);
    tcase_add_test(all, packets_have_limits);
    tcase_add_test(all, without_memory_there_are_no_packets);
    return suite;
}
