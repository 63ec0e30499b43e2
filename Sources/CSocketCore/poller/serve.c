// SPDX-License-Identifier: MIT
//
// How a poller serves one object.
#include "poller/poller.h"

#include <assert.h>

#include "platform/calls.h"
#include "socket/closing.h"
#include "socket/connecting.h"
#include "socket/transfer.h"

// SPSI_REST_US for servers.
enum { SERVER_REST_US = 100000, SERVER_LONG_REST_US = 1000000 };

// ---- Unread bytes

static bool has_more(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    return socket->status == SPS_STATUS_CONNECTED && stream->read_end == SPS_OK &&
           (!stream->known_empty || stream->inline_count > 0);
}

static bool may_read(const spsi_socket *socket) {
    return has_more(socket) && spsi_stream_room(&socket->stream) > 0;
}

// ---- Events

static bool is_open(uint8_t status) {
    return status == SPS_STATUS_CONNECTING || status == SPS_STATUS_CONNECTED;
}

unsigned spsi_poller_change_of_status(spsi_watch *watch, uint8_t status) {
    const uint8_t before = watch->status;
    watch->status = status;
    if (before == SPS_STATUS_CONNECTING && status == SPS_STATUS_CONNECTED) {
        return SPS_EVENT_CONNECTED;
    }
    if (is_open(before) && !is_open(status)) {
        watch->reported_end = SPSI_NO_END;
        watch->met_end = false;
        return SPS_EVENT_CLOSED;
    }
    return watch->is_below && before != status ? SPS_EVENT_CONNECTED : 0;
}

// Whether there is room for a refused put. Without batching, only the OS knows.
static bool is_writable_again(const spsi_watch *watch, const sps_stream *stream) {
    if (spsi_stream_asks_the_os(stream)) {
        return (watch->ready_mask & SPSI_WRITABLE) != 0;
    }
    return spsi_stream_is_writable_again(stream);
}

unsigned spsi_poller_change_of_stream(spsi_watch *watch, sps_stream *stream) {
    unsigned events = 0;
    if (stream->has_new_bytes) {
        stream->has_new_bytes = false;
        events |= spsi_byte_queue_size(&stream->in) > 0 ? SPS_EVENT_READABLE : 0;
    }
    if (is_writable_again(watch, stream)) {
        spsi_stream_offer_room(stream);
        events |= SPS_EVENT_WRITABLE;
    }
    return events;
}

// The end as far as it is known. Behind a full read buffer only a failed write shows it. Otherwise
// the next read meets it.
static spsi_reported_end known_end(const spsi_socket *socket) {
    const sps_error end = socket->stream.read_end;
    if ((socket->write_failed && !may_read(socket)) || (end != SPS_OK && end != SPS_ERR_FILE_EOF)) {
        return SPSI_BROKEN_END;
    }
    return end == SPS_OK ? SPSI_NO_END : SPSI_ORDERLY_END;
}

// Reports the end of a stream that is still connected, because bytes are unread or unsent. No other
// event would reach a caller that waits for room or for the rest of a value. A connection that
// breaks after an orderly end is reported again.
unsigned spsi_poller_change_of_end(spsi_watch *watch, spsi_reported_end known) {
    if (known <= watch->reported_end) {
        return 0;
    }
    watch->reported_end = (uint8_t)known;
    return SPS_EVENT_FINISHED;
}

// A filter above meets the end in a get. The get finds nothing while pending bytes keep the socket
// open. So the filter is served once more when they have left.
unsigned spsi_poller_change_below(spsi_watch *watch, bool is_at_end) {
    if (!watch->is_below || watch->met_end || !is_at_end) {
        return 0;
    }
    watch->met_end = true;
    return SPS_EVENT_FINISHED;
}

static void report_changes(spsi_watch *watch, spsi_socket *socket) {
    unsigned events = spsi_poller_change_of_status(watch, socket->status);
    if (socket->status == SPS_STATUS_CONNECTED && !socket->is_closing) {
        events |= spsi_poller_change_of_stream(watch, &socket->stream) |
                  spsi_poller_change_of_end(watch, known_end(socket)) |
                  spsi_poller_change_below(watch, watch->is_below && spsi_socket_is_at_end(socket));
    }
    spsi_watch_report(watch, events);
}

// ---- One stream

// TCP sockets are edge-triggered, because a read shows whether it has drained the socket. A read of
// a Unix socket may stop at ancillary data (unix(7)) before the last byte, and no event shows that.
// So Unix sockets are level-triggered.
unsigned spsi_poller_interest_in_reading(const spsi_socket *socket) {
    return socket->stream.kind == SPSI_KIND_TCP ? SPSI_READABLE | SPSI_EDGE : SPSI_READABLE;
}

// Sends the pending bytes, unless the OS is known to have no room.
static sps_error write_out(const spsi_watch *watch, spsi_socket *socket) {
    sps_stream *stream = &socket->stream;
    const bool is_blocked =
        (watch->interests & SPSI_WRITABLE) && !(watch->ready_mask & SPSI_WRITABLE);
    if (is_blocked || socket->write_closed) {
        return SPS_OK;
    }
    if (spsi_byte_queue_size(&stream->out) == 0) {
        if (stream->out.block != NULL) {
            spsi_stream_give_back(stream, &stream->out);
        }
        return SPS_OK;
    }
    const sps_error error = spsi_stream_flush(stream);
    if (error == SPS_FAILED) {
        stream->known_empty = false; // the read shows what is left, and the end
    }
    return error;
}

// Reads once. Reads on if the selector has reported that the end follows.
static sps_error read_in(const spsi_watch *watch, spsi_socket *socket) {
    sps_stream *stream = &socket->stream;
    size_t most = watch->group->max_read_bytes;
    stream->turn_bytes = 0;
    while (has_more(socket)) {
        const size_t space = spsi_stream_room(stream);
        const size_t room = space < most ? space : most;
        if (room == 0) {
            break;
        }
        const size_t before = spsi_byte_queue_size(&stream->in);
        const sps_error error = spsi_stream_read_ready(stream, room);
        const size_t count = spsi_byte_queue_size(&stream->in) - before;
        if (error != SPS_OK || count == room || !(watch->ready_mask & SPSI_MORE)) {
            return error;
        }
        most -= count;
    }
    return SPS_OK;
}

// A read would show a failure, but a full read buffer allows no read. A caller under back-pressure
// empties it only after WRITABLE, which a broken connection never reports. Behind the peer's end
// nothing is read either.
static bool is_failure_hidden(const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    const bool is_full =
        stream->read_end == SPS_OK && !socket->write_failed && spsi_stream_room(stream) == 0;
    return is_full || spsi_socket_is_half_open(socket);
}

static void meet_failure(const spsi_watch *watch, spsi_socket *socket) {
    if ((watch->ready_mask & SPSI_BROKEN) && is_failure_hidden(socket)) {
        spsi_socket_meet_failure(socket);
    }
}

// Moves bytes, as sps_socket_poll() does. ERR_OUT_OF_MEMORY: the poller tries again after a rest.
static sps_error transfer(spsi_watch *watch, spsi_socket *socket, bool reads) {
    if (socket->is_closing) {
        bool shortage = false;
        if (reads) {
            spsi_closing_poll(socket, &shortage);
        }
        return shortage ? SPS_ERR_OUT_OF_MEMORY : SPS_OK;
    }
    const sps_error written = write_out(watch, socket);
    const sps_error read = reads ? read_in(watch, socket) : SPS_OK;
    meet_failure(watch, socket);
    spsi_socket_settle_end(socket);
    if (spsi_byte_queue_size(&socket->stream.in) == 0 && socket->stream.in.block != NULL) {
        spsi_stream_give_back(&socket->stream, &socket->stream.in);
    }
    spsi_stream_trim(&socket->stream, SPSI_MOST_BLOCK_BYTES);
    return written == SPS_ERR_OUT_OF_MEMORY ? written : read;
}

// The selector's interests in the socket's own handle. It always learns of failures.
static unsigned wanted_interests(const spsi_socket *socket) {
    if (socket->status != SPS_STATUS_CONNECTED) {
        return 0;
    }
    const unsigned needed = spsi_socket_needs(socket);
    const bool reads = (needed & SPSI_READABLE) != 0;
    return (reads ? spsi_poller_interest_in_reading(socket) : SPSI_EDGE) | (needed & SPSI_WRITABLE);
}

// A timer that fires too early does no harm. So a deadline that moves later, as an idle timeout
// does at each read, leaves the timer alone.
void spsi_poller_set_timer(spsi_watch *watch, uint64_t due_us) {
    if (due_us < watch->timer.due_us) {
        spsi_timers_set(&watch->group->timers, &watch->timer, due_us);
    }
}

// The list of a stream's next turn. A stream that only holds bytes is looked at once its events
// have been taken.
static spsi_work next_work(const spsi_watch *watch, const spsi_socket *socket) {
    if (may_read(socket) || spsi_connecting_is_resolving(socket)) {
        return SPSI_PENDING;
    }
    const bool holds = socket->stream.in.block != NULL && watch->events == 0;
    return holds ? SPSI_HOLDING : SPSI_IDLE;
}

bool spsi_poller_has_turn(const spsi_watch *watch) {
    const sps_stream *stream = watch->object;
    if (spsi_byte_queue_size(&stream->in) == 0) {
        return true;
    }
    const bool is_asked =
        stream->known_empty && stream->inline_count == 0 && (watch->interests & SPSI_READABLE) != 0;
    return stream->read_end == SPS_OK && !is_asked && spsi_stream_room(stream) > 0;
}

// Schedules a stream's next turn: the selector's interests, the timer, and the lane of work. If
// memory is short, the stream rests without interest in bytes, because the selector would report it
// at once.
static void reschedule(sps_poller *poller, spsi_watch *watch, spsi_socket *socket, bool is_short) {
    unsigned interests = wanted_interests(socket);
    if (socket->settings.idle_timeout_ms != 0 &&
        (interests & ~(unsigned)watch->interests & SPSI_READABLE)) {
        spsi_socket_hear(socket, spsi_poller_now(poller)); // the idle time starts with listening
    }
    if (is_short) {
        interests &= SPSI_EDGE;
    }
    const spsi_result asked = spsi_watch_set_interests(watch, socket->handle, interests);
    spsi_poller_set_timer(watch, spsi_socket_due_us(socket));
    watch->changed = false;
    watch->ready_mask &=
        has_more(socket) ? SPSI_MORE | SPSI_BROKEN : 0; // the end is still to be met
    if (is_short || asked.code != SPSI_DONE) {
        spsi_poller_set_timer(watch, spsi_poller_now(poller) + SPSI_REST_US);
        spsi_watch_set_work(watch, SPSI_IDLE);
    } else {
        spsi_watch_set_work(watch, next_work(watch, socket));
    }
}

// ---- The short path
//
// Nearly every turn belongs to a stream that only waits for bytes and gets a few. After a system
// call our code is cold, so the length of the path is most of its cost. This path has the outcome
// of the full path for such a stream.

// The last interests say most of it: connected, nothing to send, room to read.
static bool is_at_rest(const spsi_watch *watch, const spsi_socket *socket) {
    const sps_stream *stream = &socket->stream;
    return watch->interests == (SPSI_READABLE | SPSI_EDGE) && watch->ready_mask == SPSI_READABLE &&
           watch->work == SPSI_IDLE && !watch->changed && watch->shares_blocks &&
           stream->in.block == NULL && stream->inline_count == 0 && stream->refused_bytes == 0 &&
           stream->read_chunk_bytes == SPSI_FIRST_BLOCK_BYTES &&
           watch->group->max_read_bytes >= SPSI_FIRST_BLOCK_BYTES &&
           socket->settings.idle_timeout_ms == 0 && !socket->is_closing;
}

// Receives once into an empty queue. True: the socket is drained and the stream is at rest again.
// False: the full path must follow, without a read; *out_error is the result of this one.
static bool serve_at_rest(spsi_watch *watch, spsi_socket *socket, sps_error *out_error) {
    const size_t size = SPSI_FIRST_BLOCK_BYTES;
    sps_stream *stream = &socket->stream;
    uint8_t *block = spsi_block_take(&watch->group->blocks, size);
    if (block == NULL) {
        *out_error = SPS_ERR_OUT_OF_MEMORY;
        return false;
    }
    stream->in = (spsi_byte_queue){block, block, block, block + size};
    size_t count;
    const spsi_result result =
        spsi_os_receive(socket->platform, socket->handle, block, size, &count);
    if (result.code != SPSI_DONE || count == size) {
        *out_error = spsi_socket_received(socket, result, count, size);
        spsi_stream_account_read(stream, *out_error, count, size);
        return false;
    }
    spsi_byte_queue_produce(&stream->in, count);
    stream->known_empty = true;
    watch->ready_mask = 0;
    spsi_watch_report(watch, SPS_EVENT_READABLE);
    return true;
}

// ---- The full path

static void serve_stream(sps_poller *poller, spsi_watch *watch, spsi_socket *socket, bool reads) {
    assert(spsi_socket_is_consistent(socket) && socket->stream.watch == watch);
    sps_error error = SPS_OK;
    if (!(watch->events & SPS_EVENT_WRITABLE)) {
        socket->stream.may_retry = false; // the caller knew of the room, and has had its turn
    }
    if (reads && is_at_rest(watch, socket)) {
        if (serve_at_rest(watch, socket, &error)) {
            return;
        }
        reads = false;
    }
    if (socket->status == SPS_STATUS_CONNECTING &&
        (reads || spsi_connecting_is_resolving(socket))) {
        spsi_connecting_poll(socket);
        report_changes(watch, socket);
    }
    socket->stream.known_empty = socket->stream.known_empty && !(watch->ready_mask & SPSI_READABLE);
    if (socket->status == SPS_STATUS_CONNECTED) {
        const sps_error moved = transfer(watch, socket, reads);
        error = error == SPS_OK ? moved : error;
    }
    report_changes(watch, socket);
    reschedule(poller, watch, socket, error == SPS_ERR_OUT_OF_MEMORY);
    if (!reads && watch->work == SPSI_PENDING && may_read(socket)) {
        spsi_watch_set_work(watch, SPSI_READY);
    }
}

void spsi_poller_send(const spsi_watch *watch) {
    if (watch->is_filter) {
        spsi_poller_send_of_filter(watch);
        return;
    }
    spsi_socket *socket = watch->object;
    if (socket->status == SPS_STATUS_CONNECTED && !socket->is_closing) {
        write_out(watch, socket);
    }
}

// ---- One server

static void await_connections(const sps_poller *poller, spsi_watch *watch,
                              const sps_server *server) {
    const bool rests = server->rest != SPSI_REST_NONE;
    const spsi_result asked =
        spsi_watch_set_interests(watch, server->handle, rests ? 0 : SPSI_READABLE);
    if (rests || asked.code != SPSI_DONE) {
        const bool is_long = server->rest == SPSI_REST_LONG;
        spsi_poller_set_timer(watch, spsi_poller_now(poller) +
                                         (is_long ? SERVER_LONG_REST_US : SERVER_REST_US));
    }
}

static void serve_server(const sps_poller *poller, spsi_watch *watch, sps_server *server) {
    // A listening socket hangs up only if a process that shares it has shut it down.
    if (watch->ready_mask & (SPSI_WRITABLE | SPSI_MORE)) {
        spsi_server_fail(server);
    }
    if (server->has_failed) {
        server->has_failed = false;
        spsi_watch_report(watch, SPS_EVENT_CLOSED);
    }
    if (server->handle != SPSI_NO_HANDLE) {
        if (watch->ready_mask & SPSI_READABLE) {
            spsi_watch_report(watch, SPS_EVENT_CONNECTION_AVAILABLE);
        }
        await_connections(poller, watch, server);
    }
    watch->ready_mask = 0;
    spsi_watch_set_work(watch, SPSI_IDLE);
}

// ---- Either

// Serves the filter above with the events of the stream below. A filter that is ready has its turn
// anyway: serving one object takes no other from the list of ready ones.
static void serve_above(sps_poller *poller, spsi_watch *below) {
    const unsigned events = below->events;
    below->events = 0;
    if (events == 0) {
        return;
    }
    spsi_watch *above = below->user_data;
    above->ready_mask |= events & SPS_EVENT_WRITABLE ? SPSI_WRITABLE : 0;
    ((sps_stream *)above->object)->known_empty = false;
    if (above->work != SPSI_READY) {
        poller->has_served_above = true;
        spsi_poller_serve(poller, above, true);
    }
}

void spsi_poller_serve(sps_poller *poller, spsi_watch *watch, bool reads) {
    if (watch->is_server) {
        serve_server(poller, watch, watch->object);
    } else if (watch->is_filter) {
        spsi_poller_serve_filter(poller, watch, reads);
    } else {
        serve_stream(poller, watch, watch->object, reads);
    }
    if (watch->is_below) {
        serve_above(poller, watch);
    }
}

void spsi_poller_finish_reported(sps_poller *poller) {
    spsi_watch *watch = poller->group.last_reported;
    poller->group.last_reported = NULL;
    if (watch != NULL && !watch->is_server) {
        spsi_poller_finish(watch);
    }
}

void spsi_poller_finish(spsi_watch *watch) {
    if (watch->work != SPSI_IDLE) {
        return;
    }
    sps_stream *stream = watch->object;
    const bool is_empty = spsi_byte_queue_size(&stream->in) == 0;
    const bool is_waited_for = watch->status == SPS_STATUS_CONNECTED && stream->known_empty &&
                               (watch->interests & SPSI_READABLE) != 0;
    if (is_empty && is_waited_for && stream->read_end == SPS_OK) {
        spsi_stream_give_back(stream, &stream->in);
    } else {
        spsi_watch_mark_changed(watch);
    }
}

unsigned spsi_poller_kinds(const spsi_watch *watch) {
    if (watch->is_server) {
        return watch->events;
    }
    sps_stream *stream = watch->object;
    unsigned kinds = watch->events | (stream->has_new_bytes ? SPS_EVENT_READABLE : 0U);
    if (spsi_byte_queue_size(&stream->in) == 0) {
        kinds &= ~(unsigned)SPS_EVENT_READABLE;
    }
    if ((kinds & SPS_EVENT_WRITABLE) &&
        (stream->refused_bytes != 0 || stream->ops->check(stream, SPSI_TO_WRITE) != SPS_OK)) {
        kinds &= ~(unsigned)SPS_EVENT_WRITABLE; // the reported room is used, or no put is possible
    }
    return kinds;
}
