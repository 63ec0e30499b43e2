// SPDX-License-Identifier: MIT
//
// echo_epoll [PORT]: the poller in a loop of epoll(7), beside other descriptors.
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "echo.h"

int main(int argc, char **argv) {
    echo server;
    if (!echo_open(&server, argc > 1 ? atoi(argv[1]) : 7777)) {
        return EXIT_FAILURE;
    }
    const int loop = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &server};
    if (loop == -1 || epoll_ctl(loop, EPOLL_CTL_ADD, echo_descriptor(&server), &event) == -1) {
        perror("epoll");
        return EXIT_FAILURE;
    }
    do {
        epoll_wait(loop, &event, 1, echo_timeout_ms(&server));
    } while (echo_turn(&server));
    close(loop);
    echo_close(&server);
    return EXIT_SUCCESS;
}
