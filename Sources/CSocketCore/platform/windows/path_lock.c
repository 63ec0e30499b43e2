// SPDX-License-Identifier: MIT
//
// A lock for the path of a Unix socket: an empty file beside it, open without sharing. Windows
// closes and removes the file together with the process. Only a machine that stops leaves one,
// which can be locked like a new one.
#ifdef _WIN32

#include "platform/windows/windows.h"

#include <string.h>
#include <wchar.h>

#include "platform/windows/path.h"

static const WCHAR suffix[] = L".sps-lock";
enum { LOCK_PATH_UNITS = SPSI_WIDE_PATH_UNITS + sizeof suffix / sizeof suffix[0] };

static HANDLE open_lock(const WCHAR *path, DWORD access, DWORD disposition, DWORD flags) {
    return CreateFileW(path, access, 0, NULL, disposition, flags | FILE_FLAG_OPEN_REPARSE_POINT,
                       NULL);
}

static bool is_plain_file(HANDLE file) {
    FILE_ATTRIBUTE_TAG_INFO info;
    const DWORD others = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
    return GetFileInformationByHandleEx(file, FileAttributeTagInfo, &info, sizeof info) &&
           (info.FileAttributes & others) == 0;
}

// Locks a file that is there. Everybody who may read it can lock it, but perhaps not remove it. A
// link or a folder is somebody else's, and no lock.
static HANDLE lock_existing(const WCHAR *path) {
    HANDLE file = open_lock(path, GENERIC_READ | DELETE, OPEN_EXISTING, 0);
    if (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_ACCESS_DENIED) {
        file = open_lock(path, GENERIC_READ, OPEN_EXISTING, 0);
    }
    if (file != INVALID_HANDLE_VALUE && !is_plain_file(file)) {
        CloseHandle(file);
        SetLastError(ERROR_NOT_SUPPORTED);
        return INVALID_HANDLE_VALUE;
    }
    return file;
}

// A file that vanishes between the two steps was another caller's lock.
static spsi_result failure_of(DWORD error) {
    if (error == ERROR_SHARING_VIOLATION || error == ERROR_FILE_NOT_FOUND) {
        return (spsi_result){SPSI_AGAIN, 0};
    }
    return spsi_windows_failure(error);
}

spsi_result spsi_windows_lock_path(const sps_platform *platform, const char *path,
                                   spsi_handle *out_lock) {
    (void)platform;
    WCHAR lock_path[LOCK_PATH_UNITS];
    const spsi_result result = spsi_windows_wide_path(path, lock_path);
    if (result.code != SPSI_DONE) {
        return result;
    }
    wcscat(lock_path, suffix);
    HANDLE file =
        open_lock(lock_path, GENERIC_READ | DELETE, CREATE_NEW, FILE_FLAG_DELETE_ON_CLOSE);
    if (file == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_EXISTS) {
        file = lock_existing(lock_path);
    }
    if (file == INVALID_HANDLE_VALUE) {
        return failure_of(GetLastError());
    }
    *out_lock = (spsi_handle)file;
    return spsi_windows_done();
}

// Somebody's own file of that name is not empty, and stays.
void spsi_windows_unlock_path(const sps_platform *platform, const char *path, spsi_handle lock) {
    (void)platform;
    (void)path;
    HANDLE file = (HANDLE)lock;
    LARGE_INTEGER size;
    if (GetFileSizeEx(file, &size) && size.QuadPart == 0) {
        FILE_DISPOSITION_INFO disposition = {.DeleteFile = TRUE};
        SetFileInformationByHandle(file, FileDispositionInfo, &disposition, sizeof disposition);
    }
    CloseHandle(file);
}

#else
typedef int spsi_windows_path_lock_is_elsewhere; // ISO C wants a declaration in each file
#endif
