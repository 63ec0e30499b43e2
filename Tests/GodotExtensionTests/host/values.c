// SPDX-License-Identifier: MIT
#include "host/values.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/containers.h"
#include "host/objects.h"
#include "host/report.h"
#include "host/strings.h"
#include "host/variants.h"

// ---- Words

// A word: this mark, the kind, and the number of the record.
static const uint64_t WORD_MARK = UINT64_C(0xC0DE) << 48;
static const uint64_t POISON = UINT64_C(0xDEADDEADDEADDEAD);

static uint64_t word_of(int kind, uint32_t nth) {
    return WORD_MARK | (uint64_t)(uint8_t)kind << 32 | nth;
}

static size_t words_of(int kind) {
    return kind == HOST_VARIANT ? 3 : host_size_of(kind) / sizeof(uint64_t);
}

static void write_words(int kind, void *place, uint64_t first) {
    const uint64_t words[3] = {first, ~first, first ^ POISON};
    memcpy(place, words, words_of(kind) * sizeof words[0]);
}

static bool has_words(int kind, const void *place, uint64_t first) {
    uint64_t words[3];
    const uint64_t expected[3] = {first, ~first, first ^ POISON};
    memcpy(words, place, words_of(kind) * sizeof words[0]);
    return memcmp(words, expected, words_of(kind) * sizeof words[0]) == 0;
}

// ---- Records

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static host_value **records;
static uint32_t record_count, record_room;

// The record of each empty value that owns nothing.
static host_value empties[HOST_VARIANT + 1];

static bool may_be_empty(int kind) {
    return kind == HOST_VARIANT || kind == GODOT_STRING || kind == GODOT_PACKED_BYTE_ARRAY ||
           kind == GODOT_PACKED_STRING_ARRAY;
}

static void check_place(int kind, const void *place) {
    if (place == NULL || (uintptr_t)place % sizeof(uint64_t) != 0) {
        host_fail("no memory for a %s: %p", host_type_name(kind), place);
    }
}

static uint32_t add_record(host_value *value) {
    pthread_mutex_lock(&lock);
    if (record_count == record_room) {
        record_room = record_room == 0 ? 256 : 2 * record_room;
        records = realloc(records, record_room * sizeof records[0]);
        if (records == NULL) {
            abort();
        }
    }
    const uint32_t nth = record_count++;
    records[nth] = value;
    pthread_mutex_unlock(&lock);
    return nth + 1; // 0 is the empty value
}

host_value *host_make(int kind, void *place) {
    check_place(kind, place);
    host_value *value = calloc(1, sizeof *value);
    if (value == NULL) {
        abort();
    }
    value->kind = kind;
    value->is_alive = true;
    value->maker = host_function();
    write_words(kind, place, word_of(kind, add_record(value)));
    return value;
}

void host_make_empty(int kind, void *place) {
    check_place(kind, place);
    if (!may_be_empty(kind)) {
        host_fail("a %s always owns something", host_type_name(kind));
    }
    write_words(kind, place, word_of(kind, 0));
}

// The record that the first word names; NULL: none.
static host_value *record_of(int kind, uint64_t first) {
    if (first == word_of(kind, 0) && may_be_empty(kind)) {
        empties[kind].kind = kind;
        empties[kind].is_alive = true;
        return &empties[kind];
    }
    const uint32_t nth = (uint32_t)first;
    pthread_mutex_lock(&lock);
    const bool is_known = nth > 0 && nth <= record_count && first == word_of(kind, nth);
    host_value *value = is_known ? records[nth - 1] : NULL;
    pthread_mutex_unlock(&lock);
    return value;
}

host_value *host_find(int kind, const void *place) {
    check_place(kind, place);
    uint64_t first;
    memcpy(&first, place, sizeof first);
    if (first == POISON) {
        host_fail("this %s was destroyed before", host_type_name(kind));
    }
    host_value *value = record_of(kind, first);
    if (value == NULL) {
        host_fail("this is no %s: 0x%016llx", host_type_name(kind), (unsigned long long)first);
    }
    if (!value->is_alive) {
        host_fail("a copy without a constructor: this %s by %s was destroyed before",
                  host_type_name(kind), value->maker);
    }
    if (!has_words(kind, place, first)) {
        host_fail("only a part of this %s was moved", host_type_name(kind));
    }
    return value;
}

host_value *host_find_own(int kind, void *place) {
    host_value *value = host_find(kind, place);
    return value == &empties[kind] ? host_make(kind, place) : value;
}

void host_unmake(int kind, void *place) {
    host_value *value = host_find(kind, place);
    if (value != &empties[kind]) {
        free(value->bytes);
        value->bytes = NULL;
        value->is_alive = false;
    }
    const uint64_t poison[3] = {POISON, POISON, POISON};
    memcpy(place, poison, words_of(kind) * sizeof poison[0]);
}

// ---- Types

typedef struct type_row {
    int type;
    size_t size;
    const char *name;
    void (*copy)(int type, void *place, const void *source);
    void (*destroy)(int type, void *place);
    void (*make_default)(int type, void *place);
} type_row;

static void copy_plain(int type, void *place, const void *source) {
    memcpy(place, source, host_size_of(type));
}

static void destroy_plain(int type, void *place) {
    memset(place, 0xDE, host_size_of(type));
}

static void make_zeros(int type, void *place) {
    memset(place, 0, host_size_of(type));
}

#define PLAIN copy_plain, destroy_plain, make_zeros

static const type_row types[] = {
    {GODOT_NIL, 0, "null", PLAIN},
    {GODOT_BOOL, 1, "bool", PLAIN},
    {GODOT_INT, 8, "int", PLAIN},
    {GODOT_FLOAT, 8, "float", PLAIN},
    {HOST_VECTOR2, 8, "Vector2", PLAIN},
    {GODOT_OBJECT, 8, "Object", PLAIN},
    {GODOT_STRING, 8, "String", host_copy_bytes, host_destroy_bytes, host_make_empty},
    {GODOT_STRING_NAME, 8, "StringName", host_copy_name, host_destroy_name, host_make_no_name},
    {GODOT_DICTIONARY, 8, "Dictionary", host_copy_container, host_destroy_container,
     host_make_container},
    {GODOT_ARRAY, 8, "Array", host_copy_container, host_destroy_container, host_make_container},
    {GODOT_PACKED_BYTE_ARRAY, 16, "PackedByteArray", host_copy_bytes, host_destroy_bytes,
     host_make_empty},
    {GODOT_PACKED_STRING_ARRAY, 16, "PackedStringArray", host_copy_container,
     host_destroy_container, host_make_empty},
    {HOST_VARIANT, 24, "Variant", host_copy_variant, host_destroy_variant, host_make_empty},
};

static const type_row *find_row(int type) {
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].type == type) {
            return &types[i];
        }
    }
    return NULL;
}

static const type_row *row_of(int type) {
    const type_row *row = find_row(type);
    if (row == NULL) {
        host_fail("the host has no type %d", type);
    }
    return row;
}

bool host_knows(int type) {
    return find_row(type) != NULL;
}

size_t host_size_of(int type) {
    return row_of(type)->size;
}

const char *host_type_name(int type) {
    return row_of(type)->name;
}

void host_copy(int type, void *place, const void *source) {
    row_of(type)->copy(type, place, source);
}

void host_destroy(int type, void *place) {
    row_of(type)->destroy(type, place);
}

void host_make_default(int type, void *place) {
    row_of(type)->make_default(type, place);
}

// ---- Leaks

static bool is_counted(const host_value *value) {
    return value->is_alive && !value->is_part;
}

size_t host_list_values(char *text, size_t size) {
    size_t count = 0, length = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < record_count; i++) {
        const host_value *value = records[i];
        if (!is_counted(value)) {
            continue;
        }
        count++;
        const int kind = value->kind == HOST_VARIANT ? value->type : value->kind;
        const int written = snprintf(
            text + length, size - length, " %s%s%s%s%.*s by %s;",
            value->kind == HOST_VARIANT ? "Variant of " : "", host_type_name(kind),
            value->bytes != NULL ? " " : "", "", value->bytes != NULL ? (int)value->size : 0,
            value->bytes != NULL ? (const char *)value->bytes : "", value->maker);
        length += (size_t)written < size - length ? (size_t)written : 0;
    }
    return count + host_list_names(text + length, size - length);
}

void host_forget_values(void) {
    for (uint32_t i = 0; i < record_count; i++) {
        free(records[i]);
    }
    free(records);
    records = NULL;
    record_count = record_room = 0;
    host_forget_names();
}
