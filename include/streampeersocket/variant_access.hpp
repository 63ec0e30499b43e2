/* SPDX-License-Identifier: MIT */
/**
 * @file variant_access.hpp
 * Reads the contents of an sps::Variant. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_ACCESS_HPP
#define STREAMPEERSOCKET_VARIANT_ACCESS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "variant_box.hpp"

namespace sps {

// ---- As a C++ type

template <class T> const T *Variant::get_if() const {
    constexpr bool is_wide = std::is_same_v<T, WideReals>;
    static_assert(is_wide || detail::KindOf<T>::type != -1, "not a type that a Variant holds");
    if constexpr (std::is_same_v<T, std::string>) {
        if (type_ == STRING_NAME) {
            return &at<StringName>()->text;
        }
    }
    return (is_wide || type_ == detail::KindOf<T>::type) && is_wide_ == is_wide ? at<T>() : nullptr;
}

template <class T> T *Variant::get_if() {
    const T *value = static_cast<const Variant *>(this)->get_if<T>();
    if constexpr (!detail::is_inline<T>() && !std::is_same_v<T, WideReals>) {
        if (value != nullptr && storage_.box == nullptr) {
            if (std::is_same_v<T, std::string> && type_ == STRING_NAME) {
                put_in_box(StringName());
            } else {
                put_in_box(T());
            }
            value = static_cast<const Variant *>(this)->get_if<T>();
        }
    }
    return const_cast<T *>(value);
}

namespace detail {

template <class T> std::optional<T> to_number(const Variant &p_value) {
    if constexpr (std::is_same_v<T, bool>) {
        const bool *value = p_value.get_if<bool>();
        return value != nullptr ? std::optional<T>(*value) : std::nullopt;
    } else if constexpr (std::is_floating_point_v<T>) {
        const double *value = p_value.get_if<double>();
        return value != nullptr ? std::optional<T>(static_cast<T>(*value)) : std::nullopt;
    } else {
        const int64_t *value = p_value.get_if<int64_t>();
        const bool is_in_sign = std::is_signed_v<T> || (value != nullptr && *value >= 0);
        const bool is_sayable = value != nullptr && is_in_sign &&
                                static_cast<int64_t>(static_cast<T>(*value)) == *value;
        return is_sayable ? std::optional<T>(static_cast<T>(*value)) : std::nullopt;
    }
}

// Rounds as many double-precision reals as a T has.
template <class T> T rounded(const double *p_reals) {
    std::array<float, component_count<T>> floats;
    for (float &real : floats) {
        real = static_cast<float>(*p_reals++);
    }
    T value;
    std::memcpy(static_cast<void *>(&value), floats.data(), sizeof value);
    return value;
}

template <class T> void round_to(const WideReals &p_wide, T &r_value) {
    r_value = rounded<T>(p_wide.get_components().data());
}

template <class T> void round_to(const WideReals &p_wide, std::vector<T> &r_values) {
    const std::vector<double> &reals = p_wide.get_components();
    r_values.clear();
    for (size_t i = 0; i < reals.size(); i += component_count<T>) {
        r_values.push_back(rounded<T>(reals.data() + i));
    }
}

// Whether a T has a form in double precision.
template <class T> struct IsRounded : std::is_same<ComponentOf<T>, float> {};
template <class T> struct IsRounded<std::vector<T>> : std::is_same<ComponentOf<T>, float> {};
template <> struct IsRounded<Color> : std::false_type {};
template <> struct IsRounded<PackedColorArray> : std::false_type {};

} // namespace detail

template <class T> std::optional<T> Variant::get() const {
    if constexpr (std::is_arithmetic_v<T>) {
        return detail::to_number<T>(*this);
    } else if constexpr (std::is_same_v<T, std::string_view>) {
        const std::string *text = get_if<std::string>();
        return text != nullptr ? std::optional<T>(*text) : std::nullopt;
    } else {
        if constexpr (detail::IsRounded<T>::value) {
            if (is_wide_ && type_ == detail::KindOf<T>::type) {
                T value;
                detail::round_to(*at<WideReals>(), value);
                return value;
            }
        }
        const T *value = get_if<T>();
        return value != nullptr ? std::optional<T>(*value) : std::nullopt;
    }
}

namespace detail {

template <class T> struct ElementOf { using Type = void; };
template <class T> struct ElementOf<std::vector<T>> { using Type = T; };
template <class T> using Element = typename ElementOf<T>::Type;

} // namespace detail

template <class T> std::optional<std::vector<T>> Variant::get_reals() const {
    const detail::Numbers found = numbers();
    return found.is_real ? std::optional<std::vector<T>>(found.reals()) : std::nullopt;
}

// ---- What is in it

inline const Variant *Variant::find(const Variant &p_key) const {
    if (const Dictionary *dictionary = get_if<Dictionary>()) {
        return dictionary->find(p_key);
    }
    if (const Object *object = get_if<Object>()) {
        const std::string *name = p_key.get_if<std::string>();
        return name != nullptr ? object->find(*name) : nullptr;
    }
    const Array *array = get_if<Array>();
    const int64_t *index = p_key.get_if<int64_t>();
    if (array == nullptr || index == nullptr) {
        return nullptr;
    }
    const int64_t size = static_cast<int64_t>(array->size());
    const int64_t place = *index < 0 ? *index + size : *index;
    return place >= 0 && place < size ? &array->elements[static_cast<size_t>(place)] : nullptr;
}

inline Variant *Variant::find(const Variant &p_key) {
    return const_cast<Variant *>(static_cast<const Variant *>(this)->find(p_key));
}

inline const Variant &Variant::operator[](const Variant &p_key) const & {
    const Variant *found = find(p_key);
    return found != nullptr ? *found : detail::blank<Variant>();
}

inline Variant Variant::operator[](const Variant &p_key) && {
    Variant *found = find(p_key);
    return found != nullptr ? std::move(*found) : Variant();
}

inline const Variant *Object::find(std::string_view p_name) const {
    for (const Property &property : properties) {
        if (property.name == p_name) {
            return &property.value;
        }
    }
    return nullptr;
}

} // namespace sps

#endif

#include "end.inc"

#endif
