// SPDX-License-Identifier: MIT
#include "streampeersocket/uds.h"

#include <string.h>

#include "base/sized_struct.h"
#include "base/text.h"
#include "platform/calls.h"
#include "socket/address.h"
#include "socket/connecting.h"
#include "socket/transfer.h"

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
    spsi_address address;
    const sps_error error = spsi_path_parse(socket->platform, path, &address);
    if (error != SPS_OK) {
        return error;
    }
    return spsi_error_of(spsi_bind_path(socket->platform, &address, &socket->handle));
}

sps_error sps_uds_connect(sps_stream *stream, const char *path) {
    spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_UDS);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status != SPS_STATUS_NONE && socket->status != SPS_STATUS_ERROR) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    spsi_address address;
    const sps_error error = spsi_path_parse(socket->platform, path, &address);
    return error != SPS_OK ? error : spsi_connecting_begin(socket, &address, 1);
}

sps_error sps_uds_get_connected_path(const sps_stream *stream, char *buffer, size_t buffer_bytes,
                                     size_t *out_length) {
    const spsi_socket *socket = spsi_socket_of_const(stream, SPSI_KIND_UDS);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (buffer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_address address;
    const bool is_connecting =
        socket->connect != NULL && spsi_connect_peer_address(socket->connect, &address);
    const char *path = is_connecting ? address.path : spsi_peer_path(&socket->peer);
    return spsi_copy_text(path != NULL ? path : "", buffer, buffer_bytes, out_length);
}

sps_error sps_uds_get_peer_credentials(const sps_stream *stream,
                                       sps_peer_credentials *out_credentials) {
    const spsi_socket *socket = spsi_socket_of_const(stream, SPSI_KIND_UDS);
    if (out_credentials == NULL || spsi_struct_size(out_credentials) == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status != SPS_STATUS_CONNECTED) {
        return SPS_FAILED;
    }
    sps_peer_credentials peer;
    memset(&peer, 0, sizeof peer);
    const spsi_result result = spsi_os_peer_credentials(socket->platform, socket->handle, &peer);
    if (result.code != SPSI_DONE) {
        return result.code == SPSI_UNSUPPORTED ? SPS_ERR_UNAVAILABLE : SPS_FAILED;
    }
    spsi_struct_write(&peer, out_credentials, sizeof peer);
    return SPS_OK;
}
