// SPDX-License-Identifier: MIT
//
// A lock for the path of a Unix socket: flock(2) on an empty file beside it. It ends with its
// process. The owner removes the file under the lock, so a lock is valid only while the path names
// the locked file. A file that a killed process left behind can be locked like a new one.
#ifndef _WIN32

#include "platform/posix/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    LOCK_PATH_BYTES = SPSI_PATH_BYTES + 16,
    MOST_TRIES = 100, // others may make and remove the file between our steps, but not for ever
};

static void write_lock_path(const char *path, char *out) {
    snprintf(out, LOCK_PATH_BYTES, "%s.sps-lock", path);
}

static bool give_to(int fd, uid_t owner, gid_t group) {
    return fchown(fd, owner, group) == 0;
}

// Lets those open the file who may make files in its folder: a file that a killed process left
// would shut them out. Nobody else may, who could lock it before its maker does, and keep it so.
static void share_lock(const char *lock_path, int fd) {
    struct stat folder;
    if (spsi_posix_stat_folder(lock_path, &folder) == -1) {
        return;
    }
    mode_t mode = S_IRUSR | (folder.st_mode & S_IWOTH ? S_IROTH : 0);
    if ((folder.st_mode & S_IWGRP) != 0 && give_to(fd, (uid_t)-1, folder.st_gid)) {
        mode |= S_IRGRP;
    }
    if (geteuid() == 0) { // which may open it all the same
        (void)give_to(fd, folder.st_uid, (gid_t)-1);
    }
    fchmod(fd, mode);
}

// Opens the file, or makes it; -1 and errno, EEXIST when another was faster. Two steps, since Linux
// refuses O_CREAT for somebody else's file in a sticky folder even to root (proc(5),
// fs.protected_regular).
static int open_lock(const char *lock_path, bool *out_is_new) {
    const int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    const int there = open(lock_path, flags);
    *out_is_new = false;
    if (there != -1 || errno != ENOENT) {
        return there;
    }
    const int fd = open(lock_path, flags | O_CREAT | O_EXCL, S_IRUSR);
    if (fd != -1) {
        *out_is_new = true;
        share_lock(lock_path, fd);
    }
    return fd;
}

// Returns 0 or a value of errno. EWOULDBLOCK: another caller holds the lock, in this
// process or another. ESTALE: the previous owner has removed the file.
static int take_lock(const char *lock_path, int fd) {
    struct stat opened, named;
    if (flock(fd, LOCK_EX | LOCK_NB) == -1 || fstat(fd, &opened) == -1) {
        return errno;
    }
    if (lstat(lock_path, &named) == -1) {
        return errno == ENOENT ? ESTALE : errno;
    }
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino ? 0 : ESTALE;
}

// Opens and locks once. Returns 0 or a value of errno. Removes a file that it made but could not
// lock, unless another caller has locked it or the path no longer names it.
static int try_lock(const char *lock_path, int *out_fd) {
    bool is_new;
    *out_fd = open_lock(lock_path, &is_new);
    if (*out_fd == -1) {
        return errno;
    }
    const int error = take_lock(lock_path, *out_fd);
    if (error != 0) {
        if (is_new && error != EWOULDBLOCK && error != ESTALE) {
            unlink(lock_path);
        }
        close(*out_fd);
    }
    return error;
}

spsi_result spsi_posix_lock_path(const sps_platform *platform, const char *path,
                                 spsi_handle *out_lock) {
    (void)platform;
    char lock_path[LOCK_PATH_BYTES];
    write_lock_path(path, lock_path);
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        int fd;
        const int error = try_lock(lock_path, &fd);
        if (error == 0) {
            *out_lock = fd;
            return spsi_posix_done();
        }
        if (error == ENOENT) { // a directory of the path is not there
            return (spsi_result){SPSI_ADDRESS_INVALID, ENOENT};
        }
        if (error != EEXIST && error != ESTALE && error != EINTR) {
            return spsi_posix_failure(error);
        }
    }
    return (spsi_result){SPSI_AGAIN, 0};
}

// A process that was forked meanwhile has the descriptor, too, so its close does not end the lock.
void spsi_posix_unlock_path(const sps_platform *platform, const char *path, spsi_handle lock) {
    (void)platform;
    char lock_path[LOCK_PATH_BYTES];
    write_lock_path(path, lock_path);
    struct stat info;
    if (fstat((int)lock, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0) {
        unlink(lock_path); // unless it was somebody's file before
    }
    flock((int)lock, LOCK_UN);
    close((int)lock);
}

#else
typedef int spsi_posix_path_lock_is_elsewhere; // ISO C wants a declaration in each file
#endif
