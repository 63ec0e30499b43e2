/* SPDX-License-Identifier: MIT */
/**
 * @file variant_streams.hpp
 * Variants on streams and packet peers: the members that stream.hpp and packet.hpp declare. Part of
 * variant.hpp. Do not include it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_STREAMS_HPP
#define STREAMPEERSOCKET_VARIANT_STREAMS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "packet.hpp"
#include "stream.hpp"
#include "variant_array.hpp"
#include "variant_decode.hpp"
#include "variant_encode.hpp"

namespace sps {

namespace detail {

// Puts a value with one write to a stream or a packet peer.
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

// Gets a value. Its bytes lie in the memory of a stream until the next call on it.
template <class Handle>
sps_error get_variant(sps_error (*p_get)(Handle *, const uint8_t **, size_t *), Handle *p_handle,
                      const DecodeOptions &p_options, Variant &r_value) {
    const uint8_t *data = nullptr;
    size_t size = 0;
    const sps_error error = p_get(p_handle, &data, &size);
    if (error != SPS_OK) {
        return error;
    }
    Variant::Decoded decoded = Variant::decode(data, size, p_options);
    r_value = std::move(decoded.value);
    return decoded.error;
}

inline DecodeOptions allow_objects(bool p_allow_objects) {
    DecodeOptions options;
    options.allow_objects = p_allow_objects;
    return options;
}

} // namespace detail

template <class T> ErrorAnd<T>::operator Array() const {
    return Array{this->first, this->second};
}

template <class T> Variant ErrorAnd<T>::operator[](int p_index) const {
    return Array(*this).get(p_index);
}

// ---- On streams

inline Error StreamPeer::put_var(const Variant &p_value, bool p_full_objects) {
    return remember(detail::put_variant(sps_stream_put_var, handle(), p_value, p_full_objects));
}

inline Variant StreamPeer::get_var(bool p_allow_objects) {
    return get_var(detail::allow_objects(p_allow_objects));
}

inline Variant StreamPeer::get_var(const DecodeOptions &p_options) {
    Variant value;
    remember(detail::get_variant(sps_stream_get_var, handle(), p_options, value));
    return value;
}

inline std::optional<Variant> StreamPeer::try_get_var(bool p_allow_objects) {
    return try_get_var(detail::allow_objects(p_allow_objects));
}

inline std::optional<Variant> StreamPeer::try_get_var(const DecodeOptions &p_options) {
    Variant value;
    remember(detail::get_variant(sps_stream_try_get_var, handle(), p_options, value));
    return get_last_error() == OK ? std::optional<Variant>(std::move(value)) : std::nullopt;
}

// ---- On packet peers

inline Error PacketPeer::put_var(const Variant &p_value, bool p_full_objects) {
    return remember(
        detail::put_variant(sps_packet_peer_put_var, handle(), p_value, p_full_objects));
}

inline Variant PacketPeer::get_var(bool p_allow_objects) {
    return get_var(detail::allow_objects(p_allow_objects));
}

inline Variant PacketPeer::get_var(const DecodeOptions &p_options) {
    Variant value;
    remember(detail::get_variant(sps_packet_peer_get_var, handle(), p_options, value));
    return value;
}

inline Error PacketPeer::get_var(Variant &r_variant, bool p_allow_objects) {
    r_variant = get_var(p_allow_objects);
    return get_last_error();
}

} // namespace sps

#endif

#include "end.inc"

#endif
