/* SPDX-License-Identifier: MIT */
/**
 * @file variant_compare.hpp
 * When two sps::Variants are equal. For variant.hpp; nothing here is to be called by itself.
 */
#ifndef STREAMPEERSOCKET_VARIANT_COMPARE_HPP
#define STREAMPEERSOCKET_VARIANT_COMPARE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "variant_access.hpp"

namespace sps {

namespace detail {

template <class T> int compare_numbers(T p_left, T p_right) {
    return p_left < p_right ? -1 : p_right < p_left;
}

// A NaN comes last, and is its equal.
inline int compare_reals(double p_left, double p_right) {
    const bool left_is_nan = p_left != p_left, right_is_nan = p_right != p_right;
    return left_is_nan || right_is_nan ? static_cast<int>(left_is_nan) - right_is_nan
                                       : compare_numbers(p_left, p_right);
}

inline int compare_reals(const RealSpan &p_left, const RealSpan &p_right) {
    int result = compare_numbers(p_left.count, p_right.count);
    for (size_t i = 0; result == 0 && i < p_left.count; i++) {
        result = compare_reals(p_left[i], p_right[i]);
    }
    return result;
}

inline int compare_bytes(const void *p_left, size_t p_left_bytes, const void *p_right,
                         size_t p_right_bytes) {
    const int result = compare_numbers(p_left_bytes, p_right_bytes);
    return result != 0 || p_left_bytes == 0 ? result : std::memcmp(p_left, p_right, p_left_bytes);
}

inline int compare_texts(const std::string &p_left, const std::string &p_right) {
    return compare_bytes(p_left.data(), p_left.size(), p_right.data(), p_right.size());
}

inline int compare_lists(const std::vector<std::string> &p_left,
                         const std::vector<std::string> &p_right) {
    int result = compare_numbers(p_left.size(), p_right.size());
    for (size_t i = 0; result == 0 && i < p_left.size(); i++) {
        result = compare_texts(p_left[i], p_right[i]);
    }
    return result;
}

inline int compare_paths(const NodePath &p_left, const NodePath &p_right) {
    int result = compare_numbers(p_left.is_absolute, p_right.is_absolute);
    result = result != 0 ? result : compare_lists(p_left.names, p_right.names);
    return result != 0 ? result : compare_lists(p_left.subnames, p_right.subnames);
}

// Of the same type, neither nested nor real.
template <class T> int compare_values(const T &p_left, const T &p_right) {
    if constexpr (std::is_arithmetic_v<T>) {
        return compare_numbers(p_left, p_right);
    } else if constexpr (std::is_same_v<T, PackedStringArray>) {
        return compare_lists(p_left, p_right);
    } else if constexpr (std::is_same_v<T, NodePath>) {
        return compare_paths(p_left, p_right);
    } else if constexpr (std::is_same_v<T, RID>) {
        return compare_numbers(p_left.id, p_right.id);
    } else if constexpr (std::is_same_v<T, Signal>) {
        const int result = compare_numbers(p_left.object_id, p_right.object_id);
        return result != 0 ? result : compare_texts(p_left.name, p_right.name);
    } else if constexpr (std::is_same_v<ComponentOf<T>, int32_t>) {
        return compare_bytes(&p_left, sizeof p_left, &p_right, sizeof p_right);
    } else if constexpr (std::is_integral_v<Element<T>>) {
        constexpr size_t each = sizeof(Element<T>);
        return compare_bytes(p_left.data(), p_left.size() * each, p_right.data(),
                             p_right.size() * each);
    } else {
        return 0; // null, and a Callable
    }
}

} // namespace detail

inline int Variant::compare(const Variant &p_left, const Variant &p_right) {
    const std::string *left_text = p_left.get_if<std::string>();
    const std::string *right_text = p_right.get_if<std::string>();
    if (left_text != nullptr && right_text != nullptr) {
        return detail::compare_texts(*left_text, *right_text);
    }
    if (p_left.type_ != p_right.type_) {
        const auto rank = [](const Variant &p_value) {
            return p_value.type_ == STRING_NAME ? static_cast<int>(STRING) : p_value.type_;
        };
        return rank(p_left) - rank(p_right);
    }
    return visit(p_left, [&p_right](const auto &p_value) {
        using T = detail::Bare<decltype(p_value)>;
        if constexpr (std::is_same_v<T, double>) {
            return detail::compare_reals(p_value, *p_right.at<double>());
        } else if constexpr (detail::is_value<T> || detail::is_number<T>) {
            if (const auto reals = detail::reals_of(p_value)) {
                const auto others =
                    visit(p_right, [](const auto &p_other) { return detail::reals_of(p_other); });
                return detail::compare_reals(*reals, *others);
            }
            if constexpr (!std::is_same_v<T, WideReals>) {
                return detail::compare_values(p_value, *p_right.at<T>());
            }
        }
        return 0;
    });
}

// The pairs of a dictionary with the values of the same keys in another of the same size.
template <class Function>
bool Dictionary::match(const Dictionary &p_other, Function &&p_is_equal) const {
    for (size_t i = 0; i < entries_.size(); i++) {
        const Entry &in_place = p_other.entries_[i];
        const bool is_in_place = Variant::are_equal(entries_[i].key, in_place.key, true);
        const Variant *value = is_in_place ? &in_place.value : p_other.find(entries_[i].key);
        if (value == nullptr || !p_is_equal(entries_[i].value, *value)) {
            return false;
        }
    }
    return true;
}

// All but the values of the properties.
inline bool Object::is_alike(const Object &p_other) const {
    const auto same_name = [](const Property &p_one, const Property &p_two) {
        return p_one.name == p_two.name;
    };
    return id == p_other.id && class_name == p_other.class_name &&
           std::equal(properties.begin(), properties.end(), p_other.properties.begin(),
                      p_other.properties.end(), same_name);
}

namespace detail {

// Whether two values are equal; what is nested waits in a list.
class Comparison {
  public:
    explicit Comparison(bool p_in_order) : in_order_(p_in_order) {}

    // Whether they may be equal still.
    bool add(const Variant &p_left, const Variant &p_right) {
        if (!p_left.is_nested() || !p_right.is_nested()) {
            return !p_left.is_nested() && !p_right.is_nested() &&
                   Variant::compare(p_left, p_right) == 0;
        }
        pending_.emplace_back(&p_left, &p_right);
        return p_left.type_ == p_right.type_ && p_left.child_count() == p_right.child_count();
    }

    bool finish() {
        while (!pending_.empty()) {
            const auto [left, right] = pending_.back();
            pending_.pop_back();
            if (!add_children(*left, *right)) {
                return false;
            }
        }
        return true;
    }

  private:
    bool add_children(const Variant &p_left, const Variant &p_right) {
        const auto add_both = [this](const Variant &p_one, const Variant &p_other) {
            return add(p_one, p_other);
        };
        if (p_left.type_ == Variant::DICTIONARY && !in_order_) {
            return p_left.at<Dictionary>()->match(*p_right.at<Dictionary>(), add_both);
        }
        if (p_left.type_ == Variant::OBJECT &&
            !p_left.at<Object>()->is_alike(*p_right.at<Object>())) {
            return false;
        }
        bool may_be_equal = true;
        for (size_t i = 0; may_be_equal && i < p_left.child_count(); i++) {
            may_be_equal = add(p_left.child(i), p_right.child(i));
        }
        return may_be_equal;
    }

    std::vector<std::pair<const Variant *, const Variant *>> pending_;
    bool in_order_;
};

} // namespace detail

inline bool Variant::are_equal(const Variant &p_left, const Variant &p_right, bool p_in_order) {
    detail::Comparison comparison(p_in_order);
    return comparison.add(p_left, p_right) && comparison.finish();
}

inline bool operator==(const Array &p_left, const Array &p_right) {
    return p_left.elements == p_right.elements;
}

inline bool operator==(const Dictionary &p_left, const Dictionary &p_right) {
    return p_left.size() == p_right.size() && p_left.match(p_right, std::equal_to<Variant>());
}

inline bool operator==(const Object &p_left, const Object &p_right) {
    const auto same_value = [](const Object::Property &p_one, const Object::Property &p_two) {
        return p_one.value == p_two.value;
    };
    return p_left.is_alike(p_right) &&
           std::equal(p_left.properties.begin(), p_left.properties.end(),
                      p_right.properties.begin(), same_value);
}

} // namespace sps

#endif
