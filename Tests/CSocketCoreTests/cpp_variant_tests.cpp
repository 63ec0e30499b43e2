// SPDX-License-Identifier: MIT
//
// sps::Variant: what a real Godot 4.6 wrote is the value that it was, is told as Godot tells it, and is written
// the same; what else comes is refused or a value; and no value is too deep for a small stack.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <functional>
#include <iterator>
#include <limits>
#include <malloc.h>
#include <new>
#include <optional>
#include <pthread.h>
#include <string>
#include <vector>

#include <jansson.h>
#include <streampeersocket.hpp>

#include "cpp_suites.hpp"
#include "support.h"

namespace {

using namespace std::string_literals;
using sps::Array;
using sps::Dictionary;
using sps::ElementType;
using sps::NodePath;
using sps::Object;
using sps::StringName;
using sps::Variant;
using sps::Vector2;
using sps::Vector2i;
using sps::Vector3;
using sps::Vector4;
using sps::WideReals;
using Bytes = std::vector<uint8_t>;

void expect_text(const std::string &p_text, const char *p_expected) {
    ck_assert_str_eq(p_text.c_str(), p_expected);
}

// ---- What Godot wrote

struct Row {
    std::string name;
    std::string value;
    Bytes bytes; // without the length before them
};

Row make_row(json_t *p_row) {
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
    char *line = nullptr;
    size_t capacity = 0;
    while (getline(&line, &capacity, file) != -1) {
        json_t *row = json_loads(line, JSON_ALLOW_NUL, nullptr);
        if (std::strcmp(json_string_value(json_object_get(row, "group")), "put_var") == 0) {
            rows.push_back(make_row(row));
        }
        json_decref(row);
    }
    free(line);
    fclose(file);
    ck_assert_uint_ge(rows.size(), 80);
    return rows;
}

struct Expected {
    const char *name;
    Variant value;
};

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

// Each row's value, as a C++ program would write it, in the order of the rows.
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

Bytes encoded(const Variant &p_value, const sps::EncodeOptions &p_options = {}) {
    Bytes bytes;
    OK(p_value.encode(bytes, p_options));
    return bytes;
}

Variant::Decoded decode(const Bytes &p_bytes, bool p_allow_objects = false) {
    sps::DecodeOptions options;
    options.allow_objects = p_allow_objects;
    // A copy of this very size, so that the address sanitizer sees a read past the end.
    Bytes exact(p_bytes);
    exact.shrink_to_fit();
    return Variant::decode(exact.data(), exact.size(), options);
}

START_TEST(each_row_is_the_value_that_it_was) {
    const std::vector<Row> rows = load_rows();
    const std::vector<Expected> expected = all_expected();
    ck_assert_uint_eq(rows.size(), expected.size());
    for (size_t i = 0; i < rows.size(); i++) {
        const Variant::Decoded decoded = decode(rows[i].bytes);
        ck_assert_str_eq(rows[i].name.c_str(), expected[i].name);
        ck_assert_msg(decoded && decoded.value == expected[i].value, "%s is %s",
                      rows[i].name.c_str(), decoded.value.to_string().c_str());
        ck_assert_int_eq(decoded.value.get_type(), rows[i].bytes[0]);
        ck_assert_uint_eq(decoded.offset, rows[i].bytes.size());
        ck_assert_int_eq(decoded.fault, Variant::SOUND);
    }
}
END_TEST

START_TEST(each_row_is_written_the_same) {
    const std::vector<Row> rows = load_rows();
    const std::vector<Expected> expected = all_expected();
    for (size_t i = 0; i < rows.size(); i++) {
        ck_assert_msg(encoded(decode(rows[i].bytes).value) == rows[i].bytes, "decoded %s",
                      rows[i].name.c_str());
        if (rows[i].name != "float") { // of a NaN and a zero there is more than one
            ck_assert_msg(encoded(expected[i].value) == rows[i].bytes, "%s", rows[i].name.c_str());
        }
    }
}
END_TEST

START_TEST(each_row_is_told_as_godot_tells_it) {
    for (const Row &row : load_rows()) {
        const std::string text = decode(row.bytes).value.to_string();
        // What the fixture's maker told in words, or in another order.
        const bool is_elsewhere = row.name == "transform2d" || row.name == "object_null" ||
                                  row.name == "deep_32_arrays" ||
                                  row.name == "typed_array_class_node" ||
                                  row.value.find("nested") != std::string::npos;
        ck_assert_msg(is_elsewhere || text == row.value, "%s, not %s", text.c_str(),
                      row.value.c_str());
    }
    expect_text(nested(0, 3).to_string(), "[[[0]]]");
    const Variant pairs = Dictionary{{"a", Array{1}}, {Array{}, Dictionary{}}};
    expect_text(pairs.to_string(), "{\n\"a\": [1],\n[]: {}\n}");
    expect_text(Variant("\\\"").to_string(), "\"\\\\\\\"\"");
}
END_TEST

START_TEST(reals_are_told_shortly) {
    const struct {
        double real;
        const char *text;
    } rows[] = {{100, "100.0"},
                {-12345.625, "-12345.625"},
                {0.0001, "0.0001"},
                {0.00001, "1e-05"},
                {1e15, "1000000000000000.0"},
                {1e16, "1e+16"},
                {1.25e100, "1.25e+100"},
                {5e-324, "5e-324"},
                {0.30000000000000004, "0.30000000000000004"},
                {-0.0, "0.0"}};
    for (const auto &row : rows) {
        expect_text(Variant(row.real).to_string(), row.text);
    }
    expect_text(Variant(Vector2(0.1F, 16777216)).to_string(), "Vector2(0.1, 16777216)");
}
END_TEST

// ---- Strangers' bytes

START_TEST(each_prefix_is_refused) {
    for (const Row &row : load_rows()) {
        for (size_t size = 0; size < row.bytes.size(); size++) {
            const Bytes bytes(row.bytes.data(), row.bytes.data() + size);
            // An empty vector has no data at all.
            const uint8_t none = 0;
            const Variant::Decoded decoded =
                size > 0 ? decode(bytes, true) : Variant::decode(&none, 0);
            IS(decoded.error, sps::ERR_INVALID_DATA);
            ck_assert_int_eq(decoded.fault, Variant::TRUNCATED);
            ck_assert_uint_le(decoded.offset, size);
            ck_assert(!decoded && decoded.value.is_nil());
        }
    }
}
END_TEST

// Whatever is a value is written, read back as the same, told, copied and compared.
void expect_usable(const Variant &p_value) {
    sps::EncodeOptions options;
    options.full_objects = true;
    const Variant::Decoded again = decode(encoded(p_value, options), true);
    ck_assert(again && again.value == p_value);
    ck_assert(Variant(p_value) == p_value && !p_value.to_string().empty());
}

START_TEST(each_changed_byte_is_an_error_or_a_value) {
    size_t values = 0, errors = 0;
    for (const Row &row : load_rows()) {
        for (size_t at = 0; at < row.bytes.size(); at++) {
            Bytes bytes = row.bytes;
            for (unsigned change = 1; change < 256; change += change < 8 ? 1 : 19) {
                bytes[at] = static_cast<uint8_t>(row.bytes[at] ^ change);
                const Variant::Decoded decoded = decode(bytes, true);
                if (decoded) {
                    expect_usable(decoded.value);
                    values++;
                } else {
                    ck_assert(decoded.fault != Variant::SOUND && decoded.value.is_nil());
                    errors++;
                }
            }
        }
    }
    ck_assert(values > 1000 && errors > 1000);
}
END_TEST

START_TEST(what_is_malformed_is_told_with_its_place) {
    const Bytes list = {28, 0, 0, 0, 1, 0, 0, 0};
    const struct {
        Bytes rest;
        Variant::Fault fault;
        size_t offset;
    } rows[] = {{{39, 0, 0, 0}, Variant::UNKNOWN_TYPE, 8},
                {{4, 0, 0, 0, 1, 0, 0, 0, 255, 0, 0, 0}, Variant::NO_UTF8, 8},
                {{22, 0, 0, 0, 1, 0, 0, 0, 97, 0, 0, 0}, Variant::OLD_NODE_PATH, 8},
                {{4, 0, 0, 0, 9, 0, 0, 0, 97, 0, 0, 0}, Variant::TRUNCATED, 8}};
    for (const auto &row : rows) {
        Bytes bytes = list;
        bytes.insert(bytes.end(), row.rest.begin(), row.rest.end());
        const Variant::Decoded decoded = decode(bytes);
        IS(decoded.error, sps::ERR_INVALID_DATA);
        ck_assert_int_eq(decoded.fault, row.fault);
        ck_assert_uint_eq(decoded.offset, row.offset);
    }
    const Variant::Decoded followed = decode({0, 0, 0, 0, 1, 2, 3}); // left alone
    ck_assert(followed && followed.offset == 4);
}
END_TEST

START_TEST(a_depth_can_be_set_within_godots) {
    const Bytes bytes = encoded(nested(0, 2));
    sps::DecodeOptions reading;
    sps::EncodeOptions writing;
    for (const int depth : {-1, 0, 1025, INT32_MIN, INT32_MAX}) {
        reading.max_depth = writing.max_depth = depth;
        IS(Variant::decode(bytes.data(), bytes.size(), reading).error, sps::ERR_INVALID_PARAMETER);
        Bytes kept = {7};
        IS(nested(0, 2).encode(kept, writing), sps::ERR_INVALID_PARAMETER);
        ck_assert(kept == Bytes{7});
    }
    reading.max_depth = writing.max_depth = 1;
    const Variant::Decoded deep = Variant::decode(bytes.data(), bytes.size(), reading);
    ck_assert_int_eq(deep.fault, Variant::TOO_DEEP);
    ck_assert_uint_eq(deep.offset, 8);
    Bytes kept;
    IS(nested(0, 2).encode(kept, writing), sps::ERR_PARAMETER_RANGE_ERROR);
    reading.max_depth = writing.max_depth = 2;
    ck_assert(Variant::decode(bytes.data(), bytes.size(), reading).value == nested(0, 2));
    OK(nested(0, 2).encode(kept, writing));
    ck_assert(kept == bytes);
    IS(Variant::decode(nullptr, 4).error, sps::ERR_INVALID_PARAMETER);
}
END_TEST

// ---- What it costs

size_t bytes_now = 0, bytes_most = 0, allocations = 0;

void append_u32(Bytes &r_bytes, uint32_t p_value) {
    for (int i = 0; i < 4; i++) {
        r_bytes.push_back(static_cast<uint8_t>(p_value >> (8 * i)));
    }
}

// The most memory that decoding these bytes takes at once.
size_t cost_of(const Bytes &p_bytes) {
    const size_t before = bytes_now;
    bytes_most = bytes_now;
    Variant::decode(p_bytes.data(), p_bytes.size(), sps::DecodeOptions());
    ck_assert_uint_eq(bytes_now, before);
    return bytes_most - before;
}

Bytes list_of(const Bytes &p_element, uint32_t p_count, Variant::Type p_type) {
    Bytes bytes;
    append_u32(bytes, static_cast<uint32_t>(p_type));
    append_u32(bytes, p_type == Variant::DICTIONARY ? p_count / 2 : p_count);
    for (uint32_t i = 0; i < p_count; i++) {
        bytes.insert(bytes.end(), p_element.begin(), p_element.end());
    }
    return bytes;
}

START_TEST(a_byte_becomes_at_most_40) {
    const Bytes null = {0, 0, 0, 0}, text = {4, 0, 0, 0, 0, 0, 0, 0};
    const Bytes array = {28, 0, 0, 0, 0, 0, 0, 0}, dictionary = {27, 0, 0, 0, 0, 0, 0, 0};
    const Bytes packed = {34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    const Bytes path = {22, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0};
    const Bytes one = {28, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0};
    for (const Bytes &element : {null, text, array, dictionary, packed, path, one}) {
        for (const Variant::Type type : {Variant::ARRAY, Variant::DICTIONARY}) {
            // A thousand arrays around it each claim as much as the bytes could be.
            const Bytes list = list_of(element, 50000, type);
            Bytes liars;
            for (size_t i = 0; i < 1000; i++) {
                append_u32(liars, Variant::ARRAY);
                append_u32(liars, static_cast<uint32_t>(list.size() / 4));
            }
            liars.insert(liars.end(), list.begin(), list.end());
            ck_assert_uint_lt(cost_of(list), 40 * list.size());
            ck_assert_uint_lt(cost_of(liars), 40 * liars.size());
        }
    }
    ck_assert_uint_lt(cost_of({29, 0, 0, 0, 255, 255, 255, 127}), 1024);
}
END_TEST

START_TEST(a_move_takes_no_memory) {
    static_assert(sizeof(Variant) == 24 && std::is_nothrow_move_constructible_v<Variant>);
    Variant value = Array{1, "text", Dictionary{{"a", Array{1}}}};
    const size_t before = allocations;
    Variant moved = std::move(value);
    value = std::move(moved);
    Variant small[] = {1, 2.5, true, sps::Rect2(1, 2, 3, 4), sps::Color(), nullptr};
    for (const Variant &each : small) {
        const Variant copy = each;
        ck_assert(copy == each);
    }
    ck_assert_uint_eq(allocations, before);
    ck_assert(moved.is_nil() && value[1] == "text");
}
END_TEST

#ifdef NDEBUG
constexpr uint32_t MANY = 200000;
#else // what is not optimized, or sanitized, has its own pace
constexpr uint32_t MANY = 20000;
#endif

// Nested keys, and keys that a stranger chose, are where a dictionary could take its time.
START_TEST(many_keys_take_no_time) {
    Bytes different;
    append_u32(different, Variant::DICTIONARY);
    append_u32(different, MANY);
    for (uint32_t i = 0; i < MANY; i++) {
        append_u32(different, Variant::INT);
        append_u32(different, i * 2654435761U);
        append_u32(different, Variant::NIL);
    }
    const Bytes same =
        list_of({3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f}, 2 * MANY, Variant::DICTIONARY);
    const Bytes nested_keys = list_of({28, 0, 0, 0, 0, 0, 0, 0}, 2 * MANY, Variant::DICTIONARY);
    const clock_t start = clock(); // of this process, however busy the machine is
    ck_assert_uint_eq(decode(different).value.get_if<Dictionary>()->size(), MANY);
    ck_assert_uint_eq(decode(same).value.get_if<Dictionary>()->size(), 1);
    ck_assert_uint_eq(decode(nested_keys).value.get_if<Dictionary>()->size(), MANY);
    Dictionary built;
    for (uint32_t i = 0; i < MANY; i++) {
        built[i * 2654435761U] = i;
    }
    for (uint32_t i = 0; i < MANY; i++) {
        ck_assert(built[i * 2654435761U] == i);
    }
    ck_assert_uint_eq(built.size(), MANY);
    ck_assert_int_lt((clock() - start) / CLOCKS_PER_SEC, 20);
}
END_TEST

// ---- Depth

// Runs on a stack of 256 KiB.
void on_a_small_stack(const std::function<void()> &p_function) {
    pthread_attr_t attributes;
    pthread_t thread;
    ck_assert_int_eq(pthread_attr_init(&attributes), 0);
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
    const auto run = [](void *p_what) -> void * {
        (*static_cast<const std::function<void()> *>(p_what))();
        return nullptr;
    };
    ck_assert_int_eq(
        pthread_create(&thread, &attributes, run, const_cast<std::function<void()> *>(&p_function)),
        0);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

// Nested in a list's last element, a dictionary's key and value, and an object's property in turn.
Variant wind(int p_levels) {
    Variant value = 0;
    for (int i = 0; i < p_levels; i++) {
        switch (i % 4) {
        case 0:
            value = Array(std::vector<Variant>(2, std::move(value)));
            value.get_if<Array>()->elements[0] = 1;
            break;
        case 1: {
            Dictionary around;
            around["x"] = std::move(value);
            value = std::move(around);
            break;
        }
        case 2: {
            Object around("Node", {{"child", Variant()}});
            around.properties[0].value = std::move(value);
            value = std::move(around);
            break;
        }
        default:
            Dictionary around;
            around.set(std::move(value), 2);
            value = std::move(around);
        }
    }
    return value;
}

START_TEST(no_value_is_too_deep_for_a_small_stack) {
    on_a_small_stack([] {
        sps::EncodeOptions options;
        options.full_objects = true;
        const Variant deepest = wind(1024);
        const Bytes bytes = encoded(deepest, options);
        Variant::Decoded decoded = decode(bytes, true);
        OK(decoded.error);
        ck_assert(decoded.value == deepest);
        ck_assert_uint_gt(decoded.value.to_string().size(), 1024);
        Variant copy = decoded.value;
        ck_assert(copy == deepest);
        copy = 1;
        Bytes kept;
        IS(Variant(Array{deepest}).encode(kept, options), sps::ERR_PARAMETER_RANGE_ERROR);
        ck_assert(kept.empty());
    });
}
END_TEST

START_TEST(a_program_may_build_what_is_deeper) {
    on_a_small_stack([] {
        constexpr int LEVELS = 200000;
        Variant deep = nested(0, LEVELS);
        const Variant copy = deep;
        ck_assert(copy == deep && copy != nested(1, LEVELS));
        ck_assert_uint_eq(copy.to_string().size(), 2 * LEVELS + 1);
        const Array list = *copy.get_if<Array>();
        ck_assert(list == *deep.get_if<Array>());
    });
}
END_TEST

START_TEST(a_part_may_take_the_place_of_its_whole) {
    Variant value = Array{1, Array{2, Array{3}}};
    value = std::move(*value.find(1));
    ck_assert(value == Array({2, Array{3}}));
    value = *value.find(1);
    ck_assert(value == Array({3}));
    value = *&value;
    ck_assert(value == Array({3}));
}
END_TEST

// ---- Equality

START_TEST(equality_is_godots_within_a_type) {
    ck_assert(Variant(1) != Variant(1.0) && Variant(true) != Variant(1));
    ck_assert(Variant("a") == Variant(StringName("a")) && Variant("a") != Variant("b"));
    ck_assert(Variant("a") != Variant(NodePath("a")) && Variant() != Variant(false));
    ck_assert(Variant(std::nan("1")) == Variant(-std::nan("2")) && Variant(0.0) == Variant(-0.0));
    ck_assert(Variant(std::nan("")) != Variant(0.0) && Variant(0.0) != Variant(std::nan("")));
    ck_assert(Variant(Vector2(NAN, 1)) == Variant(Vector2(NAN, 1)));
    ck_assert(!(Vector2(NAN, 1) == Vector2(NAN, 1)) && Vector2(1, 2) != Vector2(1, 3));
    ck_assert(Variant(Vector2(1, 2)) != Variant(Vector2i(1, 2)));
    ck_assert(Variant(sps::Callable()) == Variant(sps::Callable()));
    ck_assert(Variant("\u00e9") != Variant("e\u0301"));
    const Variant one = Dictionary{{"a", 1}, {"b", Array{2}}};
    ck_assert(one == Variant(Dictionary{{"b", Array{2}}, {"a", 1}}));
    ck_assert(one != Variant(Dictionary{{"a", 1}}));
    ck_assert(one != Variant(Dictionary{{"a", 1}, {"c", Array{2}}}));
    ck_assert(one != Variant(Dictionary{{"a", 1}, {"b", Array{3}}}));
    ck_assert(typed(Array{1}, Variant::INT) == Array{1});
    ck_assert(Variant(Array{1}) != Variant(Array{1, 1}) &&
              Variant(Array{}) != Variant(Dictionary{}));
}
END_TEST

START_TEST(what_differs_in_any_part_is_different) {
    std::vector<Expected> all = scalars(); // what is typed does not count
    for (const auto &list : {vectors(), names_and_containers()}) {
        all.insert(all.end(), list.begin(), list.end());
    }
    const std::vector<Expected> more = {
        {"", Object(7)},
        {"", Object(8)},
        {"", Object("A", {})},
        {"", Object("A", {{"p", 1}})},
        {"", Object("A", {{"p", 2}})},
        {"", Object("A", {{"q", 1}})},
        {"", Object("B", {{"p", 1}})},
        {"", sps::RID(1)},
        {"", sps::Signal("a")},
        {"", sps::Signal("a", 1)},
        {"", NodePath("root/Player:position:x")},
        {"", NodePath("/root/Player:position")},
        {"", NodePath("/root:Player:position:x")},
        {"", sps::PackedStringArray{"a", "bcd", "h\u00e9llo"}},
        {"", sps::PackedStringArray{"b", "bcd", "h\u00e9llo"}},
        {"", sps::PackedByteArray{1, 2, 4}},
        {"", sps::PackedInt64Array{1, -2, INT64_MIN}},
        {"", sps::PackedVector2Array{{1, 2}, {3, 5}}},
        {"", sps::PackedVector2Array{{1, 2}}},
    };
    all.insert(all.end(), more.begin(), more.end());
    for (size_t i = 0; i < all.size(); i++) {
        for (size_t j = 0; j < all.size(); j++) {
            // Twice in the rows: null, and 0.0.
            const bool is_same =
                i == j || (all[i].value.is_nil() && all[j].value.is_nil()) ||
                (all[i].value.get<double>() == 0.0 && all[j].value.get<double>() == 0.0);
            ck_assert_msg((all[i].value == all[j].value) == is_same, "%s and %s",
                          all[i].value.to_string().c_str(), all[j].value.to_string().c_str());
        }
    }
}
END_TEST

// ---- Literals and access

START_TEST(literals_are_values) {
    enum { HELLO = 3 };
    const char *null = nullptr;
    ck_assert_int_eq(Variant("text").get_type(), Variant::STRING); // and no bool
    ck_assert(Variant(null).is_nil() && Variant(nullptr).is_nil() && Variant().is_nil());
    ck_assert(Variant(HELLO) == Variant(3) && Variant(uint64_t{1} << 63) == Variant(INT64_MIN));
    ck_assert_int_eq(Variant(1.5F).get_type(), Variant::FLOAT);
    static_assert(!std::is_constructible_v<Variant, char> &&
                  !std::is_constructible_v<Variant, int *>);
    static_assert(!std::is_constructible_v<Variant, void *>);
    const Variant state =
        Dictionary{{"hp", 100}, {1, nullptr}, {"a", Array{true, 2.5, "x"}}, {"hp", 7}};
    const Dictionary *dictionary = state.get_if<Dictionary>();
    ck_assert_uint_eq(dictionary->size(), 3);
    ck_assert(dictionary->begin()->key == "hp" && dictionary->begin()->value == 7);
    std::string keys;
    for (const auto &[key, value] : *dictionary) {
        keys += key.to_string() + (value.is_nil() ? "!" : " ");
    }
    ck_assert_str_eq(keys.c_str(), "\"hp\" 1!\"a\" ");
    const Array inner{1};
    ck_assert_uint_eq(Array(inner).size(), 1);
    ck_assert((Array{inner}) == Array({Variant(inner)}));
}
END_TEST

START_TEST(what_is_there_is_found) {
    Variant state =
        Dictionary{{"hp", 100}, {StringName("list"), Array{1, 2, Dictionary{{"deep", -1}}}}};
    ck_assert(state["hp"] == 100 && state["list"][-1]["deep"] == -1 && state["list"][0] == 1);
    ck_assert(state["none"].is_nil() && state["list"][3].is_nil() && state["list"][-4].is_nil());
    ck_assert(state["list"]["x"].is_nil() && state["hp"][0].is_nil());
    ck_assert_ptr_null(state.find("none"));
    *state.find("hp") = 99;
    (*state.get_if<Dictionary>())["new"] = "x";
    ck_assert(state["hp"] == 99 && state["new"] == "x");
    Variant object = Object("Player", {{"hp", 1}});
    ck_assert(object["hp"] == 1 && object[0].is_nil() && object["mp"].is_nil());
    *object.find("hp") = 2;
    ck_assert(object.get_if<Object>()->properties[0].value == 2);
    Array list{1, "two"};
    list.append(nullptr);
    list[0] = 1.5;
    ck_assert(list == Array({1.5, "two", nullptr}) && !list.is_empty());
}
END_TEST

START_TEST(a_type_is_asked_for) {
    const Variant number = 300;
    ck_assert(number.get<int>() == 300 && number.get<uint16_t>() == 300U);
    ck_assert(!number.get<uint8_t>() && !number.get<bool>() && !number.get<double>());
    ck_assert(!Variant(-1).get<unsigned>() && !Variant(-1).get<uint64_t>() &&
              Variant(-1).get<int8_t>() == -1);
    ck_assert(Variant(INT64_MAX).get<uint64_t>() == uint64_t{INT64_MAX} &&
              !Variant(INT64_MAX).get<int>());
    ck_assert(Variant(2.5).get<float>() == 2.5F && !Variant(2.5).get<int>());
    ck_assert(Variant(StringName("n")).get<std::string>() == "n" &&
              Variant("n").get<std::string_view>() == "n");
    ck_assert(Variant(StringName("n")).get_if<StringName>()->text == "n");
    ck_assert(!number.get<std::string>() && !number.get_if<Array>() &&
              !Variant("n").get<StringName>());
    ck_assert(Variant(Vector2(1, 2)).get<Vector2>() == Vector2(1, 2) && !number.get<Vector2>());
    Variant array = sps::PackedByteArray{1};
    array.get_if<sps::PackedByteArray>()->push_back(2);
    ck_assert(array.get<sps::PackedByteArray>() == sps::PackedByteArray({1, 2}));
    ck_assert_str_eq(Variant::get_type_name(Variant::PACKED_VECTOR4_ARRAY), "PackedVector4Array");
    ck_assert_str_eq(Variant::get_type_name(Variant::VARIANT_MAX), "");
}
END_TEST

START_TEST(components_are_in_place) {
    const sps::Basis basis(Vector3(1, 2, 3), Vector3(4, 5, 6), Vector3(7, 8, 9));
    ck_assert(basis.rows[0] == Vector3(1, 4, 7) && basis.get_column(0) == Vector3(1, 2, 3));
    ck_assert(basis.get_column(1) == Vector3(4, 5, 6) && basis.get_column(2) == Vector3(7, 8, 9));
    ck_assert(sps::Basis().get_column(1) == Vector3(0, 1, 0) && sps::Color().a == 1);
    ck_assert(sps::Projection().w == Vector4(0, 0, 0, 1) && sps::Transform2D().x == Vector2(1, 0));
    const std::vector<double> reals = {1, 2, 3, 4};
    ck_assert(Variant(Vector4(1, 2, 3, 4)).get_reals() == reals);
    ck_assert(Variant(sps::PackedVector2Array{{1, 2}, {3, 4}}).get_reals() == reals);
    ck_assert(Variant(reals).get_reals() == reals &&
              Variant(sps::Color(1, 2, 3, 4)).get_reals() == reals);
    ck_assert(!Variant(1.0).get_reals() && !Variant(Vector2i()).get_reals());
}
END_TEST

START_TEST(paths_are_taken_apart) {
    const NodePath path("/root//Player:position:x");
    ck_assert(path.names == std::vector<std::string>({"root", "Player"}));
    ck_assert(path.subnames == std::vector<std::string>({"position", "x"}) && path.is_absolute);
    expect_text(path.to_string(), "/root/Player:position:x");
    expect_text(NodePath(":x").to_string(), ":x");
    ck_assert(NodePath("a/b/").names.size() == 2 && !NodePath("a").is_absolute);
}
END_TEST

// ---- Dictionaries

void expect_keys(const Dictionary &p_dictionary, const std::vector<Variant> &p_keys) {
    ck_assert_uint_eq(p_dictionary.size(), p_keys.size());
    size_t i = 0;
    for (const auto &[key, value] : p_dictionary) {
        ck_assert(key == p_keys[i++] && *p_dictionary.find(key) == value);
    }
}

START_TEST(a_dictionary_keeps_its_order) {
    const int count = std::vector<int>{3, 16, 17, 18, 40, 5000}[static_cast<size_t>(_i)];
    Dictionary dictionary;
    std::vector<Variant> keys;
    for (int i = 0; i < count; i++) {
        dictionary[i * 7919 % 100003] = i;
        keys.push_back(i * 7919 % 100003);
    }
    expect_keys(dictionary, keys);
    ck_assert(dictionary.erase(7919) && !dictionary.erase(7919) && !dictionary.has(7919));
    keys.erase(keys.begin() + 1);
    expect_keys(dictionary, keys);
    for (const Variant &key : {Variant(Array{"a", 1}), Variant("name"), Variant(NAN)}) {
        dictionary[key] = "new";
        keys.push_back(key);
    }
    dictionary[Array{"a", 1}] = "again";
    dictionary[StringName("name")] = nullptr;
    dictionary[-NAN] = 1;
    expect_keys(dictionary, keys);
    ck_assert(*dictionary.find(Array{"a", 1}) == "again" && dictionary.find("name")->is_nil());
    const Dictionary copy = dictionary;
    const Variant other = copy;
    expect_keys(*Variant(other).get_if<Dictionary>(), keys);
    ck_assert(dictionary.erase(Array{"a", 1}) && copy != dictionary);
    dictionary.clear();
    ck_assert(dictionary.is_empty() && !dictionary.has("name"));
}
END_TEST

START_TEST(keys_of_all_kinds_are_found) {
    Dictionary dictionary;
    for (int i = 0; i < 100; i++) {
        const std::string text = std::to_string(i * 31 % 100);
        for (const Variant &key :
             {Variant(StringName("n" + text)), Variant("s" + text), Variant(i), Variant(i + 0.5),
              Variant(Vector2i(i, 1)), Variant(NodePath(text)),
              Variant(sps::PackedByteArray(static_cast<size_t>(i), 1))}) {
            dictionary[key] = i;
        }
    }
    ck_assert_uint_eq(dictionary.size(), 700);
    const Variant::Decoded decoded = decode(encoded(dictionary));
    for (int i = 0; i < 100; i++) {
        const std::string text = std::to_string(i * 31 % 100);
        for (const Variant &key :
             {Variant("n" + text), Variant(StringName("s" + text)), Variant(i), Variant(i + 0.5),
              Variant(Vector2i(i, 1)), Variant(NodePath(text)),
              Variant(sps::PackedByteArray(static_cast<size_t>(i), 1))}) {
            ck_assert(dictionary.has(key) && *dictionary.find(key) == i && decoded.value[key] == i);
        }
    }
}
END_TEST

START_TEST(a_key_that_comes_twice_counts_once) {
    for (const uint32_t count : {4U, 100U}) {
        Bytes bytes;
        append_u32(bytes, Variant::DICTIONARY);
        append_u32(bytes, 2 * count);
        for (uint32_t i = 0; i < 2 * count; i++) {
            append_u32(bytes, Variant::INT);
            append_u32(bytes, i % count);
            append_u32(bytes, Variant::INT);
            append_u32(bytes, i);
        }
        const Variant::Decoded decoded = decode(bytes);
        const Dictionary &dictionary = *decoded.value.get_if<Dictionary>();
        ck_assert_uint_eq(dictionary.size(), count);
        uint32_t next = 0;
        for (const auto &[key, value] : dictionary) {
            ck_assert(key == next && value == next + count && *dictionary.find(key) == value);
            next++;
        }
    }
}
END_TEST

// ---- What has a form of its own

START_TEST(what_is_wide_stays_wide) {
    const Variant wide = *WideReals::make(Variant::VECTOR3, {0.1, 2, 3});
    ck_assert(wide.is_wide() && wide.get_type() == Variant::VECTOR3);
    const Bytes bytes = encoded(wide);
    ck_assert(bytes.size() == 28 && bytes[0] == Variant::VECTOR3 && bytes[2] == 1);
    const Variant::Decoded back = decode(bytes);
    ck_assert(back && back.value.is_wide() && back.value == wide && encoded(back.value) == bytes);
    ck_assert(back.value.get_reals() == std::vector<double>({0.1, 2, 3}));
    ck_assert(back.value.get<Vector3>() == Vector3(0.1F, 2, 3) && !back.value.get<Vector2>());
    ck_assert(!back.value.get_if<Vector3>() && back.value.get_if<WideReals>() &&
              !Variant(Vector3()).get_if<WideReals>());
    expect_text(back.value.to_string(), "Vector3(0.1, 2, 3)");
    ck_assert(Variant(*WideReals::make(Variant::VECTOR2, {1, 2})) == Variant(Vector2(1, 2)));
    ck_assert(wide != Variant(Vector3(0.1F, 2, 3)));
    const Variant list = *WideReals::make(Variant::PACKED_VECTOR2_ARRAY, {1, 2, 3, 4});
    ck_assert(list.get<sps::PackedVector2Array>() == sps::PackedVector2Array({{1, 2}, {3, 4}}));
    ck_assert(decode(encoded(list)).value == list);
    ck_assert(!WideReals::make(Variant::VECTOR2, {1}) &&
              !WideReals::make(Variant::COLOR, {1, 2, 3, 4}));
    ck_assert(!WideReals::make(Variant::PACKED_VECTOR3_ARRAY, {1, 2}) &&
              !WideReals::make(Variant::INT, {}));
}
END_TEST

START_TEST(all_of_a_value_can_be_written_wide) {
    sps::EncodeOptions options;
    options.wide_reals = true;
    const Variant::Type wide[] = {Variant::VECTOR2,
                                  Variant::RECT2,
                                  Variant::VECTOR3,
                                  Variant::TRANSFORM2D,
                                  Variant::VECTOR4,
                                  Variant::PLANE,
                                  Variant::QUATERNION,
                                  Variant::AABB,
                                  Variant::BASIS,
                                  Variant::TRANSFORM3D,
                                  Variant::PROJECTION,
                                  Variant::PACKED_VECTOR2_ARRAY,
                                  Variant::PACKED_VECTOR3_ARRAY,
                                  Variant::PACKED_VECTOR4_ARRAY};
    size_t count = 0;
    for (const Expected &each : all_expected()) {
        const Variant::Decoded back = decode(encoded(each.value, options));
        ck_assert(back && back.value == each.value);
        const bool is_wide =
            std::find(std::begin(wide), std::end(wide), each.value.get_type()) != std::end(wide);
        ck_assert_msg(back.value.is_wide() == is_wide, "%s", each.name);
        count += is_wide;
    }
    ck_assert_uint_eq(count, std::size(wide));
}
END_TEST

START_TEST(objects_are_data_where_they_are_allowed) {
    const Variant value =
        Dictionary{{"who", Object("Player", {{"hp", 100}, {"at", Vector2(1, 2)}})}};
    Bytes bytes = {7};
    IS(value.encode(bytes), sps::ERR_UNAUTHORIZED);
    ck_assert(bytes == Bytes{7});
    sps::EncodeOptions options;
    options.full_objects = true;
    bytes = encoded(value, options);
    const Variant::Decoded refused = decode(bytes);
    IS(refused.error, sps::ERR_UNAUTHORIZED);
    ck_assert(refused.fault == Variant::OBJECT_NOT_ALLOWED && refused.offset == 20);
    const Variant::Decoded back = decode(bytes, true);
    ck_assert(back && back.value == value && back.value["who"]["hp"] == 100);
    expect_text(back.value["who"].to_string(), "Object(Player,\"hp\":100,\"at\":Vector2(1, 2))");
    const Variant id = Object(uint64_t{1} << 63);
    ck_assert(decode(encoded(id)).value == id); // needs no leave
    expect_text(id.to_string(), "EncodedObjectAsID(9223372036854775808)");
    IS(Variant(Object("", {{"hp", 1}})).encode(bytes, options), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(typed_containers_keep_their_types) {
    const ElementType node(ElementType::CLASS, "Node"),
        script(ElementType::SCRIPT, "res://enemy.gd");
    Dictionary dictionary(Variant::STRING, {});
    dictionary["list"] = typed(Array{Object(7)}, node);
    dictionary["script"] = typed(Array(), script);
    const Variant back = decode(encoded(dictionary)).value;
    ck_assert(back == Variant(dictionary));
    ck_assert(back.get_if<Dictionary>()->key_type == ElementType(Variant::STRING));
    ck_assert(back.get_if<Dictionary>()->value_type == ElementType());
    const Variant copy = back;
    ck_assert(copy["list"].get_if<Array>()->element_type == node);
    ck_assert(copy["script"].get_if<Array>()->element_type == script && node != script);
    expect_text(copy["list"].to_string(), "Array[Node]([EncodedObjectAsID(7)])");
    expect_text(copy["script"].to_string(), "Array[Resource(\"res://enemy.gd\")]([])");
}
END_TEST

START_TEST(what_is_no_utf8_is_not_written) {
    const std::string bad = "\xff";
    NodePath path("a");
    path.names.push_back(bad);
    for (const Variant &value :
         {Variant(bad), Variant(StringName(bad)), Variant(path), Variant(sps::Signal(bad)),
          Variant(sps::PackedStringArray{"a", bad}), Variant(Object(bad, {})),
          Variant(Object("A", {{bad, 1}})), Variant(Array{1, bad}),
          Variant(typed(Array(), ElementType(ElementType::CLASS, bad)))}) {
        Bytes bytes = {7};
        sps::EncodeOptions options;
        options.full_objects = true;
        IS(value.encode(bytes, options), sps::ERR_INVALID_PARAMETER);
        ck_assert(bytes == Bytes{7});
    }
    const std::string with_nul("a\0b", 3);
    ck_assert(decode(encoded(with_nul)).value == with_nul);
    NodePath odd; // its names are no text to be taken apart
    odd.names = {"a/b:c"};
    ck_assert(decode(encoded(odd)).value == odd);
}
END_TEST

START_TEST(encoding_appends) {
    Bytes bytes = {1, 2};
    OK(Variant().encode(bytes));
    OK(Variant(true).encode(bytes));
    ck_assert(bytes == Bytes({1, 2, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}));
}
END_TEST

// ---- On a stream

struct Connection {
    pair streams;
    sps::StreamPeer client, peer;

    explicit Connection(int p_transport)
        : streams(connect_pair(static_cast<transport>(p_transport))),
          client(sps::Adopt{streams.client}), peer(sps::Adopt{streams.peer}) {}
    ~Connection() { sps_server_destroy(streams.server); }
};

START_TEST(values_go_over_a_stream) {
    Connection c(_i);
    ck_assert(!c.peer.try_get_var());
    IS(c.peer.get_last_error(), sps::ERR_BUSY);
    for (const bool big : {false, true}) {
        c.client.set_big_endian(big);
        c.peer.set_big_endian(big);
        for (const Row &row : load_rows()) {
            const Variant value = decode(row.bytes).value;
            OK(c.client.put_var(value));
            ck_assert(c.peer.get_var() == value);
            OK(c.peer.get_last_error());
            OK(c.client.put_var(value));
            ck_assert_uint_eq(c.peer.get_u32(), row.bytes.size());
            ck_assert(c.peer.get_data(static_cast<int>(row.bytes.size())).second == row.bytes);
            OK(c.peer.put_var(value));
            std::optional<Variant> got;
            WAIT_UNTIL((got = c.client.try_get_var()).has_value());
            ck_assert(*got == value);
        }
    }
}
END_TEST

START_TEST(what_is_no_value_leaves_the_stream) {
    Connection c(_i);
    const Variant object = Object("Player", {});
    OK(c.client.put_u32(4));
    OK(c.client.put_u32(99));
    IS(c.client.put_var(object), sps::ERR_UNAUTHORIZED); // nothing is put
    for (int i = 0; i < 3; i++) {
        OK(c.client.put_var(object, true));
    }
    OK(c.client.put_var(nullptr));
    OK(c.client.put_var("next"));
    ck_assert(c.peer.get_var().is_nil());
    IS(c.peer.get_last_error(), sps::ERR_INVALID_DATA);
    ck_assert(c.peer.get_var().is_nil());
    IS(c.peer.get_last_error(), sps::ERR_UNAUTHORIZED);
    ck_assert(!c.peer.try_get_var());
    IS(c.peer.get_last_error(), sps::ERR_UNAUTHORIZED);
    ck_assert(c.peer.get_var(true) == object);
    ck_assert(c.peer.get_var().is_nil());
    OK(c.peer.get_last_error());
    ck_assert(c.peer.try_get_var(true) == Variant("next"));
}
END_TEST

START_TEST(what_cannot_be_written_is_not) {
    Connection c(_i);
    IS(c.client.put_var(nested(0, 1025)), sps::ERR_PARAMETER_RANGE_ERROR);
    IS(c.client.get_last_error(), sps::ERR_PARAMETER_RANGE_ERROR);
    IS(c.client.put_var("\xff"), sps::ERR_INVALID_PARAMETER);
    OK(c.client.put_var(1));
    ck_assert(c.peer.get_var() == 1);
    sps::StreamPeer none(sps::Adopt{nullptr});
    IS(none.put_var(1), sps::ERR_INVALID_PARAMETER);
    ck_assert(none.get_var().is_nil() && !none.try_get_var());
    IS(none.get_last_error(), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(lines_and_raw_text) {
    Connection c(_i);
    ck_assert(!c.peer.try_get_line());
    IS(c.peer.get_last_error(), sps::ERR_BUSY);
    OK(c.client.put_text("one\r\ntwo: h\u00e9\nkey: value\r\n\r\nrest;more;"));
    ck_assert(c.peer.get_line() == "one" && c.peer.get_line() == "two: h\u00e9");
    ck_assert(c.peer.get_until("\r\n\r\n") == "key: value");
    ck_assert(c.peer.get_until(";", 3).empty());
    IS(c.peer.get_last_error(), sps::ERR_INVALID_DATA);
    ck_assert(c.peer.get_until(";", 4) == "rest" && c.peer.try_get_until(";") == "more");
    ck_assert(!c.peer.try_get_until(";"));
    IS(c.peer.get_last_error(), sps::ERR_BUSY);
    OK(c.client.put_text("last\n"));
    std::optional<std::string> line;
    WAIT_UNTIL((line = c.peer.try_get_line(4)).has_value());
    ck_assert(line == "last");
}
END_TEST

START_TEST(what_is_no_line_is_told) {
    Connection c(_i);
    IS(c.client.put_text("\xff"), sps::ERR_INVALID_PARAMETER);
    ck_assert(c.peer.get_line(-1).empty() && !c.peer.try_get_line(-1));
    IS(c.peer.get_last_error(), sps::ERR_INVALID_PARAMETER);
    ck_assert(c.peer.get_until("").empty() && !c.peer.try_get_until("x", -1));
    IS(c.peer.get_last_error(), sps::ERR_INVALID_PARAMETER);
    const uint8_t bad[] = {255, '\n'};
    OK(c.client.put_data(bad, 2));
    ck_assert(c.peer.get_line().empty());
    IS(c.peer.get_last_error(), sps::ERR_INVALID_DATA);
    ck_assert(c.peer.get_until("\n") == "\xff"); // as bytes
    OK(c.client.put_text("no end"));
    ck_assert_int_eq(c.peer.get_until("e").size(), 3);
    ck_assert(!c.peer.try_get_line(1));
    IS(c.peer.get_last_error(), sps::ERR_INVALID_DATA);
}
END_TEST

void count_allocation(void *p_memory) {
    allocations++;
    bytes_now += malloc_usable_size(p_memory);
    bytes_most = std::max(bytes_most, bytes_now);
}

} // namespace

// What the tests of costs count. (Inlined, gcc would take them for a mismatch.)
[[gnu::noinline]] void *operator new(size_t p_bytes) {
    void *memory = malloc(p_bytes);
    if (memory == nullptr) {
        abort();
    }
    count_allocation(memory);
    return memory;
}

void *operator new(size_t p_bytes, const std::nothrow_t &) noexcept {
    return operator new(p_bytes);
}

[[gnu::noinline]] void operator delete(void *p_memory) noexcept {
    bytes_now -= p_memory != nullptr ? malloc_usable_size(p_memory) : 0;
    free(p_memory);
}

void operator delete(void *p_memory, size_t) noexcept {
    operator delete(p_memory);
}

Suite *cpp_variant_suite() {
    Suite *suite = suite_create("cpp_variant");
    TCase *values = add_case(suite, "values");
    tcase_add_test(values, each_row_is_the_value_that_it_was);
    tcase_add_test(values, each_row_is_written_the_same);
    tcase_add_test(values, each_row_is_told_as_godot_tells_it);
    tcase_add_test(values, reals_are_told_shortly);
    tcase_add_test(values, each_prefix_is_refused);
    tcase_add_test(values, each_changed_byte_is_an_error_or_a_value);
    tcase_add_test(values, what_is_malformed_is_told_with_its_place);
    tcase_add_test(values, a_depth_can_be_set_within_godots);
    tcase_add_test(values, a_byte_becomes_at_most_40);
    tcase_add_test(values, a_move_takes_no_memory);
    tcase_add_test(values, many_keys_take_no_time);
    tcase_add_test(values, no_value_is_too_deep_for_a_small_stack);
    tcase_add_test(values, a_program_may_build_what_is_deeper);
    tcase_add_test(values, a_part_may_take_the_place_of_its_whole);
    tcase_add_test(values, equality_is_godots_within_a_type);
    tcase_add_test(values, what_differs_in_any_part_is_different);
    tcase_add_test(values, literals_are_values);
    tcase_add_test(values, what_is_there_is_found);
    tcase_add_test(values, a_type_is_asked_for);
    tcase_add_test(values, components_are_in_place);
    tcase_add_test(values, paths_are_taken_apart);
    tcase_add_loop_test(values, a_dictionary_keeps_its_order, 0, 6);
    tcase_add_test(values, keys_of_all_kinds_are_found);
    tcase_add_test(values, a_key_that_comes_twice_counts_once);
    tcase_add_test(values, what_is_wide_stays_wide);
    tcase_add_test(values, all_of_a_value_can_be_written_wide);
    tcase_add_test(values, objects_are_data_where_they_are_allowed);
    tcase_add_test(values, typed_containers_keep_their_types);
    tcase_add_test(values, what_is_no_utf8_is_not_written);
    tcase_add_test(values, encoding_appends);
    TCase *streams = add_case(suite, "streams");
    tcase_add_loop_test(streams, values_go_over_a_stream, 0, TRANSPORTS);
    tcase_add_loop_test(streams, what_is_no_value_leaves_the_stream, 0, TRANSPORTS);
    tcase_add_loop_test(streams, what_cannot_be_written_is_not, 0, TRANSPORTS);
    tcase_add_loop_test(streams, lines_and_raw_text, 0, TRANSPORTS);
    tcase_add_loop_test(streams, what_is_no_line_is_told, 0, TRANSPORTS);
    return suite;
}
