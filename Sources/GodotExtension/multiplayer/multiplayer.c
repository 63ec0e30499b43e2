// SPDX-License-Identifier: MIT
#include "multiplayer.h"

#include <stdlib.h>

#include "../interface/interface.h"
#include "../peer/peer.h"
#include "../values/text.h"
#include "../values/types.h"

#define MAX_CLIENTS 32
#define MAX_PACKET_BYTES (1024 * 1024 - 4)

// MultiplayerPeer.TRANSFER_MODE_RELIABLE
#define RELIABLE 2

static sps_error renew(struct spsi_godot_endpoint *endpoint) {
    const struct spsi_godot_multiplayer *self = (const struct spsi_godot_multiplayer *)endpoint;
    return self->poller == NULL ? SPS_OK : SPS_ERR_ALREADY_IN_USE;
}

static void begin(void *instance) {
    struct spsi_godot_multiplayer *self = instance;
    self->endpoint.options.struct_size = sizeof self->endpoint.options;
    self->endpoint.renew = renew;
    self->mode = RELIABLE;
    self->max_packet_bytes = MAX_PACKET_BYTES;
}

static void end(void *instance) {
    struct spsi_godot_multiplayer *self = instance;
    spsi_godot_session_close(self);
    spsi_godot_session_forget(self);
    free(self->admitted);
    free(self->packet);
}

// ---- Signals of MultiplayerPeer

enum { PEER_CONNECTED, PEER_DISCONNECTED };

static struct spsi_godot_signal signals[] = {
    [PEER_CONNECTED] = {"peer_connected", {0}, true, 1, {{"id", SPS_INT, {0}}}},
    [PEER_DISCONNECTED] = {"peer_disconnected", {0}, true, 1, {{"id", SPS_INT, {0}}}},
};

static bool emit(struct spsi_godot_multiplayer *self, int signal, int32_t id) {
    const uint32_t session = self->session;
    int64_t number = id;
    godot_variant argument;
    spsi_godot_to_variant(GODOT_INT, &number, &argument);
    spsi_godot_emit(&self->endpoint.head, &signals[signal], &argument);
    return self->session == session && self->poller != NULL;
}

bool spsi_godot_tell_connected(struct spsi_godot_multiplayer *self, int32_t id) {
    return emit(self, PEER_CONNECTED, id);
}

bool spsi_godot_tell_disconnected(struct spsi_godot_multiplayer *self, int32_t id) {
    return emit(self, PEER_DISCONNECTED, id);
}

// ---- Methods

static const struct spsi_godot_mistakes server_mistakes = {
    .method = "create_server",
    .invalid = "The port, max_clients or bind_address is out of range or malformed.",
    .in_use = "The peer is in use, or the port is.",
};

static void create_server(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_multiplayer *self = instance;
    const int64_t max_clients = *(const int64_t *)arguments[1];
    struct spsi_godot_text address;
    sps_error error = SPS_ERR_INVALID_PARAMETER;
    spsi_godot_get_text(&address, arguments[2]);
    if (max_clients > 0 && max_clients <= INT32_MAX) {
        error = spsi_godot_session_serve(self, address.bytes,
                                         spsi_godot_int32(*(const int64_t *)arguments[0]));
    }
    if (error == SPS_OK) {
        self->max_clients = (uint32_t)max_clients;
    }
    spsi_godot_free_text(&address);
    spsi_godot_return_error_of(&self->endpoint, &server_mistakes, error, result);
}

static const struct spsi_godot_mistakes client_mistakes = {
    .method = "create_client",
    .invalid = "The host is neither an address nor a name, or the port is not in 1 to 65535.",
    .in_use = "The peer is in use. Call close() first.",
};

static void create_client(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_multiplayer *self = instance;
    struct spsi_godot_text host;
    spsi_godot_get_text(&host, arguments[0]);
    const sps_error error =
        spsi_godot_session_join(self, host.bytes, spsi_godot_int32(*(const int64_t *)arguments[1]));
    spsi_godot_free_text(&host);
    spsi_godot_return_error_of(&self->endpoint, &client_mistakes, error, result);
}

static void get_local_port(void *instance, const void *const *arguments, void *result) {
    int32_t port = 0;
    (void)arguments;
    sps_tcp_server_get_local_port(((struct spsi_godot_multiplayer *)instance)->server, &port);
    *(int64_t *)result = port;
}

static void get_peer_address(void *instance, const void *const *arguments, void *result) {
    const struct spsi_godot_member *member =
        spsi_godot_member_find(instance, *(const int64_t *)arguments[0]);
    char host[SPS_HOST_TEXT_BYTES];
    size_t length = 0;
    if (member == NULL ||
        sps_tcp_get_connected_host(member->stream, host, sizeof host, &length) != SPS_OK) {
        length = 0;
    }
    spsi_godot_set_string(result, host, length);
}

static void get_peer_port(void *instance, const void *const *arguments, void *result) {
    const struct spsi_godot_member *member =
        spsi_godot_member_find(instance, *(const int64_t *)arguments[0]);
    int32_t port = 0;
    if (member != NULL) {
        sps_tcp_get_connected_port(member->stream, &port);
    }
    *(int64_t *)result = port;
}

static void get_close_reason(void *instance, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = ((struct spsi_godot_multiplayer *)instance)->reason;
}

static void get_close_message(void *instance, const void *const *arguments, void *result) {
    (void)arguments;
    spsi_godot_set_close_message(result, NULL, ((struct spsi_godot_multiplayer *)instance)->reason);
}

static void set_max_packet_bytes(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_multiplayer *self = instance;
    const int64_t bytes = *(const int64_t *)arguments[0];
    (void)result;
    if (self->poller != NULL || bytes < 1 || bytes > (1 << 30) - 4) {
        spsi_godot_complain(&self->endpoint.head, "set_max_packet_bytes",
                            "The number is out of range, or the object is in use.");
    } else {
        self->max_packet_bytes = (uint32_t)bytes;
    }
}

static void get_max_packet_bytes(void *instance, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = ((struct spsi_godot_multiplayer *)instance)->max_packet_bytes;
}

// ---- Virtual methods of MultiplayerPeerExtension

static void poll(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    (void)result;
    spsi_godot_session_poll(self);
}

static void close_session(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    (void)result;
    spsi_godot_session_close(self);
}

static void disconnect_peer(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_multiplayer *self = instance;
    struct spsi_godot_member *member = spsi_godot_member_find(self, *(const int64_t *)arguments[0]);
    (void)result;
    if (member == NULL) {
        spsi_godot_complain(&self->endpoint.head, "disconnect_peer", "There is no such peer.");
    } else if (!*(const godot_bool *)arguments[1]) {
        sps_socket_close_gracefully(member->stream, 0); // the end of it is an event
    } else {
        spsi_godot_member_remove(self, member);
        if (self->server == NULL) {
            spsi_godot_session_close(self);
        }
    }
}

static void is_server(void *instance, const void *const *arguments, void *result) {
    (void)arguments;
    *(godot_bool *)result = ((struct spsi_godot_multiplayer *)instance)->server != NULL;
}

static void is_server_relay_supported(void *instance, const void *const *arguments, void *result) {
    (void)instance;
    (void)arguments;
    *(godot_bool *)result = true;
}

// All packets are reliable and in one order, whatever the sender asks for.
static void get_packet_mode(void *instance, const void *const *arguments, void *result) {
    (void)instance;
    (void)arguments;
    *(int64_t *)result = RELIABLE;
}

static void get_packet_channel(void *instance, const void *const *arguments, void *result) {
    (void)instance;
    (void)arguments;
    *(int64_t *)result = 0;
}

#define GETTER(name, type, member)                                                                 \
    static void name(void *instance, const void *const *arguments, void *result) {                 \
        (void)arguments;                                                                           \
        *(type *)result = ((const struct spsi_godot_multiplayer *)instance)->member;               \
    }
#define SETTER(name, type, member, made)                                                           \
    static void name(void *instance, const void *const *arguments, void *result) {                 \
        (void)result;                                                                              \
        ((struct spsi_godot_multiplayer *)instance)->member = made(*(const type *)arguments[0]);   \
    }
GETTER(get_unique_id, int64_t, own_id)
GETTER(get_connection_status, int64_t, status)
GETTER(get_max_packet_size, int64_t, max_packet_bytes)
GETTER(get_transfer_channel, int64_t, channel)
SETTER(set_transfer_channel, int64_t, channel, spsi_godot_int32)
GETTER(get_transfer_mode, int64_t, mode)
SETTER(set_transfer_mode, int64_t, mode, spsi_godot_int32)
SETTER(set_target_peer, int64_t, target, spsi_godot_int32)
GETTER(is_refusing_new_connections, godot_bool, refuses)
SETTER(set_refuse_new_connections, godot_bool, refuses, 0 !=)

static const struct spsi_godot_method methods[] = {
    {"create_server",
     create_server,
     SPS_ERROR,
     0,
     3,
     {{"port", SPS_INT, {0}},
      {"max_clients", SPS_INT, SPS_OR(MAX_CLIENTS)},
      {"bind_address", SPS_STRING, SPS_OR_TEXT("*")}}},
    {"create_client",
     create_client,
     SPS_ERROR,
     0,
     2,
     {{"host", SPS_STRING, {0}}, {"port", SPS_INT, {0}}}},
    {"get_local_port", get_local_port, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_peer_address",
     get_peer_address,
     SPS_STRING,
     GODOT_METHOD_CONST,
     1,
     {{"id", SPS_INT, {0}}}},
    {"get_peer_port", get_peer_port, SPS_INT, GODOT_METHOD_CONST, 1, {{"id", SPS_INT, {0}}}},
    {"get_close_reason",
     get_close_reason,
     SPS_ENUM("SPSStreamPeerSocket.CloseReason"),
     GODOT_METHOD_CONST,
     0,
     {{0}}},
    {"get_close_message", get_close_message, SPS_STRING, GODOT_METHOD_CONST, 0, {{0}}},
    {"set_max_packet_bytes", set_max_packet_bytes, SPS_NOTHING, 0, 1, {{"value", SPS_INT, {0}}}},
    {"get_max_packet_bytes", get_max_packet_bytes, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
};

static const struct spsi_godot_property properties[] = {
    {"max_packet_bytes", SPS_INT, "set_max_packet_bytes", "get_max_packet_bytes"},
    {"attempt_delay_ms", SPS_INT, "set_attempt_delay_ms", "get_attempt_delay_ms"},
};

static const struct spsi_godot_constant constants[] = {
    {"HostStatistic", "HOST_TOTAL_SENT_DATA", SPS_SENT_DATA},
    {"HostStatistic", "HOST_TOTAL_SENT_PACKETS", SPS_SENT_PACKETS},
    {"HostStatistic", "HOST_TOTAL_RECEIVED_DATA", SPS_RECEIVED_DATA},
    {"HostStatistic", "HOST_TOTAL_RECEIVED_PACKETS", SPS_RECEIVED_PACKETS},
};

static struct spsi_godot_virtual virtuals[] = {
    {"_get_packet", spsi_godot_get_packet, {0}},
    {"_put_packet", spsi_godot_put_packet, {0}},
    {"_get_available_packet_count", spsi_godot_get_available_packet_count, {0}},
    {"_get_packet_peer", spsi_godot_get_packet_peer, {0}},
    {"_get_packet_mode", get_packet_mode, {0}},
    {"_get_packet_channel", get_packet_channel, {0}},
    {"_get_max_packet_size", get_max_packet_size, {0}},
    {"_poll", poll, {0}},
    {"_close", close_session, {0}},
    {"_disconnect_peer", disconnect_peer, {0}},
    {"_is_server", is_server, {0}},
    {"_is_server_relay_supported", is_server_relay_supported, {0}},
    {"_get_unique_id", get_unique_id, {0}},
    {"_get_connection_status", get_connection_status, {0}},
    {"_get_transfer_channel", get_transfer_channel, {0}},
    {"_set_transfer_channel", set_transfer_channel, {0}},
    {"_get_transfer_mode", get_transfer_mode, {0}},
    {"_set_transfer_mode", set_transfer_mode, {0}},
    {"_set_target_peer", set_target_peer, {0}},
    {"_is_refusing_new_connections", is_refusing_new_connections, {0}},
    {"_set_refuse_new_connections", set_refuse_new_connections, {0}},
};

struct spsi_godot_class spsi_godot_multiplayer_class = {
    .name = "SPSMultiplayerPeer",
    .base = "MultiplayerPeerExtension",
    .instance_bytes = sizeof(struct spsi_godot_multiplayer),
    .begin = begin,
    .end = end,
    .methods = {{SPS_ROWS(methods)},
                {SPS_ROWS(spsi_godot_statistics_methods)},
                {SPS_ROWS(spsi_godot_endpoint_methods)},
                {SPS_ROWS(spsi_godot_option_methods)},
                {SPS_ROWS(spsi_godot_tcp_option_methods)}},
    .properties = {{SPS_ROWS(properties)},
                   {SPS_ROWS(spsi_godot_option_properties)},
                   {SPS_ROWS(spsi_godot_tcp_option_properties)}},
    .constants = constants,
    .constant_count = sizeof constants / sizeof *constants,
    .signals = signals,
    .signal_count = sizeof signals / sizeof *signals,
    .virtuals = virtuals,
    .virtual_count = sizeof virtuals / sizeof *virtuals,
};
