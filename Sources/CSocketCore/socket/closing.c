// SPDX-License-Identifier: MIT
#include "socket/closing.h"

#include <string.h>

#include "streampeersocket/tcp.h"

#include "socket/transfer.h"
#include "stream/filter.h"

enum {
    DEFAULT_GRACE_MS = 30000,
    // The limit of one poll's reads, so a flooding peer does not hold the frame.
    DRAIN_BYTES = 4096,
    MOST_DRAINS = 16,
    // If the OS is short of memory, it reports readiness that means nothing.
    SHORTAGE_PAUSE_US = 10000,
};

// ---- Shutting down writing

// Sends the pending bytes and then the end of the stream. ERR_BUSY while bytes are pending. FAILED
// if the connection is broken for writing.
static sps_error finish_writing(spsi_socket *socket) {
    sps_stream *stream = &socket->stream;
    const sps_error flushed = spsi_stream_flush(stream);
    if (flushed != SPS_OK) {
        return flushed;
    }
    spsi_stream_give_back(stream, &stream->out); // its room would take puts while it closes
    const spsi_result result = spsi_os_shutdown_write(socket->platform, socket->handle);
    if (result.code != SPSI_DONE) { // ENOTCONN; the next read tells why
        return spsi_socket_fail_write(socket, result, 0);
    }
    spsi_stream_forget_refusal(stream);
    socket->write_closed = true;
    return SPS_OK;
}

sps_error sps_socket_shutdown_write(sps_stream *stream) {
    spsi_filter *filter = spsi_filter_of(stream);
    if (filter != NULL) {
        return spsi_filter_shutdown_write(filter);
    }
    spsi_socket *socket = spsi_any_socket_of(stream);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    const bool is_connected = socket->status == SPS_STATUS_CONNECTED && !socket->is_closing;
    if (!is_connected || socket->write_failed) {
        return SPS_FAILED;
    }
    if (socket->write_closed) {
        return SPS_OK;
    }
    const sps_error error = finish_writing(socket);
    if (error == SPS_ERR_BUSY) {
        stream->refused_bytes = stream->write_buffer_bytes; // it needs all of it empty
    }
    if (error == SPS_OK && socket->half_open) {
        spsi_socket_settle_end(socket); // both sides may have finished now
    }
    return error == SPS_FAILED ? spsi_stream_fail_put(stream) : error;
}

// ---- The graceful close

// Reads and drops. ERR_BUSY or ERR_OUT_OF_MEMORY while the peer may send more, else the end.
static sps_error drain(spsi_socket *socket) {
    sps_stream *stream = &socket->stream;
    for (int i = 0; i < MOST_DRAINS && stream->read_end == SPS_OK; i++) {
        uint8_t dropped[DRAIN_BYTES];
        size_t count;
        const sps_error error = spsi_socket_receive(socket, dropped, sizeof dropped, &count);
        if (error == SPS_ERR_BUSY || error == SPS_ERR_OUT_OF_MEMORY) {
            return error;
        }
        stream->read_end = error;
    }
    return stream->read_end != SPS_OK ? stream->read_end : SPS_ERR_BUSY;
}

sps_error spsi_closing_poll(spsi_socket *socket, bool *out_shortage) {
    // A failure shows in the read.
    const sps_error finished = socket->write_closed ? SPS_OK : finish_writing(socket);
    const sps_error end = drain(socket);
    *out_shortage = finished == SPS_ERR_OUT_OF_MEMORY || end == SPS_ERR_OUT_OF_MEMORY;
    if (end == SPS_FAILED || socket->write_failed) { // then something of ours may be lost
        spsi_socket_close_at_end(socket, SPS_FAILED, SPS_STATUS_ERROR);
        return SPS_FAILED;
    }
    if (end == SPS_ERR_FILE_EOF && socket->write_closed) {
        spsi_socket_close(socket, SPS_STATUS_NONE, SPS_CLOSE_LOCAL);
        return SPS_OK;
    }
    if (spsi_socket_now(socket) >= socket->heard_us) {
        spsi_socket_close(socket, SPS_STATUS_NONE, SPS_CLOSE_GRACE_TIMED_OUT);
        return SPS_ERR_TIMEOUT;
    }
    return SPS_OK;
}

// Nothing is got any more, nor put, not even by the calls that look at the queues alone.
static void close_queues(sps_stream *stream) {
    spsi_stream_give_back(stream, &stream->in);
    spsi_byte_queue_close_room(&stream->out);
}

// Without a look at what there is to do yet.
static sps_error begin(sps_stream *stream, uint32_t timeout_ms) {
    spsi_socket *socket = spsi_any_socket_of(stream);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (!spsi_is_timeout(timeout_ms)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (socket->status != SPS_STATUS_CONNECTED) {
        return SPS_FAILED;
    }
    const uint64_t time_ms = timeout_ms != 0 ? timeout_ms : DEFAULT_GRACE_MS;
    socket->heard_us = spsi_socket_now(socket) + time_ms * 1000;
    socket->is_closing = true;
    close_queues(stream);
    spsi_watch_mark_changed(stream->watch);
    return SPS_OK;
}

sps_error sps_socket_close_gracefully(sps_stream *stream, uint32_t timeout_ms) {
    const sps_error error = begin(stream, timeout_ms);
    return error == SPS_OK ? sps_socket_poll(stream) : error;
}

static void wait_to_go_on(spsi_socket *socket, bool shortage) {
    const uint64_t now_us = spsi_socket_now(socket);
    uint64_t time_us = now_us < socket->heard_us ? socket->heard_us - now_us : 0;
    unsigned interests = socket->write_closed ? 0 : SPSI_WRITABLE;
    interests |=
        socket->stream.read_end == SPS_OK ? SPSI_READABLE : 0; // readable always, at the end
    if (shortage) {
        interests = 0;
        time_us = time_us < SHORTAGE_PAUSE_US ? time_us : SHORTAGE_PAUSE_US;
    }
    spsi_os_wait(socket->platform, socket->handle, interests, time_us);
}

sps_error sps_socket_close_and_wait(sps_stream *stream, uint32_t timeout_ms) {
    sps_error error = begin(stream, timeout_ms);
    if (error != SPS_OK) {
        return error;
    }
    spsi_socket *socket = spsi_any_socket_of(stream);
    for (;;) {
        bool shortage;
        error = spsi_closing_poll(socket, &shortage);
        if (error != SPS_OK || socket->status != SPS_STATUS_CONNECTED) {
            return error;
        }
        wait_to_go_on(socket, shortage);
    }
}

sps_error sps_tcp_close_reset(sps_stream *stream) {
    spsi_socket *socket = spsi_socket_of(stream, SPSI_KIND_TCP);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status == SPS_STATUS_CONNECTED) {
        spsi_stream_give_back(stream, &stream->out);
        spsi_os_set_option(socket->platform, socket->handle, SPSI_RESET_AT_CLOSE, 1);
    }
    spsi_socket_close(socket, SPS_STATUS_NONE, SPS_CLOSE_LOCAL);
    spsi_socket_drop_events(socket);
    return SPS_OK;
}
