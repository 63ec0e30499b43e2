// SPDX-License-Identifier: MIT
//
// Checks and converts the text of strings on the wire.
#ifndef SPSI_UTF8_H
#define SPSI_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool spsi_utf8_is_ascii(const uint8_t *text, size_t size);

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool spsi_utf8_is_valid(const uint8_t *text, size_t size);

// The number of characters of valid UTF-8.
size_t spsi_utf8_length(const uint8_t *text, size_t size);

// Writes one byte a character of valid UTF-8: itself when it is ASCII, else a space.
void spsi_utf8_to_ascii(const uint8_t *text, size_t size, uint8_t *out);

#endif
