// SPDX-License-Identifier: MIT
//
// The readiness and the time that a socket without a poller waits for, for an event loop of the
// caller's own.
#include "streampeersocket/socket.h"

#include "base/sized_struct.h"
#include "platform/calls.h"
#include "socket/socket.h"
#include "socket/transfer.h"

// How often a connect without a descriptor is polled.
enum { POLL_AGAIN_US = 10000 };

static const sps_socket_wait nothing = {.fd = SPSI_NO_HANDLE, .timeout_us = -1};

// Whether the next poll closes the socket, or ends the turn in which a refused put may be repeated.
static bool has_to_settle(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    const bool closes =
        spsi_socket_is_at_end(socket) && stream->above == NULL && !spsi_socket_is_half_open(socket);
    return closes || stream->may_retry;
}

// Microseconds from now until the next poll is due, or -1.
static int64_t time_until_poll(const spsi_socket *socket, bool has_descriptor) {
    const uint64_t due_us = has_to_settle(socket) ? 0 : spsi_socket_due_us(socket);
    if (due_us == SPSI_NEVER && has_descriptor) {
        return -1;
    }
    const uint64_t now_us = spsi_socket_now(socket);
    const uint64_t time_us = due_us > now_us ? due_us - now_us : 0;
    return (int64_t)(has_descriptor || time_us < POLL_AGAIN_US ? time_us : POLL_AGAIN_US);
}

static sps_socket_wait wait_of(const spsi_socket *socket) {
    const bool connects = socket->status == SPS_STATUS_CONNECTING;
    const spsi_handle handle = connects ? spsi_connect_handle(socket->connect) : socket->handle;
    sps_socket_wait wait = nothing;
    if (handle != SPSI_NO_HANDLE) {
        wait.fd = spsi_os_descriptor(socket->platform, handle);
    }
    if (wait.fd != SPSI_NO_HANDLE) {
        wait.interests = connects ? SPSI_WRITABLE : spsi_socket_needs(socket);
    }
    wait.timeout_us = time_until_poll(socket, wait.fd != SPSI_NO_HANDLE);
    return wait;
}

static sps_error get_wait(const sps_stream *stream, sps_socket_wait *out_wait) {
    const spsi_socket *socket = spsi_any_socket_of_const(stream);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (stream->watch != NULL) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    const bool is_open =
        socket->status == SPS_STATUS_CONNECTING || socket->status == SPS_STATUS_CONNECTED;
    *out_wait = is_open ? wait_of(socket) : nothing;
    return SPS_OK;
}

sps_error sps_socket_get_wait(const sps_stream *stream, sps_socket_wait *out_wait) {
    if (out_wait == NULL || spsi_struct_size(out_wait) == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_socket_wait wait = nothing;
    const sps_error error = get_wait(stream, &wait);
    spsi_struct_write(&wait, out_wait, sizeof wait);
    return error;
}
