// SPDX-License-Identifier: MIT
//
// The virtual methods of StreamPeerExtension. Through them Godot's own classes use a peer, such as
// StreamPeerTLS, PacketPeerStream and the getters of StreamPeer.
#include <string.h>

#include "peer.h"

static int32_t as_count(size_t bytes) {
    return bytes > INT32_MAX ? INT32_MAX : (int32_t)bytes;
}

typedef sps_error (*read_function)(struct spsi_godot_endpoint *, void *, size_t, size_t *);
typedef sps_error (*write_function)(struct spsi_godot_endpoint *, const void *, size_t, size_t *);

// The arguments are a pointer to the bytes, how many, and a pointer to the count that was moved.
static void read_bytes(read_function read, struct spsi_godot_endpoint *self,
                       const void *const *arguments, void *result) {
    void *const buffer = *(void *const *)arguments[0];
    const size_t bytes = spsi_godot_size(*(const int64_t *)arguments[1]);
    size_t received = 0;
    spsi_godot_return_error(self, read(self, buffer, bytes, &received), result);
    **(int32_t *const *)arguments[2] = as_count(received);
}

static void write_bytes(write_function write, struct spsi_godot_endpoint *self,
                        const void *const *arguments, void *result) {
    const void *const data = *(const void *const *)arguments[0];
    const size_t bytes = spsi_godot_size(*(const int64_t *)arguments[1]);
    size_t sent = 0;
    spsi_godot_return_error(self, write(self, data, bytes, &sent), result);
    **(int32_t *const *)arguments[2] = as_count(sent);
}

// In a poller a partial call moves nothing until the next wait. But Godot's own classes, such as
// StreamPeerTLS, wait by repeating partial calls. So a call that moved nothing asks the OS.
static sps_error read_now(struct spsi_godot_endpoint *self, void *buffer, size_t bytes,
                          size_t *received) {
    sps_close_reason reason = SPS_CLOSE_NONE;
    sps_error error = sps_stream_get_partial_data(self->stream, buffer, bytes, received);
    if (error != SPS_OK || *received > 0 || bytes == 0 || self->watch == NULL) {
        return error;
    }
    sps_socket_poll(self->stream);
    error = sps_stream_get_partial_data(self->stream, buffer, bytes, received);
    sps_socket_get_close_reason(self->stream, &reason);
    return reason == SPS_CLOSE_PEER_FINISHED ? SPS_ERR_FILE_EOF : error;
}

static sps_error write_now(struct spsi_godot_endpoint *self, const void *data, size_t bytes,
                           size_t *sent) {
    const sps_error error = sps_stream_put_partial_data(self->stream, data, bytes, sent);
    if (error != SPS_OK || *sent > 0 || bytes == 0 || self->watch == NULL) {
        return error;
    }
    sps_stream_flush(self->stream);
    return sps_stream_put_partial_data(self->stream, data, bytes, sent);
}

static sps_error read_all(struct spsi_godot_endpoint *self, void *buffer, size_t bytes,
                          size_t *received) {
    const sps_error error = sps_stream_get_data(self->stream, buffer, bytes, received);
    // Godot gives the whole array to the script, also on failure. It holds old memory.
    if (error != SPS_OK && buffer != NULL && bytes != SIZE_MAX) {
        memset((uint8_t *)buffer + *received, 0, bytes - *received);
    }
    return error;
}

static sps_error write_all(struct spsi_godot_endpoint *self, const void *data, size_t bytes,
                           size_t *sent) {
    return sps_stream_put_data(self->stream, data, bytes, sent);
}

static void get_data(void *self, const void *const *arguments, void *result) {
    read_bytes(read_all, self, arguments, result);
}

static void get_partial_data(void *self, const void *const *arguments, void *result) {
    read_bytes(read_now, self, arguments, result);
}

static void put_data(void *self, const void *const *arguments, void *result) {
    write_bytes(write_all, self, arguments, result);
}

static void put_partial_data(void *self, const void *const *arguments, void *result) {
    write_bytes(write_now, self, arguments, result);
}

static void get_available_bytes(void *self, const void *const *arguments, void *result) {
    struct spsi_godot_endpoint *peer = self;
    size_t bytes = 0;
    (void)arguments;
    const sps_error error = sps_stream_get_available_bytes(peer->stream, &bytes);
    *(int64_t *)result = spsi_godot_remember(peer, error) == SPS_OK ? as_count(bytes) : -1;
}

struct spsi_godot_virtual spsi_godot_peer_virtuals[SPS_PEER_VIRTUAL_COUNT] = {
    {"_get_data", get_data, {0}},
    {"_get_partial_data", get_partial_data, {0}},
    {"_put_data", put_data, {0}},
    {"_put_partial_data", put_partial_data, {0}},
    {"_get_available_bytes", get_available_bytes, {0}},
};
