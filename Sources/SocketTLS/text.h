// SPDX-License-Identifier: MIT
//
// A text that grows. Its memory is wiped before it is freed, because it may contain a private key.
#ifndef SPSI_TLS_TEXT_H
#define SPSI_TLS_TEXT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct spsi_tls_text {
    char *data;
    size_t size;
    size_t capacity;
} spsi_tls_text;

// Overwrites memory, also if nothing reads it any more.
void spsi_tls_wipe(void *memory, size_t byte_count);

// Appends bytes, and a NUL that does not count. False, and nothing changed, without memory.
bool spsi_tls_text_append(spsi_tls_text *text, const void *data, size_t byte_count);

// Wipes and frees the text.
void spsi_tls_text_clear(spsi_tls_text *text);

#endif
