/* SPDX-License-Identifier: MIT */
/**
 * @file variant_compare.hpp
 * Equality and order of sps::Variants. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_COMPARE_HPP
#define STREAMPEERSOCKET_VARIANT_COMPARE_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstring>
#include <string>
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

inline int compare_reals(const Numbers &p_left, const Numbers &p_right) {
    int result = compare_numbers(p_left.count, p_right.count);
    for (size_t i = 0; result == 0 && i < p_left.count; i++) {
        result = compare_reals(p_left.real(i), p_right.real(i));
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

inline int compare_signals(const Signal &p_left, const Signal &p_right) {
    const int result = compare_numbers(p_left.object_id, p_right.object_id);
    return result != 0 ? result : compare_texts(p_left.name, p_right.name);
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
    switch (p_left.type_) {
    case BOOL:
        return detail::compare_numbers(*p_left.at<bool>(), *p_right.at<bool>());
    case INT:
        return detail::compare_numbers(*p_left.at<int64_t>(), *p_right.at<int64_t>());
    case FLOAT:
        return detail::compare_reals(*p_left.at<double>(), *p_right.at<double>());
    case RID:
        return detail::compare_numbers(p_left.at<sps::RID>()->id, p_right.at<sps::RID>()->id);
    case NODE_PATH:
        return detail::compare_paths(*p_left.at<NodePath>(), *p_right.at<NodePath>());
    case SIGNAL:
        return detail::compare_signals(*p_left.at<Signal>(), *p_right.at<Signal>());
    case PACKED_STRING_ARRAY:
        return detail::compare_lists(*p_left.at<PackedStringArray>(),
                                     *p_right.at<PackedStringArray>());
    default:
        break;
    }
    // Null and a Callable have no numbers.
    const detail::Numbers left = p_left.numbers(), right = p_right.numbers();
    return left.is_real ? detail::compare_reals(left, right)
                        : detail::compare_bytes(left.data, left.bytes(), right.data, right.bytes());
}

inline int Object::compare_shallow(const Object &p_other) const {
    int result = detail::compare_numbers(id, p_other.id);
    result = result != 0 ? result : detail::compare_texts(class_name, p_other.class_name);
    result = result != 0 ? result
                         : detail::compare_numbers(properties.size(), p_other.properties.size());
    for (size_t i = 0; result == 0 && i < properties.size(); i++) {
        result = detail::compare_texts(properties[i].name, p_other.properties[i].name);
    }
    return result;
}

namespace detail {

// A total order of all values, containers included. Containers are equal if their children are, in
// order. A list holds the open containers and is reused by the next comparison.
class Order {
  public:
    int compare(const Variant &p_left, const Variant &p_right) {
        pending_.clear();
        int result = begin(p_left, p_right);
        while (result == 0 && !pending_.is_empty()) {
            auto &[left, right] = pending_.back();
            if (left.is_at_end()) {
                pending_.pop();
            } else {
                const Variant &one = left.next();
                result = begin(one, right.next());
            }
        }
        return result;
    }

  private:
    int begin(const Variant &p_left, const Variant &p_right) {
        if (!p_left.is_nested() || p_left.type_ != p_right.type_) {
            return Variant::compare(p_left, p_right);
        }
        int result = compare_numbers(Children::count(p_left), Children::count(p_right));
        if (result == 0 && p_left.type_ == Variant::OBJECT) {
            result = p_left.at<Object>()->compare_shallow(*p_right.at<Object>());
        }
        if (result == 0) {
            pending_.push({Children(p_left), Children(p_right)});
        }
        return result;
    }

    struct Level {
        Children left;
        Children right;
    };
    Row<Level> pending_;
};

} // namespace detail

// Visits the pairs of a dictionary, each with the value of the same key in another of the same
// size.
template <class Function>
bool Dictionary::match(const Dictionary &p_other, Function &&p_is_equal) const {
    detail::Order order;
    auto in_place = p_other.entries_.begin();
    for (const Entry &entry : entries_) {
        const bool is_in_place = order.compare(entry.key, in_place->key) == 0;
        const Variant *value = is_in_place ? &in_place->value : p_other.find(entry.key);
        if (value == nullptr || !p_is_equal(entry.value, *value)) {
            return false;
        }
        ++in_place;
    }
    return true;
}

namespace detail {

// Compares two values. The order of a dictionary's pairs does not count. A list holds nested
// values.
class Comparison {
  public:
    // Whether they may be equal still.
    bool add(const Variant &p_left, const Variant &p_right) {
        if (!p_left.is_nested() || p_left.type_ != p_right.type_) {
            return Variant::compare(p_left, p_right) == 0;
        }
        pending_.push({&p_left, &p_right});
        return Children::count(p_left) == Children::count(p_right);
    }

    bool finish() {
        while (!pending_.is_empty()) {
            const auto [left, right] = pending_.back();
            pending_.pop();
            if (!add_children(*left, *right)) {
                return false;
            }
        }
        return true;
    }

  private:
    bool add_children(const Variant &p_left, const Variant &p_right) {
        if (p_left.type_ == Variant::DICTIONARY) {
            return p_left.at<Dictionary>()->match(
                *p_right.at<Dictionary>(), [this](const Variant &p_one, const Variant &p_other) {
                    return add(p_one, p_other);
                });
        }
        if (p_left.type_ == Variant::OBJECT &&
            p_left.at<Object>()->compare_shallow(*p_right.at<Object>()) != 0) {
            return false;
        }
        bool may_be_equal = true;
        Children left(p_left), right(p_right);
        while (may_be_equal && !left.is_at_end()) {
            const Variant &one = left.next();
            may_be_equal = add(one, right.next());
        }
        return may_be_equal;
    }

    struct Both {
        const Variant *left;
        const Variant *right;
    };
    Row<Both> pending_;
};

} // namespace detail

inline bool Variant::are_equal(const Variant &p_left, const Variant &p_right) {
    detail::Comparison comparison;
    return comparison.add(p_left, p_right) && comparison.finish();
}

inline bool operator==(const Array &p_left, const Array &p_right) {
    return p_left.elements == p_right.elements;
}

inline bool operator==(const Dictionary &p_left, const Dictionary &p_right) {
    return p_left.size() == p_right.size() &&
           p_left.match(p_right,
                        [](const Variant &p_one, const Variant &p_two) { return p_one == p_two; });
}

inline bool operator==(const Object &p_left, const Object &p_right) {
    bool is_equal = p_left.compare_shallow(p_right) == 0;
    for (size_t i = 0; is_equal && i < p_left.properties.size(); i++) {
        is_equal = p_left.properties[i].value == p_right.properties[i].value;
    }
    return is_equal;
}

} // namespace sps

#endif

#include "end.inc"

#endif
