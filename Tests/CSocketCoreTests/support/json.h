// SPDX-License-Identifier: MIT
#ifndef TEST_SUPPORT_JSON_H
#define TEST_SUPPORT_JSON_H

#include <jansson.h>

// A value of JSON, from a text or a file; NULL when it is none. The caller's, who ends it with json_decref().
json_t *parse_json(const char *text);
json_t *parse_json_file(const char *path);

const char *text_of(const json_t *object, const char *key);

// Visits the rows of a group of what a real Godot 4.6 wrote; how many there are.
size_t visit_wire_rows(const char *group, void (*visit)(json_t *row, void *user_data),
                       void *user_data);

#endif
