/* SPDX-License-Identifier: MIT */
/**
 * @file variant_inline.hpp
 * What the members of variant.hpp do; nothing here is to be called by itself. Nothing recurses: what
 * is still to be done is kept in a list.
 */
#ifndef STREAMPEERSOCKET_VARIANT_INLINE_HPP
#define STREAMPEERSOCKET_VARIANT_INLINE_HPP

#include <cfloat>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iterator>

#include "variant.hpp"

namespace sps {

// ---- Where a value is

template <class T> detail::Box<T> *Variant::box() const {
    if constexpr (detail::is_nested<T>) {
        return static_cast<detail::Box<T> *>(storage_.nest);
    } else {
        return static_cast<detail::Box<T> *>(storage_.box);
    }
}

// The type must be the right one.
template <class T> const T *Variant::at() const {
    if constexpr (detail::is_inline<T>()) {
        return std::launder(reinterpret_cast<const T *>(storage_.bytes));
    } else {
        return &box<T>()->value;
    }
}

template <class Self, class Function> auto Variant::visit(Self &p_self, Function &&p_function) {
    using Wide = std::conditional_t<std::is_const_v<Self>, const WideReals, WideReals>;
    if (p_self.is_wide_) {
        return p_function(const_cast<Wide &>(*p_self.template at<WideReals>()));
    }
    return detail::with_type(p_self.type_, [&](auto p_tag) {
        using T = typename decltype(p_tag)::Type;
        if constexpr (std::is_void_v<T>) {
            return p_function(p_tag);
        } else {
            using Value = std::conditional_t<std::is_const_v<Self>, const T, T>;
            return p_function(const_cast<Value &>(*p_self.template at<T>()));
        }
    });
}

// ---- Making, copying, ending

template <class T, std::enable_if_t<detail::is_value<detail::Bare<T>>, int>>
Variant::Variant(T &&p_value) {
    using Value = detail::Bare<T>;
    if constexpr (std::is_same_v<Value, WideReals>) {
        type_ = static_cast<uint8_t>(p_value.get_type());
        is_wide_ = true;
    } else {
        type_ = static_cast<uint8_t>(detail::KindOf<Value>::type);
    }
    if constexpr (detail::is_inline<Value>()) {
        new (storage_.bytes) Value(p_value);
    } else {
        auto *made = new detail::Box<Value>(std::forward<T>(p_value));
        if constexpr (detail::is_nested<Value>) {
            storage_.nest = made;
        } else {
            storage_.box = made;
        }
    }
}

template <class T, std::enable_if_t<detail::is_number<T>, int>> Variant::Variant(T p_number) {
    if constexpr (std::is_same_v<T, bool>) {
        type_ = BOOL;
        new (storage_.bytes) bool(p_number);
    } else if constexpr (std::is_floating_point_v<T>) {
        type_ = FLOAT;
        new (storage_.bytes) double(static_cast<double>(p_number));
    } else {
        type_ = INT;
        new (storage_.bytes) int64_t(static_cast<int64_t>(p_number));
    }
}

inline Variant::Variant(std::string_view p_text) : Variant(std::string(p_text)) {}

inline Variant::Variant(const char *p_text) {
    if (p_text != nullptr) {
        *this = std::string(p_text);
    }
}

// Of what has a box; without what it contains, in whose place there is null.
inline void Variant::copy_shallow(const Variant &p_other) {
    visit(p_other, [&](const auto &p_value) {
        using T = detail::Bare<decltype(p_value)>;
        if constexpr (std::is_same_v<T, Array>) {
            Array array({}, p_value.element_type);
            array.elements.resize(p_value.elements.size());
            *this = std::move(array);
        } else if constexpr (std::is_same_v<T, Dictionary>) {
            Dictionary dictionary(p_value.key_type, p_value.value_type);
            dictionary.entries_.resize(p_value.entries_.size());
            dictionary.order_ = p_value.order_;
            dictionary.settled_ = p_value.settled_;
            *this = std::move(dictionary);
        } else if constexpr (std::is_same_v<T, Object>) {
            Object object(p_value.class_name, {});
            object.id = p_value.id;
            for (const Object::Property &property : p_value.properties) {
                object.properties.push_back({property.name, Variant()});
            }
            *this = std::move(object);
        } else if constexpr (!detail::is_inline<T>()) {
            *this = Variant(p_value);
        }
    });
}

inline void Variant::copy_from(const Variant &p_other) {
    if (!p_other.is_nested()) {
        copy_shallow(p_other);
        return;
    }
    std::vector<std::pair<const Variant *, Variant *>> pending = {{&p_other, this}};
    while (!pending.empty()) {
        const auto [from, to] = pending.back();
        pending.pop_back();
        to->copy_shallow(*from);
        for (size_t i = 0; i < from->child_count(); i++) {
            const Variant &child = from->child(i);
            Variant &copy = const_cast<Variant &>(to->child(i));
            if (child.is_nested()) {
                pending.emplace_back(&child, &copy);
            } else {
                copy = child;
            }
        }
    }
}

// Of what has a box; what it contains must be plain.
inline void Variant::end_shallow() noexcept {
    visit(*this, [this](auto &p_value) {
        using T = detail::Bare<decltype(p_value)>;
        if constexpr (!detail::is_inline<T>()) {
            delete box<T>();
        }
    });
    type_ = NIL;
    is_wide_ = false;
}

inline void Variant::end() noexcept {
    if (!is_nested()) {
        end_shallow();
        return;
    }
    detail::Nest *pending = nullptr;
    const auto put_off = [&pending](Variant &p_nested) {
        p_nested.storage_.nest->type = p_nested.type_;
        p_nested.storage_.nest->next = pending;
        pending = p_nested.storage_.nest;
        p_nested.type_ = NIL;
    };
    put_off(*this);
    while (pending != nullptr) {
        Variant next;
        next.storage_.nest = pending;
        next.type_ = static_cast<uint8_t>(pending->type);
        pending = pending->next;
        for (size_t i = 0; i < next.child_count(); i++) {
            if (next.child(i).is_nested()) {
                put_off(const_cast<Variant &>(next.child(i)));
            }
        }
        next.end_shallow();
    }
}

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
    return const_cast<T *>(static_cast<const Variant *>(this)->get_if<T>());
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

// So many reals of double precision as a T has, rounded.
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

// Reals of either precision, where they are.
struct RealSpan {
    const void *data = nullptr;
    size_t count = 0;
    bool is_double = false;

    double operator[](size_t p_index) const {
        return is_double ? static_cast<const double *>(data)[p_index]
                         : static_cast<double>(static_cast<const float *>(data)[p_index]);
    }
};

template <class T> struct ElementOf { using Type = void; };
template <class T> struct ElementOf<std::vector<T>> { using Type = T; };
template <class T> using Element = typename ElementOf<T>::Type;

template <class T>
constexpr bool is_single = std::is_same_v<T, float> || std::is_same_v<ComponentOf<T>, float>;
template <> inline constexpr bool is_single<void> = false;

template <class T> std::optional<RealSpan> reals_of(const T &p_value) {
    if constexpr (std::is_same_v<T, WideReals>) {
        const std::vector<double> &reals = p_value.get_components();
        return RealSpan{reals.data(), reals.size(), true};
    } else if constexpr (std::is_same_v<T, PackedFloat64Array>) {
        return RealSpan{p_value.data(), p_value.size(), true};
    } else if constexpr (is_single<Element<T>>) {
        const size_t floats = p_value.size() * sizeof(Element<T>) / sizeof(float);
        return RealSpan{p_value.data(), floats, false};
    } else if constexpr (std::is_same_v<ComponentOf<T>, float>) {
        return RealSpan{&p_value, component_count<T>, false};
    } else {
        return std::nullopt;
    }
}

} // namespace detail

inline std::optional<std::vector<double>> Variant::get_reals() const {
    const auto span = visit(*this, [](const auto &p_value) { return detail::reals_of(p_value); });
    if (!span) {
        return std::nullopt;
    }
    std::vector<double> reals(span->count);
    for (size_t i = 0; i < reals.size(); i++) {
        reals[i] = (*span)[i];
    }
    return reals;
}

// ---- What is in it

inline size_t Variant::child_count() const {
    switch (type_) {
    case ARRAY:
        return at<Array>()->elements.size();
    case DICTIONARY:
        return 2 * at<Dictionary>()->entries_.size();
    case OBJECT:
        return at<Object>()->properties.size();
    default:
        return 0;
    }
}

inline const Variant &Variant::child(size_t p_index) const {
    if (type_ == ARRAY) {
        return at<Array>()->elements[p_index];
    }
    if (type_ == OBJECT) {
        return at<Object>()->properties[p_index].value;
    }
    const Dictionary::Entry &entry = at<Dictionary>()->entries_[p_index / 2];
    return p_index % 2 == 0 ? entry.key : entry.value;
}

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

inline const Variant &Variant::operator[](const Variant &p_key) const {
    static const Variant nil;
    const Variant *found = find(p_key);
    return found != nullptr ? *found : nil;
}

inline const Variant *Object::find(std::string_view p_name) const {
    for (const Property &property : properties) {
        if (property.name == p_name) {
            return &property.value;
        }
    }
    return nullptr;
}

// ---- Comparing

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

// ---- Dictionaries

namespace detail {

// The position of a key, or where it would stand: what std::lower_bound() does.
template <class Iterator, class Entries>
Iterator lower_bound(Iterator p_begin, Iterator p_end, const Entries &p_entries,
                     const Variant &p_key, int (*p_compare)(const Variant &, const Variant &)) {
    return std::lower_bound(p_begin, p_end, p_key,
                            [&](uint32_t p_position, const Variant &p_wanted) {
                                return p_compare(p_entries[p_position].key, p_wanted) < 0;
                            });
}

} // namespace detail

inline size_t Dictionary::find_position(const Variant &p_key) const {
    if (p_key.is_nested() || entries_.size() <= FEW) {
        const auto found =
            std::find_if(entries_.begin(), entries_.end(), [&p_key](const Entry &p_entry) {
                return Variant::are_equal(p_entry.key, p_key, true);
            });
        return static_cast<size_t>(found - entries_.begin());
    }
    for (const auto &[begin, end] :
         {std::pair(order_.cbegin(), settled_end()), std::pair(settled_end(), order_.cend())}) {
        const auto place = detail::lower_bound(begin, end, entries_, p_key, Variant::compare);
        if (place != end && Variant::compare(entries_[*place].key, p_key) == 0) {
            return *place;
        }
    }
    return entries_.size();
}

inline const Variant *Dictionary::find(const Variant &p_key) const {
    const size_t position = find_position(p_key);
    return position < entries_.size() ? &entries_[position].value : nullptr;
}

inline Variant *Dictionary::find(const Variant &p_key) {
    return const_cast<Variant *>(static_cast<const Dictionary *>(this)->find(p_key));
}

inline Variant &Dictionary::operator[](const Variant &p_key) {
    const size_t position = find_position(p_key);
    if (position == entries_.size()) {
        entries_.push_back({p_key, Variant()});
        note_last();
    }
    return entries_[position].value;
}

// Finds all positions anew.
inline void Dictionary::note_all() {
    order_.clear();
    if (entries_.size() > FEW) {
        for (size_t i = 0; i < entries_.size(); i++) {
            if (!entries_[i].key.is_nested()) {
                order_.push_back(static_cast<uint32_t>(i));
            }
        }
        std::sort(order_.begin(), order_.end(), is_before());
    }
    settled_ = order_.size();
}

inline void Dictionary::note_last() {
    const size_t last = entries_.size() - 1;
    if (last == FEW) {
        note_all();
    }
    if (last <= FEW || entries_[last].key.is_nested()) {
        return;
    }
    const auto place = detail::lower_bound(settled_end(), order_.cend(), entries_,
                                           entries_[last].key, Variant::compare);
    order_.insert(place, static_cast<uint32_t>(last));
    if (order_.size() - settled_ > 1024 + settled_ / 64) {
        settle();
    }
}

inline void Dictionary::settle() {
    std::vector<uint32_t> merged;
    merged.reserve(order_.size());
    std::merge(order_.cbegin(), settled_end(), settled_end(), order_.cend(),
               std::back_inserter(merged), is_before());
    order_ = std::move(merged);
    settled_ = order_.size();
}

inline bool Dictionary::erase(const Variant &p_key) {
    const size_t position = find_position(p_key);
    if (position == entries_.size()) {
        return false;
    }
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(position));
    note_all();
    return true;
}

inline void Dictionary::clear() {
    entries_.clear();
    note_all();
}

// Puts what was read. Of a plain key that comes twice the last value counts, as in Godot; of nested keys
// all stay, so that none is compared. What is more than a few is looked at in finish_reading().
inline void Dictionary::put_read(Variant p_key, Variant p_value) {
    if (entries_.size() < FEW && !p_key.is_nested()) {
        const size_t position = find_position(p_key);
        if (position < entries_.size()) {
            entries_[position].value = std::move(p_value);
            return;
        }
    }
    entries_.push_back({std::move(p_key), std::move(p_value)});
}

inline void Dictionary::finish_reading() {
    note_all();
    std::vector<bool> is_double(order_.empty() ? 0 : entries_.size());
    bool has_doubles = false;
    for (size_t i = 0, first = 0; i < order_.size(); i++) {
        Entry &entry = entries_[order_[i]];
        Entry &before = entries_[order_[first]];
        if (i > 0 && Variant::compare(before.key, entry.key) == 0) {
            before.value = std::move(entry.value);
            has_doubles = is_double[order_[i]] = true;
        } else {
            first = i;
        }
    }
    if (!has_doubles) {
        return;
    }
    std::vector<Entry> kept;
    for (size_t i = 0; i < entries_.size(); i++) {
        if (!is_double[i]) {
            kept.push_back(std::move(entries_[i]));
        }
    }
    entries_ = std::move(kept);
    note_all();
}

// ---- As a text

inline const char *Variant::get_type_name(Type p_type) {
    static constexpr const char *names[] = {"Nil",
                                            "bool",
                                            "int",
                                            "float",
                                            "String",
                                            "Vector2",
                                            "Vector2i",
                                            "Rect2",
                                            "Rect2i",
                                            "Vector3",
                                            "Vector3i",
                                            "Transform2D",
                                            "Vector4",
                                            "Vector4i",
                                            "Plane",
                                            "Quaternion",
                                            "AABB",
                                            "Basis",
                                            "Transform3D",
                                            "Projection",
                                            "Color",
                                            "StringName",
                                            "NodePath",
                                            "RID",
                                            "Object",
                                            "Callable",
                                            "Signal",
                                            "Dictionary",
                                            "Array",
                                            "PackedByteArray",
                                            "PackedInt32Array",
                                            "PackedInt64Array",
                                            "PackedFloat32Array",
                                            "PackedFloat64Array",
                                            "PackedStringArray",
                                            "PackedVector2Array",
                                            "PackedVector3Array",
                                            "PackedColorArray",
                                            "PackedVector4Array"};
    static_assert(std::size(names) == VARIANT_MAX, "a name for each type");
    return p_type >= 0 && p_type < VARIANT_MAX ? names[p_type] : "";
}

namespace detail {

inline std::string quoted(std::string_view p_text) {
    std::string text = "\"";
    for (const char character : p_text) {
        if (character == '"' || character == '\\') {
            text += '\\';
        }
        text += character;
    }
    return text += '"';
}

// The decimal digits of a real, and the power of ten of the first.
struct Digits {
    std::string digits;
    int exponent = 0;
};

// The fewest that read back as the same. A float is given by fewer, for it stands for all that round to it.
inline Digits shortest_digits(double p_real, bool p_is_double) {
    char text[40];
    const int most = p_is_double ? 17 : 9;
    const double least_normal = p_is_double ? DBL_MIN : static_cast<double>(FLT_MIN);
    const int sure = p_real < least_normal ? 1 : p_is_double ? DBL_DIG : FLT_DIG;
    for (int count = sure; count <= most; count++) {
        std::snprintf(text, sizeof text, "%.*e", count - 1, p_real);
        const double back = p_is_double ? std::strtod(text, nullptr)
                                        : static_cast<double>(std::strtof(text, nullptr));
        if (back == p_real) {
            break;
        }
    }
    Digits found;
    const char *at = text;
    for (; *at != 'e'; at++) { // what is between the digits is the locale's
        if (*at >= '0' && *at <= '9') {
            found.digits += *at;
        }
    }
    found.exponent = std::atoi(at + 1);
    found.digits.erase(found.digits.find_last_not_of('0') + 1);
    return found;
}

// As Godot writes a float: with a point or an exponent; inf_neg, inf, nan.
inline std::string real_text(double p_real, bool p_is_double) {
    if (p_real != p_real) {
        return "nan";
    }
    if (p_real == 0) {
        return "0.0";
    }
    if (p_real - p_real != 0) {
        return p_real < 0 ? "inf_neg" : "inf";
    }
    auto [text, exponent] = shortest_digits(p_real < 0 ? -p_real : p_real, p_is_double);
    const size_t places = static_cast<size_t>(exponent < 0 ? -exponent : exponent);
    if (exponent < -4 || exponent >= 16) {
        text.insert(1, text.size() > 1 ? "." : "");
        text += (exponent < 0 ? "e-" : "e+") + std::string(places < 10 ? "0" : "");
        text += std::to_string(places);
    } else if (exponent < 0) {
        text = "0." + std::string(places - 1, '0') + text;
    } else {
        text.resize(std::max(text.size(), places + 2), '0');
        text.insert(places + 1, ".");
    }
    return (p_real < 0 ? "-" : "") + text;
}

// As Godot writes a component: 1 for 1.0.
inline std::string short_real_text(double p_real, bool p_is_double) {
    std::string text = real_text(p_real, p_is_double);
    const bool is_whole = text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0;
    text.resize(is_whole ? text.size() - 2 : text.size());
    return text;
}

// Makes the text of a value; what is open waits in a list.
class Teller {
  public:
    std::string tell(const Variant &p_value) {
        add(p_value);
        while (!levels_.empty()) {
            Level &level = levels_.back();
            const Variant &container = *level.container;
            if (level.next == container.child_count()) {
                text_ += close(container);
                levels_.pop_back();
            } else {
                const size_t index = level.next++;
                text_ += separator(container, index);
                add(container.child(index));
            }
        }
        return std::move(text_);
    }

  private:
    struct Level {
        const Variant *container;
        size_t next;
    };

    void add(const Variant &p_value) {
        if (p_value.is_nested()) {
            text_ += open(p_value);
            levels_.push_back({&p_value, 0});
        } else {
            text_ += Variant::visit(
                p_value, [&p_value](const auto &p_plain) { return plain_text(p_value, p_plain); });
        }
    }

    static bool is_typed(const Variant &p_container) {
        const ElementType any;
        if (const Array *array = p_container.get_if<Array>()) {
            return array->element_type != any;
        }
        const Dictionary *dictionary = p_container.get_if<Dictionary>();
        return dictionary != nullptr &&
               (dictionary->key_type != any || dictionary->value_type != any);
    }

    static std::string open(const Variant &p_container) {
        if (const Object *object = p_container.get_if<Object>()) {
            return object->class_name.empty() ? "EncodedObjectAsID(" + std::to_string(object->id)
                                              : "Object(" + object->class_name;
        }
        const Array *array = p_container.get_if<Array>();
        const char *bracket = array != nullptr ? "[" : "{";
        if (!is_typed(p_container)) {
            return bracket;
        }
        if (array != nullptr) {
            return "Array[" + array->element_type.to_string() + "](" + bracket;
        }
        const Dictionary &dictionary = *p_container.get_if<Dictionary>();
        return "Dictionary[" + dictionary.key_type.to_string() + ", " +
               dictionary.value_type.to_string() + "](" + bracket;
    }

    static std::string separator(const Variant &p_container, size_t p_index) {
        if (const Object *object = p_container.get_if<Object>()) {
            return "," + quoted(object->properties[p_index].name) + ":";
        }
        if (p_container.get_type() == Variant::ARRAY) {
            return p_index > 0 ? ", " : "";
        }
        return p_index % 2 == 1 ? ": " : p_index > 0 ? ",\n" : "\n";
    }

    static std::string close(const Variant &p_container) {
        if (p_container.get_type() == Variant::OBJECT) {
            return ")";
        }
        const bool is_array = p_container.get_type() == Variant::ARRAY;
        const std::string bracket = is_array ? "]" : p_container.child_count() == 0 ? "}" : "\n}";
        return bracket + (is_typed(p_container) ? ")" : "");
    }

    template <class T> static std::string plain_text(const Variant &p_value, const T &p_plain) {
        if constexpr (std::is_same_v<T, Tag<void>>) {
            return "null";
        } else if constexpr (std::is_same_v<T, bool>) {
            return p_plain ? "true" : "false";
        } else if constexpr (std::is_same_v<T, int64_t>) {
            return std::to_string(p_plain);
        } else if constexpr (std::is_same_v<T, double>) {
            return real_text(p_plain, true);
        } else if constexpr (std::is_same_v<T, std::string>) {
            return quoted(p_plain);
        } else if constexpr (std::is_same_v<T, StringName>) {
            return "&" + quoted(p_plain.text);
        } else if constexpr (std::is_same_v<T, NodePath>) {
            return "^" + quoted(p_plain.to_string());
        } else {
            return Variant::get_type_name(p_value.get_type()) + ("(" + arguments(p_plain) + ")");
        }
    }

    // What stands in the parentheses behind the type's name.
    template <class T> static std::string arguments(const T &p_plain) {
        if (const auto reals = reals_of(p_plain)) {
            const auto text_at = [&reals](size_t p_index) {
                return short_real_text((*reals)[p_index], reals->is_double);
            };
            return list(reals->count, text_at);
        }
        if constexpr (std::is_same_v<T, RID>) {
            return p_plain.id == 0 ? "" : std::to_string(p_plain.id);
        } else if constexpr (std::is_same_v<T, Signal>) {
            return p_plain.name;
        } else if constexpr (std::is_same_v<T, PackedStringArray>) {
            return list(p_plain.size(), [&](size_t p_index) { return quoted(p_plain[p_index]); });
        } else if constexpr (std::is_integral_v<Element<T>>) {
            return list(p_plain.size(),
                        [&](size_t p_index) { return std::to_string(p_plain[p_index]); });
        } else if constexpr (std::is_same_v<ComponentOf<T>, int32_t>) {
            const auto integers = components_of(p_plain);
            return list(integers.size(),
                        [&](size_t p_index) { return std::to_string(integers[p_index]); });
        } else {
            return "";
        }
    }

    template <class Function> static std::string list(size_t p_count, Function &&p_text_at) {
        std::string text;
        for (size_t i = 0; i < p_count; i++) {
            text += (i > 0 ? ", " : "") + p_text_at(i);
        }
        return text;
    }

    std::string text_;
    std::vector<Level> levels_;
};

} // namespace detail

inline std::string Variant::to_string() const {
    return detail::Teller().tell(*this);
}

inline std::string ElementType::to_string() const {
    switch (kind) {
    case ANY:
        return "Variant";
    case BUILTIN:
        return Variant::get_type_name(type);
    case CLASS:
        return name;
    case SCRIPT:
        return "Resource(" + detail::quoted(name) + ")";
    }
    return "";
}

// ---- Numbers on the wire, which are little-endian

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

// Makes a value of the items that the C library reads; what is open waits in a list.
class Decoder {
  public:
    explicit Decoder(size_t p_bytes) : budget_(p_bytes / sizeof(uint32_t)) {}

    // Takes an item; true when the value is whole.
    bool take(const sps_variant_item &p_item) {
        switch (p_item.step) {
        case SPS_VARIANT_BEGIN:
            begin(p_item);
            return false;
        case SPS_VARIANT_END:
            return end();
        default:
            return add(read(p_item));
        }
    }

    Variant value() { return std::move(value_); }

  private:
    struct Level {
        Variant container;
        Variant key; // of the value that comes next
        bool has_key;
    };

    void begin(const sps_variant_item &p_item) {
        levels_.push_back({make_container(p_item), Variant(), false});
    }

    bool end() {
        Variant whole = std::move(levels_.back().container);
        levels_.pop_back();
        if (Dictionary *dictionary = whole.get_if<Dictionary>()) {
            dictionary->finish_reading();
        }
        return add(std::move(whole));
    }

    bool add(Variant p_value) {
        if (levels_.empty()) {
            value_ = std::move(p_value);
            return true;
        }
        Level &level = levels_.back();
        if (Array *array = level.container.get_if<Array>()) {
            array->elements.push_back(std::move(p_value));
        } else if (!level.has_key) {
            level.key = std::move(p_value);
            level.has_key = true;
        } else {
            add_pair(level.container, std::move(level.key), std::move(p_value));
            level.has_key = false;
        }
        return false;
    }

    static void add_pair(Variant &r_container, Variant p_key, Variant p_value) {
        if (Dictionary *dictionary = r_container.get_if<Dictionary>()) {
            dictionary->put_read(std::move(p_key), std::move(p_value));
        } else if (Object *object = r_container.get_if<Object>()) {
            object->properties.push_back(
                {std::move(*p_key.get_if<std::string>()), std::move(p_value)});
        }
    }

    // How many elements to make room for: as claimed, but altogether no more than the bytes can hold.
    size_t take_room(size_t p_count, size_t p_values_each) {
        const size_t count = std::min(p_count, budget_ / p_values_each);
        budget_ -= count * p_values_each;
        return count;
    }

    Variant make_container(const sps_variant_item &p_item) {
        if (p_item.type == SPS_VARIANT_ARRAY) {
            Array array({}, element_type(p_item.value));
            array.elements.reserve(take_room(p_item.count, 1));
            return array;
        }
        if (p_item.type == SPS_VARIANT_DICTIONARY) {
            Dictionary dictionary(element_type(p_item.key), element_type(p_item.value));
            dictionary.entries_.reserve(take_room(p_item.count, 2));
            return dictionary;
        }
        Object object(text(p_item), {});
        object.properties.reserve(take_room(p_item.count, 2));
        return object;
    }

    static ElementType element_type(const sps_variant_element &p_element) {
        ElementType type;
        type.kind = static_cast<ElementType::Kind>(p_element.kind);
        type.type = static_cast<Variant::Type>(p_element.type);
        type.name.assign(p_element.name != nullptr ? p_element.name : "", p_element.name_bytes);
        return type;
    }

    static std::string text(const sps_variant_item &p_item) {
        return std::string(p_item.data, p_item.data + p_item.data_bytes);
    }

    static std::vector<std::string> texts(const sps_variant_item &p_item) {
        std::vector<std::string> texts;
        texts.reserve(p_item.count);
        size_t position = 0, bytes = 0;
        const char *text = nullptr;
        while (sps_variant_next_string(&p_item, &position, &text, &bytes) == SPS_OK) {
            texts.emplace_back(text, bytes);
        }
        return texts;
    }

    static NodePath path(const sps_variant_item &p_item) {
        NodePath path;
        path.is_absolute = (p_item.flags & SPS_VARIANT_ABSOLUTE) != 0;
        path.names = texts(p_item);
        const auto first = path.names.begin() + static_cast<std::ptrdiff_t>(p_item.count);
        path.subnames.assign(std::make_move_iterator(first),
                             std::make_move_iterator(path.names.end()));
        path.names.resize(p_item.count);
        return path;
    }

    static Variant read(const sps_variant_item &p_item) {
        const bool is_of_reals = WideReals::count_of(p_item.type) > 0;
        if (is_of_reals && (p_item.flags & SPS_VARIANT_WIDE) != 0) {
            std::vector<double> reals(p_item.data_bytes / sizeof(double));
            copy_numbers(reals.data(), p_item.data, p_item.data_bytes, sizeof(double));
            return *WideReals::make(p_item.type, std::move(reals));
        }
        return with_type(p_item.type, [&p_item](auto p_tag) -> Variant {
            return read_as<typename decltype(p_tag)::Type>(p_item);
        });
    }

    template <class T> static Variant read_as(const sps_variant_item &p_item) {
        if constexpr (std::is_same_v<T, bool>) {
            return p_item.integer != 0;
        } else if constexpr (std::is_same_v<T, int64_t>) {
            return p_item.integer;
        } else if constexpr (std::is_same_v<T, double>) {
            return p_item.real;
        } else if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, StringName>) {
            return T(text(p_item));
        } else if constexpr (std::is_same_v<T, NodePath>) {
            return path(p_item);
        } else if constexpr (std::is_same_v<T, RID> || std::is_same_v<T, Object>) {
            return T(static_cast<uint64_t>(p_item.integer));
        } else if constexpr (std::is_same_v<T, Signal>) {
            return Signal(text(p_item), static_cast<uint64_t>(p_item.integer));
        } else if constexpr (std::is_same_v<T, PackedStringArray>) {
            return texts(p_item);
        } else if constexpr (!std::is_void_v<Element<T>>) {
            return read_packed<Element<T>>(p_item);
        } else if constexpr (has_components<T>) {
            T value;
            copy_numbers(&value, p_item.data, sizeof value, sizeof(ComponentOf<T>));
            return value;
        } else if constexpr (std::is_same_v<T, Callable>) {
            return Callable();
        } else {
            return Variant();
        }
    }

    template <class T> static std::vector<T> read_packed(const sps_variant_item &p_item) {
        std::vector<T> values(p_item.count);
        copy_numbers(values.data(), p_item.data, p_item.data_bytes, number_bytes<T>());
        return values;
    }

    Variant value_;
    std::vector<Level> levels_;
    // How many values more the bytes could hold at the most.
    size_t budget_;
};

// A depth that the C library takes as it is: its 0 is the default, and ours is none.
inline uint32_t to_depth(int p_max_depth) {
    return p_max_depth > 0 ? static_cast<uint32_t>(p_max_depth) : UINT32_MAX;
}

} // namespace detail

inline Variant::Decoded Variant::decode(const uint8_t *p_data, size_t p_bytes,
                                        const DecodeOptions &p_options) {
    sps_variant_reader_options options = {};
    options.struct_size = sizeof options;
    options.max_depth = detail::to_depth(p_options.max_depth);
    options.allow_objects = p_options.allow_objects;
    sps_variant_reader reader;
    sps_error error = sps_variant_reader_init(&reader, p_data, p_bytes, &options);
    Decoded decoded;
    if (error != SPS_OK) {
        decoded.error = static_cast<Error>(error);
        return decoded;
    }
    sps_variant_item item = {};
    item.struct_size = sizeof item;
    detail::Decoder decoder(p_bytes);
    bool is_whole = false;
    while (!is_whole && (error = sps_variant_reader_next(&reader, &item)) == SPS_OK) {
        is_whole = decoder.take(item);
    }
    decoded.value = decoder.value();
    decoded.error = static_cast<Error>(error);
    decoded.fault = static_cast<Fault>(sps_variant_reader_fault(&reader));
    decoded.offset = sps_variant_reader_offset(&reader);
    return decoded;
}

// ---- Writing

namespace detail {

// Hands a value to the C library item by item; what is open waits in a list.
class Encoder {
  public:
    explicit Encoder(const EncodeOptions &p_options) : options_(p_options) {
        sps_variant_writer_options options = {};
        options.struct_size = sizeof options;
        options.max_depth = to_depth(p_options.max_depth);
        options.max_bytes = UINT32_MAX;
        error_ = sps_variant_writer_init(&writer_, &options);
        is_begun_ = error_ == SPS_OK;
    }

    ~Encoder() {
        if (is_begun_) {
            sps_variant_writer_destroy(&writer_);
        }
    }

    Encoder(const Encoder &) = delete;
    Encoder &operator=(const Encoder &) = delete;

    // The bytes are valid while this object is.
    sps_error encode(const Variant &p_value, const uint8_t **r_data, size_t *r_bytes) {
        add(p_value);
        while (error_ == SPS_OK && !levels_.empty()) {
            Level &level = levels_.back();
            if (level.next == level.container->child_count()) {
                levels_.pop_back();
            } else {
                add_child(*level.container, level.next++);
            }
        }
        return error_ == SPS_OK ? sps_variant_writer_get_data(&writer_, r_data, r_bytes) : error_;
    }

  private:
    struct Level {
        const Variant *container;
        size_t next;
    };

    void add_child(const Variant &p_container, size_t p_index) {
        if (const Object *object = p_container.get_if<Object>()) {
            const std::string &name = object->properties[p_index].name;
            error_ = sps_variant_write_string(&writer_, name.data(), name.size());
        }
        if (error_ == SPS_OK) {
            add(p_container.child(p_index));
        }
    }

    void add(const Variant &p_value) {
        if (error_ == SPS_OK) {
            error_ = Variant::visit(p_value, [this, &p_value](const auto &p_held) {
                return write(p_value.get_type(), p_held);
            });
        }
        if (error_ == SPS_OK && p_value.is_nested()) {
            levels_.push_back({&p_value, 0});
        }
    }

    static sps_variant_item make_item(sps_variant_type p_type, size_t p_count = 0) {
        sps_variant_item item = {};
        item.struct_size = sizeof item;
        item.type = p_type;
        item.count = static_cast<uint32_t>(p_count);
        return item;
    }

    sps_error write_item(sps_variant_item &p_item, const void *p_data, size_t p_bytes) {
        p_item.data = static_cast<const uint8_t *>(p_data);
        p_item.data_bytes = p_bytes;
        return sps_variant_write(&writer_, &p_item);
    }

    // Numbers in the machine's order.
    sps_error write_numbers(sps_variant_item &p_item, const void *p_data, size_t p_bytes,
                            size_t p_each) {
        if (is_little_endian()) {
            return write_item(p_item, p_data, p_bytes);
        }
        std::vector<uint8_t> bytes(p_bytes);
        copy_numbers(bytes.data(), p_data, p_bytes, p_each);
        return write_item(p_item, bytes.data(), p_bytes);
    }

    sps_error write_wide(sps_variant_type p_type, const std::vector<double> &p_reals) {
        const bool is_packed = p_type >= SPS_VARIANT_PACKED_BYTE_ARRAY;
        sps_variant_item item =
            make_item(p_type, is_packed ? p_reals.size() / WideReals::count_of(p_type) : 0);
        item.flags = SPS_VARIANT_WIDE;
        return write_numbers(item, p_reals.data(), p_reals.size() * sizeof(double), sizeof(double));
    }

    template <class T> sps_error write(sps_variant_type p_type, const T &p_held) {
        if constexpr (IsRounded<T>::value) {
            if (options_.wide_reals) {
                return write_wide(p_type, *Variant(p_held).get_reals());
            }
        }
        if constexpr (std::is_same_v<T, WideReals>) {
            return write_wide(p_type, p_held.get_components());
        } else if constexpr (has_components<T>) {
            sps_variant_item item = make_item(p_type);
            return write_numbers(item, &p_held, sizeof p_held, sizeof(ComponentOf<T>));
        } else if constexpr (std::is_same_v<T, PackedStringArray>) {
            return write_texts(p_held);
        } else if constexpr (!std::is_void_v<Element<T>>) {
            return write_packed(p_type, p_held);
        } else {
            return write_one(p_held);
        }
    }

    template <class T>
    sps_error write_packed(sps_variant_type p_type, const std::vector<T> &p_list) {
        if (p_list.size() > UINT32_MAX) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        sps_variant_item item = make_item(p_type, p_list.size());
        return write_numbers(item, p_list.data(), p_list.size() * sizeof(T), number_bytes<T>());
    }

    sps_error write_texts(const PackedStringArray &p_texts) {
        if (p_texts.size() > UINT32_MAX) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        std::vector<const char *> texts;
        std::vector<size_t> bytes;
        for (const std::string &text : p_texts) {
            texts.push_back(text.data());
            bytes.push_back(text.size());
        }
        return sps_variant_write_packed_strings(&writer_, texts.data(), bytes.data(),
                                                static_cast<uint32_t>(texts.size()));
    }

    sps_error write_one(Tag<void>) { return sps_variant_write_nil(&writer_); }
    sps_error write_one(bool p_value) { return sps_variant_write_bool(&writer_, p_value); }
    sps_error write_one(int64_t p_value) { return sps_variant_write_int(&writer_, p_value); }
    sps_error write_one(double p_value) { return sps_variant_write_float(&writer_, p_value); }
    sps_error write_one(RID p_rid) { return sps_variant_write_rid(&writer_, p_rid.id); }
    sps_error write_one(Callable) { return sps_variant_write_callable(&writer_); }

    sps_error write_one(const std::string &p_text) {
        return sps_variant_write_string(&writer_, p_text.data(), p_text.size());
    }

    sps_error write_one(const StringName &p_name) {
        return sps_variant_write_string_name(&writer_, p_name.text.data(), p_name.text.size());
    }

    sps_error write_one(const Signal &p_signal) {
        return sps_variant_write_signal(&writer_, p_signal.name.data(), p_signal.name.size(),
                                        p_signal.object_id);
    }

    // Names as they are on the wire; the C library would take a text apart at its colons and slashes.
    sps_error write_one(const NodePath &p_path) {
        std::vector<uint8_t> data;
        for (const auto *names : {&p_path.names, &p_path.subnames}) {
            for (const std::string &name : *names) {
                const uint32_t bytes = static_cast<uint32_t>(name.size());
                data.resize(data.size() + sizeof bytes);
                copy_numbers(&data[data.size() - sizeof bytes], &bytes, sizeof bytes, sizeof bytes);
                data.insert(data.end(), name.begin(), name.end());
                data.resize((data.size() + 3) / 4 * 4);
            }
        }
        sps_variant_item item = make_item(SPS_VARIANT_NODE_PATH, p_path.names.size());
        item.subname_count = static_cast<uint32_t>(p_path.subnames.size());
        item.flags = p_path.is_absolute ? SPS_VARIANT_ABSOLUTE : 0;
        return write_item(item, data.data(), data.size());
    }

    static sps_variant_element element_of(const ElementType &p_type) {
        sps_variant_element element = {};
        element.kind = p_type.kind;
        element.type = p_type.kind == ElementType::BUILTIN ? p_type.type : 0;
        const bool is_named =
            p_type.kind == ElementType::CLASS || p_type.kind == ElementType::SCRIPT;
        element.name = is_named ? p_type.name.data() : nullptr;
        element.name_bytes = is_named ? p_type.name.size() : 0;
        return element;
    }

    sps_error begin(sps_variant_item &p_item, size_t p_count, std::string_view p_class = {}) {
        if (p_count > UINT32_MAX) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        p_item.step = SPS_VARIANT_BEGIN;
        p_item.count = static_cast<uint32_t>(p_count);
        return write_item(p_item, p_class.data(), p_class.size());
    }

    sps_error write_one(const Array &p_array) {
        sps_variant_item item = make_item(SPS_VARIANT_ARRAY);
        item.value = element_of(p_array.element_type);
        return begin(item, p_array.size());
    }

    sps_error write_one(const Dictionary &p_dictionary) {
        sps_variant_item item = make_item(SPS_VARIANT_DICTIONARY);
        item.key = element_of(p_dictionary.key_type);
        item.value = element_of(p_dictionary.value_type);
        return begin(item, p_dictionary.size());
    }

    sps_error write_one(const Object &p_object) {
        if (p_object.class_name.empty() && p_object.properties.empty()) {
            return sps_variant_write_object_id(&writer_, p_object.id);
        }
        if (p_object.class_name.empty()) {
            return SPS_ERR_INVALID_PARAMETER;
        }
        if (!options_.full_objects) {
            return SPS_ERR_UNAUTHORIZED;
        }
        sps_variant_item item = make_item(SPS_VARIANT_OBJECT);
        return begin(item, p_object.properties.size(), p_object.class_name);
    }

    const EncodeOptions options_;
    sps_variant_writer writer_;
    bool is_begun_ = false;
    sps_error error_ = SPS_OK;
    std::vector<Level> levels_;
};

} // namespace detail

inline Error Variant::encode(std::vector<uint8_t> &r_bytes, const EncodeOptions &p_options) const {
    detail::Encoder encoder(p_options);
    const uint8_t *data = nullptr;
    size_t bytes = 0;
    const sps_error error = encoder.encode(*this, &data, &bytes);
    if (error == SPS_OK) {
        r_bytes.insert(r_bytes.end(), data, data + bytes);
    }
    return static_cast<Error>(error);
}

} // namespace sps

#endif
