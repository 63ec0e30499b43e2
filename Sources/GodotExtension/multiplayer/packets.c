// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "multiplayer.h"

// Godot may put packets while it handles this one, so it gets a copy.
static sps_error keep(struct spsi_godot_multiplayer *self, const uint8_t *data, size_t bytes) {
    if (bytes > self->packet_capacity) {
        uint8_t *grown = realloc(self->packet, bytes);
        if (grown == NULL) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        self->packet = grown;
        self->packet_capacity = bytes;
    }
    if (bytes > 0) {
        memcpy(self->packet, data, bytes);
    }
    return SPS_OK;
}

void spsi_godot_get_packet(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_multiplayer *self = instance;
    size_t count, bytes = 0;
    const uint8_t *data = NULL;
    struct spsi_godot_member *member = spsi_godot_member_with_packets(self, &count);
    sps_error error = member == NULL ? SPS_ERR_UNAVAILABLE
                                     : sps_packet_peer_get_packet(member->packets, &data, &bytes);
    if (error == SPS_OK) {
        member->taken_count++;
        error = keep(self, data, bytes);
    }
    if (error == SPS_OK) {
        self->totals[SPS_RECEIVED_DATA] += bytes;
        self->totals[SPS_RECEIVED_PACKETS]++;
    }
    **(const uint8_t ***)arguments[0] = self->packet;
    **(int32_t *const *)arguments[1] = error == SPS_OK ? (int32_t)bytes : 0;
    spsi_godot_return_error(&self->endpoint, error, result);
}

void spsi_godot_get_available_packet_count(void *self, const void *const *arguments, void *result) {
    size_t count;
    (void)arguments;
    spsi_godot_member_with_packets(self, &count);
    *(int64_t *)result = (int64_t)count;
}

// The sender of the next packet. 0 if there is none.
void spsi_godot_get_packet_peer(void *self, const void *const *arguments, void *result) {
    size_t count;
    const struct spsi_godot_member *member = spsi_godot_member_with_packets(self, &count);
    (void)arguments;
    *(int64_t *)result = member != NULL ? member->id : 0;
}

static sps_error put(struct spsi_godot_multiplayer *self, struct spsi_godot_member *member,
                     const void *data, size_t bytes) {
    const sps_error error = sps_packet_peer_put_packet(member->packets, data, bytes);
    if (error == SPS_ERR_BUSY) {
        member->is_behind = self->has_behind = true;
    }
    if (error == SPS_OK) {
        self->totals[SPS_SENT_DATA] += bytes;
        self->totals[SPS_SENT_PACKETS]++;
    }
    return error;
}

static bool is_lasting(sps_error error) {
    return error != SPS_OK && error != SPS_FAILED;
}

// A positive target is one member, and 0 is all of them. A negative one is all but its opposite.
// If one of them is about to leave, it misses the packet. That is no error.
static sps_error put_to_target(struct spsi_godot_multiplayer *self, const void *data,
                               size_t bytes) {
    const int64_t target = self->target;
    sps_error error = SPS_OK;
    if (self->status != SPS_CONNECTED) {
        return SPS_ERR_UNCONFIGURED;
    }
    if (bytes > self->max_packet_bytes) {
        return SPS_ERR_INVALID_PARAMETER;
    }
    if (self->server == NULL) { // the server relays
        return put(self, self->admitted[0], data, bytes);
    }
    if (target > 0) {
        struct spsi_godot_member *member = spsi_godot_member_find(self, target);
        return member == NULL ? SPS_ERR_INVALID_PARAMETER : put(self, member, data, bytes);
    }
    for (size_t i = 0; i < self->admitted_count; i++) {
        if (self->admitted[i]->id != -target) {
            const sps_error one = put(self, self->admitted[i], data, bytes);
            error = is_lasting(one) ? one : error;
        }
    }
    return error;
}

static const struct spsi_godot_mistakes put_mistakes = {
    .method = "put_packet",
    .invalid = "The packet is above max_packet_bytes, or the target is no peer.",
};

void spsi_godot_put_packet(void *instance, const void *const *arguments, void *result) {
    struct spsi_godot_multiplayer *self = instance;
    const void *data = *(const void *const *)arguments[0];
    const size_t bytes = spsi_godot_size(*(const int64_t *)arguments[1]);
    spsi_godot_return_error_of(&self->endpoint, &put_mistakes, put_to_target(self, data, bytes),
                               result);
}
