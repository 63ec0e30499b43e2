/* SPDX-License-Identifier: MIT */
/**
 * @file variant_access.hpp
 * Contents of an sps::Variant: create, copy, destroy and inspect. Nothing recurses: a list holds
 * the work that is left. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_ACCESS_HPP
#define STREAMPEERSOCKET_VARIANT_ACCESS_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <list>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "variant_containers.hpp"

namespace sps {

// ---- Where a value is

namespace detail {

// The value of a type without memory of its own.
template <class T> const T &blank() {
    static const T value{};
    return value;
}

inline bool is_blank(const std::string &p_text) {
    return p_text.empty();
}

template <class T> bool is_blank(const std::vector<T> &p_values) {
    return p_values.data() == nullptr; // an empty vector with capacity is not blank
}

inline bool is_blank(const StringName &p_name) {
    return p_name.text.empty();
}

inline bool is_blank(const NodePath &p_path) {
    return p_path.names.empty() && p_path.subnames.empty() && !p_path.is_absolute;
}

inline bool is_blank(const Signal &p_signal) {
    return p_signal.name.empty() && p_signal.object_id == 0;
}

inline bool is_blank(const Array &p_array) {
    return is_blank(p_array.elements) && p_array.element_type == ElementType();
}

inline bool is_blank(const Dictionary &p_dictionary) {
    return p_dictionary.is_empty() && p_dictionary.key_type == ElementType() &&
           p_dictionary.value_type == ElementType();
}

inline bool is_blank(const Object &p_object) {
    return p_object.id == 0 && p_object.class_name.empty() && p_object.properties.empty();
}

// Such as a Basis, or a WideReals.
template <class T> bool is_blank(const T &) {
    return false;
}

} // namespace detail

template <class T> detail::Box<T> *Variant::box() const {
    if constexpr (detail::is_nested<T>) {
        return static_cast<detail::Box<T> *>(nest());
    } else {
        return static_cast<detail::Box<T> *>(storage_.box);
    }
}

// The type must be the right one.
template <class T> const T *Variant::at() const {
    if constexpr (detail::is_inline<T>()) {
        return std::launder(reinterpret_cast<const T *>(storage_.bytes));
    } else if constexpr (std::is_default_constructible_v<T>) {
        return storage_.box != nullptr ? &box<T>()->value : &detail::blank<T>();
    } else {
        return &box<T>()->value;
    }
}

template <class T> void Variant::put_in_box(T &&p_value) {
    using Value = detail::Bare<T>;
    auto *made = new detail::Box<Value>(std::forward<T>(p_value));
    if constexpr (detail::is_nested<Value>) {
        storage_.box = static_cast<detail::Nest *>(made);
    } else {
        storage_.box = made;
    }
}

template <class Function> auto Variant::visit(const Variant &p_self, Function &&p_function) {
    if (p_self.is_wide_) {
        return p_function(*p_self.at<WideReals>());
    }
    return detail::with_type(p_self.type_, [&](auto p_tag) {
        using T = typename decltype(p_tag)::Type;
        if constexpr (std::is_void_v<T>) {
            return p_function(p_tag);
        } else {
            return p_function(*p_self.at<T>());
        }
    });
}

inline void Variant::put_blank_in_box() {
    visit(*this, [this](const auto &p_value) {
        using T = detail::Bare<decltype(p_value)>;
        if constexpr (!detail::is_inline<T>() && std::is_default_constructible_v<T>) {
            put_in_box(T());
        }
    });
}

namespace detail {

// Walks over the children of a container: a dictionary's keys and values in turn, an object's
// values.
class Children {
  public:
    explicit Children(const Variant &p_container) : container_(&p_container) {
        if (p_container.type_ == Variant::DICTIONARY) {
            entry_ = p_container.at<Dictionary>()->entries_.begin();
        }
    }

    static size_t count(const Variant &p_container) {
        switch (p_container.type_) {
        case Variant::ARRAY:
            return p_container.at<Array>()->elements.size();
        case Variant::DICTIONARY:
            return 2 * p_container.at<Dictionary>()->entries_.size();
        case Variant::OBJECT:
            return p_container.at<Object>()->properties.size();
        default:
            return 0;
        }
    }

    const Variant &container() const { return *container_; }
    // How many were given.
    size_t index() const { return index_; }
    bool is_at_end() const { return index_ == count(*container_); }

    // There must be one.
    const Variant &next() {
        const size_t index = index_++;
        switch (container_->type_) {
        case Variant::ARRAY:
            return container_->at<Array>()->elements[index];
        case Variant::OBJECT:
            return container_->at<Object>()->properties[index].value;
        default:
            return index % 2 == 0 ? entry_->key : (entry_++)->value;
        }
    }

  private:
    const Variant *container_;
    size_t index_ = 0;
    std::list<KeyValue>::const_iterator entry_;
};

} // namespace detail

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
        storage_.box = nullptr;
        if (!detail::is_blank(p_value)) {
            put_in_box(std::forward<T>(p_value));
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

// Copies a boxed value without its children. Null takes their place.
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
            dictionary.index_.assign_copy(p_value.index_, p_value.entries_, dictionary.entries_);
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
        detail::Children children(*from), copies(*to);
        while (!children.is_at_end()) {
            const Variant &child = children.next();
            Variant &copy = const_cast<Variant &>(copies.next());
            if (child.is_nested()) {
                pending.emplace_back(&child, &copy);
            } else {
                copy = child;
            }
        }
    }
}

// Destroys a boxed value. Its children must be plain.
inline void Variant::end_shallow() noexcept {
    visit(*this, [this](const auto &p_value) {
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
        detail::Nest *nest = p_nested.nest();
        nest->type = p_nested.type_;
        nest->next = pending;
        pending = nest;
        p_nested.type_ = NIL;
    };
    put_off(*this);
    while (pending != nullptr) {
        Variant next;
        next.storage_.box = pending;
        next.type_ = static_cast<uint8_t>(pending->type);
        pending = pending->next;
        detail::Children children(next);
        while (!children.is_at_end()) {
            const Variant &child = children.next();
            if (child.is_nested() && child.has_box()) {
                put_off(const_cast<Variant &>(child));
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
    const T *value = static_cast<const Variant *>(this)->get_if<T>();
    if constexpr (!detail::is_inline<T>() && std::is_default_constructible_v<T>) {
        if (value != nullptr && storage_.box == nullptr) {
            put_blank_in_box();
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

inline std::vector<double> widened(const RealSpan &p_span) {
    std::vector<double> reals(p_span.count);
    for (size_t i = 0; i < reals.size(); i++) {
        reals[i] = p_span[i];
    }
    return reals;
}

} // namespace detail

inline std::optional<std::vector<double>> Variant::get_reals() const {
    const auto span = visit(*this, [](const auto &p_value) { return detail::reals_of(p_value); });
    return span ? std::optional(detail::widened(*span)) : std::nullopt;
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
