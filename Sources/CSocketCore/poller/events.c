// SPDX-License-Identifier: MIT
//
// Taking the events of a poller, one by one. Each says what is true when it is taken.
#include "poller/poller.h"

#include "base/sized_struct.h"

// Why a stream is closed, or will be once what it holds was read or sent. A get may have closed it
// since the poller recorded that it had finished.
static sps_close_reason reason_of(const sps_stream *stream, unsigned kinds) {
    if (!(kinds & (SPS_EVENT_FINISHED | SPS_EVENT_CLOSED))) {
        return SPS_CLOSE_NONE;
    }
    spsi_state state;
    stream->ops->get_state(stream, &state);
    if (kinds & SPS_EVENT_CLOSED || state.status != SPS_STATUS_CONNECTED) {
        return state.close_reason;
    }
    const spsi_filter *filter = spsi_filter_of_const(stream);
    return filter != NULL ? spsi_filter_reason_of(filter, stream->read_end)
                          : spsi_socket_reason_of((const spsi_socket *)stream, stream->read_end);
}

static sps_close_reason reason_of_server(unsigned kinds) {
    return kinds & SPS_EVENT_CLOSED ? SPS_CLOSE_FAILED : SPS_CLOSE_NONE;
}

static void describe(const spsi_watch *watch, sps_event *event) {
    event->user_data = watch->user_data;
    event->stream = watch->is_server ? NULL : watch->object;
    event->server = watch->is_server ? watch->object : NULL;
    event->close_reason =
        watch->is_server ? reason_of_server(event->kinds) : reason_of(watch->object, event->kinds);
}

// The connection may have broken since the poller recorded an orderly end. Then this event reports
// the break, and no other one follows.
static void note_break(spsi_watch *watch, const sps_event *event) {
    if ((event->kinds & SPS_EVENT_FINISHED) && event->close_reason != SPS_CLOSE_PEER_FINISHED) {
        watch->reported_end = SPSI_BROKEN_END;
    }
}

// The next that has events still; its kinds are left 0 when there is none.
static void take(sps_poller *poller, sps_event *event) {
    spsi_watch *watch;
    spsi_poller_finish_reported(poller);
    while (event->kinds == 0 && (watch = poller->group.events.first) != NULL) {
        event->kinds = spsi_poller_kinds(watch);
        describe(watch, event);
        note_break(watch, event);
        if (!watch->is_server) {
            ((sps_stream *)watch->object)->has_new_bytes =
                false; // this event covers every byte that is there
        }
        spsi_watch_drop_events(watch);
        spsi_poller_finish_reported(poller); // one that had nothing to tell any more
        poller->group.last_reported = watch;
    }
}

sps_error sps_poller_next_event(sps_poller *poller, sps_event *out_event) {
    if (out_event == NULL || spsi_struct_size(out_event) == 0) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    sps_event event = {0};
    if (poller != NULL) {
        take(poller, &event);
    }
    if (event.kinds == 0) {
        event = (sps_event){0};
    }
    spsi_struct_write(&event, out_event, sizeof event);
    if (poller == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return event.kinds != 0 ? SPS_OK : SPS_ERR_BUSY;
}
