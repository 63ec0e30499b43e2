// SPDX-License-Identifier: MIT
//
// Calls of Jansson. The memory sanitizer does not know this library. So its calls are not checked,
// and its memory starts as zeros, which the sanitizer accepts.
#include "support/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/support.h"

#if MEMORY_SANITIZER
static void *allocate_zeroed(size_t bytes) {
    return calloc(1, bytes);
}
#endif

static void begin_parsing(void) {
#if MEMORY_SANITIZER
    json_set_alloc_funcs(allocate_zeroed, free);
#endif
    end_checking();
}

json_t *parse_json(const char *text) {
    begin_parsing();
    json_t *value = json_loads(text, JSON_ALLOW_NUL, NULL);
    begin_checking();
    return value;
}

json_t *parse_json_file(const char *path) {
    begin_parsing();
    json_t *value = json_load_file(path, 0, NULL);
    begin_checking();
    return value;
}

const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

size_t visit_wire_rows(const char *group, void (*visit)(json_t *row, void *user_data),
                       void *user_data) {
    FILE *file = fopen(FIXTURES "/godot-4.6-wire.jsonl", "r");
    ck_assert_ptr_nonnull(file);
    static char line[4096];
    size_t rows = 0;
    while (read_line(file, line, sizeof line)) {
        json_t *row = parse_json(line);
        ck_assert_ptr_nonnull(row);
        if (strcmp(text_of(row, "group"), group) == 0) {
            visit(row, user_data);
            rows++;
        }
        json_decref(row);
    }
    fclose(file);
    return rows;
}
