// SPDX-License-Identifier: MIT
//
// Godot's code compiles as it is: Ref, conversions of a Variant, the methods of Array and
// Dictionary, marshalls.h.
#include <climits>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/cpp_support.hpp"
#include "support/cpp_variants.hpp"

namespace {

using namespace sps;

// ---- Ref

START_TEST(a_ref_shares_its_object) {
    Ref<StreamPeerTCP> none;
    ck_assert(none.is_null() && !none.is_valid() && none.ptr() == nullptr);
    Ref<StreamPeerBuffer> buffer;
    buffer.instantiate();
    Ref<StreamPeer> peer = buffer;
    ck_assert(peer.is_valid() && peer == Ref<StreamPeer>(buffer) && peer.ptr() == buffer.ptr());
    PacketPeerStream packets;
    OK(packets.set_stream_peer(buffer));
    buffer.unref();
    peer = nullptr;
    OK(packets.put_packet(bytes_of("x"), 1));
    Ref<StreamPeer> back = packets.get_stream_peer();
    ck_assert(back.is_valid() && back != peer);
    OK(packets.set_stream_peer(nullptr));
    OK(back->put_u8(1));
}
END_TEST

START_TEST(a_taken_connection_is_a_ref) {
    Ref<TCPServer> server;
    server.instantiate();
    OK(server->listen(0, "127.0.0.1"));
    Ref<StreamPeerTCP> client, peer;
    client.instantiate();
    ck_assert((peer = server->take_connection()).is_null());
    OK(client->connect_to_host("127.0.0.1", server->get_local_port()));
    WAIT_UNTIL((peer = server->take_connection()).is_valid());
    WAIT_UNTIL((client->poll(), client->get_status()) == StreamPeerTCP::STATUS_CONNECTED);
    expect_text_arrives(*client, *peer);
}
END_TEST

// ---- A Variant becomes what is asked for

START_TEST(a_variant_converts_to_the_requested_type) {
    const Variant state = Dictionary{{"hp", 100}, {"speed", 2.5}, {"name", "Ann"}, {"none", ""}};
    const int hp = state["hp"], cut = state["speed"];
    const double wide = state["hp"];
    const uint8_t byte = state["hp"];
    std::string name = state["name"];
    name = state["name"];
    ck_assert(hp == 100 && cut == 2 && wide == 100.0 && byte == 100 && name == "Ann");
    const Dictionary dictionary = state;
    ck_assert(dictionary.size() == 4 && dictionary["hp"] == 100 && dictionary["x"].is_nil());
    const Array none = state;
    ck_assert(none.is_empty());
    const std::string number = state["hp"], null = state["nothing"];
    ck_assert(number == "100" && null == "<null>");
    const StringName as_name = state["name"];
    const NodePath path = Variant("a/b:c");
    ck_assert(as_name == StringName("Ann") && path == NodePath("a/b:c"));
    const auto error = static_cast<Error>(Variant(ERR_BUSY));
    ck_assert(error == ERR_BUSY && (Error)(int)Variant(ERR_BUSY) == ERR_BUSY);
}
END_TEST

START_TEST(a_number_out_of_range_becomes_the_nearest) {
    const int64_t most = Variant(1e300), least = Variant(-1e300), none = Variant(NAN);
    ck_assert(most == INT64_MAX && least == INT64_MIN && none == 0);
    const int of_true = Variant(true), of_text = Variant("7"), of_null = Variant();
    ck_assert(of_true == 1 && of_text == 0 && of_null == 0);
}
END_TEST

START_TEST(a_variant_is_true_unless_it_is_its_types_default) {
    for (const Expected &each : all_expected()) {
        const bool is_true = each.value ? true : false;
        const bool is_default =
            each.value.is_nil() || each.value == 0 || each.value == 0.0 || each.value == false ||
            each.value == "" || each.value == NodePath() || each.value == RID() ||
            each.value == Callable() || each.value == Signal() || each.value == Quaternion() ||
            (each.value.get_if<Array>() && each.value == Array()) ||
            (each.value.get_if<Dictionary>() && each.value == Dictionary()) ||
            each.value == PackedByteArray();
        ck_assert_msg(is_true == !is_default, "%s", each.value.to_string().c_str());
    }
}
END_TEST

START_TEST(vectors_and_arrays_become_each_other) {
    const Vector2i whole = Variant(Vector2(1.5F, -2.5F));
    const Vector3 real = Variant(Vector3i(1, 2, 3));
    ck_assert(whole == Vector2i(1, -2) && real == Vector3(1, 2, 3));
    const PackedByteArray bytes = Variant(Array{1, 2.5, 300});
    const Array list = Variant(PackedStringArray{"a", "b"});
    ck_assert(bytes == PackedByteArray({1, 2, 44}) && list == Array({"a", "b"}));
    const PackedVector2Array vectors = Variant(Array{Vector2(1, 2), 3});
    ck_assert(vectors == PackedVector2Array({{1, 2}, {}}));
    const auto wide = WideReals::make(Variant::VECTOR2, {1.5, 2.5});
    const Vector2 rounded = Variant(*wide);
    ck_assert(rounded == Vector2(1.5F, 2.5F));
}
END_TEST

START_TEST(an_invalid_value_is_not_constructed) {
    static_assert(!std::is_convertible_v<Variant, char> && !std::is_convertible_v<Variant, char *>);
    static_assert(!std::is_convertible_v<Variant, const char *>);
    static_assert(!std::is_convertible_v<Variant, std::string_view>); // it would be of what ends
    static_assert(!std::is_convertible_v<Variant, std::vector<Variant>>);
    std::string text;
    text = Variant("x"); // and no char
    ck_assert(text == "x" && Variant(1) == 1 && 1 == Variant(1) && Variant("a") != "b");
    ck_assert(Variant(1) != 1.0 && Variant(Array{1}) == Array{1} && nullptr == Variant());
    Variant other = 1;
    other = other ? Variant(2) : Variant(3);
    ck_assert(other == 2);
}
END_TEST

// ---- Array

START_TEST(an_array_has_godots_methods) {
    Array array;
    array.push_back(2);
    array.push_front(1);
    array.append_array({3, 4});
    OK(array.insert(2, "new"));
    OK(array.insert(-1, "last but one"));
    OK(array.insert(6, 5));
    IS(array.insert(8, 0), ERR_INVALID_PARAMETER);
    IS(array.insert(-9, 0), ERR_INVALID_PARAMETER);
    ck_assert(array == Array({1, 2, "new", 3, "last but one", 4, 5}));
    ck_assert(array.find(3) == 3 && array.find(3, 4) == -1 && array.find("x") == -1);
    ck_assert(array.has("new") && !array.has(9) && array.count(1) == 1);
    array.erase("new");
    array.erase("not there");
    array.remove_at(-3);
    array.remove_at(17);
    ck_assert(array == Array({1, 2, 3, 4, 5}));
    ck_assert(array.front() == 1 && array.back() == 5 && array.get(-2) == 4 &&
              array.get(5).is_nil());
    ck_assert(array.pop_back() == 5 && array.pop_front() == 1 && array.pop_at(1) == 3);
    ck_assert(array.pop_at(2).is_nil() && array == Array({2, 4}));
    array.set(0, "set");
    array.set(2, "nowhere");
    array.append_array(array);
    ck_assert(array == Array({"set", 4, "set", 4}) && array.count(4) == 2);
    ck_assert(array.slice(1) == Array({4, "set", 4}) && array.slice(-3, -1) == Array({4, "set"}));
    ck_assert(array.slice(3, 1).is_empty() && array.slice(-9, 99) == array);
    array.reverse();
    OK(array.resize(2));
    IS(array.resize(-1), ERR_INVALID_PARAMETER);
    Array copy = array.duplicate(true);
    copy.fill(copy[0]);
    ck_assert(copy == Array({4, 4}) && array == Array({4, "set"}));
    array.clear();
    ck_assert(array.is_empty() && array.pop_back().is_nil() && array.front().is_nil());
}
END_TEST

START_TEST(containers_can_be_typed) {
    Array array;
    OK(array.set_typed(Variant::INT, StringName(), Variant()));
    OK(array.set_typed(Variant::INT, "", Variant()));
    ck_assert(array.is_typed() && array.get_typed_builtin() == Variant::INT);
    OK(array.set_typed(Variant::OBJECT, StringName("Node")));
    ck_assert(array.element_type == ElementType(ElementType::CLASS, "Node"));
    ck_assert(array.get_typed_class_name() == StringName("Node") &&
              array.get_typed_builtin() == Variant::OBJECT);
    OK(array.set_typed(Variant::OBJECT, StringName("Node"), "res://a.gd"));
    ck_assert(array.element_type == ElementType(ElementType::SCRIPT, "res://a.gd"));
    OK(array.set_typed(Variant::NIL));
    ck_assert(!array.is_typed());
    IS(array.set_typed(Variant::INT, StringName("Node")), ERR_INVALID_PARAMETER);
    IS(array.set_typed(Variant::VARIANT_MAX), ERR_INVALID_PARAMETER);
    array.append(1);
    IS(array.set_typed(Variant::INT), ERR_INVALID_PARAMETER);
    Dictionary dictionary;
    OK(dictionary.set_typed(Variant::STRING, StringName(), Variant(), Variant::INT));
    ck_assert(dictionary.is_typed_key() && dictionary.get_typed_key_builtin() == Variant::STRING);
    ck_assert(dictionary.get_typed_value_builtin() == Variant::INT &&
              dictionary.keys().get_typed_builtin() == Variant::STRING);
    dictionary["a"] = 1;
    IS(dictionary.set_typed(Variant::NIL, {}, {}, Variant::NIL), ERR_INVALID_PARAMETER);
}
END_TEST

// ---- Dictionary

START_TEST(a_dictionary_has_godots_methods) {
    Dictionary dictionary{{"a", 1}, {2, "two"}, {"c", nullptr}};
    ck_assert(dictionary.keys() == Array({"a", 2, "c"}));
    ck_assert(dictionary.values() == Array({1, "two", nullptr}));
    ck_assert(dictionary.has_all({"a", 2}) && !dictionary.has_all({"a", 3}));
    ck_assert(dictionary.get("a") == 1 && dictionary.get("x").is_nil() &&
              dictionary.get("x", 7) == 7);
    ck_assert(dictionary.find_key("two") == 2 && dictionary.find_key("three").is_nil());
    ck_assert(dictionary.get_or_add("d", 4) == 4 && dictionary.get_or_add("d", 5) == 4);
    dictionary.merge({{"a", "other"}, {"e", 5}});
    ck_assert(dictionary["a"] == 1 && dictionary["e"] == 5 && dictionary.size() == 5);
    dictionary.merge({{"a", "other"}}, true);
    dictionary.merge(dictionary, true);
    ck_assert(dictionary.keys() == Array({"a", 2, "c", "d", "e"}) && dictionary["a"] == "other");
    Dictionary copy = dictionary.duplicate();
    ck_assert(copy.erase("a") && !copy.erase("a") && copy.size() == 4 && dictionary.has("a"));
    copy.clear();
    ck_assert(copy.is_empty());
}
END_TEST

// ---- Streams, packets, marshalls.h

START_TEST(bytes_are_put_and_got_as_arrays) {
    StreamPeerBuffer buffer;
    OK(buffer.put_data(PackedByteArray{1, 2, 3}));
    const Array sent = buffer.put_partial_data(PackedByteArray{4, 5});
    ck_assert(sent == Array({sps::OK, 2}));
    buffer.seek(0);
    const Array got = buffer.get_partial_data(4);
    ck_assert(got[0] == sps::OK && got[1] == PackedByteArray({1, 2, 3, 4}));
    const auto rest = buffer.get_data(2);
    ck_assert(rest[0] == ERR_INVALID_PARAMETER && rest[1] == PackedByteArray{5});
    const auto [error, bytes] = rest;
    ck_assert(error == ERR_INVALID_PARAMETER && bytes == PackedByteArray{5});
}
END_TEST

START_TEST(packets_have_godots_names) {
    Ref<StreamPeerBuffer> buffer;
    buffer.instantiate();
    PacketPeerStream packets;
    OK(packets.set_stream_peer(buffer));
    OK(packets.put_packet_buffer(PackedByteArray{1, 2}));
    OK(packets.put_var("value"));
    buffer->seek(0);
    PackedByteArray bytes{9};
    OK(packets.get_packet_buffer(bytes));
    ck_assert(bytes == PackedByteArray({1, 2}));
    Variant value;
    OK(packets.get_var(value));
    ck_assert(value == "value");
    IS(packets.get_var(value), ERR_UNAVAILABLE);
    IS(packets.get_packet_buffer(bytes), ERR_UNAVAILABLE);
    ck_assert(value.is_nil() && bytes.empty());
    const PacketPeer &any = packets;
    ck_assert_int_eq(any.get_max_packet_size(), 65536);
}
END_TEST

START_TEST(a_get_may_have_a_limit_of_memory) {
    StreamPeerBuffer buffer;
    OK(buffer.put_var(Array{"a text that takes memory of its own", 2}));
    OK(buffer.put_u8(7));
    buffer.seek(0);
    DecodeOptions options;
    options.max_memory_bytes = 64;
    ck_assert(buffer.get_var(options).is_nil());
    IS(buffer.get_last_error(), ERR_OUT_OF_MEMORY);
    ck_assert_int_eq(buffer.get_u8(), 7); // the value has left the stream
    buffer.seek(0);
    ck_assert(!buffer.try_get_var(options));
    buffer.seek(0);
    ck_assert(buffer.get_var(DecodeOptions())[1] == 2);
}
END_TEST

START_TEST(marshalls_are_godots) {
    const Variant value = Array{1, "text"};
    int bytes = -1, read = -1;
    OK(encode_variant(value, nullptr, bytes));
    std::vector<uint8_t> buffer(static_cast<size_t>(bytes));
    OK(encode_variant(value, buffer.data(), bytes));
    ck_assert(buffer == encoded(value));
    Variant back;
    OK(decode_variant(back, buffer.data(), bytes, &read));
    ck_assert(back == value && read == bytes);
    IS(decode_variant(back, buffer.data(), bytes - 1, &read), ERR_INVALID_DATA);
    ck_assert(back.is_nil() && read == 0);
    IS(decode_variant(back, buffer.data(), -1), ERR_INVALID_PARAMETER);
    IS(encode_variant(Object("A", {}), nullptr, bytes), ERR_UNAUTHORIZED);
    ck_assert_int_eq(bytes, 0);
    OK(encode_variant(Object("A", {}), nullptr, bytes, true));
}
END_TEST

} // namespace

extern "C" Suite *cpp_port_suite() {
    Suite *suite = suite_create("cpp_port");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_ref_shares_its_object);
    tcase_add_test(all, a_taken_connection_is_a_ref);
    tcase_add_test(all, a_variant_converts_to_the_requested_type);
    tcase_add_test(all, a_number_out_of_range_becomes_the_nearest);
    tcase_add_test(all, a_variant_is_true_unless_it_is_its_types_default);
    tcase_add_test(all, vectors_and_arrays_become_each_other);
    tcase_add_test(all, an_invalid_value_is_not_constructed);
    tcase_add_test(all, an_array_has_godots_methods);
    tcase_add_test(all, containers_can_be_typed);
    tcase_add_test(all, a_dictionary_has_godots_methods);
    tcase_add_test(all, bytes_are_put_and_got_as_arrays);
    tcase_add_test(all, packets_have_godots_names);
    tcase_add_test(all, a_get_may_have_a_limit_of_memory);
    tcase_add_test(all, marshalls_are_godots);
    return suite;
}
