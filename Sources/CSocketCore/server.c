// SPDX-License-Identifier: MIT
#include "streampeersocket/server.h"

#include <string.h>

#include "address.h"
#include "memory.h"
#include "socket.h"

struct sps_server {
    const sps_platform *platform;
    sps_allocator allocator;
    sps_stream_options stream_options; // for each connection; its allocator is the one above
    spsi_kind kind;
    uint32_t backlog;
    spsi_handle handle;
    // The stream for the next connection, made before it is accepted: when there is no memory
    // for it the connection goes on waiting.
    spsi_socket *spare;
    char path[SPSI_PATH_BYTES]; // of a listening Unix server,
    spsi_file file;             // and the file that it made there
};

// ---- Making and ending

static sps_error read_options(const sps_server_options *options, sps_server_options *out_options,
                              sps_stream_options *out_stream_options) {
    memset(out_options, 0, sizeof *out_options);
    if (options != NULL) {
        if (options->struct_size == 0) {
            return SPS_ERR_INVALID_PARAMETER;
        }
        const size_t known =
            options->struct_size < sizeof *out_options ? options->struct_size : sizeof *out_options;
        memcpy(out_options, options, known);
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
    if (read_options(options, &chosen, &stream_options) != SPS_OK) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_allocator allocator = spsi_allocator_or_default(stream_options.allocator);
    sps_server *server = spsi_allocate_zeroed(&allocator, sizeof *server);
    if (server == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    server->allocator = allocator;
    server->stream_options = stream_options;
    server->stream_options.struct_size = sizeof server->stream_options;
    server->stream_options.allocator = &server->allocator;
    server->platform =
        stream_options.platform != NULL ? stream_options.platform : spsi_os_platform();
    server->kind = kind;
    server->backlog = chosen.backlog;
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

static void stop(sps_server *server) {
    if (server->handle == SPSI_NO_HANDLE) {
        return;
    }
    if (server->path[0] != '\0') {
        server->platform->remove_file(server->platform, server->path, &server->file);
        server->path[0] = '\0';
    }
    server->platform->close(server->platform, server->handle);
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

// Makes a bound socket a listening one; on failure it is closed.
static sps_error listen_on(sps_server *server, spsi_handle handle) {
    const spsi_result result = server->platform->listen(server->platform, handle, server->backlog);
    if (result.code != SPSI_DONE) {
        server->platform->close(server->platform, handle);
        return spsi_socket_error_of(result);
    }
    server->handle = handle;
    return SPS_OK;
}

sps_error sps_tcp_server_listen(sps_server *server, int32_t port, const char *bind_address) {
    sps_error error = check_kind(server, SPSI_KIND_TCP);
    if (error != SPS_OK) {
        return error;
    }
    if (server->handle != SPSI_NO_HANDLE) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    spsi_handle handle;
    error = spsi_bind_host(server->platform, port, bind_address, true, &handle);
    return error != SPS_OK ? error : listen_on(server, handle);
}

sps_error sps_uds_server_listen(sps_server *server, const char *path) {
    sps_error error = check_kind(server, SPSI_KIND_UDS);
    if (error != SPS_OK) {
        return error;
    }
    if (server->handle != SPSI_NO_HANDLE) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    spsi_handle handle;
    error = spsi_bind_path(server->platform, path, &handle);
    if (error != SPS_OK) {
        return error;
    }
    const bool has_file = server->platform->file_of(server->platform, path, &server->file);
    error = listen_on(server, handle);
    if (error != SPS_OK) {
        if (has_file) {
            server->platform->remove_file(server->platform, path, &server->file);
        }
        return error;
    }
    memcpy(server->path, has_file ? path : "", has_file ? strlen(path) + 1 : 1);
    return SPS_OK;
}

sps_error sps_tcp_server_get_local_port(const sps_server *server, int32_t *out_port) {
    if (out_port == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_port = 0;
    const sps_error error = check_kind(server, SPSI_KIND_TCP);
    spsi_address local;
    if (error == SPS_OK && server->handle != SPSI_NO_HANDLE &&
        server->platform->local_address(server->platform, server->handle, &local).code ==
            SPSI_DONE) {
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
        const spsi_result result =
            server->platform->wait(server->platform, server->handle, SPSI_READABLE, 0);
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
        return error;
    }
    spsi_socket *socket = server->spare;
    spsi_address peer;
    const spsi_result result =
        server->platform->accept(server->platform, server->handle, &socket->handle, &peer);
    if (result.code != SPSI_DONE) {
        socket->handle = SPSI_NO_HANDLE;
        return accept_error(result);
    }
    spsi_socket_set_connected(socket, &peer);
    server->spare = NULL;
    *out_stream = &socket->stream;
    return SPS_OK;
}
