// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "multiplayer.h"

struct spsi_godot_member *spsi_godot_member_add(struct spsi_godot_multiplayer *self,
                                                sps_stream *stream) {
    const sps_packet_options options = {
        .struct_size = sizeof options,
        .input_buffer_max_bytes = SPS_GREETING_MAX_BYTES,
        .output_buffer_max_bytes = self->max_packet_bytes,
    };
    struct spsi_godot_member *member = calloc(1, sizeof *member);
    if (member == NULL || sps_packet_stream_create(&options, &member->packets) != SPS_OK ||
        sps_poller_add(self->poller, stream, member) != SPS_OK) {
        sps_packet_peer_destroy(member != NULL ? member->packets : NULL);
        sps_stream_destroy(stream);
        free(member);
        return NULL;
    }
    sps_packet_peer_set_stream(member->packets, stream);
    member->stream = stream;
    member->next = self->first;
    if (member->next != NULL) {
        member->next->previous = member;
    }
    self->first = member;
    self->member_count++;
    return member;
}

// The place of a number in the array of admitted members, or where it would stand.
static size_t place_of(const struct spsi_godot_multiplayer *self, int64_t id) {
    size_t low = 0, high = self->admitted_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (self->admitted[middle]->id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct spsi_godot_member *spsi_godot_member_find(const struct spsi_godot_multiplayer *self,
                                                 int64_t id) {
    const size_t place = place_of(self, id);
    const bool is_found = place < self->admitted_count && self->admitted[place]->id == id;
    return is_found ? self->admitted[place] : NULL;
}

sps_error spsi_godot_member_admit(struct spsi_godot_multiplayer *self,
                                  struct spsi_godot_member *member, int32_t id) {
    if (self->admitted_count == self->admitted_capacity) {
        const size_t capacity = self->admitted_capacity > 0 ? 2 * self->admitted_capacity : 8;
        void *grown = realloc(self->admitted, capacity * sizeof *self->admitted);
        if (grown == NULL) {
            return SPS_ERR_OUT_OF_MEMORY;
        }
        self->admitted = grown;
        self->admitted_capacity = capacity;
    }
    sps_packet_peer_set_input_buffer_max_size(member->packets, self->max_packet_bytes);
    member->id = id;
    self->admitted[self->admitted_count++] = member;
    return SPS_OK;
}

static void dismiss(struct spsi_godot_multiplayer *self, struct spsi_godot_member *member) {
    const size_t place = place_of(self, member->id);
    self->admitted_count--;
    memmove(&self->admitted[place], &self->admitted[place + 1],
            (self->admitted_count - place) * sizeof *self->admitted);
}

static void append(struct spsi_godot_ready *list, struct spsi_godot_member *member) {
    member->next_ready = NULL;
    if (list->last != NULL) {
        list->last->next_ready = member;
    } else {
        list->first = member;
    }
    list->last = member;
}

// Removes a member from the list that it is in. False: it is in another.
static bool take_out(struct spsi_godot_ready *list, struct spsi_godot_member *member) {
    struct spsi_godot_member **link = &list->first, *before = NULL;
    for (; *link != NULL && *link != member; link = &before->next_ready) {
        before = *link;
    }
    if (*link == NULL) {
        return false;
    }
    *link = member->next_ready;
    if (list->last == member) {
        list->last = before;
    }
    return true;
}

void spsi_godot_member_ready(struct spsi_godot_multiplayer *self,
                             struct spsi_godot_member *member) {
    if (member->is_ready) {
        return;
    }
    member->is_ready = true;
    member->taken_count = 0;
    append(&self->ready, member);
}

static void make_unready(struct spsi_godot_multiplayer *self, struct spsi_godot_member *member) {
    if (!take_out(&self->ready, member)) {
        take_out(&self->resting, member);
    }
    member->is_ready = false;
}

struct spsi_godot_member *spsi_godot_member_with_packets(struct spsi_godot_multiplayer *self,
                                                         size_t *out_count) {
    *out_count = 0;
    while (self->ready.first != NULL) {
        struct spsi_godot_member *member = self->ready.first;
        const size_t rest = SPS_PACKETS_PER_POLL - member->taken_count;
        if (rest == 0) {
            take_out(&self->ready, member);
            append(&self->resting, member);
            continue;
        }
        sps_packet_peer_get_available_packet_count(member->packets, out_count);
        if (*out_count > rest) {
            *out_count = rest;
        }
        if (*out_count > 0) {
            return member;
        }
        make_unready(self, member);
    }
    return NULL;
}

void spsi_godot_members_wake(struct spsi_godot_multiplayer *self) {
    for (struct spsi_godot_member *member = self->ready.first; member != NULL;
         member = member->next_ready) {
        member->taken_count = 0;
    }
    while (self->resting.first != NULL) {
        struct spsi_godot_member *member = self->resting.first;
        take_out(&self->resting, member);
        append(&self->ready, member);
        member->taken_count = 0;
    }
}

void spsi_godot_member_remove(struct spsi_godot_multiplayer *self,
                              struct spsi_godot_member *member) {
    if (member->is_ready) {
        make_unready(self, member);
    }
    if (member->id != 0) {
        dismiss(self, member);
    }
    if (member->previous != NULL) {
        member->previous->next = member->next;
    } else {
        self->first = member->next;
    }
    if (member->next != NULL) {
        member->next->previous = member->previous;
    }
    self->member_count--;
    sps_packet_peer_destroy(member->packets);
    sps_stream_destroy(member->stream);
    free(member);
}
