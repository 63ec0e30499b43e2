/* SPDX-License-Identifier: MIT */
/**
 * @file variant_numbers.hpp
 * Little-endian numbers on the wire. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_NUMBERS_HPP
#define STREAMPEERSOCKET_VARIANT_NUMBERS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "variant_types.hpp"

namespace sps {

namespace detail {

inline bool is_little_endian() {
    const uint16_t one = 1;
    uint8_t first;
    std::memcpy(&first, &one, sizeof first);
    return first == 1;
}

// Copies numbers from the wire or to it.
inline void copy_numbers(void *r_to, const void *p_from, size_t p_bytes, size_t p_each) {
    if (p_bytes == 0) {
        return;
    }
    std::memcpy(r_to, p_from, p_bytes);
    if (!is_little_endian()) {
        uint8_t *bytes = static_cast<uint8_t *>(r_to);
        for (uint8_t *at = bytes; at < bytes + p_bytes; at += p_each) {
            std::reverse(at, at + p_each);
        }
    }
}

// The bytes of a number in what has elements.
template <class T> constexpr size_t number_bytes() {
    if constexpr (has_components<T>) {
        return sizeof(ComponentOf<T>);
    } else {
        return sizeof(T);
    }
}

} // namespace detail

} // namespace sps

#endif

#include "end.inc"

#endif
