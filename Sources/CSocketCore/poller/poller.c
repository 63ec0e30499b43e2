// SPDX-License-Identifier: MIT
//
// Pollers: making and ending them, and what is in them. The wait is in wait.c, the taking of events
// in events.c.
#include "poller/poller.h"

#include <assert.h>
#include <string.h>

#include "base/memory.h"
#include "base/sized_struct.h"
#include "platform/calls.h"
#include "socket/connecting.h"

enum { DEFAULT_KEPT_BYTES = 1024 * 1024 };

static sps_error adopt_below(spsi_watch *above, sps_stream *base);
static void release_below(spsi_watch *below);
static sps_error begin_to_watch(spsi_watch *watch, sps_stream *stream);
static void detach_base(sps_stream *base);

// ---- Making and ending

static void set_up(sps_poller *poller, const sps_poller_options *chosen) {
    spsi_watch_group *group = &poller->group;
    for (int i = 0; i < SPSI_WORK_LISTS; i++) {
        group->work[i].lane = SPSI_LANE_WORK;
    }
    group->adopt = adopt_below;
    group->release = release_below;
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

// The watch of the stream that the caller has added.
static spsi_watch *uppermost(spsi_watch *watch) {
    while (watch->is_below) {
        watch = watch->user_data;
    }
    return watch;
}

void sps_poller_destroy(sps_poller *poller) {
    if (poller == NULL) {
        return;
    }
    spsi_watch_group *group = &poller->group;
    assert(!group->is_waiting);
    while (group->timers.count > 0) {
        remove_watch(uppermost((spsi_watch *)group->timers.heap[group->timers.count - 1]));
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

static sps_error begin_to_watch_socket(spsi_watch *watch, spsi_socket *socket) {
    if (socket->status != SPS_STATUS_CONNECTED) {
        return spsi_connecting_set_watched(socket, true);
    }
    return spsi_error_of(
        spsi_watch_set_interests(watch, socket->handle, spsi_poller_interest_in_reading(socket)));
}

static void stop_watching(spsi_socket *socket) {
    spsi_connecting_set_watched(socket, false);
    if (socket->handle != SPSI_NO_HANDLE) {
        spsi_socket_unwatch(socket);
    }
}

static void detach_stream(spsi_watch *watch, sps_stream *stream) {
    const bool was_batching = watch->was_batching;
    if (spsi_poller_kinds(watch) & SPS_EVENT_WRITABLE) {
        stream->refused_bytes = 1; // nobody has learned of the room
    }
    const spsi_filter *filter = spsi_filter_of(stream);
    if (filter == NULL) {
        stop_watching((spsi_socket *)stream);
    }
    stream->watch = NULL;
    spsi_watch_end(watch);
    if (!was_batching) {
        sps_stream_set_write_batching(stream, false); // stays on while bytes wait
    }
    if (filter != NULL && filter->base != NULL) {
        detach_base(filter->base);
    }
}

// The base of a filter that leaves the poller. It is not in the poller if it could not be added.
static void detach_base(sps_stream *base) {
    if (base->watch != NULL && base->watch->is_below) {
        detach_stream(base->watch, base);
    }
}

static void release_below(spsi_watch *below) {
    detach_stream(below, below->object);
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

static spsi_watch *watch_of(sps_stream *stream) {
    spsi_filter *filter = spsi_filter_of(stream);
    return filter != NULL ? &filter->watch : &((spsi_socket *)stream)->watch;
}

// A filter has the platform of its base, which is asked next.
static bool is_of_platform(const sps_stream *stream, const sps_platform *platform) {
    return stream->kind == SPSI_KIND_FILTER || stream->ops->platform(stream) == platform;
}

// Adds a stream: the caller's, or the base of the filter whose watch is `above`.
static sps_error attach_stream(spsi_watch_group *group, sps_stream *stream, spsi_watch *above,
                               void *user_data) {
    if (stream->ops->platform == NULL) {
        return SPS_ERR_UNAVAILABLE;
    }
    if (stream->watch != NULL) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    if (!is_of_platform(stream, group->platform)) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    spsi_watch *watch = watch_of(stream);
    if (!spsi_watch_begin(watch, group, stream, false, above != NULL ? above : user_data)) {
        return SPS_ERR_OUT_OF_MEMORY;
    }
    spsi_state state;
    stream->ops->get_state(stream, &state);
    watch->is_filter = stream->kind == SPSI_KIND_FILTER;
    watch->is_below = above != NULL;
    watch->shares_blocks = is_same_allocator(&stream->allocator, &group->allocator);
    watch->status = (uint8_t)state.status;
    watch->was_batching = stream->batching;
    stream->watch = watch;
    const sps_error error = begin_to_watch(watch, stream);
    if (error != SPS_OK) {
        detach_stream(watch, stream);
        return error;
    }
    stream->batching = true;
    stream->has_new_bytes = true;
    spsi_watch_mark_changed(watch);
    return SPS_OK;
}

static sps_error adopt_below(spsi_watch *above, sps_stream *base) {
    return attach_stream(above->group, base, above, NULL);
}

// The selector reports bytes in a socket. It does not report those that a filter holds, nor those
// behind a failed write.
static sps_error begin_to_watch(spsi_watch *watch, sps_stream *stream) {
    spsi_filter *filter = spsi_filter_of(stream);
    if (filter == NULL) {
        spsi_socket *socket = (spsi_socket *)stream;
        stream->known_empty = !socket->write_failed;
        return begin_to_watch_socket(watch, socket);
    }
    stream->known_empty = false;
    return filter->base != NULL ? adopt_below(watch, filter->base) : SPS_OK;
}

sps_error sps_poller_add(sps_poller *poller, sps_stream *stream, void *user_data) {
    if (poller == NULL || stream == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (poller->group.is_waiting) {
        return SPS_ERR_BUSY;
    }
    return attach_stream(&poller->group, stream, NULL, user_data);
}

sps_error sps_poller_add_server(sps_poller *poller, sps_server *server, void *user_data) {
    if (poller == NULL || server == NULL) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (poller->group.is_waiting) {
        return SPS_ERR_BUSY;
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
    if (watch == NULL || watch->group != &poller->group || watch->is_below) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    if (poller->group.is_waiting) {
        return SPS_ERR_BUSY;
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
