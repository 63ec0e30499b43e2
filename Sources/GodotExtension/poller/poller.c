// SPDX-License-Identifier: MIT
//
// SPSPoller: many peers and servers, one wait, for a script that has a loop of its own, such as a
// server in a thread. SPSNetworkLoop serves a script that has frames.
#include "poller.h"

#include "../endpoint/watch.h"
#include "../interface/interface.h"
#include "../peer/peer.h"
#include "../server/server.h"
#include "../values/containers.h"
#include "../values/types.h"

static void begin(void *self) {
    spsi_godot_begin_watch(&((struct spsi_godot_watcher *)self)->watch);
}

static void end(void *self) {
    spsi_godot_end_watch(&((struct spsi_godot_watcher *)self)->watch);
}

// The peer or server that an object is. If it is neither, an error about the method, and NULL.
static struct spsi_godot_endpoint *find(const struct spsi_godot_object *self, const char *method,
                                        const void *argument) {
    godot_object *object = *(godot_object *const *)argument;
    struct spsi_godot_endpoint *found = spsi_godot_find(object, &spsi_godot_peer_class);
    if (found == NULL) {
        found = spsi_godot_find(object, &spsi_godot_server_class);
    }
    if (found == NULL) {
        spsi_godot_complain(self, method,
                            "The argument is neither SPSStreamPeerSocket nor SPSSocketServer.");
    }
    return found;
}

static void add(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_watcher *poller = self;
    struct spsi_godot_endpoint *item = find(&poller->head, "add", arguments[0]);
    *(int64_t *)result =
        item == NULL ? SPS_ERR_INVALID_PARAMETER : spsi_godot_watch_add(&poller->watch, item);
}

static void remove_item(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_watcher *poller = self;
    struct spsi_godot_endpoint *item = find(&poller->head, "remove", arguments[0]);
    *(int64_t *)result =
        item == NULL ? SPS_ERR_INVALID_PARAMETER : spsi_godot_watch_remove(&poller->watch, item);
}

static void describe(godot_variant *element, const sps_event *event) {
    struct spsi_godot_endpoint *item = spsi_godot_watched(event);
    godot_dictionary row;
    spsi_godot_make(GODOT_DICTIONARY, &row);
    spsi_godot_put(&row, "object", GODOT_OBJECT, &item->head.object);
    spsi_godot_put_int(&row, "kinds", event->kinds);
    spsi_godot_put_int(&row, "close_reason", event->close_reason);
    spsi_godot_set_variant(element, GODOT_DICTIONARY, &row);
    spsi_godot_destroy(GODOT_DICTIONARY, &row);
}

static void wait_for_events(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_watcher *poller = self;
    sps_event event = {.struct_size = sizeof event};
    size_t count = 0, taken = 0;
    const size_t failures = spsi_godot_failure_count(&poller->watch);
    const int32_t timeout_ms = spsi_godot_int32(*(const int64_t *)arguments[0]);
    const sps_error error = sps_poller_wait(
        poller->watch.poller, failures > 0 && timeout_ms >= -1 ? 0 : timeout_ms, &count);
    if (error == SPS_OK) {
        count += failures;
    } else {
        spsi_godot_complain(&poller->head, "wait", sps_error_message(error));
    }
    spsi_godot_set_dictionary_array(result, count);
    while (taken < count && (spsi_godot_next_event(&poller->watch, &event) == SPS_OK ||
                             spsi_godot_next_failure(&poller->watch, &event) == SPS_OK)) {
        describe(spsi_godot_at(result, taken++), &event);
        if ((event.kinds & SPS_EVENT_CLOSED) != 0) {
            spsi_godot_check_later(spsi_godot_watched(&event));
        }
    }
    spsi_godot_sweep(&poller->watch);
}

static void get_count(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = (int64_t)((const struct spsi_godot_watcher *)self)->watch.count;
}

static void wake(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    (void)result;
    sps_poller_wake(((struct spsi_godot_watcher *)self)->watch.poller);
}

#define ITEM SPS_PARAMETER("peer_or_server", SPS_OBJECT("RefCounted"))

static const struct spsi_godot_method methods[] = {
    {"add", add, SPS_ERROR, 0, 1, {ITEM}},
    {"remove", remove_item, SPS_ERROR, 0, 1, {ITEM}},
    {"wait", wait_for_events, SPS_DICTIONARIES, 0, 1, {{"timeout_ms", SPS_INT, SPS_OR(0)}}},
    {"get_count", get_count, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
    {"wake", wake, SPS_NOTHING, 0, 0, {{0}}},
};

static const struct spsi_godot_constant constants[] = {
    {"Event", "EVENT_CONNECTED", SPS_EVENT_CONNECTED},
    {"Event", "EVENT_READABLE", SPS_EVENT_READABLE},
    {"Event", "EVENT_WRITABLE", SPS_EVENT_WRITABLE},
    {"Event", "EVENT_FINISHED", SPS_EVENT_FINISHED},
    {"Event", "EVENT_CLOSED", SPS_EVENT_CLOSED},
    {"Event", "EVENT_CONNECTION_AVAILABLE", SPS_EVENT_CONNECTION_AVAILABLE},
};

struct spsi_godot_class spsi_godot_poller_class = {
    .name = "SPSPoller",
    .base = "RefCounted",
    .instance_bytes = sizeof(struct spsi_godot_watcher),
    .begin = begin,
    .end = end,
    .methods = {{SPS_ROWS(methods)}, {SPS_ROWS(spsi_godot_budget_methods)}},
    .properties = {{SPS_ROWS(spsi_godot_budget_properties)}},
    .constants = constants,
    .constant_count = sizeof constants / sizeof *constants,
};
