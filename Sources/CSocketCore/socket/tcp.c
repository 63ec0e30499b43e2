// SPDX-License-Identifier: MIT
#include "streampeersocket/tcp.h"

#include <string.h>

#include "base/sized_struct.h"
#include "base/text.h"
#include "platform/calls.h"
#include "socket/address.h"
#include "socket/connecting.h"
#include "socket/transfer.h"

sps_error sps_tcp_create(const sps_stream_options *options, sps_stream **out_stream) {
    if (out_stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_stream = NULL;
    spsi_socket *socket;
    const sps_error error = spsi_socket_create(options, SPSI_KIND_TCP, &socket);
    if (error == SPS_OK) {
        *out_stream = &socket->stream;
    }
    return error;
}

sps_error sps_tcp_bind(sps_stream *stream, int32_t port, const char *host) {
    spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_TCP);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status != SPS_STATUS_NONE || socket->handle != SPSI_NO_HANDLE) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    return spsi_error_of(
        spsi_bind_host(socket->platform, port, host, SPSI_SHARED_BIND, &socket->handle));
}

sps_error sps_tcp_connect(sps_stream *stream, const char *host, int32_t port) {
    spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_TCP);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status != SPS_STATUS_NONE) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    if (port < 1 || port > UINT16_MAX) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_address addresses[SPSI_KNOWN_ADDRESSES];
    size_t count;
    switch (spsi_host_parse(socket->platform, host, addresses, &count)) {
    case SPSI_HOST_KNOWN:
        for (size_t i = 0; i < count; i++) {
            addresses[i].port = (uint16_t)port;
        }
        return spsi_connecting_begin(socket, addresses, count);
    case SPSI_HOST_NAME:
        return spsi_connecting_begin_name(socket, host, (uint16_t)port);
    default:
        return SPS_ERR_INVALID_PARAMETER;
    }
}

sps_error sps_tcp_get_connect_attempt_count(const sps_stream *stream, size_t *out_count) {
    const spsi_socket *socket = spsi_socket_of_const(stream, SPSI_KIND_TCP);
    if (out_count == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_count = socket != NULL && socket->log != NULL ? socket->log->count : 0;
    return socket != NULL ? SPS_OK : spsi_socket_wrong_kind(stream);
}

// A row of the log keeps a state of the race, and the caller gets it as it is.
#define SAME_STATE(name) ((int)SPS_ATTEMPT_##name == (int)SPSI_ATTEMPT_##name)
typedef char states_have_the_same_values[SAME_STATE(RUNNING) && SAME_STATE(CONNECTED) &&
                                                 SAME_STATE(FAILED) && SAME_STATE(ABANDONED)
                                             ? 1
                                             : -1];

static void read_log_row(const spsi_connect_log_row *row, sps_connect_attempt *out) {
    memset(out, 0, sizeof *out);
    out->state = (sps_attempt_state)row->state;
    out->start_us = row->start_us;
    out->end_us = row->end_us;
    out->os_error = row->os_code;
    out->port = row->port;
    spsi_address address;
    memset(&address, 0, sizeof address);
    address.family = (spsi_family)row->family;
    address.scope = row->scope;
    memcpy(address.ip, row->ip, sizeof address.ip);
    spsi_ip_to_text(&address, out->host, sizeof out->host);
}

sps_error sps_tcp_get_connect_attempt(const sps_stream *stream, size_t index,
                                      sps_connect_attempt *out_attempt) {
    const spsi_socket *socket = spsi_socket_of_const(stream, SPSI_KIND_TCP);
    if (out_attempt == NULL || (socket != NULL && spsi_struct_size(out_attempt) == 0)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->log == NULL || index >= socket->log->count) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    sps_connect_attempt attempt;
    read_log_row(&socket->log->rows[index], &attempt);
    spsi_struct_write(&attempt, out_attempt, sizeof attempt);
    return SPS_OK;
}

// The address of the peer: of the connection, or of the one that is being made once it is chosen.
static bool peer_address(const spsi_socket *socket, spsi_address *out_peer) {
    if (socket->status == SPS_STATUS_CONNECTED) {
        spsi_peer_ip(&socket->peer, out_peer);
        return true;
    }
    return socket->connect != NULL && spsi_connect_peer_address(socket->connect, out_peer);
}

// The socket's own address, while it has one.
static bool local_address(const spsi_socket *socket, spsi_address *out_local) {
    if (socket->connect != NULL) {
        return spsi_connect_local_address(socket->connect, out_local);
    }
    return socket->handle != SPSI_NO_HANDLE &&
           spsi_os_local_address(socket->platform, socket->handle, out_local).code == SPSI_DONE;
}

// Writes the text of the address that `ask` returns, or an empty text.
static sps_error get_host(const sps_stream *stream,
                          bool (*ask)(const spsi_socket *socket, spsi_address *out_address),
                          char *buffer, size_t buffer_bytes, size_t *out_length) {
    const spsi_socket *socket = spsi_socket_of_const(stream, SPSI_KIND_TCP);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (buffer == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    char text[SPS_HOST_TEXT_BYTES] = "";
    spsi_address address;
    if (ask(socket, &address)) {
        spsi_ip_to_text(&address, text, sizeof text);
    }
    return spsi_copy_text(text, buffer, buffer_bytes, out_length);
}

sps_error sps_tcp_get_connected_host(const sps_stream *stream, char *buffer, size_t buffer_bytes,
                                     size_t *out_length) {
    return get_host(stream, peer_address, buffer, buffer_bytes, out_length);
}

sps_error sps_tcp_get_connected_port(const sps_stream *stream, int32_t *out_port) {
    const spsi_socket *socket = spsi_socket_of_const(stream, SPSI_KIND_TCP);
    if (out_port == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_port = 0;
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    *out_port =
        socket->connect != NULL ? spsi_connect_peer_port(socket->connect) : socket->peer.port;
    return SPS_OK;
}

sps_error sps_tcp_get_local_host(const sps_stream *stream, char *buffer, size_t buffer_bytes,
                                 size_t *out_length) {
    return get_host(stream, local_address, buffer, buffer_bytes, out_length);
}

sps_error sps_tcp_get_local_port(const sps_stream *stream, int32_t *out_port) {
    const spsi_socket *socket = spsi_socket_of_const(stream, SPSI_KIND_TCP);
    if (out_port == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_port = 0;
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    spsi_address local;
    if (local_address(socket, &local)) {
        *out_port = local.port;
    }
    return SPS_OK;
}
