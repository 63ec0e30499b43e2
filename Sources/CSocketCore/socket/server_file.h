// SPDX-License-Identifier: MIT
//
// The file of a Unix server, which the server has to find again when it stops: the process may have
// changed its working directory meanwhile, or somebody may have renamed that directory.
#ifndef SPSI_SERVER_FILE_H
#define SPSI_SERVER_FILE_H

#include "platform/platform.h"

typedef struct spsi_server_file {
    char path[SPSI_PATH_BYTES]; // as the caller has given it; empty: there is no file
    char *absolute_path;        // of a relative path; NULL if the OS does not tell it
    spsi_file file;
} spsi_server_file;

// Before the file is made, notes where that will be. False, and nothing noted, without memory.
bool spsi_server_file_record(spsi_server_file *file, const sps_platform *platform,
                             const sps_allocator *allocator, const char *path);

// Removes the file, if it can be found and is still the same, and forgets it.
void spsi_server_file_remove(spsi_server_file *file, const sps_platform *platform,
                             const sps_allocator *allocator);

void spsi_server_file_forget(spsi_server_file *file, const sps_allocator *allocator);

#endif
