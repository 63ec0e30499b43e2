// SPDX-License-Identifier: MIT
#include "support/cpp_variants.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include <jansson.h>

#include "support/support.h"

using namespace std::string_literals;
using sps::Array;
using sps::Dictionary;
using sps::ElementType;
using sps::NodePath;
using sps::StringName;
using sps::Variant;
using sps::Vector2;
using sps::Vector2i;
using sps::Vector3;
using sps::Vector4;

static Row make_row(json_t *p_row) {
    const char *hex = json_string_value(json_object_get(p_row, "hex"));
    uint8_t bytes[4096];
    const size_t size = parse_hex(hex, bytes, sizeof bytes);
    ck_assert_uint_gt(size, 4);
    return {json_string_value(json_object_get(p_row, "name")),
            json_string_value(json_object_get(p_row, "value")), Bytes(bytes + 4, bytes + size)};
}

std::vector<Row> load_rows() {
    std::vector<Row> rows;
    FILE *file = fopen(FIXTURES "/godot-4.6-wire.jsonl", "r");
    ck_assert_ptr_nonnull(file);
    static char line[4096];
    while (read_line(file, line, sizeof line)) {
        json_t *row = json_loads(line, JSON_ALLOW_NUL, nullptr);
        if (std::strcmp(json_string_value(json_object_get(row, "group")), "put_var") == 0) {
            rows.push_back(make_row(row));
        }
        json_decref(row);
    }
    fclose(file);
    ck_assert_uint_ge(rows.size(), 80);
    return rows;
}

void append_u32(Bytes &r_bytes, uint32_t p_value) {
    for (int i = 0; i < 4; i++) {
        r_bytes.push_back(static_cast<uint8_t>(p_value >> (8 * i)));
    }
}

Variant nested(Variant p_value, int p_levels) {
    for (int i = 0; i < p_levels; i++) {
        Array around;
        around.append(std::move(p_value));
        p_value = std::move(around);
    }
    return p_value;
}

Array typed(Array p_array, ElementType p_type) {
    p_array.element_type = std::move(p_type);
    return p_array;
}

Dictionary typed(Dictionary p_dictionary, ElementType p_key, ElementType p_value) {
    p_dictionary.key_type = std::move(p_key);
    p_dictionary.value_type = std::move(p_value);
    return p_dictionary;
}

std::vector<Expected> scalars() {
    constexpr double inf = std::numeric_limits<double>::infinity();
    return {{"nil", nullptr},
            {"bool", true},
            {"bool", false},
            {"int", 0},
            {"int", 1},
            {"int", -1},
            {"int", uint8_t{127}},
            {"int", INT32_MAX},
            {"int", INT32_MIN},
            {"int", 2147483648U},
            {"int", -2147483649LL},
            {"int", INT64_MAX},
            {"int", INT64_MIN},
            {"float", 0.0},
            {"float", -0.0},
            {"float", 1.0F},
            {"float", 0.5},
            {"float", 0.1},
            {"float", 1.5},
            {"float", 3.402823466385289e+38},
            {"float", 3.5e+38},
            {"float", 1e-300},
            {"float", inf},
            {"float", -inf},
            {"float", std::nan("")},
            {"string", ""},
            {"string", "a"},
            {"string", "abc"s},
            {"string", std::string_view("abcd")},
            {"string", "abcde"},
            {"string", "h\u00e9llo"},
            {"string", "\u65e5\u672c\u8a9e"},
            {"string", "\U0001F47E"},
            {"string_embedded_newline", "x\ny"}};
}

std::vector<Expected> vectors() {
    sps::Basis basis(Vector3(1, 2, 3), Vector3(4, 5, 6), Vector3(7, 8, 9));
    const float cosine = 0.87758255F, sine = 0.47942555F;
    return {{"vector2", Vector2(1.5F, -2)},
            {"vector2i", Vector2i(-1, 2)},
            {"rect2", sps::Rect2(1, 2, 3, 4)},
            {"rect2i", sps::Rect2i(-1, 2, 3, 4)},
            {"vector3", Vector3(1, 2, 3)},
            {"vector3i", sps::Vector3i(1, -2, 3)},
            {"transform2d",
             sps::Transform2D(Vector2(cosine, sine), Vector2(-sine, cosine), Vector2(3, 4))},
            {"vector4", Vector4(1, 2, 3, 4)},
            {"vector4i", sps::Vector4i(1, 2, 3, -4)},
            {"plane", sps::Plane(Vector3(0, 1, 0), 5)},
            {"quaternion", sps::Quaternion()},
            {"aabb", sps::AABB(Vector3(1, 2, 3), Vector3(4, 5, 6))},
            {"basis", basis},
            {"transform3d", sps::Transform3D(basis, Vector3(10, 11, 12))},
            {"projection", sps::Projection(Vector4(1, 2, 3, 4), Vector4(5, 6, 7, 8),
                                           Vector4(9, 10, 11, 12), Vector4(13, 14, 15, 16))},
            {"color", sps::Color(0.25F, 0.5F, 0.75F)}};
}

std::vector<Expected> names_and_containers() {
    return {{"string_name", StringName("tick")},
            {"node_path", NodePath("/root/Player:position:x")},
            {"node_path", NodePath("../Enemy")},
            {"node_path", NodePath("")},
            {"rid", sps::RID()},
            {"object_null", Variant()},
            {"callable", sps::Callable()},
            {"signal", sps::Signal()},
            {"dictionary", Dictionary()},
            {"dictionary", Dictionary{{"a", 1},
                                      {"b", Array{1, 2.5, "x"}},
                                      {3, Dictionary{{"nested", true}}},
                                      {Vector2i(1, 2), nullptr}}},
            {"array", Array()},
            {"array", Array{1, 2.0, "three", Array{4, Array{5}}, nullptr, true}}};
}

std::vector<Expected> packed_and_typed() {
    return {
        {"packed_byte_array", sps::PackedByteArray()},
        {"packed_byte_array", sps::PackedByteArray{1, 2, 3}},
        {"packed_byte_array", sps::PackedByteArray{1, 2, 3, 4}},
        {"packed_int32_array", sps::PackedInt32Array{1, -2, 3}},
        {"packed_int64_array", sps::PackedInt64Array{1, -2, INT64_MAX}},
        {"packed_float32_array", sps::PackedFloat32Array{1.5F, -2.25F}},
        {"packed_float64_array", sps::PackedFloat64Array{1.5, 0.1}},
        {"packed_string_array", sps::PackedStringArray{"a", "bcd", "h\u00e9llo", ""}},
        {"packed_vector2_array", sps::PackedVector2Array{{1, 2}, {3, 4}}},
        {"packed_vector3_array", sps::PackedVector3Array{{1, 2, 3}}},
        {"packed_color_array", sps::PackedColorArray{{1, 0, 0}}},
        {"packed_vector4_array", sps::PackedVector4Array{{1, 2, 3, 4}}},
        {"typed_array_int", typed(Array{1, 2, 3}, Variant::INT)},
        {"typed_array_string", typed(Array{"x"}, Variant::STRING)},
        {"typed_array_vector3", typed(Array{Vector3(1, 2, 3)}, Variant::VECTOR3)},
        {"typed_array_class_node",
         typed(Array(), ElementType(ElementType::CLASS, "EncodedObjectAsID"))},
        {"typed_dictionary_string_int", typed(Dictionary{{"a", 1}}, Variant::STRING, Variant::INT)},
        {"typed_dictionary_int_variant", typed(Dictionary{{1, "x"}}, Variant::INT, {})},
        {"typed_dictionary_variant_float", typed(Dictionary{{"k", 2.5}}, {}, Variant::FLOAT)},
        {"deep_32_arrays", nested(0, 32)}};
}

std::vector<Expected> all_expected() {
    std::vector<Expected> all;
    for (const auto &list : {scalars(), vectors(), names_and_containers(), packed_and_typed()}) {
        all.insert(all.end(), list.begin(), list.end());
    }
    return all;
}

Bytes encoded(const Variant &p_value, const sps::EncodeOptions &p_options) {
    Bytes bytes;
    OK(p_value.encode(bytes, p_options));
    return bytes;
}

Variant::Decoded decode(const Bytes &p_bytes, bool p_allow_objects) {
    sps::DecodeOptions options;
    options.allow_objects = p_allow_objects;
    // A copy of exactly this size. The address sanitizer then reports a read past the end.
    Bytes exact(p_bytes);
    exact.shrink_to_fit();
    return Variant::decode(exact.data(), exact.size(), options);
}
