// SPDX-License-Identifier: MIT
//
// Values, and what a real Godot 4.6 wrote of them with put_var(): the rows of Fixtures/godot-4.6-wire.jsonl.
#ifndef CPP_VARIANT_SUPPORT_HPP
#define CPP_VARIANT_SUPPORT_HPP

#include <cstdint>
#include <string>
#include <vector>

#include <streampeersocket.hpp>

using Bytes = std::vector<uint8_t>;

struct Row {
    std::string name;
    std::string value;
    Bytes bytes; // without the length before them
};

std::vector<Row> load_rows();

// A row's value, as a C++ program would write it.
struct Expected {
    const char *name;
    sps::Variant value;
};

// In the order of the rows; and all of them.
std::vector<Expected> scalars();
std::vector<Expected> vectors();
std::vector<Expected> names_and_containers();
std::vector<Expected> packed_and_typed();
std::vector<Expected> all_expected();

// In so many arrays.
sps::Variant nested(sps::Variant p_value, int p_levels);

sps::Array typed(sps::Array p_array, sps::ElementType p_type);
sps::Dictionary typed(sps::Dictionary p_dictionary, sps::ElementType p_key,
                      sps::ElementType p_value);

void append_u32(Bytes &r_bytes, uint32_t p_value);
Bytes encoded(const sps::Variant &p_value, const sps::EncodeOptions &p_options = {});
sps::Variant::Decoded decode(const Bytes &p_bytes, bool p_allow_objects = false);

#endif
