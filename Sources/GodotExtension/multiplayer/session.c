// SPDX-License-Identifier: MIT
#include <string.h>

#include "../interface/interface.h"
#include "multiplayer.h"

// A stranger has ten seconds to greet. A timeout measures silence, so bytes that are no greeting
// yet cut it to a quarter. The sum of all stays below ten seconds.
#define GREETING_MS 7500
#define NEXT_GREETING_MS(patience_ms) ((patience_ms) / 4)

// So many strangers may be about to greet at a time.
#define STRANGERS 64

// The limit of what is queued for one member, unless the options have another.
#define QUEUE_BYTES (8 * 1024 * 1024)

// The version is the last byte.
static const uint8_t greeting[] = {'S', 'P', 'S', 'M', 1};
#define ANSWER_BYTES (sizeof greeting + sizeof(uint32_t))

// A player whose network dies has left after half a minute, as over Godot's ENet.
#define KEEPALIVE_IDLE_MS 10000
#define KEEPALIVE_INTERVAL_MS 5000
#define KEEPALIVE_COUNT 4
#define USER_TIMEOUT_MS 30000

static void set_unless_set(uint32_t *option, uint32_t value) {
    if (*option == 0) {
        *option = value;
    }
}

static sps_stream_options stream_options(const struct spsi_godot_multiplayer *self) {
    sps_stream_options options = self->endpoint.options;
    set_unless_set(&options.write_buffer_bytes, QUEUE_BYTES);
    set_unless_set(&options.keepalive_idle_ms, KEEPALIVE_IDLE_MS);
    set_unless_set(&options.keepalive_interval_ms, KEEPALIVE_INTERVAL_MS);
    set_unless_set(&options.keepalive_count, KEEPALIVE_COUNT);
    set_unless_set(&options.user_timeout_ms, USER_TIMEOUT_MS);
    options.half_open = 0; // a player whose connection ends has left
    return options;
}

static sps_error begin(struct spsi_godot_multiplayer *self) {
    if (self->status != SPS_DISCONNECTED) {
        return SPS_ERR_ALREADY_IN_USE;
    }
    spsi_godot_session_close(self);
    spsi_godot_session_forget(self);
    self->reason = SPS_CLOSE_NONE;
    return sps_poller_create(NULL, &self->poller);
}

// Undoes a begin unless all is well.
static sps_error finish(struct spsi_godot_multiplayer *self, sps_error error, int32_t status) {
    if (error == SPS_OK) {
        self->status = status;
    } else if (error != SPS_ERR_ALREADY_IN_USE || self->status == SPS_DISCONNECTED) {
        spsi_godot_session_close(self);
    }
    return error;
}

void spsi_godot_session_forget(struct spsi_godot_multiplayer *self) {
    sps_stream_destroy(self->ended);
    self->ended = NULL;
    memset(self->totals, 0, sizeof self->totals);
}

// The stream outlives its member, because it knows how its connect went.
static void keep_stream(struct spsi_godot_multiplayer *self, struct spsi_godot_member *member) {
    sps_poller_remove(self->poller, member->stream);
    sps_socket_disconnect(member->stream);
    sps_stream_destroy(self->ended);
    self->ended = member->stream;
    member->stream = NULL;
}

sps_error spsi_godot_session_serve(struct spsi_godot_multiplayer *self, const char *address,
                                   int32_t port) {
    const sps_stream_options stream = stream_options(self);
    const sps_server_options options = {.struct_size = sizeof options, .stream = &stream};
    sps_error error = begin(self);
    if (error == SPS_OK) {
        error = sps_tcp_server_create(&options, &self->server);
    }
    if (error == SPS_OK) {
        error = sps_tcp_server_listen(self->server, port, address);
    }
    if (error == SPS_OK) {
        error = sps_poller_add_server(self->poller, self->server, NULL);
    }
    error = finish(self, error, SPS_CONNECTED);
    if (error == SPS_OK) {
        self->own_id = SPS_SERVER_ID;
        self->next_id = SPS_SERVER_ID + 1;
    }
    return error;
}

sps_error spsi_godot_session_join(struct spsi_godot_multiplayer *self, const char *host,
                                  int32_t port) {
    const sps_stream_options options = stream_options(self);
    sps_stream *stream = NULL;
    sps_error error = begin(self);
    if (error == SPS_OK) {
        error = sps_tcp_create(&options, &stream);
    }
    if (error == SPS_OK && spsi_godot_member_add(self, stream) == NULL) {
        error = SPS_ERR_OUT_OF_MEMORY;
    }
    if (error == SPS_OK) {
        sps_socket_set_attempt_delay(stream, self->attempt_delay_ms);
        error = sps_tcp_connect(stream, host, port);
        if (error != SPS_OK) {
            sps_socket_get_close_reason(stream, &self->reason);
            keep_stream(self, self->first);
        }
    }
    return finish(self, error, SPS_CONNECTING);
}

void spsi_godot_session_close(struct spsi_godot_multiplayer *self) {
    while (self->first != NULL) {
        spsi_godot_member_remove(self, self->first);
    }
    sps_server_destroy(self->server);
    sps_poller_destroy(self->poller);
    self->server = NULL;
    self->poller = NULL;
    self->status = SPS_DISCONNECTED;
    self->own_id = 0;
    self->has_behind = false;
    self->session++;
}

static void write_u32(uint8_t *bytes, uint32_t value) {
    for (int i = 0; i < 4; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
}

static uint32_t read_u32(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

static void send_greeting(struct spsi_godot_member *member, int32_t id) {
    uint8_t message[ANSWER_BYTES];
    memcpy(message, greeting, sizeof greeting);
    write_u32(message + sizeof greeting, (uint32_t)id);
    sps_packet_peer_put_packet(member->packets, message,
                               id == 0 ? sizeof greeting : sizeof message);
}

// Ends a member, and tells it if it had a number. False: the session has ended.
static bool drop(struct spsi_godot_multiplayer *self, struct spsi_godot_member *member,
                 sps_close_reason reason) {
    const int32_t id = member->id;
    if (self->server == NULL) {
        keep_stream(self, member);
    }
    spsi_godot_member_remove(self, member);
    if (self->server == NULL) {
        self->reason = reason;
        spsi_godot_session_close(self);
    }
    return id == 0 ? self->poller != NULL : spsi_godot_tell_disconnected(self, id);
}

// The number that a client gets. Numbers rise, so none is used twice.
static int32_t next_id(struct spsi_godot_multiplayer *self) {
    return self->next_id < INT32_MAX ? self->next_id++ : 0;
}

static void await_greeting(struct spsi_godot_member *member, uint32_t patience_ms) {
    member->patience_ms = patience_ms;
    sps_socket_set_idle_timeout(member->stream, patience_ms);
}

// The greeting is incomplete. A stranger that sends it byte by byte must not hold a place.
static bool await_rest(struct spsi_godot_multiplayer *self, struct spsi_godot_member *member) {
    const uint32_t patience_ms = NEXT_GREETING_MS(member->patience_ms);
    if (patience_ms == 0) {
        return drop(self, member, SPS_CLOSE_PROTOCOL);
    }
    await_greeting(member, patience_ms);
    return true;
}

// Whether a server takes no one any more, also of those that were connected before.
static bool is_closed_to_new(const struct spsi_godot_multiplayer *self) {
    return self->server != NULL && (self->refuses || self->admitted_count >= self->max_clients);
}

// Reads the greeting of a client or the answer of a server.
static bool welcome(struct spsi_godot_multiplayer *self, struct spsi_godot_member *member) {
    const bool is_server = self->server != NULL;
    const size_t wanted = is_server ? sizeof greeting : ANSWER_BYTES;
    const uint8_t *data;
    size_t bytes;
    const sps_error error = sps_packet_peer_get_packet(member->packets, &data, &bytes);
    if (error == SPS_ERR_UNAVAILABLE) {
        return await_rest(self, member);
    }
    if (error != SPS_OK || bytes != wanted || memcmp(data, greeting, sizeof greeting) != 0) {
        return drop(self, member, SPS_CLOSE_PROTOCOL);
    }
    const int32_t given = is_server ? next_id(self) : (int32_t)read_u32(data + sizeof greeting);
    if (given <= SPS_SERVER_ID || is_closed_to_new(self) ||
        spsi_godot_member_admit(self, member, is_server ? given : SPS_SERVER_ID) != SPS_OK) {
        return drop(self, member, SPS_CLOSE_PROTOCOL);
    }
    sps_socket_set_idle_timeout(member->stream, self->endpoint.options.idle_timeout_ms);
    if (is_server) {
        send_greeting(member, given);
    } else {
        self->own_id = given;
        self->status = SPS_CONNECTED;
    }
    spsi_godot_member_ready(self, member);
    return spsi_godot_tell_connected(self, member->id);
}

static void take_connections(struct spsi_godot_multiplayer *self) {
    sps_stream *stream;
    while (sps_server_take_connection(self->server, &stream) == SPS_OK) {
        const size_t strangers = self->member_count - self->admitted_count;
        if (is_closed_to_new(self) || strangers >= STRANGERS) {
            sps_stream_destroy(stream);
            continue;
        }
        sps_tcp_set_no_delay(stream, true);
        struct spsi_godot_member *member = spsi_godot_member_add(self, stream);
        if (member != NULL) {
            await_greeting(member, GREETING_MS);
        }
    }
}

static bool serve(struct spsi_godot_multiplayer *self, const sps_event *event) {
    struct spsi_godot_member *member = event->user_data;
    if (event->server != NULL) {
        take_connections(self);
        return true;
    }
    if ((event->kinds & SPS_EVENT_CONNECTED) != 0) {
        sps_tcp_set_no_delay(member->stream, true);
        await_greeting(member, GREETING_MS);
        send_greeting(member, 0);
    }
    if ((event->kinds & SPS_EVENT_CLOSED) != 0) {
        return drop(self, member, event->close_reason);
    }
    if ((event->kinds & (SPS_EVENT_READABLE | SPS_EVENT_FINISHED)) == 0) {
        return true;
    }
    if (member->id == 0) {
        return welcome(self, member);
    }
    spsi_godot_member_ready(self, member);
    return true;
}

// A member that cannot keep up would make the queue grow for ever, and a gap would break Godot.
static bool drop_those_behind(struct spsi_godot_multiplayer *self) {
    while (self->has_behind) {
        struct spsi_godot_member *member = self->first;
        while (member != NULL && !member->is_behind) {
            member = member->next;
        }
        self->has_behind = member != NULL;
        if (member != NULL && !drop(self, member, SPS_CLOSE_PUT_TIMED_OUT)) {
            return false;
        }
    }
    return true;
}

void spsi_godot_session_poll(struct spsi_godot_multiplayer *self) {
    sps_event event = {.struct_size = sizeof event};
    godot_ref kept = {NULL}; // a handler may drop the last reference
    if (self->poller == NULL) {
        return;
    }
    godot.ref_set_object(&kept, self->endpoint.head.object);
    spsi_godot_remember(&self->endpoint, sps_poller_wait(self->poller, 0, NULL));
    spsi_godot_members_wake(self);
    if (drop_those_behind(self)) {
        while (sps_poller_next_event(self->poller, &event) == SPS_OK) {
            if (!serve(self, &event)) {
                break;
            }
        }
    }
    godot.ref_set_object(&kept, NULL);
}
