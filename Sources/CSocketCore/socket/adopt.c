// SPDX-License-Identifier: MIT
//
// Descriptors that come from the caller, and go to it.
#include "streampeersocket/tcp.h"
#include "streampeersocket/uds.h"

#include "platform/calls.h"
#include "socket/connect.h"
#include "socket/socket.h"

static sps_error adopt(sps_stream *stream, spsi_kind kind, intptr_t fd) {
    spsi_socket *socket = spsi_socket_of(stream, kind);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status != SPS_STATUS_NONE || spsi_socket_is_open(socket)) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    const sps_platform *platform = socket->platform;
    spsi_family family;
    spsi_address peer;
    if (spsi_os_inspect(platform, fd, &family) != SPSI_CONNECTED ||
        (family == SPSI_FAMILY_UNIX) != (kind == SPSI_KIND_UDS) ||
        spsi_os_peer_address(platform, fd, &peer).code != SPSI_DONE) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (spsi_os_adopt(platform, fd).code != SPSI_DONE) {
        return SPS_FAILED;
    }
    socket->handle = fd;
    spsi_socket_drop_log(socket); // it was another connection's
    spsi_settings_prepare(&socket->settings, platform, fd);
    spsi_socket_set_connected(socket, &peer);
    spsi_socket_drop_events(socket);
    return SPS_OK;
}

static sps_error release(sps_stream *stream, spsi_kind kind, intptr_t *out_fd) {
    spsi_socket *socket = spsi_socket_of(stream, kind);
    if (out_fd == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_fd = SPSI_NO_HANDLE;
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status != SPS_STATUS_CONNECTED || socket->is_closing) {
        return SPS_FAILED;
    }
    const bool is_empty = spsi_byte_queue_size(&stream->in) == 0 && stream->inline_count == 0 &&
                          spsi_byte_queue_size(&stream->out) == 0;
    if (!is_empty) {
        return SPS_ERR_BUSY;
    }
    spsi_socket_unwatch(socket);
    spsi_os_adopt(socket->platform, socket->handle); // a get may have waited in it
    *out_fd = socket->handle;
    socket->handle = SPSI_NO_HANDLE;
    socket->close_reason = SPS_CLOSE_LOCAL;
    spsi_socket_close(socket, SPS_STATUS_NONE, SPS_CLOSE_LOCAL);
    spsi_socket_drop_events(socket);
    return SPS_OK;
}

sps_error sps_tcp_adopt_fd(sps_stream *stream, intptr_t fd) {
    return adopt(stream, SPSI_KIND_TCP, fd);
}

sps_error sps_uds_adopt_fd(sps_stream *stream, intptr_t fd) {
    return adopt(stream, SPSI_KIND_UDS, fd);
}

sps_error sps_tcp_release_fd(sps_stream *stream, intptr_t *out_fd) {
    return release(stream, SPSI_KIND_TCP, out_fd);
}

sps_error sps_uds_release_fd(sps_stream *stream, intptr_t *out_fd) {
    return release(stream, SPSI_KIND_UDS, out_fd);
}
