// SPDX-License-Identifier: MIT
#ifndef TEST_SUPPORT_JSON_H
#define TEST_SUPPORT_JSON_H

#include <jansson.h>

// A value of JSON, from a text or a file; NULL when it is none. The caller's, who ends it with json_decref().
json_t *parse_json(const char *text);
json_t *parse_json_file(const char *path);

#endif
