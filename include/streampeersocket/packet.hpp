/* SPDX-License-Identifier: MIT */
/**
 * @file packet.hpp
 * Whole messages: sps::PacketPeer and sps::PacketPeerStream.
 */
#ifndef STREAMPEERSOCKET_PACKET_HPP
#define STREAMPEERSOCKET_PACKET_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "stream.hpp"

namespace sps {

/** Whole messages. Godot: PacketPeer. The contract: packet.h. */
class PacketPeer : public detail::Owner<sps_packet_peer> {
  public:
    /** sps_packet_peer_get_available_packet_count(). 0 on failure, also at the end. */
    int get_available_packet_count() const {
        return detail::to_int(ask(sps_packet_peer_get_available_packet_count));
    }

    /**
     * sps_packet_peer_get_packet(). Null and 0 on failure. The end of the stream also ends the
     * span.
     */
    Error get_packet(const uint8_t **r_buffer, int &r_buffer_size) {
        return take(sps_packet_peer_get_packet, r_buffer, r_buffer_size);
    }

    /** sps_packet_peer_get_packet(). Empty on failure: see get_packet_error(). */
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

#ifdef __cpp_lib_span
    /** sps_packet_peer_put_packet(). */
    Error put_packet(std::span<const uint8_t> p_buffer) {
        return remember(sps_packet_peer_put_packet(handle(), p_buffer.data(), p_buffer.size()));
    }
#endif

    /** get_packet() into an array. Empty on failure. */
    Error get_packet_buffer(PackedByteArray &r_buffer) {
        r_buffer = get_packet();
        return get_last_error();
    }

    /** put_packet(). */
    Error put_packet_buffer(const PackedByteArray &p_buffer) {
        return put_packet(p_buffer);
    }

    /** Returns the longest packet that a put accepts, with its length prefix. */
    virtual int get_max_packet_size() const = 0;

    /** sps_packet_peer_put_var(), with the rules of StreamPeer::put_var(). */
    Error put_var(const Variant &p_value, bool p_full_objects = false); // in variant.hpp

    /**
     * sps_packet_peer_get_var(). It never waits. The other rules are those of
     * StreamPeer::get_var().
     */
    Variant get_var(bool p_allow_objects = false); // in variant.hpp

    /** get_var() that returns the code. r_variant is null on failure. */
    Error get_var(Variant &r_variant, bool p_allow_objects = false); // in variant.hpp

    /** The same, with all that decoding allows. */
    Variant get_var(const DecodeOptions &p_options); // in variant.hpp

    /** sps_packet_peer_get_var(). Returns the encoded value, like get_packet(). */
    Error get_var(const uint8_t **r_value, int &r_value_size) {
        return take(sps_packet_peer_get_var, r_value, r_value_size);
    }

    /** sps_packet_peer_put_var(). Takes an encoded value, for example from a writer (variant.h). */
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

    // Only subclasses may move it. Otherwise a move leaves the stream behind that it keeps alive.
    PacketPeer(PacketPeer &&) noexcept = default;
    PacketPeer &operator=(PacketPeer &&) noexcept = default;

    // A negative size converts to one that the C functions refuse.
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
     * sps_packet_peer_set_stream(). As in Godot, the stream stays alive while it is set. A result
     * of take_connection() can be passed. Null: none. Do not move into or out of the stream object
     * meanwhile: that would end or take away its stream.
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

    /**
     * set_stream_peer() for a stream that the caller keeps alive, and does not move, while it is
     * set.
     */
    Error set_stream_peer(StreamPeer &p_peer) {
        return set_stream_peer(std::shared_ptr<StreamPeer>(std::shared_ptr<void>(), &p_peer));
    }

    /** get_output_buffer_max_size() plus the 4 bytes of a length, as in Godot. */
    int get_max_packet_size() const override {
        const int size = get_output_buffer_max_size();
        return get_last_error() == OK ? size + 4 : 0;
    }

    /** Returns the stream, or null. */
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

} // namespace sps

#endif

#include "end.inc"

#endif
