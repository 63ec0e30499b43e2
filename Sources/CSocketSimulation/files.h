// SPDX-License-Identifier: MIT
//
// The files of Unix sockets, and the locks of their paths.
#ifndef SPSI_SIM_FILES_H
#define SPSI_SIM_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/platform.h"
#include "sim.h"

struct spsi_sim_file {
    spsi_sim_file *next;
    uint64_t number;
    uint32_t mode;
    spsi_handle lock;        // the handle of a lock; SPSI_NO_HANDLE: a socket's file
    spsi_sim_socket *socket; // bound to the file; NULL: closed since, or a lock
    char path[SPSI_PATH_BYTES];
};

spsi_sim_file *spsi_sim_file_find(const spsi_sim_host *host, const char *path);

// Whether a file is the only one of its path, and its socket or lock has a handle.
bool spsi_sim_file_is_consistent(const spsi_sim_host *host, const spsi_sim_file *file);

// NULL without memory.
spsi_sim_file *spsi_sim_file_create(spsi_sim_host *host, const char *path, spsi_sim_socket *socket);
void spsi_sim_file_erase(spsi_sim_host *host, spsi_sim_file *file);
void spsi_sim_files_free(spsi_sim_host *host);

// The functions of the platform table.
spsi_result spsi_sim_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                   size_t buffer_bytes);
bool spsi_sim_file_of(const sps_platform *platform, const char *path, spsi_file *out_file);
void spsi_sim_remove_file(const sps_platform *platform, const char *path, const spsi_file *file);
spsi_result spsi_sim_set_file_mode(const sps_platform *platform, const char *path, uint32_t mode);
spsi_result spsi_sim_lock_path(const sps_platform *platform, const char *path,
                               spsi_handle *out_lock);
void spsi_sim_unlock_path(const sps_platform *platform, const char *path, spsi_handle handle);

#endif
