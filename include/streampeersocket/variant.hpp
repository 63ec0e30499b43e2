/* SPDX-License-Identifier: MIT */
/**
 * @file variant.hpp
 * Any value that Godot's scripts know, in C++17: what put_var() writes and get_var() reads.
 * streampeersocket.hpp includes it. Needs neither exceptions nor RTTI, and throws nothing of its own.
 *
 *     sps::Variant state = sps::Dictionary{{"hp", 100}, {"at", sps::Vector2(1, 2)}};
 *     peer.put_var(state);
 *
 *     const sps::Variant got = peer.get_var();
 *     if (auto hp = got["hp"].get<int>()) { … *hp … }
 *     if (const std::string *name = got["name"].get_if<std::string>()) { … }
 *
 * What is the same for all:
 *
 * - A Variant is a value of 24 bytes, also where Godot has references. What has more than 16 bytes of its
 *   own, such as a text or an array, is a piece of memory that belongs to it alone. To move one costs
 *   nothing; to copy one copies all that is in it.
 * - What was read from a Godot is written as it was, byte for byte. Ints and floats have no width of their
 *   own: they are written in as few bytes as Godot writes them.
 * - No value is too deep for the stack: nothing here recurses, whatever a stranger has sent or a
 *   program has built, also when it ends.
 * - A value that is read takes at most 4 times the memory of its bytes, and 16 MiB, whatever the
 *   bytes claim: else it is ERR_OUT_OF_MEMORY. DecodeOptions can set another limit.
 * - Texts are UTF-8; one that is not can be held, but not written.
 * - Several threads may read one at once; who changes it must be alone.
 */
#ifndef STREAMPEERSOCKET_VARIANT_HPP
#define STREAMPEERSOCKET_VARIANT_HPP

#include "begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include "variant_access.hpp"
#include "variant_array.hpp"
#include "variant_compare.hpp"
#include "variant_convert.hpp"
#include "variant_decode.hpp"
#include "variant_dictionary.hpp"
#include "variant_encode.hpp"
#include "variant_marshalls.hpp"
#include "variant_text.hpp"

#endif

#include "end.inc"

#endif
