// SPDX-License-Identifier: MIT
#include "watch.h"

#include "../interface/interface.h"

static sps_status status_of(const struct spsi_godot_endpoint *item) {
    sps_status status = SPS_STATUS_NONE;
    sps_socket_get_status(item->stream, &status);
    return status;
}

sps_error spsi_godot_begin_watch(struct spsi_godot_watch *watch) {
    watch->options.struct_size = sizeof watch->options;
    return sps_poller_create(&watch->options, &watch->poller);
}

sps_error spsi_godot_renew_watch(struct spsi_godot_watch *watch) {
    sps_poller *poller;
    if (watch->first != NULL) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    const sps_error error = sps_poller_create(&watch->options, &poller);
    if (error != SPS_OK) {
        return error;
    }
    sps_poller_destroy(watch->poller);
    watch->poller = poller;
    return SPS_OK;
}

void spsi_godot_end_watch(struct spsi_godot_watch *watch) {
    while (watch->first != NULL) {
        spsi_godot_watch_remove(watch, watch->first);
    }
    sps_poller_destroy(watch->poller);
}

static void link_item(struct spsi_godot_watch *watch, struct spsi_godot_endpoint *item) {
    item->watch = watch;
    item->previous = NULL;
    item->next = watch->first;
    if (item->next != NULL) {
        item->next->previous = item;
    }
    watch->first = item;
    watch->count++;
}

static void unlink_item(struct spsi_godot_watch *watch, struct spsi_godot_endpoint *item) {
    if (item->previous != NULL) {
        item->previous->next = item->next;
    } else {
        watch->first = item->next;
    }
    if (item->next != NULL) {
        item->next->previous = item->previous;
    }
    item->watch = NULL;
    item->is_checked = false;
    watch->count--;
}

void spsi_godot_note_connect(struct spsi_godot_endpoint *item, sps_error error) {
    item->has_failed_at_once = error == SPS_FAILED;
    if (item->has_failed_at_once && item->watch != NULL) {
        item->watch->has_failed = true;
    }
}

sps_error spsi_godot_watch_add(struct spsi_godot_watch *watch, struct spsi_godot_endpoint *item) {
    const sps_error error = item->server != NULL
                                ? sps_poller_add_server(watch->poller, item->server, item)
                                : sps_poller_add(watch->poller, item->stream, item);
    if (error != SPS_OK) {
        return error;
    }
    link_item(watch, item);
    godot.ref_set_object(&item->reference, item->head.object);
    watch->has_failed |= item->has_failed_at_once;
    return SPS_OK;
}

static sps_error leave_poller(struct spsi_godot_watch *watch, struct spsi_godot_endpoint *item) {
    const sps_error error = item->server != NULL
                                ? sps_poller_remove_server(watch->poller, item->server)
                                : sps_poller_remove(watch->poller, item->stream);
    unlink_item(watch, item);
    return error;
}

// The last reference ends the object, and with it the place of the reference.
static void release(godot_ref *place) {
    godot_ref reference = *place;
    place->opaque = NULL;
    godot.ref_set_object(&reference, NULL);
}

sps_error spsi_godot_watch_remove(struct spsi_godot_watch *watch,
                                  struct spsi_godot_endpoint *item) {
    if (item->watch != watch) {
        return SPS_ERR_DOES_NOT_EXIST;
    }
    const sps_error error = leave_poller(watch, item);
    release(&item->reference);
    return error;
}

struct spsi_godot_endpoint *spsi_godot_watched(const sps_event *event) {
    return event->user_data;
}

static bool has_unread(sps_stream *stream) {
    const uint8_t *data;
    size_t bytes = 0;
    sps_stream_peek(stream, 0, &data, &bytes);
    return bytes > 0;
}

size_t spsi_godot_failure_count(const struct spsi_godot_watch *watch) {
    size_t count = 0;
    if (watch->has_failed) {
        for (const struct spsi_godot_endpoint *item = watch->first; item != NULL;
             item = item->next) {
            count += item->has_failed_at_once;
        }
    }
    return count;
}

sps_error spsi_godot_next_failure(struct spsi_godot_watch *watch, sps_event *event) {
    struct spsi_godot_endpoint *item = watch->has_failed ? watch->first : NULL;
    while (item != NULL && !item->has_failed_at_once) {
        item = item->next;
    }
    watch->has_failed = item != NULL;
    if (item == NULL) {
        return SPS_ERR_BUSY;
    }
    item->has_failed_at_once = false;
    *event = (sps_event){.struct_size = event->struct_size,
                         .kinds = SPS_EVENT_CLOSED,
                         .stream = item->stream,
                         .user_data = item};
    sps_socket_get_close_reason(item->stream, &event->close_reason);
    return SPS_OK;
}

sps_error spsi_godot_next_event(struct spsi_godot_watch *watch, sps_event *event) {
    const sps_error error = sps_poller_next_event(watch->poller, event);
    if (error == SPS_OK && (event->kinds & SPS_EVENT_FINISHED) != 0 && has_unread(event->stream)) {
        event->kinds |= SPS_EVENT_READABLE;
    }
    return error;
}

void spsi_godot_end_later(struct spsi_godot_endpoint *item) {
    if (item->watch == NULL || status_of(item) != SPS_STATUS_CONNECTED ||
        item->options.half_open != 0) {
        return;
    }
    item->has_met_end = true;
    item->watch->has_checked = true;
}

// The peer closes once every byte is read. An event reports it.
static void drop_rest(struct spsi_godot_endpoint *item) {
    const uint8_t *data;
    size_t bytes;
    while (sps_stream_peek(item->stream, 0, &data, &bytes) == SPS_OK && bytes > 0) {
        sps_stream_consume(item->stream, bytes);
    }
}

void spsi_godot_check_later(struct spsi_godot_endpoint *item) {
    item->has_failed_at_once = false;
    if (item->watch == NULL) {
        return;
    }
    item->is_checked = true;
    item->watch->has_checked = true;
}

static bool is_open(const struct spsi_godot_endpoint *item) {
    const sps_status status = item->stream != NULL ? status_of(item) : SPS_STATUS_CONNECTED;
    return status == SPS_STATUS_CONNECTING || status == SPS_STATUS_CONNECTED;
}

// Moves an item from the watch to the list of closed ones, with the reference.
static void move_to_closed(struct spsi_godot_watch *watch, struct spsi_godot_endpoint *item,
                           struct spsi_godot_endpoint **closed) {
    leave_poller(watch, item);
    item->closed_reference = item->reference;
    item->reference.opaque = NULL;
    item->next_closed = *closed;
    *closed = item;
}

void spsi_godot_sweep(struct spsi_godot_watch *watch) {
    if (!watch->has_checked) {
        return;
    }
    watch->has_checked = false;
    // An object that ends may run a script. It may add and remove the others, sweep, or end the
    // watch. So all closed ones leave first, and their references end after that.
    struct spsi_godot_endpoint *closed = NULL, *next;
    for (struct spsi_godot_endpoint *item = watch->first; item != NULL; item = next) {
        next = item->next;
        if (item->closed_reference.opaque != NULL) { // in the list of a sweep that runs a script
            watch->has_checked |= item->is_checked || item->has_met_end;
            continue;
        }
        if (item->has_met_end && is_open(item)) {
            drop_rest(item);
        }
        item->has_met_end = false;
        if (item->is_checked && !is_open(item)) {
            move_to_closed(watch, item, &closed);
        }
        item->is_checked = false;
    }
    for (; closed != NULL; closed = next) {
        next = closed->next_closed;
        release(&closed->closed_reference);
    }
}
