// SPDX-License-Identifier: MIT
#include "socket/connecting.h"

#include <assert.h>

#include "socket/results.h"

// A connect that is out of time, be it ours or the OS's, has a reason of its own.
static sps_close_reason connect_reason(spsi_result result) {
    return result.code == SPSI_TIMED_OUT ? SPS_CLOSE_CONNECT_TIMED_OUT
                                         : spsi_close_reason_of(result);
}

static sps_error create(spsi_socket *socket) {
    const sps_allocator *allocator = &socket->stream.allocator;
    spsi_connect_log *log = spsi_connect_log_create(allocator);
    spsi_connect *connect = log == NULL ? NULL
                                        : spsi_connect_create(socket->platform, &socket->settings,
                                                              allocator, log, socket->handle);
    if (connect == NULL) {
        spsi_connect_log_destroy(log, allocator);
        return SPS_ERR_OUT_OF_MEMORY;
    }
    spsi_connect_set_watch(connect, socket->stream.watch); // no attempt runs yet
    socket->handle = SPSI_NO_HANDLE;                       // the connect owns it
    socket->connect = connect;
    socket->os_error = 0;
    socket->close_reason = SPS_CLOSE_NONE;
    spsi_socket_drop_log(socket);
    socket->log = log;
    return SPS_OK;
}

// DONE when the socket is connected.
static spsi_result advance(spsi_socket *socket) {
    spsi_handle handle;
    spsi_address peer;
    const spsi_result result = spsi_connect_advance(socket->connect, &handle, &peer);
    if (result.code == SPSI_DONE) {
        socket->handle = handle;
        spsi_socket_end_connect(socket);
        spsi_socket_set_connected(socket, &peer);
    }
    return result;
}

static void become_connecting(spsi_socket *socket) {
    socket->status = SPS_STATUS_CONNECTING;
    assert(spsi_socket_is_consistent(socket));
    spsi_socket_drop_events(socket);
}

// A poller reports a connection that is established at once like every other.
static void report_later(spsi_socket *socket) {
    if (socket->stream.watch != NULL) {
        spsi_socket_drop_events(socket);
        socket->stream.watch->status = SPS_STATUS_CONNECTING;
    }
}

sps_error spsi_connecting_begin(spsi_socket *socket, const spsi_address *addresses, size_t count) {
    const sps_error error = create(socket);
    if (error != SPS_OK) {
        return error;
    }
    spsi_connect_set_addresses(socket->connect, addresses, count);
    const spsi_result result = advance(socket);
    if (result.code == SPSI_DONE) {
        report_later(socket);
        return SPS_OK;
    }
    if (result.code == SPSI_AGAIN) {
        become_connecting(socket);
        return SPS_OK;
    }
    socket->os_error = result.os_code;
    spsi_socket_close(socket, SPS_STATUS_NONE, connect_reason(result));
    spsi_socket_drop_events(socket);
    const bool is_shortage = result.code == SPSI_NO_HANDLES || result.code == SPSI_NO_MEMORY;
    return is_shortage ? spsi_error_of(result) : SPS_FAILED;
}

sps_error spsi_connecting_begin_name(spsi_socket *socket, const char *name, uint16_t port) {
    const sps_error error = create(socket);
    if (error != SPS_OK) {
        return error;
    }
    const spsi_result result = spsi_connect_start_lookup(socket->connect, name, port);
    if (result.code == SPSI_DONE) {
        become_connecting(socket);
        return SPS_OK;
    }
    // Nothing changes: the socket that the caller has bound is its own again.
    socket->handle = spsi_connect_take_bound(socket->connect);
    socket->os_error = result.os_code;
    spsi_socket_end_connect(socket);
    return spsi_error_of(result);
}

sps_error spsi_connecting_set_watched(spsi_socket *socket, bool watched) {
    if (socket->connect == NULL) {
        return SPS_OK;
    }
    return spsi_error_of(
        spsi_connect_set_watch(socket->connect, watched ? socket->stream.watch : NULL));
}

static sps_error give_up(spsi_socket *socket, spsi_result result) {
    // When the time is over, what went wrong before is the better hint.
    const int32_t before = spsi_connect_last_os_error(socket->connect);
    socket->os_error = result.os_code != 0 ? result.os_code : before;
    spsi_socket_close(socket, SPS_STATUS_ERROR, connect_reason(result));
    const bool is_of_names =
        result.code == SPSI_NAME_UNKNOWN || result.code == SPSI_NAME_UNANSWERED;
    return is_of_names ? SPS_ERR_CANT_RESOLVE : SPS_ERR_CONNECTION_ERROR;
}

sps_error spsi_connecting_poll(spsi_socket *socket) {
    const spsi_result result = advance(socket);
    if (result.code == SPSI_DONE) {
        spsi_stream_flush(&socket->stream); // the puts that were batched meanwhile
        return SPS_OK;
    }
    return result.code == SPSI_AGAIN ? SPS_OK : give_up(socket, result);
}
