// SPDX-License-Identifier: MIT
//
// How a filter moves bytes through its operations, and waits for its base.
#include "stream/filter.h"

#include <string.h>

#include "platform/calls.h"

static spsi_filter *of(sps_stream *stream) {
    return (spsi_filter *)stream;
}

// ---- Waiting

static uint64_t earlier(uint64_t one_us, uint64_t other_us) {
    return one_us < other_us ? one_us : other_us;
}

static uint64_t now_us(const spsi_filter *filter) {
    return spsi_os_now_us(filter->stream.ops->platform(&filter->stream));
}

// The timeout of a call starts at its first wait. The shortest timeout of all streams down to the
// socket counts. SPSI_NEVER: none has one.
static uint64_t deadline_of(spsi_filter *filter) {
    sps_stream *stream = &filter->stream;
    if (stream->wait_until_us != 0) {
        return stream->wait_until_us;
    }
    uint32_t least_ms = stream->io_timeout_ms;
    for (const sps_stream *base = filter->base; base != NULL;) {
        const uint32_t ms = base->io_timeout_ms;
        least_ms = ms != 0 && (least_ms == 0 || ms < least_ms) ? ms : least_ms;
        const spsi_filter *lower = spsi_filter_of_const(base);
        base = lower != NULL ? lower->base : NULL;
    }
    stream->wait_until_us = least_ms != 0 ? now_us(filter) + (uint64_t)least_ms * 1000 : SPSI_NEVER;
    return stream->wait_until_us;
}

static bool is_late(spsi_filter *filter) {
    const uint64_t deadline_us = deadline_of(filter);
    return deadline_us != SPSI_NEVER && now_us(filter) >= deadline_us;
}

// An operation begins.
static void forget_demands(const spsi_filter *filter) {
    sps_stream *base = filter->base;
    if (base != NULL) {
        base->was_asked = base->was_refused = false;
    }
}

// The events of the base that an operation needs after it has moved nothing. The operation has read
// until the base had no bytes, or the base has refused a put, or both.
static uint8_t demands_since(const spsi_filter *filter) {
    const sps_stream *base = filter->base;
    if (base == NULL) {
        return 0;
    }
    return (uint8_t)((base->was_asked ? SPSI_READABLE : 0U) |
                     (base->was_refused ? SPSI_WRITABLE : 0U));
}

// Translates interests in the filter into interests in its base. Bytes that the filter holds need
// room too, if the base has just refused them.
static unsigned interests_below(const spsi_filter *filter, unsigned interests) {
    unsigned below = demands_since(filter) & SPSI_WRITABLE;
    if (interests & SPSI_READABLE) {
        below |= filter->get_demands != 0 ? filter->get_demands : SPSI_READABLE;
    }
    if (interests & SPSI_WRITABLE) {
        below |= filter->put_demands != 0 ? filter->put_demands : SPSI_WRITABLE;
    }
    return below;
}

// Waits inside a call until the base may move more, or until the time of sps_custom_poll_after().
static sps_error wait_below(spsi_filter *filter, unsigned interests) {
    sps_stream *base = filter->base;
    if (base == NULL || base->ops->wait == NULL) {
        return SPS_ERR_BUSY;
    }
    const uint64_t deadline_us = deadline_of(filter);
    base->wait_until_us = earlier(deadline_us, filter->due_us);
    const sps_error error = base->ops->wait(base, interests_below(filter, interests));
    const bool is_early = error == SPS_ERR_TIMEOUT && now_us(filter) < deadline_us;
    return is_early ? SPS_OK : error;
}

// Calls poll if its time (sps_custom_poll_after()) has come, or if the filter may hold bytes. OK,
// an end, or the code of poll. *out_went: its time has come, so the operation gets another try.
static sps_error advance_inside(spsi_filter *filter, bool *out_went) {
    *out_went = filter->due_us != SPSI_NEVER && now_us(filter) >= filter->due_us;
    if (!*out_went && !filter->may_hold) {
        return SPS_OK;
    }
    filter->due_us = *out_went ? SPSI_NEVER : filter->due_us;
    const sps_error error = spsi_filter_advance(filter);
    return error != SPS_OK ? error : filter->stream.read_end;
}

// Bytes that the caller has put leave before a get waits: the peer may need them to answer. If the
// filter has just taken some, its get is called again first. The deadline is checked first, because
// a filter that always has something to do would never reach the wait.
sps_error spsi_filter_wait(sps_stream *stream, unsigned interests) {
    spsi_filter *filter = of(stream);
    if (stream->ops->check(stream, SPSI_TO_READ) != SPS_OK) {
        return SPS_FAILED;
    }
    if (is_late(filter)) {
        return SPS_ERR_TIMEOUT;
    }
    const size_t size = spsi_byte_queue_size(&stream->out);
    forget_demands(filter);
    if (size > 0 && !filter->write_closed) {
        spsi_stream_flush(stream); // a failure shows in the read
    }
    bool goes_on;
    sps_error error = advance_inside(filter, &goes_on);
    if (error == SPS_OK || error == SPS_ERR_FILE_EOF) {
        error = spsi_stream_drop_ended(stream, &interests);
    }
    goes_on = goes_on || spsi_byte_queue_size(&stream->out) < size ||
              ((interests & SPSI_READABLE) != 0 && !stream->known_empty);
    return error != SPS_OK || goes_on ? error : wait_below(filter, interests);
}

// ---- Moving bytes

// Calls the operation once. A count beyond what was asked for is cut before it does harm.
static sps_error get_once(spsi_filter *filter, uint8_t *buffer, size_t most, size_t *out_count) {
    *out_count = 0;
    if (filter->operations.get_partial_data == NULL) {
        return SPS_CUSTOM_NOT_IMPLEMENTED;
    }
    size_t count = 0;
    forget_demands(filter);
    const sps_error error =
        filter->operations.get_partial_data(filter->user_data, buffer, most, &count);
    filter->get_demands = demands_since(filter);
    *out_count = count < most ? count : most;
    return error;
}

// Whether the base has ended, and the operation has not met that end yet. The operation gets one
// more call. If that moves nothing, the filter fails.
static bool is_end_below(const spsi_filter *filter, sps_error error) {
    return (error == SPS_ERR_FILE_EOF || error == SPS_FAILED) &&
           filter->status == SPS_STATUS_CONNECTED && filter->stream.read_end == SPS_OK &&
           !filter->write_failed;
}

sps_error spsi_filter_read(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                           size_t *out_read) {
    spsi_filter *filter = of(stream);
    bool is_last = false;
    *out_read = 0;
    for (;;) {
        size_t count;
        sps_error error = get_once(filter, buffer + *out_read, most - *out_read, &count);
        *out_read += count;
        if (error == SPS_FAILED) {
            return spsi_filter_fail(filter);
        }
        if (error != SPS_OK && error != SPS_ERR_BUSY) {
            return error == SPS_CUSTOM_NOT_IMPLEMENTED ? SPS_ERR_UNAVAILABLE : error;
        }
        if (count > 0 && *out_read >= least) {
            return SPS_OK;
        }
        if (count > 0) {
            continue;
        }
        stream->known_empty = true;
        if (filter->write_failed || is_last) {
            return SPS_FAILED; // nothing more is expected
        }
        error = least == 0 ? SPS_ERR_BUSY : spsi_filter_wait(stream, SPSI_READABLE);
        is_last = is_end_below(filter, error);
        if (error != SPS_OK && !is_last) {
            return error;
        }
    }
}

static sps_error put_once(spsi_filter *filter, const uint8_t *data, size_t size,
                          size_t *out_count) {
    *out_count = 0;
    if (filter->operations.put_partial_data == NULL) {
        return SPS_CUSTOM_NOT_IMPLEMENTED;
    }
    size_t count = 0;
    forget_demands(filter);
    const sps_error error =
        filter->operations.put_partial_data(filter->user_data, data, size, &count);
    filter->put_demands = demands_since(filter);
    filter->may_hold = filter->may_hold || count > 0;
    *out_count = count < size ? count : size;
    return error;
}

enum { JOINED_BYTES = 1024 };

// The next bytes of the slices behind `skipped` bytes. A short slice goes with a part of the next
// ones: a length and its bytes shall not be two records of the filter.
static spsi_slice next_piece(const spsi_slice *slices, size_t count, size_t skipped,
                             uint8_t *joined) {
    size_t at = 0;
    for (; skipped >= slices[at].size; at++) {
        skipped -= slices[at].size;
    }
    const size_t left = slices[at].size - skipped;
    if (left >= JOINED_BYTES || at + 1 == count) {
        return (spsi_slice){slices[at].data + skipped, left};
    }
    size_t size = 0;
    for (; at < count && size < JOINED_BYTES; at++, skipped = 0) {
        const size_t room = JOINED_BYTES - size, rest = slices[at].size - skipped;
        const size_t part = rest < room ? rest : room;
        if (part > 0) {
            memcpy(joined + size, slices[at].data + skipped, part);
        }
        size += part;
    }
    return (spsi_slice){joined, size};
}

static sps_error wait_to_put(spsi_filter *filter) {
    if (is_late(filter)) {
        return SPS_ERR_TIMEOUT;
    }
    bool goes_on;
    const sps_error error = advance_inside(filter, &goes_on);
    if (error != SPS_OK && error != SPS_ERR_FILE_EOF) {
        return error;
    }
    const sps_error usable = filter->stream.ops->check(&filter->stream, SPSI_TO_WRITE);
    return usable != SPS_OK || goes_on ? usable : wait_below(filter, SPSI_WRITABLE);
}

// Writes as much as moves, and waits for the rest if the call may wait.
static sps_error write_slices(spsi_filter *filter, const spsi_slice *slices, size_t count,
                              spsi_patience patience, size_t *out_written) {
    uint8_t joined[JOINED_BYTES];
    size_t total = 0;
    bool is_last = false;
    for (size_t i = 0; i < count; i++) {
        total += slices[i].size;
    }
    while (*out_written < total) {
        const spsi_slice piece = next_piece(slices, count, *out_written, joined);
        size_t moved;
        sps_error error = put_once(filter, piece.data, piece.size, &moved);
        *out_written += moved;
        if (error != SPS_OK && error != SPS_ERR_BUSY) {
            return error == SPS_CUSTOM_NOT_IMPLEMENTED ? SPS_ERR_UNAVAILABLE : error;
        }
        if (moved > 0) {
            continue;
        }
        if (is_last) {
            return SPS_FAILED;
        }
        error = patience == SPSI_NEVER_WAIT ? SPS_ERR_BUSY : wait_to_put(filter);
        is_last = is_end_below(filter, error);
        if (error != SPS_OK && !is_last) {
            return error;
        }
    }
    return SPS_OK;
}

// A value that was put in part. The rest stays pending, if it can still leave.
static sps_error keep_rest(spsi_filter *filter, const spsi_slice *slices, size_t count,
                           sps_error error, size_t *out_written) {
    if (error == SPS_ERR_TIMEOUT) {
        spsi_filter_record_failure(filter, SPS_CLOSE_PUT_TIMED_OUT, NULL);
        return SPS_FAILED;
    }
    return spsi_stream_keep_rest(&filter->stream, slices, count, out_written) ? SPS_OK : SPS_FAILED;
}

sps_error spsi_filter_write(sps_stream *stream, const spsi_slice *slices, size_t count,
                            spsi_patience patience, size_t *out_written) {
    spsi_filter *filter = of(stream);
    *out_written = 0;
    sps_error error = stream->ops->check(stream, SPSI_TO_WRITE);
    if (error == SPS_OK) {
        error = write_slices(filter, slices, count, patience, out_written);
    }
    if (patience == SPSI_WAIT_WHOLE && *out_written > 0 && error != SPS_OK && error != SPS_FAILED) {
        error = keep_rest(filter, slices, count, error, out_written);
    }
    if (error == SPS_FAILED) {
        // The caller of this operation drops what is pending.
        filter->write_closed = true;
        filter->write_failed = true;
        stream->known_empty = false;
        spsi_stream_forget_refusal(stream);
        spsi_watch_mark_changed(stream->watch);
    }
    return error;
}

sps_error spsi_filter_available(sps_stream *stream, size_t *out_bytes) {
    spsi_filter *filter = of(stream);
    *out_bytes = 0;
    if (filter->status != SPS_STATUS_CONNECTED || filter->operations.get_available_bytes == NULL) {
        return SPS_OK;
    }
    const sps_error error = filter->operations.get_available_bytes(filter->user_data, out_bytes);
    return error == SPS_CUSTOM_NOT_IMPLEMENTED ? SPS_OK : error;
}
