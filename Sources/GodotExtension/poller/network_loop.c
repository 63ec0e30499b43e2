// SPDX-License-Identifier: MIT
//
// SPSNetworkLoop: a node that waits once a frame for all its peers and servers, without blocking,
// and emits a signal for each event. A handler may do everything, also free the node.
#include <stdio.h>

#include "../endpoint/watch.h"
#include "../interface/interface.h"
#include "../interface/methods.h"
#include "../peer/peer.h"
#include "../server/server.h"
#include "../values/types.h"
#include "poller.h"

#define PEER SPS_PARAMETER("peer", SPS_OBJECT("SPSStreamPeerSocket"))
#define REASON SPS_PARAMETER("reason", SPS_ENUM("SPSStreamPeerSocket.CloseReason"))

enum { CONNECTED, READABLE, WRITABLE, FINISHED, CLOSED, CONNECTION_AVAILABLE };

static struct spsi_godot_signal signals[] = {
    [CONNECTED] = {"connected", {0}, false, 1, {PEER}},
    [READABLE] = {"readable", {0}, false, 1, {PEER}},
    [WRITABLE] = {"writable", {0}, false, 1, {PEER}},
    [FINISHED] = {"finished", {0}, false, 2, {PEER, REASON}},
    [CLOSED] = {"closed", {0}, false, 3, {PEER, REASON, {"message", SPS_STRING, {0}}}},
    [CONNECTION_AVAILABLE] =
        {"connection_available", {0}, false, 1, {{"server", SPS_OBJECT("SPSSocketServer"), {0}}}},
};

// Node.NOTIFICATION_INTERNAL_PROCESS. It comes once a frame, also if a script extends the class and
// has a _process() of its own.
#define INTERNAL_PROCESS 25

static void begin(void *instance) {
    struct spsi_godot_watcher *self = instance;
    const godot_bool enabled = true;
    const void *const arguments[] = {&enabled};
    spsi_godot_begin_watch(&self->watch);
    godot.object_method_bind_ptrcall(godot_methods.set_process_internal, self->head.object,
                                     arguments, NULL);
}

static void end(void *self) {
    spsi_godot_end_watch(&((struct spsi_godot_watcher *)self)->watch);
}

// Emits one signal, with as many of its arguments as it has. Returns whether the node exists.
static bool emit(struct spsi_godot_watcher *self, int signal, struct spsi_godot_endpoint *item,
                 const sps_event *event) {
    godot_variant arguments[SPS_MOST_PARAMETERS];
    const uint32_t count = signals[signal].parameter_count;
    spsi_godot_to_variant(GODOT_OBJECT, &item->head.object, &arguments[0]);
    if (count > 1) {
        int64_t reason = event->close_reason;
        spsi_godot_to_variant(GODOT_INT, &reason, &arguments[1]);
    }
    if (count > 2) {
        godot_string message;
        spsi_godot_make(GODOT_STRING, &message);
        spsi_godot_set_close_message(&message, event->stream, event->close_reason);
        spsi_godot_to_variant(GODOT_STRING, &message, &arguments[2]);
        spsi_godot_destroy(GODOT_STRING, &message);
    }
    return spsi_godot_emit(&self->head, &signals[signal], arguments);
}

// Emits the signals of one peer or server. A handler may remove it: then the others are dropped.
static void serve(struct spsi_godot_watcher *self, struct spsi_godot_endpoint *item,
                  const sps_event *event) {
    for (int signal = CONNECTED; signal <= CONNECTION_AVAILABLE; signal++) {
        if ((event->kinds & (1u << signal)) == 0) { // the signals have the order of the bits
            continue;
        }
        if (!emit(self, signal, item, event) || item->watch != &self->watch) {
            return;
        }
    }
    if ((event->kinds & SPS_EVENT_CLOSED) != 0) {
        spsi_godot_check_later(item);
    }
}

// serve() for the event of a peer or server that may have no other reference. The last one ends it,
// and a script that hears of that may end the node.
static bool serve_alive(struct spsi_godot_watcher *self, const sps_event *event) {
    const uint64_t id = godot.object_get_instance_id(self->head.object);
    struct spsi_godot_endpoint *item = spsi_godot_watched(event);
    godot_ref kept = {NULL};
    godot.ref_set_object(&kept, item->head.object);
    serve(self, item, event);
    godot.ref_set_object(&kept, NULL);
    return godot.object_get_instance_from_id(id) != NULL;
}

static void process(struct spsi_godot_watcher *self) {
    sps_event event = {.struct_size = sizeof event};
    const sps_error error = sps_poller_wait(self->watch.poller, 0, NULL);
    if (error != SPS_OK) {
        spsi_godot_complain(&self->head, "wait", sps_error_message(error));
    }
    // A handler that connects again may fail at once again. The next frame reports that.
    size_t failures = spsi_godot_failure_count(&self->watch);
    while (spsi_godot_next_event(&self->watch, &event) == SPS_OK) {
        if (!serve_alive(self, &event)) {
            return;
        }
    }
    for (; failures > 0 && spsi_godot_next_failure(&self->watch, &event) == SPS_OK; failures--) {
        if (!serve_alive(self, &event)) {
            return;
        }
    }
    spsi_godot_sweep(&self->watch);
}

static void notify(void *self, int32_t notification, godot_bool reversed) {
    (void)reversed;
    if (notification == INTERNAL_PROCESS) {
        process(self);
    }
}

// The argument as an instance of a class, or NULL and an error.
static struct spsi_godot_endpoint *find(struct spsi_godot_watcher *self, const char *method,
                                        const void *argument,
                                        const struct spsi_godot_class *class) {
    struct spsi_godot_endpoint *item = spsi_godot_find(*(godot_object *const *)argument, class);
    if (item == NULL) {
        char message[96];
        snprintf(message, sizeof message, "The argument is null, or no %s.", class->name);
        spsi_godot_complain(&self->head, method, message);
    }
    return item;
}

#define ADD_AND_REMOVE(kind)                                                                       \
    static void add_##kind(void *self, const void *const *arguments, void *result) {               \
        struct spsi_godot_watcher *loop = self;                                                    \
        struct spsi_godot_endpoint *item =                                                         \
            find(loop, "add_" #kind, arguments[0], &spsi_godot_##kind##_class);                    \
        *(int64_t *)result =                                                                       \
            item == NULL ? SPS_ERR_INVALID_PARAMETER : spsi_godot_watch_add(&loop->watch, item);   \
    }                                                                                              \
    static void remove_##kind(void *self, const void *const *arguments, void *result) {            \
        struct spsi_godot_watcher *loop = self;                                                    \
        struct spsi_godot_endpoint *item =                                                         \
            find(loop, "remove_" #kind, arguments[0], &spsi_godot_##kind##_class);                 \
        *(int64_t *)result = item == NULL ? SPS_ERR_INVALID_PARAMETER                              \
                                          : spsi_godot_watch_remove(&loop->watch, item);           \
    }

ADD_AND_REMOVE(peer)
ADD_AND_REMOVE(server)

static void get_count(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = (int64_t)((const struct spsi_godot_watcher *)self)->watch.count;
}

#define SERVER SPS_PARAMETER("server", SPS_OBJECT("SPSSocketServer"))

static const struct spsi_godot_method methods[] = {
    {"add_peer", add_peer, SPS_ERROR, 0, 1, {PEER}},
    {"remove_peer", remove_peer, SPS_ERROR, 0, 1, {PEER}},
    {"add_server", add_server, SPS_ERROR, 0, 1, {SERVER}},
    {"remove_server", remove_server, SPS_ERROR, 0, 1, {SERVER}},
    {"get_count", get_count, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
};

struct spsi_godot_class spsi_godot_network_loop_class = {
    .name = "SPSNetworkLoop",
    .base = "Node",
    .instance_bytes = sizeof(struct spsi_godot_watcher),
    .begin = begin,
    .end = end,
    .notify = notify,
    .methods = {{SPS_ROWS(methods)}, {SPS_ROWS(spsi_godot_budget_methods)}},
    .properties = {{SPS_ROWS(spsi_godot_budget_properties)}},
    .signals = signals,
    .signal_count = sizeof signals / sizeof *signals,
};
