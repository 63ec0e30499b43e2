// SPDX-License-Identifier: MIT
#include "../endpoint/watch.h"
#include "../values/containers.h"
#include "../values/text.h"
#include "peer.h"

static void begin(void *self) {
    spsi_godot_begin_peer(self, sps_uds_create);
}

static const struct spsi_godot_mistakes bind_mistakes = {
    .method = "bind",
    .invalid =
        "The path is empty or too long, or has no directory. user:// needs globalize_path().",
    .in_use = "The peer is open or bound already, or the path exists.",
};

static void bind_to(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_peer *peer = self;
    struct spsi_godot_text path;
    spsi_godot_get_text(&path, arguments[0]);
    const sps_error error = sps_uds_bind(peer->endpoint.stream, path.bytes);
    spsi_godot_free_text(&path);
    if (error == SPS_OK) {
        peer->is_bound = true;
    }
    spsi_godot_return_error_of(&peer->endpoint, &bind_mistakes, error, result);
}

static const struct spsi_godot_mistakes connect_mistakes = {
    .method = "connect_to_host",
    .invalid = "The path is empty or too long.",
    .in_use = "The peer is open. Call disconnect_from_host() first.",
};

static void connect_to_host(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_peer *peer = self;
    struct spsi_godot_text path;
    spsi_godot_get_text(&path, arguments[0]);
    const sps_error error = sps_uds_connect(peer->endpoint.stream, path.bytes);
    spsi_godot_free_text(&path);
    if (error == SPS_OK || error == SPS_FAILED) {
        peer->is_bound = false;
    }
    spsi_godot_note_connect(&peer->endpoint, error);
    spsi_godot_return_error_of(&peer->endpoint, &connect_mistakes, error, result);
}

static void get_connected_path(void *self, const void *const *arguments, void *result) {
    char path[SPS_PATH_TEXT_BYTES];
    size_t length = 0;
    (void)arguments;
    if (sps_uds_get_connected_path(((const struct spsi_godot_endpoint *)self)->stream, path,
                                   sizeof path, &length) != SPS_OK) {
        length = 0;
    }
    spsi_godot_set_string(result, path, length);
}

// Empty on failure, because 0 is also a user.
static void get_peer_credentials(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    sps_peer_credentials found = {.struct_size = sizeof found};
    (void)arguments;
    spsi_godot_set_dictionary(result);
    if (spsi_godot_remember(peer, sps_uds_get_peer_credentials(peer->stream, &found)) != SPS_OK) {
        return;
    }
    spsi_godot_put_int(result, "pid", found.pid);
    spsi_godot_put_int(result, "uid", found.uid);
    spsi_godot_put_int(result, "gid", found.gid);
}

static const struct spsi_godot_method methods[] = {
    {"bind", bind_to, SPS_ERROR, 0, 1, {{"path", SPS_STRING, {0}}}},
    {"connect_to_host", connect_to_host, SPS_ERROR, 0, 1, {{"path", SPS_STRING, {0}}}},
    {"get_connected_path", get_connected_path, SPS_STRING, GODOT_METHOD_CONST, 0, {{0}}},
    {"get_peer_credentials", get_peer_credentials, SPS_DICTIONARY, 0, 0, {{0}}},
};

struct spsi_godot_class spsi_godot_uds_peer_class = {
    .name = "SPSStreamPeerUDS",
    .parent = &spsi_godot_peer_class,
    .base = "StreamPeerExtension",
    .instance_bytes = sizeof(struct spsi_godot_peer),
    .begin = begin,
    .end = spsi_godot_end_peer,
    .methods = {{SPS_ROWS(methods)}},
};
