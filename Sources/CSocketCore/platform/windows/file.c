// SPDX-License-Identifier: MIT
//
// The files of Unix sockets: reparse points with a tag of their own.
#ifdef _WIN32

#include "platform/windows/windows.h"

#include <afunix.h>
#include <sddl.h>
#include <string.h>

#include "platform/windows/path.h"
#include "platform/windows/wide_text.h"

#ifndef IO_REPARSE_TAG_AF_UNIX
#define IO_REPARSE_TAG_AF_UNIX 0x80000023
#endif

size_t spsi_windows_max_path_bytes(const sps_platform *platform) {
    (void)platform;
    return sizeof((struct sockaddr_un *)0)->sun_path - 1;
}

spsi_result spsi_windows_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                       size_t buffer_bytes) {
    (void)platform;
    WCHAR wide[SPSI_WIDE_PATH_UNITS];
    const spsi_result result = spsi_windows_wide_path(path, wide);
    if (result.code != SPSI_DONE) {
        return result;
    }
    return spsi_wide_to_utf8(wide + SPSI_VERBATIM_UNITS, buffer, buffer_bytes)
               ? spsi_windows_done()
               : spsi_windows_failure(ERROR_FILENAME_EXCED_RANGE);
}

// ---- The identity of a file

static bool is_socket(HANDLE file) {
    FILE_ATTRIBUTE_TAG_INFO info;
    return GetFileInformationByHandleEx(file, FileAttributeTagInfo, &info, sizeof info) &&
           (info.FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 &&
           info.ReparseTag == IO_REPARSE_TAG_AF_UNIX;
}

// NTFS numbers files with 64 bits, ReFS with 128. The upper half, which NTFS leaves 0, marks the
// volume's number, so that files of one volume always differ.
static bool read_identity(HANDLE file, spsi_file *out_file) {
    FILE_ID_INFO info;
    if (GetFileInformationByHandleEx(file, FileIdInfo, &info, sizeof info)) {
        uint64_t halves[2];
        memcpy(halves, &info.FileId, sizeof halves);
        *out_file = (spsi_file){info.VolumeSerialNumber ^ halves[1], halves[0]};
        return true;
    }
    BY_HANDLE_FILE_INFORMATION older; // a file system without the above, such as FAT
    if (!GetFileInformationByHandle(file, &older)) {
        return false;
    }
    const uint64_t number = (uint64_t)older.nFileIndexHigh << 32 | older.nFileIndexLow;
    *out_file = (spsi_file){older.dwVolumeSerialNumber, number};
    return true;
}

bool spsi_windows_file_of(const sps_platform *platform, const char *path, spsi_file *out_file) {
    (void)platform;
    spsi_result result;
    HANDLE file = spsi_windows_open_path(path, FILE_READ_ATTRIBUTES, &result);
    if (file == INVALID_HANDLE_VALUE) {
        return false;
    }
    const bool is_found = is_socket(file) && read_identity(file, out_file);
    CloseHandle(file);
    return is_found;
}

// The handle is both looked at and removed, so no other file can take its place in between.
void spsi_windows_remove_file(const sps_platform *platform, const char *path,
                              const spsi_file *file) {
    (void)platform;
    spsi_result result;
    HANDLE opened = spsi_windows_open_path(path, FILE_READ_ATTRIBUTES | DELETE, &result);
    if (opened == INVALID_HANDLE_VALUE) {
        return;
    }
    spsi_file now;
    if (is_socket(opened) && read_identity(opened, &now) && spsi_file_is_same(&now, file)) {
        FILE_DISPOSITION_INFO disposition = {.DeleteFile = TRUE};
        SetFileInformationByHandle(opened, FileDispositionInfo, &disposition, sizeof disposition);
    }
    CloseHandle(opened);
}

// ---- Permissions

// The access list replaces the one that the folder hands down (P). The owner (OW), administrators
// (BA) and the system (SY) have full access. Everyone (WD) may read and write if others may write.
// Windows has no counterpart of a file's group.
static const WCHAR for_the_owner[] = L"D:P(A;;FA;;;OW)(A;;FA;;;BA)(A;;FA;;;SY)";
static const WCHAR for_everyone[] = L"D:P(A;;FA;;;OW)(A;;FA;;;BA)(A;;FA;;;SY)(A;;FRFW;;;WD)";

spsi_result spsi_windows_set_file_mode(const sps_platform *platform, const char *path,
                                       uint32_t mode) {
    (void)platform;
    enum { OTHERS_MAY_WRITE = 0002 };
    spsi_result result;
    HANDLE file = spsi_windows_open_path(path, WRITE_DAC, &result);
    if (file == INVALID_HANDLE_VALUE) {
        return result;
    }
    PSECURITY_DESCRIPTOR descriptor = NULL;
    const WCHAR *text = (mode & OTHERS_MAY_WRITE) != 0 ? for_everyone : for_the_owner;
    const DWORD part = DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION;
    if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, &descriptor,
                                                              NULL) ||
        !SetKernelObjectSecurity(file, part, descriptor)) {
        result = spsi_windows_failure(GetLastError());
    }
    LocalFree(descriptor);
    CloseHandle(file);
    return result;
}

#else
typedef int spsi_windows_file_is_elsewhere; // ISO C wants a declaration in each file
#endif
