// SPDX-License-Identifier: MIT
//
// Pollers: making and ending them, what is in them, and taking their events. The wait is in
// wait.c.
#include "poller/poller.h"

#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "platform/calls.h"
#include "socket/connecting.h"

enum { DEFAULT_KEPT_BYTES = 1024 * 1024 };

// ---- Making and ending

static void set_up(sps_poller *poller, const sps_poller_options *chosen) {
    spsi_watch_group *group = &poller->group;
    group->work[SPSI_PENDING].lane = SPSI_LANE_WORK;
    group->work[SPSI_READY].lane = SPSI_LANE_WORK;
    group->events.lane = SPSI_LANE_EVENTS;
    group->blocks.allocator = &group->allocator;
    group->blocks.most_bytes =
        chosen->max_kept_bytes != 0 ? chosen->max_kept_bytes : DEFAULT_KEPT_BYTES;
    group->max_read_bytes = chosen->max_read_bytes != 0 ? chosen->max_read_bytes : UINT32_MAX;
    poller->max_events = chosen->max_events != 0 ? chosen->max_events : UINT32_MAX;
    poller->max_time_us = chosen->max_time_us;
}

sps_error sps_poller_create(const sps_poller_options *options, sps_poller **out_poller) {
    if (out_poller == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    *out_poller = NULL;
    sps_poller_options chosen;
    sps_allocator allocator;
    if (!spsi_struct_read(options, &chosen, sizeof chosen) ||
        !spsi_allocator_read(chosen.allocator, &allocator)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    const sps_platform *platform = spsi_platform_or_os(chosen.platform);
    if (platform == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    sps_poller *poller = spsi_allocate_zeroed(&allocator, sizeof *poller);
    if (poller == NULL) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    spsi_watch_group *group = &poller->group;
    group->allocator = allocator;
    group->platform = platform;
    set_up(poller, &chosen);
    const spsi_result result =
        spsi_os_selector_create(group->platform, &group->allocator, &group->selector);
    if (result.code != SPSI_DONE) {
        spsi_free(&allocator, poller, sizeof *poller);
        return spsi_error_of(result);
    }
    *out_poller = poller;
    return SPS_OK;
}

static void remove_watch(spsi_watch *watch);

void sps_poller_destroy(sps_poller *poller) {
    if (poller == NULL) {
        return;
    }
    spsi_watch_group *group = &poller->group;
    while (group->timers.count > 0) {
        remove_watch((spsi_watch *)group->timers.heap[group->timers.count - 1]);
    }
    spsi_os_selector_destroy(group->platform, group->selector);
    spsi_timers_release(&group->timers, &group->allocator);
    spsi_block_pool_release(&group->blocks);
    const sps_allocator allocator = group->allocator;
    spsi_free(&allocator, poller, sizeof *poller);
}

// ---- Adding and removing

static bool is_same_allocator(const sps_allocator *one, const sps_allocator *other) {
    return one->reallocate == other->reallocate && one->user_data == other->user_data;
}

static sps_error begin_to_watch(spsi_watch *watch, spsi_socket *socket) {
    if (socket->status != SPS_STATUS_CONNECTED) {
        return spsi_connecting_set_watched(socket, true);
    }
    return spsi_error_of(
        spsi_watch_set_interests(watch, socket->handle, spsi_poller_interest_in_reading(socket)));
}

static void detach_stream(spsi_watch *watch, spsi_socket *socket) {
    const bool was_batching = watch->was_batching;
    if (spsi_poller_kinds(watch) & SPS_EVENT_WRITABLE) {
        socket->stream.refused_bytes = 1; // nobody has learned of the room
    }
    spsi_connecting_set_watched(socket, false);
    if (socket->handle != SPSI_NO_HANDLE) {
        spsi_socket_unwatch(socket);
    }
    socket->stream.watch = NULL;
    spsi_watch_end(watch);
    if (!was_batching) {
        sps_stream_set_write_batching(&socket->stream, false); // stays on while bytes wait
    }
}

static void detach_server(spsi_watch *watch, sps_server *server) {
    if (server->handle != SPSI_NO_HANDLE) {
        spsi_watch_set_interests(watch, server->handle, 0);
    }
    server->watch = NULL;
    spsi_watch_end(watch);
}

static void remove_watch(spsi_watch *watch) {
    if (watch->is_server) {
        detach_server(watch, watch->object);
    } else {
        detach_stream(watch, watch->object);
    }
}

sps_error sps_poller_add(sps_poller *poller, sps_stream *stream, void *user_data) {
    spsi_socket *socket = spsi_any_socket_of(stream);
    if (poller == NULL || socket == NULL) {
        return poller == NULL ? SPS_ERR_INVALID_PARAMETER : spsi_socket_wrong_kind(stream);
    }
    spsi_watch_group *group = &poller->group;
    if (stream->watch != NULL) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    if (socket->platform != group->platform) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_watch *watch = &socket->watch;
    if (!spsi_watch_begin(watch, group, socket, false, user_data)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    watch->shares_blocks = is_same_allocator(&stream->allocator, &group->allocator);
    watch->status = (uint8_t)socket->status;
    watch->was_batching = stream->batching;
    stream->watch = watch;
    const sps_error error = begin_to_watch(watch, socket);
    if (error != SPS_OK) {
        remove_watch(watch);
        return error;
    }
    stream->batching = true;
    stream->has_new_bytes = true;
    stream->known_empty =
        !socket->write_failed; // the selector reports bytes in the socket, but not these
    spsi_watch_mark_changed(watch);
    return SPS_OK;
}

sps_error sps_poller_add_server(sps_poller *poller, sps_server *server, void *user_data) {
    if (poller == NULL || server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (server->watch != NULL) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    if (server->platform != poller->group.platform) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_watch *watch = &server->own_watch;
    if (!spsi_watch_begin(watch, &poller->group, server, true, user_data)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    server->watch = watch;
    spsi_watch_mark_changed(watch);
    return SPS_OK;
}

static sps_error remove_from(sps_poller *poller, spsi_watch *watch) {
    if (watch == NULL || watch->group != &poller->group) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    remove_watch(watch);
    return SPS_OK;
}

sps_error sps_poller_remove(sps_poller *poller, sps_stream *stream) {
    if (poller == NULL || stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return remove_from(poller, stream->watch);
}

sps_error sps_poller_remove_server(sps_poller *poller, sps_server *server) {
    if (poller == NULL || server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    return remove_from(poller, server->watch);
}

// ---- Taking events

// Why a stream is closed, or will be once what it holds was read or sent. A get may have closed it
// since the poller recorded that it had finished.
static sps_close_reason reason_of(const spsi_socket *socket, unsigned kinds) {
    if (!(kinds & (SPS_EVENT_FINISHED | SPS_EVENT_CLOSED))) {
        return SPS_CLOSE_NONE;
    }
    return kinds & SPS_EVENT_CLOSED || socket->status != SPS_STATUS_CONNECTED
               ? socket->close_reason
               : spsi_socket_reason_of(socket, socket->stream.read_end);
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
