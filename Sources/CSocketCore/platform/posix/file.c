// SPDX-License-Identifier: MIT
//
// The files of Unix sockets, and a lock for their paths.
#include "platform/posix/unix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

size_t spsi_posix_max_path_bytes(const sps_platform *platform) {
    (void)platform;
    return sizeof((struct sockaddr_un *)0)->sun_path - 1;
}

static spsi_file identity(const struct stat *info) {
    return (spsi_file){(uint64_t)info->st_dev, (uint64_t)info->st_ino};
}

static bool is_same(spsi_file a, spsi_file b) {
    return a.device == b.device && a.number == b.number;
}

bool spsi_posix_file_of(const sps_platform *platform, const char *path, spsi_file *out_file) {
    (void)platform;
    struct stat info;
    if (lstat(path, &info) == -1 || !S_ISSOCK(info.st_mode)) {
        return false;
    }
    *out_file = identity(&info);
    return true;
}

// Another process may put a file of its own there between the look and the removal; no call closes
// that gap.
void spsi_posix_remove_file(const sps_platform *platform, const char *path, const spsi_file *file) {
    spsi_file now;
    if (spsi_posix_file_of(platform, path, &now) && is_same(now, *file)) {
        unlink(path);
    }
}

spsi_result spsi_posix_set_file_mode(const sps_platform *platform, const char *path,
                                     uint32_t mode) {
    (void)platform;
    // Somebody who may write to the folder may have put a link in the file's place.
    const int returned = fchmodat(AT_FDCWD, path, (mode_t)mode, AT_SYMLINK_NOFOLLOW);
    return returned == -1 ? spsi_posix_failure(errno) : spsi_posix_done();
}

// ---- The lock: an empty file beside the path, with flock(2), which ends with the process that has
// it. The file itself is removed by whoever had the lock, under it; so a lock counts only while the
// path still names the file that was locked.

enum { LOCK_PATH_BYTES = SPSI_PATH_BYTES + 16 };

static void write_lock_path(const char *path, char *out) {
    snprintf(out, LOCK_PATH_BYTES, "%s.sps-lock", path);
}

static bool still_names(const char *path, int fd) {
    struct stat opened, named;
    return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 &&
           is_same(identity(&opened), identity(&named));
}

// Opens the file, or makes it; -1 and errno. Two steps, since Linux refuses O_CREAT for somebody
// else's file in a sticky folder even to root (proc(5), fs.protected_regular).
static int open_lock(const char *lock_path) {
    const int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
    int fd;
    do {
        fd = open(lock_path, flags);
        if (fd == -1 && errno == ENOENT) {
            fd = open(lock_path, flags | O_CREAT | O_EXCL, 0600);
        }
    } while (fd == -1 && errno == EEXIST); // another was faster
    return fd;
}

// Opens and locks once; -1 and errno, EWOULDBLOCK when another has it.
static int try_lock(const char *lock_path) {
    const int fd = open_lock(lock_path);
    if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return fd;
    }
    const int error = errno;
    close(fd);
    errno = error;
    return -1;
}

spsi_result spsi_posix_lock_path(const sps_platform *platform, const char *path,
                                 spsi_handle *out_lock) {
    (void)platform;
    char lock_path[LOCK_PATH_BYTES];
    write_lock_path(path, lock_path);
    for (;;) {
        const int fd = try_lock(lock_path);
        *out_lock = fd;
        if (fd != -1 && still_names(lock_path, fd)) {
            return spsi_posix_done();
        }
        if (fd != -1) { // whoever had it before has removed it meanwhile
            close(fd);
        } else if (errno == ENOENT) { // a directory of the path is not there
            return (spsi_result){SPSI_ADDRESS_INVALID, ENOENT};
        } else if (errno != EINTR) {
            return spsi_posix_failure(errno);
        }
    }
}

void spsi_posix_unlock_path(const sps_platform *platform, const char *path, spsi_handle lock) {
    (void)platform;
    char lock_path[LOCK_PATH_BYTES];
    write_lock_path(path, lock_path);
    struct stat info;
    if (fstat((int)lock, &info) == 0 && S_ISREG(info.st_mode) && info.st_size == 0) {
        unlink(lock_path); // unless it was somebody's file before
    }
    close((int)lock);
}
