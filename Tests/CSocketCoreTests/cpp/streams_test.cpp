// SPDX-License-Identifier: MIT
//
// The streams of the C++ header that are no sockets: the buffer, and a class of the caller's own.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <streampeersocket.hpp>

#include "support/support.h"

namespace {

using sps::StreamPeer;
using sps::StreamPeerBuffer;
using sps::StreamPeerExtension;
using Bytes = std::vector<uint8_t>;

void *no_memory(void *, void *, size_t, size_t) {
    return nullptr;
}

// Each typed value, out of the stream that it was put into.
template <class Rewind> void expect_typed_values(StreamPeer &peer, Rewind rewind) {
    OK(peer.put_8(-5));
    OK(peer.put_u8(250));
    OK(peer.put_16(-1234));
    OK(peer.put_u16(54321));
    OK(peer.put_32(-5));
    OK(peer.put_u32(4000000000u));
    OK(peer.put_64(-6));
    OK(peer.put_u64(~0ull));
    OK(peer.put_half(1.5f));
    OK(peer.put_float(2.5f));
    OK(peer.put_double(-3.5));
    OK(peer.put_string("h\u00e9"));
    OK(peer.put_utf8_string("h\u00e9"));
    rewind();
    ck_assert_int_eq(peer.get_8(), -5);
    ck_assert_uint_eq(peer.get_u8(), 250);
    ck_assert_int_eq(peer.get_16(), -1234);
    ck_assert_uint_eq(peer.get_u16(), 54321);
    ck_assert_int_eq(peer.get_32(), -5);
    ck_assert_uint_eq(peer.get_u32(), 4000000000u);
    ck_assert_int_eq(peer.get_64(), -6);
    ck_assert_uint_eq(peer.get_u64(), ~0ull);
    ck_assert(peer.get_half() == 1.5f);
    ck_assert(peer.get_float() == 2.5f);
    ck_assert(peer.get_double() == -3.5);
    ck_assert(peer.get_string() == "h ");
    ck_assert(peer.get_utf8_string() == "h\u00e9");
    OK(peer.get_last_error());
    ck_assert_int_eq(peer.get_available_bytes(), 0);
}

// ---- StreamPeerBuffer

START_TEST(every_typed_value_of_a_buffer_in_both_orders) {
    StreamPeerBuffer buffer;
    buffer.set_big_endian(_i == 1);
    expect_typed_values(buffer, [&] { OK(buffer.seek(0)); });
}
END_TEST

START_TEST(a_buffer_has_godots_names_and_rules) {
    StreamPeerBuffer buffer;
    ck_assert_int_eq(buffer.get_size(), 0);
    ck_assert(buffer.get_data_array().empty());
    OK(buffer.set_data_array({1, 2, 3, 4}));
    ck_assert_int_eq(buffer.get_size(), 4);
    OK(buffer.seek(3));
    ck_assert_int_eq(buffer.get_position(), 3);
    OK(buffer.put_u16(0x0605));
    ck_assert(buffer.get_data_array() == (Bytes{1, 2, 3, 5, 6}));
    const sps::ByteSpan span = buffer.get_data_span();
    ck_assert(std::equal(span.begin(), span.end(), buffer.get_data_array().begin()));
    ck_assert_uint_eq(span.size, 5);
    OK(buffer.seek(4));
    ck_assert_uint_eq(buffer.get_u16(), 0);
    IS(buffer.get_last_error(), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(buffer.get_position(), 5);
    ck_assert(!buffer.try_get_u8());
    IS(buffer.get_last_error(), sps::ERR_BUSY);
    OK(buffer.seek(0));
    ck_assert(buffer.get_data(100000) ==
              std::make_pair(sps::ERR_INVALID_PARAMETER, Bytes{1, 2, 3, 5, 6}));
    ck_assert(buffer.get_partial_data(100000) == std::make_pair(sps::OK, Bytes{}));
    OK(buffer.resize(2));
    ck_assert_int_eq(buffer.get_position(), 5);
    ck_assert_int_eq(buffer.get_available_bytes(), 0);
    OK(buffer.put_u8(7));
    ck_assert(buffer.get_data_array() == (Bytes{1, 2, 0, 0, 0, 7}));
    OK(buffer.clear());
    ck_assert_int_eq(buffer.get_position(), 0);
    ck_assert_int_eq(buffer.get_size(), 0);
}
END_TEST

START_TEST(a_buffer_can_be_duplicated) {
    StreamPeerBuffer buffer;
    OK(buffer.put_u32(7));
    StreamPeerBuffer copy = buffer.duplicate();
    ck_assert_int_eq(copy.get_position(), 0);
    OK(copy.put_u8(8));
    ck_assert(buffer.get_data_array() == (Bytes{7, 0, 0, 0}));
    ck_assert(copy.get_data_array() == (Bytes{8, 0, 0, 0}));
    StreamPeerBuffer moved(std::move(copy));
    ck_assert_int_eq(moved.get_position(), 1);
    ck_assert_ptr_null(copy.duplicate().handle()); // what was moved from is empty, on purpose
    IS(copy.get_last_error(), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(a_refused_call_of_a_buffer_changes_nothing) {
    StreamPeerBuffer buffer;
    OK(buffer.set_data_array({1, 2, 3}));
    OK(buffer.seek(1));
    for (const int negative : {-1, INT32_MIN}) {
        IS(buffer.seek(negative), sps::ERR_INVALID_PARAMETER);
        IS(buffer.resize(negative), sps::ERR_INVALID_PARAMETER);
    }
    IS(buffer.seek(4), sps::ERR_PARAMETER_RANGE_ERROR);
    ck_assert_int_eq(buffer.get_position(), 1);
    ck_assert_int_eq(buffer.get_size(), 3);
}
END_TEST

START_TEST(a_buffer_without_memory_and_a_null_buffer) {
    const sps_allocator allocator = {sizeof(sps_allocator), no_memory, nullptr};
    sps_stream_options options = {};
    options.struct_size = sizeof options;
    options.allocator = &allocator;
    StreamPeerBuffer none(&options);
    IS(none.get_last_error(), sps::ERR_OUT_OF_MEMORY);
    IS(none.seek(0), sps::ERR_INVALID_PARAMETER);
    IS(none.clear(), sps::ERR_INVALID_PARAMETER);
    ck_assert_int_eq(none.get_size(), 0);
    sps_stream *tcp = nullptr;
    OK(sps_tcp_create(nullptr, &tcp));
    StreamPeerBuffer other(sps::Adopt{tcp});
    IS(other.seek(0), sps::ERR_UNAVAILABLE);
    ck_assert_int_eq(other.get_position(), 0);
    ck_assert(other.get_data_array().empty());
    IS(other.get_last_error(), sps::ERR_UNAVAILABLE);
    ck_assert_ptr_null(other.duplicate().handle());
    IS(other.set_data_array({1}), sps::ERR_UNAVAILABLE);
}
END_TEST

// ---- StreamPeerExtension

// An array that gives and takes in small pieces.
class Block : public StreamPeerExtension {
  public:
    using StreamPeerExtension::StreamPeerExtension;

    Bytes bytes;
    size_t capacity = 1000;
    int calls = 0;
    sps::Error at_end = sps::OK;
    int32_t lie = 0; // added to each count

  protected:
    sps::Error _get_partial_data(uint8_t *r_buffer, int32_t r_bytes, int32_t *r_received) override {
        calls++;
        const size_t count = std::min({bytes.size(), size_t{3}, static_cast<size_t>(r_bytes)});
        std::copy_n(bytes.begin(), count, r_buffer);
        bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
        *r_received = static_cast<int32_t>(count) + lie;
        return count == 0 ? at_end : sps::OK;
    }

    sps::Error _put_partial_data(const uint8_t *p_data, int32_t p_bytes, int32_t *r_sent) override {
        calls++;
        const size_t count =
            std::min({capacity - bytes.size(), size_t{3}, static_cast<size_t>(p_bytes)});
        bytes.insert(bytes.end(), p_data, p_data + count);
        *r_sent = static_cast<int32_t>(count) + lie;
        return sps::OK;
    }

    int32_t _get_available_bytes() const override { return static_cast<int32_t>(bytes.size()); }
};

START_TEST(every_typed_value_of_a_subclass_in_both_orders) {
    Block block;
    block.set_big_endian(_i == 1);
    expect_typed_values(block, [] {});
}
END_TEST

START_TEST(a_subclass_that_does_not_wait_is_busy) {
    Block block;
    block.bytes = {1, 2, 3};
    ck_assert_uint_eq(block.get_u32(), 0);
    IS(block.get_last_error(), sps::ERR_BUSY);
    ck_assert_int_eq(block.get_available_bytes(), 3);
    block.bytes = {4};
    ck_assert_uint_eq(block.get_u32(), 0x04030201);
    block.capacity = 4;
    OK(block.put_u64(0x0807060504030201)); // the rest waits
    ck_assert_int_eq(block.get_pending_write_bytes(), 4);
    block.bytes.clear();
    OK(block.flush() == sps::ERR_BUSY ? block.flush() : block.get_last_error());
    ck_assert(block.bytes == (Bytes{5, 6, 7, 8}));
}
END_TEST

// One that waits, as far as an array can.
class Waiting : public Block {
  protected:
    sps::Error _get_data(uint8_t *r_buffer, int32_t r_bytes, int32_t *r_received) override {
        calls++;
        const size_t count = std::min(bytes.size(), static_cast<size_t>(r_bytes));
        std::copy_n(bytes.begin(), count, r_buffer);
        bytes.erase(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(count));
        *r_received = static_cast<int32_t>(count);
        return count == static_cast<size_t>(r_bytes) ? sps::OK : sps::ERR_FILE_EOF;
    }

    sps::Error _put_data(const uint8_t *p_data, int32_t p_bytes, int32_t *r_sent) override {
        calls++;
        bytes.insert(bytes.end(), p_data, p_data + p_bytes);
        *r_sent = p_bytes;
        return sps::OK;
    }
};

START_TEST(a_subclass_that_waits_is_called_once) {
    Waiting block;
    OK(block.put_u64(7));
    ck_assert_int_eq(block.calls, 1);
    ck_assert_uint_eq(block.get_u64(), 7);
    ck_assert_int_eq(block.calls, 2);
    block.bytes = {1, 2};
    ck_assert(block.get_data(5) == std::make_pair(sps::ERR_FILE_EOF, Bytes{1, 2}));
    IS(block.put_u8(1), sps::FAILED);
}
END_TEST

START_TEST(a_method_without_an_override_is_failed) {
    StreamPeerExtension nothing;
    OK(nothing.get_last_error());
    ck_assert_uint_eq(nothing.get_u8(), 0);
    IS(nothing.get_last_error(), sps::FAILED);
    IS(nothing.put_u8(1), sps::FAILED);
    ck_assert_int_eq(nothing.get_available_bytes(), 0);
    OK(nothing.get_last_error());
}
END_TEST

// Answers whatever it is told to.
class Answering : public StreamPeerExtension {
  public:
    sps::Error code = sps::ERR_TIMEOUT;
    int32_t count = 0;

  protected:
    sps::Error _get_data(uint8_t *, int32_t, int32_t *r_received) override {
        return answer(r_received);
    }
    sps::Error _get_partial_data(uint8_t *, int32_t, int32_t *r_received) override {
        return answer(r_received);
    }
    sps::Error _put_data(const uint8_t *, int32_t, int32_t *r_sent) override {
        return answer(r_sent);
    }
    sps::Error _put_partial_data(const uint8_t *, int32_t, int32_t *r_sent) override {
        return answer(r_sent);
    }

  private:
    sps::Error answer(int32_t *r_moved) const {
        *r_moved = count;
        return code;
    }
};

START_TEST(the_code_of_an_override_reaches_the_caller_and_the_stream_goes_on) {
    for (const sps::Error code :
         {sps::ERR_TIMEOUT, sps::FAILED, sps::ERR_UNAVAILABLE, sps::ERR_CONNECTION_ERROR}) {
        Answering stream;
        stream.code = code;
        uint8_t bytes[4] = {};
        int count = 0;
        IS(stream.get_data(bytes, 4), code);
        IS(stream.get_partial_data(bytes, 4, count), code);
        IS(stream.put_data(bytes, 4), code);
        IS(stream.put_partial_data(bytes, 4, count), code);
        stream.code = sps::OK;
        IS(stream.get_data(bytes, 4), sps::ERR_BUSY);
        stream.count = 4;
        OK(stream.get_data(bytes, 4));
        OK(stream.put_data(bytes, 4));
    }
}
END_TEST

START_TEST(a_subclass_that_lies_about_its_counts_does_no_harm) {
    for (const int32_t lie : {1000, INT32_MAX - 3, -1000}) {
        Block block;
        block.lie = lie;
        block.bytes = Bytes(9, 1);
        uint8_t bytes[8] = {};
        int count = 0;
        OK(block.get_partial_data(bytes, 8, count));
        ck_assert_int_eq(count, lie > 0 ? 8 : 0);
        OK(block.put_partial_data(bytes, 8, count));
        ck_assert_int_eq(count, lie > 0 ? 8 : 0);
    }
}
END_TEST

START_TEST(a_subclass_without_memory) {
    const sps_allocator allocator = {sizeof(sps_allocator), no_memory, nullptr};
    sps_stream_options options = {};
    options.struct_size = sizeof options;
    options.allocator = &allocator;
    Block block(&options);
    IS(block.get_last_error(), sps::ERR_OUT_OF_MEMORY);
    IS(block.put_u8(1), sps::ERR_INVALID_PARAMETER);
    options.struct_size = 0;
    IS(Block(&options).get_last_error(), sps::ERR_INVALID_PARAMETER);
}
END_TEST

// Counts what is called, beyond its own end.
class Counting : public StreamPeerExtension {
  public:
    Counting(int &r_calls, bool p_flushes) : calls_(r_calls), flushes_(p_flushes) {}

    ~Counting() override {
        if (flushes_) {
            flush();
        }
    }

  protected:
    sps::Error _put_partial_data(const uint8_t *, int32_t p_bytes, int32_t *r_sent) override {
        calls_++;
        *r_sent = p_bytes;
        return sps::OK;
    }

  private:
    int &calls_;
    bool flushes_;
};

START_TEST(no_override_is_called_once_the_object_has_ended) {
    int calls = 0;
    {
        Counting counting(calls, _i == 1);
        OK(counting.set_write_batching(true));
        OK(counting.put_u8(1));
        ck_assert_int_eq(calls, 0);
    }
    ck_assert_int_eq(calls, _i);
}
END_TEST

// The handle is a StreamPeer's, as of any stream, and may be moved into one.
START_TEST(the_handle_and_the_object_may_end_in_any_order) {
    int calls = 0;
    auto counting = std::make_unique<Counting>(calls, false);
    auto other = std::make_unique<StreamPeer>(std::move(static_cast<StreamPeer &>(*counting)));
    IS(counting->put_u8(1), sps::ERR_INVALID_PARAMETER);
    OK(other->put_u8(1));
    ck_assert_int_eq(calls, 1);
    if (_i == 0) {
        counting.reset();
        IS(other->put_u8(1), sps::FAILED);
        ck_assert_int_eq(other->get_available_bytes(), -1);
        ck_assert_int_eq(calls, 1);
    } else {
        other.reset();
        IS(counting->put_u8(1), sps::ERR_INVALID_PARAMETER);
    }
}
END_TEST

static_assert(!std::is_move_constructible_v<Block> && !std::is_copy_constructible_v<Block> &&
                  !std::is_move_assignable_v<Block>,
              "the stream knows the object by its address");
static_assert(std::is_nothrow_move_constructible_v<StreamPeerBuffer> &&
                  !std::is_copy_constructible_v<StreamPeerBuffer>,
              "as any peer");

} // namespace

extern "C" Suite *cpp_streams_suite() {
    Suite *suite = suite_create("cpp_streams");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, every_typed_value_of_a_buffer_in_both_orders, 0, 2);
    tcase_add_test(all, a_buffer_has_godots_names_and_rules);
    tcase_add_test(all, a_buffer_can_be_duplicated);
    tcase_add_test(all, a_refused_call_of_a_buffer_changes_nothing);
    tcase_add_test(all, a_buffer_without_memory_and_a_null_buffer);
    tcase_add_loop_test(all, every_typed_value_of_a_subclass_in_both_orders, 0, 2);
    tcase_add_test(all, a_subclass_that_does_not_wait_is_busy);
    tcase_add_test(all, a_subclass_that_waits_is_called_once);
    tcase_add_test(all, a_method_without_an_override_is_failed);
    tcase_add_test(all, the_code_of_an_override_reaches_the_caller_and_the_stream_goes_on);
    tcase_add_test(all, a_subclass_that_lies_about_its_counts_does_no_harm);
    tcase_add_test(all, a_subclass_without_memory);
    tcase_add_loop_test(all, no_override_is_called_once_the_object_has_ended, 0, 2);
    tcase_add_loop_test(all, the_handle_and_the_object_may_end_in_any_order, 0, 2);
    return suite;
}
