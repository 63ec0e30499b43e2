// SPDX-License-Identifier: MIT
#include "../peer/peer.h"
#include "../values/text.h"
#include "server.h"

static void begin(void *self) {
    spsi_godot_begin_server(self, sps_tcp_server_create, &spsi_godot_tcp_peer_class);
}

static const struct spsi_godot_mistakes listen_mistakes = {
    .method = "listen",
    .invalid = "The port is not in 0 to 65535, or bind_address is no address of this machine.",
    .in_use = "The server listens already, or the port is in use.",
};

static void listen_to(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *server = self;
    struct spsi_godot_text address;
    spsi_godot_get_text(&address, arguments[1]);
    const sps_error error = sps_tcp_server_listen(
        server->server, spsi_godot_int32(*(const int64_t *)arguments[0]), address.bytes);
    spsi_godot_free_text(&address);
    spsi_godot_return_error_of(server, &listen_mistakes, error, result);
}

static void get_local_port(void *self, const void *const *arguments, void *result) {
    int32_t port = 0;
    (void)arguments;
    sps_tcp_server_get_local_port(((const struct spsi_godot_endpoint *)self)->server, &port);
    *(int64_t *)result = port;
}

static void set_reuse_port(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_server *server = self;
    (void)result;
    spsi_godot_change_server(server, "set_reuse_port", &server->options.reuse_port,
                             *(const godot_bool *)arguments[0]);
}

static void is_reuse_port(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    *(godot_bool *)result = ((const struct spsi_godot_server *)self)->options.reuse_port != 0;
}

static const struct spsi_godot_mistakes adopt_mistakes = {
    .method = "adopt_fd",
    .invalid = "The number is no descriptor of a listening TCP socket.",
    .in_use = "The server listens already.",
};

static void adopt_fd(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *server = self;
    const int32_t fd = spsi_godot_int32(*(const int64_t *)arguments[0]);
    spsi_godot_return_error_of(server, &adopt_mistakes, sps_tcp_server_adopt_fd(server->server, fd),
                               result);
}

static const struct spsi_godot_method methods[] = {
    {"adopt_fd", adopt_fd, SPS_ERROR, 0, 1, {{"fd", SPS_INT, {0}}}},
    {"listen",
     listen_to,
     SPS_ERROR,
     0,
     2,
     {{"port", SPS_INT, {0}}, {"bind_address", SPS_STRING, SPS_OR_TEXT("*")}}},
    {"get_local_port", get_local_port, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
    {"take_connection", spsi_godot_take_connection, SPS_OBJECT("SPSStreamPeerTCP"), 0, 0, {{0}}},
    {"set_reuse_port", set_reuse_port, SPS_NOTHING, 0, 1, {{"enabled", SPS_BOOL, {0}}}},
    {"is_reuse_port", is_reuse_port, SPS_BOOL, GODOT_METHOD_CONST, 0, {{0}}},
};

static const struct spsi_godot_property properties[] = {
    {"reuse_port", SPS_BOOL, "set_reuse_port", "is_reuse_port"},
};

struct spsi_godot_class spsi_godot_tcp_server_class = {
    .name = "SPSTCPServer",
    .parent = &spsi_godot_server_class,
    .base = "RefCounted",
    .instance_bytes = sizeof(struct spsi_godot_server),
    .begin = begin,
    .end = spsi_godot_end_server,
    .methods = {{SPS_ROWS(methods)}, {SPS_ROWS(spsi_godot_tcp_option_methods)}},
    .properties = {{SPS_ROWS(properties)}, {SPS_ROWS(spsi_godot_tcp_option_properties)}},
};
