// SPDX-License-Identifier: MIT
//
// The calls of custom.h that are for filters: opening over a base, and what operations call.
#include <assert.h>

#include "platform/calls.h"
#include "stream/filter.h"

static sps_error wrong_kind(const sps_stream *stream) {
    return stream == NULL ? SPS_ERR_INVALID_PARAMETER : SPS_ERR_UNAVAILABLE;
}

// Whether `base` is the filter, or stands over it.
static bool is_circle(const sps_stream *base, const sps_stream *filter) {
    while (base != NULL && base != filter) {
        const spsi_filter *upper = spsi_filter_of_const(base);
        base = upper != NULL ? upper->base : NULL;
    }
    return base != NULL;
}

void spsi_filter_unlink_base(spsi_filter *filter) {
    sps_stream *base = filter->base;
    if (base == NULL) {
        return;
    }
    filter->base = NULL;
    base->above = NULL;
    if (base->watch != NULL && base->watch->is_below) {
        base->watch->group->release(base->watch);
    }
}

static sps_error take_base(spsi_filter *filter, sps_stream *base) {
    if (base == filter->base) {
        return SPS_OK;
    }
    if (base != NULL && is_circle(base, &filter->stream)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (base != NULL && base->above != NULL) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    spsi_watch *watch = filter->stream.watch;
    const sps_error error =
        watch != NULL && base != NULL ? watch->group->adopt(watch, base) : SPS_OK;
    if (error != SPS_OK) {
        return error;
    }
    spsi_filter_unlink_base(filter);
    filter->base = base;
    if (base != NULL) {
        base->above = &filter->stream;
    }
    return SPS_OK;
}

sps_error sps_custom_open(sps_stream *stream, sps_stream *base) {
    spsi_filter *filter = spsi_filter_of(stream);
    if (filter == NULL) {
        return wrong_kind(stream);
    }
    if (spsi_filter_is_open(filter)) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    const sps_error error = take_base(filter, base);
    if (error != SPS_OK) {
        return error;
    }
    assert(!filter->owes_close && spsi_byte_queue_size(&stream->in) == 0);
    filter->status = SPS_STATUS_CONNECTING;
    filter->close_reason = SPS_CLOSE_NONE;
    filter->failure = SPS_CLOSE_NONE;
    filter->message = NULL;
    filter->owes_close = true;
    stream->known_empty = false;
    if (stream->watch != NULL) { // the poller reports what comes of it, also if it is here at once
        spsi_watch_drop_events(stream->watch);
        stream->watch->status = SPS_STATUS_CONNECTING;
        stream->watch->reported_end = SPSI_NO_END;
    }
    spsi_filter_advance(filter);
    stream->ops->flush_below(stream);
    spsi_watch_mark_changed(stream->watch);
    return SPS_OK;
}

sps_error sps_custom_get_base(const sps_stream *stream, sps_stream **out_base) {
    const spsi_filter *filter = spsi_filter_of_const(stream);
    if (out_base == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_base = filter != NULL ? filter->base : NULL;
    return filter != NULL ? SPS_OK : wrong_kind(stream);
}

sps_error sps_custom_set_failure(sps_stream *stream, sps_close_reason reason, const char *message) {
    spsi_filter *filter = spsi_filter_of(stream);
    if (filter == NULL) {
        return wrong_kind(stream);
    }
    if (spsi_filter_is_open(filter)) {
        spsi_filter_record_failure(filter, reason, message);
    }
    return SPS_OK;
}

sps_error sps_custom_poll_after(sps_stream *stream, int32_t delay_ms) {
    spsi_filter *filter = spsi_filter_of(stream);
    if (filter == NULL) {
        return wrong_kind(stream);
    }
    if (delay_ms < -1) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const uint64_t time_us = (uint64_t)delay_ms * 1000;
    filter->due_us =
        delay_ms < 0 ? SPSI_NEVER : spsi_os_now_us(stream->ops->platform(stream)) + time_us;
    spsi_watch_mark_changed(stream->watch);
    return SPS_OK;
}

sps_error sps_custom_get_time_us(const sps_stream *stream, uint64_t *out_us) {
    const spsi_filter *filter = spsi_filter_of_const(stream);
    if (out_us == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_us = filter != NULL ? spsi_os_now_us(stream->ops->platform(stream)) : 0;
    return filter != NULL ? SPS_OK : wrong_kind(stream);
}
