// SPDX-License-Identifier: MIT
#include "name.h"

#include <string.h>

// A wildcard, or a dot at the beginning, would match more names than this one.
static bool is_name(const char *name) {
    if (name[0] == '.') {
        return false;
    }
    for (const char *each = name; *each != '\0'; each++) {
        const char c = *each;
        const bool is_alphanumeric =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_alphanumeric && c != '.' && c != '-' && c != '_' && c != ':') {
            return false;
        }
        if (c == '.' && each[1] == '.') {
            return false;
        }
    }
    return true;
}

bool spsi_tls_name_copy(const char *name, char *out) {
    out[0] = '\0';
    const size_t length = name != NULL ? strlen(name) : 0;
    if (length == 0) {
        return true;
    }
    if (length >= SPSI_TLS_NAME_SIZE) {
        return false;
    }
    const bool is_bracketed = name[0] == '[' && name[length - 1] == ']';
    size_t count = is_bracketed ? length - 2 : length;
    memcpy(out, name + is_bracketed, count);
    out[count] = '\0';
    if (strchr(out, ':') != NULL) {
        out[strcspn(out, "%")] = '\0';
    } else if (count > 1 && out[count - 1] == '.') {
        out[count - 1] = '\0';
    }
    if (out[0] != '\0' && is_name(out)) {
        return true;
    }
    out[0] = '\0';
    return false;
}
