// SPDX-License-Identifier: MIT
//
// What an sps::Variant costs: memory for what a stranger claims, allocations, time.
#include <ctime>
#include <malloc.h>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "cpp_suites.hpp"
#include "cpp_support.hpp"
#include "cpp_variant_support.hpp"

namespace {

using sps::Array;
using sps::Dictionary;
using sps::Variant;

size_t bytes_now = 0, bytes_most = 0, allocations = 0;

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

Suite *cpp_variant_cost_suite() {
    Suite *suite = suite_create("cpp_variant_cost");
    TCase *all = add_case(suite, "all");
    tcase_add_test(all, a_byte_becomes_at_most_40);
    tcase_add_test(all, a_move_takes_no_memory);
    tcase_add_test(all, many_keys_take_no_time);
    return suite;
}
