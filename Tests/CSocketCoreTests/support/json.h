// SPDX-License-Identifier: MIT
#ifndef TEST_SUPPORT_JSON_H
#define TEST_SUPPORT_JSON_H

#include <jansson.h>

// Parses a text or a file of JSON. Returns NULL if it is invalid. The caller owns the value, and
// frees it with json_decref().
json_t *parse_json(const char *text);
json_t *parse_json_file(const char *path);

const char *text_of(const json_t *object, const char *key);

// Visits the rows of a group of Godot 4.6's bytes. Returns their number.
size_t visit_wire_rows(const char *group, void (*visit)(json_t *row, void *user_data),
                       void *user_data);

#endif
