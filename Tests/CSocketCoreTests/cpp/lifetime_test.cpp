// SPDX-License-Identifier: MIT
//
// How long each reference, pointer, span and view is valid that the C++ headers hand out: as long
// as they say. The address sanitizer sees one that is not.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/cpp_support.hpp"
#include "support/cpp_variants.hpp"

namespace {

using sps::Array;
using sps::Dictionary;
using sps::Object;
using sps::Variant;

const char LONG[] = "a text that is longer than what a small string holds";

// ---- A dictionary's elements never move

START_TEST(a_value_may_become_that_of_a_new_key) {
    Dictionary dictionary{{"hp", LONG}};
    dictionary["old_hp"] = dictionary["hp"]; // the right side is evaluated first
    ck_assert(dictionary["old_hp"] == LONG && dictionary["hp"] == LONG);
    dictionary.set("again", *dictionary.find("old_hp"));
    dictionary[dictionary.begin()->key] = dictionary["again"];
    ck_assert(dictionary["again"] == LONG && dictionary.size() == 3);
}
END_TEST

START_TEST(an_element_stays_while_others_come_and_go) {
    Dictionary dictionary;
    Variant &value = dictionary["kept"] = LONG;
    const Variant &key = dictionary.begin()->key;
    auto iterator = dictionary.begin();
    for (int i = 0; i < 5000; i++) {
        dictionary[i] = i;
    }
    for (int i = 0; i < 5000; i += 2) {
        ck_assert(dictionary.erase(i));
    }
    value = Array{value, 1};
    ck_assert(key == "kept" && iterator->value == Variant(Array{LONG, 1}));
    ck_assert_ptr_eq(dictionary.find("kept"), &value);
    ck_assert((++iterator)->key == 1);
}
END_TEST

START_TEST(an_element_stays_when_the_dictionary_is_moved) {
    for (const int count : {1, 100}) {
        Dictionary dictionary;
        for (int i = 0; i < count; i++) {
            dictionary[i] = LONG;
        }
        Variant *value = dictionary.find(0);
        Dictionary moved = std::move(dictionary);
        Variant holder = std::move(moved);
        Variant last;
        last = std::move(holder);
        ck_assert_ptr_eq(last.find(0), value);
        ck_assert(*value == LONG && last[count - 1] == LONG);
        const Variant copy = last;
        *value = 1;
        ck_assert(copy[0] == LONG && last[0] == 1);
    }
}
END_TEST

START_TEST(a_key_may_be_erased_by_itself) {
    for (const int count : {3, 100}) {
        Dictionary dictionary;
        for (int i = 0; i < count; i++) {
            dictionary[LONG + std::to_string(i)] = i;
        }
        while (!dictionary.is_empty()) {
            ck_assert(dictionary.erase(dictionary.begin()->key));
        }
        dictionary["new"] = 1;
        ck_assert(dictionary["new"] == 1 && dictionary.size() == 1);
    }
}
END_TEST

// ---- A part takes the place of its whole

START_TEST(a_part_may_be_assigned_to_its_whole) {
    Array array{Array{LONG, 2}, 3};
    array = *array[0].get_if<Array>();
    ck_assert(array == Array({LONG, 2}));
    array = Array{Array{LONG}};
    array = std::move(*array[0].get_if<Array>());
    ck_assert(array == Array{LONG});
    Dictionary dictionary{{"in", Dictionary{{"deep", LONG}}}};
    dictionary = *dictionary["in"].get_if<Dictionary>();
    ck_assert(dictionary == Dictionary({{"deep", LONG}}));
    dictionary = Dictionary{{"in", Dictionary{{"deep", LONG}}}};
    dictionary = std::move(*dictionary["in"].get_if<Dictionary>());
    ck_assert(dictionary["deep"] == LONG);
    Object object("A", {{"in", Object("B", {{"deep", LONG}})}});
    object = *object.properties[0].value.get_if<Object>();
    ck_assert(object == Object("B", {{"deep", LONG}}));
    object = Object("A", {{"in", Object("B", {{"deep", LONG}})}});
    object = std::move(*object.properties[0].value.get_if<Object>());
    ck_assert(object == Object("B", {{"deep", LONG}}));
}
END_TEST

START_TEST(an_array_may_grow_by_its_own_elements) {
    Array array{LONG};
    for (int i = 0; i < 100; i++) {
        array.append(array[0]);
    }
    ck_assert(array[100] == LONG);
}
END_TEST

// ---- What a Variant points to

START_TEST(a_pointer_lasts_until_its_variant_changes) {
    std::vector<Variant> values = {LONG, "", sps::PackedByteArray{1}, Array{LONG}, sps::Basis()};
    const std::string *text = values[0].get_if<std::string>();
    const auto view = values[0].get<std::string_view>();
    const Array *array = values[3].get_if<Array>();
    const sps::PackedByteArray *bytes = values[2].get_if<sps::PackedByteArray>();
    Variant first = std::move(values[0]); // what has memory of its own takes it along
    std::vector<Variant> elsewhere = std::move(values);
    elsewhere.resize(100);
    ck_assert(*text == LONG && *view == LONG && *bytes == sps::PackedByteArray{1});
    ck_assert(array->elements[0] == LONG);
}
END_TEST

START_TEST(empty_containers_can_be_read_and_filled) {
    Variant values[] = {"", sps::StringName(), Array(), Dictionary(), sps::PackedStringArray()};
    const Variant &text = values[0];
    ck_assert(text.get_if<std::string>()->empty() && text.get<std::string_view>() == "");
    *values[0].get_if<std::string>() += LONG;
    *values[1].get_if<std::string>() += LONG;
    values[2].get_if<Array>()->append(LONG);
    (*values[3].get_if<Dictionary>())["a"] = LONG;
    values[4].get_if<sps::PackedStringArray>()->push_back(LONG);
    ck_assert(values[0] == LONG && values[1] == sps::StringName(LONG));
    ck_assert(values[2][0] == LONG && values[3]["a"] == LONG);
    ck_assert(values[4] == sps::PackedStringArray{LONG});
    ck_assert(Variant("") == sps::StringName() && Variant(Array()) == Array());
}
END_TEST

START_TEST(an_element_of_a_temporary_is_a_value) {
    sps::StreamPeerBuffer buffer;
    OK(buffer.put_var(Dictionary{{"hp", LONG}, {"list", Array{1, LONG}}}));
    buffer.seek(0);
    const Variant &hp = buffer.get_var()["hp"];
    ck_assert(hp == LONG);
    buffer.seek(0);
    const auto &deep = buffer.get_var()["list"][1];
    ck_assert(deep == LONG);
    buffer.seek(0);
    ck_assert(buffer.get_var()["none"]["deeper"].is_nil());
    const Variant empty;
    const Variant &none = empty["x"];
    ck_assert(none.is_nil());
}
END_TEST

// ---- Names, components

START_TEST(a_view_of_a_name_lasts_as_long_as_its_type) {
    sps::ElementType type(sps::ElementType::CLASS, LONG);
    const std::string_view name = type.get_name();
    const sps::ElementType copy = type, moved = std::move(type);
    ck_assert(name == LONG && copy.get_name() == LONG && moved == copy);
    ck_assert(sps::ElementType().get_name().empty());
}
END_TEST

START_TEST(components_live_as_long_as_the_wide_value) {
    std::vector<double> reals(16, 0.5);
    const auto wide = sps::WideReals::make(Variant::PROJECTION, reals);
    const std::vector<double> &components = wide->get_components();
    reals.clear();
    ck_assert(components == std::vector<double>(16, 0.5));
}
END_TEST

// ---- Spans of a stream's memory

START_TEST(a_peeked_span_lasts_until_the_next_call) {
    Connection connection;
    OK(connection.client.put_data(bytes_of(LONG), sizeof LONG));
    sps::ByteSpan span;
    WAIT_UNTIL((connection.peer->poll(), span = connection.peer->peek()).size == sizeof LONG);
    OK(connection.client.put_u8(1)); // of another object
    ck_assert_ptr_eq(connection.peer->peek().data, span.data);
    ck_assert(std::string_view(reinterpret_cast<const char *>(span.data)) == LONG);
    ck_assert_int_eq(static_cast<int>(span.end() - span.begin()), sizeof LONG);
}
END_TEST

START_TEST(a_buffers_span_lasts_until_the_next_put) {
    sps::StreamPeerBuffer buffer;
    OK(buffer.put_utf8_string(LONG));
    const sps::ByteSpan span = buffer.get_data_span();
    buffer.seek(0);
    ck_assert(buffer.get_utf8_string() == LONG);
    ck_assert(std::string(span.begin() + 4, span.end()) == LONG);
}
END_TEST

START_TEST(a_packet_lasts_until_the_next_call) {
    sps::StreamPeerBuffer buffer;
    sps::PacketPeerStream packets;
    OK(packets.set_stream_peer(buffer));
    OK(packets.put_packet(bytes_of(LONG), sizeof LONG));
    OK(packets.put_var(LONG));
    buffer.seek(0);
    const uint8_t *data = nullptr;
    int size = 0;
    OK(packets.get_packet(&data, size));
    ck_assert(size == sizeof LONG && std::string(data, data + size - 1) == LONG);
    OK(packets.get_var(&data, size));
    ck_assert(Variant::decode(data, static_cast<size_t>(size)).value == LONG);
}
END_TEST

START_TEST(a_stream_is_kept_by_its_packets) {
    sps::PacketPeerStream packets;
    OK(packets.set_stream_peer(std::make_shared<sps::StreamPeerBuffer>()));
    const std::shared_ptr<sps::StreamPeer> peer = packets.get_stream_peer();
    OK(packets.set_stream_peer(nullptr));
    OK(peer->put_u8(1));
}
END_TEST

} // namespace

extern "C" Suite *cpp_lifetime_suite() {
    Suite *suite = suite_create("cpp_lifetime");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_value_may_become_that_of_a_new_key);
    tcase_add_test(all, an_element_stays_while_others_come_and_go);
    tcase_add_test(all, an_element_stays_when_the_dictionary_is_moved);
    tcase_add_test(all, a_key_may_be_erased_by_itself);
    tcase_add_test(all, a_part_may_be_assigned_to_its_whole);
    tcase_add_test(all, an_array_may_grow_by_its_own_elements);
    tcase_add_test(all, a_pointer_lasts_until_its_variant_changes);
    tcase_add_test(all, empty_containers_can_be_read_and_filled);
    tcase_add_test(all, an_element_of_a_temporary_is_a_value);
    tcase_add_test(all, a_view_of_a_name_lasts_as_long_as_its_type);
    tcase_add_test(all, components_live_as_long_as_the_wide_value);
    tcase_add_test(all, a_peeked_span_lasts_until_the_next_call);
    tcase_add_test(all, a_buffers_span_lasts_until_the_next_put);
    tcase_add_test(all, a_packet_lasts_until_the_next_call);
    tcase_add_test(all, a_stream_is_kept_by_its_packets);
    return suite;
}
