// SPDX-License-Identifier: MIT
#include "socket/transfer.h"

#include <assert.h>
#include <string.h>

#include "platform/calls.h"

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
    const bool good = !socket->is_closing && is_good_for(socket, purpose);
    return good ? SPS_OK : SPS_FAILED;
}

// ---- Reading

// A peer that has finished is not silent. 0: no limit.
static uint64_t idle_timeout_us(const spsi_socket *socket) {
    return spsi_socket_is_half_open(socket) ? 0 : (uint64_t)socket->settings.idle_timeout_ms * 1000;
}

// Whether the peer was silent for too long. A graceful close has a time of its own.
static bool is_idle(const spsi_socket *socket) {
    const uint64_t timeout_us = idle_timeout_us(socket);
    return timeout_us != 0 && !socket->is_closing &&
           spsi_socket_now(socket) - socket->heard_us >= timeout_us;
}

// A read would block. The end may be known by other means.
static sps_error read_nothing(spsi_socket *socket) {
    if (socket->write_failed) {
        return SPS_FAILED;
    }
    if (!is_idle(socket)) {
        return SPS_ERR_BUSY;
    }
    spsi_socket_record_failure(socket, SPS_CLOSE_IDLE);
    return SPS_FAILED;
}

// Whether the selector has reported something that a short read does not show.
static bool is_short_read_no_proof(const spsi_socket *socket) {
    const spsi_watch *watch = socket->stream.watch;
    return watch != NULL && (watch->ready_mask & SPSI_MORE) != 0;
}

// After a failed write nothing more is expected of the peer. The stream reads what the OS still
// holds, and then meets the end.
sps_error spsi_socket_received(spsi_socket *socket, spsi_result result, size_t count, size_t size) {
    switch (result.code) {
    case SPSI_DONE:
        // A short read has drained the socket. After a failed write the end follows by itself.
        socket->stream.known_empty =
            count < size && !socket->write_failed && !is_short_read_no_proof(socket);
        if (socket->settings.idle_timeout_ms != 0) {
            spsi_socket_hear(socket, spsi_socket_now(socket));
        }
        return SPS_OK;
    case SPSI_AGAIN:
        socket->stream.known_empty = true;
        return read_nothing(socket);
    case SPSI_END:
        return socket->write_failed ? SPS_FAILED : SPS_ERR_FILE_EOF;
    default:
        return spsi_socket_fail(socket, result);
    }
}

// Whether a get without bytes can only wait: nothing is pending to be sent, and no timeout is set.
static bool may_only_wait(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    return spsi_byte_queue_size(&stream->out) == 0 && !socket->write_failed &&
           stream->io_timeout_ms == 0 && socket->settings.idle_timeout_ms == 0;
}

// Receives for a get that waits. If it may wait in the OS, this is one syscall in place of three.
// BUSY: the caller must wait first.
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

// The timeout of a call starts at its first wait. A call on a filter above has set the deadline.
static uint64_t deadline_of(sps_stream *stream, uint64_t now_us) {
    if (stream->wait_until_us == 0) {
        const uint64_t time_us = (uint64_t)stream->io_timeout_ms * 1000;
        stream->wait_until_us = time_us != 0 ? now_us + time_us : SPSI_NEVER;
    }
    return stream->wait_until_us;
}

// How long a call may wait now: until its own time or the peer's is over.
static uint64_t time_to_wait(spsi_socket *socket) {
    sps_stream *stream = &socket->stream;
    const uint64_t idle_limit_us = idle_timeout_us(socket);
    const bool is_timed = stream->wait_until_us != 0 ? stream->wait_until_us != SPSI_NEVER
                                                     : stream->io_timeout_ms != 0;
    if (!is_timed && idle_limit_us == 0) {
        return SPSI_FOREVER;
    }
    const uint64_t now_us = spsi_socket_now(socket);
    uint64_t end_us = deadline_of(stream, now_us);
    if (idle_limit_us != 0) {
        const uint64_t idle_us = socket->heard_us + idle_limit_us;
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
    return result.code == SPSI_DONE ? SPS_OK : spsi_socket_fail(socket, result);
}

// A short read has drained the socket, which saves a second read. In a poller it saves all reads
// until the next readiness.
static sps_error read_what_is_there(spsi_socket *socket, uint8_t *buffer, size_t most,
                                    size_t *out_read) {
    if (socket->stream.known_empty && socket->stream.watch != NULL) {
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

static sps_error available(sps_stream *stream, size_t *out_bytes) {
    spsi_socket *socket = socket_of(stream);
    *out_bytes = 0;
    if (socket->status != SPS_STATUS_CONNECTED) {
        return SPS_OK;
    }
    const spsi_result result = spsi_os_available(socket->platform, socket->handle, out_bytes);
    stream->known_empty = stream->known_empty && *out_bytes == 0;
    return result.code == SPSI_DONE ? SPS_OK : spsi_socket_fail(socket, result);
}

// ---- Writing

// Drops `count` sent bytes from the front of the slices; returns how many slices are left.
static size_t advance(spsi_slice *slices, size_t count, size_t sent) {
    assert(count <= SPSI_MAX_SLICES);
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

// The connection is broken for writing. Bytes that arrived before can still be read, so the socket
// closes later: see spsi_socket_receive() and spsi_stream_fail_put().
sps_error spsi_socket_fail_write(spsi_socket *socket, spsi_result result, size_t written) {
    if (result.code == SPSI_NO_MEMORY && written == 0) {
        return SPS_ERR_OUT_OF_MEMORY; // a part of a value could not be repeated
    }
    socket->write_closed = true;
    socket->write_failed = true;
    socket->stream.known_empty = false; // the next read meets the end
    spsi_stream_forget_refusal(&socket->stream);
    spsi_watch_mark_changed(socket->stream.watch); // which reports the failure
    result.code = result.code == SPSI_NO_MEMORY ? SPSI_FAILED : result.code;
    return spsi_socket_fail(socket, result);
}

void spsi_socket_break(spsi_socket *socket, spsi_result failure) {
    spsi_stream_give_back(&socket->stream, &socket->stream.out);
    spsi_socket_fail_write(socket, failure, 1);
}

void spsi_socket_meet_failure(spsi_socket *socket) {
    const spsi_result failure = spsi_os_pending_failure(socket->platform, socket->handle);
    if (failure.code != SPSI_DONE) {
        spsi_socket_break(socket, failure);
    }
}

// The timeout is over. A value that was sent in part can never be completed.
static sps_error stop_write(spsi_socket *socket, spsi_patience patience, size_t written) {
    if (patience == SPSI_WAIT || written == 0) {
        return SPS_ERR_TIMEOUT;
    }
    spsi_socket_record_failure(socket, SPS_CLOSE_PUT_TIMED_OUT);
    return spsi_socket_fail_write(socket, (spsi_result){SPSI_FAILED, 0}, written);
}

// Whether the peer of a put that waits is silent. More unread bytes than were `seen` before are a
// sign of life.
static bool is_silent(spsi_socket *socket, size_t *seen) {
    if (!is_idle(socket)) {
        return false;
    }
    size_t count;
    const spsi_result result = spsi_os_available(socket->platform, socket->handle, &count);
    if (result.code == SPSI_DONE && count > *seen) {
        *seen = count;
        spsi_socket_hear(socket, spsi_socket_now(socket));
        return false;
    }
    return true;
}

static spsi_result wait_writable(spsi_socket *socket, size_t *seen) {
    const spsi_result result = wait_for(socket, SPSI_WRITABLE);
    if (result.code == SPSI_DONE && is_silent(socket, seen)) {
        spsi_socket_record_failure(socket, SPS_CLOSE_IDLE);
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

// ---- Waiting for a filter above

// Removes the interests that can never come, and adds room for bytes that could not leave. OK, or
// why there is nothing to wait for. A failed put shows in the next read.
static sps_error possible_interests(const spsi_socket *socket, sps_error flushed,
                                    unsigned *interests) {
    const sps_error end = spsi_stream_drop_ended(&socket->stream, interests);
    if (end != SPS_OK || flushed == SPS_ERR_OUT_OF_MEMORY) {
        return end != SPS_OK ? end : flushed;
    }
    if ((*interests & SPSI_READABLE) && is_idle(socket)) {
        return SPS_FAILED;
    }
    if (flushed == SPS_FAILED || socket->write_closed) {
        *interests &= ~(unsigned)SPSI_WRITABLE;
    }
    if (flushed == SPS_ERR_BUSY) {
        *interests |= SPSI_WRITABLE; // the peer may need it to answer
    }
    return *interests != 0 ? SPS_OK : SPS_FAILED;
}

static bool has_room(const spsi_socket *socket) {
    return spsi_os_wait(socket->platform, socket->handle, SPSI_WRITABLE, 0).code != SPSI_AGAIN;
}

// With an idle timeout, the wait also returns to look for new bytes of the peer. So it repeats
// until there is room. `seen` lasts for all rounds, or the same bytes would count as new in each.
static spsi_result wait_for_room(spsi_socket *socket) {
    size_t seen = 0;
    spsi_result result;
    do {
        result = wait_writable(socket, &seen);
    } while (result.code == SPSI_DONE && idle_timeout_us(socket) != 0 && !has_room(socket));
    return result;
}

static sps_error wait_for_filter(sps_stream *stream, unsigned interests) {
    spsi_socket *socket = socket_of(stream);
    if (check(stream, SPSI_TO_READ) != SPS_OK) {
        return SPS_FAILED;
    }
    const sps_error flushed = socket->write_closed ? SPS_OK : spsi_stream_flush(stream);
    const sps_error possible = possible_interests(socket, flushed, &interests);
    if (possible != SPS_OK || flushed == SPS_FAILED) {
        return possible;
    }
    const bool reads = (interests & SPSI_READABLE) != 0;
    const spsi_result result = reads ? wait_for(socket, interests) : wait_for_room(socket);
    stream->known_empty = false; // ask the OS, whatever the poller knows
    if (result.code == SPSI_AGAIN) {
        return SPS_ERR_TIMEOUT;
    }
    if (result.code != SPSI_DONE) {
        return reads ? spsi_socket_fail(socket, result) : spsi_socket_fail_write(socket, result, 0);
    }
    if (interests & SPSI_WRITABLE) {
        spsi_stream_flush(stream);
    }
    return SPS_OK;
}

// ---- The end

// A peer that has finished may still read. Before the socket closes, the pending bytes leave, and
// the caller may repeat a refused put.
static bool still_sends(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    const bool has_to_send =
        spsi_byte_queue_size(&stream->out) > 0 || stream->refused_bytes != 0 || stream->may_retry;
    return has_to_send && stream->read_end == SPS_ERR_FILE_EOF && !socket->write_closed;
}

// A get on a half-open socket waits no more, so pending bytes leave here. A poller sends them
// itself. FAILED: nothing can be sent any more.
static sps_error stay_half_open(sps_stream *stream) {
    const bool is_sent_elsewhere = stream->watch != NULL;
    return is_sent_elsewhere ? SPS_OK : spsi_stream_flush(stream);
}

// Inside a get the status becomes NONE, as in Godot.
static sps_error ended(sps_stream *stream, sps_error end) {
    spsi_socket *socket = socket_of(stream);
    if (spsi_socket_is_half_open(socket) && stay_half_open(stream) != SPS_FAILED) {
        return end;
    }
    if (still_sends(socket) && spsi_stream_flush(stream) != SPS_FAILED && still_sends(socket)) {
        return SPS_ERR_BUSY; // the next poll, or the poller, goes on
    }
    spsi_socket_close_at_end(socket, end, SPS_STATUS_NONE);
    return end;
}

bool spsi_socket_is_at_end(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    return stream->read_end != SPS_OK && spsi_byte_queue_size(&stream->in) == 0 &&
           !still_sends(socket);
}

sps_error spsi_socket_settle_end(spsi_socket *socket) {
    sps_stream *stream = &socket->stream;
    if (!spsi_socket_is_at_end(socket) || stream->above != NULL) {
        return SPS_OK;
    }
    if (spsi_socket_is_half_open(socket)) {
        spsi_stream_give_back(stream, &stream->in); // it holds nothing, and nothing will come
        return SPS_OK;
    }
    if (stream->read_end == SPS_ERR_FILE_EOF && !socket->write_failed) {
        spsi_socket_close_at_end(socket, stream->read_end, SPS_STATUS_NONE);
        return SPS_OK;
    }
    spsi_socket_close_at_end(socket, stream->read_end, SPS_STATUS_ERROR);
    return SPS_FAILED;
}

// ---- The table of operations

static void reject(sps_stream *stream) {
    socket_of(stream)->failure = SPS_CLOSE_LIMIT;
}

static void get_state(const sps_stream *stream, spsi_state *out_state) {
    const spsi_socket *socket = (const spsi_socket *)stream;
    *out_state = (spsi_state){socket->status, socket->close_reason, socket->os_error, ""};
}

static const sps_platform *platform_of(const sps_stream *stream) {
    return ((const spsi_socket *)stream)->platform;
}

static void destroy(sps_stream *stream) {
    spsi_socket_close(socket_of(stream), SPS_STATUS_NONE, SPS_CLOSE_LOCAL);
    spsi_socket_drop_log(socket_of(stream));
}

static const spsi_stream_ops socket_ops = {
    .check = check,
    .read = read_socket,
    .write = write_socket,
    .available = available,
    .ended = ended,
    .reject = reject,
    .destroy = destroy,
    .poll = spsi_socket_poll,
    .wait = wait_for_filter,
    .get_state = get_state,
    .platform = platform_of,
};

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
    socket->half_open = chosen.half_open != 0;
    stream->io_timeout_ms = chosen.io_timeout_ms;
    *out_socket = socket;
    return SPS_OK;
}
