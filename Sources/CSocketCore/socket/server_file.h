// SPDX-License-Identifier: MIT
//
// The file of a Unix server. The server must find it again when it stops, even if the process has
// changed its working directory or the directory was renamed.
#ifndef SPSI_SERVER_FILE_H
#define SPSI_SERVER_FILE_H

#include "platform/platform.h"

typedef struct spsi_server_file {
    char path[SPSI_PATH_BYTES]; // as the caller gave it; empty: no file
    char *absolute_path;        // of a relative path; NULL if the OS cannot tell
    spsi_file file;
} spsi_server_file;

// Records the place of the file before it is made. False, and nothing recorded, without memory.
bool spsi_server_file_record(spsi_server_file *file, const sps_platform *platform,
                             const sps_allocator *allocator, const char *path);

// Removes the file if it is found and is still the same. Forgets it.
void spsi_server_file_remove(spsi_server_file *file, const sps_platform *platform,
                             const sps_allocator *allocator);

void spsi_server_file_forget(spsi_server_file *file, const sps_allocator *allocator);

#endif
