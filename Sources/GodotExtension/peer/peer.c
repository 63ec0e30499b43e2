// SPDX-License-Identifier: MIT
//
// SPSStreamPeerSocket: the status, closing, and what else TCP and Unix peers share. The contract of
// each method is that of the C function that it calls.
#include "peer.h"

#include "../endpoint/watch.h"
#include "../interface/interface.h"
#include "../interface/methods.h"

static sps_status status_of(const struct spsi_godot_endpoint *self) {
    sps_status status = SPS_STATUS_NONE;
    sps_socket_get_status(self->stream, &status);
    return status;
}

// A stream in use keeps its options.
static sps_error renew(struct spsi_godot_endpoint *endpoint) {
    struct spsi_godot_peer *self = (struct spsi_godot_peer *)endpoint;
    bool is_batching = false;
    sps_stream *stream;
    if (endpoint->watch != NULL || self->is_bound || status_of(endpoint) != SPS_STATUS_NONE) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    const sps_error error = self->create(&endpoint->options, &stream);
    if (error != SPS_OK) {
        return error;
    }
    sps_stream_is_write_batching(endpoint->stream, &is_batching);
    sps_stream_set_write_batching(stream, is_batching);
    sps_socket_set_attempt_delay(stream, self->attempt_delay_ms);
    sps_stream_destroy(endpoint->stream);
    endpoint->stream = stream;
    self->is_big_endian = false;
    return SPS_OK;
}

static sps_error disconnect_socket(struct spsi_godot_peer *self) {
    self->is_bound = false;
    return sps_socket_disconnect(self->endpoint.stream);
}

void spsi_godot_begin_peer(struct spsi_godot_peer *self,
                           sps_error (*create)(const sps_stream_options *, sps_stream **)) {
    struct spsi_godot_endpoint *endpoint = &self->endpoint;
    endpoint->options.struct_size = sizeof endpoint->options;
    endpoint->renew = renew;
    self->create = create;
    self->disconnect = disconnect_socket;
    self->close_gracefully = sps_socket_close_gracefully;
    // Without memory there is no stream, and each call reports an error.
    spsi_godot_remember(endpoint, create(&endpoint->options, &endpoint->stream));
}

void spsi_godot_end_peer(void *self) {
    sps_stream_destroy(((struct spsi_godot_peer *)self)->endpoint.stream);
}

void spsi_godot_adopt(struct spsi_godot_peer *self, sps_stream *stream,
                      const sps_stream_options *options) {
    sps_stream_destroy(self->endpoint.stream);
    self->endpoint.stream = stream;
    self->endpoint.options = *options;
}

sps_stream *spsi_godot_ordered(struct spsi_godot_peer *self) {
    godot_bool is_big_endian = false;
    godot.object_method_bind_ptrcall(godot_methods.is_big_endian_enabled,
                                     self->endpoint.head.object, NULL, &is_big_endian);
    if (is_big_endian != self->is_big_endian) {
        self->is_big_endian = is_big_endian;
        sps_stream_set_big_endian(self->endpoint.stream, is_big_endian);
    }
    return self->endpoint.stream;
}

static void poll(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    (void)arguments;
    spsi_godot_return_error(peer, sps_socket_poll(peer->stream), result);
}

static void get_status(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = status_of(self);
}

static void disconnect_from_host(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_peer *peer = self;
    (void)arguments;
    (void)result;
    godot_ref kept = spsi_godot_keep(&peer->endpoint.head); // a peer below it may end
    spsi_godot_remember(&peer->endpoint, peer->disconnect(peer));
    spsi_godot_check_later(&peer->endpoint);
    godot.ref_set_object(&kept, NULL);
}

static void shutdown_write(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    (void)arguments;
    spsi_godot_return_error(peer, sps_socket_shutdown_write(peer->stream), result);
}

static const struct spsi_godot_mistakes grace_mistakes = {
    .method = "close_gracefully",
    .invalid = "The time is negative or too large.",
};

static void close_gracefully(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    const struct spsi_godot_peer *of_kind = self;
    const int64_t timeout_ms = *(const int64_t *)arguments[0];
    const uint32_t limit = (uint32_t)spsi_godot_int32(timeout_ms); // a negative one is refused
    spsi_godot_return_error_of(peer, &grace_mistakes,
                               of_kind->close_gracefully(peer->stream, limit), result);
    spsi_godot_check_later(peer);
}

static sps_close_reason close_reason_of(const struct spsi_godot_endpoint *peer) {
    sps_close_reason reason = SPS_CLOSE_NONE;
    sps_socket_get_close_reason(peer->stream, &reason);
    return reason;
}

static void get_close_reason(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = close_reason_of(self);
}

static void get_close_message(void *self, const void *const *arguments, void *result) {
    const struct spsi_godot_endpoint *peer = self;
    (void)arguments;
    spsi_godot_set_close_message(result, peer->stream, close_reason_of(peer));
}

static void get_os_error(void *self, const void *const *arguments, void *result) {
    int32_t code = 0;
    (void)arguments;
    sps_socket_get_os_error(((const struct spsi_godot_endpoint *)self)->stream, &code);
    *(int64_t *)result = code;
}

static void set_write_batching(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    const bool is_enabled = *(const godot_bool *)arguments[0] != 0;
    (void)result;
    spsi_godot_remember(peer, sps_stream_set_write_batching(peer->stream, is_enabled));
}

static void is_write_batching(void *self, const void *const *arguments, void *result) {
    bool is_enabled = false;
    (void)arguments;
    sps_stream_is_write_batching(((const struct spsi_godot_endpoint *)self)->stream, &is_enabled);
    *(godot_bool *)result = is_enabled;
}

static void flush(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    (void)arguments;
    spsi_godot_return_error(peer, sps_stream_flush(peer->stream), result);
}

static void get_pending_write_bytes(void *self, const void *const *arguments, void *result) {
    size_t bytes = 0;
    (void)arguments;
    sps_stream_get_pending_write_bytes(((const struct spsi_godot_endpoint *)self)->stream, &bytes);
    *(int64_t *)result = (int64_t)bytes;
}

#define STATUS SPS_ENUM("SPSStreamPeerSocket.Status")
#define CLOSE_REASON SPS_ENUM("SPSStreamPeerSocket.CloseReason")

static const struct spsi_godot_method methods[] = {
    {"poll", poll, SPS_ERROR, 0, 0, {{0}}},
    {"get_status", get_status, STATUS, GODOT_METHOD_CONST, 0, {{0}}},
    {"disconnect_from_host", disconnect_from_host, SPS_NOTHING, 0, 0, {{0}}},
    {"shutdown_write", shutdown_write, SPS_ERROR, 0, 0, {{0}}},
    {"close_gracefully", close_gracefully, SPS_ERROR, 0, 1, {{"timeout_ms", SPS_INT, SPS_OR(0)}}},
    {"get_close_reason", get_close_reason, CLOSE_REASON, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_close_message", get_close_message, SPS_STRING, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_os_error", get_os_error, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
    {"set_write_batching", set_write_batching, SPS_NOTHING, 0, 1, {{"enabled", SPS_BOOL, {0}}}},
    {"is_write_batching", is_write_batching, SPS_BOOL, GODOT_METHOD_CONST, 0, {{0}}},
    {"flush", flush, SPS_ERROR, 0, 0, {{0}}},
    {"get_pending_write_bytes", get_pending_write_bytes, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
};

static const struct spsi_godot_property properties[] = {
    {"write_batching", SPS_BOOL, "set_write_batching", "is_write_batching"},
};

#define STATUS_ROW(name) {"Status", #name, SPS_##name},
#define REASON_ROW(name) {"CloseReason", #name, SPS_##name},

static const struct spsi_godot_constant constants[] = {
    STATUS_ROW(STATUS_NONE) STATUS_ROW(STATUS_CONNECTING) STATUS_ROW(STATUS_CONNECTED)
        STATUS_ROW(STATUS_ERROR) REASON_ROW(CLOSE_NONE) REASON_ROW(CLOSE_LOCAL)
            REASON_ROW(CLOSE_PEER_FINISHED) REASON_ROW(CLOSE_RESET) REASON_ROW(CLOSE_REFUSED)
                REASON_ROW(CLOSE_UNREACHABLE) REASON_ROW(CLOSE_CONNECT_TIMED_OUT)
                    REASON_ROW(CLOSE_NAME_NOT_FOUND) REASON_ROW(CLOSE_NOT_ACKNOWLEDGED)
                        REASON_ROW(CLOSE_NO_RESOURCES) REASON_ROW(CLOSE_FAILED)
                            REASON_ROW(CLOSE_KEEPALIVE) REASON_ROW(CLOSE_IDLE)
                                REASON_ROW(CLOSE_PUT_TIMED_OUT) REASON_ROW(CLOSE_GRACE_TIMED_OUT)
                                    REASON_ROW(CLOSE_LIMIT) REASON_ROW(CLOSE_LOOKUP_FAILED)
                                        REASON_ROW(CLOSE_TRUNCATED) REASON_ROW(CLOSE_PROTOCOL)
                                            REASON_ROW(CLOSE_UNTRUSTED)};

struct spsi_godot_class spsi_godot_peer_class = {
    .name = "SPSStreamPeerSocket",
    .base = "StreamPeerExtension",
    .is_abstract = true,
    .methods = {{SPS_ROWS(methods)},
                {SPS_ROWS(spsi_godot_endpoint_methods)},
                {SPS_ROWS(spsi_godot_option_methods)},
                {SPS_ROWS(spsi_godot_typed_methods)},
                {SPS_ROWS(spsi_godot_text_methods)},
                {SPS_ROWS(spsi_godot_bytes_methods)}},
    .properties = {{SPS_ROWS(properties)}, {SPS_ROWS(spsi_godot_option_properties)}},
    .constants = constants,
    .constant_count = sizeof constants / sizeof *constants,
    .virtuals = spsi_godot_peer_virtuals,
    .virtual_count = SPS_PEER_VIRTUAL_COUNT,
};
