// SPDX-License-Identifier: MIT
//
// The other end of a connection, in little room: every connected socket has one.
#ifndef SPSI_PEER_H
#define SPSI_PEER_H

#include "platform/platform.h"

typedef struct spsi_peer {
    union {
        uint8_t ip[16];
        char *path; // of a Unix peer; NULL when it has none
    } at;
    uint32_t scope;
    uint16_t port;
    uint8_t family;
} spsi_peer;

// A path for which there is no memory is left out.
void spsi_peer_set(spsi_peer *peer, const spsi_address *address, const sps_allocator *allocator);

// The path of a Unix peer; NULL for another, and when it has none.
static inline const char *spsi_peer_path(const spsi_peer *peer) {
    return peer->family == SPSI_FAMILY_UNIX ? peer->at.path : NULL;
}

// The address without the path.
void spsi_peer_ip(const spsi_peer *peer, spsi_address *out_address);

void spsi_peer_clear(spsi_peer *peer, const sps_allocator *allocator);

#endif
