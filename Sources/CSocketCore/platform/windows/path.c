// SPDX-License-Identifier: MIT
#ifdef _WIN32

#include "platform/windows/path.h"

#include <wchar.h>

#include "platform/windows/wide_text.h"

static const WCHAR verbatim[] = L"\\\\?\\";

// Windows has the rules for the names of devices, and they differ between releases. It answers
// "\\.\NUL" for "NUL" and "C:\folder\NUL.txt" where these name the device.
static bool is_on_a_drive(const WCHAR *absolute) {
    return absolute[0] != L'\0' && absolute[1] == L':' && wcschr(absolute + 2, L':') == NULL;
}

spsi_result spsi_windows_wide_path(const char *path, WCHAR out[SPSI_WIDE_PATH_UNITS]) {
    enum { ROOM = SPSI_WIDE_PATH_UNITS - SPSI_VERBATIM_UNITS };
    WCHAR given[SPSI_ABSOLUTE_PATH_BYTES];
    if (!spsi_wide_from_utf8(path, given, SPSI_ABSOLUTE_PATH_BYTES)) {
        return spsi_windows_failure(GetLastError() == ERROR_NO_UNICODE_TRANSLATION
                                        ? ERROR_NO_UNICODE_TRANSLATION
                                        : ERROR_FILENAME_EXCED_RANGE);
    }
    WCHAR *absolute = out + SPSI_VERBATIM_UNITS;
    const DWORD units = GetFullPathNameW(given, ROOM, absolute, NULL);
    if (units == 0) {
        return spsi_windows_failure(ERROR_INVALID_NAME); // wine does not always say why
    }
    if (units >= ROOM) {
        return spsi_windows_failure(ERROR_FILENAME_EXCED_RANGE);
    }
    if (!is_on_a_drive(absolute)) {
        return spsi_windows_failure(ERROR_BAD_PATHNAME);
    }
    wmemcpy(out, verbatim, SPSI_VERBATIM_UNITS);
    return spsi_windows_done();
}

spsi_result spsi_windows_check_path(const char *path) {
    WCHAR wide[SPSI_WIDE_PATH_UNITS];
    return spsi_windows_wide_path(path, wide);
}

// A folder opens only with FILE_FLAG_BACKUP_SEMANTICS. A Unix socket's file is a reparse point.
HANDLE spsi_windows_open_path(const char *path, DWORD access, spsi_result *out_result) {
    WCHAR wide[SPSI_WIDE_PATH_UNITS];
    *out_result = spsi_windows_wide_path(path, wide);
    if (out_result->code != SPSI_DONE) {
        return INVALID_HANDLE_VALUE;
    }
    const DWORD shared = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    const DWORD flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;
    HANDLE file = CreateFileW(wide, access, shared, NULL, OPEN_EXISTING, flags, NULL);
    if (file == INVALID_HANDLE_VALUE) {
        *out_result = spsi_windows_failure(GetLastError());
    }
    return file;
}

#else
typedef int spsi_windows_path_is_elsewhere; // ISO C wants a declaration in each file
#endif
