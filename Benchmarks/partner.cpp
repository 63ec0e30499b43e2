// SPDX-License-Identifier: MIT
#include "partner.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <numeric>
#include <poll.h>
#include <random>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
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

static void echo_all(const std::vector<int> &p_connections) {
    if (p_connections.size() == 1) {
        return echo(p_connections.front());
    }
    static epoll_event events[1024];
    char message[MESSAGE_BYTES];
    const int poller = epoll_create1(EPOLL_CLOEXEC);
    for (const int fd : p_connections) {
        epoll_event event = {};
        event.events = EPOLLIN;
        event.data.fd = fd;
        epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
    }
    while (true) {
        const int count = epoll_wait(poller, events, 1024, -1);
        for (int i = 0; i < count; i++) {
            const int fd = events[i].data.fd;
            if (recv(fd, message, sizeof message, MSG_WAITALL) != sizeof message ||
                send(fd, message, sizeof message, MSG_NOSIGNAL) != sizeof message) {
                return; // the program has ended
            }
        }
    }
}

static sockaddr_in loopback(uint16_t p_port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(p_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static void accept_all(int p_control) {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    sockaddr *generic = reinterpret_cast<sockaddr *>(&address);
    bind(listener, generic, size);
    listen(listener, SOMAXCONN);
    getsockname(listener, generic, &size);
    const uint16_t port = ntohs(address.sin_port);
    send(p_control, &port, sizeof port, MSG_NOSIGNAL);
    char byte;
    pollfd waited[] = {{listener, POLLIN, 0}, {p_control, POLLIN, 0}};
    while (poll(waited, 2, -1) > 0 && waited[1].revents == 0) { // until the program has ended
        const int fd = accept(listener, nullptr, nullptr);
        recv(fd, &byte, sizeof byte, 0);
        close(fd);
    }
}

static void connect_again_and_again(int p_control) {
    uint16_t port;
    if (recv(p_control, &port, sizeof port, 0) != sizeof port) {
        return;
    }
    const sockaddr_in address = loopback(port);
    char byte;
    while (true) {
        const int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(fd, reinterpret_cast<const sockaddr *>(&address), sizeof address) != 0) {
            return; // the program has ended
        }
        shutdown(fd, SHUT_WR);
        recv(fd, &byte, sizeof byte, 0);
        close(fd);
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
        echo_all(p_ends.connections);
    } else if (p_work == "accepts") {
        accept_all(p_ends.control);
    } else if (p_work == "connects") {
        connect_again_and_again(p_ends.control);
    } else if (p_work == "activates") {
        activate(p_ends, p_seed);
#ifdef WITH_TLS
    } else if (p_work.rfind("tls_", 0) == 0) {
        return run_tls_partner(p_work, p_ends);
#endif
    } else {
        return false;
    }
    return true;
}
