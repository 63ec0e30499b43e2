// SPDX-License-Identifier: MIT
//
// A socket that is bound but does not listen yet refuses connections, just as a dead server's file
// does. So servers take the path's lock from the bind to the listen. A server that finds the lock
// taken knows that another is about to listen. If no lock can be had (no permission or
// support), a server still listens, but replaces no file.
#include "socket/unix_path.h"

#include "platform/calls.h"
#include "socket/address.h"

static const spsi_result in_use = {SPSI_ADDRESS_IN_USE, 0};

// Whether no server listens behind a socket's file. Only a refusal proves it.
static bool is_stale(const spsi_path_server *server) {
    const sps_platform *platform = server->platform;
    spsi_handle probe;
    if (!spsi_os_refusal_is_proof(platform) ||
        spsi_os_open(platform, SPSI_FAMILY_UNIX, &probe).code != SPSI_DONE) {
        return false;
    }
    const spsi_result result = spsi_os_connect(platform, probe, &server->address);
    spsi_os_close(platform, probe);
    return result.code == SPSI_REFUSED;
}

// Binds, and under the lock replaces a file that was left behind.
static spsi_result bind_path(const spsi_path_server *server, bool is_locked,
                             spsi_handle *out_handle) {
    const sps_platform *platform = server->platform;
    const char *path = server->address.path;
    const spsi_result result = spsi_bind_path(platform, &server->address, out_handle);
    spsi_file file;
    if (result.code != SPSI_ADDRESS_IN_USE || !is_locked ||
        !spsi_os_file_of(platform, path, &file) || !is_stale(server)) {
        return result;
    }
    spsi_os_remove_file(platform, path, &file);
    return spsi_bind_path(platform, &server->address, out_handle);
}

static bool is_abstract(const spsi_path_server *server) {
    return server->address.path[0] == SPSI_ABSTRACT_MARK;
}

// From a bound socket to one that listens; on failure it is closed, and its file removed. The file
// is NULL when it cannot be seen; a mode that was asked for is set all the same, or nobody is
// served.
static spsi_result open_for_all(const spsi_path_server *server, spsi_handle handle,
                                const spsi_file *file) {
    const sps_platform *platform = server->platform;
    const char *path = server->address.path;
    spsi_result result = {SPSI_DONE, 0};
    if (server->file_mode != 0 && !is_abstract(server)) {
        result = spsi_os_set_file_mode(platform, path, server->file_mode);
    }
    if (result.code == SPSI_DONE) {
        result = spsi_os_listen(platform, handle, server->backlog);
    }
    if (result.code != SPSI_DONE) {
        if (file != NULL) {
            spsi_os_remove_file(platform, path, file);
        }
        spsi_os_close(platform, handle);
    }
    return result;
}

static spsi_result listen_on_file(const spsi_path_server *server, bool is_locked,
                                  spsi_handle *out_handle, bool *out_has_file,
                                  spsi_file *out_file) {
    const spsi_result result = bind_path(server, is_locked, out_handle);
    if (result.code != SPSI_DONE) {
        return result;
    }
    *out_has_file = spsi_os_file_of(server->platform, server->address.path, out_file);
    return open_for_all(server, *out_handle, *out_has_file ? out_file : NULL);
}

// Another that has the lock may have taken our file for a dead server's just before we listened.
static spsi_result listen_unlocked(const spsi_path_server *server, spsi_handle *out_handle,
                                   bool *out_has_file, spsi_file *out_file) {
    const sps_platform *platform = server->platform;
    const spsi_result result = listen_on_file(server, false, out_handle, out_has_file, out_file);
    spsi_file now;
    if (result.code != SPSI_DONE || !*out_has_file ||
        (spsi_os_file_of(platform, server->address.path, &now) &&
         spsi_file_is_same(&now, out_file))) {
        return result;
    }
    spsi_os_close(platform, *out_handle);
    return in_use;
}

// A lock that cannot be had in this place, or by this user.
static bool is_impossible(spsi_result locked) {
    return locked.code == SPSI_DENIED || locked.code == SPSI_UNSUPPORTED ||
           locked.code == SPSI_FAILED;
}

spsi_result spsi_path_listen(const spsi_path_server *server, spsi_handle *out_handle,
                             bool *out_has_file, spsi_file *out_file) {
    const sps_platform *platform = server->platform;
    const char *path = server->address.path;
    *out_has_file = false;
    if (is_abstract(server)) { // the OS itself sees to it that there is one
        const spsi_result result = spsi_bind_path(platform, &server->address, out_handle);
        return result.code == SPSI_DONE ? open_for_all(server, *out_handle, NULL) : result;
    }
    spsi_handle lock;
    const spsi_result locked = spsi_os_lock_path(platform, path, &lock);
    if (is_impossible(locked)) {
        return listen_unlocked(server, out_handle, out_has_file, out_file);
    }
    if (locked.code != SPSI_DONE) {
        return locked.code == SPSI_AGAIN ? in_use : locked;
    }
    const spsi_result result = listen_on_file(server, true, out_handle, out_has_file, out_file);
    spsi_os_unlock_path(platform, path, lock);
    return result;
}
