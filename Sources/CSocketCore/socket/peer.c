// SPDX-License-Identifier: MIT
#include "socket/peer.h"

#include <string.h>

#include "base/memory.h"

void spsi_peer_set(spsi_peer *peer, const spsi_address *address, const sps_allocator *allocator) {
    memset(peer, 0, sizeof *peer);
    peer->family = (uint8_t)address->family;
    peer->port = address->port;
    peer->scope = address->scope;
    if (address->family != SPSI_FAMILY_UNIX) {
        memcpy(peer->at.ip, address->ip, sizeof peer->at.ip);
    } else if (address->path[0] != '\0') {
        const size_t size = strlen(address->path) + 1;
        peer->at.path = spsi_allocate(allocator, size);
        if (peer->at.path != NULL) {
            memcpy(peer->at.path, address->path, size);
        }
    }
}

void spsi_peer_ip(const spsi_peer *peer, spsi_address *out_address) {
    memset(out_address, 0, sizeof *out_address);
    out_address->family = (spsi_family)peer->family;
    out_address->port = peer->port;
    out_address->scope = peer->scope;
    if (peer->family != SPSI_FAMILY_UNIX) {
        memcpy(out_address->ip, peer->at.ip, sizeof peer->at.ip);
    }
}

void spsi_peer_clear(spsi_peer *peer, const sps_allocator *allocator) {
    if (spsi_peer_path(peer) != NULL) {
        spsi_free(allocator, peer->at.path, strlen(peer->at.path) + 1);
    }
    memset(peer, 0, sizeof *peer);
}
