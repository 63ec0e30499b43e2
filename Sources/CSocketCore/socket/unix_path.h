// SPDX-License-Identifier: MIT
//
// Listening on the path of a Unix socket, where a dead server may have left its file.
#ifndef SPSI_UNIX_PATH_H
#define SPSI_UNIX_PATH_H

#include "platform/platform.h"

typedef struct spsi_path_server {
    const sps_platform *platform;
    spsi_address address;
    uint32_t file_mode; // 0: by the process's umask
    uint32_t backlog;
} spsi_path_server;

// Opens a socket that listens on the address, and tells which file it made, if any. As
// sps_uds_server_listen().
spsi_result spsi_path_listen(const spsi_path_server *server, spsi_handle *out_handle,
                             bool *out_has_file, spsi_file *out_file);

#endif
