// SPDX-License-Identifier: MIT
//
// Servers, and the connections that they hand out.
#include "api.h"

#include <string.h>

enum { PORTS = 3, FIRST_PORT = 4000 };

static const uint64_t listen_codes =
    CODE(SPS_OK) | CODE(SPS_ERR_ALREADY_IN_USE) | CODE(SPS_ERR_INVALID_PARAMETER) |
    CODE(SPS_ERR_UNAUTHORIZED) | CODE(SPS_ERR_CANT_ACQUIRE_RESOURCE) | CODE(SPS_ERR_CANT_CREATE) |
    CODE(SPS_ERR_UNAVAILABLE) | CODE(SPS_ERR_OUT_OF_MEMORY);

static server_slot *free_server(world *world) {
    for (int i = 0; i < SERVERS; i++) {
        if (world->servers[i].server == NULL) {
            return &world->servers[i];
        }
    }
    return NULL;
}

static void create(world *world) {
    server_slot *slot = free_server(world);
    const bool is_uds = reader_flag(&world->calls);
    const int host = (int)reader_below(&world->calls, HOSTS);
    sps_allocator allocator;
    const sps_stream_options stream = options_of(world, host, &allocator);
    const sps_server_options options = {.struct_size = sizeof options,
                                        .backlog = reader_below(&world->calls, 4),
                                        .reuse_port = reader_below(&world->calls, 2),
                                        .file_mode = is_uds ? 0660 : 0,
                                        .stream = &stream};
    if (slot == NULL) {
        return;
    }
    *slot = (server_slot){.is_uds = is_uds, .host = host, .poller = NO_POLLER};
    const sps_error error =
        (is_uds ? sps_uds_server_create : sps_tcp_server_create)(&options, &slot->server);
    ANSWERS(world, error, CODE(SPS_OK) | CODE(SPS_ERR_OUT_OF_MEMORY));
    EXPECT((error == SPS_OK) == (slot->server != NULL));
}

static void destroy(world *world) {
    server_slot *slot = pick_server(world);
    say(world, SPS_OK);
    sps_server_destroy(slot->server);
    *slot = (server_slot){.poller = NO_POLLER};
}

static bool listens(const server_slot *slot) {
    bool listening = false;
    EXPECT(slot->server == NULL || sps_server_is_listening(slot->server, &listening) == SPS_OK);
    return listening;
}

static void expect_listening(const server_slot *slot, sps_error error, bool before, bool fits) {
    if (slot->server == NULL) {
        EXPECT(error == SPS_ERR_INVALID_PARAMETER);
        return;
    }
    EXPECT(fits == (error != SPS_ERR_UNAVAILABLE) || error == SPS_ERR_UNAVAILABLE);
    EXPECT(!fits || !before || error == SPS_ERR_ALREADY_IN_USE);
    EXPECT(listens(slot) == (before || error == SPS_OK));
}

static void listen_tcp(world *world) {
    static const char *const hosts[] = {"*",  "*",    "10.0.0.1", "10.0.0.2",
                                        "::", "name", NULL,       "127.0.0.1"};
    server_slot *slot = pick_server(world);
    const char *host = hosts[reader_below(&world->calls, 8)];
    const uint32_t which = reader_below(&world->calls, 8);
    const int32_t port = which < 6 ? FIRST_PORT + (int32_t)(which % PORTS) : which == 6 ? 0 : -1;
    const bool before = listens(slot);
    const sps_error error = sps_tcp_server_listen(slot->server, port, host);
    ANSWERS(world, error, listen_codes);
    EXPECT(slot->server == NULL || !slot->is_uds || error == SPS_ERR_UNAVAILABLE);
    expect_listening(slot, error, before, !slot->is_uds);
    int32_t local = -1;
    EXPECT(sps_tcp_server_get_local_port(slot->server, &local) ==
           (slot->server == NULL ? SPS_ERR_INVALID_PARAMETER
            : slot->is_uds       ? SPS_ERR_UNAVAILABLE
                                 : SPS_OK));
    EXPECT(local >= 0 && (error == SPS_OK || before || local == 0));
}

static void listen_uds(world *world) {
    static const char *const paths[] = {"/run/a", "@abstract", "/run/b", "/none",
                                        "",       "@",         NULL,     "/run/a"};
    server_slot *slot = pick_server(world);
    const char *path = paths[reader_below(&world->calls, 8)];
    const bool before = listens(slot);
    world->has_strangers[UDS] = true;
    const sps_error error = sps_uds_server_listen(slot->server, path);
    ANSWERS(world, error, listen_codes);
    EXPECT(slot->server == NULL || slot->is_uds || error == SPS_ERR_UNAVAILABLE);
    expect_listening(slot, error, before, slot->is_uds);
}

static void stop(world *world) {
    const server_slot *slot = pick_server(world);
    ANSWERS(world, sps_server_stop(slot->server),
            slot->server != NULL ? CODE(SPS_OK) : CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT(!listens(slot));
}

static void take_into(world *world, const server_slot *server, slot *slot) {
    const bool before = listens(server);
    slot->stream = (sps_stream *)world; // to be overwritten
    const sps_error error = sps_server_take_connection(server->server, &slot->stream);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_BUSY) | CODE(SPS_ERR_UNCONFIGURED) | CODE(SPS_FAILED) |
                CODE(SPS_ERR_CANT_ACQUIRE_RESOURCE) | CODE(SPS_ERR_OUT_OF_MEMORY) |
                CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT((error == SPS_OK) == (slot->stream != NULL));
    EXPECT(server->server == NULL || before == (error != SPS_ERR_UNCONFIGURED));
    if (error != SPS_OK) {
        return;
    }
    slot->kind = server->is_uds ? UDS : TCP;
    slot->host = server->host;
    slot->was_open = true;
    slot->end = begin_end(world, slot->kind, false);
    world->touched |= 1U << (slot - world->streams);
    EXPECT(status_of(slot) == SPS_STATUS_CONNECTED);
}

static void take(world *world) {
    const server_slot *server = pick_server(world);
    slot *slot = pick_free_stream(world);
    if (slot != NULL && world->end_count < ENDS) {
        take_into(world, server, slot);
    }
}

static void ask(world *world) {
    const server_slot *slot = pick_server(world);
    bool available = true;
    const sps_error error = sps_server_is_connection_available(slot->server, &available);
    ANSWERS(world, error, slot->server != NULL ? CODE(SPS_OK) : CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT(!available || listens(slot));
}

static void release(world *world) {
    const server_slot *slot = pick_server(world);
    kept_fd *kept = keep_fd(world);
    if (kept == NULL) {
        return;
    }
    const bool before = listens(slot);
    intptr_t fd;
    const sps_error error = sps_server_release_fd(slot->server, &fd);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_ERR_UNCONFIGURED) | CODE(SPS_ERR_INVALID_PARAMETER));
    EXPECT((error == SPS_OK) == before && (fd != -1) == before && !listens(slot));
    if (error == SPS_OK) {
        *kept = (kept_fd){fd, slot->host, NO_END, slot->is_uds ? UDS : TCP};
    }
}

static void adopt(world *world) {
    const server_slot *slot = pick_server(world);
    kept_fd *kept = kept_fd_of(world, true);
    const intptr_t fd = kept != NULL ? kept->fd : -1;
    if (kept != NULL && kept->host != slot->host) {
        return;
    }
    const bool before = listens(slot);
    const sps_error error = slot->is_uds ? sps_uds_server_adopt_fd(slot->server, fd)
                                         : sps_tcp_server_adopt_fd(slot->server, fd);
    ANSWERS(world, error,
            CODE(SPS_OK) | CODE(SPS_FAILED) | CODE(SPS_ERR_ALREADY_IN_USE) |
                CODE(SPS_ERR_INVALID_PARAMETER));
    expect_listening(slot, error, before, true);
    if (error == SPS_OK) {
        EXPECT(kept != NULL && kept->kind == (slot->is_uds ? UDS : TCP));
        kept->fd = -1;
    }
}

// ---- A short way to the common state: two connected streams, and their next calls

static void connect_pair(world *world) {
    slot *client = pick_free_stream(world);
    server_slot *server = free_server(world);
    const bool is_uds = reader_flag(&world->calls);
    sps_allocator allocator;
    const sps_stream_options options = options_of(world, 1, &allocator);
    const sps_server_options of_server = {.struct_size = sizeof of_server, .stream = &options};
    if (client == NULL || server == NULL || world->end_count + 2 > ENDS) {
        return;
    }
    *server = (server_slot){.is_uds = is_uds, .host = 1, .poller = NO_POLLER};
    if ((is_uds ? sps_uds_server_create : sps_tcp_server_create)(&of_server, &server->server) !=
            SPS_OK ||
        (is_uds ? sps_uds_create : sps_tcp_create)(&options, &client->stream) != SPS_OK) {
        say(world, SPS_ERR_OUT_OF_MEMORY);
        return;
    }
    client->kind = is_uds ? UDS : TCP;
    client->host = 1;
    world->touched |= 1U << (client - world->streams);
    const sps_error listening = is_uds ? sps_uds_server_listen(server->server, "/run/c")
                                       : sps_tcp_server_listen(server->server, 5000, "*");
    const sps_error error = is_uds ? sps_uds_connect(client->stream, "/run/c")
                                   : sps_tcp_connect(client->stream, "10.0.0.2", 5000);
    world->has_strangers[UDS] = world->has_strangers[UDS] || listening != SPS_OK;
    say(world, listening);
    say(world, error);
    client->was_open = true;
    if (error != SPS_OK) {
        return;
    }
    client->end = begin_end(world, client->kind, true);
    for (int i = 0; i < 4 && status_of(client) == SPS_STATUS_CONNECTING; i++) {
        world->is_paused = true; // it is all one operation
        sps_simulation_advance(world->simulation, 1000);
        world->is_paused = false;
        sps_socket_poll(client->stream);
    }
    slot *peer = pick_free_stream(world);
    if (peer != NULL) {
        take_into(world, server, peer);
    }
}

const row server_rows[] = {
    {"create a server", create, 0},
    {"destroy a server", destroy, 0},
    {"listen tcp", listen_tcp, 0},
    {"listen uds", listen_uds, 0},
    {"stop", stop, 0},
    {"take", take, CONNECTS},
    {"ask a server", ask, 0},
    {"release a server", release, 0},
    {"adopt a server", adopt, 0},
    {"connect a pair", connect_pair, ANYTHING},
};
const size_t server_count = sizeof server_rows / sizeof server_rows[0];
