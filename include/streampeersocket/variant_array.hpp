/* SPDX-License-Identifier: MIT */
/**
 * @file variant_array.hpp
 * The methods of an sps::Array. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_ARRAY_HPP
#define STREAMPEERSOCKET_VARIANT_ARRAY_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "variant_compare.hpp"

namespace sps {

inline std::optional<ElementType>
ElementType::make(Variant::Type p_type, const StringName &p_class_name, const Variant &p_script) {
    const std::string *path = p_script.get_if<std::string>();
    const bool has_script = path != nullptr && !path->empty();
    if (p_type != Variant::OBJECT || (p_class_name.text.empty() && !has_script)) {
        const bool fits = p_class_name.text.empty() && (p_script.is_nil() || path != nullptr) &&
                          !has_script && p_type >= Variant::NIL && p_type < Variant::VARIANT_MAX;
        if (!fits) {
            return std::nullopt;
        }
        return p_type == Variant::NIL ? ElementType() : ElementType(p_type);
    }
    return has_script ? ElementType(SCRIPT, *path) : ElementType(CLASS, p_class_name.text);
}

inline size_t Array::to_index(int p_position) const {
    const int64_t count = static_cast<int64_t>(size());
    const int64_t index = p_position < 0 ? count + p_position : p_position;
    return index >= 0 && index <= count ? static_cast<size_t>(index) : SIZE_MAX;
}

inline Error Array::resize(int p_size) {
    if (p_size < 0) {
        return ERR_INVALID_PARAMETER;
    }
    elements.resize(static_cast<size_t>(p_size));
    return OK;
}

// The elements may be inside this array.
inline void Array::append_copies(const Variant *p_first, size_t p_count) {
    const bool is_inside = p_first == elements.data();
    elements.reserve(size() + p_count);
    for (size_t i = 0; i < p_count; i++) {
        elements.push_back(Variant(is_inside ? elements[i] : p_first[i]));
    }
}

inline void Array::insert_at(size_t p_index, Variant p_value) {
    elements.push_back(Variant());
    for (size_t i = size() - 1; i > p_index; i--) {
        elements[i] = std::move(elements[i - 1]);
    }
    elements[p_index] = std::move(p_value);
}

inline Error Array::insert(int p_position, Variant p_value) {
    const size_t index = to_index(p_position);
    if (index > size()) {
        return ERR_INVALID_PARAMETER;
    }
    insert_at(index, std::move(p_value));
    return OK;
}

inline Variant Array::pop_at(int p_position, bool p_counts_from_end) {
    const size_t index = p_position < 0 && !p_counts_from_end ? SIZE_MAX : to_index(p_position);
    if (index >= size()) {
        return Variant();
    }
    Variant popped = std::move(elements[index]);
    for (size_t i = index; i + 1 < size(); i++) {
        elements[i] = std::move(elements[i + 1]);
    }
    elements.pop_back();
    return popped;
}

inline const Variant &Array::get(int p_index) const {
    const size_t index = to_index(p_index);
    return index < size() ? elements[index] : detail::blank<Variant>();
}

inline void Array::set(int p_index, Variant p_value) {
    const size_t index = to_index(p_index);
    if (index < size()) {
        elements[index] = std::move(p_value);
    }
}

inline int Array::find(const Variant &p_value, int p_from) const {
    for (size_t i = to_index(p_from); i < size(); i++) {
        if (elements[i] == p_value) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

inline int Array::count(const Variant &p_value) const {
    int count = 0;
    for (const Variant &element : elements) {
        count += element == p_value;
    }
    return count;
}

inline void Array::fill(const Variant &p_value) {
    const Variant value = p_value; // it may be inside
    for (Variant &element : elements) {
        element = value;
    }
}

inline void Array::reverse() {
    for (size_t i = 0; i < size() / 2; i++) {
        std::swap(elements[i], elements[size() - 1 - i]);
    }
}

inline Array Array::slice(int p_begin, int p_end) const {
    const auto clamp = [this](int p_position) {
        const int64_t count = static_cast<int64_t>(size());
        const int64_t index = p_position < 0 ? count + p_position : p_position;
        return static_cast<size_t>(index < 0 ? 0 : index < count ? index : count);
    };
    const size_t first = clamp(p_begin), end = clamp(p_end);
    const size_t last = end > first ? end : first;
    Array slice({}, element_type);
    slice.append_copies(elements.data() + first, last - first);
    return slice;
}

inline Error Array::set_typed(Variant::Type p_type, const StringName &p_class_name,
                              const Variant &p_script) {
    const auto type = ElementType::make(p_type, p_class_name, p_script);
    if (!is_empty() || !type) {
        return ERR_INVALID_PARAMETER;
    }
    element_type = *type;
    return OK;
}

} // namespace sps

#endif

#include "end.inc"

#endif
