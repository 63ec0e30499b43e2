// SPDX-License-Identifier: MIT
//
// Godot's own test cases of StreamPeerGZIP, in the same order. Each checks the same facts as in
// tests/core/io/test_stream_peer_gzip.h of Godot 4.6.
#include <random>
#include <string>
#include <vector>

#include <streampeersocket/gzip.hpp>

#include "support/cpp_support.hpp"

namespace {

using namespace sps;

PackedByteArray hello() {
    const std::string text = "Hello World!!!";
    return PackedByteArray(text.begin(), text.end());
}

Ref<StreamPeerGZIP> new_peer() {
    Ref<StreamPeerGZIP> peer;
    peer.instantiate();
    return peer;
}

// Gets everything that Godot says is available, with one get.
PackedByteArray get_available(StreamPeerGZIP &peer) {
    const int size = peer.get_available_bytes();
    PackedByteArray bytes(static_cast<size_t>(size));
    ck_assert_int_eq(peer.get_data(bytes.data(), size), Error::OK);
    return bytes;
}

int put(StreamPeerGZIP &peer, const PackedByteArray &bytes) {
    return peer.put_data(bytes.data(), static_cast<int>(bytes.size()));
}

START_TEST(initialization) {
    ck_assert_int_eq(new_peer()->get_available_bytes(), 0);
}
END_TEST

START_TEST(compress_and_decompress) {
    const bool is_deflate = _i == 1;
    const Ref<StreamPeerGZIP> peer = new_peer();
    ck_assert_int_eq(peer->start_compression(is_deflate), Error::OK);
    ck_assert_int_eq(put(*peer, hello()), Error::OK);
    ck_assert_int_eq(peer->finish(), Error::OK);
    const PackedByteArray compressed = get_available(*peer);
    peer->clear();
    ck_assert_int_eq(peer->start_decompression(is_deflate), Error::OK);
    ck_assert_int_eq(put(*peer, compressed), Error::OK);
    ck_assert(get_available(*peer) == hello());
}
END_TEST

START_TEST(compress_and_decompress_big_chunks) {
    std::mt19937 random(97201);
    PackedByteArray data(2500);
    for (uint8_t &byte : data) {
        byte = static_cast<uint8_t>(48 + random() % (122 - 48 + 1));
    }
    const Ref<StreamPeerGZIP> peer = new_peer();
    ck_assert_int_eq(peer->start_compression(false), Error::OK);
    ck_assert_int_eq(put(*peer, data), Error::OK);
    ck_assert_int_eq(peer->finish(), Error::OK);
    const PackedByteArray compressed = get_available(*peer);
    peer->clear();
    ck_assert_int_eq(peer->start_decompression(false), Error::OK);
    ck_assert_int_eq(put(*peer, compressed), Error::OK);
    ck_assert(get_available(*peer) == data);
}
END_TEST

START_TEST(cannot_start_twice) {
    const Ref<StreamPeerGZIP> peer = new_peer();
    ck_assert_int_eq(peer->start_compression(false), Error::OK);
    ck_assert_int_eq(peer->start_compression(false), Error::ERR_ALREADY_IN_USE);
    ck_assert_int_eq(peer->start_decompression(false), Error::ERR_ALREADY_IN_USE);
}
END_TEST

START_TEST(cannot_start_with_a_buffer_size_of_zero_or_less) {
    const Ref<StreamPeerGZIP> peer = new_peer();
    ck_assert_int_eq(peer->start_compression(false, 0), Error::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(peer->start_compression(false, -1), Error::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(peer->start_decompression(false, 0), Error::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(peer->start_decompression(false, -1), Error::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(cannot_put_or_get_less_than_zero_bytes) {
    const Ref<StreamPeerGZIP> peer = new_peer();
    ck_assert_int_eq(peer->start_compression(false), Error::OK);
    ck_assert_int_eq(peer->put_data(hello().data(), -1), Error::ERR_INVALID_PARAMETER);
    PackedByteArray compressed(5);
    ck_assert_int_eq(peer->get_data(compressed.data(), -1), Error::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(needs_to_be_started_before_use) {
    ck_assert_int_eq(put(*new_peer(), hello()), Error::ERR_UNCONFIGURED);
}
END_TEST

START_TEST(cannot_be_finished_after_clear_or_while_decompressing) {
    const Ref<StreamPeerGZIP> peer = new_peer();
    ck_assert_int_eq(peer->start_compression(false), Error::OK);
    peer->clear();
    ck_assert_int_eq(peer->finish(), Error::ERR_UNAVAILABLE);
    peer->clear();
    ck_assert_int_eq(peer->start_decompression(false), Error::OK);
    ck_assert_int_eq(peer->finish(), Error::ERR_UNAVAILABLE);
}
END_TEST

START_TEST(fails_to_get_if_nothing_was_put) {
    const Ref<StreamPeerGZIP> peer = new_peer();
    ck_assert_int_eq(_i == 0 ? peer->start_compression(false) : peer->start_decompression(false),
                     Error::OK);
    PackedByteArray bytes(5);
    ck_assert_int_eq(peer->get_data(bytes.data(), static_cast<int>(bytes.size())),
                     Error::ERR_UNAVAILABLE);
}
END_TEST

// ---- Beyond Godot's cases: the C++ face

START_TEST(the_defaults_are_those_of_godot) {
    StreamPeerGZIP peer;
    OK(peer.start_compression());
    OK(peer.clear());
    OK(peer.start_decompression());
    ck_assert_int_eq(SPS_GZIP_BUFFER_SIZE, 65535);
}
END_TEST

START_TEST(every_kind_of_value_goes_through) {
    StreamPeerGZIP peer;
    OK(peer.start_compression());
    OK(peer.put_var(Dictionary{{"name", "Ann"}, {"hp", 100}}));
    OK(peer.put_utf8_string("text"));
    OK(peer.put_double(0.5));
    OK(peer.finish());
    const PackedByteArray compressed = get_available(peer);
    OK(peer.clear());
    OK(peer.start_decompression());
    OK(peer.put_data(compressed));
    ck_assert(peer.get_var() == Variant(Dictionary{{"name", "Ann"}, {"hp", 100}}));
    ck_assert(peer.get_utf8_string() == "text");
    ck_assert_double_eq(peer.get_double(), 0.5);
    ck_assert_int_eq(static_cast<int>(peer.get_info().members), 1);
    OK(peer.end_input());
}
END_TEST

START_TEST(a_filter_in_cpp_keeps_its_base) {
    auto base = std::make_shared<StreamPeerBuffer>();
    StreamPeerGZIPFilter filter;
    OK(filter.connect_to_stream(base));
    ck_assert_int_eq(base.use_count(), 2);
    OK(filter.put_utf8_string("hello"));
    OK(filter.finish());
    ck_assert(filter.get_stream() == base);
    OK(filter.disconnect_from_stream());
    ck_assert_int_eq(base.use_count(), 1);
    OK(base->seek(0));
    StreamPeerGZIPFilter reader;
    OK(reader.connect_to_stream(*base));
    StreamPeerGZIPFilter moved = std::move(reader);
    ck_assert(moved.get_utf8_string() == "hello");
    IS(moved.connect_to_stream(*base), SPS_ERR_ALREADY_IN_USE);
    OK(moved.sync_flush());
}
END_TEST

START_TEST(a_peer_without_memory_says_so) {
    sps_allocator allocator = {sizeof allocator, no_memory, nullptr};
    sps_stream_options stream = {};
    stream.struct_size = sizeof stream;
    stream.allocator = &allocator;
    sps_gzip_options options = {};
    options.struct_size = sizeof options;
    options.stream = &stream;
    const StreamPeerGZIP peer(&options);
    IS(peer.get_last_error(), SPS_ERR_OUT_OF_MEMORY);
    const StreamPeerGZIPFilter filter(&options);
    IS(filter.get_last_error(), SPS_ERR_OUT_OF_MEMORY);
}
END_TEST

// The option reaches both classes, and the answer without libzstd is clear.
START_TEST(cpp_chooses_zstd) {
    sps_gzip_options options = {};
    options.struct_size = sizeof options;
    options.codec = SPS_GZIP_CODEC_ZSTD;
    StreamPeerGZIP peer(&options);
    if (peer.get_last_error() == Error::ERR_UNAVAILABLE) {
        return;
    }
    ck_assert_int_eq(peer.start_compression(true), Error::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(peer.start_compression(), Error::OK);
    ck_assert_int_eq(put(peer, hello()), Error::OK);
    ck_assert_int_eq(peer.finish(), Error::OK);
    const PackedByteArray compressed = get_available(peer);
    peer.clear();
    ck_assert_int_eq(peer.start_decompression(), Error::OK);
    ck_assert_int_eq(put(peer, compressed), Error::OK);
    ck_assert(get_available(peer) == hello());
    StreamPeerBuffer memory;
    memory.set_data_array(compressed);
    StreamPeerGZIPFilter filter(&options);
    ck_assert_int_eq(filter.connect_to_stream(memory), Error::OK);
    PackedByteArray back(hello().size());
    ck_assert_int_eq(filter.get_data(back.data(), static_cast<int>(back.size())), Error::OK);
    ck_assert(back == hello());
}
END_TEST

} // namespace

extern "C" Suite *gzip_godot_suite(void) {
    Suite *suite = suite_create("gzip_godot");
    TCase *all = add_case(suite, "godot");
    tcase_add_test(all, initialization);
    tcase_add_loop_test(all, compress_and_decompress, 0, 2);
    tcase_add_test(all, compress_and_decompress_big_chunks);
    tcase_add_test(all, cannot_start_twice);
    tcase_add_test(all, cannot_start_with_a_buffer_size_of_zero_or_less);
    tcase_add_test(all, cannot_put_or_get_less_than_zero_bytes);
    tcase_add_test(all, needs_to_be_started_before_use);
    tcase_add_test(all, cannot_be_finished_after_clear_or_while_decompressing);
    tcase_add_loop_test(all, fails_to_get_if_nothing_was_put, 0, 2);
    TCase *face = add_case(suite, "cpp");
    tcase_add_test(face, the_defaults_are_those_of_godot);
    tcase_add_test(face, every_kind_of_value_goes_through);
    tcase_add_test(face, a_filter_in_cpp_keeps_its_base);
    tcase_add_test(face, a_peer_without_memory_says_so);
    tcase_add_test(face, cpp_chooses_zstd);
    return suite;
}
