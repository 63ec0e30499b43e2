// SPDX-License-Identifier: MIT
//
// Jansson, which the memory sanitizer knows nothing of: its calls are not checked, and its memory begins as
// zeros, which to the sanitizer are something.
#include "support_json.h"

#include <stdlib.h>

#include "support.h"

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
