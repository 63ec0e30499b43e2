/* SPDX-License-Identifier: MIT */
/**
 * @file variant_decode.hpp
 * Bytes become an sps::Variant. For variant.hpp; nothing here is to be called by itself.
 */
#ifndef STREAMPEERSOCKET_VARIANT_DECODE_HPP
#define STREAMPEERSOCKET_VARIANT_DECODE_HPP

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "variant_dictionary.hpp"
#include "variant_numbers.hpp"

namespace sps {

namespace detail {

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
            Array array({}, value_type(p_item));
            array.elements.reserve(take_room(p_item.count, 1));
            return array;
        }
        if (p_item.type == SPS_VARIANT_DICTIONARY) {
            Dictionary dictionary(key_type(p_item), value_type(p_item));
            dictionary.entries_.reserve(take_room(p_item.count, 2));
            return dictionary;
        }
        Object object(text(p_item), {});
        object.properties.reserve(take_room(p_item.count, 2));
        return object;
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
        type.name.assign(p_name != nullptr ? p_name : "", p_bytes);
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

} // namespace sps

#endif
