// SPDX-License-Identifier: MIT
//
// The calls that every socket has: poll, status, disconnect, and why it closed.
#include "streampeersocket/socket.h"

#include <assert.h>

#include "platform/calls.h"
#include "socket/closing.h"
#include "socket/connecting.h"
#include "socket/transfer.h"
#include "stream/filter.h"

// Whether a put that was refused would be taken now. Without batching only the OS knows.
static bool has_room_again(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    if (!spsi_stream_asks_the_os(stream)) {
        return spsi_stream_is_writable_again(stream);
    }
    const sps_platform *platform = socket->platform;
    return spsi_os_wait(platform, socket->handle, SPSI_WRITABLE, 0).code != SPSI_AGAIN;
}

// Without a poller no event reports room. The caller puts again after a poll, and the poll after
// that closes.
static void offer_room_once(sps_stream *stream) {
    const spsi_socket *socket = (const spsi_socket *)stream;
    stream->may_retry = false;
    if (stream->read_end == SPS_ERR_FILE_EOF && !socket->half_open && has_room_again(socket)) {
        spsi_stream_offer_room(stream);
    }
}

static sps_error poll_connected(spsi_socket *socket) {
    sps_stream *stream = &socket->stream;
    const bool asks_for_failure = spsi_socket_is_half_open(socket); // nothing is left to read
    stream->known_empty = false; // ask the OS, whatever the poller knows
    if (!socket->write_closed) {
        spsi_stream_flush(stream); // a failure shows in the read
    }
    assert(spsi_socket_is_consistent(socket));
    const sps_error error = spsi_stream_read_ahead(stream);
    if (asks_for_failure && !socket->write_closed) {
        spsi_socket_meet_failure(socket);
    }
    spsi_watch_mark_changed(stream->watch);
    if (stream->watch == NULL) {
        offer_room_once(stream);
    }
    return error != SPS_OK ? error : spsi_socket_settle_end(socket);
}

sps_error spsi_socket_poll(sps_stream *stream) {
    spsi_socket *socket = (spsi_socket *)stream;
    if (socket->status == SPS_STATUS_CONNECTING) {
        return spsi_connecting_poll(socket);
    }
    if (socket->is_closing) {
        bool unused;
        return spsi_closing_poll(socket, &unused);
    }
    return socket->status == SPS_STATUS_CONNECTED ? poll_connected(socket) : SPS_OK;
}

sps_error sps_socket_poll(sps_stream *stream) {
    const bool can_poll = stream != NULL && stream->ops->poll != NULL;
    return can_poll ? stream->ops->poll(stream) : spsi_socket_wrong_kind(stream);
}

// The state of a socket or a filter. All zero for any other stream.
static sps_error state_of(const sps_stream *stream, spsi_state *out_state) {
    *out_state = (spsi_state){SPS_STATUS_NONE, SPS_CLOSE_NONE, 0, ""};
    if (stream == NULL || stream->ops->get_state == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    stream->ops->get_state(stream, out_state);
    return SPS_OK;
}

sps_error sps_socket_get_status(const sps_stream *stream, sps_status *out_status) {
    if (out_status == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_state state;
    const sps_error error = state_of(stream, &state);
    *out_status = state.status;
    return error;
}

sps_error sps_socket_disconnect(sps_stream *stream) {
    spsi_filter *filter = spsi_filter_of(stream);
    if (filter != NULL) {
        return spsi_filter_disconnect(filter);
    }
    spsi_socket *socket = spsi_any_socket_of(stream);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    spsi_socket_close(socket, SPS_STATUS_NONE, SPS_CLOSE_LOCAL);
    spsi_socket_drop_events(socket);
    return SPS_OK;
}

sps_error sps_socket_get_os_error(const sps_stream *stream, int32_t *out_code) {
    if (out_code == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_state state;
    const sps_error error = state_of(stream, &state);
    *out_code = state.os_error;
    return error;
}

sps_error sps_socket_get_close_reason(const sps_stream *stream, sps_close_reason *out_reason) {
    if (out_reason == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_state state;
    const sps_error error = state_of(stream, &state);
    *out_reason = state.close_reason;
    return error;
}

sps_error sps_socket_get_close_message(const sps_stream *stream, const char **out_text) {
    if (out_text == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_state state;
    const sps_error error = state_of(stream, &state);
    *out_text = state.close_message;
    return error;
}
