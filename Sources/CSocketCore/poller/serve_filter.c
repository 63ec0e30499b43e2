// SPDX-License-Identifier: MIT
//
// How a poller serves a filter: advance, write, read, close, in this order. A filter is never in
// the selector. It is served with the events of the stream below, at its own time, or after a
// change by the caller.
#include "poller/poller.h"

#include <assert.h>

// Whether a read may bring bytes. While it connects: whether it may go on.
static bool has_more(const spsi_filter *filter) {
    const sps_stream *stream = &filter->stream;
    return spsi_filter_is_open(filter) && stream->read_end == SPS_OK &&
           (!stream->known_empty || stream->inline_count > 0);
}

static bool may_read(const spsi_filter *filter) {
    return has_more(filter) && spsi_stream_room(&filter->stream) > 0;
}

// ---- Events

static spsi_reported_end known_end(const spsi_filter *filter) {
    const sps_error end = filter->stream.read_end;
    if ((filter->write_failed && !may_read(filter)) || (end != SPS_OK && end != SPS_ERR_FILE_EOF)) {
        return SPSI_BROKEN_END;
    }
    return end == SPS_OK ? SPSI_NO_END : SPSI_ORDERLY_END;
}

static void report_changes(spsi_watch *watch, spsi_filter *filter) {
    unsigned events = spsi_poller_change_of_status(watch, filter->status);
    if (filter->status == SPS_STATUS_CONNECTED) {
        events |= spsi_poller_change_of_stream(watch, &filter->stream) |
                  spsi_poller_change_of_end(watch, known_end(filter)) |
                  spsi_poller_change_below(watch, spsi_filter_is_at_end(filter));
    }
    spsi_watch_report(watch, events);
}

// ---- Moving bytes

static sps_error write_out(spsi_filter *filter) {
    sps_stream *stream = &filter->stream;
    if (filter->write_closed) {
        return SPS_OK;
    }
    if (spsi_byte_queue_size(&stream->out) > 0) {
        return spsi_stream_flush(stream);
    }
    if (stream->out.block != NULL) {
        spsi_stream_give_back(stream, &stream->out);
    }
    return SPS_OK;
}

// Reads until the filter holds nothing more, there is no room, or the share of this round is used
// up. One round may serve a filter several times. ERR_BUSY: an operation has failed for now.
static sps_error read_in(const sps_poller *poller, spsi_filter *filter) {
    sps_stream *stream = &filter->stream;
    const size_t share = poller->group.max_read_bytes;
    if (filter->turn != poller->turn) {
        filter->turn = poller->turn;
        stream->turn_bytes = 0;
    }
    while (may_read(filter) && stream->turn_bytes < share) {
        const size_t space = spsi_stream_room(stream), left = share - stream->turn_bytes;
        const size_t before = spsi_byte_queue_size(&stream->in);
        const sps_error error = spsi_stream_read_ready(stream, space < left ? space : left);
        if (error != SPS_OK) {
            return error;
        }
        if (spsi_byte_queue_size(&stream->in) == before) {
            return has_more(filter) ? SPS_ERR_BUSY : SPS_OK;
        }
    }
    return SPS_OK;
}

// Any code but OK: the poller tries again after a rest.
static sps_error transfer(const sps_poller *poller, spsi_filter *filter, bool reads) {
    sps_stream *stream = &filter->stream;
    const sps_error written = write_out(filter);
    const sps_error read = reads ? read_in(poller, filter) : SPS_OK;
    spsi_filter_settle_end(filter);
    if (spsi_byte_queue_size(&stream->in) == 0 && stream->in.block != NULL) {
        spsi_stream_give_back(stream, &stream->in);
    }
    spsi_stream_trim(stream, SPSI_MOST_BLOCK_BYTES);
    const bool is_usual = written == SPS_ERR_BUSY || written == SPS_FAILED;
    return written == SPS_OK || is_usual ? read : written;
}

// ---- The next turn

static bool is_drained(const spsi_filter *filter) {
    const sps_stream *stream = &filter->stream;
    return filter->status == SPS_STATUS_CONNECTED && stream->read_end == SPS_OK &&
           stream->known_empty;
}

// Unlike a socket's, the time of a filter is exact: an operation counts on it.
static void set_own_timer(sps_poller *poller, spsi_watch *watch, spsi_filter *filter,
                          bool is_short) {
    uint64_t due_us = filter->due_us < filter->retry_us ? filter->due_us : filter->retry_us;
    if (is_short) {
        const uint64_t rest_us = spsi_poller_now(poller) + SPSI_REST_US;
        due_us = rest_us < due_us ? rest_us : due_us;
    }
    if (due_us != watch->timer.due_us) {
        spsi_timers_set(&watch->group->timers, &watch->timer, due_us);
    }
}

static void reschedule(sps_poller *poller, spsi_watch *watch, spsi_filter *filter, bool is_short) {
    const bool holds = filter->stream.in.block != NULL && watch->events == 0;
    // As a socket that waits for bytes. The selector never sees it.
    watch->interests = is_drained(filter) ? SPSI_READABLE : 0;
    watch->changed = false;
    watch->ready_mask = 0;
    set_own_timer(poller, watch, filter, is_short);
    spsi_watch_set_work(watch, SPSI_IDLE); // the others come first
    if (is_short) {
        return;
    }
    if (may_read(filter)) {
        spsi_watch_set_work(watch, SPSI_READY);
    } else if (holds) {
        spsi_watch_set_work(watch, SPSI_HOLDING);
    }
}

// ---- Serving

static void take_due_times(const sps_poller *poller, spsi_filter *filter) {
    if (filter->due_us == SPSI_NEVER && filter->retry_us == SPSI_NEVER) {
        return;
    }
    const uint64_t now_us = spsi_poller_now(poller);
    filter->retry_us = filter->retry_us <= now_us ? SPSI_NEVER : filter->retry_us;
    if (filter->due_us <= now_us) {
        filter->due_us = SPSI_NEVER;
        filter->stream.known_empty = false; // the poll may bring bytes
    }
}

// The operations have put bytes into the stream below, which leave. They have also made room there.
static void finish_below(const spsi_filter *filter) {
    sps_stream *base = filter->base;
    if (base != NULL && base->watch != NULL && base->watch->is_below) {
        spsi_poller_send(base->watch);
        spsi_poller_finish(base->watch);
    }
}

void spsi_poller_serve_filter(sps_poller *poller, spsi_watch *watch, bool reads) {
    spsi_filter *filter = watch->object;
    assert(filter->stream.watch == watch);
    sps_error error = SPS_OK;
    if (!(watch->events & SPS_EVENT_WRITABLE)) {
        filter->stream.may_retry = false; // the caller knew of the room, and has had its turn
    }
    if (reads) {
        take_due_times(poller, filter);
        error = spsi_filter_advance(filter);
        error = error == SPS_ERR_CONNECTION_ERROR ? SPS_OK : error;
        if (filter->status == SPS_STATUS_CONNECTING) {
            filter->stream.known_empty = true; // until the base has an event
        }
        report_changes(watch, filter);
    }
    if (filter->status == SPS_STATUS_CONNECTED) {
        const sps_error moved = transfer(poller, filter, reads);
        error = error == SPS_OK ? moved : error;
    }
    report_changes(watch, filter);
    if (watch->is_below && (watch->ready_mask & SPSI_WRITABLE)) {
        spsi_watch_report(watch, SPS_EVENT_WRITABLE); // the one above may wait for the socket
    }
    reschedule(poller, watch, filter, error != SPS_OK);
    finish_below(filter);
}

void spsi_poller_send_of_filter(const spsi_watch *watch) {
    spsi_filter *filter = watch->object;
    if (filter->status == SPS_STATUS_CONNECTED) {
        write_out(filter);
    }
    if (filter->base != NULL && filter->base->watch != NULL && filter->base->watch->is_below) {
        spsi_poller_send(filter->base->watch);
    }
}
