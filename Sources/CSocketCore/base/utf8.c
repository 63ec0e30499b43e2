// SPDX-License-Identifier: MIT
#include "base/utf8.h"

#include <string.h>

// The length of the run of ASCII at the start, eight bytes at a time.
static size_t ascii_run(const uint8_t *text, size_t size) {
    size_t i = 0;
    for (; size - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t eight;
        memcpy(&eight, text + i, sizeof eight);
        if ((eight & UINT64_C(0x8080808080808080)) != 0) {
            break;
        }
    }
    while (i < size && text[i] < 0x80) {
        i++;
    }
    return i;
}

bool spsi_utf8_is_ascii(const uint8_t *text, size_t size) {
    return ascii_run(text, size) == size;
}

static bool is_continuation(uint8_t byte) {
    return (byte & 0xc0u) == 0x80u;
}

// The length of the valid multi-byte character at the start, 0 when it is none. The second
// byte's range depends on the first (RFC 3629, section 4).
static size_t multibyte_length(const uint8_t *text, size_t size) {
    const uint8_t first = text[0];
    const size_t length = first < 0xc2 || first > 0xf4 ? 0
                          : first < 0xe0               ? 2
                          : first < 0xf0               ? 3
                                                       : 4;
    if (length == 0 || size < length) {
        return 0;
    }
    const uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (text[1] < low || text[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!is_continuation(text[i])) {
            return 0;
        }
    }
    return length;
}

bool spsi_utf8_is_valid(const uint8_t *text, size_t size) {
    size_t i = 0;
    while (i < size && (i += ascii_run(text + i, size - i)) < size) {
        const size_t length = multibyte_length(text + i, size - i);
        if (length == 0) {
            return false;
        }
        i += length;
    }
    return true;
}

size_t spsi_utf8_length(const uint8_t *text, size_t size) {
    size_t count = 0;
    for (size_t i = 0; i < size; i++) {
        count += !is_continuation(text[i]);
    }
    return count;
}

void spsi_utf8_to_ascii(const uint8_t *text, size_t size, uint8_t *out) {
    for (size_t i = 0; i < size; i++) {
        if (!is_continuation(text[i])) {
            *out++ = text[i] < 0x80 ? text[i] : ' ';
        }
    }
}
