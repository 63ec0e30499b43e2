// SPDX-License-Identifier: MIT
#include "streampeersocket/uds.h"

#include "address.h"
#include "connect.h"
#include "socket.h"

sps_error sps_uds_create(const sps_stream_options *options, sps_stream **out_stream) {
    if (out_stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_stream = NULL;
    spsi_socket *socket;
    const sps_error error = spsi_socket_create(options, SPSI_KIND_UDS, &socket);
    if (error == SPS_OK) {
        *out_stream = &socket->stream;
    }
    return error;
}

sps_error sps_uds_bind(sps_stream *stream, const char *path) {
    spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_UDS);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status != SPS_STATUS_NONE || socket->handle != SPSI_NO_HANDLE) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    return spsi_bind_path(socket->platform, path, &socket->handle);
}

sps_error sps_uds_connect(sps_stream *stream, const char *path) {
    spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_UDS);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status != SPS_STATUS_NONE) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    spsi_address address;
    const sps_error error = spsi_path_parse(socket->platform, path, &address);
    return error != SPS_OK ? error : spsi_connect_begin(socket, &address);
}

sps_error sps_uds_get_connected_path(const sps_stream *stream, char *buffer, size_t buffer_bytes,
                                     size_t *out_length) {
    const spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_UDS);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (buffer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return spsi_socket_copy_text(socket->peer.path, buffer, buffer_bytes, out_length);
}
