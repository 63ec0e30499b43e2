// SPDX-License-Identifier: MIT
//
// The cost of an sps::Variant in memory, allocations and time, even for hostile input.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <malloc.h>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "support/cpp_support.hpp"
#include "support/cpp_variants.hpp"
#include "support/sanitizers.h"

#ifdef _WIN32
#define malloc_usable_size _msize
#endif

namespace {

using sps::Array;
using sps::Dictionary;
using sps::Variant;

size_t bytes_now = 0, bytes_most = 0, allocations = 0;

// The peak of the memory that decoding these bytes takes.
size_t cost_of(const Bytes &p_bytes, sps::Error &r_error, size_t p_limit) {
    sps::DecodeOptions options;
    options.allow_objects = true;
    options.max_memory_bytes = p_limit;
    const size_t before = bytes_now;
    bytes_most = bytes_now;
    r_error = Variant::decode(p_bytes.data(), p_bytes.size(), options).error;
    ck_assert_uint_eq(bytes_now, before);
    return bytes_most - before;
}

size_t cost_of(const Bytes &p_bytes) {
    sps::Error error = sps::OK;
    return cost_of(p_bytes, error, 0);
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

// The bound of the header's contract, plus the list of open levels.
size_t bound_of(const Bytes &p_bytes) {
    return 4 * p_bytes.size() + sps::DecodeOptions::SPARE_MEMORY_BYTES + 256 * size_t{1024};
}

// The elements with the largest values for their encoded size.
std::vector<Bytes> greedy_elements() {
    return {
        {0, 0, 0, 0},                          // null
        {4, 0, 0, 0, 0, 0, 0, 0},              // texts
        {4, 0, 0, 0, 1, 0, 0, 0, 97, 0, 0, 0}, //
        {4, 0, 0, 0, 16, 0, 0, 0, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97, 97},
        {28, 0, 0, 0, 0, 0, 0, 0},                           // an array
        {28, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0},               // a typed one
        {28, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},               //
        {27, 0, 0, 0, 0, 0, 0, 0},                           // a dictionary
        {27, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},   //
        {34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0},               // a PackedStringArray
        {22, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0}, // paths
        {22, 0, 0, 0, 1, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {22, 0, 0, 0, 1, 0, 0, 128, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
        {24, 0, 0, 0, 1, 0, 0, 0, 97, 0, 0, 0, 0, 0, 0, 0}, // an object
        {24, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0},              // its id
        {26, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0},  // a signal
        {29, 0, 0, 0, 1, 0, 0, 0, 97, 0, 0, 0},             // bytes
        {5, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}};
}

// Different keys. They need an index.
Bytes plain_keys(uint32_t p_count) {
    Bytes bytes;
    append_u32(bytes, Variant::DICTIONARY);
    append_u32(bytes, p_count);
    for (uint32_t i = 0; i < p_count; i++) {
        append_u32(bytes, Variant::INT);
        append_u32(bytes, i);
        append_u32(bytes, Variant::NIL);
    }
    return bytes;
}

// Strings of a packed array. Each is too long for inline storage.
Bytes packed_texts(uint32_t p_count) {
    Bytes bytes;
    append_u32(bytes, Variant::PACKED_STRING_ARRAY);
    append_u32(bytes, p_count);
    for (uint32_t i = 0; i < p_count; i++) {
        append_u32(bytes, 16);
        bytes.insert(bytes.end(), 16, 'a');
    }
    return bytes;
}

// The list of open levels, and a dictionary's index just after it grew.
constexpr size_t SLACK_BYTES = 16 * 1024;

// The decoder counts exactly the memory that it takes, so it refuses no value that fits.
void expect_that_the_limit_is_kept(const Bytes &p_bytes) {
    sps::Error error = sps::OK;
    const size_t needed = cost_of(p_bytes, error, SIZE_MAX / 2);
    OK(error);
    for (const size_t limit : {needed / 8, needed / 2, needed - needed / 8}) {
        ck_assert_uint_le(cost_of(p_bytes, error, limit), limit + SLACK_BYTES);
        IS(error, sps::ERR_OUT_OF_MEMORY);
    }
    cost_of(p_bytes, error, needed + needed / 4);
    OK(error);
}

START_TEST(the_limit_holds_for_every_type) {
    for (const Bytes &element : greedy_elements()) {
        const auto count = static_cast<uint32_t>(64 * 1024 / element.size());
        expect_that_the_limit_is_kept(list_of(element, count, Variant::ARRAY));
    }
    expect_that_the_limit_is_kept(plain_keys(5000));
    expect_that_the_limit_is_kept(packed_texts(5000));
}
END_TEST

START_TEST(a_value_takes_no_more_memory_than_promised) {
    for (const Bytes &element : greedy_elements()) {
        for (const Variant::Type type : {Variant::ARRAY, Variant::DICTIONARY}) {
            // Enough elements to make spare capacity insignificant.
            const auto count = static_cast<uint32_t>(8 * 1024 * 1024 / element.size()) & ~1U;
            const Bytes list = list_of(element, count, type);
            // Each of a thousand arrays around it claims as many elements as the bytes allow.
            Bytes liars;
            for (size_t i = 0; i < 1000; i++) {
                append_u32(liars, Variant::ARRAY);
                append_u32(liars, static_cast<uint32_t>(list.size() / 4));
            }
            liars.insert(liars.end(), list.begin(), list.end());
            ck_assert_uint_le(cost_of(list), bound_of(list));
            ck_assert_uint_le(cost_of(liars), bound_of(liars));
        }
    }
    for (const uint32_t type : {uint32_t{Variant::PACKED_STRING_ARRAY}, 22U}) {
        Bytes texts;
        append_u32(texts, type);
        append_u32(texts, 1000000 | (type == 22 ? 0x80000000 : 0));
        texts.resize(texts.size() + 4 * 1000000 + (type == 22 ? 8 : 0));
        ck_assert_uint_le(cost_of(texts), bound_of(texts));
    }
    ck_assert_uint_lt(cost_of({29, 0, 0, 0, 255, 255, 255, 127}), 1024);
}
END_TEST

START_TEST(empty_containers_take_a_variant_each) {
    for (const uint8_t type : {4, 21, 24, 27, 28, 29, 34}) {
        const Bytes list = list_of({type, 0, 0, 0, 0, 0, 0, 0}, 1000000, Variant::ARRAY);
        ck_assert_uint_lt(cost_of(list), 25 * size_t{1000000});
    }
}
END_TEST

START_TEST(the_limit_of_memory_is_the_callers) {
    const Bytes bytes =
        encoded(Array{1, "a text that takes memory of its own", Dictionary{{1, 2}}});
    sps::DecodeOptions options;
    for (options.max_memory_bytes = 1; options.max_memory_bytes < 1024;
         options.max_memory_bytes++) {
        const Variant::Decoded decoded = Variant::decode(bytes.data(), bytes.size(), options);
        if (decoded) {
            break;
        }
        IS(decoded.error, sps::ERR_OUT_OF_MEMORY);
        ck_assert(decoded.value.is_nil() && decoded.fault == Variant::SOUND);
    }
    ck_assert(options.max_memory_bytes > 300 && options.max_memory_bytes < 600);
    // A large value with ordinary content decodes with the default options.
    const Bytes sparse = list_of({0, 0, 0, 0}, 800000, Variant::ARRAY);
    OK(decode(sparse).error);
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
#else // slower without optimization, or with a sanitizer
constexpr uint32_t MANY = 20000;
#endif

// Nested keys, and keys that a peer chose, could make a dictionary slow.
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
    const clock_t start = clock(); // this process's time, independent of other load
    ck_assert_uint_eq(decode(different).value.get_if<Dictionary>()->size(), MANY);
    ck_assert_uint_eq(decode(same).value.get_if<Dictionary>()->size(), 1);
    ck_assert_uint_eq(decode(nested_keys).value.get_if<Dictionary>()->size(), 1);
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

// The bytes that malloc() takes for a block. (Blocks here are larger, because of support_memory.c.)
size_t block_bytes(size_t p_bytes) {
    return std::max<size_t>((p_bytes + 23) / 16 * 16, 32);
}

void count_allocation(size_t p_bytes) {
    allocations++;
    bytes_now += block_bytes(p_bytes);
    bytes_most = std::max(bytes_most, bytes_now);
}

// A header in front of each block stores its size. The address sanitizer guards that place itself.
constexpr size_t HEADER_BYTES = ADDRESS_SANITIZER ? 0 : 16;

size_t size_of(char *p_memory) {
    size_t bytes = malloc_usable_size(p_memory);
    if (HEADER_BYTES > 0) {
        std::memcpy(&bytes, p_memory, sizeof bytes);
    }
    return bytes;
}

} // namespace

// Counts allocations for the tests of costs. (If gcc inlined it, it would warn of a mismatch.)
[[gnu::noinline]] void *operator new(size_t p_bytes) {
    char *memory = static_cast<char *>(malloc(p_bytes + HEADER_BYTES));
    if (memory == nullptr) {
        abort();
    }
    std::memcpy(memory, &p_bytes, std::min(HEADER_BYTES, sizeof p_bytes));
    count_allocation(p_bytes);
    return memory + HEADER_BYTES;
}

void *operator new(size_t p_bytes, const std::nothrow_t &) noexcept {
    return operator new(p_bytes);
}

[[gnu::noinline]] void operator delete(void *p_memory) noexcept {
    if (p_memory != nullptr) {
        char *memory = static_cast<char *>(p_memory) - HEADER_BYTES;
        bytes_now -= block_bytes(size_of(memory));
        free(memory);
    }
}

void operator delete(void *p_memory, size_t) noexcept {
    operator delete(p_memory);
}

extern "C" Suite *cpp_variant_cost_suite() {
    Suite *suite = suite_create("cpp_variant_cost");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_value_takes_no_more_memory_than_promised);
    tcase_add_test(all, the_limit_holds_for_every_type);
    tcase_add_test(all, empty_containers_take_a_variant_each);
    tcase_add_test(all, the_limit_of_memory_is_the_callers);
    tcase_add_test(all, a_move_takes_no_memory);
    tcase_add_test(all, many_keys_take_no_time);
    return suite;
}
