// SPDX-License-Identifier: MIT
#ifdef _WIN32

#include "platform/windows/wide_text.h"

#include <limits.h>

static int limited(size_t size) {
    return size < INT_MAX ? (int)size : INT_MAX;
}

bool spsi_wide_from_utf8(const char *text, WCHAR *out, size_t capacity) {
    return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, out, limited(capacity)) > 0;
}

bool spsi_wide_to_utf8(const WCHAR *text, char *out, size_t size) {
    return WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, text, -1, out, limited(size), NULL,
                               NULL) > 0;
}

#else
typedef int spsi_windows_wide_text_is_elsewhere; // ISO C wants a declaration in each file
#endif
