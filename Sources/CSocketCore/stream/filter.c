// SPDX-License-Identifier: MIT
#include "stream/filter.h"

#include "platform/calls.h"

spsi_filter *spsi_filter_of(sps_stream *stream) {
    return stream != NULL && stream->kind == SPSI_KIND_FILTER ? (spsi_filter *)stream : NULL;
}

const spsi_filter *spsi_filter_of_const(const sps_stream *stream) {
    return stream != NULL && stream->kind == SPSI_KIND_FILTER ? (const spsi_filter *)stream : NULL;
}

static spsi_filter *of(sps_stream *stream) {
    return (spsi_filter *)stream;
}

static const spsi_filter *of_const(const sps_stream *stream) {
    return (const spsi_filter *)stream;
}

// ---- State

static sps_error check(sps_stream *stream, spsi_purpose purpose) {
    const spsi_filter *filter = of(stream);
    const bool is_connected = filter->status == SPS_STATUS_CONNECTED;
    bool good = is_connected;
    switch (purpose) {
    case SPSI_TO_READ:
        break;
    case SPSI_TO_COUNT:
        good = spsi_filter_is_open(filter); // before it is connected there are 0 bytes
        break;
    case SPSI_TO_WRITE:
        good = is_connected && !filter->write_closed;
        break;
    default:
        good = spsi_filter_is_open(filter) && !filter->write_closed;
    }
    return good ? SPS_OK : SPS_FAILED;
}

static const sps_platform *platform_of(const sps_stream *stream) {
    const spsi_filter *filter = of_const(stream);
    if (stream->watch != NULL) {
        return stream->watch->group->platform;
    }
    const sps_stream *base = filter->base;
    const sps_platform *platform =
        base != NULL && base->ops->platform != NULL ? base->ops->platform(base) : NULL;
    return platform != NULL ? platform : filter->platform;
}

void spsi_filter_record_failure(spsi_filter *filter, sps_close_reason reason, const char *message) {
    if (filter->failure == SPS_CLOSE_NONE) {
        filter->failure = reason;
        filter->message = message;
    }
}

// Without a reason of the filter's own, the base tells. A base that has ended in order did not
// bring what the filter has waited for.
static sps_close_reason reason_of_base(const spsi_filter *filter) {
    const sps_stream *base = filter->base;
    spsi_state state = {SPS_STATUS_NONE, SPS_CLOSE_NONE, 0, ""};
    if (base != NULL && base->ops->get_state != NULL) {
        base->ops->get_state(base, &state);
    }
    const bool has_finished = base != NULL && base->read_end == SPS_ERR_FILE_EOF;
    switch (state.close_reason) {
    case SPS_CLOSE_NONE:
        return has_finished ? SPS_CLOSE_TRUNCATED : SPS_CLOSE_FAILED;
    case SPS_CLOSE_PEER_FINISHED:
        return SPS_CLOSE_TRUNCATED;
    default:
        return state.close_reason;
    }
}

sps_close_reason spsi_filter_reason_of(const spsi_filter *filter, sps_error end) {
    if (filter->failure != SPS_CLOSE_NONE) {
        return filter->failure;
    }
    const bool is_in_order = end == SPS_ERR_FILE_EOF && !filter->write_failed;
    return is_in_order ? SPS_CLOSE_PEER_FINISHED : reason_of_base(filter);
}

static void get_state(const sps_stream *stream, spsi_state *out_state) {
    const spsi_filter *filter = of_const(stream);
    const sps_stream *base = filter->base;
    *out_state = (spsi_state){SPS_STATUS_NONE, SPS_CLOSE_NONE, 0, ""};
    if (base != NULL && base->ops->get_state != NULL) {
        base->ops->get_state(base, out_state);
    }
    const bool is_explained = filter->close_reason != SPS_CLOSE_NONE && filter->message != NULL;
    out_state->status = filter->status;
    out_state->close_reason = filter->close_reason;
    out_state->close_message = is_explained ? filter->message : "";
}

// ---- The base

// Bytes that the operations have put into the base may be pending there.
static sps_error flush_below(sps_stream *stream) {
    sps_stream *base = of(stream)->base;
    if (base == NULL || base->ops->check(base, SPSI_TO_WRITE) != SPS_OK) {
        return SPS_OK;
    }
    const sps_error error = spsi_stream_flush(base);
    return error == SPS_OK && base->ops->flush_below != NULL ? base->ops->flush_below(base) : error;
}

// ---- The end

// Nothing can be put any more.
static void close_writing(spsi_filter *filter) {
    filter->write_closed = true;
    spsi_stream_give_back(&filter->stream, &filter->stream.out); // its room would take puts
    spsi_stream_forget_refusal(&filter->stream);
}

// The filter has failed for good. Bytes that were read ahead stay readable.
sps_error spsi_filter_fail(spsi_filter *filter) {
    close_writing(filter);
    filter->write_failed = true;
    filter->stream.known_empty = false; // the next read meets the end
    spsi_watch_mark_changed(filter->stream.watch);
    return SPS_FAILED;
}

static void call_close(spsi_filter *filter) {
    if (filter->owes_close) {
        filter->owes_close = false;
        if (filter->operations.close != NULL) {
            filter->operations.close(filter->user_data);
        }
    }
}

static void close_filter(spsi_filter *filter, sps_status status, sps_close_reason reason) {
    sps_stream *stream = &filter->stream;
    if (spsi_filter_is_open(filter)) {
        filter->close_reason = reason;
        if (filter->status == SPS_STATUS_CONNECTED && !filter->write_closed) {
            spsi_stream_flush(stream);
        }
    }
    call_close(filter);
    flush_below(stream);
    spsi_stream_reset(stream);
    filter->write_closed = false;
    filter->write_failed = false;
    filter->may_hold = false;
    filter->due_us = filter->retry_us = SPSI_NEVER;
    filter->status = (uint8_t)status;
    spsi_watch_mark_changed(stream->watch);
}

static bool has_to_send(const spsi_filter *filter) {
    const sps_stream *stream = &filter->stream;
    return !filter->write_closed && (spsi_byte_queue_size(&stream->out) > 0 ||
                                     stream->refused_bytes != 0 || stream->may_retry);
}

// Whether bytes of the filter wait in a stream below. That stream is asked to report when it has
// sent them all.
static bool is_pending_below(const spsi_filter *filter) {
    sps_stream *base = filter->base;
    if (base == NULL || base->ops->check(base, SPSI_TO_GATHER) != SPS_OK) {
        return false;
    }
    if (!base->ops->in_place && spsi_byte_queue_size(&base->out) > 0) {
        base->refused_bytes = base->write_buffer_bytes; // until all of it is empty
        return true;
    }
    const spsi_filter *lower = spsi_filter_of(base);
    return lower != NULL && is_pending_below(lower);
}

// For a code that says nothing about the base: the filter gets another turn after a rest.
static void retry_later(spsi_filter *filter) {
    filter->retry_us = spsi_os_now_us(platform_of(&filter->stream)) + SPSI_REST_US;
    spsi_watch_mark_changed(filter->stream.watch);
}

// Calls the operation `poll`. A binding without one has nothing to advance.
static sps_error call_poll(spsi_filter *filter) {
    const sps_error error = filter->operations.poll(filter->user_data);
    return error == SPS_CUSTOM_NOT_IMPLEMENTED ? SPS_OK : error;
}

static bool may_put_to_base(const spsi_filter *filter) {
    sps_stream *base = filter->base;
    return base == NULL || base->ops->check(base, SPSI_TO_GATHER) == SPS_OK;
}

// After OK the base has all bytes. If it has failed meanwhile, it may have dropped some.
static void note_poll(spsi_filter *filter, sps_error polled) {
    filter->may_hold = filter->may_hold && (polled != SPS_OK || !may_put_to_base(filter));
}

// Sends what the filter holds, and its end mark.
static sps_error send_end(spsi_filter *filter) {
    if (filter->may_hold) {
        const sps_error polled = call_poll(filter);
        note_poll(filter, polled);
        if (polled != SPS_OK && polled != SPS_ERR_FILE_EOF) {
            return polled;
        }
    }
    if (filter->write_closed || filter->operations.shutdown_write == NULL) {
        return SPS_OK;
    }
    const sps_error error = filter->operations.shutdown_write(filter->user_data);
    return error == SPS_CUSTOM_NOT_IMPLEMENTED ? SPS_OK : error;
}

// Ends the writing side. False: not yet. A lost end mark is no failure, but lost bytes are.
static bool finish_writing(spsi_filter *filter) {
    const sps_error error = send_end(filter);
    const bool loses_bytes = filter->may_hold || filter->failure != SPS_CLOSE_NONE;
    if (error == SPS_FAILED && loses_bytes) {
        spsi_filter_fail(filter);
    } else if (error == SPS_OK || error == SPS_FAILED) {
        close_writing(filter);
    } else {
        if (error != SPS_ERR_BUSY) {
            retry_later(filter);
        }
        return false;
    }
    filter->may_hold = false;
    flush_below(&filter->stream);
    return true;
}

// As for a socket: the peer may still read after its end. All bytes that were put leave before the
// filter closes, and so does the end mark.
static bool still_sends(spsi_filter *filter) {
    if (filter->stream.read_end != SPS_ERR_FILE_EOF || filter->write_failed) {
        return false;
    }
    return has_to_send(filter) || !finish_writing(filter) || is_pending_below(filter);
}

static sps_error ended(sps_stream *stream, sps_error end) {
    spsi_filter *filter = of(stream);
    if (stream->above != NULL && end == SPS_ERR_FILE_EOF && !filter->write_failed) {
        return end; // the filter above decides when this one closes
    }
    if (has_to_send(filter)) {
        spsi_stream_flush(stream);
    }
    if (still_sends(filter)) {
        return SPS_ERR_BUSY; // the next poll, or the poller, goes on
    }
    close_filter(filter, SPS_STATUS_NONE, spsi_filter_reason_of(filter, end));
    return end;
}

bool spsi_filter_is_at_end(spsi_filter *filter) {
    const sps_stream *stream = &filter->stream;
    const bool is_read = spsi_byte_queue_size(&stream->in) == 0 && stream->inline_count == 0;
    if (filter->status != SPS_STATUS_CONNECTED || stream->read_end == SPS_OK || !is_read) {
        return false;
    }
    return stream->above != NULL || !still_sends(filter);
}

sps_error spsi_filter_settle_end(spsi_filter *filter) {
    const sps_stream *stream = &filter->stream;
    // A filter above meets the end in a get.
    if (stream->above != NULL || !spsi_filter_is_at_end(filter)) {
        return SPS_OK;
    }
    const bool is_in_order = stream->read_end == SPS_ERR_FILE_EOF && !filter->write_failed;
    close_filter(filter, is_in_order ? SPS_STATUS_NONE : SPS_STATUS_ERROR,
                 spsi_filter_reason_of(filter, stream->read_end));
    return is_in_order ? SPS_OK : SPS_FAILED;
}

// ---- Poll

// The handshake has failed.
static sps_error fail_to_connect(spsi_filter *filter, sps_error end) {
    spsi_stream_give_back(&filter->stream, &filter->stream.out);
    close_filter(filter, SPS_STATUS_ERROR, spsi_filter_reason_of(filter, end));
    return SPS_ERR_CONNECTION_ERROR;
}

static sps_error advance_connecting(spsi_filter *filter, sps_error polled) {
    switch (polled) {
    case SPS_OK:
        filter->status = SPS_STATUS_CONNECTED;
        filter->stream.known_empty = false;
        spsi_watch_mark_changed(filter->stream.watch);
        return SPS_OK;
    case SPS_ERR_BUSY:
        return SPS_OK;
    case SPS_FAILED:
    case SPS_ERR_FILE_EOF:
        return fail_to_connect(filter, polled);
    default:
        return polled;
    }
}

// A base that can be put to no more would refuse every put, but a full read buffer hides that. The
// caller reads on, or learns of the failure.
static void meet_failure_below(spsi_filter *filter) {
    if (filter->write_closed || may_put_to_base(filter)) {
        return;
    }
    if (has_to_send(filter) || filter->may_hold) {
        spsi_filter_fail(filter);
        return;
    }
    close_writing(filter); // the caller has lost nothing, and the peer may have ended in order
    filter->stream.known_empty = false;
}

sps_error spsi_filter_advance(spsi_filter *filter) {
    sps_stream *stream = &filter->stream;
    const bool has_failed = filter->write_failed || stream->read_end == SPS_FAILED;
    if (!spsi_filter_is_open(filter) || has_failed) {
        return SPS_OK;
    }
    const sps_error polled = call_poll(filter);
    note_poll(filter, polled);
    if (filter->status == SPS_STATUS_CONNECTING) {
        return advance_connecting(filter, polled);
    }
    meet_failure_below(filter);
    switch (polled) {
    case SPS_FAILED:
        spsi_filter_fail(filter);
        stream->read_end = SPS_FAILED;
        return SPS_OK; // the stream closes once every byte was read
    case SPS_ERR_FILE_EOF:
        stream->read_end = SPS_ERR_FILE_EOF;
        return SPS_OK;
    case SPS_ERR_BUSY:
        return SPS_OK;
    default:
        return polled;
    }
}

// Without a poller no event reports room. The caller puts again after a poll, and the poll after
// that closes.
static void offer_room_once(sps_stream *stream) {
    stream->may_retry = false;
    if (stream->read_end == SPS_ERR_FILE_EOF && stream->refused_bytes != 0 &&
        (!stream->batching || spsi_stream_is_writable_again(stream))) {
        spsi_stream_offer_room(stream);
    }
}

static sps_error move_bytes(spsi_filter *filter) {
    sps_stream *stream = &filter->stream;
    if (!filter->write_closed) {
        spsi_stream_flush(stream); // a failure shows in the read
    }
    const sps_error error = spsi_stream_read_ahead(stream);
    if (stream->watch == NULL) {
        offer_room_once(stream);
    }
    return error;
}

static sps_error poll_filter(sps_stream *stream) {
    spsi_filter *filter = of(stream);
    if (!spsi_filter_is_open(filter)) {
        return SPS_OK;
    }
    sps_stream *base = filter->base;
    if (base != NULL && base->ops->poll != NULL) {
        base->ops->poll(base); // the operations meet its failure
    }
    stream->known_empty = false;
    sps_error error = spsi_filter_advance(filter);
    if (filter->status == SPS_STATUS_CONNECTED) {
        const sps_error moved = move_bytes(filter);
        const sps_error settled = moved == SPS_OK ? spsi_filter_settle_end(filter) : moved;
        error = error == SPS_OK ? settled : error;
    }
    flush_below(stream);
    spsi_watch_mark_changed(stream->watch);
    return error;
}

// ---- Ending

sps_error spsi_filter_disconnect(spsi_filter *filter) {
    close_filter(filter, SPS_STATUS_NONE, SPS_CLOSE_LOCAL);
    spsi_filter_unlink_base(filter);
    spsi_watch *watch = filter->stream.watch;
    if (watch != NULL && !watch->is_below) { // the caller has made this status
        spsi_watch_drop_events(watch);
        watch->status = filter->status;
        watch->reported_end = SPSI_NO_END;
        spsi_watch_mark_changed(watch);
    }
    return SPS_OK;
}

sps_error spsi_filter_shutdown_write(spsi_filter *filter) {
    sps_stream *stream = &filter->stream;
    if (filter->status != SPS_STATUS_CONNECTED || filter->write_failed) {
        return SPS_FAILED;
    }
    if (filter->write_closed) {
        return SPS_OK;
    }
    if (filter->operations.shutdown_write == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    sps_error error = spsi_stream_flush(stream);
    if (error == SPS_OK) {
        error = filter->operations.shutdown_write(filter->user_data);
    }
    if (error == SPS_OK) {
        close_writing(filter);
        flush_below(stream);
        return SPS_OK;
    }
    if (error == SPS_ERR_BUSY) {
        stream->refused_bytes = stream->write_buffer_bytes; // it needs all of it empty
    }
    if (error == SPS_FAILED) {
        spsi_filter_fail(filter);
        return spsi_stream_fail_put(stream);
    }
    return error == SPS_CUSTOM_NOT_IMPLEMENTED ? SPS_ERR_UNAVAILABLE : error;
}

static void lose_base(sps_stream *stream) {
    spsi_filter *filter = of(stream);
    spsi_filter_record_failure(filter, SPS_CLOSE_LOCAL, NULL);
    if (filter->status == SPS_STATUS_CONNECTING) {
        fail_to_connect(filter, SPS_FAILED);
    } else if (filter->status == SPS_STATUS_CONNECTED) {
        if (!filter->write_closed) {
            spsi_stream_flush(stream);
        }
        call_close(filter);
        spsi_filter_fail(filter);
        stream->read_end = SPS_FAILED;
    }
    spsi_filter_unlink_base(filter);
    spsi_watch_mark_changed(stream->watch);
}

static void destroy(sps_stream *stream) {
    spsi_filter *filter = of(stream);
    close_filter(filter, SPS_STATUS_NONE, SPS_CLOSE_LOCAL);
    spsi_filter_unlink_base(filter);
    if (filter->operations.destroy != NULL) {
        filter->operations.destroy(filter->user_data);
    }
}

// ---- Making one

static const spsi_stream_ops filter_ops = {
    .check = check,
    .read = spsi_filter_read,
    .write = spsi_filter_write,
    .available = spsi_filter_available,
    .ended = ended,
    .destroy = destroy,
    .poll = poll_filter,
    .wait = spsi_filter_wait,
    .flush_below = flush_below,
    .get_state = get_state,
    .lose_base = lose_base,
    .platform = platform_of,
};

sps_error spsi_filter_create(const sps_custom_operations *operations, void *user_data,
                             const sps_stream_options *options, sps_stream **out_stream) {
    sps_stream_options chosen;
    if (spsi_stream_options_read(options, &chosen) != SPS_OK || chosen.io_timeout_ms > INT32_MAX) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_platform *platform = spsi_platform_or_os(chosen.platform);
    if (platform == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    sps_stream *stream;
    const sps_error error =
        spsi_stream_create(options, SPSI_KIND_FILTER, &filter_ops, sizeof(spsi_filter), &stream);
    if (error != SPS_OK) {
        return error;
    }
    spsi_filter *filter = of(stream);
    filter->operations = *operations;
    filter->user_data = user_data;
    filter->platform = platform;
    filter->due_us = filter->retry_us = SPSI_NEVER;
    stream->io_timeout_ms = chosen.io_timeout_ms;
    *out_stream = stream;
    return SPS_OK;
}
