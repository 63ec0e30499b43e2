// SPDX-License-Identifier: MIT
#include "../endpoint/watch.h"
#include "../values/text.h"
#include "figures.h"
#include "peer.h"

static void begin(void *self) {
    spsi_godot_begin_peer(self, sps_tcp_create);
}

static const struct spsi_godot_mistakes bind_mistakes = {
    .method = "bind",
    .invalid = "The port is not in 0 to 65535, or the host is no address of this machine.",
    .in_use = "The peer is open or bound already, or the address is in use.",
};

static void bind_to(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_peer *peer = self;
    struct spsi_godot_text host;
    spsi_godot_get_text(&host, arguments[1]);
    const sps_error error = sps_tcp_bind(
        peer->endpoint.stream, spsi_godot_int32(*(const int64_t *)arguments[0]), host.bytes);
    spsi_godot_free_text(&host);
    if (error == SPS_OK) {
        peer->is_bound = true;
    }
    spsi_godot_return_error_of(&peer->endpoint, &bind_mistakes, error, result);
}

static const struct spsi_godot_mistakes connect_mistakes = {
    .method = "connect_to_host",
    .invalid = "The host is neither an address nor a name, or the port is not in 1 to 65535.",
    .in_use = "The peer is not closed. Call disconnect_from_host() first, also after a failure.",
};

static void connect_to_host(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_peer *peer = self;
    struct spsi_godot_text host;
    spsi_godot_get_text(&host, arguments[0]);
    const sps_error error = sps_tcp_connect(peer->endpoint.stream, host.bytes,
                                            spsi_godot_int32(*(const int64_t *)arguments[1]));
    spsi_godot_free_text(&host);
    if (error == SPS_OK || error == SPS_FAILED) {
        peer->is_bound = false;
    }
    spsi_godot_note_connect(&peer->endpoint, error);
    spsi_godot_return_error_of(&peer->endpoint, &connect_mistakes, error, result);
}

typedef sps_error (*host_getter)(const sps_stream *, char *, size_t, size_t *);
typedef sps_error (*port_getter)(const sps_stream *, int32_t *);

static void return_host(host_getter get, const struct spsi_godot_endpoint *self, void *result) {
    char host[SPS_HOST_TEXT_BYTES];
    size_t length = 0;
    if (get(self->stream, host, sizeof host, &length) != SPS_OK) {
        length = 0;
    }
    spsi_godot_set_string(result, host, length);
}

static void return_port(port_getter get, const struct spsi_godot_endpoint *self, void *result) {
    int32_t port = 0;
    get(self->stream, &port);
    *(int64_t *)result = port;
}

static void get_connected_host(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    return_host(sps_tcp_get_connected_host, self, result);
}

static void get_connected_port(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    return_port(sps_tcp_get_connected_port, self, result);
}

static void get_local_host(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    return_host(sps_tcp_get_local_host, self, result);
}

static void get_local_port(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    return_port(sps_tcp_get_local_port, self, result);
}

static void set_no_delay(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    const bool is_enabled = *(const godot_bool *)arguments[0] != 0;
    (void)result;
    if (spsi_godot_remember(peer, sps_tcp_set_no_delay(peer->stream, is_enabled)) != SPS_OK) {
        spsi_godot_complain(&peer->head, "set_no_delay", "The stream is not open.");
    }
}

static void close_reset(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_peer *peer = self;
    (void)arguments;
    (void)result;
    peer->is_bound = false;
    spsi_godot_remember(&peer->endpoint, sps_tcp_close_reset(peer->endpoint.stream));
    spsi_godot_check_later(&peer->endpoint);
}

static void get_connect_attempts(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    spsi_godot_set_attempts(result, ((const struct spsi_godot_endpoint *)self)->stream);
}

static void get_tcp_info(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    (void)arguments;
    spsi_godot_remember(peer, spsi_godot_set_tcp_info(result, peer->stream));
}

static void set_attempt_delay_ms(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_peer *peer = self;
    (void)result;
    if (spsi_godot_set_attempt_delay(&peer->endpoint, &peer->attempt_delay_ms, arguments[0])) {
        sps_socket_set_attempt_delay(peer->endpoint.stream, peer->attempt_delay_ms);
    }
}

static void get_attempt_delay_ms(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = ((const struct spsi_godot_peer *)self)->attempt_delay_ms;
}

static const struct spsi_godot_method methods[] = {
    {"bind",
     bind_to,
     SPS_ERROR,
     0,
     2,
     {{"port", SPS_INT, {0}}, {"host", SPS_STRING, SPS_OR_TEXT("*")}}},
    {"connect_to_host",
     connect_to_host,
     SPS_ERROR,
     0,
     2,
     {{"host", SPS_STRING, {0}}, {"port", SPS_INT, {0}}}},
    {"get_connected_host", get_connected_host, SPS_STRING, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_connected_port", get_connected_port, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_local_host", get_local_host, SPS_STRING, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_local_port", get_local_port, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
    {"set_no_delay", set_no_delay, SPS_NOTHING, 0, 1, {{"enabled", SPS_BOOL, {0}}}},
    {"close_reset", close_reset, SPS_NOTHING, 0, 0, {{0}}},
    {"get_connect_attempts", get_connect_attempts, SPS_DICTIONARIES, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_tcp_info", get_tcp_info, SPS_DICTIONARY, 0, 0, {{0}}},
    {"set_attempt_delay_ms", set_attempt_delay_ms, SPS_NOTHING, 0, 1, {{"value", SPS_INT, {0}}}},
    {"get_attempt_delay_ms", get_attempt_delay_ms, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
};

static const struct spsi_godot_property properties[] = {
    {"attempt_delay_ms", SPS_INT, "set_attempt_delay_ms", "get_attempt_delay_ms"},
};

static const struct spsi_godot_constant constants[] = {
    {"AttemptState", "ATTEMPT_RUNNING", SPS_ATTEMPT_RUNNING},
    {"AttemptState", "ATTEMPT_CONNECTED", SPS_ATTEMPT_CONNECTED},
    {"AttemptState", "ATTEMPT_FAILED", SPS_ATTEMPT_FAILED},
    {"AttemptState", "ATTEMPT_ABANDONED", SPS_ATTEMPT_ABANDONED},
};

struct spsi_godot_class spsi_godot_tcp_peer_class = {
    .name = "SPSStreamPeerTCP",
    .parent = &spsi_godot_peer_class,
    .base = "StreamPeerExtension",
    .instance_bytes = sizeof(struct spsi_godot_peer),
    .begin = begin,
    .end = spsi_godot_end_peer,
    .methods = {{SPS_ROWS(methods)}, {SPS_ROWS(spsi_godot_tcp_option_methods)}},
    .properties = {{SPS_ROWS(properties)}, {SPS_ROWS(spsi_godot_tcp_option_properties)}},
    .constants = constants,
    .constant_count = sizeof constants / sizeof *constants,
};
