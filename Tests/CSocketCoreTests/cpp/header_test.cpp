// SPDX-License-Identifier: MIT
//
// Each call of the C++ header reaches its C function and returns what Godot's call would. The C
// tests check the functions' behaviour.
#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/cpp_support.hpp"

namespace {

using namespace std::string_literals;
using sps::IP;
using sps::SocketEvent;
using sps::SocketPoller;
using sps::StreamPeerSocket;
using sps::StreamPeerTCP;
using sps::TCPServer;

// ---- Without a handle

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

START_TEST(without_memory_every_call_is_an_error) {
    const sps_allocator allocator = {sizeof(sps_allocator), no_memory, nullptr};
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
    const sps_allocator allocator = {sizeof(sps_allocator), no_memory, nullptr};
    sps_ip_options options = {};
    options.struct_size = sizeof options;
    options.allocator = &allocator;
    IP ip(&options);
    IS(ip.get_last_error(), sps::ERR_OUT_OF_MEMORY);
    expect_nothing_works(ip);
}
END_TEST

START_TEST(a_peer_moves) {
    StreamPeerTCP first;
    StreamPeerTCP second(std::move(first));
    expect_nothing_works(first); // deliberately used after the move: it is empty
    ck_assert_ptr_nonnull(second.handle());
    first = std::move(second);
    ck_assert_ptr_nonnull(first.handle());
}
END_TEST

START_TEST(an_ip_moves) {
    IP first;
    IP second(std::move(first));
    expect_nothing_works(first); // deliberately used after the move: it is empty
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

START_TEST(reserve_and_commit) {
    Connection c;
    OK(c.client.set_write_batching(true));
    const sps::MutableByteSpan span = c.client.reserve(5);
    ck_assert_uint_ge(span.size, 5);
    ck_assert(span.end() == span.begin() + span.size);
    std::copy_n("hello", 5, span.begin());
    OK(c.client.commit(5));
    IS(c.client.commit(5), sps::ERR_UNCONFIGURED);
    IS(c.client.commit(-1), sps::ERR_INVALID_PARAMETER);
    ck_assert_uint_eq(c.client.reserve(-1).size, 0);
    IS(c.client.get_last_error(), sps::ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(c.client.reserve(100000).data);
    IS(c.client.get_last_error(), sps::ERR_PARAMETER_RANGE_ERROR);
    OK(c.client.flush());
    ck_assert(c.peer->get_string(5) == "hello");
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

// ---- Names

START_TEST(errors_have_names) {
    ck_assert_str_eq(sps::error_name(sps::ERR_BUSY), "ERR_BUSY");
    ck_assert_str_eq(sps::close_reason_name(sps::StreamPeerSocket::CLOSE_RESET),
                     sps_close_reason_name(SPS_CLOSE_RESET));
    ck_assert_str_eq(sps::error_message(sps::OK), "OK");
}
END_TEST

} // namespace

extern "C" Suite *cpp_header_suite() {
    Suite *suite = suite_create("cpp_header");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, without_memory_every_call_is_an_error);
    tcase_add_test(all, without_memory_there_is_no_queue_of_look_ups);
    tcase_add_test(all, a_peer_moves);
    tcase_add_test(all, an_ip_moves);
    tcase_add_test(all, every_typed_value_in_both_orders);
    tcase_add_test(all, try_gets_are_empty_until_the_value_is_there);
    tcase_add_test(all, negative_counts_are_invalid_and_change_nothing);
    tcase_add_test(all, negative_times_and_sizes_are_invalid);
    tcase_add_test(all, a_close_with_a_negative_time_is_invalid_and_closes_nothing);
    tcase_add_test(all, bytes_into_vectors_cost_what_arrives);
    tcase_add_test(all, peek_and_consume);
    tcase_add_test(all, reserve_and_commit);
    tcase_add_test(all, batching);
    tcase_add_test(all, errors_have_names);
    return suite;
}
