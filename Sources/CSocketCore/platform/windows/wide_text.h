// SPDX-License-Identifier: MIT
//
// Text in UTF-16, as Windows takes it. Text of the library is UTF-8. Both forms end with a NUL.
#ifndef SPSI_PLATFORM_WINDOWS_WIDE_TEXT_H
#define SPSI_PLATFORM_WINDOWS_WIDE_TEXT_H

#include "platform/windows/windows.h"

// False: the text is not UTF-8 (RFC 3629), or needs more than `capacity` units with its NUL.
bool spsi_wide_from_utf8(const char *text, WCHAR *out, size_t capacity);

// False: the text has half of a surrogate pair, or needs more than `size` bytes with its NUL. Names
// of files may have such halves.
bool spsi_wide_to_utf8(const WCHAR *text, char *out, size_t size);

#endif
