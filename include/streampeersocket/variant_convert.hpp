/* SPDX-License-Identifier: MIT */
/**
 * @file variant_convert.hpp
 * Conversions of an sps::Variant to other types. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_CONVERT_HPP
#define STREAMPEERSOCKET_VARIANT_CONVERT_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "variant_compare.hpp"
#include "variant_text.hpp"

namespace sps {

namespace detail {

// Truncates as Godot does. A value outside the range of integers becomes the nearest one.
inline int64_t to_integer(double p_real) {
    constexpr double bound = 9223372036854775808.0;
    if (p_real != p_real) {
        return 0;
    }
    return p_real >= bound    ? std::numeric_limits<int64_t>::max()
           : p_real <= -bound ? std::numeric_limits<int64_t>::min()
                              : static_cast<int64_t>(p_real);
}

// Whether the value differs from the default of its type. A template, as as_array() is, because
// its uses of with_type() take long to compile.
template <class = void> bool is_true(const Variant &p_value) {
    if (const WideReals *wide = p_value.get_if<WideReals>()) {
        return !wide->get_components().empty();
    }
    return with_type(p_value.get_type(), [&p_value](auto p_tag) -> bool {
        using T = typename decltype(p_tag)::Type;
        if constexpr (std::is_void_v<T>) {
            return false;
        } else if constexpr (std::is_same_v<T, Array> || std::is_same_v<T, Dictionary>) {
            return !p_value.get_if<T>()->is_empty();
        } else {
            return p_value != Variant(T());
        }
    });
}

template <class T> T as_number(const Variant &p_value) {
    if constexpr (std::is_same_v<T, bool>) {
        return is_true<>(p_value);
    } else {
        if (const double *real = p_value.get_if<double>()) {
            if constexpr (std::is_floating_point_v<T>) {
                return static_cast<T>(*real);
            } else {
                return static_cast<T>(to_integer(*real));
            }
        }
        if (const int64_t *integer = p_value.get_if<int64_t>()) {
            return static_cast<T>(*integer);
        }
        return static_cast<T>(p_value.get<bool>().value_or(false));
    }
}

inline std::string as_text(const Variant &p_value) {
    if (const std::string *text = p_value.get_if<std::string>()) {
        return *text;
    }
    if (const NodePath *path = p_value.get_if<NodePath>()) {
        return path->to_string();
    }
    return p_value.is_nil() ? "<null>" : p_value.to_string();
}

// The vector with the other kind of numbers: Vector2 for a Vector2i.
template <class T> struct OtherVector { using Type = void; };
template <> struct OtherVector<Vector2> { using Type = Vector2i; };
template <> struct OtherVector<Vector2i> { using Type = Vector2; };
template <> struct OtherVector<Vector3> { using Type = Vector3i; };
template <> struct OtherVector<Vector3i> { using Type = Vector3; };
template <> struct OtherVector<Vector4> { using Type = Vector4i; };
template <> struct OtherVector<Vector4i> { using Type = Vector4; };
template <> struct OtherVector<Rect2> { using Type = Rect2i; };
template <> struct OtherVector<Rect2i> { using Type = Rect2; };

template <class T> T as_vector(const Variant &p_value) {
    using Other = typename OtherVector<T>::Type;
    T value;
    if (const Other *other = p_value.get_if<Other>()) {
        const auto components = components_of(*other);
        std::array<ComponentOf<T>, component_count<T>> converted;
        for (size_t i = 0; i < converted.size(); i++) {
            converted[i] = as_number<ComponentOf<T>>(Variant(components[i]));
        }
        std::memcpy(static_cast<void *>(&value), converted.data(), sizeof value);
    }
    return value;
}

// The elements of a packed array.
template <class = void> Array as_array(const Variant &p_value) {
    return with_type(p_value.get_type(), [&p_value](auto p_tag) {
        Array array;
        using T = typename decltype(p_tag)::Type;
        if constexpr (!std::is_void_v<Element<T>>) {
            if (const auto packed = p_value.get<T>()) {
                array.elements.assign(packed->begin(), packed->end());
            }
        }
        return array;
    });
}

} // namespace detail

template <class T> T Variant::convert() const {
    if constexpr (detail::is_number<T>) {
        return detail::as_number<T>(*this);
    } else if constexpr (std::is_same_v<T, std::string>) {
        return detail::as_text(*this);
    } else {
        if (const auto value = get<T>()) {
            return *value;
        }
        if constexpr (std::is_same_v<T, StringName> || std::is_same_v<T, NodePath>) {
            return T(detail::as_text(*this));
        } else if constexpr (std::is_same_v<T, Array>) {
            return detail::as_array<>(*this);
        } else if constexpr (!std::is_void_v<typename detail::OtherVector<T>::Type>) {
            return detail::as_vector<T>(*this);
        } else if constexpr (!std::is_void_v<detail::Element<T>>) {
            T packed;
            if (const Array *array = get_if<Array>()) {
                for (const Variant &element : *array) {
                    packed.push_back(element.convert<detail::Element<T>>());
                }
            }
            return packed;
        } else {
            return T();
        }
    }
}

template <class T, std::enable_if_t<detail::is_target<T>, int>> Variant::operator T() const {
    return convert<T>();
}

} // namespace sps

#endif

#include "end.inc"

#endif
