/* SPDX-License-Identifier: MIT */
/**
 * @file variant.hpp
 * Godot's Variant in C++17, as put_var() writes it and get_var() reads it. streampeersocket.hpp
 * includes it. It needs neither exceptions nor RTTI, and throws no exceptions of its own.
 *
 *     sps::Variant state = sps::Dictionary{{"hp", 100}, {"at", sps::Vector2(1, 2)}};
 *     peer.put_var(state);
 *
 *     const sps::Variant got = peer.get_var();
 *     if (auto hp = got["hp"].get<int>()) { … *hp … }
 *     if (const std::string *name = got["name"].get_if<std::string>()) { … }
 *
 * These rules hold for all types:
 *
 * - A Variant is a value of 24 bytes, also where Godot has references. Contents of more than 16
 *   bytes, such as a text or an array, lie in memory that belongs to it alone. A move costs
 *   nothing. A copy copies all contents.
 * - A value that came from Godot is written back byte for byte. Ints and floats have no width of
 *   their own: they take as few bytes as Godot writes.
 * - No value is too deep for the stack. Nothing here recurses, not even a destructor, whatever a
 *   peer has sent or a program has built.
 * - A decoded value takes at most 4 times the memory of its bytes, plus 16 MiB, whatever the bytes
 *   claim. Beyond that decoding returns ERR_OUT_OF_MEMORY. DecodeOptions can set another limit.
 * - Texts are UTF-8. A Variant can hold other text, but cannot be written then.
 * - Several threads may read one Variant at once. A thread that changes it must be alone.
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
#include "variant_streams.hpp"
#include "variant_text.hpp"

#endif

#include "end.inc"

#endif
