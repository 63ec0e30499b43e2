// SPDX-License-Identifier: MIT
//
// How a filter moves bytes through its operations, and waits for its base.
#include "platform/calls.h"
#include "stream/filter.h"

static spsi_filter *of(sps_stream *stream) {
    return (spsi_filter *)stream;
}

// ---- Waiting

// Waits inside a call until the base may move more. The deadline of the call goes down with it.
static sps_error wait_below(spsi_filter *filter, spsi_purpose purpose) {
    sps_stream *stream = &filter->stream;
    sps_stream *base = filter->base;
    if (base == NULL || base->ops->wait == NULL) {
        return SPS_ERR_BUSY;
    }
    if (stream->io_timeout_ms != 0 && stream->wait_until_us == 0) {
        const uint64_t time_us = (uint64_t)stream->io_timeout_ms * 1000;
        stream->wait_until_us = spsi_os_now_us(stream->ops->platform(stream)) + time_us;
    }
    base->wait_until_us = stream->wait_until_us;
    const sps_error error = base->ops->wait(base, purpose);
    stream->wait_until_us = base->wait_until_us;
    return error;
}

sps_error spsi_filter_wait(sps_stream *stream, spsi_purpose purpose) {
    spsi_filter *filter = of(stream);
    if (stream->ops->check(stream, SPSI_TO_READ) != SPS_OK) {
        return SPS_FAILED;
    }
    if (!filter->write_closed) {
        spsi_stream_flush(stream); // the peer may need it to answer; a failure shows in the read
    }
    return wait_below(filter, purpose);
}

// ---- Moving bytes

// Calls the operation once. A count beyond what was asked for is cut before it does harm.
static sps_error get_once(spsi_filter *filter, uint8_t *buffer, size_t most, size_t *out_count) {
    *out_count = 0;
    if (filter->operations.get_partial_data == NULL) {
        return SPS_CUSTOM_NOT_IMPLEMENTED;
    }
    size_t count = 0;
    const sps_error error =
        filter->operations.get_partial_data(filter->user_data, buffer, most, &count);
    *out_count = count < most ? count : most;
    return error;
}

sps_error spsi_filter_read(sps_stream *stream, uint8_t *buffer, size_t least, size_t most,
                           size_t *out_read) {
    spsi_filter *filter = of(stream);
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
        if (filter->write_failed) {
            return SPS_FAILED; // nothing more is expected
        }
        error = least == 0 ? SPS_ERR_BUSY : spsi_filter_wait(stream, SPSI_TO_READ);
        if (error != SPS_OK) {
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
    const sps_error error =
        filter->operations.put_partial_data(filter->user_data, data, size, &count);
    filter->may_hold = filter->may_hold || count > 0;
    *out_count = count < size ? count : size;
    return error;
}

// Writes as much of a piece as moves, and waits for the rest if the call may wait.
static sps_error write_piece(spsi_filter *filter, const spsi_slice *slice, spsi_patience patience,
                             size_t *out_written) {
    *out_written = 0;
    while (*out_written < slice->size) {
        size_t count;
        sps_error error =
            put_once(filter, slice->data + *out_written, slice->size - *out_written, &count);
        *out_written += count;
        if (error == SPS_CUSTOM_NOT_IMPLEMENTED) {
            return SPS_ERR_UNAVAILABLE;
        }
        if (error != SPS_OK && error != SPS_ERR_BUSY) {
            return error;
        }
        if (count > 0) {
            continue;
        }
        error = patience == SPSI_NEVER_WAIT ? SPS_ERR_BUSY : wait_below(filter, SPSI_TO_WRITE);
        if (error != SPS_OK) {
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
    for (size_t i = 0; i < count && error == SPS_OK; i++) {
        size_t written;
        error = write_piece(filter, &slices[i], patience, &written);
        *out_written += written;
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
