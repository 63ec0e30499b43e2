// SPDX-License-Identifier: MIT
//
// The files of Unix sockets.
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

size_t spsi_posix_max_path_bytes(const sps_platform *platform) {
    (void)platform;
    return sizeof((struct sockaddr_un *)0)->sun_path - 1;
}

int spsi_posix_stat_folder(const char *path, struct stat *out_info) {
    char folder[SPSI_PATH_BYTES] = ".";
    const char *slash = strrchr(path, '/');
    if (slash != NULL) {
        const size_t length = (size_t)(slash - path) + 1; // "/" keeps its slash
        memcpy(folder, path, length);
        folder[length] = '\0';
    }
    return stat(folder, out_info);
}

spsi_result spsi_posix_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                     size_t buffer_bytes) {
    (void)platform;
    const bool is_relative = path[0] != '/';
    size_t length = 0;
    if (is_relative) {
        if (getcwd(buffer, buffer_bytes) == NULL) {
            return spsi_posix_failure(errno);
        }
        length = strcmp(buffer, "/") == 0 ? 0 : strlen(buffer);
    }
    const size_t room = buffer_bytes - length;
    const int written = snprintf(buffer + length, room, "%s%s", is_relative ? "/" : "", path);
    return (size_t)written < room ? spsi_posix_done() : spsi_posix_failure(ENAMETOOLONG);
}

bool spsi_posix_file_of(const sps_platform *platform, const char *path, spsi_file *out_file) {
    (void)platform;
    struct stat info;
    if (lstat(path, &info) == -1 || !S_ISSOCK(info.st_mode)) {
        return false;
    }
    *out_file = (spsi_file){(uint64_t)info.st_dev, (uint64_t)info.st_ino};
    return true;
}

// Another process may put a file of its own there between the look and the removal; no call closes
// that gap.
void spsi_posix_remove_file(const sps_platform *platform, const char *path, const spsi_file *file) {
    spsi_file now;
    if (spsi_posix_file_of(platform, path, &now) && spsi_file_is_same(&now, file)) {
        unlink(path);
    }
}

// Whether nobody but root and this user can put another file in the place of this user's: then
// chmod(2) follows no link. Only the owner of a file may take it out of a sticky folder
// (unlink(2)).
static bool is_safe_from_others(const char *path) {
    struct stat folder, file;
    if (spsi_posix_stat_folder(path, &folder) == -1 || lstat(path, &file) == -1) {
        return false;
    }
    const bool is_ours = folder.st_uid == 0 || folder.st_uid == geteuid();
    const bool is_closed = (folder.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    return S_ISSOCK(file.st_mode) && is_ours && (is_closed || (folder.st_mode & S_ISVTX) != 0);
}

// Somebody who may write to the folder may have put a link in the file's place. Where no call
// leaves links alone (on Linux before 6.6, libc needs /proc for that), the folder has to keep
// others out.
spsi_result spsi_posix_set_file_mode(const sps_platform *platform, const char *path,
                                     uint32_t mode) {
    (void)platform;
    if (spsi_unix_chmod_no_follow(path, (mode_t)mode) == 0) {
        return spsi_posix_done();
    }
    const spsi_result failure = spsi_posix_failure(errno);
    if (is_safe_from_others(path) && chmod(path, (mode_t)mode) == 0) {
        return spsi_posix_done();
    }
    return failure;
}

#else
typedef int spsi_posix_file_is_elsewhere; // ISO C wants a declaration in each file
#endif
