// SPDX-License-Identifier: MIT
//
// Work of a given size with the values of the C++ headers, whose cost another program counts:
// growth_cpp CASE SIZE. The cost of the setup is also proportional to the size.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <streampeersocket.hpp>

namespace {

using sps::Array;
using sps::Dictionary;
using sps::Variant;

void expect(bool p_is_good, const char *p_what) {
    if (!p_is_good) {
        std::fprintf(stderr, "not so: %s\n", p_what);
        std::exit(EXIT_FAILURE);
    }
}

// Keys without an order.
int64_t scattered(size_t p_index) {
    return static_cast<int64_t>(p_index * 2654435761U % 4294967296U);
}

Variant plain_key(size_t p_index) {
    return scattered(p_index);
}

Variant text_key(size_t p_index) {
    return std::string(200, 'x') + std::to_string(scattered(p_index));
}

Variant array_key(size_t p_index) {
    return Array{"alike", scattered(p_index)};
}

Variant dictionary_key(size_t p_index) {
    return Dictionary{{"alike", 1}, {"id", scattered(p_index)}};
}

using MakeKey = Variant (*)(size_t);

template <MakeKey make_key> Dictionary filled(size_t p_size) {
    Dictionary dictionary;
    for (size_t i = 0; i < p_size; i++) {
        dictionary[make_key(i)] = static_cast<int64_t>(i);
    }
    expect(dictionary.size() == p_size, "each key is another");
    return dictionary;
}

template <MakeKey make_key> void keys_are_put_and_found(size_t p_size) {
    const Dictionary dictionary = filled<make_key>(p_size);
    for (size_t i = 0; i < p_size; i++) {
        expect(dictionary.has(make_key(i)), "a key is found");
    }
}

template <MakeKey make_key> void keys_are_erased(size_t p_size) {
    Dictionary dictionary = filled<make_key>(p_size);
    for (size_t i = 0; i < p_size; i++) {
        expect(dictionary.erase(make_key(p_size - 1 - i)), "a key is erased");
    }
}

// Like a queue of waiting clients.
void keys_come_and_go(size_t p_size) {
    Dictionary dictionary = filled<plain_key>(p_size);
    for (size_t i = 0; i < p_size; i++) {
        dictionary.erase(plain_key(i));
        dictionary[plain_key(p_size + i)] = 1;
    }
    expect(dictionary.size() == p_size, "as many as before");
}

template <MakeKey make_key> void dictionaries_are_compared(size_t p_size) {
    const Dictionary dictionary = filled<make_key>(p_size);
    Dictionary other;
    for (size_t i = p_size; i > 0; i--) {
        other[make_key(i - 1)] = static_cast<int64_t>(i - 1);
    }
    expect(dictionary == other && Variant(dictionary) == Variant(other), "they are equal");
}

std::vector<uint8_t> encoded(const Variant &p_value) {
    std::vector<uint8_t> bytes;
    expect(p_value.encode(bytes) == sps::OK, "it is encoded");
    return bytes;
}

Variant decoded(const std::vector<uint8_t> &p_bytes) {
    Variant::Decoded found = Variant::decode(p_bytes.data(), p_bytes.size());
    expect(found.error == sps::OK, "it is decoded");
    return std::move(found.value);
}

template <MakeKey make_key> void dictionaries_are_read_and_copied(size_t p_size) {
    const Variant value = decoded(encoded(filled<make_key>(p_size)));
    const Variant copy = value;
    expect(copy == value, "a copy is equal");
}

// A peer sends the same key again and again.
void a_key_is_read_again(size_t p_size) {
    std::vector<uint8_t> bytes = encoded(filled<plain_key>(p_size));
    for (size_t pair = 8; pair + 12 <= bytes.size(); pair += 16) {
        std::memcpy(&bytes[pair], &bytes[8], 4);
    }
    decoded(bytes);
}

Variant nested(size_t p_size) {
    Variant value = 0;
    for (size_t i = 0; i < p_size; i++) {
        Array around{1};
        around.append(std::move(value));
        value = std::move(around);
    }
    return value;
}

// Deeper than the wire format allows.
void deep_values_are_copied(size_t p_size) {
    const Variant value = nested(p_size);
    const Variant copy = value;
    expect(copy == value && value.to_string().size() > p_size, "a copy is equal");
    Dictionary dictionary;
    dictionary[value] = 1;
    expect(dictionary.has(copy), "it is a key");
}

void many_are_deep(size_t p_size) {
    Array many;
    for (size_t i = 0; i < p_size; i++) {
        many.append(nested(100));
    }
    const Variant value = std::move(many);
    expect(decoded(encoded(value)) == value, "the decoded value equals the written one");
}

void texts_are_printed(size_t p_size) {
    Array texts;
    for (size_t i = 0; i < p_size; i++) {
        texts.append("a \"text\"");
        texts.append(0.1 + static_cast<double>(i));
    }
    texts.append(std::string(10 * p_size, '"'));
    expect(Variant(texts).to_string().size() > p_size, "the text is printed");
}

void an_array_grows(size_t p_size) {
    Array array;
    for (size_t i = 0; i < p_size; i++) {
        array.push_back("text");
    }
    while (!array.is_empty()) {
        array.pop_back();
    }
}

void packed_arrays_are_read(size_t p_size) {
    const Variant value =
        Array{sps::PackedByteArray(8 * p_size, 1), sps::PackedStringArray(p_size, "text"),
              sps::PackedVector2Array(p_size)};
    expect(decoded(encoded(value)) == value, "the decoded value equals the written one");
}

void bytes_are_got(size_t p_size) {
    sps::StreamPeerBuffer buffer;
    buffer.put_data(sps::PackedByteArray(100 * p_size, 1));
    buffer.seek(0);
    expect(buffer.get_data(static_cast<int>(100 * p_size)).first == sps::OK, "all is got");
}

void nothing(size_t) {}

struct Case {
    const char *name;
    void (*run)(size_t);
};

const Case CASES[] = {
    {"nothing", nothing},
    {"plain_keys_are_put_and_found", keys_are_put_and_found<plain_key>},
    {"text_keys_are_put_and_found", keys_are_put_and_found<text_key>},
    {"array_keys_are_put_and_found", keys_are_put_and_found<array_key>},
    {"dictionary_keys_are_put_and_found", keys_are_put_and_found<dictionary_key>},
    {"plain_keys_are_erased", keys_are_erased<plain_key>},
    {"array_keys_are_erased", keys_are_erased<array_key>},
    {"keys_come_and_go", keys_come_and_go},
    {"dictionaries_are_compared", dictionaries_are_compared<plain_key>},
    {"dictionaries_with_array_keys_are_compared", dictionaries_are_compared<array_key>},
    {"dictionaries_with_dictionary_keys_are_compared", dictionaries_are_compared<dictionary_key>},
    {"dictionaries_are_read_and_copied", dictionaries_are_read_and_copied<plain_key>},
    {"dictionaries_with_array_keys_are_read_and_copied",
     dictionaries_are_read_and_copied<array_key>},
    {"a_key_is_read_again", a_key_is_read_again},
    {"deep_values_are_copied", deep_values_are_copied},
    {"many_are_deep", many_are_deep},
    {"texts_are_printed", texts_are_printed},
    {"an_array_grows", an_array_grows},
    {"packed_arrays_are_read", packed_arrays_are_read},
    {"bytes_are_got", bytes_are_got},
};

} // namespace

int main(int argc, char **argv) {
    expect(argc == 3, "usage: growth_cpp CASE SIZE");
    for (const Case &each : CASES) {
        if (std::strcmp(each.name, argv[1]) == 0) {
            each.run(std::strtoul(argv[2], nullptr, 10));
            return EXIT_SUCCESS;
        }
    }
    expect(false, "there is such a case");
}
