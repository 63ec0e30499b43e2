// SPDX-License-Identifier: MIT
#include "echo.h"

#include <signal.h>
#include <stdio.h>

static sps_poller *woken;
static volatile sig_atomic_t has_ended;

// A signal handler may wake a poller, and so whatever loop waits for it.
static void end(int signal) {
    (void)signal;
    has_ended = 1;
    sps_poller_wake(woken);
}

static sps_error listen_on(echo *echo, int32_t port) {
    sps_error error = sps_poller_create(NULL, &echo->poller);
    if (error == SPS_OK) {
        error = sps_tcp_server_create(NULL, &echo->server);
    }
    if (error == SPS_OK) {
        error = sps_tcp_server_listen(echo->server, port, "127.0.0.1");
    }
    if (error == SPS_OK) {
        error = sps_poller_add_server(echo->poller, echo->server, NULL);
    }
    return error;
}

bool echo_open(echo *echo, int32_t port) {
    *echo = (struct echo){NULL, NULL, 0};
    const sps_error error = listen_on(echo, port);
    if (error != SPS_OK || echo_descriptor(echo) == -1) {
        fprintf(stderr, "echo: %s\n",
                sps_error_message(error != SPS_OK ? error : SPS_ERR_UNAVAILABLE));
        echo_close(echo);
        return false;
    }
    woken = echo->poller;
    signal(SIGINT, end);
    signal(SIGTERM, end);
    sps_tcp_server_get_local_port(echo->server, &port);
    printf("listening on port %d\n", (int)port);
    fflush(stdout);
    return true;
}

// Streams that are still connected end with the process here. A server of yours keeps a list.
void echo_close(echo *echo) {
    if (echo->turns > 0) {
        printf("%lu turns\n", echo->turns);
    }
    sps_server_destroy(echo->server);
    sps_poller_destroy(echo->poller);
}

int echo_descriptor(const echo *echo) {
    intptr_t fd;
    sps_poller_get_fd(echo->poller, &fd);
    return (int)fd;
}

int echo_timeout_ms(const echo *echo) {
    int64_t time_us = -1;
    sps_poller_get_timeout_us(echo->poller, &time_us);
    const int64_t time_ms = time_us < 0 ? -1 : (time_us + 999) / 1000; // never too early
    return time_ms < INT32_MAX ? (int)time_ms : INT32_MAX;
}

static void take_peers(const echo *echo) {
    sps_stream *peer;
    while (sps_server_take_connection(echo->server, &peer) == SPS_OK) {
        if (sps_poller_add(echo->poller, peer, NULL) != SPS_OK) {
            sps_stream_destroy(peer);
        }
    }
}

// Sends back what can be read, until nothing is left or the peer reads too slowly. Both end with
// ERR_BUSY, and the poller reports when the peer can go on.
static sps_error serve(sps_stream *peer) {
    sps_error error;
    do {
        const uint8_t *bytes;
        size_t count, sent = 0;
        error = sps_stream_peek(peer, 1, &bytes, &count);
        if (error == SPS_OK) {
            error = sps_stream_put_partial_data(peer, bytes, count, &sent);
            sps_stream_consume(peer, sent);
            error = error == SPS_OK && sent < count ? SPS_ERR_BUSY : error;
        }
    } while (error == SPS_OK);
    return error;
}

bool echo_turn(echo *echo) {
    echo->turns++;
    sps_poller_wait(echo->poller, 0, NULL);
    sps_event event = {.struct_size = sizeof event};
    while (sps_poller_next_event(echo->poller, &event) == SPS_OK) {
        if (event.server != NULL) {
            take_peers(echo);
        } else if (serve(event.stream) != SPS_ERR_BUSY) {
            sps_stream_destroy(event.stream); // which takes it out of the poller
        }
    }
    return !has_ended;
}
