// SPDX-License-Identifier: MIT
//
// sps::Variant on the wire. The bytes that Godot 4.6 wrote decode to the original value. The value
// prints as in Godot and encodes to the same bytes. All other bytes are an error or a value.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/cpp_support.hpp"
#include "support/cpp_variants.hpp"

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

// ---- Godot's own bytes

START_TEST(each_row_decodes_to_its_value) {
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
        if (rows[i].name != "float") { // there is more than one NaN, and more than one zero
            ck_assert_msg(encoded(expected[i].value) == rows[i].bytes, "%s", rows[i].name.c_str());
        }
    }
}
END_TEST

START_TEST(each_row_prints_as_in_godot) {
    for (const Row &row : load_rows()) {
        const std::string text = decode(row.bytes).value.to_string();
        // The fixture stores these rows as words, or in another order.
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

START_TEST(reals_print_in_their_shortest_form) {
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

// ---- Untrusted bytes

START_TEST(each_prefix_is_refused) {
    for (const Row &row : load_rows()) {
        for (size_t size = 0; size < row.bytes.size(); size++) {
            const Bytes bytes(row.bytes.data(), row.bytes.data() + size);
            // The data() of an empty vector may be null.
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

// Every valid value can be encoded, decoded, printed, copied and compared.
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

START_TEST(an_error_has_the_position_of_the_malformed_byte) {
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
        std::copy(row.rest.begin(), row.rest.end(), std::back_inserter(bytes));
        const Variant::Decoded decoded = decode(bytes);
        IS(decoded.error, sps::ERR_INVALID_DATA);
        ck_assert_int_eq(decoded.fault, row.fault);
        ck_assert_uint_eq(decoded.offset, row.offset);
    }
    // the decoder ignores the bytes after the value
    const Variant::Decoded followed = decode({0, 0, 0, 0, 1, 2, 3});
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

// ---- Types with encodings of their own

START_TEST(wide_values_stay_wide) {
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
    ck_assert(decode(encoded(id)).value == id); // needs no allow_objects
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

START_TEST(invalid_utf8_is_not_written) {
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
    NodePath odd; // its names may contain separators
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

} // namespace

extern "C" Suite *cpp_variant_wire_suite() {
    Suite *suite = suite_create("cpp_variant_wire");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, each_row_decodes_to_its_value);
    tcase_add_test(all, each_row_is_written_the_same);
    tcase_add_test(all, each_row_prints_as_in_godot);
    tcase_add_test(all, reals_print_in_their_shortest_form);
    tcase_add_test(all, each_prefix_is_refused);
    tcase_add_test(all, each_changed_byte_is_an_error_or_a_value);
    tcase_add_test(all, an_error_has_the_position_of_the_malformed_byte);
    tcase_add_test(all, a_depth_can_be_set_within_godots);
    tcase_add_test(all, wide_values_stay_wide);
    tcase_add_test(all, all_of_a_value_can_be_written_wide);
    tcase_add_test(all, objects_are_data_where_they_are_allowed);
    tcase_add_test(all, typed_containers_keep_their_types);
    tcase_add_test(all, invalid_utf8_is_not_written);
    tcase_add_test(all, encoding_appends);
    return suite;
}
