/* SPDX-License-Identifier: MIT */
/**
 * @file variant_box.hpp
 * Creates, copies and destroys the contents of an sps::Variant. Nothing recurses: a list holds the
 * work that is left. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_BOX_HPP
#define STREAMPEERSOCKET_VARIANT_BOX_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <list>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "variant_containers.hpp"
#include "variant_numbers.hpp"
#include "variant_row.hpp"

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
    } else if constexpr (!std::is_same_v<T, WideReals>) {
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

inline detail::Numbers Variant::numbers() const {
    if (is_wide_) {
        return detail::numbers_in(at<WideReals>()->get_components(), true);
    }
    switch (type_) {
    case PACKED_BYTE_ARRAY:
        return detail::numbers_in(*at<PackedByteArray>(), false);
    case PACKED_INT32_ARRAY:
        return detail::numbers_in(*at<PackedInt32Array>(), false);
    case PACKED_INT64_ARRAY:
        return detail::numbers_in(*at<PackedInt64Array>(), false);
    case PACKED_FLOAT32_ARRAY:
        return detail::numbers_in(*at<PackedFloat32Array>(), true);
    case PACKED_FLOAT64_ARRAY:
        return detail::numbers_in(*at<PackedFloat64Array>(), true);
    case PACKED_VECTOR2_ARRAY:
        return detail::numbers_in(*at<PackedVector2Array>(), true);
    case PACKED_VECTOR3_ARRAY:
        return detail::numbers_in(*at<PackedVector3Array>(), true);
    case PACKED_COLOR_ARRAY:
        return detail::numbers_in(*at<PackedColorArray>(), true);
    case PACKED_VECTOR4_ARRAY:
        return detail::numbers_in(*at<PackedVector4Array>(), true);
    default:
        break;
    }
    const size_t count = detail::count_numbers(type_);
    if (count == 0) {
        return {};
    }
    const bool is_real =
        type_ != VECTOR2I && type_ != RECT2I && type_ != VECTOR3I && type_ != VECTOR4I;
    return {is_boxed() ? storage_.box : storage_.bytes, count, sizeof(float), is_real};
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
    static_assert(detail::is_inline<Value>() ==
                      (std::is_trivially_copyable_v<Value> && sizeof(Value) <= sizeof(storage_)),
                  "BOXED_TYPES has a bit for each type that does not fit");
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

// Copies a container without its children. Null takes their place.
inline void Variant::copy_nested(const Variant &p_other) {
    if (p_other.type_ == ARRAY) {
        const Array &original = *p_other.at<Array>();
        Array array({}, original.element_type);
        array.elements.resize(original.size());
        *this = std::move(array);
    } else if (p_other.type_ == DICTIONARY) {
        const Dictionary &original = *p_other.at<Dictionary>();
        Dictionary dictionary(original.key_type, original.value_type);
        for (size_t i = 0; i < original.size(); i++) {
            dictionary.entries_.push_back({});
        }
        dictionary.index_.assign_copy(original.index_, original.entries_, dictionary.entries_);
        *this = std::move(dictionary);
    } else {
        const Object &original = *p_other.at<Object>();
        Object object(original.class_name, {});
        object.id = original.id;
        for (const Object::Property &property : original.properties) {
            object.properties.push_back({property.name, Variant()});
        }
        *this = std::move(object);
    }
}

// Copies a value that is not nested.
inline void Variant::copy_shallow(const Variant &p_other) {
    if (!p_other.has_box()) {
        return copy_bits(p_other);
    }
    if (p_other.is_wide_) {
        return copy_box<WideReals>(p_other);
    }
    switch (p_other.type_) {
    case STRING:
        return copy_box<std::string>(p_other);
    case TRANSFORM2D:
        return copy_box<Transform2D>(p_other);
    case AABB:
        return copy_box<sps::AABB>(p_other);
    case BASIS:
        return copy_box<Basis>(p_other);
    case TRANSFORM3D:
        return copy_box<Transform3D>(p_other);
    case PROJECTION:
        return copy_box<Projection>(p_other);
    case STRING_NAME:
        return copy_box<StringName>(p_other);
    case NODE_PATH:
        return copy_box<NodePath>(p_other);
    case SIGNAL:
        return copy_box<Signal>(p_other);
    case PACKED_BYTE_ARRAY:
        return copy_box<PackedByteArray>(p_other);
    case PACKED_INT32_ARRAY:
        return copy_box<PackedInt32Array>(p_other);
    case PACKED_INT64_ARRAY:
        return copy_box<PackedInt64Array>(p_other);
    case PACKED_FLOAT32_ARRAY:
        return copy_box<PackedFloat32Array>(p_other);
    case PACKED_FLOAT64_ARRAY:
        return copy_box<PackedFloat64Array>(p_other);
    case PACKED_STRING_ARRAY:
        return copy_box<PackedStringArray>(p_other);
    case PACKED_VECTOR2_ARRAY:
        return copy_box<PackedVector2Array>(p_other);
    case PACKED_VECTOR3_ARRAY:
        return copy_box<PackedVector3Array>(p_other);
    case PACKED_COLOR_ARRAY:
        return copy_box<PackedColorArray>(p_other);
    case PACKED_VECTOR4_ARRAY:
        return copy_box<PackedVector4Array>(p_other);
    default:
        return;
    }
}

inline void Variant::copy_from(const Variant &p_other) {
    if (!p_other.is_nested()) {
        copy_shallow(p_other);
        return;
    }
    struct Copy {
        const Variant *from;
        Variant *to;
    };
    detail::Row<Copy> pending;
    pending.push({&p_other, this});
    while (!pending.is_empty()) {
        const auto [from, to] = pending.back();
        pending.pop();
        to->copy_nested(*from);
        detail::Children children(*from), copies(*to);
        while (!children.is_at_end()) {
            const Variant &child = children.next();
            Variant &copy = const_cast<Variant &>(copies.next());
            if (child.is_nested()) {
                pending.push({&child, &copy});
            } else {
                copy = child;
            }
        }
    }
}

// Destroys a boxed value. Its children must be plain.
inline void Variant::end_shallow() noexcept {
    if (is_wide_) {
        delete box<WideReals>();
        type_ = NIL;
    }
    switch (type_) {
    case STRING:
        delete box<std::string>();
        break;
    case TRANSFORM2D:
        delete box<Transform2D>();
        break;
    case AABB:
        delete box<sps::AABB>();
        break;
    case BASIS:
        delete box<Basis>();
        break;
    case TRANSFORM3D:
        delete box<Transform3D>();
        break;
    case PROJECTION:
        delete box<Projection>();
        break;
    case STRING_NAME:
        delete box<StringName>();
        break;
    case NODE_PATH:
        delete box<NodePath>();
        break;
    case OBJECT:
        delete box<Object>();
        break;
    case SIGNAL:
        delete box<Signal>();
        break;
    case DICTIONARY:
        delete box<Dictionary>();
        break;
    case ARRAY:
        delete box<Array>();
        break;
    case PACKED_BYTE_ARRAY:
        delete box<PackedByteArray>();
        break;
    case PACKED_INT32_ARRAY:
        delete box<PackedInt32Array>();
        break;
    case PACKED_INT64_ARRAY:
        delete box<PackedInt64Array>();
        break;
    case PACKED_FLOAT32_ARRAY:
        delete box<PackedFloat32Array>();
        break;
    case PACKED_FLOAT64_ARRAY:
        delete box<PackedFloat64Array>();
        break;
    case PACKED_STRING_ARRAY:
        delete box<PackedStringArray>();
        break;
    case PACKED_VECTOR2_ARRAY:
        delete box<PackedVector2Array>();
        break;
    case PACKED_VECTOR3_ARRAY:
        delete box<PackedVector3Array>();
        break;
    case PACKED_COLOR_ARRAY:
        delete box<PackedColorArray>();
        break;
    case PACKED_VECTOR4_ARRAY:
        delete box<PackedVector4Array>();
        break;
    default:
        break;
    }
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

} // namespace sps

#endif

#include "end.inc"

#endif
