// SPDX-License-Identifier: MIT
#include "pair.hpp"

#include <cstdio>
#include <cstdlib>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(bool p_good, const char *p_what) {
    if (!p_good) {
        perror(p_what);
        exit(EXIT_FAILURE);
    }
}

static void connect_tcp(int r_fds[2]) {
    const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    sockaddr *generic = reinterpret_cast<sockaddr *>(&address);
    check(bind(listener, generic, size) == 0 && listen(listener, 1) == 0 &&
              getsockname(listener, generic, &size) == 0,
          "listen");
    r_fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    check(connect(r_fds[0], generic, size) == 0, "connect");
    r_fds[1] = accept(listener, nullptr, nullptr);
    check(r_fds[1] >= 0, "accept");
    close(listener);
    const int on = 1;
    for (int i = 0; i < 2; i++) {
        setsockopt(r_fds[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    }
}

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

int start_partner(Transport p_transport, Partner p_partner) {
    int fds[2];
    if (p_transport == Transport::tcp) {
        connect_tcp(fds);
    } else {
        check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0, "socketpair");
    }
    const pid_t child = fork();
    check(child >= 0, "fork");
    if (child > 0) {
        close(fds[1]);
        return fds[0];
    }
    close(fds[0]);
    cpu_set_t second;
    CPU_ZERO(&second);
    CPU_SET(1, &second);
    sched_setaffinity(0, sizeof second, &second); // with one processor it stays where it is
    switch (p_partner) {
    case Partner::feeds:
        feed(fds[1]);
        break;
    case Partner::drains:
        drain(fds[1]);
        break;
    case Partner::echoes:
        echo(fds[1]);
        break;
    }
    _exit(EXIT_SUCCESS);
}

void end_partner(int p_fd) {
    if (p_fd >= 0) {
        close(p_fd);
    }
    wait(nullptr);
}
