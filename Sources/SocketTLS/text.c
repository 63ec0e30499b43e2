// SPDX-License-Identifier: MIT
#include "text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void spsi_tls_wipe(void *memory, size_t byte_count) {
    volatile uint8_t *bytes = memory;
    for (size_t i = 0; i < byte_count; i++) {
        bytes[i] = 0;
    }
}

bool spsi_tls_text_append(spsi_tls_text *text, const void *data, size_t byte_count) {
    const size_t needed = text->size + byte_count + 1;
    if (needed > text->capacity) {
        const size_t capacity = needed < 2 * text->capacity ? 2 * text->capacity : needed;
        char *block = malloc(capacity); // realloc() would leave the old bytes in memory
        if (block == NULL) {
            return false;
        }
        if (text->size > 0) {
            memcpy(block, text->data, text->size);
        }
        const size_t size = text->size;
        spsi_tls_text_clear(text);
        *text = (spsi_tls_text){block, size, capacity};
    }
    if (byte_count > 0) {
        memcpy(text->data + text->size, data, byte_count);
    }
    text->size += byte_count;
    text->data[text->size] = '\0';
    return true;
}

void spsi_tls_text_clear(spsi_tls_text *text) {
    if (text->data != NULL) {
        spsi_tls_wipe(text->data, text->capacity);
        free(text->data);
    }
    *text = (spsi_tls_text){0};
}
