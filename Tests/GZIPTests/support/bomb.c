// SPDX-License-Identifier: MIT
#include "support/bomb.h"

#include <string.h>
#include <zlib.h>

enum { RAW_WINDOW = -15, MEMORY_LEVEL = 9, BEST = 9 };

// One part as raw deflate. A full flush ends it, so parts can follow each other.
static bytes make_part(void) {
    static const uint8_t zeros[65536];
    z_stream zlib = {0};
    bytes part = {malloc(BOMB_PART_BYTES / 512), 0};
    ck_assert_int_eq(
        deflateInit2(&zlib, BEST, Z_DEFLATED, RAW_WINDOW, MEMORY_LEVEL, Z_DEFAULT_STRATEGY), Z_OK);
    zlib.next_out = part.data;
    zlib.avail_out = BOMB_PART_BYTES / 512;
    for (size_t at = 0; at < BOMB_PART_BYTES; at += sizeof zeros) {
        const bool is_last = at + sizeof zeros == BOMB_PART_BYTES;
        zlib.next_in = (Bytef *)zeros;
        zlib.avail_in = sizeof zeros;
        ck_assert_int_eq(deflate(&zlib, is_last ? Z_FULL_FLUSH : Z_NO_FLUSH), Z_OK);
    }
    part.size = (size_t)(zlib.next_out - part.data);
    deflateEnd(&zlib);
    return part;
}

bytes make_bomb(size_t parts) {
    static const uint8_t header[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    bytes part = make_part();
    bytes bomb = {malloc(sizeof header + parts * part.size), sizeof header};
    memcpy(bomb.data, header, sizeof header);
    for (size_t i = 0; i < parts; i++) {
        memcpy(bomb.data + bomb.size, part.data, part.size);
        bomb.size += part.size;
    }
    free_bytes(&part);
    return bomb;
}
