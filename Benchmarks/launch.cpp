// SPDX-License-Identifier: MIT
//
// Connects a program with its partner and becomes the program:
//
//     launch TRANSPORT PARTNER CONNECTIONS SEED PROGRAM ARGUMENT...
//
// The program runs on the first processor, the partner on the second. The program finds its sockets
// open (work.hpp), connected and blocking. So all implementations get the same sockets.
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "partner.hpp"
#include "work.hpp"

// The partner's descriptors are higher, so the program's are the lowest, in order.
constexpr int PARTNER_FDS = 10000;
constexpr rlim_t DESCRIPTORS = 20000;

static void check(bool p_good, const char *p_what) {
    if (!p_good) {
        perror(p_what);
        exit(EXIT_FAILURE);
    }
}

static int move_up(int p_fd) {
    check(p_fd >= 0, "socket");
    const int moved = fcntl(p_fd, F_DUPFD_CLOEXEC, PARTNER_FDS);
    check(moved >= 0, "fcntl");
    close(p_fd);
    return moved;
}

// Thousands of connections in TIME_WAIT would slow down the next measurement.
static void set_options(int p_fd, bool p_many) {
    const int on = 1;
    const linger reset = {1, 0};
    check(setsockopt(p_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "TCP_NODELAY");
    if (p_many) {
        check(setsockopt(p_fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) == 0, "SO_LINGER");
    }
}

static std::vector<int> connect_tcp(size_t p_count) {
    const int listener = move_up(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    sockaddr *generic = reinterpret_cast<sockaddr *>(&address);
    check(bind(listener, generic, size) == 0 && listen(listener, 1) == 0 &&
              getsockname(listener, generic, &size) == 0,
          "listen");
    std::vector<int> others;
    while (others.size() < p_count) {
        const int own = socket(AF_INET, SOCK_STREAM, 0);
        check(connect(own, generic, size) == 0, "connect");
        others.push_back(move_up(accept(listener, nullptr, nullptr)));
        set_options(own, p_count > 1);
        set_options(others.back(), p_count > 1);
    }
    close(listener);
    return others;
}

// Returns the other end of a new socket pair. This end has the lowest free number.
static int pair() {
    int fds[2];
    check(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0, "socketpair");
    return move_up(fds[1]);
}

static PartnerEnds connect(const std::string &p_transport, size_t p_count) {
    PartnerEnds ends = {pair(), {}};
    if (p_transport == "tcp") {
        ends.connections = connect_tcp(p_count);
        return ends;
    }
    while (ends.connections.size() < p_count) {
        ends.connections.push_back(pair());
    }
    return ends;
}

// With one processor this changes nothing.
static void pin(size_t p_processor) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(p_processor, &set);
    sched_setaffinity(0, sizeof set, &set);
}

static void allow_descriptors() {
    rlimit limit;
    check(getrlimit(RLIMIT_NOFILE, &limit) == 0, "getrlimit");
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
    check(setrlimit(RLIMIT_NOFILE, &limit) == 0, "setrlimit");
}

static int become_partner(const std::string &p_work, const PartnerEnds &p_ends, size_t p_count,
                          uint32_t p_seed) {
    pin(1);
    for (size_t i = 0; i <= p_count; i++) {
        close(CONTROL_FD + static_cast<int>(i)); // the program's
    }
    return run_partner(p_work, p_ends, p_seed) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    if (argc < 6) {
        fprintf(stderr, "usage: launch TRANSPORT PARTNER CONNECTIONS SEED PROGRAM ARGUMENT...\n");
        return EXIT_FAILURE;
    }
    const size_t count = strtoul(argv[3], nullptr, 10);
    const uint32_t seed = static_cast<uint32_t>(strtoul(argv[4], nullptr, 10));
    allow_descriptors();
    close_range(CONTROL_FD, ~0u, 0); // close the caller's descriptors
    const PartnerEnds ends = connect(argv[1], count);
    const pid_t child = fork();
    check(child >= 0, "fork");
    if (child == 0) {
        return become_partner(argv[2], ends, count, seed);
    }
    pin(0);
    execv(argv[5], argv + 5);
    perror(argv[5]);
    return EXIT_FAILURE;
}
