// SPDX-License-Identifier: MIT
#include "socket/server.h"

#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "platform/calls.h"
#include "socket/address.h"
#include "socket/transfer.h"
#include "socket/unix_path.h"

enum { MOST_FILE_MODE = 0777 };

// ---- Making and ending

static sps_error read_options(const sps_server_options *options, sps_server_options *out_options,
                              sps_stream_options *out_stream_options) {
    if (!spsi_struct_read(options, out_options, sizeof *out_options)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return spsi_stream_options_read(out_options->stream, out_stream_options);
}

static sps_error create(const sps_server_options *options, spsi_kind kind,
                        sps_server **out_server) {
    if (out_server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_server = NULL;
    sps_server_options chosen;
    sps_stream_options stream_options;
    spsi_settings settings;
    if (read_options(options, &chosen, &stream_options) != SPS_OK) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_error error = spsi_settings_read(&stream_options, &settings);
    if (error != SPS_OK) {
        return error;
    }
    if (chosen.file_mode > MOST_FILE_MODE) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_allocator allocator;
    if (!spsi_allocator_read(stream_options.allocator, &allocator)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_platform *platform = spsi_platform_or_os(stream_options.platform);
    if (platform == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    sps_server *server = spsi_allocate_zeroed(&allocator, sizeof *server);
    if (server == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    server->allocator = allocator;
    server->stream_options = stream_options;
    server->stream_options.struct_size = sizeof server->stream_options;
    server->stream_options.allocator = &server->allocator;
    server->platform = platform;
    server->kind = kind;
    server->settings = settings;
    server->backlog = chosen.backlog;
    server->file_mode = chosen.file_mode;
    server->reuse_port = chosen.reuse_port != 0;
    server->handle = SPSI_NO_HANDLE;
    *out_server = server;
    return SPS_OK;
}

sps_error sps_tcp_server_create(const sps_server_options *options, sps_server **out_server) {
    return create(options, SPSI_KIND_TCP, out_server);
}

sps_error sps_uds_server_create(const sps_server_options *options, sps_server **out_server) {
    return create(options, SPSI_KIND_UDS, out_server);
}

// Before the handle is closed or released: stops watching it and drops its readiness and events.
static void unwatch(sps_server *server) {
    if (server->watch != NULL) {
        spsi_watch_set_interests(server->watch, server->handle, 0);
        spsi_watch_drop_events(server->watch);
        server->watch->ready_mask = 0;
    }
}

static void begin_to_listen(sps_server *server, spsi_handle handle) {
    server->handle = handle;
    server->rest = SPSI_REST_NONE;
    server->has_failed = false;
    server->os_error = 0;
    spsi_watch_mark_changed(server->watch);
}

static void stop(sps_server *server) {
    if (server->handle == SPSI_NO_HANDLE) {
        return;
    }
    spsi_server_file_remove(&server->file, server->platform, &server->allocator);
    unwatch(server);
    spsi_os_close(server->platform, server->handle);
    server->handle = SPSI_NO_HANDLE;
}

void sps_server_destroy(sps_server *server) {
    if (server == NULL) {
        return;
    }
    stop(server);
    if (server->spare != NULL) {
        sps_stream_destroy(&server->spare->stream);
    }
    if (server->watch != NULL) {
        spsi_watch_end(server->watch);
    }
    const sps_allocator allocator = server->allocator;
    spsi_free(&allocator, server, sizeof *server);
}

// ---- Listening

static sps_error check_kind(const sps_server *server, spsi_kind kind) {
    if (server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (server->kind != kind) {
        return SPS_ERR_UNAVAILABLE;
    }
    return SPS_OK;
}

// Whether a server of this kind may begin to listen.
static sps_error check_free(const sps_server *server, spsi_kind kind) {
    const sps_error error = check_kind(server, kind);
    return error == SPS_OK && server->handle != SPSI_NO_HANDLE ? SPS_ERR_ALREADY_IN_USE : error;
}

static sps_error fail_to_listen(sps_server *server, spsi_result result) {
    server->os_error = result.os_code;
    return spsi_error_of(result);
}

sps_error sps_tcp_server_listen(sps_server *server, int32_t port, const char *bind_address) {
    const sps_error error = check_free(server, SPSI_KIND_TCP);
    if (error != SPS_OK) {
        return error;
    }
    const sps_platform *platform = server->platform;
    const spsi_option option = server->reuse_port ? SPSI_REUSE_PORT : SPSI_REBIND;
    spsi_handle handle;
    spsi_result result = spsi_bind_host(platform, port, bind_address, option, &handle);
    if (result.code != SPSI_DONE) {
        return fail_to_listen(server, result);
    }
    spsi_settings_prepare(&server->settings, platform, handle);
    result = spsi_os_listen(platform, handle, server->backlog);
    if (result.code != SPSI_DONE) {
        spsi_os_close(platform, handle);
        return fail_to_listen(server, result);
    }
    begin_to_listen(server, handle);
    return SPS_OK;
}

sps_error sps_uds_server_listen(sps_server *server, const char *path) {
    sps_error error = check_free(server, SPSI_KIND_UDS);
    spsi_address address;
    if (error == SPS_OK) {
        error = spsi_path_parse(server->platform, path, &address);
    }
    if (error != SPS_OK) {
        return error;
    }
    spsi_server_file *file = &server->file;
    if (!spsi_server_file_record(file, server->platform, &server->allocator, address.path)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    const spsi_path_server wanted = {server->platform, address, server->file_mode, server->backlog};
    spsi_handle handle;
    bool has_file;
    const spsi_result result = spsi_path_listen(&wanted, &handle, &has_file, &file->file);
    if (result.code != SPSI_DONE || !has_file) {
        spsi_server_file_forget(file, &server->allocator);
    }
    if (result.code != SPSI_DONE) {
        return fail_to_listen(server, result);
    }
    begin_to_listen(server, handle);
    return SPS_OK;
}

// ---- Descriptors of the caller's

static sps_error adopt(sps_server *server, spsi_kind kind, intptr_t fd) {
    const sps_error error = check_free(server, kind);
    if (error != SPS_OK) {
        return error;
    }
    const sps_platform *platform = server->platform;
    spsi_family family;
    if (spsi_os_inspect(platform, fd, &family) != SPSI_LISTENING ||
        (family == SPSI_FAMILY_UNIX) != (kind == SPSI_KIND_UDS)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (spsi_os_adopt(platform, fd).code != SPSI_DONE) {
        return SPS_FAILED;
    }
    begin_to_listen(server, fd);
    return SPS_OK;
}

sps_error sps_tcp_server_adopt_fd(sps_server *server, intptr_t fd) {
    return adopt(server, SPSI_KIND_TCP, fd);
}

sps_error sps_uds_server_adopt_fd(sps_server *server, intptr_t fd) {
    return adopt(server, SPSI_KIND_UDS, fd);
}

sps_error sps_server_release_fd(sps_server *server, intptr_t *out_fd) {
    if (out_fd == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_fd = SPSI_NO_HANDLE;
    if (server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (server->handle == SPSI_NO_HANDLE) {
        return SPS_ERR_UNCONFIGURED;
    }
    unwatch(server);
    *out_fd = server->handle;
    server->handle = SPSI_NO_HANDLE;
    spsi_server_file_forget(&server->file, &server->allocator);
    return SPS_OK;
}

// ---- Asking

sps_error sps_tcp_server_get_local_port(const sps_server *server, int32_t *out_port) {
    if (out_port == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_port = 0;
    const sps_error error = check_kind(server, SPSI_KIND_TCP);
    spsi_address local;
    if (error == SPS_OK && server->handle != SPSI_NO_HANDLE &&
        spsi_os_local_address(server->platform, server->handle, &local).code == SPSI_DONE) {
        *out_port = local.port;
    }
    return error;
}

sps_error sps_server_is_listening(const sps_server *server, bool *out_listening) {
    if (out_listening == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_listening = server != NULL && server->handle != SPSI_NO_HANDLE;
    return server != NULL ? SPS_OK : SPS_ERR_INVALID_PARAMETER;
}

sps_error sps_server_stop(sps_server *server) {
    if (server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    stop(server);
    return SPS_OK;
}

// ---- Connections

sps_error sps_server_is_connection_available(sps_server *server, bool *out_available) {
    if (out_available == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_available = false;
    if (server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (server->handle != SPSI_NO_HANDLE) {
        const spsi_result result = spsi_os_wait(server->platform, server->handle, SPSI_READABLE, 0);
        *out_available = result.code == SPSI_DONE;
    }
    return SPS_OK;
}

static sps_error make_spare(sps_server *server) {
    if (server->spare != NULL) {
        return SPS_OK;
    }
    return spsi_socket_create(&server->stream_options, server->kind, &server->spare);
}

static sps_error let_rest(sps_server *server, spsi_server_rest rest, sps_error error) {
    server->rest = (uint8_t)rest;
    spsi_watch_mark_changed(server->watch);
    return error;
}

void spsi_server_fail(sps_server *server) {
    stop(server);
    server->has_failed = true;
}

// The OS refuses to accept. A socket that no longer listens has failed for good, for example after
// shutdown(2) by a process that shares it. Any other refusal may end.
static sps_error count_refusal(sps_server *server) {
    spsi_family family;
    const spsi_socket_kind kind = spsi_os_inspect(server->platform, server->handle, &family);
    if (kind != SPSI_LISTENING) {
        spsi_server_fail(server);
    }
    return let_rest(server, SPSI_REST_LONG, SPS_FAILED);
}

static sps_error accept_error(spsi_result result) {
    switch (result.code) {
    case SPSI_AGAIN:
        return SPS_ERR_BUSY;
    case SPSI_NO_HANDLES:
        return SPS_ERR_CANT_ACQUIRE_RESOURCE;
    case SPSI_NO_MEMORY:
        return SPS_ERR_OUT_OF_MEMORY;
    default:
        return SPS_FAILED;
    }
}

static sps_error handle_accept_failure(sps_server *server, spsi_result result) {
    const sps_error error = accept_error(result);
    if (error == SPS_ERR_BUSY) {
        return error;
    }
    server->os_error = result.os_code;
    return error == SPS_FAILED ? count_refusal(server) : let_rest(server, SPSI_REST_SHORT, error);
}

sps_error sps_server_get_os_error(const sps_server *server, int32_t *out_code) {
    if (out_code == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_code = server != NULL ? server->os_error : 0;
    return server != NULL ? SPS_OK : SPS_ERR_INVALID_PARAMETER;
}

sps_error sps_server_take_connection(sps_server *server, sps_stream **out_stream) {
    if (out_stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_stream = NULL;
    if (server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (server->handle == SPSI_NO_HANDLE) {
        return SPS_ERR_UNCONFIGURED;
    }
    const sps_error error = make_spare(server);
    if (error != SPS_OK) {
        return let_rest(server, SPSI_REST_SHORT, error);
    }
    spsi_socket *socket = server->spare;
    spsi_address peer;
    const spsi_result result =
        spsi_os_accept(server->platform, server->handle, &socket->handle, &peer);
    if (result.code != SPSI_DONE) {
        socket->handle = SPSI_NO_HANDLE;
        return handle_accept_failure(server, result);
    }
    if (server->kind == SPSI_KIND_UDS) { // TCP's inherit them from the server's socket
        spsi_settings_prepare(&socket->settings, server->platform, socket->handle);
    }
    spsi_socket_set_connected(socket, &peer);
    server->spare = NULL;
    *out_stream = &socket->stream;
    return SPS_OK;
}
