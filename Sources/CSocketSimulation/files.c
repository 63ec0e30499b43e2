// SPDX-License-Identifier: MIT
//
// The files of Unix sockets, and the locks of their paths. Every folder exists. An abstract name is
// a file that is erased with its socket.
#include "files.h"

#include <assert.h>
#include <string.h>

#include "host.h"
#include "memory.h"
#include "sim.h"
#include "socket.h"
#include "trace.h"
#include "world.h"

enum { DEFAULT_MODE = 0755 };

static spsi_sim_file *find(const spsi_sim_host *host, const char *path, bool is_lock) {
    spsi_sim_file *file = host->files;
    while (file != NULL &&
           (strcmp(file->path, path) != 0 || (file->lock != SPSI_NO_HANDLE) != is_lock)) {
        file = file->next;
    }
    return file;
}

spsi_sim_file *spsi_sim_file_find(const spsi_sim_host *host, const char *path) {
    return find(host, path, false);
}

bool spsi_sim_file_is_consistent(const spsi_sim_host *host, const spsi_sim_file *file) {
    const bool is_lock = file->lock != SPSI_NO_HANDLE;
    if (find(host, file->path, is_lock) != file || file->number > host->file_number) {
        return false;
    }
    const spsi_sim_socket *socket = file->socket;
    const spsi_handle handle = is_lock          ? file->lock
                               : socket != NULL ? socket->handle
                                                : SPSI_NO_HANDLE;
    if (handle == SPSI_NO_HANDLE) { // its socket was closed
        return true;
    }
    return handle >= 0 && (size_t)handle < host->slot_capacity &&
           host->slots[handle].socket == socket && host->slots[handle].is_lock == is_lock;
}

spsi_sim_file *spsi_sim_file_create(spsi_sim_host *host, const char *path,
                                    spsi_sim_socket *socket) {
    spsi_sim_file *file = spsi_sim_allocate(&host->world->allocator, sizeof *file);
    if (file == NULL) {
        return NULL;
    }
    assert(strlen(path) < sizeof file->path);
    memcpy(file->path, path, strlen(path) + 1);
    file->number = ++host->file_number;
    file->mode = DEFAULT_MODE;
    file->lock = SPSI_NO_HANDLE;
    file->socket = socket;
    file->next = host->files;
    host->files = file;
    return file;
}

void spsi_sim_file_erase(spsi_sim_host *host, spsi_sim_file *file) {
    spsi_sim_file **link = &host->files;
    assert(spsi_sim_file_is_consistent(host, file));
    while (*link != file) {
        link = &(*link)->next;
    }
    *link = file->next;
    spsi_sim_free(&host->world->allocator, file, sizeof *file);
}

void spsi_sim_files_free(spsi_sim_host *host) {
    while (host->files != NULL) {
        spsi_sim_file_erase(host, host->files);
    }
}

sps_error sps_simulated_host_remove_files(sps_simulated_host *host) {
    if (host == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_sim_file *next;
    for (spsi_sim_file *file = host->files; file != NULL; file = next) {
        next = file->next;
        if (file->socket == NULL && file->lock == SPSI_NO_HANDLE) {
            spsi_sim_file_erase(host, file);
        }
    }
    return SPS_OK;
}

// ---- The functions of the platform table

// A host has no working directory, so every path is absolute.
spsi_result spsi_sim_absolute_path(const sps_platform *platform, const char *path, char *buffer,
                                   size_t buffer_bytes) {
    (void)platform;
    const size_t bytes = strlen(path) + 1;
    if (bytes > buffer_bytes) {
        return spsi_sim_result(SPSI_ADDRESS_INVALID, SPSI_SIM_ENAMETOOLONG);
    }
    memcpy(buffer, path, bytes);
    return spsi_sim_done();
}

bool spsi_sim_file_of(const sps_platform *platform, const char *path, spsi_file *out_file) {
    const spsi_sim_host *host = spsi_sim_host_of(platform);
    const spsi_sim_file *file = spsi_sim_file_find(host, path);
    if (file != NULL) {
        *out_file = (spsi_file){host->number, file->number};
    }
    return file != NULL;
}

void spsi_sim_remove_file(const sps_platform *platform, const char *path, const spsi_file *file) {
    spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_sim_file *named = spsi_sim_file_find(host, path);
    if (named != NULL && named->number == file->number && host->number == file->device) {
        spsi_sim_trace_event(host->world, host, "file removed", (int64_t)named->number, 0);
        spsi_sim_file_erase(host, named);
    }
}

spsi_result spsi_sim_set_file_mode(const sps_platform *platform, const char *path, uint32_t mode) {
    spsi_sim_file *file = spsi_sim_file_find(spsi_sim_host_of(platform), path);
    if (file == NULL) {
        return spsi_sim_result(SPSI_REFUSED, SPSI_SIM_ENOENT);
    }
    file->mode = mode;
    return spsi_sim_done();
}

spsi_result spsi_sim_lock_path(const sps_platform *platform, const char *path,
                               spsi_handle *out_lock) {
    spsi_sim_host *host = spsi_sim_host_of(platform);
    if (find(host, path, true) != NULL) {
        return spsi_sim_again();
    }
    spsi_handle handle;
    const spsi_result result = spsi_sim_slot_take(host, &handle);
    if (result.code != SPSI_DONE) {
        return result;
    }
    spsi_sim_file *lock = spsi_sim_file_create(host, path, NULL);
    if (lock == NULL) {
        spsi_sim_slot_free(host, handle);
        return spsi_sim_no_memory();
    }
    lock->lock = handle;
    assert(spsi_sim_file_is_consistent(host, lock));
    *out_lock = handle;
    return spsi_sim_done();
}

void spsi_sim_unlock_path(const sps_platform *platform, const char *path, spsi_handle handle) {
    spsi_sim_host *host = spsi_sim_host_of(platform);
    spsi_sim_file *lock = find(host, path, true);
    if (lock == NULL || lock->lock != handle) {
        host->world->mistakes++;
        return;
    }
    spsi_sim_file_erase(host, lock);
    spsi_sim_slot_free(host, handle);
}
