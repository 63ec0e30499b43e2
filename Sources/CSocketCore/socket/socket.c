// SPDX-License-Identifier: MIT
#include "socket/socket.h"

#include <assert.h>

#include "platform/calls.h"

spsi_socket *spsi_socket_of(sps_stream *stream, spsi_kind kind) {
    return stream != NULL && stream->kind == kind ? (spsi_socket *)stream : NULL;
}

const spsi_socket *spsi_socket_of_const(const sps_stream *stream, spsi_kind kind) {
    return stream != NULL && stream->kind == kind ? (const spsi_socket *)stream : NULL;
}

static bool is_socket(const sps_stream *stream) {
    return stream != NULL && stream->kind >= SPSI_FIRST_SOCKET_KIND;
}

spsi_socket *spsi_any_socket_of(sps_stream *stream) {
    return is_socket(stream) ? (spsi_socket *)stream : NULL;
}

const spsi_socket *spsi_any_socket_of_const(const sps_stream *stream) {
    return is_socket(stream) ? (const spsi_socket *)stream : NULL;
}

sps_error spsi_socket_wrong_kind(const sps_stream *stream) {
    return stream == NULL ? SPS_ERR_INVALID_PARAMETER : SPS_ERR_UNAVAILABLE;
}

bool spsi_socket_is_consistent(const spsi_socket *socket) {
    const bool has_handle = socket->handle != SPSI_NO_HANDLE;
    const bool connects = socket->connect != NULL;
    const bool closes = socket->is_closing;
    const bool breaks = socket->write_closed || socket->write_failed;
    switch (socket->status) {
    case SPS_STATUS_NONE:
        return !connects && !closes && !breaks;
    case SPS_STATUS_CONNECTING:
        return connects && !has_handle && !closes && !breaks;
    case SPS_STATUS_CONNECTED:
        return has_handle && !connects && (socket->write_closed || !socket->write_failed);
    default:
        return !has_handle && !connects && !closes && !breaks;
    }
}

// ---- Failures

// The first failure that tells anything is the reason; what follows is its consequence.
sps_error spsi_socket_fail(spsi_socket *socket, spsi_result result) {
    if (result.code == SPSI_NO_MEMORY) {
        return SPS_ERR_OUT_OF_MEMORY; // of the OS, for this call: it may be repeated
    }
    if (socket->failure == SPS_CLOSE_NONE || socket->failure == SPS_CLOSE_FAILED) {
        socket->os_error = result.os_code;
        socket->failure = (uint8_t)spsi_close_reason_of(result);
    }
    return SPS_FAILED;
}

void spsi_socket_record_failure(spsi_socket *socket, sps_close_reason reason) {
    if (socket->failure == SPS_CLOSE_NONE) {
        socket->failure = (uint8_t)reason;
    }
}

// A failed write has lost bytes, even if the peer has finished in order.
sps_close_reason spsi_socket_reason_of(const spsi_socket *socket, sps_error end) {
    const bool is_in_order = end == SPS_ERR_FILE_EOF && !socket->write_failed;
    return is_in_order ? SPS_CLOSE_PEER_FINISHED : socket->failure;
}

// The end was met and every byte was read.
void spsi_socket_close_at_end(spsi_socket *socket, sps_error end, sps_status status) {
    spsi_socket_close(socket, status, spsi_socket_reason_of(socket, end));
}

// ---- Opening and closing

void spsi_socket_set_connected(spsi_socket *socket, const spsi_address *peer) {
    spsi_peer_set(&socket->peer, peer, &socket->stream.allocator);
    if (socket->no_delay) {
        spsi_os_set_option(socket->platform, socket->handle, SPSI_NO_DELAY, 1);
    }
    if (socket->stream.kind == SPSI_KIND_TCP) {
        spsi_settings_apply_tcp(&socket->settings, socket->platform, socket->handle);
    }
    if (socket->settings.idle_timeout_ms != 0) {
        spsi_socket_hear(socket, spsi_socket_now(socket));
    }
    socket->status = SPS_STATUS_CONNECTED;
    socket->close_reason = SPS_CLOSE_NONE;
    socket->failure = SPS_CLOSE_NONE;
    socket->os_error = 0;
    socket->stream.known_empty =
        true; // until the poller, which looks at the handle next, says else
    spsi_watch_mark_changed(socket->stream.watch);
    assert(spsi_socket_is_consistent(socket));
}

void spsi_socket_unwatch(spsi_socket *socket) {
    if (socket->stream.watch != NULL) {
        spsi_watch_set_interests(socket->stream.watch, socket->handle, 0);
    }
}

static void close_handle(spsi_socket *socket) {
    if (socket->handle != SPSI_NO_HANDLE) {
        spsi_socket_unwatch(socket);
        spsi_os_close(socket->platform, socket->handle);
        socket->handle = SPSI_NO_HANDLE;
    }
}

// Offers the write buffer to the OS once; a failure changes nothing, since the socket closes.
static void send_the_last(spsi_socket *socket) {
    const spsi_byte_queue *out = &socket->stream.out;
    const size_t size = spsi_byte_queue_size(out);
    if (size > 0 && socket->status == SPS_STATUS_CONNECTED && !socket->write_closed) {
        const spsi_slice slice = {out->head, size};
        size_t sent;
        spsi_os_send(socket->platform, socket->handle, &slice, 1, &sent);
    }
}

void spsi_socket_end_connect(spsi_socket *socket) {
    if (socket->connect == NULL) {
        return;
    }
    spsi_connect_destroy(socket->connect);
    socket->connect = NULL;
    socket->log = spsi_connect_log_shrink(socket->log, &socket->stream.allocator);
}

void spsi_socket_drop_log(spsi_socket *socket) {
    spsi_connect_log_destroy(socket->log, &socket->stream.allocator);
    socket->log = NULL;
}

bool spsi_socket_is_open(const spsi_socket *socket) {
    return socket->handle != SPSI_NO_HANDLE || socket->connect != NULL;
}

void spsi_socket_close(spsi_socket *socket, sps_status status, sps_close_reason reason) {
    if (spsi_socket_is_open(socket)) {
        socket->close_reason = (uint8_t)reason;
    }
    send_the_last(socket);
    spsi_socket_end_connect(socket);
    close_handle(socket);
    spsi_stream_reset(&socket->stream);
    spsi_peer_clear(&socket->peer, &socket->stream.allocator);
    socket->write_closed = false;
    socket->write_failed = false;
    socket->no_delay = false;
    socket->is_closing = false;
    socket->status = (uint8_t)status;
    spsi_watch_mark_changed(socket->stream.watch);
    assert(spsi_socket_is_consistent(socket));
}

void spsi_socket_drop_events(spsi_socket *socket) {
    spsi_watch *watch = socket->stream.watch;
    if (watch != NULL && !watch->is_below) { // a filter above must learn of it
        spsi_watch_drop_events(watch);
        watch->status = (uint8_t)socket->status;
        watch->reported_end = SPSI_NO_END;
        spsi_watch_mark_changed(watch);
    }
}

uint64_t spsi_socket_due_us(const spsi_socket *socket) {
    if (socket->status == SPS_STATUS_CONNECTING) {
        return spsi_connect_due_us(socket->connect);
    }
    if (socket->status != SPS_STATUS_CONNECTED) {
        return SPSI_NEVER;
    }
    if (socket->is_closing) {
        return socket->heard_us;
    }
    // A peer that nothing is read of, or can be, is not silent.
    const sps_stream *stream = &socket->stream;
    const uint64_t timeout_us = (uint64_t)socket->settings.idle_timeout_ms * 1000;
    const bool has_timeout = timeout_us != 0 && stream->read_end == SPS_OK;
    return has_timeout && spsi_stream_room(stream) > 0 ? socket->heard_us + timeout_us : SPSI_NEVER;
}
