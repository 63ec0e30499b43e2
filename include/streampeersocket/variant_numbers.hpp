/* SPDX-License-Identifier: MIT */
/**
 * @file variant_numbers.hpp
 * The numbers of an sps::Variant, and on the wire. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_NUMBERS_HPP
#define STREAMPEERSOCKET_VARIANT_NUMBERS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

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
    if (is_little_endian()) {
        std::memcpy(r_to, p_from, p_bytes);
        return;
    }
    const uint8_t *from = static_cast<const uint8_t *>(p_from);
    uint8_t *to = static_cast<uint8_t *>(r_to);
    for (size_t i = 0; i < p_bytes; i++) {
        to[i] = from[i - i % p_each + p_each - 1 - i % p_each];
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

// The numbers of a vector or similar type, or of each element of a packed array. 0 if the type has
// none, or each element is a number.
inline size_t count_numbers(sps_variant_type p_type) {
    switch (p_type) {
    case SPS_VARIANT_VECTOR2I:
        return 2;
    case SPS_VARIANT_VECTOR3I:
        return 3;
    case SPS_VARIANT_RECT2I:
    case SPS_VARIANT_VECTOR4I:
    case SPS_VARIANT_COLOR:
    case SPS_VARIANT_PACKED_COLOR_ARRAY:
        return 4;
    default:
        return WideReals::count_of(p_type);
    }
}

// The numbers of a value, where they are.
struct Numbers {
    const void *data = nullptr;
    size_t count = 0;
    size_t each = 0; // bytes of a number, or 0 if the value has no numbers
    bool is_real = false;

    size_t bytes() const { return count * each; }

    double real(size_t p_index) const {
        return each == sizeof(double)
                   ? static_cast<const double *>(data)[p_index]
                   : static_cast<double>(static_cast<const float *>(data)[p_index]);
    }

    int64_t integer(size_t p_index) const {
        return each == 1                 ? static_cast<const uint8_t *>(data)[p_index]
               : each == sizeof(int32_t) ? static_cast<const int32_t *>(data)[p_index]
                                         : static_cast<const int64_t *>(data)[p_index];
    }

    std::vector<double> reals() const {
        std::vector<double> reals(count);
        for (size_t i = 0; i < count; i++) {
            reals[i] = real(i);
        }
        return reals;
    }
};

template <class T> Numbers numbers_in(const std::vector<T> &p_values, bool p_are_real) {
    constexpr size_t each = number_bytes<T>();
    return {p_values.data(), p_values.size() * (sizeof(T) / each), each, p_are_real};
}

} // namespace detail

} // namespace sps

#endif

#include "end.inc"

#endif
