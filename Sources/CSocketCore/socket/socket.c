// SPDX-License-Identifier: MIT
#include "socket/socket.h"

#include <string.h>

#include "platform/calls.h"
#include "socket/closing.h"
#include "socket/connect.h"

// ---- The stream's operations

static spsi_socket *socket_of(sps_stream *stream) {
    return (spsi_socket *)stream;
}

static bool is_good_for(const spsi_socket *socket, spsi_purpose purpose) {
    const bool is_connected = socket->status == SPS_STATUS_CONNECTED;
    switch (purpose) {
    case SPSI_TO_READ:
        return is_connected;
    case SPSI_TO_COUNT:
        return spsi_socket_is_open(socket); // before it is connected there are 0 bytes
    case SPSI_TO_WRITE:
        return is_connected && !socket->write_closed;
    default:
        return (is_connected || socket->status == SPS_STATUS_CONNECTING) && !socket->write_closed;
    }
}

static sps_error check(sps_stream *stream, spsi_purpose purpose) {
    const spsi_socket *socket = socket_of(stream);
    const bool good = socket->grace_until_us == 0 && is_good_for(socket, purpose);
    return good ? SPS_OK : SPS_FAILED;
}

// The first failure that tells anything is the reason; what follows is its consequence.
static sps_error fail(spsi_socket *socket, spsi_result result) {
    if (result.code == SPSI_NO_MEMORY) {
        return SPS_ERR_OUT_OF_MEMORY; // of the OS, for this call: it may be repeated
    }
    if (socket->failure == SPS_CLOSE_NONE || socket->failure == SPS_CLOSE_FAILED) {
        socket->os_error = result.os_code;
        socket->failure = spsi_close_reason_of(result);
    }
    return SPS_FAILED;
}

void spsi_socket_note_failure(spsi_socket *socket, sps_close_reason reason) {
    if (socket->failure == SPS_CLOSE_NONE) {
        socket->failure = reason;
    }
}

// Whether the peer was silent for too long. A graceful close has a time of its own.
static bool is_idle(const spsi_socket *socket) {
    const uint64_t timeout_us = (uint64_t)socket->settings.idle_timeout_ms * 1000;
    return timeout_us != 0 && socket->grace_until_us == 0 &&
           spsi_socket_now(socket) - socket->heard_us >= timeout_us;
}

// Nothing can be read now; it may be that nothing will be.
static sps_error read_nothing(spsi_socket *socket) {
    if (socket->write_failed) {
        return SPS_FAILED;
    }
    if (!is_idle(socket)) {
        return SPS_ERR_BUSY;
    }
    spsi_socket_note_failure(socket, SPS_CLOSE_IDLE);
    return SPS_FAILED;
}

// Whether the poller was told of something that a read which brings little does not show.
static bool is_short_read_no_proof(const spsi_socket *socket) {
    const spsi_watch *watch = socket->stream.watch;
    return watch != NULL && (watch->told & SPSI_MORE) != 0;
}

// After a failed write nothing more can be expected of the peer: what the OS still has is read, and then
// it is the end.
sps_error spsi_socket_received(spsi_socket *socket, spsi_result result, size_t count, size_t size) {
    switch (result.code) {
    case SPSI_DONE:
        // What else would bring no more than this? After a failed write the end follows by itself.
        socket->stream.drained =
            count < size && !socket->write_failed && !is_short_read_no_proof(socket);
        if (socket->settings.idle_timeout_ms != 0) {
            socket->heard_us = spsi_socket_now(socket);
        }
        return SPS_OK;
    case SPSI_AGAIN:
        socket->stream.drained = true;
        return read_nothing(socket);
    case SPSI_END:
        return socket->write_failed ? SPS_FAILED : SPS_ERR_FILE_EOF;
    default:
        return fail(socket, result);
    }
}

// Whether a get that finds nothing can only wait, however long: nothing is to be sent meanwhile, and no
// time is set.
static bool may_only_wait(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    return spsi_byte_queue_size(&stream->out) == 0 && !socket->write_failed &&
           stream->io_timeout_ms == 0 && socket->settings.idle_timeout_ms == 0;
}

// Receives for a get that waits: where it may do so in the OS, that is one call instead of three. BUSY when
// it is to wait first.
static sps_error receive_for_waiting_get(spsi_socket *socket, uint8_t *buffer, size_t size,
                                         size_t *out_count) {
    const sps_platform *platform = socket->platform;
    const spsi_result result =
        may_only_wait(socket)
            ? spsi_os_receive_waiting(platform, socket->handle, buffer, size, out_count)
            : spsi_os_receive(platform, socket->handle, buffer, size, out_count);
    return spsi_socket_received(socket, result, *out_count, size);
}

sps_error spsi_socket_receive(spsi_socket *socket, uint8_t *buffer, size_t size,
                              size_t *out_count) {
    const spsi_result result =
        spsi_os_receive(socket->platform, socket->handle, buffer, size, out_count);
    return spsi_socket_received(socket, result, *out_count, size);
}

// ---- Waiting

// How long a call may wait now: until its own time or the peer's is over.
static uint64_t time_to_wait(spsi_socket *socket) {
    sps_stream *stream = &socket->stream;
    if (stream->io_timeout_ms == 0 && socket->settings.idle_timeout_ms == 0) {
        return SPSI_FOREVER;
    }
    const uint64_t now_us = spsi_socket_now(socket);
    uint64_t end_us = SPSI_FOREVER;
    if (stream->io_timeout_ms != 0) {
        if (stream->wait_until_us == 0) {
            stream->wait_until_us = now_us + (uint64_t)stream->io_timeout_ms * 1000;
        }
        end_us = stream->wait_until_us;
    }
    if (socket->settings.idle_timeout_ms != 0) {
        const uint64_t idle_us =
            socket->heard_us + (uint64_t)socket->settings.idle_timeout_ms * 1000;
        end_us = idle_us < end_us ? idle_us : end_us;
    }
    return now_us < end_us ? end_us - now_us : 0;
}

// Waits for the interests. DONE also when it is time to look at the peer again; AGAIN when the
// call's own time is over.
static spsi_result wait_for(spsi_socket *socket, unsigned interests) {
    const spsi_result result =
        spsi_os_wait(socket->platform, socket->handle, interests, time_to_wait(socket));
    if (result.code != SPSI_AGAIN) {
        return result;
    }
    const uint64_t until_us = socket->stream.wait_until_us;
    const bool is_over = until_us != 0 && spsi_socket_now(socket) >= until_us;
    return (spsi_result){is_over ? SPSI_AGAIN : SPSI_DONE, 0};
}

// Waits until bytes can be read; what waits to be written leaves meanwhile, since the peer may
// need it to answer.
static sps_error wait_readable(spsi_socket *socket) {
    unsigned interests = SPSI_READABLE;
    const bool had_to_send = spsi_byte_queue_size(&socket->stream.out) > 0;
    const sps_error flushed = socket->write_closed ? SPS_OK : spsi_stream_flush(&socket->stream);
    if (flushed == SPS_FAILED) {
        return SPS_OK; // the next receive gives what is left, and then the end
    }
    if (flushed == SPS_ERR_OUT_OF_MEMORY) {
        return flushed; // the peer would wait for what has not left
    }
    if (flushed == SPS_ERR_BUSY) {
        interests |= SPSI_WRITABLE;
    }
    if (had_to_send && may_only_wait(socket)) {
        return SPS_OK; // in the next receive
    }
    const spsi_result result = wait_for(socket, interests);
    if (result.code == SPSI_AGAIN) {
        return SPS_ERR_TIMEOUT;
    }
    return result.code == SPSI_DONE ? SPS_OK : fail(socket, result);
}

// A read that brings less than there is room for has emptied the socket, which saves asking
// again; in a poller, until that tells of more.
static sps_error read_what_is_there(spsi_socket *socket, uint8_t *buffer, size_t most,
                                    size_t *out_read) {
    if (socket->stream.drained && socket->stream.watch != NULL) {
        *out_read = 0;
        return SPS_ERR_BUSY;
    }
    const sps_error error = spsi_socket_receive(socket, buffer, most, out_read);
    return error == SPS_OK && *out_read < most ? SPS_ERR_BUSY : error;
}

static sps_error read_socket(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                             size_t *out_read) {
    spsi_socket *socket = socket_of(stream);
    if (least == 0) {
        return read_what_is_there(socket, buffer, most, out_read);
    }
    sps_error error = SPS_OK;
    *out_read = 0;
    while (*out_read < least && error == SPS_OK) {
        size_t count;
        error = receive_for_waiting_get(socket, buffer + *out_read, most - *out_read, &count);
        *out_read += count;
        if (error == SPS_ERR_BUSY) {
            error = wait_readable(socket);
        }
    }
    return error;
}

// Drops `count` sent bytes from the front of the slices; returns how many slices are left.
static size_t advance(spsi_slice *slices, size_t count, size_t sent) {
    size_t done = 0;
    while (done < count && sent >= slices[done].size) {
        sent -= slices[done].size;
        done++;
    }
    for (size_t i = done; i < count; i++) {
        slices[i - done] = slices[i];
    }
    if (done < count) {
        slices[0].data += sent;
        slices[0].size -= sent;
    }
    return count - done;
}

// The connection is broken for writing. What arrived before is still to be read, so the socket
// closes later: see spsi_socket_receive(), and spsi_stream_fail_put().
sps_error spsi_socket_fail_write(spsi_socket *socket, spsi_result result, size_t written) {
    if (result.code == SPSI_NO_MEMORY && written == 0) {
        return SPS_ERR_OUT_OF_MEMORY; // a part of a value could not be repeated
    }
    socket->write_closed = true;
    socket->write_failed = true;
    socket->stream.drained = false; // the next read meets the end
    spsi_stream_forget_refusal(&socket->stream);
    spsi_watch_note(socket->stream.watch); // which tells of the failure
    result.code = result.code == SPSI_NO_MEMORY ? SPSI_FAILED : result.code;
    return fail(socket, result);
}

void spsi_socket_break(spsi_socket *socket, spsi_result failure) {
    spsi_stream_give_back(&socket->stream, &socket->stream.out);
    spsi_socket_fail_write(socket, failure, 1);
}

// The time to wait is over. A value of which a part was sent can never be completed.
static sps_error stop_write(spsi_socket *socket, spsi_patience patience, size_t written) {
    if (patience == SPSI_WAIT || written == 0) {
        return SPS_ERR_TIMEOUT;
    }
    spsi_socket_note_failure(socket, SPS_CLOSE_PUT_TIMED_OUT);
    return spsi_socket_fail_write(socket, (spsi_result){SPSI_FAILED, 0}, written);
}

// A put waits for a peer that neither reads nor writes. What came meanwhile and was not read yet is a
// sign of it: more than was `seen` there before.
static bool is_silent(spsi_socket *socket, size_t *seen) {
    if (!is_idle(socket)) {
        return false;
    }
    size_t count;
    const spsi_result result = spsi_os_available(socket->platform, socket->handle, &count);
    if (result.code == SPSI_DONE && count > *seen) {
        *seen = count;
        socket->heard_us = spsi_socket_now(socket);
        return false;
    }
    return true;
}

static spsi_result wait_writable(spsi_socket *socket, size_t *seen) {
    const spsi_result result = wait_for(socket, SPSI_WRITABLE);
    if (result.code == SPSI_DONE && is_silent(socket, seen)) {
        spsi_socket_note_failure(socket, SPS_CLOSE_IDLE);
        return (spsi_result){SPSI_FAILED, 0};
    }
    return result;
}

static sps_error write_socket(sps_stream *stream, const spsi_slice *slices, size_t count,
                              spsi_patience patience, size_t *out_written) {
    spsi_socket *socket = socket_of(stream);
    spsi_slice left[SPSI_MAX_SLICES];
    memcpy(left, slices, count * sizeof *slices);
    *out_written = 0;
    size_t seen = 0;
    for (;;) {
        size_t sent;
        spsi_result result = spsi_os_send(socket->platform, socket->handle, left, count, &sent);
        *out_written += sent;
        count = advance(left, count, sent);
        if (count == 0 || (result.code == SPSI_DONE && patience == SPSI_NEVER_WAIT)) {
            return SPS_OK;
        }
        if (result.code == SPSI_AGAIN) {
            if (patience == SPSI_NEVER_WAIT) {
                return SPS_ERR_BUSY;
            }
            result = wait_writable(socket, &seen);
        }
        if (result.code == SPSI_AGAIN) {
            return stop_write(socket, patience, *out_written);
        }
        if (result.code != SPSI_DONE) {
            return spsi_socket_fail_write(socket, result, *out_written);
        }
    }
}

static sps_error available(sps_stream *stream, size_t *out_bytes) {
    spsi_socket *socket = socket_of(stream);
    *out_bytes = 0;
    if (socket->status != SPS_STATUS_CONNECTED) {
        return SPS_OK;
    }
    const spsi_result result = spsi_os_available(socket->platform, socket->handle, out_bytes);
    stream->drained = stream->drained && *out_bytes == 0;
    return result.code == SPSI_DONE ? SPS_OK : fail(socket, result);
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

// A peer that has finished may read still: before the socket closes, what waits to be sent leaves,
// and the caller may put what found no room.
static bool still_sends(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    const bool has_to_send =
        spsi_byte_queue_size(&stream->out) > 0 || stream->refused_bytes != 0 || stream->may_retry;
    return has_to_send && stream->read_end == SPS_ERR_FILE_EOF && !socket->write_closed;
}

// Inside a get the status becomes NONE, as in Godot.
static sps_error ended(sps_stream *stream, sps_error end) {
    spsi_socket *socket = socket_of(stream);
    if (still_sends(socket) && spsi_stream_flush(stream) != SPS_FAILED && still_sends(socket)) {
        return SPS_ERR_BUSY; // the next poll, or the poller, goes on
    }
    spsi_socket_close_at_end(socket, end, SPS_STATUS_NONE);
    return end;
}

static void reject(sps_stream *stream) {
    socket_of(stream)->failure = SPS_CLOSE_LIMIT;
}

static void destroy(sps_stream *stream) {
    spsi_socket_close(socket_of(stream), SPS_STATUS_NONE, SPS_CLOSE_LOCAL);
    spsi_connect_forget(socket_of(stream));
}

static const spsi_stream_ops socket_ops = {
    .check = check,
    .read = read_socket,
    .write = write_socket,
    .available = available,
    .ended = ended,
    .reject = reject,
    .destroy = destroy,
};

// ---- For TCP, UDS, servers and connect

sps_error spsi_socket_create(const sps_stream_options *options, spsi_kind kind,
                             spsi_socket **out_socket) {
    sps_stream_options chosen;
    spsi_settings settings;
    sps_error error = spsi_stream_options_read(options, &chosen);
    if (error == SPS_OK) {
        error = spsi_settings_read(&chosen, &settings);
    }
    const sps_platform *platform = error == SPS_OK ? spsi_platform_or_os(chosen.platform) : NULL;
    if (error == SPS_OK && platform == NULL) {
        error = SPS_ERR_UNAVAILABLE;
    }
    sps_stream *stream;
    if (error == SPS_OK) {
        error = spsi_stream_create(options, kind, &socket_ops, sizeof(spsi_socket), &stream);
    }
    if (error != SPS_OK) {
        return error;
    }
    spsi_socket *socket = socket_of(stream);
    socket->platform = platform;
    socket->handle = SPSI_NO_HANDLE;
    socket->settings = settings;
    stream->io_timeout_ms = chosen.io_timeout_ms;
    *out_socket = socket;
    return SPS_OK;
}

spsi_socket *spsi_socket_of(const sps_stream *stream, spsi_kind kind) {
    return stream != NULL && stream->kind == kind ? (spsi_socket *)(uintptr_t)stream : NULL;
}

spsi_socket *spsi_any_socket_of(const sps_stream *stream) {
    return stream != NULL && stream->kind >= SPSI_FIRST_SOCKET_KIND
               ? (spsi_socket *)(uintptr_t)stream
               : NULL;
}

sps_error spsi_socket_wrong_kind(const sps_stream *stream) {
    return stream == NULL ? SPS_ERR_INVALID_PARAMETER : SPS_ERR_UNAVAILABLE;
}

void spsi_socket_set_connected(spsi_socket *socket, const spsi_address *peer) {
    spsi_peer_set(&socket->peer, peer, &socket->stream.allocator);
    if (socket->no_delay) {
        spsi_os_set_option(socket->platform, socket->handle, SPSI_NO_DELAY, 1);
    }
    if (socket->stream.kind == SPSI_KIND_TCP) {
        spsi_settings_apply_tcp(&socket->settings, socket->platform, socket->handle);
    }
    if (socket->settings.idle_timeout_ms != 0) {
        socket->heard_us = spsi_socket_now(socket);
    }
    socket->status = SPS_STATUS_CONNECTED;
    socket->close_reason = SPS_CLOSE_NONE;
    socket->failure = SPS_CLOSE_NONE;
    socket->os_error = 0;
    socket->stream.drained = true; // until the poller, which looks at the handle next, says else
    spsi_watch_note(socket->stream.watch);
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

bool spsi_socket_is_open(const spsi_socket *socket) {
    return socket->handle != SPSI_NO_HANDLE || socket->connect != NULL;
}

void spsi_socket_close(spsi_socket *socket, sps_status status, sps_close_reason reason) {
    if (spsi_socket_is_open(socket)) {
        socket->close_reason = reason;
    }
    send_the_last(socket);
    spsi_connect_end(socket);
    close_handle(socket);
    spsi_stream_reset(&socket->stream);
    spsi_peer_clear(&socket->peer, &socket->stream.allocator);
    socket->write_closed = false;
    socket->write_failed = false;
    socket->no_delay = false;
    socket->grace_until_us = 0;
    socket->status = status;
    spsi_watch_note(socket->stream.watch);
}

void spsi_socket_silence(spsi_socket *socket) {
    spsi_watch *watch = socket->stream.watch;
    if (watch != NULL) {
        spsi_watch_silence(watch);
        watch->status = (uint8_t)socket->status;
        watch->told_end = SPSI_NO_END;
        spsi_watch_note(watch);
    }
}

uint64_t spsi_socket_due_us(const spsi_socket *socket) {
    if (socket->status == SPS_STATUS_CONNECTING) {
        return spsi_connect_due_us(socket);
    }
    if (socket->status != SPS_STATUS_CONNECTED) {
        return SPSI_NEVER;
    }
    if (socket->grace_until_us != 0) {
        return socket->grace_until_us;
    }
    // A peer that nothing is read of, or can be, is not silent.
    const sps_stream *stream = &socket->stream;
    const uint64_t timeout_us = (uint64_t)socket->settings.idle_timeout_ms * 1000;
    const bool has_timeout = timeout_us != 0 && stream->read_end == SPS_OK;
    return has_timeout && spsi_stream_room(stream) > 0 ? socket->heard_us + timeout_us : SPSI_NEVER;
}

sps_error spsi_socket_copy_text(const char *text, char *buffer, size_t buffer_bytes,
                                size_t *out_length) {
    const size_t length = strlen(text);
    if (out_length != NULL) {
        *out_length = length;
    }
    if (buffer_bytes <= length) {
        return SPS_ERR_PARAMETER_RANGE_ERROR;
    }
    memcpy(buffer, text, length + 1);
    return SPS_OK;
}

sps_error spsi_socket_error_of(spsi_result result) {
    switch (result.code) {
    case SPSI_DONE:
        return SPS_OK;
    case SPSI_ADDRESS_IN_USE:
        return SPS_ERR_ALREADY_IN_USE;
    case SPSI_ADDRESS_INVALID:
        return SPS_ERR_INVALID_PARAMETER;
    case SPSI_DENIED:
        return SPS_ERR_UNAUTHORIZED;
    case SPSI_NO_HANDLES:
        return SPS_ERR_CANT_ACQUIRE_RESOURCE;
    case SPSI_NO_MEMORY:
        return SPS_ERR_OUT_OF_MEMORY;
    case SPSI_UNSUPPORTED:
        return SPS_ERR_UNAVAILABLE;
    default:
        return SPS_ERR_CANT_CREATE;
    }
}

// ---- The public calls

sps_error spsi_socket_settle_end(spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    if (stream->read_end == SPS_OK || spsi_byte_queue_size(&stream->in) > 0 ||
        still_sends(socket)) {
        return SPS_OK;
    }
    if (stream->read_end == SPS_ERR_FILE_EOF && !socket->write_failed) {
        spsi_socket_close_at_end(socket, stream->read_end, SPS_STATUS_NONE);
        return SPS_OK;
    }
    spsi_socket_close_at_end(socket, stream->read_end, SPS_STATUS_ERROR);
    return SPS_FAILED;
}

// Whether a put that was refused would be taken now. Without batching only the OS knows.
static bool has_room_again(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    if (stream->batching || stream->refused_bytes == 0) {
        return spsi_stream_is_writable_again(stream);
    }
    const sps_platform *platform = socket->platform;
    return spsi_os_wait(platform, socket->handle, SPSI_WRITABLE, 0).code != SPSI_AGAIN;
}

// Without a poller nobody tells the caller of room: it puts again after a poll, so the next one
// closes.
static void offer_room_once(sps_stream *stream) {
    stream->may_retry = false;
    if (stream->read_end == SPS_ERR_FILE_EOF && has_room_again(socket_of(stream))) {
        spsi_stream_offer_room(stream);
    }
}

static sps_error poll_connected(spsi_socket *socket) {
    sps_stream *stream = &socket->stream;
    stream->drained = false; // the OS is asked, whatever the poller was told
    if (!socket->write_closed) {
        spsi_stream_flush(stream); // a failure shows in the read
    }
    const sps_error error = spsi_stream_read_ahead(stream);
    spsi_watch_note(stream->watch);
    if (stream->watch == NULL) {
        offer_room_once(stream);
    }
    return error != SPS_OK ? error : spsi_socket_settle_end(socket);
}

sps_error sps_socket_poll(sps_stream *stream) {
    spsi_socket *socket = spsi_any_socket_of(stream);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    if (socket->status == SPS_STATUS_CONNECTING) {
        return spsi_connect_poll(socket);
    }
    if (socket->grace_until_us != 0) {
        bool unused;
        return spsi_closing_poll(socket, &unused);
    }
    return socket->status == SPS_STATUS_CONNECTED ? poll_connected(socket) : SPS_OK;
}

sps_error sps_socket_get_status(const sps_stream *stream, sps_status *out_status) {
    const spsi_socket *socket = spsi_any_socket_of(stream);
    if (out_status == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_status = socket != NULL ? socket->status : SPS_STATUS_NONE;
    return socket != NULL ? SPS_OK : spsi_socket_wrong_kind(stream);
}

sps_error sps_socket_disconnect(sps_stream *stream) {
    spsi_socket *socket = spsi_any_socket_of(stream);
    if (socket == NULL) {
        return spsi_socket_wrong_kind(stream);
    }
    spsi_socket_close(socket, SPS_STATUS_NONE, SPS_CLOSE_LOCAL);
    spsi_socket_silence(socket);
    return SPS_OK;
}

sps_error sps_socket_get_os_error(const sps_stream *stream, int32_t *out_code) {
    const spsi_socket *socket = spsi_any_socket_of(stream);
    if (out_code == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_code = socket != NULL ? socket->os_error : 0;
    return socket != NULL ? SPS_OK : spsi_socket_wrong_kind(stream);
}

sps_error sps_socket_get_close_reason(const sps_stream *stream, sps_close_reason *out_reason) {
    const spsi_socket *socket = spsi_any_socket_of(stream);
    if (out_reason == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_reason = socket != NULL ? socket->close_reason : SPS_CLOSE_NONE;
    return socket != NULL ? SPS_OK : spsi_socket_wrong_kind(stream);
}
