// SPDX-License-Identifier: MIT
//
// A bomb: gzip that decompresses to gigabytes of zeros, made without them.
#ifndef GZIP_TEST_BOMB_H
#define GZIP_TEST_BOMB_H

#include "support/data.h"

enum { BOMB_PART_BYTES = 64 * 1024 * 1024 };

// Returns `parts` times BOMB_PART_BYTES of zeros as one gzip member, without its end.
bytes make_bomb(size_t parts);

#endif
