// SPDX-License-Identifier: MIT
//
// The public calls that set what TCP and UDS share, and TCP's own.
#include "streampeersocket/socket.h"
#include "streampeersocket/tcp.h"

#include "base/sized_struct.h"
#include "platform/calls.h"
#include "socket/connect.h"
#include "socket/settings.h"
#include "socket/socket.h"

// The socket whose timeout is to be set; *out_error tells why there is none.
static spsi_socket *for_timeout(sps_stream *stream, uint32_t timeout_ms, sps_error *out_error) {
    spsi_socket *socket = spsi_any_socket_of(stream);
    if (socket == NULL) {
        *out_error = spsi_socket_wrong_kind(stream);
        return NULL;
    }
    *out_error = spsi_is_timeout(timeout_ms) ? SPS_OK : SPS_ERR_INVALID_PARAMETER;
    return *out_error == SPS_OK ? socket : NULL;
}

sps_error sps_socket_set_connect_timeout(sps_stream *stream, uint32_t timeout_ms) {
    sps_error error;
    spsi_socket *socket = for_timeout(stream, timeout_ms, &error);
    if (socket != NULL) {
        socket->settings.connect_timeout_ms =
            timeout_ms != 0 ? timeout_ms : SPSI_DEFAULT_CONNECT_TIMEOUT_MS;
        if (socket->connect != NULL) {
            spsi_connect_renew_deadline(socket->connect);
        }
        spsi_watch_mark_changed(stream->watch);
    }
    return error;
}

sps_error sps_socket_set_attempt_delay(sps_stream *stream, uint32_t delay_ms) {
    sps_error error;
    spsi_socket *socket = for_timeout(stream, delay_ms, &error);
    if (socket != NULL) {
        const uint32_t chosen = delay_ms != 0 ? delay_ms : SPSI_DEFAULT_ATTEMPT_DELAY_MS;
        socket->settings.attempt_delay_ms =
            chosen < SPSI_LEAST_ATTEMPT_DELAY_MS ? SPSI_LEAST_ATTEMPT_DELAY_MS : chosen;
        spsi_watch_mark_changed(stream->watch);
    }
    return error;
}

sps_error sps_socket_set_io_timeout(sps_stream *stream, uint32_t timeout_ms) {
    const bool is_filter = stream != NULL && stream->kind == SPSI_KIND_FILTER;
    if (!is_filter && spsi_any_socket_of(stream) == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (!spsi_is_timeout(timeout_ms)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    stream->io_timeout_ms = timeout_ms;
    return SPS_OK;
}

sps_error sps_socket_set_idle_timeout(sps_stream *stream, uint32_t timeout_ms) {
    sps_error error;
    spsi_socket *socket = for_timeout(stream, timeout_ms, &error);
    if (socket != NULL) {
        socket->settings.idle_timeout_ms = timeout_ms;
        spsi_socket_hear(socket, spsi_socket_now(socket));
        spsi_watch_mark_changed(stream->watch);
    }
    return error;
}

// ---- Options of the OS

// Sets an option of a connection, if there is one; one that is still to come gets what is stored.
static spsi_result set_if_connected(spsi_socket *socket, spsi_option option, uint32_t value) {
    if (socket->status != SPS_STATUS_CONNECTED) {
        return (spsi_result){SPSI_DONE, 0};
    }
    return spsi_os_set_option(socket->platform, socket->handle, option, value);
}

static sps_error error_of(spsi_result result) {
    if (result.code == SPSI_UNSUPPORTED) {
        return SPS_ERR_UNAVAILABLE;
    }
    return result.code == SPSI_DONE ? SPS_OK : SPS_FAILED;
}

sps_error sps_socket_set_os_buffers(sps_stream *stream, uint32_t send_bytes,
                                    uint32_t receive_bytes) {
    spsi_socket *socket = spsi_any_socket_of(stream);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (send_bytes > INT32_MAX || receive_bytes > INT32_MAX) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    socket->settings.send_buffer_bytes = send_bytes;
    socket->settings.receive_buffer_bytes = receive_bytes;
    spsi_result result = {SPSI_DONE, 0};
    if (send_bytes != 0) {
        result = set_if_connected(socket, SPSI_SEND_BUFFER, send_bytes);
    }
    if (receive_bytes != 0 && result.code == SPSI_DONE) {
        result = set_if_connected(socket, SPSI_RECEIVE_BUFFER, receive_bytes);
    }
    return error_of(result);
}

sps_error sps_socket_get_os_buffers(const sps_stream *stream, uint32_t *out_send_bytes,
                                    uint32_t *out_receive_bytes) {
    const spsi_socket *socket = spsi_any_socket_of_const(stream);
    if (out_send_bytes == NULL || out_receive_bytes == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_send_bytes = *out_receive_bytes = 0;
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->handle == SPSI_NO_HANDLE) {
        return SPS_FAILED;
    }
    const sps_platform *platform = socket->platform;
    const spsi_result sending =
        spsi_os_get_option(platform, socket->handle, SPSI_SEND_BUFFER, out_send_bytes);
    const spsi_result receiving =
        spsi_os_get_option(platform, socket->handle, SPSI_RECEIVE_BUFFER, out_receive_bytes);
    const bool good = sending.code == SPSI_DONE && receiving.code == SPSI_DONE;
    return good ? SPS_OK : SPS_FAILED;
}

sps_error sps_tcp_set_no_delay(sps_stream *stream, bool enabled) {
    spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_TCP);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (!spsi_socket_is_open(socket)) {
        return SPS_FAILED;
    }
    socket->no_delay = enabled;
    return error_of(set_if_connected(socket, SPSI_NO_DELAY, enabled));
}

sps_error sps_tcp_set_keepalive(sps_stream *stream, uint32_t idle_ms, uint32_t interval_ms,
                                uint32_t count) {
    spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_TCP);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    const sps_error error = spsi_keepalive_check(idle_ms, interval_ms, count);
    if (error != SPS_OK) {
        return error;
    }
    socket->settings.keepalive_idle_ms = idle_ms;
    socket->settings.keepalive_interval_ms = interval_ms;
    socket->settings.keepalive_count = count;
    if (socket->status != SPS_STATUS_CONNECTED) {
        return SPS_OK;
    }
    return error_of(spsi_keepalive_set(&socket->settings, socket->platform, socket->handle));
}

sps_error sps_tcp_set_user_timeout(sps_stream *stream, uint32_t timeout_ms) {
    spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_TCP);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (!spsi_is_timeout(timeout_ms)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    socket->settings.user_timeout_ms = timeout_ms;
    return error_of(set_if_connected(socket, SPSI_USER_TIMEOUT, timeout_ms));
}

sps_error sps_tcp_get_info(const sps_stream *stream, sps_tcp_info *out_info) {
    const spsi_socket *socket = spsi_socket_of_const(stream, SPSI_KIND_TCP);
    if (out_info == NULL || spsi_struct_size(out_info) == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status != SPS_STATUS_CONNECTED) {
        return SPS_FAILED;
    }
    sps_tcp_info info;
    memset(&info, 0, sizeof info);
    const spsi_result result = spsi_os_tcp_info(socket->platform, socket->handle, &info);
    if (result.code == SPSI_DONE) {
        spsi_struct_write(&info, out_info, sizeof info);
    }
    return error_of(result);
}
