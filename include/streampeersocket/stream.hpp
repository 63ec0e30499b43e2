/* SPDX-License-Identifier: MIT */
/**
 * @file stream.hpp
 * Byte streams of any kind: sps::StreamPeer.
 */
#ifndef STREAMPEERSOCKET_STREAM_HPP
#define STREAMPEERSOCKET_STREAM_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#if __cplusplus >= 202002L && __has_include(<span>)
#include <span>
#endif
#if __cplusplus > 202002L && __has_include(<expected>)
#include <expected>
#endif

#include "owner.hpp"
#include "variant_forward.hpp"

namespace sps {

/** Passes ownership of a stream: StreamPeerTCP peer(sps::Adopt{stream}). NULL is allowed. */
struct Adopt {
    sps_stream *stream;
};

/** Bytes in a stream's memory. The function that returns the span defines how long it is valid. */
struct ByteSpan {
    const uint8_t *data = nullptr;
    size_t size = 0;

    const uint8_t *begin() const { return data; }
    const uint8_t *end() const { return data + size; }

#ifdef __cpp_lib_span
    operator std::span<const uint8_t>() const {
        return {data, size};
    }
#endif
};

/** ByteSpan that the caller may write to. */
struct MutableByteSpan {
    uint8_t *data = nullptr;
    size_t size = 0;

    uint8_t *begin() const { return data; }
    uint8_t *end() const { return data + size; }

#ifdef __cpp_lib_span
    operator std::span<uint8_t>() const {
        return {data, size};
    }
#endif
};

/**
 * A code and a result. Godot returns an Array of both. This pair converts to such an Array, and its
 * elements are also result[0] and result[1].
 */
template <class T> struct ErrorAnd : std::pair<Error, T> {
    using std::pair<Error, T>::pair;

    operator Array() const;                // in variant.hpp
    Variant operator[](int p_index) const; // in variant.hpp
};

/** Any byte stream. Godot: StreamPeer. The contract: stream.h. */
class StreamPeer : public detail::Owner<sps_stream> {
  public:
    /** Owns any kind of stream, such as one of sps_custom_create(). */
    explicit StreamPeer(Adopt p_owned) : Owner(p_owned.stream) {}

    // ---- Raw bytes

    /** sps_stream_put_data(). */
    Error put_data(const uint8_t *p_data, int p_bytes) {
        return remember(sps_stream_put_data(handle(), p_data, to_size(p_bytes), nullptr));
    }

    /** sps_stream_put_partial_data(). */
    Error put_partial_data(const uint8_t *p_data, int p_bytes, int &r_sent) {
        size_t sent = 0;
        remember(sps_stream_put_partial_data(handle(), p_data, to_size(p_bytes), &sent));
        r_sent = detail::to_int(sent);
        return get_last_error();
    }

    /** sps_stream_put_data(). */
    Error put_data(const PackedByteArray &p_data) {
        return remember(sps_stream_put_data(handle(), p_data.data(), p_data.size(), nullptr));
    }

    /** sps_stream_put_partial_data(): the code, and how many bytes were put. */
    ErrorAnd<int> put_partial_data(const PackedByteArray &p_data) {
        size_t sent = 0;
        remember(sps_stream_put_partial_data(handle(), p_data.data(), p_data.size(), &sent));
        return {get_last_error(), detail::to_int(sent)};
    }

    /** sps_stream_get_data(). */
    Error get_data(uint8_t *p_buffer, int p_bytes) {
        return remember(sps_stream_get_data(handle(), p_buffer, to_size(p_bytes), nullptr));
    }

    /** sps_stream_get_partial_data(). */
    Error get_partial_data(uint8_t *p_buffer, int p_bytes, int &r_received) {
        size_t received = 0;
        remember(sps_stream_get_partial_data(handle(), p_buffer, to_size(p_bytes), &received));
        r_received = detail::to_int(received);
        return get_last_error();
    }

    /**
     * sps_stream_get_data() into a vector. Also on failure it holds the bytes that have arrived.
     * Its memory grows with these bytes, whatever p_bytes claims.
     */
    ErrorAnd<PackedByteArray> get_data(int p_bytes) {
        std::vector<uint8_t> data;
        if (p_bytes < 0) {
            return {remember(SPS_ERR_INVALID_PARAMETER), std::move(data)};
        }
        const size_t wanted = to_size(p_bytes);
        do {
            const size_t piece = data.size() > PIECE_BYTES ? data.size() : PIECE_BYTES;
            append(sps_stream_get_data, detail::least(wanted - data.size(), piece), data);
        } while (get_last_error() == OK && data.size() < wanted);
        return {get_last_error(), std::move(data)};
    }

    /**
     * sps_stream_get_partial_data() into a vector. It allocates memory for the bytes that are there
     * now, or 64 KiB, whatever p_bytes claims.
     */
    ErrorAnd<PackedByteArray> get_partial_data(int p_bytes) {
        std::vector<uint8_t> data;
        if (p_bytes < 0) {
            return {remember(SPS_ERR_INVALID_PARAMETER), std::move(data)};
        }
        size_t room = PIECE_BYTES;
        if (to_size(p_bytes) > room) {
            const size_t available = ask(sps_stream_get_available_bytes);
            room = available > room ? available : room;
        }
        append(sps_stream_get_partial_data, detail::least(to_size(p_bytes), room), data);
        return {get_last_error(), std::move(data)};
    }

#ifdef __cpp_lib_span
    /** sps_stream_put_data(). */
    Error put_data(std::span<const uint8_t> p_data) {
        return remember(sps_stream_put_data(handle(), p_data.data(), p_data.size(), nullptr));
    }

    /** sps_stream_get_data(): fills the whole span, or fails. */
    Error get_data(std::span<uint8_t> r_buffer) {
        return remember(sps_stream_get_data(handle(), r_buffer.data(), r_buffer.size(), nullptr));
    }

    /** sps_stream_get_partial_data(). Returns the filled part of the span. */
    std::span<uint8_t> get_partial_data(std::span<uint8_t> r_buffer) {
        size_t received = 0;
        remember(
            sps_stream_get_partial_data(handle(), r_buffer.data(), r_buffer.size(), &received));
        return r_buffer.first(received);
    }
#endif

#ifdef __cpp_lib_expected
    /**
     * The result of a try_get_… of this object, or the code: peer.expect(peer.try_get_u32()). Call
     * it before any other call on this object.
     */
    template <class T> std::expected<T, Error> expect(std::optional<T> p_result) const {
        if (p_result) {
            return *std::move(p_result);
        }
        return std::unexpected<Error>(get_last_error());
    }
#endif

    /** sps_stream_get_available_bytes(). -1 on failure, for example if the stream is not open. */
    int get_available_bytes() const {
        const size_t bytes = ask(sps_stream_get_available_bytes);
        return get_last_error() == OK ? detail::to_int(bytes) : -1;
    }

    /**
     * sps_stream_peek(). Returns the span. get_last_error() returns the code. The end of the stream
     * also ends the span.
     */
    ByteSpan peek(int p_want_bytes = 0) {
        ByteSpan span;
        remember(p_want_bytes < 0
                     ? SPS_ERR_INVALID_PARAMETER
                     : sps_stream_peek(handle(), to_size(p_want_bytes), &span.data, &span.size));
        return span;
    }

    /** sps_stream_consume(). */
    Error consume(int p_bytes) {
        return remember(p_bytes < 0 ? SPS_ERR_INVALID_PARAMETER
                                    : sps_stream_consume(handle(), to_size(p_bytes)));
    }

    /**
     * sps_stream_reserve(). Returns the memory, which is empty unless get_last_error() is OK.
     */
    MutableByteSpan reserve(int p_min_bytes = 0) {
        void *memory = nullptr;
        size_t size = 0;
        remember(p_min_bytes < 0
                     ? SPS_ERR_INVALID_PARAMETER
                     : sps_stream_reserve(handle(), to_size(p_min_bytes), &memory, &size));
        return {static_cast<uint8_t *>(memory), size};
    }

    /** sps_stream_commit(). */
    Error commit(int p_bytes) {
        return remember(p_bytes < 0 ? SPS_ERR_INVALID_PARAMETER
                                    : sps_stream_commit(handle(), to_size(p_bytes)));
    }

    // ---- Byte order

    /** sps_stream_set_big_endian(). */
    void set_big_endian(bool p_enabled) {
        remember(sps_stream_set_big_endian(handle(), p_enabled));
    }

    /** sps_stream_is_big_endian(). */
    bool is_big_endian_enabled() const {
        return ask(sps_stream_is_big_endian);
    }

    // ---- Typed values

    /**
     * @name sps_stream_put_8() and the other types.
     */
    ///@{
    Error put_8(int8_t p_value) {
        return remember(sps_stream_put_8(handle(), p_value));
    }
    Error put_u8(uint8_t p_value) {
        return remember(sps_stream_put_u8(handle(), p_value));
    }
    Error put_16(int16_t p_value) {
        return remember(sps_stream_put_16(handle(), p_value));
    }
    Error put_u16(uint16_t p_value) {
        return remember(sps_stream_put_u16(handle(), p_value));
    }
    Error put_32(int32_t p_value) {
        return remember(sps_stream_put_32(handle(), p_value));
    }
    Error put_u32(uint32_t p_value) {
        return remember(sps_stream_put_u32(handle(), p_value));
    }
    Error put_64(int64_t p_value) {
        return remember(sps_stream_put_64(handle(), p_value));
    }
    Error put_u64(uint64_t p_value) {
        return remember(sps_stream_put_u64(handle(), p_value));
    }
    Error put_half(float p_value) {
        return remember(sps_stream_put_half(handle(), p_value));
    }
    Error put_float(float p_value) {
        return remember(sps_stream_put_float(handle(), p_value));
    }
    Error put_double(double p_value) {
        return remember(sps_stream_put_double(handle(), p_value));
    }
    ///@}

    /**
     * @name sps_stream_get_8() and the other types. They wait. 0 on failure.
     */
    ///@{
    int8_t get_8() {
        return ask(sps_stream_get_8);
    }
    uint8_t get_u8() {
        return ask(sps_stream_get_u8);
    }
    int16_t get_16() {
        return ask(sps_stream_get_16);
    }
    uint16_t get_u16() {
        return ask(sps_stream_get_u16);
    }
    int32_t get_32() {
        return ask(sps_stream_get_32);
    }
    uint32_t get_u32() {
        return ask(sps_stream_get_u32);
    }
    int64_t get_64() {
        return ask(sps_stream_get_64);
    }
    uint64_t get_u64() {
        return ask(sps_stream_get_u64);
    }
    float get_half() {
        return ask(sps_stream_get_half);
    }
    float get_float() {
        return ask(sps_stream_get_float);
    }
    double get_double() {
        return ask(sps_stream_get_double);
    }
    ///@}

    /**
     * @name sps_stream_try_get_8() and the other types: the whole value or nothing, at once.
     * They are templates, because each std::optional takes long to compile. T has one value.
     */
    ///@{
    template <class T = int8_t> std::optional<T> try_get_8() {
        return try_ask<T>(sps_stream_try_get_8);
    }
    template <class T = uint8_t> std::optional<T> try_get_u8() {
        return try_ask<T>(sps_stream_try_get_u8);
    }
    template <class T = int16_t> std::optional<T> try_get_16() {
        return try_ask<T>(sps_stream_try_get_16);
    }
    template <class T = uint16_t> std::optional<T> try_get_u16() {
        return try_ask<T>(sps_stream_try_get_u16);
    }
    template <class T = int32_t> std::optional<T> try_get_32() {
        return try_ask<T>(sps_stream_try_get_32);
    }
    template <class T = uint32_t> std::optional<T> try_get_u32() {
        return try_ask<T>(sps_stream_try_get_u32);
    }
    template <class T = int64_t> std::optional<T> try_get_64() {
        return try_ask<T>(sps_stream_try_get_64);
    }
    template <class T = uint64_t> std::optional<T> try_get_u64() {
        return try_ask<T>(sps_stream_try_get_u64);
    }
    template <class T = float> std::optional<T> try_get_half() {
        return try_ask<T>(sps_stream_try_get_half);
    }
    template <class T = float> std::optional<T> try_get_float() {
        return try_ask<T>(sps_stream_try_get_float);
    }
    template <class T = double> std::optional<T> try_get_double() {
        return try_ask<T>(sps_stream_try_get_double);
    }
    ///@}

    // ---- Strings

    /** sps_stream_put_string(). */
    Error put_string(std::string_view p_text) {
        return remember(sps_stream_put_string(handle(), p_text.data(), p_text.size()));
    }

    /** sps_stream_put_utf8_string(). */
    Error put_utf8_string(std::string_view p_text) {
        return remember(sps_stream_put_utf8_string(handle(), p_text.data(), p_text.size()));
    }

    /** sps_stream_get_string(). -1: the length is on the stream. Empty on failure. */
    std::string get_string(int p_bytes = -1) {
        return std::string(text(sps_stream_get_string, p_bytes));
    }

    /** sps_stream_get_utf8_string(). */
    std::string get_utf8_string(int p_bytes = -1) {
        return std::string(text(sps_stream_get_utf8_string, p_bytes));
    }

    /** sps_stream_try_get_string(). */
    std::optional<std::string> try_get_string(int p_bytes = -1) {
        return if_ok(std::string(text(sps_stream_try_get_string, p_bytes)));
    }

    /** sps_stream_try_get_utf8_string(). */
    std::optional<std::string> try_get_utf8_string(int p_bytes = -1) {
        return if_ok(std::string(text(sps_stream_try_get_utf8_string, p_bytes)));
    }

    // ---- Variants. A program that calls these includes variant.hpp, which defines them.

    /**
     * sps_stream_put_var(). Errors before the put are those of Variant::encode(). Then nothing is
     * put. Without p_full_objects an object with properties is ERR_UNAUTHORIZED: Godot would send
     * its id, but here it has none.
     */
    Error put_var(const Variant &p_value, bool p_full_objects = false); // in variant.hpp

    /**
     * sps_stream_get_var(), which waits. It returns null on failure. Null can also be the value:
     * get_last_error() tells. These codes mean that the stream has passed the value:
     *
     * - ERR_INVALID_DATA: the bytes are not a value.
     * - ERR_UNAUTHORIZED: the value has an object with properties, and p_allow_objects is false.
     * - ERR_OUT_OF_MEMORY: the value would take more memory than DecodeOptions allow.
     */
    Variant get_var(bool p_allow_objects = false); // in variant.hpp

    /** The same, with all that decoding allows. */
    Variant get_var(const DecodeOptions &p_options); // in variant.hpp

    /** sps_stream_try_get_var(): the whole value or nothing, at once. */
    std::optional<Variant> try_get_var(bool p_allow_objects = false); // in variant.hpp

    /** The same, with all that decoding allows. */
    std::optional<Variant> try_get_var(const DecodeOptions &p_options); // in variant.hpp

    // ---- Lines and raw text

    /** sps_stream_put_text(). */
    Error put_text(std::string_view p_text) {
        return remember(sps_stream_put_text(handle(), p_text.data(), p_text.size()));
    }

    /** sps_stream_get_line(). p_max_bytes 0: the limit is max_value_bytes. Empty on failure. */
    std::string get_line(int p_max_bytes = 0) {
        return line(sps_stream_get_line, p_max_bytes);
    }

    /** sps_stream_try_get_line(). */
    std::optional<std::string> try_get_line(int p_max_bytes = 0) {
        return if_ok(line(sps_stream_try_get_line, p_max_bytes));
    }

    /** sps_stream_get_until(). Returns the bytes before the delimiter, which may not be text. */
    std::string get_until(std::string_view p_delimiter, int p_max_bytes = 0) {
        return until(sps_stream_get_until, p_delimiter, p_max_bytes);
    }

    /** sps_stream_try_get_until(). */
    std::optional<std::string> try_get_until(std::string_view p_delimiter, int p_max_bytes = 0) {
        return if_ok(until(sps_stream_try_get_until, p_delimiter, p_max_bytes));
    }

    // ---- Batched writes

    /** sps_stream_set_write_batching(). */
    Error set_write_batching(bool p_enabled) {
        return remember(sps_stream_set_write_batching(handle(), p_enabled));
    }

    /** sps_stream_is_write_batching(). */
    bool is_write_batching() const {
        return ask(sps_stream_is_write_batching);
    }

    /** sps_stream_flush(). */
    Error flush() {
        return remember(sps_stream_flush(handle()));
    }

    /** sps_stream_get_pending_write_bytes(). */
    int get_pending_write_bytes() const {
        return detail::to_int(ask(sps_stream_get_pending_write_bytes));
    }

  protected:
    using Owner::Owner;

    // A negative number converts to one above PTRDIFF_MAX, which the C functions refuse.
    static size_t to_size(int p_bytes) {
        return static_cast<size_t>(p_bytes);
    }

  private:
    using Reader = sps_error (*)(sps_stream *, void *, size_t, size_t *);
    using TextReader = sps_error (*)(sps_stream *, int64_t, const char **, size_t *);
    using LineReader = sps_error (*)(sps_stream *, size_t, const char **, size_t *);
    using PartReader = sps_error (*)(sps_stream *, const void *, size_t, size_t, const uint8_t **,
                                     size_t *);

    // The first growth step of a vector.
    static constexpr size_t PIECE_BYTES = 64 * 1024;

    // Appends the bytes of one get of at most p_bytes.
    void append(Reader p_read, size_t p_bytes, std::vector<uint8_t> &r_data) {
        const size_t before = r_data.size();
        size_t received = 0;
        r_data.resize(before + p_bytes);
        remember(p_read(handle(), r_data.data() + before, p_bytes, &received));
        r_data.resize(before + received);
    }

    // The text in the stream's memory, or an empty one.
    std::string_view text(TextReader p_read, int p_bytes) {
        const char *found = nullptr;
        size_t size = 0;
        remember(p_read(handle(), p_bytes, &found, &size));
        return std::string_view(found, size);
    }

    std::string line(LineReader p_read, int p_max_bytes) {
        const char *found = nullptr;
        size_t size = 0;
        const Error error = remember(p_read(handle(), to_size(p_max_bytes), &found, &size));
        return error == OK ? std::string(found, size) : std::string();
    }

    std::string until(PartReader p_read, std::string_view p_delimiter, int p_max_bytes) {
        const uint8_t *found = nullptr;
        size_t size = 0;
        const Error error = remember(p_read(handle(), p_delimiter.data(), p_delimiter.size(),
                                            to_size(p_max_bytes), &found, &size));
        return error == OK ? std::string(found, found + size) : std::string();
    }

    std::optional<std::string> if_ok(std::string p_text) const {
        return get_last_error() == OK ? std::optional<std::string>(std::move(p_text))
                                      : std::nullopt;
    }
};

} // namespace sps

#endif

#include "end.inc"

#endif
