// SPDX-License-Identifier: MIT
//
// The rows of DESIGN.md, section 6, that one connection can show. Each implementation registers its own
// as "row/implementation"; an iteration is a piece or a message, and the items are what a row counts.
#ifndef ROWS_HPP
#define ROWS_HPP

#include <benchmark/benchmark.h>

#include "pair.hpp"

using Work = void (*)(benchmark::State &, Transport);

struct Implementation {
    const char *name;
    Work get_u32, put_u32, ping_pong, bulk_in, bulk_out;
};

extern const Implementation limit; // hand-written syscalls
extern const Implementation core;  // the library, through its shared object

constexpr size_t VALUES = PIECE_BYTES / sizeof(uint32_t); // of a piece

#endif
