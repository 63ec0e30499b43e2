// SPDX-License-Identifier: MIT
//
// sps::Variant as a value: construction, access, comparison. No value is too deep for a small
// stack.
#include <cmath>
#include <cstring>
#include <functional>
#include <pthread.h>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/cpp_support.hpp"
#include "support/cpp_variants.hpp"
#include "support/sanitizers.h"

namespace {

using namespace std::string_literals;
using sps::Array;
using sps::Dictionary;
using sps::NodePath;
using sps::Object;
using sps::StringName;
using sps::Variant;
using sps::Vector2;
using sps::Vector2i;
using sps::Vector3;
using sps::Vector4;

// ---- Depth

// Half of a thread's default stack with musl. A sanitizer's thread needs more for itself.
constexpr size_t STACK_BYTES = (ADDRESS_SANITIZER || THREAD_SANITIZER ? 256 : 64) * size_t{1024};

// Runs the function on a stack of STACK_BYTES.
void on_a_small_stack(const std::function<void()> &p_function) {
    pthread_attr_t attributes;
    pthread_t thread;
    ck_assert_int_eq(pthread_attr_init(&attributes), 0);
    ck_assert_int_eq(pthread_attr_setstacksize(&attributes, STACK_BYTES), 0);
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

// Nests values in turn: a list's last element, a dictionary's key and value, an object's property.
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

START_TEST(deep_values_need_little_stack) {
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
        const Dictionary keys{{deepest, 1}, {wind(1023), 2}, {nested(0, 1023), 3}};
        ck_assert(keys.has(deepest) && keys == Dictionary(keys) && *keys.find(deepest) == 1);
        ck_assert(Array{deepest}.has(deepest) && keys.find_key(2) == wind(1023));
        const std::string text = deepest;
        ck_assert(deepest && text == deepest.to_string());
        Bytes kept;
        IS(Variant(Array{deepest}).encode(kept, options), sps::ERR_PARAMETER_RANGE_ERROR);
        ck_assert(kept.empty());
    });
}
END_TEST

START_TEST(a_deep_value_from_a_stream_is_refused) {
    on_a_small_stack([] {
        sps::StreamPeerBuffer buffer;
        OK(buffer.put_var(wind(1023), true));
        OK(buffer.put_var(wind(1024), true));
        buffer.seek(0);
        ck_assert(buffer.get_var(true) == wind(1023));
        const Variant refused = buffer.get_var();
        IS(buffer.get_last_error(), sps::ERR_UNAUTHORIZED);
        buffer.seek(0);
        ck_assert(buffer.try_get_var(true) == wind(1023));
    });
}
END_TEST

START_TEST(a_program_may_build_deeper_values) {
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

START_TEST(a_difference_in_any_part_is_a_difference) {
    std::vector<Expected> all = scalars(); // equality ignores an array's element type
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
            // The rows contain null and 0.0 twice.
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
    ck_assert_int_eq(Variant("text").get_type(), Variant::STRING); // nor to bool
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

START_TEST(an_existing_path_is_found) {
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

START_TEST(get_returns_only_a_value_that_fits) {
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

START_TEST(paths_are_split) {
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

} // namespace

extern "C" Suite *cpp_variant_suite() {
    Suite *suite = suite_create("cpp_variant");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, deep_values_need_little_stack);
    tcase_add_test(all, a_deep_value_from_a_stream_is_refused);
    tcase_add_test(all, a_program_may_build_deeper_values);
    tcase_add_test(all, a_part_may_take_the_place_of_its_whole);
    tcase_add_test(all, equality_is_godots_within_a_type);
    tcase_add_test(all, a_difference_in_any_part_is_a_difference);
    tcase_add_test(all, literals_are_values);
    tcase_add_test(all, an_existing_path_is_found);
    tcase_add_test(all, get_returns_only_a_value_that_fits);
    tcase_add_test(all, components_are_in_place);
    tcase_add_test(all, paths_are_split);
    tcase_add_loop_test(all, a_dictionary_keeps_its_order, 0, 6);
    tcase_add_test(all, keys_of_all_kinds_are_found);
    tcase_add_test(all, a_key_that_comes_twice_counts_once);
    return suite;
}
