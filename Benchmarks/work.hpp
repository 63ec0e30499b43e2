// SPDX-License-Identifier: MIT
//
// The numbers that the programs of the implementations and their partner share.
#ifndef WORK_HPP
#define WORK_HPP

#include <cstddef>
#include <cstdint>

constexpr size_t PIECE_BYTES = 64 * 1024;
constexpr size_t MESSAGE_BYTES = 64;
constexpr size_t VALUE_BYTES = sizeof(uint32_t);
constexpr size_t VALUES = PIECE_BYTES / VALUE_BYTES; // of a piece
constexpr size_t DICTIONARY_SAMPLES = 16;            // of all that is in the dictionary
constexpr size_t DICTIONARY_BYTES = 260;             // as a Variant
constexpr size_t PACKED_BYTES = 1024 * 1024;         // of a packed array's elements
constexpr size_t ACTIVE_PEERS = 50;                  // that have a message, in each frame

// The open descriptors at the start: a control channel to the partner, then the connections.
constexpr int CONTROL_FD = 3;
constexpr int FIRST_FD = 4;

#endif
