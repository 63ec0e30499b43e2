// SPDX-License-Identifier: MIT
//
// The paths of Unix sockets, as the calls for files take them.
#ifndef SPSI_PLATFORM_WINDOWS_PATH_H
#define SPSI_PLATFORM_WINDOWS_PATH_H

#include "platform/windows/windows.h"

enum {
    SPSI_VERBATIM_UNITS = 4, // "\\?\" lifts the limit of 260 units ("Maximum Path Length")
    SPSI_WIDE_PATH_UNITS = SPSI_VERBATIM_UNITS + SPSI_ABSOLUTE_PATH_BYTES
};

// The absolute path, after "\\?\". ADDRESS_INVALID: the path is not UTF-8, is too long, or does not
// name a file on a drive. Devices ("NUL"), pipes ("\\.\pipe\x"), files of other machines and
// streams inside files ("file:name") are refused. To open one could wait, or reach another program.
spsi_result spsi_windows_wide_path(const char *path, WCHAR out[SPSI_WIDE_PATH_UNITS]);

// Opens what a path names, never what a link there leads to. Others may open, rename and remove it
// meanwhile. INVALID_HANDLE_VALUE, and the failure.
HANDLE spsi_windows_open_path(const char *path, DWORD access, spsi_result *out_result);

#endif
