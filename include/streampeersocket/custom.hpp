/* SPDX-License-Identifier: MIT */
/**
 * @file custom.hpp
 * A program's own stream: sps::StreamPeerExtension.
 */
#ifndef STREAMPEERSOCKET_CUSTOM_HPP
#define STREAMPEERSOCKET_CUSTOM_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <new>

#include "stream.hpp"

namespace sps {

/**
 * A stream whose bytes come from a subclass: a file, a cipher, a test. All typed values, strings
 * and Variants work on it. Godot: StreamPeerExtension. custom.h has the contract: each code that an
 * override may return, and the effect of a missing override.
 *
 * - The library calls an override only inside a call on this object. It must not call the object
 *   itself, and must not throw.
 * - An override sets its last parameter to the number of bytes it has moved, also with an error.
 *   The parameter is 0 before.
 * - The code of an override reaches the caller unchanged, and the stream continues. Only
 *   ERR_FILE_EOF ends it.
 * - No override is called after the subclass's destructor. If writes are batched, that destructor
 *   must call flush().
 * - The object can be neither moved nor copied, because the stream keeps its address.
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
        return not_implemented(r_buffer, r_bytes, r_received);
    }

    /** sps_custom_operations.get_partial_data. */
    virtual Error _get_partial_data(uint8_t *r_buffer, int32_t r_bytes, int32_t *r_received) {
        return not_implemented(r_buffer, r_bytes, r_received);
    }

    /** sps_custom_operations.put_data. */
    virtual Error _put_data(const uint8_t *p_data, int32_t p_bytes, int32_t *r_sent) {
        return not_implemented(p_data, p_bytes, r_sent);
    }

    /** sps_custom_operations.put_partial_data. */
    virtual Error _put_partial_data(const uint8_t *p_data, int32_t p_bytes, int32_t *r_sent) {
        return not_implemented(p_data, p_bytes, r_sent);
    }

    /**
     * sps_custom_operations.get_available_bytes. A negative number: the stream cannot count them.
     */
    virtual int32_t _get_available_bytes() const { return 0; }

  private:
    // The user_data of the C stream, which owns it. Either end may go first: the handle can move to
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
        Link *link = new (std::nothrow) Link;
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
        const sps_error error = sps_custom_create(&operations, link, p_options, &stream);
        if (stream == nullptr) {
            delete link;
            link = nullptr;
        }
        return {error, stream, link};
    }

    // The result of an operation without an override: Godot's code. move_bytes() reports it to the
    // C stream.
    Error not_implemented(const uint8_t *, int32_t, int32_t *) {
        is_missing_ = true;
        return FAILED;
    }

    // Returns whether this result came from not_implemented().
    bool was_missing(Error p_error, int32_t p_moved) {
        const bool was = is_missing_ && p_error == FAILED && p_moved == 0;
        is_missing_ = false;
        return was;
    }

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
            if (peer->was_missing(static_cast<Error>(error), moved)) {
                return SPS_CUSTOM_NOT_IMPLEMENTED;
            }
            *r_moved += static_cast<size_t>(moved > 0 ? moved : 0);
        }
        return error;
    }

    static sps_error count_available(void *p_link, size_t *r_bytes) noexcept {
        const StreamPeerExtension *peer = static_cast<Link *>(p_link)->peer;
        const int32_t bytes = peer != nullptr ? peer->_get_available_bytes() : -1;
        *r_bytes = static_cast<size_t>(bytes > 0 ? bytes : 0);
        return bytes >= 0 ? SPS_OK : SPS_ERR_UNAVAILABLE;
    }

    static void destroy(void *p_link) noexcept {
        const Link *link = static_cast<Link *>(p_link);
        if (link->peer != nullptr) {
            link->peer->link_ = nullptr;
        }
        delete link;
    }

    Link *link_;
    bool is_missing_ = false; // an operation without an override was called
};

} // namespace sps

#endif

#include "end.inc"

#endif
