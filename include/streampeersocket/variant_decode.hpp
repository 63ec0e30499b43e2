/* SPDX-License-Identifier: MIT */
/**
 * @file variant_decode.hpp
 * Decodes bytes to an sps::Variant. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_DECODE_HPP
#define STREAMPEERSOCKET_VARIANT_DECODE_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "variant_dictionary.hpp"
#include "variant_numbers.hpp"

namespace sps {

namespace detail {

// The memory that a value may still take, in blocks as malloc() allocates them.
class MemoryBudget {
  public:
    explicit MemoryBudget(size_t p_bytes) : left_(p_bytes) {}

    // Takes one block, with the overhead of malloc(). The smallest has 32 bytes.
    bool take(size_t p_bytes) {
        return p_bytes == 0 ||
               (p_bytes <= left_ && take_exactly(p_bytes > 24 ? (p_bytes + 23) / 16 * 16 : 32));
    }

    bool take_exactly(size_t p_bytes) {
        const bool is_enough = p_bytes <= left_;
        left_ -= is_enough ? p_bytes : left_;
        return is_enough;
    }

  private:
    size_t left_;
};

// Builds a value from the items of a C reader. A list holds the open containers.
class Decoder {
  public:
    Decoder(size_t p_bytes, size_t p_max_memory_bytes)
        : values_left_(p_bytes / sizeof(uint32_t)), memory_(p_max_memory_bytes) {}

    // Takes an item. ERR_OUT_OF_MEMORY if there is no room for it.
    sps_error take(const sps_variant_item &p_item, bool &r_is_whole) {
        if (p_item.step == SPS_VARIANT_END) {
            Variant whole = std::move(levels_.back().container);
            levels_.pop();
            return add(std::move(whole), r_is_whole);
        }
        if (!memory_.take(box_bytes(p_item)) || !take_contents(p_item)) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        return p_item.step == SPS_VARIANT_BEGIN ? begin(p_item) : add(read(p_item), r_is_whole);
    }

    Variant value() { return std::move(value_); }

  private:
    struct Level {
        Variant container;
        Variant key; // of the value that comes next
        bool has_key;
    };

    // ---- What an item needs

    // Of what is not blank, the memory of its own.
    static size_t box_bytes(const sps_variant_item &p_item) {
        const bool is_typed =
            p_item.key_kind != SPS_VARIANT_ANY || p_item.value_kind != SPS_VARIANT_ANY;
        const bool is_blank = p_item.count == 0 && p_item.subname_count == 0 &&
                              p_item.data_bytes == 0 && p_item.integer == 0 && !is_typed;
        if (is_wide(p_item)) {
            return sizeof(Box<WideReals>);
        }
        return is_blank ? 0 : box_bytes(p_item.type);
    }

    static size_t box_bytes(sps_variant_type p_type) {
        switch (p_type) {
        case SPS_VARIANT_TRANSFORM2D:
            return sizeof(Box<Transform2D>);
        case SPS_VARIANT_AABB:
            return sizeof(Box<AABB>);
        case SPS_VARIANT_BASIS:
            return sizeof(Box<Basis>);
        case SPS_VARIANT_TRANSFORM3D:
            return sizeof(Box<Transform3D>);
        case SPS_VARIANT_PROJECTION:
            return sizeof(Box<Projection>);
        case SPS_VARIANT_STRING:
        case SPS_VARIANT_STRING_NAME:
            return sizeof(Box<std::string>);
        case SPS_VARIANT_NODE_PATH:
            return sizeof(Box<NodePath>);
        case SPS_VARIANT_SIGNAL:
            return sizeof(Box<Signal>);
        case SPS_VARIANT_OBJECT:
            return sizeof(Box<Object>);
        case SPS_VARIANT_DICTIONARY:
            return sizeof(Box<Dictionary>);
        case SPS_VARIANT_ARRAY:
            return sizeof(Box<Array>);
        default: // a vector of any type has the same size
            return p_type >= SPS_VARIANT_PACKED_BYTE_ARRAY ? sizeof(Box<PackedByteArray>) : 0;
        }
    }

    static bool is_wide(const sps_variant_item &p_item) {
        return (p_item.flags & SPS_VARIANT_WIDE) != 0 && WideReals::count_of(p_item.type) > 0;
    }

    // Takes the memory of an item's texts and numbers.
    bool take_contents(const sps_variant_item &p_item) {
        switch (p_item.type) {
        case SPS_VARIANT_STRING:
        case SPS_VARIANT_STRING_NAME:
        case SPS_VARIANT_SIGNAL:
        case SPS_VARIANT_OBJECT:
            return take_text(p_item.data_bytes);
        case SPS_VARIANT_ARRAY:
        case SPS_VARIANT_DICTIONARY:
            return take_name(p_item.key_name_bytes) && take_name(p_item.value_name_bytes);
        case SPS_VARIANT_NODE_PATH:
        case SPS_VARIANT_PACKED_STRING_ARRAY:
            return take_texts(p_item);
        default: {
            const bool is_packed = p_item.type >= SPS_VARIANT_PACKED_BYTE_ARRAY;
            return !(is_packed || is_wide(p_item)) || memory_.take(p_item.data_bytes);
        }
        }
    }

    bool take_text(size_t p_bytes) {
        return p_bytes <= std::string().capacity() || memory_.take(p_bytes + 1);
    }

    // The copies of a type share its name.
    bool take_name(size_t p_bytes) {
        return p_bytes == 0 ||
               (memory_.take(sizeof(std::string) + 2 * sizeof(void *)) && take_text(p_bytes));
    }

    // A path moves its subnames from a list that holds the names too.
    bool take_texts(const sps_variant_item &p_item) {
        const size_t texts = size_t{p_item.count} + p_item.subname_count;
        bool has_room = memory_.take(texts * sizeof(std::string)) &&
                        memory_.take(p_item.subname_count * sizeof(std::string));
        size_t position = 0, bytes = 0;
        const char *text = nullptr;
        while (has_room && sps_variant_next_string(&p_item, &position, &text, &bytes) == SPS_OK) {
            has_room = take_text(bytes);
        }
        return has_room;
    }

    // Reserves memory for the claimed number of elements, at most for those that the bytes can
    // hold.
    template <class Element>
    bool reserve(std::vector<Element> &r_elements, size_t p_count, size_t p_values_each) {
        const size_t count = least(p_count, values_left_ / p_values_each);
        values_left_ -= count * p_values_each;
        const bool has_room = memory_.take(count * sizeof(Element));
        if (has_room) {
            r_elements.reserve(count);
        }
        return has_room;
    }

    // Makes room for one element beyond the reservation. Only malformed values need it.
    template <class Element> bool make_room(const std::vector<Element> &p_elements) {
        return p_elements.size() < p_elements.capacity() ||
               memory_.take((p_elements.size() + 1) * 2 * sizeof(Element));
    }

    // Takes the memory of a pair in the list, and its share of the index.
    bool take_pair() {
        return memory_.take(sizeof(KeyValue) + 2 * sizeof(void *)) &&
               memory_.take_exactly(sizeof(void *) + 2);
    }

    // ---- Making it

    sps_error begin(const sps_variant_item &p_item) {
        levels_.push({make_container(p_item), Variant(), false});
        Variant &container = levels_.back().container;
        bool has_room = true;
        if (p_item.count > 0 && p_item.type == SPS_VARIANT_ARRAY) {
            has_room = reserve(container.get_if<Array>()->elements, p_item.count, 1);
        } else if (p_item.count > 0 && p_item.type == SPS_VARIANT_OBJECT) {
            has_room = reserve(container.get_if<Object>()->properties, p_item.count, 2);
        }
        return has_room ? SPS_OK : SPS_ERR_OUT_OF_MEMORY;
    }

    sps_error add(Variant p_value, bool &r_is_whole) {
        if (levels_.is_empty()) {
            value_ = std::move(p_value);
            r_is_whole = true;
            return SPS_OK;
        }
        Level &level = levels_.back();
        if (level.container.get_type() == Variant::ARRAY) {
            std::vector<Variant> &elements = level.container.get_if<Array>()->elements;
            if (!make_room(elements)) {
                return SPS_ERR_OUT_OF_MEMORY;
            }
            elements.push_back(std::move(p_value));
            return SPS_OK;
        }
        if (!level.has_key) {
            level.key = std::move(p_value);
            level.has_key = true;
            return SPS_OK;
        }
        level.has_key = false;
        return add_pair(level, std::move(p_value));
    }

    sps_error add_pair(Level &r_level, Variant p_value) {
        if (Dictionary *dictionary = r_level.container.get_if<Dictionary>()) {
            if (!take_pair()) {
                return SPS_ERR_OUT_OF_MEMORY;
            }
            // If a key occurs twice, the last value counts, as in Godot.
            dictionary->put_key(std::move(r_level.key)) = std::move(p_value);
            return SPS_OK;
        }
        std::vector<Object::Property> &properties = r_level.container.get_if<Object>()->properties;
        if (!make_room(properties)) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        properties.push_back({std::move(*r_level.key.get_if<std::string>()), std::move(p_value)});
        return SPS_OK;
    }

    static Variant make_container(const sps_variant_item &p_item) {
        if (p_item.type == SPS_VARIANT_ARRAY) {
            return Array({}, value_type(p_item));
        }
        if (p_item.type == SPS_VARIANT_DICTIONARY) {
            return Dictionary(key_type(p_item), value_type(p_item));
        }
        return Object(text(p_item), {});
    }

    static ElementType key_type(const sps_variant_item &p_item) {
        return element_type(p_item.key_kind, p_item.key_type, p_item.key_name,
                            p_item.key_name_bytes);
    }

    static ElementType value_type(const sps_variant_item &p_item) {
        return element_type(p_item.value_kind, p_item.value_type, p_item.value_name,
                            p_item.value_name_bytes);
    }

    static ElementType element_type(sps_variant_element_kind p_kind, sps_variant_type p_type,
                                    const char *p_name, size_t p_bytes) {
        ElementType type;
        type.kind = static_cast<ElementType::Kind>(p_kind);
        type.type = static_cast<Variant::Type>(p_type);
        type.set_name(p_name != nullptr ? std::string(p_name, p_bytes) : std::string());
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
            texts.push_back(std::string(text, bytes));
        }
        return texts;
    }

    static NodePath path(const sps_variant_item &p_item) {
        NodePath path;
        path.is_absolute = (p_item.flags & SPS_VARIANT_ABSOLUTE) != 0;
        path.names = texts(p_item);
        path.subnames.reserve(p_item.subname_count);
        for (size_t i = p_item.count; i < path.names.size(); i++) {
            path.subnames.push_back(std::move(path.names[i]));
        }
        while (path.names.size() > p_item.count) {
            path.names.pop_back();
        }
        return path;
    }

    static Variant read(const sps_variant_item &p_item) {
        if (is_wide(p_item)) {
            std::vector<double> reals(p_item.data_bytes / sizeof(double));
            copy_numbers(reals.data(), p_item.data, p_item.data_bytes, sizeof(double));
            return *WideReals::make(p_item.type, std::move(reals));
        }
        if (p_item.type >= SPS_VARIANT_PACKED_BYTE_ARRAY) {
            return read_packed(p_item);
        }
        return count_numbers(p_item.type) > 0 ? read_numbers(p_item) : read_other(p_item);
    }

    static Variant read_other(const sps_variant_item &p_item) {
        switch (p_item.type) {
        case SPS_VARIANT_BOOL:
            return p_item.integer != 0;
        case SPS_VARIANT_INT:
            return p_item.integer;
        case SPS_VARIANT_FLOAT:
            return p_item.real;
        case SPS_VARIANT_STRING:
            return text(p_item);
        case SPS_VARIANT_STRING_NAME:
            return StringName(text(p_item));
        case SPS_VARIANT_NODE_PATH:
            return path(p_item);
        case SPS_VARIANT_RID:
            return RID(static_cast<uint64_t>(p_item.integer));
        case SPS_VARIANT_OBJECT:
            return Object(static_cast<uint64_t>(p_item.integer));
        case SPS_VARIANT_CALLABLE:
            return Callable();
        case SPS_VARIANT_SIGNAL:
            return Signal(text(p_item), static_cast<uint64_t>(p_item.integer));
        default:
            return Variant();
        }
    }

    static Variant read_numbers(const sps_variant_item &p_item) {
        Variant value;
        value.type_ = static_cast<uint8_t>(p_item.type);
        switch (p_item.type) {
        case SPS_VARIANT_TRANSFORM2D:
            value.put_in_box(Transform2D());
            break;
        case SPS_VARIANT_AABB:
            value.put_in_box(AABB());
            break;
        case SPS_VARIANT_BASIS:
            value.put_in_box(Basis());
            break;
        case SPS_VARIANT_TRANSFORM3D:
            value.put_in_box(Transform3D());
            break;
        case SPS_VARIANT_PROJECTION:
            value.put_in_box(Projection());
            break;
        default:
            break;
        }
        const Numbers numbers = value.numbers();
        copy_numbers(const_cast<void *>(numbers.data), p_item.data, numbers.bytes(), numbers.each);
        return value;
    }

    static Variant read_packed(const sps_variant_item &p_item) {
        switch (p_item.type) {
        case SPS_VARIANT_PACKED_BYTE_ARRAY:
            return elements<uint8_t>(p_item);
        case SPS_VARIANT_PACKED_INT32_ARRAY:
            return elements<int32_t>(p_item);
        case SPS_VARIANT_PACKED_INT64_ARRAY:
            return elements<int64_t>(p_item);
        case SPS_VARIANT_PACKED_FLOAT32_ARRAY:
            return elements<float>(p_item);
        case SPS_VARIANT_PACKED_FLOAT64_ARRAY:
            return elements<double>(p_item);
        case SPS_VARIANT_PACKED_VECTOR2_ARRAY:
            return elements<Vector2>(p_item);
        case SPS_VARIANT_PACKED_VECTOR3_ARRAY:
            return elements<Vector3>(p_item);
        case SPS_VARIANT_PACKED_COLOR_ARRAY:
            return elements<Color>(p_item);
        case SPS_VARIANT_PACKED_VECTOR4_ARRAY:
            return elements<Vector4>(p_item);
        default:
            return texts(p_item);
        }
    }

    template <class T> static std::vector<T> elements(const sps_variant_item &p_item) {
        std::vector<T> values(p_item.count);
        copy_numbers(values.data(), p_item.data, p_item.data_bytes, number_bytes<T>());
        return values;
    }

    Variant value_;
    Row<Level> levels_;
    // Upper limit of the values that the remaining bytes can hold.
    size_t values_left_;
    MemoryBudget memory_;
};

inline size_t memory_limit(const DecodeOptions &p_options, size_t p_bytes) {
    const size_t spare = DecodeOptions::SPARE_MEMORY_BYTES;
    const size_t most = (SIZE_MAX - spare) / 4;
    return p_options.max_memory_bytes > 0 ? p_options.max_memory_bytes
                                          : 4 * least(p_bytes, most) + spare;
}

} // namespace detail

inline Variant::Decoded Variant::decode(const uint8_t *p_data, size_t p_bytes,
                                        const DecodeOptions &p_options) {
    sps_variant_reader_options options = {};
    options.struct_size = sizeof options;
    options.max_depth = detail::to_depth(p_options.max_depth);
    options.allow_objects = p_options.allow_objects;
    sps_variant_reader reader;
    reader.struct_size = sizeof reader;
    sps_error error = sps_variant_reader_init(&reader, p_data, p_bytes, &options);
    Decoded decoded;
    if (error != SPS_OK) {
        decoded.error = static_cast<Error>(error);
        return decoded;
    }
    sps_variant_item item = {};
    item.struct_size = sizeof item;
    detail::Decoder decoder(p_bytes, detail::memory_limit(p_options, p_bytes));
    bool is_whole = false;
    while (!is_whole && error == SPS_OK) {
        error = sps_variant_reader_next(&reader, &item);
        if (error == SPS_OK) {
            error = decoder.take(item, is_whole);
        }
    }
    decoded.value = decoder.value();
    decoded.error = static_cast<Error>(error);
    decoded.fault = static_cast<Fault>(sps_variant_reader_fault(&reader));
    decoded.offset = sps_variant_reader_offset(&reader);
    return decoded;
}

} // namespace sps

#endif

#include "end.inc"

#endif
