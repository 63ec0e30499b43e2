/* SPDX-License-Identifier: MIT */
/**
 * @file variant_encode.hpp
 * Encodes an sps::Variant to bytes. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_ENCODE_HPP
#define STREAMPEERSOCKET_VARIANT_ENCODE_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "variant_access.hpp"
#include "variant_numbers.hpp"

namespace sps {

namespace detail {

// Writes a value to the C library, item by item. A list holds the open containers.
class Encoder {
  public:
    explicit Encoder(const EncodeOptions &p_options) : options_(p_options) {
        sps_variant_writer_options options = {};
        options.struct_size = sizeof options;
        options.max_depth = to_depth(p_options.max_depth);
        options.max_bytes = UINT32_MAX;
        writer_.struct_size = sizeof writer_;
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
        while (error_ == SPS_OK && !levels_.is_empty()) {
            if (levels_.back().is_at_end()) {
                levels_.pop();
            } else {
                add_child(levels_.back());
            }
        }
        return error_ == SPS_OK ? sps_variant_writer_get_data(&writer_, r_data, r_bytes) : error_;
    }

  private:
    void add_child(Children &r_level) {
        if (const Object *object = r_level.container().get_if<Object>()) {
            const std::string &name = object->properties[r_level.index()].name;
            error_ = sps_variant_write_string(&writer_, name.data(), name.size());
        }
        if (error_ == SPS_OK) {
            add(r_level.next());
        }
    }

    void add(const Variant &p_value) {
        if (error_ == SPS_OK) {
            error_ = write(p_value);
        }
        if (error_ == SPS_OK && p_value.is_nested()) {
            levels_.push(Children(p_value));
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

    // Numbers are in the machine's order.
    sps_error write_numbers(sps_variant_type p_type, const Numbers &p_numbers) {
        const size_t each = count_numbers(p_type);
        const bool is_packed = p_type >= SPS_VARIANT_PACKED_BYTE_ARRAY;
        const size_t count = !is_packed ? 0 : each > 0 ? p_numbers.count / each : p_numbers.count;
        if (count > UINT32_MAX) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        sps_variant_item item = make_item(p_type, count);
        const bool is_wide = p_numbers.each == sizeof(double) && WideReals::count_of(p_type) > 0;
        item.flags = is_wide ? SPS_VARIANT_WIDE : 0;
        if (is_little_endian()) {
            return write_item(item, p_numbers.data, p_numbers.bytes());
        }
        std::vector<uint8_t> bytes(p_numbers.bytes());
        copy_numbers(bytes.data(), p_numbers.data, bytes.size(), p_numbers.each);
        return write_item(item, bytes.data(), bytes.size());
    }

    sps_error write(const Variant &p_value) {
        const Variant::Type type = p_value.get_type();
        if (type <= Variant::STRING) { // most values
            return write_other(p_value);
        }
        const Numbers numbers = p_value.numbers();
        if (options_.wide_reals && WideReals::count_of(type) > 0) {
            const std::vector<double> wide = numbers.reals();
            return write_numbers(type, numbers_in(wide, true));
        }
        return numbers.each > 0 ? write_numbers(type, numbers) : write_other(p_value);
    }

    sps_error write_other(const Variant &p_value) {
        switch (p_value.get_type()) {
        case Variant::BOOL:
            return sps_variant_write_bool(&writer_, *p_value.at<bool>());
        case Variant::INT:
            return sps_variant_write_int(&writer_, *p_value.at<int64_t>());
        case Variant::FLOAT:
            return sps_variant_write_float(&writer_, *p_value.at<double>());
        case Variant::STRING:
            return write_text(sps_variant_write_string, *p_value.at<std::string>());
        case Variant::STRING_NAME:
            return write_text(sps_variant_write_string_name, p_value.at<StringName>()->text);
        case Variant::NODE_PATH:
            return write_path(*p_value.at<NodePath>());
        case Variant::RID:
            return sps_variant_write_rid(&writer_, p_value.at<RID>()->id);
        case Variant::CALLABLE:
            return sps_variant_write_callable(&writer_);
        case Variant::SIGNAL:
            return write_signal(*p_value.at<Signal>());
        case Variant::PACKED_STRING_ARRAY:
            return write_texts(*p_value.at<PackedStringArray>());
        case Variant::ARRAY:
            return begin_array(*p_value.at<Array>());
        case Variant::DICTIONARY:
            return begin_dictionary(*p_value.at<Dictionary>());
        case Variant::OBJECT:
            return begin_object(*p_value.at<Object>());
        default:
            return sps_variant_write_nil(&writer_);
        }
    }

    sps_error write_texts(const PackedStringArray &p_texts) {
        if (p_texts.size() > UINT32_MAX) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        Row<const char *> texts;
        Row<size_t> bytes;
        texts.reserve(p_texts.size());
        bytes.reserve(p_texts.size());
        for (const std::string &text : p_texts) {
            texts.push(text.data());
            bytes.push(text.size());
        }
        return sps_variant_write_packed_strings(&writer_, texts.data(), bytes.data(),
                                                static_cast<uint32_t>(texts.size()));
    }

    using TextWriter = sps_error (*)(sps_variant_writer *, const char *, size_t);

    sps_error write_text(TextWriter p_write, const std::string &p_text) {
        return p_write(&writer_, p_text.data(), p_text.size());
    }

    sps_error write_signal(const Signal &p_signal) {
        return sps_variant_write_signal(&writer_, p_signal.name.data(), p_signal.name.size(),
                                        p_signal.object_id);
    }

    // Writes the names separately. The C library would split a text at its colons and slashes.
    sps_error write_path(const NodePath &p_path) {
        std::string data;
        for (const auto *names : {&p_path.names, &p_path.subnames}) {
            for (const std::string &name : *names) {
                const uint32_t bytes = static_cast<uint32_t>(name.size());
                data.resize(data.size() + sizeof bytes);
                copy_numbers(&data[data.size() - sizeof bytes], &bytes, sizeof bytes, sizeof bytes);
                data += name;
                data.resize((data.size() + 3) / 4 * 4);
            }
        }
        sps_variant_item item = make_item(SPS_VARIANT_NODE_PATH, p_path.names.size());
        item.subname_count = static_cast<uint32_t>(p_path.subnames.size());
        item.flags = p_path.is_absolute ? SPS_VARIANT_ABSOLUTE : 0;
        return write_item(item, data.data(), data.size());
    }

    static bool has_name(const ElementType &p_type) {
        return p_type.kind == ElementType::CLASS || p_type.kind == ElementType::SCRIPT;
    }

    static void set_key(sps_variant_item &r_item, const ElementType &p_type) {
        r_item.key_kind = p_type.kind;
        r_item.key_type = p_type.kind == ElementType::BUILTIN ? p_type.type : 0;
        r_item.key_name = has_name(p_type) ? p_type.get_name().data() : nullptr;
        r_item.key_name_bytes = has_name(p_type) ? p_type.get_name().size() : 0;
    }

    static void set_value(sps_variant_item &r_item, const ElementType &p_type) {
        r_item.value_kind = p_type.kind;
        r_item.value_type = p_type.kind == ElementType::BUILTIN ? p_type.type : 0;
        r_item.value_name = has_name(p_type) ? p_type.get_name().data() : nullptr;
        r_item.value_name_bytes = has_name(p_type) ? p_type.get_name().size() : 0;
    }

    sps_error begin(sps_variant_item &p_item, size_t p_count, std::string_view p_class = {}) {
        if (p_count > UINT32_MAX) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        p_item.step = SPS_VARIANT_BEGIN;
        p_item.count = static_cast<uint32_t>(p_count);
        return write_item(p_item, p_class.data(), p_class.size());
    }

    sps_error begin_array(const Array &p_array) {
        sps_variant_item item = make_item(SPS_VARIANT_ARRAY);
        set_value(item, p_array.element_type);
        return begin(item, p_array.size());
    }

    sps_error begin_dictionary(const Dictionary &p_dictionary) {
        sps_variant_item item = make_item(SPS_VARIANT_DICTIONARY);
        set_key(item, p_dictionary.key_type);
        set_value(item, p_dictionary.value_type);
        return begin(item, p_dictionary.size());
    }

    sps_error begin_object(const Object &p_object) {
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
    Row<Children> levels_;
};

} // namespace detail

inline Error Variant::encode(std::vector<uint8_t> &r_bytes, const EncodeOptions &p_options) const {
    detail::Encoder encoder(p_options);
    const uint8_t *data = nullptr;
    size_t bytes = 0;
    const sps_error error = encoder.encode(*this, &data, &bytes);
    if (error == SPS_OK) {
        const size_t before = r_bytes.size();
        r_bytes.resize(before + bytes); // insert() takes longer to compile
        std::memcpy(r_bytes.data() + before, data, bytes);
    }
    return static_cast<Error>(error);
}

} // namespace sps

#endif

#include "end.inc"

#endif
