/* SPDX-License-Identifier: MIT */
/**
 * @file variant_marshalls.hpp
 * encode_variant() and decode_variant() of Godot's core/io/marshalls.h, for ported code.
 * Variant::encode() and Variant::decode() offer more.
 */
#ifndef STREAMPEERSOCKET_VARIANT_MARSHALLS_HPP
#define STREAMPEERSOCKET_VARIANT_MARSHALLS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "variant_decode.hpp"
#include "variant_encode.hpp"

namespace sps {

/**
 * Variant::encode() into memory of the caller. Godot: encode_variant.
 *
 * @param r_buffer has room for the r_len bytes of an earlier call with NULL. NULL only counts.
 * @param r_len the size of the value in bytes. 0 on failure.
 * @return the codes of Variant::encode(). ERR_OUT_OF_MEMORY also reports a size above INT_MAX.
 */
inline Error encode_variant(const Variant &p_variant, uint8_t *r_buffer, int &r_len,
                            bool p_full_objects = false) {
    EncodeOptions options;
    options.full_objects = p_full_objects;
    std::vector<uint8_t> bytes;
    r_len = 0;
    const Error error = p_variant.encode(bytes, options);
    if (error != OK || bytes.size() > INT_MAX) {
        return error != OK ? error : ERR_OUT_OF_MEMORY;
    }
    r_len = static_cast<int>(bytes.size());
    if (r_buffer != nullptr) {
        std::memcpy(r_buffer, bytes.data(), bytes.size());
    }
    return OK;
}

/**
 * Variant::decode(). Godot: decode_variant.
 *
 * @param r_variant null on failure.
 * @param r_len optional: the size of the value in bytes. 0 on failure.
 * @return the codes of Variant::decode(). ERR_INVALID_PARAMETER also reports a negative length.
 */
inline Error decode_variant(Variant &r_variant, const uint8_t *p_buffer, int p_len,
                            int *r_len = nullptr, bool p_allow_objects = false) {
    DecodeOptions options;
    options.allow_objects = p_allow_objects;
    // A negative length converts to one that the C function refuses.
    Variant::Decoded decoded = Variant::decode(p_buffer, static_cast<size_t>(p_len), options);
    r_variant = std::move(decoded.value);
    if (r_len != nullptr) {
        *r_len = decoded ? static_cast<int>(decoded.offset) : 0;
    }
    return decoded.error;
}

} // namespace sps

#endif

#include "end.inc"

#endif
