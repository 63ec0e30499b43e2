// SPDX-License-Identifier: MIT
#include "host/strings.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/functions.h"
#include "host/report.h"

// ---- Bytes

host_value *host_make_bytes(int kind, void *place, const void *bytes, size_t size) {
    host_value *value = host_make(kind, place);
    host_resize_bytes(value, size);
    if (size > 0) {
        memcpy(value->bytes, bytes, size);
    }
    return value;
}

void host_copy_bytes(int kind, void *place, const void *source) {
    const host_value *from = host_find(kind, source);
    host_make_bytes(kind, place, from->bytes, from->size);
}

void host_destroy_bytes(int kind, void *place) {
    host_unmake(kind, place);
}

void host_resize_bytes(host_value *value, size_t size) {
    // A String has a zero at its end. The block of an array is exact, for the address sanitizer.
    const size_t room = size + (value->kind == GODOT_STRING);
    uint8_t *bytes = calloc(room > 0 ? room : 1, 1);
    if (bytes == NULL) {
        host_fail("no memory for %zu bytes", size);
    }
    if (value->bytes != NULL) {
        memcpy(bytes, value->bytes, size < value->size ? size : value->size);
    }
    free(value->bytes);
    value->bytes = bytes;
    value->size = size;
}

void host_make_string(void *place, const char *text) {
    host_make_bytes(GODOT_STRING, place, text, strlen(text));
}

const char *host_text_of(const void *string) {
    const host_value *value = host_find(GODOT_STRING, string);
    return value->bytes != NULL ? (const char *)value->bytes : "";
}

// ---- UTF-8

// The number of bytes of the character at the start of the text; 0: it is none, or ends early.
static size_t length_of_character(const uint8_t *text, size_t size) {
    static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
    const size_t length = text[0] < 0x80             ? 1
                          : (text[0] & 0xE0) == 0xC0 ? 2
                          : (text[0] & 0xF0) == 0xE0 ? 3
                          : (text[0] & 0xF8) == 0xF0 ? 4
                                                     : 0;
    if (length == 0 || length > size) {
        return 0;
    }
    uint32_t code = length == 1 ? text[0] : text[0] & (0x7Fu >> length);
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80) {
            return 0;
        }
        code = code << 6 | (text[i] & 0x3F);
    }
    const bool is_valid = code >= least[length] && code <= 0x10FFFF && code >> 11 != 0x1B;
    return is_valid ? length : 0;
}

// Decodes like Godot: what is no character becomes U+FFFD. Returns Godot's error.
static int64_t decode(host_value *string, const uint8_t *text, size_t size) {
    enum { GODOT_OK = 0, GODOT_ERR_INVALID_DATA = 30 };
    int64_t error = GODOT_OK;
    host_resize_bytes(string, 3 * size);
    size_t length = 0;
    for (size_t i = 0; i < size;) {
        const size_t step = length_of_character(text + i, size - i);
        const bool is_valid = step > 0 && text[i] != '\0';
        memcpy(string->bytes + length, is_valid ? text + i : (const uint8_t *)"\xEF\xBF\xBD",
               is_valid ? step : 3);
        error = is_valid ? error : GODOT_ERR_INVALID_DATA;
        length += is_valid ? step : 3;
        i += is_valid ? step : 1;
    }
    host_resize_bytes(string, length);
    if (error != GODOT_OK) {
        host_print("Unicode parsing error", "Invalid UTF-8");
    }
    return error;
}

int64_t host_string_new_with_utf8_chars_and_len2(godot_string *uninitialized, const char *text,
                                                 int64_t bytes) {
    ENTER();
    if (bytes < -1 || (text == NULL && bytes != 0)) {
        host_fail("%p with %lld bytes", (const void *)text, (long long)bytes);
    }
    const size_t size = bytes < 0 ? strlen(text) : (size_t)bytes;
    return decode(host_make(GODOT_STRING, uninitialized), (const uint8_t *)text, size);
}

int64_t host_string_to_utf8_chars(const godot_string *string, char *text, int64_t bytes) {
    ENTER();
    const host_value *value = host_find(GODOT_STRING, string);
    if (bytes < 0) {
        host_fail("room for %lld bytes", (long long)bytes);
    }
    if (text != NULL && value->size > 0) {
        const size_t room = (size_t)bytes;
        memcpy(text, value->bytes, value->size < room ? value->size : room);
    }
    return (int64_t)value->size;
}

// ---- PackedByteArray

uint8_t *host_packed_byte_array_operator_index(godot_packed_array *array, int64_t index) {
    ENTER();
    return (uint8_t *)host_packed_byte_array_operator_index_const(array, index);
}

const uint8_t *host_packed_byte_array_operator_index_const(const godot_packed_array *array,
                                                           int64_t index) {
    ENTER();
    const host_value *value = host_find(GODOT_PACKED_BYTE_ARRAY, array);
    // Godot 4.4 prints an error here, so the extension must not ask.
    if (index < 0 || (size_t)index >= value->size) {
        host_fail("index %lld of %zu", (long long)index, value->size);
    }
    return value->bytes + index;
}

// ---- Names

typedef struct name {
    char *text;
    long count; // of StringNames that are alive
    const char *maker;
} name;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static name *names;
static uint32_t name_count;
static const uint64_t NAME_MARK = UINT64_C(0xC0DE57A3) << 32;
static const uint64_t POISON = UINT64_C(0xDEADDEADDEADDEAD);

static uint32_t intern(const char *text) {
    for (uint32_t i = 0; i < name_count; i++) {
        if (strcmp(names[i].text, text) == 0) {
            return i;
        }
    }
    names = realloc(names, (name_count + 1) * sizeof names[0]);
    char *copy = strdup(text);
    if (names == NULL || copy == NULL) {
        abort();
    }
    names[name_count] = (name){copy, 0, NULL};
    return name_count++;
}

// The number of a name.
static uint32_t number_of(const void *place) {
    uint64_t word;
    if (place == NULL || (uintptr_t)place % sizeof word != 0) {
        host_fail("no StringName: %p", place);
    }
    memcpy(&word, place, sizeof word);
    if (word == POISON) {
        host_fail("this StringName was destroyed before");
    }
    const uint32_t nth = (uint32_t)word;
    pthread_mutex_lock(&lock);
    const bool is_known = (word ^ NAME_MARK) == nth && nth < name_count;
    pthread_mutex_unlock(&lock);
    if (!is_known) {
        host_fail("this is no StringName: 0x%016llx", (unsigned long long)word);
    }
    return nth;
}

void host_make_name(void *place, const char *text) {
    if (place == NULL || text == NULL) {
        host_fail("no memory or no text for a StringName");
    }
    pthread_mutex_lock(&lock);
    const uint32_t nth = intern(text);
    names[nth].count++;
    names[nth].maker = host_function();
    pthread_mutex_unlock(&lock);
    const uint64_t word = NAME_MARK | nth;
    memcpy(place, &word, sizeof word);
}

const char *host_text_of_name(const void *place) {
    const uint32_t nth = number_of(place);
    pthread_mutex_lock(&lock);
    const long count = names[nth].count;
    const char *text = names[nth].text;
    pthread_mutex_unlock(&lock);
    if (count <= 0) {
        host_fail("every StringName \"%s\" was destroyed before", text);
    }
    return text;
}

void host_copy_name(int type, void *place, const void *source) {
    (void)type;
    host_make_name(place, host_text_of_name(source));
}

void host_destroy_name(int type, void *place) {
    (void)type;
    host_text_of_name(place); // checks it
    const uint32_t nth = number_of(place);
    pthread_mutex_lock(&lock);
    names[nth].count--;
    pthread_mutex_unlock(&lock);
    memcpy(place, &POISON, sizeof POISON);
}

void host_make_no_name(int type, void *place) {
    (void)type;
    host_make_name(place, "");
}

size_t host_list_names(char *text, size_t size) {
    size_t count = 0, length = 0;
    for (uint32_t i = 0; i < name_count; i++) {
        if (names[i].count > 0 && length < size) {
            count += (size_t)names[i].count;
            const int written =
                snprintf(text + length, size - length, " %ld StringName(s) \"%s\" by %s;",
                         names[i].count, names[i].text, names[i].maker);
            length += (size_t)written;
        }
    }
    return count;
}

void host_forget_names(void) {
    for (uint32_t i = 0; i < name_count; i++) {
        free(names[i].text);
    }
    free(names);
    names = NULL;
    name_count = 0;
}

void host_string_name_new_with_utf8_chars(godot_string_name *uninitialized, const char *text) {
    ENTER();
    host_make_name(uninitialized, text);
}
