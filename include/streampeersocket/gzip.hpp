/* SPDX-License-Identifier: MIT */
/**
 * @file gzip.hpp
 * Compression: sps::StreamPeerGZIP and sps::StreamPeerGZIPFilter. They need the library
 * streampeersocket-gzip, so streampeersocket.hpp does not include this header.
 */
#ifndef STREAMPEERSOCKET_GZIP_HPP
#define STREAMPEERSOCKET_GZIP_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <memory>
#include <utility>

#include "gzip.h"
#include "socket.hpp"
#include "stream.hpp"

namespace sps {

/** Compresses or decompresses what is put. Godot: StreamPeerGZIP. The contract: gzip.h. */
class StreamPeerGZIP : public StreamPeer {
  public:
    /** sps_gzip_create(). */
    explicit StreamPeerGZIP(const sps_gzip_options *p_options = nullptr)
        : StreamPeerGZIP(make(p_options)) {}

    /** Owns a transformer. On another kind of stream, members return ERR_UNAVAILABLE. */
    explicit StreamPeerGZIP(Adopt p_owned) : StreamPeer(p_owned) {}

    /** sps_gzip_start_compression(). */
    Error start_compression(bool p_use_deflate = false, int p_buffer_size = SPS_GZIP_BUFFER_SIZE) {
        return remember(
            sps_gzip_start_compression(handle(), p_use_deflate, to_size(p_buffer_size)));
    }

    /** sps_gzip_start_decompression(). */
    Error start_decompression(bool p_use_deflate = false,
                              int p_buffer_size = SPS_GZIP_BUFFER_SIZE) {
        return remember(
            sps_gzip_start_decompression(handle(), p_use_deflate, to_size(p_buffer_size)));
    }

    /** sps_gzip_finish(). */
    Error finish() { return remember(sps_gzip_finish(handle())); }

    /** sps_gzip_clear(). */
    Error clear() { return remember(sps_gzip_clear(handle())); }

    /** sps_gzip_end_input(). Godot has no such method. */
    Error end_input() { return remember(sps_gzip_end_input(handle())); }

    /** sps_gzip_flush(). Godot has no such method. */
    Error sync_flush() { return remember(sps_gzip_flush(handle())); }

    /** sps_gzip_get_info(). Zeros on failure. */
    sps_gzip_info get_info() const { return ask_struct(sps_gzip_get_info); }

  private:
    struct Made {
        sps_error error;
        sps_stream *stream;
    };

    explicit StreamPeerGZIP(const Made &p_made) : StreamPeer(Adopt{p_made.stream}) {
        remember(p_made.error);
    }

    static Made make(const sps_gzip_options *p_options) {
        sps_stream *stream = nullptr;
        const sps_error error = sps_gzip_create(p_options, &stream);
        return {error, stream};
    }
};

/**
 * Compresses another stream in both directions. The contract: gzip.h. Of StreamPeerSocket's members
 * only those work that custom.h lists for filters.
 */
class StreamPeerGZIPFilter : public StreamPeerSocket {
  public:
    /** sps_gzip_filter_create(). */
    explicit StreamPeerGZIPFilter(const sps_gzip_options *p_options = nullptr)
        : StreamPeerGZIPFilter(make(p_options)) {}

    /** Owns a filter. On another kind of stream, members return ERR_UNAVAILABLE. */
    explicit StreamPeerGZIPFilter(Adopt p_owned) : StreamPeerSocket(p_owned) {}

    StreamPeerGZIPFilter(StreamPeerGZIPFilter &&) noexcept = default;
    StreamPeerGZIPFilter &operator=(StreamPeerGZIPFilter &&) noexcept = default;

    ~StreamPeerGZIPFilter() override { sps_gzip_disconnect_from_stream(handle()); }

    /**
     * sps_gzip_connect_to_stream(). The base stays alive while it is connected. Do not move into or
     * out of its object meanwhile.
     */
    Error connect_to_stream(std::shared_ptr<StreamPeer> p_base, bool p_use_deflate = false,
                            int p_buffer_size = SPS_GZIP_BUFFER_SIZE) {
        sps_stream *base = p_base ? p_base->handle() : nullptr;
        if (remember(sps_gzip_connect_to_stream(handle(), base, p_use_deflate,
                                                to_size(p_buffer_size))) == OK) {
            base_ = std::move(p_base);
        }
        return get_last_error();
    }

    /** connect_to_stream() to a stream that the caller keeps alive, and does not move. */
    Error connect_to_stream(StreamPeer &p_base, bool p_use_deflate = false,
                            int p_buffer_size = SPS_GZIP_BUFFER_SIZE) {
        return connect_to_stream(std::shared_ptr<StreamPeer>(std::shared_ptr<void>(), &p_base),
                                 p_use_deflate, p_buffer_size);
    }

    /** Returns the base, or null. */
    std::shared_ptr<StreamPeer> get_stream() const { return base_; }

    /** sps_gzip_disconnect_from_stream(). */
    Error disconnect_from_stream() {
        remember(sps_gzip_disconnect_from_stream(handle()));
        base_.reset();
        return get_last_error();
    }

    /** sps_gzip_finish(). */
    Error finish() { return remember(sps_gzip_finish(handle())); }

    /** sps_gzip_flush(). */
    Error sync_flush() { return remember(sps_gzip_flush(handle())); }

    /** sps_gzip_get_info(). Zeros on failure. */
    sps_gzip_info get_info() const { return ask_struct(sps_gzip_get_info); }

  private:
    struct Made {
        sps_error error;
        sps_stream *stream;
    };

    explicit StreamPeerGZIPFilter(const Made &p_made) : StreamPeerSocket(Adopt{p_made.stream}) {
        remember(p_made.error);
    }

    static Made make(const sps_gzip_options *p_options) {
        sps_stream *stream = nullptr;
        const sps_error error = sps_gzip_filter_create(p_options, &stream);
        return {error, stream};
    }

    std::shared_ptr<StreamPeer> base_;
};

} // namespace sps

#endif

#include "end.inc"

#endif
