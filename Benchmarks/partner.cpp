// SPDX-License-Identifier: MIT
#include "partner.hpp"

#include <numeric>
#include <random>
#include <sys/socket.h>
#include <utility>

#include "work.hpp"

static void feed(int p_fd) {
    static char piece[PIECE_BYTES];
    while (send(p_fd, piece, sizeof piece, MSG_NOSIGNAL) > 0) {
    }
}

static void drain(int p_fd) {
    static char piece[4 * PIECE_BYTES];
    while (recv(p_fd, piece, sizeof piece, 0) > 0) {
    }
}

static void echo(int p_fd) {
    char message[MESSAGE_BYTES];
    while (recv(p_fd, message, sizeof message, MSG_WAITALL) == sizeof message &&
           send(p_fd, message, sizeof message, MSG_NOSIGNAL) == sizeof message) {
    }
}

// Brings another random choice of ACTIVE_PEERS to the front.
static void shuffle(std::vector<int> &r_connections, std::mt19937 &r_random) {
    for (size_t i = 0; i < ACTIVE_PEERS; i++) {
        std::swap(r_connections[i], r_connections[i + r_random() % (r_connections.size() - i)]);
    }
}

static void activate(const PartnerEnds &p_ends, uint32_t p_seed) {
    const char message[MESSAGE_BYTES] = {};
    std::vector<int> connections = p_ends.connections;
    std::mt19937 random(p_seed);
    char byte;
    while (recv(p_ends.control, &byte, sizeof byte, 0) == sizeof byte) {
        shuffle(connections, random);
        for (size_t i = 0; i < ACTIVE_PEERS; i++) {
            send(connections[i], message, sizeof message, MSG_NOSIGNAL);
        }
        send(p_ends.control, &byte, sizeof byte, MSG_NOSIGNAL);
    }
}

bool run_partner(const std::string &p_work, const PartnerEnds &p_ends, uint32_t p_seed) {
    if (p_work == "feeds") {
        feed(p_ends.connections.front());
    } else if (p_work == "drains") {
        drain(p_ends.connections.front());
    } else if (p_work == "echoes") {
        echo(p_ends.connections.front());
    } else if (p_work == "activates") {
        activate(p_ends, p_seed);
    } else {
        return false;
    }
    return true;
}
