/* SPDX-License-Identifier: MIT */
/**
 * @file streampeersocket.hpp
 * The C library as C++17 classes with Godot's names and signatures. Header-only; needs neither
 * exceptions nor RTTI, and throws nothing of its own (a std::string or std::vector that finds
 * no memory does what the program's operator new does; the C calls need none of them).
 *
 * Each member is one call of the C function that its comment names, and the contract, with
 * every code, stands there, in streampeersocket/….h. What is the same for all:
 *
 * - Where Godot answers nothing (put_u8, set_no_delay) the Error is returned; it may be
 * ignored.
 * - Where Godot answers a value (get_u8, get_status), it is 0, empty, false or NONE when the
 *   call fails, and get_last_error() tells why; try_get_… answers std::nullopt.
 * - Counts and milliseconds are int, as in Godot; a negative one is ERR_INVALID_PARAMETER, and
 *   nothing changes.
 * - An object owns its handle, and can be moved, but not copied. One that could not be made
 *   (get_last_error() tells why: mostly ERR_OUT_OF_MEMORY), or that was moved from, has a NULL
 *   handle, and every call on it answers ERR_INVALID_PARAMETER.
 * - One thread at a time uses an object, also for the const members. The exceptions are an IP,
 *   and SocketPoller::wake().
 */
#ifndef STREAMPEERSOCKET_HPP
#define STREAMPEERSOCKET_HPP

#include <algorithm>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "streampeersocket/error.hpp"
#include "streampeersocket/streampeersocket.h"
#include "streampeersocket/variant.hpp"

namespace sps {

/** sps_close_reason_name(). */
inline const char *close_reason_name(int32_t p_reason) {
    return sps_close_reason_name(p_reason);
}

namespace detail {

struct Destroy {
    void operator()(sps_stream *p_stream) const { sps_stream_destroy(p_stream); }
    void operator()(sps_server *p_server) const { sps_server_destroy(p_server); }
    void operator()(sps_ip *p_ip) const { sps_ip_destroy(p_ip); }
    void operator()(sps_poller *p_poller) const { sps_poller_destroy(p_poller); }
    void operator()(sps_packet_peer *p_peer) const { sps_packet_peer_destroy(p_peer); }
};

/** Where the code of the last call is kept: in the object, which one thread at a time uses. */
class ErrorOfObject {
  protected:
    Error &last_error() const { return last_error_; }

  private:
    mutable Error last_error_ = OK;
};

/** Or one for each thread, for objects that several threads use at once. */
class ErrorOfThread {
  protected:
    Error &last_error() const {
        static thread_local Error of_thread = OK;
        return of_thread;
    }
};

// C would cut a text at an embedded NUL. Given NULL instead, it answers ERR_INVALID_PARAMETER.
inline const char *c_text(const std::string &p_text) {
    return p_text.find('\0') == std::string::npos ? p_text.c_str() : nullptr;
}

inline int to_int(size_t p_count) {
    return static_cast<int>(std::min(p_count, static_cast<size_t>(INT_MAX)));
}

/** Owns a handle of the C library, and keeps the code of the last call on it. */
template <class Handle, class LastError = ErrorOfObject> class Owner : private LastError {
  public:
    Owner(Owner &&) noexcept = default;
    Owner &operator=(Owner &&) noexcept = default;
    virtual ~Owner() = default;

    /** The code of the last call on this object; OK when it succeeded, or before any. */
    Error get_last_error() const { return this->last_error(); }

    /** For the C functions; still owned by this object. NULL when there is none. */
    Handle *handle() const { return handle_.get(); }

  protected:
    explicit Owner(Handle *p_owned) : handle_(p_owned) {}

    template <class Options>
    Owner(sps_error (*p_create)(const Options *, Handle **), const Options *p_options) {
        Handle *made = nullptr;
        remember(p_create(p_options, &made));
        handle_.reset(made);
    }

    Error remember(sps_error p_code) const {
        return this->last_error() = static_cast<Error>(p_code);
    }

    // The value that a C getter gives, or 0. H is Handle, const or not.
    template <class H, class T> T ask(sps_error (*p_get)(H *, T *)) const {
        T value{};
        remember(p_get(handle(), &value));
        return value;
    }

    template <class H, class T> std::optional<T> try_ask(sps_error (*p_get)(H *, T *)) const {
        const T value = ask(p_get);
        return get_last_error() == OK ? std::optional<T>(value) : std::nullopt;
    }

    // The struct that a C getter fills, or one of zeros.
    template <class H, class T> T ask_struct(sps_error (*p_get)(H *, T *)) const {
        T value{};
        value.struct_size = sizeof value;
        return remember(p_get(handle(), &value)) == OK ? value : T{};
    }

    // The descriptor that a C function gives to the caller, or -1.
    intptr_t release(sps_error (*p_release)(Handle *, intptr_t *)) {
        intptr_t fd = -1;
        return remember(p_release(handle(), &fd)) == OK ? fd : -1;
    }

    // The text that a C getter writes into a buffer, or an empty one.
    template <size_t BufferBytes>
    std::string ask_text(sps_error (*p_get)(const Handle *, char *, size_t, size_t *)) const {
        char text[BufferBytes];
        size_t length = 0;
        const Error error = remember(p_get(handle(), text, BufferBytes, &length));
        return error == OK ? std::string(text, length) : std::string();
    }

  private:
    std::unique_ptr<Handle, Destroy> handle_;
};

// A value's bytes, as one write of a stream or a packet peer.
template <class Handle>
sps_error put_variant(sps_error (*p_put)(Handle *, const void *, size_t), Handle *p_handle,
                      const Variant &p_value, bool p_full_objects) {
    EncodeOptions options;
    options.full_objects = p_full_objects;
    Encoder encoder(options);
    const uint8_t *data = nullptr;
    size_t bytes = 0;
    const sps_error error = encoder.encode(p_value, &data, &bytes);
    return error == SPS_OK ? p_put(p_handle, data, bytes) : error;
}

// A value, whose bytes lie in the memory of a stream until the next call on it.
template <class Handle>
sps_error get_variant(sps_error (*p_get)(Handle *, const uint8_t **, size_t *), Handle *p_handle,
                      bool p_allow_objects, Variant &r_value) {
    const uint8_t *data = nullptr;
    size_t size = 0;
    const sps_error error = p_get(p_handle, &data, &size);
    if (error != SPS_OK) {
        return error;
    }
    DecodeOptions options;
    options.allow_objects = p_allow_objects;
    Variant::Decoded decoded = Variant::decode(data, size, options);
    r_value = std::move(decoded.value);
    return decoded.error;
}

} // namespace detail

/** A stream to be owned from now on: StreamPeerTCP peer(sps::Adopt{stream}). May be NULL. */
struct Adopt {
    sps_stream *stream;
};

/** Bytes in the stream's memory; see StreamPeer::peek(). */
struct ByteSpan {
    const uint8_t *data = nullptr;
    size_t size = 0;

    const uint8_t *begin() const { return data; }
    const uint8_t *end() const { return data + size; }
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
     * sps_stream_get_data() into a vector, which holds what has arrived also when the call
     * fails. Its memory grows with the bytes that arrive, whatever p_bytes claims.
     */
    std::pair<Error, std::vector<uint8_t>> get_data(int p_bytes) {
        std::vector<uint8_t> data;
        if (p_bytes < 0) {
            return {remember(SPS_ERR_INVALID_PARAMETER), std::move(data)};
        }
        const size_t wanted = to_size(p_bytes);
        do {
            const size_t piece = std::max(data.size(), PIECE_BYTES);
            append(sps_stream_get_data, std::min(wanted - data.size(), piece), data);
        } while (get_last_error() == OK && data.size() < wanted);
        return {get_last_error(), std::move(data)};
    }

    /**
     * sps_stream_get_partial_data() into a vector. Its memory is what is there now, or 64 KiB,
     * whatever p_bytes claims.
     */
    std::pair<Error, std::vector<uint8_t>> get_partial_data(int p_bytes) {
        std::vector<uint8_t> data;
        if (p_bytes < 0) {
            return {remember(SPS_ERR_INVALID_PARAMETER), std::move(data)};
        }
        size_t room = PIECE_BYTES;
        if (to_size(p_bytes) > room) {
            room = std::max(room, ask(sps_stream_get_available_bytes));
        }
        append(sps_stream_get_partial_data, std::min(to_size(p_bytes), room), data);
        return {get_last_error(), std::move(data)};
    }

    /** sps_stream_get_available_bytes(); -1 when it fails, as when the stream is not open. */
    int get_available_bytes() const {
        const size_t bytes = ask(sps_stream_get_available_bytes);
        return get_last_error() == OK ? detail::to_int(bytes) : -1;
    }

    /**
     * sps_stream_peek(): what is buffered, after reading once more when that is less than
     * p_want_bytes. get_last_error() is OK when so many are there, ERR_BUSY when not yet.
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

    // ---- Byte order

    /** sps_stream_set_big_endian(). */
    void set_big_endian(bool p_enabled) {
        remember(sps_stream_set_big_endian(handle(), p_enabled));
    }

    /** sps_stream_is_big_endian(). */
    bool is_big_endian_enabled() const { return ask(sps_stream_is_big_endian); }

    // ---- Typed values

    /** @name sps_stream_put_8() and its kin. */
    ///@{
    Error put_8(int8_t p_value) { return remember(sps_stream_put_8(handle(), p_value)); }
    Error put_u8(uint8_t p_value) { return remember(sps_stream_put_u8(handle(), p_value)); }
    Error put_16(int16_t p_value) { return remember(sps_stream_put_16(handle(), p_value)); }
    Error put_u16(uint16_t p_value) { return remember(sps_stream_put_u16(handle(), p_value)); }
    Error put_32(int32_t p_value) { return remember(sps_stream_put_32(handle(), p_value)); }
    Error put_u32(uint32_t p_value) { return remember(sps_stream_put_u32(handle(), p_value)); }
    Error put_64(int64_t p_value) { return remember(sps_stream_put_64(handle(), p_value)); }
    Error put_u64(uint64_t p_value) { return remember(sps_stream_put_u64(handle(), p_value)); }
    Error put_half(float p_value) { return remember(sps_stream_put_half(handle(), p_value)); }
    Error put_float(float p_value) { return remember(sps_stream_put_float(handle(), p_value)); }
    Error put_double(double p_value) { return remember(sps_stream_put_double(handle(), p_value)); }
    ///@}

    /** @name sps_stream_get_8() and its kin, which wait; 0 when they fail. */
    ///@{
    int8_t get_8() { return ask(sps_stream_get_8); }
    uint8_t get_u8() { return ask(sps_stream_get_u8); }
    int16_t get_16() { return ask(sps_stream_get_16); }
    uint16_t get_u16() { return ask(sps_stream_get_u16); }
    int32_t get_32() { return ask(sps_stream_get_32); }
    uint32_t get_u32() { return ask(sps_stream_get_u32); }
    int64_t get_64() { return ask(sps_stream_get_64); }
    uint64_t get_u64() { return ask(sps_stream_get_u64); }
    float get_half() { return ask(sps_stream_get_half); }
    float get_float() { return ask(sps_stream_get_float); }
    double get_double() { return ask(sps_stream_get_double); }
    ///@}

    /** @name sps_stream_try_get_8() and its kin: the whole value or nothing, at once. */
    ///@{
    std::optional<int8_t> try_get_8() { return try_ask(sps_stream_try_get_8); }
    std::optional<uint8_t> try_get_u8() { return try_ask(sps_stream_try_get_u8); }
    std::optional<int16_t> try_get_16() { return try_ask(sps_stream_try_get_16); }
    std::optional<uint16_t> try_get_u16() { return try_ask(sps_stream_try_get_u16); }
    std::optional<int32_t> try_get_32() { return try_ask(sps_stream_try_get_32); }
    std::optional<uint32_t> try_get_u32() { return try_ask(sps_stream_try_get_u32); }
    std::optional<int64_t> try_get_64() { return try_ask(sps_stream_try_get_64); }
    std::optional<uint64_t> try_get_u64() { return try_ask(sps_stream_try_get_u64); }
    std::optional<float> try_get_half() { return try_ask(sps_stream_try_get_half); }
    std::optional<float> try_get_float() { return try_ask(sps_stream_try_get_float); }
    std::optional<double> try_get_double() { return try_ask(sps_stream_try_get_double); }
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

    /** sps_stream_get_string(); -1: the length is on the stream. Empty when it fails. */
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

    // ---- Variants

    /**
     * sps_stream_put_var(). Without p_full_objects an object with properties is ERR_UNAUTHORIZED: where Godot
     * sends the object's id it has none. Else as Variant::encode(); nothing is put unless the value can be.
     */
    Error put_var(const Variant &p_value, bool p_full_objects = false) {
        return remember(detail::put_variant(sps_stream_put_var, handle(), p_value, p_full_objects));
    }

    /**
     * sps_stream_get_var(), which waits. Null when it fails, and null may also be the value:
     * get_last_error() tells. It is ERR_INVALID_DATA when the bytes are no value, and ERR_UNAUTHORIZED when
     * there is an object with properties and p_allow_objects is false: it has left the stream then.
     */
    Variant get_var(bool p_allow_objects = false) {
        return variant(sps_stream_get_var, p_allow_objects);
    }

    /** sps_stream_try_get_var(): the whole value or nothing, at once. */
    std::optional<Variant> try_get_var(bool p_allow_objects = false) {
        Variant value = variant(sps_stream_try_get_var, p_allow_objects);
        return get_last_error() == OK ? std::optional<Variant>(std::move(value)) : std::nullopt;
    }

    // ---- Lines and raw text

    /** sps_stream_put_text(). */
    Error put_text(std::string_view p_text) {
        return remember(sps_stream_put_text(handle(), p_text.data(), p_text.size()));
    }

    /** sps_stream_get_line(); 0: as long as a value may be. Empty when it fails. */
    std::string get_line(int p_max_bytes = 0) { return line(sps_stream_get_line, p_max_bytes); }

    /** sps_stream_try_get_line(). */
    std::optional<std::string> try_get_line(int p_max_bytes = 0) {
        return if_ok(line(sps_stream_try_get_line, p_max_bytes));
    }

    /** sps_stream_get_until(); what came before the delimiter, which may be no text. */
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
    bool is_write_batching() const { return ask(sps_stream_is_write_batching); }

    /** sps_stream_flush(). */
    Error flush() { return remember(sps_stream_flush(handle())); }

    /** sps_stream_get_pending_write_bytes(). */
    int get_pending_write_bytes() const {
        return detail::to_int(ask(sps_stream_get_pending_write_bytes));
    }

  protected:
    using Owner::Owner;

    // A negative number becomes one above PTRDIFF_MAX, which the C functions refuse.
    static size_t to_size(int p_bytes) { return static_cast<size_t>(p_bytes); }

  private:
    using Reader = sps_error (*)(sps_stream *, void *, size_t, size_t *);
    using TextReader = sps_error (*)(sps_stream *, int64_t, const char **, size_t *);
    using LineReader = sps_error (*)(sps_stream *, size_t, const char **, size_t *);
    using PartReader = sps_error (*)(sps_stream *, const void *, size_t, size_t, const uint8_t **,
                                     size_t *);
    using VariantReader = sps_error (*)(sps_stream *, const uint8_t **, size_t *);

    // What a vector grows by before anything has arrived.
    static constexpr size_t PIECE_BYTES = 64 * 1024;

    // Appends what one get of at most p_bytes gives.
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

    Variant variant(VariantReader p_read, bool p_allow_objects) {
        Variant value;
        remember(detail::get_variant(p_read, handle(), p_allow_objects, value));
        return value;
    }

    std::optional<std::string> if_ok(std::string p_text) const {
        return get_last_error() == OK ? std::optional<std::string>(std::move(p_text))
                                      : std::nullopt;
    }
};

/** What TCP and Unix streams share. Godot: StreamPeerSocket. The contract: socket.h. */
class StreamPeerSocket : public StreamPeer {
  public:
    /** Godot's StreamPeerSocket.Status; sps_status. */
    enum Status : int32_t {
        STATUS_NONE = SPS_STATUS_NONE,
        STATUS_CONNECTING = SPS_STATUS_CONNECTING,
        STATUS_CONNECTED = SPS_STATUS_CONNECTED,
        STATUS_ERROR = SPS_STATUS_ERROR
    };

    /** Owns a socket of either kind, such as one of sps_server_take_connection(). */
    explicit StreamPeerSocket(Adopt p_owned) : StreamPeer(p_owned) {}

    /** sps_socket_poll(). */
    Error poll() { return remember(sps_socket_poll(handle())); }

    /** sps_socket_get_status(). */
    Status get_status() const { return static_cast<Status>(ask(sps_socket_get_status)); }

    /** sps_socket_disconnect(). */
    void disconnect_from_host() { remember(sps_socket_disconnect(handle())); }

    /** sps_socket_shutdown_write(). */
    Error shutdown_write() { return remember(sps_socket_shutdown_write(handle())); }

    /** sps_socket_close_gracefully(). */
    Error close_gracefully(int p_timeout_ms = 0) {
        return remember(sps_socket_close_gracefully(handle(), to_ms(p_timeout_ms)));
    }

    /** sps_socket_close_and_wait(). */
    Error close_and_wait(int p_timeout_ms = 0) {
        return remember(sps_socket_close_and_wait(handle(), to_ms(p_timeout_ms)));
    }

    /** Why it was closed; sps_close_reason. */
    enum CloseReason : int32_t {
        CLOSE_NONE = SPS_CLOSE_NONE,
        CLOSE_LOCAL = SPS_CLOSE_LOCAL,
        CLOSE_PEER_FINISHED = SPS_CLOSE_PEER_FINISHED,
        CLOSE_RESET = SPS_CLOSE_RESET,
        CLOSE_REFUSED = SPS_CLOSE_REFUSED,
        CLOSE_UNREACHABLE = SPS_CLOSE_UNREACHABLE,
        CLOSE_CONNECT_TIMED_OUT = SPS_CLOSE_CONNECT_TIMED_OUT,
        CLOSE_NAME_NOT_FOUND = SPS_CLOSE_NAME_NOT_FOUND,
        CLOSE_NOT_ACKNOWLEDGED = SPS_CLOSE_NOT_ACKNOWLEDGED,
        CLOSE_NO_RESOURCES = SPS_CLOSE_NO_RESOURCES,
        CLOSE_FAILED = SPS_CLOSE_FAILED,
        CLOSE_KEEPALIVE = SPS_CLOSE_KEEPALIVE,
        CLOSE_IDLE = SPS_CLOSE_IDLE,
        CLOSE_PUT_TIMED_OUT = SPS_CLOSE_PUT_TIMED_OUT,
        CLOSE_GRACE_TIMED_OUT = SPS_CLOSE_GRACE_TIMED_OUT,
        CLOSE_LIMIT = SPS_CLOSE_LIMIT
    };

    /** sps_socket_get_close_reason(). */
    CloseReason get_close_reason() const {
        return static_cast<CloseReason>(ask(sps_socket_get_close_reason));
    }

    /** sps_socket_get_os_error(). */
    int32_t get_os_error() const { return ask(sps_socket_get_os_error); }

    /** sps_socket_set_connect_timeout(). */
    Error set_connect_timeout(int p_timeout_ms) {
        return remember(sps_socket_set_connect_timeout(handle(), to_ms(p_timeout_ms)));
    }

    /** sps_socket_set_attempt_delay(). */
    Error set_attempt_delay(int p_delay_ms) {
        return remember(sps_socket_set_attempt_delay(handle(), to_ms(p_delay_ms)));
    }

    /** sps_socket_set_io_timeout(). */
    Error set_io_timeout(int p_timeout_ms) {
        return remember(sps_socket_set_io_timeout(handle(), to_ms(p_timeout_ms)));
    }

    /** sps_socket_set_idle_timeout(). */
    Error set_idle_timeout(int p_timeout_ms) {
        return remember(sps_socket_set_idle_timeout(handle(), to_ms(p_timeout_ms)));
    }

    /** The sizes of the buffers that the OS keeps for a socket. */
    struct OsBuffers {
        int send_bytes = 0;
        int receive_bytes = 0;
    };

    /** sps_socket_set_os_buffers(). */
    Error set_os_buffers(int p_send_bytes, int p_receive_bytes) {
        return remember(std::min(p_send_bytes, p_receive_bytes) < 0
                            ? SPS_ERR_INVALID_PARAMETER
                            : sps_socket_set_os_buffers(handle(),
                                                        static_cast<uint32_t>(p_send_bytes),
                                                        static_cast<uint32_t>(p_receive_bytes)));
    }

    /** sps_socket_get_os_buffers(). */
    OsBuffers get_os_buffers() const {
        uint32_t send_bytes = 0;
        uint32_t receive_bytes = 0;
        remember(sps_socket_get_os_buffers(handle(), &send_bytes, &receive_bytes));
        return {detail::to_int(send_bytes), detail::to_int(receive_bytes)};
    }

  protected:
    using StreamPeer::StreamPeer;

    // A negative time becomes one above INT32_MAX, which the C functions refuse.
    static uint32_t to_ms(int p_time) { return static_cast<uint32_t>(p_time); }
};

/** Godot: StreamPeerTCP. The contract: tcp.h. */
class StreamPeerTCP : public StreamPeerSocket {
  public:
    /** sps_tcp_create(). */
    explicit StreamPeerTCP(const sps_stream_options *p_options = nullptr)
        : StreamPeerSocket(sps_tcp_create, p_options) {}

    /** Owns a TCP stream. On another kind, what is TCP's alone answers ERR_UNAVAILABLE. */
    explicit StreamPeerTCP(Adopt p_owned) : StreamPeerSocket(p_owned) {}

    /** sps_tcp_bind(). */
    Error bind(int p_port, const std::string &p_host = "*") {
        return remember(sps_tcp_bind(handle(), p_port, detail::c_text(p_host)));
    }

    /** sps_tcp_connect(). */
    Error connect_to_host(const std::string &p_host, int p_port) {
        return remember(sps_tcp_connect(handle(), detail::c_text(p_host), p_port));
    }

    /** What became of each attempt of the last connect; sps_tcp_get_connect_attempt(). */
    std::vector<sps_connect_attempt> get_connect_attempts() const {
        std::vector<sps_connect_attempt> attempts(ask(sps_tcp_get_connect_attempt_count));
        for (size_t i = 0; i < attempts.size(); i++) {
            attempts[i].struct_size = sizeof attempts[i];
            remember(sps_tcp_get_connect_attempt(handle(), i, &attempts[i]));
        }
        return attempts;
    }

    /** sps_tcp_get_connected_host(). */
    std::string get_connected_host() const {
        return ask_text<SPS_HOST_TEXT_BYTES>(sps_tcp_get_connected_host);
    }

    /** sps_tcp_get_connected_port(). */
    int get_connected_port() const { return ask(sps_tcp_get_connected_port); }

    /** sps_tcp_get_local_host(). */
    std::string get_local_host() const {
        return ask_text<SPS_HOST_TEXT_BYTES>(sps_tcp_get_local_host);
    }

    /** sps_tcp_get_local_port(). */
    int get_local_port() const { return ask(sps_tcp_get_local_port); }

    /** sps_tcp_set_no_delay(). */
    Error set_no_delay(bool p_enabled) {
        return remember(sps_tcp_set_no_delay(handle(), p_enabled));
    }

    /** sps_tcp_set_keepalive(). */
    Error set_keepalive(int p_idle_ms, int p_interval_ms = 0, int p_count = 0) {
        return remember(std::min({p_idle_ms, p_interval_ms, p_count}) < 0
                            ? SPS_ERR_INVALID_PARAMETER
                            : sps_tcp_set_keepalive(handle(), to_ms(p_idle_ms),
                                                    to_ms(p_interval_ms),
                                                    static_cast<uint32_t>(p_count)));
    }

    /** sps_tcp_set_user_timeout(). */
    Error set_user_timeout(int p_timeout_ms) {
        return remember(sps_tcp_set_user_timeout(handle(), to_ms(p_timeout_ms)));
    }

    /** sps_tcp_get_info(); all zeros when it fails. */
    sps_tcp_info get_info() const { return ask_struct(sps_tcp_get_info); }

    /** sps_tcp_close_reset(). */
    Error close_reset() { return remember(sps_tcp_close_reset(handle())); }

    /** sps_tcp_adopt_fd(). */
    Error adopt_fd(intptr_t p_fd) { return remember(sps_tcp_adopt_fd(handle(), p_fd)); }

    /** sps_tcp_release_fd(); -1 when it fails. */
    intptr_t release_fd() { return release(sps_tcp_release_fd); }
};

/** Godot: StreamPeerUDS. The contract: uds.h. */
class StreamPeerUDS : public StreamPeerSocket {
  public:
    /** sps_uds_create(). */
    explicit StreamPeerUDS(const sps_stream_options *p_options = nullptr)
        : StreamPeerSocket(sps_uds_create, p_options) {}

    /** Owns a Unix stream. On another kind, what is Unix's alone answers ERR_UNAVAILABLE. */
    explicit StreamPeerUDS(Adopt p_owned) : StreamPeerSocket(p_owned) {}

    /** sps_uds_bind(). */
    Error bind(const std::string &p_path) {
        return remember(sps_uds_bind(handle(), detail::c_text(p_path)));
    }

    /** sps_uds_connect(). */
    Error connect_to_host(const std::string &p_path) {
        return remember(sps_uds_connect(handle(), detail::c_text(p_path)));
    }

    /** sps_uds_get_connected_path(). */
    std::string get_connected_path() const {
        return ask_text<SPS_PATH_TEXT_BYTES>(sps_uds_get_connected_path);
    }

    /** sps_uds_get_peer_credentials(); all zeros when it fails, and 0 is root's uid. */
    sps_peer_credentials get_peer_credentials() const {
        return ask_struct(sps_uds_get_peer_credentials);
    }

    /** sps_uds_adopt_fd(). */
    Error adopt_fd(intptr_t p_fd) { return remember(sps_uds_adopt_fd(handle(), p_fd)); }

    /** sps_uds_release_fd(); -1 when it fails. */
    intptr_t release_fd() { return release(sps_uds_release_fd); }
};

/** A stream in memory. Godot: StreamPeerBuffer. The contract: buffer.h. */
class StreamPeerBuffer : public StreamPeer {
  public:
    /** sps_buffer_create(). */
    explicit StreamPeerBuffer(const sps_stream_options *p_options = nullptr)
        : StreamPeer(sps_buffer_create, p_options) {}

    /** Owns a buffer. On a stream of another kind, what is a buffer's alone answers ERR_UNAVAILABLE. */
    explicit StreamPeerBuffer(Adopt p_owned) : StreamPeer(p_owned) {}

    /** sps_buffer_seek(). */
    Error seek(int p_position) { return remember(sps_buffer_seek(handle(), to_size(p_position))); }

    /** sps_buffer_get_position(). */
    int get_position() const { return detail::to_int(ask(sps_buffer_get_position)); }

    /** sps_buffer_get_size(). */
    int get_size() const { return detail::to_int(ask(sps_buffer_get_size)); }

    /** sps_buffer_resize(). */
    Error resize(int p_size) { return remember(sps_buffer_resize(handle(), to_size(p_size))); }

    /** sps_buffer_clear(). */
    Error clear() { return remember(sps_buffer_clear(handle())); }

    /** sps_buffer_set_data_array(). */
    Error set_data_array(const std::vector<uint8_t> &p_data) {
        return remember(sps_buffer_set_data_array(handle(), p_data.data(), p_data.size()));
    }

    /** sps_buffer_get_data_array(), copied. */
    std::vector<uint8_t> get_data_array() const {
        const ByteSpan all = get_data_span();
        return std::vector<uint8_t>(all.begin(), all.end());
    }

    /** sps_buffer_get_data_array(): all bytes where they lie, until the next put or change of the size. */
    ByteSpan get_data_span() const {
        ByteSpan span;
        remember(sps_buffer_get_data_array(handle(), &span.data, &span.size));
        return span;
    }

    /** sps_buffer_duplicate(). Without a handle when it fails, and this one's get_last_error() tells why. */
    StreamPeerBuffer duplicate() const {
        sps_stream *copy = nullptr;
        remember(sps_buffer_duplicate(handle(), &copy));
        return StreamPeerBuffer(Adopt{copy});
    }
};

/**
 * A stream whose bytes come from a subclass: a file, a cipher, a test. Every typed value, string and
 * Variant works on it. Godot: StreamPeerExtension. The contract, with every code that an override may
 * answer, and what becomes of an operation that is not overridden: custom.h.
 *
 * An override is called only from inside a call on this object, must not call the object itself, and
 * must not throw. It tells through its last parameter how many bytes it has moved, also with an error;
 * that is 0 before. None is called any more once the subclass' destructor has run: one that has put in
 * batches calls flush() in its destructor. The object can be neither moved nor copied, since the stream
 * knows it by its address.
 */
class StreamPeerExtension : public StreamPeer {
  public:
    /** sps_custom_create(). */
    explicit StreamPeerExtension(const sps_stream_options *p_options = nullptr)
        : StreamPeerExtension(make(p_options)) {}

    StreamPeerExtension(StreamPeerExtension &&) = delete;
    StreamPeerExtension &operator=(StreamPeerExtension &&) = delete;

    ~StreamPeerExtension() override {
        if (link_ != nullptr) {
            link_->peer = nullptr;
        }
    }

  protected:
    /** sps_custom_operations.get_data. */
    virtual Error _get_data(uint8_t *r_buffer, int32_t r_bytes, int32_t *r_received) {
        return unavailable(r_buffer, r_bytes, r_received);
    }

    /** sps_custom_operations.get_partial_data. */
    virtual Error _get_partial_data(uint8_t *r_buffer, int32_t r_bytes, int32_t *r_received) {
        return unavailable(r_buffer, r_bytes, r_received);
    }

    /** sps_custom_operations.put_data. */
    virtual Error _put_data(const uint8_t *p_data, int32_t p_bytes, int32_t *r_sent) {
        return unavailable(p_data, p_bytes, r_sent);
    }

    /** sps_custom_operations.put_partial_data. */
    virtual Error _put_partial_data(const uint8_t *p_data, int32_t p_bytes, int32_t *r_sent) {
        return unavailable(p_data, p_bytes, r_sent);
    }

    /** sps_custom_operations.get_available_bytes; a negative number says that the stream cannot tell. */
    virtual int32_t _get_available_bytes() const { return -1; }

  private:
    // The user_data of the C stream, whose it is. Either end may go first: the handle can be moved to
    // a StreamPeer, and the object may end before it.
    struct Link {
        StreamPeerExtension *peer = nullptr;
    };

    struct Made {
        sps_error error;
        sps_stream *stream;
        Link *link;
    };

    explicit StreamPeerExtension(const Made &p_made)
        : StreamPeer(Adopt{p_made.stream}), link_(p_made.link) {
        remember(p_made.error);
        if (link_ != nullptr) {
            link_->peer = this;
        }
    }

    static Made make(const sps_stream_options *p_options) {
        std::unique_ptr<Link> link(new (std::nothrow) Link);
        if (link == nullptr) {
            return {SPS_ERR_OUT_OF_MEMORY, nullptr, nullptr};
        }
        sps_custom_operations operations = {};
        operations.struct_size = sizeof operations;
        operations.get_data = move_bytes<uint8_t, &StreamPeerExtension::_get_data>;
        operations.get_partial_data = move_bytes<uint8_t, &StreamPeerExtension::_get_partial_data>;
        operations.put_data = move_bytes<const uint8_t, &StreamPeerExtension::_put_data>;
        operations.put_partial_data =
            move_bytes<const uint8_t, &StreamPeerExtension::_put_partial_data>;
        operations.get_available_bytes = count_available;
        operations.destroy = destroy;
        sps_stream *stream = nullptr;
        const sps_error error = sps_custom_create(&operations, link.get(), p_options, &stream);
        return {error, stream, stream != nullptr ? link.release() : nullptr};
    }

    static Error unavailable(const uint8_t *, int32_t, int32_t *) { return ERR_UNAVAILABLE; }

    // Calls an override, in pieces that an int32_t can count.
    template <class Byte, Error (StreamPeerExtension::*Operation)(Byte *, int32_t, int32_t *)>
    static sps_error move_bytes(void *p_link, Byte *p_bytes, size_t p_count,
                                size_t *r_moved) noexcept {
        StreamPeerExtension *peer = static_cast<Link *>(p_link)->peer;
        *r_moved = 0;
        sps_error error = peer != nullptr ? SPS_OK : SPS_FAILED;
        for (int32_t piece = 0, moved = 0;
             error == SPS_OK && *r_moved < p_count && moved == piece;) {
            piece = detail::to_int(p_count - *r_moved);
            moved = 0;
            error = (peer->*Operation)(p_bytes + *r_moved, piece, &moved);
            *r_moved += static_cast<size_t>(std::max(moved, 0));
        }
        return error;
    }

    static sps_error count_available(void *p_link, size_t *r_bytes) noexcept {
        const StreamPeerExtension *peer = static_cast<Link *>(p_link)->peer;
        const int32_t bytes = peer != nullptr ? peer->_get_available_bytes() : -1;
        *r_bytes = static_cast<size_t>(std::max(bytes, 0));
        return bytes >= 0 ? SPS_OK : SPS_ERR_UNAVAILABLE;
    }

    static void destroy(void *p_link) noexcept {
        const std::unique_ptr<Link> link(static_cast<Link *>(p_link));
        if (link->peer != nullptr) {
            link->peer->link_ = nullptr;
        }
    }

    Link *link_;
};

/** Whole messages. Godot: PacketPeer. The contract: packet.h. */
class PacketPeer : public detail::Owner<sps_packet_peer> {
  public:
    /** sps_packet_peer_get_available_packet_count(); 0 when it fails, as at the end. */
    int get_available_packet_count() const {
        return detail::to_int(ask(sps_packet_peer_get_available_packet_count));
    }

    /** sps_packet_peer_get_packet(), in the stream's memory; null and 0 when it fails. */
    Error get_packet(const uint8_t **r_buffer, int &r_buffer_size) {
        return take(sps_packet_peer_get_packet, r_buffer, r_buffer_size);
    }

    /** sps_packet_peer_get_packet(); empty when it fails: get_packet_error(). */
    std::vector<uint8_t> get_packet() {
        const uint8_t *data = nullptr;
        size_t size = 0;
        remember(sps_packet_peer_get_packet(handle(), &data, &size));
        return std::vector<uint8_t>(data, data + size);
    }

    /** sps_packet_peer_get_packet_error(). */
    Error get_packet_error() const {
        const sps_error error = ask(sps_packet_peer_get_packet_error);
        return get_last_error() == OK ? static_cast<Error>(error) : get_last_error();
    }

    /** sps_packet_peer_put_packet(). */
    Error put_packet(const uint8_t *p_buffer, int p_buffer_size) {
        return remember(
            sps_packet_peer_put_packet(handle(), p_buffer, static_cast<size_t>(p_buffer_size)));
    }

    /** sps_packet_peer_put_packet(). */
    Error put_packet(const std::vector<uint8_t> &p_buffer) {
        return remember(sps_packet_peer_put_packet(handle(), p_buffer.data(), p_buffer.size()));
    }

    /** sps_packet_peer_put_var(), with the rules of StreamPeer::put_var(). */
    Error put_var(const Variant &p_value, bool p_full_objects = false) {
        return remember(
            detail::put_variant(sps_packet_peer_put_var, handle(), p_value, p_full_objects));
    }

    /** sps_packet_peer_get_var(), with the rules of StreamPeer::get_var(), but that it never waits. */
    Variant get_var(bool p_allow_objects = false) {
        Variant value;
        remember(detail::get_variant(sps_packet_peer_get_var, handle(), p_allow_objects, value));
        return value;
    }

    /** sps_packet_peer_get_var(): the value's bytes, as get_packet(). */
    Error get_var(const uint8_t **r_value, int &r_value_size) {
        return take(sps_packet_peer_get_var, r_value, r_value_size);
    }

    /** sps_packet_peer_put_var(): the value's bytes, as a writer has made them. */
    Error put_var(const uint8_t *p_value, int p_value_size) {
        return remember(
            sps_packet_peer_put_var(handle(), p_value, static_cast<size_t>(p_value_size)));
    }

    /** sps_packet_peer_set_encode_buffer_max_size(). */
    Error set_encode_buffer_max_size(int p_max_size) {
        return set_size(sps_packet_peer_set_encode_buffer_max_size, p_max_size);
    }

    /** sps_packet_peer_get_encode_buffer_max_size(). */
    int get_encode_buffer_max_size() const {
        return detail::to_int(ask(sps_packet_peer_get_encode_buffer_max_size));
    }

  protected:
    using Owner::Owner;

    // Moved as what it is, or the stream that it keeps alive would be left behind.
    PacketPeer(PacketPeer &&) noexcept = default;
    PacketPeer &operator=(PacketPeer &&) noexcept = default;

    // A negative size becomes one that the C functions refuse.
    Error set_size(sps_error (*p_set)(sps_packet_peer *, uint32_t), int p_size) {
        return remember(p_set(handle(), static_cast<uint32_t>(p_size)));
    }

  private:
    using Getter = sps_error (*)(sps_packet_peer *, const uint8_t **, size_t *);

    Error take(Getter p_get, const uint8_t **r_data, int &r_size) {
        size_t size = 0;
        remember(p_get(handle(), r_data, &size));
        r_size = detail::to_int(size);
        return get_last_error();
    }
};

/** Packets over a stream. Godot: PacketPeerStream. The contract: packet.h. */
class PacketPeerStream : public PacketPeer {
  public:
    /** sps_packet_stream_create(). */
    explicit PacketPeerStream(const sps_packet_options *p_options = nullptr)
        : PacketPeer(sps_packet_stream_create, p_options) {}

    /**
     * sps_packet_peer_set_stream(), which keeps the stream alive for as long as it is set, as Godot does;
     * what take_connection() gives can be given to it. Null: none. Nothing may be moved into or out of the
     * object meanwhile, since that ends its stream, or takes it away.
     */
    Error set_stream_peer(std::shared_ptr<StreamPeer> p_peer) {
        sps_stream *stream = p_peer ? p_peer->handle() : nullptr;
        if (p_peer && stream == nullptr) {
            return remember(SPS_ERR_INVALID_PARAMETER);
        }
        if (remember(sps_packet_peer_set_stream(handle(), stream)) == OK) {
            peer_ = std::move(p_peer);
        }
        return get_last_error();
    }

    /** The same for a stream that somebody else keeps alive, and in its place, for as long as it is set. */
    Error set_stream_peer(StreamPeer &p_peer) {
        return set_stream_peer(std::shared_ptr<StreamPeer>(std::shared_ptr<void>(), &p_peer));
    }

    /** The stream that was set; null when there is none. */
    std::shared_ptr<StreamPeer> get_stream_peer() const { return peer_; }

    /** sps_packet_peer_set_input_buffer_max_size(). */
    Error set_input_buffer_max_size(int p_max_size_bytes) {
        return set_size(sps_packet_peer_set_input_buffer_max_size, p_max_size_bytes);
    }

    /** sps_packet_peer_get_input_buffer_max_size(). */
    int get_input_buffer_max_size() const {
        return detail::to_int(ask(sps_packet_peer_get_input_buffer_max_size));
    }

    /** sps_packet_peer_set_output_buffer_max_size(). */
    Error set_output_buffer_max_size(int p_max_size_bytes) {
        return set_size(sps_packet_peer_set_output_buffer_max_size, p_max_size_bytes);
    }

    /** sps_packet_peer_get_output_buffer_max_size(). */
    int get_output_buffer_max_size() const {
        return detail::to_int(ask(sps_packet_peer_get_output_buffer_max_size));
    }

  private:
    std::shared_ptr<StreamPeer> peer_;
};

/** What TCP and Unix servers share. Godot: SocketServer. The contract: server.h. */
class SocketServer : public detail::Owner<sps_server> {
  public:
    /** sps_server_is_connection_available(). */
    bool is_connection_available() const { return ask(sps_server_is_connection_available); }

    /** sps_server_is_listening(). */
    bool is_listening() const { return ask(sps_server_is_listening); }

    /** sps_server_stop(). */
    void stop() { remember(sps_server_stop(handle())); }

    /** sps_server_release_fd(); -1 when it fails. */
    intptr_t release_fd() { return release(sps_server_release_fd); }

    /** take_connection() of a server of either kind. */
    virtual std::unique_ptr<StreamPeerSocket> take_socket_connection() = 0;

  protected:
    using Owner::Owner;

    template <class Peer> std::unique_ptr<Peer> take() {
        // The object comes first: without memory for it, the connection goes on waiting.
        std::unique_ptr<Peer> peer(new (std::nothrow) Peer(Adopt{nullptr}));
        if (!peer) {
            remember(SPS_ERR_OUT_OF_MEMORY);
            return nullptr;
        }
        sps_stream *taken = nullptr;
        if (remember(sps_server_take_connection(handle(), &taken)) != OK) {
            return nullptr;
        }
        *peer = Peer(Adopt{taken});
        return peer;
    }
};

/** Godot: TCPServer. The contract: server.h. */
class TCPServer : public SocketServer {
  public:
    /** sps_tcp_server_create(). */
    explicit TCPServer(const sps_server_options *p_options = nullptr)
        : SocketServer(sps_tcp_server_create, p_options) {}

    /** sps_tcp_server_listen(). */
    Error listen(int p_port, const std::string &p_bind_address = "*") {
        return remember(sps_tcp_server_listen(handle(), p_port, detail::c_text(p_bind_address)));
    }

    /** sps_tcp_server_adopt_fd(). */
    Error adopt_fd(intptr_t p_fd) { return remember(sps_tcp_server_adopt_fd(handle(), p_fd)); }

    /** sps_tcp_server_get_local_port(). */
    int get_local_port() const { return ask(sps_tcp_server_get_local_port); }

    /** sps_server_take_connection(); null, and ERR_BUSY, when none waits. */
    std::unique_ptr<StreamPeerTCP> take_connection() { return take<StreamPeerTCP>(); }

    /** sps_server_take_connection(). */
    std::unique_ptr<StreamPeerSocket> take_socket_connection() override {
        return take_connection();
    }
};

/** Godot: UDSServer. The contract: server.h. */
class UDSServer : public SocketServer {
  public:
    /** sps_uds_server_create(). */
    explicit UDSServer(const sps_server_options *p_options = nullptr)
        : SocketServer(sps_uds_server_create, p_options) {}

    /** sps_uds_server_listen(). */
    Error listen(const std::string &p_path) {
        return remember(sps_uds_server_listen(handle(), detail::c_text(p_path)));
    }

    /** sps_uds_server_adopt_fd(). */
    Error adopt_fd(intptr_t p_fd) { return remember(sps_uds_server_adopt_fd(handle(), p_fd)); }

    /** sps_server_take_connection(); null, and ERR_BUSY, when none waits. */
    std::unique_ptr<StreamPeerUDS> take_connection() { return take<StreamPeerUDS>(); }

    /** sps_server_take_connection(). */
    std::unique_ptr<StreamPeerSocket> take_socket_connection() override {
        return take_connection();
    }
};

/**
 * What has happened to one stream or server; sps_event. It points to nothing of C++, so it is all
 * the same where the StreamPeerTCP is by now: whether it was moved, or is gone.
 */
class SocketEvent {
  public:
    /** @name SPS_EVENT_CONNECTED and its kin; several at once are to be read in this order. */
    ///@{
    bool is_connected() const { return has(SPS_EVENT_CONNECTED); }
    bool is_readable() const { return has(SPS_EVENT_READABLE); }
    bool is_writable() const { return has(SPS_EVENT_WRITABLE); }
    bool is_finished() const { return has(SPS_EVENT_FINISHED); }
    bool is_closed() const { return has(SPS_EVENT_CLOSED); }
    bool is_connection_available() const { return has(SPS_EVENT_CONNECTION_AVAILABLE); }
    ///@}

    /** With is_closed(): why. Else CLOSE_NONE. */
    StreamPeerSocket::CloseReason get_close_reason() const {
        return static_cast<StreamPeerSocket::CloseReason>(event_.close_reason);
    }

    /** Whether it is this object's. */
    bool is_of(const StreamPeerSocket &p_peer) const {
        return event_.stream != nullptr && event_.stream == p_peer.handle();
    }
    bool is_of(const SocketServer &p_server) const {
        return event_.server != nullptr && event_.server == p_server.handle();
    }

    /**
     * What was given to SocketPoller::add(), as that type: event.get_user_data<Player>(). It must be
     * the very type that was given, and neither a base of it nor derived from it.
     */
    template <class User = void> User *get_user_data() const {
        return static_cast<User *>(event_.user_data);
    }

  private:
    friend class SocketPoller;

    bool has(uint32_t p_kind) const { return (event_.kinds & p_kind) != 0; }

    sps_error take_from(sps_poller *p_poller) {
        event_.struct_size = sizeof event_;
        return sps_poller_next_event(p_poller, &event_);
    }

    sps_event event_{};
};

/**
 * Many streams and servers, one wait. Not in Godot. The contract: poller.h.
 *
 *     poller.add(*player->peer, player);
 *     ...
 *     poller.wait(0); // each frame; -1 waits until something happens
 *     for (const sps::SocketEvent &event : poller.events()) {
 *         if (event.is_of(server)) { ... take_connection() until it is null ... }
 *         Player *player = event.get_user_data<Player>();
 *         ...
 *     }
 *
 * It owns nothing that is in it, and either may end first: a stream or server that is destroyed
 * leaves the poller, and what was told of it is dropped. One that is moved stays in it. A pointer
 * that was given with it must be good for as long as it is in: let one object own the stream and be
 * what is pointed to, and have a place of its own (std::unique_ptr).
 */
class SocketPoller : public detail::Owner<sps_poller> {
  public:
    /** sps_poller_create(). */
    explicit SocketPoller(const sps_poller_options *p_options = nullptr)
        : Owner(sps_poller_create, p_options) {}

    /** sps_poller_add(). */
    Error add(StreamPeerSocket &p_peer, void *p_user_data = nullptr) {
        return remember(sps_poller_add(handle(), p_peer.handle(), p_user_data));
    }

    /** sps_poller_add_server(). */
    Error add(SocketServer &p_server, void *p_user_data = nullptr) {
        return remember(sps_poller_add_server(handle(), p_server.handle(), p_user_data));
    }

    /** sps_poller_remove(). */
    Error remove(StreamPeerSocket &p_peer) {
        return remember(sps_poller_remove(handle(), p_peer.handle()));
    }

    /** sps_poller_remove_server(). */
    Error remove(SocketServer &p_server) {
        return remember(sps_poller_remove_server(handle(), p_server.handle()));
    }

    /** sps_poller_wait(): how many have events to be taken. 0 is no failure. */
    int wait(int p_timeout_ms) {
        size_t count = 0;
        remember(sps_poller_wait(handle(), p_timeout_ms, &count));
        return detail::to_int(count);
    }

    /** sps_poller_next_event(); false, and ERR_BUSY, when none is left. */
    bool next_event(SocketEvent &r_event) { return remember(r_event.take_from(handle())) == OK; }

    /** What events() gives: a range for one pass, which takes each event as the loop comes to it. */
    class Events {
      public:
        struct End {};

        class Iterator {
          public:
            explicit Iterator(Events *p_events) : events_(p_events) {}
            const SocketEvent &operator*() const { return events_->event_; }
            const SocketEvent *operator->() const { return &events_->event_; }
            Iterator &operator++() {
                events_->take();
                return *this;
            }
            bool operator!=(End) const { return events_->has_event_; }
            bool operator==(End) const { return !events_->has_event_; }

          private:
            Events *events_;
        };

        Iterator begin() {
            take();
            return Iterator(this);
        }
        End end() const { return {}; }

      private:
        friend class SocketPoller;
        explicit Events(sps_poller *p_poller) : poller_(p_poller) {}

        void take() { has_event_ = event_.take_from(poller_) == SPS_OK; }

        sps_poller *poller_;
        SocketEvent event_;
        bool has_event_ = false;
    };

    /**
     * The events that wait to be taken, for a range-based for. Streams and servers may be added,
     * removed and destroyed inside the loop, and the loop may be left: what it has not come to is
     * kept. The poller must exist until the loop ends. get_last_error() stays as it was.
     */
    Events events() { return Events(handle()); }

    /**
     * sps_poller_wake(): ends the wait that is under way, or the next one. Any thread may call it,
     * and a signal's handler, while this object exists and is not moved; so it leaves
     * get_last_error() alone.
     */
    Error wake() const { return static_cast<Error>(sps_poller_wake(handle())); }
};

/**
 * Names of hosts, and addresses of this machine. Godot: IP. The contract: ip.h.
 *
 * Several threads may use one IP at once. get_last_error() is therefore the calling thread's own:
 * the code of its last call on any IP.
 */
class IP : public detail::Owner<sps_ip, detail::ErrorOfThread> {
  public:
    /** Godot's IP.ResolverStatus; sps_resolver_status. */
    enum ResolverStatus : int32_t {
        RESOLVER_STATUS_NONE = SPS_RESOLVER_STATUS_NONE,
        RESOLVER_STATUS_WAITING = SPS_RESOLVER_STATUS_WAITING,
        RESOLVER_STATUS_DONE = SPS_RESOLVER_STATUS_DONE,
        RESOLVER_STATUS_ERROR = SPS_RESOLVER_STATUS_ERROR
    };

    /** Godot's IP.Type; sps_ip_type. */
    enum Type : int32_t {
        TYPE_NONE = SPS_IP_TYPE_NONE,
        TYPE_IPV4 = SPS_IP_TYPE_IPV4,
        TYPE_IPV6 = SPS_IP_TYPE_IPV6,
        TYPE_ANY = SPS_IP_TYPE_ANY
    };

    static constexpr int RESOLVER_MAX_QUERIES = SPS_RESOLVER_MAX_QUERIES;
    static constexpr int RESOLVER_INVALID_ID = SPS_RESOLVER_INVALID_ID;

    /** A network interface with an address; the members are the keys of Godot's dictionary. */
    struct Interface {
        int index = 0;
        std::string name;
        /** name again: Unix has no other. */
        std::string friendly;
        std::vector<std::string> addresses;
    };

    /**
     * The IP of the whole program, made at the first call, by whichever thread makes it. Never
     * null. It ends with the program's other static objects, and nobody may use it after that.
     */
    static IP *get_singleton() {
        static IP singleton;
        return &singleton;
    }

    /** sps_ip_create(): one apart from the singleton, with items and options of its own. */
    explicit IP(const sps_ip_options *p_options = nullptr) : Owner(sps_ip_create, p_options) {}

    /** sps_ip_resolve_hostname(); empty when it fails. */
    std::string resolve_hostname(const std::string &p_hostname, Type p_type = TYPE_ANY) {
        sps_host_text found;
        size_t length = 0;
        remember(sps_ip_resolve_hostname(handle(), detail::c_text(p_hostname), p_type, found.text,
                                         sizeof found.text, &length));
        return to_text(found, length);
    }

    /** sps_ip_resolve_hostname_addresses(); empty when it fails. */
    std::vector<std::string> resolve_hostname_addresses(const std::string &p_hostname,
                                                        Type p_type = TYPE_ANY) {
        Found found;
        size_t count = 0;
        remember(sps_ip_resolve_hostname_addresses(handle(), detail::c_text(p_hostname), p_type,
                                                   found, std::size(found), &count));
        return to_texts(found, count);
    }

    /** sps_ip_queue_resolve_item(); RESOLVER_INVALID_ID when it fails. */
    int resolve_hostname_queue_item(const std::string &p_hostname, Type p_type = TYPE_ANY) {
        int32_t id = RESOLVER_INVALID_ID;
        remember(sps_ip_queue_resolve_item(handle(), detail::c_text(p_hostname), p_type, &id));
        return id;
    }

    /** sps_ip_get_resolve_item_status(). */
    ResolverStatus get_resolve_item_status(int p_id) const {
        sps_resolver_status status = RESOLVER_STATUS_NONE;
        remember(sps_ip_get_resolve_item_status(handle(), p_id, &status));
        return static_cast<ResolverStatus>(status);
    }

    /** sps_ip_get_resolve_item_address(); empty when it fails. */
    std::string get_resolve_item_address(int p_id) const {
        sps_host_text found;
        size_t length = 0;
        remember(sps_ip_get_resolve_item_address(handle(), p_id, found.text, sizeof found.text,
                                                 &length));
        return to_text(found, length);
    }

    /** sps_ip_get_resolve_item_addresses(); empty when it fails. */
    std::vector<std::string> get_resolve_item_addresses(int p_id) const {
        Found found;
        size_t count = 0;
        remember(
            sps_ip_get_resolve_item_addresses(handle(), p_id, found, std::size(found), &count));
        return to_texts(found, count);
    }

    /** sps_ip_erase_resolve_item(). */
    Error erase_resolve_item(int p_id) {
        return remember(sps_ip_erase_resolve_item(handle(), p_id));
    }

    /** sps_ip_clear_cache(); "" is every host. */
    Error clear_cache(const std::string &p_hostname = "") {
        // NULL is every host as well, which a text with an embedded NUL does not mean.
        const char *hostname = detail::c_text(p_hostname);
        return remember(hostname == nullptr ? SPS_ERR_INVALID_PARAMETER
                                            : sps_ip_clear_cache(handle(), hostname));
    }

    /** sps_ip_get_local_addresses(); empty when it fails. */
    std::vector<std::string> get_local_addresses() const {
        std::vector<std::string> addresses;
        for (const sps_local_address &local : ask_local_addresses()) {
            addresses.emplace_back(local.host);
        }
        return addresses;
    }

    /** sps_ip_get_local_addresses(), interface by interface; empty when it fails. */
    std::vector<Interface> get_local_interfaces() const {
        std::vector<Interface> interfaces;
        for (const sps_local_address &local : ask_local_addresses()) {
            const int index = detail::to_int(local.interface_index);
            if (interfaces.empty() || interfaces.back().index != index) {
                interfaces.push_back({index, local.interface_name, local.interface_name, {}});
            }
            interfaces.back().addresses.emplace_back(local.host);
        }
        return interfaces;
    }

  private:
    // What the last call found, or nothing if it failed.
    std::string to_text(const sps_host_text &p_found, size_t p_length) const {
        return get_last_error() == OK ? std::string(p_found.text, p_length) : std::string();
    }

    using Found = sps_host_text[SPS_IP_MAX_ADDRESSES];

    std::vector<std::string> to_texts(const Found &p_found, size_t p_count) const {
        std::vector<std::string> texts;
        if (get_last_error() == OK) {
            // A later library may find more than this header has room for.
            const size_t written = std::min(p_count, std::size(p_found));
            for (size_t i = 0; i < written; i++) {
                texts.emplace_back(p_found[i].text);
            }
        }
        return texts;
    }

    std::vector<sps_local_address> ask_local_addresses() const {
        std::vector<sps_local_address> addresses;
        size_t count = 0;
        // Asks how many first; more may come before they are given.
        do {
            addresses.resize(count);
            if (remember(sps_ip_get_local_addresses(handle(), addresses.data(), addresses.size(),
                                                    &count)) != OK) {
                return {};
            }
        } while (count > addresses.size());
        addresses.resize(count);
        return addresses;
    }
};

} // namespace sps

#endif
