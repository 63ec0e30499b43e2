// SPDX-License-Identifier: MIT
//
// SPSStreamPeerTLS: a peer over another peer. Its stream is a filter of the library, so a loop
// takes it. The values, lines and Variants of every peer work on it.
#include "../endpoint/watch.h"
#include "../interface/interface.h"
#include "../values/text.h"
#include "tls.h"

static struct spsi_godot_peer *below_of(const struct spsi_godot_tls_peer *self) {
    return spsi_godot_find(godot.ref_get_object(&self->below), &spsi_godot_peer_class);
}

// The last reference ends the peer below, and closes it.
static void release_below(struct spsi_godot_tls_peer *self) {
    godot_ref below = self->below;
    self->below.opaque = NULL;
    godot.ref_set_object(&below, NULL);
}

// disconnect_from_host() of any peer ends the connection, so it also closes the peer below.
static sps_error disconnect_all(struct spsi_godot_peer *peer) {
    struct spsi_godot_tls_peer *self = (struct spsi_godot_tls_peer *)peer;
    struct spsi_godot_peer *below = below_of(self);
    const sps_error error = sps_tls_disconnect_from_stream(peer->endpoint.stream);
    if (below != NULL) {
        below->disconnect(below);
        spsi_godot_check_later(&below->endpoint);
    }
    release_below(self);
    return error;
}

static void begin(void *instance) {
    struct spsi_godot_peer *self = instance;
    spsi_godot_begin_peer(self, sps_tls_create);
    self->disconnect = disconnect_all;
    self->close_gracefully = sps_tls_close_gracefully;
}

static void end(void *instance) {
    spsi_godot_end_peer(instance);
    release_below(instance);
}

// The arguments of a handshake.
struct handshake {
    struct spsi_godot_endpoint *below;
    sps_tls_options *options; // NULL: those of a client without any
};

static sps_error find_options(const struct spsi_godot_tls_peer *self, const char *method,
                              const void *argument, bool is_server, sps_tls_options **out) {
    godot_object *object = *(godot_object *const *)argument;
    struct spsi_godot_tls_options *options = spsi_godot_find(object, &spsi_godot_tls_options_class);
    *out = NULL;
    if (options != NULL) {
        const sps_error error = spsi_godot_tls_options_get(options, is_server, out);
        if (error != SPS_OK) {
            spsi_godot_complain(&self->peer.endpoint.head, method,
                                "The options lack something or are invalid: see prepare().");
        }
        return error;
    }
    if (object == NULL && !is_server) {
        return SPS_OK;
    }
    spsi_godot_complain(&self->peer.endpoint.head, method, "It needs options of SPSTLSOptions.");
    return SPS_ERR_INVALID_PARAMETER;
}

static sps_error read_arguments(const struct spsi_godot_tls_peer *self, const char *method,
                                const void *stream, const void *options, bool is_server,
                                struct handshake *out) {
    out->below = spsi_godot_find(*(godot_object *const *)stream, &spsi_godot_peer_class);
    if (out->below == NULL) {
        spsi_godot_complain(&self->peer.endpoint.head, method,
                            "It needs a peer of StreamPeerSocket.");
        return SPS_ERR_INVALID_PARAMETER;
    }
    return find_options(self, method, options, is_server, &out->options);
}

// Holds the peer below if the stream uses it now, also if the handshake failed at once. The peer
// that was below before may end in it.
static void hold_below(struct spsi_godot_tls_peer *self, struct spsi_godot_endpoint *below) {
    sps_stream *stream = NULL;
    sps_tls_get_stream(self->peer.endpoint.stream, &stream);
    if (stream == below->stream) {
        godot.ref_set_object(&self->below, below->head.object);
    }
}

static const struct spsi_godot_mistakes connect_mistakes = {
    .method = "connect_to_stream",
    .invalid = "The name is missing or invalid, or the stream carries itself.",
    .in_use = "One of the streams is in use.",
};

static void connect_to_stream(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_tls_peer *self = instance;
    struct handshake given;
    godot_ref kept = spsi_godot_keep(&self->peer.endpoint.head); // a script may run in this call
    struct spsi_godot_text name;
    sps_error error =
        read_arguments(self, "connect_to_stream", arguments[0], arguments[2], false, &given);
    if (error != SPS_OK) {
        spsi_godot_return_error(&self->peer.endpoint, error, result);
        godot.ref_set_object(&kept, NULL);
        return;
    }
    spsi_godot_get_text(&name, arguments[1]);
    error = sps_tls_connect_to_stream(self->peer.endpoint.stream, given.below->stream, name.bytes,
                                      given.options);
    spsi_godot_free_text(&name);
    hold_below(self, given.below);
    spsi_godot_return_error_of(&self->peer.endpoint, &connect_mistakes, error, result);
    godot.ref_set_object(&kept, NULL);
}

static const struct spsi_godot_mistakes accept_mistakes = {
    .method = "accept_stream",
    .invalid = "The stream carries itself.",
    .in_use = "One of the streams is in use.",
};

static void accept_stream(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_tls_peer *self = instance;
    struct handshake given;
    godot_ref kept = spsi_godot_keep(&self->peer.endpoint.head); // a script may run in this call
    sps_error error =
        read_arguments(self, "accept_stream", arguments[0], arguments[1], true, &given);
    if (error != SPS_OK) {
        spsi_godot_return_error(&self->peer.endpoint, error, result);
        godot.ref_set_object(&kept, NULL);
        return;
    }
    error = sps_tls_accept_stream(self->peer.endpoint.stream, given.below->stream, given.options);
    hold_below(self, given.below);
    spsi_godot_return_error_of(&self->peer.endpoint, &accept_mistakes, error, result);
    godot.ref_set_object(&kept, NULL);
}

static void disconnect_from_stream(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_tls_peer *self = instance;
    struct spsi_godot_endpoint *peer = &self->peer.endpoint;
    (void)arguments;
    (void)result;
    spsi_godot_remember(peer, sps_tls_disconnect_from_stream(peer->stream));
    spsi_godot_check_later(peer);
    release_below(self);
}

static void get_status(void *self, const void *const *arguments, void *result) {
    sps_tls_status status = SPS_TLS_STATUS_DISCONNECTED;
    (void)arguments;
    sps_tls_get_status(((const struct spsi_godot_endpoint *)self)->stream, &status);
    *(int64_t *)result = status;
}

static void get_stream(void *self, const void *const *arguments, void *result) {
    const struct spsi_godot_tls_peer *peer = self;
    (void)arguments;
    godot.ref_set_object(result, godot.ref_get_object(&peer->below));
}

#define STREAM                                                                                     \
    {                                                                                              \
        "stream", SPS_OBJECT("SPSStreamPeerSocket"), {                                             \
            0                                                                                      \
        }                                                                                          \
    }

static const struct spsi_godot_method methods[] = {
    {"connect_to_stream",
     connect_to_stream,
     SPS_ERROR,
     0,
     3,
     {STREAM,
      {"common_name", SPS_STRING, {0}},
      {"client_options", SPS_OBJECT("SPSTLSOptions"), SPS_OR(0)}}},
    {"accept_stream",
     accept_stream,
     SPS_ERROR,
     0,
     2,
     {STREAM, {"server_options", SPS_OBJECT("SPSTLSOptions"), {0}}}},
    {"disconnect_from_stream", disconnect_from_stream, SPS_NOTHING, 0, 0, {{0}}},
    {"get_status", get_status, SPS_ENUM("SPSStreamPeerTLS.Status"), GODOT_METHOD_CONST, 0, {{0}}},
    {"get_stream", get_stream, SPS_OBJECT("SPSStreamPeerSocket"), GODOT_METHOD_CONST, 0, {{0}}},
};

struct spsi_godot_class spsi_godot_tls_peer_class = {
    .name = "SPSStreamPeerTLS",
    .parent = &spsi_godot_peer_class,
    .base = "StreamPeerExtension",
    .instance_bytes = sizeof(struct spsi_godot_tls_peer),
    .begin = begin,
    .end = end,
    .methods = {{SPS_ROWS(methods)}, {SPS_ROWS(spsi_godot_tls_report_methods)}},
    .constants = spsi_godot_tls_constants,
    .constant_count = SPS_TLS_CONSTANT_COUNT,
};
