/* SPDX-License-Identifier: MIT */
/**
 * @file buffer.hpp
 * A memory stream: sps::StreamPeerBuffer.
 */
#ifndef STREAMPEERSOCKET_BUFFER_HPP
#define STREAMPEERSOCKET_BUFFER_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstdint>
#include <vector>

#include "stream.hpp"

namespace sps {

/** A memory stream. Godot: StreamPeerBuffer. The contract: buffer.h. */
class StreamPeerBuffer : public StreamPeer {
  public:
    /** sps_buffer_create(). */
    explicit StreamPeerBuffer(const sps_stream_options *p_options = nullptr)
        : StreamPeer(sps_buffer_create, p_options) {}

    /**
     * Owns a memory stream. On another kind of stream, members of this class return
     * ERR_UNAVAILABLE.
     */
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

    /**
     * sps_buffer_get_data_array() without a copy. The span is valid until the next put or change of
     * size.
     */
    ByteSpan get_data_span() const {
        ByteSpan span;
        remember(sps_buffer_get_data_array(handle(), &span.data, &span.size));
        return span;
    }

    /**
     * sps_buffer_duplicate(). On failure the result has no handle, and get_last_error() of this
     * object returns the code.
     */
    StreamPeerBuffer duplicate() const {
        sps_stream *copy = nullptr;
        remember(sps_buffer_duplicate(handle(), &copy));
        return StreamPeerBuffer(Adopt{copy});
    }
};

} // namespace sps

#endif

#include "end.inc"

#endif
