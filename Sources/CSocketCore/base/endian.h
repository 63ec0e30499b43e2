// SPDX-License-Identifier: MIT
//
// Numbers in little-endian byte order, wherever they lie in memory.
#ifndef SPSI_ENDIAN_H
#define SPSI_ENDIAN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

// A constant to every optimizing compiler.
static inline bool spsi_is_little_endian(void) {
    const uint16_t one = 1;
    uint8_t first;
    memcpy(&first, &one, sizeof first);
    return first == 1;
}

static inline uint32_t spsi_load_le32(const uint8_t *b) {
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

static inline uint64_t spsi_load_le64(const uint8_t *b) {
    return spsi_load_le32(b) | (uint64_t)spsi_load_le32(b + 4) << 32;
}

static inline void spsi_store_le32(uint8_t *b, uint32_t value) {
    b[0] = (uint8_t)value;
    b[1] = (uint8_t)(value >> 8);
    b[2] = (uint8_t)(value >> 16);
    b[3] = (uint8_t)(value >> 24);
}

static inline void spsi_store_le64(uint8_t *b, uint64_t value) {
    spsi_store_le32(b, (uint32_t)value);
    spsi_store_le32(b + 4, (uint32_t)(value >> 32));
}

static inline float spsi_load_le_float(const uint8_t *b) {
    const uint32_t bits = spsi_load_le32(b);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline double spsi_load_le_double(const uint8_t *b) {
    const uint64_t bits = spsi_load_le64(b);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void spsi_store_le_float(uint8_t *b, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    spsi_store_le32(b, bits);
}

static inline void spsi_store_le_double(uint8_t *b, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    spsi_store_le64(b, bits);
}

#endif
