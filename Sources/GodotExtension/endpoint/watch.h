// SPDX-License-Identifier: MIT
//
// A poller with its peers and servers: the common part of SPSPoller and SPSNetworkLoop.
//
// It keeps a reference to each of them. A peer that is closed leaves it, so that a script may
// forget the peer. A peer that has not connected yet stays.
#ifndef SPS_GODOT_WATCH_H
#define SPS_GODOT_WATCH_H

#include "endpoint.h"

struct spsi_godot_watch {
    sps_poller *poller;
    sps_poller_options options;        // of the poller
    struct spsi_godot_endpoint *first; // of the list
    size_t count;
    bool has_checked; // an endpoint of the list is to be checked
    bool has_failed;  // an endpoint of the list has failed at once
};

// An instance of SPSPoller and of SPSNetworkLoop.
struct spsi_godot_watcher {
    struct spsi_godot_object head;
    struct spsi_godot_watch watch;
};

// Begins a zeroed watch.
sps_error spsi_godot_begin_watch(struct spsi_godot_watch *watch);

// A new poller in place of the old one, after a change of the options.
//
// Returns ERR_ALREADY_IN_USE: something is in it. Nothing changes on failure.
sps_error spsi_godot_renew_watch(struct spsi_godot_watch *watch);

// Removes everything, and ends it.
void spsi_godot_end_watch(struct spsi_godot_watch *watch);

sps_error spsi_godot_watch_add(struct spsi_godot_watch *watch, struct spsi_godot_endpoint *item);

// Removes a peer or server. Its object may end in this call.
//
// Returns ERR_DOES_NOT_EXIST: it is not there.
sps_error spsi_godot_watch_remove(struct spsi_godot_watch *watch, struct spsi_godot_endpoint *item);

// Returns the peer or server of an event.
struct spsi_godot_endpoint *spsi_godot_watched(const sps_event *event);

// Takes the next event. One that reports the end is also SPS_EVENT_READABLE while bytes are unread.
// So a script reads them, and sees that a value is not complete.
sps_error spsi_godot_next_event(struct spsi_godot_watch *watch, sps_event *event);

// A read of a connected peer failed, so nothing more will come. The next sweep drops the bytes of
// an incomplete value. Otherwise they would keep the peer open for ever.
void spsi_godot_end_later(struct spsi_godot_endpoint *item);

// A call to connect has returned this code. If it failed at once, the poller hears of no socket.
// Then the next wait reports it, or the first one after the peer is added.
void spsi_godot_note_connect(struct spsi_godot_endpoint *item, sps_error error);

// Returns how many connects have failed at once, and were not reported yet.
size_t spsi_godot_failure_count(const struct spsi_godot_watch *watch);

// Takes an event that reports one of them. ERR_BUSY: none is left.
sps_error spsi_godot_next_failure(struct spsi_godot_watch *watch, sps_event *event);

// The next sweep looks whether it is still open. It need not be in a watch.
void spsi_godot_check_later(struct spsi_godot_endpoint *item);

// Removes the checked peers that are not open, and drops what is left of an incomplete value.
void spsi_godot_sweep(struct spsi_godot_watch *watch);

#endif
