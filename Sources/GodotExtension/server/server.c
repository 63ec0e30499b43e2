// SPDX-License-Identifier: MIT
//
// SPSSocketServer: what TCP and Unix servers share. Its options of streams are those of the
// connections that it hands out.
#include "server.h"

#include "../interface/interface.h"
#include "../peer/peer.h"

static bool is_in_use(const struct spsi_godot_endpoint *self) {
    bool is_listening = false;
    sps_server_is_listening(self->server, &is_listening);
    return is_listening || self->watch != NULL;
}

static sps_error renew(struct spsi_godot_endpoint *endpoint) {
    struct spsi_godot_server *self = (struct spsi_godot_server *)endpoint;
    sps_server *server;
    if (is_in_use(endpoint)) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    const sps_error error = self->create(&self->options, &server);
    if (error != SPS_OK) {
        return error;
    }
    sps_server_destroy(endpoint->server);
    endpoint->server = server;
    return SPS_OK;
}

void spsi_godot_begin_server(struct spsi_godot_server *self,
                             sps_error (*create)(const sps_server_options *, sps_server **),
                             const struct spsi_godot_class *peer_class) {
    struct spsi_godot_endpoint *endpoint = &self->endpoint;
    endpoint->options.struct_size = sizeof endpoint->options;
    endpoint->renew = renew;
    self->options.struct_size = sizeof self->options;
    self->options.stream = &endpoint->options;
    self->create = create;
    self->peer_class = peer_class;
    spsi_godot_remember(endpoint, create(&self->options, &endpoint->server));
}

void spsi_godot_end_server(void *self) {
    sps_server_destroy(((struct spsi_godot_server *)self)->endpoint.server);
}

void spsi_godot_change_server(struct spsi_godot_server *self, const char *method, uint32_t *option,
                              int64_t value) {
    const uint32_t before = *option;
    sps_error error = SPS_ERR_INVALID_PARAMETER;
    if (value >= 0 && value <= INT32_MAX) {
        *option = (uint32_t)value;
        error = value == before ? SPS_OK : renew(&self->endpoint);
    }
    if (spsi_godot_remember(&self->endpoint, error) == SPS_OK) {
        return;
    }
    *option = before;
    spsi_godot_complain(&self->endpoint.head, method,
                        error == SPS_ERR_ALREADY_IN_USE
                            ? "Set this before the server listens or is added to a loop or poller."
                            : "The number is out of range.");
}

void spsi_godot_take_connection(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_server *server = self;
    struct spsi_godot_peer *peer = NULL;
    sps_stream *stream;
    (void)arguments;
    sps_error error = sps_server_take_connection(server->endpoint.server, &stream);
    if (error == SPS_OK) {
        peer = spsi_godot_create(server->peer_class, true);
        if (peer == NULL) {
            sps_stream_destroy(stream);
            error = SPS_ERR_OUT_OF_MEMORY;
        } else {
            spsi_godot_adopt(peer, stream, &server->endpoint.options);
        }
    }
    spsi_godot_remember(&server->endpoint, error);
    godot.ref_set_object(result, peer != NULL ? peer->endpoint.head.object : NULL);
}

static void is_connection_available(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *server = self;
    bool is_available = false;
    (void)arguments;
    sps_server_is_connection_available(server->server, &is_available);
    *(godot_bool *)result = is_available;
}

static void is_listening(void *self, const void *const *arguments, void *result) {
    bool answer = false;
    (void)arguments;
    sps_server_is_listening(((const struct spsi_godot_endpoint *)self)->server, &answer);
    *(godot_bool *)result = answer;
}

static void stop(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *server = self;
    (void)arguments;
    (void)result;
    spsi_godot_remember(server, sps_server_stop(server->server));
}

static void get_os_error(void *self, const void *const *arguments, void *result) {
    int32_t code = 0;
    (void)arguments;
    sps_server_get_os_error(((const struct spsi_godot_endpoint *)self)->server, &code);
    *(int64_t *)result = code;
}

static void set_backlog(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_server *server = self;
    (void)result;
    spsi_godot_change_server(server, "set_backlog", &server->options.backlog,
                             *(const int64_t *)arguments[0]);
}

static void get_backlog(void *self, const void *const *arguments, void *result) {
    (void)arguments;
    *(int64_t *)result = ((const struct spsi_godot_server *)self)->options.backlog;
}

static const struct spsi_godot_method methods[] = {
    {"is_connection_available", is_connection_available, SPS_BOOL, GODOT_METHOD_CONST, 0, {{0}}},
    {"is_listening", is_listening, SPS_BOOL, GODOT_METHOD_CONST, 0, {{0}}},
    {"stop", stop, SPS_NOTHING, 0, 0, {{0}}},
    {"take_socket_connection",
     spsi_godot_take_connection,
     SPS_OBJECT("SPSStreamPeerSocket"),
     0,
     0,
     {{0}}},
    {"get_os_error", get_os_error, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
    {"set_backlog", set_backlog, SPS_NOTHING, 0, 1, {{"value", SPS_INT, {0}}}},
    {"get_backlog", get_backlog, SPS_INT, GODOT_METHOD_CONST, 0, {{0}}},
};

static const struct spsi_godot_property properties[] = {
    {"backlog", SPS_INT, "set_backlog", "get_backlog"},
};

struct spsi_godot_class spsi_godot_server_class = {
    .name = "SPSSocketServer",
    .base = "RefCounted",
    .is_abstract = true,
    .methods = {{SPS_ROWS(methods)},
                {SPS_ROWS(spsi_godot_endpoint_methods)},
                {SPS_ROWS(spsi_godot_option_methods)}},
    .properties = {{SPS_ROWS(properties)}, {SPS_ROWS(spsi_godot_option_properties)}},
};
