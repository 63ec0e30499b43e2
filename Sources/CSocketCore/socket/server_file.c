// SPDX-License-Identifier: MIT
#include "socket/server_file.h"

#include <string.h>

#include "base/memory.h"
#include "platform/calls.h"

// An absolute path needs no copy. If the OS cannot tell the absolute path (the working directory
// was removed), the path as given must do.
static bool record_absolute(spsi_server_file *file, const sps_platform *platform,
                            const sps_allocator *allocator) {
    char absolute[SPSI_ABSOLUTE_PATH_BYTES];
    const spsi_result found =
        spsi_os_absolute_path(platform, file->path, absolute, sizeof absolute);
    if (found.code != SPSI_DONE || strcmp(absolute, file->path) == 0) {
        return true;
    }
    const size_t bytes = strlen(absolute) + 1;
    file->absolute_path = spsi_allocate(allocator, bytes);
    if (file->absolute_path != NULL) {
        memcpy(file->absolute_path, absolute, bytes);
    }
    return file->absolute_path != NULL;
}

bool spsi_server_file_record(spsi_server_file *file, const sps_platform *platform,
                             const sps_allocator *allocator, const char *path) {
    memcpy(file->path, path, strlen(path) + 1);
    if (path[0] == SPSI_ABSTRACT_MARK || record_absolute(file, platform, allocator)) {
        return true;
    }
    file->path[0] = '\0';
    return false;
}

static bool is_at(const spsi_server_file *file, const sps_platform *platform, const char *path) {
    spsi_file now;
    return path != NULL && spsi_os_file_of(platform, path, &now) &&
           spsi_file_is_same(&now, &file->file);
}

// The path as given still leads to the file if the working directory itself was renamed.
void spsi_server_file_remove(spsi_server_file *file, const sps_platform *platform,
                             const sps_allocator *allocator) {
    if (file->path[0] != '\0') {
        const bool is_absolute = is_at(file, platform, file->absolute_path);
        const char *path = is_absolute ? file->absolute_path : file->path;
        spsi_os_remove_file(platform, path, &file->file);
    }
    spsi_server_file_forget(file, allocator);
}

void spsi_server_file_forget(spsi_server_file *file, const sps_allocator *allocator) {
    if (file->absolute_path != NULL) {
        spsi_free(allocator, file->absolute_path, strlen(file->absolute_path) + 1);
        file->absolute_path = NULL;
    }
    file->path[0] = '\0';
}
