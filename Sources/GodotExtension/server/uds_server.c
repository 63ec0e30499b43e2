// SPDX-License-Identifier: MIT
#include "../peer/peer.h"
#include "../values/text.h"
#include "server.h"

static void begin(void *self) {
    spsi_godot_begin_server(self, sps_uds_server_create, &spsi_godot_uds_peer_class);
}

static const struct spsi_godot_mistakes listen_mistakes = {
    .method = "listen",
    .invalid =
        "The path is empty or too long, or has no directory. user:// needs globalize_path().",
    .in_use = "The server listens already, or the path is in use.",
};

static void listen_to(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *server = self;
    struct spsi_godot_text path;
    spsi_godot_get_text(&path, arguments[0]);
    const sps_error error = sps_uds_server_listen(server->server, path.bytes);
    spsi_godot_free_text(&path);
    spsi_godot_return_error_of(server, &listen_mistakes, error, result);
}

static void set_file_mode(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_server *server = self;
    (void)result;
    spsi_godot_change_server(server, "set_file_mode", &server->options.file_mode,
                             *(const int64_t *)arguments[0]);
}

static void get_file_mode(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = ((const struct spsi_godot_server *)self)->options.file_mode;
}

static const struct spsi_godot_mistakes adopt_mistakes = {
    .method = "adopt_fd",
    .invalid = "The number is no descriptor of a listening Unix socket.",
    .in_use = "The server listens already.",
};

static void adopt_fd(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *server = self;
    const int32_t fd = spsi_godot_int32(*(const int64_t *)arguments[0]);
    spsi_godot_return_error_of(server, &adopt_mistakes, sps_uds_server_adopt_fd(server->server, fd),
                               result);
}

static const struct spsi_godot_method methods[] = {
    {"adopt_fd", adopt_fd, SPS_ERROR, 0, 1, {{"fd", SPS_INT, {0}}}},
    {"listen", listen_to, SPS_ERROR, 0, 1, {{"path", SPS_STRING, {0}}}},
    {"take_connection", spsi_godot_take_connection, SPS_OBJECT("SPSStreamPeerUDS"), 0, 0, {{0}}},
    {"set_file_mode", set_file_mode, SPS_NOTHING, 0, 1, {{"value", SPS_INT, {0}}}},
    {"get_file_mode", get_file_mode, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
};

static const struct spsi_godot_property properties[] = {
    {"file_mode", SPS_INT, "set_file_mode", "get_file_mode"},
};

struct spsi_godot_class spsi_godot_uds_server_class = {
    .name = "SPSUDSServer",
    .parent = &spsi_godot_server_class,
    .base = "RefCounted",
    .instance_bytes = sizeof(struct spsi_godot_server),
    .begin = begin,
    .end = spsi_godot_end_server,
    .methods = {{SPS_ROWS(methods)}},
    .properties = {{SPS_ROWS(properties)}},
};
