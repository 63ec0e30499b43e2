/* SPDX-License-Identifier: MIT */
/**
 * @file variant_text.hpp
 * Formats an sps::Variant as text, like Godot. Part of variant.hpp. Do not use it directly.
 */
#ifndef STREAMPEERSOCKET_VARIANT_TEXT_HPP
#define STREAMPEERSOCKET_VARIANT_TEXT_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cfloat>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "variant_access.hpp"

namespace sps {

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
    static_assert(sizeof names / sizeof *names == VARIANT_MAX, "a name for each type");
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

// The decimal digits of a real, and the power of ten of the first digit.
struct Digits {
    std::string digits;
    int exponent = 0;
};

// The fewest digits that read back as the same value. A float needs fewer, because more digits
// round to it.
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
    for (; *at != 'e'; at++) { // skips the locale's decimal point
        if (*at >= '0' && *at <= '9') {
            found.digits += *at;
        }
    }
    found.exponent = std::atoi(at + 1);
    found.digits.erase(found.digits.find_last_not_of('0') + 1);
    return found;
}

// Formats a float like Godot: with a point or an exponent; inf_neg, inf, nan.
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
        text.append(text.size() < places + 2 ? places + 2 - text.size() : 0, '0');
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

// Formats a value. A list holds the open containers.
class Teller {
  public:
    std::string tell(const Variant &p_value) {
        add(p_value);
        while (!levels_.is_empty()) {
            Children &level = levels_.back();
            if (level.is_at_end()) {
                text_ += close(level.container());
                levels_.pop();
            } else {
                text_ += separator(level.container(), level.index());
                add(level.next());
            }
        }
        return std::move(text_);
    }

  private:
    void add(const Variant &p_value) {
        if (p_value.is_nested()) {
            text_ += open(p_value);
            levels_.push(Children(p_value));
        } else {
            text_ += plain_text(p_value);
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
        const std::string bracket = is_array                            ? "]"
                                    : Children::count(p_container) == 0 ? "}"
                                                                        : "\n}";
        return bracket + (is_typed(p_container) ? ")" : "");
    }

    static std::string plain_text(const Variant &p_value) {
        switch (p_value.get_type()) {
        case Variant::NIL:
            return "null";
        case Variant::BOOL:
            return *p_value.at<bool>() ? "true" : "false";
        case Variant::INT:
            return std::to_string(*p_value.at<int64_t>());
        case Variant::FLOAT:
            return real_text(*p_value.at<double>(), true);
        case Variant::STRING:
            return quoted(*p_value.at<std::string>());
        case Variant::STRING_NAME:
            return "&" + quoted(p_value.at<StringName>()->text);
        case Variant::NODE_PATH:
            return "^" + quoted(p_value.at<NodePath>()->to_string());
        default:
            return Variant::get_type_name(p_value.get_type()) + ("(" + arguments(p_value) + ")");
        }
    }

    // The text in the parentheses after the type's name.
    static std::string arguments(const Variant &p_value) {
        switch (p_value.get_type()) {
        case Variant::RID: {
            const uint64_t id = p_value.at<RID>()->id;
            return id == 0 ? "" : std::to_string(id);
        }
        case Variant::SIGNAL:
            return p_value.at<Signal>()->name;
        case Variant::PACKED_STRING_ARRAY: {
            std::string text;
            for (const std::string &element : *p_value.at<PackedStringArray>()) {
                text += (text.empty() ? "" : ", ") + quoted(element);
            }
            return text;
        }
        default:
            return list(p_value.numbers());
        }
    }

    static std::string list(const Numbers &p_numbers) {
        std::string text;
        for (size_t i = 0; i < p_numbers.count; i++) {
            text += i > 0 ? ", " : "";
            text += p_numbers.is_real
                        ? short_real_text(p_numbers.real(i), p_numbers.each == sizeof(double))
                        : std::to_string(p_numbers.integer(i));
        }
        return text;
    }

    std::string text_;
    Row<Children> levels_;
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
        return std::string(get_name());
    case SCRIPT:
        return "Resource(" + detail::quoted(get_name()) + ")";
    }
    return "";
}

} // namespace sps

#endif

#include "end.inc"

#endif
