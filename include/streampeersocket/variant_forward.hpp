/* SPDX-License-Identifier: MIT */
/**
 * @file variant_forward.hpp
 * Declares the types of variant.hpp, for headers that only name them. A program that uses a Variant
 * includes variant.hpp.
 */
#ifndef STREAMPEERSOCKET_VARIANT_FORWARD_HPP
#define STREAMPEERSOCKET_VARIANT_FORWARD_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include <cstdint>
#include <vector>

namespace sps {

// Compilers show these lines in the errors of a program that lacks variant.hpp.
class Variant;        // #include <streampeersocket/variant.hpp>
class Array;          // #include <streampeersocket/variant.hpp>
class Dictionary;     // #include <streampeersocket/variant.hpp>
struct DecodeOptions; // #include <streampeersocket/variant.hpp>

using PackedByteArray = std::vector<uint8_t>;

} // namespace sps

#endif

#include "end.inc"

#endif
